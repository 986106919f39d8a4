# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of ca_trust ask of a bastion's trust store, of whatever distribution."""

from __future__ import annotations

import hashlib
import pathlib
import re
import ssl
from typing import Any, NamedTuple

import trustme
from conftest import Bastion
from lab.access import Lab

MODULE = "airgap.openshift.ca_trust"
MARK = "# Made by airgap.openshift.ca_trust\n"
CALLS = "/root/calls"
_SCRIPTS = pathlib.Path(__file__).resolve().parent / "stores"


class Store(NamedTuple):
    """Where a distribution keeps its trust; `image` is what its bastion is made from by stores/<its kind>.sh."""

    name: str  # as the module calls it
    anchors: str
    update: str
    bundle: str
    image: str = ""
    blocklist: str = "blocklist"  # beside the anchors; empty where the distribution has none


_RHEL = Store(
    "rhel",
    "/usr/share/pki/ca-trust-source/anchors",
    "/usr/bin/update-ca-trust",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
)
_DEBIAN = Store(
    "debian",
    "/usr/local/share/ca-certificates",
    "/usr/sbin/update-ca-certificates",
    "/etc/ssl/certs/ca-certificates.crt",
)
STORES = {
    "rhel9": _RHEL,
    "debian13": _DEBIAN,
    "rhel8": _RHEL._replace(image="rhel9", blocklist="blacklist"),
    "fedora": _RHEL._replace(image="rhel9"),
    "suse": Store(
        "suse",
        "/etc/pki/trust/anchors",
        "/usr/sbin/update-ca-certificates",
        "/var/lib/ca-certificates/ca-bundle.pem",
        "debian13",
    ),
    "arch": Store(
        "arch",
        "/etc/ca-certificates/trust-source/anchors",
        "/usr/bin/update-ca-trust",
        "/etc/ca-certificates/extracted/tls-ca-bundle.pem",
        "debian13",
    ),
    "alpine": _DEBIAN._replace(name="alpine", image="debian13", blocklist=""),
}
# Those that are made of others by a script in stores/, which says what of them is real.
DRESSED = [kind for kind, store in STORES.items() if store.image]


def dressed(lab: Lab, kind: str) -> Bastion:
    """A bastion in its first state, but with the trust store of another distribution."""
    [name] = [name for name, image in lab.bastions.items() if image == STORES[kind].image]
    lab.reset(name)
    bastion = Bastion(lab, name, kind)
    done = bastion.ssh("sh -eu", stdin=(_SCRIPTS / f"{kind}.sh").read_bytes())
    assert done.rc == 0, done.stderr
    return bastion


def pem(authority: trustme.CA) -> bytes:
    """The certificate of a CA."""
    return authority.cert_pem.bytes()


def as_made(content: bytes) -> str:
    """The anchor file that the module makes of a certificate in PEM."""
    return MARK + content.decode()


def fingerprint(content: bytes) -> str:
    """As the module's results have it."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(content.decode().strip())).digest().hex(":")


def task(**options: Any) -> dict[str, Any]:
    """A task that calls the module as root."""
    return {MODULE: options, "become": True}


def trusts(bastion: Bastion, content: bytes) -> bool:
    """Whether the host's openssl verifies the certificate by nothing but the bundle that Go programs read."""
    bundle = STORES[bastion.kind].bundle
    done = bastion.ssh(f"openssl verify -no-CApath -no-CAstore -partial_chain -CAfile {bundle}", stdin=content)
    return done.rc == 0 and done.stdout == "stdin: OK\n"


def bundled(bastion: Bastion) -> list[str]:
    """The fingerprints of everything in the bundle, read without the module's own code."""
    blocks = re.findall(
        rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", bastion.pull(STORES[bastion.kind].bundle), re.S
    )
    return [fingerprint(block) for block in blocks]


def anchors(bastion: Bastion) -> dict[str, str]:
    """Name and content of the anchor files that are not the operating system's own."""
    folder = STORES[bastion.kind].anchors
    listed = bastion.ssh(f"cd {folder} && ls -A").stdout.split()
    return {name: bastion.ssh(f"cat {folder}/{name}").stdout for name in listed if name != "ca-bundle.pem"}


def watched(bastion: Bastion) -> None:
    """Have the host note how its update command is called, and what lies among the anchors and beside them then."""
    path, folder = STORES[bastion.kind].update, STORES[bastion.kind].anchors
    note = (
        f'echo "$* : $(cd {folder}; ls -A | grep -v ca-bundle.pem | tr "\\n" " "): $(ls -A {folder}/.. | tr "\\n" " ")"'
    )
    wrapper = f'#!/bin/sh\n{note} >> {CALLS}\nexec {path}.real "$@"\n'
    bastion.ssh(f": > {CALLS}; mv {path} {path}.real")
    bastion.push(path, wrapper.encode(), mode=0o755)


def calls(bastion: Bastion) -> list[list[str]]:
    """Arguments, anchors and their neighbors at each call of the update command since `watched`."""
    return [[field.strip() for field in line.split(":")] for line in bastion.pull(CALLS).decode().splitlines()]
