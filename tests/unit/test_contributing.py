# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What CONTRIBUTING.md names is there: files, tests, tables, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
WORDS = sorted(set(re.findall(r"`([^`\n]+)`", TEXT)))
# Made by commands, and not of this project.
ELSEWHERE = ("build/", "changelogs/changelog.yaml", "changelogs/fragments/", "airgap.openshift.", "ansible.cfg")


def sources(*folders: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for folder in folders for path in ROOT.glob(f"{folder}/**/*.py"))


@pytest.mark.parametrize("name", [word for word in WORDS if re.fullmatch(r"[\w./-]+\.\w+|[\w.-]+/[\w./-]+", word)])
def test_files_are_there(name: str) -> None:
    inside = [ROOT / name, *ROOT.glob(f"plugins/*/{name}"), *ROOT.glob(f"tests/unit/plugins/*/{name}")]
    assert name.startswith(ELSEWHERE) or any(path.exists() for path in inside), f"there is no {name}"


@pytest.mark.parametrize("name", re.findall(r"`(test_\w+)`", TEXT))
def test_tests_are_there(name: str) -> None:
    assert f"\ndef {name}(" in sources("tests")


@pytest.mark.parametrize("name", [word for word in WORDS if re.fullmatch(r"_?[A-Z_]{3,}", word)])
def test_tables_are_there(name: str) -> None:
    assert re.search(rf"^{name}\b.* = ", sources("plugins", "tests"), re.MULTILINE)


def test_all_commands_are_told_and_no_other() -> None:
    told = set(re.findall(r"make ([a-z0-9-]+)`", TEXT))
    assert told == set(
        re.findall(r"^([a-z0-9-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
