# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import base64

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_audit
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError


def entry(user, password="p"):
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode("ascii")}


HUB = "https://index.docker.io/v1/"
A, B = entry("a"), entry("b")
BAD = {"auth": "user:pass"}
UNPADDED = {"auth": entry("user1")["auth"].rstrip("=")}


def findings(auths, invalid_entries="fail", sources=(), **fields):
    return _auth_audit.audit({"auths": auths, **fields}, invalid_entries, list(auths), AuthFile({}), sources)


def audit(*args, **options):
    return told(findings(*args, **options))


def told(found):
    return [(finding.registry, finding.code, finding.severity) for finding in found]


def prepare(auths, invalid_entries="fail", **fields):
    prepared = _auth_audit.prepare(AuthFile({"auths": auths, **fields}), invalid_entries)
    return prepared.file.fields, told(prepared.found)


def test_the_pull_secret_of_red_hat_is_fine():
    names = ["cloud.openshift.com", "quay.io", "registry.connect.redhat.com", "registry.redhat.io"]
    assert audit({name: dict(entry("user"), email="me@example.com") for name in names}) == []


def test_fail_names_every_entry_and_why():
    with pytest.raises(AuthFileError) as caught:
        audit({"good": entry("u"), "bad": BAD, "user@host": entry("u")})
    assert str(caught.value) == (
        "clients would refuse the file because of 'bad', 'user@host'. bad: its 'auth' is not base64: oc, docker, the "
        "catalog step of oc-mirror and the kubelet refuse the whole file, podman, skopeo and oc-mirror fail for this "
        "registry; encode it anew with \"printf %s 'user:password' | base64 -w0\"; user@host: its key holds '@' or a "
        "tag: oc refuses the whole file, podman, skopeo and oc-mirror never match its key; "
        "write host[:port][/namespace]. Correct them where they come from, "
        "or set invalid_entries to drop or keep"
    )


def test_fail_names_only_the_first_of_many():
    with pytest.raises(AuthFileError) as caught:
        audit({f"r{number}": BAD for number in range(1000)})
    assert "'r9' and 990 more" in str(caught.value)
    assert "r10" not in str(caught.value)


def test_what_can_be_repaired_is_repaired():
    auths = {"unpadded": dict(UNPADDED), "pair": {"username": "u", "password": "p"}}
    assert audit(auths) == [("unpadded", "missing-padding", "repaired"), ("pair", "username-password-only", "repaired")]
    assert auths == {"unpadded": entry("user1"), "pair": {"username": "u", "password": "p", **entry("u")}}


def test_drop_leaves_out_what_kills_the_file_and_nothing_else():
    fields = {"credHelpers": {"q": 5}, "credsStore": 5, "HttpHeaders": {"x": "y"}, "other": 5}
    auths = {"bad": BAD, "": "text", "unpadded": UNPADDED, "u@host": entry("u"), "good": dict(entry("u"), email="e")}
    left, found = prepare({**auths, "field": {"email": 5}}, "drop", **fields)
    assert left == {
        "auths": {"unpadded": UNPADDED, "good": dict(entry("u"), email="e")}, "HttpHeaders": {"x": "y"}, "other": 5
    }  # fmt: skip
    assert found == [
        ("", "unusable-field", "error"),
        ("", "unusable-field", "error"),
        ("bad", "undecodable-auth", "error"),
        ("", "not-an-object", "error"),
        ("u@host", "unusable-key", "error"),
        ("field", "field-not-text", "error"),
    ]


def test_a_broken_field_is_not_taken_for_the_registry_without_a_name():
    assert prepare({"": A}, "drop", credsStore=5) == ({"auths": {"": A}}, [("", "unusable-field", "error")])


@pytest.mark.parametrize("invalid_entries", ["fail", "keep"])
def test_only_drop_drops(invalid_entries):
    assert prepare({"bad": BAD}, invalid_entries, credsStore=5) == ({"auths": {"bad": BAD}, "credsStore": 5}, [])


def test_nothing_is_prepared_where_there_are_no_entries():
    assert _auth_audit.prepare(AuthFile({}), "drop") == (AuthFile({}), [], [])


