# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How to get a TCP connection to a registry or its token server, maybe by a proxy, within a time limit."""

import errno
import http.client
import re
import signal
import socket
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import Finding, RegistryError, finding
from ansible_collections.airgap.openshift.plugins.module_utils._registry_proxy import Proxy, ProxyError, proxy_for

__all__ = ("ExpiredError", "Network", "Peer", "plain", "within")

_LONGEST_QUOTE = 120
# Those that are silent share the time; of large services, some names have a dozen.
_MOST_ADDRESSES = 4
_MASK = "********"
_NO_ROUTE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
_LOGIN_WANTED = 407


class ExpiredError(Exception):
    """The time limit is over."""


class Peer(NamedTuple):
    """Somebody to talk to, and what messages call it."""

    host: str
    port: int
    label: str


class Network(NamedTuple):
    """The way out of this host: the variables of its environment, and how long anything may take."""

    environ: Mapping[str, str]
    seconds: int

    def proxy(self, peer: Peer) -> Optional[Proxy]:
        """Return the proxy on the way to a peer.

        Raises: RegistryError where it cannot be used.
        """
        try:
            return proxy_for(peer.host, peer.port, self.environ)
        except ProxyError as exc:
            variable = next(name for name in ("HTTPS_PROXY", "https_proxy") if self.environ.get(name))
            raise RegistryError(finding("proxy-unusable", variable=variable, detail=exc)) from None

    def connect(self, peer: Peer) -> socket.socket:
        """Return a connection to a peer, on which nothing has been said yet.

        Raises: RegistryError that says why there is none.
        """
        if not re.match(r"[!-~]+\Z", peer.host):
            raise RegistryError(finding("dns-failure", host=plain(peer.host), detail="it is no name of a host"))
        proxy = self.proxy(peer)
        if proxy is None:
            return _connected(peer, self.seconds, lambda code, detail: _direct(code, detail, peer, self))
        words: Dict[str, Any] = {"proxy": proxy.url, "variable": proxy.variable, "host": peer.host, "peer": peer.label}
        way = Peer(proxy.host, proxy.port, proxy.url)
        sock = _connected(way, self.seconds, lambda _code, detail: finding("proxy-unreachable", detail=detail, **words))
        try:
            _ask_for_tunnel(sock, peer, proxy, words, self.seconds)
        except BaseException:
            sock.close()
            raise
        return sock


def _direct(code: str, detail: str, peer: Peer, network: Network) -> Finding:
    return finding(code, peer=peer.label, host=peer.host, seconds=network.seconds, detail=detail)


def _connected(peer: Peer, seconds: int, because: Callable[[str, str], Finding]) -> socket.socket:
    try:
        with within(seconds):
            addresses = socket.getaddrinfo(peer.host, peer.port, type=socket.SOCK_STREAM)[:_MOST_ADDRESSES]
    except ExpiredError:
        raise RegistryError(because("dns-failure", "the name server does not answer")) from None
    except (OSError, ValueError) as exc:
        raise RegistryError(because("dns-failure", plain(getattr(exc, "strerror", None) or str(exc)))) from None
    try:
        with within(seconds):
            return _first_that_answers(addresses, seconds)
    except (ExpiredError, socket.timeout):
        raise RegistryError(because("connection-timeout", f"it did not answer within {seconds} seconds")) from None
    except OSError as exc:
        raise RegistryError(because(_code_of(exc), plain(exc.strerror or str(exc)))) from None


def _first_that_answers(addresses: Sequence[Any], seconds: int) -> socket.socket:
    """Return a connection to one of the addresses of a host; those that are silent share the time among them.

    Raises: OSError of the first address where none answers.
    """
    problems: List[OSError] = []
    for family, kind, protocol, _name, address in addresses:
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as exc:
            problems.append(exc)
            continue
        try:
            sock.settimeout(seconds / len(addresses))
            sock.connect(address)
            sock.settimeout(seconds)
            return sock
        except OSError as exc:
            sock.close()
            problems.append(exc)
        except ExpiredError:
            sock.close()
            raise
    raise problems[0]


def _code_of(exc: OSError) -> str:
    if isinstance(exc, ConnectionRefusedError):
        return "connection-refused"
    if exc.errno == errno.ETIMEDOUT:
        return "connection-timeout"
    return "no-route" if exc.errno in _NO_ROUTE else "connection-lost"


def _ask_for_tunnel(sock: socket.socket, peer: Peer, proxy: Proxy, words: Dict[str, Any], seconds: int) -> None:
    """Have the proxy connect this socket to the peer (RFC 9110, 9.3.6)."""
    target = f"[{peer.host}]:{peer.port}" if ":" in peer.host else f"{peer.host}:{peer.port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    answer = http.client.HTTPResponse(sock, method="CONNECT")
    try:
        with within(seconds):
            sock.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
            answer.begin()
    except (ExpiredError, OSError, http.client.HTTPException) as exc:
        detail = plain(str(exc), proxy.secrets) or f"it did not answer within {seconds} seconds"
        raise RegistryError(finding("proxy-unreachable", detail=detail, **words)) from None
    finally:
        answer.close()  # drops its own reference to the connection
    if answer.status == _LOGIN_WANTED:
        raise RegistryError(finding("proxy-login", **words))
    if not 200 <= answer.status < 300:
        raise RegistryError(
            finding("proxy-denied", detail=plain(f"HTTP {answer.status} {answer.reason}", proxy.secrets), **words)
        )


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """End what runs inside by ExpiredError after so many seconds, however slowly somebody answers.

    A time limit of a socket is one for each of its packets only. Signals reach the main thread, in which modules run.
    """

    def expire(*_signal: object) -> None:
        raise ExpiredError

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def plain(text: str, secrets: Iterable[str] = ()) -> str:
    """Return somebody else's words for a message: one line, no control characters, not too long, none of ``secrets``.

    They are taken out first: what is cut off or replaced in the middle would not be recognized later.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, _MASK)
    line = " ".join(re.sub(r"[^\x20-\x7e]+", " ", text).split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]} ..."
