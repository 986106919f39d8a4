# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes each role's README from its argument specs, so that it cannot lie; a unit test compares the two."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROLES = Path(__file__).parent.parent / "roles"
COLLECTION = "airgap.openshift"


def readme(role: Path) -> str:
    """The whole README.md of a role, from meta/argument_specs.yml."""
    specs = yaml.safe_load((role / "meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    lines = [f"# {COLLECTION}.{role.name}", "", "<!-- Made from meta/argument_specs.yml by make docs. -->"]
    for entry_point, spec in specs.items():
        lines += entry(role.name, entry_point, spec)
        lines += options(spec["options"]) if entry_point == "main" else repeated(spec)
    return "\n".join(lines) + "\n"


def entry(role: str, name: str, spec: dict[str, Any]) -> Iterator[str]:
    """One entry point: its heading, what it does, how to call it, its options."""
    if name != "main":
        yield from ("", f"## {name}")
    yield from ("", markdown(spec["short_description"].rstrip(".")) + ".")
    for paragraph in paragraphs(spec):
        yield from ("", markdown(paragraph))
    yield from ("", "```yaml", *example(role, name, spec), "```", "")


def example(role: str, name: str, spec: dict[str, Any]) -> list[str]:
    """The spec's own examples, or the shortest task that includes the entry point."""
    if "examples" in spec:
        return str(spec["examples"]).strip().splitlines()
    task = [
        f"- name: {spec['short_description'].rstrip('.')}",
        "  ansible.builtin.include_role:",
        f"    name: {COLLECTION}.{role}",
    ]
    return task if name == "main" else [*task, f"    tasks_from: {name}"]


def options(specs: dict[str, Any]) -> Iterator[str]:
    """A list item for each option."""
    for name, spec in specs.items():
        yield f"- `{name}` ({', '.join(facts(spec))}): {markdown(' '.join(paragraphs(spec)))}"


def repeated(spec: dict[str, Any]) -> Iterator[str]:
    """The names of options that are described already."""
    yield f"Of the variables above it takes {', '.join(f'`{name}`' for name in spec['options'])}."


def facts(spec: dict[str, Any]) -> Iterator[str]:
    """Type, whether it is required, choices and default, in words."""
    kind = spec.get("type", "str")
    yield f"{kind} of {spec['elements']}" if "elements" in spec else kind
    if spec.get("required"):
        yield "required"
    if "choices" in spec:
        yield "one of " + ", ".join(f"`{choice}`" for choice in spec["choices"])
    if "default" in spec:
        value = spec["default"]
        yield f"default `{value if isinstance(value, str) else json.dumps(value)}`"


def paragraphs(spec: dict[str, Any]) -> list[str]:
    """The description, which may be one text or a list of them."""
    text = spec.get("description", [])
    return [text] if isinstance(text, str) else list(text)


def markdown(text: str) -> str:
    """Turn Ansible's markup into Markdown's."""
    text = re.sub(r"\bO\(([\w.]+)#module:([^)]+)\)", r"`\2` of `\1`", text)
    text = re.sub(r"\b[OVCEPM]\(((?:[^\\)]|\\.)+)\)|\bRV\(((?:[^\\)]|\\.)+)\)", r"`\1\2`", text)
    text = re.sub(r"\bL\(([^,)]+),\s*([^)]+)\)", r"[\1](\2)", text)
    text = re.sub(r"\bU\(([^)]+)\)", r"<\1>", text)
    text = re.sub(r"\bB\(([^)]+)\)", r"**\1**", text)
    return re.sub(r"\bI\(([^)]+)\)", r"*\1*", text).replace("\\)", ")").strip()


if __name__ == "__main__":
    for path in sorted(ROLES.iterdir()):
        (path / "README.md").write_text(readme(path), encoding="utf-8")
