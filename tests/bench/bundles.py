# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ca_trust takes for bundles of 1 to 1,000 certificates, on a bastion of each kind that has none of them yet.

Most of a first run is the host's own command that makes the bundle anew, which the module cannot make any faster: it is
wrapped, so that the bastion notes how often and how long it ran. Most of what is left is the same for any number of
certificates, and what 1,000 add to it is hardly more than what runs differ by on a busy machine. What one adds is
therefore looked at with up to 4,000 of them, in check mode, which does everything but writing and the update command.
The second run finds the connection of the first still open.
"""

from __future__ import annotations

import datetime
import functools
import pathlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from figures import BenchError, Row, rounds, say
from lab import roots
from lab.access import Lab
from payloads import kept, playbooks
from trust import STORES

from playbooks import Playbooks

ROUNDS = 3
SIZES = (1, 10, 100, 1_000)
CHECKED = (1_000, 2_000, 4_000)
_CPU_ROUNDS = 5
_LOG = "/root/updates"
_WRAPPER = """#!/bin/sh
begin=$(date +%s.%N)
{path}.real "$@"
rc=$?
echo "$begin $(date +%s.%N)" >> {log}
exit $rc
"""


class Measured(NamedTuple):
    """What one size took once, in seconds."""

    first: float
    update: float  # the update command in the first run
    second: float
    module: float  # processor time of the module alone, with nothing to do
    updates: tuple[int, int]  # how often the update command ran in either run


def authority(number: int) -> bytes:
    """The certificate of a CA, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"Mirror CA {number}")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), number)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


class Bastion:
    """A bastion that gets bundles."""

    def __init__(self, lab: Lab, kind: str, folder: pathlib.Path) -> None:
        self._lab = lab
        self._name = next(name for name, image in lab.bastions.items() if image == kind)
        self._update = STORES[kind].update
        self._folder = folder
        self._runs: Playbooks = playbooks(lab, str(folder))

    def measured(self, certificates: list[bytes]) -> Measured:
        """Put the bastion back to its first state and have it trust these, twice."""
        task = self._task(certificates)
        self.reset()
        first = self._timed(task, changed=True)
        updates = self._updates()
        second = self._timed(task, changed=False)
        again = len(self._updates()) - len(updates)
        module = kept(self._lab, self._runs, self._name, "ca_trust", task)
        cpu = statistics.median(module.cpu() for _round in range(_CPU_ROUNDS))
        return Measured(first, sum(updates), second, cpu, (len(updates), again))

    def checked(self, certificates: list[bytes]) -> float:
        """Ask what would be done on a bastion that trusts none of these."""
        return self._timed(self._task(certificates), "--check", changed=True)

    def reset(self) -> None:
        """Back to the first state, with the update command wrapped."""
        self._lab.reset(self._name)
        self._lab.console(self._name, f"mv {self._update} {self._update}.real; : > {_LOG}")
        wrapper = _WRAPPER.format(path=self._update, log=_LOG)
        self._lab.push(self._name, self._update, wrapper.encode(), mode=0o755)

    def _task(self, certificates: list[bytes]) -> dict[str, Any]:
        src = self._folder / "bundle.pem"
        src.write_bytes(b"".join(certificates))
        return {"airgap.openshift.ca_trust": {"src": str(src)}}

    def _timed(self, task: dict[str, Any], *flags: str, changed: bool) -> float:
        begin = time.perf_counter()
        done = self._runs.play(self._name, [task], *flags, variables={"ansible_user": "root"})
        seconds = time.perf_counter() - begin
        if done.rc or bool(done.changed) != changed:
            state = "missing before" if changed else "there"
            raise BenchError(f"the bundle was to be {state} on {self._name}\n{done.output}")
        return seconds

    def _updates(self) -> list[float]:
        lines = self._lab.pull(self._name, _LOG).decode().splitlines()
        return [float(end) - float(begin) for begin, end in map(str.split, lines)]


def rows(kind: str, measured: dict[int, list[Measured]]) -> Iterator[Row]:
    """The figures of first and second runs on one kind of bastion."""
    for size, runs in measured.items():
        where = f"{kind}, {size:,} certificate{'s' * (size > 1)}"
        yield Row("bundles", f"{where}, first run", [each.first for each in runs], "s")
        yield Row("bundles", f"{where}, the update command in it", [each.update for each in runs], "s")
        yield Row("bundles", f"{where}, first run without that", [each.first - each.update for each in runs], "s")
        yield Row("bundles", f"{where}, second run", [each.second for each in runs], "s")
        milliseconds = [1000 * each.module for each in runs]
        yield Row("bundles", f"{where}, processor time of the module with nothing to do", milliseconds, "ms")
    for index, (words, goal) in enumerate((("a first run", 1), ("a second run", 0))):
        most = max(each.updates[index] for runs in measured.values() for each in runs)
        figure = f"{kind}, bundle of 1 to {SIZES[-1]:,} certificates, most update commands in {words}"
        yield Row("bundles", figure, [most], "", goal)
    yield growth(f"{kind}, the update command", (1, *SIZES[-2:]), {
        size: [each.update for each in runs] for size, runs in measured.items()
    })  # fmt: skip


def growth(of: str, sizes: tuple[int, int, int], times: dict[int, list[float]]) -> Row:
    """How what a certificate adds becomes more with more of them: 1 if that is linear."""
    few, some, many = (min(times[size]) for size in sizes)
    steps = [(many - some) / (sizes[2] - sizes[1]), (some - few) / (sizes[1] - sizes[0])]
    words = "each certificate from {1:,} to {2:,} / each from {0:,} to {1:,}".format(*sizes)
    return Row("bundles", f"{of}, {words}", [steps[0] / steps[1]], "x")


def added(kind: str, times: dict[int, list[float]]) -> Row:
    """What one more certificate takes, beside the update command."""
    few, many = CHECKED[0], CHECKED[-1]
    each = [1000 * (most - least) / (many - few) for least, most in zip(times[few], times[many], strict=True)]
    return Row("bundles", f"{kind}, check mode, each certificate from {few:,} to {many:,}", each, "ms")


def measured_on(bastion: Bastion, kind: str, certificates: list[bytes], count: int) -> Iterator[Row]:
    """The sizes in turn, in the reverse order every other round."""
    measured: dict[int, list[Measured]] = {size: [] for size in SIZES}
    for number in range(count):
        for size in SIZES if number % 2 == 0 else reversed(SIZES):
            measured[size].append(bastion.measured(certificates[:size]))
        say(f"bundles: {kind}, round {number + 1} done")
    yield from rows(kind, measured)
    bastion.reset()
    contestants = {str(size): functools.partial(bastion.checked, certificates[:size]) for size in CHECKED}
    checked = dict(zip(CHECKED, rounds(contestants, count).values(), strict=True))
    for size, seconds in checked.items():
        yield Row("bundles", f"{kind}, {size:,} certificates, check mode", seconds, "s")
    yield added(kind, checked)


def measure(count: int = ROUNDS) -> list[Row]:
    """On the first bastion of each kind."""
    certificates = [authority(number) for number in range(1, CHECKED[-1] + 1)]
    with tempfile.TemporaryDirectory() as folder:
        return [
            row
            for kind in roots.IMAGES
            for row in measured_on(Bastion(Lab(), kind, pathlib.Path(folder)), kind, certificates, count)
        ]
