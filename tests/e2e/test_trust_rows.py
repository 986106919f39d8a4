# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ca_trust does with each kind of input, row by row as decided, on real hosts.

Which certificates are refused, and with what words, is in tests/unit/plugins/action/test_ca_trust_rows.py.
"""

from __future__ import annotations

import base64
import datetime
import pathlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import trustme
from conftest import Bastion
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from trust import MODULE, STORES, anchors, as_made, bundled, calls, fingerprint, pem, task, trusts, watched

from playbooks import PlayResult

Play = Callable[..., PlayResult]
DAY = datetime.timedelta(days=1)


def made(
    name: str, *extensions: x509.ExtensionType, days: int = 99, key: ec.EllipticCurvePrivateKey | None = None
) -> bytes:
    """A self-signed certificate with these extensions only."""
    private, now = key or ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(
        subject, subject, private.public_key(), x509.random_serial_number(), now - DAY, now + days * DAY
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM)


def usage(*, key_cert_sign: bool) -> x509.KeyUsage:
    words = "content_commitment key_encipherment data_encipherment key_agreement encipher_only decipher_only"
    rest = dict.fromkeys(words.split(), False)
    return x509.KeyUsage(digital_signature=True, key_cert_sign=key_cert_sign, crl_sign=True, **rest)


CA = x509.BasicConstraints(ca=True, path_length=None)


def ignoring(tasks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "ignore_errors": True} for each in tasks]


def test_pem_or_der(clean_bastion: Bastion, play: Play, src: pathlib.Path, ca: trustme.CA) -> None:
    """DER from the host, inline text with CRLF and prose, a bundle: all anchored as canonical PEM, in one refresh."""
    remote, inline, bundled = trustme.CA(), trustme.CA(), [trustme.CA(), trustme.CA()]
    der = load_pem_x509_certificate(pem(remote)).public_bytes(Encoding.DER)
    clean_bastion.push("/root/remote.der", der)
    bundle = src.with_name("bundle.pem")
    bundle.write_bytes(b"Roots\r\n" + b"\n".join(pem(each) for each in bundled).rstrip())
    entries = [
        {"name": "remote", "src": "~/remote.der", "remote_src": True},
        {"name": "inline", "content": "our CA\r\n" + pem(inline).decode().replace("\n", "\r\n")},
        {"src": str(bundle)},
        {"src": str(src)},
    ]
    done = play(clean_bastion.name, [task(certificates=entries), {**task(certificates=entries), "name": "again"}])
    assert (done.rc, done.of("again").status) == (0, "ok"), done.output
    wanted = [pem(each) for each in (remote, inline, *bundled, ca)]
    assert all(trusts(clean_bastion, content) for content in wanted)
    assert sorted(anchors(clean_bastion).values()) == sorted(map(as_made, wanted))


@pytest.mark.one_kind
def test_file_containing_private_key(
    clean_bastion: Bastion, play: Play, ca: trustme.CA, tmp_path: pathlib.Path
) -> None:
    key = ca.private_key_pem.bytes()
    (tmp_path / "both.pem").write_bytes(pem(ca) + key)
    clean_bastion.push("/root/both.pem", pem(ca) + key)
    sources = (
        {"src": str(tmp_path / "both.pem")},
        {"name": "both", "content": (pem(ca) + key).decode()},
        {"src": "/root/both.pem", "remote_src": True},
    )
    secrets = (key.decode().splitlines()[1], base64.b64encode(pem(ca) + key).decode()[-400:-40])
    for options in sources:
        done = play(clean_bastion.name, [task(**options)], "-vvv")
        assert "contains a private key" in done.failure
        assert not [secret for secret in secrets if secret in done.output]
    assert anchors(clean_bastion) == {}


@pytest.mark.one_kind
def test_truncated_garbage_csr_pkcs7_pkcs12_x509_certificate(
    clean_bastion: Bastion, play: Play, ca: trustme.CA
) -> None:
    """Refused before anything is written; what is but another wrapping of certificates is unwrapped."""
    watched(clean_bastion)
    text = pem(ca).decode()
    bad = {
        "truncated": text[:-60],
        "truncated, then another": text[:-40] + text,
        "garbage": "hello",
        "CSR": text.replace("CERTIFICATE", "CERTIFICATE REQUEST"),
        "PKCS#12": "-----BEGIN PKCS12-----\nMAMCAQM=\n-----END PKCS12-----\n",
        "no certificate in it": "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n",
    }
    done = play(clean_bastion.name, ignoring([{**task(name="m", content=bad[each]), "name": each} for each in bad]))
    assert {row.task: row.status for row in done.tasks} == dict.fromkeys(bad, "failed")
    assert {row.values["msg"].partition(":")[0] for row in done.tasks} == {"Cannot use the content for m"}
    assert (anchors(clean_bastion), calls(clean_bastion)) == ({}, [])
    old_label = task(name="m", content=text.replace("CERTIFICATE", "X509 CERTIFICATE"))
    assert play(clean_bastion.name, [old_label]).rc == 0
    assert anchors(clean_bastion) == {"m.crt": as_made(text.encode())}


def test_ca_false_or_v3_without_basicconstraints(clean_bastion: Bastion, play: Play, ca: trustme.CA) -> None:
    """p11-kit drops them without a word, Debian takes them; if they are allowed, the bundle decides."""
    leaves = {
        "CA:FALSE": ca.issue_cert("registry.example.com").cert_chain_pems[0].bytes().decode(),
        "no constraints": made("none").decode(),
    }
    steps = [{**task(name="leaf", content=leaf), "name": name} for name, leaf in leaves.items()]
    steps += [
        {**task(name="leaf", content=leaf, require_ca=False), "name": f"{name}, allowed"}
        for name, leaf in leaves.items()
    ]
    done = play(clean_bastion.name, ignoring(steps))
    for name in leaves:
        assert "is not a CA certificate" in done.of(name).values["msg"]
        allowed = done.of(f"{name}, allowed").values
        if clean_bastion.kind == "rhel9":
            assert "p11-kit leaves out what is no CA" in allowed["msg"]
            assert "put back as they were" in allowed["msg"]
        else:
            assert "is not a CA certificate" in allowed["warnings"][0]
            assert allowed["trusted"]
    assert len(anchors(clean_bastion)) == (0 if clean_bastion.kind == "rhel9" else 1)
    if clean_bastion.kind == "debian13":
        assert trusts(clean_bastion, leaves["no constraints"].encode())


def test_x509_v1(clean_bastion: Bastion, play: Play) -> None:
    """Allowed, with a warning; the bastion's openssl makes it, because cryptography cannot."""
    make = "openssl req -config c -x509 -x509v1 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=V1 -days 99"
    config = "printf '[req]\\ndistinguished_name=dn\\n[dn]\\n' > c"
    old = clean_bastion.ssh(f"{config}; {make} 2>/dev/null").stdout
    assert load_pem_x509_certificate(old.encode()).version is x509.Version.v1
    done = play(clean_bastion.name, [task(name="v1", content=old)])
    assert done.rc == 0, done.output
    assert "is of X.509 version 1" in done.output
    assert trusts(clean_bastion, old.encode())


