# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Which certificates lie in the bytes of a file, by fingerprint, without judging or decoding them.

Broken blocks are passed over, as the programs that read trust stores do: this file looks at what a host already has.
What is about to be installed is parsed strictly on the controller.
"""

import base64
import binascii
import hashlib
import re
from typing import AbstractSet, Iterator, List, NamedTuple, Optional, Tuple

__all__ = (
    "Found",
    "certificates_in",
    "cut",
    "fingerprint",
    "issuer",
    "leading_der",
    "public_key",
    "readable_in",
    "strict_blocks",
    "subject",
)

_BLOCK = re.compile(rb"-----BEGIN ((?:TRUSTED )?CERTIFICATE)-----([^-]*)-----END \1-----[ \t]*\r?\n?")
# What Go's encoding/pem takes for a block: its marks stand at the beginning of a line, with only base64 between.
_STRICT_BLOCK = re.compile(
    rb"^-----BEGIN CERTIFICATE-----[ \t\r]*\n([A-Za-z0-9+/=\s]*\n)-----END CERTIFICATE-----[ \t\r]*$", re.MULTILINE
)


class Found(NamedTuple):
    """A certificate and the place of its block, ``content[start:end]``, in the file."""

    der: bytes
    start: int
    end: int


def fingerprint(der: bytes) -> str:
    """SHA-256 of a DER certificate in 64 lower-case hexadecimal digits; what ``openssl x509 -fingerprint`` prints."""
    return hashlib.sha256(der).hexdigest()


def certificates_in(content: bytes, reads_der: bool = False) -> Iterator[Found]:
    """Each certificate that any program could read from a PEM file or, where the store ``reads_der``, a DER file."""
    if reads_der and content[:1] == b"\x30":
        der = leading_der(content)
        if der:
            yield Found(der, 0, len(content))
        return
    for block in _BLOCK.finditer(content):
        der = leading_der(_decoded(block.group(2)))
        if der:
            yield Found(der, block.start(), block.end())


def readable_in(content: bytes, reads_der: bool = False) -> Iterator[str]:
    """The fingerprints of the certificates that every program reads from these bytes, Go's being the strictest.

    A byte order mark, indented marks or a TRUSTED CERTIFICATE hide a certificate from ``oc`` and ``skopeo`` that
    OpenSSL finds; p11-kit leaves out DER with anything after it.
    """
    if reads_der and content[:1] == b"\x30":
        if leading_der(content) == content:
            yield fingerprint(content)
        return
    for der in strict_blocks(content):
        yield fingerprint(der)


def strict_blocks(content: bytes) -> Iterator[bytes]:
    """The certificates, as DER, that Go's encoding/pem finds in these bytes."""
    for block in _STRICT_BLOCK.finditer(content):
        der = _decoded(block.group(1))
        if der and leading_der(der) == der:
            yield der


def _decoded(body: bytes) -> bytes:
    try:
        return base64.b64decode(body)
    except binascii.Error:
        return b""


def leading_der(data: bytes) -> Optional[bytes]:
    """The ASN.1 sequence that ``data`` begins with, or nothing where it is cut short.

    OpenSSL's TRUSTED CERTIFICATE holds the certificate and, after it, what it is trusted for.
    """
    begin, end = _extent(data, 0)
    return data[:end] if data[:1] == b"\x30" and begin < end <= len(data) else None


def public_key(der: bytes) -> bytes:
    """The key of a DER certificate, with its algorithm, as DER; empty if ``der`` is none."""
    return _element(der, 5)


def issuer(der: bytes) -> bytes:
    """The name of who signed a DER certificate, as DER; empty if ``der`` is none."""
    return _element(der, 2)


def subject(der: bytes) -> bytes:
    """The name of whom a DER certificate is for, as DER; empty if ``der`` is none."""
    return _element(der, 4)


def _element(der: bytes, place: int) -> bytes:
    """The element of a certificate at ``place``, counted from the serial number.

    RFC 5280, 4.1: version (optional), serial number, algorithm, issuer, validity, subject, public key.
    """
    begin, end = _extent(der, _extent(der, 0)[0])
    elements: List[bytes] = []
    while begin < end <= len(der) and len(elements) < 7:
        following = _extent(der, begin)[1]
        elements.append(der[begin:following])
        begin = following
    place += bool(elements and elements[0][:1] == b"\xa0")
    return elements[place] if len(elements) > place else b""


def _extent(data: bytes, start: int) -> Tuple[int, int]:
    """Where the content of the ASN.1 element at ``start`` begins and ends; beyond ``data`` if it is cut short."""
    if start + 2 > len(data):
        return start + 2, start + 2 + len(data)
    head, length = start + 2, data[start + 1]
    if length > 0x80:
        head += length - 0x80
        length = int.from_bytes(data[start + 2 : head], "big")
    return head, head + length


def cut(content: bytes, fingerprints: AbstractSet[str], reads_der: bool = False) -> Optional[bytes]:
    """``content`` without the certificates of these ``fingerprints``; nothing if no other certificate stays."""
    rest, start, others = b"", 0, False
    for found in certificates_in(content, reads_der):
        if fingerprint(found.der) in fingerprints:
            rest += content[start : found.start]
            start = found.end
        else:
            others = True
    return rest + content[start:] if others else None
