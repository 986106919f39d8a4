# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What administrators hand over, and what is made of it."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from ansible_collections.airgap.openshift.plugins.plugin_utils._certificate_files import read
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import CertificateError
from ansible_collections.airgap.openshift.tests.unit.plugins.plugin_utils.made import (
    CA,
    DER,
    OTHER,
    PEM,
    PRIVATE,
    key,
    name,
    pem,
    pkcs7,
)

PRIVATE_DER = key().private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
LOCKED_DER = key().private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x"))
REQUEST = x509.CertificateSigningRequestBuilder(name("x")).sign(key(), hashes.SHA256())
PKCS12 = pkcs12.serialize_key_and_certificates(b"x", key(), CA, None, serialization.NoEncryption())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(pem(CA), [CA], id="PEM"),
        pytest.param(CA.public_bytes(DER), [CA], id="DER"),
        pytest.param(CA.public_bytes(DER) + b"\n", [CA], id="DER and a newline"),
        pytest.param(pem(CA, OTHER), [CA, OTHER], id="bundle, in order"),
        pytest.param(pem(CA, OTHER, CA), [CA, OTHER], id="duplicates once"),
        pytest.param(b"\xef\xbb\xbf" + pem(CA).replace(b"\n", b"\r\n"), [CA], id="BOM and CRLF"),
        pytest.param(pem(CA).rstrip(), [CA], id="no final newline"),
        pytest.param(
            b"# CA\n" + pem(CA) + b"-- text --\n" + pem(OTHER) + b"tail", [CA, OTHER], id="text around and between"
        ),
        pytest.param(b"".join(b"  " + line + b"\n" for line in pem(CA).splitlines()), [CA], id="indented"),
        pytest.param(pem(CA).replace(b" CERTIFICATE", b" X509 CERTIFICATE"), [CA], id="old label"),
        pytest.param(pkcs7(CA, OTHER, encoding=PEM), [CA, OTHER], id="PKCS#7 PEM"),
        pytest.param(pkcs7(CA), [CA], id="PKCS#7 DER"),
    ],
)
def test_read(data: bytes, expected: list[x509.Certificate]) -> None:
    found = read(data)
    assert {certificate.parsed for certificate in found} == set(expected)
    assert [certificate.position for certificate in found] == list(range(1, len(expected) + 1))
    assert all(certificate.pem.encode() == pem(certificate.parsed) for certificate in found)


def test_read_openssl_trusted_certificate(tmp_path: Path) -> None:
    """Real openssl makes the file: cryptography cannot."""
    (tmp_path / "ca.pem").write_bytes(pem(CA))
    openssl = shutil.which("openssl") or pytest.fail("openssl is needed for this test")
    trusted = subprocess.run(
        [openssl, "x509", "-in", tmp_path / "ca.pem", "-trustout"], check=True, capture_output=True
    )
    assert b"TRUSTED CERTIFICATE" in trusted.stdout
    assert [certificate.parsed for certificate in read(trusted.stdout)] == [CA]


BROKEN = pem(CA).replace(b"\n", b"\n!", 3)
DAMAGED = CA.public_bytes(DER)[:40] + bytes(20) + CA.public_bytes(DER)[60:]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b" \n", "it is empty", id="empty"),
        pytest.param(b"hello", "there is no certificate in it: expected PEM", id="text"),
        pytest.param(b"<!doctype html>", "web page", id="web page"),
        pytest.param(pem(CA) + PRIVATE, "contains a private key", id="key beside the certificate"),
        pytest.param(PRIVATE, "contains a private key", id="key alone"),
        pytest.param(PRIVATE_DER, "contains a private key", id="key as DER"),
        pytest.param(LOCKED_DER, "contains a private key", id="encrypted key as DER"),
        pytest.param(REQUEST.public_bytes(PEM), "a request for a certificate", id="request"),
        pytest.param(REQUEST.public_bytes(DER), "a request for a certificate", id="request as DER"),
        pytest.param(PKCS12, "PKCS#12", id="PKCS#12"),
        pytest.param(pem(CA)[:-40], "line 1 has no END", id="cut off"),
        pytest.param(b"\n\n" + pem(CA)[:-40], "line 3 has no END", id="cut off, further down"),
        pytest.param(pem(CA)[28:], "no END or BEGIN", id="without its first line"),
        pytest.param(BROKEN, "is damaged", id="illegal character"),
        pytest.param(pem(CA).replace(b"\n", b"\\n"), "backslash", id="pasted from JSON"),
        pytest.param(pem(CA).replace(b"CERTIFICATE", b"X509 CRL"), "revoked", id="CRL"),
        pytest.param(
            pem(CA).replace(b"CERTIFICATE", b"DH PARAMETERS"), "no certificate but DH PARAMETERS", id="other block"
        ),
        pytest.param(pem(CA).decode().encode("utf-16"), "UTF-16", id="UTF-16"),
        pytest.param(base64.b64encode(pem(CA)), "base64 of a PEM file", id="base64 of PEM"),
        pytest.param(base64.b64encode(CA.public_bytes(DER)), "base64 without the lines", id="bare base64"),
        pytest.param(CA.public_bytes(DER)[:-1], "cut short", id="DER cut off"),
        pytest.param(CA.public_bytes(DER) + OTHER.public_bytes(DER), "more data follows", id="two DER"),
        pytest.param(b"\x30\x03\x02\x01\x05", "neither a certificate nor PKCS#7", id="other DER"),
        pytest.param(
            pem(CA) + b"-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n",
            "2 of 2 is malformed",
            id="x",
        ),
        pytest.param(
            b"-----BEGIN PKCS7-----\nMAMCAQU=\n-----END PKCS7-----\n",
            "neither a certificate nor PKCS#7",
            id="no PKCS#7",
        ),
    ],
)
def test_read_refuses(data: bytes, message: str) -> None:
    with pytest.raises(CertificateError, match=message) as caught:
        read(data)
    assert PRIVATE.splitlines()[1].decode() not in str(caught.value)
