# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is noted beside an auth file: which names, when, and that a run that is cut off leaves a note that covers it."""

import base64
import hashlib
import hmac
import json

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_file, _auth_record
from ansible_collections.airgap.openshift.plugins.module_utils._auth_record import Names, Noted, Record
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._files import Write

A, B, C = {"auth": "YTph"}, {"auth": "Yjpi"}, {"auth": "Yzpj"}
SALT = b"\x05" * 32


def planned(before, after):
    dest = AuthFile(before)
    return _auth_file.compare(dest, after, before != after)


def read(raw):
    return _auth_record.read("/d", lambda path: raw if path == "/d.airgap-openshift.json" else None)


def write(old, before, after, exists=True, link=False):
    return _auth_record.noted(old, planned(before, after), exists=exists, link=link, salt=SALT)


def noted(before, after, old=None, exists=True, link=False):
    """The records that are read before and after the file is written, whichever of them are written."""
    note = write(old, before, after, exists, link)
    first = read(note.before) if note.before else old or Record(salt=SALT)
    return first, read(note.after) if note.after else first


def auths(**entries):
    return {"auths": {name.replace("_", "."): entry for name, entry in entries.items()}}


def digest(entry):
    return noted({"auths": {}}, {"auths": {"x": entry}})[1].auths.added["x"][0]


def of_value(value):
    return noted({}, {"x": value})[1].fields.added["x"][0]


def added(*names, **digests):
    """What is noted of entries A that were added, or of others, each with what it may hold."""
    entries = dict.fromkeys(names, (A,))
    entries.update((name.replace("_", "."), may_be) for name, may_be in digests.items())
    return Names({name: tuple(map(digest, may_be)) for name, may_be in entries.items()})


def new(name, value):
    return Names({name: (of_value(value),)})


def changed(*names, **others):
    return Names(changed=names, **others)


def removed(*names):
    return Names(removed=names)


@pytest.mark.parametrize(
    ("old", "before", "after", "during", "done"),
    [
        pytest.param(None, auths(), auths(a_io=A), added("a.io"), added("a.io"), id="added"),
        pytest.param(None, auths(a_io=A), auths(a_io=B), changed("a.io"), changed("a.io"), id="changed"),
        pytest.param(None, auths(a_io=A), auths(), removed("a.io"), removed("a.io"), id="removed"),
        pytest.param(
            added("a.io"), auths(a_io=A), auths(a_io=B), added(a_io=(A, B)), added(a_io=(B,)), id="ours, changed"
        ),
        pytest.param(
            added("a.io"), auths(a_io=A), auths(), added("a.io"), Names(), id="ours, removed: forgotten afterwards"
        ),
        pytest.param(
            added("a.io"), auths(a_io=A), auths(a_io=A, b_io=B), added("a.io", b_io=(B,)), added("a.io", b_io=(B,)),
            id="more added",
        ),
        pytest.param(
            added("a.io"), auths(), auths(b_io=B), added(b_io=(B,)), added(b_io=(B,)),
            id="ours, removed by somebody else",
        ),
        pytest.param(
            added("a.io"), auths(), auths(a_io=B), added(a_io=(B,)), added(a_io=(B,)),
            id="ours, removed by somebody else, now added again",
        ),
        pytest.param(
            added("a.io"), auths(a_io=B), auths(a_io=B, b_io=B), added("a.io", b_io=(B,)), added("a.io", b_io=(B,)),
            id="ours, changed by somebody else",
        ),
        pytest.param(
            added("a.io"), auths(a_io=B), auths(a_io=C), added(a_io=(A, C))._replace(changed=("a.io",)),
            added(a_io=(C,))._replace(changed=("a.io",)), id="ours, changed by somebody else, now replaced",
        ),
        pytest.param(
            added("a.io"), auths(a_io=B), auths(a_io=dict(B, email="e")), added("a.io")._replace(changed=("a.io",)),
            added("a.io")._replace(changed=("a.io",)), id="ours, login changed by somebody else, now what is beside it",
        ),
        pytest.param(
            added("a.io"), auths(a_io=B), auths(), added("a.io")._replace(removed=("a.io",)), removed("a.io"),
            id="ours, changed by somebody else, now removed",
        ),
        pytest.param(
            added(a_io=(A, B)), auths(a_io=A), auths(a_io=B), added(a_io=(A, B)), added(a_io=(B,)),
            id="cut off before the file was written, and repeated",
        ),
        pytest.param(
            added(a_io=(A, B)), auths(a_io=B), auths(a_io=C), added(a_io=(A, B, C)), added(a_io=(C,)),
            id="cut off before the note was settled, then changed again",
        ),
        pytest.param(
            changed("a.io"), auths(a_io=A), auths(), changed("a.io", removed=("a.io",)), removed("a.io"),
            id="changed once, now removed",
        ),
        pytest.param(
            removed("a.io"), auths(), auths(a_io=B), changed("a.io", removed=("a.io",)), changed("a.io"),
            id="removed once, now added: it is not ours for that",
        ),
        pytest.param(
            None, {"auths": {"a.io/": A}}, auths(a_io=A), changed("a.io", removed=("a.io/",)), changed("a.io"),
            id="spelled anew",
        ),
        pytest.param(
            added("a.io/"), {"auths": {"a.io/": A}}, auths(a_io=A), added("a.io/", "a.io"), added("a.io"),
            id="ours, spelled anew",
        ),
        pytest.param(
            None, {"auths": {"https://a.io": A}}, {"auths": {"https://a.io": A, "a.io": B}}, added(a_io=(B,)),
            added(a_io=(B,)), id="another spelling that stays",
        ),
        pytest.param(
            None, {"auths": {"a.io/": A, "a.io": A}}, auths(a_io=A), removed("a.io/"), Names(),
            id="a second spelling that goes",
        ),
        pytest.param(
            added("a.io"),
            {"auths": {"http://a.io": [], "a.io": A}},
            auths(a_io=A),
            added("a.io")._replace(removed=("http://a.io",)),
            added("a.io")._replace(removed=("http://a.io",)),
            id="a second spelling that goes, ours stays",
        ),
    ],
)  # fmt: skip
def test_what_is_noted_of_registries(old, before, after, during, done):
    known = Record(auths=old, salt=SALT) if old else None
    assert [record.auths for record in noted(before, after, known)] == [during, done]


