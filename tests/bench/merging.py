# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that pull_secret_merge does between reading bytes and writing bytes; as a program, with the file it is given.

Apart from merge.py, which imports what the module does not: a process that starts with this is as light as the module.
"""

from __future__ import annotations

import os
import pathlib
import sys

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_entry, _auth_file, _auth_record, _auth_text

REGISTRY = "mirror.example.com:5000"
USERNAME = "mirror"
PASSWORD = "password-of-the-mirror"
SOURCE = b'{"auths": {"quay.io": {"auth": "dXNlcjpwYXNzd29yZA==", "email": "you@example.com"}}}'
_DEST = "/auth.json"


def merge(text: bytes, source: bytes = SOURCE) -> bytes:
    """Merge a pull secret and the credentials of a registry into an auth file, noting that as the role has it noted."""
    request = _auth_file.request(REGISTRY, username=USERNAME, password=PASSWORD)
    before, pull_secret = _auth_text.parse(text, name=_DEST), _auth_text.parse(source, name="the pull secret")
    _auth_entry.named_secrets([before, pull_secret], {*before.names, *pull_secret.names, request.key})
    plan = _auth_file.plan(before, [pull_secret], [request], on_conflict="replace", invalid_entries="fail")
    salt = os.urandom(_auth_record.SALT_BYTES)
    note = _auth_record.noted(None, plan, exists=True, link=False, salt=salt)
    _auth_file.report(plan, _DEST, False)
    _auth_file.difference(plan, _DEST)
    writes = {write.path: write.content for write in _auth_record.writes(_DEST, plan, note)}
    merged = writes[_DEST]
    assert merged is not None, "nothing to write"
    return merged


if __name__ == "__main__":
    sys.stdout.buffer.write(merge(pathlib.Path(sys.argv[1]).read_bytes()))
