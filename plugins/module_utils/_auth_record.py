# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What pull_secret_merge did to an auth file, noted beside it, so that exactly this can be taken back.

Of what was added a salted digest is noted as well: what others have changed since is no longer ours. A run that is cut
off must leave a record that covers what it did to the auth file: what it is about to add is noted before the file is
written, with what it holds until then, and what it has removed is forgotten only afterwards.
"""

import hmac
import json
import re
from functools import partial
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Set, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_entry, _auth_key
from ansible_collections.airgap.openshift.plugins.module_utils._auth_file import Plan
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import dump as dump_file
from ansible_collections.airgap.openshift.plugins.module_utils._files import Write

SUFFIX = ".airgap-openshift.json"
# As many as the digests have.
SALT_BYTES = 32
# The parts of an auth file that hold an item for each registry.
CONTAINERS = ("auths", "credHelpers")

_FORMAT = 1
_PASSWORD = re.compile(r":(?:[^/@:]+|[^/@:]*:)@")  # from the last colon but one at the most: names may be long
_CONTAINER: Dict[str, Any] = {}
_NONE: Dict[str, Tuple[str, ...]] = {}


class Names(NamedTuple):
    """What was done in one part of the file: which names were added, and of those that were there before, which were
    changed or spelled anew, and which were removed.

    To each name that was added belongs the digest of what it was given; two of them while it is being given another.
    """

    added: Dict[str, Tuple[str, ...]] = _NONE
    changed: Tuple[str, ...] = ()
    removed: Tuple[str, ...] = ()


class Record(NamedTuple):
    """What was done to an auth file since it was as its user had it, or, if it was ``created``, was not there.

    ``link`` is that a symbolic link was there, which was replaced by a file.
    """

    created: bool = False
    auths: Names = Names()
    helpers: Names = Names()
    fields: Names = Names()
    salt: bytes = b""
    link: bool = False

    @property
    def parts(self) -> Tuple[Names, Names, Names]:
        """What was done to the entries, to the helpers and to the fields of the file."""
        return self.auths, self.helpers, self.fields

    @property
    def registries(self) -> List[str]:
        """All names of registries in it."""
        return [name for part in (self.auths, self.helpers) for group in part for name in group]


class Noted(NamedTuple):
    """The records to write before the auth file and after it; nothing where the one that is there does."""

    before: Optional[bytes] = None
    after: Optional[bytes] = None


class _Part(NamedTuple):
    """How the items of one part of a file are found, told from each other, and told from other spellings."""

    items: Callable[[Dict[str, Any]], Dict[str, Any]]
    text: Callable[[Any], bytes]
    spelling: Callable[[str], str] = str

    def digest(self, salt: bytes, item: Any) -> str:
        return hmac.new(salt, self.text(item), "sha256").hexdigest()


def _entries(fields: Dict[str, Any]) -> Dict[str, Any]:
    return fields.get("auths") or {}


def _helpers(fields: Dict[str, Any]) -> Dict[str, Any]:
    helpers = fields.get("credHelpers")
    return helpers if isinstance(helpers, dict) else {}


def _fields(fields: Dict[str, Any]) -> Dict[str, Any]:
    """Return the fields of a file, alike where they differ in items that are noted themselves."""
    return {
        name: _CONTAINER if name in CONTAINERS and (value is None or isinstance(value, dict)) else value
        for name, value in fields.items()
    }


def _text(item: Any) -> bytes:
    return dump_file({"": item})


def _sent(entry: Any) -> bytes:
    """Return what clients would send: they drop and add other fields when they write the file. Of an entry with which
    they would send nothing, return all."""
    credentials = _auth_entry.examine(entry).credentials
    tokens = (_auth_entry.login(entry) or ())[1:] if _auth_entry.has_token(entry) else ()
    if credentials is None and not tokens:
        return _text(entry)
    return dump_file({"auth": credentials and credentials.auth(), "tokens": list(tokens)})


_AUTHS = _Part(_entries, _sent, _auth_key.canonical)
_HELPERS = _Part(_helpers, _text)
_FIELDS = _Part(_fields, _text)
_PARTS = (_AUTHS, _HELPERS, _FIELDS)


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
        auths, helpers, others = (_names(fields[name]) for name in (*CONTAINERS, "fields"))
        salt, created, link = bytes.fromhex(fields["salt"]), fields["created"] is True, fields["link"] is True
        return Record(created, auths, helpers, others, salt, link)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise AuthFileError(
            f"{path} is damaged, or of another release, so that it is not known what was merged; remove it, and "
            "nothing of that will be taken back"
        ) from None


def _names(part: Dict[str, Any]) -> Names:
    added = {name: _texts(digests) for name, digests in part["added"].items()}
    return Names(added, _texts(part["changed"]), _texts(part["removed"]))


def _texts(group: Any) -> Tuple[str, ...]:
    if not isinstance(group, list) or not all(isinstance(text, str) for text in group):
        raise TypeError
    return tuple(group)


def dump(record: Record) -> bytes:
    """Return the text of a record.

    A name that may hold a password, which some clients refuse anyhow, is not noted: it stays if what was merged is
    taken back.
    """
    parts = {"auths": record.auths, "credHelpers": record.helpers, "fields": record.fields}
    fields: Dict[str, Any] = {
        "format": _FORMAT,
        "created": record.created,
        "link": record.link,
        "salt": record.salt.hex(),
    }
    for name, part in parts.items():
        fields[name] = {
            "added": {each: digests for each, digests in part.added.items() if not _PASSWORD.search(each)},
            "changed": [each for each in part.changed if not _PASSWORD.search(each)],
            "removed": [each for each in part.removed if not _PASSWORD.search(each)],
        }
    return (json.dumps(fields, indent=1) + "\n").encode("ascii")


def items(fields: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Return the entries, the helpers and the fields of a file, of which a record tells."""
    return [part.items(fields) for part in _PARTS]


