# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets of all kinds that are planted in a lab, and where: variables, files, a cluster, registries.

The registry and the cluster of the lab know some of them, so that runs succeed with them. The registries that refuse,
redirect and repeat what they were told are doubles (services/double.py), and so is the `oc` that says too much.
"""

from __future__ import annotations

import base64
import io
import json
import pathlib
import secrets
import subprocess
import tarfile
from collections.abc import Callable
from typing import Any

from ansible.parsing.vault import VaultLib, VaultSecret
from canaries import Canary, awkward, letters
from lab import hosts, roots
from lab.access import Lab

PLACE = "/home/admin/leaks"  # where the bastions' files are
USER = "canary"
OTHER = "other.lab.test:5000"  # nobody asks there
_DOUBLES = pathlib.Path(hosts.__file__).parent / "services" / "double.py"
_SECRET = "/srv/cluster/openshift-config/pull-secret/.dockerconfigjson"
PORTS = {"refuses": 5101, "repeats": 5102, "redirects": 5103, "forbids": 5104, "tokens": 5105, "uploads": 5106}
_KINDS: dict[str, Callable[[], str]] = {
    "password": awkward,
    "wrong password": awkward,
    "old password": awkward,
    "password in auth": awkward,
    "vaulted password": awkward,
    "password in a name": lambda: letters(32),
    "token of the cluster": lambda: letters(48),
    "token of a pull secret": lambda: letters(48),
    "field of a pull secret": lambda: letters(48),
    "identity token": lambda: letters(48),
    "token of a kubeconfig": lambda: letters(43),
    "token that oc says": lambda: letters(43),
    "token of a registry": lambda: letters(43),
    "state of an upload": lambda: letters(43),
    "private key": lambda: letters(64),
    "private key in a bundle": lambda: letters(64),
}


def auth(password: str, user: str = USER) -> str:
    """As auth files have it."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def private_key(body: str, kind: str = "PRIVATE KEY") -> str:
    """What everybody takes for a private key."""
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n"


