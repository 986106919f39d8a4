# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts: start them, enter them, cut their power. Everything here runs inside the lab's namespaces.

A host is a set of namespaces over an overlay of its image's root and a disk of its own (a tmpfs of limited size), with
sshd as its PID 1. It has one network card on the lab's bridge and no route to anywhere else.
"""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from lab.roots import layers

LAB = pathlib.Path("/run/lab")  # a tmpfs that nobody outside sees, so nothing of it can be left behind
DOMAIN = "lab.test"
NETWORK = "10.77"
_HERE = pathlib.Path(__file__).resolve().parent
_DISK = "64m"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LabError(Exception):
    """The lab, or a host of it, did not do what it must."""


class Host(NamedTuple):
    """One line of the lab's table of hosts."""

    name: str
    image: str
    ip: str
    card: str

    @property
    def fqdn(self) -> str:
        """The name in the inventory and in certificates."""
        return f"{self.name}.{DOMAIN}"

    @property
    def folder(self) -> pathlib.Path:
        """Where its disk, its root, its log and the id of its outer process are."""
        return LAB / "hosts.d" / self.name


def table() -> dict[str, Host]:
    """All hosts, by short name."""
    return {row[0]: Host(*row) for row in json.loads((LAB / "table.json").read_text())}


def find(name: str) -> Host:
    """The host of this name, short or long."""
    host = table().get(name.removesuffix(f".{DOMAIN}"))
    if host is None:
        raise LabError(f"there is no host {name} in the lab: {', '.join(table())}")
    return host


def boot(hosts: Sequence[Host]) -> None:
    """Start hosts, each with the disk it had, or with a fresh one; return when their sshd answers."""
    for host in hosts:
        _prepare_disk(host)
        _run("ip", "netns", "add", host.name)
    _run("ip", "-batch", "-", text="".join(map(_cable, hosts)))
    for host in hosts:
        namespaces = ("--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--propagation", "private")
        command = ["nsenter", f"--net=/run/netns/{host.name}", "unshare", *namespaces, str(_HERE / "hosts/init.sh")]
        lower = ":".join(map(str, layers(host.image)))
        here = {"NAME": host.name, "FQDN": host.fqdn, "IP": host.ip, "LOWER": lower, "DIR": str(host.folder)}
        spawn(host, command, "pid", {**os.environ, **here, "LAB": str(LAB), "HERE": str(_HERE)})
    for host in hosts:
        wait_for_port(host, 22)


def power_off(host: Host) -> None:
    """As if its cable were pulled: nothing is flushed, closed or said. The disk stays."""
    outer = _outer_pid(host)
    os.kill(_init_pid(host), signal.SIGKILL)
    _wait(lambda: not pathlib.Path(f"/proc/{outer}").exists(), f"{host.name} does not die")
    _run("ip", "link", "del", host.card)  # else it goes with its namespace, some time later
    _run("ip", "netns", "del", host.name)


def reset(host: Host) -> None:
    """Put a host back to its first state: another boot, with an empty disk."""
    power_off(host)
    _run("umount", str(host.folder / "disk"))
    boot([host])


def entering(host: Host) -> list[str]:
    """The command that runs the words after it on the host's console (as root, without SSH)."""
    namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--root", "--wd"]
    clean = ["env", "-i", "HOME=/root", f"PATH={_PATH}", "TERM=xterm"]
    return ["nsenter", "--target", str(_init_pid(host)), *namespaces, "--", *clean]


def spawn(host: Host, command: Sequence[str], pidfile: str, env: dict[str, str] | None = None) -> None:
    """Start a program that outlives the caller: the lab's PID 1 will be its parent."""
    script = 'setsid "$@" < /dev/null & echo $! > "$0"'
    with (host.folder / "log").open("ab") as log:
        subprocess.run(
            ["sh", "-c", script, str(host.folder / pidfile), *command], env=env, stdout=log, stderr=log, check=True
        )


def wait_for_port(host: Host, port: int) -> None:
    """Looked up in the host's own /proc/net: a probe over the network would wait a second for ARP first."""
    tables = [pathlib.Path(f"/proc/{_outer_pid(host)}/net/{name}") for name in ("tcp", "tcp6")]
    listening = f":{port:04X} "

    def listens() -> bool:
        rows = [line for table in tables for line in table.read_text().splitlines()]
        return any(listening in row and " 0A " in row for row in rows)

    _wait(listens, f"nothing listens on {host.name}:{port}", log=host.folder / "log")


def mac(ip: str) -> str:
    """Derived from the address, so that a host that boots again is the one in its neighbours' ARP tables."""
    return "02:00:" + ":".join(f"{int(part):02x}" for part in ip.split("."))


def _prepare_disk(host: Host) -> None:
    disk = host.folder / "disk"
    if disk.is_mount():
        return
    for folder in (disk, host.folder / "root"):
        folder.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={_DISK},mode=755", "tmpfs", str(disk))
    (disk / "upper").mkdir()
    (disk / "work").mkdir()


def _cable(host: Host) -> str:
    peer = f"type veth peer name eth0 netns {host.name} address {mac(host.ip)}"
    return f"link add {host.card} {peer}\nlink set {host.card} master lab0 up\n"


def _outer_pid(host: Host) -> int:
    return int((host.folder / "pid").read_text())


def _init_pid(host: Host) -> int:
    """PID 1 of the host: the child of `unshare`, which stays outside its PID namespace."""
    outer = _outer_pid(host)
    children = pathlib.Path(f"/proc/{outer}/task/{outer}/children")
    _wait(lambda: bool(children.read_text().split()), f"{host.name} is down")
    return int(children.read_text().split()[0])


def _wait(condition: Callable[[], bool], problem: str, *, log: pathlib.Path | None = None, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not _holds(condition):
        if time.monotonic() > end:
            told = log.read_text(errors="replace") if log else ""
            raise LabError(f"{problem}\n{told}".strip())
        time.sleep(0.01)


def _holds(condition: Callable[[], bool]) -> bool:
    try:
        return condition()
    except OSError:  # the process it looks at is not there yet, or no more
        return False


def _run(*command: str, text: str = "") -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip()}")
