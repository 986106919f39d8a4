# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens around a module: its connection is cut, others run at the same time, the power fails.

None of it waits for luck. `oc` and the update command say that they run, and wait until they may go on; a program that
holds the lock of a folder lets go of it when so many modules wait for that. The disk of a bastion is in memory: what
was written and not flushed when the power failed is there nevertheless.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import pathlib
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import trustme
from breakage import OC, UPDATE, original, program, waiting
from lab import hosts
from lab.hosts import LAB
from outcome import Case
from stage import DEST, FOLDER, NEW, OLD, TRUST, Site, in_background, wait_until
from trust import MARK, fingerprint, pem

from playbooks import Playbooks, PlayResult

KIND = "faults"
_PROGRAMS = {"merge": OC, "renew": UPDATE}
_STOPS = 'touch /run/began; until [ -e /run/go ]; do sleep 0.02; done; exec "$0.real" "$@"'
_CABLE = "the cable is pulled for a while"
_ALIVE = "-o ServerAliveInterval=1 -o ServerAliveCountMax=3"


# -- Connections -------------------------------------------------------------------------------------------------------
def _kill_sessions(site: Site) -> None:
    """All of sshd on the bastion but the one that listens."""
    site.shell('for each in $(grep -l "^sshd" /proc/[0-9]*/comm); do each=${each#/proc/}; [ "${each%/comm}" = 1 ] || '
               'kill -KILL "${each%/comm}"; done')  # fmt: skip


def _kill_clients(site: Site) -> None:
    _kill(lambda words: words.startswith("ssh") and hosts.find(site.name).fqdn in words)


def _kill_controller(site: Site) -> None:
    _kill(lambda words: "ansible-playbook" in words and f"{site.folder}/" in words)


