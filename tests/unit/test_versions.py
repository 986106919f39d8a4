# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of supported versions is said in .ci/versions.yml; every file that repeats it says the same."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import ansible.release
import cryptography
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f".ci/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


versions = load("versions")
CORES = versions.cores()
OLDEST, NEWEST = CORES[0], CORES[-1]
PYTHONS = versions.targets(CORES)


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_none_is_left_out() -> None:
    minors = [versions.ordered(core.version)[1] for core in CORES]
    assert minors == list(range(minors[0], minors[-1] + 1))


def test_the_ends_and_what_many_have_are_tested_with_every_change() -> None:
    tested = [core for core in CORES if core.with_every_change]
    assert [core for core in tested if core.with_every_change == "everything"] == [OLDEST, NEWEST]
    assert all(bool(core.with_every_change) == bool(core.found_in) for core in CORES)
    assert versions.targets(tested) == PYTHONS


def test_every_target_has_its_run() -> None:
    shared = versions.shared_out(CORES)
    assert {python for each in shared.values() for python in each} == set(PYTHONS)
    assert all(core.targets[0] in shared[core.version] for core in CORES)
    assert set(shared[NEWEST.version]) == set(NEWEST.targets)


def test_what_ansible_and_galaxy_read() -> None:
    assert yaml.safe_load(text("meta/runtime.yml"))["requires_ansible"] == f">={OLDEST.version}.0"
    for role in sorted((ROOT / "roles").iterdir()):
        meta = yaml.safe_load((role / "meta/main.yml").read_text(encoding="utf-8"))
        assert meta["galaxy_info"]["min_ansible_version"] == OLDEST.version


def test_what_the_tools_read() -> None:
    newest = versions.ordered(NEWEST.version)
    held = f"ansible-core>={NEWEST.version},<{newest[0]}.{newest[1] + 1}"
    assert set(re.findall(r'"(ansible-core[^"]*)"', text("antsibull-nox.toml") + text(".ci/nox"))) == {held}
    assert f'min_python_version = "{PYTHONS[0]}"' in text("antsibull-nox.toml")
    assert yaml.safe_load(text("tests/config.yml"))["modules"]["python_requires"] == f">={PYTHONS[0]}"
    assert f"ansible-core {NEWEST.version} runs on" in text(".ci/environment.sh")
    assert re.search(rf"^ansible-core=={NEWEST.version}\.\d+$", text(".ci/e2e-requirements.txt"), re.MULTILINE)
    in_lint = re.findall(r"\b(?:sanity|units)-[\d.]+", text("Makefile"))
    assert in_lint == [f"sanity-{NEWEST.version}", f"units-{NEWEST.version}"]
    demo = text("tests/e2e/demo.py")
    assert f'OLDEST_ANSIBLE = "{OLDEST.version}"' in demo
    assert re.search(rf'^ANSIBLE = "{NEWEST.version}\.\d+"$', demo, re.MULTILINE)
    oldest_python = OLDEST.python.replace(".", "")
    assert f'target-version = "py{oldest_python}"' in text(".ruff.toml")


def test_what_people_read() -> None:
    readme = text("README.md")
    assert readme == versions.readme(readme), "run make docs"
    assert f"ansible-core {OLDEST.version} or later" in readme
    assert f"Python {PYTHONS[0]} to {PYTHONS[-1]}" in readme


def test_this_run_is_with_one_of_them() -> None:
    """And with the cryptography that it is held to, where it is."""
    version = ".".join(ansible.release.__version__.split(".")[:2])
    [core] = [core for core in CORES if core.version == version]
    for package, wanted in (each.split("==") for each in core.requires):
        assert package == "cryptography"
        assert cryptography.__version__.startswith(wanted.rstrip("*"))


@pytest.mark.parametrize("core", CORES, ids=lambda core: core.version)
def test_each_is_what_the_table_can_show(core: Any) -> None:
    assert list(core.targets) == sorted(core.targets, key=versions.ordered)
    assert all("==" in each for each in core.requires)
