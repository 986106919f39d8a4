# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import base64

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_entry
from ansible_collections.airgap.openshift.plugins.module_utils._auth_entry import Credentials
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError


def b64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode("utf-8")).decode("ascii")


GOOD = b64("user:pas??")  # its base64 holds "/" and padding
REMEDY = "give one, or state: absent to remove the entry"


@pytest.mark.parametrize(
    ("entry", "codes"),
    [
        (None, ()),
        ({}, ()),
        ({"auth": ""}, ()),
        ({"auth": None}, ()),
        ({"auth": GOOD, "email": "me@example.com"}, ()),
        ({"auth": b64("user:")}, ()),
        ({"auth": b64("user:with:colons")}, ()),
        ({"auth": b64(b"user:\xe9")}, ()),
        ("text", ("not-an-object",)),
        ([], ("not-an-object",)),
        ({"auth": 7}, ("auth-not-a-string",)),
        ({"auth": "user:pass"}, ("undecodable-auth",)),
        ({"auth": "abcde"}, ("undecodable-auth",)),
        ({"auth": "ab=c"}, ("undecodable-auth",)),
        ({"auth": "\udc80"}, ("undecodable-auth",)),
        ({"auth": b64("token")}, ("no-colon",)),
        ({"auth": " "}, ("blank-in-base64", "no-colon")),
        ({"auth": b64("token") + "="}, ("wrong-padding", "no-colon")),
        ({"auth": b64(":p??").replace("/", "_")}, ("url-safe-base64", "empty-user")),
        ({"auth": b64(":pass") + "\n"}, ("wrapped-base64", "empty-user")),
        ({"auth": b64(":pass")}, ("empty-user",)),
        ({"auth": b64("user:pass\n")}, ("newline-in-password",)),
        ({"auth": b64("user:pass\0")}, ("control-character",)),
        ({"identitytoken": "t"}, ("identity-token-only",)),
        ({"auth": b64("user:"), "identitytoken": "t"}, ()),
        ({"username": "a:b", "password": "p"}, ()),
        ({"username": "", "password": "p"}, ()),
        ({"auth": False}, ("auth-not-a-string",)),
        ({"auth": b64("user:pass\x7f")}, ("control-character",)),
        ({"auth": GOOD, "identitytoken": 5}, ("field-not-text",)),
        ({"registrytoken": []}, ("field-not-text",)),
        ({"username": "u", "password": 5}, ("field-not-text",)),
        ({"auth": GOOD, "username": {}, "email": None}, ("field-not-text",)),
        ({"auth": GOOD, "email": False}, ("field-not-text",)),
        ({"auth": "!", "serveraddress": 0}, ("undecodable-auth", "field-not-text")),
        ({"auth": GOOD, "unknown": 5}, ()),
    ],
)
def test_judges_an_entry_as_clients_do(entry, codes):
    examined = _auth_entry.examine(entry)
    assert examined.codes == codes
    assert examined.entry is entry


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        (GOOD[:4] + "\n" + GOOD[4:] + "\r\n", "wrapped-base64"),
        (GOOD.rstrip("="), "missing-padding"),
        (GOOD.replace("/", "_").replace("+", "-"), "url-safe-base64"),
        (GOOD + "=", "wrong-padding"),
        (GOOD.rstrip("=") + "=" * 5, "wrong-padding"),
        (GOOD + " ", "blank-in-base64"),
        (GOOD[:4] + "\t" + GOOD[4:], "blank-in-base64"),
    ],
)
def test_repairs_without_loss(auth, code):
    assert auth != GOOD
    assert _auth_entry.examine({"auth": auth, "x": 1}) == (
        {"auth": GOOD, "x": 1},
        Credentials(b"user", b"pas??"),
        (code,),
    )


def test_repairs_all_at_once_and_tells_each():
    auth = " " + GOOD[:4] + "\n" + GOOD[4:].replace("/", "_").rstrip("=")
    assert _auth_entry.examine({"auth": auth}) == (
        {"auth": GOOD},
        Credentials(b"user", b"pas??"),
        ("wrapped-base64", "blank-in-base64", "url-safe-base64", "missing-padding"),
    )