@pytest.mark.parametrize(
    ("auths", "expected", "found"),
    [
        ({"a": A, "reg/ns/": B, "z": A}, {"a": A, "reg/ns": B, "z": A}, [("reg/ns", "trailing-slash")]),
        ({"Reg:5000": A}, {"reg:5000": A}, [("reg:5000", "upper-case")]),
        ({"https://Reg/v1/": A}, {"reg": A}, [("reg", "upper-case")]),
        ({"docker.io/": A}, {"https://index.docker.io/v1/": A}, [("https://index.docker.io/v1/", "trailing-slash")]),
        ({"reg/": A, "reg": A}, {"reg": A}, [("reg", "other-spelling")]),
        ({"reg": A, "reg/": {"username": "a", "password": "p"}}, {"reg": A}, [("reg", "other-spelling")]),
        ({"reg": A, "reg/": {}}, {"reg": A}, [("reg", "other-spelling")]),
        ({"reg": A, "reg/": B}, {"reg": A, "reg/": B}, []),
        ({"reg": {}, "reg/": B}, {"reg": {}, "reg/": B}, []),
        # Some clients find a key that ends in a slash, and none one in upper case: no repair takes that away.
        ({"Reg": A, "reg/": B}, {"Reg": A, "reg": B}, [("reg", "trailing-slash")]),
        ({"reg/": B, "Reg": A}, {"reg": B, "Reg": A}, [("reg", "trailing-slash")]),
        ({"HTTPS://Reg": A, "HTTPS://reg": B}, {"HTTPS://Reg": A, "reg": B}, [("reg", "upper-case-scheme")]),
        ({"reg/": A, "reg/v2/": B}, {"reg/": A, "reg/v2/": B}, []),
        ({"Reg": A, "reg:": B}, {"Reg": A, "reg:": B}, []),
        ({"Reg": A, "reg/ns/": B}, {"reg": A, "reg/ns": B}, [("reg", "upper-case"), ("reg/ns", "trailing-slash")]),
        ({"Docker.io": A, "docker.io/": B}, {"Docker.io": A, HUB: B}, [(HUB, "trailing-slash")]),
        ({"Reg": A, "reg/": A}, {"reg": A}, [("reg", "upper-case"), ("reg", "other-spelling")]),
        ({"é/": A, "*.Reg/": A, "u@Reg/": A}, {"é/": A, "*.Reg/": A, "u@Reg/": A}, []),
        ({"reg/": "text"}, {"reg/": "text"}, []),
        ({"https://reg": A, "HTTPS://reg": A}, {"https://reg": A}, [("reg", "other-spelling")]),
        ({"https://reg": A, "Reg": A, "docker.io": A}, {"https://reg": A, "docker.io": A}, [("reg", "other-spelling")]),
        ({"https://reg": A, "Reg": {}}, {"https://reg": A}, [("reg", "other-spelling")]),
        ({"https://reg": A, "Reg": B}, {"https://reg": A, "Reg": B}, []),
        ({"https://reg": {}, "Reg": B}, {"https://reg": {}, "reg": B}, [("reg", "upper-case")]),
        ({"Https://Reg/v1/": A}, {"reg": A}, [("reg", "upper-case-scheme")]),
        ({"HTTPS://reg": A, "reg": B}, {"HTTPS://reg": A, "reg": B}, []),
    ],
)
def test_gives_entries_the_keys_under_which_clients_find_them(auths, expected, found):
    left, told = prepare(auths)
    assert left["auths"] == expected
    assert list(left["auths"]) == list(expected)
    assert [one[:2] for one in told] == found
    assert prepare(left["auths"]) == (left, [])
    assert prepare(auths, "keep") == ({"auths": auths}, [])


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"credHelpers": []},
            "credHelpers (in dest): 'credHelpers' is not an object of texts: podman, skopeo, oc-mirror, oc, docker and "
            "the catalog step of oc-mirror refuse the whole file; correct or remove it",
        ),
        ({"credHelpers": {"q": 5}}, "credHelpers (in dest): 'credHelpers' is not an object of texts: podman, "),
        (
            {"HttpHeaders": "x"},
            "HttpHeaders (in dest): 'HttpHeaders' is not an object of texts: docker, the catalog step of oc-mirror and "
            "the kubelet refuse the whole file; correct or remove it",
        ),
        (
            {"credsStore": 5},
            "credsStore (in dest): 'credsStore' is not text: docker and the catalog step of oc-mirror refuse the whole "
            "file; correct or remove it",
        ),
    ],
)
def test_fields_that_no_client_can_read(fields, message):
    with pytest.raises(AuthFileError) as caught:
        _auth_audit.audit({"auths": {}, **fields}, "fail", [], AuthFile(fields, name="dest"))
    assert f"clients would refuse the file because of '{next(iter(fields))}'. {message}" in str(caught.value)
    assert audit({}, "keep", **fields)[0] == ("", "unusable-field", "error")
    assert "credentials-store" not in [code for _registry, code, _severity in audit({}, "keep", **fields)]


@pytest.mark.parametrize("fields", [{"credHelpers": None}, {"credHelpers": {}}, {"HttpHeaders": {"q": None, "r": "s"}}])
def test_null_is_as_good_as_nothing(fields):
    found = audit({}, credsStore=None, **fields)
    assert found == [("", "unknown-to-clusters", "note")] * ("HttpHeaders" in fields)


