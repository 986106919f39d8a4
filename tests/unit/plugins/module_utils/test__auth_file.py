# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import base64
import json

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_file
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError

NOTHING = AuthFile({})
HUB = "https://index.docker.io/v1/"


def entry(user="u", password="p", **fields):
    return dict({"auth": base64.b64encode(f"{user}:{password}".encode()).decode("ascii")}, **fields)


def auth_file(auths=None, **fields):
    return AuthFile(dict({"auths": auths or {}}, **fields))


def wanted(registry="reg", username="u", password="p", **options):
    return _auth_file.request(registry, username=username, password=password, **options)


def absent(registry="reg"):
    return _auth_file.request(registry, state="absent")


def plan(dest=NOTHING, source=NOTHING, requests=(), on_conflict="replace", invalid_entries="fail"):
    planned = _auth_file.plan(dest, source, list(requests), on_conflict=on_conflict, invalid_entries=invalid_entries)
    again = _auth_file.plan(
        AuthFile(planned.after), source, list(requests), on_conflict=on_conflict, invalid_entries=invalid_entries
    )
    assert not again.changed, "a second run must change nothing"
    assert again.after == planned.after
    return planned


def after(*args, **options):
    return plan(*args, **options).after["auths"]


OLD = entry("old")
TOKEN = {"identitytoken": "t"}


@pytest.mark.parametrize(
    ("dest", "source", "requests", "expected"),
    [
        pytest.param({}, {}, [], {}, id="nothing at all"),
        pytest.param({}, {"a": OLD}, [], {"a": OLD}, id="the cluster's secret to a file"),
        pytest.param({"z": OLD}, {"a": OLD}, [], {"z": OLD, "a": OLD}, id="what dest holds is not lost"),
        pytest.param({"a": OLD}, {"a": entry()}, [], {"a": entry()}, id="the secret has rotated"),
        pytest.param({}, {"a": OLD}, [wanted()], {"a": OLD, "reg": entry()}, id="added"),
        pytest.param({"reg": OLD}, {}, [wanted()], {"reg": entry()}, id="replaced"),
        pytest.param({"reg": entry()}, {"reg": OLD}, [wanted()], {"reg": entry()}, id="asked wins over the secret"),
        pytest.param({}, {"reg": OLD, "a": OLD}, [absent()], {"a": OLD}, id="removed from what the secret has"),
        pytest.param({"reg": OLD}, {}, [absent()], {}, id="removed"),
        pytest.param({"https://REG/v2/": OLD, "reg/": OLD}, {}, [absent()], {}, id="removed in all spellings"),
        pytest.param({}, {}, [absent()], {}, id="removed and never there"),
        pytest.param({"reg/ns": OLD}, {}, [absent()], {"reg/ns": OLD}, id="a namespace is another target"),
        pytest.param({"reg/": OLD, "a": OLD}, {}, [wanted()], {"a": OLD, "reg": entry()}, id="other spelling replaced"),
        pytest.param({"reg/": entry(email="e")}, {}, [wanted()], {"reg": entry(email="e")}, id="its fields are kept"),
        pytest.param({"docker.io": OLD}, {}, [wanted("docker.io")], {HUB: entry()}, id="docker hub"),
        pytest.param({"reg": {}}, {}, [wanted()], {"reg": entry()}, id="empty entry of the target"),
        pytest.param({"reg": None, "a": None}, {}, [wanted()], {"reg": entry(), "a": None}, id="null entry"),
        pytest.param({"reg": "text"}, {}, [wanted()], {"reg": entry()}, id="broken entry of the target"),
        pytest.param({"reg": "text"}, {}, [absent()], {}, id="broken entry removed"),
        pytest.param({"reg": entry(x={"y": [1]})}, {}, [wanted()], {"reg": entry(x={"y": [1]})}, id="unknown fields"),
        pytest.param({"reg": entry(email="e")}, {}, [wanted(email="f")], {"reg": entry(email="f")}, id="e-mail"),
        pytest.param({"reg": TOKEN}, {}, [wanted()], {"reg": entry()}, id="a token would win over the password"),
    ],
)
def test_what_the_file_holds_afterwards(dest, source, requests, expected):
    planned = after(auth_file(dest), auth_file(source), requests)
    assert planned == expected
    assert list(planned) == list(expected)


