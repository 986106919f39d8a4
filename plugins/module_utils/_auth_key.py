# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How the keys of an auth file are spelled, so that podman, oc, oc-mirror, docker and the kubelet match them."""

import re
from typing import Collection, List, NamedTuple, Optional

from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError

DOCKER_HUB = "https://index.docker.io/v1/"  # the only key for the Hub that docker matches as well as podman
HUB = "docker.io"
HUB_HOSTS = ("docker.io", "index.docker.io", "registry-1.docker.io")
_GIVE_HOST = "give host[:port], as in names of images"

_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_MATCHED_BY_ALL = re.compile(rf"^[a-z0-9.-]+(?::[0-9]+)?(?:/{_COMPONENT})*\Z")
_HOST_AND_PORT = re.compile(r"((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.(?=[a-z0-9]))?)*)(?::([0-9]*))?")
_IPV6 = re.compile(r"\[[0-9a-f:.]*:[0-9a-f:.]*\]|^[0-9a-f:]*::[0-9a-f:.]*$", re.IGNORECASE)
_NAMESPACE = re.compile(rf"^{_COMPONENT}(?:/{_COMPONENT})*\Z")


class Spelling(NamedTuple):
    """The key to write for a registry, and the code of the finding if it was given in another way."""

    key: str
    code: Optional[str]


def odd(keys: Collection[str]) -> List[str]:
    """Return the few of ``keys`` that are, or may be, not in their canonical spelling."""
    found = [key for key, plain in zip(keys, map(_MATCHED_BY_ALL.match, keys)) if not plain]
    if "docker.io" in "\n".join(keys):
        found += [key for key in keys if "docker.io" in key and _MATCHED_BY_ALL.match(key)]
    return found


def canonical(key: str) -> str:
    """Return the one spelling of ``key`` that all clients match; equal for all spellings of one target."""
    if _MATCHED_BY_ALL.match(key) and "docker.io" not in key:
        return key  # most keys of most files
    bare = _SCHEME.sub("", key)
    host, _slash, path = bare.partition("/")
    path = path.strip("/")
    if path in ("v1", "v2") and (bare != key or key.endswith("/")):
        path = ""
    host = hub_or(host.lower())
    if not path:
        return DOCKER_HUB if host == HUB else host
    return f"{host}/{path}"


def hub_or(host: str) -> str:
    """Return the one name of Docker Hub for each of its hosts, and any other host as it is."""
    return HUB if host in HUB_HOSTS else host


def image_prefix(key: str) -> str:
    """Return how the names of images begin that a canonical ``key`` is about, which for Docker Hub is not the key."""
    return HUB if key == DOCKER_HUB else key


def requested(registry: str, namespace: Optional[str] = None) -> Spelling:
    """Return the key for a registry that the user names.

    Raises: AuthFileError for a name that no client could match, or that breaks the file for some.
    """
    _refuse_unspeakable("registry", registry)
    given = registry
    key = canonical(registry)
    host, _slash, path = image_prefix(key).partition("/")
    if namespace:
        _refuse_unspeakable("namespace", namespace)
        if path:
            raise AuthFileError(f"registry '{registry}' holds a namespace already; give it in one of the two options")
        path = namespace.strip("/")
        given = f"{registry}/{namespace}"
    _refuse_bad_host(registry, host)
    _refuse_bad_namespace(host, path)
    key = canonical(f"{host}/{path}")
    return Spelling(key, None if given == key else _reason(given, key))


def removed(registry: str, namespace: Optional[str] = None) -> str:
    """Return the key for a registry that is to have no entry; also one that no client could match may be removed.

    Raises: AuthFileError when none is named.
    """
    if not registry.strip():
        raise AuthFileError(f"registry is empty; {_GIVE_HOST}")
    return canonical(f"{registry}/{namespace.strip('/')}" if namespace else registry)


def refuse_secrets(option: str, name: str) -> None:
    """Refuse a name that may have a password in it, which is no secret for Ansible then, without quoting it.

    Raises: AuthFileError for one before an @, and for a whole entry, or what Jinja makes of one.
    """
    if "@" in name:
        raise AuthFileError(f"{option} holds '@'; give host[:port] without user, password or digest")
    if re.search(r"[{}=\"']", name):
        raise AuthFileError(f"{option} holds braces, quotes or '='; give its name alone")


def _refuse_unspeakable(option: str, name: str) -> None:
    if not name.strip():
        raise AuthFileError(f"{option} is empty; give host[:port], as in the names of images")
    refuse_secrets(option, name)
    if re.search(r"[\s\x00-\x1f\x7f]", name):
        raise AuthFileError(f"{option} '{name}' holds a space; write '{''.join(name.split())}'")
    if _IPV6.search(name):
        raise AuthFileError(f"{option} '{name}' is an IPv6 address, which names of images cannot hold; use a DNS name")


def _refuse_bad_host(registry: str, host: str) -> None:
    if not host or host.startswith(":"):
        raise AuthFileError(f"registry '{registry}' does not begin with a host; {_GIVE_HOST}")
    begun = _HOST_AND_PORT.match(host)
    name, port, stop = (begun.group(1), begun.group(2), begun.end()) if begun else ("", None, 0)
    if stop < len(host) or port == "":
        wrong = min(stop, len(host) - 1)
        what = f"'{host[wrong]}' (character {wrong + 1} of '{host}')"
        raise AuthFileError(f"registry '{registry}': {what} cannot be there; {_GIVE_HOST}")
    if port is None:
        _refuse_short_name(registry, name)
    elif port.startswith("0") or int(port[:6]) > 65535:
        raise AuthFileError(
            f"registry '{registry}' has no valid port; give one from 1 to 65535, without zeros before it"
        )


def _refuse_short_name(registry: str, name: str) -> None:
    if "." not in name and name != "localhost":
        raise AuthFileError(
            f"registry '{registry}' has no dot and no port, so clients look for it on Docker Hub; "
            "give the full name of the host, or host:port"
        )


def _refuse_bad_namespace(host: str, path: str) -> None:
    if not path or _NAMESPACE.match(path):
        return
    key = f"{host}/{path}"
    if ":" in path:
        untagged = f"{host}/{path.partition(':')[0]}"
        raise AuthFileError(f"'{key}' holds a tag, which makes oc refuse the whole file; write '{untagged}'")
    if _NAMESPACE.match(path.lower()):
        raise AuthFileError(f"'{key}' holds upper case, which names of images cannot; write '{key.lower()}'")
    raise AuthFileError(f"'{key}' is not a name that images can have; write host[:port]/namespace")


def _reason(given: str, key: str) -> str:
    if key == DOCKER_HUB or given.lower().partition("/")[0] in HUB_HOSTS[1:]:
        return "docker-hub"
    if _SCHEME.match(given):
        return "url"
    if given.endswith("/"):
        return "trailing-slash"
    return "upper-case" if given != given.lower() else "extra-slash"


def flaw(key: str) -> Optional[str]:
    """Return the code of the finding about a key that is in a file already, if there is any."""
    if _MATCHED_BY_ALL.match(key):
        return None
    bare = _SCHEME.sub("", key)
    host, _slash, path = bare.partition("/")
    if "@" in host or (bare == key and ("@" in path or ":" in path)):
        return "unusable-key"
    if bare != key and not key.startswith(("http://", "https://")):
        return "upper-case-scheme"
    if _MATCHED_BY_ALL.match(host.lower()) and host != host.lower() and (bare != key or not key.endswith("/")):
        return "upper-case"
    if bare != key:
        return None if host else "never-matched"
    return "trailing-slash" if key.endswith("/") and host else "never-matched"
