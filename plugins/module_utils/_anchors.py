# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Look at the trust store of the host that this runs on; nothing here changes it."""

import os
import stat
import time
from typing import FrozenSet, Iterator, List, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils._pem import certificates_in, fingerprint
from ansible_collections.airgap.openshift.plugins.module_utils._trust_plan import AnchorFile, Blocked, Look
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import Store, TrustStoreError

__all__ = ("is_locked", "look", "trusted")


def look(store: Store, rewrites_bundle: bool = True) -> Look:
    """What is anchored, trusted and distrusted on this host now.

    ``rewrites_bundle`` says that the store's update command writes the bundle at every run, so that a bundle older
    than an anchors directory is out of date. A time to come is no sign: it would call for an update for ever.

    Raises: TrustStoreError when no anchors directory can be written to; OSError when something cannot be read.
    """
    existing = [path for path in store.anchors_dirs if os.path.isdir(path)]
    writable = tuple(path for path in existing if not os.statvfs(path).f_flag & os.ST_RDONLY)
    if not writable:
        what = "is on a read-only file system" if existing else "does not exist"
        where = " and ".join(existing or store.anchors_dirs)
        raise TrustStoreError(f"{where} {what}: set anchors_dir to a directory that the update command reads")
    return Look(
        writable_dirs=writable,
        anchors=tuple(anchor for path in existing for anchor in _anchors(store, path)),
        trusted=trusted(store.bundle),
        blocked=tuple(_blocked(store)),
        stale=rewrites_bundle and _is_stale(existing, store.bundle),
    )


def trusted(bundle: str) -> FrozenSet[str]:
    """The fingerprints of all certificates in the bundle; none if there is no bundle."""
    return frozenset(
        fingerprint(found.der) for found in certificates_in(_read(bundle) if os.path.exists(bundle) else b"")
    )


def is_locked(directories: Tuple[str, ...]) -> bool:
    """Whether this user may not change one of the directories."""
    return not all(os.access(path, os.W_OK | os.X_OK) for path in directories)


def _anchors(store: Store, directory: str) -> Iterator[AnchorFile]:
    for path in sorted(_files(directory, store.recursive)):
        if path.endswith(store.suffix) and os.path.isfile(path):
            yield AnchorFile(path, _read(path), stat.S_IMODE(os.stat(path).st_mode))


def _files(directory: str, recursive: bool) -> Iterator[str]:
    for parent, children, names in os.walk(directory, followlinks=True):
        if not recursive:
            del children[:]
        for name in names:
            yield os.path.join(parent, name)


def _blocked(store: Store) -> Iterator[Blocked]:
    for directory in store.blocklist_dirs:
        for path in _files(directory, recursive=False):
            if os.path.isfile(path):
                yield Blocked(path, _read(path))


def _is_stale(directories: List[str], bundle: str) -> bool:
    made = os.stat(bundle).st_mtime if os.path.exists(bundle) else 0
    return any(made < os.stat(path).st_mtime <= time.time() for path in directories)


def _read(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()