@pytest.mark.parametrize(
    ("auth", "raw"),
    [(GOOD, b"user:pas??"), (GOOD.rstrip("=") + " ", b"user:pas??"), (b64("token"), b"token"), ("!", b""), ("", b"")],
)
def test_decodes_what_only_some_clients_can(auth, raw):
    assert _auth_entry.decoded(auth) == raw


def test_adds_the_auth_that_podman_and_oc_need():
    entry = {"username": "user", "password": "é"}
    assert _auth_entry.examine(entry).entry == {"username": "user", "password": "é", "auth": b64("user:é")}


def test_half_a_surrogate_pair_is_no_traceback():
    assert _auth_entry.of_user("u", "\ud83d") == Credentials(b"u", b"\xef\xbf\xbd"), "what Go makes of it"
    assert _auth_entry.of_user("u", "\U0001f600") == Credentials(b"u", b"\xf0\x9f\x98\x80")


def test_encodes_on_one_line_in_utf8():
    password = "é" * 100
    assert _auth_entry.of_user("user", password).auth() == b64("user:" + password)


@pytest.mark.parametrize(
    ("user", "password", "message"),
    [
        ("a:b", "p", "username holds ':', which ends the user name in an auth file; use an account without it"),
        ("", "p", f"username is empty; {REMEDY}"),
        (None, None, f"username is empty; {REMEDY}"),
        ("u", "", f"password is empty; {REMEDY}"),
        ("u", None, f"password is empty; {REMEDY}"),
        (
            "u",
            "p\x7f",
            "username or password holds a line break or another control character; remove it (echo adds one)",
        ),
        ("u", "p\n", "username or password holds a line break or another control character; remove it (echo adds one)"),
        ("u\t", "p", "username or password holds a line break or another control character; remove it (echo adds one)"),
    ],
)
def test_refuses_what_the_format_cannot_carry(user, password, message):
    with pytest.raises(AuthFileError) as caught:
        _auth_entry.of_user(user, password)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("auth", "message"),
    [(b64("user:"), f"auth holds no password; {REMEDY}"), (b64(":pass"), f"auth holds no user; {REMEDY}")],
)
def test_refuses_an_auth_that_is_half_empty(auth, message):
    with pytest.raises(AuthFileError) as caught:
        _auth_entry.of_auth(auth)
    assert str(caught.value) == message


@pytest.mark.parametrize("auth", ["", "secret", b64("secret"), b64(":secret"), b64("user:secret\n"), "user:secret"])
def test_refuses_an_auth_without_quoting_it(auth):
    with pytest.raises(AuthFileError) as caught:
        _auth_entry.of_auth(auth)
    assert "secret" not in str(caught.value)
    assert not auth or auth not in str(caught.value)


def test_reads_an_auth_that_only_needs_repair():
    assert _auth_entry.of_auth(GOOD.rstrip("=") + "\n").auth() == GOOD


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"auth": "a", "email": "e"}, {"auth": "b"}, {"auth": "b", "email": "e"}),
        ({"auth": "a", "identitytoken": "t", "x": 1}, {"auth": "b"}, {"auth": "b", "x": 1}),
        (
            {"auth": "a", "username": "u", "password": "p"},
            {"auth": "b", "username": "v"},
            {"auth": "b", "username": "v"},
        ),
        ({"auth": "a"}, {"email": "e"}, {"auth": "a", "email": "e"}),
        ({"auth": "a"}, {}, {"auth": "a"}),
        ({"auth": "a"}, None, {"auth": "a"}),
        ({"auth": "a"}, {"username": "u", "x": 1}, {"auth": "a", "x": 1}),
        ({"auth": "a"}, {"username": "u", "password": "p"}, {"username": "u", "password": "p"}),
        ({"auth": "a"}, {"registrytoken": "t"}, {"registrytoken": "t"}),
        ({"auth": "a"}, {"auth": None, "password": "", "email": "e"}, {"auth": "a", "email": "e"}),
        ({"auth": "a"}, "text", "text"),
        ("text", {"auth": "b"}, {"auth": "b"}),
    ],
)
def test_overlays_fields_but_never_mixes_credentials(old, new, expected):
    assert _auth_entry.overlay(old, new) == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (None, {"auth": GOOD}),
        ("text", {"auth": GOOD}),
        ({"auth": GOOD, "x": 1}, {"auth": GOOD, "x": 1}),
        (
            {"auth": GOOD, "username": "user", "password": "pas??"},
            {"auth": GOOD, "username": "user", "password": "pas??"},
        ),
        ({"auth": b64("a:b"), "x": 1, "username": "a", "password": "b"}, {"auth": GOOD, "x": 1}),
        ({"auth": GOOD, "identitytoken": "t", "registrytoken": "t"}, {"auth": GOOD}),
        ({"auth": GOOD.rstrip("=")}, {"auth": GOOD}),
        ({"auth": GOOD, "email": 5, "serveraddress": [], "x": 5}, {"auth": GOOD, "x": 5}),
    ],
)
def test_sets_credentials_and_keeps_the_rest(entry, expected):
    assert _auth_entry.with_credentials(entry, Credentials(b"user", b"pas??"), None) == expected


