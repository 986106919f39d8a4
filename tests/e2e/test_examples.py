# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of the documentation is run; what it says that a command prints or a module returns is true.

The examples are found by themselves, so that a new one is run, or fails. documentation.py has the world for them.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import pytest
import returns
import yaml
from documentation import BASTIONS, MIRROR, REGISTRIES, Printed, World
from examples import ANY_LINES, ROOT, Block, Command, blocks, returned
from lab.access import Lab

from playbooks import TaskResult

PAGES = {page: list(found) for page, found in groupby(blocks(), key=lambda block: block.page)}
# Whose examples another test runs, since they need more than a bastion.
ELSEWHERE = {"docs/docsite/rst/guide_automation_platform.rst": "test_automation_platform.py"}
# Commands that another test runs: they take a while.
RUN_BY = {"make dist": "test_the_built_collection", "ansible-galaxy collection install": "test_the_built_collection"}
MODULES = [page for page in PAGES if page.startswith("plugins/modules/")]
# Examples that are no more than tasks, all of them in one play.
TASKS = [*MODULES, *(page for page in PAGES if page.startswith("roles/"))]
# By what it prints the documentation says that a command fails.
FAILS = re.compile(r" failed=1\b|^fatal: ", re.M)

TRUST, MERGE, ASK = (f"airgap.openshift.{name}" for name in ("ca_trust", "pull_secret_merge", "mirror_registry_info"))
AUTH_FILE = "/root/.mirrorsecretconfigjson"
CERTS_D = f"/etc/containers/certs.d/{MIRROR}:5000"
OLD = [
    {"name": "old-mirror", "content": "{{ old_mirror_ca_certificate }}"},
    {"name": "old-registry", "content": "{{ old_registry_ca_certificate }}"},
]
LOGIN = {"registry": f"{MIRROR}:5000", "username": "mirror", "password": "{{ mirror_password }}"}
PARTNER = {"registry": "partner.example.com", "username": "partner", "password": "{{ mirror_password }}"}
TRACKED = {"dest": "/root/tracked.json", "track": True, "sources": []}
# What examples need before them.
SETUP: dict[str, list[dict[str, Any]]] = {
    "ca_trust": [
        {"ansible.builtin.set_fact": {"mirror_host_ca_certificates": OLD[:1]}},
        {TRUST: {"certificates": OLD}, "become": True},
    ],
    "mirror_host_verdict": [
        {TRUST: {"name": "mirror-registry-ca", "state": "absent"}},
        {MERGE: {"dest": AUTH_FILE, "src": "pull-secret.json", "registries": [LOGIN]}},
    ],
    "pull_secret_merge": [{"ansible.builtin.file": {"path": AUTH_FILE, "state": "absent"}}],
    # The role's README shows its parts without the variables that all of them share.
    "README": [
        {
            "ansible.builtin.set_fact": {
                "mirror_host_ca_certificates": [{"src": "mirror-registry-ca.crt"}],
                "mirror_host_registries": [LOGIN],
            }
        }
    ],
}
# What they need not show of what a module may return.
CASES: dict[str, list[dict[str, Any]]] = {
    "ca_trust": [
        {"ansible.builtin.file": {"path": CERTS_D, "state": "directory", "mode": "0755"}},
        {"ansible.builtin.copy": {"src": "mirror-registry-ca.crt", "dest": f"{CERTS_D}/ca.cert", "mode": "0644"}},
        {TRUST: {"src": "mirror-registry-ca.crt"}},
        {"ansible.builtin.file": {"path": CERTS_D, "state": "absent"}},
    ],
    "pull_secret_merge": [
        {"ansible.builtin.copy": {"src": "partner.json", "dest": "/root/tracked.json", "mode": "0600"}},
        {MERGE: {**TRACKED, "registries": [LOGIN, PARTNER], "backup": True}},
        {MERGE: {**TRACKED, "registries": [{**LOGIN, "password": "changed by somebody else"}], "track": False}},
        {MERGE: {**TRACKED, "state": "absent"}},
    ],
}
CHANGES = (TRUST, MERGE)
# The CA is there already, by the example before.
HAVE_NOTHING_TO_DO = {"Trust this CA and no other that may have slipped into the file"}

Follow = Callable[[str], list[TaskResult]]


def elsewhere_new_certificate(world: World) -> None:
    """The administrators of the registry have it use the new CA's certificate."""
    world.serve(world.renewed, world.passwords)


def elsewhere_new_password(world: World) -> None:
    """They change the password, and somebody puts it into the vault."""
    world.serve(world.renewed, {**world.passwords, "mirror": "another"})
    world.revalue("vaulted_mirror_password", "another")


def elsewhere_forgotten_password(world: World) -> None:
    """They change the password, and say nothing."""
    world.serve(world.ca, {**world.passwords, "mirror": "another"})


def elsewhere_no_name(world: World) -> None:
    """The second bastion does not know the registry's name."""
    world.sh(BASTIONS[1], f"sed -i /{MIRROR}/d /etc/hosts")


def elsewhere_name(world: World) -> None:
    """It does."""
    world.sh(BASTIONS[1], f"echo {REGISTRIES[MIRROR][0]} {MIRROR} >> /etc/hosts")


# What others do while somebody follows a guide, before the examples below a heading.
MEANWHILE = {
    ("guide_rotation", "Have the registry use the new one"): elsewhere_new_certificate,
    ("guide_rotation", "A new password"): elsewhere_new_password,
    ("guide_troubleshooting", "How to read the verdict"): elsewhere_forgotten_password,
    ("guide_fleets", "A few first, then the rest"): elsewhere_no_name,
    ("guide_fleets", "Those that failed, again"): elsewhere_name,
}