def test_expired_or_not_yet_valid(clean_bastion: Bastion, play: Play) -> None:
    """openssl makes it on the bastion: no library of the controller makes one that has expired."""
    make = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=Old -days 20"
    )
    old = clean_bastion.ssh(f"{make} 2>/dev/null").stdout
    done = play(clean_bastion.name, [task(name="old", content=old)])
    assert "expires in 19 days" in done.output
    quiet = play(clean_bastion.name, [task(name="old", content=old, expiry_warning_days=5)])
    assert "expires in" not in quiet.output
    tomorrow = clean_bastion.ssh(
        f"{make} -not_before $(date -u -d +1day +%Y%m%d%H%M%SZ) -not_after $(date -u -d +9day +%Y%m%d%H%M%SZ) 2>&1"
    ).stdout
    refused = play(clean_bastion.name, [task(name="new", content=tomorrow)])
    assert "is not valid before" in refused.failure
    allowed = play(clean_bastion.name, [task(name="new", content=tomorrow, expired="warn")])
    assert (allowed.rc, "is not valid before" in allowed.output) == (0, True)


def test_eku_without_serverauth_or_keyusage_without_keycertsign(clean_bastion: Bastion, play: Play) -> None:
    """p11-kit drops the first by its purpose and takes the second, which every verifier rejects."""
    clients = made("c", CA, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])).decode()
    mute = made("m", CA, usage(key_cert_sign=False)).decode()
    steps = [
        {**task(name="c", content=clients), "name": "clients"},
        {**task(name="m", content=mute), "name": "mute"},
        {**task(name="c", content=clients, require_ca=False), "name": "clients allowed"},
        {**task(name="m", content=mute, require_ca=False), "name": "mute allowed"},
    ]
    done = play(clean_bastion.name, ignoring(steps))
    assert "its extendedKeyUsage lacks serverAuth" in done.of("clients").values["msg"]
    assert "its keyUsage lacks keyCertSign" in done.of("mute").values["msg"]
    kept = {"c.crt", "m.crt"} if clean_bastion.kind == "debian13" else {"m.crt"}
    assert set(anchors(clean_bastion)) == kept
    assert [name for name in ("clients allowed", "mute allowed") if done.of(name).status == "changed"] == [
        name for name in ("clients allowed", "mute allowed") if f"{name[0]}.crt" in kept
    ]


