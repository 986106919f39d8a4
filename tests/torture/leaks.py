# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret anywhere: real playbooks with secrets of every kind, after which all that there is to see is searched.

A case is a run and one kind of place, or one task of a run and its result. What Ansible does itself, and documents, is
in `EXPLAINED`, as narrowly as can be; an explanation of something that does not happen is an error too.
"""

from __future__ import annotations

import contextlib
import fnmatch
import itertools
import json
import os
import pathlib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import leak_plays
from canaries import Canaries, Canary, letters
from lab import hosts
from lab.access import Lab
from leak_plays import ANYHOW, WELL, Try
from leak_world import PLACE, World
from outcome import Case
from witness import Found, Programs, Watched, found_below, lacking, programs, traced

from playbooks import ANSIBLE_PLAYBOOK

KIND = "leaks"
OUTPUT, LOG, RESULTS, FACTS, CONTROLLER = "output", "log", "results", "facts", "controller"
SYSLOG, ARGUMENTS, ENVIRONMENT, DISK = "syslog", "arguments", "environment", "disk"
PLACES = {
    OUTPUT: "what it prints",
    LOG: "the log file",
    RESULTS: "the results as callbacks get them",
    FACTS: "the fact cache",
    CONTROLLER: "files left on the controller",
    SYSLOG: "the bastion's syslog",
    ARGUMENTS: "arguments of programs",
    ENVIRONMENT: "environments of programs",
    DISK: "the bastion's disk",
}
BEACON = "beacon"
# Where a secret belongs, if nobody but the owner can read it: auth files and their backups.
BELONGS = (f"{PLACE}/*auth.json", f"{PLACE}/*auth.json.*~", "/root/*auth.json", "/root/*auth.json.*~")
BEGIN = "begin: "
_E2E = pathlib.Path(__file__).resolve().parents[1] / "e2e"


class Explained(NamedTuple):
    """What is found, and is Ansible's own; patterns of fnmatch."""

    run: str
    place: str
    where: str
    private: bool  # whether nobody else may read it
    why: str


EXPLAINED = (
    Explained(
        "*, kept remote files", DISK, "/*/.ansible/tmp/ansible-tmp-*/AnsiballZ_*.py", True,
        "ANSIBLE_KEEP_REMOTE_FILES keeps modules with their options, which is what it is for",
    ),
)  # fmt: skip


class Run(NamedTuple):
    """One run of ansible-playbook."""

    name: str
    tries: tuple[Try, ...] = ()
    playbook: str = ""  # in place of tries
    flags: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, Any], ...] = ()


class Way(NamedTuple):
    """How to run something."""

    name: str
    flags: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, Any], ...] = ()


TALKING = Way("-vvvv and --diff", ("-vvvv", "--diff"))
CHECKING = Way("check mode, callback minimal", ("--check", "--diff", "-v"), (("ANSIBLE_STDOUT_CALLBACK", "minimal"),))
BY_FILE = Way("no pipelining", ("-vvvv", "--diff"), (), (("ansible_pipelining", False),))
BRIEF = Way("callback oneline", ("-vv",), (("ANSIBLE_STDOUT_CALLBACK", "oneline"), ("ANSIBLE_PIPELINING", "1")))
KEEPING = Way("kept remote files", ("-vvvv", "--diff"), (("ANSIBLE_KEEP_REMOTE_FILES", "1"),))
WAYS = (TALKING, CHECKING, BY_FILE, BRIEF, KEEPING)


class Hit(NamedTuple):
    """A secret that is where it must not be."""

    place: str
    what: str
    where: str = ""
    private: bool = False

    def __str__(self) -> str:
        return f"{self.what} in {PLACES[self.place]}" + f" ({self.where})" * bool(self.where)


class Seen(NamedTuple):
    """What a run left."""

    code: int
    rows: list[dict[str, Any]]  # of the callback `results`
    bytes_of: dict[str, bytes]
    files: list[Found]  # of the bastion
    programs: Programs  # of the controller


