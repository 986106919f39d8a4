# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import base64
import json

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_file
from ansible_collections.airgap.openshift.plugins.module_utils._auth_places import Other
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError

NOTHING = AuthFile({})
HUB = "https://index.docker.io/v1/"


def entry(user="u", password="p", **fields):
    return dict({"auth": base64.b64encode(f"{user}:{password}".encode()).decode("ascii")}, **fields)


def auth_file(auths=None, **fields):
    return AuthFile(dict({"auths": auths or {}}, **fields))


def wanted(registry="reg.example", username="u", password="p", **options):
    return _auth_file.request(registry, username=username, password=password, **options)


def absent(registry="reg.example"):
    return _auth_file.request(registry, state="absent")


def plan(dest=NOTHING, source=NOTHING, requests=(), on_conflict="replace", invalid_entries="fail", others=()):
    sources = [one._replace(name="the pull secret") for one in (source if isinstance(source, list) else [source])]
    options = {"on_conflict": on_conflict, "invalid_entries": invalid_entries, "others": others}
    planned = _auth_file.plan(dest._replace(name="dest"), sources, list(requests), **options)
    again = _auth_file.plan(AuthFile(planned.after), sources, list(requests), **options)
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
        pytest.param({}, {"a": OLD}, [wanted()], {"a": OLD, "reg.example": entry()}, id="added"),
        pytest.param({"reg.example": OLD}, {}, [wanted()], {"reg.example": entry()}, id="replaced"),
        pytest.param(
            {"reg.example": entry()},
            {"reg.example": OLD},
            [wanted()],
            {"reg.example": entry()},
            id="asked wins over the secret",
        ),
        pytest.param({}, {"reg.example": OLD, "a": OLD}, [absent()], {"a": OLD}, id="removed from what the secret has"),
        pytest.param({"reg.example": OLD}, {}, [absent()], {}, id="removed"),
        pytest.param(
            {"https://REG.example/v2/": OLD, "reg.example/": OLD}, {}, [absent()], {}, id="removed in all spellings"
        ),
        pytest.param({}, {}, [absent()], {}, id="removed and never there"),
        pytest.param(
            {"reg.example/ns": OLD}, {}, [absent()], {"reg.example/ns": OLD}, id="a namespace is another target"
        ),
        pytest.param(
            {"reg.example/": OLD, "a": OLD},
            {},
            [wanted()],
            {"reg.example": entry(), "a": OLD},
            id="dead spelling replaced",
        ),
        pytest.param(
            {"reg.example/": entry(email="e")},
            {},
            [wanted()],
            {"reg.example": entry(email="e")},
            id="its fields are kept",
        ),
        pytest.param({"docker.io": OLD}, {}, [wanted("docker.io")], {HUB: entry()}, id="docker hub"),
        pytest.param({"reg.example": {}}, {}, [wanted()], {"reg.example": entry()}, id="empty entry of the target"),
        pytest.param(
            {"reg.example": None, "a": None}, {}, [wanted()], {"reg.example": entry(), "a": None}, id="null entry"
        ),
        pytest.param(
            {"reg.example": "text"}, {}, [wanted()], {"reg.example": entry()}, id="broken entry of the target"
        ),
        pytest.param({"reg.example": "text"}, {}, [absent()], {}, id="broken entry removed"),
        pytest.param(
            {"reg.example": entry(x={"y": [1]})},
            {},
            [wanted()],
            {"reg.example": entry(x={"y": [1]})},
            id="unknown fields",
        ),
        pytest.param(
            {"reg.example": entry(email="e")}, {}, [wanted(email="f")], {"reg.example": entry(email="f")}, id="e-mail"
        ),
        pytest.param(
            {"reg.example": TOKEN}, {}, [wanted()], {"reg.example": entry()}, id="a token would win over the password"
        ),
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
        ({"reg.example": OLD}, "keep", OLD),
        ({"reg.example/": OLD}, "keep", OLD),
        ({"reg.example": TOKEN}, "keep", TOKEN),
        ({"reg.example": {}}, "keep", entry()),
        ({"reg.example": "text"}, "keep", entry()),
        ({"reg.example": {"identitytoken": 5}}, "keep", entry()),
        ({"reg.example": {**OLD, "x": 1}}, "keep", {**OLD, "x": 1}),
        ({"reg.example": entry()}, "fail", entry()),
        (
            {"reg.example": {"username": "u", "password": "p"}},
            "fail",
            {"username": "u", "password": "p", "auth": entry()["auth"]},
        ),
        ({}, "fail", entry()),
    ],
)
def test_conflicts(there, on_conflict, expected):
    assert after(auth_file(there), NOTHING, [wanted()], on_conflict) == {"reg.example": expected}
    assert after(NOTHING, auth_file(there), [wanted()], on_conflict) == {"reg.example": expected}


