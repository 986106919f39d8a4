# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What an auth file is to hold: the cluster's pull secret laid over it, plus or minus what was asked, and why."""

import json
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_audit, _auth_entry, _auth_key
from ansible_collections.airgap.openshift.plugins.module_utils._auth_audit import Finding
from ansible_collections.airgap.openshift.plugins.module_utils._auth_entry import Credentials
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError

MOST_WARNINGS = 20


class Request(NamedTuple):
    """What is asked for one registry; without credentials: that it has no entry."""

    key: str
    credentials: Optional[Credentials]
    email: Optional[str] = None
    findings: Tuple[Finding, ...] = ()


class Plan(NamedTuple):
    """The auth file as it will be, and how it differs from the one that is there."""

    before: Dict[str, Any]
    after: Dict[str, Any]
    changed: bool
    added: List[str]
    changed_registries: List[str]
    removed: List[str]
    unchanged: List[str]
    findings: List[Finding]

    @property
    def warnings(self) -> List[str]:
        """What a person should read: what is still wrong, and each repair in the run that makes it."""
        settled = set(self.unchanged)
        sentences = [
            finding.sentence()
            for finding in self.findings
            if finding.severity != _auth_audit.REPAIRED or (self.changed and finding.registry not in settled)
        ]
        more = len(sentences) - MOST_WARNINGS
        return sentences[:MOST_WARNINGS] + ([f"{more} more findings are in the result of the task"] if more > 0 else [])


def request(
    registry: str,
    *,
    namespace: Optional[str] = None,
    username: Optional[str] = None,
    password: Optional[str] = None,
    auth: Optional[str] = None,
    email: Optional[str] = None,
    state: str = "present",
) -> Request:
    """Return what one item of the option ``registries`` asks for.

    Raises: AuthFileError when an auth file cannot hold it so that clients find it.
    """
    key, code = _auth_key.requested(registry, namespace)
    given = f"{registry}/{namespace}" if namespace else registry
    spelling = (_auth_audit.repair(key, code, given),) if code else ()
    if state == "absent":
        return Request(key, None, None, spelling)
    try:
        credentials = _auth_entry.of_auth(auth) if auth is not None else _auth_entry.of_user(username, password)
    except AuthFileError as exc:
        raise AuthFileError(f"registry '{key}': {exc}") from None
    return Request(key, credentials, email, spelling)


def plan(
    dest: AuthFile, source: AuthFile, requests: Sequence[Request], *, on_conflict: str, invalid_entries: str
) -> Plan:
    """Compute what ``dest`` is to hold: itself, overlaid by ``source``, then by ``requests``.

    Raises: AuthFileError for a conflict that is to fail, and for entries that would make clients refuse the file.
    """
    try:
        after = _overlay(dest, source)
        found = [_auth_audit.repair("", "byte-order-mark")] if dest.byte_order_mark or source.byte_order_mark else []
        found += _apply(after["auths"], requests, on_conflict)
        found += _auth_audit.audit(after, invalid_entries)
        changed = dest.byte_order_mark or after != dest.fields
        return _compare(dest, after, changed, found)
    except RecursionError:
        raise AuthFileError("it is nested too deeply; expected a JSON object with 'auths'") from None


def _compare(dest: AuthFile, after: Dict[str, Any], changed: bool, found: List[Finding]) -> Plan:
    old, new = dest.entries, after["auths"]
    return Plan(
        before=dest.fields,
        after=after,
        changed=changed,
        added=[key for key in new if key not in old],
        changed_registries=[key for key in new if key in old and new[key] != old[key]],
        removed=[key for key in old if key not in new],
        unchanged=[key for key in new if key in old and new[key] == old[key]],
        findings=found,
    )


def _overlay(dest: AuthFile, source: AuthFile) -> Dict[str, Any]:
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


def _apply(auths: Dict[str, Any], requests: Sequence[Request], on_conflict: str) -> List[Finding]:
    _refuse_doubled(requests)
    found: List[Finding] = [finding for wanted in requests for finding in wanted.findings]
    others = _other_spellings(auths, {wanted.key for wanted in requests})
    conflicts: List[str] = []
    for wanted in requests:
        spellings = others.get(wanted.key, [])
        if wanted.credentials:
            found += [_auth_audit.repair(wanted.key, "other-spelling", spelling) for spelling in spellings]
        old = [auths.pop(spelling) for spelling in spellings]
        entry = auths[wanted.key] if wanted.key in auths else old[0] if old else None
        if wanted.credentials is None:
            auths.pop(wanted.key, None)
        elif on_conflict == "replace" or not _conflicts(entry, wanted.credentials):
            auths[wanted.key] = _auth_entry.with_credentials(entry, wanted.credentials, wanted.email)
        else:
            auths[wanted.key] = entry
            conflicts.append(wanted.key)
    if conflicts and on_conflict == "fail":
        names = _auth_audit.listing(conflicts)
        raise AuthFileError(f"other credentials are there for {names}; set on_conflict to replace or keep")
    return found


