# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of registry_scenarios.py on a bastion in its first state, and what skopeo and the product say of them.

Real are docker-registry, tinyproxy, sshd, every TLS handshake and skopeo; services/token.py is what the lab's quay has.
services/double.py is a double, and so is the credential helper `docker-credential-lab`, which knows one answer.
"""

from __future__ import annotations

import io
import itertools
import json
import shlex
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lab import image
from lab.access import Lab
from registry_certificates import Certificates, token_signer
from registry_scenarios import (
    AUTH_FILES,
    ENVIRONMENTS,
    HELPER,
    HTPASSWD,
    NOWHERE,
    PASSWORD,
    PORT,
    PORTS,
    PROXIES,
    PROXY_PORT,
    REPOSITORY,
    SERVERS,
    TOKEN_SERVERS,
    USERS,
    Scenario,
    Server,
    host,
    registry,
)

from playbooks import PlayResult

MODULE = "airgap.openshift.mirror_registry_info"
SECONDS = 5  # the module's limit for each answer
_SERVICES = Path(__file__).resolve().parent / "lab" / "services"
_CERTS_D = "etc/containers/certs.d"
_AT_ONCE = 16
_MOST_SECONDS = 180  # half a minute is what skopeo gives a registry
_HELPER = f"""\
#!/bin/sh
cat > /dev/null
echo '{json.dumps({"ServerURL": "any", "Username": HELPER[0], "Secret": HELPER[1]})}'
"""
# The image gets into what every registry begins with by way of one that asks for nothing. No neighbor has the hardware
# address: what is sent there is lost without a word. Many a controller's OpenSSL is not allowed to sign with SHA-1.
_START = """\
cd /srv
cat hosts >> /etc/hosts
ip neigh add 10.77.250.1 lladdr 02:00:00:00:00:99 dev eth0
for user in $USERS; do printf %s "$PASSWORD" | htpasswd -niBC 4 "$user"; done > htpasswd
if [ -e sha1.crt ]; then
    mv sha1.crt sha256.crt
    openssl x509 -in sha256.crt -CA ca.crt -CAkey ca.key -sha1 -days 30 -out sha1.crt
fi
for name in hello other; do mkdir $name; tar -x -C $name -f $name.tar; done
start() { setsid "$@" < /dev/null >> log 2>&1 & }
start docker-registry serve first.json
first=$!
python3 ready.py 127.0.0.1:5000
skopeo copy --quiet --dest-tls-verify=false oci:hello docker://127.0.0.1:5000/$REPOSITORY:1
kill $first
for name in $REGISTRIES; do
    cp -r storage/first storage/$name
    start docker-registry serve $name.json
done
for name in $PROXIES; do start tinyproxy -d -c $name.conf; done
start python3 double.py doubles.json
start python3 token.py tokens.json
python3 ready.py $LISTENING
"""
_READY = """\
import socket, sys, time
for peer in sys.argv[1:]:
    address, _colon, port = peer.rpartition(":")
    for _attempt in range(2000):
        with socket.socket() as probe:
            if not probe.connect_ex((address, int(port))):
                break
        time.sleep(0.01)
    else:
        sys.exit("nothing listens on " + peer)
"""
_ASK = f"""\
mkdir asked
cd asked
cat > commands
xargs -d '\\n' -n 1 -P {_AT_ONCE} sh -c < commands
for name in *.rc; do printf '%s\\n%s\\n%s\\0' "${{name%.rc}}" "$(cat $name)" "$(cat ${{name%.rc}})"; done
rm -r ../asked
"""


class Said(NamedTuple):
    """What skopeo did."""

    rc: int
    words: str


class Files:
    """Files for a bastion, which all of its users may read."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._tar = tarfile.open(fileobj=self._buffer, mode="w")  # noqa: SIM115

    def add(self, path: str, content: bytes | str, mode: int = 0o644) -> None:
        """A file."""
        data = content.encode() if isinstance(content, str) else content
        member = tarfile.TarInfo(path)
        member.size, member.mode = len(data), mode
        self._tar.addfile(member, io.BytesIO(data))

    def packed(self) -> bytes:
        """All of them, as a tar archive."""
        self._tar.close()
        return self._buffer.getvalue()