def test_a_conflict_that_fails_names_the_registries():
    with pytest.raises(AuthFileError) as caught:
        plan(
            auth_file({"reg.example": OLD, "other.example/": TOKEN}),
            NOTHING,
            [wanted(), wanted("other.example")],
            "fail",
        )
    assert (
        str(caught.value)
        == "other credentials are there for 'reg.example', 'other.example/'; set on_conflict to replace or keep"
    )


def test_top_level_fields_survive_and_those_of_the_source_count():
    dest = AuthFile({"HttpHeaders": {"a": "1"}, "auths": {}, "x": 1, "credHelpers": {"a": "h", "b": "h"}})
    source = auth_file(x=2, y="é", credHelpers={"b": "i"})
    planned = plan(dest, source)
    assert planned.after == {
        "HttpHeaders": {"a": "1"}, "auths": {}, "x": 2, "credHelpers": {"a": "h", "b": "i"}, "y": "é"
    }  # fmt: skip
    assert list(planned.after) == ["HttpHeaders", "auths", "x", "credHelpers", "y"]


def test_the_plan_tells_how_the_file_changes():
    dest = auth_file({"same": OLD, "reg.example": OLD, "gone.example": OLD})
    planned = plan(dest, auth_file({"new": OLD}), [wanted(), absent("gone.example")])
    assert planned.changed
    assert planned.added == ["new"]
    assert planned.changed_registries == ["reg.example"]
    assert planned.removed == ["gone.example"]
    assert planned.unchanged == ["same"]


@pytest.mark.parametrize("fields", [{}, {"auths": None}])
def test_a_file_without_auths_gets_them(fields):
    assert plan(AuthFile(fields)).changed


def test_a_byte_order_mark_alone_is_a_reason_to_write():
    planned = plan(AuthFile({"auths": {}}, byte_order_mark=True))
    assert planned.changed
    assert [finding.code for finding in planned.findings] == ["byte-order-mark"]
    assert not _auth_file.plan(
        auth_file(), [AuthFile({"auths": {}}, byte_order_mark=True)], [], on_conflict="keep", invalid_entries="fail"
    ).changed


def test_inputs_are_left_alone():
    dest, source = (
        auth_file({"reg.example/": OLD, "a.example": OLD}),
        auth_file({"b": {"username": "u", "password": "p"}}),
    )
    before = json.dumps([dest, source])
    plan(dest, source, [wanted(), absent("a.example")])
    assert json.dumps([dest, source]) == before


def test_one_registry_cannot_be_asked_for_twice():
    with pytest.raises(AuthFileError) as caught:
        plan(requests=[wanted("reg.example"), absent("https://reg.example/")])
    assert str(caught.value) == "registries names 'reg.example' twice; remove one of them"


@pytest.mark.parametrize(
    "given",
    [
        {"username": "u", "password": None},
        {"username": "u", "password": ""},
        {"username": None, "password": "p"},
        {"auth": "dTo="},
        {},
    ],
)
def test_an_empty_password_does_not_overwrite_a_good_one(given):
    with pytest.raises(AuthFileError) as caught:
        _auth_file.request("reg.example", **given)
    assert str(caught.value).endswith("; give one, or state: absent to remove the entry")


def test_empty_passwords_that_are_there_stay():
    auths = {"a": entry(password=""), "b": {}}
    assert after(auth_file(auths), auth_file({"c": entry(password="")})) == {**auths, "c": entry(password="")}


