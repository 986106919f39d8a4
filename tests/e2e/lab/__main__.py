# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""python3 tests/e2e/lab COMMAND: a lab of throw-away hosts that stays until it is told to end.

  up [N [IMAGE...]]   start a registry, an API server and N bastions (2), of these images in turn (rhel9 debian13)
  run [COMMAND...]    run a command inside (a shell), where bastion-001.lab.test and the rest can be reached
  ssh HOST [...]      log in to a host over SSH (as root; -l admin for the user with sudo)
  exec HOST [...]     the same on its console, without SSH
  kill HOST           cut a host's power;   boot HOST: start it again with its disk;   reset HOST: with an empty one
  status              the running labs of this checkout
  down                end the lab: one kill, nothing is left
  build [IMAGE...]    build what `up` would build;   clean: remove everything from the user's cache

The environment variable LAB names the lab, if there is to be more than one. Inside, /run/lab holds inventory.json,
ssh_config, ca.crt, credentials and the hosts' logs (hosts.d/*/log).
"""

from __future__ import annotations

import itertools
import os
import pathlib
import shutil
import sys
from collections.abc import Callable, Sequence

# Started as a folder or by its file name, Python would look for `lab` in here.
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent)]

from lab import hosts, inside, outside, roots

_NAME = os.environ.get("LAB", "lab")
_MAIN = str(pathlib.Path(__file__).resolve())


def _up(count: str = "2", *images: str) -> int:
    chosen = list(itertools.islice(itertools.cycle(images or roots.IMAGES), int(count)))
    _build(*chosen)
    outside.start(_NAME, chosen)
    return _status()


def _clean() -> None:
    """Remove everything that stays between runs."""
    roots.clean()
    shutil.rmtree(roots.cache(), ignore_errors=True)


def _build(*images: str) -> int:
    wanted = images or roots.IMAGES
    unknown = set(wanted) - set(roots.IMAGES)
    if unknown:
        raise hosts.LabError(f"no such image: {', '.join(unknown)}; there are {', '.join(roots.IMAGES)}")
    if missing := outside.missing(wanted):
        raise hosts.LabError("\n".join(missing))
    roots.build(wanted)
    return 0


def _run(*command: str) -> int:
    pid = outside.find(_NAME)
    if pid is None:
        raise hosts.LabError("the lab is down")
    return outside.run(pid, command or ("bash",))


def _ssh(host: str, *command: str) -> int:
    return _run("ssh", "-F", str(hosts.LAB / "ssh_config"), "-l", "root", f"{host}.{hosts.DOMAIN}", *command)


def _status() -> int:
    for name, pid in outside.labs().items():
        print(name, pid)
    return 0 if outside.find(_NAME) is None else _run("cat", str(hosts.LAB / "hosts"))


def _inside(command: str) -> Callable[..., int]:
    return lambda host, *words: _run(sys.executable, "-I", _MAIN, f"_{command}", host, *words)


def _exec(host: str, *command: str) -> int:
    words = [*hosts.entering(hosts.find(host)), *(command or ("bash", "-l"))]
    os.execvp(words[0], words)


_COMMANDS: dict[str, Callable[..., object]] = {
    "up": _up,
    "run": _run,
    "ssh": _ssh,
    "exec": _inside("exec"),
    "kill": _inside("kill"),
    "boot": _inside("boot"),
    "reset": _inside("reset"),
    "status": _status,
    "down": lambda: outside.stop(_NAME),
    "build": _build,
    "clean": _clean,
    # and what these do inside:
    "_init": lambda _name, *images: inside.init(images),
    "_exec": _exec,
    "_kill": lambda host: hosts.power_off(hosts.find(host)),
    "_boot": lambda host: hosts.boot([hosts.find(host)]),
    "_reset": lambda host: hosts.reset(hosts.find(host)),
}


def main(words: Sequence[str]) -> int:
    """Returns the exit code."""
    if not words or words[0] not in _COMMANDS:
        print(__doc__)
        return 2 * (words[:1] != ["help"])
    return outside.exit_code(lambda: int(str(_COMMANDS[words[0]](*words[1:]) or 0)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