@pytest.mark.parametrize(
    ("before", "after", "helpers", "fields"),
    [
        ({}, {"auths": {}}, Names(), new("auths", {})),
        ({}, {"auths": {"a": A}}, Names(), new("auths", {})),
        ({"auths": None}, {"auths": {}}, Names(), Names()),
        ({"auths": {}}, {"auths": {}, "credHelpers": {"a": "x"}}, new("a", "x"), new("credHelpers", {})),
        ({"auths": {}, "credHelpers": {"a": "x"}}, {"auths": {}, "credHelpers": {"a": "y"}}, changed("a"), Names()),
        ({"auths": {}, "credHelpers": {"a": "x"}}, {"auths": {}}, removed("a"), removed("credHelpers")),
        ({"auths": {}, "credHelpers": "x"}, {"auths": {}, "credHelpers": {}}, Names(), changed("credHelpers")),
        ({"auths": {}, "x": 1}, {"auths": {}, "x": 2, "y": 3}, Names(), new("y", 3)._replace(changed=("x",))),
    ],
)
def test_what_is_noted_of_other_parts(before, after, helpers, fields):
    during, done = noted(before, after)
    assert (done.helpers, done.fields) == (during.helpers, during.fields) == (helpers, fields)


def test_a_file_that_was_not_there():
    created = Record(True, added("a.io"), fields=new("auths", {}), salt=SALT)
    assert noted({}, auths(a_io=A), exists=False) == (created, created)
    # Whatever an earlier one held.
    stale = Record(False, Names({"b.io": ()}, ("c.io",), ("d.io",)), salt=SALT, link=True)
    assert noted({}, auths(a_io=A), stale, exists=False) == (created, created)


def test_a_file_that_was_made_stays_so():
    made = Record(True, added("a.io"), salt=SALT)
    assert noted(auths(a_io=A), auths(a_io=A, b_io=B), made)[1].created


@pytest.mark.parametrize("exists", [True, False])
def test_a_link_is_noted_and_stays_so(exists):
    """Also where nothing else is to be done, and where it led to nothing."""
    first, last = noted(auths(a_io=A), auths(a_io=A), exists=exists, link=True)
    assert (first.link, last.link, last.created) == (True, True, not exists)
    assert noted(auths(a_io=A), auths(a_io=B), last)[1].link
    assert not noted(auths(a_io=A), auths(a_io=B))[1].link


@pytest.mark.parametrize(
    ("old", "before", "after", "expected"),
    [
        (None, {"auths": {}}, {"auths": {}}, (False, False)),
        (None, auths(), auths(a_io=A), (True, False)),
        (added("a.io"), auths(a_io=A), auths(a_io=dict(A, email="e")), (False, False)),
        (added("a.io"), auths(a_io=A), auths(a_io=B), (True, True)),
        (added("a.io"), auths(), auths(a_io=A), (False, False)),
        (added(a_io=(A, B)), auths(a_io=A), auths(a_io=B), (False, True)),
        (added("a.io"), auths(a_io=A), auths(), (False, True)),
        (added("a.io"), auths(a_io=A), auths(b_io=A), (True, True)),
    ],
)
def test_a_note_that_is_true_already_is_not_written(old, before, after, expected):
    """The fifth and the sixth are runs that were cut off between the note and the file, and are repeated."""
    note = write(old and Record(auths=old, salt=SALT), before, after)
    assert (note.before is not None, note.after is not None) == expected


def test_a_note_keeps_its_salt():
    """Otherwise nothing would be ours any more; and a run that was cut off and is repeated would write it again."""
    known = Record(True, added("a.io"), salt=b"other")
    assert noted(auths(a_io=A), auths(a_io=A, b_io=B), known)[1].salt == b"other"
    assert noted({}, auths(a_io=A), known, exists=False)[1].salt == b"other"


def hmac_of(text, salt=SALT):
    return hmac.new(salt, text.encode("ascii"), hashlib.sha256).hexdigest()


