# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that has changed on a bastion's disk, as a value that can be compared with others and put back.

A bastion's disk is the upper layer of an overlay: it holds nothing but what differs from the bastion's image. A folder
of it may be a file system of its own.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import stat
from collections.abc import Collection, Iterator
from typing import NamedTuple

from lab import hosts, roots
from outcome import TortureError

FILE, FOLDER, LINK, GONE = "file", "folder", "link", "gone"


class Entry(NamedTuple):
    """What is at a path; the content of a link is what it points to."""

    kind: str
    mode: int = 0
    owner: tuple[int, int] = (0, 0)
    content: bytes = b""
    modified: int = 0  # nanoseconds

    @property
    def lasting(self) -> Entry:
        """The same, whenever it was written."""
        return self._replace(modified=0)


Disk = dict[str, Entry]  # by path, without the slash at its begin


class DiskOf:
    """The disk of a host that runs."""

    def __init__(self, host: hosts.Host) -> None:
        self._upper = host.folder / "disk" / "upper"
        # Changes go through the mounted overlay: what is done behind its back it need not notice.
        self._root = pathlib.Path("/proc", hosts.entering(host)[2], "root")
        self._layers = roots.layers(host.image)
        self._known: dict[str, tuple[tuple[int, ...], Entry]] = {}
        self._apart: tuple[str, ...] = ()

    def look(self) -> Disk:
        """All that differs from the image. Only files are read that have changed since the last time."""
        found: Disk = {}
        for place, facts, path in self._all():
            key = (facts.st_dev, facts.st_ino, facts.st_ctime_ns, facts.st_mtime_ns, facts.st_mode, facts.st_size)
            if self._known.get(path, ((), None))[0] != key:
                self._known[path] = (key, _entry(place, facts))
            found[path] = self._known[path][1]
        return found

    def set_apart(self, *paths: str) -> None:
        """Look at what is mounted on these folders, instead of what is below that; at no other from now on."""
        self._apart = paths

    def _all(self) -> Iterator[tuple[pathlib.Path, os.stat_result, str]]:
        for path, facts in _walk(str(self._upper), ""):
            if path not in self._apart:
                yield self._upper / path, facts, path
        for folder in self._apart:
            yield self._root / folder, os.lstat(self._root / folder), folder
            yield from ((self._root / path, facts, path) for path, facts in _walk(str(self._root), folder))

    def restore(self, wanted: Disk) -> None:
        """Make it so again, times and all.

        Raises: TortureError when that did not succeed.
        """
        now = self.look()
        for path in sorted(now.keys() - wanted.keys(), reverse=True):
            self._remove(path, now[path])
        for path in sorted(wanted):
            if now.get(path) != wanted[path]:
                self._put(path, wanted[path])
        for path, entry in wanted.items():
            if entry.kind == FOLDER and os.lstat(self._root / path).st_mtime_ns != entry.modified:
                os.utime(self._root / path, ns=(entry.modified, entry.modified))
        differing = changed(wanted, self.look(), times=True)
        if differing:
            raise TortureError(f"a disk could not be put back: {differing}")

    def _remove(self, path: str, entry: Entry) -> None:
        if any(os.path.lexists(layer / path) for layer in self._layers):
            raise TortureError(f"/{path} is of the image, and was not changed before the first case")
        if entry.kind == FOLDER:
            shutil.rmtree(self._root / path)
        elif os.path.lexists(self._root / path):
            os.remove(self._root / path)

    def _put(self, path: str, entry: Entry) -> None:
        place = self._root / path
        if entry.kind == FOLDER:
            place.mkdir(exist_ok=True)
        elif os.path.lexists(place):
            os.remove(place)
        if entry.kind == LINK:
            os.symlink(entry.content, place)
        elif entry.kind == FILE:
            place.write_bytes(entry.content)
        if entry.kind != GONE:
            os.chown(place, *entry.owner, follow_symlinks=False)
            if entry.kind != LINK:
                os.chmod(place, entry.mode)
            os.utime(place, ns=(entry.modified, entry.modified), follow_symlinks=False)


def changed(before: Disk, after: Disk, *, times: bool = False) -> list[str]:
    """The paths that differ."""
    paths = sorted(before.keys() | after.keys())
    if times:
        return [path for path in paths if before.get(path) != after.get(path)]
    return [path for path in paths if _lasting(before, path) != _lasting(after, path)]


def readable_by_others(disk: Disk, path: str, users: Collection[int]) -> bool:
    """Whether somebody but these users can open the file. Folders of the image itself may all be entered."""
    folders = (str(folder) for folder in pathlib.PurePath(path).parents)
    closed = any(folder in disk and _is_of(disk[folder], users, 0o011) for folder in folders)
    return not closed and not _is_of(disk[path], users, 0o066)


def _is_of(entry: Entry, users: Collection[int], others: int) -> bool:
    """Whether it belongs to one of these, and its mode allows nobody else this."""
    return entry.owner[0] in users and not entry.mode & others


def _lasting(disk: Disk, path: str) -> Entry | None:
    return disk[path].lasting if path in disk else None


def _walk(upper: str, below: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(os.path.join(upper, below)) as entries:
        for entry in entries:
            path = os.path.join(below, entry.name)
            yield path, entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(upper, path)


def _entry(path: pathlib.Path, facts: os.stat_result) -> Entry:
    if stat.S_ISCHR(facts.st_mode):  # how an overlay notes that a file of the image is gone
        return Entry(GONE)
    values = (stat.S_IMODE(facts.st_mode), (facts.st_uid, facts.st_gid))
    if stat.S_ISDIR(facts.st_mode):
        return Entry(FOLDER, *values, modified=facts.st_mtime_ns)
    if stat.S_ISLNK(facts.st_mode):
        return Entry(LINK, *values, os.fsencode(os.readlink(path)), facts.st_mtime_ns)
    return Entry(FILE, *values, path.read_bytes(), facts.st_mtime_ns)
