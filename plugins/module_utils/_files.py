# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How files are read that others than root may have put where they are, and what is to be written, as a value."""

import errno
import os
import stat
from contextlib import suppress
from typing import NamedTuple, Optional

# Bytes of any file that is read. Bundles have half of one MiB; one of 10,000 certificates has 20.
LARGEST = 64 << 20
# How the names of files begin that become others when they are complete. No beginning is another's.
TEMPORARY_ANCHOR = ".airgap-openshift-anchor-"
TEMPORARY_SECRET = ".airgap-openshift-secret-"


class Write(NamedTuple):
    """A file, and what it is to hold; nothing is that it is to be gone."""

    path: str
    content: Optional[bytes]


def content_of_regular(path: str) -> bytes:
    """Return the bytes of a regular file, or of one that a link leads to.

    Raises: OSError when it cannot be read, has more than ``LARGEST`` bytes, or is something else: a pipe would be
    waited for, and a device never end.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise OSError(errno.EFBIG, f"it has more than {LARGEST >> 20} MiB", path)
    return content


def remove_leftovers(folder: str, temporary: str) -> None:
    """Remove what runs that were killed have left in a folder, where a lock keeps others away from names of this kind.

    What cannot be removed stays: it harms no more than before.
    """
    with suppress(OSError):
        for name in os.listdir(folder):
            if name.startswith(temporary):
                os.remove(os.path.join(folder, name))
