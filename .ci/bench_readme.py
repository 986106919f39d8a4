# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the README's block about speed from tests/bench/results.json, so that it cannot lie."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "tests/bench/results.json"
PLOT = "docs/bench.svg"
BEGIN = "<!-- Made from tests/bench/results.json by make docs. -->\n"
END = "<!-- End of what was made from tests/bench/results.json. -->\n"


def readme(text: str) -> str:
    """A README with the block between its two markers made anew."""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"README.md lacks the lines {BEGIN}and {END}")
    sys.path.append(str(ROOT / "tests/bench"))
    tables = importlib.import_module("tables")
    lines = "\n".join(tables.block(tables.read(RESULTS), PLOT))
    return f"{before}{begin}\n{lines}\n\n{end}{after}"


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(readme(path.read_text(encoding="utf-8")), encoding="utf-8")