def test_intermediate_only(clean_bastion: Bastion, play: Play, ca: trustme.CA) -> None:
    """Trusted, with a warning that openssl and old Pythons want its issuer too."""
    intermediate = pem(ca.create_child_ca())
    done = play(clean_bastion.name, [task(name="intermediate", content=intermediate.decode())])
    assert done.rc == 0, done.output
    assert "is an intermediate; the file lacks its issuer" in done.words
    assert fingerprint(intermediate) in bundled(clean_bastion)


def test_several_certificates_in_one_input(clean_bastion: Bastion, play: Play, ca: trustme.CA) -> None:
    """One anchor each, in one refresh; a leaf among them is refused by its place in the file."""
    watched(clean_bastion)
    chain = [pem(ca.create_child_ca()), pem(ca)]
    leaf = ca.issue_cert("registry.example.com").cert_chain_pems[0].bytes()
    refused = play(clean_bastion.name, [task(name="chain", content=b"".join([leaf, *chain]).decode())])
    assert "certificate 1 of 3 (" in refused.failure
    assert calls(clean_bastion) == []
    done = play(clean_bastion.name, [task(name="chain", content=b"".join(chain).decode())])
    assert done.rc == 0, done.output
    assert sorted(anchors(clean_bastion).values()) == sorted(map(as_made, chain))
    assert {fingerprint(each) for each in chain} <= set(bundled(clean_bastion))
    assert len(calls(clean_bastion)) == 1


