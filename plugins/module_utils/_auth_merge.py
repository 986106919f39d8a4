# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How auth files are laid over each other, and how what was asked for a registry is done in the result."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_entry, _auth_key
from ansible_collections.airgap.openshift.plugins.module_utils._auth_entry import Credentials
from ansible_collections.airgap.openshift.plugins.module_utils._auth_finding import Finding, listing, repair
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError


class Request(NamedTuple):
    """What is asked for one registry; without credentials: that it has no entry."""

    key: str
    credentials: Optional[Credentials]
    email: Optional[str] = None
    findings: Tuple[Finding, ...] = ()


def overlay(dest: AuthFile, source: AuthFile) -> Dict[str, Any]:
    """Return ``dest`` with the fields and entries of ``source``; what only ``dest`` holds stays."""
    fields: Dict[str, Any] = dict(dest.fields)
    for name, value in source.fields.items():
        old: Any = fields.get(name)
        merging = name == "credHelpers" and isinstance(old, dict) and isinstance(value, dict)
        fields[name] = {**old, **value} if merging else value
    auths = dict(dest.entries)
    for key, entry in source.entries.items():
        auths[key] = _auth_entry.overlay(auths[key], entry) if key in auths else entry
    fields["auths"] = auths
    return fields


def apply(
    auths: Dict[str, Any], requests: Sequence[Request], on_conflict: str, suspects: Sequence[str]
) -> List[Finding]:
    """Do in ``auths`` what is asked, under whatever spelling a registry is there; that may be one of ``suspects``.

    Raises: AuthFileError for a conflict that is to fail, and for two requests for one registry.
    """
    _refuse_doubled(requests)
    found: List[Finding] = []
    spellings = _spellings(auths, {wanted.key for wanted in requests}, suspects)
    conflicts: List[str] = []
    for wanted in requests:
        there = spellings.get(wanted.key, [])
        found += wanted.findings
        if wanted.credentials is None:
            for key in there:
                del auths[key]
        else:
            conflicts += [key for key in there if _conflicts(auths[key], wanted.credentials)]
            found += _put(auths, wanted, wanted.credentials, there, keeping=on_conflict == "keep")
    if conflicts and on_conflict == "fail":
        raise AuthFileError(f"other credentials are there for {listing(conflicts)}; set on_conflict to replace or keep")
    return found


def _refuse_doubled(requests: Sequence[Request]) -> None:
    seen: Set[str] = set()
    for wanted in requests:
        if wanted.key in seen:
            raise AuthFileError(f"registries names '{wanted.key}' twice; remove one of them")
        seen.add(wanted.key)


def _spellings(auths: Dict[str, Any], wanted: Set[str], suspects: Sequence[str]) -> Dict[str, List[str]]:
    """Return under which keys each wanted registry is there, that under which clients find it first."""
    spellings: Dict[str, List[str]] = {key: [key] for key in wanted if key in auths}
    for key in suspects:
        canonical = _auth_key.canonical(key)
        if key in auths and canonical != key and canonical in wanted:
            spellings.setdefault(canonical, []).append(key)
    return spellings


def _conflicts(entry: Any, credentials: Credentials) -> bool:
    return _auth_entry.login(entry) not in (None, credentials)


def _put(
    auths: Dict[str, Any], wanted: Request, credentials: Credentials, there: List[str], *, keeping: bool
) -> List[Finding]:
    """Leave one entry for the registry or, if ``keeping``, one for each of the logins that are there."""
    entry = auths[there[0]] if there else None
    if not keeping or not _conflicts(entry, credentials):
        entry = _auth_entry.with_credentials(entry, credentials, wanted.email)
    auths[wanted.key] = entry
    kept = (None, _auth_entry.login(entry))
    dropped = [key for key in there if key != wanted.key and (not keeping or _auth_entry.login(auths[key]) in kept)]
    for key in dropped:
        del auths[key]
    return [repair(wanted.key, "other-spelling", key) for key in dropped]
