# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What an auth file is to hold once what was merged into it is taken back, and what is left of that, and why."""

from typing import Any, Dict, List, NamedTuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_file
from ansible_collections.airgap.openshift.plugins.module_utils._auth_file import Plan
from ansible_collections.airgap.openshift.plugins.module_utils._auth_finding import listing
from ansible_collections.airgap.openshift.plugins.module_utils._auth_record import CONTAINERS, Record, path_of
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, dump
from ansible_collections.airgap.openshift.plugins.module_utils._files import Write


class Reset(NamedTuple):
    """The auth file as it will be, and whether there will be one; what was there before and is ``not_restored``."""

    plan: Plan
    removes_file: bool
    not_restored: List[str]


def plan(dest: AuthFile, exists: bool, record: Record) -> Reset:
    """Compute what ``dest``, if it still exists, is to hold without what ``record`` says was added."""
    fields = dict(dest.fields)
    for name, part in zip(CONTAINERS, (record.auths, record.helpers)):
        if isinstance(fields.get(name), dict):
            gone = set(part.added)
            fields[name] = {key: item for key, item in fields[name].items() if key not in gone}
    for name in record.fields.added:
        items = fields.get(name) if name in CONTAINERS else None
        # What others have put into it since is not ours.
        if not (isinstance(items, dict) and items):
            fields.pop(name, None)
    return Reset(
        plan=_auth_file.compare(dest, fields, fields != dest.fields),
        removes_file=exists and record.created and fields in ({}, {"auths": {}}),
        not_restored=_not_restored(record, fields) if exists else [],
    )


def _not_restored(record: Record, fields: Dict[str, Any]) -> List[str]:
    """Return what the merge changed and is still there, and what it removed and is not."""
    helpers = fields.get("credHelpers")
    parts = (
        (record.auths, fields.get("auths") or {}),
        (record.helpers, helpers if isinstance(helpers, dict) else {}),
        (record.fields, fields),
    )
    return [
        name
        for names, there in parts
        for name in (*(each for each in names.changed if each in there), *names.removed)
        if name in names.changed or name not in there
    ]


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
        "not_restored": reset.not_restored,
        "changed": True,
        "diff": [_auth_file.difference(reset.plan, dest), states],
    }


def nothing(dest: str) -> Dict[str, Any]:
    """Return what a task reports where nothing was merged, or nobody noted it."""
    return {
        **report(Reset(_auth_file.compare(AuthFile({}), {}, False), False, []), dest, False),
        "msg": f"there is nothing to take back from {dest}: nothing was merged into it that {path_of(dest)} would tell",
        "changed": False,
        "diff": [],
    }


def _summary(reset: Reset, dest: str, would: bool) -> str:
    """Return one sentence on what becomes of ``dest``."""
    told = {
        "taken back": reset.plan.removed,
        "left": reset.plan.unchanged,
        "not as before, since the merge changed or removed it": reset.not_restored,
    }
    words = "; ".join(f"{word}: {listing(names)}" for word, names in told.items() if names)
    if reset.removes_file:
        return f"{dest} {'would be' if would else 'is'} removed" + (f" ({words})" if words else "")
    verb = "would hold" if would else "holds"
    return f"{dest} {verb} nothing of what was merged" + (f" ({words})" if words else "")
