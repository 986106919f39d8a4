# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""inside.py PART FILE: measures a part of the benchmark and writes what it found; in a lab, if the part needs one."""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import sys
from typing import Any

_HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parent / "e2e"), os.environ["ANSIBLE_COLLECTIONS_PATH"]]

import machine
from figures import BenchError
from lab.hosts import LabError


def found(part: str) -> dict[str, Any]:
    """The rows of a part and, of the fleet, the runs that they come from."""
    module = importlib.import_module(part)
    if part != "fleet":
        return {"rows": module.measure(), "runs": []}
    runs = list(module.runs())
    return {"rows": module.rows(runs), "runs": runs}


def main(part: str, file: str) -> int:
    """Returns the exit code."""
    try:
        result = found(part)
    except (BenchError, LabError) as problem:
        print(problem, file=sys.stderr)
        return 1
    plain = {name: [each._asdict() for each in values] for name, values in result.items()}
    content = {"machine": machine.describe(), **plain}
    pathlib.Path(file).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
