# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Look at the trust store of the host that this runs on; nothing here changes it."""

import os
import stat
import time
from typing import Dict, FrozenSet, Iterator, List, Sequence, Set, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils._files import content_of_regular, facts_of, is_directory
from ansible_collections.airgap.openshift.plugins.module_utils._pem import readable_in
from ansible_collections.airgap.openshift.plugins.module_utils._trust_plan import AnchorFile, Blocked, Look
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import Store, TrustStoreError

__all__ = ("look", "refuse_locked")

# Where this is, /usr belongs to an image (rpm-ostree, bootc): what is put there while it is unlocked is lost with it.
IMAGE_BASED = "/run/ostree-booted"


def look(store: Store, rewrites_bundle: bool = True) -> Look:
    """What is anchored, trusted and distrusted on this host now.

    ``rewrites_bundle`` says that the store's update command writes the bundle at every run, so that a bundle older
    than an anchors directory is out of date. A time to come is no sign: it would call for an update for ever. An update
    that was cut off is one even where the bundle is new: there are more files that it makes, on RHEL for Java and for
    e-mail.

    Raises: TrustStoreError when no anchors directory can be written to; OSError when something cannot be read.
    """
    existing = _directories(store)
    writable = tuple(path for path in existing if not _is_read_only(path))
    if not writable:
        what = "belongs to the read-only part of the system" if existing else "does not exist"
        where = " and ".join(existing or store.anchors_dirs)
        raise TrustStoreError(f"{where} {what}: set anchors_dir to a directory that the update command reads")
    bundle = facts_of(store.bundle)
    cut_off = facts_of(store.mark) is not None
    return Look(
        writable_dirs=writable,
        anchors=tuple(anchor for path in existing for anchor in _anchors(store, path)),
        trusted=frozenset(readable_in(content_of_regular(store.bundle)) if bundle else ()),
        blocked=tuple(_blocked(store)),
        stale=cut_off or (_is_stale(existing, bundle.st_mtime if bundle else 0) if rewrites_bundle else None),
        owner=(os.geteuid(), os.getegid()),
        taken=_taken(store, existing),
    )


def refuse_locked(directories: Sequence[str]) -> None:
    """Raises: TrustStoreError where this user may not change one of the directories."""
    for path in directories:
        if not os.access(path, os.W_OK | os.X_OK):
            if os.geteuid():
                raise TrustStoreError(f"only root may change {path}: become root in this task")
            raise TrustStoreError(
                f"not even root may change {path}: see with lsattr whether it is immutable, with dmesg whether its "
                "disk fails"
            )


def _is_read_only(path: str) -> bool:
    of_image = path.startswith("/usr/share/") and facts_of(IMAGE_BASED) is not None
    return of_image or bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _directories(store: Store) -> List[str]:
    """The anchors directories that are there, each once even if it has two names."""
    found: Dict[Tuple[int, int], str] = {}
    for path in filter(is_directory, store.anchors_dirs):
        found.setdefault(_identity(os.stat(path)), path)
    return list(found.values())


def _identity(facts: os.stat_result) -> Tuple[int, int]:
    return facts.st_dev, facts.st_ino


def _anchors(store: Store, directory: str) -> Iterator[AnchorFile]:
    for path, facts in sorted(_files(directory, store.recursive)):
        hidden = store.skips_hidden and os.path.basename(path).startswith(".")
        if path.endswith(store.suffix) and not hidden:
            link = os.readlink(path) if stat.S_ISLNK(os.lstat(path).st_mode) else None
            yield AnchorFile(
                path, content_of_regular(path), stat.S_IMODE(facts.st_mode), (facts.st_uid, facts.st_gid), link
            )


def _files(directory: str, recursive: bool) -> Iterator[Tuple[str, os.stat_result]]:
    """The files below a directory; links to directories are followed, each directory is visited once.

    Other than with os.walk, what cannot be looked at is an error: an anchor would stay in force, unseen.
    """
    visited: Set[Tuple[int, int]] = set()
    waiting = [directory]
    while waiting:
        parent = waiting.pop()
        identity = _identity(os.stat(parent))
        if identity in visited:
            continue
        visited.add(identity)
        for name in os.listdir(parent):
            path = os.path.join(parent, name)
            facts = facts_of(path)
            if facts and stat.S_ISREG(facts.st_mode):
                yield path, facts
            elif recursive and facts and stat.S_ISDIR(facts.st_mode):
                waiting.append(path)


def _blocked(store: Store) -> Iterator[Blocked]:
    for group in store.blocklist_dirs:
        existing = [path for path in group if is_directory(path)]
        for directory in existing:
            for path, _facts in _files(directory, recursive=False):
                yield Blocked(path, content_of_regular(path), in_force=len(existing) == 1)


def _taken(store: Store, anchors_dirs: Sequence[str]) -> FrozenSet[str]:
    """The names of links to certificates that are no anchors of the administrator's."""
    if not store.links_dir or not is_directory(store.links_dir):
        return frozenset()
    links = ((entry.name, entry.path) for entry in os.scandir(store.links_dir) if entry.is_symlink())
    return frozenset(
        name[len(store.link_prefix) : -len(".pem")]
        for name, path in links
        if name.startswith(store.link_prefix)
        and name.endswith(".pem")
        and os.path.dirname(os.readlink(path)) not in anchors_dirs
    )


def _is_stale(directories: Sequence[str], made: float) -> bool:
    return any(made < os.stat(path).st_mtime <= time.time() for path in directories)
