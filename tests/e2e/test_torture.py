# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Under fire, in short: some cases of each kind that `make torture` tries in full. SECURITY.md says what for."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

_TORTURE = pathlib.Path(__file__).resolve().parents[1] / "torture"
sys.path.append(str(_TORTURE))

from breaks import BREAKS, Break, broken
from outcome import KINDS, Case

_CHECKOUT = _TORTURE.parents[1]


@pytest.mark.parametrize("kind", KINDS)
def test_under_fire(kind: str, collections: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """In a process of its own, since bastions are watched and broken by threads that a failure leaves behind."""
    found = tmp_path / "found.json"
    env = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections), "PYTHONPATH": str(collections)}
    command = [sys.executable, str(_TORTURE / "inside.py"), kind, str(found), "short"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    cases = [Case(*values) for values in json.loads(found.read_text())]
    assert cases
    assert not [str(case) for case in cases if not case.survived]


@pytest.mark.parametrize("change", BREAKS, ids=lambda change: change.what)
def test_there_is_what_is_broken_on_purpose(change: Break, tmp_path: pathlib.Path) -> None:
    """That it is found as well takes longer: `make torture-broken`."""
    broken(_CHECKOUT, tmp_path, change)