def test_a_bad_request_names_its_registry():
    with pytest.raises(AuthFileError) as caught:
        wanted("reg.example", username="")
    assert str(caught.value).startswith("registry 'reg.example': username is empty; give one")


def test_the_documented_key_is_corrected_and_the_result_says_so():
    planned = plan(requests=[wanted("my-registry:5000/my-namespace/")])
    assert planned.added == ["my-registry:5000/my-namespace"]
    assert planned.warnings == [
        "my-registry:5000/my-namespace: 'my-registry:5000/my-namespace/' ends in '/', so podman, skopeo, oc-mirror and "
        "oc would never match it; write 'my-registry:5000/my-namespace'",
        "my-registry:5000/my-namespace: docker and the catalog step of oc-mirror know no namespaces and use its "
        "credentials for the whole host; leave it so unless other repositories of that host need other credentials",
    ]


def test_a_second_run_does_not_warn_about_what_the_first_has_repaired():
    source = auth_file(
        {"pair": {"username": "u", "password": "p"}, "reg.example/": OLD, "https://x": OLD, "X.example/": OLD}
    )
    requests = [wanted("https://reg.example/"), wanted("https://x.example")]
    first = plan(NOTHING, source, requests[:1])
    second = plan(AuthFile(first.after), source, requests[:1])
    third = plan(AuthFile(first.after), source, requests)
    assert [(finding.registry, finding.code) for finding in first.findings] == [
        ("reg.example", "trailing-slash"),
        ("x.example", "trailing-slash"),
        ("reg.example", "url"),
        ("pair", "username-password-only"),
    ]
    assert first.findings == second.findings
    assert len(first.warnings) == 4
    assert second.warnings == []
    assert third.changed
    assert len(third.warnings) == 2
    assert all(warning.startswith("x.example: ") for warning in third.warnings)


def test_keys_that_no_client_finds_are_respelled_in_each_file():
    dest = auth_file({"a": OLD, "reg.example:5000/ns/": entry("x"), "z": OLD})
    planned = plan(dest, auth_file({"Reg.example:5000/ns": entry(), "Q": OLD}))
    assert list(planned.after["auths"].items()) == [
        ("a", OLD), ("reg.example:5000/ns", entry()), ("z", OLD), ("q", OLD)
    ]  # fmt: skip
    assert [finding.severity for finding in planned.findings] == ["repaired"] * 3
    assert (planned.added, planned.removed) == (["reg.example:5000/ns", "q"], ["reg.example:5000/ns/"])
    assert plan(AuthFile(planned.after), auth_file({"Q": OLD})).warnings == []


def test_a_dead_spelling_that_the_source_brings_again_is_no_change():
    both = auth_file({"reg.example": OLD, "reg.example/": entry("x")})
    planned = plan(both, auth_file({"reg.example": {}, "reg.example/": {}, "Reg.example": entry("x")}))
    assert set(planned.after["auths"]) == {"reg.example", "reg.example/", "Reg.example"}
    planned = plan(auth_file({"reg.example": OLD}), auth_file({"Reg.example": entry("x"), "reg.example/": OLD}))
    assert planned.after["auths"] == {"reg.example": OLD, "Reg.example": entry("x")}
    planned = plan(auth_file({"reg.example": OLD, "Reg.example": entry("x")}), auth_file({"reg.example": entry("x")}))
    assert planned.after["auths"] == {"reg.example": entry("x")}
    assert [finding.code for finding in planned.findings] == ["other-spelling"]


def test_what_is_in_both_files_is_told_once():
    assert len(plan(auth_file({"Reg.example": OLD}), auth_file({"Reg.example": OLD})).findings) == 1


def test_a_dead_spelling_with_other_credentials_is_left_and_told():
    planned = plan(auth_file({"reg.example": OLD, "reg.example/": entry()}))
    assert not planned.changed
    assert [finding.code for finding in planned.findings] == ["trailing-slash", "several-spellings"]
    assert len(planned.warnings) == 2


def test_keep_keeps_the_spelling_of_keys():
    auths = {"reg.example/": OLD, "B": OLD, "b/": OLD}
    planned = plan(auth_file(auths), auth_file({"C/": OLD}), invalid_entries="keep")
    assert planned.after["auths"] == {**auths, "C/": OLD}