def test_a_field_that_is_no_text_is_named():
    finding = findings({"reg": {"email": None, "serveraddress": 5}}, "keep")[0]
    assert finding.sentence() == (
        "reg: its 'serveraddress' is not text: docker and the catalog step of oc-mirror refuse the whole file; "
        "correct or remove that field"
    )


def test_an_error_says_in_which_file_it_is():
    dest = AuthFile({"auths": {"a": {}, "b": 1, "c": BAD}}, name="dest")
    sources = [
        AuthFile({"auths": {"a": BAD, "c": BAD}}, name="source 1"),
        AuthFile({"auths": {"a": A, "e": BAD}}, name="source 2"),
        AuthFile({"auths": {"d": BAD}}),
    ]
    auths = {"a": BAD, "b": 1, "c": BAD, "d": BAD, "e": BAD}
    with pytest.raises(AuthFileError) as caught:
        _auth_audit.audit({"auths": auths}, "fail", list(auths), dest, sources)
    for words in (
        "a (in source 1): its",
        "b (in dest): its",
        "c (in dest and in source 1): its",
        "d: its",
        "e (in source 2): its",
    ):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("auths", "expected"),
    [
        (["https://quay.io", "quay.io"], [("quay.io", "several-spellings", "'quay.io', 'https://quay.io'")]),
        (["http://reg", "https://reg"], [("reg", "several-spellings", "'http://reg', 'https://reg'")]),
        (["https://reg"], []),
        (["reg", "reg/ns", "https://other/v1/"], []),
        (["docker.io"], [("docker.io", "docker-hub", "write 'https://index.docker.io/v1/'")]),
        (["https://index.docker.io"], [("https://index.docker.io", "docker-hub", "do not find")]),
        (["https://index.docker.io/v1/"], []),
        (["docker.io", HUB], [(HUB, "several-spellings", f"'{HUB}', 'docker.io' are the same registry")]),
        (["docker.io", "index.docker.io"], [(HUB, "several-spellings", f"keep '{HUB}' only")]),
        (["docker.io/library", "index.docker.io/library"], [("docker.io/library", "several-spellings", "")]),
        (["docker.io/library"], []),
    ],
)
def test_finds_registries_under_names_that_not_all_clients_take(auths, expected):
    found = findings({key: entry("u") for key in auths})
    assert [(finding.registry, finding.code) for finding in found] == [row[:2] for row in expected]
    for finding, row in zip(found, expected):
        assert row[2] in finding.sentence()
        assert finding.severity == "warning"


def test_no_finding_shows_a_name_that_is_not_in_the_file_where_it_may_hold_a_password():
    found = audit({"https://me:SECRET@reg": entry("u"), "me:SECRET@reg": entry("u")}, "keep")
    assert {registry for registry, _code, _severity in found} == {"https://me:SECRET@reg", "me:SECRET@reg"}


def test_keep_keeps_all_and_says_how_bad_it_is():
    auths = {"bad": BAD, "unpadded": dict(UNPADDED), "pair": {"username": "u", "password": "p"}}
    found = audit(auths, "keep")
    assert auths == {"bad": BAD, "unpadded": UNPADDED, "pair": {"username": "u", "password": "p"}}
    assert found == [
        ("bad", "undecodable-auth", "error"),
        ("unpadded", "missing-padding", "error"),
        ("pair", "username-password-only", "warning"),
    ]


@pytest.mark.parametrize(
    ("auths", "expected"),
    [
        ({"reg/ns/": entry("u")}, [("reg/ns/", "trailing-slash", "warning")]),
        ({"quay.io": entry("a"), "quay.io/org": entry("a")}, []),
        ({"quay.io": entry("a"), "quay.io/org": entry("b")}, [("quay.io", "overlap", "warning")]),
        ({"quay.io/x": entry("a"), "quay.io/org": entry("b")}, [("quay.io", "overlap", "warning")]),
        ({"quay.io": entry("a"), "reg/org": entry("b")}, []),
        ({"https://reg": entry("a"), "quay.io": entry("b")}, []),
        ({"https://reg/v1/": entry("a"), "https://quay.io": entry("b")}, []),
        ({"reg": entry("a"), "reg/a/b": {}}, [("reg/a/b", "shadowed-by-empty-entry", "warning")]),
        ({"reg/a": entry("a"), "reg/a/b": None}, [("reg/a/b", "shadowed-by-empty-entry", "warning")]),
        ({"reg": {}, "reg/a": entry("a")}, [("reg", "shadowed-by-empty-entry", "warning")]),
        ({"reg/x": entry("a"), "reg/a": {}}, []),
        ({HUB: entry("a"), "docker.io/ns": {}}, [("docker.io/ns", "shadowed-by-empty-entry", "warning")]),
        ({HUB: {}, "docker.io/ns": entry("a")}, [(HUB, "shadowed-by-empty-entry", "warning")]),
        ({HUB: entry("a"), "docker.io/ns": entry("b")}, [("docker.io", "overlap", "warning")]),
        ({HUB: entry("a"), "docker.io/ns": entry("a")}, []),
        ({HUB: entry("a"), "docker.io.example/ns": entry("b"), "quay.io/ns": {}}, []),
        (
            {"reg": dict(entry("a"), identitytoken="t"), "reg/a": entry("a")},
            [("", "unknown-to-clusters", "note"), ("reg", "overlap", "warning")],
        ),
        (
            {"reg": entry("a"), "reg/a": {"identitytoken": "t"}},
            [("reg/a", "identity-token-only", "warning"), ("", "unknown-to-clusters", "note")],
        ),
        ({"reg": {}}, []),
    ],
)
def test_finds_keys_that_clients_confuse(auths, expected):
    assert audit(auths) == expected


