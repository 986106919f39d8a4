# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What an auth file is to hold: the cluster's pull secret laid over it, plus or minus what was asked, and why."""

import json
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_audit, _auth_entry, _auth_key, _auth_merge
from ansible_collections.airgap.openshift.plugins.module_utils._auth_finding import (
    KILLS_THE_FILE,
    REPAIRED,
    Finding,
    listing,
    repair,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_merge import Request
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError

MOST_WARNINGS = 20


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
        # A key may stay as it is while another spelling of it goes.
        settled = set(self.unchanged) - set(map(_auth_key.canonical, self.removed))
        sentences = [
            finding.sentence()
            for finding in self.findings
            if finding.severity != REPAIRED or (self.changed and finding.registry not in settled)
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
    if state == "absent":
        return Request(_auth_key.removed(registry, namespace), None)
    key, code = _auth_key.requested(registry, namespace)
    given = f"{registry}/{namespace}" if namespace else registry
    spelling = (repair(key, code, given),) if code else ()
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
        mine, theirs = _auth_audit.prepare(dest, invalid_entries), _auth_audit.prepare(source, invalid_entries)
        after = _auth_merge.overlay(mine.file, theirs.file)
        found = _auth_audit.found_in_both(mine, theirs)
        if invalid_entries != "keep":
            after["auths"], respelled = _auth_audit.respell(after["auths"])
            found += respelled
        found = _of_interest(found, requests) + _auth_merge.apply(after["auths"], requests, on_conflict)
        found += _auth_audit.audit(after, invalid_entries, {"in the pull secret": theirs.file, "in dest": mine.file})
        if dest.byte_order_mark or source.byte_order_mark:
            found.insert(0, repair("", "byte-order-mark"))
        changed = dest.byte_order_mark or after != dest.fields
        return _compare(dest, after, changed, list(dict.fromkeys(found)))
    except RecursionError:
        raise AuthFileError("it is nested too deeply; expected a JSON object with 'auths'") from None


def _of_interest(found: List[Finding], requests: Sequence[Request]) -> List[Finding]:
    """Leave out what was found in entries that are removed or, being broken, replaced by what was asked."""
    asked = {wanted.key for wanted in requests}
    gone = {wanted.key for wanted in requests if wanted.credentials is None}
    return [
        finding
        for finding in found
        if _auth_key.canonical(finding.registry) not in (asked if finding.severity == KILLS_THE_FILE else gone)
    ]


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
    words = [f"{word}: {listing(names)}" for word, names in news.items() if names]
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
