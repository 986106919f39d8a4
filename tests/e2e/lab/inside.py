# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PID 1 of the lab: makes the network, the keys, the hosts and the services, then waits for the end."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import pathlib
import secrets
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from lab import hosts, keys
from lab.hosts import DOMAIN, LAB, NETWORK, Host
from lab.outside import READY
from lab.roots import BASE, folder

USER = "mirror"
_HERE = pathlib.Path(__file__).resolve().parent
_GATEWAY = f"{NETWORK}.0.1"
_SERVICES = {"registry": "ca", "quay": "ca", "api": "cluster-ca"}
# The fourth is no user of the cluster: its token is refused.
_TOKENS = {"admin": "kube:admin", "nobody": "nobody", "stranger": None}


def init(images: Sequence[str]) -> None:
    """Start one bastion for each image, and the services; say that it is ready; stay until told to end."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    pathlib.Path("/run/netns").mkdir()
    for name in ("hosts.d", "tmp"):
        (LAB / name).mkdir(parents=True)
    all_hosts = _plan(images)
    keys.make_all(LAB, {f"{name}.{DOMAIN}": ca for name, ca in _SERVICES.items()})
    _write_tables(all_hosts)
    _write_kubeconfig()
    _run("mount", "--bind", str(LAB / "hosts"), "/etc/hosts")
    bridge = f"link add lab0 address {hosts.mac(_GATEWAY)} type bridge forward_delay 0"
    _run("ip", "-batch", "-", text=f"link set lo up\n{bridge}\naddr add {_GATEWAY}/16 dev lab0\nlink set lab0 up\n")
    hosts.boot(all_hosts)
    _start_services()
    os.write(1, READY)
    _stay()


def _stay() -> None:
    """Reap orphans until whoever holds the other end of our stdin is gone; with PID 1 goes everything."""
    for stream in (1, 2):  # who waits for their end must not wait for ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=lambda: (os.read(0, 1), os._exit(0)), daemon=True).start()
    while True:
        with contextlib.suppress(ChildProcessError):
            os.wait()
        time.sleep(0.05)


def _plan(images: Sequence[str]) -> list[Host]:
    services = [Host(name, BASE, f"{NETWORK}.0.{i}", f"s{i}") for i, name in enumerate(_SERVICES, start=2)]
    bastions = [
        Host(f"bastion-{i + 1:03}", image, f"{NETWORK}.{1 + i // 250}.{1 + i % 250}", f"b{i}")
        for i, image in enumerate(images)
    ]
    return services + bastions


def _write_tables(all_hosts: Sequence[Host]) -> None:
    bastions = [host for host in all_hosts if host.name not in _SERVICES]
    _write("table.json", all_hosts)
    _write("bastions.json", {host.fqdn: host.image for host in bastions})
    _write("credentials", f"{USER}:{secrets.token_urlsafe(12)}")
    _write("ansible.cfg", "")
    _write("hosts", "127.0.0.1 localhost\n" + "".join(f"{h.ip} {h.fqdn} {h.name}\n" for h in all_hosts))
    _write("known_hosts", f"*.{DOMAIN} " + (LAB / "host.pub").read_text())
    options = {
        "IdentityFile": LAB / "id", "IdentitiesOnly": "yes", "UserKnownHostsFile": LAB / "known_hosts",
        "GlobalKnownHostsFile": "none", "StrictHostKeyChecking": "yes", "LogLevel": "ERROR",
    }  # fmt: skip
    _write("ssh_config", "".join(f"{key} {value}\n" for key, value in options.items()))
    groups: dict[str, dict[str, Any]] = {image: {"hosts": {}} for image in sorted({host.image for host in bastions})}
    for host in bastions:
        groups[host.image]["hosts"][host.fqdn] = {}
    ansible = {
        "ansible_user": "admin", "ansible_ssh_common_args": f"-F {LAB}/ssh_config",
        "ansible_python_interpreter": "/usr/bin/python3",
    }  # fmt: skip
    _write("inventory.json", {"all": {"vars": ansible, "children": {"bastions": {"children": groups}}}})


def _write_kubeconfig() -> None:
    """Contexts: admin (the current one), nobody (may do nothing), stranger (bad token), down (nothing listens)."""
    tokens = {user: f"sha256~{secrets.token_urlsafe(32)}" for user in _TOKENS}
    _write("tokens.json", {tokens[user]: name for user, name in _TOKENS.items() if name})
    authority = base64.b64encode((LAB / "cluster-ca.crt").read_bytes()).decode()
    servers = {"lab": f"https://api.{DOMAIN}:6443", "down": f"https://api.{DOMAIN}:6444"}
    contexts = {user: {"cluster": "lab", "user": user} for user in _TOKENS}
    contexts["down"] = {"cluster": "down", "user": "admin"}
    clusters = {name: {"server": url, "certificate-authority-data": authority} for name, url in servers.items()}
    _write("kubeconfig", {
        "apiVersion": "v1", "kind": "Config", "current-context": "admin",
        "clusters": [{"name": name, "cluster": cluster} for name, cluster in clusters.items()],
        "contexts": [{"name": name, "context": context} for name, context in contexts.items()],
        "users": [{"name": user, "user": {"token": token}} for user, token in tokens.items()],
    })  # fmt: skip


def _start_services() -> None:
    """The registry (htpasswd), the registry with tokens and its token server, the API server."""
    user, _colon, password = (LAB / "credentials").read_text().partition(":")
    htpasswd = _run("chroot", str(folder(BASE)), "htpasswd", "-niB", user, text=password)
    token_auth = {"realm": f"https://quay.{DOMAIN}:8444/token", "service": "quay", "issuer": "lab"}
    _serve_registry("registry", 5000, {"htpasswd": {"realm": "lab", "path": "/srv/htpasswd"}}, {"htpasswd": htpasswd})
    _serve_registry("quay", 8443, {"token": {**token_auth, "rootcertbundle": "/srv/token.crt"}}, {
        name: (LAB / name).read_text() for name in ("token.key", "token.crt", "credentials")
    })  # fmt: skip
    _serve("quay", "token")
    _push("api", {"tokens.json": (LAB / "tokens.json").read_text(), **_cluster()})
    _serve("api", "kube")
    for name, port in (("registry", 5000), ("quay", 8443), ("quay", 8444), ("api", 6443)):
        hosts.wait_for_port(hosts.find(name), port)


def _serve_registry(name: str, port: int, auth: dict[str, Any], files: dict[str, str]) -> None:
    tls = {"certificate": "/srv/server.crt", "key": "/srv/server.key"}
    config = {
        "version": 0.1, "log": {"level": "info"}, "auth": auth,
        "storage": {"filesystem": {"rootdirectory": "/var/lib/registry"}, "delete": {"enabled": True}},
        "http": {"addr": f":{port}", "tls": tls, "secret": secrets.token_hex(16)},
    }  # fmt: skip
    _push(name, {**files, **_certificate(name), "registry.yml": json.dumps(config)})
    host = hosts.find(name)
    command = [*hosts.entering(host), "docker-registry", "serve", "/srv/registry.yml"]
    hosts.spawn(host, command, f"{name}.pid")


def _serve(name: str, program: str) -> None:
    _push(name, {**_certificate(name), f"{program}.py": (_HERE / "services" / f"{program}.py").read_text()})
    host = hosts.find(name)
    hosts.spawn(host, [*hosts.entering(host), "python3", f"/srv/{program}.py"], f"{program}.pid")


def _certificate(name: str) -> dict[str, str]:
    return {f"server.{kind}": (LAB / f"{name}.{DOMAIN}.{kind}").read_text() for kind in ("crt", "key")}


def _cluster() -> dict[str, str]:
    """The cluster's secrets, as services/kube.py keeps them: a pull secret like those of real clusters, and another."""
    users = {
        "cloud.openshift.com": "openshift-release-dev+ocm_access",
        "quay.io": "openshift-release-dev+ocm_access",
        "registry.connect.redhat.com": "51713040|uhc-1DfSwTy19Sw",
        "registry.redhat.io": "51713040|uhc-1DfSwTy19Sw",
    }
    auths = {
        registry: {
            "auth": base64.b64encode(f"{user}:{secrets.token_urlsafe(48)}".encode()).decode(),
            "email": "you@example.com",
        }
        for registry, user in users.items()
    }
    where = "cluster/openshift-config"
    return {
        f"{where}/pull-secret/.dockerconfigjson": json.dumps({"auths": auths}, separators=(",", ":")),
        f"{where}/no-key/other": "not a pull secret",
    }


def _push(name: str, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = f"/srv/{path}"
        # At once: what one service has been given already may be pushed for another while it reads that.
        script = 'umask 077; mkdir -p "${0%/*}"; cat > "$0.part"; mv "$0.part" "$0"'
        _run(*hosts.entering(hosts.find(name)), "sh", "-euc", script, target, text=text)


def _write(name: str, content: object) -> None:
    path = LAB / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
    path.chmod(0o600)


def _run(*command: str, text: str = "") -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise hosts.LabError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
