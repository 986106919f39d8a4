# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a lab, runs pytest in it, ends the lab; called by the shell script beside it."""

from __future__ import annotations

import os
import pathlib
import signal
import sys

from lab import hosts, machine, outside, roots

from playbooks import ANSIBLE_PLAYBOOK

_HERE = pathlib.Path(__file__).resolve().parent


def missing() -> list[str]:
    """What keeps the tests from running here, one sentence each."""
    if not pathlib.Path(ANSIBLE_PLAYBOOK).exists():
        return [f"{sys.executable} has no ansible-core: set E2E_PYTHON to one that has it, and pytest"]
    build = bool(roots.to_build(roots.IMAGES))
    machine.provide(build=build, trace=True)
    return machine.missing(build=build, trace=True)


def main(arguments: list[str]) -> int:
    """Returns pytest's exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    lacking = missing()
    if lacking:
        print(f"left out: end-to-end tests: {'; '.join(lacking)}")
        return int(os.environ.get("CI") == "true")
    nothing_left = ["-p", "no:cacheprovider", f"--basetemp={hosts.LAB}/tmp/pytest"]
    if not any(os.path.exists(argument.partition("::")[0]) for argument in arguments):
        arguments = [str(_HERE), *arguments]
    try:
        with outside.running(roots.IMAGES) as lab:
            return outside.run(lab, [sys.executable, "-m", "pytest", *nothing_left, *arguments])
    except (hosts.LabError, roots.BuildError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
