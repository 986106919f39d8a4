# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bastion whose auth file and trust store are known, the tasks that are to change them, and what became of both."""

from __future__ import annotations

import base64
import concurrent.futures
import contextlib
import functools
import itertools
import json
import os
import pathlib
import stat
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import trustme
from canaries import Canaries, Canary, letters
from disks import DiskOf
from lab import hosts
from lab.access import Lab
from outcome import TortureError
from trust import MARK, STORES, fingerprint, pem

from playbooks import Playbooks, PlayResult, TaskResult

MERGE, TRUST = "airgap.openshift.pull_secret_merge", "airgap.openshift.ca_trust"
FOLDER = "/srv/mirror"  # which others may enter, other than /root
DEST, FIRST = f"{FOLDER}/auth.json", f"{FOLDER}/first.json"  # the second is not there before
REGISTRY = "mirror.example.com:5000"
OLD, NEW = "old", "new"
PATIENCE = 400  # seconds: ca_trust ends an update command after 120, and runs it once more to take back what it did
_ANCHORS = {"rhel9": ("/usr/share/pki/ca-trust-source/anchors", "/etc/pki/ca-trust/source/anchors")}
_SIGNALS = "run/torture"
_WAIT = "touch /{0}/{1} && until [ -e /{0}/{1}.go ]; do sleep 0.02; done"
# Where a secret may have been left; the image itself holds none.
_SEARCHED = ("dev/shm", "etc", "home", "root", "run", "srv", "tmp", "usr/local", "usr/share/pki", "var")
_REMAINS = (".airgap-openshift-", ".ansible_tmp")


