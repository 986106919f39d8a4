# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules as a real ansible-playbook sends them, run again on a bastion under strace, which lets one call of them fail.

strace is this machine's: nothing is installed on a bastion. It counts the calls of a module itself, not those of
programs that the module starts.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from disks import DiskOf
from lab import hosts
from lab.access import Lab
from outcome import TortureError

from playbooks import Playbooks

PYTHON = "/usr/bin/python3"  # as in the lab's inventory
PATIENCE = 200  # seconds, more than ca_trust gives an update command
_KEPT = "/root/kept"
_KEEPING = "/usr/local/bin/keeping-python"
# What Ansible sends comes on the standard input of Python.
_KEEPER = f"""#!/bin/sh
set -eu
umask 077
mkdir -p {_KEPT}
kept={_KEPT}/$(ls {_KEPT} | wc -l)
cat > $kept
exec {PYTHON} < $kept
"""

# Beside those that name a file: those that change what a descriptor stands for, or read it.
_CHANGES = "write pwrite64 writev sendfile copy_file_range ftruncate fallocate fchmod fchown fsync fdatasync fsetxattr"
_READS = "read getdents64 flock"
_TRACE = ",".join(["%file", *_CHANGES.split(), *_READS.split()])
_CHANGING = re.compile(
    rf"({_CHANGES.replace(' ', '|')}|creat|truncate|(re|un|sym)?(name|link)(at2?)?|mkdir(at)?|rmdir|"
    r"f?l?ch(mod|own)(at2?)?|utimensat|utimes?|l?setxattr|l?removexattr)\b|openat\(.*O_(W|RDWR|CREAT)"
)
_LINE = re.compile(r"^(\w+)\((.*)", re.M)
_DESCRIPTOR = re.compile(r"^(\d+)(?:<([^>]*)>)?")
_BESIDE = re.compile(r"/tmp/ansible_|/etc/(nsswitch\.conf|passwd|group)$|/(usr/(local/)?)?s?bin/")
_ANSWERING = ("getcwd",)  # which name no file but in their answer
_HIT = "(INJECTED)"
_QUOTED = re.compile(r'"(/[^"]*)"')
# Names that are others in every run.
_RANDOM = (
    (re.compile(r"(payload_|\.airgap-openshift-\w+-|/tmp/|/tmp)[a-z0-9_]{8}(?=$|/)"), r"\1*"),
    (re.compile(r"\.ansible_tmp[a-z0-9_]{8}"), ".ansible_tmp*"),  # before the name of what it is to be
    (re.compile(r"moduletmp-[\d.]+-[a-z0-9_]{8}"), "moduletmp-*"),
    (re.compile(r"\.\d+\.\d{4}-\d\d-\d\d@[\d:]+~"), ".BACKUP~"),
)


class Call(NamedTuple):
    """A system call of a module: the ``nth`` of this name since strace started it."""

    name: str
    nth: int
    paths: tuple[str, ...]  # without what is random in them; that of a descriptor comes first
    changes: bool  # whether it may change a disk
    time: int = 1  # that there is one of this name with these paths

    @property
    def matters(self) -> bool:
        """Whether it has to do with what a module is about, or else with how Ansible brings the module along and away,
        with accounts or with programs."""
        return not any(_BESIDE.match(path) for path in self.paths)

    def found_in(self, calls: Sequence[Call]) -> int:
        """Which of the calls in another run it is, where a pipe, say, may be read more often; 0 if it is none."""
        alike = [call.nth for call in calls if call.is_like(self)]
        return alike[self.time - 1] if len(alike) >= self.time else 0

    def is_like(self, other: Call) -> bool:
        """Whether they are of a name and about the same, as far as one shows that did not come to its end: what the
        kernel answers, such as where a link leads, comes last."""
        begun = self.paths == other.paths[: len(self.paths)]
        known = bool(self.paths) or not other.paths or self.name in _ANSWERING
        return self.name == other.name and begun and known

    def __str__(self) -> str:
        return f"{' '.join((self.name, *self.paths))} (number {self.nth} of these calls)"


