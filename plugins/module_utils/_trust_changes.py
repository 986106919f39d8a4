# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Bring anchor files to what a plan says, by nothing but steps that leave each file whole."""

import os
from contextlib import contextmanager, suppress
from typing import Callable, Iterator, Sequence, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils._files import (
    TEMPORARY_ANCHOR,
    facts_of,
    remove_leftovers,
)
from ansible_collections.airgap.openshift.plugins.module_utils._trust_plan import Change
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import Store

__all__ = ("clear", "make", "under_way")


def clear(store: Store) -> None:
    """Remove what runs that were killed have left.

    p11-kit reads the folders in which anchors are written first, and the update command would add to its own file.
    """
    for folder in filter(os.path.isdir, store.anchors_dirs):
        remove_leftovers(os.path.dirname(folder), TEMPORARY_ANCHOR)
    with suppress(OSError):
        os.remove(store.scratch)


def make(changes: Sequence[Change], write: Callable[[str, bytes, str, Tuple[int, int], int], None]) -> None:
    """Make the changes; ``write(path, content, folder, owner, mode)`` replaces a file at once, by way of ``folder``.

    Raises: OSError when the disk is full or cannot be written.
    """
    for change in changes:
        if facts_of(change.path, follows=False) and (change.after is None or change.after.link):
            os.remove(change.path)
        if change.after and change.after.link:
            os.symlink(change.after.link, change.path)
        elif change.after:
            folder = os.path.dirname(os.path.dirname(change.path))
            write(change.path, change.after.content, folder, change.after.owner, change.after.mode)


@contextmanager
def under_way(store: Store) -> Iterator[None]:
    """Around the update command: where this run is killed meanwhile, the next one finds the store's ``mark``.

    Where that cannot be made, the command is what fails.

    Raises: OSError when it cannot be removed: every later run would take the update for one that was cut off.
    """
    made = False
    with suppress(OSError):
        # Others may write beside a bundle of their own: no link of theirs is followed, nothing emptied.
        os.close(os.open(store.mark, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600))
        made = True
    yield
    try:
        os.remove(store.mark)
    except OSError:
        if made and facts_of(store.mark, follows=False):
            raise
