# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Which certificates a server sends, and whether it speaks TLS at all; nothing is trusted by this."""

import itertools
import socket
import ssl
from typing import Any, Callable, Iterator, NamedTuple, Optional, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import RegistryError, finding
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import (
    ExpiredError,
    Peer,
    plain,
    within,
)

__all__ = ("Sent", "certificates_sent", "look_at")

_RECORD_HEADER = 5
_MESSAGE_HEADER = 4
_RECORD_KINDS = (20, 21, 22, 23)
_HANDSHAKE = 22
_REFUSAL = b"\x15"  # an alert in place of a certificate
_CERTIFICATE = 11
_MOST_CERTIFICATES = 20  # a server may send as many as it likes; chains have two or three
_LONGEST_FLIGHT = 1 << 20  # bytes; a server's first words are some thousands
_GOOD_VERSIONS = ("TLSv1.2", "TLSv1.3")


class _Heard(NamedTuple):
    """What came from the server until the handshake ended, how that was, and what was agreed on by then."""

    words: bytes
    problem: Optional[Exception]
    version: Optional[str]
    own: Optional[bytes]


class Sent(NamedTuple):
    """The certificates of a server as DER, its own first; if not ``whole``, no others could be seen."""

    certificates: Tuple[bytes, ...]
    whole: bool = True


def look_at(connect: Callable[[], socket.socket], peer: Peer, seconds: int) -> Sent:
    """Return the certificates of a server.

    Up to TLS 1.2 they are sent in the clear. Of a server that speaks TLS 1.3 only, the standard library shows no more
    than its own certificate.

    Raises: RegistryError where it does not speak TLS, or none that is good enough for clients.
    """
    heard = _listen(connect(), peer, seconds, tls13=False)
    if heard.words[:1] == _REFUSAL:
        heard = _listen(connect(), peer, seconds, tls13=True)
    _refuse_others(heard, peer)
    chain = tuple(certificates_sent(heard.words))
    return Sent(chain) if chain or not heard.own else Sent((heard.own,), whole=False)


def _listen(sock: socket.socket, peer: Peer, seconds: int, *, tls13: bool) -> _Heard:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    heard = bytearray()
    try:
        with sock, within(seconds):
            tls = _indifferent(tls13).wrap_bio(incoming, outgoing, server_hostname=peer.host)
            for words in _handshake(tls, sock, incoming, outgoing):
                heard += words
        return _Heard(bytes(heard), None, tls.version(), tls.getpeercert(True))
    except (ExpiredError, socket.timeout):
        raise RegistryError(finding("connection-timeout", peer=peer.label, seconds=seconds)) from None
    except (OSError, ValueError) as exc:
        return _Heard(bytes(heard), exc, None, None)


def _handshake(tls: Any, sock: socket.socket, incoming: Any, outgoing: Any) -> Iterator[bytes]:
    """Shake hands, and yield what the server sends meanwhile."""
    total = 0
    while total < _LONGEST_FLIGHT:
        try:
            tls.do_handshake()
            return
        except ssl.SSLWantReadError:
            sock.sendall(outgoing.read())
        words = sock.recv(1 << 14)
        if not words:
            return
        total += len(words)
        yield words
        incoming.write(words)


def _indifferent(tls13: bool) -> ssl.SSLContext:
    """Return what speaks TLS of any age with anybody."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.set_ciphers("ALL:@SECLEVEL=0")
    if hasattr(made, "minimum_version"):
        made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED  # novm: looked for above
        made.maximum_version = ssl.TLSVersion.TLSv1_3 if tls13 else ssl.TLSVersion.TLSv1_2  # novm: looked for above
    elif not tls13:
        made.options |= getattr(ssl, "OP_NO_TLSv1_3", 0)
    return made


def _refuse_others(heard: _Heard, peer: Peer) -> None:
    """Raises: RegistryError for a server that is not one that clients can speak to."""
    if not heard.words:
        detail = plain(str(heard.problem or "")) or "it says nothing"
        raise RegistryError(finding("connection-lost", peer=peer.label, detail=detail))
    if heard.words[:5] == b"HTTP/":
        raise RegistryError(finding("plain-http", peer=peer.label))
    if heard.words[0] not in _RECORD_KINDS:
        said = plain(heard.words[:40].decode("ascii", "replace"))
        raise RegistryError(finding("not-tls", peer=peer.label, detail=f"it says '{said}'"))
    if heard.version and heard.version not in _GOOD_VERSIONS:
        raise RegistryError(finding("tls-too-old", peer=peer.label, detail=f"it chose {heard.version}"))


def certificates_sent(words: bytes) -> Iterator[bytes]:
    """Yield the certificates of the first Certificate message (RFC 5246, 7.4.2) in what a server sent."""
    stream = b"".join(_handshake_records(words))
    begin = 0
    while begin + _MESSAGE_HEADER <= len(stream):
        body = begin + _MESSAGE_HEADER
        end = body + int.from_bytes(stream[begin + 1 : body], "big")
        if stream[begin] == _CERTIFICATE and end <= len(stream):
            yield from itertools.islice(_listed(stream[body + 3 : end]), _MOST_CERTIFICATES)
            return
        begin = end


def _handshake_records(words: bytes) -> Iterator[bytes]:
    """Yield the fragments of handshake messages (RFC 5246, 6.2.1) that come before anything is encrypted."""
    begin = 0
    while begin + _RECORD_HEADER <= len(words) and words[begin] == _HANDSHAKE:
        body = begin + _RECORD_HEADER
        end = body + int.from_bytes(words[body - 2 : body], "big")
        yield words[body:end]
        begin = end


def _listed(certificates: bytes) -> Iterator[bytes]:
    begin = 0
    while begin + 3 < len(certificates):
        end = begin + 3 + int.from_bytes(certificates[begin : begin + 3], "big")
        if end > begin + 3:
            yield certificates[begin + 3 : end]
        begin = end
