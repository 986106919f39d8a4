# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role mirror_host with several CAs, in all the forms that its list takes."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import trustme
from conftest import Bastion
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from trust import MODULE, anchors, bundled, calls, fingerprint, pem, task, watched

from playbooks import PlayResult

Play = Callable[..., PlayResult]


def test_several_cas(clean_bastion: Bastion, play: Play, tmp_path: pathlib.Path) -> None:
    """Of the mirror registry, of a proxy, of a chain; one goes. The store is refreshed once for all of them."""
    registry, proxy, root, old = (trustme.CA(organization_name=name) for name in ("registry", "proxy", "root", "old"))
    issuing = root.create_child_ca()
    (tmp_path / "registry.pem").write_bytes(pem(registry))
    clean_bastion.push("/root/proxy.der", load_pem_x509_certificate(pem(proxy)).public_bytes(Encoding.DER))
    assert play(clean_bastion.name, [task(name="old", content=pem(old).decode())]).rc == 0
    watched(clean_bastion)
    certificates = [
        {"src": str(tmp_path / "registry.pem"), "fingerprints": [fingerprint(pem(registry))]},
        {"name": "proxy", "src": "/root/proxy.der", "remote_src": True},
        {"name": "chain", "content": (pem(issuing) + pem(root)).decode()},
        {"name": "old", "state": "absent"},
    ]
    role = {"ansible.builtin.include_role": {"name": "airgap.openshift.mirror_host", "tasks_from": "trust"}}
    done = play(clean_bastion.name, [role, role], variables={"mirror_host_ca_certificates": certificates})
    assert [row.status for row in done.tasks if row.action == MODULE] == ["changed", "ok"], done.output
    assert len(calls(clean_bastion)) == 1
    trusted = {fingerprint(pem(each)) for each in (registry, proxy, root, issuing)}
    assert trusted <= set(bundled(clean_bastion))
    assert fingerprint(pem(old)) not in bundled(clean_bastion)
    assert {name.partition("-")[0].partition(".")[0] for name in anchors(clean_bastion)} == {
        "registry",
        "proxy",
        "chain",
    }


def test_every_flaw_is_told_at_once(bastion: Bastion, play: Play) -> None:
    """Nobody has to run the role as often as there are bad entries."""
    certificates = [{"name": "one", "content": "hello"}, {"name": "two", "content": ""}, {"src": "/nowhere/three.pem"}]
    role = {"ansible.builtin.include_role": {"name": "airgap.openshift.mirror_host", "tasks_from": "trust"}}
    done = play(bastion.name, [role], variables={"mirror_host_ca_certificates": certificates})
    failure = done.of("airgap.openshift.ca_trust").values["msg"]
    assert failure.startswith("Cannot use the content for one: there is no certificate in it")
    assert "; the content for two: it is empty" in failure
    assert "; /nowhere/three.pem: there is no file" in failure
