# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real playbooks, run by the real ansible-playbook over SSH, with their results as values."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lab.access import Lab

_HERE = pathlib.Path(__file__).resolve().parent

# Beside the Python that runs this, so that the version of Ansible under test is the one of that environment.
ANSIBLE_PLAYBOOK = str(pathlib.Path(sys.executable).parent / "ansible-playbook")


class TaskResult(NamedTuple):
    """What one task did on one host."""

    host: str
    task: str
    action: str
    status: str  # ok, changed, failed, skipped or unreachable
    values: dict[str, Any]  # what the module returned


class PlayResult(NamedTuple):
    """What a run of ansible-playbook did."""

    rc: int
    stdout: str
    stderr: str
    tasks: list[TaskResult]
    stats: dict[str, dict[str, int]]  # the recap: host -> ok, changed, failures, unreachable, skipped, ...

    @property
    def output(self) -> str:
        """Everything that a person would see."""
        return self.stdout + self.stderr

    @property
    def words(self) -> str:
        """The same, however ansible-core 2.14 and 2.16 break the lines of warnings."""
        return " ".join(self.output.split())

    @property
    def changed(self) -> int:
        """How many tasks changed something, over all hosts."""
        return sum(counts["changed"] for counts in self.stats.values())

    @property
    def failure(self) -> str:
        """The message of the one task that failed."""
        [failed] = [task for task in self.tasks if task.status in ("failed", "unreachable")]
        return str(failed.values["msg"])

    def of(self, task: str, host: str | None = None) -> TaskResult:
        """The one result of a task, by its name or its action (`airgap.openshift.ca_trust`)."""
        found = [row for row in self.tasks if task in (row.task, row.action) and host in (None, row.host)]
        assert len(found) == 1, f"{len(found)} results of {task!r} on {host or 'all hosts'}\n{self.output}"
        return found[0]


class Playbooks:
    """Runs playbooks against a lab; keeps what it writes in one folder."""

    def __init__(self, lab: Lab, folder: pathlib.Path, collections: pathlib.Path) -> None:
        self._lab = lab
        self._folder = folder
        self._collections = collections

    def run(
        self, playbook: str, *flags: str,
        variables: Mapping[str, Any] | None = None, env: Mapping[str, str] | None = None,
    ) -> PlayResult:  # fmt: skip
        """Run a playbook: a path, or a collection's by its full name."""
        results = self._folder / "results.jsonl"
        results.unlink(missing_ok=True)
        given = self._folder / "vars.json"
        given.write_text(json.dumps(variables or {}), encoding="utf-8")
        done = subprocess.run(
            [ANSIBLE_PLAYBOOK, playbook, "--extra-vars", f"@{given}", *flags],
            env={**self._environment(results), **(env or {})}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        rows = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
        tasks = [TaskResult(**row) for row in rows if "stats" not in row]
        stats = rows[-1]["stats"] if rows and "stats" in rows[-1] else {}
        return PlayResult(done.returncode, done.stdout, done.stderr, tasks, stats)

    def play(
        self, hosts: str, tasks: Sequence[Mapping[str, Any]], *flags: str,
        variables: Mapping[str, Any] | None = None, env: Mapping[str, str] | None = None, **keywords: Any,
    ) -> PlayResult:  # fmt: skip
        """Write a play of these tasks and run it; `keywords` are the play's, `gather_facts` is false unless given."""
        playbook = self._folder / "play.yml"
        content = {"hosts": hosts, "gather_facts": False, "tasks": list(tasks), **keywords}
        playbook.write_text(json.dumps([content], indent=1), encoding="utf-8")
        return self.run(str(playbook), *flags, variables=variables, env=env)

    def _environment(self, results: pathlib.Path) -> dict[str, str]:
        return {
            **self._lab.environment(),
            "AIRGAP_RESULTS": str(results),
            "ANSIBLE_CALLBACK_PLUGINS": str(_HERE / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "results",
            "ANSIBLE_COLLECTIONS_PATH": str(self._collections),
            "ANSIBLE_NOCOLOR": "1",
        }
