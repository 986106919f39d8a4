# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as Markdown, for the report and for the README."""

from __future__ import annotations

import json
import pathlib
import statistics
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import machine
from figures import Row, goal, number, shown


class Results(NamedTuple):
    """What results.json holds."""

    machine: dict[str, str]
    rows: list[Row]
    runs: list[dict[str, Any]]  # of the fleet, as fleet.Run has them


def read(path: pathlib.Path) -> Results:
    """Results from their file."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Results(content["machine"], [Row(**row) for row in content["rows"]], content["runs"])


def block(results: Results, plot: str) -> Iterator[str]:
    """The lines that the README shows: the figures that have a goal, the plot, and the seconds behind both."""
    yield from ("Each part was measured side by side in one go, on one machine that ran the hosts as well:", "")
    yield from (f"{machine.sentence(results.machine)}.", "")
    yield from judged(results.rows)
    if results.runs:
        yield from ("", f"![Seconds of a whole run by number of hosts]({plot})", "")
        yield from seconds(results.runs)


def judged(rows: Iterable[Row]) -> Iterator[str]:
    """A table of the figures that have a goal."""
    cells = [(row.figure, shown(row), goal(row), row.verdict) for row in rows if row.goal is not None]
    yield from table(("figure", "median [least to most]", "goal", ""), cells)


def everything(rows: Sequence[Row]) -> Iterator[str]:
    """A table of all figures for each part."""
    for part in dict.fromkeys(row.part for row in rows):
        yield from ("", f"## {part}", "")
        cells = [(row.figure, shown(row), goal(row), row.verdict) for row in rows if row.part == part]
        yield from table(("figure", "median [least to most]", "goal", ""), cells)


def seconds(runs: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A table of the fleet's medians: a line for each contender, a column for each setting."""
    settings = sorted({(run["pipelining"], run["forks"], run["hosts"]) for run in runs})
    heads = [f"{hosts}, {forks} forks{', pipelining' * pipelining}" for pipelining, forks, hosts in settings]
    cells = []
    for name in dict.fromkeys(run["contender"] for run in runs):
        cells.append([name, *(_median(runs, name, setting) for setting in settings)])
    yield from table(("seconds by hosts", *heads), cells)


def _median(runs: Sequence[dict[str, Any]], name: str, setting: tuple[bool, int, int]) -> str:
    these = [
        run["seconds"]
        for run in runs
        if (run["contender"], run["pipelining"], run["forks"], run["hosts"]) == (name, *setting)
    ]
    return number(statistics.median(these)) if these else ""


def table(heads: Sequence[str], cells: Iterable[Sequence[str]]) -> Iterator[str]:
    """The first column is text, the others are figures."""
    for line in (heads, ["---", *["---:"] * (len(heads) - 1)], *cells):
        yield f"| {' | '.join(line)} |"