@pytest.mark.parametrize(
    ("there", "on_conflict", "expected"),
    [
        ({}, "keep", entry()),
        ({"reg": OLD}, "keep", OLD),
        ({"reg/": OLD}, "keep", OLD),
        ({"reg": TOKEN}, "keep", TOKEN),
        ({"reg": {}}, "keep", entry()),
        ({"reg": "text"}, "keep", entry()),
        ({"reg": entry()}, "fail", entry()),
        (
            {"reg": {"username": "u", "password": "p"}},
            "fail",
            {"username": "u", "password": "p", "auth": entry()["auth"]},
        ),
        ({}, "fail", entry()),
    ],
)
def test_conflicts(there, on_conflict, expected):
    assert after(auth_file(there), NOTHING, [wanted()], on_conflict) == {"reg": expected}
    assert after(NOTHING, auth_file(there), [wanted()], on_conflict) == {"reg": expected}


def test_a_conflict_that_fails_names_the_registries():
    with pytest.raises(AuthFileError) as caught:
        plan(auth_file({"reg": OLD, "other/": TOKEN}), NOTHING, [wanted(), wanted("other")], "fail")
    assert str(caught.value) == "other credentials are there for 'reg', 'other'; set on_conflict to replace or keep"


def test_top_level_fields_survive_and_those_of_the_source_count():
    dest = AuthFile({"HttpHeaders": {"a": "1"}, "auths": {}, "x": 1, "credHelpers": {"a": "h", "b": "h"}})
    source = auth_file(x=2, y="é", credHelpers={"b": "i"})
    planned = plan(dest, source)
    assert planned.after == {
        "HttpHeaders": {"a": "1"}, "auths": {}, "x": 2, "credHelpers": {"a": "h", "b": "i"}, "y": "é"
    }  # fmt: skip
    assert list(planned.after) == ["HttpHeaders", "auths", "x", "credHelpers", "y"]


def test_the_plan_tells_how_the_file_changes():
    dest = auth_file({"same": OLD, "reg": OLD, "gone": OLD})
    planned = plan(dest, auth_file({"new": OLD}), [wanted(), absent("gone")])
    assert planned.changed
    assert planned.added == ["new"]
    assert planned.changed_registries == ["reg"]
    assert planned.removed == ["gone"]
    assert planned.unchanged == ["same"]


@pytest.mark.parametrize("fields", [{}, {"auths": None}])
def test_a_file_without_auths_gets_them(fields):
    assert plan(AuthFile(fields)).changed


def test_a_byte_order_mark_alone_is_a_reason_to_write():
    planned = plan(AuthFile({"auths": {}}, byte_order_mark=True))
    assert planned.changed
    assert [finding.code for finding in planned.findings] == ["byte-order-mark"]
    assert not _auth_file.plan(
        auth_file(), AuthFile({"auths": {}}, byte_order_mark=True), [], on_conflict="keep", invalid_entries="fail"
    ).changed


def test_inputs_are_left_alone():
    dest, source = auth_file({"reg/": OLD, "a": OLD}), auth_file({"b": {"username": "u", "password": "p"}})
    before = json.dumps([dest, source])
    plan(dest, source, [wanted(), absent("a")])
    assert json.dumps([dest, source]) == before


def test_one_registry_cannot_be_asked_for_twice():
    with pytest.raises(AuthFileError) as caught:
        plan(requests=[wanted("reg"), absent("https://reg/")])
    assert str(caught.value) == "registries names 'reg' twice; remove one of them"


def test_a_bad_request_names_its_registry():
    with pytest.raises(AuthFileError) as caught:
        wanted("reg", username="")
    assert str(caught.value).startswith("registry 'reg': username or password has no user name")


