# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a lab and tries all cases in it; called by the shell script beside it, which says how."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import sys
import tempfile
from collections.abc import Iterator, Sequence

_HERE = pathlib.Path(__file__).resolve().parent
_CHECKOUT = _HERE.parents[1]
sys.path[:0] = [str(_HERE.parent / "e2e")]

from breaks import BREAKS, broken
from lab import outside, roots
from outcome import KINDS, Case, TortureError, table

from playbooks import ANSIBLE_PLAYBOOK

OPTIONS = ("--short", "--broken")


def missing() -> list[str]:
    """What keeps this from running here, one sentence each."""
    if not pathlib.Path(ANSIBLE_PLAYBOOK).exists():
        return [f"{sys.executable} has no ansible-core: set E2E_PYTHON to one that has it"]
    return outside.missing(roots.IMAGES, trace=True)


@contextlib.contextmanager
def collections() -> Iterator[pathlib.Path]:
    """A folder in which Ansible and Python find a collection meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ANSIBLE_COLLECTIONS_PATH"] = os.environ["PYTHONPATH"] = folder
        yield pathlib.Path(folder)


def tried(kind: str, lab: int, *, short: bool) -> list[Case]:
    """Try the cases of a kind in the lab.

    Raises: TortureError when they could not be tried.
    """
    with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
        command = [sys.executable, str(_HERE / "inside.py"), kind, file.name, *(["short"] if short else [])]
        if code := outside.run(lab, command):
            raise TortureError(f"{KINDS[kind]}: the cases could not be tried, exit code {code}")
        found = [Case(*values) for values in json.loads(file.read())]
    if not found:
        raise TortureError(f"{KINDS[kind]}: there were no cases")
    return found


def all_tried(kinds: Sequence[str], lab: int, *, short: bool) -> int:
    """Try all cases, and print the table; the exit code."""
    found = unbroken(kinds, lab, short=short)
    print("\n".join(table(found)))
    return int(not all(case.survived for case in found))


def unbroken(kinds: Sequence[str], lab: int, *, short: bool) -> list[Case]:
    """Try the cases of these kinds with the product as it is."""
    with collections() as folder:
        namespace = folder / "ansible_collections" / "airgap"
        namespace.mkdir(parents=True)
        (namespace / "openshift").symlink_to(_CHECKOUT)
        return [case for kind in kinds for case in tried(kind, lab, short=short)]


def all_broken(kinds: Sequence[str], lab: int) -> int:
    """Break the product in one way after the other, and print what was found of it; the exit code.

    Raises: TortureError where something is found without a break: it would be with each.
    """
    if found := [case for case in unbroken(kinds, lab, short=True) if not case.survived]:
        raise TortureError("\n".join(["nothing can be told of breaks: this is found without any", *map(str, found)]))
    unnoticed = 0
    for change in (change for change in BREAKS if change.kind in kinds):
        with collections() as folder:
            broken(_CHECKOUT, folder, change)
            found = [case for case in tried(change.kind, lab, short=True) if getattr(case, change.column)]
        unnoticed += not found
        print(
            f"{change.what}: {f'found by {len(found)} cases, such as {found[0]}' if found else 'NOT FOUND'}", flush=True
        )
    return int(bool(unnoticed))


def main(arguments: Sequence[str]) -> int:
    """Returns the exit code."""
    if unknown := set(arguments) - {*KINDS, *OPTIONS}:
        print(f"not known: {', '.join(sorted(unknown))}; there are {', '.join([*OPTIONS, *KINDS])}", file=sys.stderr)
        return 2
    kinds = [kind for kind in KINDS if kind in arguments or not set(arguments) & KINDS.keys()]
    if lacking := missing():
        print(f"left out: torture: {'; '.join(lacking)}")
        return 1
    with outside.running(roots.IMAGES) as lab:
        if "--broken" in arguments:
            return all_broken(kinds, lab)
        return all_tried(kinds, lab, short="--short" in arguments)


if __name__ == "__main__":
    sys.exit(outside.exit_code(lambda: main(sys.argv[1:]), TortureError))
