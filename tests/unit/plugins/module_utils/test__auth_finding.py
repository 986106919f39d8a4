# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_finding


def test_every_finding_is_one_sentence_without_a_placeholder():
    made = [_auth_finding.problem("reg", code, "other") for code in _auth_finding._CODES]
    made += [_auth_finding.repair("reg", code, "other") for code in _auth_finding._REPAIRS]
    for finding in made:
        assert "{}" not in finding.sentence()
        assert "{registry}" not in finding.sentence()
        assert finding.sentence().startswith("reg: ")
        assert not finding.message.endswith(".")


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
    ("code", "kills"),
    [("no-colon", True), ("unusable-field", True), ("missing-padding", False), ("overlap", False), ("", False)],
)
def test_what_can_be_mended_kills_nothing(code, kills):
    assert _auth_finding.kills_the_file(code) is kills


def test_a_long_listing_is_cut():
    assert _auth_finding.listing(list("abcdefghijkl")).endswith("'i', 'j' and 2 more")
    assert _auth_finding.listing(list("ab")) == "'a', 'b'"
