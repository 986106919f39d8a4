# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules are struck at, how a bastion is before that and has to be after it, and what is lost if it is not."""

from __future__ import annotations

import base64
import json
import pathlib
import queue
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import cut
import trustme
from disks import FILE, LINK, Disk, Entry, changed, readable_by_others
from lab.access import Lab
from outcome import Case, TortureError, say
from traced import Call, Ran, Target, send, settled

_FOLDER = "/srv/mirror"  # others may enter it, other than /root
DEST = f"{_FOLDER}/auth.json"
NOTE = f"{DEST}.airgap-openshift.json"
_TARGET = "/srv/other.json"
_OWN, _PULLED, _PASSWORD = "oWn-cAnArY-4711", "pUlLeD-cAnArY-4712", "pAsSwOrD-cAnArY-4713"


def _auth(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


_HELD = json.dumps({"auths": {"own.example.com": {"auth": _auth("own", _OWN)}}}, indent=1)
_SECRET = json.dumps(
    {"auths": {"quay.io": {"auth": _auth("quay", _PULLED)}, "own.example.com": {"auth": _auth("x", _PULLED)}}}
)
_AUTHS = (_auth("own", _OWN), _auth("quay", _PULLED), _auth("x", _PULLED), _auth("mirror", _PASSWORD))
_CANARIES = [text.encode() for text in (_OWN, _PULLED, _PASSWORD, *_AUTHS)]
_AUTH_FILE = f"install -d {_FOLDER} && echo '{_HELD}' > {DEST} && chown admin:admin {DEST} && chmod 644 {DEST}"
_LINKED = f"{_AUTH_FILE} && mv {DEST} {_TARGET} && ln -s {_TARGET} {DEST}"
_APART = f"install -d {_FOLDER} && mount -t tmpfs -o mode=755 tmpfs {_FOLDER} && {_AUTH_FILE}"

# What others than the module leave behind when they are killed: Ansible below its own folders for temporary files,
# update-ca-certificates below /tmp and beside the bundle, p11-kit beside what it extracts. What the module has called
# by a name of its own is its own in any folder.
_LEFT_BY_OTHERS = re.compile(
    r"(?!.*/\.airgap-openshift-)"
    r"(tmp(/ansible_airgap\.openshift\..*|/ca-certificates\.tmp\..{6}|/[a-z0-9_]{8})?"
    r"|root(/\.ansible(/tmp(/ansible-moduletmp-.*)?)?)?"
    r"|etc/pki/ca-trust/extracted/.*\.\w{6}|etc/ssl/certs/(ca-certificates\.crt\.new|.*\.tmp))"
)
_BACKUP = re.compile(re.escape(DEST[1:]) + r"\.\d+\.[\d-]+@[\d:]+~")
_ATTEMPTS = 12  # to hit what is not quite the same in each run
_PASSING = re.compile(r"/\.(airgap-openshift-(anchor|secret)-|ansible_tmp)[^/]*$")
_REMOVING = ("lstat", "newfstatat", "stat", "unlink")
# Which of these is newer is how ca_trust knows whether the bundle has been made since.
_TIMED = re.compile(
    r".*/ca-trust[-/]source/anchors|.*/share/ca-certificates|.*/(tls-ca-bundle\.pem|ca-certificates\.crt)"
)
# What is replaced at once; not so the links in /etc/ssl/certs, which the system's command removes and makes again, nor
# the mark of an update that is under way.
_REPLACED = re.compile(
    rf"(?!.*/\.airgap-openshift-update$)"
    rf"({re.escape(DEST[1:])}(\.airgap-openshift\.json)?|.*/anchors/.*|.*/share/ca-certificates/.*|etc/pki/ca-trust/extracted/.*"
    r"|etc/ssl/certs/ca-certificates\.crt)"
)
# What RHEL's update command makes beside the bundle for TLS. It goes on where it could not make one of them.
_OTHER_BUNDLES = re.compile(r"/etc/pki/ca-trust/extracted/(?!pem/tls-ca-bundle\.pem)\S+ differs$")
# It holds the time at which it was made.
_DATED = re.compile(r"etc/pki/ca-trust/extracted/java/cacerts")

# So that all that may be changed is on the bastion's own disk from the beginning.
_TOUCHED = """
for each in /usr/share/pki/ca-trust-source /etc/pki/ca-trust/source; do
    [ ! -d $each ] || { touch $each/x $each/anchors/x; rm $each/x $each/anchors/x; }
done
"""


class Scenario(NamedTuple):
    """A module that is struck at."""

    title: str
    kinds: tuple[str, ...]  # of bastions
    payload: str
    own: tuple[str, ...]  # parts of the paths that the module's own code begins with
    prepared: str = "true"  # by this shell command
    already: tuple[str, ...] = ()  # which modules have been run before
    undo: str = ""
    short: tuple[str, ...] = ()  # which kinds of cases take it for their short form, on the first of ``kinds``
    apart: bool = False  # the folder of the destination is a file system of its own


BOTH = ("rhel9", "debian13")
_ANCHORS = ("/ca-trust-source/anchors", "/usr/local/share/ca-certificates")
SCENARIOS = (
    Scenario("a merge into a file", BOTH[1:], "merge", (DEST,), _AUTH_FILE, (), "reset", ("killed", "failing")),
    Scenario("a first write", BOTH[:1], "merge", (DEST,), f"install -d {_FOLDER}", undo="reset"),
    Scenario("a merge into a link", BOTH[1:], "merge", (DEST,), _LINKED, undo="reset"),
    Scenario("a merge across file systems", BOTH[:1], "merge", (DEST,), _APART, undo="reset", apart=True),
    Scenario("what was merged is taken back", BOTH[:1], "reset", (DEST,), _AUTH_FILE, ("merge",)),
    Scenario("a CA is trusted", BOTH, "trust", _ANCHORS, undo="distrust", short=("failing",)),
    Scenario("a CA is no longer trusted", BOTH, "distrust", _ANCHORS, already=("trust",), short=("killed",)),
)


def chosen(kind: str, short: bool) -> Sequence[Scenario]:
    """Those of a kind of cases."""
    return [each._replace(kinds=each.kinds[:1]) for each in SCENARIOS if kind in each.short] if short else SCENARIOS


class Trial:
    """A scenario on a bastion, ready to be repeated."""

    def __init__(self, scenario: Scenario, target: Target, first: Disk) -> None:
        self.scenario, self.target = scenario, target
        target.console(f"! mountpoint -q {_FOLDER} || umount {_FOLDER}")
        target.disk.set_apart()
        target.disk.restore(first)
        target.console(scenario.prepared)
        target.disk.set_apart(*([_FOLDER[1:]] if scenario.apart else []))
        for payload in scenario.already:
            target.must_run(payload)
        self.start = target.disk.look()
        calls = target.calls(scenario.payload)
        self.wanted = target.disk.look()
        begin = next(
            i for i, call in enumerate(calls) if any(part in path for path in call.paths for part in scenario.own)
        )
        self.before = [] if scenario.apart else calls[:begin]
        # Across file systems only what changes something is another than within one.
        self.calls = [call for call in calls[begin:] if not scenario.apart or (call.changes and call.matters)]
        self.starts = self._starts()
        self.undone = self._undone()
        self._unnoticed = False
        self._kept: tuple[str, ...] = ()
        self._afterwards: dict[tuple[object, ...], list[str]] = {}
        target.disk.restore(self.start)

    def __str__(self) -> str:
        return f"{self.target.kind}, {self.scenario.title}"

    def struck(
        self, call: Call, how: str, unclear: Callable[[Ran], str] = lambda _ran: ""
    ) -> Iterator[tuple[str, str]]:
        """Strike at a call; what was lost and leaked. ``unclear`` is what is wrong with what the module said.

        Nothing where a read is not found again: how often a pipe is read before it is up to who writes to that.

        Raises: TortureError when another call was hit.
        """
        nth = call.nth
        for _attempt in range(_ATTEMPTS):
            ran, found = self.target.struck(self.scenario.payload, call, how, nth)
            if found == nth:
                self._kept = call.paths if call.name in _REMOVING else ()
                yield self.judged(ran, unclear(ran))
                return
            nth = found or nth
            self.target.disk.restore(self.start)
        if call.name != "read":
            raise TortureError(f"{self}: {call} was not there again")
        say(f"{self}: left out: {call} was not there again")

    def cut(self, who: str, nth: int) -> tuple[Ran, str]:
        """Kill when what the module starts is to change a file the nth time; what the module said, and that change.

        Raises: TortureError when nothing was killed, or not what was to be.
        """
        for _attempt in range(_ATTEMPTS):
            ran, changes = self._cut(who, nth)
            if len(changes) >= nth and ran.killed == (who != "child"):
                return ran, changes[nth - 1]
            self.target.disk.restore(self.start)
        raise TortureError(f"{self}: nothing was killed at change {nth} ({who}): {len(changes)} changes, exit {ran.rc}")

    def _cut(self, who: str, nth: int) -> tuple[Ran, list[str]]:
        """Run it under cut.py; all that was changed."""
        with tempfile.NamedTemporaryFile("r") as log:
            tracer = [sys.executable, "-SE", cut.__file__, log.name, who, str(nth)]
            return self.target.entered(self.scenario.payload, tracer), log.read().splitlines()

    def judged(self, ran: Ran, unclear: str = "", *, unnoticed: bool = False) -> tuple[str, str]:
        """What has been lost and leaked; afterwards the next runs have been tried, and the disk is as before.

        ``unnoticed``: a program of the update command was struck, and the command may have gone on.
        """
        self._unnoticed = unnoticed
        try:
            return self._judged(ran, unclear)
        finally:
            self.target.disk.restore(self.start)

    def _judged(self, ran: Ran, unclear: str) -> tuple[str, str]:
        now = self.target.disk.look()
        leaks = [*self._leaked(now), *(["the output holds a secret"] if _secret(ran.output) else [])]
        losses = [*filter(None, [unclear]), *self._lost(now), *self._not_done(ran, now)]
        losses += [*self._bad_backups(self.start, now), *([] if ran.killed else self._left_behind(now))]
        state = (self._unnoticed, *self._state(now))
        if state not in self._afterwards:
            self._afterwards[state] = list(self._not_healed(now))
        return "; ".join([*losses, *self._afterwards[state]]), "; ".join(leaks)

    def _state(self, now: Disk) -> tuple[object, ...]:
        """What the next run can see: it need not heal the same twice."""
        timed = sorted((path for path in now if _TIMED.fullmatch(path)), key=lambda path: now[path].modified)
        # The new bundle of an update-ca-certificates that was killed is taken for its own by the next one.
        paths = [path for path in changed(self.start, now) if not _of_others(path) or path.endswith(".new")]
        return (*timed, *((settled(path), now[path].lasting if path in now else None) for path in paths))

    def _starts(self) -> int:
        """How often files are changed by what the module starts.

        Raises: TortureError when an update command is said to change none.
        """
        if not cut.supported():
            return 0
        self.target.disk.restore(self.start)
        count = len(self._cut("all", 0)[1])
        if not count and self.scenario.own == _ANCHORS:
            raise TortureError(f"{self}: the changes of the update command were not seen")
        return count

    def _undone(self) -> Disk:
        if self.scenario.undo:
            self.target.must_run(self.scenario.undo)
        return self.target.disk.look()

    def _lost(self, now: Disk) -> Iterator[str]:
        """What is neither old nor new."""
        for path in changed(self.start, now):
            if not _of_others(path) and _REPLACED.fullmatch(path):
                yield from self._torn(path, now.get(path))

    def _not_done(self, ran: Ran, now: Disk) -> Iterator[str]:
        """What is not as wanted although the module said so."""
        if not ran.failed:
            yield from (f"it says that all is done, but {words}" for words in self._unlike(self.wanted, now))

    def _left_behind(self, now: Disk) -> Iterator[str]:
        """Files on their way to another name: who is not killed removes them, but for one for which that fails."""
        for path in filter(_PASSING.search, now.keys() - self.start.keys()):
            if f"/{settled(path)}" not in self._kept:
                yield f"/{settled(path)} stays behind"

    def _bad_backups(self, before: Disk, now: Disk) -> Iterator[str]:
        """Which backups are not all of what was there before, for its owner alone, or not what they were before."""
        held = before.get(DEST[1:])
        held = before.get(_TARGET[1:]) if held and held.kind == LINK else held
        for path in filter(_BACKUP.fullmatch, changed(before, now)):
            whole = held and Entry(FILE, 0o600, self.wanted[DEST[1:]].owner, held.content)
            yield from _difference(path, before.get(path) or whole, now.get(path))

    def _unlike(self, wanted: Disk, now: Disk) -> Iterator[str]:
        """What is not as wanted, but for what nobody can notice (SECURITY.md)."""
        found = _unlike(wanted, now)
        return (words for words in found if not (self._unnoticed and _OTHER_BUNDLES.match(words)))

    def _torn(self, path: str, found: Entry | None) -> Iterator[str]:
        whole = [self.start.get(path), self.wanted.get(path)]
        if path == DEST[1:] and _TARGET[1:] in self.start:  # from a link it first becomes a copy of what that leads to
            whole.append(self.start[_TARGET[1:]])
        if _content(path, found) not in [_content(path, entry) for entry in whole]:
            yield f"/{path} is neither old nor new"

    def _leaked(self, now: Disk) -> Iterator[str]:
        users = {0, *(disk[DEST[1:]].owner[0] for disk in (self.start, self.wanted) if DEST[1:] in disk)}
        for path in changed(self.start, now):
            entry, before = now.get(path), self.start.get(path)
            if entry is None or entry.kind != FILE or not _secret(entry.content):
                continue
            as_before = before and before.lasting == entry.lasting
            if readable_by_others(now, path, users) and not as_before:
                yield f"/{settled(path)} holds a secret and has {_rights(entry)}"

    def _not_healed(self, struck: Disk) -> Iterator[str]:
        """What is not as wanted after the next run and the one after it, and not as before once that is taken back."""
        disk, payload = self.target.disk, self.scenario.payload
        first = self.target.run(payload)
        if first.failed:
            yield f"the next run fails: {first.answer.get('msg') or first.stderr[-300:]}"
            return
        healed = disk.look()
        yield from (f"after the next run {words}" for words in self._unlike(self.wanted, healed))
        yield from (f"after the next run {words}" for words in self._bad_backups(struck, healed))
        second = self.target.run(payload)
        if second.failed or second.answer.get("changed"):
            yield "the run after the next one still changes something"
        if self.scenario.undo:
            done = self.target.run(self.scenario.undo)
            if done.failed:
                yield f"it cannot be taken back: {done.answer.get('msg') or done.stderr[-300:]}"
            undone = disk.look()
            yield from (f"once taken back {words}" for words in self._unlike(self.undone, undone))
            yield from (f"once taken back {words}" for words in self._bad_backups(healed, undone))


def _of_others(path: str) -> bool:
    return bool(_LEFT_BY_OTHERS.fullmatch(path) or _DATED.fullmatch(path))


def _unlike(wanted: Disk, now: Disk) -> Iterator[str]:
    """What is not as wanted. Backups are called after the time at which they were made: here it counts that one is."""
    for path in changed(wanted, now):
        if not _of_others(path) and not _BACKUP.fullmatch(path):
            yield from _difference(path, wanted.get(path), now.get(path))
    if any(map(_BACKUP.fullmatch, wanted)) and not any(map(_BACKUP.fullmatch, now)):
        yield "there is no backup"


def _difference(path: str, there: Entry | None, found: Entry | None) -> Iterator[str]:
    """What is at a path, if that is not what is to be there."""
    if there is None:
        yield f"there is /{settled(path)}"
    elif found is None:
        yield f"/{settled(path)} is gone"
    elif there[:3] != found[:3]:
        yield f"/{settled(path)} has {_rights(found)}"
    elif _content(path, there) != _content(path, found):
        yield f"/{settled(path)} differs"


def _rights(entry: Entry) -> str:
    return f"mode {entry.mode:04o} and owner {entry.owner[0]}:{entry.owner[1]}"


def _content(path: str, entry: Entry | None) -> object:
    if entry is None or path != NOTE[1:]:
        return entry and (entry.kind, entry.content)
    return _names(entry.content)


def _secret(content: bytes) -> bool:
    return any(canary in content for canary in _CANARIES)


def _names(note: bytes) -> object:
    """What a note says, but for the digests, which differ, since they are salted. That they are right shows when what
    was merged is taken back."""
    try:
        fields = json.loads(note)
        del fields["salt"]
        for part in fields.values():
            if isinstance(part, dict):
                part["added"] = sorted(part["added"])
    except (ValueError, KeyError, TypeError):
        return note
    return fields


def _tasks(folder: pathlib.Path) -> dict[str, dict[str, Any]]:
    (folder / "ca.crt").write_bytes(trustme.CA().cert_pem.bytes())
    registries = [{"registry": "mirror.example.com:5000", "username": "mirror", "password": _PASSWORD}]
    merge = {
        "content": _SECRET,
        "registries": registries,
        "track": True,
        "backup": True,
        "owner": "admin",
        "group": "admin",
    }
    return {
        "merge": {"airgap.openshift.pull_secret_merge": {"dest": DEST, **merge}},
        "reset": {"airgap.openshift.pull_secret_merge": {"dest": DEST, "state": "absent"}},
        "trust": {"airgap.openshift.ca_trust": {"name": "mirror", "src": str(folder / "ca.crt")}},
        "distrust": {"airgap.openshift.ca_trust": {"name": "mirror", "state": "absent"}},
    }


def tried(scenarios: Sequence[Scenario], strikes: Callable[[Trial], Iterator[Case]]) -> Iterator[Case]:
    """Yield the cases of these scenarios as they come, from all bastions at once.

    Raises: what one of them raised; TortureError where there is no strace.
    """
    if not shutil.which("strace"):
        raise TortureError("strace is not installed")
    found: queue.Queue[Case | BaseException | None] = queue.Queue()
    with tempfile.TemporaryDirectory() as folder:
        targets = _targets(pathlib.Path(folder), scenarios)
    for target in targets:
        # A daemon: where another bastion's cases cannot be tried, all ends.
        threading.Thread(target=_try_on, args=(target, scenarios, strikes, found), daemon=True).start()
    running = len(targets)
    while running:
        case = found.get()
        if isinstance(case, BaseException):
            raise case
        running -= case is None
        if case:
            yield case


def _targets(folder: pathlib.Path, scenarios: Sequence[Scenario]) -> list[Target]:
    lab, tasks = Lab(), _tasks(folder)
    for host in lab.bastions:
        lab.console(host, f"install -d {_FOLDER}{_TOUCHED}")
    asked = [(payload, each) for each in scenarios for payload in (each.payload, each.undo, *each.already)]
    where = {name: [kind for payload, each in asked for kind in each.kinds if payload == name] for name in tasks}
    return send(lab, folder, tasks, where)


def _try_on(
    target: Target,
    scenarios: Sequence[Scenario],
    strikes: Callable[[Trial], Iterator[Case]],
    found: queue.Queue[Case | BaseException | None],
) -> None:
    try:
        target.console(f"rm -r {_FOLDER}")
        first = target.disk.look()
        for scenario in scenarios:
            if target.kind in scenario.kinds:
                for case in strikes(Trial(scenario, target, first)):
                    found.put(case)
        found.put(None)
    except BaseException as problem:
        found.put(problem)
