# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a merge does to entries and fields; what a whole plan makes of it is in test__auth_file."""

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_merge
from ansible_collections.airgap.openshift.plugins.module_utils._auth_entry import Credentials
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError

MINE, OLD = Credentials(b"u", b"p"), Credentials(b"old", b"p")


def entry(credentials, **fields):
    return {"auth": credentials.auth(), **fields}


@pytest.mark.parametrize(
    ("dest", "source", "expected"),
    [
        ({}, {}, {"auths": {}}),
        ({"auths": None}, {"auths": {"a": {}}}, {"auths": {"a": {}}}),
        (
            {"x": 1, "auths": {"b": {}, "a": {"auth": "1", "email": "e"}}},
            {"y": 2, "auths": {"c": None, "a": {"auth": "2"}}, "x": 3},
            {"x": 3, "auths": {"b": {}, "a": {"email": "e", "auth": "2"}, "c": None}, "y": 2},
        ),
        (
            {"credHelpers": {"a": "1", "b": "1"}},
            {"credHelpers": {"b": "2"}},
            {"credHelpers": {"a": "1", "b": "2"}, "auths": {}},
        ),
        ({"credHelpers": []}, {"credHelpers": {"b": "2"}}, {"credHelpers": {"b": "2"}, "auths": {}}),
    ],
)
def test_lays_one_file_over_the_other(dest, source, expected):
    merged = _auth_merge.overlay(AuthFile(dest), AuthFile(source))
    assert merged == expected
    assert list(merged) == list(expected)
    assert list(merged["auths"]) == list(expected["auths"])


@pytest.mark.parametrize(
    ("on_conflict", "expected", "told"),
    [
        ("replace", {"b": {}, "a": entry(MINE, x=1)}, ["https://a"]),
        ("keep", {"b": {}, "a": entry(OLD, x=1)}, ["https://a"]),
    ],
)
def test_does_what_is_asked_and_tells_what_went(on_conflict, expected, told):
    auths = {"https://a": entry(OLD, x=1), "b": {}, "https://c": {}}
    requests = [_auth_merge.Request("a", MINE), _auth_merge.Request("c", None)]
    found = _auth_merge.apply(auths, requests, on_conflict, list(auths))
    assert auths == expected
    assert [(finding.registry, finding.code) for finding in found] == [("a", "other-spelling")] * len(told)
    assert all(f"'{key}'" in finding.message for key, finding in zip(told, found))


def test_a_conflict_names_every_spelling_of_every_registry():
    auths = {"a": entry(OLD), "https://b": entry(OLD), "b": entry(MINE), "c": entry(OLD)}
    requests = [_auth_merge.Request("a", MINE), _auth_merge.Request("b", MINE), _auth_merge.Request("c", OLD)]
    with pytest.raises(AuthFileError) as caught:
        _auth_merge.apply(auths, requests, "fail", list(auths))
    assert str(caught.value) == "other credentials are there for 'a', 'https://b'; set on_conflict to replace or keep"
