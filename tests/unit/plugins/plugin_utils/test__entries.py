# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is a list of entries; the action plugins' own tests have it in place."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.airgap.openshift.plugins.plugin_utils._entries import (
    REMEDY,
    EntriesError,
    entries,
    refuse_what_would_be_shown,
)

SECRET = "hunter2=="
KNOWN = ("registry", "password")
ENTRY = {"registry": "a:1", "password": SECRET}


def test_entries_are_copies() -> None:
    given = [ENTRY]
    found = entries("registries", given, KNOWN)
    assert found == given
    assert found is not None
    assert found[0] is not ENTRY


@pytest.mark.parametrize(("value", "found"), [(None, None), ([], []), ([{"typo": 1}], [{"typo": 1}])])
def test_what_is_left_to_the_module(value: Any, found: Any) -> None:
    assert entries("registries", value, KNOWN) == found


@pytest.mark.parametrize(
    "text", [f"registry=a:1 password={SECRET}", f'{{"registry": "a:1", "password": "{SECRET}"}}'], ids=["pairs", "json"]
)
def test_texts(text: str) -> None:
    assert entries("registries", [text], KNOWN) == [ENTRY]


@pytest.mark.parametrize(
    "value",
    [
        ENTRY,
        f'[{{"registry": "a:1", "password": "{SECRET}"}}]',
        f"- registry: a:1\n  password: {SECRET}\n",
        "",
        7,
        (ENTRY,),
    ],
    ids=["entry", "json", "yaml", "empty", "number", "tuple"],
)
def test_no_list(value: Any) -> None:
    with pytest.raises(EntriesError) as caught:
        entries("registries", value, KNOWN)
    assert str(caught.value) == f"registries: it is no list; {REMEDY}"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([ENTRY], "is a list itself; move what is in it one level up"),
        (SECRET, "does not consist of names and values; give it such as registry, password"),
        (f'"auth": "{SECRET}"', "does not consist of"),
        (f'{{"registry": "a:1", "password": "{SECRET}"', "does not consist of"),
        (f"registry=a:1 '{SECRET}", "does not consist of"),
        (f"registry=a:1 {SECRET}=x", "does not consist of"),
        ("", "does not consist of"),
        (None, "does not consist of"),
        (7, "does not consist of"),
    ],
)
def test_no_entry(value: Any, words: str) -> None:
    with pytest.raises(EntriesError) as caught:
        entries("registries", [ENTRY, value], KNOWN)
    assert str(caught.value).startswith(f"registries: entry 2 {words}")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"password": [SECRET]}, "password: it is a list; give it as text"),
        ({"auth": {"is": SECRET}}, "auth: it is a dictionary; give it as text"),
        ({"registry": ["a:1"]}, "registry: it is a list; give it as text"),
        ({"registry": f"me:{SECRET}@a:1"}, "registry holds '@'; give host[:port] without user, password or digest"),
        ({"namespace": f"{{'password': '{SECRET}'}}"}, "namespace holds braces, quotes or '='; give its name alone"),
    ],
)
def test_what_ansible_would_show(more: Any, words: str) -> None:
    """It makes text of a list in which it knows no secret any more, and shows names with -vvv."""
    entry = {**ENTRY, **more}
    with pytest.raises(EntriesError) as caught:
        entries("registries", [ENTRY, entry], KNOWN)
    assert str(caught.value) == f"registries: entry 2: {words}"
    with pytest.raises(EntriesError) as caught:
        refuse_what_would_be_shown(entry)
    assert str(caught.value) == words
