# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sees what hosts and the controller do meanwhile: all programs with their arguments and environments, what is said to
syslog, and which files are there afterwards.

Programs are seen by strace, which misses none however short it runs. A host's own sshd is followed from before anybody
connects, so that all that Ansible does there is below it.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lab import hosts
from outcome import TortureError

LOG = "dev/log"
# Where a host has something else than the disk.
IN_MEMORY = ("run", "dev/shm")
# Written in hexadecimal, so that what is in a text is never taken for what is around it.
_STRACE = ["strace", "-f", "-q", "-v", "-xx", "-s", "262144"]
_CALL = re.compile(r"execve(?:at)?\((.*)$", re.M)
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_CONNECT = re.compile(r'connect\([0-9]+, \{sa_family=AF_UNIX, sun_path="((?:\\x[0-9a-f]{2})*)"')
_USERS = (0, 1000)  # root, and the one other user of the lab's images who may log in
# File systems give times that are a tick of the kernel's clock older than the clock that programs read.
_TICK = 20_000_000


class Programs(NamedTuple):
    """What programs were started with; each text once."""

    arguments: bytes
    environment: bytes
    calls: int
    syslog: int  # how often one of them wanted to speak to /dev/log


class Found(NamedTuple):
    """A file that is there."""

    path: str  # as on its host
    mode: int
    content: bytes
    owner: int = 0

    @property
    def is_private(self) -> bool:
        """Whether nobody may use it but root, or the user as whom Ansible logs in."""
        return not self.mode & 0o077 and self.owner in _USERS


def traced(command: Sequence[str], log: pathlib.Path) -> list[str]:
    """The command, with all programs that it and what it leaves behind start written to a log."""
    return [*_STRACE, "-D", "--seccomp-bpf", "-e", "trace=execve,execveat,connect", "-o", str(log), *command]


def programs(log: str) -> Programs:
    """What a log of strace tells.

    Raises: TortureError when a text in it is cut.
    """
    arguments: set[bytes] = set()
    environment: set[bytes] = set()
    calls = _CALL.findall(log)
    for call in calls:
        words, _bracket, variables = call.partition("], [")
        for part, into in ((words, arguments), (variables, environment)):
            for text, cut in _TEXT.findall(part):
                if cut:
                    raise TortureError("strace has cut the words of a command")
                into.add(_bytes(text))
    syslog = sum(_bytes(path) == b"/dev/log" for path in _CONNECT.findall(log))
    return Programs(b"\n".join(sorted(arguments)), b"\n".join(sorted(environment)), len(calls), syslog)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


class Watched:
    """A host that is watched until `end`."""

    def __init__(self, name: str, folder: pathlib.Path) -> None:
        self.name = name
        self._host = hosts.find(name)
        self._pid = int(hosts.entering(self._host)[2])
        self._trace = folder / f"{self._host.name}.trace"
        self._said = bytearray()
        self._programs_read = self._said_read = 0
        self._socket = self._listen()
        command = [*_STRACE, "-e", "trace=execve,execveat", "-o", str(self._trace), "-p", str(self._pid)]
        self._strace = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self._wait_until_traced()

    def end(self) -> None:
        """Watch no longer."""
        self._strace.terminate()
        self._strace.wait()
        self._socket.close()
        (self._root / LOG).unlink(missing_ok=True)

    def programs(self) -> Programs:
        """All since the last time."""
        with self._trace.open() as log:
            log.seek(self._programs_read)
            text = log.read()
        text = text[: text.rfind("\n") + 1]
        self._programs_read += len(text)
        return programs(text)

    def said(self) -> bytes:
        """All that was sent to syslog since the last time."""
        begin, self._said_read = self._said_read, len(self._said)
        return bytes(self._said[begin : self._said_read])

    def files(self, since: int) -> Iterator[Found]:
        """All files that were written, moved or changed since then, in nanoseconds of the clock."""
        yield from found_below(self._host.folder / "disk" / "upper", "/", since)
        for folder in IN_MEMORY:
            yield from found_below(self._root / folder, f"/{folder}/", since)

    @property
    def _root(self) -> pathlib.Path:
        return pathlib.Path(f"/proc/{self._pid}/root")

    def _listen(self) -> socket.socket:
        path = self._root / LOG
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        listener.bind(str(path))
        path.chmod(0o666)
        threading.Thread(target=self._hear, args=(listener,), daemon=True).start()
        return listener

    def _hear(self, listener: socket.socket) -> None:
        while True:
            try:
                self._said += listener.recv(1 << 20) + b"\n"
            except OSError:
                return

    def _wait_until_traced(self) -> None:
        end = time.monotonic() + 10
        status = pathlib.Path(f"/proc/{self._pid}/status")
        while "TracerPid:\t0\n" in status.read_text():
            if self._strace.poll() is not None or time.monotonic() > end:
                raise TortureError(f"strace cannot follow the programs of {self.name}")
            time.sleep(0.02)


def found_below(folder: pathlib.Path, name: str, since: int = 0) -> Iterator[Found]:
    """The files below a folder, which is known by this name, that were written or changed since then."""
    for place, folders, files in os.walk(folder):
        for path in (pathlib.Path(place, each) for each in [*folders, *files]):
            try:
                status = path.lstat()
                if status.st_ctime_ns < since - _TICK:
                    continue
                content = content_of(path, status)
            except FileNotFoundError:
                continue
            yield Found(name + str(path.relative_to(folder)), stat.S_IMODE(status.st_mode), content, status.st_uid)


def content_of(path: pathlib.Path, status: os.stat_result) -> bytes:
    """What can be read of a file: its bytes, or where a link points to."""
    if stat.S_ISLNK(status.st_mode):
        return os.fsencode(os.readlink(path))
    return path.read_bytes() if stat.S_ISREG(status.st_mode) else b""


def lacking() -> None:
    """Raises: TortureError where nobody can be watched."""
    if not shutil.which("strace"):
        raise TortureError("strace is not installed: the programs that run cannot be seen without it")
