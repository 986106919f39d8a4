# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where text departs from JSON. The json module is the judge of whether it does; the words are in test__auth_text."""

import json

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._auth_syntax import first_error, position

VALID = [
    "{}",
    '{"auths": {"quay.io": {"auth": "eDp5", "email": "a@b.c"}, "[x": {}}}',
    '[1, -2.5e+3, true, false, null, "\\u00e9\\n\\"", [], [[]], {}]',
    '\r\n\t {"a" : [ { } , "é" ] } \n',
]


def is_json(text):
    try:
        json.loads(text, parse_constant=int)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("text", VALID)
def test_valid_text_has_no_error(text):
    assert is_json(text)
    assert first_error(text) is None


@pytest.mark.parametrize("text", VALID)
def test_agrees_with_json_on_every_beginning(text):
    for end in range(len(text)):
        assert (first_error(text[:end]) is None) == is_json(text[:end]), text[:end]


@pytest.mark.parametrize("wrong", [*list("{}[]:,\"'\\x1#\t\n-"), "nul", "NaN", "01", "1."])
@pytest.mark.parametrize("text", VALID)
def test_agrees_with_json_on_every_insertion(text, wrong):
    for place in range(len(text) + 1):
        changed = text[:place] + wrong + text[place:]
        assert (first_error(changed) is None) == is_json(changed), changed


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("abc", 0, "line 1, column 1"),
        ("abc", 3, "line 1, column 4"),
        ("a\nbc", 2, "line 2, column 1"),
        ("a\n\néx", 4, "line 3, column 2"),
    ],
)
def test_position(text, offset, expected):
    assert position(text, offset) == expected
