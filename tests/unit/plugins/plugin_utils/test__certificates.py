# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of certificates, and which of them a host may be made to trust."""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
import typing as t
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from ansible_collections.airgap.openshift.plugins.module_utils._pem import public_key
from ansible_collections.airgap.openshift.plugins.plugin_utils import _certificates
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificate_files import read
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import (
    CertificateError,
    Policy,
    describe,
    judge,
    pin,
)
from ansible_collections.airgap.openshift.tests.unit.plugins.plugin_utils.made import (
    CA,
    DAY,
    DER,
    NOW,
    PRIVATE,
    make,
    pem,
    usage,
)


@pytest.mark.parametrize(
    "spelling",
    ["{0}", "{1}", "SHA256 Fingerprint={1}", "sha256 Fingerprint={1}", "SHA256:{0}", " {2}\n", "sha-256: {2}"],
)
def test_pin(spelling: str) -> None:
    digits = CA.fingerprint(hashes.SHA256()).hex()
    colons = ":".join(digits[i : i + 2] for i in range(0, 64, 2))
    assert pin(spelling.format(digits, colons.upper(), colons)) == digits


@pytest.mark.parametrize(
    "text",
    ["", "aa", "0" * 63, "0" * 65, "x" * 64, pytest.param(CA.fingerprint(hashes.SHA1()).hex(), id="SHA-1")],
)
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
        pytest.param(make("i", "Root"), {}, r"an intermediate; .* lacks its issuer \(CN=Root\)", id="intermediate"),
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
    assert public_key(certificate.public_bytes(DER)) == certificate.public_key().public_bytes(
        DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
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


@pytest.mark.parametrize("private", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)])
def test_the_hosts_own_way_to_the_public_key(private: t.Any) -> None:
    """The core for hosts, which have no cryptography, against what cryptography says."""
    certificate = make(private=private)
    expected = private.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert public_key(certificate.public_bytes(DER)) == expected


def test_cryptography_before_42() -> None:
    """A stand-in for a certificate of an old cryptography, which this test environment does not have."""

    class Old:
        not_valid_after = datetime.datetime(2026, 1, 1)

    assert _certificates.not_after(t.cast(x509.Certificate, Old())) == datetime.datetime(
        2026, 1, 1, tzinfo=datetime.timezone.utc
    )
