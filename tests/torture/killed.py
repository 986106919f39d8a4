# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules that are killed before each of their calls that has to do with a file, and in the midst of what they start.

Before a module's own code begins, Python only reads: of these calls some are taken. After that each is taken, but for
those between the first and the last of a row that reads entries of one folder. An update command makes a thousand
changes or more: of these some are taken. Then all die at once, as when power fails, or the module alone, while what it
started goes on, or the program that makes the change, while the module goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cut
from outcome import Case, say
from scenarios import Trial, chosen, tried
from traced import Call

_KILL = "signal=KILL"
_BEFORE = 300  # one in so many of the calls before the module's own
# In the short form: each of these leaves something else behind.
_TELLING = ("write", "rename", "unlink", "chmod", "openat")
_CUTS = {"all": 8, "module": 3, "child": 5}  # how many of the changes that are made by what a module starts
_WHO = {
    "all": "all are killed",
    "module": "the module is killed, and what it started goes on",
    "child": "this program is killed, and the module goes on",
}


def cases(short: bool) -> Iterator[Case]:
    """Yield what became of each."""
    if not cut.supported():
        say("killed: left out: what modules start (the system calls of this machine are not known)")
    yield from tried(chosen("killed", short), _short if short else _all)


def places(calls: Sequence[Call]) -> list[Call]:
    """Where to strike: of a row of calls that read links in one folder, or look for a program, first and last."""
    rows = [_row(call) for call in calls]
    inner = (before == row == after for before, row, after in zip([None, *rows], rows, [*rows[1:], None]))
    return [call for call, within in zip(calls, inner) if not within]


def _row(call: Call) -> object:
    folder, _slash, name = call.paths[0].rpartition("/") if call.paths else ("", "", "")
    if call.name == "readlink":
        return call.name, folder
    return (call.name, name) if folder.endswith("bin") and not call.changes else call


def last(calls: Sequence[Call], names: Sequence[str]) -> list[Call]:
    """The last call of each of these names that has to do with what a module is about, and changes that on a disk."""
    among = (call for call in calls if call.changes and call.matters and call.name in names)
    return list({call.name: call for call in among if not "".join(call.paths).startswith("/dev/")}.values())


def sample(count: int, wanted: int) -> list[int]:
    """As many numbers from 1 to ``count``, as even as possible, and the last one."""
    return sorted({1 + (count - 1) * step // max(wanted - 1, 1) for step in range(wanted)}) if count else []


def _all(trial: Trial) -> Iterator[Case]:
    yield from _killed(trial, [*trial.before[_BEFORE::_BEFORE], *places(trial.calls)])
    if cut.supported() and trial.starts:
        for who, wanted in _CUTS.items():
            yield from _cut(trial, who, wanted)


def _short(trial: Trial) -> Iterator[Case]:
    yield from _killed(trial, last(trial.calls, _TELLING))
    if cut.supported() and trial.starts:
        yield from _cut(trial, "all", 2)


def _killed(trial: Trial, calls: Sequence[Call]) -> Iterator[Case]:
    for call in calls:
        yield from (Case("killed", f"{trial}: before {call}", *became) for became in trial.struck(call, _KILL))


def _cut(trial: Trial, who: str, wanted: int) -> Iterator[Case]:
    for nth in sample(trial.starts, wanted):
        ran, change = trial.cut(who, nth)
        name = f"{trial}: {_WHO[who]} at change {nth} of {trial.starts} ({change})"
        yield Case("killed", name, *trial.judged(ran, unnoticed=who == "child"))
