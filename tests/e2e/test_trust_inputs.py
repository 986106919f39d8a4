# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What administrators and registries hand out, however it is written: ca_trust makes plain anchors of it."""

from __future__ import annotations

import base64
import datetime
import functools
import pathlib
import re
from collections.abc import Callable, Sequence
from typing import Union

import pytest
import trustme
from conftest import Bastion
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from trust import MODULE, STORES, anchors, as_made, bundled, calls, fingerprint, pem, task, watched

from playbooks import PlayResult

Play = Callable[..., PlayResult]
Key = Union[rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey]


def forms(bastion: Bastion, folder: pathlib.Path, texts: dict[str, str]) -> dict[str, dict[str, object]]:
    """How each certificate is handed over, by the name of its form; a file of each name lies in `folder`/files."""
    (folder / "files").mkdir()

    def file(name: str, content: bytes) -> dict[str, object]:
        (folder / "files" / name).write_bytes(content)
        return {"src": name}

    def as_pkcs7(name: str, encoding: str) -> bytes:
        command = f"openssl crl2pkcs7 -nocrl -certfile /dev/stdin -outform {encoding} | base64"
        return base64.b64decode(bastion.ssh(command, stdin=texts[name].encode()).stdout)

    parsed = {name: x509.load_pem_x509_certificate(text.encode()) for name, text in texts.items()}
    trusted = bastion.ssh("openssl x509 -trustout", stdin=texts["TRUSTED"].encode()).stdout
    assert "BEGIN TRUSTED CERTIFICATE" in trusted
    bastion.push("/root/remote.der", parsed["remote"].public_bytes(Encoding.DER))
    return {
        "PEM": file("PEM", texts["PEM"].encode()),
        "DER": file("DER", parsed["DER"].public_bytes(Encoding.DER)),
        "PKCS7": file("PKCS7", as_pkcs7("PKCS7", "PEM")),
        "PKCS7-DER": file("PKCS7-DER", as_pkcs7("PKCS7-DER", "DER")),
        "TRUSTED": {"content": trusted},
        "CRLF": file("CRLF", texts["CRLF"].replace("\n", "\r\n").encode()),
        "BOM": file("BOM", b"\xef\xbb\xbf" + texts["BOM"].encode()),
        "around": {"content": f"subject=CN = x\n{texts['around']}-- \nGreetings, your PKI team"},
        "no-final-newline": file("no-final-newline", texts["no-final-newline"].rstrip().encode()),
        "one-line": {"content": texts["one-line"].replace("\n", "")},
        "one-line-of-words": {"content": " ".join(texts["one-line-of-words"].split("\n"))},
        "one-line-of-base64": {"content": re.sub(r"\n(?!-)(?!\Z)", "", texts["one-line-of-base64"])},
        "indented": {"content": texts["indented"].replace("\n", "\n    ")},
        "old-label": {"content": texts["old-label"].replace("CERTIFICATE", "X509 CERTIFICATE")},
        "twice": {"content": texts["twice"] * 2},
        "remote": {"src": "/root/remote.der", "remote_src": True},
    }


def test_every_form(clean_bastion: Bastion, play: Play, tmp_path: pathlib.Path) -> None:
    """In one task: every one is in the bundle, from an anchor that is PEM below its mark."""
    names = [
        "PEM", "DER", "PKCS7", "PKCS7-DER", "TRUSTED", "CRLF", "BOM", "around", "no-final-newline", "one-line",
        "one-line-of-words", "one-line-of-base64", "indented", "old-label", "twice", "remote",
    ]  # fmt: skip
    texts = {name: pem(trustme.CA(organization_name=name)).decode() for name in names}
    entries = forms(clean_bastion, tmp_path, texts)
    given = [{"name": name, **entry} for name, entry in entries.items()]
    done = play(clean_bastion.name, [task(certificates=given), {**task(certificates=given), "name": "again"}])
    assert (done.rc, done.of("again").status) == (0, "ok"), done.output
    assert {fingerprint(text.encode()) for text in texts.values()} <= set(bundled(clean_bastion))
    assert anchors(clean_bastion) == {f"{name}.crt": as_made(text.encode()) for name, text in texts.items()}


