# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cut.py LOG WHO N COMMAND...: runs a module, and kills when what it starts is to change a file the Nth time.

Two of strace's limits make this necessary: it counts the calls of each process by themselves, but an update command is
a script that starts hundreds of programs; and it kills one process only, but when power fails all are gone at once.
WHO is ``all`` (the module too), ``child`` (the program that makes this call), or ``module`` (it alone: what it has
started goes on). With 0 for N nobody is killed. LOG gets the name of the program and what it changes, in one line each.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import signal
import struct
import sys
from collections.abc import Sequence

# <sys/ptrace.h>
_CONT, _SEIZE, _GET_SYSCALL_INFO = 7, 0x4206, 0x420E
_FORK, _VFORK, _CLONE, _EXEC, _SECCOMP, _EXITKILL = 2, 4, 8, 16, 1 << 7, 1 << 20
_ANY = 0x40000000  # __WALL
_FILTERED = 7  # PTRACE_EVENT_SECCOMP
# <linux/seccomp.h> and <linux/filter.h>: stop at these calls, let all others pass at full speed.
_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_TRACE, _ALLOW = 0x7FF00000, 0x7FFF0000

# System calls that change a file, and which argument has its name.
_NAMED = {
    "x86_64": {
        **dict.fromkeys((76, 82, 83, 84, 85, 87, 90, 92, 94), 0),
        **dict.fromkeys((86, 88, 257, 258, 260, 263, 268, 280), 1),
        **{266: 2, 264: 3, 265: 3, 316: 3},
    },
    "aarch64": {**dict.fromkeys((34, 35, 53, 54, 56, 88), 1), **{45: 0, 36: 2, 37: 3, 38: 3, 276: 3}},
}
# Those that are given a descriptor, in the first argument but for copy_file_range.
_WRITING = {"x86_64": (1, 18, 20, 40, 77, 91, 93, 326), "aarch64": (64, 68, 66, 71, 46, 52, 55, 285)}
_OPENAT = {"x86_64": 257, "aarch64": 56}
_COPYING = {"x86_64": 326, "aarch64": 285}
_MACHINE = platform.machine()
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def supported() -> bool:
    """Whether the system calls of this machine are known."""
    return _MACHINE in _NAMED


class Tracer:
    """Processes that are traced: the one that enters the host, the module, and all that it starts."""

    def __init__(self, log: str, who: str, nth: int) -> None:
        self._log = log
        self._who, self._nth, self._seen = who, nth, 0
        self._pids: list[int] = []  # as they came: the one that enters the host, and the module
        self._alive: set[int] = set()

    def run(self, command: Sequence[str]) -> int:
        """Run a command until it and all that it has started have ended; its exit code, as a shell has it."""
        first, code = os.fork(), 0
        if first == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
            _filter()
            os.execvp(command[0], list(command))
        os.waitpid(first, os.WUNTRACED)
        options = _FORK | _VFORK | _CLONE | _EXEC | _SECCOMP | _EXITKILL
        if _libc.ptrace(_SEIZE, first, None, options):
            raise OSError(ctypes.get_errno(), "ptrace")
        self._met(first)
        os.kill(first, signal.SIGCONT)
        while self._alive:
            pid, status = os.waitpid(-1, _ANY)
            if os.WIFSTOPPED(status):
                self._met(pid)
                self._go_on(pid, status)
            else:
                self._alive.discard(pid)
                code = os.waitstatus_to_exitcode(status) if pid == first else code
        return code if code >= 0 else 128 - code

    def _met(self, pid: int) -> None:
        if pid not in self._pids:
            self._pids.append(pid)
            self._alive.add(pid)

    def _go_on(self, pid: int, status: int) -> None:
        # The module's own calls are strace's business.
        if status >> 16 == _FILTERED and pid not in self._pids[:2]:
            self._look(pid)
        passed_on = 0 if status >> 16 or os.WSTOPSIG(status) == signal.SIGTRAP else os.WSTOPSIG(status)
        _libc.ptrace(_CONT, pid, None, passed_on)

    def _look(self, pid: int) -> None:
        info = ctypes.create_string_buffer(88)
        if _libc.ptrace(_GET_SYSCALL_INFO, pid, 88, info) <= 0:
            return
        number, *arguments = struct.unpack_from("7Q", info.raw, 24)
        path = _changed(pid, number, arguments)
        if path:
            self._seen += 1
            with open(f"/proc/{pid}/comm", encoding="utf-8") as name, open(self._log, "a", encoding="utf-8") as log:
                log.write(f"{name.read().strip()} {number} {path}\n")
            if self._seen == self._nth:
                self._strike(pid)

    def _strike(self, pid: int) -> None:
        doomed = {"all": [*self._alive], "child": [pid], "module": self._pids[1:2]}[self._who]
        for each in doomed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)


def _filter() -> None:
    numbers = sorted({*_NAMED[_MACHINE], *_WRITING[_MACHINE]})
    code = [(_LOAD, 0, 0, 0)]  # the call's number
    code += [(_IF_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    code += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _TRACE)]
    instructions = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(instructions)))
    if _libc.prctl(_SET_SECCOMP, _MODE_FILTER, program):
        raise OSError(ctypes.get_errno(), "prctl")


def _changed(pid: int, number: int, arguments: Sequence[int]) -> str:
    """The file that a call is to change; nothing if it changes none."""
    if number in _WRITING[_MACHINE]:
        which = 2 if number == _COPYING[_MACHINE] else 0
        with contextlib.suppress(OSError):
            path = os.readlink(f"/proc/{pid}/fd/{arguments[which]}")
            return path if path.startswith("/") and not path.startswith(("/dev/", "/proc/")) else ""
    if number in _NAMED[_MACHINE] and not (number == _OPENAT[_MACHINE] and not arguments[2] & (3 | os.O_CREAT)):
        path = _text(pid, arguments[_NAMED[_MACHINE][number]])
        return "" if path.startswith("/dev/") else path
    return ""


def _text(pid: int, address: int) -> str:
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory, contextlib.suppress(OSError):
        memory.seek(address)
        return memory.read(256).split(b"\0")[0].decode(errors="replace")
    return "?"


if __name__ == "__main__":
    sys.exit(Tracer(sys.argv[1], sys.argv[2], int(sys.argv[3])).run(sys.argv[4:]))