def test_what_is_removed_under_another_spelling_is_told_once():
    dest = auth_file({"reg.example": entry(), "https://reg.example": entry("x"), "a": OLD})
    planned = plan(dest, NOTHING, [wanted()])
    assert (planned.removed, planned.unchanged) == (["https://reg.example"], ["reg.example", "a"])
    assert planned.warnings == [
        "reg.example: its entry under 'https://reg.example' was replaced, since clients would use one or the other; "
        "write 'reg.example'"
    ]
    again = plan(AuthFile(planned.after), auth_file({"https://reg.example": entry("x")}), [wanted(), wanted("b.io")])
    assert (again.changed, again.warnings) == (True, [])


def test_what_is_removed_as_asked_needs_no_words():
    dest = {"https://reg.example": OLD, "Reg.example": OLD, "reg.example/": OLD}
    assert plan(auth_file(dest), auth_file(dest), [absent()]).findings == []


SPELLINGS = {"m.example:5000": entry(), "https://m.example:5000": entry("x"), "M.example:5000/": entry("y")}


@pytest.mark.parametrize("invalid_entries", ["fail", "keep", "drop"])
def test_other_credentials_under_another_spelling_are_a_conflict(invalid_entries):
    request = wanted("m.example:5000")
    with pytest.raises(AuthFileError) as caught:
        plan(auth_file(SPELLINGS), NOTHING, [request], "fail", invalid_entries)
    assert str(caught.value) == (
        "other credentials are there for 'https://m.example:5000', 'M.example:5000/'; "
        "set on_conflict to replace or keep"
    )
    kept = plan(auth_file(SPELLINGS), NOTHING, [request], "keep", invalid_entries)
    assert kept.after["auths"] == SPELLINGS
    assert "several-spellings" in [finding.code for finding in kept.findings]
    assert kept.warnings
    assert after(auth_file(SPELLINGS), NOTHING, [request], "replace", invalid_entries) == {"m.example:5000": entry()}


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ({"https://reg.example": OLD}, {"reg.example": OLD}),
        ({"https://reg.example": OLD, "http://reg.example": OLD}, {"reg.example": OLD}),
        (
            {"https://reg.example": OLD, "http://reg.example": entry("x")},
            {"reg.example": OLD, "http://reg.example": entry("x")},
        ),
        ({"reg.example": {}, "https://reg.example": OLD}, {"reg.example": entry(), "https://reg.example": OLD}),
        ({"https://reg.example": {}, "http://reg.example": OLD}, {"reg.example": entry(), "http://reg.example": OLD}),
        ({"reg.example": OLD, "https://reg.example": {}}, {"reg.example": OLD}),
        ({"reg.example": OLD, "https://reg.example": OLD}, {"reg.example": OLD}),
        ({"reg.example": OLD, "https://reg.example": TOKEN}, {"reg.example": OLD, "https://reg.example": TOKEN}),
        ({"https://reg.example": {"email": "e"}}, {"reg.example": entry(email="e")}),
        ({"https://reg.example": entry(email="e")}, {"reg.example": entry(email="e")}),
    ],
)
def test_keep_keeps_credentials_under_every_spelling(there, expected):
    assert after(auth_file(there), NOTHING, [wanted()], "keep") == expected


@pytest.mark.parametrize(
    ("dest", "source", "expected"),
    [
        ({"q": {"auth": "!!"}}, {"q": {}}, {"q": {}}),
        ({"q": OLD}, {"q": {"auth": "!!"}}, {"q": OLD}),
        ({"q": "text"}, {"q": OLD}, {"q": OLD}),
        ({"q": OLD}, {"q": {"email": 5}}, {"q": OLD}),
        ({"q/": "text", "q": OLD}, {}, {"q": OLD}),
    ],
)
def test_drop_leaves_out_what_is_broken_before_it_is_merged(dest, source, expected):
    assert after(auth_file(dest), auth_file(source), invalid_entries="drop") == expected