def as_added(record: Record, fields: Dict[str, Any]) -> List[Set[str]]:
    """Return the names of entries, of helpers and of fields that are in a file as they were added."""
    return [_own(names, part.items(fields), record.salt, part) for names, part in zip(record.parts, _PARTS)]


def _own(names: Names, items: Dict[str, Any], salt: bytes, part: _Part) -> Set[str]:
    """Return which of ``items`` are ours: others have not changed them since they were added."""
    return {
        name for name, digests in names.added.items() if name in items and part.digest(salt, items[name]) in digests
    }


def noted(old: Optional[Record], planned: Plan, *, exists: bool, link: bool, salt: bytes) -> Noted:
    """Return what to note of a plan, given the record of earlier runs; that of a file that is gone is void.

    ``link`` is whether the file is a symbolic link, ``salt`` are random bytes for the first record.
    """
    there = old or Record(salt=salt)
    known = there if exists else Record(created=True, salt=there.salt)
    before, after = planned.before, planned.after
    during = known._replace(
        auths=_noting(known.auths, before, after, there.salt, _AUTHS),
        helpers=_noting(known.helpers, before, after, there.salt, _HELPERS),
        fields=_noting(known.fields, before, after, there.salt, _FIELDS),
        link=known.link or link,
    )
    done = during._replace(
        auths=_settled(during.auths, after, there.salt, _AUTHS),
        helpers=_settled(during.helpers, after, there.salt, _HELPERS),
        fields=_settled(during.fields, after, there.salt, _FIELDS),
    )
    start, first, last = dump(there), dump(during), dump(done)
    return Noted(None if first == start else first, None if last == first else last)


def writes(dest: str, planned: Plan, note: Noted) -> List[Write]:
    """Return what to write, in this order, for an auth file to be as planned and for the note to be true of it."""
    path = path_of(dest)
    made = [Write(path, note.before), Write(dest, dump_file(planned.after)), Write(path, note.after)]
    return [write for write in made if write.content is not None]


def _noting(names: Names, was: Dict[str, Any], becomes: Dict[str, Any], salt: bytes, part: _Part) -> Names:
    """Return what has been done once the file ``was`` has become this, and what of ``names`` may hold until then.

    Where an item that is not ours goes and another one comes for it, that is not ours either.
    """
    before, after = part.items(was), part.items(becomes)
    differing = {
        name: item
        for name, item in before.items()
        if name not in after or (after[name] is not item and after[name] != item)
    }
    own = _own(names, differing, salt, part)
    # What somebody else had is not there again where ours, which had taken its place, goes as well.
    gone = [name for name in differing if name not in after and (name not in own or name in names.changed)]
    theirs = set(map(part.spelling, [*gone, *names.removed]))
    new = [name for name in after if name not in before]
    respelled = dict.fromkeys(name for name in new if theirs and part.spelling(name) in theirs)
    fresh = [name for name in new if name not in respelled]
    return Names(
        added=_added(names, before, after, fresh, partial(part.digest, salt)),
        changed=_union(names.changed, (name for name in differing if name in after and name not in own), respelled),
        removed=_union(names.removed, gone),
    )


def _added(
    names: Names, before: Dict[str, Any], after: Dict[str, Any], fresh: List[str], digest: Callable[[Any], str]
) -> Dict[str, Tuple[str, ...]]:
    """Return what has been added, with the digests of what it may hold until ``before`` has become ``after``."""
    added = {name: digests for name, digests in names.added.items() if name in before}
    for name in added:
        if name in after and after[name] is not before[name]:
            given = digest(after[name])
            # What others have given it is not ours, even if something beside it is changed.
            if given != digest(before[name]):
                added[name] = _union(added[name], (given,))
    added.update((name, (digest(after[name]),)) for name in fresh)
    return added


def _settled(names: Names, fields: Dict[str, Any], salt: bytes, part: _Part) -> Names:
    """Return what is still true of ``names`` once the file has become ``fields``."""
    after = part.items(fields)
    theirs = {part.spelling(name) for name in after if name not in names.added} if names.removed else set()
    added = {name: digests for name, digests in names.added.items() if name in after}
    for name, digests in added.items():
        now = part.digest(salt, after[name]) if len(digests) > 1 else ""
        added[name] = (now,) if now in digests else digests
    return Names(
        added=added,
        changed=tuple(name for name in names.changed if name in after),
        removed=tuple(name for name in names.removed if part.spelling(name) not in theirs),
    )


def _union(*groups: Iterable[str]) -> Tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))