@functools.cache
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def signed(
    subject: str,
    *extensions: x509.ExtensionType,
    by: str | None = None,
    private: Key | None = None,
    signer: Key | None = None,
    days: int = 90,
) -> bytes:
    """A certificate, self-signed unless it says by whom."""
    now, private = datetime.datetime.now(datetime.timezone.utc), private or key()
    builder = x509.CertificateBuilder(
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, by or subject)]),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]),
        private.public_key(),
        x509.random_serial_number(),
        now - datetime.timedelta(1),
        now + datetime.timedelta(days),
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return builder.sign(signer or private, hashes.SHA256()).public_bytes(Encoding.PEM)


def ca(path_length: int | None = None) -> x509.BasicConstraints:
    return x509.BasicConstraints(ca=True, path_length=path_length)


@pytest.mark.one_kind
def test_a_bundle_of_1000(clean_bastion: Bastion, play: Play) -> None:
    """Installed, found, left alone, halved and removed, with one refresh each."""
    many = [signed(f"CA {number}", ca()) for number in range(1000)]
    watched(clean_bastion)
    whole, half = (b"".join(many[:count]).decode() for count in (1000, 500))
    steps = [
        {**task(name="many", content=whole), "name": "whole"},
        {**task(name="many", content=whole), "name": "again"},
        {**task(name="many", content=half), "name": "half"},
        {**task(name="many", state="absent"), "name": "none"},
    ]
    done = play(clean_bastion.name, steps)
    assert {row.task: row.status for row in done.tasks} == {
        "whole": "changed", "again": "ok", "half": "changed", "none": "changed",
    }, done.output  # fmt: skip
    assert [len(call[1].split()) for call in calls(clean_bastion)] == [1000, 500, 0]
    assert all(each["trusted"] for each in done.of("whole").values["certificates"])
    assert done.of("whole").values["msg"].endswith("; and 990 more")


def usage(words: str) -> x509.KeyUsage:
    every = "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign "
    rest = dict.fromkeys(f"{every}crl_sign encipher_only decipher_only".split(), False)
    return x509.KeyUsage(**{**rest, **dict.fromkeys(words.split(), True)})


# mirror-registry runs openssl with this configuration and this command (its install-quay-service.yaml and req.j2).
MIRROR_REGISTRY = """
set -e; mkdir -p quay-rootCA; cd quay-rootCA
cat > openssl.cnf <<C
[req]
default_md = sha256
distinguished_name = req_distinguished_name
x509_extensions = v3_req
prompt = no
[req_distinguished_name]
C = US
ST = VA
L = New York
O = Quay
OU = Division
CN = registry.example.com
[v3_req]
keyUsage = nonRepudiation, digitalSignature, keyEncipherment, keyCertSign
extendedKeyUsage = serverAuth
subjectAltName = @alt_names
[alt_names]
DNS = registry.example.com
C
openssl genrsa -out rootCA.key 2048
openssl req -x509 -new -config openssl.cnf -nodes -key rootCA.key -sha256 -days 1024 -out rootCA.pem \\
    -addext basicConstraints=critical,CA:TRUE,pathlen:1
openssl req -new -newkey rsa:2048 -nodes -keyout ssl.key -out ssl.csr -subj /CN=quay-enterprise -config openssl.cnf
openssl x509 -req -in ssl.csr -CA rootCA.pem -CAkey rootCA.key -CAcreateserial -out ssl.cert -days 356 \\
    -extensions v3_req -extfile openssl.cnf
"""
# Harbor's documentation has these commands for its ca.crt, with 4096 bits.
HARBOR = """
set -e; mkdir -p harbor; cd harbor
subject="/C=CN/ST=Beijing/L=Beijing/O=example/OU=Personal/CN"
openssl req -x509 -new -nodes -newkey rsa:2048 -keyout ca.key -sha512 -days 3650 -subj "$subject=Root CA" -out ca.crt
openssl req -sha512 -new -nodes -newkey rsa:2048 -subj "$subject=registry.example.com" -keyout s.key -out s.csr
printf '%s\\n' authorityKeyIdentifier=keyid,issuer basicConstraints=CA:FALSE extendedKeyUsage=serverAuth \\
    keyUsage=digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment \\
    subjectAltName=DNS:registry.example.com > v3.ext
openssl x509 -req -sha512 -days 3650 -extfile v3.ext -CA ca.crt -CAkey ca.key -CAcreateserial -in s.csr -out s.crt
"""
SAN = x509.SubjectAlternativeName([x509.DNSName("registry.example.com")])
SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
BOTH = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


