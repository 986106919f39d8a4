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

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def certificate(name: str, *, ca: bool) -> bytes:
    """A self-signed certificate that is valid for another year, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    year = datetime.timedelta(days=365)
    builder = builder.not_valid_before(now - year).not_valid_after(now + year)
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "ca.crt").write_bytes(certificate("Mirror CA of the tests", ca=True))
    (folder / "server.crt").write_bytes(certificate("registry.example.org", ca=False))
    entry = {"auth": base64.b64encode(b"cluster:secret").decode(), "email": "admin@example.org"}
    (folder / "pull-secret.json").write_text(json.dumps({"auths": {"quay.example.org": entry}}))