class Registries:
    """Servers on a bastion; they end when the bastion is reset."""

    def __init__(self, lab: Lab, bastion: str, scenarios: Sequence[Scenario]) -> None:
        """Start what these scenarios need."""
        self._lab = lab
        self._bastion = bastion
        self._scenarios = scenarios
        self._certificates = Certificates()
        self._servers = {name: server for name, server in SERVERS.items() if self._is_needed(name)}
        numbers = itertools.count(1)
        self._own = {name: name if name == host(name) else f"127.0.1.{next(numbers)}" for name in self._programs()}
        self._start()

    @property
    def trusted(self) -> str:
        """The certificates that the product is to make the bastion trust."""
        return self._certificates.trusted.decode()

    def tasks(self, groups: Sequence[Group]) -> list[dict[str, Any]]:
        """The calls of the module, which is told of more CAs than the bastion trusts."""
        given = [{"content": self._certificates.given.decode()}]
        return [
            {
                "name": group.name,
                MODULE: {**group.options, "ca_certificates": given},
                "environment": ENVIRONMENTS[group.environment],
            }
            for group in groups
        ]

    def skopeo(self, scenarios: Sequence[Scenario]) -> dict[str, Said]:
        """What skopeo says in each scenario; most of them at once, and those that take long first."""
        lines = [
            f"{question(each)} > {each.name} 2>&1; echo $? > {each.name}.rc\n"
            for each in sorted(scenarios, key=lambda scenario: not scenario.slow)
        ]
        told = self._sh(_ASK, user="admin", stdin="".join(lines).encode())
        parts = [each.split("\n", 2) for each in told.split("\0")[:-1]]
        return {name: Said(int(rc), words) for name, rc, words in parts}

    def _is_needed(self, server: str) -> bool:
        """Whether a scenario is about it, or about a registry that sends clients there."""
        return any(scenario.server == server for scenario in self._scenarios) or server.startswith("tokens-")

    def _programs(self) -> list[str]:
        return [*(name for name, server in self._servers.items() if not server.address), *TOKEN_SERVERS, *PROXIES]

    def _start(self) -> None:
        self._sh("tar -x -C / --no-overwrite-dir", stdin=self._files().packed())
        listening = (
            f"{ip}:{PROXY_PORT if name in PROXIES else PORTS.get(name, PORT)}" for name, ip in self._own.items()
        )
        variables = {
            "PASSWORD": PASSWORD, "USERS": " ".join(HTPASSWD), "REPOSITORY": REPOSITORY, "PROXIES": " ".join(PROXIES),
            "REGISTRIES": " ".join(name for name, server in self._servers.items() if _is_registry(server)),
            "LISTENING": " ".join(listening),
        }  # fmt: skip
        given = "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items())
        self._sh("sh -eu", stdin=(given + _START).encode())

    def _files(self) -> Files:
        files = Files()
        fixed = {name: server.address for name, server in self._servers.items() if server.address}
        known = [(ip, name) for name, ip in {**self._own, **fixed}.items() if ip not in (name, NOWHERE)]
        files.add("srv/hosts", "".join(f"{ip} {host(name)}\n" for ip, name in known))
        files.add("srv/ready.py", _READY)
        for name in ("hello", "other"):
            files.add(f"srv/{name}.tar", image.make(f"{name}\n").archive)
        for name, text in AUTH_FILES.items():
            if text is not None:
                files.add(_auth_file(name), text)
        files.add("usr/local/bin/docker-credential-lab", _HELPER, mode=0o755)
        self._add_certificates(files)
        self._add_certs_d(files)
        self._add_settings(files)
        return files

    def _add_certificates(self, files: Files) -> None:
        kinds = {name: server.certificate for name, server in self._servers.items() if not server.address}
        kinds.update({name: settings.certificate for name, settings in TOKEN_SERVERS.items()})
        for name, kind in kinds.items():
            if kind:
                pair = self._certificates.make(kind, host(name))
                files.add(f"srv/{name}.crt", pair.chain)
                files.add(f"srv/{name}.key", pair.key)
        for name, signed in (("ca", self._certificates.ca), ("signer", token_signer()), ("forger", token_signer())):
            files.add(f"srv/{name}.crt", signed.pem)
            files.add(f"srv/{name}.key", signed.key_pem)

    def _add_certs_d(self, files: Files) -> None:
        files.add(f"{_CERTS_D}/{registry('certs-d')}/ca.crt", self._certificates.unknown_ca.pem)
        files.add(f"{_CERTS_D}/{registry('certs-d-broken')}/client.cert", self._certificates.ca.pem)

    def _add_settings(self, files: Files) -> None:
        for name, server in self._servers.items():
            if _is_registry(server):
                files.add(f"srv/{name}.json", json.dumps(_registry(name, server, self._own[name])))
        files.add("srv/first.json", json.dumps(_registry("first", Server(certificate="", login=""), "127.0.0.1")))
        for program in ("double", "token"):
            files.add(f"srv/{program}.py", (_SERVICES / f"{program}.py").read_bytes())
        files.add("srv/doubles.json", json.dumps([
            {"address": self._own[name], "port": PORT, "certificate": server.certificate and name, **server.double}
            for name, server in self._servers.items() if server.double is not None
        ]))  # fmt: skip
        token_servers = [
            {
                **settings._asdict(),
                "certificate": settings.certificate and name,
                "address": self._own[name],
                "port": PORT,
            }
            for name, settings in TOKEN_SERVERS.items()
        ]
        users = {name: {"password": PASSWORD, "may": may} for name, may in USERS.items()}
        files.add("srv/tokens.json", json.dumps({"users": users, "servers": token_servers}))
        for name, more in PROXIES.items():
            files.add(f"srv/{name}.conf", f"Listen {self._own[name]}\nPort {PROXY_PORT}\n{more}\n")

    def _sh(self, script: str, *, user: str = "root", stdin: bytes = b"") -> str:
        done = self._lab.ssh(self._bastion, script, user=user, stdin=stdin, timeout=_MOST_SECONDS)
        if done.rc:
            raise RuntimeError(f"{done.stdout}{done.stderr}")
        return done.stdout


