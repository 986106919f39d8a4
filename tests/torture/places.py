# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What another user of a bastion lays where root is to write, and names that lead elsewhere: real plays, as root."""

from __future__ import annotations

import os
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any, NamedTuple

import fuzz
from lab import roots
from lab.access import Lab

from playbooks import Playbooks, TaskResult

MERGE, TRUST = "airgap.openshift.pull_secret_merge", "airgap.openshift.ca_trust"
# A folder that admin may write, and root is told to write in; what the links in it lead to must stay as it is.
_BEGIN = """
rm -rf /srv/shared /srv/bundle.pem /root/precious* /root/new; install -d -m 0777 -o admin /srv/shared
echo precious > /root/precious
echo '{"auths": {"quay.io": {"auth": "cHJlY2lvdXM6cHJlY2lvdXM="}}}' > /root/precious.json
chmod 600 /root/precious*; cd /srv/shared
"""
_AS_BEFORE = (
    '[ "$(cat /root/precious)" = precious ] && [ "$(stat -c %a:%u /root/precious*)" = "$(printf "600:0\\n600:0")" ]'
    " && [ ! -e /root/new ] && ! grep -qr cHJlY2lvdXM6cHJlY2lvdXM= /srv/shared"
)
_PRIVATE = "[ ! -L {0} ] && [ -f {0} ] && [ $(stat -c %a:%u {0}) = 600:0 ]"
DEST = "/srv/shared/auth.json"
# Whatever is being written becomes a link to a file of root's, for as long as a play takes.
_SWAPS = """
import os, time
end = time.monotonic() + 60
while time.monotonic() < end and not os.path.exists("stop"):
    for name in os.listdir("."):
        if name.startswith(".a") and not os.path.islink(name):
            try:
                os.remove(name)
                os.symlink("/root/precious", name)
            except OSError:
                pass
"""
PATIENCE = 100  # seconds for a task, which may wait for what never comes
# A store of the administrator's own. Other than the module, its command reads no pipe and goes round in no circle.
CA, BUNDLE, UPDATE = "/srv/ca.crt", "/srv/bundle.pem", "/usr/local/bin/concatenate"
_UPDATE = b"""#!/bin/sh
find /srv/shared -maxdepth 1 -type f -size -64k -exec cat {} + > "$1"
"""
_LEFTOVERS = "find /srv /root -name '.airgap-openshift-*'"
_TRUSTED = f'grep -qFx "$(sed -n 2p {CA})" {BUNDLE}'
_UNTRUSTED = f"! grep -qs CERTIFICATE {BUNDLE}"
_WHOLE = f"tail -n +2 mirror.crt | cmp - {CA}"  # after the module's mark
_ANCHORED = f"[ ! -L mirror.crt ] && [ $(stat -c %a:%u mirror.crt) = 644:0 ] && {_WHOLE} && {_TRUSTED}"
_NO_ANCHOR = '[ ! -e /etc/cron.d/x.crt ] && [ -z "$(ls -A /usr/local/share/ca-certificates)" ]'
_FORGED = "forged"  # how a line begins that no program of ours says


class Place(NamedTuple):
    """What lies there, what root is told to do, how that has to end, and what has to be true afterwards."""

    name: str
    lie: str  # a shell command of admin's
    task: dict[str, Any]
    says: str | None = ""  # part of the error that there has to be; empty if it has to work, none for either
    then: str = "true"
    kind: str = roots.IMAGES[-1]


def merge(dest: str = DEST, **options: Any) -> dict[str, Any]:
    """A task that writes an auth file."""
    registries = [{"registry": fuzz.PEER.label, "username": fuzz.USER, "password": fuzz.PASSWORD}]
    return {MERGE: {"dest": dest, "sources": [], "registries": registries, **options}}


def trust(lab: Lab, name: str, **options: Any) -> dict[str, Any]:
    """A task that anchors a certificate."""
    return {TRUST: {"name": name, "content": lab.ca.read_text(), **options}}


def spelled(registry: str, namespace: str | None = None) -> dict[str, Any]:
    """A task with a registry of this name."""
    entry = {"registry": registry, "namespace": namespace, "username": "u", "password": fuzz.PASSWORD}
    return {MERGE: {"dest": DEST, "sources": [], "registries": [entry]}}


