# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds the examples of the documentation: of the modules, the guides, the README and the roles' READMEs.

A YAML or INI block whose first line is a comment with a file name is a file of that name. Any other YAML block is tasks
or plays. A console block is commands after `$ `, with lines of what they print, where `...` stands for other lines. A
text block is more of what the last command printed.
"""

from __future__ import annotations

import ast
import pathlib
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
ANY_LINES = "..."


class Command(NamedTuple):
    """A command of a console block, and lines that it is said to print."""

    line: str
    shown: tuple[str, ...]


class Block(NamedTuple):
    """An example."""

    page: str  # path of its file
    heading: str  # that it is under
    kind: str
    text: str

    @property
    def file(self) -> str:
        """The name of the file that it is, or nothing."""
        named = re.match(r"# ([\w./-]+\.(?:yml|ini|cfg|json))\n", self.text)
        return named[1] if named and self.kind in ("yaml", "ini") else ""

    @property
    def commands(self) -> list[Command]:
        """Of a console block."""
        parts = re.split(r"^\$ ", self.text.replace("\\\n", ""), flags=re.M)
        assert not parts[0].strip(), f"{self.page}: a console block begins with '$ ', not with {parts[0]!r}"
        rows = [part.strip().splitlines() for part in parts[1:]]
        return [Command(line, tuple(shown)) for line, *shown in rows]


def blocks() -> list[Block]:
    """All of them, page by page, in order."""
    return [
        block
        for pattern, find in (
            ("plugins/modules/*.py", _of_module),
            ("README.md", _of_markdown),
            ("roles/*/README.md", _of_markdown),
            ("docs/docsite/rst/*.rst", _of_rst),
        )
        for path in sorted(ROOT.glob(pattern))
        for block in find(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
    ]


def returned(page: str) -> dict[str, Any]:
    """RETURN of a module."""
    found: dict[str, Any] = yaml.safe_load(_text(ROOT.joinpath(page).read_text(encoding="utf-8"), "RETURN"))
    return found


def _text(source: str, name: str) -> str:
    """EXAMPLES or RETURN."""
    [node] = (node for node in ast.parse(source).body if ast.unparse(node).startswith(f"{name} = "))
    assert isinstance(node, ast.Assign)
    return str(ast.literal_eval(node.value))


def _of_module(page: str, source: str) -> Iterator[Block]:
    yield Block(page, "", "yaml", _text(source, "EXAMPLES"))


def _of_markdown(page: str, text: str) -> Iterator[Block]:
    heading = ""
    for title, kind, content in re.findall(r"^#+ ([^\n]*)$|^```(\w*)\n(.*?)^```$", text, re.M | re.S):
        heading = title or heading
        if not title:
            yield Block(page, heading, kind, content)


def _of_rst(page: str, text: str) -> Iterator[Block]:
    heading, lines = "", [*text.splitlines(), ""]
    for number, line in enumerate(lines):
        if re.match(r"([-=^~])\1+$", line) and lines[number - 1]:
            heading = lines[number - 1]
        directive = re.match(r"\.\. code-block:: (\w+)$|.*::$", line)
        if directive and (directive[1] or not line.startswith("..")):
            yield Block(page, heading, directive[1] or "", _indented(lines[number + 1 :]))


def _indented(lines: list[str]) -> str:
    """The block at the beginning, without its indent."""
    body = []
    for line in lines:
        if line and not line.startswith(" "):
            break
        body.append(line[2:] if line.startswith("  ") else line)
    return "\n".join(body).strip("\n") + "\n"
