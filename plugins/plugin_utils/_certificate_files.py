# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Read certificates from whatever an administrator was given, or say what it is instead."""

from __future__ import annotations

import base64
import binascii
import contextlib
import itertools
import re
import typing as t

from ansible_collections.airgap.openshift.plugins.module_utils._pem import fingerprint, leading_der
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import (
    Certificate,
    CertificateError,
    quietly,
)

# ansible-core requires cryptography; only ansible-test imports plugins where it is missing.
with contextlib.suppress(ImportError):
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs7

__all__ = ("PRIVATE_KEY", "parsed", "read")

_MARK = re.compile(rb"-----(BEGIN|END) ([^-\r\n]+)-----")
_CERTIFICATES = (b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE")
_REQUEST = "a request for a certificate: hand over the certificate that the authority answered it with"
_REVOKED = "a list of revoked certificates: hand over the CA certificate without it"
_NOT_CERTIFICATES = {
    b"CERTIFICATE REQUEST": _REQUEST,
    b"NEW CERTIFICATE REQUEST": _REQUEST,
    b"X509 CRL": _REVOKED,
    b"PUBLIC KEY": "a bare public key: remove it from the file",
}
PRIVATE_KEY = (
    "it contains a private key, which must not reach any host: hand over a file with the CA certificate alone "
    "('openssl x509 -in FILE -out ca.crt' writes one)"
)
# What OpenSSL adds to a TRUSTED CERTIFICATE without restrictions: an empty sequence.
_NO_RESTRICTION = b"\x30\x00"
_WHAT_IS_READ = "PEM ('-----BEGIN CERTIFICATE-----'), DER or PKCS#7"


@quietly()
def read(data: bytes) -> list[Certificate]:
    """Every certificate in ``data``: PEM with one or many, text around them, DER, or PKCS#7; duplicates once.

    Raises: CertificateError when anything in it is not a certificate, most of all for a private key.
    """
    content = data.removeprefix(b"\xef\xbb\xbf")
    ders = _ders_of_pem(content) if _MARK.search(content) else _ders_of_binary(content)
    unique = {fingerprint(der): der for der in ders}
    return [
        Certificate(_parsed(der, position, len(unique)), identity, position, len(unique))
        for position, (identity, der) in enumerate(unique.items(), start=1)
    ]


def _ders_of_pem(content: bytes) -> list[bytes]:
    if b"PRIVATE KEY-----" in content:
        raise CertificateError(PRIVATE_KEY)
    marks = list(_MARK.finditer(content))
    ders: list[bytes] = []
    line, counted = 1, 0
    for begin, end in itertools.zip_longest(marks[::2], marks[1::2]):
        line, counted = line + content.count(b"\n", counted, begin.start()), begin.start()
        if end is None or (begin[1], end[1]) != (b"BEGIN", b"END") or begin[2] != end[2]:
            raise CertificateError(f"the block in line {line} has no END or BEGIN line of its own: copy the whole file")
        ders += _ders_of_block(begin[2], content[begin.end() : end.start()], f"the block that begins in line {line}")
    return ders


def _ders_of_block(label: bytes, body: bytes, block: str) -> list[bytes]:
    if b"\\n" in body:
        raise CertificateError(
            f"{block} has a backslash and an n where lines should end, as text pasted from JSON or a shell has: "
            "restore the line breaks"
        )
    try:
        data = base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error:
        raise CertificateError(f"{block} is damaged (it is not base64): copy the file again") from None
    if label in (b"PKCS7", b"CMS"):
        return _ders_of_pkcs7(data, block)
    if label not in _CERTIFICATES:
        name = label.decode("ascii", "replace")
        raise CertificateError(f"{block} is {_NOT_CERTIFICATES.get(label, f'no certificate but {name}: remove it')}")
    der = leading_der(data)
    if der is None:
        raise CertificateError(f"{block} is cut short: copy the file again")
    if data[len(der) :] not in (b"", _NO_RESTRICTION):
        raise CertificateError(
            f"{block} restricts what its certificate is trusted for, or rejects it, in OpenSSL's own format: hand over "
            "the plain certificate ('openssl x509 -in FILE -out ca.crt' writes it)"
        )
    return [der]


def _ders_of_pkcs7(data: bytes, what: str) -> list[bytes]:
    try:
        found = pkcs7.load_der_pkcs7_certificates(data)
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError(
            f"{what} is neither a certificate nor PKCS#7 with certificates: export these as PEM"
        ) from None
    return [certificate.public_bytes(serialization.Encoding.DER) for certificate in found]


def _ders_of_binary(content: bytes) -> list[bytes]:
    der = leading_der(content)
    if der is None:
        raise CertificateError(_no_der(content))
    if content[len(der) :].strip():
        raise CertificateError("more data follows the DER certificate: put several certificates into one PEM file")
    if _loads(x509.load_der_x509_certificate, der):
        return [der]
    if _loads(lambda data: serialization.load_der_private_key(data, None), der):
        raise CertificateError(PRIVATE_KEY)
    for load, what in ((x509.load_der_x509_csr, _REQUEST), (x509.load_der_x509_crl, _REVOKED)):
        if _loads(load, der):
            raise CertificateError(f"it is {what}")
    # A PKCS#12 file begins with its version, the integer 3.
    if b"\x02\x01\x03" in der[:8]:
        raise CertificateError(
            "it is a PKCS#12 file (.p12, .pfx), which is made for private keys: take the CA certificates out with "
            "'openssl pkcs12 -in FILE -cacerts -nokeys -out ca.crt'"
        )
    return _ders_of_pkcs7(der, "it")


def _loads(load: t.Callable[[bytes], t.Any], data: bytes) -> bool:
    """Whether ``load`` accepts ``data``. An encrypted key makes it ask for a password (TypeError)."""
    try:
        load(data)
    except TypeError:
        return True
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        return False
    return True


def _no_der(content: bytes) -> str:
    """What ``content`` is instead of a certificate, and what to do."""
    text = content.strip()
    if not text:
        return f"it is empty: expected {_WHAT_IS_READ}"
    if content[:1] == b"\x30":
        return "it begins as a DER certificate does but is cut short: copy the file again"
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "it is UTF-16 text: save it as UTF-8"
    if text[:1] == b"<":
        return "it is a web page or XML, perhaps a login or error page saved as a file: download the certificate itself"
    try:
        decoded = base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        return f"there is no certificate in it: expected {_WHAT_IS_READ}"
    if b"-----BEGIN " in decoded:
        return "it is base64 of a PEM file: decode it first ('base64 -d', or the filter b64decode)"
    return "it is base64 without the lines '-----BEGIN CERTIFICATE-----' and '-----END CERTIFICATE-----': add them"


def _parsed(der: bytes, position: int, total: int) -> x509.Certificate:
    try:
        return parsed(der)
    except CertificateError as exc:
        raise CertificateError(f"certificate {position} of {total} {exc}: ask its issuer for another") from exc


def parsed(der: bytes) -> x509.Certificate:
    """The certificate in these bytes, with all that is read of it later known to be readable.

    Raises: CertificateError, whose message completes "The certificate ...".
    """
    try:
        with quietly():
            found = x509.load_der_x509_certificate(der)
            for lazily_parsed in ("extensions", "subject", "issuer", "not_valid_before", "not_valid_after"):
                getattr(found, lazily_parsed)
    except Exception as exc:  # what cryptography raises for malformed certificates has no common base
        raise CertificateError(f"is malformed ({exc})") from exc
    return found