class Site:
    """One bastion."""

    def __init__(self, lab: Lab, name: str, kind: str, folder: pathlib.Path, *, anchored: bool = True) -> None:
        """Put the bastion into its first state; ``anchored`` is whether there is to be an anchor to renew or remove."""
        folder.mkdir()
        self.lab, self.name, self.kind, self.folder = lab, name, kind, folder
        self.store = STORES[kind]
        self.runs = Playbooks(lab, folder, pathlib.Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]))
        self.own, self.password = letters(24), letters(24)
        pulled = [_password(entry) for entry in lab.pull_secret["auths"].values()]
        given = [("the entry that was there", self.own), ("the given password", self.password)]
        self.canaries = Canaries(
            Canary(what, secret.encode()) for what, secret in [*given, *(("the pull secret", each) for each in pulled)]
        )
        self._held = json.dumps({"auths": {"own.example.com": {"auth": auth("own", self.own)}}}, indent=1).encode()
        self._cas = {name: pem(trustme.CA()) for name in ("old", "new", "added")}
        for ca, content in self._cas.items():
            (folder / f"{ca}.crt").write_bytes(content)
        self._folders = _ANCHORS.get(kind, (self.store.anchors,))
        self._prepare(anchored)

    def _prepare(self, anchored: bool) -> None:
        self.lab.reset(self.name)
        # Files of the image can be put back only if they have been touched.
        touched = [self.store.update, *self._folders, "/tmp", "/var/tmp", "/var/log/lastlog", "/var/log/wtmp"]
        self.shell(f"install -d {FOLDER}; touch {' '.join(touched)}")
        self.lab.push(self.name, DEST, self._held)
        anchor = {TRUST: {"name": "mirror", "src": str(self.folder / "old.crt")}}
        if anchored and (done := self.play([anchor])).rc:
            raise TortureError(f"{self.name} could not be prepared:\n{done.output}")
        self._anchors_before, self._bundle_before = self.trust()
        self._disk = DiskOf(hosts.find(self.name))
        self._first = self._disk.look()

    @property
    def root(self) -> pathlib.Path:
        """The bastion's files as its own processes see them, mounts and all."""
        return pathlib.Path("/proc", hosts.entering(hosts.find(self.name))[2], "root")

    def restore(self) -> None:
        """Put the disk back to the first state."""
        self._disk.restore(self._first)

    def booted(self) -> None:
        """Note that it has been started again."""
        self._disk = DiskOf(hosts.find(self.name))

    def shell(self, script: str) -> None:
        """Run a script on the console.

        Raises: TortureError when it fails.
        """
        store = self.store
        names = f"ANCHORS={store.anchors} UPDATE={store.update} BUNDLE={store.bundle} DEST={DEST} FOLDER={FOLDER}"
        done = self.lab.console(self.name, f"set -eu; {names}\necho {names} > /run/names\n{script}")
        if done.rc:
            raise TortureError(f"{self.name}: {script}: {done.stdout}{done.stderr}")

    def task(self, what: str, options: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
        """One of the tasks that can be struck."""
        registries = [{"registry": REGISTRY, "username": "mirror", "password": self.password}]
        merge = {"registries": registries, "kubeconfig": "/root/.kube/config", "track": True, "backup": True}
        tasks: dict[str, dict[str, Any]] = {
            "merge": {MERGE: {"dest": DEST, **merge}},
            "write": {MERGE: {"dest": FIRST, **merge}},
            "trust": {TRUST: {"name": "added", "src": str(self.folder / "added.crt")}},
            "renew": {TRUST: {"name": "mirror", "src": str(self.folder / "new.crt")}},
            "distrust": {TRUST: {"name": "mirror", "state": "absent"}},
        }
        [(module, always)] = tasks[what].items()
        return {module: {**always, **options}}

    def play(self, tasks: Sequence[Mapping[str, Any]], **keywords: Any) -> PlayResult:
        """Run tasks as root."""
        return self.runs.play(self.name, tasks, "-vvv", become=True, **keywords)

    def not_healed(self, what: Sequence[str]) -> list[str]:
        """What is not as it must be after the next run and the one after that."""
        tasks = [self.task(each) for each in what]
        done = self.play([*tasks, *({**task, "name": f"again {number}"} for number, task in enumerate(tasks))])
        lost = [f"the next run fails: {self.quoted(done.output[-300:])}"] if done.rc else []
        lost += [f"after the next run {state}" for state in map(self.state, what) if state != NEW]
        again = [row.status for row in done.tasks if row.task.startswith("again")]
        return lost + ([] if set(again) <= {"ok"} else ["the run after the next one changes something"])

    def runs_modules(self) -> bool:
        """Whether a module, or the Python that sends it, is at work."""
        names = []
        for process in (self.root / "proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                names.append((process / "comm").read_text().strip())
        return any(name.startswith(("python3", "timeout")) for name in names)

    def state(self, what: str) -> str:
        """Whether what a task is about is as before or as it is to be; else what is the matter."""
        return self._of_trust(what) if what in ("trust", "renew", "distrust") else self._of_file(what)

    def _of_file(self, what: str) -> str:
        path = self.root / (DEST if what == "merge" else FIRST)[1:]
        if not path.exists():
            return OLD if what == "write" else f"/{path.name} is gone"
        content, mode = path.read_bytes(), path.stat().st_mode & 0o777
        if content == self._held:
            return OLD if mode in (0o644, 0o600) else f"{path.name} has mode {mode:04o}"
        with contextlib.suppress(ValueError):
            if json.loads(content)["auths"] == self.entries(what):
                return NEW if mode == 0o600 else f"{path.name} is new and has mode {mode:04o}"
        return f"{path.name} is neither old nor new"

    def entries(self, what: str = "merge", more: Sequence[str] = (REGISTRY,)) -> dict[str, Any]:
        """The entries that the auth file is to have."""
        held = json.loads(self._held)["auths"] if what == "merge" else {}
        return {
            **held,
            **self.lab.pull_secret["auths"],
            **{each: {"auth": auth("mirror", self.password)} for each in more},
        }

    def trust(self) -> tuple[dict[str, bytes], frozenset[str]]:
        """The anchors that are not the system's own, and the fingerprints in the bundle."""
        folders = (self.root / each[1:] for each in self._folders)
        files = [file for folder in folders for file in folder.iterdir() if file.name != "ca-bundle.pem"]
        anchors = {file.name: file.read_bytes() for file in files}
        if len(anchors) < len(files):
            anchors["two"] = b"of a name"
        ends = (self.root / self.store.bundle[1:]).read_bytes().split(b"-----END CERTIFICATE-----")[:-1]
        end = b"-----END CERTIFICATE-----\n"
        return anchors, frozenset(fingerprint(each[each.index(b"-----BEGIN") :] + end) for each in ends)

    def _of_trust(self, what: str) -> str:
        anchors, bundle = self.trust()
        made = {name: MARK.encode() + content for name, content in self._cas.items()}
        known = {name: fingerprint(content) for name, content in self._cas.items()}
        without = self._bundle_before - {known["old"]}
        wanted = {
            "trust": ({**self._anchors_before, "added.crt": made["added"]}, self._bundle_before | {known["added"]}),
            "renew": ({"mirror.crt": made["new"]}, without | {known["new"]}),
            "distrust": ({}, without),
        }
        states = {OLD: (self._anchors_before, self._bundle_before), NEW: wanted[what]}
        for name, state in states.items():
            if (anchors, bundle) == state:
                return name
        is_like = [
            ", ".join(name for name, state in states.items() if found == state[i])
            for i, found in enumerate((anchors, bundle))
        ]
        return f"anchors are {is_like[0] or 'neither old nor new'}, the bundle is {is_like[1] or 'neither old nor new'}"

    def was_held(self, content: bytes) -> bool:
        """Whether this is the auth file as it was before all."""
        return content == self._held

    def strays(self, since: float, is_whole: Callable[[bytes], bool] | None = None) -> tuple[list[str], list[str]]:
        """What is lost and leaked by files that have come since then: remains of ours, backups that are not whole, and
        secrets others than root may read."""
        lost, leaked = [], []
        for file, closed in self._written(since):
            partial = file.name.endswith("~") and not (is_whole or self.was_held)(file.read_bytes())
            if file.name.startswith(_REMAINS) or partial:
                lost.append(f"{file.name} is left behind in /{file.parent.relative_to(self.root)}")
            if not closed and not _is_roots(file.stat(), 0o066):
                leaked += [
                    f"/{file.relative_to(self.root)} holds {what}" for what in self.secrets_in(file.read_bytes())
                ]
        return lost, leaked

    def secrets_in(self, content: bytes) -> list[str]:
        """Which secrets are there, in whatever way they are written."""
        return sorted(self.canaries.found_in(content))

    def quoted(self, text: str) -> str:
        """A text for a message, which may hold no secret."""
        return "(this holds a secret)" if self.secrets_in(text.encode()) else text

    def _written(self, since: float) -> Iterator[tuple[pathlib.Path, bool]]:
        """The files that have changed since then, and whether they are in a folder that only root may enter."""
        closed: set[str] = set()
        for folder, _below, names in itertools.chain(*(os.walk(self.root / top) for top in _SEARCHED)):
            if os.path.dirname(folder) in closed or _is_roots(os.lstat(folder), 0o011):
                closed.add(folder)
            for file in (pathlib.Path(folder, name) for name in names):
                with contextlib.suppress(OSError):
                    facts = file.lstat()
                    if facts.st_ctime >= since and stat.S_ISREG(facts.st_mode):
                        yield file, folder in closed


class Stage:
    """A play of a bastion that stops where it is told to."""

    def __init__(self, site: Site, tasks: Sequence[Mapping[str, Any]], **keywords: Any) -> None:
        self._signals = site.root / _SIGNALS
        self._results = site.folder / "results.jsonl"
        site.shell(f"rm -rf /{_SIGNALS}; mkdir -p /{_SIGNALS}")
        self._results.unlink(missing_ok=True)
        play = functools.partial(site.runs.play, site.name, tasks, "-vvv", become=True, **keywords)
        self._play = in_background(play)

    def arrive(self, stop: str) -> None:
        """Return when the play has come to this stop.

        Raises: TortureError when it does not.
        """
        wait_until(lambda: (self._signals / stop).exists() or self._play.done(), f"the play does not come to {stop}")
        if not (self._signals / stop).exists():
            raise TortureError(f"the play ended before {stop}:\n{self._play.result().output}")

    def go_on(self, stop: str) -> None:
        """Let the play go on from there."""
        (self._signals / f"{stop}.go").touch()

    def result(self, task: str) -> TaskResult:
        """What a task did that has ended."""
        rows = map(json.loads, self._results.read_text().splitlines())
        [found] = [TaskResult(**row) for row in rows if row.get("task") == task]
        return found

    def end(self) -> PlayResult:
        """All that was done."""
        return self._play.result(PATIENCE)


def in_background(play: Callable[[], PlayResult]) -> concurrent.futures.Future[PlayResult]:
    """Run a play in a thread for which the end of this process does not wait."""
    future: concurrent.futures.Future[PlayResult] = concurrent.futures.Future()

    def run() -> None:
        try:
            future.set_result(play())
        except BaseException as problem:
            future.set_exception(problem)

    threading.Thread(target=run, daemon=True).start()
    return future


def stop(name: str) -> dict[str, Any]:
    """A task at which a play stops."""
    return {"name": name, "ansible.builtin.raw": _WAIT.format(_SIGNALS, name), "changed_when": False}


def wait_until(holds: Callable[[], bool], problem: str) -> None:
    """Raises: TortureError when it does not come true."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise TortureError(problem)
        time.sleep(0.02)


def _is_roots(facts: os.stat_result, others: int) -> bool:
    """Whether it belongs to root, and its mode allows nobody else this."""
    return facts.st_uid == 0 and not facts.st_mode & others


def auth(user: str, password: str) -> str:
    """As in an auth file."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def _password(entry: Mapping[str, str]) -> str:
    return base64.b64decode(entry["auth"]).decode().partition(":")[2]