class Ran(NamedTuple):
    """What a module did and said."""

    rc: int
    stdout: str
    stderr: str

    @property
    def answer(self) -> dict[str, Any]:
        """The one JSON object that it printed; nothing if it printed anything else."""
        try:
            found = json.loads(self.stdout)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def output(self) -> bytes:
        """All that it said."""
        return (self.stdout + self.stderr).encode()

    @property
    def killed(self) -> bool:
        """Whether it did not end by itself; a shell, and a program that passes it on, have a number of their own."""
        return self.rc in (-signal.SIGKILL, 128 + signal.SIGKILL)

    @property
    def failed(self) -> bool:
        """Whether it says that it failed, or says nothing that could be understood."""
        return not self.answer or bool(self.answer.get("failed")) or self.rc != 0


class Target:
    """A bastion on which modules are run as Ansible does it."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.name = name
        self.kind = lab.bastions[name]
        self.host = hosts.find(name)
        self.disk = DiskOf(self.host)
        self.payloads: dict[str, bytes] = {}
        self._common: set[Call] = set()  # those of which the module's children have as many
        self._lab = lab
        self._entering = entering = hosts.entering(self.host)
        self._root = pathlib.Path("/proc", entering[2], "root")
        # strace, which stays outside of the host's root, sees the same process ids as the module.
        self._outer = [*entering[:3], "--pid", "--"]
        self._inner = [word if word != "env" else "/usr/bin/env" for word in entering if word != "--pid"]

    def console(self, command: str) -> str:
        """Run a shell command as root; return what it prints.

        Raises: TortureError when it fails.
        """
        done = self._lab.console(self.name, command)
        if done.rc:
            raise TortureError(f"{command} on {self.name}: {done.stdout}{done.stderr}")
        return done.stdout

    def run(self, payload: str, tracer: Sequence[str] = ()) -> Ran:
        """Run a module, perhaps under a tracer; returns when it and its children have ended."""
        return self._run(payload, [*self._outer, *tracer, *self._inner, PYTHON])

    def entered(self, payload: str, tracer: Sequence[str]) -> Ran:
        """The same under a tracer that sees how the host is entered, and all process ids as they are outside of it."""
        return self._run(payload, [*tracer, *self._entering, PYTHON])

    def _run(self, payload: str, command: Sequence[str]) -> Ran:
        before = self._alive()
        done = subprocess.run(command, input=self.payloads[payload], capture_output=True, check=False)
        # What a module starts has pipes of its own, and goes on where the module is killed.
        end = time.monotonic() + PATIENCE
        while self._alive() - before:
            if time.monotonic() > end:
                raise TortureError(f"what {payload} has started on {self.name} does not end")
            time.sleep(0.01)
        return Ran(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def _alive(self) -> set[str]:
        return {process.name for process in (self._root / "proc").glob("[0-9]*")}

    def must_run(self, payload: str) -> Ran:
        """Run a module.

        Raises: TortureError when it fails.
        """
        done = self.run(payload)
        if done.failed:
            raise TortureError(f"{payload} on {self.name}: {done.stdout}{done.stderr}")
        return done

    def calls(self, payload: str) -> list[Call]:
        """Run a module; what it did."""
        with tempfile.NamedTemporaryFile("r") as log:
            done = self.run(payload, ["strace", "-qq", "-y", "-o", log.name, "-e", f"trace={_TRACE}"])
            if done.failed:
                raise TortureError(f"{payload} on {self.name}, under strace: {done.stdout}{done.stderr}")
            return list(called(log.read()))

    def struck(self, payload: str, call: Call, how: str, nth: int) -> tuple[Ran, int]:
        """Run a module with the ``nth`` call of a name injected (``signal=KILL``, ``error=EIO``); which it has to be to
        hit this call, as far as one knows.

        strace counts the calls of each process by themselves. It is fastest where it follows them all and only stops at
        the calls in question; but then it kills nobody, and may hit the module's children as well.
        """
        kills = how.startswith("signal")
        with tempfile.NamedTemporaryFile("r") as log:
            tracer = ["strace", "-qq", "-y", "-o", log.name, "-e", f"trace={call.name}"]
            tracer += ["-e", f"inject={call.name}:{how}:when={nth}"]
            done = self.run(payload, [*tracer, *([] if kills or call in self._common else ["-f", "--seccomp-bpf"])])
            module, others = told_apart(log.read())
        if _HIT in others:
            self._common.add(call)
            return done, 0
        found = list(called(module))
        hit = done.killed and len(found) == nth if kills else _HIT in module
        at = call.found_in(found)
        if hit:
            return done, at or nth + 1
        return done, at if at != nth else 0


def told_apart(log: str) -> tuple[str, str]:
    """What a log of strace says of the first process, and of all others; there may be but one."""
    lines = log.splitlines()
    first = lines[0].split()[0] if lines and lines[0][:1].isdigit() else ""
    mine = [line for line in lines if line.split()[0] == first] if first else lines
    return "\n".join(line[len(first) :].lstrip() for line in mine), "\n".join(
        line for line in lines if line not in mine
    )


def called(log: str) -> Iterator[Call]:
    """The calls in a log of strace."""
    counts: Counter[str] = Counter()
    times: Counter[tuple[str, ...]] = Counter()
    for found in _LINE.finditer(log):
        name, rest = found.groups()
        counts[name] += 1
        descriptor = _DESCRIPTOR.match(rest)
        paths = [descriptor[2]] if descriptor and (descriptor[2] or "").startswith("/") else []
        # The bytes of what is read and written may look like paths.
        paths += [] if descriptor and not name.endswith("at") else _QUOTED.findall(rest)
        changes = bool(_CHANGING.match(found[0])) and not (descriptor and not paths)
        about = tuple(map(settled, paths))
        times[(name, *about)] += 1
        yield Call(name, counts[name], about, changes, times[(name, *about)])


def settled(path: str) -> str:
    """The path without what is random in it."""
    for pattern, words in _RANDOM:
        path = pattern.sub(words, path)
    return path


def send(
    lab: Lab, folder: pathlib.Path, tasks: Mapping[str, Mapping[str, Any]], where: Mapping[str, Sequence[str]]
) -> list[Target]:
    """Run tasks by a real ansible-playbook, each on the bastions that ``where`` names for it by their kinds; targets
    that hold what was sent for them."""
    targets = [
        Target(lab, name) for name, kind in lab.bastions.items() if any(kind in kinds for kinds in where.values())
    ]
    for target in targets:
        lab.push(target.name, _KEEPING, _KEEPER.encode(), mode=0o755)
    runs = Playbooks(lab, folder, pathlib.Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]))
    kind_of = {target.name: target.kind for target in targets}
    steps = [{**task, "when": f"kind_of[inventory_hostname] in {list(where[name])}"} for name, task in tasks.items()]
    done = runs.play(
        ",".join(kind_of), steps, env={"ANSIBLE_PIPELINING": "1", "ANSIBLE_DISPLAY_TRACEBACK": "always"},
        variables={"ansible_user": "root", "ansible_python_interpreter": _KEEPING, "kind_of": kind_of},
    )  # fmt: skip
    if done.rc:
        raise TortureError(f"the modules could not be sent:\n{done.output}")
    for target in targets:
        names = [name for name in tasks if target.kind in where[name]]
        target.payloads = {name: lab.pull(target.name, f"{_KEPT}/{number}") for number, name in enumerate(names)}
        target.console(f"rm -r {_KEPT} {_KEEPING}")
    return targets
