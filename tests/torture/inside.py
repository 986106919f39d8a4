# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""inside.py KIND FILE [short]: tries all cases of a kind, inside a lab, and writes what became of them to a file."""

from __future__ import annotations

import importlib
import json
import pathlib
import sys
import time

_HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE), str(_HERE.parent / "e2e"), str(_HERE.parent / "bench")]

from outcome import say

SECONDS = 10  # between two lines of progress


def main(kind: str, file: str, *short: str) -> None:
    """Returns when all cases have been tried."""
    found, begin, said = [], time.monotonic(), time.monotonic()
    for case in importlib.import_module(kind).cases(bool(short)):
        found.append(case)
        if not case.survived:
            say(str(case))
        if time.monotonic() - said > SECONDS:
            said = time.monotonic()
            say(f"{kind}: {len(found)} cases, {said - begin:.0f} s")
    pathlib.Path(file).write_text(json.dumps(found), encoding="utf-8")
    say(f"{kind}: {len(found)} cases, {time.monotonic() - begin:.0f} s, all tried")


if __name__ == "__main__":
    main(*sys.argv[1:])
