# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as seen from the machine: start it, run programs in it, end it.

All of it lives under one process in its own PID, mount and network namespaces. Nothing is added to the machine's
network, mounts, /etc or /tmp, so that when this process dies, however it dies, every host, file and bridge is gone.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

from lab import machine, roots
from lab.hosts import LAB, LabError
from lab.machine import USER_NAMESPACE

_MAIN = str(pathlib.Path(__file__).resolve().parent / "__main__.py")
_INIT = "_init"
READY = b"ready\n"


def missing(images: Sequence[str], *, trace: bool = False) -> list[str]:
    """What keeps a lab of these images from running here, one sentence each, once what can be installed is.

    `trace`: programs of it will be traced.
    """
    build = bool(roots.to_build(images))
    machine.provide(build=build, trace=trace)
    return machine.missing(build=build, trace=trace)


def exit_code(work: Callable[[], int], *told: type[Exception]) -> int:
    """What a program that works with a lab exits with; SIGTERM lets it end its lab.

    Problems of the lab, and exceptions that are `told`, have messages for the person who called.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    problems: tuple[type[Exception], ...] = (LabError, roots.BuildError, *told)
    try:
        return work()
    except problems as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


@contextlib.contextmanager
def running(images: Sequence[str]) -> Iterator[int]:
    """A lab with one bastion for each image; yields its PID for `run`. It ends with the block, or with this process."""
    roots.build(images)
    with _unshared(f"run-{os.getpid()}", images, stdin=subprocess.PIPE) as outer:
        try:
            _wait_until_ready(outer)
            yield _child(outer.pid)
        finally:
            # Not `outer` itself: it outlives its child, so that the end of this block is the end of all.
            with contextlib.suppress(OSError, IndexError):
                os.kill(_child(outer.pid), signal.SIGKILL)
                outer.wait()


def start(name: str, images: Sequence[str]) -> None:
    """A lab that stays until `stop(name)`."""
    if find(name):
        raise LabError(f"a lab named {name} is up already")
    roots.build(images)
    outer = _unshared(name, images, stdin=subprocess.DEVNULL)
    _wait_until_ready(outer)
    outer.returncode = 0  # we do not wait for it: it stays


def stop(name: str) -> None:
    """End a lab; returns when nothing of it is left."""
    pid = find(name)
    if pid:
        handle = os.pidfd_open(pid)
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        select.select([handle], [], [])


def run(pid: int, command: Sequence[str], env: dict[str, str] | None = None) -> int:
    """Run a command inside, in the current folder; returns its exit code as a shell does. Ctrl-C is the command's."""
    user = ["--user", "--preserve-credentials"] if USER_NAMESPACE else []
    namespaces = ["--mount", "--net", "--pid", f"--wd={os.getcwd()}"]
    environment = {**os.environ, "TMPDIR": f"{LAB}/tmp", **(env or {})}
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        code = subprocess.call(["nsenter", "--target", str(pid), *user, *namespaces, "--", *command], env=environment)
        return code if code >= 0 else 128 - code
    finally:
        signal.signal(signal.SIGINT, before)


def labs() -> dict[str, int]:
    """Names and PIDs of this user's running labs, found in the process table: there is no file that could be stale."""
    found = {}
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if process.stat().st_uid == os.geteuid() and words[2:4] == [_MAIN, _INIT]:
                found[words[4]] = int(process.name)
    return found


def find(name: str) -> int | None:
    """The PID of a running lab."""
    return labs().get(name)


def _unshared(name: str, images: Sequence[str], *, stdin: int) -> subprocess.Popen[bytes]:
    namespaces = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
    command = ["unshare", *USER_NAMESPACE, *namespaces, sys.executable, "-I", _MAIN, _INIT, name, *images]
    return subprocess.Popen(
        command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )


def _wait_until_ready(outer: subprocess.Popen[bytes]) -> None:
    told = []
    for line in outer.stdout or ():
        if line == READY:
            return
        told.append(line.decode(errors="replace"))
    raise LabError(f"the lab did not start:\n{''.join(told)}")


def _child(pid: int) -> int:
    return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
