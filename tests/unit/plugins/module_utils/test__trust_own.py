# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The mark in anchor files. Any ASN.1 sequence serves as a certificate."""

import re

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._pem import readable_in
from ansible_collections.airgap.openshift.plugins.module_utils._trust_own import (
    MARK,
    is_marked,
    marked,
    others_in,
    unmarked,
)

ONE = b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"
TWO = ONE.replace(b"AQE=", b"AQI=")
BROKEN = b"-----BEGIN CERTIFICATE-----\nMA\n-----END CERTIFICATE-----\n"


def test_the_mark_is_a_line_of_text_that_hides_nothing():
    assert re.match(rb"# [ -~]+\n\Z", MARK)
    assert list(readable_in(marked(ONE))) == list(readable_in(ONE))


@pytest.mark.parametrize(
    ("content", "is_own"),
    [
        (marked(ONE), True),
        (MARK, True),
        (b"\xef\xbb\xbf" + marked(ONE), True),
        (marked(ONE).replace(b"\n", b"\r\n"), True),
        (MARK.replace(b"\n", b" \t\n") + ONE, True),
        (ONE, False),
        (b"", False),
        (b"# mine\n" + marked(ONE), False),
        (ONE + MARK, False),
        (b" " + marked(ONE), False),
        (MARK.strip() + b"2\n" + ONE, False),
        (MARK.strip(), False),
    ],
)
def test_is_marked(content, is_own):
    assert is_marked(content) is is_own
    assert (unmarked(content) != content) is is_own


@pytest.mark.parametrize(
    ("content", "rest"),
    [
        (marked(ONE), None),
        (marked(ONE) + b"a note\n", None),
        (marked(ONE + TWO), TWO),
        (marked(ONE + b"by hand\n" + TWO), b"by hand\n" + TWO),
        (marked(ONE + ONE), None),
        (MARK + BROKEN, None),
        (MARK, None),
    ],
)
def test_others_in(content, rest):
    assert others_in(content) == rest
