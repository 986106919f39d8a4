# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is noted beside an auth file: which names, when, and that a run that is cut off leaves a note that covers it."""

import json

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_file, _auth_record
from ansible_collections.airgap.openshift.plugins.module_utils._auth_record import Names, Noted, Record
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._files import Write

A, B, C = {"auth": "YTph"}, {"auth": "Yjpi"}, {"auth": "Yzpj"}


def planned(before, after):
    dest = AuthFile(before)
    return _auth_file.compare(dest, after, before != after)


def read(raw):
    return _auth_record.read("/d", lambda path: raw if path == "/d.airgap-openshift.json" else None)


def noted(before, after, old=None, exists=True):
    """The records that are read before and after the file is written, whichever of them are written."""
    note = _auth_record.noted(old, exists, planned(before, after))
    first = read(note.before) if note.before else old or Record()
    return first, read(note.after) if note.after else first


def auths(**entries):
    return {"auths": {name.replace("_", "."): entry for name, entry in entries.items()}}


ADDED, CHANGED, REMOVED = (lambda name, kind=kind: Names(**{kind: (name,)}) for kind in Names._fields)


@pytest.mark.parametrize(
    ("old", "before", "after", "during", "done"),
    [
        pytest.param(None, auths(), auths(a_io=A), ADDED("a.io"), ADDED("a.io"), id="added"),
        pytest.param(None, auths(a_io=A), auths(a_io=B), CHANGED("a.io"), CHANGED("a.io"), id="changed"),
        pytest.param(None, auths(a_io=A), auths(), REMOVED("a.io"), REMOVED("a.io"), id="removed"),
        pytest.param(ADDED("a.io"), auths(a_io=A), auths(a_io=B), ADDED("a.io"), ADDED("a.io"), id="ours, changed"),
        pytest.param(
            ADDED("a.io"), auths(a_io=A), auths(), ADDED("a.io"), Names(), id="ours, removed: forgotten afterwards"
        ),
        pytest.param(
            ADDED("a.io"), auths(a_io=A), auths(a_io=A, b_io=B), Names(("a.io", "b.io")), Names(("a.io", "b.io")),
            id="more added",
        ),
        pytest.param(
            ADDED("a.io"), auths(), auths(b_io=B), ADDED("b.io"), ADDED("b.io"), id="ours, removed by somebody else"
        ),
        pytest.param(
            CHANGED("a.io"), auths(a_io=A), auths(), Names((), ("a.io",), ("a.io",)), REMOVED("a.io"),
            id="changed once, now removed",
        ),
        pytest.param(
            REMOVED("a.io"), auths(), auths(a_io=B), Names((), ("a.io",), ("a.io",)), CHANGED("a.io"),
            id="removed once, now added: it is not ours for that",
        ),
        pytest.param(
            None, {"auths": {"a.io/": A}}, auths(a_io=A), Names((), ("a.io",), ("a.io/",)), CHANGED("a.io"),
            id="spelled anew",
        ),
        pytest.param(
            ADDED("a.io/"), {"auths": {"a.io/": A}}, auths(a_io=A), Names(("a.io/", "a.io")), ADDED("a.io"),
            id="ours, spelled anew",
        ),
        pytest.param(
            None, {"auths": {"https://a.io": A}}, {"auths": {"https://a.io": A, "a.io": B}}, ADDED("a.io"),
            ADDED("a.io"), id="another spelling that stays",
        ),
        pytest.param(
            None, {"auths": {"a.io/": A, "a.io": A}}, auths(a_io=A), REMOVED("a.io/"), Names(),
            id="a second spelling that goes",
        ),
        pytest.param(
            ADDED("a.io"),
            {"auths": {"http://a.io": [], "a.io": A}},
            auths(a_io=A),
            Names(("a.io",), (), ("http://a.io",)),
            Names(("a.io",), (), ("http://a.io",)),
            id="a second spelling that goes, ours stays",
        ),
    ],
)  # fmt: skip
def test_what_is_noted_of_registries(old, before, after, during, done):
    known = Record(auths=old) if old else None
    assert [record.auths for record in noted(before, after, known)] == [during, done]


