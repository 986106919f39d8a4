# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real readers of an auth file do with it: skopeo, podman and docker's CLI, before a real registry.

All of them run on a bastion. The registry is the program that the lab's registries are, with a log that says who was
let in; it has a user for each kind of entry, also answers as Docker Hub and on port 443, and holds no image: who is
let in learns that the image is unknown. One thing is a double: the credential helper `docker-credential-lab` speaks
the protocol of such helpers, but knows one answer.
"""

from __future__ import annotations

import json
import re
import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

import trustme
from conftest import Bastion

MIRROR = "mirror.lab.test"  # on ports 5000 and 443
HELPER = ("helper", b"of the helper")  # what docker-credential-lab answers
# What a client may do but log in; `let_in` and `turned_away` say that it did.
NO_LOGIN = "asks without a login"
GIVES_UP = "gives up"
COMPLAINS = "complains of the file and "

_NAMES = (MIRROR, "docker.io", "index.docker.io", "registry-1.docker.io")
_CLIENTS = {
    "skopeo": "skopeo inspect --raw --authfile $folder/config.json docker://$image",
    "podman": "podman --storage-driver=vfs pull --quiet --authfile $folder/config.json docker://$image",
    "docker": "DOCKER_CONFIG=$folder docker manifest inspect $image",
}
CLIENTS = tuple(_CLIENTS)
_COMPLAINT = "WARNING: Error loading config file: "
# Of clients that do not ask the registry for the image.
_WORDS = {"getting username and password: ": GIVES_UP, "no basic auth credentials": NO_LOGIN}
_REGISTRY = {
    "version": 0.1, "log": {"level": "info", "formatter": "json"}, "storage": {"inmemory": {}},
    "auth": {"htpasswd": {"realm": "readers", "path": "/srv/htpasswd"}},
    "http": {"tls": {"certificate": "/srv/server.pem", "key": "/srv/server.pem"}},
}  # fmt: skip
_HELPER = f"""\
#!/bin/sh
cat > /dev/null
echo '{json.dumps({"ServerURL": "any", "Username": HELPER[0], "Secret": HELPER[1].decode()})}'
"""
_START = f"""
echo '127.0.0.1 {" ".join(_NAMES)}' >> /etc/hosts
cd /srv
for port in 443 5000; do
    REGISTRY_HTTP_ADDR=:$port setsid docker-registry serve registry.json < /dev/null >> $port.log 2>&1 &
    until grep -q 'listening on' $port.log; do kill -0 $!; sleep 0.02; done
done
"""


class Question(NamedTuple):
    """Which login a client uses for an image, which is ``host[:port]/path``, by an auth file of this text."""

    client: str
    text: str
    image: str


def let_in(user: str) -> str:
    """The registry knows the login."""
    return f"is let in as {user!r}"


def turned_away(user: str) -> str:
    """The registry does not know the login."""
    return f"is turned away as {user!r}"


class Bench:
    """Real readers and a registry, on a bastion in its first state."""

    def __init__(self, bastion: Bastion, passwords: Mapping[str, bytes]) -> None:
        """Start the registry, with these users; it ends when the bastion is reset."""
        self._bastion = bastion
        authority = trustme.CA()
        pair = authority.issue_cert(*_NAMES, "::1").private_key_and_cert_chain_pem.bytes()
        bastion.push("/srv/ca.crt", authority.cert_pem.bytes())
        bastion.push("/srv/server.pem", pair)
        bastion.push("/srv/registry.json", json.dumps(_REGISTRY).encode())
        bastion.push("/usr/local/bin/docker-credential-lab", _HELPER.encode(), mode=0o755)
        users = [b"htpasswd -nbBC 4 '%b' '%b'" % (user.encode(), password) for user, password in passwords.items()]
        self._sh(b"{\n" + b"\n".join(users) + b"\n} > /srv/htpasswd\n" + _START.encode())

    def ask(self, questions: Sequence[Question]) -> list[frozenset[str]]:
        """What each client does; it is more than one thing if a client asks again with another login."""
        if not questions:
            return []
        scripts: dict[str, list[str]] = defaultdict(list)
        for number, question in enumerate(questions):
            scripts[question.client].append(_script(f"q{number}", question))
        at_once = "".join(f"{{\n{''.join(parts)}}} &\n" for parts in scripts.values())
        prepare = "rm -rf /tmp/readers; mkdir /tmp/readers; cd /tmp/readers; for log in /srv/*.log; do : > $log; done\n"
        collect = "wait\nfor said in q*; do echo $said; cat $said/said; printf '\\0'; done\n"
        told = self._sh(f"export SSL_CERT_FILE=/srv/ca.crt\n{prepare}{at_once}{collect}".encode())
        said = dict(each.split("\n", 1) for each in told.split("\0")[:-1])
        logins = _logins(self._sh(b"cat /srv/*.log"))
        return [_outcomes(said[name], logins[name]) for name in map("q{}".format, range(len(questions)))]

    def _sh(self, script: bytes) -> str:
        done = self._bastion.ssh("sh -eu", stdin=script)
        assert done.rc == 0, done.stderr
        return done.stdout


def _script(name: str, question: Question) -> str:
    """The tag, which is the question's name, tells the requests apart in the registry's log."""
    return f"""\
folder=$PWD/{name} image={shlex.quote(f"{question.image}:{name}")}
mkdir {name}
printf %s {shlex.quote(question.text)} > {name}/config.json
{_CLIENTS[question.client]} > {name}/said 2>&1 || :
"""


def _logins(log: str) -> defaultdict[str, set[str]]:
    """Who asked for which tag. skopeo and podman send an empty login where they have none."""
    logins: defaultdict[str, set[str]] = defaultdict(set)
    for line in log.splitlines():
        fields = json.loads(line) if line.startswith('{"') else {}
        tag = fields.get("http.request.uri", "").rpartition("/")[2]
        refused = re.match('error authenticating user (".*"): ', fields.get("msg", ""))
        if refused:
            user = json.loads(refused[1])
            logins[tag].add(turned_away(user) if user else NO_LOGIN)
        elif "http.response.status" in fields and fields["http.response.status"] != 401:
            logins[tag].add(let_in(fields["auth.user.name"]))
    return logins


def _outcomes(said: str, logins: Set[str]) -> frozenset[str]:
    outcomes = logins or {next((meaning for words, meaning in _WORDS.items() if words in said), said)}
    return frozenset((COMPLAINS if _COMPLAINT in said else "") + outcome for outcome in outcomes)
