# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ca_trust on the trust stores of other distributions; stores/*.sh says of each what is real and what is a double."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

import pytest
import trust
import trustme
from conftest import Bastion
from lab.access import Lab
from trust import DRESSED, MODULE, STORES, anchors, fingerprint, pem, task

from playbooks import PlayResult

Play = Callable[..., PlayResult]
WITH_BLOCKLIST = [kind for kind in DRESSED if STORES[kind].blocklist]


@pytest.fixture
def host(lab: Lab, request: pytest.FixtureRequest) -> Bastion:
    """A bastion with the trust store that a test names."""
    return trust.dressed(lab, request.param)


@pytest.mark.parametrize("host", DRESSED, indirect=True)
def test_from_first_run_to_removal(host: Bastion, play: Play) -> None:
    """Predicted, trusted, the same again, renewed, removed; skopeo says in between what Go programs trust."""
    ca, old = host.lab.ca.read_bytes(), pem(trustme.CA())
    skopeo = {
        "ansible.builtin.command": f"skopeo inspect docker://{host.lab.registry}/ocp4/none:1",
        "changed_when": False,
        "failed_when": False,
    }
    steps = [
        {**task(name="mirror", content=(ca + old).decode()), "check_mode": True, "name": "predicted"},
        {**skopeo, "name": "before"},
        {**task(name="mirror", content=(ca + old).decode()), "name": "trusted"},
        {**skopeo, "name": "after"},
        {**task(name="mirror", content=(ca + old).decode()), "name": "again"},
        {**task(name="mirror", content=ca.decode()), "name": "shrunk"},
        {**task(fingerprints=[fingerprint(ca)], state="absent"), "name": "removed"},
        {**skopeo, "name": "no more"},
        {**task(name="mirror", state="absent"), "name": "removed again"},
    ]
    done = play(host.name, steps)
    assert done.rc == 0, done.output
    assert {row.task: row.status for row in done.tasks if row.action == MODULE} == {
        "predicted": "changed",
        "trusted": "changed",
        "again": "ok",
        "shrunk": "changed",
        "removed": "changed",
        "removed again": "ok",
    }
    unknown = "x509: certificate signed by unknown authority"
    assert [unknown in done.of(name).values["stderr"] for name in ("before", "after", "no more")] == [True, False, True]
    store = STORES[host.kind]
    result = done.of("trusted").values
    assert (result["store"], result["bundle"]) == (store.name, store.bundle)
    assert {each["path"].rpartition("/")[0] for each in result["certificates"]} == {store.anchors}
    assert {each["action"] for each in done.of("shrunk").values["certificates"]} == {"unchanged", "removed"}
    assert anchors(host) == {}


@pytest.mark.parametrize("host", DRESSED, indirect=True)
def test_an_update_that_does_nothing(host: Bastion, play: Play) -> None:
    """Taken back, with the reason."""
    host.push(STORES[host.kind].update, b"#!/bin/sh\nexit 0\n", mode=0o755)
    done = play(host.name, [task(name="mirror", content=pem(trustme.CA()).decode())])
    assert f"{STORES[host.kind].bundle} lacks " in done.failure
    assert "exited with 0" in done.failure
    assert "put back as they were" in done.failure
    assert anchors(host) == {}


@pytest.mark.parametrize("host", WITH_BLOCKLIST, indirect=True)
def test_a_distrusted_certificate(host: Bastion, play: Play) -> None:
    """Each distribution's own blocklist; an outdated name of it beside leaves the answer to the proof."""
    content = pem(trustme.CA())
    store = STORES[host.kind]
    folder = pathlib.PurePath(store.anchors).with_name(store.blocklist)
    other = folder.with_name("blocklist" if store.blocklist == "blacklist" else "blacklist")
    host.push(f"{folder}/bad.pem", content)
    refused = play(host.name, [task(name="mirror", content=content.decode())])
    assert f"by {folder}/bad.pem: remove that file first" in refused.failure
    host.ssh(f"mkdir {other}")
    taken_back = play(host.name, [task(name="mirror", content=content.decode())])
    assert f"{folder}/bad.pem distrusts OU=" in taken_back.failure
    assert "put back as they were" in taken_back.failure
    assert anchors(host) == {}
    host.ssh(f"mv {folder}/bad.pem {other}")
    assert play(host.name, [task(name="mirror", content=content.decode())]).rc == 0


@pytest.mark.parametrize("host", ["suse"], indirect=True)
def test_a_transactional_update(host: Bastion, play: Play) -> None:
    """SUSE's command then does nothing and exits 0."""
    step = {**task(name="mirror", content=pem(trustme.CA()).decode()), "environment": {"TRANSACTIONAL_UPDATE": "1"}}
    done = play(host.name, [step])
    assert "does nothing while TRANSACTIONAL_UPDATE is set" in done.failure
    assert anchors(host) == {}


@pytest.mark.parametrize("host", ["suse"], indirect=True)
def test_a_bundle_from_the_future(host: Bastion, play: Play) -> None:
    """SUSE's command takes a bundle that is newer than its folder of hashes for up to date, unless told not to."""
    host.ssh(f"touch -d '+1 day' {STORES[host.kind].bundle}")
    content = pem(trustme.CA())
    done = play(host.name, [task(name="mirror", content=content.decode())])
    assert done.rc == 0, done.output
    assert trust.trusts(host, content)


@pytest.mark.parametrize("host", ["alpine"], indirect=True)
def test_a_hidden_anchor_does_not_count(host: Bastion, play: Play) -> None:
    """Alpine's command passes it over."""
    content = pem(trustme.CA())
    host.push(f"{STORES[host.kind].anchors}/.mirror.crt", content)
    done = play(host.name, [task(name="mirror", content=content.decode())])
    assert done.rc == 0, done.output
    assert sorted(anchors(host)) == [".mirror.crt", "mirror.crt"]


@pytest.mark.parametrize("host", ["alpine"], indirect=True)
def test_a_name_of_the_systems_own(host: Bastion, play: Play) -> None:
    name = host.ssh("ls /usr/share/ca-certificates/mozilla").stdout.split()[0]
    done = play(host.name, [task(name=name, content=pem(trustme.CA()).decode())])
    assert "is that of a certificate of the system" in done.failure


@pytest.mark.parametrize("host", ["rhel8", "suse"], indirect=True)
def test_an_image_based_system_that_is_unlocked(host: Bastion, play: Play) -> None:
    """What is written to /usr then is lost at the next boot, so it goes to /etc although /usr could be written."""
    host.ssh("touch /run/ostree-booted")
    done = play(host.name, [task(name="mirror", content=pem(trustme.CA()).decode())])
    [certificate] = done.of(MODULE).values["certificates"]
    folder = "/etc/pki/ca-trust/source/anchors" if host.kind == "rhel8" else "/etc/pki/trust/anchors"
    assert certificate["path"] == f"{folder}/mirror.crt"