def test_drop_tells_what_it_leaves_out_unless_that_is_replaced():
    dest = auth_file({"mine": "text", "both": "text", "reg.example": "text"}, credHelpers=[])
    source = auth_file({"both": OLD, "theirs": "text", "Reg.example": "text", "gone.example/": "text"})
    planned = plan(dest, source, [wanted(), absent("gone.example")], invalid_entries="drop")
    assert planned.after == {"auths": {"both": OLD, "reg.example": entry()}}
    assert [(finding.registry, finding.code) for finding in planned.findings] == [
        ("", "unusable-field"), ("mine", "not-an-object"), ("theirs", "not-an-object")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("dest", "source", "where"),
    [
        ({"q": "text"}, {}, "q (in dest): "),
        ({}, {"q": "text"}, "q (in the pull secret): "),
        ({"q": OLD}, {"q": "text"}, "q (in the pull secret): "),
        ({"q": {"auth": "!!"}}, {"q": {"email": "e"}}, "q (in dest): "),
        ({"q": {"auth": "!!"}}, {"q": {"auth": "!!"}}, "q (in dest and in the pull secret): "),
        ({"Q/": "text"}, {}, "Q/ (in dest): "),
        ({"u@q": OLD}, {}, "u@q (in dest): "),
    ],
)
def test_an_error_says_where_the_entry_is(dest, source, where):
    with pytest.raises(AuthFileError) as caught:
        plan(auth_file(dest), auth_file(source))
    assert f". {where}its " in str(caught.value)


def test_an_error_says_where_an_entry_is_that_was_kept_under_the_key_asked_for():
    broken = {"https://reg.example": {**OLD, "email": 5}}
    with pytest.raises(AuthFileError) as caught:
        plan(NOTHING, auth_file(broken), [wanted()], "keep")
    assert ". reg.example (in the pull secret): its 'email' is not text" in str(caught.value)


def test_a_field_that_no_client_can_read_is_refused_dropped_or_kept():
    dest, source = auth_file(credHelpers={"q": 5}), auth_file(credHelpers={"r": "s"}, credsStore=5)
    with pytest.raises(AuthFileError) as caught:
        plan(dest, source)
    assert "credHelpers (in dest): " in str(caught.value)
    assert "credsStore (in the pull secret): " in str(caught.value)
    assert plan(dest, source, invalid_entries="drop").after == {"auths": {}, "credHelpers": {"r": "s"}}
    kept = plan(dest, source, invalid_entries="keep")
    assert kept.after == {"auths": {}, "credHelpers": {"q": 5, "r": "s"}, "credsStore": 5}


def test_an_entry_that_is_removed_or_replaced_is_not_judged():
    assert after(auth_file({"reg.example": "text"}), NOTHING, [wanted()]) == {"reg.example": entry()}
    assert after(auth_file({"reg.example": entry()}), auth_file({"reg.example": "text"}), [absent()]) == {}


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
    before, now = _auth_file.describe(plan(auth_file({"quay.io": OLD, "reg.example": old}), NOTHING, [new]))
    assert before == "- quay.io\n- reg.example\n"
    assert now == f"- quay.io\n- reg.example: {words}\n"


@pytest.mark.parametrize("asked", [wanted(namespace="ns"), _auth_file.request("reg.example/ns", state="absent")])
def test_a_key_is_mended_when_what_was_in_its_way_goes(asked):
    dest = auth_file({"REG.EXAMPLE": entry("a", "b"), "https://reg.example/ns": entry()})
    assert "reg.example" in plan(dest, NOTHING, [asked]).after["auths"]


def test_the_diff_shows_names_only():
    dest = auth_file({"gone.example": entry("secret", "secret")}, HttpHeaders={"X": "secret"})
    source = auth_file({"new": entry("secret", "secret")}, HttpHeaders={"X": "secret2"}, extra="secret")
    assert _auth_file.describe(plan(dest, source, [absent("gone.example")])) == (
        "- gone.example\n",
        "- new\nHttpHeaders: changed\nextra: changed\n",
    )


def test_the_diff_has_a_line_for_each_name():
    dest, source = auth_file({}), auth_file({}, **{"a\nforged\x1b": 1})
    assert _auth_file.describe(plan(dest, source, []))[1] == "a\\nforged\\x1b: changed\n"