def verifies(bastion: Bastion, server: bytes) -> bool:
    """Whether the host's openssl accepts a server's certificate by nothing but the bundle."""
    command = f"openssl verify -no-CApath -no-CAstore -purpose sslserver -CAfile {STORES[bastion.kind].bundle}"
    return bastion.ssh(f"{command} -verify_hostname registry.example.com", stdin=server).rc == 0


def chains() -> dict[str, tuple[Sequence[bytes], bytes]]:
    """What is to be trusted, and a server's certificate, made as the products make them.

    Harbor's chart: genCA and genSignedCert of Helm. Nexus: keytool with -ext BC=ca:true, one certificate for both.
    Artifactory, and Nexus or Harbor behind a proxy: the company's root, an issuing CA, and a server.
    """
    keys = [ec.generate_private_key(ec.SECP256R1()) for _number in range(4)]
    chart = usage("digital_signature key_encipherment key_cert_sign")
    nexus = signed("registry.example.com", ca(), SAN, private=keys[1])
    signing = usage("key_cert_sign crl_sign")
    return {
        "harbor-chart": (
            [signed("harbor-ca", ca(), chart, BOTH, private=keys[0], days=365)],
            signed("registry.example.com", SAN, BOTH, by="harbor-ca", signer=keys[0]),
        ),
        "nexus": ([nexus], nexus),
        "artifactory": (
            [
                signed("Issuing", ca(0), signing, by="Company Root", private=keys[3], signer=keys[2]),
                signed("Company Root", ca(), signing, private=keys[2]),
            ],
            signed("registry.example.com", SAN, SERVER, by="Issuing", signer=keys[3]),
        ),
    }


@pytest.mark.one_kind
def test_what_mirror_registries_hand_out(clean_bastion: Bastion, play: Play) -> None:
    """One task; the host then accepts the certificate of each registry."""
    for script in (MIRROR_REGISTRY, HARBOR):
        made = clean_bastion.ssh(script)
        assert made.rc == 0, made.stderr
    made_here = chains()
    servers = {name: server for name, (_authorities, server) in made_here.items()}
    servers["mirror-registry"] = clean_bastion.pull("/root/quay-rootCA/ssl.cert")
    servers["harbor"] = clean_bastion.pull("/root/harbor/s.crt")
    assert {name for name, server in servers.items() if verifies(clean_bastion, server)} == set()
    entries = [
        {"name": "mirror-registry", "src": "/root/quay-rootCA/rootCA.pem", "remote_src": True},
        {"name": "harbor", "src": "/root/harbor/ca.crt", "remote_src": True},
        *({"name": name, "content": b"".join(made_here[name][0]).decode()} for name in made_here),
    ]
    done = play(clean_bastion.name, [task(certificates=entries)])
    assert done.rc == 0, done.output
    assert {name for name, server in servers.items() if not verifies(clean_bastion, server)} == set()


