# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How files are read that others than root may have put where they are, and what is to be written, as a value."""

import errno
import os
import stat
from contextlib import suppress
from typing import NamedTuple, Optional, Set, Tuple

# Bytes of any file that is read. Bundles have half of one MiB; one of 10,000 certificates has 20.
LARGEST = 64 << 20
_MOST_LINKS = 40  # as the kernel has it
# How the names of files begin that become others when they are complete. No beginning is another's.
TEMPORARY_ANCHOR = ".airgap-openshift-anchor-"
TEMPORARY_SECRET = ".airgap-openshift-secret-"


class Write(NamedTuple):
    """A file, and what it is to hold; nothing is that it is to be gone."""

    path: str
    content: Optional[bytes]


def facts_of(path: str, follows: bool = True) -> Optional[os.stat_result]:
    """What is at a path or, where it ``follows`` links, at the end of one; nothing if there is nothing.

    Raises: OSError when that cannot be told. `os.path.exists` and its like would say no, and what is there would be
    overwritten, or stay in force.
    """
    try:
        return os.stat(path) if follows else os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        if exc.errno == errno.ELOOP:
            return None  # a link to itself leads to nothing
        raise


def is_directory(path: str) -> bool:
    """Whether there is a directory, or a link to one.

    Raises: OSError when that cannot be told.
    """
    facts = facts_of(path)
    return facts is not None and stat.S_ISDIR(facts.st_mode)


def content_of_regular(path: str) -> bytes:
    """Return the bytes of a regular file, or of one that a link leads to.

    Raises: OSError when it cannot be read, has more than ``LARGEST`` bytes, or is something else: a pipe would be
    waited for, and a device never end.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return content_of_opened(descriptor, path)
    finally:
        os.close(descriptor)


def content_of_opened(descriptor: int, path: str) -> bytes:
    """Return the bytes of a file that is open, and stays so.

    Raises: OSError as ``content_of_regular`` does.
    """
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, "not a regular file", path)
    with open(descriptor, "rb", closefd=False) as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(errno.EFBIG, f"it has more than {LARGEST >> 20} MiB", path)
    return content


def content_of_own(path: str) -> bytes:
    """Return the bytes of a regular file to which nobody's link leads but root's, one's own, or that of its own owner.

    Root reads all files: a link in a user's folder could have one of root's merged into what becomes the user's.

    Raises: OSError as ``content_of_regular`` does, or when somebody else's link leads there.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        facts, (users, end) = os.fstat(descriptor), _led_to(path)
        if not os.path.samestat(facts, end):
            raise OSError(errno.ESTALE, "it became another file meanwhile", path)
        for user in users - {0, os.geteuid(), facts.st_uid}:
            cause = f"a link of user {user} leads to this file of user {facts.st_uid}; name it by its own path"
            raise OSError(errno.EPERM, cause, path)
        return content_of_opened(descriptor, path)
    finally:
        os.close(descriptor)


def _led_to(path: str) -> Tuple[Set[int], os.stat_result]:
    """Return who owns the links on the way to a file, in folders' places too, and what is at the end."""
    users: Set[int] = set()
    at, names, links = "/", os.path.join(os.getcwd(), path).split("/")[::-1], 0
    facts = os.lstat(at)
    while names:
        step = os.path.join(at, names.pop() or ".")
        facts = os.lstat(step)
        if not stat.S_ISLNK(facts.st_mode):
            at = step
            continue
        users.add(facts.st_uid)
        target, links = os.readlink(step), links + 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        at = "/" if target.startswith("/") else at
        names += target.split("/")[::-1]
    return users, facts


def remove_leftovers(folder: str, temporary: str) -> None:
    """Remove what runs that were killed have left in a folder, where a lock keeps others away from names of this kind.

    What cannot be removed stays: it harms no more than before.
    """
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(temporary):
                os.remove(os.path.join(folder, name))
