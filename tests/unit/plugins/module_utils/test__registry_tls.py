# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which CAs are trusted, by files in a folder, and what real handshakes on this host then come to."""

import base64
import os
import socket
import ssl
import subprocess

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _registry_tls
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import CAUSES
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Peer
from ansible_collections.airgap.openshift.plugins.module_utils._registry_tls import (
    context,
    of_registry,
    refusal,
    roots,
)
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.loopback import (
    ELLIPTIC,
    HOST,
    Server,
    certificate,
    der,
    says,
    serving,
    shakes_hands,
)

PEER = Peer(HOST, 5000, "mirror.example.com:5000")
# Any ASN.1 sequence serves as a certificate where nothing decodes it.
A, B, C = (b"\x30\x03\x02\x01" + bytes([number]) for number in (1, 2, 3))


def pem(*ders):
    block = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
    return "".join(block.format(base64.b64encode(each).decode("ascii")) for each in ders)


@pytest.fixture
def lay(tmp_path):
    """Lay files down and return the environment that makes them what Go reads; no value makes a folder."""

    def run(files, file="bundle.pem", folders=("certs",)):
        os.mkdir(str(tmp_path / "certs"))
        for name, content in files.items():
            (tmp_path / name).write_text(content, encoding="latin-1")
        return {
            "SSL_CERT_FILE": str(tmp_path / file),
            "SSL_CERT_DIR": ":".join(str(tmp_path / folder) for folder in folders),
        }

    return run


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"bundle.pem": pem(B, A)}, [B, A], id="a bundle, in its order"),
        pytest.param({"bundle.pem": pem(A, B, A)}, [A, B], id="each once"),
        pytest.param({"bundle.pem": pem(A), "certs/b.pem": pem(B), "certs/a": pem(C)}, [A, C, B], id="a folder too"),
        pytest.param({"bundle.pem": pem(A, B), "certs/a.0": pem(B)}, [A, B], id="a part of the bundle"),
        pytest.param({"certs/a.pem": pem(A) + "text\n" + pem(B)}, [A, B], id="no bundle"),
        pytest.param({"bundle.pem": "", "certs/a.pem": ""}, [], id="empty files"),
        pytest.param({"bundle.pem": "\xff" + pem(A)[9:] + pem(B), "certs/x": "x"}, [B], id="what is none"),
    ],
)
def test_roots(lay, files, expected):
    assert roots(lay(files)) == expected


def test_roots_in_several_folders_and_behind_links(lay, tmp_path):
    environ = lay({"bundle.pem": pem(A), "certs/b.pem": pem(B)}, folders=("certs", "", "missing", "more", "certs"))
    (tmp_path / "more").mkdir()
    (tmp_path / "elsewhere").write_text(pem(C))
    for link, target in (("c.0", "elsewhere"), ("d.0", "elsewhere"), ("broken", "nowhere"), ("b.0", "certs/b.pem")):
        os.symlink(str(tmp_path / target), str(tmp_path / "more" / link))
    assert roots(environ) == [A, B, C]


def test_roots_are_not_waited_for(lay, tmp_path):
    environ = lay({"bundle.pem": pem(A)})
    os.mkfifo(str(tmp_path / "certs/pipe"))
    os.mkdir(str(tmp_path / "certs/folder"))
    os.symlink("/dev/zero", str(tmp_path / "certs/endless"))
    assert roots(environ) == [A]


def test_roots_of_this_host(monkeypatch, lay):
    environ = lay({"bundle.pem": pem(A), "second.pem": pem(B), "certs/c.pem": pem(C)})
    first = environ["SSL_CERT_FILE"]
    monkeypatch.setattr(_registry_tls, "_BUNDLES", ("/nonexistent", first, first.replace("bundle", "second")))
    monkeypatch.setattr(_registry_tls, "_FOLDERS", (environ["SSL_CERT_DIR"],))
    assert roots({}) == [A, C]
    assert roots({"SSL_CERT_FILE": "", "SSL_CERT_DIR": ""}) == [A, C]
    assert roots({"SSL_CERT_FILE": "/nonexistent"}) == [C]
    assert roots({"SSL_CERT_DIR": "/nonexistent"}) == [A]


