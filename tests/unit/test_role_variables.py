# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a variable of the role whose question a survey has left unanswered, by Ansible's own validation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

ROLE = Path(__file__).parents[2] / "roles/mirror_host"
OPTIONS = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"][
    "options"
]
TEXTS = [name for name, spec in OPTIONS.items() if spec["type"] in ("str", "raw") and "choices" not in spec]


def errors(name: str, value: Any) -> list[str]:
    """What Ansible has against a value."""
    spec = {word: of for word, of in OPTIONS[name].items() if word not in ("description", "default")}
    return list(ArgumentSpecValidator({name: spec}).validate({name: value}).error_messages)


@pytest.mark.parametrize("name", OPTIONS)
def test_an_empty_text(name: str) -> None:
    found = errors(name, "")
    assert bool(found) == (name not in TEXTS)
    assert all(name in error or "dictionary requested" in error for error in found)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_may_be_empty_where_it_is_used(name: str) -> None:
    """Each has its "or" or its "if"; the end-to-end tests run the role with all of them empty."""
    used = [path.read_text(encoding="utf-8") for folder in ("tasks", "vars") for path in (ROLE / folder).iterdir()]
    assert any(re.search(rf"\b{name}\s+or\b|\bif {name}\b", text) for text in used)


@pytest.mark.parametrize(("name", "text"), [("mirror_host_verify", "false"), ("mirror_host_oc_timeout", "60")])
def test_texts_that_choices_and_numbers_give(name: str, text: str) -> None:
    assert errors(name, text) == []


def test_no_text_is_marked_as_secret() -> None:
    """As the comment in the specs has it; the modules have no_log, where it counts."""
    assert "no_log:" not in yaml.safe_dump(OPTIONS)
