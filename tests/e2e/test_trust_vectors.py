# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every certificate of cryptography's own test vectors, on real trust stores: in the bundle, or refused with a reason.

The other files of that folder are refused by the controller: tests/unit/plugins/action/test_ca_trust_vectors.py.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bastion
from trust import STORES, anchors, bundled, task

from playbooks import PlayResult

Play = Callable[..., PlayResult]
vectors = pytest.importorskip("cryptography_vectors", reason="cryptography-vectors is not installed")
FOLDER = pathlib.Path(vectors.__file__).parent / "x509"


def test_every_certificate(clean_bastion: Bastion, play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    """All in one task, then all but those that it has refused; EL's store takes no leaves, Debian's gets them too."""
    options: dict[str, Any] = {"expired": "warn", "require_ca": clean_bastion.kind == "rhel9"}
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".pem", ".der", ".crt"))
    entries = [{"name": f"vector-{number}", "src": str(path)} for number, path in enumerate(files)]
    refusal = play(clean_bastion.name, [task(certificates=entries, **options)]).failure
    assert anchors(clean_bastion) == {}
    reasons = dict(re.findall(r"(?:^Cannot use |; )(/\S+): (.+?)(?=; /|\Z)", refusal, re.S))
    assert set(reasons) < {entry["src"] for entry in entries}
    assert min(map(len, reasons.values())) > 40
    accepted = [entry for entry in entries if entry["src"] not in reasons]
    done = play(clean_bastion.name, [task(certificates=accepted, **options)])
    assert done.rc == 0, done.output
    installed = done.tasks[0].values["certificates"]
    found = {each["fingerprint_sha256"] for each in installed}
    assert found <= set(bundled(clean_bastion))
    # A few are real ones, which the system brings along.
    ours = {each["path"].rpartition("/")[2] for each in installed if each["path"]}
    assert set(clean_bastion.ssh(f"cd {STORES[clean_bastion.kind].anchors}; ls vector*").stdout.split()) == ours
    assert 0 < len(installed) - len(ours) < 10
    with capsys.disabled():
        print(f"\n{clean_bastion.kind}: {len(files)} files, {len(reasons)} refused, {len(accepted)} with ", end="")
        print(f"{len(found)} different certificates installed")
