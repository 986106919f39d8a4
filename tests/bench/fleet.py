# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs of ansible-playbook on 1 to 100 hosts: the role, what it is built like, and what it stands for, in turn.

Every run starts without connections, as one does that comes weeks after the last: what ControlPersist kept is closed
before. Hosts get back to their first state, or to that after the last run, outside of what is timed. The rounds of all
settings take turns as well, so that few hosts and many are compared under the same conditions.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from figures import BenchError, Row, ratios, say
from lab.access import Lab
from lab.hosts import LAB

from playbooks import ANSIBLE_PLAYBOOK

_PLAYBOOKS = pathlib.Path(__file__).resolve().parent / "playbooks"
_PREPARE = "airgap.openshift.prepare"
_BY_HAND = str(_PLAYBOOKS / "by_hand.yml")


class Contender(NamedTuple):
    """One way to spend a run of ansible-playbook."""

    playbook: str
    verify: bool = False
    from_cluster: bool = False  # where the role has the pull secret from
    first: bool = False  # on hosts in their first state
    facts: bool = True  # gathered, by hand


CONTENDERS = {
    "one ping task": Contender(str(_PLAYBOOKS / "ping.yml")),
    "a role with two empty modules": Contender(str(_PLAYBOOKS / "empty.yml")),
    "second run, verify off": Contender(_PREPARE),
    "second run, verify on": Contender(_PREPARE, verify=True),
    "second run, pull secret from the cluster": Contender(_PREPARE, from_cluster=True),
    "second run by hand": Contender(_BY_HAND),
    "second run by hand, no facts": Contender(_BY_HAND, facts=False),
    "first run, pull secret from the cluster": Contender(_PREPARE, from_cluster=True, first=True),
    "first run by hand": Contender(_BY_HAND, first=True),
    "first run by hand, no facts": Contender(_BY_HAND, first=True, facts=False),
}
PING, EMPTY, OFF, ON, CLUSTER, BY_HAND, NO_FACTS, FIRST, FIRST_BY_HAND, FIRST_NO_FACTS = CONTENDERS
_ALL = tuple(CONTENDERS)
_SECOND = (PING, EMPTY, OFF, ON, CLUSTER, BY_HAND)


class Setting(NamedTuple):
    """Under what conditions contenders run."""

    hosts: int
    rounds: int
    contenders: Sequence[str]
    forks: int = 5
    pipelining: bool = False

    @property
    def words(self) -> str:
        """As the report has it."""
        hosts = f"{self.hosts} host{'s' * (self.hosts > 1)}"
        return f"{hosts}, {self.forks} forks{', pipelining' * self.pipelining}"


# Ansible's defaults are what the goals are for. All together take about 35 minutes on two cores.
JUDGED = Setting(10, 5, _ALL)
_MOST = Setting(100, 2, (PING, OFF, ON, BY_HAND))
SETTINGS = (
    JUDGED,
    Setting(10, 2, _SECOND, forks=25),
    Setting(10, 2, _SECOND, pipelining=True),
    Setting(10, 2, _SECOND, forks=25, pipelining=True),
    Setting(1, 3, _ALL),
    Setting(50, 1, _MOST.contenders),
    _MOST,
    Setting(100, 1, (PING, OFF, ON), forks=25),
)


class Run(NamedTuple):
    """One run of ansible-playbook."""

    hosts: int
    forks: int
    pipelining: bool
    contender: str
    seconds: float
    cpu_seconds: float  # of the controller: Ansible and its ssh, not the hosts, though these are on the same machine