@pytest.fixture(scope="module")
def follow(lab: Lab, collections: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Follow]:
    """Runs the examples of a page in their order; returns what their tasks returned."""
    world = World(lab, collections, tmp_path_factory.mktemp("documentation"))
    done: dict[str, list[TaskResult]] = {}

    def one(page: str) -> list[TaskResult]:
        together = TASKS if page in TASKS else [page]
        if page not in done:
            done.update({each: [] for each in together})  # what has failed is not tried again
            examples = [block for each in together for block in PAGES[each]]
            two = any(BASTIONS[1] in block.text for block in examples)
            world.begin(BASTIONS if two else BASTIONS[:1])
            (run_tasks if page in TASKS else run_page)(world, examples)
            done.update(dict.fromkeys(together, world.take_results()))
        return done[page]

    yield one
    world.end()


def run_tasks(world: World, examples: Sequence[Block]) -> None:
    """Each page's between what it needs before it and what else may be returned."""
    play = []
    for block in examples:
        module = pathlib.Path(block.page).stem
        play += [*SETUP.get(module, []), *tasks(block), *CASES.get(module, [])]
    ran = world.play(yaml.safe_dump(play, sort_keys=False))
    assert ran.rc == 0, ran.output


def tasks(block: Block) -> list[dict[str, Any]]:
    """Of an example that is tasks."""
    found: list[dict[str, Any]] = yaml.safe_load(block.text)
    return found


def run_page(world: World, page: Sequence[Block]) -> None:
    """The examples of a page, and that each of its files is used by one."""
    printed, heading = Printed(0, ""), ""
    if any("vault.yml" in block.text for block in page):
        world.folder.joinpath("group_vars/all.yml").unlink()  # the page has its own way to the same variables
    for block in page:
        if block.heading != heading:
            heading = block.heading
            MEANWHILE.get((pathlib.Path(block.page).stem, heading), lambda _world: None)(world)
        if block.file:
            assert is_used(block, page), f"no other example of {block.page} uses {block.file}"
            world.write(block.file, block.text)
        elif block.kind == "yaml":
            printed = world.play(block.text)
            assert printed.rc == 0, printed.output
        elif block.kind == "console":
            for command in (each for each in block.commands if not each.line.startswith(tuple(RUN_BY))):
                printed = run_command(world, command)
        else:
            assert block.kind == "text", f"{block.page}: how is an example of the kind {block.kind!r} run?"
            assert_shown(block.text.splitlines(), printed)


def is_used(block: Block, page: Sequence[Block]) -> bool:
    """Ansible looks for some files by itself."""
    if block.file == "ansible.cfg" or block.file.startswith(("group_vars/", "host_vars/")):
        return True
    return any(re.search(rf"(^|[\s@]){re.escape(block.file)}($|\s)", each.text, re.M) for each in page if each != block)


def run_command(world: World, command: Command) -> Printed:
    """One line of a console, which prints and fails as it is said to."""
    printed = world.run(command.line)
    fails = any(FAILS.search(line) for line in command.shown)
    assert (printed.rc != 0) == fails, f"{command.line}\n{printed.output}"
    assert_shown(command.shown, printed)
    return printed


def assert_shown(shown: Sequence[str], printed: Printed) -> None:
    """These lines, or what they are the beginning of, are printed in this order; others only where `...` stands."""
    lines = [line for line in map(squeezed, printed.output.splitlines()) if line and not line.startswith("PLAY RECAP")]
    after, others = 0, True
    for wanted in shown:
        if wanted.strip() == ANY_LINES:
            others = True
            continue
        within = range(after, len(lines) if others else after + 1)
        start = squeezed(wanted)
        found = next((number for number in within if number < len(lines) and lines[number].startswith(start)), None)
        assert found is not None, f"{wanted!r} is not there, or not in its place, in\n{printed.output}"
        after, others = found + 1, False


def squeezed(line: str) -> str:
    """How wide a column is depends on the names of hosts; what JSON quotes is in quotes."""
    return re.sub(r"[\s*]+", " ", line).strip('", ')


@pytest.mark.parametrize("page", sorted(PAGES.keys() - ELSEWHERE.keys()))
def test_examples(page: str, follow: Follow) -> None:
    assert follow(page)


def test_examples_of_modules_have_something_to_do(follow: Follow) -> None:
    for page in MODULES:
        idle = {each.task for each in follow(page) if each.action in CHANGES and each.status != "changed"}
        assert idle & {task["name"] for task in tasks(PAGES[page][0])} <= HAVE_NOTHING_TO_DO


@pytest.mark.parametrize("page", PAGES)
def test_every_example_is_found(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    marked = len(re.findall(r"^ *```\w|^ *\.\. code-block::|^EXAMPLES = ", text, re.M))
    assert len(PAGES[page]) == marked


def test_every_page_is_looked_at() -> None:
    """Of all files of the documentation that people read, those with examples."""
    pages = [
        path
        for pattern in ("*.rst", "*.md")
        for folder in ("docs", "roles")
        for path in ROOT.glob(f"{folder}/**/{pattern}")
    ]
    marked = {
        str(path.relative_to(ROOT)) for path in pages if re.search(r"^ *```|^ *\.\. code", path.read_text(), re.M)
    }
    assert marked <= PAGES.keys()


@pytest.mark.parametrize("page", MODULES)
def test_returned_is_what_is_documented(page: str, follow: Follow) -> None:
    action = f"airgap.openshift.{pathlib.Path(page).stem}"
    found = [each.values for each in follow(page) if each.action == action and each.status in ("ok", "changed")]
    assert "\n".join(returns.mistakes(returned(page), found)) == ""
