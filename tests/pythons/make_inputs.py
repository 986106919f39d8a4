# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make what the playbook beside this file needs: make_inputs.py FOLDER."""

from __future__ import annotations

import base64
import datetime
import json
import sys
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

YEAR = datetime.timedelta(days=365)


class Pair(NamedTuple):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def issue(name: str, *, ca: bool, by: Pair | None = None) -> Pair:
    """A certificate that is valid for another year, signed by another one or by itself, also for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    issuer = by.certificate.subject if by else subject
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - YEAR).not_valid_after(now + YEAR)
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    return Pair(builder.sign(by.key if by else key, hashes.SHA256()), key)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    authority = issue("Mirror CA of the tests", ca=True)
    (folder / "ca.crt").write_bytes(authority.pem)
    (folder / "server.crt").write_bytes(issue("registry.example.org", ca=False).pem)
    served = issue("localhost", ca=False, by=authority)
    encoding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "registry.pem").write_bytes(served.pem + served.key.private_bytes(*encoding))
    entry = {"auth": base64.b64encode(b"cluster:secret").decode(), "email": "admin@example.org"}
    (folder / "pull-secret.json").write_text(json.dumps({"auths": {"quay.example.org": entry}}))
