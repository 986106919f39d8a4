# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draws docs/map.svg, the map of the code in CONTRIBUTING.md, from the files and imports that are there.

Each file lies in a room; an arrow stands where a file of one room imports one of another. A unit test compares the
picture with the code.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
MAP = ROOT / "docs/map.svg"
NAME = "airgap.openshift"
PLUGINS = f"ansible_collections.{NAME}.plugins."
WIDTH = 1050
LINE = 18  # from one file name to the next
HEAD = 48  # what a room has above and below its files
GAP = 38  # between rooms above each other, for the arrows
TOP = 52  # of the first rooms
FRAME = 20  # from the frame around the core to its rooms
LEVEL = 62  # of an arrow that goes aside, from the top of its room

STYLE = """\
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: #1f2328 }
.zone { font-size: 15px; font-weight: 600 } .title { font-weight: 600 } .note { font-size: 11.5px; fill: #59636e }
.page { fill: #ffffff } .side { fill: #f3f5f8 } .frame { fill: none; stroke: #818b98; stroke-dasharray: 5 4 }
.room { fill: #ffffff; stroke: #818b98; stroke-width: 1.5 }
.trust { stroke: #1a7f37 } .auth { stroke: #bc4c00 } .registry { stroke: #0969da }
.arrow { fill: none; stroke: #59636e; stroke-width: 1.6 } .head { fill: #59636e }
.sent { fill: none; stroke: #8250df; stroke-width: 5 } .sent-head { fill: #8250df }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .note { fill: #9aa4b0 }
  .page { fill: #0d1117 } .side { fill: #171d25 } .room { fill: #0d1117 }
  .trust { stroke: #3fb950 } .auth { stroke: #f0883e } .registry { stroke: #58a6ff }
  .arrow { stroke: #9aa4b0 } .head { fill: #9aa4b0 } .sent { stroke: #a371f7 } .sent-head { fill: #a371f7 }
}"""


class Room(NamedTuple):
    """A box of the map: in which row from the top, from where to where, and what stands in it above its files."""

    row: int
    left: int
    right: int
    title: str
    note: str


ROOMS = {
    "yaml": Room(0, 30, 262, "playbooks and role", "which tasks, with which variables"),
    "action": Room(1, 30, 262, "plugins/action", "bring in, have judged, hand over"),
    "modules": Room(1, 346, 1026, "plugins/modules", "look, plan, apply, report"),
    "plugin_utils": Room(2, 30, 262, "plugins/plugin_utils", "certificates, and the verdict"),
    "trust": Room(2, 360, 520, "trust stores", "of ca_trust"),
    "auth": Room(2, 544, 752, "auth files", "of pull_secret_merge"),
    "registry": Room(2, 776, 996, "registries", "of mirror_registry_info"),
    "shared": Room(3, 360, 996, "shared", "files, PEM; _host alone knows AnsibleModule"),
}
# Of module_utils; what fits none of these is shared.
JOBS = {
    "trust": r"_(trust_|anchors|ca_trust_)",
    "auth": r"_(auth_|cluster_|pull_secret_)",
    "registry": r"_(registry_|mirror_registry_)",
}
CORE = (*JOBS, "shared")
LEGEND = (
    "An arrow: files of one room import files of the other.",
    "In a room, a file imports none that stands above it.",
    "Thick: the module of the same name runs on the host,",
    "and its result comes back to the action.",
)


class Place(NamedTuple):
    """Where a room lies on the map."""

    left: int
    top: int
    right: int
    bottom: int


def main() -> None:
    """Write the map."""
    MAP.write_text(drawn(files(ROOT), arrows(ROOT)), encoding="utf-8")


def room_of(path: Path) -> str:
    """The room of a file of plugins/."""
    if path.parent.name != "module_utils":
        return path.parent.name
    return next((job for job, pattern in JOBS.items() if re.match(pattern, path.stem)), "shared")


def plugins(root: Path) -> dict[str, Path]:
    """All files with code in plugins/ by their dotted names."""
    found = sorted(path for path in root.glob("plugins/*/*.py") if path.parent.name != "doc_fragments")
    return {f"{path.parent.name}.{path.stem}": path for path in found}