class Scene:
    """A world, a bastion that is watched, and what is known of them."""

    def __init__(self, world: World, host: Watched, folder: pathlib.Path) -> None:
        self.world = world
        self.host = host
        self.beacon = letters(48)
        self.canaries = Canaries([*world.canaries(), Canary(BEACON, self.beacon.encode())])
        self.used: set[Explained] = set()
        self._folder = folder
        self._numbers = itertools.count()

    def seen(self, run: Run) -> Seen:
        """Run it, and collect what there is to search."""
        self.world.lay_out(self.host.name)
        self.host.programs(), self.host.said()
        folder = self._folder / f"run-{next(self._numbers)}"
        kept = {name: folder / name for name in ("home", FACTS, "tree", "junit", "in")}
        for path in kept.values():
            path.mkdir(parents=True)
        time.sleep(0.05)  # what was laid out before is older than all that follows, for file systems too
        since = time.time_ns()
        code = self._played(run, folder)
        controller, host = programs((folder / "trace").read_text()), self.host.programs()
        found = {name: list(found_below(kept[name], f"{name}/")) for name in ("home", FACTS, "tree", "junit")}
        results = (folder / "results").read_bytes() if (folder / "results").exists() else b""
        bytes_of = {
            OUTPUT: (folder / "out").read_bytes(),
            LOG: (folder / "log").read_bytes() if (folder / "log").exists() else b"",
            RESULTS: results + joined(found["tree"]) + joined(found["junit"]),
            FACTS: joined(found[FACTS]),
            CONTROLLER: joined(found["home"]),
            SYSLOG: self.host.said(),
            ARGUMENTS: controller.arguments + b"\n" + host.arguments,
            ENVIRONMENT: controller.environment + b"\n" + host.environment,
        }
        rows = [json.loads(line) for line in results.splitlines()]
        return Seen(code, rows, bytes_of, list(self.host.files(since)), controller)

    def _played(self, run: Run, folder: pathlib.Path) -> int:
        """Returns the exit code, when all that was started has ended."""
        inputs = folder / "in"
        (inputs / "vars.json").write_text(json.dumps(self._variables(run)), encoding="utf-8")
        (inputs / "play.yml").write_text(json.dumps([self._play(run)], indent=1), encoding="utf-8")
        command = [ANSIBLE_PLAYBOOK, run.playbook or str(inputs / "play.yml"), "-e", f"@{inputs}/vars.json", *run.flags]
        still_traced, by_strace = os.pipe()
        with (folder / "out").open("wb") as out, os.fdopen(still_traced, "rb") as ended:
            process = subprocess.Popen(
                traced(command, folder / "trace"), env=self._environment(run, folder), stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT, pass_fds=[by_strace],
            )  # fmt: skip
            os.close(by_strace)
            code = process.wait()
            hang_up()
            ended.read()
        return code

    def _variables(self, run: Run) -> dict[str, Any]:
        beacon = {BEACON: self.beacon} if run.name == CONTROL else {}
        wanted = {"mirror_host_pattern": self.host.name, **leak_plays.wanted(self.world.lab)} if run.playbook else {}
        return {**self.world.variables(), **beacon, **wanted, **dict(run.variables)}

    def _play(self, run: Run) -> dict[str, Any]:
        tasks: list[dict[str, Any]] = []
        for each in run.tries:
            tasks += [
                {"name": BEGIN + each.name, "ansible.builtin.debug": {"msg": each.name}},
                {"name": each.name, **each.task, "ignore_errors": True},
            ]
        return {"hosts": self.host.name, "gather_facts": False, "tasks": tasks}

    def _environment(self, run: Run, folder: pathlib.Path) -> dict[str, str]:
        return {
            **self.world.lab.environment(),
            "AIRGAP_RESULTS": str(folder / "results"),
            "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(folder / FACTS),
            "ANSIBLE_CALLBACKS_ENABLED": "results,ansible.builtin.tree,ansible.builtin.junit",
            "ANSIBLE_CALLBACK_PLUGINS": str(_E2E / "callback"),
            "ANSIBLE_CALLBACK_TREE_DIR": str(folder / "tree"),
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_INJECT_INVOCATION": "1",  # as ansible-core before 2.21 always does
            "ANSIBLE_LOG_PATH": str(folder / "log"),
            "ANSIBLE_NOCOLOR": "1",
            "JUNIT_OUTPUT_DIR": str(folder / "junit"),
            "TMPDIR": str(folder / "home"),
            **dict(run.env),
        }

    def hits(self, run: Run, seen: Seen) -> Iterator[Hit]:
        """All secrets that are where they must not be, and are not explained."""
        for place, data in seen.bytes_of.items():
            yield from (Hit(place, what) for what in sorted(self.canaries.found_in(data)))
        for file in seen.files:
            for what in sorted(self.canaries.found_in(file.path.encode() + b"\n" + file.content)):
                hit = Hit(DISK, what, f"{file.path}, mode {file.mode:04o}", file.is_private)
                if not (file.is_private and belongs(file.path)) and not self._explained(run, hit, file.path):
                    yield hit

    def _explained(self, run: Run, hit: Hit, path: str) -> bool:
        for each in EXPLAINED:
            patterns = (run.name, each.run), (hit.place, each.place), (path, each.where)
            if all(itertools.starmap(fnmatch.fnmatchcase, patterns)) and (hit.private or not each.private):
                self.used.add(each)
                return True
        return False


