# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets up what the demo needs (a lab, Ansible), shows it (demo_steps.py), takes it down.

With the argument `broken` it shows demo_broken.py instead.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

from lab import outside, roots
from lab.machine import say

ANSIBLE = "2.21.5"
OLDEST_ANSIBLE = "2.14"  # as in meta/runtime.yml
PYTHON_FOR_ANSIBLE = (3, 12)
_HERE = pathlib.Path(__file__).resolve().parent


class SetupError(Exception):
    """The demo cannot run here."""


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    prepare_machine()
    ansible = ansible_folder()
    with outside.running(roots.IMAGES) as lab:
        return outside.run(lab, shown(ansible, broken=arguments == ["broken"]))


def shown(ansible: pathlib.Path, *, broken: bool) -> list[str]:
    """The command that runs inside the lab."""
    if broken:
        return [str(ansible / "python"), str(_HERE / "demo_broken.py")]
    return [sys.executable, str(_HERE / "demo_steps.py"), str(ansible)]


def prepare_machine() -> None:
    """Install what can be installed; raise SetupError for what cannot."""
    if lacking := outside.missing(roots.IMAGES):
        raise SetupError("The demo cannot run here:\n" + "\n".join(f"- {sentence}" for sentence in lacking))


def ansible_folder() -> pathlib.Path:
    """The folder of ansible-playbook: E2E_PYTHON's, or that of a virtual environment in the user's cache."""
    if "E2E_PYTHON" in os.environ:
        folder = pathlib.Path(os.environ["E2E_PYTHON"]).parent
        if not (folder / "ansible-playbook").exists():
            raise SetupError(f"E2E_PYTHON has no Ansible: there is no {folder}/ansible-playbook")
        return folder
    version, python = newest_python()
    wanted = f"ansible-core=={ANSIBLE}"
    if version < PYTHON_FOR_ANSIBLE:
        wanted = f"ansible-core>={OLDEST_ANSIBLE},<={ANSIBLE}"
        say(f"no Python {'.'.join(map(str, PYTHON_FOR_ANSIBLE))} or newer is here: {python} gets an older ansible-core")
    folder = roots.cache() / f"venv-ansible-core-{ANSIBLE}-python{'.'.join(map(str, version))}"
    with roots.locked(roots.cache()):
        if not (folder / "complete").exists():
            install(python, folder, wanted)
            (folder / "complete").touch()
    return folder / "bin"


def newest_python() -> tuple[tuple[int, int], str]:
    """The newest Python that can make virtual environments, with its version."""
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")
    names = [
        *map(str, pyenv.glob("versions/3.*/bin/python3")),
        *(f"python3.{minor}" for minor in range(10, 30)),
        "python3",
    ]
    found = []
    for python in filter(None, map(shutil.which, names)):
        # A shim of pyenv's is found for Pythons that do not run; Debian's venv may lack ensurepip.
        probe = [python, "-c", "import sys, venv, ensurepip; print(*sys.version_info[:2])"]
        done = subprocess.run(probe, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            major, minor = map(int, done.stdout.split())
            found.append(((major, minor), python))
    if not found or max(found)[0] < (3, 10):
        raise SetupError("Ansible needs Python 3.10 or newer with venv: apt-get install python3-venv")
    return max(found)


def install(python: str, folder: pathlib.Path, requirement: str) -> None:
    """Make a virtual environment with this requirement in it."""
    say(f"installing {requirement} for {python}, once")
    for command in (
        [python, "-m", "venv", "--clear", str(folder)],
        [str(folder / "bin/pip"), "--disable-pip-version-check", "install", "--quiet", requirement],
    ):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            raise SetupError(f"{requirement} could not be installed:\n{done.stdout.strip()}")


if __name__ == "__main__":
    sys.exit(outside.exit_code(lambda: main(sys.argv[1:]), SetupError))
