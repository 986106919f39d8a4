# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options are documented as they are checked; ansible-test sanity says so as well, but in minutes."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml

PACKAGE = "ansible_collections.airgap.openshift.plugins"
TABLES = sorted((Path(__file__).resolve().parents[2] / "plugins/module_utils").glob("_*_options.py"))
TOLD: dict[str, Any] = {
    "type": "str",
    "elements": None,
    "choices": None,
    "default": None,
    "required": False,
    "aliases": [],
}


def told(options: dict[str, Any], inner: str) -> dict[str, Any]:
    """What documentation and table both say of options; ``inner`` is where those of entries are."""
    return {
        name: {
            **{word: option.get(word, usual) for word, usual in TOLD.items()},
            "entries": told(option.get(inner, {}), inner),
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_options_are_documented_as_they_are_checked(path: Path) -> None:
    table = importlib.import_module(f"{PACKAGE}.module_utils.{path.stem}")
    name = path.stem[1 : -len("_options")]
    documented = yaml.safe_load(importlib.import_module(f"{PACKAGE}.modules.{name}").DOCUMENTATION)
    assert told(documented["options"], "suboptions") == told(table.OPTIONS, "options")


def test_there_are_tables() -> None:
    assert TABLES
