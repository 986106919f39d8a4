# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for the tests, made anew for each run."""

from __future__ import annotations

import base64
import datetime
import functools
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.timezone.utc)
DAY = datetime.timedelta(days=1)
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER


@functools.cache
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def usage(**allowed: bool) -> x509.KeyUsage:
    words = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement "
        "key_cert_sign crl_sign encipher_only decipher_only"
    )
    return x509.KeyUsage(**{**dict.fromkeys(words.split(), False), **allowed})


def make(
    subject: str = "CA",
    issuer: str | None = None,
    extensions: t.Sequence[x509.ExtensionType] = (x509.BasicConstraints(ca=True, path_length=None),),
    begins: datetime.datetime = NOW - DAY,
    ends: datetime.datetime = NOW + 365 * DAY,
    private: t.Any = None,
) -> x509.Certificate:
    builder = x509.CertificateBuilder(
        name(issuer or subject), name(subject), (private or key()).public_key(), 4660, begins, ends
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(private or key(), hashes.SHA256())


CA = make()
OTHER = make("Other CA")
PRIVATE = key().private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(certificate.public_bytes(PEM) for certificate in certificates)


def pkcs7(*certificates: x509.Certificate, encoding: serialization.Encoding = DER) -> bytes:
    """A file with nothing but certificates, as RFC 2315 has it; cryptography writes them since 37 only."""
    inside = b"".join(certificate.public_bytes(DER) for certificate in certificates)
    data = tlv(0x30, bytes.fromhex("06092a864886f70d010701"))
    signed = tlv(0x30, bytes.fromhex("020101"), tlv(0x31), data, tlv(0xA0, inside), tlv(0x31))
    whole = tlv(0x30, bytes.fromhex("06092a864886f70d010702"), tlv(0xA0, signed))
    if encoding is DER:
        return whole
    return b"-----BEGIN PKCS7-----\n" + base64.encodebytes(whole) + b"-----END PKCS7-----\n"


def tlv(tag: int, *content: bytes) -> bytes:
    """One element of DER."""
    value = b"".join(content)
    if len(value) < 128:
        return bytes([tag, len(value)]) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8, "big")
    return bytes([tag, 128 | len(length)]) + length + value
