# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a lab, runs pytest in it, ends the lab; called by the shell script beside it."""

from __future__ import annotations

import os
import pathlib
import sys

from lab import hosts, outside, roots

from playbooks import ANSIBLE_PLAYBOOK

_HERE = pathlib.Path(__file__).resolve().parent


def missing() -> list[str]:
    """What keeps the tests from running here, one sentence each."""
    if not pathlib.Path(ANSIBLE_PLAYBOOK).exists():
        return [f"{sys.executable} has no ansible-core: set E2E_PYTHON to one that has it, and pytest"]
    return outside.missing(roots.IMAGES, trace=True)


def tested(arguments: list[str]) -> int:
    """Returns pytest's exit code."""
    if lacking := missing():
        print(f"left out: end-to-end tests: {'; '.join(lacking)}")
        return int(os.environ.get("CI") == "true")
    nothing_left = ["-p", "no:cacheprovider", f"--basetemp={hosts.LAB}/tmp/pytest"]
    if not any(os.path.exists(argument.partition("::")[0]) for argument in arguments):
        arguments = [str(_HERE), *arguments]
    with outside.running(roots.IMAGES) as lab:
        return outside.run(lab, [sys.executable, "-m", "pytest", *nothing_left, *arguments])


if __name__ == "__main__":
    sys.exit(outside.exit_code(lambda: tested(sys.argv[1:])))