def test_file_name(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """NAME.crt, which every store reads, 0644 and root's whatever the umask; no name leaves the folder."""
    bad = ["../up", "a/b", ".hidden", "with space", "-dash", "bündel"]
    steps = [{**task(name=name, src=str(src)), "name": name} for name in bad]
    steps.append({**task(name="mirror.pem", src=str(src)), "name": "good", "become": False})
    variables = {"ansible_user": "root", "ansible_shell_executable": "/bin/sh"}
    clean_bastion.push("/root/.bashrc", b"umask 077\n")
    done = play(clean_bastion.name, ignoring(steps), variables=variables)
    assert {row.task for row in done.tasks if "cannot name an anchor" in str(row.values.get("msg"))} == set(bad)
    assert list(anchors(clean_bastion)) == ["mirror.crt"]
    [certificate] = done.of("good").values["certificates"]
    assert clean_bastion.ssh(f"stat -c '%a %U:%G' {certificate['path']}").stdout == "644 root:root\n"


def test_backup_and_temporary_files(clean_bastion: Bastion, play: Play) -> None:
    """EL trusts every file in its folder, a backup too: there is none when the command looks, and none beside."""
    old, new = pem(trustme.CA()).decode(), pem(trustme.CA()).decode()
    beside = f"ls -A {STORES[clean_bastion.kind].anchors}/.."
    before = clean_bastion.ssh(beside).stdout
    watched(clean_bastion)
    assert play(clean_bastion.name, [task(name="m", content=old), task(name="m", content=new)]).rc == 0
    assert [(call[1], call[2].split()) for call in calls(clean_bastion)] == [("m.crt", before.split())] * 2
    assert clean_bastion.ssh(beside).stdout == before


def test_replacing_content_and_state_absent(clean_bastion: Bastion, play: Play) -> None:
    old, new, other = (pem(trustme.CA()) for _number in range(3))
    steps = [
        task(name="mirror", content=(old + other).decode()),
        {**task(name="mirror", content=new.decode()), "name": "renewed"},
    ]
    done = play(clean_bastion.name, steps)
    assert {each["action"] for each in done.of("renewed").values["certificates"]} == {"added", "removed"}
    assert [trusts(clean_bastion, each) for each in (old, other, new)] == [False, False, True]
    assert anchors(clean_bastion) == {"mirror.crt": as_made(new)}
    if clean_bastion.kind == "debian13":
        dangling = clean_bastion.ssh("find /etc/ssl/certs -xtype l").stdout
        assert dangling == ""


def test_same_certificate_under_another_name_or_packaged(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """No change: a second copy would do no more, and Debian's command complains of it."""
    store = STORES[clean_bastion.kind]
    clean_bastion.push(f"{store.anchors}/by-hand.crt", src.read_bytes())
    clean_bastion.ssh(store.update)
    packaged = clean_bastion.ssh(f"sed -n '/BEGIN CERT/,/END CERT/p;/END CERT/q' {store.bundle}").stdout
    steps = [
        {**task(src=str(src)), "name": "another name"},
        {**task(name="packaged", content=packaged), "name": "packaged"},
    ]
    done = play(clean_bastion.name, steps)
    assert {row.task: row.status for row in done.tasks} == {"another name": "ok", "packaged": "ok"}, done.output
    found = [done.of(name).values["certificates"][0] for name in ("another name", "packaged")]
    assert [(each["path"], each["action"], each["trusted"]) for each in found] == [
        (f"{store.anchors}/by-hand.crt", "unchanged", True),
        (None, "unchanged", True),
    ]
    assert list(anchors(clean_bastion)) == ["by-hand.crt"]


@pytest.mark.parametrize("bastion", ["rhel9"], indirect=True)
def test_certificate_or_its_key_in_a_blocklist(clean_bastion: Bastion, play: Play) -> None:
    """Distrust wins, also over a renewed certificate with the old key, and says nothing: refused beforehand."""
    key = ec.generate_private_key(ec.SECP256R1())
    old, renewed = made("CA", CA, key=key), made("CA", CA, key=key)
    path = "/etc/pki/ca-trust/source/blocklist/bad.pem"
    clean_bastion.push(path, old)
    for content in (old, renewed):
        done = play(clean_bastion.name, [task(name="m", content=content.decode())])
        assert "distrusts CN=CA (SHA-256" in done.failure
        assert f"by {path}: remove that file first" in done.failure
    assert anchors(clean_bastion) == {}
    # p11-kit itself, asked without the module: the key counts.
    clean_bastion.push(f"{STORES[clean_bastion.kind].anchors}/renewed.crt", renewed)
    clean_bastion.ssh(STORES[clean_bastion.kind].update)
    assert fingerprint(renewed) not in bundled(clean_bastion)


def test_update_command(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """The one argument that every release of EL's script takes; on Debian an option and no word, which does nothing."""
    watched(clean_bastion)
    assert play(clean_bastion.name, [task(src=str(src))]).rc == 0
    assert [call[0] for call in calls(clean_bastion)] == ["extract" if clean_bastion.kind == "rhel9" else "--fresh"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        pytest.param("exit 0", "exited with 0", id="claims success"),
        pytest.param("echo boom >&2; exit 3", "exited with 3 and said: boom", id="fails"),
        pytest.param("kill -TERM $$", "was ended by signal 15", id="dies"),
    ],
)
def test_result_check(clean_bastion: Bastion, play: Play, src: pathlib.Path, command: str, said: str) -> None:
    """The host's own command is replaced by one that fails; the anchors have to be as they were."""
    former = pem(trustme.CA())
    play(clean_bastion.name, [task(name="mirror-ca", content=former.decode())])
    clean_bastion.push(STORES[clean_bastion.kind].update, f"#!/bin/sh\n{command}\n".encode(), mode=0o755)
    done = play(clean_bastion.name, [task(src=str(src))])
    assert done.rc == 2
    for text in (STORES[clean_bastion.kind].bundle, "lacks OU=Mirror CA", said, "put back as they were"):
        assert text in done.failure
    assert anchors(clean_bastion) == {"mirror-ca.crt": as_made(former)}
    assert trusts(clean_bastion, former)


def test_idempotence(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """In one play, with what the host itself says in between."""
    look = {
        "ansible.builtin.shell": f"openssl verify -no-CApath -no-CAstore -CAfile {STORES[clean_bastion.kind].bundle}"
    }
    ask = {**look, "args": {"stdin": src.read_text()}, "changed_when": False, "failed_when": False}
    present, absent = task(src=str(src)), task(src=str(src), state="absent")
    steps = [
        {**present, "check_mode": True, "name": "predicted"},
        {**ask, "name": "not yet"},
        {**present, "name": "trusted"},
        {**ask, "name": "now"},
        {**present, "name": "again"},
        {**absent, "check_mode": True, "name": "removal predicted"},
        {**absent, "name": "removed"},
        {**ask, "name": "no more"},
        {**absent, "name": "removed again"},
    ]
    done = play(clean_bastion.name, steps, "--diff")
    changed = {row.task: row.status == "changed" for row in done.tasks if row.action == MODULE}
    assert done.rc == 0, done.output
    assert changed == {
        "predicted": True,
        "trusted": True,
        "again": False,
        "removal predicted": True,
        "removed": True,
        "removed again": False,
    }
    assert [done.of(name).values["rc"] == 0 for name in ("not yet", "now", "no more")] == [False, True, False]
    predicted, real = done.of("predicted").values, done.of("trusted").values
    ignored = ("warnings", "invocation", "_ansible_no_log", "msg")
    assert {k: v for k, v in predicted.items() if k not in ignored} == {
        k: v for k, v in real.items() if k not in ignored
    }
    assert anchors(clean_bastion) == {}
    assert done.of("removed again").values["certificates"][0]["action"] == "absent"


def test_check_mode(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """The script is not run, with no argument: that of EL 8 and 9 would rewrite the store, whatever it is told."""
    watched(clean_bastion)
    look = f"stat -c '%Y %i %n' {STORES[clean_bastion.kind].bundle} {STORES[clean_bastion.kind].anchors}"
    before = clean_bastion.ssh(look).stdout
    assert play(clean_bastion.name, [task(src=str(src))], "--check").changed == 1
    assert (clean_bastion.ssh(look).stdout, calls(clean_bastion)) == (before, [])


def test_non_root(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    admin = {"ansible_user": "admin"}
    done = play(clean_bastion.name, [{**task(src=str(src)), "become": False}], variables=admin)
    assert "only root may change" in done.failure
    assert "become root" in done.failure
    assert play(clean_bastion.name, [task(src=str(src))], variables=admin).rc == 0
    assert play(clean_bastion.name, [{**task(src=str(src)), "become": False}], variables=admin).changed == 0


def test_only_certs_d_requested(clean_bastion: Bastion, play: Play) -> None:
    """skopeo is content with the CA in certs.d, programs that read the host's store are not: it is installed."""
    lab = clean_bastion.lab
    skopeo = f"skopeo inspect docker://{lab.registry}/ocp4/none:1"
    python = f"python3 -c 'import urllib.request as u; u.build_opener().open(\"https://{lab.registry}/v2/\")'"
    clean_bastion.push(f"/etc/containers/certs.d/{lab.registry}/ca.crt", lab.ca.read_bytes())
    assert "authentication required" in clean_bastion.ssh(skopeo).stderr
    assert "CERTIFICATE_VERIFY_FAILED" in clean_bastion.ssh(python).stderr
    assert play(clean_bastion.name, [task(src=str(lab.ca))]).tasks[0].status == "changed"
    assert "HTTP Error 401" in clean_bastion.ssh(python).stderr