def uses(root: Path) -> dict[str, set[str]]:
    """What each of those files imports of the others."""
    known = plugins(root)
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        words = {
            f"{node.module}.{alias.name}".replace(PLUGINS, "", 1)
            for node in nodes
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        found[name] = {".".join(word.split(".")[:2]) for word in words} & set(known)
    return found


def files(root: Path) -> dict[str, list[str]]:
    """What lies in each room; a file stands above those of its room that it imports."""
    known = plugins(root)
    beside = {
        name: {other for other in used if room_of(known[other]) == room_of(known[name])}
        for name, used in uses(root).items()
    }
    rooms: dict[str, list[str]] = {room: [] for room in ROOMS}
    rooms["yaml"] = [
        *(f"playbooks/{path.name}" for path in sorted(root.glob("playbooks/*.yml"))),
        *(f"roles/{path.name}" for path in sorted(root.glob("roles/*"))),
    ]
    for name in sorted(known, key=lambda name: (-depth(name, beside), name)):
        rooms[room_of(known[name])].append(label(known[name]))
    return rooms


def label(path: Path) -> str:
    """The name of a file; not all modules run."""
    is_text = path.parent.name == "modules" and not re.search(r"^def ", path.read_text(encoding="utf-8"), re.MULTILINE)
    return f"{path.stem} (its documentation only)" if is_text else path.stem


def depth(name: str, used: dict[str, set[str]]) -> int:
    """How many files stand below this one at least, one importing the next."""
    return 1 + max((depth(other, used) for other in used[name]), default=-1)


def arrows(root: Path) -> set[tuple[str, str]]:
    """The pairs of rooms of which the first needs the second: its tasks, the module of its name, or what it imports."""
    known = plugins(root)
    found = {(room_of(known[name]), room_of(known[other])) for name, used in uses(root).items() for other in used}
    actions = {path.stem for path in root.glob("plugins/action/*.py")}
    tasks = "".join(path.read_text(encoding="utf-8") for path in root.glob("roles/*/tasks/*.yml"))
    if actions & set(re.findall(rf"\b{re.escape(NAME)}\.(\w+):", tasks)):
        found.add(("yaml", "action"))
    if actions & {path.stem for path in root.glob("plugins/modules/*.py")}:
        found.add(("action", "modules"))
    return {(one, other) for one, other in found if one != other}


def drawn(contents: dict[str, list[str]], pairs: set[tuple[str, str]]) -> str:
    """The whole picture."""
    places = laid_out(contents)
    height = places["core"].bottom + 30
    # What goes the same way is drawn once.
    ways = {way(one, other, places): (one, other) == ("action", "modules") for one, other in sorted(pairs)}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height + 14}" role="img">',
        f"<title>{escape(described(pairs))}</title>",
        f"<style>\n{STYLE}\n</style>",
        *marker("head", 8),
        *marker("sent-head", 3),
        f'<rect class="page" width="{WIDTH}" height="{height + 14}" rx="8"/>',
        *side(14, 278, height, "on the controller"),
        *side(330, 1040, height, "on the mirror host: nothing but Python's standard library"),
        *(text(346, TOP + 28 + LINE * number, line, "note") for number, line in enumerate(LEGEND)),
        rectangle("frame", places["core"]),
        text(
            360,
            places["core"].bottom - 12,
            "plugins/module_utils: the core, of which the controller uses parts as well",
            "note",
        ),
        *(line for room, place in places.items() if room in ROOMS for line in box(room, place, contents[room])),
        *(line for points, sent in ways.items() for line in arrow(points, sent)),
    ]
    return "\n".join([*lines, "</svg>", ""])


def described(pairs: set[tuple[str, str]]) -> str:
    """The picture in words, for those who cannot see it."""
    rooms = {one: ", ".join(other for start, other in sorted(pairs) if start == one) for one, _other in sorted(pairs)}
    return "Map of the code. " + "; ".join(f"{one} uses {others}" for one, others in rooms.items())


