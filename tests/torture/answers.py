# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registries that answer what no registry should: real TLS servers, asked by the product's own check with a login.

Each has a process of its own, whose memory and time are measured.
"""

from __future__ import annotations

import gzip
import itertools
import multiprocessing
import resource
import socket
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

SECONDS = 3  # that the check gives each answer
MOST_SECONDS = 3 * SECONDS  # for all of a check, which none makes wait more than once; the rest is for a busy machine
MOST_MEMORY = 100 << 20  # bytes more than before
_BASIC = 'WWW-Authenticate: Basic realm="x"'
_PIECE = b"x" * (1 << 20)
_REPOSITORY = "a"
# A record of TLS that never comes to an end, with the begin of a ServerHello in it.
_HELLO_OF_TLS = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03"

Said = Callable[[Any], None]  # to a connection


class Talk(NamedTuple):
    """What a registry says, and what the check has to report of it: codes of findings, none if all is well."""

    codes: tuple[str, ...]
    answers: tuple[Any, ...] = ()  # see loopback.answers
    before_tls: tuple[Said | None, ...] = ()  # to its first connections, in place of TLS; None is TLS


def flood(head: bytes) -> Said:
    """Says this, and then 1 GiB, as far as somebody reads it."""

    def talk(sock: Any) -> None:
        sock.sendall(head)
        for _piece in range(1024):
            sock.sendall(_PIECE)

    return talk


def drip(words: bytes) -> Said:
    """Says this a byte at a time, each well within the time limit, and goes on for as long as somebody listens."""

    def talk(sock: Any) -> None:
        for each in itertools.chain(words, itertools.repeat(ord("x"))):
            sock.sendall(bytes([each]))
            time.sleep(SECONDS / 4)

    return talk


def silence(sock: Any) -> None:
    """Says nothing, and keeps the connection for as long as the other side does."""
    sock.settimeout(None)
    while sock.recv(1 << 16):
        pass


def redirect(status: int) -> bytes:
    """To another server, which is there and is trusted, but is not the registry."""
    answer: bytes = loopback.answer(status, b"", "Location: https://localhost:<other>/v2/")
    return answer


def bearer(realm: str) -> bytes:
    """A token server is to be asked."""
    answer: bytes = loopback.answer(401, b"", f'WWW-Authenticate: Bearer realm="{realm}"')
    return answer


HELLO = loopback.answer(401, b"", _BASIC)
DONE, NONE_YET = loopback.answer(), loopback.answer(404)
OPENED = loopback.answer(202, b"", f"Location: /v2/{_REPOSITORY}/blobs/uploads/1")
# 960 MiB; short enough to be read as an answer.
BOMB = gzip.compress(bytes(16 << 20)) * 60
TALKS: dict[str, Talk] = {
    "answers that are sound": Talk((), (HELLO, DONE, NONE_YET, OPENED, DONE)),
    "a body of 1 GiB": Talk(("broken-answer",), (flood(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"),)),
    "a body of 1 GiB without a length": Talk(("broken-answer",), (HELLO, flood(b"HTTP/1.1 200 OK\r\n\r\n"))),
    "a header of 1 GiB": Talk(("broken-answer",), (flood(b"HTTP/1.1 200 OK\r\nX-Long: "),)),
    "a status line of 1 GiB": Talk(("broken-answer",), (flood(b""),)),
    "a chunk of 1 GiB": Talk(
        ("broken-answer",), (flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n"),)
    ),
    "a chunk of less than nothing, and 1 GiB": Talk(
        ("broken-answer",), (flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"),)
    ),
    "chunks of odd sizes": Talk(
        ("broken-answer",), ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\nzz\r\n"],)
    ),
    "a gzip bomb": Talk(("rejected-credentials",), (HELLO, loopback.answer(403, BOMB, "Content-Encoding: gzip"))),
    "ten thousand headers": Talk(("broken-answer",), ([b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 10000 + b"\r\n"],)),
    "a slow drip of a status line": Talk(("connection-timeout",), (drip(b"HTTP/1.1 200 OK and so on"),)),
    "a slow drip of a body": Talk(
        ("connection-timeout",), (HELLO, drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"))
    ),
    "a slow drip of TLS": Talk(("connection-timeout",), before_tls=(drip(_HELLO_OF_TLS),)),
    "a slow drip of TLS after a look at its certificates": Talk(
        ("connection-timeout",), before_tls=(None, drip(_HELLO_OF_TLS))
    ),
    "TLS of 1 GiB": Talk(("tls-refused",), before_tls=(flood(_HELLO_OF_TLS),) * 2),
    "silence": Talk(("connection-timeout",), before_tls=(silence,)),
    "silence after a look at its certificates": Talk(("connection-timeout",), before_tls=(None, silence)),
    "silence in place of an answer": Talk(("connection-timeout",), (silence,)),
    "silence after the login": Talk(("connection-timeout",), (HELLO, DONE, silence)),
    "no answer at all": Talk(("connection-lost",), (None,)),
    "redirects to another server": Talk(("redirected",), (redirect(307),)),
    "redirects after the login": Talk(("redirected",), (HELLO, *[redirect(308)] * 3)),
    "redirects an upload": Talk(("redirected",), (HELLO, DONE, NONE_YET, redirect(307))),
    "redirects to a file": Talk(("redirected",), (loopback.answer(302, b"", "Location: file:///etc/shadow"),)),
    "redirects without end": Talk(("redirected",), (loopback.answer(302, b"", "Location: /v2/"),) * 40),
    "two lengths": Talk(
        ("connection-lost", "no-login-needed"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 99\r\n\r\nx"],),
    ),
    "two ways to log in": Talk(
        ("connection-lost",),
        (loopback.answer(401, b"", _BASIC, 'WWW-Authenticate: Bearer realm="https://localhost:<other>/"'),),
    ),
    "NUL bytes": Talk(
        ("connection-lost", "no-login-needed"),
        ([b"HTTP/1.1 200 \0OK\r\nX-\0: \0\r\nContent-Length: 3\r\n\r\n\0\0\0"],),
    ),
    "half a surrogate pair": Talk(
        ("rejected-credentials",),
        (HELLO, loopback.answer(403, b'{"errors": [{"message": "\\ud83d\\u001b[2J"}]}')),
    ),
    "JSON nested deeply": Talk(("rejected-credentials",), (HELLO, loopback.answer(403, b'{"errors":' + b"[" * 200000))),
    "a huge number": Talk(
        ("rejected-credentials",), (HELLO, loopback.answer(403, b'{"errors": ' + b"9" * 500000 + b"}"))
    ),
    "a token that adds a header": Talk(
        ("token-broken",),
        (bearer("https://<here>/token"), loopback.answer(200, b'{"token": "x\\r\\nX-Admin: yes"}')),
    ),
    "a token server that redirects": Talk(("token-server-failed",), (bearer("https://<here>/token"), redirect(307))),
    "a token server without TLS": Talk(("token-server-plain-http",), (bearer("http://localhost:<other>/token"),)),
    "a header that quotes the login": Talk(
        ("server-error",), (loopback.answer(500, fuzz.AUTH.encode(), f"X-Debug: {fuzz.PASSWORD}"),)
    ),
    "words that steer a terminal": Talk(("server-error",), (loopback.answer(500, b"\x1b]0;owned\x07\x1b[2J"),)),
    "an upload at a host that has no name": Talk(
        ("upload-elsewhere",),
        (HELLO, DONE, NONE_YET, loopback.answer(202, b"", "Location: https://localhost\0:<other>/v2/")),
    ),
    "an upload elsewhere": Talk(
        ("upload-left-open",),
        (
            HELLO,
            DONE,
            NONE_YET,
            loopback.answer(202, b"", "Location: https://localhost:<other>/v2/a/blobs/uploads/1"),
        ),
    ),
}
SHORT = (
    "answers that are sound",
    "a body of 1 GiB",
    "a gzip bomb",
    "a slow drip of a status line",
    "a slow drip of TLS",
    "redirects after the login",
    "a token that adds a header",
    "a token server without TLS",
    "a header that quotes the login",
    "an upload elsewhere",
)


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
            yield tried(f"a registry: {name}", TALKS[name], context, der)


def tried(name: str, talk: Talk, context: ssl.SSLContext, root: bytes) -> Found:
    """Check a registry that talks so, beside another server that is asked what it has heard."""
    listens, heard_by_other = listener(context)
    with loopback.Server(listens) as other:
        port = str(other.port).encode()
        said = [each.replace(b"<other>", port) if isinstance(each, bytes) else each for each in talk.answers]
        with loopback.Server(speaker(talk, loopback.answers(context, *said)[0])) as server:
            lost, report = in_a_process(server.port, root)
    told = any(b"authorization" in each.lower() or fuzz.AUTH.encode() in each for each in heard_by_other)
    leaked = ["the other server was sent the login"] if told else []
    if any(secret in str(report) for secret in (fuzz.AUTH, fuzz.PASSWORD)):
        leaked.append("the login is in the report")
    return Found(name, lost or misjudged(report, talk.codes), "; ".join(leaked))


def listener(context: ssl.SSLContext) -> tuple[Said, list[bytes]]:
    """What finds nothing by TLS, has a token for everybody without it, and the list of what it was sent."""
    by_tls, heard = loopback.answers(context, *[NONE_YET] * 9)

    def talk(sock: Any) -> None:
        if sock.recv(1, socket.MSG_PEEK) == _HELLO_OF_TLS[:1]:
            by_tls(sock)
        else:
            heard.append(sock.recv(1 << 16))
            sock.sendall(loopback.answer(200, b'{"token": "abc"}'))

    return talk, heard


def speaker(talk: Talk, by_tls: Said) -> Said:
    """What talks to one connection after the other."""
    waiting = list(talk.before_tls)

    def speak(sock: Any) -> None:
        ((waiting.pop(0) if waiting else None) or by_tls)(sock)

    return speak


def misjudged(report: dict[str, Any], codes: tuple[str, ...]) -> str:
    """What is not reported as it has to be."""
    found = tuple(each["code"] for each in report["findings"])
    if found != codes:
        return f"it reports {', '.join(found) or 'nothing'}, not {', '.join(codes) or 'nothing'}"
    steps = report["steps"]
    return "" if (set(steps.values()) == {"ok"}) or codes else f"it is not ready: {steps}"


def in_a_process(port: int, root: bytes) -> tuple[str, dict[str, Any]]:
    """What went wrong, and the report."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=check, args=(port, root, theirs))
    process.start()
    theirs.close()
    try:
        if not ours.poll(MOST_SECONDS):
            return f"no report within {MOST_SECONDS} seconds", {}
        lost, report = ours.recv()
        return lost, report
    except EOFError:
        return "the process died without a report", {}
    finally:
        process.kill()
        process.join()


def check(port: int, root: bytes, answer: Any) -> None:
    """Run in a process of its own."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peer = Peer(loopback.HOST, port, f"{loopback.HOST}:{port}")
    made = _auth_lookup.index({"auths": {peer.label: {"auth": fuzz.AUTH}}})
    image = _registry_credentials.Image(peer.label, _REPOSITORY, "/auth.json")
    host = _registry_probe.Host(Network({}, SECONDS), (root,))
    target = _registry_probe.Target(peer.label, peer, _REPOSITORY, True)
    try:
        report = _registry_probe.check(target, host, _registry_credentials.credentials(made, image))
        fuzz.report_is_printable(report)
    except Exception as exc:  # whatever it is, it is the finding
        answer.send((f"{type(exc).__name__}: {exc}", {}))
        return
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used) * 1024
    answer.send((f"it took {more >> 20} MiB" if more > MOST_MEMORY else "", {**report, "evidence": ""}))
