# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table says of each code what the model does with an entry that has it; the model is held against real readers."""

import base64

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import (
    _auth_entry,
    _auth_finding,
    _auth_lookup,
    _auth_readers,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_lookup import Login
from ansible_collections.airgap.openshift.plugins.module_utils._auth_readers import CLIENTS, READERS

REG, IMAGE, OTHER = "reg.example:5000", "reg.example:5000/ns/img", "other.example"
OPERATOR = "machine-config-operator"
LOGIN = Login(b"u", b"p")


def b64(text):
    return base64.b64encode(text.encode("utf-8")).decode("ascii")


GOOD = {"auth": b64("u:p")}

# For each code an entry that has it and nothing else, and the login that who does not mind it finds.
SAMPLES = {
    "not-an-object": (REG, "text", LOGIN),
    "auth-not-a-string": (REG, {"auth": 5}, LOGIN),
    "undecodable-auth": (REG, {"auth": "u:p"}, LOGIN),
    "missing-padding": (REG, {"auth": b64("u:pw").rstrip("=")}, Login(b"u", b"pw")),
    "wrong-padding": (REG, {"auth": b64("u:p") + "="}, LOGIN),
    "url-safe-base64": (REG, {"auth": b64("u:???").replace("/", "_")}, Login(b"u", b"???")),
    "blank-in-base64": (REG, {"auth": b64("u:p") + " "}, LOGIN),
    "wrapped-base64": (REG, {"auth": "dT\npw\n"}, LOGIN),
    "no-colon": (REG, {"auth": b64("token")}, LOGIN),
    "empty-user": (REG, {"auth": b64(":p")}, Login(b"", b"p")),
    "newline-in-password": (REG, {"auth": b64("u:p\n")}, LOGIN),
    "control-character": (REG, {"auth": b64("u:p\x1b")}, LOGIN),
    "username-password-only": (REG, {"username": "u", "password": "p"}, LOGIN),
    "identity-token-only": (REG, {"identitytoken": "t"}, Login(b"", b"", "t")),
    "trailing-slash": (f"{REG}/", GOOD, LOGIN),
    "upper-case": ("Reg.example:5000", GOOD, LOGIN),
    "upper-case-scheme": (f"HTTPS://{REG}", GOOD, LOGIN),
    # docker and the kubelet leave out what comes after "?".
    "never-matched": (f"{REG}/?*", GOOD, LOGIN),
    "unusable-key": (f"{REG}/?@", GOOD, LOGIN),
}
MINDED = sorted({code for reader in READERS.values() for code in reader.effects})


def outcome(name, code):
    """Return, in the terms of the table, what the model does; the entry of another registry shows what is refused."""
    key, entry, login = SAMPLES[code]
    made = _auth_lookup.index({"auths": {key: entry, OTHER: GOOD}})
    if made.refusing[name]:
        return _auth_readers.REFUSES
    assert _auth_lookup.look_up(made, name, f"{OTHER}/ns/img") == ("find credentials", ((LOGIN,),), (OTHER,))
    answer = _auth_lookup.look_up(made, name, IMAGE)
    if answer.outcome == _auth_lookup.FINDS:
        return None if answer.alternatives == ((login,),) else _auth_readers.IS_DENIED
    matched = _auth_lookup.look_up(_auth_lookup.index({"auths": {key: GOOD}}), name, IMAGE).outcome
    return answer.outcome if matched == _auth_lookup.FINDS else _auth_readers.NEVER_MATCHES


def test_there_is_a_sample_of_each_code_that_a_reader_minds():
    assert set(MINDED) - {"unusable-helper"} <= set(SAMPLES)


@pytest.mark.parametrize("host", ["https://reg", "u@reg"])
def test_a_helper_that_oc_cannot_take_is_minded_by_oc_only(host):
    """That is no mistake in an entry, of which there are samples."""
    refusing = _auth_lookup.index({"auths": {REG: GOOD}, "credHelpers": {host: "x"}}).refusing
    assert {name for name in refusing if refusing[name]} == {"oc"}
    assert _auth_readers.effects("unusable-helper") == {_auth_readers.REFUSES: ["oc"]}


@pytest.mark.parametrize("code", SAMPLES)
def test_a_sample_has_its_code_and_no_other(code):
    key, entry, _login = SAMPLES[code]
    assert _auth_lookup.codes_of(key, entry) == (code,)
    assert _auth_entry.is_sound(entry) is (not _auth_entry.examine(entry).codes), "the short way misses it"


@pytest.mark.parametrize("code", SAMPLES)
@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_does_what_the_table_says(name, code):
    assert outcome(name, code) == READERS[name].effects.get(code)


@pytest.mark.parametrize("code", SAMPLES)
def test_the_operator_refuses_what_the_table_says(code):
    key, entry, _login = SAMPLES[code]
    fields = entry if isinstance(entry, dict) else {}
    is_unknown = any(name not in READERS[OPERATOR].text_fields for name in fields)
    refuses = READERS[OPERATOR].effects.get(code) == _auth_readers.REFUSES
    assert bool(_auth_lookup.index({"auths": {key: entry}}).refusing[OPERATOR]) is (refuses or is_unknown)


@pytest.mark.parametrize("code", MINDED)
def test_every_code_that_is_minded_can_be_told_with_all_who_mind_it(code):
    message = _auth_finding.problem("reg", code).message
    told = _auth_readers.effects(code)
    for effect, tools in told.items():
        of_one = _auth_readers.OF_ONE[effect] in message and len(tools) == 1
        assert of_one or effect in message or (effect, tools[0]) == (_auth_readers.NEVER_MATCHES, "podman")
        assert "all clients" in message or "no client" in message or tools[0] in message


def test_effects_are_only_those_that_there_are():
    assert {effect for reader in READERS.values() for effect in reader.effects.values()} <= set(_auth_readers.EFFECTS)


def test_who_minds_a_code_is_told_by_how_bad_it_is_for_them():
    assert list(_auth_readers.effects("missing-padding").items()) == [
        ("refuse the whole file", ["oc", "docker", "the catalog step of oc-mirror"]),
        ("fail for this registry", ["podman", "skopeo", "oc-mirror"]),
    ]
    assert _auth_readers.effects("wrapped-base64") == {}


@pytest.mark.parametrize(
    ("name", "codes", "worst"),
    [
        ("podman", (), ""),
        ("podman", ("empty-user",), ""),
        ("podman", ("newline-in-password", "missing-padding", "trailing-slash"), _auth_readers.FAILS),
        ("podman", ("missing-padding", "not-an-object"), _auth_readers.REFUSES),
        ("oc", ("no-colon", "missing-padding"), _auth_readers.REFUSES),
        ("docker", ("trailing-slash", "upper-case"), _auth_readers.NEVER_MATCHES),
    ],
)
def test_the_worst_of_several_counts(name, codes, worst):
    assert _auth_readers.worst(READERS[name], codes) == worst


def minding(field):
    return {tool for tools in _auth_readers.effects_of_field(field).values() for tool in tools}


def refusing(fields):
    refused = _auth_lookup.index(fields).refusing
    return {tool for name in CLIENTS if refused[name] for tool in READERS[name].tools}


@pytest.mark.parametrize("field", sorted({name for reader in READERS.values() for name in reader.text_fields}))
@pytest.mark.parametrize("value", [5, [], {}, True])
def test_who_minds_a_field_of_an_entry_refuses_the_file(field, value):
    clients = minding(field) - set(READERS[OPERATOR].tools)
    assert refusing({"auths": {REG: {field: value}}}) == clients
    assert clients
    assert _auth_lookup.index({"auths": {REG: {field: value}}}).refusing[OPERATOR], "unknown or of the wrong kind"
    assert refusing({"auths": {REG: {field: None}}}) == set()


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("credHelpers", []),
        ("credHelpers", {"q": 5}),
        ("HttpHeaders", "x"),
        ("HttpHeaders", {"q": []}),
        ("credsStore", 5),
        ("credsStore", {}),
    ],
)
def test_who_minds_a_setting_refuses_the_file(field, wrong):
    assert refusing({"auths": {}, field: wrong}) == minding(field)
    assert refusing({"auths": {}, field: None}) == set()


def test_every_setting_that_a_reader_minds_is_tested():
    settings = {name for reader in READERS.values() for name in reader.text_settings | reader.map_settings}
    assert settings == {"credHelpers", "HttpHeaders", "credsStore"}


def test_nobody_minds_a_field_that_no_reader_knows():
    assert minding("unknown") == set()
    assert refusing({"auths": {REG: {"unknown": 5}}, "unknown": 5}) == set()


def test_clients_are_those_who_look_for_credentials():
    assert set(CLIENTS) | {OPERATOR} == set(READERS)
    assert OPERATOR not in CLIENTS


@pytest.mark.parametrize(
    ("words", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"), ([], "")]
)
def test_an_enumeration_reads_like_a_sentence(words, text):
    assert _auth_readers.enumeration(words) == text
