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
import stat
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

import trustme
from breakage import OC, UPDATE, original, program, waiting
from lab import hosts
from lab.hosts import LAB
from outcome import Case, TortureError
from stage import DEST, FOLDER, NEW, OLD, TRUST, Site, in_background, wait_until
from trust import MARK, fingerprint, pem

from playbooks import Playbooks, PlayResult

KIND = "faults"
_PROGRAMS = {"merge": OC, "renew": UPDATE}
_KILL_SESSIONS = """
killed=
for each in $(grep -l "^sshd" /proc/[0-9]*/comm); do
    each=${each%/comm}
    if [ "$each" = /proc/1 ]; then continue; fi
    if kill -KILL "${each#/proc/}"; then killed=yes; else [ ! -e "$each" ]; fi
done
[ "$killed" ] || { echo 'sshd has no sessions' >&2; exit 1; }
"""
_STOPS = 'touch /run/began; until [ -e /run/go ]; do sleep 0.02; done; exec "$0.real" "$@"'
_CABLE = "the cable is pulled for a while"
_ALIVE = "-o ServerAliveInterval=1 -o ServerAliveCountMax=3"


# -- Connections -------------------------------------------------------------------------------------------------------
def _kill_sessions(site: Site) -> None:
    """All of sshd on the bastion but the one that listens. With one of them another may end before its turn."""
    site.shell(_KILL_SESSIONS)


def _kill_clients(site: Site) -> None:
    _kill(lambda words: words.startswith("ssh") and hosts.find(site.name).fqdn in words)


def _kill_controller(site: Site) -> None:
    _kill(lambda words: "ansible-playbook" in words and f"{site.folder}/" in words)


def _kill(matches: Callable[[str], bool]) -> None:
    """Kill processes of the lab by their command lines.

    Raises: TortureError when there is none.
    """
    killed = 0
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if matches(words) and int(process.name) != os.getpid():
                os.kill(int(process.name), signal.SIGKILL)
                killed += 1
    if not killed:
        raise TortureError("what is to be killed does not run")


def _pull_cable(site: Site) -> None:
    subprocess.run(["ip", "link", "set", hosts.find(site.name).card, "down"], check=True)


def _plug_cable(site: Site) -> None:
    subprocess.run(["ip", "link", "set", hosts.find(site.name).card, "up"], check=True)


def _unreachable(done: PlayResult) -> bool:
    return any(row.status == "unreachable" for row in done.tasks)


def _without_client(done: PlayResult) -> bool:
    """What becomes of the connection that several share, and of who waits for it, comes in either order."""
    return _unreachable(done) or any(row.values.get("rc") == -signal.SIGKILL for row in done.tasks)


class _Cut(NamedTuple):
    strike: Callable[[Site], None]
    shows: Callable[[PlayResult], bool]  # in how the play ends


_CUTS = {
    "sshd's sessions are killed": _Cut(_kill_sessions, _unreachable),
    "the controller's ssh is killed": _Cut(_kill_clients, _without_client),
    "ansible-playbook is killed": _Cut(_kill_controller, lambda done: done.rc == -signal.SIGKILL),
    _CABLE: _Cut(_pull_cable, lambda done: done.rc == 0),
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
    moment, cut = time.time(), _CUTS[how]
    play = _under_way(site, what)
    cut.strike(site)
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
    if not cut.shows(done):
        lost.append(f"the play ends with {done.rc}, not as one that is cut so: {site.quoted(done.output[-600:])}")
    leaked += _printed(site, done)
    return "; ".join([*lost, *site.not_healed([what])]), "; ".join(leaked)


def _printed(site: Site, *plays: PlayResult) -> list[str]:
    """Which secrets are in what they have printed."""
    found = {what for play in plays for what in site.secrets_in(play.output.encode())}
    return [f"what was printed holds {what}" for what in sorted(found)]


def _under_way(site: Site, what: str, **keywords: Any) -> Future[PlayResult]:
    """A play of which the program that the module starts waits until it may go on."""
    site.shell(f"rm -f /run/began /run/go; {program(_PROGRAMS[what], _STOPS)}")
    play = in_background(functools.partial(site.play, [site.task(what)], **keywords))
    _come_to(site.root / "run/began", play)
    return play


def _come_to(sign: pathlib.Path, play: Future[PlayResult]) -> None:
    """Return once the play has set this sign.

    Raises: TortureError when it does not: there would be nothing to strike at.
    """
    wait_until(lambda: sign.exists() or play.done(), f"the play does not come to {sign.name}")
    if not sign.exists():
        raise TortureError(f"the play ended before {sign.name}:\n{play.result().output}")


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
        lost, leaked = _crowd(site, what, count)
        yield Case(KIND, f"{site.kind}, {count} runs at once, {what}", "; ".join(lost), "; ".join(leaked))


def _crowd(site: Site, what: str, count: int) -> tuple[list[str], list[str]]:
    site.restore()
    moment = time.time()
    names = [f"run-{number}" for number in range(count)]
    cas = {name: pem(trustme.CA()) for name in names}
    for name, content in cas.items():
        (site.folder / f"{name}.crt").write_bytes(content)
    wanted = _wanted(site, what, cas)
    site.shell(waiting(FOLDER if what == "merge" else "$ANCHORS", count, ["true"], seconds=1))
    done = _two(site, what, names) if count == 2 else _many(site, what, names)
    site.shell("kill $(cat /run/waiter) 2> /dev/null || true")
    lost = [f"a run fails: {site.quoted(each.output[-300:])}" for each in done if each.rc]
    lost += ["one goes on while the lock is another's"] if (site.root / "run/torture/passed").exists() else []
    lost += [] if _there(site, what) == wanted else [f"not all {count} are there afterwards, as they must be"]
    again = _many(site, what, names)
    lost += ["another run changes something, or fails"] if any(each.changed or each.rc for each in again) else []
    strays, leaked = site.strays(moment, functools.partial(_is_backup, site, names))
    return [*lost, *strays], [*leaked, *_printed(site, *done, *again)]


def _is_backup(site: Site, names: Sequence[str], content: bytes) -> bool:
    """Whether this is the auth file as it was before all of the runs, or after some of them."""
    if site.was_held(content):
        return True
    try:
        found = json.loads(content)["auths"].items()
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return bool(site.entries(more=()).items() <= found <= site.entries(more=_registries(names)).items())


def _registries(names: Iterable[str]) -> list[str]:
    return [f"{name}.example.com" for name in names]


def _wanted(site: Site, what: str, cas: Mapping[str, bytes]) -> object:
    if what == "merge":
        return site.entries(more=_registries(cas)), (0o600, 0)
    anchors, bundle = site.trust()
    made = {f"{name}.crt": MARK.encode() + content for name, content in cas.items()}
    return {**anchors, **made}, bundle | {fingerprint(content) for content in cas.values()}


def _there(site: Site, what: str) -> object:
    if what != "merge":
        return site.trust()
    file = site.root / DEST[1:]
    return json.loads(file.read_bytes())["auths"], (stat.S_IMODE(file.stat().st_mode), file.stat().st_uid)


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
            runs.play, site.name, [_own(site, what)], "-vvv", variables=variables, become=True
        )))  # fmt: skip
    return [play.result() for play in plays]


