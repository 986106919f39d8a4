# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What lies in certs.d, where podman, skopeo and oc-mirror look for certificates of single registries, and its effect.

They take the first folder that there is for a registry, even an empty one, and add its *.crt files to what the host
trusts (containers/image; tried with skopeo 1.18 in tests/e2e/test_trust_certs_d.py). oc and the catalog step of
oc-mirror look at none of this.
"""

import os
import pwd
from typing import AbstractSet, Dict, FrozenSet, Iterator, List, NamedTuple, Sequence, Set, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils._files import content_of_regular
from ansible_collections.airgap.openshift.plugins.module_utils._pem import certificates_in, fingerprint, readable_in

__all__ = ("BREAKS", "MISLEADS", "TELLS", "Finding", "Folder", "find", "findings", "homes", "look", "to_warn_of")

BREAKS = "error"  # nobody, or no ordinary user, can reach the registry
MISLEADS = "warning"
TELLS = "note"  # may well be meant

OF_THE_HOST = ("/etc/containers/certs.d", "/etc/docker/certs.d")
OF_A_USER = ".config/containers/certs.d"


class Folder(NamedTuple):
    """A folder for one registry: whose names clients look at, and which certificates clients do and do not read."""

    path: str
    names: FrozenSet[str] = frozenset()
    read: FrozenSet[str] = frozenset()
    unread: Tuple[Tuple[str, FrozenSet[str]], ...] = ()
    flaws: Tuple[str, ...] = ()


class Finding(NamedTuple):
    """One thing found: a stable code, the cause and the remedy, how bad it is, and where."""

    code: str
    message: str
    severity: str
    path: str


def findings(trusted: AbstractSet[str], removed: AbstractSet[str]) -> List[Finding]:
    """What is to be known on this host, given what it trusts itself and what was taken from that just now."""
    return find(look(homes()), trusted, removed)


def to_warn_of(found: Sequence[Finding]) -> List[Finding]:
    """Those that are no mere notes."""
    return [finding for finding in found if finding.severity != TELLS]


def homes() -> List[str]:
    """The homes of this process's user and of the one who became it by sudo: podman and skopeo look there first."""
    try:
        found = [pwd.getpwuid(os.geteuid()).pw_dir]
    except KeyError:  # a user whom the host does not know
        found = [os.path.expanduser("~")]
    if "SUDO_USER" in os.environ:
        found.append(os.path.expanduser("~" + os.environ["SUDO_USER"]))
    return list(dict.fromkeys(found))


def look(user_homes: Sequence[str], of_the_host: Sequence[str] = OF_THE_HOST) -> Dict[str, List[List[Folder]]]:
    """The folders for each registry, in the order in which clients look, for each user and (the last) all others.

    What may not be read here, without root, is passed over: nothing that is asked depends on it.
    """
    found: Dict[str, List[List[Folder]]] = {}
    shared = [_folders(parent) for parent in of_the_host]
    for own in [*(_folders(os.path.join(home, OF_A_USER)) for home in user_homes), {}]:
        for registry in sorted({name for folders in (own, *shared) for name in folders}):
            order = [folders[registry] for folders in (own, *shared) if registry in folders]
            if order not in found.setdefault(registry, []):
                found[registry].append(order)
    return found


def find(
    found: Dict[str, List[List[Folder]]], trusted: AbstractSet[str], removed: AbstractSet[str] = frozenset()
) -> List[Finding]:
    """What is to be known of these folders."""
    return [
        finding
        for registry, orders in sorted(found.items())
        for order in orders
        for judge in (_unusable, _hidden, _trusted_here_only, _unread)
        for finding in judge(registry, order, trusted, removed)
    ]


def _unusable(
    registry: str, order: Sequence[Folder], _trusted: AbstractSet[str], _removed: AbstractSet[str]
) -> Iterator[Finding]:
    for flaw in order[0].flaws:
        message = f"podman, skopeo and oc-mirror refuse to talk to {registry}: {flaw}"
        yield Finding("certs-d-unusable", message, BREAKS, order[0].path)


