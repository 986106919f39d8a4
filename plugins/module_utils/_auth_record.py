# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What pull_secret_merge did to an auth file, noted beside it by name, so that exactly this can be taken back.

A run that is cut off must leave a record that covers what it did to the auth file: what it is about to add is noted
before the file is written, and what it has removed is forgotten only afterwards.
"""

import json
import re
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_key
from ansible_collections.airgap.openshift.plugins.module_utils._auth_file import Plan
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import dump as dump_file
from ansible_collections.airgap.openshift.plugins.module_utils._files import Write

SUFFIX = ".airgap-openshift.json"
# The parts of an auth file that hold an item for each registry.
CONTAINERS = ("auths", "credHelpers")

_FORMAT = 1
_PASSWORD = re.compile(r":[^/@]+@")
_CONTAINER: Dict[str, Any] = {}


class Names(NamedTuple):
    """What was done in one part of the file: which names were added, and of those that were there before, which were
    changed or spelled anew, and which were removed."""

    added: Tuple[str, ...] = ()
    changed: Tuple[str, ...] = ()
    removed: Tuple[str, ...] = ()


class Record(NamedTuple):
    """What was done to an auth file since it was as its user had it, or, if it was ``created``, was not there."""

    created: bool = False
    auths: Names = Names()
    helpers: Names = Names()
    fields: Names = Names()

    @property
    def registries(self) -> List[str]:
        """All names of registries in it."""
        return [name for part in (self.auths, self.helpers) for group in part for name in group]


class Noted(NamedTuple):
    """The records to write before the auth file and after it; nothing where the one that is there does."""

    before: Optional[bytes] = None
    after: Optional[bytes] = None


def path_of(dest: str) -> str:
    """Return the path of the record of an auth file."""
    return dest + SUFFIX


def read(dest: str, content: Callable[[str], Optional[bytes]]) -> Optional[Record]:
    """Return the record of an auth file; ``content`` gives the bytes of a file, if there is one.

    Raises: AuthFileError when it is damaged.
    """
    path = path_of(dest)
    raw = content(path)
    if raw is None:
        return None
    try:
        fields = json.loads(raw.decode("utf-8"))
        if fields["format"] != _FORMAT:
            raise ValueError
        return Record(
            fields["created"] is True, _names(fields["auths"]), _names(fields["credHelpers"]), _names(fields["fields"])
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise AuthFileError(
            f"{path} is damaged, or of another release, so that it is not known what was merged; remove it, and "
            "nothing of that will be taken back"
        ) from None


def _names(part: Dict[str, List[str]]) -> Names:
    groups = [part[kind] for kind in Names._fields]
    if not all(isinstance(group, list) and all(isinstance(name, str) for name in group) for group in groups):
        raise TypeError
    return Names(*map(tuple, groups))


def dump(record: Record) -> bytes:
    """Return the text of a record.

    A name that may hold a password, which some clients refuse anyhow, is not noted: it stays if what was merged is
    taken back.
    """
    parts = {"auths": record.auths, "credHelpers": record.helpers, "fields": record.fields}
    fields: Dict[str, Any] = {"format": _FORMAT, "created": record.created}
    for name, part in parts.items():
        fields[name] = {
            kind: [each for each in names if not _PASSWORD.search(each)] for kind, names in part._asdict().items()
        }
    return (json.dumps(fields, indent=1) + "\n").encode("ascii")


def noted(old: Optional[Record], exists: bool, planned: Plan) -> Noted:
    """Return what to note of a plan, given the record of earlier runs; that of a file that is gone is void."""
    known = (old or Record()) if exists else Record(created=True)
    before, after = planned.before, planned.after
    during = Record(
        known.created,
        _noting(known.auths, before.get("auths") or {}, after["auths"], _auth_key.canonical),
        _noting(known.helpers, _helpers(before), _helpers(after)),
        _noting(known.fields, _fields(before), _fields(after)),
    )
    done = Record(
        known.created,
        _settled(during.auths, after["auths"], _auth_key.canonical),
        _settled(during.helpers, _helpers(after)),
        _settled(during.fields, _fields(after)),
    )
    there, first, last = dump(old or Record()), dump(during), dump(done)
    return Noted(None if first == there else first, None if last == first else last)


def writes(dest: str, planned: Plan, note: Noted) -> List[Write]:
    """Return what to write, in this order, for an auth file to be as planned and for the note to be true of it."""
    path = path_of(dest)
    made = [Write(path, note.before), Write(dest, dump_file(planned.after)), Write(path, note.after)]
    return [write for write in made if write.content is not None]


def _helpers(fields: Dict[str, Any]) -> Dict[str, Any]:
    helpers = fields.get("credHelpers")
    return helpers if isinstance(helpers, dict) else {}


def _fields(fields: Dict[str, Any]) -> Dict[str, Any]:
    """Return the fields of a file, alike where they differ in items that are noted themselves."""
    return {
        name: _CONTAINER if name in CONTAINERS and (value is None or isinstance(value, dict)) else value
        for name, value in fields.items()
    }


def _noting(old: Names, before: Dict[str, Any], after: Dict[str, Any], spelling: Callable[[str], str] = str) -> Names:
    """Return what has been done once ``before`` has become ``after``, and what of ``old`` may hold until then.

    ``spelling`` is equal for all names of one thing. Where one that is not ours goes and another one comes for it, that
    is not ours either.
    """
    own = {name for name in old.added if name in before}
    gone = [name for name in before if name not in after and name not in own]
    theirs = set(map(spelling, [*gone, *old.removed]))
    new = [name for name in after if name not in before]
    respelled = dict.fromkeys(name for name in new if theirs and spelling(name) in theirs)
    changed = [
        name
        for name, value in after.items()
        if name in before and name not in own and value is not before[name] and value != before[name]
    ]
    return Names(
        added=_union((name for name in old.added if name in own), (name for name in new if name not in respelled)),
        changed=_union(old.changed, changed, respelled),
        removed=_union(old.removed, gone),
    )


def _settled(names: Names, after: Dict[str, Any], spelling: Callable[[str], str] = str) -> Names:
    """Return what is still true of ``names`` once the file has become ``after``."""
    own = set(names.added)
    theirs = {spelling(name) for name in after if name not in own} if names.removed else set()
    return Names(
        added=tuple(name for name in names.added if name in after),
        changed=tuple(name for name in names.changed if name in after),
        removed=tuple(name for name in names.removed if spelling(name) not in theirs),
    )


def _union(*groups: Iterable[str]) -> Tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))
