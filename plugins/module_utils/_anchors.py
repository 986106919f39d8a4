# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Look at the trust store of the host that this runs on; nothing here changes it."""

import os
import stat
import time
from typing import Dict, FrozenSet, Iterator, List, Sequence, Set

from ansible_collections.airgap.openshift.plugins.module_utils._files import content_of_regular
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
    stale = os.path.exists(store.mark) or (_is_stale(existing, store.bundle) if rewrites_bundle else None)
    return Look(
        writable_dirs=writable,
        anchors=tuple(anchor for path in existing for anchor in _anchors(store, path)),
        trusted=frozenset(readable_in(content_of_regular(store.bundle)))
        if os.path.exists(store.bundle)
        else frozenset(),
        blocked=tuple(_blocked(store)),
        stale=stale,
        owner=(os.geteuid(), os.getegid()),
        taken=_taken(store, existing),
    )


def refuse_locked(directories: Sequence[str]) -> None:
    """Raises: TrustStoreError where this user may not change one of the directories."""
    for path in directories:
        if not os.access(path, os.W_OK | os.X_OK):
            if os.geteuid():
                raise TrustStoreError(f"only root may change {path}: become root in this task")
            raise TrustStoreError(f"not even root may change {path}: see with lsattr whether it is immutable")


def _is_read_only(path: str) -> bool:
    of_image = path.startswith("/usr/share/") and os.path.exists(IMAGE_BASED)
    return of_image or bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def _directories(store: Store) -> List[str]:
    """The anchors directories that are there, each once even if it has two names."""
    found: Dict[str, str] = {}
    for path in store.anchors_dirs:
        if _is_directory(path):
            found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def _is_directory(path: str) -> bool:
    """Other than with os.path.isdir, an error is one: the next directory would get the anchor."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _anchors(store: Store, directory: str) -> Iterator[AnchorFile]:
    for path in sorted(_files(directory, store.recursive)):
        hidden = store.skips_hidden and os.path.basename(path).startswith(".")
        if path.endswith(store.suffix) and not hidden and os.path.isfile(path):
            facts = os.stat(path)
            link = os.readlink(path) if os.path.islink(path) else None
            yield AnchorFile(
                path, content_of_regular(path), stat.S_IMODE(facts.st_mode), (facts.st_uid, facts.st_gid), link
            )


def _files(directory: str, recursive: bool) -> Iterator[str]:
    """The files below a directory; links to directories are followed, each directory is visited once."""
    visited: Set[str] = set()
    for parent, children, names in os.walk(directory, followlinks=True):
        if os.path.realpath(parent) in visited:
            del children[:]
            continue
        visited.add(os.path.realpath(parent))
        if not recursive:
            del children[:]
        for name in names:
            yield os.path.join(parent, name)


def _blocked(store: Store) -> Iterator[Blocked]:
    for group in store.blocklist_dirs:
        existing = [path for path in group if os.path.isdir(path)]
        for directory in existing:
            for path in _files(directory, recursive=False):
                if os.path.isfile(path):
                    yield Blocked(path, content_of_regular(path), in_force=len(existing) == 1)


def _taken(store: Store, anchors_dirs: Sequence[str]) -> FrozenSet[str]:
    """The names of links to certificates that are no anchors of the administrator's."""
    if not store.links_dir or not os.path.isdir(store.links_dir):
        return frozenset()
    links = ((entry.name, entry.path) for entry in os.scandir(store.links_dir) if entry.is_symlink())
    return frozenset(
        name[len(store.link_prefix) : -len(".pem")]
        for name, path in links
        if name.startswith(store.link_prefix)
        and name.endswith(".pem")
        and os.path.dirname(os.readlink(path)) not in anchors_dirs
    )


def _is_stale(directories: Sequence[str], bundle: str) -> bool:
    made = os.stat(bundle).st_mtime if os.path.exists(bundle) else 0
    return any(made < os.stat(path).st_mtime <= time.time() for path in directories)
