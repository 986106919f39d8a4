# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules as Ansible sends them, kept on a bastion so that they can be run there again, by themselves."""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from typing import Any, NamedTuple

from figures import BenchError
from lab import hosts
from lab.access import Lab

from playbooks import Playbooks

_LIBRARY = pathlib.Path(__file__).resolve().parent / "playbooks" / "roles" / "empty" / "library"
EMPTY: dict[str, Any] = {"empty_one": {}}
PYTHON = "/usr/bin/python3"  # as in the lab's inventory

# Runs on the bastion; its own start is not among the processes that it has waited for.
_TIMED = f"""
import resource, subprocess, sys
done = subprocess.run(["{PYTHON}", sys.argv[1]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
if done.returncode or b'"changed": false' not in done.stdout:
    sys.exit(done.stdout.decode())
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime)
"""
_CALL = re.compile(r"(?:^\d+ +|<\.\.\. )(open|openat|openat2|execve|execveat)\b.* = \d+$", re.M)


class Payload(NamedTuple):
    """A module with its options in one file, as Ansible makes it (AnsiballZ)."""

    lab: Lab
    host: str
    path: str

    def cpu(self) -> float:
        """The seconds of processor time that it and what it starts take when it finds nothing to do."""
        return float(self._console(f"{PYTHON} -c {shlex.quote(_TIMED)} {self.path}"))

    def size(self) -> int:
        """In bytes."""
        return int(self._console(f"stat -c %s {self.path}"))

    def calls(self) -> dict[str, int]:
        """How often it opens a file and how many programs run, itself among them; strace is this machine's."""
        with tempfile.NamedTemporaryFile("r") as log:
            tracer = ["strace", "-f", "-qq", "-e", "trace=?open,openat,?openat2,execve,?execveat", "-o", log.name]
            command = [*tracer, *hosts.entering(hosts.find(self.host)), PYTHON, self.path]
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
            return counted(log.read())

    def _console(self, command: str) -> str:
        done = self.lab.console(self.host, command)
        if done.rc:
            raise BenchError(f"{self.path} on {self.host}: {done.stdout}{done.stderr}")
        return done.stdout


def counted(log: str) -> dict[str, int]:
    """What succeeded in a log of strace, from when Python starts: before it are the programs that enter the host."""
    begin = log.rfind("\n", 0, log.index(f'execve("{PYTHON}"')) + 1
    found = _CALL.findall(log[begin:])
    programs = sum(name.startswith("execve") for name in found)
    return {"files opened": len(found) - programs, "programs run": programs}


def playbooks(lab: Lab, folder: str) -> Playbooks:
    """Runs playbooks that find this checkout as airgap.openshift, in the folder that run.py has made for that."""
    return Playbooks(lab, pathlib.Path(folder), pathlib.Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]))


def kept(lab: Lab, runs: Playbooks, host: str, name: str, task: Mapping[str, Any]) -> Payload:
    """Run a task that has nothing to do, as root, and keep what was sent for it."""
    folder = f"/root/kept/{name.replace(' ', '-')}"
    variables = {"ansible_user": "root", "ansible_remote_tmp": folder}
    env = {"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_LIBRARY": str(_LIBRARY)}
    done = runs.play(host, [task], variables=variables, env=env)
    if done.rc or done.changed:
        raise BenchError(f"{name} on {host} was to find nothing to do:\n{done.output}")
    [path] = lab.console(host, f"ls {folder}/*/AnsiballZ_*.py").stdout.split()
    return Payload(lab, host, path)
