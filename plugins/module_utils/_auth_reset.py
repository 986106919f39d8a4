# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What an auth file is to hold once what was merged into it is taken back, and what is left of that, and why."""

from typing import Any, Dict, Iterable, List, NamedTuple, Set

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_file, _auth_record
from ansible_collections.airgap.openshift.plugins.module_utils._auth_file import Plan
from ansible_collections.airgap.openshift.plugins.module_utils._auth_finding import listing
from ansible_collections.airgap.openshift.plugins.module_utils._auth_record import CONTAINERS, Names, Record, path_of
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, dump
from ansible_collections.airgap.openshift.plugins.module_utils._files import Write


class Reset(NamedTuple):
    """The auth file as it will be, and whether there will be one; what is left though it was added, since others have
    ``changed_since``; what was there before and is ``not_restored``, and whether that is true of a ``link``, too."""

    plan: Plan
    removes_file: bool
    changed_since: List[str]
    not_restored: List[str]
    link: bool


def plan(dest: AuthFile, exists: bool, record: Record) -> Reset:
    """Compute what ``dest``, if it still exists, is to hold without what ``record`` says was added."""
    fields = dict(dest.fields)
    own = _auth_record.as_added(record, fields)
    for name, gone in zip(CONTAINERS, own):
        if isinstance(fields.get(name), dict):
            fields[name] = {key: item for key, item in fields[name].items() if key not in gone}
    for name in own[-1]:
        items = fields.get(name) if name in CONTAINERS else None
        # What others have put into it since is not ours.
        if not (isinstance(items, dict) and items):
            fields.pop(name, None)
    return Reset(
        plan=_auth_file.compare(dest, fields, fields != dest.fields),
        removes_file=exists and record.created and fields in ({}, {"auths": {}}),
        changed_since=_changed_since(record, dest.fields, own),
        not_restored=_not_restored(record, dest.fields, fields) if exists else [],
        link=exists and record.link,
    )


def _changed_since(record: Record, fields: Dict[str, Any], own: List[Set[str]]) -> List[str]:
    """Return what was added and is still there, but not as it was added."""
    parts = zip(record.parts, _auth_record.items(fields), own)
    return _unique(name for names, there, ours in parts for name in names.added if name in there and name not in ours)


def _not_restored(record: Record, before: Dict[str, Any], after: Dict[str, Any]) -> List[str]:
    """Return what the merge changed and was still there, and what it removed and is not."""
    parts = zip(record.parts, _auth_record.items(before), _auth_record.items(after))
    return _unique(name for names, was, now in parts for name in _lost(names, was, now))


def _lost(names: Names, was: Dict[str, Any], now: Dict[str, Any]) -> List[str]:
    return [name for name in names.changed if name in was] + [name for name in names.removed if name not in now]


def _unique(names: Iterable[str]) -> List[str]:
    return list(dict.fromkeys(names))


def writes(reset: Reset, dest: str) -> List[Write]:
    """Return what to write, in this order: the record goes last, so that a run that is cut off can be repeated."""
    record = Write(path_of(dest), None)
    if reset.removes_file:
        return [Write(dest, None), record]
    return [Write(dest, dump(reset.plan.after)), record] if reset.plan.changed else [record]


def report(reset: Reset, dest: str, check_mode: bool) -> Dict[str, Any]:
    """Return what a task reports of it, the same in each kind of run."""
    states = {"before": {"state": "file"}, "after": {"state": "absent"}} if reset.removes_file else {}
    return {
        **_auth_file.report(reset.plan, dest, check_mode),
        "msg": _summary(reset, dest, check_mode),
        "left": list(reset.plan.unchanged),
        "not_restored": reset.not_restored + ([dest] if reset.link else []),
        "changed": True,  # at the least the record goes, see writes
        "diff": [_auth_file.difference(reset.plan, dest), states],
    }


def nothing(dest: str) -> Dict[str, Any]:
    """Return what a task reports where nothing was merged, or nobody noted it."""
    return {
        **report(plan(AuthFile({}), False, Record()), dest, False),
        "msg": f"there is nothing to take back from {dest}: nothing was merged into it that {path_of(dest)} would tell",
        "changed": False,
        "diff": [],
    }


def _summary(reset: Reset, dest: str, would: bool) -> str:
    """Return one sentence on what becomes of ``dest``."""
    told = {
        "taken back": reset.plan.removed,
        "left": [name for name in reset.plan.unchanged if name not in reset.changed_since],
        "left, since somebody has changed it after the merge": reset.changed_since,
        "not as before, since the merge changed or removed it": reset.not_restored,
    }
    words = [f"{word}: {listing(names)}" for word, names in told.items() if names]
    words += ["not restored: the symbolic link that the merge replaced"] if reset.link else []
    details = f" ({'; '.join(words)})" if words else ""
    if reset.removes_file:
        return f"{dest} {'would be' if would else 'is'} removed{details}"
    return f"{dest} {'would hold' if would else 'holds'} nothing of what was merged{details}"