@pytest.mark.parametrize("invalid_entries", ["fail", "drop"])
def test_no_error_quotes_a_secret(invalid_entries):
    source = auth_file({"reg.example": {"auth": "c2VjcmV0"}, "text": "c2VjcmV0"})
    if invalid_entries == "drop":
        assert after(NOTHING, source, invalid_entries="drop") == {}
        return
    with pytest.raises(AuthFileError) as caught:
        plan(NOTHING, source)
    assert "c2VjcmV0" not in str(caught.value)


def nested(levels):
    value = {}
    for _level in range(levels):
        value = {"a": value}
    return value


def test_deep_nesting_is_an_error_and_no_traceback():
    dest, source = auth_file({"r": nested(100000)}), auth_file({"r": nested(100000)})
    with pytest.raises(AuthFileError):
        _auth_file.plan(dest, [source], [], on_conflict="keep", invalid_entries="keep")


def test_hundreds_of_warnings_are_counted():
    broken = auth_file({f"reg{number}/": entry() for number in range(25)})
    warnings = plan(NOTHING, broken, []).warnings
    assert (len(warnings), warnings[-1]) == (21, "5 more findings are in the result of the task")


@pytest.mark.parametrize(
    ("requests", "check_mode", "message"),
    [
        ([], False, "/x holds 1 registry (unchanged)"),
        ([], True, "/x holds 1 registry (unchanged)"),
        ([wanted()], False, "/x holds 2 registries (added: 'reg.example')"),
        ([wanted()], True, "/x would hold 2 registries (added: 'reg.example')"),
        ([wanted("a.io"), absent("b.io")], False, "/x holds 1 registry (changed: 'a.io')"),
    ],
)
def test_the_report_says_what_the_file_holds_or_would(requests, check_mode, message):
    assert _auth_file.report(plan(auth_file({"a.io": OLD}), NOTHING, requests), "/x", check_mode)["msg"] == message


@pytest.mark.parametrize(
    "key", ["mirror", "user@reg.example", "reg.example/ns:tag", "reg.example/Ns", "[::1]:5000", "a b"]
)
def test_what_no_client_could_match_can_be_removed_all_the_same(key):
    """Refused as a new entry, but nothing else helps who has one."""
    assert plan(auth_file({key: entry()}), NOTHING, [_auth_file.request(key, state="absent")]).removed == [key]
    with pytest.raises(AuthFileError):
        _auth_file.request(key, username="u", password="p")


def test_sources_are_laid_over_each_other_in_order():
    red_hat, partner = auth_file({"quay.io": OLD, "a.io": OLD}), auth_file({"a.io": entry(), "p.io": entry()}, x=1)
    planned = plan(auth_file({"mine.io": OLD, "p.io": OLD}), [red_hat, partner])
    assert planned.after == {
        "auths": {"mine.io": OLD, "p.io": entry(), "quay.io": OLD, "a.io": entry()}, "x": 1
    }  # fmt: skip
    assert list(planned.after["auths"]) == ["mine.io", "p.io", "quay.io", "a.io"]


def test_sources_that_disagree_are_told():
    first, last = (AuthFile({"auths": {"a.io": each}}, name=name) for each, name in ((OLD, "one"), (entry(), "two")))
    planned = _auth_file.plan(NOTHING, [first, last], [], on_conflict="keep", invalid_entries="fail")
    assert planned.warnings == [
        "a.io: one and two hold different credentials for it, of which the last ones are taken; remove those that are "
        "not meant"
    ]
    assert plan(NOTHING, [first, first]).findings == []
    assert plan(NOTHING, [auth_file({"a.io": {}}), last]).findings == []
    assert plan(first, [last]).findings == [], "that a pull secret replaces what is there is no surprise"


def test_without_a_source_only_registries_are_merged():
    assert after(auth_file({"a.io": OLD}), [], [wanted()]) == {"a.io": OLD, "reg.example": entry()}
    assert plan(NOTHING, [], [wanted()]).after == {"auths": {"reg.example": entry()}}


