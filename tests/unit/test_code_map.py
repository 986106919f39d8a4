# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The map of the code shows the code that is there."""

from __future__ import annotations

import importlib.util
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "ansible_collections.airgap.openshift.plugins"
# Of a letter in the widest of the usual fonts, on average.
LETTER = 6.7


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("code_map", ROOT / ".ci/code_map.py")
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    # Its named tuples look their module up.
    sys.modules["code_map"] = found
    spec.loader.exec_module(found)
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A collection with an action, its module, and a core of two files of which the first imports the second."""
    for name, text in {
        "action/a.py": f"from {PACKAGE}.module_utils import _trust_b",
        "modules/a.py": f"from {PACKAGE}.module_utils._auth_a import x, y\ndef main():\n    x()",
        "modules/text.py": 'DOCUMENTATION = ""',
        "module_utils/_auth_a.py": f"import os\nfrom {PACKAGE}.module_utils._auth_b import z",
        "module_utils/_auth_b.py": "from ansible.x import y",
        "module_utils/_trust_b.py": "",
        "module_utils/_other.py": "",
    }.items():
        path = tmp_path / "plugins" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_the_map_is_that_of_the_code(maker: ModuleType) -> None:
    made = maker.drawn(maker.files(ROOT), maker.arrows(ROOT))
    assert maker.MAP.read_text(encoding="utf-8") == made, "run make docs"


def test_all_files_are_on_it(maker: ModuleType) -> None:
    shown = [(element.text or "").partition(" (")[0] for element in ET.fromstring(maker.MAP.read_text("utf-8")).iter()]
    for path in [*ROOT.glob("plugins/*/*.py"), *ROOT.glob("playbooks/*.yml")]:
        name = f"playbooks/{path.name}" if path.suffix == ".yml" else path.stem
        # A module and its action have the same name.
        expected = {"doc_fragments": 0, "modules": 2, "action": 2}.get(path.parent.name, 1)
        assert shown.count(name) == expected, name


def test_names_fit_into_their_rooms(maker: ModuleType) -> None:
    for name, content in maker.files(ROOT).items():
        room = maker.ROOMS[name]
        assert [line for line in content if LETTER * len(line) + 2 * 12 > room.right - room.left] == [], name


def test_what_files_import_are_the_arrows(maker: ModuleType, tree: Path) -> None:
    assert maker.arrows(tree) == {("action", "modules"), ("action", "trust"), ("modules", "auth")}
    (tree / "plugins/module_utils/_auth_b.py").write_text(f"from {PACKAGE}.module_utils._other import x")
    (tree / "plugins/modules/a.py").rename(tree / "plugins/modules/b.py")
    assert maker.arrows(tree) == {("action", "trust"), ("modules", "auth"), ("auth", "shared")}


def test_the_tasks_of_the_role_lead_to_the_actions(maker: ModuleType, tree: Path) -> None:
    tasks = tree / "roles/r/tasks/main.yml"
    tasks.parent.mkdir(parents=True)
    tasks.write_text("- name: Do\n  airgap.openshift.b:\n")
    assert ("yaml", "action") not in maker.arrows(tree)
    tasks.write_text("- name: Do\n  airgap.openshift.a:\n")
    assert ("yaml", "action") in maker.arrows(tree)


def test_a_file_stands_above_those_that_it_imports(maker: ModuleType, tree: Path) -> None:
    assert maker.files(tree)["auth"] == ["_auth_a", "_auth_b"]
    (tree / "plugins/module_utils/_auth_a.py").write_text("")
    (tree / "plugins/module_utils/_auth_b.py").write_text(f"from {PACKAGE}.module_utils import _auth_a")
    assert maker.files(tree)["auth"] == ["_auth_b", "_auth_a"]
    assert maker.files(tree)["shared"] == ["_other"]
    assert maker.files(tree)["modules"] == ["a", "text (its documentation only)"]


def test_arrows_lead_from_room_to_room(maker: ModuleType) -> None:
    """Or to the frame around the core."""
    places = maker.laid_out(maker.files(ROOT))
    for one, other in sorted({*maker.arrows(ROOT), ("trust", "auth"), ("auth", "registry")}):
        points = maker.way(one, other, places)
        framed = one in ("action", "plugin_utils") and other in maker.CORE
        assert on_edge(points[0], places[one])
        assert on_edge(points[-1], places["core" if framed else other])


@pytest.mark.parametrize(("one", "other"), [("shared", "trust"), ("plugin_utils", "action")])
def test_an_arrow_that_nobody_thought_of_is_not_drawn_anyhow(maker: ModuleType, one: str, other: str) -> None:
    with pytest.raises(SystemExit, match=f"{one} imports {other}"):
        maker.way(one, other, maker.laid_out(maker.files(ROOT)))


def on_edge(point: tuple[int, int], place: tuple[int, int, int, int]) -> bool:
    x, y = point
    left, top, right, bottom = place
    inside = left <= x <= right and top <= y <= bottom
    return inside and (x in (left, right) or y in (top, bottom))