def test_of_registry(tmp_path):
    first, second = tmp_path / "[a]*", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
    (first / "z.crt").write_text(pem(A))
    (first / "ca.crt").write_text(pem(B, C))
    (first / "client.cert").write_text(pem(A))
    (second / "ca.crt").write_text("nothing")
    os.mkfifo(str(second / "pipe.crt"))
    assert of_registry([str(first), str(second), str(tmp_path / "missing")]) == [B, C, A]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Certificates of this host: by itself, by a CA, expired, for another name."""
    folder = tmp_path_factory.mktemp("tls")
    paths = {
        "own": certificate(folder, "own"),
        "ca": certificate(folder, "ca", "-addext", "keyUsage=keyCertSign"),
        "other-name": certificate(folder, "other-name", "-addext", "subjectAltName=DNS:other.example"),
        "small": certificate(folder, "small", key=("rsa:1024",)),
        "signed": str(folder / "signed"),
        "expired": str(folder / "expired"),
    }
    for name, days in (("signed", "9"), ("expired", "-1")):
        sign(folder, name, days)
    return paths


def sign(folder, name, days):
    """Have the CA sign a certificate for this host."""
    request = ["openssl", "req", "-new", "-nodes", "-newkey", *ELLIPTIC]
    request += ["-subj", f"/CN={name}", "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.csr"]
    (folder / "extensions").write_text(f"subjectAltName=IP:{HOST}\n")
    signing = ["openssl", "x509", "-req", "-in", f"{folder}/{name}.csr", "-CA", f"{folder}/ca.crt"]
    signing += ["-CAkey", f"{folder}/ca.key", "-set_serial", "7", "-days", days, "-out", f"{folder}/{name}.crt"]
    signing += ["-extfile", f"{folder}/extensions"]
    for command in (request, signing):
        subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def shake_hands(talk, trusted, host=HOST):
    """Return nothing, or what is said of the handshake that failed."""
    with Server(talk) as server, socket.create_connection((HOST, server.port), 3) as sock:
        try:
            context(trusted).wrap_socket(sock, server_hostname=host).close()
        except (ssl.SSLError, ssl.CertificateError) as exc:
            return refusal(exc, PEER)
    return None


@pytest.mark.parametrize(
    ("server", "trusted", "words"),
    [
        pytest.param("own", ["own"], "", id="itself"),
        pytest.param("signed", ["own", "ca"], "", id="its CA"),
        pytest.param("signed", ["signed"], "", id="the server's own, though a CA signed it"),
        pytest.param("small", ["small"], "", id="a small key, which Go takes"),
        pytest.param("own", [], "self", id="nobody"),
        pytest.param("signed", ["own"], "issuer certificate", id="not its CA"),
        pytest.param("other-name", ["other-name"], "127.0.0.1", id="another name"),
        pytest.param("expired", ["ca"], "expired", id="expired"),
    ],
)
def test_who_is_trusted(made, server, trusted, words):
    said = shake_hands(shakes_hands(serving(made[server])), [der(made[name]) for name in trusted])
    if not words:
        assert said is None
        return
    assert said is not None
    assert (said.step, said.code) == ("tls", "certificate-refused")
    assert PEER.label in said.message
    # Python 3.6 hands on no more of OpenSSL's words than their kind.
    assert words in said.message or not hasattr(ssl, "SSLCertVerificationError")


def test_a_name_is_not_looked_for_in_the_common_name(tmp_path):
    named = certificate(tmp_path, "localhost", "-addext", "basicConstraints=CA:FALSE")
    said = shake_hands(shakes_hands(serving(named)), [der(named)], host="localhost")
    if hasattr(ssl.SSLContext, "hostname_checks_common_name"):
        assert said is not None
        assert said.code == "certificate-refused"
    else:
        assert said is None  # Python 3.6 always looks there; the controller finds such certificates


def test_what_is_no_certificate_is_left_out(made):
    assert shake_hands(shakes_hands(serving(made["own"])), [A, b"x", der(made["own"]), der(made["own"])]) is None


def test_nobody_is_trusted_by_default():
    assert context([]).cert_store_stats() == {"x509": 0, "crl": 0, "x509_ca": 0}


ALERT = b"\x15\x03\x01\x00\x02\x02"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (ALERT + b"\x46", "tls-too-old"),
        (b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01" + bytes(32) + b"\x00\x00\x2f\x00", "tls-too-old"),
        (ALERT + b"\x28", "tls-refused"),
        (b"HTTP/1.0 400 Bad Request\r\n\r\n", "tls-refused"),
        (b"\x1b[31m" * 9, "tls-refused"),
        (b"", "connection-lost"),
    ],
)
def test_what_goes_wrong_before_there_is_a_certificate(words, code):
    said = shake_hands(says(words), [])
    assert said is not None
    assert said.code == code
    assert said.message.isprintable()


def test_a_server_without_good_cipher_suites_is_refused(made):
    server = serving(made["small"])
    server.set_ciphers("AES256-SHA:@SECLEVEL=0")
    if hasattr(ssl, "TLSVersion"):
        server.maximum_version = ssl.TLSVersion.TLSv1_2
    else:
        server.options |= getattr(ssl, "OP_NO_TLSv1_3", 0)
    said = shake_hands(shakes_hands(server), [der(made["small"])])
    assert said is not None
    assert said.code == "tls-refused"


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (ssl.SSLError(1, "[SSL: UNSUPPORTED_PROTOCOL] unsupported protocol (_ssl.c:1)"), "tls-too-old"),
        (ssl.SSLError(1, "[SSL: WRONG_SSL_VERSION] wrong ssl version (_ssl.c:1)"), "tls-too-old"),
        (ssl.SSLError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"), "certificate-refused"),
        (ssl.CertificateError("hostname 'a' doesn't match 'b'"), "certificate-refused"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), "connection-lost"),
        (ssl.SSLError(1, "\x1b[31m" * 500), "tls-refused"),
    ],
)
def test_refusal(problem, code):
    said = refusal(problem, PEER)
    assert said.code == code
    assert said.step == CAUSES[code].step
    assert said.message.isprintable()
    assert len(said.message) < 400
