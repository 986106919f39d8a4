# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""TLS as Go programs speak it: which CAs they trust, what they accept, and which certificates a server sends."""

import glob
import os
import ssl
from typing import Iterable, Iterator, List, Mapping, Set

from ansible_collections.airgap.openshift.plugins.module_utils._files import content_of_regular
from ansible_collections.airgap.openshift.plugins.module_utils._pem import strict_blocks
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import Finding, finding
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Peer, plain

__all__ = ("context", "of_registry", "refusal", "roots")

# crypto/x509/root_linux.go: the first of the files that can be read, and all files of all folders.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_FOLDERS = ("/etc/ssl/certs", "/etc/pki/tls/certs")

# What Go offers for TLS 1.2. Level 1 asks for no more than Go does: keys of 1024 bits are enough.
_SUITES = ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305", "AES128-SHA", "AES256-SHA")
_CIPHERS = ":".join(f"ECDHE-{key}-{suite}" for suite in _SUITES for key in ("ECDSA", "RSA")) + ":@SECLEVEL=1"
# Go takes any certificate of its pool for an anchor, also that of an intermediate CA or of the server itself.
_PARTIAL_CHAIN = 0x80000
_TRUSTED_FIRST = 0x8000
# As Python 3.10 and later do by themselves: many servers end connections without saying so in TLS.
_IGNORES_UNEXPECTED_EOF = 0x80

_OLD = ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION")


def roots(environ: Mapping[str, str]) -> List[bytes]:
    """Return the certificates, as DER, that Go programs trust on this host.

    SSL_CERT_FILE replaces the bundle and SSL_CERT_DIR the folders. What cannot be read is passed over, as there.
    """
    files = [environ["SSL_CERT_FILE"]] if environ.get("SSL_CERT_FILE") else _BUNDLES
    folders = environ["SSL_CERT_DIR"].split(":") if environ.get("SSL_CERT_DIR") else _FOLDERS
    path, bundle = next(((path, content) for path, content in zip(files, map(_content, files)) if content), ("", b""))
    found = dict.fromkeys(strict_blocks(bundle))
    for content in _contents_of(folders, {os.path.realpath(path)}):
        # Most are links to what the bundle was made of.
        if content.strip() not in bundle:
            found.update(dict.fromkeys(strict_blocks(content)))
    return list(found)


def _contents_of(folders: Iterable[str], seen: Set[str]) -> Iterator[bytes]:
    for folder in folders:
        try:
            paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
        except OSError:
            continue
        for path in map(os.path.realpath, paths):
            if path not in seen:
                seen.add(path)
                yield _content(path)


def _content(path: str) -> bytes:
    try:
        return content_of_regular(path)
    except OSError:
        return b""


def context(trusted: Iterable[bytes]) -> ssl.SSLContext:
    """Return what verifies a server as Go does, which trusts these certificates (DER) only."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.set_ciphers(_CIPHERS)
    made.verify_flags = ssl.VerifyFlags(_PARTIAL_CHAIN | _TRUSTED_FIRST)
    if hasattr(made, "minimum_version"):
        made.minimum_version = ssl.TLSVersion.TLSv1_2  # novm: looked for above
    else:
        made.options |= ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1
    if ssl.OPENSSL_VERSION_INFO >= (3,):
        made.options |= _IGNORES_UNEXPECTED_EOF
    if hasattr(made, "hostname_checks_common_name"):
        made.hostname_checks_common_name = False  # novm: looked for above
    for der in trusted:
        try:
            made.load_verify_locations(cadata=der)
        except ssl.SSLError:
            continue  # Go leaves out what it cannot parse
    return made


def refusal(exc: Exception, peer: Peer) -> Finding:
    """Return what a failed handshake, or a connection that broke off because of TLS, means."""
    words = plain(getattr(exc, "verify_message", "") or getattr(exc, "reason", "") or str(exc))
    text = str(exc).upper().replace(" ", "_")
    if isinstance(exc, ssl.CertificateError) or "CERTIFICATE_VERIFY_FAILED" in text:
        return finding("certificate-refused", peer=peer.label, detail=words)
    if isinstance(exc, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return finding("connection-lost", peer=peer.label, detail="it ends the connection in place of a TLS handshake")
    if "CERTIFICATE_REQUIRED" in text:
        return finding("client-certificate-wanted", peer=peer.label)
    code = "tls-too-old" if any(word in text for word in _OLD) else "tls-refused"
    return finding(code, peer=peer.label, detail=words)


def of_registry(folders: Iterable[str]) -> List[bytes]:
    """Return the certificates, as DER, that clients read from folders of certs.d: ``*.crt`` in PEM."""
    found = (path for folder in folders for path in sorted(glob.glob(os.path.join(glob.escape(folder), "*.crt"))))
    return [der for path in found for der in strict_blocks(_content(path))]