def belongs(path: str) -> bool:
    """Whether secrets may be in a file of the bastion."""
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in BELONGS)


def joined(files: Sequence[Found]) -> bytes:
    """All of them as one, with their names."""
    return b"\n".join(file.path.encode() + b"\n" + file.content for file in files)


def hang_up() -> None:
    """End the connections that ssh keeps: strace follows it as long as it lives."""
    for path in (hosts.LAB / "sockets").glob("*"):
        subprocess.run(["ssh", "-S", str(path), "-O", "exit", "any"], capture_output=True, check=False)


def of_places(scene: Scene, run: Run, seen: Seen) -> Iterator[Case]:
    """A case for each place."""
    found: dict[str, list[str]] = {place: [] for place in PLACES}
    for hit in scene.hits(run, seen):
        found[hit.place].append(str(hit))
    for place, hits in found.items():
        yield Case(KIND, f"{run.name}: {PLACES[place]}", leaked="; ".join(hits))
    told = f"{seen.programs.syslog} connections to the controller's syslog, where nobody looks" * seen.programs.syslog
    yield Case(KIND, f"{run.name}: the controller's syslog", lost=told)


def of_tries(scene: Scene, run: Run, seen: Seen) -> Iterator[Case]:
    """A case for each task, whose failure must have been the one that was meant, and for its result."""
    rows: dict[str, list[dict[str, Any]]] = {}
    current: list[dict[str, Any]] = []
    for row in seen.rows:
        if "stats" in row:
            continue
        if row["task"].startswith(BEGIN):
            current = rows.setdefault(row["task"][len(BEGIN) :], [])
        else:
            current.append(row)
    for each in run.tries:
        result = rows.get(each.name, [])
        leaked = sorted(scene.canaries.found_in(json.dumps(result).encode()))
        problem = not_as_meant(each, result)
        yield Case(KIND, f"{run.name}: {each.name}: its result", lost=problem, leaked="; ".join(leaked))


def not_as_meant(each: Try, rows: Sequence[dict[str, Any]]) -> str:
    """What is not as it was to be, if anything."""
    failures = [str(row["values"].get("msg")) for row in rows if row["status"] in ("failed", "unreachable")]
    if not rows:
        return "it did not run"
    if any("Traceback" in text or "MODULE FAILURE" in text for text in failures):
        return "a traceback"
    if each.says is WELL:
        return f"failed: {failures[0][:200]}" if failures else ""
    if each.says == ANYHOW:
        return "" if failures else "did not fail"
    if not any(each.says in " ".join(text.split()) for text in failures):
        return f"did not fail with '{each.says}' but said: {[text[:200] for text in failures]}"
    return ""


CONTROL = "a beacon, which must be seen"
# What is tried, and in which ways: what Ansible does with options and results is the same in all.
GROUPS: dict[str, tuple[Callable[[World], Iterator[Try]], tuple[Way, ...]]] = {
    "all that goes well": (leak_plays.succeeding, WAYS),
    "pull secrets as text": (leak_plays.of_contents, (TALKING, CHECKING, BRIEF)),
    "files": (leak_plays.of_files, (TALKING, CHECKING)),
    "wrong types": (leak_plays.of_types, (TALKING, CHECKING, BY_FILE)),
    "clusters": (leak_plays.of_clusters, (TALKING, CHECKING, KEEPING)),
    "certificates": (leak_plays.of_certificates, (TALKING, CHECKING)),
    "registries": (leak_plays.of_registries, (TALKING, BRIEF)),
    "the role": (leak_plays.of_roles, (TALKING, CHECKING, BY_FILE)),
}
PLAYBOOKS = ("prepare", "verify", "reset")
NOT_READY = 2


