# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file in the x509 folder of cryptography's own test vectors: accepted, or refused with a reason that we know.

What is accepted goes to real trust stores in tests/e2e/test_trust_vectors.py.
"""

from __future__ import annotations

import collections
import datetime
import re
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ansible_collections.airgap.openshift.plugins.plugin_utils._certificate_files import read
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import (
    CertificateError,
    Policy,
    describe,
    judge,
)
from ansible_collections.airgap.openshift.plugins.plugin_utils._registry_chain import Evidence, explain

vectors = pytest.importorskip("cryptography_vectors", reason="cryptography-vectors is not installed")
FOLDER = Path(vectors.__file__).parent / "x509"
NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.timezone.utc)
REASONS = {
    "a private key": "contains a private key",
    "PKCS#12": "is a PKCS#12 file",
    "a revocation list": "a list of revoked certificates",
    "a request": "a request for a certificate",
    "another DER structure": "is neither a certificate nor PKCS#7",
    "no certificate in it": "there is no certificate in it|is no certificate but",
    "cut short or damaged": "is cut short|is damaged|has no END or BEGIN",
    "malformed": "is malformed",
    "no CA": "is not a CA certificate",
    "may not sign": "may not sign certificates",
    "expired": "has expired",
    "not yet valid": "is not valid before",
}


def outcome(path: Path, policy: Policy) -> str:
    try:
        found = read(path.read_bytes())
        judge(found, policy, NOW)
    except CertificateError as exc:
        return next((name for name, pattern in REASONS.items() if re.search(pattern, str(exc))), f"unknown: {exc}")
    assert all(certificate.pem and describe(certificate, NOW) for certificate in found)
    return "accepted"


@pytest.mark.parametrize(
    ("policy", "never"),
    [
        pytest.param(Policy(), "unknown", id="as usual"),
        pytest.param(
            Policy(require_ca=False, allow_expired=True), "no CA|may not sign|expired|not yet", id="all allowed"
        ),
    ],
)
def test_every_file(policy: Policy, never: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With warnings as errors, as everywhere here."""
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file())
    counts = collections.Counter(outcome(path, policy) for path in files)
    assert set(counts) <= {"accepted", *REASONS}
    assert not [reason for reason in counts if re.match(never, reason)]
    assert counts["accepted"] > 100
    with capsys.disabled():
        print(f"\n{len(files)} files: {', '.join(f'{count} {reason}' for reason, count in counts.most_common())}")


def certificate_in(path: Path) -> bytes | None:
    """The DER in the file, if it is a certificate; cryptography warns of strange ones."""
    content = path.read_bytes()
    for load in (x509.load_pem_x509_certificate, x509.load_der_x509_certificate):
        try:
            return load(content).public_bytes(Encoding.DER)
        except (ValueError, x509.InvalidVersion):
            continue
    return None


@pytest.mark.filterwarnings("ignore")
def test_every_certificate_from_a_registry() -> None:
    """A server may send any of them, below any other: that is explained as well."""
    every = [der for der in map(certificate_in, sorted(FOLDER.rglob("*.[pdc]*"))) if der]
    assert len(every) > 500
    for below, der in zip(every, every[1:]):
        evidence = Evidence("mirror.example.com", (below, der), (der,), "refused", NOW)
        found = explain("mirror.example.com:5000", evidence, [], NOW)
        assert all(each.sentence() for each in found)
