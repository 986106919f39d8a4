# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""HTTP over verified TLS with limits: on time, on the length of answers, and on where credentials go."""

import http.client
import io
import json
import socket
import ssl
from typing import Any, Callable, Dict, FrozenSet, List, NamedTuple, Optional, Set, Tuple
from urllib.parse import SplitResult, urljoin, urlsplit

from ansible_collections.airgap.openshift.plugins.module_utils._auth_entry import SHORTEST_SECRET
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import Finding, RegistryError, finding
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import (
    ExpiredError,
    Network,
    Peer,
    plain,
    within,
)
from ansible_collections.airgap.openshift.plugins.module_utils._registry_tls import refusal

__all__ = ("LONGEST_ANSWER", "Answer", "Web", "located", "origin_of", "own_target")

LONGEST_ANSWER = 1 << 20  # bytes; containers/image reads no more of a token either
_HTTPS = 443
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_REDIRECTS = 5
_TOO_MANY = 429
# Also http.client.RemoteDisconnected.
_LOST = (ConnectionError,)


class Answer(NamedTuple):
    """What came back: the status, the headers as they came, the body, and what of it must not be shown."""

    status: int
    headers: List[Tuple[str, str]]
    body: bytes
    secrets: FrozenSet[str] = frozenset()

    def header(self, name: str) -> str:
        """Return the first header of this name, or nothing."""
        return next(iter(self.all_of(name)), "")

    def all_of(self, name: str) -> List[str]:
        """Return all headers of this name."""
        return [value for given, value in self.headers if given.lower() == name.lower()]

    def json(self) -> Dict[str, Any]:
        """Return the object in the body; an empty one where there is none."""
        try:
            # Numbers are not looked at, and long ones take older releases of Python a long time.
            found = json.loads(self.body.decode("utf-8"), parse_int=float)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    def said(self) -> str:
        """Return the status, and the first error of the body in the form of the distribution specification."""
        errors = self.json().get("errors")
        first = errors[0] if isinstance(errors, list) and errors else {}
        given = [first.get("code"), first.get("message")] if isinstance(first, dict) else []
        words = [word for word in given if isinstance(word, str) and word]
        return plain(": ".join([f"HTTP {self.status}", *words]), self.secrets)


def origin_of(url: str, label: str) -> Peer:
    """Return whom a URL leads to; ``label`` is what messages call it.

    Raises: ValueError where it is no URL.
    """
    _scheme, host, port = _origin(urlsplit(url))
    if not host:
        raise ValueError("it is no URL")
    return Peer(host, port, label)


class _Bounded(io.BufferedReader):
    """A stream of which nobody reads all: http.client does, without a limit, for a chunk of a negative length."""

    def read(self, size: Optional[int] = -1) -> bytes:
        """Raises: ValueError when there is no limit."""
        if size is None or size < 0:
            raise ValueError("a part of it is shorter than nothing")
        return super().read(size)