def _many(site: Site, what: str, names: Sequence[str]) -> list[PlayResult]:
    """One ansible-playbook, for which the bastion has as many names."""
    inventory = json.loads(pathlib.Path(LAB, "inventory.json").read_text())
    fqdn = hosts.find(site.name).fqdn
    named = {name: {"ansible_host": fqdn, "mine": name} for name in names}
    file = site.folder / "names.json"
    file.write_text(json.dumps({"all": {"vars": inventory["all"]["vars"], "hosts": named}}))
    return [site.runs.play("all", [_own(site, what)], "-vvv", "-i", str(file), "-f", str(len(names)), become=True)]


# -- Power -------------------------------------------------------------------------------------------------------------
def reboots(site: Site, short: bool) -> Iterator[Case]:
    """The power fails between two modules, right after a run, and while `oc` or the update command runs."""
    tried: dict[str, Callable[[Site], tuple[list[str], list[PlayResult]]]] = {
        "it reboots between the two modules": _between,
        "its power fails right after a run": _afterwards,
        **{f"its power fails during {what}": functools.partial(_during, what=what) for what in _PROGRAMS},
    }
    for title, what in tried.items():
        if not short:
            site.restore()
            moment = time.time()
            lost, plays = what(site)
            strays, leaked = site.strays(moment)
            leaked += _printed(site, *plays)
            yield Case(KIND, f"{site.kind}, {title}", "; ".join([*lost, *strays]), "; ".join(leaked))


def _power_cycle(site: Site) -> None:
    host = hosts.find(site.name)
    hosts.power_off(host)
    hosts.boot([host])
    site.booted()


def _between(site: Site) -> tuple[list[str], list[PlayResult]]:
    """What is lost, and the plays that may have printed secrets; so all of these."""
    here, go = site.folder / "here", site.folder / "go"
    stop = {
        "ansible.builtin.raw": f"touch {here}; until [ -e {go} ]; do sleep 0.02; done", "delegate_to": "localhost",
        "become": False, "vars": {"ansible_connection": "local"},
    }  # fmt: skip
    tasks = [site.task("renew"), stop, {"ansible.builtin.meta": "reset_connection"}, site.task("merge")]
    play = in_background(functools.partial(site.play, tasks))
    _come_to(here, play)
    _power_cycle(site)
    go.touch()
    done = play.result()
    return [*_not_done(site, done), *site.not_healed(["renew", "merge"])], [done]


def _afterwards(site: Site) -> tuple[list[str], list[PlayResult]]:
    done = site.play([site.task("renew"), site.task("merge")])
    _power_cycle(site)
    lost = list(_not_done(site, done))
    again = site.play([site.task("renew"), site.task("merge")])
    lost += [f"the next run changes {again.changed}"] if again.changed or again.rc else []
    return lost, [done, again]


def _not_done(site: Site, done: PlayResult) -> Iterator[str]:
    """What is not as it must be after both modules."""
    yield from ([f"the play fails: {site.quoted(done.output[-300:])}"] if done.rc else [])
    yield from (f"afterwards {site.state(each)}" for each in ("renew", "merge") if site.state(each) != NEW)


def _during(site: Site, what: str) -> tuple[list[str], list[PlayResult]]:
    play = _under_way(site, what, variables={"ansible_ssh_extra_args": _ALIVE})
    _power_cycle(site)
    done = play.result()
    lost = ["the play ends with a traceback"] if "Traceback" in done.output else []
    lost += [] if _unreachable(done) else [f"the play does not notice: {site.quoted(done.output[-300:])}"]
    if what == "renew":  # what is in oc's place is gone after a boot
        site.shell(original(_PROGRAMS[what]))
    return [*lost, *site.not_healed([what])], [done]
