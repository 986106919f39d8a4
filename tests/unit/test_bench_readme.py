# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the README says of speed is what was measured."""

from __future__ import annotations

import importlib.util
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_readme_has_the_figures_that_were_measured() -> None:
    spec = importlib.util.spec_from_file_location("bench_readme", ROOT / ".ci/bench_readme.py")
    assert spec
    assert spec.loader
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme == maker.readme(readme), "run make docs"
    assert (ROOT / maker.PLOT).exists()
