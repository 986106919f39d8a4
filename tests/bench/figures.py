# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures with their spread and their goal; all else of the benchmark makes or shows them."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

# The parts of the benchmark, as the report has them, and how many bastions each needs.
PARTS = {"fleet": 100, "target": 2, "bundles": 2, "merge": 0}


class BenchError(Exception):
    """What was timed did not do what it must, so that its time means nothing."""


class Row(NamedTuple):
    """One figure of the report."""

    part: str  # fleet, target, bundles or merge
    figure: str  # what was measured, in words that the report shows
    values: list[float]  # one per round
    unit: str  # s, ms, MB, kB, x (a ratio) or nothing (a count)
    goal: float | None = None
    at_least: bool = False  # the goal is a lower limit

    @property
    def median(self) -> float:
        """What is held against the goal."""
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """`ok`, `missed`, or `-` where there is no goal."""
        if self.goal is None:
            return "-"
        reached = self.median >= self.goal if self.at_least else self.median <= self.goal
        return "ok" if reached else "missed"


def ratios(these: Sequence[float], those: Sequence[float]) -> list[float]:
    """Round by round, so that what slows the machine meanwhile slows both alike."""
    return [this / that for this, that in zip(these, those, strict=True)]


def rounds(contestants: Mapping[str, Callable[[], float]], count: int) -> dict[str, list[float]]:
    """Ask each contestant in turn, `count` times, every other round in reverse order; returns what each answered."""
    answers: dict[str, list[float]] = {name: [] for name in contestants}
    for number in range(count):
        order = list(contestants) if number % 2 == 0 else list(contestants)[::-1]
        for name in order:
            answers[name].append(contestants[name]())
    return answers


def say(text: str) -> None:
    """One line of progress, for the person who waits."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def number(value: float) -> str:
    """Three significant digits, and no more than that behind the point: 0.0123, 2.12, 41.7, 1,234."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3g}"


def shown(row: Row) -> str:
    """`2.12 s [2.05 to 2.31]`: the median, the least and the most; where all are the same, that one."""
    unit = f" {row.unit}" if row.unit else ""
    least, most = number(min(row.values)), number(max(row.values))
    return number(row.median) + unit + ("" if least == most else f" [{least} to {most}]")


def goal(row: Row) -> str:
    """`<= 2.2`, `>= 2`, or nothing."""
    return "" if row.goal is None else f"{'>=' if row.at_least else '<='} {row.goal:g}"


def print_rows(rows: Iterable[Row]) -> None:
    """Each figure beside its goal, and whether it is reached."""
    lines = [(row.part, row.figure, shown(row), goal(row), row.verdict) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
