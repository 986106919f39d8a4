# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world that the documentation's examples live in, made real in the lab, so that they are run to the letter.

Real are the bastions, `mirror.example.com:5000` and `quay.example.com` (docker-registry, with logins and certificates
by CAs of their own), the proxy, ansible-playbook, ansible-vault, ssh and skopeo. What is not there is in REPLACED.
"""

from __future__ import annotations

import base64
import json
import os
import pathlib
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

import yaml
from cryptography.hazmat.primitives import hashes
from lab import image
from lab.access import Lab
from lab.hosts import LAB
from registries import Files
from registry_certificates import Signed, authority, server

from playbooks import TaskResult

_HERE = pathlib.Path(__file__).resolve().parent
MIRROR = "mirror.example.com"
REGISTRIES = {MIRROR: ("10.77.9.1", 5000), "quay.example.com": ("10.77.9.2", 443)}
PROXY = ("proxy.example.com", "10.77.9.3", 3128)
USERS = ("mirror", "ocp4-pusher", "olm-pusher")
BASTIONS = ("bastion-001.example.com", "bastion-002.example.com")
# What the documentation has and the lab has not, and what is run in its place.
REPLACED = {
    r"oc-mirror .*--authfile (\S+) .*docker://(\S+)": r"skopeo copy --authfile \1 oci:hello docker://\2/hello:1",
    r"oc-mirror --authfile (\S+) \.\.\.": rf"skopeo copy --authfile \1 oci:hello docker://{MIRROR}:5000/ocp4/hello:1",
    r" --ask-vault-pass": "",  # ANSIBLE_VAULT_PASSWORD_FILE has it
    r"5F:53:0A:[0-9A-F:]+": "{fingerprint}",  # that of the CA of this run
}
# The samples of the documentation have the second.
_VALID = datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2036, 2, 20, tzinfo=timezone.utc)
_AT = "api"  # the host of the lab that has nothing else on these ports
_STOP = """\
cd /srv/docs
for file in *.pid; do
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    kill "$pid"
    while [ -e "/proc/$pid/exe" ]; do sleep 0.01; done
    rm "$file"
done
"""
_SERVE = """\
start() { pid=$1.pid; shift; setsid "$@" < /dev/null >> log 2>&1 & echo $! > "$pid"; }
for name in $REGISTRIES; do start "$name" docker-registry serve "$name.json"; done
start proxy tinyproxy -d -c proxy.conf
python3 ready.py $LISTENING
"""
_READY = """\
import socket, sys, time
for address, port in (peer.split(":") for peer in sys.argv[1:]):
    while True:
        with socket.socket() as probe:
            if not probe.connect_ex((address, int(port))):
                break
        time.sleep(0.01)
