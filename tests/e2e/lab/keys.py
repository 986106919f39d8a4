# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and certificates of one lab, made anew for each: two CAs, server certificates, SSH keys, a password."""

from __future__ import annotations

import pathlib
import subprocess
from collections.abc import Mapping

_EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
_RSA = ("-newkey", "rsa:2048")
_CA_EXTENSIONS = (
    "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    "-addext", "subjectKeyIdentifier=hash",
)  # fmt: skip
_LEAF_EXTENSIONS = """\
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
subjectAltName=DNS:{name}
"""


def make_all(folder: pathlib.Path, servers: Mapping[str, str]) -> None:
    """Make `ca`, `cluster-ca`, `token` (signs registry tokens), one pair for each server, and SSH's `id` and `host`.

    `servers` names the CA of each server's certificate; every pair is a `.crt` and a `.key`.
    """
    _self_signed(folder, "ca", "/O=Lab/CN=Mirror Registry CA", *_EC, *_CA_EXTENSIONS)
    _self_signed(folder, "cluster-ca", "/O=Lab/CN=Cluster API CA", *_EC, *_CA_EXTENSIONS)
    # The registry verifies tokens with RSA.
    _self_signed(folder, "token", "/O=Lab/CN=Token Signer", *_RSA)
    for name, ca in servers.items():
        _signed(folder, name, ca)
    for name in ("id", "host"):
        _run(folder, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name)


def _self_signed(folder: pathlib.Path, name: str, subject: str, *more: str) -> None:
    pair = ("-keyout", f"{name}.key", "-out", f"{name}.crt")
    _run(folder, "openssl", "req", "-x509", "-nodes", "-days", "90", "-subj", subject, *pair, *more)


def _signed(folder: pathlib.Path, name: str, ca: str) -> None:
    (folder / f"{name}.ext").write_text(_LEAF_EXTENSIONS.format(name=name), encoding="ascii")
    request = ("-new", "-nodes", "-subj", f"/O=Lab/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
    _run(folder, "openssl", "req", *_EC, *request)
    signer = ("-CA", f"{ca}.crt", "-CAkey", f"{ca}.key", "-CAcreateserial", "-extfile", f"{name}.ext")
    _run(folder, "openssl", "x509", "-req", "-days", "60", "-in", f"{name}.csr", "-out", f"{name}.crt", *signer)


def _run(folder: pathlib.Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
