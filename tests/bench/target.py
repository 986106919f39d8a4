# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules take on a bastion of each kind when there is nothing to do, beside a module that does nothing.

A real ansible-playbook sends them; then the files that it sent (AnsiballZ_*.py) are run again there, in alternation, by
the bastion's Python. Processor time is that of the module and of all that it starts; asking the cluster starts `oc`,
here a double in Python. Files and programs are counted by strace, from the machine: nothing is installed on a bastion.
"""

from __future__ import annotations

import pathlib
import shutil
import tempfile
from typing import Any

from figures import BenchError, Row, ratios, rounds, say
from lab import roots
from lab.access import Lab
from payloads import EMPTY, Payload, kept, playbooks

from playbooks import Playbooks

ROUNDS = 21
_EMPTY = "an empty module"
_CA_TRUST = "ca_trust"
_GOALS = {_CA_TRUST: 1.3}
_DEST = "/root/auth.json"


def tasks(lab: Lab, pull_secret: pathlib.Path) -> dict[str, dict[str, Any]]:
    """What the role asks of its modules, and an empty one."""
    name, namespace = {"registry": lab.registry}, {"namespace": "ocp4"}
    login = {"username": lab.username, "password": lab.password}
    merged = {"registries": [{**name, **namespace, **login}], "dest": _DEST, "track": True}
    trusted = [{"name": "mirror-registry", "src": str(lab.ca)}]
    return {
        _EMPTY: EMPTY,
        _CA_TRUST: {"airgap.openshift.ca_trust": {"certificates": trusted}},
        "pull_secret_merge": {"airgap.openshift.pull_secret_merge": {**merged, "src": str(pull_secret)}},
        "pull_secret_merge, asking oc": {
            "airgap.openshift.pull_secret_merge": {**merged, "kubeconfig": "/root/.kube/config"}
        },
        "mirror_registry_info": {
            "airgap.openshift.mirror_registry_info": {"registries": [{**name, **namespace}], "auth_file": _DEST}
        },
    }


def payloads(lab: Lab, runs: Playbooks, host: str) -> dict[str, Payload]:
    """Prepare a bastion, run everything again, and keep what was sent for that."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(lab.pull("api", "/srv/cluster/openshift-config/pull-secret/.dockerconfigjson").decode())
        file.flush()
        wanted = tasks(lab, pathlib.Path(file.name))
        lab.reset(host)
        prepare = [task for name, task in wanted.items() if name != _EMPTY]
        done = runs.play(host, prepare, variables={"ansible_user": "root"})
        if done.rc:
            raise BenchError(f"{host} could not be prepared:\n{done.output}")
        return {name: kept(lab, runs, host, name, task) for name, task in wanted.items()}


def processor_time(kind: str, sent: dict[str, Payload], count: int) -> list[Row]:
    """Milliseconds of each, and how that compares with the module that does nothing."""
    for payload in sent.values():
        payload.cpu()  # what is read for the first time is not in the machine's memory yet
    times = rounds({name: payload.cpu for name, payload in sent.items()}, count)
    say(f"target: {kind}: {count} rounds of {len(sent)} modules done")
    rows = []
    for name, seconds in times.items():
        figure = f"{kind}, processor time of {name}" + " with nothing to do" * (name != _EMPTY)
        rows.append(Row("target", figure, [1000 * each for each in seconds], "ms"))
        if name != _EMPTY:
            rows.append(Row("target", f"{figure} / of {_EMPTY}", ratios(seconds, times[_EMPTY]), "x", _GOALS.get(name)))
    return rows


def counts(kind: str, sent: dict[str, Payload]) -> list[Row]:
    """Files that each opens and programs that run for it."""
    if not shutil.which("strace"):
        say("target: left out: files opened and programs run (strace is not installed)")
        return []
    return [
        Row("target", f"{kind}, {what}, {name}", [number], "")
        for name, payload in sent.items()
        for what, number in payload.calls().items()
    ]


def measure(count: int = ROUNDS) -> list[Row]:
    """On the first bastion of each kind."""
    lab = Lab()
    rows: list[Row] = []
    sent: dict[str, Payload] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in roots.IMAGES:
            host = next(name for name, image in lab.bastions.items() if image == kind)
            sent = payloads(lab, playbooks(lab, folder), host)
            rows += processor_time(kind, sent, count) + counts(kind, sent)
    # Beside their options, the same is sent to all bastions.
    return rows + [Row("target", f"size of {name} as sent", [each.size() / 1000], "kB") for name, each in sent.items()]
