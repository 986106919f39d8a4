# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How modules come to a bastion: Ansible logs each file that it puts there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bastion
from lab.access import Lab

from playbooks import PlayResult

Play = Callable[..., PlayResult]

PUT = "> PUT "
REQUIRETTY = "/etc/sudoers.d/requiretty"


@pytest.fixture
def tasks(lab: Lab) -> list[dict[str, Any]]:
    """Of a user, with a secret among the options, and with become, without and with one."""
    mirror = {"registry": lab.registry, "username": lab.username, "password": lab.password}
    merge = {"dest": "~/auth.json", "sources": [], "registries": [mirror]}
    return [
        {"airgap.openshift.pull_secret_merge": merge},
        {"airgap.openshift.ca_trust": {"name": "mirror-registry", "src": str(lab.ca)}, "become": True},
        {"airgap.openshift.pull_secret_merge": merge, "become": True},
    ]


@pytest.mark.parametrize("said", [{}, {"ansible_pipelining": False}], ids=["by default", "switched off"])
def test_no_file_on_the_way_holds_a_secret(
    bastion: Bastion, play: Play, tasks: list[dict[str, Any]], said: dict[str, bool]
) -> None:
    done = play(bastion.name, tasks, "-vvv", variables=said)
    assert done.rc == 0, done.output
    assert done.output.count(PUT) == (3 if said else 0)


def test_sudo_that_wants_a_terminal(bastion: Bastion, play: Play, tasks: list[dict[str, Any]]) -> None:
    bastion.push(REQUIRETTY, b"Defaults requiretty\n", mode=0o440)
    try:
        done = play(bastion.name, tasks, "-vvv")
    finally:
        bastion.ssh(f"rm {REQUIRETTY}")
    assert done.rc == 0, done.output
    assert done.output.count(PUT) == 2