def _hidden(
    registry: str, order: Sequence[Folder], trusted: AbstractSet[str], _removed: AbstractSet[str]
) -> Iterator[Finding]:
    first = order[0]
    for folder in order[1:]:
        pairs = {name for name in folder.names - first.names if name.endswith(".cert")}
        if folder.read - first.read - trusted or pairs:
            message = (
                f"{first.path} hides {folder.path} from podman, skopeo and oc-mirror, which look at the first folder "
                f"for {registry} only, even if it is empty: move what is needed there, or remove it"
            )
            yield Finding("certs-d-hidden", message, MISLEADS, first.path)


def _trusted_here_only(
    registry: str, order: Sequence[Folder], trusted: AbstractSet[str], removed: AbstractSet[str]
) -> Iterator[Finding]:
    path = order[0].path
    if order[0].read & removed:
        message = f"podman, skopeo and oc-mirror still trust for {registry} what {path} holds: remove it there too"
        yield Finding("certs-d-still-trusted", message, MISLEADS, path)
    if order[0].read - trusted - removed:
        message = (
            f"{path} holds certificates that the host does not trust: podman and skopeo accept them for {registry}, oc "
            "and the catalog step of oc-mirror do not; hand them to ca_trust if they are needed there"
        )
        yield Finding("certs-d-only", message, TELLS, path)


def _unread(
    registry: str, order: Sequence[Folder], trusted: AbstractSet[str], _removed: AbstractSet[str]
) -> Iterator[Finding]:
    for path, identities in order[0].unread:
        if identities - trusted - order[0].read:
            message = (
                f"no client of {registry} reads {path}, whose certificates the host does not trust: call it *.crt and "
                "make it plain PEM, or hand it to ca_trust"
            )
            yield Finding("certs-d-unread", message, TELLS, path)


def _folders(parent: str) -> Dict[str, Folder]:
    return {name: _folder(os.path.join(parent, name), parent in OF_THE_HOST) for name in _names(parent)}


def _names(path: str) -> List[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


def _folder(path: str, for_all_users: bool) -> Folder:
    if not os.path.isdir(path):
        return Folder(path, flaws=(f"{path} is no folder; remove it",))
    names = _names(path)
    read: Set[str] = set()
    unread = []
    for name in names:
        here = os.path.join(path, name)
        content = b"" if name.endswith((".key", ".cert")) else _content(here)
        good = set(readable_in(content)) if name.endswith(".crt") else set()
        read |= good
        held = {fingerprint(found.der) for found in certificates_in(content, reads_der=True)}
        if held - good:
            unread.append((here, frozenset(held - good)))
    # Who may not list the folder, skips it.
    for_all_users = for_all_users and os.stat(path).st_mode & 0o005 == 0o005
    flaws = tuple(flaw for name in names for flaw in _flaws(os.path.join(path, name), names, for_all_users))
    return Folder(path, frozenset(names), frozenset(read), tuple(unread), flaws)


def _flaws(path: str, names: Sequence[str], for_all_users: bool) -> Iterator[str]:
    stem, suffix = os.path.splitext(os.path.basename(path))
    if suffix == ".cert" and stem + ".key" not in names:
        yield f"{path} is a client's certificate without its key; add {stem}.key or, if it is a CA's, call it *.crt"
    elif suffix == ".key" and stem + ".cert" not in names:
        yield f"{path} is a key without its certificate; add {stem}.cert or remove it"
    elif suffix == ".crt" and os.path.isdir(path):
        yield f"{path} is a folder; remove it"
    elif suffix == ".crt" and for_all_users and os.path.exists(path) and not os.stat(path).st_mode & 0o004:
        yield f"{path} may not be read by all users, which stops those who may not; set its mode to 0644"


def _content(path: str) -> bytes:
    try:
        return content_of_regular(path)
    except OSError:
        return b""
