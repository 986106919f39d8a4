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
        ({"auth": " "}, ("no-colon",)),
        ({"auth": b64(":pass")}, ("empty-user",)),
        ({"auth": b64("user:pass\n")}, ("newline-in-password",)),
        ({"auth": b64("user:pass\0")}, ("control-character",)),
        ({"identitytoken": "t"}, ("identity-token-only",)),
        ({"auth": b64("user:"), "identitytoken": "t"}, ()),
        ({"username": "a:b", "password": "p"}, ()),
        ({"username": "", "password": "p"}, ()),
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
    ],
)
def test_repairs_without_loss(auth, code):
    assert auth != GOOD
    assert _auth_entry.examine({"auth": auth, "x": 1}) == (
        {"auth": GOOD, "x": 1},
        Credentials(b"user", b"pas??"),
        (code,),
    )


def test_adds_the_auth_that_podman_and_oc_need():
    entry = {"username": "user", "password": "é"}
    assert _auth_entry.examine(entry).entry == {"username": "user", "password": "é", "auth": b64("user:é")}


def test_encodes_on_one_line_in_utf8():
    password = "é" * 100
    assert _auth_entry.of_user("user", password).auth() == b64("user:" + password)


@pytest.mark.parametrize(
    ("user", "password", "message"),
    [
        ("a:b", "p", "username holds ':', which ends the user name in an auth file; use an account without it"),
        ("", "p", "username or password has no user name, and docker and oc-mirror refuse a file with such an entry"),
        ("u", "p\n", "username or password holds a line break or another control character; remove it (echo adds one)"),
        ("u\t", "p", "username or password holds a line break or another control character; remove it (echo adds one)"),
    ],
)
def test_refuses_what_the_format_cannot_carry(user, password, message):
    with pytest.raises(AuthFileError) as caught:
        _auth_entry.of_user(user, password)
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
    ],
)
def test_sets_credentials_and_keeps_the_rest(entry, expected):
    assert _auth_entry.with_credentials(entry, Credentials(b"user", b"pas??"), None) == expected


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
