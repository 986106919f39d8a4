# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a case, the kinds of cases that there are, and the table of all."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

# Each is a module of this folder with a function `cases(short: bool) -> Iterator[Case]`, which runs inside a lab.
KINDS = {
    "killed": "killed at every system call",
    "failing": "an error from every system call",
    "faults": "faults of hosts, commands and connections",
    "leaks": "secrets looked for everywhere",
    "hostile": "hostile files, answers and names",
}


class TortureError(Exception):
    """A case could not be tried; the message says why."""


class Case(NamedTuple):
    """One case; it was survived if nothing was lost and nothing leaked."""

    kind: str
    name: str
    lost: str = ""  # what is not as it must be afterwards, in words
    leaked: str = ""  # which secret is where, in words, without the secret
    inputs: int = 1  # that it stands for

    @property
    def survived(self) -> bool:
        """Whether all is well."""
        return not (self.lost or self.leaked)

    def __str__(self) -> str:
        return f"{self.kind}: {self.name}: {'; '.join(filter(None, (self.lost, self.leaked))) or 'survived'}"


def say(text: str) -> None:
    """Show progress."""
    print(text, file=sys.stderr, flush=True)


def table(cases: Sequence[Case]) -> Iterator[str]:
    """A line for each kind, after one line for each case that was not survived."""
    yield from (str(case) for case in cases if not case.survived)
    rows: list[tuple[str, ...]] = [("kind", "cases", "survived", "lost", "leaked")]
    for kind, title in KINDS.items():
        among = [case for case in cases if case.kind == kind]
        if among:
            rows.append((title, *(f"{count:,}" for count in counted(among))))
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        yield "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))])


def counted(cases: Sequence[Case]) -> tuple[int, int, int, int]:
    """The numbers of a line of the table."""
    tried, bad = sum(case.inputs for case in cases), sum(not case.survived for case in cases)
    return tried, tried - bad, sum(bool(case.lost) for case in cases), sum(bool(case.leaked) for case in cases)