@pytest.mark.parametrize(
    ("before", "after", "helpers", "fields"),
    [
        ({}, {"auths": {}}, Names(), ADDED("auths")),
        ({"auths": None}, {"auths": {}}, Names(), Names()),
        ({"auths": {}}, {"auths": {}, "credHelpers": {"a": "x"}}, ADDED("a"), ADDED("credHelpers")),
        ({"auths": {}, "credHelpers": {"a": "x"}}, {"auths": {}, "credHelpers": {"a": "y"}}, CHANGED("a"), Names()),
        ({"auths": {}, "credHelpers": {"a": "x"}}, {"auths": {}}, REMOVED("a"), REMOVED("credHelpers")),
        ({"auths": {}, "credHelpers": "x"}, {"auths": {}, "credHelpers": {}}, Names(), CHANGED("credHelpers")),
        ({"auths": {}, "x": 1}, {"auths": {}, "x": 2, "y": 3}, Names(), Names(("y",), ("x",))),
    ],
)
def test_what_is_noted_of_other_parts(before, after, helpers, fields):
    during, done = noted(before, after)
    assert (done.helpers, done.fields) == (during.helpers, during.fields) == (helpers, fields)


def test_a_file_that_was_not_there():
    created = Record(True, ADDED("a.io"), fields=ADDED("auths"))
    assert noted({}, auths(a_io=A), exists=False) == (created, created)
    # Whatever an earlier one held.
    stale = Record(False, Names(("b.io",), ("c.io",), ("d.io",)))
    assert noted({}, auths(a_io=A), stale, exists=False) == (created, created)


def test_a_file_that_was_made_stays_so():
    made = Record(True, ADDED("a.io"))
    assert noted(auths(a_io=A), auths(a_io=A, b_io=B), made)[1].created


@pytest.mark.parametrize(
    ("old", "before", "after", "expected"),
    [
        (None, {"auths": {}}, {"auths": {}}, (False, False)),
        (None, auths(), auths(a_io=A), (True, False)),
        (Record(auths=ADDED("a.io")), auths(a_io=A), auths(a_io=B), (False, False)),
        (Record(auths=ADDED("a.io")), auths(), auths(a_io=A), (False, False)),
        (Record(auths=ADDED("a.io")), auths(a_io=A), auths(), (False, True)),
        (Record(auths=ADDED("a.io")), auths(a_io=A), auths(b_io=A), (True, True)),
    ],
)
def test_a_note_that_is_true_already_is_not_written(old, before, after, expected):
    """The fourth is a run that was cut off between the note and the file, and is repeated."""
    note = _auth_record.noted(old, True, planned(before, after))
    assert (note.before is not None, note.after is not None) == expected


def test_the_note_goes_first_and_is_settled_last():
    plan = planned(auths(a_io=A), auths(b_io=B))
    record, content = (
        "/d.airgap-openshift.json",
        b'{\n\t"auths": {\n\t\t"b.io": {\n\t\t\t"auth": "Yjpi"\n\t\t}\n\t}\n}\n',
    )
    assert _auth_record.writes("/d", plan, Noted(b"1", b"2")) == [
        Write(record, b"1"),
        Write("/d", content),
        Write(record, b"2"),
    ]
    assert _auth_record.writes("/d", plan, Noted()) == [Write("/d", content)]


def test_the_record_survives_its_file():
    record = Record(True, Names(("a.io", "é", "\ud83d"), ("b",), ("c",)), ADDED("h"), REMOVED("x"))
    assert read(_auth_record.dump(record)) == record
    assert sorted(record.registries) == sorted(["a.io", "é", "\ud83d", "b", "c", "h"])
    assert read(None) is None


def test_names_only():
    """What could be a password in one is left out, whatever it is noted as."""
    key = "https://me:secret@a.io"
    note = _auth_record.noted(None, True, planned({"auths": {"me:secret@b.io": A}}, {"auths": {key: A, "me@c.io": B}}))
    assert json.loads(note.before.decode()) == {
        "format": 1,
        "created": False,
        "auths": {"added": ["me@c.io"], "changed": [], "removed": []},
        "credHelpers": {"added": [], "changed": [], "removed": []},
        "fields": {"added": [], "changed": [], "removed": []},
    }


SOUND = json.loads(_auth_record.dump(Record()).decode())


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100000,
        json.dumps(dict(SOUND, format=2)).encode(),
        json.dumps(dict(SOUND, auths=[])).encode(),
        json.dumps(dict(SOUND, auths={"added": []})).encode(),
        json.dumps(dict(SOUND, credHelpers={"added": [1], "changed": [], "removed": []})).encode(),
        json.dumps(dict(SOUND, fields={"added": "ab", "changed": [], "removed": []})).encode(),
        json.dumps({name: value for name, value in SOUND.items() if name != "created"}).encode(),
    ],
)
def test_a_damaged_record(damaged):
    with pytest.raises(AuthFileError, match=r"^/d\.airgap-openshift\.json is damaged, .*; remove it, and") as error:
        read(damaged)
    assert error.value.__cause__ is None