@pytest.mark.parametrize("email", ["", "me@example.com"])
def test_sets_the_email_also_to_nothing(email):
    credentials = Credentials(b"user", b"pas??")
    assert _auth_entry.with_credentials({"email": "old"}, credentials, email) == {"auth": GOOD, "email": email}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"auth": GOOD}, {"auth": GOOD.rstrip("="), "email": "e"}, True),
        ({"auth": GOOD}, {"username": "user", "password": "pas??"}, True),
        ({"auth": GOOD}, {"auth": b64("user:")}, False),
        ({"auth": GOOD}, {"auth": GOOD, "identitytoken": "t"}, False),
        ({"identitytoken": "t"}, {"identitytoken": "t"}, True),
        ({"identitytoken": "t"}, {"registrytoken": "t"}, False),
        ({"registrytoken": "s"}, {"registrytoken": "t"}, False),
        ({"auth": "!"}, "text", True),
    ],
)
def test_compares_what_clients_would_send(one, other, same):
    assert (_auth_entry.login(one) == _auth_entry.login(other)) is same


@pytest.mark.parametrize("entry", [None, "text", {}, {"auth": ""}, {"auth": "!"}, {"identitytoken": 5}, {"email": "e"}])
def test_no_login_is_none(entry):
    assert _auth_entry.login(entry) is None


def test_names_a_secret_that_the_corrected_spelling_of_a_name_would_show():
    file = AuthFile({"auths": {"Mirror.Example/": {"auth": b64("user:mirror.example")}}})
    assert _auth_entry.named_secrets([file], ["Mirror.Example/"]) == {"mirror.example"}


def test_names_secrets_from_four_characters():
    file = AuthFile({"auths": {"a": {"password": "abcd"}, "b": {"password": "efg"}}})
    assert _auth_entry.named_secrets([file], ["abcd.efg.example"]) == {"abcd"}


def test_names_the_secrets_that_could_be_reported():
    entries = {
        "a": {"auth": b64("user:mirror"), "email": "quay.io", "username": "quay.io"},
        "b": {"auth": b64("user:abc"), "identitytoken": "token-1", "note": "noted"},
        "c": {"username": "u", "password": "plain"},
        "d": "entry-as-text",
        "e": {"auth": "not base64"},
        "me:inkey@reg": {},
    }
    file = AuthFile({"auths": entries, "HttpHeaders": {"X-Auth": "header"}})
    names = [
        "mirror.example/mirror",
        "quay.io",
        "abc",
        "token-1",
        "noted",
        "plain.example",
        "entry-as-text",
        "header",
        "nothing",
    ]
    found = _auth_entry.named_secrets([file, AuthFile({})], [*names, "me:inkey@reg", "not base64", b64("user:mirror")])
    assert found == {
        "mirror", "token-1", "noted", "plain", "entry-as-text", "header", "inkey", "not base64", b64("user:mirror")
    }  # fmt: skip
