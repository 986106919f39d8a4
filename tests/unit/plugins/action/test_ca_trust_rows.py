# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller does with each kind of input, row by row as decided, and what the documentation says of it.

Rows that need a host are in tests/e2e/test_trust_rows.py.
"""

from __future__ import annotations

import re
import typing as t

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from ansible_collections.airgap.openshift.plugins.modules.ca_trust import DOCUMENTATION
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificate_files import read
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import (
    CertificateError,
    Policy,
    judge,
    quietly,
)
from ansible_collections.airgap.openshift.tests.unit.plugins.plugin_utils.made import (
    CA,
    DAY,
    DER,
    NOW,
    OTHER,
    PEM,
    PRIVATE,
    key,
    make,
    name,
    pem,
    pkcs7,
    usage,
)

DESCRIPTION = " ".join(yaml.safe_load(DOCUMENTATION)["description"])
CA_TRUE = x509.BasicConstraints(ca=True, path_length=None)
LEAF = make("reg.example", "CA", [x509.BasicConstraints(ca=False, path_length=None)])
REQUEST = x509.CertificateSigningRequestBuilder(name("x")).sign(key(), hashes.SHA256())
CRL = x509.CertificateRevocationListBuilder(name("CA"), NOW, NOW + DAY).sign(key(), hashes.SHA256())
PKCS12 = pkcs12.serialize_key_and_certificates(b"x", key(), CA, None, serialization.NoEncryption())
with quietly():
    NEGATIVE = x509.load_der_x509_certificate(CA.public_bytes(DER).replace(b"\x02\x02\x12\x34", b"\x02\x02\xf2\x34"))
CLIENTS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])


def gate(data: bytes, **policy: t.Any) -> tuple[list[x509.Certificate], list[str]]:
    """The certificates that pass, and the warnings."""
    found = read(data)
    return [certificate.parsed for certificate in found], judge(found, Policy(**policy), NOW)


def refused(data: bytes, message: str, documented: str, **policy: t.Any) -> None:
    with pytest.raises(CertificateError, match=message):
        gate(data, **policy)
    assert documented in DESCRIPTION


@pytest.mark.parametrize("data", [pem(CA), CA.public_bytes(DER)], ids=["PEM", "DER"])
def test_pem_or_der(data: bytes) -> None:
    assert gate(data) == ([CA], [])


@pytest.mark.parametrize("data", [pem(CA) + PRIVATE, PRIVATE], ids=["beside", "alone"])
def test_file_containing_private_key(data: bytes) -> None:
    refused(data, "contains a private key", "a private key", require_ca=False, allow_expired=True)


@pytest.mark.parametrize(
    ("data", "message", "documented"),
    [
        pytest.param(pem(CA)[:-40], "has no END", "is cut short or damaged", id="truncated"),
        pytest.param(pem(CA)[:-40] + pem(OTHER), "has no END", "is cut short or damaged", id="truncated, not the last"),
        pytest.param(CA.public_bytes(DER)[:-9], "cut short", "is cut short or damaged", id="truncated DER"),
        pytest.param(pem(CA).replace(b"\n", b"\n!", 2), "is damaged", "is cut short or damaged", id="damaged"),
        pytest.param(b"garbage", "no certificate in it", "holds anything but certificates", id="garbage"),
        pytest.param(b"", "it is empty", "holds anything but certificates", id="empty"),
        pytest.param(pem(CA).decode().encode("utf-16"), "UTF-16", "holds anything but certificates", id="UTF-16"),
        pytest.param(REQUEST.public_bytes(PEM), "a request for a certificate", "a request", id="CSR"),
        pytest.param(REQUEST.public_bytes(DER), "a request for a certificate", "a request", id="CSR as DER"),
        pytest.param(CRL.public_bytes(PEM), "revoked", "a revocation list", id="CRL"),
        pytest.param(CRL.public_bytes(DER), "revoked", "a revocation list", id="CRL as DER"),
        pytest.param(PKCS12, "PKCS#12", "PKCS#12", id="PKCS12"),
    ],
)
def test_truncated_garbage_csr_pkcs12(data: bytes, message: str, documented: str) -> None:
    refused(data, message, documented, require_ca=False, allow_expired=True)


@pytest.mark.parametrize(
    "data",
    [
        pkcs7(CA, encoding=PEM),
        pkcs7(CA),
        pem(CA).replace(b"CERTIFICATE", b"X509 CERTIFICATE"),
    ],
    ids=["PKCS7 as PEM", "PKCS7 as DER", "X509 CERTIFICATE"],
)
def test_pkcs7_x509_certificate(data: bytes) -> None:
    """Stores ignore these in silence, so their content is taken out and written as plain PEM."""
    assert gate(data) == ([CA], [])


@pytest.mark.parametrize("certificate", [LEAF, make("x", extensions=[])], ids=["CA:FALSE", "no basicConstraints"])
def test_ca_false_or_v3_without_basicconstraints(certificate: x509.Certificate) -> None:
    refused(pem(certificate), "is not a CA certificate", "is not a CA")
    [found], [warning] = gate(pem(certificate), require_ca=False)
    assert (found, "is not a CA certificate" in warning) == (certificate, True)


@pytest.mark.parametrize(
    ("certificate", "message"),
    [
        pytest.param(make(begins=NOW - 9 * DAY, ends=NOW - DAY), "has expired", id="expired"),
        pytest.param(make(begins=NOW + DAY), "is not valid before", id="not yet valid"),
    ],
)
def test_expired_or_not_yet_valid(certificate: x509.Certificate, message: str) -> None:
    refused(pem(certificate), message, "has expired or is not valid yet")
    [found], [warning] = gate(pem(certificate), allow_expired=True)
    assert (found, message in warning) == (certificate, True)


@pytest.mark.parametrize(
    ("extension", "message"),
    [
        pytest.param(CLIENTS, "lacks serverAuth", id="EKU without serverAuth"),
        pytest.param(usage(crl_sign=True), "lacks keyCertSign", id="keyUsage without keyCertSign"),
    ],
)
def test_eku_without_serverauth_or_keyusage_without_keycertsign(extension: x509.ExtensionType, message: str) -> None:
    refused(pem(make(extensions=[CA_TRUE, extension])), message, "may not sign those of TLS servers")


def test_intermediate_only() -> None:
    intermediate = make("Intermediate", "Root")
    [found], [warning] = gate(pem(intermediate))
    assert found == intermediate
    assert re.search("an intermediate; the file lacks its issuer .*OpenSSL and Python before 3.13 do not", warning)


def test_several_certificates_in_one_input() -> None:
    """A server's chain is not halved in silence: its leaf is named, with its place."""
    assert gate(pem(CA, OTHER)) == ([CA, OTHER], [])
    refused(pem(LEAF, CA), r"certificate 1 of 2 \(CN=reg.example\) is not a CA", "one of several")


def test_pins() -> None:
    refused(pem(CA), "is not among the fingerprints", "is not among O(fingerprints)", pins=frozenset(["0" * 64]))


@pytest.mark.parametrize(
    ("certificate", "told"),
    [
        pytest.param(NEGATIVE, "a negative serial number", id="negative serial number"),
        pytest.param(make("Intermediate", "Root"), "an intermediate without its issuer", id="intermediate"),
        pytest.param(make(ends=NOW + DAY), "expires soon", id="expires soon"),
    ],
)
def test_warnings_are_documented(certificate: x509.Certificate, told: str) -> None:
    """And cryptography's own, which are for programmers, do not show (here they would be errors)."""
    [found], [_warning] = gate(pem(certificate))
    assert found == certificate
    assert told in DESCRIPTION
