# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""The auth file that counts for a registry: the one that was named, or the first that clients find by themselves."""

from typing import Callable, NamedTuple, Optional, Sequence

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_lookup
from ansible_collections.airgap.openshift.plugins.module_utils._auth_lookup import Index
from ansible_collections.airgap.openshift.plugins.module_utils._auth_readers import FINDS_NOTHING
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError, parse
from ansible_collections.airgap.openshift.plugins.module_utils._registry_credentials import (
    Credentials,
    Image,
    credentials,
)
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import finding

__all__ = ("Read", "credentials_for", "read")

_NONE = Index({}, {}, {}, [], {})


class Read(NamedTuple):
    """What is in an auth file: nothing where there is none, or, said in ``problem``, where clients cannot read it."""

    path: str
    file: Optional[AuthFile] = None
    made: Index = _NONE
    problem: str = ""


def read(path: str, content: Callable[[str], Optional[bytes]]) -> Read:
    """Return an auth file; ``content`` gives the bytes of a path, or nothing."""
    try:
        raw = content(path)
        if raw is None:
            return Read(path)
        # Clients take an object without "auths", as docker writes it beside credsStore, but no empty file.
        file = parse(raw, may_be_empty=bool(raw.strip()))
    except AuthFileError as exc:
        return Read(path, problem=str(exc))
    except OSError as exc:
        return Read(path, problem=exc.strerror or str(exc))
    if file.byte_order_mark:
        return Read(path, problem="it begins with a byte order mark, which no client reads")
    return Read(path, file, _auth_lookup.index(file.fields))


def credentials_for(registry: str, repository: str, known: Sequence[Read]) -> Credentials:
    """Return what the first of these files with anything about an image holds for it.

    Of the files that clients look at by themselves, one that cannot be read stops them, one without credentials does
    not.
    """
    asked = f"{registry}/{repository or '_'}"
    for each in known:
        if each.problem:
            return _without("auth-file-unreadable", path=each.path, detail=each.problem)
        if each.file and (len(known) == 1 or _auth_lookup.look_up(each.made, "podman", asked).outcome != FINDS_NOTHING):
            return credentials(each.made, Image(registry, repository, each.path))
    there = [each for each in known if each.file]
    if there:
        return credentials(there[0].made, Image(registry, repository, there[0].path))
    return _without("auth-file-missing", path=" or ".join(each.path for each in known))


def _without(code: str, **words: str) -> Credentials:
    return Credentials([], [], [finding(code, **words)])