class _Response(http.client.HTTPResponse):
    """An answer that is read with limits only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp = _Bounded(self.fp.detach())


class _Connection(http.client.HTTPConnection):
    """A connection that is opened by a function of ours, again when the server has closed it."""

    default_port = _HTTPS
    response_class = _Response

    def __init__(self, peer: Peer, opener: Callable[[], socket.socket]) -> None:
        super().__init__(peer.host, peer.port)
        self._opener = opener

    def connect(self) -> None:
        """Called by http.client whenever there is no connection."""
        self.sock = self._opener()


class _Request(NamedTuple):
    method: str
    target: str
    headers: Dict[str, str]
    body: Optional[bytes]


class Web:
    """Asks servers over TLS that ``trust`` verifies; keeps a connection to each."""

    def __init__(self, network: Network, trust: ssl.SSLContext) -> None:
        self._network = network
        self._trust = trust
        self._connections: Dict[Tuple[str, int], _Connection] = {}
        self._secrets: Set[str] = set()
        self.version = ""  # of TLS, once there was a connection

    def keep(self, *secrets: str) -> None:
        """Take note of what no message may show, also if a server repeats it."""
        self._secrets.update(secret for secret in secrets if len(secret) >= SHORTEST_SECRET)

    def plain(self, text: str) -> str:
        """Return somebody else's words for a message, without what must not be shown."""
        return plain(text, self._secrets)

    def close(self) -> None:
        """End all connections."""
        for connection in self._connections.values():
            connection.close()

    def ask(
        self,
        peer: Peer,
        method: str,
        target: str,
        headers: Optional[Dict[str, str]] = None,
        body: Optional[bytes] = None,
    ) -> Answer:
        """Return the answer to a request; redirects are followed to the same server only, and only for GET.

        Raises: RegistryError where there is no answer, none of use, or one that says to come back later.
        """
        request = _Request(method, target, {"User-Agent": "airgap.openshift", **(headers or {})}, body)
        for _turn in range(_MOST_REDIRECTS):
            answer = self._answered(peer, request)
            _refuse_failures(peer, answer)
            if answer.status not in _REDIRECTS:
                return answer
            request = request._replace(target=_followed(peer, request, answer))
        raise RegistryError(finding("redirected", peer=peer.label, detail="itself, again and again"))

    def _answered(self, peer: Peer, request: _Request) -> Answer:
        """Ask on the connection that there is, and once more on a new one: the server may have closed it meanwhile."""
        connection = self._connections.get((peer.host, peer.port))
        if connection is None:
            connection = _Connection(peer, lambda: self._secured(peer))
            self._connections[peer.host, peer.port] = connection
        again = connection.sock is not None
        try:
            return self._exchanged(connection, peer, request)
        except _LOST:
            connection.close()
            if again:
                return self._answered(peer, request)
        raise RegistryError(finding("connection-lost", peer=peer.label, detail="it gives no answer"))

    def _exchanged(self, connection: _Connection, peer: Peer, request: _Request) -> Answer:
        if connection.sock is None:
            connection.connect()
        try:
            with within(self._network.seconds):
                connection.request(*request[:2], body=request.body, headers=request.headers)
                with connection.getresponse() as response:
                    content = response.read(LONGEST_ANSWER + 1)
            if len(content) > LONGEST_ANSWER:
                raise ValueError(f"longer than {LONGEST_ANSWER} bytes")
        except _LOST:
            raise
        except (OSError, ValueError, ExpiredError, http.client.HTTPException) as exc:
            connection.close()
            raise RegistryError(self._because(exc, peer)) from None
        return Answer(response.status, response.getheaders(), content, frozenset(self._secrets))

    def _secured(self, peer: Peer) -> socket.socket:
        sock = self._network.connect(peer)
        try:
            secured = self._trust.wrap_socket(sock, server_hostname=peer.host, do_handshake_on_connect=False)
        except (OSError, ValueError) as exc:
            sock.close()
            raise RegistryError(self._because(exc, peer)) from None
        try:
            with within(self._network.seconds):
                secured.do_handshake()
        except (OSError, ValueError, ExpiredError) as exc:
            secured.close()
            raise RegistryError(self._because(exc, peer)) from None
        self.version = self.version or secured.version() or ""
        return secured

    def _because(self, exc: Exception, peer: Peer) -> Finding:
        """Return what it means that an exchange ended by this."""
        if isinstance(exc, (ExpiredError, socket.timeout)):
            return finding("connection-timeout", peer=peer.label, seconds=self._network.seconds)
        if isinstance(exc, (ssl.SSLError, ssl.CertificateError)):
            return refusal(exc, peer)
        if isinstance(exc, OSError):
            return finding("connection-lost", peer=peer.label, detail=plain(exc.strerror or str(exc)))
        return finding("broken-answer", peer=peer.label, detail=self.plain(f"{type(exc).__name__}: {exc}"))


def _refuse_failures(peer: Peer, answer: Answer) -> None:
    """Raises: RegistryError for a server that cannot answer now."""
    if answer.status == _TOO_MANY:
        after = answer.header("Retry-After")
        detail = answer.said() + (f", try again after {plain(after)} seconds" if after.isdigit() else "")
        raise RegistryError(finding("rate-limited", peer=peer.label, detail=detail))
    if answer.status >= 500:
        raise RegistryError(finding("server-error", peer=peer.label, detail=answer.said()))


def _followed(peer: Peer, request: _Request, answer: Answer) -> str:
    """Return what to ask for in place of a request.

    Raises: RegistryError where a redirect leads away.
    """
    location = answer.header("Location")
    try:
        parts = located(peer, request.target, location)
    except ValueError:
        raise RegistryError(finding("broken-answer", peer=peer.label, detail="it redirects to no URL")) from None
    if _origin(parts) != ("https", peer.host, peer.port) or request.method != "GET":
        where = plain(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}", answer.secrets)
        raise RegistryError(finding("redirected", peer=peer.label, detail=where))
    return _target(parts)


def own_target(peer: Peer, target: str, location: str) -> str:
    """Return what to ask a peer for by a Location that came with its answer; empty if that leads to somebody else."""
    try:
        parts = located(peer, target, location)
        return _target(parts) if _origin(parts) == ("https", peer.host, peer.port) else ""
    except ValueError:
        return ""


def located(peer: Peer, target: str, location: str) -> SplitResult:
    """Return where a Location leads that came in answer to a request for ``target``.

    Raises: ValueError where it is no URL.
    """
    parts = urlsplit(urljoin(f"https://{_authority(peer)}{target}", location))
    _origin(parts)
    return parts


def _origin(parts: SplitResult) -> Tuple[str, str, int]:
    """Raises: ValueError where a host or a port cannot be such; http.client's own error is none of ours."""
    if not parts.netloc.isprintable() or " " in parts.netloc:
        raise ValueError("its host has no name")
    return parts.scheme, parts.hostname or "", parts.port or _HTTPS


def _target(parts: SplitResult) -> str:
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _authority(peer: Peer) -> str:
    host = f"[{peer.host}]" if ":" in peer.host else peer.host
    return host if peer.port == _HTTPS else f"{host}:{peer.port}"