def _kill(matches: Callable[[str], bool]) -> None:
    """Kill processes of the lab by their command lines."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if matches(words) and int(process.name) != os.getpid():
                os.kill(int(process.name), signal.SIGKILL)


def _pull_cable(site: Site) -> None:
    subprocess.run(["ip", "link", "set", hosts.find(site.name).card, "down"], check=True)


def _plug_cable(site: Site) -> None:
    subprocess.run(["ip", "link", "set", hosts.find(site.name).card, "up"], check=True)


_CUTS = {
    "sshd's sessions are killed": _kill_sessions,
    "the controller's ssh is killed": _kill_clients,
    "ansible-playbook is killed": _kill_controller,
    _CABLE: _pull_cable,
}


def cuts(site: Site, short: bool) -> Iterator[Case]:
    """The connection goes while `oc` or the update command runs; the module is alone then."""
    if short:
        chosen = [("merge", "sshd's sessions are killed")] if site.kind == "debian13" else []
    else:
        chosen = [(what, how) for what in (["merge", "renew"] if site.kind == "rhel9" else ["renew"]) for how in _CUTS]
    for what, how in chosen:
        yield Case(KIND, f"{site.kind}, {what}, {how}", *_cut(site, what, how))


def _cut(site: Site, what: str, how: str) -> tuple[str, str]:
    site.restore()
    site.shell(f"rm -f /run/began /run/go; {program(_PROGRAMS[what], _STOPS)}")
    moment = time.time()
    play = in_background(functools.partial(site.play, [site.task(what)]))
    wait_until(lambda: (site.root / "run/began").exists() or play.done(), "the module does not begin")
    _CUTS[how](site)
    if how != _CABLE:
        play.result()
    elif what == "merge":
        _plug_cable(site)  # oc needs it
    (site.root / "run/go").touch()
    wait_until(lambda: not site.runs_modules(), "the module does not end")
    _plug_cable(site)
    done, state = play.result(), site.state(what)
    site.shell(original(_PROGRAMS[what]))
    lost, leaked = site.strays(moment)
    lost += [f"afterwards {state}"] if state not in (OLD, NEW) else []
    lost += ["the play ends with a traceback"] if "Traceback" in done.output else []
    lost += [f"the play fails: {site.quoted(done.output[-600:])}"] if how == _CABLE and done.rc else []
    return "; ".join([*lost, *site.not_healed([what])]), "; ".join([*leaked, *site.secrets_in(done.output.encode())])


# -- Other runs --------------------------------------------------------------------------------------------------------
def crowds(site: Site, short: bool) -> Iterator[Case]:
    """Several runs on one bastion, all of which have come to the lock before any may go on."""
    if short:
        chosen = [("merge", 4)] if site.kind == "rhel9" else []
    else:
        chosen = [
            (what, count) for what in (["merge", "trust"] if site.kind == "rhel9" else ["trust"]) for count in (2, 10)
        ]
    for what, count in chosen:
        yield Case(KIND, f"{site.kind}, {count} runs at once, {what}", "; ".join(_crowd(site, what, count)))


def _crowd(site: Site, what: str, count: int) -> Iterator[str]:
    site.restore()
    names = [f"run-{number}" for number in range(count)]
    cas = {name: pem(trustme.CA()) for name in names}
    for name, content in cas.items():
        (site.folder / f"{name}.crt").write_bytes(content)
    wanted = _wanted(site, what, cas)
    site.shell(waiting(FOLDER if what == "merge" else "$ANCHORS", count, ["true"]))
    done = _two(site, what, names) if count == 2 else _many(site, what, names)
    site.shell("kill $(cat /run/waiter) 2> /dev/null || true")
    yield from (f"a run fails: {site.quoted(each.output[-300:])}" for each in done if each.rc)
    if _there(site, what) != wanted:
        yield f"not all {count} are there afterwards"
    if any(each.changed for each in _many(site, what, names)):
        yield "another run changes something"


def _wanted(site: Site, what: str, cas: Mapping[str, bytes]) -> object:
    if what == "merge":
        return site.entries(more=[f"{name}.example.com" for name in cas])
    anchors, bundle = site.trust()
    made = {f"{name}.crt": MARK.encode() + content for name, content in cas.items()}
    return {**anchors, **made}, bundle | {fingerprint(content) for content in cas.values()}


def _there(site: Site, what: str) -> object:
    return json.loads((site.root / DEST[1:]).read_bytes())["auths"] if what == "merge" else site.trust()


def _own(site: Site, what: str) -> dict[str, Any]:
    """A task of which each run has its own."""
    if what == "merge":
        registry = {"registry": "{{ mine }}.example.com", "username": "mirror", "password": site.password}
        return site.task("merge", {"registries": [registry]})
    return {TRUST: {"name": "{{ mine }}", "src": f"{site.folder}/{{{{ mine }}}}.crt"}}


def _two(site: Site, what: str, names: Sequence[str]) -> list[PlayResult]:
    """One ansible-playbook each."""
    plays = []
    for name in names:
        folder = site.folder / name
        folder.mkdir(exist_ok=True)
        runs = Playbooks(site.lab, folder, pathlib.Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]))
        variables = {"mine": name}
        plays.append(in_background(functools.partial(
            runs.play, site.name, [_own(site, what)], variables=variables, become=True
        )))  # fmt: skip
    return [play.result() for play in plays]


def _many(site: Site, what: str, names: Sequence[str]) -> list[PlayResult]:
    """One ansible-playbook, for which the bastion has as many names."""
    inventory = json.loads(pathlib.Path(LAB, "inventory.json").read_text())
    fqdn = hosts.find(site.name).fqdn
    named = {name: {"ansible_host": fqdn, "mine": name} for name in names}
    file = site.folder / "names.json"
    file.write_text(json.dumps({"all": {"vars": inventory["all"]["vars"], "hosts": named}}))
    return [site.runs.play("all", [_own(site, what)], "-i", str(file), "-f", str(len(names)), become=True)]


# -- Power -------------------------------------------------------------------------------------------------------------
def reboots(site: Site, short: bool) -> Iterator[Case]:
    """The power fails between two modules, right after a run, and while `oc` or the update command runs."""
    tried: dict[str, Callable[[Site], Iterator[str]]] = {
        "it reboots between the two modules": _between,
        "its power fails right after a run": _afterwards,
        **{f"its power fails during {what}": functools.partial(_during, what=what) for what in _PROGRAMS},
    }
    for title, what in tried.items():
        if not short:
            site.restore()
            yield Case(KIND, f"{site.kind}, {title}", "; ".join(what(site)))


def _power_cycle(site: Site) -> None:
    host = hosts.find(site.name)
    hosts.power_off(host)
    hosts.boot([host])
    site.booted()


def _between(site: Site) -> Iterator[str]:
    here, go = site.folder / "here", site.folder / "go"
    stop = {
        "ansible.builtin.raw": f"touch {here}; until [ -e {go} ]; do sleep 0.02; done", "delegate_to": "localhost",
        "become": False, "vars": {"ansible_connection": "local"},
    }  # fmt: skip
    tasks = [site.task("renew"), stop, {"ansible.builtin.meta": "reset_connection"}, site.task("merge")]
    play = in_background(functools.partial(site.play, tasks))
    wait_until(lambda: here.exists() or play.done(), "the play does not come to its stop")
    _power_cycle(site)
    go.touch()
    done = play.result()
    yield from ([f"the play fails: {site.quoted(done.output[-300:])}"] if done.rc else [])
    yield from (f"afterwards {site.state(each)}" for each in ("renew", "merge") if site.state(each) != NEW)
    yield from site.not_healed(["renew", "merge"])


def _afterwards(site: Site) -> Iterator[str]:
    done = site.play([site.task("renew"), site.task("merge")])
    _power_cycle(site)
    yield from ([f"the play fails: {site.quoted(done.output[-300:])}"] if done.rc else [])
    yield from (f"afterwards {site.state(each)}" for each in ("renew", "merge") if site.state(each) != NEW)
    again = site.play([site.task("renew"), site.task("merge")])
    yield from ([f"the next run changes {again.changed}"] if again.changed or again.rc else [])


def _during(site: Site, what: str) -> Iterator[str]:
    site.shell(f"rm -f /run/began /run/go; {program(_PROGRAMS[what], _STOPS)}")
    moment = time.time()
    play = in_background(functools.partial(site.play, [site.task(what)], variables={"ansible_ssh_extra_args": _ALIVE}))
    wait_until(lambda: (site.root / "run/began").exists() or play.done(), "the module does not begin")
    _power_cycle(site)
    if "Traceback" in play.result().output:
        yield "the play ends with a traceback"
    if what == "renew":  # what is in oc's place is gone after a boot
        site.shell(original(_PROGRAMS[what]))
    yield from site.not_healed([what])
    yield from (words for found in site.strays(moment) for words in found)
