# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the parts of build/bench/parts together: prints all figures, and leaves results.json, table.md and plot.svg.

To publish them: copy build/bench/results.json to tests/bench/ and build/bench/plot.svg to docs/bench.svg, then run
`make docs`, which writes the README's table from tests/bench/results.json.
"""

from __future__ import annotations

import io
import json
import pathlib
import re
import statistics
import sys
from collections.abc import Iterator

import matplotlib
import tables
from figures import PARTS, print_rows
from matplotlib import pyplot

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "build" / "bench"
# Fewest seconds last, as the lines lie in the plot.
LINES = {
    "second run by hand": ("by hand from built-in modules, pull secret from the cluster", "#d55e00", "-"),
    "second run, pull secret from the cluster": ("the role, pull secret from the cluster", "#0072b2", "-"),
    "second run, verify on": ("the role, pull secret from a file, registry checked", "#009e73", "-"),
    "second run, verify off": ("the role, pull secret from a file", "#56b4e9", "-"),
    "a role with two empty modules": ("a role with two empty modules", "#888888", "--"),
    "one ping task": ("one ping task", "#888888", ":"),
}


def four_digits(text: str) -> float:
    """A number as far as it means anything."""
    return float(f"{float(text):.4g}")


def together() -> tables.Results:
    """Write results.json from what each part left, and read it back."""
    files = [path for part in PARTS if (path := FOLDER / "parts" / f"{part}.json").exists()]
    parts = [json.loads(path.read_text(encoding="utf-8"), parse_float=four_digits) for path in files]
    if not parts:
        sys.exit("nothing was measured")
    content = {
        "machine": parts[0]["machine"],
        "rows": [row for part in parts for row in part["rows"]],
        "runs": [run for part in parts for run in part["runs"]],
    }
    results = FOLDER / "results.json"
    # A row on a line, so that it can be read, and compared with the one before.
    text = re.sub(r"\n {3,}|\n {2}(?=[}\]])", " ", json.dumps(content, indent=1))
    results.write_text(text + "\n", encoding="utf-8")
    return tables.read(results)


def points(results: tables.Results, contender: str) -> Iterator[tuple[int, float]]:
    """Number of hosts and median of seconds, with Ansible's defaults."""
    times: dict[int, list[float]] = {}
    for run in results.runs:
        if (run["contender"], run["forks"], run["pipelining"]) == (contender, 5, False):
            times.setdefault(run["hosts"], []).append(run["seconds"])
    for hosts, seconds in sorted(times.items()):
        yield hosts, statistics.median(seconds)


def plot(results: tables.Results) -> None:
    """Draw on white, whatever the page's background; the same results make the same file."""
    matplotlib.rcParams.update({"svg.hashsalt": "airgap.openshift", "svg.fonttype": "none", "font.size": 8})
    figure, axes = pyplot.subplots(figsize=(7.5, 4.2), layout="constrained")
    for contender, (label, color, style) in LINES.items():
        if where := list(points(results, contender)):
            hosts, seconds = zip(*where, strict=True)
            axes.plot(hosts, seconds, style, color=color, label=label, marker="o", markersize=3)
    axes.set_title("Mirror hosts that are prepared already: a whole run of ansible-playbook")
    axes.set_xlabel("number of hosts (5 forks, no pipelining: Ansible's defaults)")
    axes.set_ylabel("seconds")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper left")
    drawn = io.StringIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    lines = "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())
    (FOLDER / "plot.svg").write_text(re.sub(r"\n(?=[A-Zz\"])", " ", lines) + "\n", encoding="utf-8")


def main() -> None:
    """Print and write all."""
    results = together()
    heads = ["# Benchmark", "", *tables.block(results, "plot.svg")]
    lines = [*heads, *tables.everything(results.rows)]
    (FOLDER / "table.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print_rows(results.rows)
    if results.runs:
        plot(results)
    print(f"{', '.join(sorted(path.name for path in FOLDER.glob('*.*')))} are in {FOLDER}")


if __name__ == "__main__":
    main()
