# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How files are read that others than root may have put where they are."""

import errno
import os
import stat


def content_of_regular(path: str) -> bytes:
    """Return the bytes of a regular file, or of one that a link leads to.

    Raises: OSError when it cannot be read or is something else: a pipe would be waited for, and a device never end.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with open(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        return stream.read()