def test_files_of_the_host_that_are_not_brought_over(bastion: Bastion, play: Play) -> None:
    """What would be waited for, or fill the controller's memory."""
    bastion.ssh("cd /root && rm -f pipe && mkfifo pipe && truncate -s 65M huge.pem && mkdir -p folder.pem")
    names = ("pipe", "huge.pem", "folder.pem", "gone.pem")
    entries = [{"name": "a", "src": f"/root/{name}", "remote_src": True} for name in names]
    message = play(bastion.name, [task(certificates=entries)], "--check").failure
    refused = dict(line.split(" of the host: ", 1) for line in message.partition(" use ")[2].split("; /root/"))
    assert refused["/root/pipe"] == refused["folder.pem"] == "it is no regular file; correct src"
    assert refused["huge.pem"] == "it has more than 64 MiB; correct src"
    assert refused["gone.pem"].startswith("it cannot be read on the host (")


def test_what_nexus_makes_without_ca_true(bastion: Bastion, play: Play) -> None:
    """keytool's default: no host of the RHEL family can be made to trust it."""
    done = play(bastion.name, [task(name="nexus", content=signed("registry.example.com", SAN).decode())], "--check")
    assert "is not a CA certificate (it has no basicConstraints)" in done.failure


def test_old_and_new_ca_side_by_side(clean_bastion: Bastion, play: Play) -> None:
    """Same subject, same key: both are trusted until the old one is removed, by its fingerprint."""
    old, new = signed("CA", ca(), days=9), signed("CA", ca(), days=999)
    steps = [
        {**task(name="mirror", content=old.decode()), "name": "old"},
        {**task(name="mirror", content=(old + new).decode()), "name": "grown"},
        {**task(name="mirror", content=(old + new).decode()), "name": "again"},
        {**task(fingerprints=[fingerprint(old)], state="absent"), "name": "rotated"},
        {**task(name="mirror", content=new.decode()), "name": "new"},
    ]
    done = play(clean_bastion.name, steps[:3])
    assert done.of("again").status == "ok", done.output
    assert {fingerprint(old), fingerprint(new)} <= set(bundled(clean_bastion))
    done = play(clean_bastion.name, steps[3:])
    assert {row.task: row.status for row in done.tasks} == {"rotated": "changed", "new": "ok"}, done.output
    assert fingerprint(old) not in bundled(clean_bastion)
    assert list(anchors(clean_bastion).values()) == [as_made(new)]


@pytest.mark.one_kind
def test_an_update_that_hangs(
    clean_bastion: Bastion, play: Play, tmp_path: pathlib.Path, collections: pathlib.Path
) -> None:
    """With the time limit cut down to 2 seconds in a copy of the collection, nothing else in it is changed."""
    copied = tmp_path / "ansible_collections/airgap/openshift"
    original = collections / "ansible_collections/airgap/openshift"
    for file in (*original.glob("plugins/**/*.py"), original / "meta/runtime.yml", original / "galaxy.yml"):
        target = copied / file.relative_to(original)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text().replace("UPDATE_SECONDS = 120", "UPDATE_SECONDS = 2"))
    assert "UPDATE_SECONDS = 2\n" in (copied / "plugins/modules/ca_trust.py").read_text()
    former, content = pem(trustme.CA()), pem(trustme.CA())
    assert play(clean_bastion.name, [task(name="mirror", content=former.decode())]).rc == 0
    path = STORES[clean_bastion.kind].update
    clean_bastion.ssh(f"mv {path} {path}.real")
    clean_bastion.push(path, b"#!/bin/sh\nsleep 1000 &\nwait\n", mode=0o755)
    step = task(name="mirror", content=content.decode())
    done = play(clean_bastion.name, [step], env={"ANSIBLE_COLLECTIONS_PATH": str(tmp_path)})
    for text in ("did not end within 2 seconds", "put back as they were"):
        assert text in done.failure
    assert anchors(clean_bastion) == {"mirror.crt": as_made(former)}
    assert clean_bastion.ssh("pgrep -fx 'sleep 1000'").rc == 1
    clean_bastion.ssh(f"mv {path}.real {path}")
    assert play(clean_bastion.name, [step]).of(MODULE).values["trusted"]
    assert fingerprint(content) in bundled(clean_bastion)
