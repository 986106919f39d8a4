# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What administrators hand over, and what is made of it. The certificates are made anew for each run."""

from __future__ import annotations

import base64
import datetime
import functools
import re
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ansible_collections.airgap.openshift.plugins.plugin_utils import _certificates
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import (
    CertificateError,
    Policy,
    describe,
    judge,
    pin,
    read,
)

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
PRIVATE_DER = key().private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
LOCKED_DER = key().private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x"))
REQUEST = x509.CertificateSigningRequestBuilder(name("x")).sign(key(), hashes.SHA256())
PKCS12 = pkcs12.serialize_key_and_certificates(b"x", key(), CA, None, serialization.NoEncryption())


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(certificate.public_bytes(PEM) for certificate in certificates)


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
        pytest.param(pkcs7.serialize_certificates([CA, OTHER], PEM), [CA, OTHER], id="PKCS#7 PEM"),
        pytest.param(pkcs7.serialize_certificates([CA], DER), [CA], id="PKCS#7 DER"),
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
        pytest.param(b"\x30\x03\x02\x01\x05", "not PKCS#7", id="other DER"),
        pytest.param(
            pem(CA) + b"-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n",
            "2 of 2 is malformed",
            id="x",
        ),
        pytest.param(b"-----BEGIN PKCS7-----\nMAMCAQU=\n-----END PKCS7-----\n", "not PKCS#7", id="no PKCS#7"),
    ],
)
def test_read_refuses(data: bytes, message: str) -> None:
    with pytest.raises(CertificateError, match=message) as caught:
        read(data)
    assert PRIVATE.splitlines()[1].decode() not in str(caught.value)


@pytest.mark.parametrize(
    "spelling",
    ["{0}", "{1}", "SHA256 Fingerprint={1}", "sha256 Fingerprint={1}", "SHA256:{0}", " {2}\n", "sha-256: {2}"],
)
def test_pin(spelling: str) -> None:
    digits = CA.fingerprint(hashes.SHA256()).hex()
    colons = ":".join(digits[i : i + 2] for i in range(0, 64, 2))
    assert pin(spelling.format(digits, colons.upper(), colons)) == digits


@pytest.mark.parametrize("text", ["", "aa", "0" * 63, "0" * 65, "x" * 64, CA.fingerprint(hashes.SHA1()).hex()])
def test_pin_refuses(text: str) -> None:
    with pytest.raises(CertificateError, match="is not a SHA-256 fingerprint"):
        pin(text)


def verdict(*certificates: x509.Certificate, **policy: t.Any) -> list[str]:
    return judge(read(pem(*certificates)), Policy(**policy), NOW)


LEAF = make("reg.example", "CA", [x509.BasicConstraints(ca=False, path_length=None)])
MUTE = make("mute", extensions=[x509.BasicConstraints(ca=True, path_length=None), usage(crl_sign=True)])
CLIENTS = make(
    "c",
    extensions=[
        x509.BasicConstraints(ca=True, path_length=None),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]),
    ],
)
SERVERS = make(
    "s",
    extensions=[
        x509.BasicConstraints(ca=True, path_length=None),
        usage(key_cert_sign=True),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]),
    ],
)
EXPIRED = make("old", begins=NOW - 9 * DAY, ends=NOW - DAY)
FUTURE = make("new", begins=NOW + DAY)


@pytest.mark.parametrize(
    ("certificate", "policy", "message"),
    [
        pytest.param(LEAF, {}, r"CA:FALSE.*: hand over the certificate of the authority", id="server's own"),
        pytest.param(make("x", extensions=[]), {}, "has no basicConstraints", id="no constraints"),
        pytest.param(MUTE, {}, "lacks keyCertSign", id="may not sign"),
        pytest.param(CLIENTS, {}, "lacks serverAuth", id="for clients only"),
        pytest.param(EXPIRED, {}, "has expired on 2026-11-21: ask", id="expired"),
        pytest.param(FUTURE, {}, "is not valid before 2026-11-23", id="not yet valid"),
        pytest.param(CA, {"pins": frozenset(["0" * 64])}, "is not among the fingerprints", id="not pinned"),
    ],
)
def test_judge_refuses(certificate: x509.Certificate, policy: dict[str, t.Any], message: str) -> None:
    with pytest.raises(CertificateError, match=message):
        verdict(certificate, **policy)