def links() -> Iterator[Place]:
    """Links where an auth file is to be, or on the way there."""
    whole = "'{\"auths\": {}}'"
    theirs = merge(owner="admin", backup=True, track=True)
    yield Place("a link to a file of root's", f"ln -s /root/precious {DEST}", merge(), "link of user")
    yield Place("a link to an auth file of root's", f"ln -s /root/precious.json {DEST}", theirs, "link of user")
    inside = merge("/srv/shared/sub/precious.json", owner="admin")
    yield Place("a folder that is a link to root's", "ln -s /root sub", inside, "link of user")
    as_source = {"dest": DEST, "src": "/srv/shared/in.json", "remote_src": True, "owner": "admin"}
    yield Place("a link as a source", "ln -s /root/precious.json in.json", {MERGE: as_source}, "link of user")
    yield Place("a link to an auth file", f"echo {whole} > own; ln -s own {DEST}", merge(), then=_PRIVATE.format(DEST))
    yield Place(
        "a link to nowhere", f"ln -s /root/new {DEST}", merge(), then=f"{_PRIVATE.format(DEST)} && [ ! -e /root/new ]"
    )
    yield Place("a link to itself", f"ln -s auth.json {DEST}", merge(), then=_PRIVATE.format(DEST))
    swaps = f"echo {whole} > {DEST}; setsid python3 -c '{_SWAPS}' > swaps 2>&1 &"
    # Who swaps puts a link there again when what was written has been removed: that is no leftover of ours.
    ended = "touch stop; find . -name '.airgap-openshift-*' -type l -delete; [ ! -s swaps ]"
    yield Place("links in place of what is being written", swaps, theirs, None, ended)


def auth_files() -> Iterator[Place]:
    """Where an auth file is to be, and beside it."""
    note = "/srv/shared/auth.json.airgap-openshift.json"
    whole = "'{\"auths\": {}}'"
    yield Place("a pipe", f"mkfifo {DEST}", merge(), "is not a file")
    yield Place("a folder", f"mkdir {DEST}", merge(), "is not a file")
    yield Place(
        "a file that all may read",
        f"echo {whole} > {DEST}; chmod 666 {DEST}",
        merge(),
        then=f"[ $(stat -c %a {DEST}) = 600 ]",
    )
    yield Place("a second name of a file", f"echo {whole} > own; ln own {DEST}", merge(), then='! grep -q auth\\" own')
    linked = merge(track=True)
    yield Place("a link for the note", f"ln -s /root/precious {note}", linked, "is damaged")
    yield Place("a pipe for the note", f"mkfifo {note}", linked, "not a regular file")
    yield Place("a huge note", f"truncate -s 65M {note}", linked, "more than 64 MiB")
    yield Place("a huge auth file", f"truncate -s 17M {DEST}", merge(), "more than 16 MiB")
    yield Place(
        "a pipe as a source",
        "mkfifo in",
        {MERGE: {"dest": DEST, "src": "/srv/shared/in", "remote_src": True}},
        "not a regular file",
    )
    yield Place(
        "a path with a line break", "true", merge("/srv/shared/a\nb.json"), then="[ -f '/srv/shared/a\nb.json' ]"
    )
    yield Place(
        "a path that goes up",
        "true",
        merge("/srv/shared/../shared/up.json"),
        then=_PRIVATE.format("/srv/shared/up.json"),
    )


def names(lab: Lab) -> Iterator[Place]:
    """Names that would lead elsewhere, or forge a line."""
    for name in ("../../../../etc/cron.d/x", "a/b", "a\nb", ".hidden", "-rf", "a b", "\x1b[2J", "a" * 300):
        yield Place(f"an anchor called {name[:30]!r}", "true", trust(lab, name), "cannot name an anchor", _NO_ANCHOR)
    for name in (
        "../etc:5000",
        "a\nb:5000",
        "quay.io\x1b[2J:5000",
        "{'password': 'x'}",
        "quay.io/..",
        "-:5000",
        "a" * 300,
    ):
        yield Place(f"a registry called {name[:30]!r}", "true", spelled(name), "annot")
    for name in ("..", "a/../b", "a\nb", "a?b", "A"):
        yield Place(f"a namespace called {name!r}", "true", spelled("quay.io", name), "name")


def anchors(lab: Lab) -> Iterator[Place]:
    """What lies among the anchors of a store whose folder another user may write."""
    own = {"anchors_dir": "/srv/shared", "update_command": f"{UPDATE} {BUNDLE}", "bundle": BUNDLE}
    add = trust(lab, "mirror", **own)
    links = "ln -s /root/precious mirror.crt; ln -s /root/precious mirror.pem"
    yield Place("a link to a file of root's", links, add, then=f"{_ANCHORED} && [ ! -L mirror.pem ]")
    yield Place("a link to nowhere", "ln -s /root/new mirror.crt", add, then=_ANCHORED)
    yield Place("a pipe", "mkfifo mirror.crt mirror.pem", add, then=f"{_ANCHORED} && [ -p mirror.pem ]")
    yield Place("a pipe of another name", "mkfifo other.crt", add, then=f"{_ANCHORED} && [ -p other.crt ]")
    yield Place("a folder", "mkdir mirror.crt", add, "Is a directory", f"[ -d mirror.crt ] && {_UNTRUSTED}")
    huge = "[ ! -e mirror.crt ] && [ $(stat -c %s other*.crt) = 68157440 ]"
    yield Place("a huge file", "truncate -s 65M other.crt", add, "it has more than 64 MiB", f"{huge} && {_UNTRUSTED}")
    forged = f"other\n{_FORGED}\x1b[2J.crt"
    yield Place(
        "a huge file with a line break in its name",
        f"truncate -s 65M '{forged}'",
        add,
        "it has more than 64 MiB",
        f"{huge} && {_UNTRUSTED}",
    )
    copy = f"cp {CA} '{forged}'"
    yield Place("a name with a line break", copy, add, then=f"{_ANCHORED} && [ -f '{forged}' ]")
    remove = trust(lab, "mirror", state="absent", **own)
    yield Place("a name with a line break, removed", copy, remove, then=f"[ ! -e '{forged}' ] && {_UNTRUSTED}")
    link = f"{copy}; ln -s '{forged}' mirror.crt"
    yield Place("a link with a line break, removed", link, remove, then=f"[ ! -L mirror.crt ] && {_UNTRUSTED}")
    # Debian's store alone is searched in all its folders; its bundle cannot be another one.
    deep = {"anchors_dir": "/srv/shared", "update_command": f"{UPDATE} /etc/ssl/certs/ca-certificates.crt"}
    loops = "for each in 1 2 3 4 5 6 7 8; do ln -s . loop$each; done"
    found = f"ln -sf /etc/ssl/certs/ca-certificates.crt {BUNDLE} && {_ANCHORED} && [ -L loop8 ]"
    yield Place("loops of folders", loops, trust(lab, "mirror", **deep), then=found)


