# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads versions.yml, and writes the README's table of versions from it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).parent.parent
BEGIN = "<!-- Made from .ci/versions.yml by make docs. -->\n"
END = "<!-- End of what was made from .ci/versions.yml. -->\n"


_WHEN = {
    "everything": "with every change",
    "end to end": "end to end with every change, else before a release",
    "": "before a release",
}


class Core(NamedTuple):
    """A release of ansible-core; versions.yml explains the fields."""

    version: str
    python: str
    targets: list[str]
    found_in: str = ""
    requires: Sequence[str] = ()
    with_every_change: str = ""
    sanity_options: Sequence[str] = ()

    @property
    def packages(self) -> list[str]:
        """What to install for a controller with it."""
        return [f"ansible-core=={self.version}.*", *self.requires]


def ordered(version: str) -> tuple[int, ...]:
    """A version as something to sort by."""
    return tuple(map(int, version.split(".")))


def cores() -> list[Core]:
    """All that are supported, the oldest first."""
    content = yaml.safe_load((ROOT / ".ci/versions.yml").read_text(encoding="utf-8"))["ansible_core"]
    made = [Core(version, **each) for version, each in content.items()]
    return sorted(made, key=lambda core: ordered(core.version))


def targets(among: list[Core]) -> list[str]:
    """The Pythons that a bastion may have, the oldest first."""
    return sorted({python for core in among for python in core.targets}, key=ordered)


def shared_out(among: list[Core]) -> dict[str, list[str]]:
    """Each target is left to the newest ansible-core that manages it; besides, each has its own oldest one."""
    return {
        core.version: [
            python for python in core.targets
            if python == core.targets[0] or not any(python in newer.targets for newer in among[place + 1 :])
        ]
        for place, core in enumerate(among)
    }  # fmt: skip


def table() -> list[str]:
    """The README's lines."""
    lines = [
        "| ansible-core | you have it with | bastions with Python | tested, on the controller |",
        "| --- | --- | --- | --- |",
    ]
    for core in cores():
        when = _WHEN[core.with_every_change]
        held = "".join(f", {each.partition('=')[0]} {each.partition('==')[2].rstrip('.*')}" for each in core.requires)
        span = f"{core.targets[0]} to {core.targets[-1]}"
        lines.append(f"| {core.version} | {core.found_in} | {span} | {when}, Python {core.python}{held} |")
    return lines


def readme(text: str) -> str:
    """A README with the block between its two markers made anew."""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"README.md lacks the lines {BEGIN}and {END}")
    lines = "\n".join(table())
    return f"{before}{begin}\n{lines}\n\n{end}{after}"


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(readme(path.read_text(encoding="utf-8")), encoding="utf-8")
