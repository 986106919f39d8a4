# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_finding

MADE = [_auth_finding.problem("reg", code, "other", field="auth") for code in _auth_finding._CAUSES]
MADE += [_auth_finding.repair("reg", code, "other") for code in _auth_finding._REPAIRS]


@pytest.mark.parametrize("finding", MADE, ids=[f"{made.code}-{made.severity}" for made in MADE])
def test_every_finding_is_one_sentence_and_one_remedy(finding):
    for words in (finding.message, finding.remedy):
        assert words
        assert "{}" not in words
        assert "{registry}" not in words
        assert not words.endswith((".", ";", ":", " "))
        assert ";" not in words, "what follows is the remedy"
        assert words == words.strip()
    assert finding.sentence() == f"reg: {finding.message}; {finding.remedy}"


def test_a_code_is_of_two_kinds_at_most_in_one_way():
    """What can be repaired is a problem if all is to be kept, except for what only a request or a file can have."""
    only_repaired = {"url", "extra-slash", "other-spelling", "byte-order-mark"}
    assert set(_auth_finding._REPAIRS) - set(_auth_finding._CAUSES) == only_repaired


def test_every_finding_says_what_it_is_about():
    for finding in (
        _auth_finding.problem("reg", "overlap", "'a', 'b'"),
        _auth_finding.repair("reg", "url", "'a', 'b'"),
    ):
        assert "'a', 'b'" in finding.sentence()


def test_what_is_about_the_whole_file_names_no_registry():
    assert _auth_finding.problem("", "credentials-store").sentence() == (
        "'credsStore' makes docker and the catalog step of oc-mirror ignore 'auths'; remove it"
    )


@pytest.mark.parametrize(
    ("code", "field", "message"),
    [
        (
            "not-an-object",
            "",
            "its entry is not a JSON object: all clients refuse the whole file",
        ),
        (
            "missing-padding",
            "",
            "its 'auth' lacks the '=' at the end: oc, docker and the catalog step of oc-mirror refuse the whole file, "
            "podman, skopeo and oc-mirror fail for this registry",
        ),
        ("upper-case", "", "its key holds upper case: no client ever matches it"),
        (
            "wrapped-base64",
            "",
            "its 'auth' holds line breaks, which clients skip but other tools may not",
        ),
        (
            "field-not-text",
            "serveraddress",
            "its 'serveraddress' is not text: docker and the catalog step of oc-mirror refuse the whole file",
        ),
        (
            "field-not-text",
            "username",
            "its 'username' is not text: docker, the catalog step of oc-mirror and the kubelet refuse the whole file",
        ),
    ],
)
def test_a_message_says_who_minds_it_and_how(code, field, message):
    assert _auth_finding.problem("reg", code, field=field).message == message


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("no-colon", "error"),
        ("missing-padding", "error"),
        ("field-not-text", "error"),
        ("username-password-only", "warning"),
        ("overlap", "warning"),
        ("sources-differ", "warning"),
        ("namespaced", "note"),
        ("unknown-to-clusters", "note"),
    ],
)
def test_how_bad_it_is(code, severity):
    assert _auth_finding.problem("reg", code).severity == severity


@pytest.mark.parametrize(
    ("code", "kills"),
    [("no-colon", True), ("unusable-field", True), ("missing-padding", False), ("overlap", False), ("", False)],
)
def test_what_can_be_mended_kills_nothing(code, kills):
    assert _auth_finding.kills_the_file(code) is kills


def test_a_long_listing_is_cut():
    assert _auth_finding.listing(list("abcdefghijkl")).endswith("'i', 'j' and 2 more")
    assert _auth_finding.listing(list("ab")) == "'a', 'b'"
