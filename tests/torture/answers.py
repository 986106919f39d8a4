# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registries that answer what no registry should: real TLS servers, asked by the product's own check with a login.

Each has a process of its own, whose memory and time are measured.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import fuzz
import trustme

from ansible_collections.airgap.openshift.plugins.module_utils import (
    _auth_lookup,
    _registry_credentials,
    _registry_probe,
)
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Network, Peer
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils import loopback

SECONDS = 1  # that the check gives each answer
MOST_SECONDS = 20  # for all of a check, which asks several times
MOST_MEMORY = 100 << 20  # bytes more than before
_BASIC = 'WWW-Authenticate: Basic realm="x"'
_PIECE = b"x" * (1 << 20)


def flood(head: bytes) -> Callable[[Any], None]:
    """Says this, and then 1 GiB, as far as somebody reads it."""

    def talk(sock: Any) -> None:
        sock.sendall(head)
        for _piece in range(1024):
            sock.sendall(_PIECE)

    return talk


def drip(words: bytes) -> Callable[[Any], None]:
    """Says this a byte at a time, each well within the time limit."""

    def talk(sock: Any) -> None:
        for place in range(len(words)):
            sock.sendall(words[place : place + 1])
            time.sleep(SECONDS / 4)

    return talk


def redirect(status: int) -> bytes:
    """To another server, which is there and is trusted, but is not the registry."""
    answer: bytes = loopback.answer(status, b"", "Location: https://localhost:<other>/v2/")
    return answer


HELLO = loopback.answer(401, b"", _BASIC)
BOMB = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1073741824\r\n\r\n"
TALKS: dict[str, list[Any]] = {
    "a body of 1 GiB": [flood(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")],
    "a body of 1 GiB without a length": [HELLO, flood(b"HTTP/1.1 200 OK\r\n\r\n")],
    "a header of 1 GiB": [flood(b"HTTP/1.1 200 OK\r\nX-Long: ")],
    "a status line of 1 GiB": [flood(b"")],
    "a chunk of 1 GiB": [flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n")],
    "chunks of odd sizes": [[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\nzz\r\n"]],
    "a gzip bomb": [flood(BOMB)],
    "ten thousand headers": [[b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 10000 + b"\r\n"]],
    "a slow drip of a status line": [drip(b"HTTP/1.1 200 OK and so on and so on and so on and so on")],
    "a slow drip of a body": [HELLO, drip(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n" + b"x" * 90)],
    "no answer at all": [None],
    "redirects to another server": [redirect(307)],
    "redirects after the login": [HELLO, redirect(308), redirect(308), redirect(308)],
    "redirects an upload": [HELLO, loopback.answer(), loopback.answer(404), redirect(307)],
    "redirects to a file": [loopback.answer(302, b"", "Location: file:///etc/shadow")],
    "redirects without end": [loopback.answer(302, b"", "Location: /v2/")] * 40,
    "two lengths": [[b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 99\r\n\r\nx"]],
    "two ways to log in": [
        loopback.answer(401, b"", _BASIC, 'WWW-Authenticate: Bearer realm="https://other.example/"')
    ],
    "NUL bytes": [[b"HTTP/1.1 200 \0OK\r\nX-\0: \0\r\nContent-Length: 3\r\n\r\n\0\0\0"]],
    "half a surrogate pair": [HELLO, loopback.answer(403, b'{"errors": [{"message": "\\ud83d\\u001b[2J"}]}')],
    "JSON nested deeply": [HELLO, loopback.answer(403, b'{"errors":' + b"[" * 200000)],
    "a huge number": [HELLO, loopback.answer(403, b'{"errors": ' + b"9" * 500000 + b"}")],
    "a token that adds a header": [
        loopback.answer(401, b"", 'WWW-Authenticate: Bearer realm="https://<here>/token"'),
        loopback.answer(200, b'{"token": "x\\r\\nX-Admin: yes"}'),
    ],
    "a header that quotes the login": [loopback.answer(500, fuzz.AUTH.encode(), f"X-Debug: {fuzz.PASSWORD}")],
    "words that steer a terminal": [loopback.answer(500, b"\x1b]0;owned\x07\x1b[2J")],
    "an upload elsewhere": [
        HELLO,
        loopback.answer(),
        loopback.answer(404),
        loopback.answer(202, b"", "Location: https://localhost:<other>/v2/a/blobs/uploads/1"),
    ],
}
SHORT = ("a body of 1 GiB", "redirects after the login", "an upload elsewhere", "a header that quotes the login")


class Found(NamedTuple):
    """The name of a case, what was lost, what leaked."""

    name: str
    lost: str
    leaked: str


def cases(short: bool) -> Iterator[Found]:
    """All of them, one after the other."""
    authority = trustme.CA()
    certificate = authority.issue_cert(loopback.HOST, "localhost")
    der = ssl.PEM_cert_to_DER_cert(authority.cert_pem.bytes().decode())
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate.private_key_and_cert_chain_pem.bytes())
        file.flush()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file.name)
        for name in SHORT if short else TALKS:
            yield tried(f"a registry with {name}" if " " in name else name, TALKS[name], context, der)


def tried(name: str, talk: list[Any], context: ssl.SSLContext, root: bytes) -> Found:
    """Check a registry that talks so, beside another server that is asked what it has heard."""
    says, heard_by_other = loopback.answers(context, *[loopback.answer(404)] * 9)
    with loopback.Server(says) as other:
        port = str(other.port).encode()
        said = [each.replace(b"<other>", port) if isinstance(each, bytes) else each for each in talk]
        with loopback.Server(loopback.answers(context, *said)[0]) as server:
            lost, report = in_a_process(server.port, root)
    told = any(b"authorization" in each.lower() or fuzz.AUTH.encode() in each for each in heard_by_other)
    leaked = ["the other server was sent the login"] if told else []
    if any(secret in report for secret in (fuzz.AUTH, fuzz.PASSWORD)):
        leaked.append("the login is in the report")
    return Found(name, lost, "; ".join(leaked))


def in_a_process(port: int, root: bytes) -> tuple[str, str]:
    """What went wrong, and the report as JSON."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=check, args=(port, root, theirs))
    process.start()
    try:
        if not ours.poll(MOST_SECONDS):
            return f"no report within {MOST_SECONDS} seconds", ""
        lost, report = ours.recv()
        return lost, report
    except EOFError:
        return "the process died without a report", ""
    finally:
        process.kill()
        process.join()


def check(port: int, root: bytes, answer: Any) -> None:
    """Run in a process of its own."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peer = Peer(loopback.HOST, port, f"{loopback.HOST}:{port}")
    made = _auth_lookup.index({"auths": {peer.label: {"auth": fuzz.AUTH}}})
    known = _registry_credentials.credentials(made, _registry_credentials.Image(peer.label, "a", "/auth.json"))
    host = _registry_probe.Host(Network({}, SECONDS), (root,))
    try:
        report = _registry_probe.check(_registry_probe.Target(peer.label, peer, "a", True), host, known)
        words = json.dumps({**report, "evidence": ""})
        for each in report["findings"]:
            fuzz.printable(f"{each['message']} {each['remedy']}")
    except Exception as exc:  # whatever it is, it is the finding
        answer.send((f"{type(exc).__name__}: {exc}", ""))
        return
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used) * 1024
    answer.send((f"it took {more >> 20} MiB" if more > MOST_MEMORY else "", words))
