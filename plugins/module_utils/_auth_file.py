# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What an auth file is to hold: the cluster's pull secret laid over it, plus or minus what was asked, and why."""

from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import (
    _auth_audit,
    _auth_entry,
    _auth_key,
    _auth_lookup,
    _auth_merge,
    _auth_places,
    _auth_readers,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_finding import (
    KILLS_THE_FILE,
    REPAIRED,
    TELLS,
    Finding,
    listing,
    problem,
    repair,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_merge import Request
from ansible_collections.airgap.openshift.plugins.module_utils._auth_places import Other
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import TOO_DEEP, AuthFile, AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._words import visible

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
    clients: List[Dict[str, str]]

    @property
    def warnings(self) -> List[str]:
        """What a person should read: what is still wrong, and repairs and notes in the run that they are about."""
        # A key may stay as it is while another spelling of it goes.
        settled = set(self.unchanged) - set(map(_auth_key.canonical, self.removed))
        sentences = [
            finding.sentence()
            for finding in self.findings
            if finding.severity not in (REPAIRED, TELLS) or (self.changed and finding.registry not in settled)
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
    dest: AuthFile,
    sources: Sequence[AuthFile],
    requests: Sequence[Request],
    *,
    on_conflict: str,
    invalid_entries: str,
    others: Sequence[Other] = (),
) -> Plan:
    """Compute what ``dest`` is to hold: itself, overlaid by each of ``sources`` in turn, then by ``requests``.

    ``others`` are files that clients read before it.

    Raises: AuthFileError for a conflict that is to fail, and for entries that would make clients refuse the file.
    """
    try:
        laid = _auth_audit.combine(dest, sources, invalid_entries)
        after, found, suspects = laid.file.fields, laid.found, laid.suspects
        respelled = _respelled(after, suspects, invalid_entries)
        merged = _auth_merge.apply(after["auths"], requests, on_conflict, suspects)
        # What was in the way of a better key may be gone now, which the next run would find.
        respelled += _respelled(after, suspects, invalid_entries)
        found = _of_interest(found + respelled, requests) + merged
        suspects = list(dict.fromkeys([*suspects, *(each.registry for each in respelled), *_present(requests)]))
        found += _auth_audit.audit(after, invalid_entries, suspects, dest, sources)
        found += _notes(requests, found) + _auth_places.hidden(_present(requests), after["auths"], others)
        if any(file.byte_order_mark for file in (dest, *sources)):
            found.insert(0, repair("", "byte-order-mark"))
        changed = dest.byte_order_mark or after != dest.fields
        return compare(dest, after, changed, list(dict.fromkeys(found)), _uses(after, requests, suspects))
    except RecursionError:
        raise AuthFileError(TOO_DEEP) from None


def _respelled(fields: Dict[str, Any], suspects: Sequence[str], invalid_entries: str) -> List[Finding]:
    if invalid_entries == "keep":
        return []
    fields["auths"], found = _auth_audit.respell(fields["auths"], suspects)
    return found


def _of_interest(found: List[Finding], requests: Sequence[Request]) -> List[Finding]:
    """Leave out what was found in entries that are removed or, being broken, replaced by what was asked."""
    asked = {wanted.key for wanted in requests}
    gone = {wanted.key for wanted in requests if wanted.credentials is None}
    return [
        finding
        for finding in found
        if _auth_key.canonical(finding.registry) not in (asked if finding.severity == KILLS_THE_FILE else gone)
    ]


def _notes(requests: Sequence[Request], found: List[Finding]) -> List[Finding]:
    """Tell of namespaces, which half of the clients do not know, where nothing worse was found for that host."""
    told = {finding.registry for finding in found if finding.code == "overlap"}
    wanted = [key for key in _present(requests) if "/" in key and "://" not in key]
    return [
        problem(key, "docker-hub", _auth_key.DOCKER_HUB)
        if key.startswith(f"{_auth_key.HUB}/")
        else problem(key, "namespaced")
        for key in wanted
        if key.partition("/")[0] not in told
    ]


def _present(requests: Sequence[Request]) -> List[str]:
    return [wanted.key for wanted in requests if wanted.credentials]


def _uses(after: Dict[str, Any], requests: Sequence[Request], suspects: Sequence[str]) -> List[Dict[str, str]]:
    """Return how each client uses the entry of each registry that was asked for."""
    keys = _present(requests)
    hosts = {key.partition("/")[0] for key in keys}
    # Only an entry of the same host or a suspect can match, or make a client refuse the file.
    near = {key: entry for key, entry in after["auths"].items() if key.partition("/")[0] in hosts}
    near.update((key, after["auths"][key]) for key in suspects if key in after["auths"])
    made = _auth_lookup.index(dict(after, auths=near))
    return [
        {"registry": key, **{client: _auth_lookup.use(made, client, key) for client in _auth_readers.CLIENTS}}
        for key in keys
    ]


def compare(
    dest: AuthFile,
    after: Dict[str, Any],
    changed: bool,
    found: Sequence[Finding] = (),
    clients: Sequence[Dict[str, str]] = (),
) -> Plan:
    """Return the plan by which ``dest`` becomes ``after``."""
    old, new = dest.entries, after.get("auths") or {}
    kept = [key for key in new if key in old]
    differing = {key: None for key in kept if new[key] is not old[key] and new[key] != old[key]}
    return Plan(
        before=dest.fields,
        after=after,
        changed=changed,
        added=[key for key in new if key not in old],
        changed_registries=list(differing),
        removed=[key for key in old if key not in new],
        unchanged=[key for key in kept if key not in differing],
        findings=list(found),
        clients=list(clients),
    )


def describe(planned: Plan) -> Tuple[str, str]:
    """Return the file before and after for a diff: names and what changed in them, never a value."""
    before = dict.fromkeys(planned.before.get("auths") or {}, "")
    after = dict.fromkeys(planned.after.get("auths") or {}, "")
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
        "registries": list(planned.after.get("auths") or {}),
        "findings": [dict(finding._asdict()) for finding in planned.findings],
        "clients": planned.clients,
    }


def _summary(planned: Plan, dest: str, would: bool) -> str:
    """Return one sentence on what ``dest`` holds, or in check mode would hold."""
    number = len(planned.after.get("auths") or {})
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
    lines = [f"- {visible(key)}{words}\n" for key, words in registries.items()]
    return "".join(lines + [f"{visible(name)}: changed\n" for name in changed_fields])
