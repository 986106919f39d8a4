# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a lab and measures in it; called by the shell script beside it, which says how."""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence

_HERE = pathlib.Path(__file__).resolve().parent
_CHECKOUT = _HERE.parents[1]
sys.path[:0] = [str(_HERE.parent / "e2e")]

from figures import PARTS
from lab import outside, roots

from playbooks import ANSIBLE_PLAYBOOK

PARTS_FOLDER = _CHECKOUT / "build" / "bench" / "parts"


def missing(parts: Sequence[str]) -> list[str]:
    """What keeps these parts from running here, one sentence each."""
    if not pathlib.Path(ANSIBLE_PLAYBOOK).exists():
        return [f"{sys.executable} has no ansible-core: set E2E_PYTHON to one that has it"]
    if not any(PARTS[part] for part in parts):
        return []
    return outside.missing(roots.IMAGES)


@contextlib.contextmanager
def collection() -> Iterator[None]:
    """Ansible and Python find this checkout as airgap.openshift meanwhile, whatever its own folder is called."""
    with tempfile.TemporaryDirectory() as folder:
        namespace = pathlib.Path(folder, "ansible_collections", "airgap")
        namespace.mkdir(parents=True)
        (namespace / "openshift").symlink_to(_CHECKOUT)
        os.environ["ANSIBLE_COLLECTIONS_PATH"] = folder
        yield


def measured(part: str, lab: int | None) -> bool:
    """Measure one part, in the lab if there is one; what it found is in a file of its name."""
    command = [sys.executable, str(_HERE / "inside.py"), part, str(PARTS_FOLDER / f"{part}.json")]
    return not (subprocess.call(command) if lab is None else outside.run(lab, command))


def all_measured(parts: Sequence[str]) -> bool:
    """Measure one part after the other, since two at once would slow each other; one that fails stops no other."""
    done = [measured(part, None) for part in parts if not PARTS[part]]
    if bastions := max(PARTS[part] for part in parts):
        images = list(itertools.islice(itertools.cycle(roots.IMAGES), bastions))
        with outside.running(images) as lab:
            done += [measured(part, lab) for part in parts if PARTS[part]]
    return all(done)


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code."""
    if unknown := set(arguments) - set(PARTS):
        print(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    parts = [part for part in PARTS if not arguments or part in arguments]
    shutil.rmtree(PARTS_FOLDER.parent, ignore_errors=True)
    PARTS_FOLDER.mkdir(parents=True)
    if lacking := missing(parts):
        print(f"left out: benchmark: {'; '.join(lacking)}")
        return 1
    with collection():
        return int(not all_measured(parts))


if __name__ == "__main__":
    sys.exit(outside.exit_code(lambda: main(sys.argv[1:])))
