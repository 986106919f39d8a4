# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the end-to-end tests. pytest runs inside a lab: tests/e2e/run starts both."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Callable
from typing import Any

import pytest
import trustme

_HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE)]

from lab import roots
from lab.access import Completed, Lab
from lab.hosts import LabError

from playbooks import Playbooks


class Bastion:
    """One bastion of the lab."""

    def __init__(self, lab: Lab, name: str, kind: str) -> None:
        self.lab = lab
        self.name = name  # in the inventory
        self.kind = kind  # rhel9 or debian13

    def ssh(self, command: str, *, user: str = "root", stdin: bytes = b"", timeout: float = 60) -> Completed:
        """Run a shell command over SSH."""
        return self.lab.ssh(self.name, command, user=user, stdin=stdin, timeout=timeout)

    def push(self, path: str, content: bytes, *, user: str = "root", mode: int = 0o644) -> None:
        """Write a file."""
        self.lab.push(self.name, path, content, user=user, mode=mode)

    def pull(self, path: str) -> bytes:
        """Read a file."""
        return self.lab.pull(self.name, path)


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The lab around this process."""
    try:
        return Lab()
    except LabError as problem:
        pytest.exit(str(problem), returncode=2)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker of this folder."""
    config.addinivalue_line(
        "markers", "one_kind: needs no second kind of bastion: they differ in their trust stores alone"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on a bastion of each kind, or of one, unless it says itself on which."""
    chosen = [mark for mark in metafunc.definition.iter_markers("parametrize") if "bastion" in mark.args[0]]
    if "bastion" in metafunc.fixturenames and not chosen:
        kinds = roots.IMAGES[-1:] if metafunc.definition.get_closest_marker("one_kind") else roots.IMAGES
        metafunc.parametrize("bastion", kinds, indirect=True)


@pytest.fixture
def bastion(lab: Lab, request: pytest.FixtureRequest) -> Bastion:
    """A bastion of each kind in turn, as the tests before left it."""
    [name] = [name for name, image in lab.bastions.items() if image == request.param]
    return Bastion(lab, name, request.param)


@pytest.fixture
def clean_bastion(bastion: Bastion) -> Bastion:
    """A bastion of each kind in turn, in its first state."""
    bastion.lab.reset(bastion.name)
    return bastion


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder in which Ansible finds this checkout as airgap.openshift, whatever its own folder is called."""
    folder = tmp_path_factory.mktemp("collections")
    namespace = folder / "ansible_collections" / "airgap"
    namespace.mkdir(parents=True)
    (namespace / "openshift").symlink_to(_HERE.parent.parent)
    return folder


@pytest.fixture
def playbooks(lab: Lab, tmp_path: pathlib.Path, collections: pathlib.Path) -> Playbooks:
    """Runs playbooks and plays; see `Playbooks.run` and `Playbooks.play`."""
    return Playbooks(lab, tmp_path, collections)


@pytest.fixture
def play(playbooks: Playbooks) -> Callable[..., Any]:
    """Run tasks on hosts: `play(hosts, [task, ...], *flags, variables={}, become=True, ...) -> PlayResult`."""
    return playbooks.play


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    """The authority of a mirror registry, which no host has seen before."""
    return trustme.CA(organization_name="Example", organization_unit_name="Mirror CA")


@pytest.fixture
def src(tmp_path: pathlib.Path, ca: trustme.CA) -> pathlib.Path:
    """Its certificate in a file of the controller."""
    path = tmp_path / "mirror-ca.crt"
    path.write_bytes(ca.cert_pem.bytes())
    return path
