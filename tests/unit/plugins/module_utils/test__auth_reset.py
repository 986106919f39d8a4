# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of an auth file when what was merged into it is taken back."""

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_file, _auth_record, _auth_reset
from ansible_collections.airgap.openshift.plugins.module_utils._auth_record import Names, Record
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile
from ansible_collections.airgap.openshift.plugins.module_utils._files import Write

A, B, C = {"auth": "YTph"}, {"auth": "Yjpi"}, {"auth": "Yzpj"}
SALT = b"\x05" * 32
NOTE = Write("/d.airgap-openshift.json", None)


def noted(fields):
    """What is noted of fields that were all added."""
    planned = _auth_file.compare(AuthFile({}), fields, True)
    note = _auth_record.noted(None, planned, exists=True, link=False, salt=SALT)
    return _auth_record.read("/d", lambda _path: note.before)


def added(changed=(), removed=(), **entries):
    return Names(noted({"auths": entries}).auths.added, changed, removed)


def helpers(**items):
    return noted({"credHelpers": items}).helpers


def others(**items):
    return noted(items).fields


AUTHS = others(auths={})


def plan(fields, record, exists=True):
    return _auth_reset.plan(AuthFile(fields, name="/d"), exists, record._replace(salt=SALT))


@pytest.mark.parametrize(
    ("before", "record", "after", "removes_file"),
    [
        pytest.param({"auths": {"a": A}}, Record(), {"auths": {"a": A}}, False, id="nothing was added"),
        pytest.param(
            {"auths": {"a": A, "b": B}}, Record(auths=added(a=A)), {"auths": {"b": B}}, False, id="one was added"
        ),
        pytest.param(
            {"auths": {"b": B}}, Record(auths=added(a=A)), {"auths": {"b": B}}, False, id="it is gone already"
        ),
        pytest.param({"auths": {"a": A}}, Record(auths=added(a=A)), {"auths": {}}, False, id="auths was there"),
        pytest.param({"auths": {"a": A}}, Record(auths=added(a=A), fields=AUTHS), {}, False, id="auths was not"),
        pytest.param(
            {"auths": {"b": B}}, Record(auths=added(a=A), fields=AUTHS), {"auths": {"b": B}}, False,
            id="auths was not, but is of use now",
        ),
        pytest.param({"auths": {"a": A}}, Record(True, added(a=A), fields=AUTHS), {}, True, id="nor was the file"),
        pytest.param({"auths": {}}, Record(True), {"auths": {}}, True, id="nor was the file, and somebody emptied it"),
        pytest.param(
            {"auths": {"a": A, "b": B}}, Record(True, added(a=A), fields=AUTHS), {"auths": {"b": B}}, False,
            id="the file was not, but is of use now",
        ),
        pytest.param(
            {"auths": {"a": A}, "x": ""}, Record(True, added(a=A), fields=AUTHS), {"x": ""}, False,
            id="the file was not, and has another field now",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": {"h": "x", "i": "y"}}, Record(helpers=helpers(h="x")),
            {"auths": {}, "credHelpers": {"i": "y"}}, False, id="a helper was added",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": {"h": "x", "i": "y"}},
            Record(helpers=helpers(h="x"), fields=others(credHelpers={})),
            {"auths": {}, "credHelpers": {"i": "y"}}, False, id="the first helper was added, and another since",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": {"h": "x"}}, Record(helpers=helpers(h="x"), fields=others(credHelpers={})),
            {"auths": {}}, False, id="the only helper was added",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": "?", "x": 1}, Record(helpers=helpers(h="x"), fields=others(x=1, y=1)),
            {"auths": {}, "credHelpers": "?"}, False, id="fields were added",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": True}, Record(fields=others(credHelpers=True)), {"auths": {}}, False,
            id="helpers that are none were added",
        ),
        pytest.param(
            {"auths": {"a": A}}, Record(auths=Names({}, ("a",), ("a",))), {"auths": {"a": A}}, False,
            id="what was changed or removed stays as it is",
        ),
        pytest.param(
            {"auths": {"a": B, "b": B}}, Record(True, added(a=A, b=B), fields=AUTHS), {"auths": {"a": B}}, False,
            id="one was added, and others have changed its login since",
        ),
        pytest.param(
            {"auths": {"a": dict(A, email="e")}}, Record(auths=added(a=A)), {"auths": {}}, False,
            id="one was added, and others have changed what is beside its login since",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": {"h": "y"}, "x": 2, "y": 1},
            Record(helpers=helpers(h="x"), fields=others(credHelpers={}, x=1, y=1)),
            {"auths": {}, "credHelpers": {"h": "y"}, "x": 2}, False, id="others changed a helper and a field since",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": "x"}, Record(fields=others(credHelpers={})),
            {"auths": {}, "credHelpers": "x"}, False, id="others have put something else in place of helpers since",
        ),
    ],
)  # fmt: skip
def test_plan(before, record, after, removes_file):
    reset = plan(before, record)
    assert (reset.plan.after, reset.removes_file) == (after, removes_file)
    assert reset.plan.changed == (before != after)


def test_order_stays():
    fields = {"x": 1, "auths": {"c": C, "a": A, "b": B}, "y": 2}
    after = plan(fields, Record(auths=added(a=A))).plan.after
    assert (list(after), list(after["auths"])) == (["x", "auths", "y"], ["c", "b"])


def test_a_file_that_is_gone():
    reset = plan({}, Record(True, added(("b",), ("c",), a=A), fields=AUTHS), exists=False)
    assert (reset.plan.changed, reset.removes_file, reset.not_restored) == (False, False, [])