@pytest.mark.parametrize(
    ("certificate", "policy", "remark"),
    [
        pytest.param(CA, {}, None, id="a good CA"),
        pytest.param(SERVERS, {}, None, id="a CA for servers"),
        pytest.param(CA, {"pins": frozenset([CA.fingerprint(hashes.SHA256()).hex()])}, None, id="pinned"),
        pytest.param(LEAF, {"require_ca": False}, "CA:FALSE", id="server's own, allowed"),
        pytest.param(EXPIRED, {"allow_expired": True}, "has expired", id="expired, allowed"),
        pytest.param(make(ends=NOW + 29 * DAY), {}, "expires in 29 days, on 2026-12-21", id="expires soon"),
        pytest.param(make(ends=NOW + 29 * DAY), {"expiry_warning_days": 29}, None, id="soon is what the user says"),
        pytest.param(make("i", "Root"), {}, r"intermediate whose issuer \(CN=Root\)", id="intermediate"),
        pytest.param(make(private=rsa.generate_private_key(65537, 1024)), {}, "RSA key of 1024 bits", id="weak key"),
        pytest.param(
            make(private=ec.generate_private_key(ec.SECP192R1())), {}, "curve key of 192 bits", id="weak curve"
        ),
    ],
)
def test_judge_remarks(certificate: x509.Certificate, policy: dict[str, t.Any], remark: str | None) -> None:
    remarks = verdict(certificate, **policy)
    assert len(remarks) == (remark is not None)
    if remark:
        assert re.search(remark, remarks[0])


def test_an_intermediate_with_its_issuer_is_not_remarked() -> None:
    assert verdict(make("i", "CA"), CA) == []


def test_every_refused_certificate_is_named() -> None:
    with pytest.raises(
        CertificateError, match=r"certificate 2 of 3 \(CN=reg.example\) .*; certificate 3 of 3 \(CN=old\)"
    ):
        verdict(CA, LEAF, EXPIRED)


def openssl_certificate(folder: Path, *options: str) -> x509.Certificate:
    """What only openssl still signs: version 1, SHA-1."""
    (folder / "key").write_bytes(PRIVATE)
    openssl = shutil.which("openssl") or pytest.fail("openssl is needed for this test")
    request = [openssl, "req", "-new", "-key", folder / "key", "-subj", "/CN=V1", "-out", folder / "csr"]
    subprocess.run(request, check=True)
    sign = [openssl, "x509", "-req", "-in", folder / "csr", "-key", folder / "key", "-days", "99", *options]
    return x509.load_pem_x509_certificate(subprocess.run(sign, check=True, capture_output=True).stdout)


def test_version_1(tmp_path: Path) -> None:
    certificate = openssl_certificate(tmp_path)
    if certificate.version is not x509.Version.v1:
        pytest.fail(f"openssl made {certificate.version}")
    remarks = judge(read(pem(certificate)), Policy(), datetime.datetime.now(datetime.timezone.utc))
    assert ["version 1" in remark for remark in remarks] == [True]


def test_sha1(tmp_path: Path) -> None:
    certificate = openssl_certificate(tmp_path, "-sha1")
    remarks = judge(read(pem(certificate)), Policy(), datetime.datetime.now(datetime.timezone.utc))
    assert "is signed with SHA1" in remarks[0]


def test_describe() -> None:
    assert describe(read(pem(LEAF))[0], NOW) == {
        "subject": "CN=reg.example",
        "issuer": "CN=CA",
        "serial_number": "1234",
        "fingerprint_sha256": LEAF.fingerprint(hashes.SHA256()).hex(":"),
        "not_before": "2026-11-21T00:00:00Z",
        "not_after": "2027-11-22T00:00:00Z",
        "days_left": 365,
        "is_ca": False,
    }


def test_public_key_is_what_certificates_contain() -> None:
    [certificate] = read(pem(CA))
    assert certificate.public_key in CA.public_bytes(DER)


def test_cryptography_before_42() -> None:
    """A stand-in for a certificate of an old cryptography, which this test environment does not have."""

    class Old:
        not_valid_after = datetime.datetime(2026, 1, 1)

    assert _certificates._not_after(t.cast(x509.Certificate, Old())) == datetime.datetime(
        2026, 1, 1, tzinfo=datetime.timezone.utc
    )