def test_finds_helpers():
    assert audit({}, credHelpers={"reg": "desktop"}, credsStore="pass") == [
        ("reg", "credential-helper", "warning"),
        ("", "credentials-store", "warning"),
    ]
    assert audit({}, credHelpers=None, credsStore="") == []


STRICT = ", which the machine-config operator does not know: it refuses the whole file as a cluster's pull secret"


@pytest.mark.parametrize(
    ("auths", "fields", "about"),
    [
        ({"reg": dict(A, identitytoken="t")}, {}, "'reg' holds 'identitytoken'"),
        ({"reg": dict(A, x=1), "q": dict(A, x=1, a=2)}, {}, "'q', 'reg' hold 'a', 'x'"),
        ({"reg": A}, {"HttpHeaders": {}, "x": 1}, "the file holds 'HttpHeaders', 'x'"),
    ],
)
def test_what_clusters_do_not_take_is_a_note_unless_it_comes_from_one(auths, fields, about):
    [finding] = findings(dict(auths), **fields)
    assert (finding.registry, finding.code, finding.severity) == ("", "unknown-to-clusters", "note")
    assert finding.message == about + STRICT
    source = AuthFile({"auths": auths, **fields}, name="the pull secret")
    assert [found.severity for found in findings(dict(auths), sources=[AuthFile({}), source], **fields)] == ["warning"]
    assert [found.severity for found in findings(dict(auths), sources=[AuthFile({"auths": {}})], **fields)] == ["note"]


def test_clusters_take_what_they_know():
    entries = {"reg": {**A, "username": "a", "password": "p", "email": "e"}, "q": {}}
    assert audit(entries, credHelpers={}, credsStore="") == []


def combined(dest, *sources, invalid_entries="fail"):
    names = [f"source {number}" for number, _source in enumerate(sources, 1)]
    files = [AuthFile({"auths": auths}, name=name) for auths, name in zip(sources, names)]
    laid = _auth_audit.combine(AuthFile({"auths": dest}, name="dest"), files, invalid_entries)
    return laid.file.fields["auths"], [(finding.registry, finding.code) for finding in laid.found]


def test_sources_are_laid_over_each_other_in_order():
    assert combined({"a": A, "d": A}, {"a": B, "b": A}, {"b": B, "c": A}) == (
        {"a": B, "d": A, "b": B, "c": A},
        [("b", "sources-differ")],
    )


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        (A, A, False),
        (A, dict(A, email="e"), False),
        (A, B, True),
        ({}, B, False),
        (B, {}, True),
        (A, {"username": "a", "password": "p"}, False),
        (A, dict(A, identitytoken="t"), True),
    ],
)
def test_sources_that_differ_are_told_with_their_names(one, other, differ):
    files = [AuthFile({"auths": {"a": entry}}, name=name) for entry, name in ((one, "source 1"), (other, "source 2"))]
    found = [
        finding.message
        for finding in _auth_audit.combine(AuthFile({}), files, "fail").found
        if finding.code == "sources-differ"
    ]
    assert (
        found == ["source 1 and source 2 hold different credentials for it, of which the last ones are taken"] * differ
    )
    assert combined({"a": one}, {"a": other})[1] == [], "dest is there to be changed"


def test_drop_survives_helpers_that_are_wrong_in_two_ways():
    fields, found = prepare({}, "drop", credHelpers={"https://reg": 5})
    assert fields == {"auths": {}}
    assert ("", "unusable-field", "error") in found


def test_drop_leaves_out_the_helpers_that_oc_cannot_take():
    fields, found = prepare({}, "drop", credHelpers={"https://reg": "x", "reg": "y"})
    assert fields == {"auths": {}, "credHelpers": {"reg": "y"}}
    assert found == [("https://reg", "unusable-helper", "error")]