class Group(NamedTuple):
    """Scenarios that one call of the module answers."""

    auth: str
    environment: str
    push: bool
    scenarios: tuple[Scenario, ...]

    @property
    def name(self) -> str:
        """Of the task."""
        return f"{self.auth}, {self.environment}{', push' * self.push}"

    @property
    def options(self) -> dict[str, Any]:
        """Of the module."""
        namespace, _slash, repository = REPOSITORY.rpartition("/")
        return {
            "registries": [{"registry": each.registry, "namespace": namespace} for each in self.scenarios],
            "repository": repository,
            "auth_file": f"/{_auth_file(self.auth)}",
            "push": self.push,
            "timeout": SECONDS,
        }


def question(scenario: Scenario) -> str:
    """The command that asks skopeo."""
    variables = "".join(f"{name}={value} " for name, value in ENVIRONMENTS[scenario.environment].items())
    verb = "copy oci:/srv/other" if scenario.push else "inspect --no-tags"
    limit = "--command-timeout 35s " * scenario.slow
    image = f"docker://{scenario.registry}/{REPOSITORY}:1"
    return f"{variables}skopeo {limit}{verb} {image} --authfile /{_auth_file(scenario.auth)}"


def groups(scenarios: Sequence[Scenario]) -> list[Group]:
    """As few calls of the module as the scenarios allow."""
    made: dict[tuple[str, str, bool], list[Scenario]] = {}
    for each in scenarios:
        made.setdefault((each.auth, each.environment, each.push), []).append(each)
    return [Group(*key, tuple(members)) for key, members in made.items()]


def results(groups: Sequence[Group], done: PlayResult) -> dict[str, dict[str, Any]]:
    """What the module said of each scenario."""
    return {
        scenario.name: values
        for group in groups
        for scenario, values in zip(group.scenarios, done.of(group.name).values["registries"])
    }


def _auth_file(name: str) -> str:
    return f"srv/auth/{name.replace(' ', '-')}.json"


def _is_registry(server: Server) -> bool:
    return server.double is None and not server.address


def _registry(name: str, server: Server, address: str) -> dict[str, Any]:
    """The configuration of a docker-registry."""
    storage: dict[str, Any] = {"filesystem": {"rootdirectory": f"/srv/storage/{name}"}}
    if server.read_only:
        storage["maintenance"] = {"readonly": {"enabled": True}}
    http: dict[str, Any] = {"addr": f"{address}:{PORTS.get(name, PORT)}", "secret": "of all"}
    if server.certificate:
        http["tls"] = {"certificate": f"/srv/{name}.crt", "key": f"/srv/{name}.key"}
        if server.mutual:
            http["tls"]["clientcas"] = ["/srv/ca.crt"]
    config: dict[str, Any] = {"version": 0.1, "log": {"level": "error"}, "storage": storage, "http": http}
    if server.login == "basic":
        config["auth"] = {"htpasswd": {"realm": "lab", "path": "/srv/htpasswd"}}
    elif server.login:
        token = {"realm": server.login, "service": "lab", "issuer": "lab", "rootcertbundle": "/srv/signer.crt"}
        config["auth"] = {"token": token}
    return config
