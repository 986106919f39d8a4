# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import base64

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_audit
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError


def entry(user, password="p"):
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode("ascii")}


BAD = {"auth": "user:pass"}
UNPADDED = {"auth": entry("user1")["auth"].rstrip("=")}


def audit(auths, invalid_entries="fail", **fields):
    return [
        (finding.registry, finding.code, finding.severity)
        for finding in _auth_audit.audit({"auths": auths, **fields}, invalid_entries)
    ]


def test_the_pull_secret_of_red_hat_is_fine():
    names = ["cloud.openshift.com", "quay.io", "registry.connect.redhat.com", "registry.redhat.io"]
    assert audit({name: dict(entry("user"), email="me@example.com") for name in names}) == []


def test_fail_names_every_entry_and_why():
    with pytest.raises(AuthFileError) as caught:
        audit({"good": entry("u"), "bad": BAD, "user@host": entry("u")})
    assert str(caught.value) == (
        "clients would refuse the file because of 'bad', 'user@host'. bad: its 'auth' is not base64; encode it anew "
        "with \"printf %s 'user:password' | base64 -w0\"; user@host: its key holds '@' or a tag, and oc then refuses "
        "the file; write host[:port][/namespace]. Correct them where they come from, "
        "or set invalid_entries to drop or keep"
    )


def test_fail_names_only_the_first_of_many():
    with pytest.raises(AuthFileError) as caught:
        audit({f"r{number}": BAD for number in range(1000)})
    assert "'r9' and 990 more" in str(caught.value)
    assert "r10" not in str(caught.value)


def test_drop_drops_what_kills_the_file_and_repairs_the_rest():
    auths = {"bad": BAD, "unpadded": dict(UNPADDED), "good": entry("u")}
    found = audit(auths, "drop")
    assert auths == {"unpadded": entry("user1"), "good": entry("u")}
    assert found == [("bad", "undecodable-auth", "error"), ("unpadded", "missing-padding", "repaired")]


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
        ({"reg": entry("a"), "reg/a/b": {}}, [("reg/a/b", "shadowed-by-empty-entry", "warning")]),
        ({"reg/a": entry("a"), "reg/a/b": None}, [("reg/a/b", "shadowed-by-empty-entry", "warning")]),
        ({"reg/x": entry("a"), "reg/a": {}}, []),
        ({"reg": entry("a"), "reg/a": {"identitytoken": "t"}}, [("reg/a", "identity-token-only", "warning")]),
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


def test_every_finding_is_one_sentence_without_a_placeholder():
    made = [_auth_audit.problem("reg", code, "other") for code in _auth_audit._CODES]
    made += [_auth_audit.repair("reg", code, "other") for code in _auth_audit._REPAIRS]
    for finding in made:
        assert "{}" not in finding.sentence()
        assert "{registry}" not in finding.sentence()
        assert finding.sentence().startswith("reg: ")
        assert not finding.message.endswith(".")
