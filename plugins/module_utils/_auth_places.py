# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Where clients look for auth files that nobody names to them, and which of those files they read first."""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_lookup
from ansible_collections.airgap.openshift.plugins.module_utils._auth_finding import Finding, problem
from ansible_collections.airgap.openshift.plugins.module_utils._auth_readers import FINDS_NOTHING, READERS
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError, parse

_PODMAN = (*READERS["podman"].tools, *READERS["oc"].tools)
_CATALOG = READERS["catalog"].tools


class Place(NamedTuple):
    """A path at which tools look by themselves."""

    path: str
    tools: Tuple[str, ...]


class Other(NamedTuple):
    """A file that podman reads before the one that is written; nothing in it if it cannot be read."""

    path: str
    file: Optional[AuthFile]


def places(home: str, uid: int) -> List[Place]:
    """Return the places of a user, in the order in which podman reads them.

    Sources: containers-auth.json(5); go-containerregistry's default keychain, which the catalog step of oc-mirror uses,
    knows neither the second nor the third. The environment of a login may move them (XDG_RUNTIME_DIR, XDG_CONFIG_HOME,
    DOCKER_CONFIG): these are the usual ones.
    """
    return [
        Place(f"/run/user/{uid}/containers/auth.json", _PODMAN + _CATALOG),
        Place(f"/run/containers/{uid}/auth.json", _PODMAN),
        Place(f"{home}/.config/containers/auth.json", _PODMAN),
        Place(f"{home}/.docker/config.json", _PODMAN + _CATALOG + READERS["docker"].tools),
        Place("/var/lib/kubelet/config.json", (*READERS["kubelet"].tools, "CRI-O")),
    ]


def found_by(path: str, known: Sequence[Place]) -> List[str]:
    """Return the tools that find a file at ``path`` by themselves."""
    return [tool for place in known if place.path == path for tool in place.tools]


def read_by_podman(known: Sequence[Place]) -> List[str]:
    """Return the paths that podman tries, in its order."""
    return [place.path for place in known if set(_PODMAN) <= set(place.tools)]


def read_before(path: str, known: Sequence[Place]) -> List[str]:
    """Return the paths that podman tries before ``path``; none if it does not look there."""
    paths = read_by_podman(known)
    return paths[: paths.index(path)] if path in paths else []


def others(path: str, known: Sequence[Place], content: Callable[[str], Optional[bytes]]) -> List[Other]:
    """Return what is in the files that podman reads before ``path``; ``content`` gives the bytes of one, if any."""
    found: List[Other] = []
    for earlier in read_before(path, known):
        try:
            raw = content(earlier)
            if raw is not None:
                file = parse(raw, name=earlier, may_be_empty=bool(raw.strip()))
                # Clients read no byte order mark.
                found.append(Other(earlier, None if file.byte_order_mark else file))
        except (AuthFileError, OSError):
            found.append(Other(earlier, None))
    return found


def hidden(registries: Sequence[str], auths: Dict[str, Any], others: Sequence[Other]) -> List[Finding]:
    """Report for each of ``registries`` the file that podman reads first and that has other credentials for it.

    In that order the first file with credentials for an image counts, and one that cannot be read is an error.
    """
    found: List[Finding] = []
    for other in others:
        made = _auth_lookup.index(other.file.fields) if other.file else None
        if made is None or made.refusing["podman"] or made.refusing["oc"]:
            found.append(problem("", "other-file-broken", other.path))
            continue
        for registry in registries:
            answer = _auth_lookup.look_up(made, "podman", _auth_lookup.image_of(registry))
            mine = _auth_lookup.login(READERS["podman"], auths[registry])
            if answer.outcome != FINDS_NOTHING and answer.alternatives != ((mine,),):
                found.append(problem(registry, "other-file-first", other.path))
    return found
