# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules on bastions that are broken in some way, while nothing else is: each has to leave what was there before, or
all of what was asked, to say what is the matter, and to reach what was asked once the bastion is mended.

A real ansible-playbook runs the modules. It stops before and after each of them, so that the bastion can be broken,
looked at and mended in between. ``breakage`` has the faults, ``cutoffs`` what happens to connections and to power.
"""

from __future__ import annotations

import itertools
import pathlib
import queue
import re
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence

from breakage import FAULTS, RAN, SHORT, Fault
from cutoffs import crowds, cuts, reboots
from lab.access import Lab
from outcome import Case
from stage import NEW, OLD, Site, Stage, stop

KIND = "faults"
_NO_SENTENCE = re.compile(r"MODULE FAILURE|Traceback|module_std(out|err)|^\s*$")
_PUT_BACK = "put back as they were"


def cases(short: bool) -> Iterator[Case]:
    """All cases of this kind, from both bastions at once."""
    found: queue.Queue[Case | BaseException | None] = queue.Queue()
    lab = Lab()
    with tempfile.TemporaryDirectory() as folder:
        for name, kind in lab.bastions.items():
            where = pathlib.Path(folder, kind)
            # A daemon: where another bastion's cases cannot be tried, all ends.
            threading.Thread(target=_try_on, args=(lab, name, kind, where, short, found), daemon=True).start()
        for _bastion in lab.bastions:
            while (case := found.get()) is not None:
                if isinstance(case, BaseException):
                    raise case
                yield case


def _try_on(
    lab: Lab, name: str, kind: str, folder: pathlib.Path, short: bool, found: queue.Queue[Case | BaseException | None]
) -> None:
    try:
        faults = chosen(kind, short)
        site = Site(lab, name, kind, folder, anchored=not short or any(fault.task == "renew" for fault in faults))
        for case in itertools.chain(broken(site, faults), cuts(site, short), crowds(site, short), reboots(site, short)):
            found.put(case)
        found.put(None)
    except BaseException as problem:
        found.put(problem)


def chosen(kind: str, short: bool) -> list[Fault]:
    """The faults to try on a bastion of this kind."""
    of_kind = [fault for fault in FAULTS if kind in fault.kinds]
    return [fault for fault in of_kind if not short or (kind, fault.task, fault.title) in SHORT]


def broken(site: Site, faults: Sequence[Fault]) -> Iterator[Case]:
    """Try faults one after the other, in one play."""
    if not faults:
        return
    stage = Stage(site, [task for number, fault in enumerate(faults) for task in _tasks(site, number, fault)])
    for number, fault in enumerate(faults):
        name = f"{site.kind}, {fault.task}, {fault.title}"
        lost, leaked = _struck(site, stage, number, fault)
        lost += _healed(site, stage, number, fault)
        yield Case(KIND, name, "; ".join(lost), "; ".join(leaked))
    printed = stage.end().output
    yield Case(KIND, f"{site.kind}, all that was printed", leaked="; ".join(site.secrets_in(printed.encode())))


def _tasks(site: Site, number: int, fault: Fault) -> Iterator[dict[str, object]]:
    task = {**site.task(fault.task, fault.options), "ignore_errors": True}
    yield stop(f"{number}-before")
    yield {"name": f"{number}-struck", "environment": fault.environment, **task}
    yield stop(f"{number}-after")
    yield {"name": f"{number}-next", **task}
    yield {"name": f"{number}-again", **task}
    yield stop(f"{number}-done")


def _struck(site: Site, stage: Stage, number: int, fault: Fault) -> tuple[list[str], list[str]]:
    """Break the bastion for the time of one task; what is lost and leaked.

    Raises: TortureError when a program that was put in another's place has not been started.
    """
    stage.arrive(f"{number}-before")
    site.restore()
    site.shell(fault.broken)
    began, moment = time.monotonic(), time.time()
    stage.go_on(f"{number}-before")
    stage.arrive(f"{number}-after")
    lost, leaked = site.strays(moment)
    if time.monotonic() - began > fault.seconds:
        lost.append(f"the task took {time.monotonic() - began:.0f} seconds")
    result, state = stage.result(f"{number}-struck"), site.state(fault.task)
    if RAN in fault.broken:
        site.shell(f"rm {RAN}")
    site.shell(fault.mended)
    message = str(result.values.get("msg"))
    leaked += [f"the message holds {what}" for what in site.secrets_in(message.encode())]
    return [*lost, *_told(fault, result.status == "failed", site.quoted(message), state)], leaked


def _told(fault: Fault, failed: bool, message: str, state: str) -> Iterator[str]:
    """What is not as it must be right after the task."""
    if state not in ((OLD, NEW) if failed else (NEW,)) and not fault.spoils:
        yield f"{'it fails' if failed else 'it succeeds'}, and {state}"
    if failed and _PUT_BACK in message and state != OLD and not fault.spoils:
        yield f"it says that all was put back, and {state}"
    if failed and _NO_SENTENCE.search(message):
        yield f"no sentence says what is wrong: {message[:80]}"
    elif failed != bool(fault.says) or not re.search(fault.says, message, re.S):
        yield f"it {'fails' if failed else 'succeeds'} and says: {message}"


def _healed(site: Site, stage: Stage, number: int, fault: Fault) -> list[str]:
    """What is not as it must be two runs after the bastion was mended."""
    stage.go_on(f"{number}-after")
    stage.arrive(f"{number}-done")
    after, again, state = stage.result(f"{number}-next"), stage.result(f"{number}-again"), site.state(fault.task)
    stage.go_on(f"{number}-done")
    lost = [] if after.status != "failed" else [f"the next run fails: {site.quoted(str(after.values.get('msg')))}"]
    lost += [] if again.status == "ok" else [f"the run after the next is {again.status}"]
    return lost + ([] if state == NEW else [f"after the next run {state}"])