def test_the_documented_key_is_corrected_and_the_result_says_so():
    planned = plan(requests=[wanted("my-registry:5000/my-namespace/")])
    assert planned.added == ["my-registry:5000/my-namespace"]
    assert planned.warnings == [
        "my-registry:5000/my-namespace: 'my-registry:5000/my-namespace/' ends in '/', so podman, skopeo, oc and "
        "oc-mirror would never match it; write 'my-registry:5000/my-namespace'"
    ]


def test_a_second_run_does_not_warn_about_what_the_first_has_repaired():
    source = auth_file({"pair": {"username": "u", "password": "p"}, "reg/": OLD, "https://x": OLD, "X.example/": OLD})
    requests = [wanted("https://reg/")]
    first = plan(NOTHING, source, requests)
    second = plan(AuthFile(first.after), source, requests)
    assert [finding.code for finding in first.findings] == [
        "url", "other-spelling", "username-password-only", "trailing-slash"
    ]  # fmt: skip
    assert first.findings == second.findings
    assert len(first.warnings) == 4
    assert second.warnings == [first.findings[-1].sentence()]


def test_an_entry_that_is_removed_or_replaced_is_not_judged():
    assert after(auth_file({"reg": "text"}), NOTHING, [wanted()]) == {"reg": entry()}
    assert after(auth_file({"reg": entry()}), auth_file({"reg": "text"}), [absent()]) == {}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (entry("a", "p"), wanted(username="b", password="p"), "user changed"),
        (entry("u", "a"), wanted(username="u", password="b"), "password changed"),
        (entry("a", "a"), wanted(username="b", password="b"), "user changed, password changed"),
        (entry(), wanted(email="e"), "other fields changed"),
        ({}, wanted(), "credentials changed"),
    ],
)
def test_the_diff_says_what_changed(old, new, words):
    before, now = _auth_file.describe(plan(auth_file({"quay.io": OLD, "reg": old}), NOTHING, [new]))
    assert before == "- quay.io\n- reg\n"
    assert now == f"- quay.io\n- reg: {words}\n"


def test_the_diff_shows_names_only():
    dest = auth_file({"gone": entry("secret", "secret")}, HttpHeaders={"X": "secret"})
    source = auth_file({"new": entry("secret", "secret")}, HttpHeaders={"X": "secret2"}, extra="secret")
    assert _auth_file.describe(plan(dest, source, [absent("gone")])) == (
        "- gone\n",
        "- new\nHttpHeaders: changed\nextra: changed\n",
    )


@pytest.mark.parametrize("invalid_entries", ["fail", "drop"])
def test_no_error_quotes_a_secret(invalid_entries):
    source = auth_file({"reg": {"auth": "c2VjcmV0"}, "text": "c2VjcmV0"})
    if invalid_entries == "drop":
        assert after(NOTHING, source, invalid_entries="drop") == {}
        return
    with pytest.raises(AuthFileError) as caught:
        plan(NOTHING, source)
    assert "c2VjcmV0" not in str(caught.value)


def test_dump_writes_what_podman_writes():
    text = '{\n\t"auths": {\n\t\t"é": {\n\t\t\t"auth": "dTpw"\n\t\t}\n\t}\n}\n'
    assert _auth_file.dump({"auths": {"é": {"auth": "dTpw"}}}).decode("utf-8") == text


def test_dump_survives_half_a_surrogate_pair():
    fields = {"auths": {}, "x": "\ud83d"}
    assert json.loads(_auth_file.dump(fields).decode("ascii")) == fields


def nested(levels):
    value = {}
    for _level in range(levels):
        value = {"a": value}
    return value


def test_deep_nesting_is_an_error_and_no_traceback():
    with pytest.raises(AuthFileError):
        _auth_file.dump(nested(100000))
    dest, source = auth_file({"r": nested(100000)}), auth_file({"r": nested(100000)})
    with pytest.raises(AuthFileError):
        _auth_file.plan(dest, source, [], on_conflict="keep", invalid_entries="keep")


def test_hundreds_of_warnings_are_counted():
    broken = auth_file({f"reg{number}/": entry() for number in range(25)})
    warnings = plan(NOTHING, broken, []).warnings
    assert (len(warnings), warnings[-1]) == (21, "5 more findings are in the result of the task")