def test_every_client_finds_what_was_asked():
    [used] = plan(NOTHING, auth_file({"quay.io": OLD}), [wanted("quay.example/ns")]).clients
    assert used == {
        "registry": "quay.example/ns",
        "podman": "found",
        "oc": "found",
        "docker": "found",
        "catalog": "found",
        "kubelet": "found",
    }


@pytest.mark.parametrize(
    ("dest", "request_of", "expected"),
    [
        pytest.param({"auths": {}}, "docker.io", {}, id="docker hub"),
        pytest.param({"auths": {"reg.example/ns": OLD}}, "reg.example", {}, id="a namespace beside it"),
        pytest.param({"auths": {"reg.example": entry()}}, "reg.example/ns", {}, id="both the same"),
        pytest.param(
            {"auths": {"reg.example": OLD}},
            "reg.example/ns",
            {"docker": "other", "catalog": "other", "kubelet": "several"},
            id="a host that has others",
        ),
        pytest.param(
            {"auths": {"reg.example/a": OLD}}, "reg.example/b", {"docker": "any", "catalog": "any"}, id="two namespaces"
        ),
        pytest.param(
            {"auths": {}, "credHelpers": {"reg.example": "x"}},
            "reg.example",
            dict.fromkeys(("podman", "oc", "docker", "catalog"), "helper"),
            id="a helper",
        ),
        pytest.param(
            {"auths": {}, "credsStore": "x"}, "reg.example", {"docker": "helper", "catalog": "helper"}, id="a store"
        ),
        pytest.param(
            {"auths": {"b": {"auth": "!!"}}},
            "reg.example",
            dict.fromkeys(("oc", "docker", "catalog", "kubelet"), "refused"),
            id="a broken entry that is kept",
        ),
        pytest.param({"auths": {"*.example": OLD}}, "reg.example", {"kubelet": "several"}, id="a pattern"),
    ],
)
def test_how_clients_use_what_was_asked(dest, request_of, expected):
    [used] = plan(AuthFile(dest), [], [wanted(request_of)], invalid_entries="keep").clients
    assert {name: use for name, use in used.items() if name != "registry" and use != "found"} == expected


def test_fields_that_the_operator_of_clusters_does_not_know():
    token = dict(entry(), identitytoken="t")
    from_there = plan(NOTHING, auth_file({"a.io": token, "b.io": dict(entry(), x=1)}, HttpHeaders={})).findings
    assert [(finding.registry, finding.code, finding.severity) for finding in from_there] == [
        ("", "unknown-to-clusters", "warning")
    ]
    assert from_there[0].message.startswith(
        "'a.io', 'b.io' hold 'identitytoken', 'x' and the file holds 'HttpHeaders', which the machine-config operator"
    )
    [only_here] = plan(auth_file({"a.io": token})).findings
    assert (only_here.severity, only_here.message[:29]) == ("note", "'a.io' holds 'identitytoken',")
    [setting] = plan(auth_file({}, HttpHeaders={})).findings
    assert (setting.severity, setting.message[:29]) == ("note", "the file holds 'HttpHeaders',")


def test_notes_are_told_in_the_run_that_they_are_about():
    first = plan(NOTHING, [], [wanted("reg.example/ns")])
    again = plan(AuthFile(first.after), [], [wanted("reg.example/ns"), wanted("b.io")])
    assert (
        [finding.code for finding in first.findings] == [finding.code for finding in again.findings] == ["namespaced"]
    )
    assert (len(first.warnings), again.warnings) == (1, [])


def test_a_namespace_beside_other_credentials_is_one_finding():
    planned = plan(auth_file({"reg.example": OLD}), [], [wanted("reg.example/ns")])
    assert [finding.code for finding in planned.findings] == ["overlap"]


def test_a_file_that_podman_reads_first_is_told():
    others = [Other("/etc/a.json", auth_file({"reg.example": OLD})), Other("/etc/b.json", None)]
    found = plan(NOTHING, [], [wanted()], others=others).findings
    assert [(finding.registry, finding.code) for finding in found] == [
        ("reg.example", "other-file-first"), ("", "other-file-broken")
    ]  # fmt: skip
