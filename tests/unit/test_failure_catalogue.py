# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue in the documentation is what the tables of findings give, and all of it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_finding, _registry_finding, _trust_certs_d

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/docsite/rst/failures.rst"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("failure_catalogue", ROOT / ".ci/failure_catalogue.py")
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_the_page_is_what_the_tables_give(maker: ModuleType) -> None:
    assert PAGE.read_text(encoding="utf-8") == maker.catalogue(), "run make docs"


def test_every_code_has_an_item(maker: ModuleType) -> None:
    source = Path(_trust_certs_d.__file__).read_text(encoding="utf-8")
    folders = re.findall(r'Finding\("([a-z-]+)"', source)
    assert len(folders) == 5
    items = re.findall(r"^([a-z0-9-]+)\n\^+$", maker.catalogue(), re.MULTILINE)
    expected = [*_registry_finding.CAUSES, *_auth_finding._CAUSES, *_auth_finding._REPAIRS, *folders]
    assert set(items) == set(expected)
    assert {cause.step for cause in _registry_finding.CAUSES.values()} == set(maker.STEPS)


def test_every_message_of_other_tools_leads_to_its_codes(maker: ModuleType) -> None:
    page = maker.catalogue()
    index = page[page.index("What oc, podman") : page.index("Reaching the registry\n---")]
    for code, cause in _registry_finding.CAUSES.items():
        assert (f"`{code}`_" in index) is bool(cause.seen)
        assert not cause.seen or f"- ``{cause.seen.strip()}``: " in index


def test_lines_are_not_too_long(maker: ModuleType) -> None:
    assert [line for line in maker.catalogue().splitlines() if len(line) > 120] == []


def test_no_blanks_where_markup_begins_or_ends(maker: ModuleType) -> None:
    assert re.findall(r"``[^`]*``", maker.catalogue())
    assert [literal for literal in re.findall(r"``([^`]*)``", maker.catalogue()) if literal != literal.strip()] == []


def test_no_word_is_left_to_be_filled_in(maker: ModuleType) -> None:
    """Braces stand in the sentences only where they are JSON."""
    text = maker.catalogue().replace('{"auth": "<base64 of user:password>"}', "")
    assert not re.search(r"[{}]", text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("the name is wrong", "The name is wrong."),
        ("'a' is wrong", "'a' is wrong."),
        ("<host:port> is wrong", "<host:port> is wrong."),
        ("podman finds nothing", "podman finds nothing."),
        ("call it *.crt, in no_proxy, `x` or a|b\\c", "Call it \\*.crt, in no\\_proxy, \\`x\\` or a\\|b\\\\c."),
    ],
)
def test_sentence(maker: ModuleType, text: str, shown: str) -> None:
    assert maker.sentence(text) == shown
