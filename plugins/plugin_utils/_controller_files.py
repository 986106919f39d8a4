# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Where users expect a file of the controller to be found, and how its bytes come in."""

from __future__ import annotations

import os
import re
import typing as t

from ansible.errors import AnsibleError

from ansible_collections.airgap.openshift.plugins.module_utils._files import LARGEST

if t.TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

__all__ = ("NO_PATH", "TOO_LARGE", "is_path", "read", "shown")

LONGEST_PATH = 4096
NO_PATH = "src is no path; give the text of a file as content"
TOO_LARGE = f"it has more than {LARGEST >> 20} MiB; correct src"


def is_path(src: object) -> bool:
    """Whether ``src`` may be a path, and not the text of a file, or what Jinja makes of it, which may be secret."""
    return isinstance(src, str) and len(src) <= LONGEST_PATH and not re.search(r"[\n{}]", src)


def shown(src: object) -> str:
    """How messages name a ``src``."""
    return str(src) if is_path(src) else "it"


def read(action: ActionBase, src: str) -> bytes:
    """The content of ``src``, decrypted in memory if it is a vault.

    It is looked for as ``ansible.builtin.copy`` does and then where the user stands: the playbook of a collection lies
    in the collection, so that nothing of the user's is beside it.

    Raises: AnsibleError when there is no such file, it cannot be read, or it is too large to be what is wanted.
    """
    if not is_path(src):
        raise AnsibleError(NO_PATH)
    try:
        path = action._find_needle("files", src)
    except AnsibleError:
        path = os.path.abspath(os.path.expanduser(src))
        if not os.path.isfile(path):
            # Ansible's own message lists all places, over many lines, but not this one.
            raise AnsibleError(
                f"there is no file {src} on the controller, neither beside the playbook or role (or in files/ there) "
                f"nor in {os.getcwd()}: correct src, or set remote_src if the file is on the host"
            ) from None
    if os.path.getsize(path) > LARGEST:
        raise AnsibleError(TOO_LARGE)
    # The public get_real_file would write the plain text to disk.
    content: bytes = action._loader._get_file_contents(path)[0]
    return content