class World:
    """A lab with secrets in it, until `end`."""

    def __init__(self, lab: Lab, folder: pathlib.Path) -> None:
        self.lab = lab
        self.folder = folder  # what users have on the controller
        self.secrets = {what: make() for what, make in _KINDS.items()}
        self.der = bytes.fromhex("302e020100300506032b657004220420") + secrets.token_bytes(32)
        self.vault_password = letters(24)
        self._cluster_had = lab.pull("api", _SECRET)
        lab.push("api", _SECRET, self.pull_secret("token of the cluster").encode(), mode=0o644)
        self._let_in()
        self._start_doubles()
        self._write_files()

    def end(self) -> None:
        """Give the lab back as it was; the user of the registry and the doubles do no harm."""
        self.lab.push("api", _SECRET, self._cluster_had, mode=0o644)

    def canaries(self) -> list[Canary]:
        """All that is secret, also what the lab made itself."""
        users = json.loads((hosts.LAB / "kubeconfig").read_text())["users"]
        tokens = {f"token of {each['name']}": each["user"]["token"].removeprefix("sha256~") for each in users}
        known = {**self.secrets, **tokens, "password of the lab": self.lab.password, "vault": self.vault_password}
        raw = Canary("private key in DER", self.der[16:])
        return [raw, *(Canary(what, text.encode()) for what, text in known.items())]

    def variables(self) -> dict[str, Any]:
        """What users give in a file: each secret by its name with `_` for blanks, and texts that hold some."""
        return {
            **{what.replace(" ", "_"): text for what, text in self.secrets.items()},
            "lab_password": self.lab.password,
            "pull_secret": self.pull_secret(),
            "auth": auth(self.secrets["password in auth"]),
            "bundle": self.lab.ca.read_text() + private_key(self.secrets["private key in a bundle"]),
            "key": private_key(self.secrets["private key"], "RSA PRIVATE KEY"),
            **{f"pull_secret_{how}": text for how, text in self.broken().items()},
        }

    def pull_secret(self, token: str = "token of a pull secret") -> str:
        """A pull secret, with a secret in each place that may have one."""
        entries = {
            "quay.io": {"auth": auth(self.secrets[token], "robot"), "email": "robot@example.com"},
            "registry.redhat.io": {"auth": auth(self.secrets["identity token"]), "x-note": letters(8)},
        }
        return json.dumps({"auths": entries, "note": self.secrets["field of a pull secret"]}, indent=1)

    def broken(self) -> dict[str, str]:
        """Pull secrets that cannot be used, each with secrets in it."""
        good, token = self.pull_secret(), self.secrets["token of a pull secret"]
        coded = auth(token, "robot")
        others = {
            "no_base64": {"quay.io": {"auth": token + "!"}},
            "no_colon": {"quay.io": {"auth": base64.b64encode(token.encode()).decode()}},
            "no_object": {"quay.io": token},
            "no_text": {"quay.io": {"auth": [token]}},
            "newline": {"quay.io": {"auth": base64.b64encode(f"robot:{token}\n".encode()).decode()}},
            "fields": {"quay.io": {"username": "robot", "password": token, "email": {"a": token}}},
            "identity": {"quay.io": {"auth": auth(token), "identitytoken": self.secrets["identity token"]}},
            "name": {f"https://robot:{self.secrets['password in a name']}@quay.io/": {"auth": coded}},
        }
        return {
            "cut": good[: good.index(coded) + 50],
            "unquoted": good.replace(f'"{coded}"', coded),
            "unclosed": good.replace(f'{coded}"', coded),
            "followed": good + token,
            "doubled": good.replace('"registry.redhat.io"', '"quay.io"'),
            "encoded": base64.b64encode(good.encode()).decode(),
            "manifest": f"apiVersion: v1\nkind: Secret\ndata:\n  .dockerconfigjson: {auth(good)}\n",
            "bare": token,
            "listed": json.dumps([good]),
            **{f"entry_{name}": json.dumps({"auths": entries}) for name, entries in others.items()},
        }

    def lay_out(self, host: str) -> None:
        """Put the bastion's files where they belong, each as if nobody had touched it."""
        oc = "#!/bin/sh\n{}\nexit 1\n"
        said, broken = self.secrets["token that oc says"], self.broken()
        kubeconfig = (hosts.LAB / "kubeconfig").read_text()
        old = {"auths": {self.lab.registry + "/ocp4": {"auth": auth(self.secrets["old password"])}}}
        files = {
            "auth.json": (json.dumps(old), 0o600),
            "broken-auth.json": (json.dumps(old)[:-40], 0o600),
            "pull-secret.json": (self.pull_secret(), 0o600),
            "cut.json": (broken["cut"], 0o600),
            "invalid.json": (broken["entry_no_base64"], 0o600),
            "key.pem": (private_key(self.secrets["private key"]), 0o600),
            "bundle.pem": (self.variables()["bundle"], 0o600),
            "key.der": (self.der, 0o600),
            "oc-unauthorized": (oc.format(f"echo 'error: You must be logged in, sha256~{said}' >&2"), 0o755),
            "oc-strange": (oc.format(f'echo \'panic: {{"token":"{said}"}} is not good\' >&2'), 0o755),
            "oc-dies": (oc.format(f"head -c 120 {PLACE}/pull-secret.json; kill -9 $$"), 0o755),
            "oc-cut": (f"#!/bin/sh\ncat {PLACE}/cut.json\n", 0o755),
            "oc-hangs": (oc.format(f"cat {PLACE}/cut.json; sleep 60"), 0o755),
            "oc-both": (oc.format(f"tr -d '\\n' < {PLACE}/pull-secret.json >&2"), 0o755),
            "kubeconfig-cut": (kubeconfig[:-30], 0o600),
            "kubeconfig-yaml": (f"users:\n- name: a\n token: {self.secrets['token of a kubeconfig']}\n", 0o600),
            "kubeconfig-wrong": (self._kubeconfig("token of a kubeconfig"), 0o600),
        }
        with io.BytesIO() as stream:
            with tarfile.open(fileobj=stream, mode="w") as archive:
                for name, (content, mode) in files.items():
                    data = content if isinstance(content, bytes) else content.encode()
                    entry = tarfile.TarInfo(name)
                    entry.size, entry.mode = len(data), mode
                    archive.addfile(entry, io.BytesIO(data))
            script = (
                f"rm -rf {PLACE} /home/admin/.ansible /root/.ansible && mkdir {PLACE} && cd {PLACE} && "
                "tar -x --no-same-owner && install -m 600 auth.json /root/leaks-auth.json && "
                f"chown -R admin: {PLACE} && install -o root -m 600 auth.json unreadable-auth.json"
            )
            done = self.lab.ssh(host, script, stdin=stream.getvalue())
        assert done.rc == 0, done.stderr

    def _kubeconfig(self, token: str) -> str:
        content = json.loads((hosts.LAB / "kubeconfig").read_text())
        for user in content["users"]:
            user["user"]["token"] = f"sha256~{self.secrets[token]}"
        return json.dumps(content)

    def _write_files(self) -> None:
        vault = VaultLib([("default", VaultSecret(self.vault_password.encode()))])
        files = {
            **{f"{how}.json": text for how, text in self.broken().items()},
            "pull-secret.json": self.pull_secret(),
            "bundle.pem": self.variables()["bundle"],
            "key.pem": self.variables()["key"],
            "vault-password": self.vault_password,
            "wrong-vault-password": letters(24),
            "vaulted.json": vault.encrypt(self.pull_secret()).decode(),
            "vaulted-key.pem": vault.encrypt(self.variables()["key"]).decode(),
            "vaulted-cut.json": vault.encrypt(self.broken()["cut"]).decode(),
        }
        coded = vault.encrypt(self.secrets["vaulted password"]).decode().replace("\n", "\n  ")
        files["vaulted.yml"] = f"---\nvaulted: !vault |\n  {coded}\n"
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        (self.folder / "key.der").write_bytes(self.der)

    def _let_in(self) -> None:
        """The registry looks at the file of its users whenever that changes."""
        htpasswd = ["chroot", str(roots.folder(roots.BASE)), "htpasswd", "-niBC", "4", USER]
        line = subprocess.run(htpasswd, input=self.secrets["password"].encode(), capture_output=True, check=True).stdout
        users = self.lab.pull("registry", "/srv/htpasswd")
        self.lab.push("registry", "/srv/htpasswd", users + line, mode=0o644)

    def _start_doubles(self) -> None:
        """With the certificate of the lab's registry."""
        self.lab.push("registry", "/srv/double.py", _DOUBLES.read_bytes())
        self.lab.push("registry", "/srv/leaks.json", json.dumps(self._doubles()).encode())
        host = hosts.find("registry")
        hosts.spawn(host, [*hosts.entering(host), "python3", "/srv/double.py", "/srv/leaks.json"], "leaks.pid")
        for port in PORTS.values():
            hosts.wait_for_port(host, port)

    def _doubles(self) -> list[dict[str, Any]]:
        basic, name = 'Basic realm="double"', self.lab.registry.partition(":")[0]
        told = self.secrets["password"]
        error = json.dumps({"errors": [{"code": "UNAUTHORIZED", "message": f"{told} and {auth(told)} are wrong"}]})
        tokens = {"token": self.secrets["token of a registry"]}
        upload = {"Location": f"https://{name}:{PORTS['uploads']}/u?_state={self.secrets['state of an upload']}&x="}
        realm = f'Bearer realm="https://{name}:{PORTS["tokens"]}/token",service="double"'
        said = f"what is {self.secrets['token of a registry']}?"
        plain: dict[str, list[Any]] = {
            "refuses": [basic, ["", 401, {"WWW-Authenticate": basic}, "{}"]],
            "repeats": [basic, ["", 401, {"WWW-Authenticate": basic, "X-Told": auth(told)}, error]],
            "redirects": [basic, ["", 307, {"Location": f"https://{name}:{PORTS['refuses']}"}, error]],
            "forbids": [realm, ["", 403, {"WWW-Authenticate": f'Bearer error="{said}"'}, said]],
            "tokens": ["", ["", 200, {"Content-Type": "application/json"}, json.dumps(tokens)]],
            "uploads": [basic, ["POST", 202, upload, ""], ["GET /v2/ ", 200, {}, "{}"], ["", 500, {}, error]],
        }
        return [
            {"address": "0.0.0.0", "port": PORTS[each], "certificate": "server", "login": login, "answers": answers}
            for each, (login, *answers) in plain.items()
        ]