"""
_PREPARE = """\
tar -x -C / --no-overwrite-dir
useradd --create-home mirror
install -d -o mirror -m 700 /home/mirror/.docker
install -D -m 600 /root/.kube/config /root/ocp/auth/kubeconfig
mkdir /root/hello
tar -x -C /root/hello -f /srv/hello.tar
"""


class Printed(NamedTuple):
    """What a command of the documentation did."""

    rc: int
    output: str


class World:
    """An administrator's folder, bastions in their first state, and the servers around them."""

    def __init__(self, lab: Lab, collections: pathlib.Path, folder: pathlib.Path) -> None:
        """Make the names, certificates and passwords, and what is the same for all pages."""
        self._lab = lab
        self._collections = collections
        self._folder = folder
        self._results = folder / "results.jsonl"
        self._page = 0
        self.folder = folder
        self.passwords = {user: secrets.token_urlsafe(12) for user in USERS}
        self.ca, self.renewed = _authority("Mirror Registry CA"), _authority("Renewed Registry CA")
        folder.joinpath("vault-password").write_text(secrets.token_hex())
        self._make_names()
        self._make_programs()
        self._vaulted = self._vault(self._variables(), json.dumps(lab.pull_secret))

    def begin(self, bastions: Sequence[str]) -> None:
        """A new page: an empty folder but for `_given`, servers and bastions as at first."""
        self._page += 1
        self.folder = self._folder / f"page-{self._page}"
        self.folder.mkdir()
        for name, content in self._given().items():
            self.write(name, content)
        self.serve(self.ca, self.passwords)
        for name in bastions:
            self._lab.reset(_in_lab(name))
            self.sh(name, _PREPARE, self._files())

    def end(self) -> None:
        """Leave the lab as it was."""
        self.sh(_AT, _STOP)
        LAB.joinpath("hosts").write_text(self._table, encoding="utf-8")
        self._lab.reset(*(_in_lab(name) for name in BASTIONS))

    def write(self, name: str, content: bytes | str) -> None:
        """A file in the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def serve(self, ca: Signed, passwords: Mapping[str, str]) -> None:
        """Start the servers anew, with certificates by this CA and these users."""
        files = Files()
        signed = server(MIRROR, ca, names=list(REGISTRIES), valid=_VALID)
        files.add("srv/docs/server.crt", signed.pem)
        files.add("srv/docs/server.key", signed.key_pem)
        files.add("srv/docs/ready.py", _READY)
        files.add("srv/docs/proxy.conf", f"Listen {PROXY[1]}\nPort {PROXY[2]}\n")
        for name, address in REGISTRIES.items():
            files.add(f"srv/docs/{name}.json", json.dumps(_registry(name, address)))
        script = "tar -x -C / --no-overwrite-dir\n"
        for user, password in passwords.items():
            script += f"printf %s {shlex.quote(password)} | htpasswd -niBC 4 {user}\n"
        listening = " ".join(f"{ip}:{port}" for ip, port in (*REGISTRIES.values(), PROXY[1:]))
        given = f"REGISTRIES='{' '.join(REGISTRIES)}' LISTENING='{listening}'\n"
        self.sh(
            _AT, f"{{ {script} }} > /srv/htpasswd; mv /srv/htpasswd /srv/docs\n{_STOP}{given}{_SERVE}", files.packed()
        )

    def sh(self, host: str, script: str, stdin: bytes = b"") -> None:
        """Run a script as root on a host, a bastion or another."""
        done = self._lab.ssh(_in_lab(host), f"set -eu\n{script}", stdin=stdin)
        assert done.rc == 0, done.stdout + done.stderr

    def run(self, command: str) -> Printed:
        """A command line, in the folder."""
        for pattern, replacement in REPLACED.items():
            command = re.sub(pattern, replacement, command)
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self._environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        return Printed(done.returncode, done.stdout)

    def play(self, examples: str) -> Printed:
        """Tasks, or whole plays."""
        for pattern, replacement in REPLACED.items():
            examples = re.sub(pattern, replacement.replace("{fingerprint}", self.fingerprint), examples)
        content = yaml.safe_load(examples)
        if "hosts" not in content[0]:
            content = [{"hosts": "bastions", "gather_facts": False, "tasks": content}]
        self.write("unnamed.yml", json.dumps(content, indent=1))
        variables = " -e @vars.yml" if (self.folder / "vars.yml").exists() else ""
        return self.run(f"ansible-playbook unnamed.yml -i bastions.ini{variables}")

    def take_results(self) -> list[TaskResult]:
        """What tasks have returned since the last call."""
        if not self._results.exists():
            return []
        rows = [json.loads(line) for line in self._results.read_text(encoding="utf-8").splitlines()]
        self._results.unlink()
        return [TaskResult(**row) for row in rows if "stats" not in row]

    @property
    def fingerprint(self) -> str:
        """Of the CA."""
        return self.ca.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    def revalue(self, variable: str, value: str) -> None:
        """Change a variable in the vault."""
        self.write("group_vars/all.yml", json.dumps({**self._variables(), variable: value}))

    def _given(self) -> dict[str, bytes]:
        """What lies in the folder of every page; who reads it knows what these are."""
        variables, pull_secret = self._vaulted
        return {
            "ansible.cfg": b"",
            "bastions.ini": f"[bastions]\n{BASTIONS[0]}\n".encode(),
            "group_vars/all.yml": variables,
            "vault.yml": variables,
            "mirror-registry-ca.crt": self.ca.pem,
            "renewed-registry-ca.crt": self.renewed.pem,
            "pull-secret.json": pull_secret,
            "partner.json": json.dumps({"auths": {"partner.example.com": {"auth": _base64("partner:pass")}}}).encode(),
        }

    def _variables(self) -> dict[str, Any]:
        return {
            "mirror_password": self.passwords["mirror"],
            "vaulted_mirror_password": self.passwords["mirror"],
            "vaulted_ocp4_password": self.passwords["ocp4-pusher"],
            "vaulted_olm_password": self.passwords["olm-pusher"],
            "mirror_auth": _base64(f"mirror:{self.passwords['mirror']}"),
            **{
                f"{name}_ca_certificate": _authority(name).pem.decode()
                for name in ("proxy", "old_mirror", "old_registry")
            },
        }

    def _vault(self, variables: Mapping[str, Any], *texts: str) -> list[bytes]:
        """Each of them, encrypted with Ansible Vault."""
        paths = [self._folder / f"vaulted-{number}" for number in range(1 + len(texts))]
        for path, text in zip(paths, [json.dumps(variables), *texts]):
            path.write_text(text, encoding="utf-8")
        done = self.run(f"ansible-vault encrypt {' '.join(path.name for path in paths)}")
        assert done.rc == 0, done.output
        return [path.read_bytes() for path in paths]

    def _files(self) -> bytes:
        """For a bastion."""
        files = Files()
        files.add("srv/hello.tar", image.make("hello\n").archive)
        files.add("etc/quay-install/quay-rootCA/rootCA.pem", _authority("Quay").pem)
        return files.packed()

    def _make_names(self) -> None:
        """Bastions that are reset get the lab's table of hosts."""
        addresses = {**{name: ip for name, (ip, _port) in REGISTRIES.items()}, PROXY[0]: PROXY[1]}
        lines = "".join(f"{ip} {name}\n" for name, ip in addresses.items())
        table = LAB.joinpath("hosts")
        self._table = table.read_text(encoding="utf-8")
        table.write_text(self._table + lines, encoding="utf-8")
        self.sh(_AT, "cat >> /etc/hosts", lines.encode())
        self.sh(_AT, "".join(f"ip addr add {ip}/16 dev eth0\n" for ip in addresses.values()))

    def _make_programs(self) -> None:
        """The administrator's `ssh`, which is Ansible's too, knows the bastions."""
        config = "".join(f"Host {name}\n  HostName {_in_lab(name)}\n  User root\n" for name in BASTIONS)
        self._folder.joinpath("ssh_config").write_text(f"{config}Match all\n{self._lab.ssh_config.read_text()}")
        program = self._folder / "bin" / "ssh"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {self._folder}/ssh_config "$@"\n')
        program.chmod(0o755)

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in self._lab.environment().items() if name != "ANSIBLE_INVENTORY"}
        programs = f"{self._folder}/bin:{pathlib.Path(sys.executable).parent}"
        return {
            **own,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "ANSIBLE_CONFIG": f"{self.folder}/ansible.cfg",
            "ANSIBLE_COLLECTIONS_PATH": str(self._collections),
            "ANSIBLE_VAULT_PASSWORD_FILE": str(self._folder / "vault-password"),
            "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
            "ANSIBLE_CALLBACK_PLUGINS": str(_HERE / "callback"),
            "ANSIBLE_CALLBACKS_ENABLED": "results",
            "AIRGAP_RESULTS": str(self._results),
            "ANSIBLE_NOCOLOR": "1",
            "PAGER": "cat",
        }


def _in_lab(name: str) -> str:
    return name.replace(".example.com", ".lab.test")


def _authority(common: str) -> Signed:
    return authority(common, valid=_VALID)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _registry(name: str, address: tuple[str, int]) -> dict[str, Any]:
    """The configuration of a docker-registry."""
    ip, port = address
    return {
        "version": 0.1, "log": {"level": "error"}, "storage": {"filesystem": {"rootdirectory": f"/srv/docs/{name}"}},
        "auth": {"htpasswd": {"realm": name, "path": "/srv/docs/htpasswd"}},
        "http": {
            "addr": f"{ip}:{port}", "secret": "of all",
            "tls": {"certificate": "/srv/docs/server.crt", "key": "/srv/docs/server.key"},
        },
    }  # fmt: skip