def _refuse_doubled(requests: Sequence[Request]) -> None:
    seen: Set[str] = set()
    for wanted in requests:
        if wanted.key in seen:
            raise AuthFileError(f"registries names '{wanted.key}' twice; remove one of them")
        seen.add(wanted.key)


def _other_spellings(auths: Dict[str, Any], wanted: Set[str]) -> Dict[str, List[str]]:
    spellings: Dict[str, List[str]] = {}
    for key in auths if wanted else ():
        canonical = _auth_key.canonical(key)
        if canonical != key and canonical in wanted:
            spellings.setdefault(canonical, []).append(key)
    return spellings


def _conflicts(entry: Any, credentials: Credentials) -> bool:
    there = _auth_entry.examine(entry).credentials
    return _auth_entry.has_token(entry) or (there is not None and there != credentials)


def describe(planned: Plan) -> Tuple[str, str]:
    """Return the file before and after for a diff: names and what changed in them, never a value."""
    before = dict.fromkeys(planned.before.get("auths") or {}, "")
    after = dict.fromkeys(planned.after["auths"], "")
    for key in planned.changed_registries:
        after[key] = f": {_difference(planned.before['auths'][key], planned.after['auths'][key])}"
    fields = [name for name in sorted({**planned.before, **planned.after}) if name != "auths"]
    changed = [name for name in fields if planned.before.get(name) != planned.after.get(name)]
    return _lines(before, []), _lines(after, changed)


def difference(planned: Plan, dest: str) -> Dict[str, str]:
    """Return the plan as Ansible's diff."""
    before, after = describe(planned)
    return {"before": before, "after": after, "before_header": dest, "after_header": dest}


def report(planned: Plan, dest: str, check_mode: bool) -> Dict[str, Any]:
    """Return what a task reports of the plan, the same in each kind of run."""
    return {
        "msg": _summary(planned, dest, check_mode and planned.changed),
        "dest": dest,
        "added": planned.added,
        "changed_registries": planned.changed_registries,
        "removed": planned.removed,
        "unchanged": planned.unchanged,
        "registries": list(planned.after["auths"]),
        "findings": [dict(finding._asdict()) for finding in planned.findings],
    }


def _summary(planned: Plan, dest: str, would: bool) -> str:
    """Return one sentence on what ``dest`` holds, or in check mode would hold."""
    number = len(planned.after["auths"])
    holds = f"{dest} {'would hold' if would else 'holds'} {number} {'registry' if number == 1 else 'registries'}"
    news = {"added": planned.added, "changed": planned.changed_registries, "removed": planned.removed}
    words = [f"{word}: {_auth_audit.listing(names)}" for word, names in news.items() if names]
    return f"{holds} ({'; '.join(words) or 'unchanged'})"


def _difference(old: Any, new: Any) -> str:
    was, now = _auth_entry.examine(old).credentials, _auth_entry.examine(new).credentials
    if was == now:
        return "other fields changed"
    if was is None or now is None:
        return "credentials changed"
    changed = {"user": was.user != now.user, "password": was.password != now.password}
    return ", ".join(f"{name} changed" for name, differs in changed.items() if differs)


def _lines(registries: Dict[str, str], changed_fields: List[str]) -> str:
    lines = [f"- {key}{words}\n" for key, words in registries.items()]
    return "".join(lines + [f"{name}: changed\n" for name in changed_fields])


def dump(fields: Dict[str, Any]) -> bytes:
    """Return the text of an auth file, indented as podman and docker write it.

    Half a surrogate pair is legal in JSON but not in UTF-8: a file that holds one is written in ASCII.
    """
    try:
        return (json.dumps(fields, indent="\t", ensure_ascii=False) + "\n").encode("utf-8")
    except UnicodeEncodeError:
        return (json.dumps(fields, indent="\t") + "\n").encode("ascii")
    except RecursionError:
        raise AuthFileError("it is nested too deeply; expected a JSON object with 'auths'") from None