def laid_out(contents: dict[str, list[str]]) -> dict[str, Place]:
    """Where each room lies, and "core", the frame around module_utils."""
    places: dict[str, Place] = {}
    top = TOP
    for row in range(1 + max(room.row for room in ROOMS.values())):
        rooms = {name: room for name, room in ROOMS.items() if room.row == row}
        for name, room in rooms.items():
            start = top + FRAME * (row == ROOMS["trust"].row and name in CORE)
            places[name] = Place(room.left, start, room.right, start + HEAD + LINE * len(contents[name]))
        top = max(places[name].bottom for name in rooms if name != "plugin_utils") + GAP
    bottom = max(places[name].bottom for name in CORE) + 34
    core = Place(346, places["trust"].top - FRAME, 1026, bottom)
    return {**places, "core": core}


def way(one: str, other: str, places: dict[str, Place]) -> tuple[tuple[int, int], ...]:
    """The corners of the arrow from one room to another."""
    start, end = places[one], places[other]
    if one in ("action", "plugin_utils") and other in CORE:
        return to_core(one == "action", start, places["core"])
    if (one, other) == ("modules", "shared"):
        beside, middle = (places["core"].right + end.right) // 2, (end.top + end.bottom) // 2
        return ((beside, start.bottom), (beside, middle), (end.right, middle))
    middle = (max(start.left, end.left) + min(start.right, end.right)) // 2
    if start.bottom < end.top and max(start.left, end.left) < min(start.right, end.right):
        return ((middle, start.bottom), (middle, end.top))
    if ROOMS[one].row == ROOMS[other].row:
        level = start.top + LEVEL
        right = start.right < end.left
        return ((start.right, level), (end.left, level)) if right else ((start.left, level), (end.right, level))
    sys.exit(f"{one} imports {other}, and {Path(__file__).name} does not know how to draw that: see its function way")


def to_core(high: bool, start: Place, core: Place) -> tuple[tuple[int, int], ...]:
    """From a room of the controller to the frame around the core: one arrow, whatever is used of it."""
    if not high:
        return ((start.right, start.top + LEVEL), (core.left, start.top + LEVEL))
    between, low = (start.right + core.left) // 2, start.bottom - 20
    return ((start.right, low), (between, low), (between, core.top + 20), (core.left, core.top + 20))


def marker(name: str, size: int) -> Iterator[str]:
    """The head of arrows."""
    yield f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="{size}" markerHeight="{size}"'
    yield f'orient="auto"><path class="{name}" d="M0 0 L10 5 L0 10 z"/></marker>'


def side(left: int, right: int, bottom: int, title: str) -> tuple[str, ...]:
    """The ground of everything that runs in one place."""
    return rectangle("side", Place(left, 14, right, bottom)), text(left + 16, 38, title, "zone")


def box(name: str, place: Place, content: list[str]) -> Iterator[str]:
    """A room and the names of its files."""
    yield rectangle(f"room {name}", place)
    yield text(place.left + 12, place.top + 19, ROOMS[name].title, "title")
    yield text(place.left + 12, place.top + 35, ROOMS[name].note, "note")
    for number, line in enumerate(content, 1):
        yield text(place.left + 12, place.top + 36 + LINE * number, line, "")


def arrow(points: tuple[tuple[int, int], ...], sent: bool) -> Iterator[str]:
    """One arrow by its corners; thick where a module is sent to a host."""
    name, head = ("sent", "sent-head") if sent else ("arrow", "head")
    yield f'<path class="{name}" d="M{" L".join(f"{x} {y}" for x, y in points)}" marker-end="url(#{head})"/>'
    if sent:
        yield text(points[0][0] + 17, points[0][1] - 12, "over SSH", "note")


def rectangle(name: str, place: Place) -> str:
    """A rectangle of a class."""
    size = f'width="{place.right - place.left}" height="{place.bottom - place.top}"'
    return f'<rect class="{name}" x="{place.left}" y="{place.top}" {size} rx="6"/>'


def text(left: int, base: int, words: str, name: str) -> str:
    """A line of text of a class."""
    return f'<text class="{name}" x="{left}" y="{base}">{escape(words)}</text>'


if __name__ == "__main__":
    main()