def test_what_is_not_restored():
    record = Record(
        auths=added(("b", "gone"), ("c", "back"), a=A),
        helpers=Names({}, ("h", "gone"), ("i",)),
        fields=Names({}, ("x", "gone"), ("y",)),
    )
    fields = {"auths": {"a": A, "b": B, "back": C}, "credHelpers": {"h": "x"}, "x": 1}
    assert plan(fields, record).not_restored == ["b", "c", "h", "i", "x", "y"]
    assert plan({"auths": None, "credHelpers": "?"}, record).not_restored == ["c", "back", "i", "y"]


def test_what_others_have_changed_since():
    """That which they have removed is nowhere left."""
    record = Record(auths=added(a=A, b=B, gone=C), helpers=helpers(a="x", h="x"), fields=others(x=1))
    reset = plan({"auths": {"a": B, "b": B}, "credHelpers": {"a": "y", "h": "x"}, "x": 2}, record)
    assert reset.changed_since == ["a", "x"]


def test_what_is_lost_of_an_entry_that_was_added_changed_by_others_and_replaced():
    record = Record(auths=added(("a", "gone"), a=A, gone=A))
    reset = plan({"auths": {"a": A}}, record)
    assert (reset.plan.removed, reset.not_restored) == (["a"], ["a"])


def test_nothing_is_named_twice():
    """Of a run that was cut off, and of a registry that had an entry and a helper."""
    assert plan({"auths": {"a": A}}, Record(auths=Names({}, ("a",), ("a",)))).not_restored == ["a"]
    gone = Names(removed=("a",))
    assert plan({}, Record(auths=gone, helpers=gone)).not_restored == ["a"]


def test_a_link_is_not_restored():
    """Where the file is gone, nobody knows what became of it."""
    assert plan({"auths": {"a": A}}, Record(auths=added(a=A), link=True)).link
    assert not plan({}, Record(link=True), exists=False).link


@pytest.mark.parametrize(
    ("fields", "record", "writes"),
    [
        ({"auths": {"a": A}}, Record(auths=added(a=A)), [Write("/d", b'{\n\t"auths": {}\n}\n'), NOTE]),
        ({"auths": {"b": B}}, Record(auths=added(a=A)), [NOTE]),
        ({"auths": {"a": A}}, Record(True, added(a=A)), [Write("/d", None), NOTE]),
    ],
)
def test_the_record_goes_last(fields, record, writes):
    assert _auth_reset.writes(plan(fields, record), "/d") == writes


@pytest.mark.parametrize(
    ("fields", "record", "check_mode", "msg"),
    [
        (
            {"auths": {"a": A, "b": B}}, Record(auths=added(a=A)), False,
            "/d holds nothing of what was merged (taken back: 'a'; left: 'b')",
        ),
        (
            {"auths": {"a": A, "b": B}}, Record(auths=added(("b",), ("c",), a=A)), True,
            "/d would hold nothing of what was merged (taken back: 'a'; left: 'b'; not as before, since the merge "
            "changed or removed it: 'b', 'c')",
        ),
        ({"auths": {"a": A}}, Record(True, added(a=A)), False, "/d is removed (taken back: 'a')"),
        ({"auths": {"a": A}}, Record(True, added(a=A)), True, "/d would be removed (taken back: 'a')"),
        ({"auths": {}}, Record(True), False, "/d is removed"),
        ({"auths": {}}, Record(), False, "/d holds nothing of what was merged"),
        (
            {"auths": {"a": B, "b": B, "c": C}, "x": 2}, Record(True, added(a=A, b=B), fields=others(x=1)), False,
            "/d holds nothing of what was merged (taken back: 'b'; left: 'c'; left, since somebody has changed it "
            "after the merge: 'a', 'x')",
        ),
        (
            {"auths": {"a": A}}, Record(auths=added(("b",), ("c",), a=A), link=True), False,
            "/d holds nothing of what was merged (taken back: 'a'; not as before, since the merge changed or removed "
            "it: 'c'; not restored: the symbolic link that the merge replaced)",
        ),
        (
            {"auths": {"a": A}}, Record(True, added(a=A), link=True), False,
            "/d is removed (taken back: 'a'; not restored: the symbolic link that the merge replaced)",
        ),
    ],
)  # fmt: skip
def test_the_sentence(fields, record, check_mode, msg):
    assert _auth_reset.report(plan(fields, record), "/d", check_mode)["msg"] == msg


def test_the_report():
    record = Record(auths=added(("b",), a=A))
    told = _auth_reset.report(plan({"auths": {"a": A, "b": B, "c": C}}, record), "/d", False)
    assert (told["removed"], told["left"], told["registries"]) == (["a"], ["b", "c"], ["b", "c"])
    assert (told["not_restored"], told["changed"]) == (["b"], True)
    assert (told["diff"][0]["before"], told["diff"][0]["after"]) == ("- a\n- b\n- c\n", "- b\n- c\n")
    since = _auth_reset.report(plan({"auths": {"a": B}}, record._replace(link=True)), "/d", False)
    assert (since["removed"], since["left"], since["not_restored"]) == ([], ["a"], ["/d"])
    removal = _auth_reset.report(plan({"auths": {}}, Record(True)), "/d", False)
    assert removal["diff"][1] == {"before": {"state": "file"}, "after": {"state": "absent"}}
    assert told["diff"][1] == {}


def test_nothing_to_take_back():
    told = _auth_reset.nothing("/d")
    assert (told["changed"], told["removed"], told["left"], told["diff"]) == (False, [], [], [])
    assert told["msg"].startswith("there is nothing to take back from /d: ")
    assert told.keys() == _auth_reset.report(plan({}, Record()), "/d", False).keys()