def runs(world: World, *, short: bool) -> Iterator[Run]:
    """All runs, in their order."""
    yield Run(CONTROL, tuple(leak_plays.shown(world)), flags=TALKING.flags, env=(("ANSIBLE_PIPELINING", "1"),))
    vault = ("--vault-password-file", f"{world.folder}/vault-password")
    if short:
        yield Run("some of all", tuple(leak_plays.short(world)), flags=(*TALKING.flags, *vault))
        return
    for name, (tries, ways) in GROUPS.items():
        yield from (in_way(Run(name, tuple(tries(world))), way) for way in ways)
    for way in (TALKING, Way("")):
        yield from (in_way(Run(name, playbook=f"airgap.openshift.{name}"), way) for name in PLAYBOOKS)
    vaulted = ("-e", f"@{world.folder}/vaulted.yml", "-vvvv", "--diff")
    locked = tuple(leak_plays.of_locked_vaults(world))
    yield Run("vaults", tuple(leak_plays.of_vaults(world)), flags=(*vaulted, *vault))
    yield Run("vaults, no password", locked, flags=vaulted)
    yield Run("vaults, wrong password", locked, flags=(*vaulted, vault[0], f"{world.folder}/wrong-vault-password"))


def in_way(run: Run, way: Way) -> Run:
    """The same run in this way."""
    name = ", ".join(filter(None, (run.name, way.name)))
    return run._replace(name=name, flags=way.flags, env=way.env, variables=way.variables)


def of_control(scene: Scene, run: Run) -> Iterator[Case]:
    """The beacon must be found in each place: else nobody looks there."""
    seen = scene.seen(run)
    found = {hit.place for hit in scene.hits(run, seen) if hit.what == BEACON}
    for place in PLACES:
        yield Case(KIND, f"{run.name}: {PLACES[place]}", lost="" if place in found else "it was not seen")
    yield Case(KIND, f"{run.name}: the controller's syslog", lost="" if seen.programs.syslog else "it was not seen")


def of_explained(used: set[Explained], names: Sequence[str]) -> Iterator[Case]:
    """What is explained has to occur."""
    for each in EXPLAINED:
        if any(fnmatch.fnmatchcase(name, each.run) for name in names):
            problem = "" if each in used else "is explained and does not occur"
            yield Case(KIND, f"explained: {each.why}", lost=problem)


def cases(short: bool) -> Iterator[Case]:
    """All of them; runs take turns on the bastions of the lab."""
    lacking()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        inputs = folder / "inputs"
        inputs.mkdir()
        lab = Lab()
        world = World(lab, inputs)
        stack.callback(world.end)
        scenes = []
        for name in list(lab.bastions)[: 1 if short else None]:
            lab.reset(name)
            host = Watched(name, folder)
            stack.callback(host.end)
            (folder / name).mkdir()
            scenes.append(Scene(world, host, folder / name))
        names = []
        for number, run in enumerate(runs(world, short=short)):
            names.append(run.name)
            yield from of_run(scenes[number % len(scenes)], run)
        used = set[Explained]().union(*(scene.used for scene in scenes))
        yield from of_explained(used, names)


def of_run(scene: Scene, run: Run) -> Iterator[Case]:
    """Try it, and search everything."""
    if run.name == CONTROL:
        yield from of_control(scene, run)
        return
    seen = scene.seen(run)
    if run.playbook:
        wanted = NOT_READY if run.playbook.endswith("verify") else 0  # nothing has been prepared before that
        lost = f"exit code {seen.code}" if seen.code != wanted else ""
        yield Case(KIND, f"{run.name}: its end", lost=lost)
    yield from of_places(scene, run, seen)
    yield from of_tries(scene, run, seen)
