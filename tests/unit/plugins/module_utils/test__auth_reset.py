# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of an auth file when what was merged into it is taken back."""

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_reset
from ansible_collections.airgap.openshift.plugins.module_utils._auth_record import Names, Record
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile
from ansible_collections.airgap.openshift.plugins.module_utils._files import Write

A, B, C = {"auth": "YTph"}, {"auth": "Yjpi"}, {"auth": "Yzpj"}
AUTHS = Names(("auths",))
NOTE = Write("/d.airgap-openshift.json", None)


def plan(fields, record, exists=True):
    return _auth_reset.plan(AuthFile(fields), exists, record)


@pytest.mark.parametrize(
    ("before", "record", "after", "removes_file"),
    [
        pytest.param({"auths": {"a": A}}, Record(), {"auths": {"a": A}}, False, id="nothing was added"),
        pytest.param(
            {"auths": {"a": A, "b": B}}, Record(auths=Names(("a",))), {"auths": {"b": B}}, False, id="one was added"
        ),
        pytest.param(
            {"auths": {"b": B}}, Record(auths=Names(("a",))), {"auths": {"b": B}}, False, id="it is gone already"
        ),
        pytest.param({"auths": {"a": A}}, Record(auths=Names(("a",))), {"auths": {}}, False, id="auths was there"),
        pytest.param({"auths": {"a": A}}, Record(auths=Names(("a",)), fields=AUTHS), {}, False, id="auths was not"),
        pytest.param(
            {"auths": {"b": B}}, Record(auths=Names(("a",)), fields=AUTHS), {"auths": {"b": B}}, False,
            id="auths was not, but is of use now",
        ),
        pytest.param({"auths": {"a": A}}, Record(True, Names(("a",)), fields=AUTHS), {}, True, id="nor was the file"),
        pytest.param({"auths": {}}, Record(True), {"auths": {}}, True, id="nor was the file, and somebody emptied it"),
        pytest.param(
            {"auths": {"a": A, "b": B}}, Record(True, Names(("a",)), fields=AUTHS), {"auths": {"b": B}}, False,
            id="the file was not, but is of use now",
        ),
        pytest.param(
            {"auths": {"a": A}, "x": ""}, Record(True, Names(("a",)), fields=AUTHS), {"x": ""}, False,
            id="the file was not, and has another field now",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": {"h": "x", "i": "y"}}, Record(helpers=Names(("h",))),
            {"auths": {}, "credHelpers": {"i": "y"}}, False, id="a helper was added",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": {"h": "x", "i": "y"}},
            Record(helpers=Names(("h",)), fields=Names(("credHelpers",))),
            {"auths": {}, "credHelpers": {"i": "y"}}, False, id="the first helper was added, and another since",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": {"h": "x"}}, Record(helpers=Names(("h",)), fields=Names(("credHelpers",))),
            {"auths": {}}, False, id="the only helper was added",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": "?", "x": 1}, Record(helpers=Names(("h",)), fields=Names(("x", "y"))),
            {"auths": {}, "credHelpers": "?"}, False, id="fields were added",
        ),
        pytest.param(
            {"auths": {}, "credHelpers": True}, Record(fields=Names(("credHelpers",))), {"auths": {}}, False,
            id="helpers that are none were added",
        ),
        pytest.param(
            {"auths": {"a": A}}, Record(auths=Names((), ("a",), ("a",))), {"auths": {"a": A}}, False,
            id="what was changed or removed stays as it is",
        ),
    ],
)  # fmt: skip
def test_plan(before, record, after, removes_file):
    reset = plan(before, record)
    assert (reset.plan.after, reset.removes_file) == (after, removes_file)
    assert reset.plan.changed == (before != after)


def test_order_stays():
    fields = {"x": 1, "auths": {"c": C, "a": A, "b": B}, "y": 2}
    after = plan(fields, Record(auths=Names(("a",)))).plan.after
    assert (list(after), list(after["auths"])) == (["x", "auths", "y"], ["c", "b"])


def test_a_file_that_is_gone():
    reset = plan({}, Record(True, Names(("a",), ("b",), ("c",)), fields=AUTHS), exists=False)
    assert (reset.plan.changed, reset.removes_file, reset.not_restored) == (False, False, [])


def test_what_is_not_restored():
    record = Record(
        auths=Names(("a",), ("b", "gone"), ("c", "back")),
        helpers=Names((), ("h", "gone"), ("i",)),
        fields=Names((), ("x", "gone"), ("y",)),
    )
    fields = {"auths": {"a": A, "b": B, "back": C}, "credHelpers": {"h": "x"}, "x": 1}
    assert plan(fields, record).not_restored == ["b", "c", "h", "i", "x", "y"]
    assert plan({"auths": None, "credHelpers": "?"}, record).not_restored == ["c", "back", "i", "y"]


@pytest.mark.parametrize(
    ("fields", "record", "writes"),
    [
        ({"auths": {"a": A}}, Record(auths=Names(("a",))), [Write("/d", b'{\n\t"auths": {}\n}\n'), NOTE]),
        ({"auths": {"b": B}}, Record(auths=Names(("a",))), [NOTE]),
        ({"auths": {"a": A}}, Record(True, Names(("a",))), [Write("/d", None), NOTE]),
    ],
)
def test_the_record_goes_last(fields, record, writes):
    assert _auth_reset.writes(plan(fields, record), "/d") == writes


@pytest.mark.parametrize(
    ("fields", "record", "check_mode", "msg"),
    [
        (
            {"auths": {"a": A, "b": B}}, Record(auths=Names(("a",))), False,
            "/d holds nothing of what was merged (taken back: 'a'; left: 'b')",
        ),
        (
            {"auths": {"a": A, "b": B}}, Record(auths=Names(("a",), ("b",), ("c",))), True,
            "/d would hold nothing of what was merged (taken back: 'a'; left: 'b'; not as before, since the merge "
            "changed or removed it: 'b', 'c')",
        ),
        ({"auths": {"a": A}}, Record(True, Names(("a",))), False, "/d is removed (taken back: 'a')"),
        ({"auths": {"a": A}}, Record(True, Names(("a",))), True, "/d would be removed (taken back: 'a')"),
        ({"auths": {}}, Record(True), False, "/d is removed"),
        ({"auths": {}}, Record(), False, "/d holds nothing of what was merged"),
    ],
)  # fmt: skip
def test_the_sentence(fields, record, check_mode, msg):
    assert _auth_reset.report(plan(fields, record), "/d", check_mode)["msg"] == msg


def test_the_report():
    record = Record(auths=Names(("a",), ("b",)))
    told = _auth_reset.report(plan({"auths": {"a": A, "b": B, "c": C}}, record), "/d", False)
    assert (told["removed"], told["left"], told["registries"]) == (["a"], ["b", "c"], ["b", "c"])
    assert (told["not_restored"], told["changed"]) == (["b"], True)
    assert (told["diff"][0]["before"], told["diff"][0]["after"]) == ("- a\n- b\n- c\n", "- b\n- c\n")
    removal = _auth_reset.report(plan({"auths": {}}, Record(True)), "/d", False)
    assert removal["diff"][1] == {"before": {"state": "file"}, "after": {"state": "absent"}}
    assert told["diff"][1] == {}


def test_nothing_to_take_back():
    told = _auth_reset.nothing("/d")
    assert (told["changed"], told["removed"], told["left"], told["diff"]) == (False, [], [], [])
    assert told["msg"].startswith("there is nothing to take back from /d: ")
    assert told.keys() == _auth_reset.report(plan({}, Record()), "/d", False).keys()
