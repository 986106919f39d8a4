# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab as seen from inside: who is there, and how to reach it. For the demo and the tests."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import NamedTuple

from lab import hosts
from lab.hosts import DOMAIN, LAB, LabError

_SOCKETS = LAB / "sockets"


class Completed(NamedTuple):
    """What a program did."""

    rc: int
    stdout: str
    stderr: str


class Lab:
    """The running lab that this process is in."""

    inventory = LAB / "inventory.json"
    ssh_config = LAB / "ssh_config"
    ca = LAB / "ca.crt"  # signs the registries' certificates; its key is beside it
    ca_key = LAB / "ca.key"
    cluster_ca = LAB / "cluster-ca.crt"  # signs the API server's certificate
    registry = f"registry.{DOMAIN}:5000"  # asks for Basic credentials
    quay = f"quay.{DOMAIN}:8443"  # asks for Bearer tokens

    def __init__(self) -> None:
        """Raises LabError where this process is not in a lab."""
        if not self.inventory.exists():
            raise LabError("this is not inside a lab: start it with tests/e2e/run, or `python3 tests/e2e/lab run`")
        self.bastions: dict[str, str] = json.loads((LAB / "bastions.json").read_text())  # name: image
        self.username, _colon, self.password = (LAB / "credentials").read_text().partition(":")
        self.pull_secret = json.loads(self.pull("api", "/srv/cluster/openshift-config/pull-secret/.dockerconfigjson"))

    def ssh(self, host: str, command: str, *, user: str = "root", stdin: bytes = b"", timeout: float = 60) -> Completed:
        """Run a shell command on a host, over SSH."""
        name = hosts.find(host).fqdn
        line = ["ssh", "-F", str(self.ssh_config), "-l", user, name, "--", command]
        done = subprocess.run(line, input=stdin, capture_output=True, timeout=timeout, check=False)
        return Completed(done.returncode, done.stdout.decode(), done.stderr.decode())

    def console(self, host: str, command: str) -> Completed:
        """Run a shell command on a host as root, without SSH."""
        line = [*hosts.entering(hosts.find(host)), "sh", "-c", command]
        done = subprocess.run(line, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        return Completed(done.returncode, done.stdout.decode(), done.stderr.decode())

    def push(self, host: str, path: str, content: bytes, *, user: str = "root", mode: int = 0o644) -> None:
        """Write a file on a host; its folder is made if it is not there."""
        where = shlex.quote(path)
        script = f"umask 077 && mkdir -p $(dirname {where}) && cat > {where} && chmod {mode:o} {where}"
        done = self.ssh(host, script, user=user, stdin=content)
        if done.rc:
            raise LabError(f"cannot write {host}:{path}: {done.stderr.strip()}")

    def pull(self, host: str, path: str) -> bytes:
        """Read a file on a host."""
        line = [*hosts.entering(hosts.find(host)), "cat", path]
        done = subprocess.run(line, capture_output=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise LabError(f"cannot read {host}:{path}: {done.stderr.decode().strip()}")
        return done.stdout

    def reset(self, *names: str) -> None:
        """Put hosts back to their first state: an empty disk, another boot."""
        for name in names:
            host = hosts.find(name)
            for socket in _SOCKETS.glob(f"{host.fqdn}-*"):  # a connection that Ansible keeps would be a dead one
                subprocess.run(["ssh", "-S", str(socket), "-O", "exit", host.fqdn], capture_output=True, check=False)
            hosts.reset(host)

    def environment(self) -> dict[str, str]:
        """For Ansible: the process's own, with everything that Ansible writes kept inside the lab."""
        ansible = {
            "ANSIBLE_CONFIG": f"{LAB}/ansible.cfg",  # an empty one, against those in /etc and at home
            "ANSIBLE_HOME": f"{LAB}/ansible",
            "ANSIBLE_INVENTORY": str(self.inventory),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(_SOCKETS),
            "ANSIBLE_SSH_CONTROL_PATH": "%(directory)s/%%h-%%r",
        }
        return {**os.environ, **ansible}