class Fleet:
    """The lab's bastions as contenders run on them."""

    def __init__(self, lab: Lab, folder: pathlib.Path) -> None:
        self._lab = lab
        self._folder = folder
        self._done: set[tuple[str, str]] = set()  # playbooks and the hosts on which they have run

    def run(self, name: str, setting: Setting) -> Run:
        """Get the hosts ready, then one timed run."""
        contender = CONTENDERS[name]
        hosts = list(self._lab.bastions)[: setting.hosts]
        if contender.first:
            self._lab.reset(*hosts)
            self._done = {(playbook, host) for playbook, host in self._done if host not in hosts}
        else:
            self._run_before(contender, hosts)
        seconds, cpu, output = self._play(contender, hosts, forks=setting.forks, pipelining=setting.pipelining)
        expected = dict.fromkeys(hosts, contender.first)
        found = {host: changed != "0" for host, changed in re.findall(r"^(\S+) +: ok=\d+ +changed=(\d+)", output, re.M)}
        if found != expected:
            raise BenchError(
                f"{name}: not every host was {'changed' if contender.first else 'left as it was'}\n{output}"
            )
        self._done.update((contender.playbook, host) for host in hosts)
        return Run(setting.hosts, setting.forks, setting.pipelining, name, seconds, cpu)

    def _run_before(self, contender: Contender, hosts: Sequence[str]) -> None:
        missing = [host for host in hosts if (contender.playbook, host) not in self._done]
        if missing and contender.playbook in (_PREPARE, _BY_HAND):
            self._play(contender, missing, forks=25, pipelining=True)

    def _play(
        self, contender: Contender, hosts: Sequence[str], *, forks: int, pipelining: bool
    ) -> tuple[float, float, str]:
        given = self._folder / "vars.json"
        given.write_text(json.dumps(self._variables(contender)), encoding="utf-8")
        command = [ANSIBLE_PLAYBOOK, contender.playbook, f"--limit={','.join(hosts)}", f"--extra-vars=@{given}"]
        settings = {"ANSIBLE_FORKS": str(forks), "ANSIBLE_NOCOLOR": "1"}
        # Left out where it is off, as it is by default: the collection heeds what the user says, and nobody said it.
        settings |= {"ANSIBLE_PIPELINING": "true"} if pipelining else {}
        settings |= {} if contender.facts else {"ANSIBLE_GATHERING": "explicit"}
        environment = {**self._lab.environment(), **settings}
        self._close_connections()
        before, begin = _cpu_of_children(), time.perf_counter()
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        seconds, cpu = time.perf_counter() - begin, _cpu_of_children() - before
        if done.returncode:
            raise BenchError(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
        return seconds, cpu, done.stdout

    def _variables(self, contender: Contender) -> Mapping[str, Any]:
        registry = {
            "registry": self._lab.registry,
            "namespace": "ocp4",
            "username": self._lab.username,
            "password": self._lab.password,
        }
        if contender.playbook == _BY_HAND:
            return {"ca_certificate": str(self._lab.ca), "registry": registry, "facts": contender.facts}
        if contender.playbook != _PREPARE:
            return {}
        pull_secret = self._folder / "pull-secret.json"
        pull_secret.write_text(json.dumps(self._lab.pull_secret), encoding="utf-8")
        return {
            "mirror_host_ca_certificates": [{"name": "mirror-registry", "src": str(self._lab.ca)}],
            "mirror_host_registries": [registry],
            "mirror_host_verify": contender.verify,
            **({} if contender.from_cluster else {"mirror_host_pull_secret_src": str(pull_secret)}),
        }

    def _close_connections(self) -> None:
        for socket in (LAB / "sockets").glob("*"):
            host = socket.name.rpartition("-")[0]
            subprocess.run(["ssh", "-S", str(socket), "-O", "exit", host], capture_output=True, check=False)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def runs(settings: Sequence[Setting] = SETTINGS) -> Iterator[Run]:
    """Every run, one after the other.

    Raises:
        BenchError: with what ansible-playbook printed.
    """
    if "PYTHONDONTWRITEBYTECODE" in os.environ:
        raise BenchError("PYTHONDONTWRITEBYTECODE is set: every start of Ansible would compile all its sources")
    with tempfile.TemporaryDirectory() as folder:
        fleet = Fleet(Lab(), pathlib.Path(folder))
        for number in range(max(setting.rounds for setting in settings)):
            for setting in [setting for setting in settings if number < setting.rounds]:
                order = setting.contenders if number % 2 == 0 else reversed(setting.contenders)
                for name in order:
                    run = fleet.run(name, setting)
                    say(f"fleet: round {number + 1}, {setting.words}, {name}: {run.seconds:.2f} s")
                    yield run


def rows(measured: Sequence[Run]) -> list[Row]:
    """What these runs say; the goals are judged with Ansible's defaults."""
    settings = dict.fromkeys((run.hosts, run.forks, run.pipelining) for run in measured)
    found: list[Row] = []
    for hosts, forks, pipelining in settings:
        these = [run for run in measured if (run.hosts, run.forks, run.pipelining) == (hosts, forks, pipelining)]
        setting = Setting(hosts, 0, (), forks, pipelining)
        judged = setting.words == JUDGED.words
        found += _comparisons(setting.words, _by_contender(these), judged)
        found += _each_contender(setting.words, these, judged)
    return [*found, *_a_host(measured)]


def _by_contender(measured: Sequence[Run]) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {}
    for run in measured:
        times.setdefault(run.contender, []).append(run.seconds)
    return times


def _comparisons(where: str, times: Mapping[str, list[float]], judged: bool) -> Iterator[Row]:
    for this, that, goal, at_least in (
        (OFF, PING, 2.2, False),
        (OFF, EMPTY, 1.25, False),
        (BY_HAND, CLUSTER, 2, True),
        (NO_FACTS, CLUSTER, 2, True),
        (FIRST_BY_HAND, FIRST, 1.5, True),
        (FIRST_NO_FACTS, FIRST, 1.5, True),
        (CLUSTER, PING, None, False),
    ):
        if this in times and that in times:
            values = ratios(times[this], times[that])
            yield Row("fleet", f"{this} / {that}, {where}", values, "x", goal if judged else None, at_least)
    if {ON, OFF, PING} <= times.keys():
        added = [on - off for on, off in zip(times[ON], times[OFF], strict=True)]
        goal = 1 if judged else None
        yield Row(
            "fleet", f"what verify adds to the second run / {PING}, {where}", ratios(added, times[PING]), "x", goal
        )


def _each_contender(where: str, measured: Sequence[Run], judged: bool) -> Iterator[Row]:
    for name, seconds in _by_contender(measured).items():
        yield Row("fleet", f"{name}, {where}", seconds, "s")
        if judged:
            cpu = [run.cpu_seconds for run in measured if run.contender == name]
            yield Row("fleet", f"{name}, CPU of the controller, {where}", cpu, "s")


def _a_host(measured: Sequence[Run]) -> Iterator[Row]:
    few, many = (
        _by_contender([run for run in measured if (run.hosts, run.forks, run.pipelining) == (hosts, 5, False)])
        for hosts in (JUDGED.hosts, _MOST.hosts)
    )
    for name, goal in ((OFF, 1.1), (PING, None), (EMPTY, None)):
        count = min(len(few.get(name, ())), len(many.get(name, ())))
        if count:
            each = ratios([t / _MOST.hosts for t in many[name][:count]], [t / JUDGED.hosts for t in few[name][:count]])
            where = f"{_MOST.hosts} hosts / {JUDGED.hosts} hosts"
            yield Row("fleet", f"{name}, time a host, {where}", each, "x", goal)


def measure() -> list[Row]:
    """All settings."""
    return rows(list(runs()))