SHORT = (
    "a link to an auth file of root's",
    "links in place of what is being written",
    "a folder",
    "a huge note",
    "a path that goes up",
    "an anchor called '../../../../etc/cron.d/x'",
    "a registry called 'a\\nb:5000'",
    "among anchors, a link to a file of root's",
    "among anchors, a huge file",
    "among anchors, a name with a line break, removed",
    "among anchors, loops of folders",
)


def cases(short: bool) -> Iterator[tuple[str, str, str]]:
    """Name, what was lost, what leaked; one play for all."""
    lab = Lab()
    among = (place._replace(name=f"among anchors, {place.name}") for place in anchors(lab))
    places = {place.name: place for place in (*links(), *auth_files(), *names(lab), *among)}
    [host] = [name for name, kind in lab.bastions.items() if kind == roots.IMAGES[-1]]
    lab.reset(host)
    lab.push(host, CA, lab.ca.read_bytes())
    lab.push(host, UPDATE, _UPDATE, mode=0o755)
    with tempfile.TemporaryDirectory() as folder:
        runs = Playbooks(lab, pathlib.Path(folder), pathlib.Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]))
        for name in SHORT if short else places:
            yield name, *tried(lab, host, runs, places[name])


def tried(lab: Lab, host: str, runs: Playbooks, place: Place) -> tuple[str, str]:
    """What was lost and leaked at one place."""
    lab.console(host, _BEGIN)
    laid = lab.console(
        host, f"cd /srv/shared && setpriv --reuid admin --regid admin --clear-groups sh -c {quoted(place.lie)}"
    )
    if laid.rc:
        return f"it could not be laid there: {laid.stderr}", ""
    task = {**place.task, "diff": True, "timeout": PATIENCE}
    done = runs.play(host, [task], variables={"ansible_user": "root"})
    ended = next((task for task in done.tasks if task.action in (MERGE, TRUST)), None)
    lost = "; ".join([*wrong(ended, place), *left(lab, host, place), *forged_in(done.output)])
    seen = lab.console(host, "find /srv/shared -type f -perm /077 -exec cat {} +").stdout + done.output
    return lost, "others may read the login" if fuzz.AUTH in seen or fuzz.PASSWORD in seen else ""


def left(lab: Lab, host: str, place: Place) -> Iterator[str]:
    """What is not on the disk as it has to be."""
    if lab.console(host, _AS_BEFORE).rc:
        yield "what the link leads to has changed"
    if lab.console(host, f"cd /srv/shared && {place.then}").rc:
        yield "it is not as it has to be afterwards"
    if leftovers := lab.console(host, _LEFTOVERS).stdout.split():
        yield f"{', '.join(leftovers)} stays behind"


def forged_in(output: str) -> Iterator[str]:
    """What Ansible prints that the name of a file made up."""
    if "\x1b" in output or any(line.startswith(_FORGED) for line in output.splitlines()):
        yield "the name of a file forged a line of the output"


def quoted(command: str) -> str:
    """For a shell."""
    return "'" + command.replace("'", "'\\''") + "'"


def arguments(place: Place) -> dict[str, Any]:
    """Those of its module."""
    [given] = place.task.values()
    return dict(given)


def wrong(ended: TaskResult | None, place: Place) -> Iterator[str]:
    """What is not right with the end of the task."""
    if ended is None:
        yield "there is no result"
        return
    message = str(ended.values.get("msg", ""))
    if place.says is not None and (ended.status == "failed") != bool(place.says):
        yield f"it was {ended.status}: {message}"
    elif (place.says or "") not in message or "Traceback" in str(ended.values):
        yield f"it says: {message}"
    # The path is the playbook's own.
    if not message.replace(str(arguments(place).get("dest")), "").isprintable():
        yield f"it says more than a line: {message!r}"