def test_a_digest_is_salted_and_of_what_clients_send():
    """Another release must find the same."""
    text = '{\n\t"auth": "YTph",\n\t"tokens": []\n}\n'
    assert digest(A) == hmac_of(text)
    other = _auth_record.noted(None, planned(auths(), auths(a_io=A)), exists=True, link=False, salt=b"other")
    assert read(other.before).auths.added["a.io"] == (hmac_of(text, b"other"),)
    assert of_value({"a": 1}) == hmac_of('{\n\t"": {\n\t\t"a": 1\n\t}\n}\n')


@pytest.mark.parametrize(
    ("entry", "other", "same"),
    [
        (A, {"auth": "YTph", "email": "e", "x": [1]}, True),
        (A, {"auth": "YT\nph"}, True),
        (A, {"username": "a", "password": "a"}, True),
        (A, B, False),
        (A, {"auth": "YTpi"}, False),
        (A, {"auth": "Yjph"}, False),
        (A, dict(A, identitytoken="t"), False),
        (dict(A, identitytoken="t"), dict(A, registrytoken="t"), False),
        (dict(A, identitytoken="t"), dict(A, identitytoken="u"), False),
        (dict(A, identitytoken="t"), dict(B, identitytoken="t"), False),
        ({"identitytoken": "t"}, {"identitytoken": "t", "auth": ""}, True),
        ({"identitytoken": "t"}, A, False),
        ({"identitytoken": "t", "registrytoken": {"a": None}}, {"identitytoken": "t"}, False),
        ({}, A, False),
        ({}, {"auth": "broken!"}, False),
        ({"auth": "broken!"}, {"auth": "broken?"}, False),
        (None, {}, False),
        ("\ud83d", "x", False),
    ],
)
def test_what_makes_another_digest(entry, other, same):
    assert (digest(entry) == digest(other)) is same


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"auths": {"a": A, "b": B}, "credHelpers": {"h": "x", "i": "y"}, "z": 1}, [{"a"}, {"h"}, {"auths", "z"}]),
        ({"auths": {"a": dict(A, email="e")}, "credHelpers": {"h": "y"}, "z": 2}, [{"a"}, set(), {"auths"}]),
        ({"auths": {"a": B}}, [set(), set(), {"auths"}]),
        ({"auths": None, "credHelpers": "x"}, [set(), set(), {"auths"}]),
        ({}, [set(), set(), set()]),
    ],
)
def test_what_is_as_it_was_added(fields, expected):
    record = Record(
        auths=added("a", "gone"),
        helpers=new("h", "x"),
        fields=Names({"auths": (of_value({}),), "z": (of_value("?"), of_value(1))}),
        salt=SALT,
    )
    assert _auth_record.as_added(record, fields) == expected


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
    names = Names({"a.io": ("1",), "é": ("2", "3"), "\ud83d": ()}, ("b",), ("c",))
    record = Record(True, names, Names({"h": ("4",)}), removed("x"), b"\x00\xff", True)
    assert read(_auth_record.dump(record)) == record
    assert sorted(record.registries) == sorted(["a.io", "é", "\ud83d", "b", "c", "h"])
    assert read(None) is None


def test_names_and_digests_only():
    """What could be a password in a name is left out, whatever it is noted as."""
    key = "https://me:secret@a.io"
    before = {"auths": {"me:secret@b.io": A}}
    note = write(None, before, {"auths": {key: A, "me@c.io": B}})
    assert note.before is not None
    assert json.loads(note.before.decode()) == {
        "format": 1,
        "created": False,
        "link": False,
        "salt": "05" * 32,
        "auths": {"added": {"me@c.io": [digest(B)]}, "changed": [], "removed": []},
        "credHelpers": {"added": {}, "changed": [], "removed": []},
        "fields": {"added": {}, "changed": [], "removed": []},
    }
    for secret in ("secret", B["auth"], base64.b64decode(B["auth"]).decode()):
        assert secret not in note.before.decode()


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
        json.dumps(dict(SOUND, auths={"added": {}})).encode(),
        json.dumps(dict(SOUND, auths={"added": ["a"], "changed": [], "removed": []})).encode(),
        json.dumps(dict(SOUND, auths={"added": {"a": "digest"}, "changed": [], "removed": []})).encode(),
        json.dumps(dict(SOUND, auths={"added": {"a": [1]}, "changed": [], "removed": []})).encode(),
        json.dumps(dict(SOUND, credHelpers={"added": {}, "changed": [1], "removed": []})).encode(),
        json.dumps(dict(SOUND, fields={"added": {}, "changed": "ab", "removed": []})).encode(),
        json.dumps(dict(SOUND, salt="xy")).encode(),
        json.dumps(dict(SOUND, salt=None)).encode(),
        json.dumps({name: value for name, value in SOUND.items() if name != "created"}).encode(),
    ],
)
def test_a_damaged_record(damaged):
    with pytest.raises(AuthFileError, match=r"^/d\.airgap-openshift\.json is damaged, .*; remove it, and") as error:
        read(damaged)
    assert error.value.__cause__ is None
