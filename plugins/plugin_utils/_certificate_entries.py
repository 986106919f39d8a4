# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Bring in the certificates of an entry as ca_trust's options describe it: src, content or remote_src."""

from __future__ import annotations

import base64
import contextlib
import shlex
import typing as t

from ansible_collections.airgap.openshift.plugins.module_utils._files import LARGEST
from ansible_collections.airgap.openshift.plugins.plugin_utils import _certificate_files, _controller_files
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import Certificate, CertificateError

if t.TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

__all__ = ("given", "origin", "read")


# Before the controller has the file. What is not there has no answer here.
_LOOK = (
    "if test -e {0} && ! test -f {0}; then exit 5; fi; "
    f"if test $(wc -c < {{0}} || echo 0) -gt {LARGEST}; then exit 4; fi; "
    "if grep -q -e 'PRIVATE KEY-----' -- {0}; then exit 3; fi"
)
_REFUSED = {
    3: _certificate_files.PRIVATE_KEY,
    4: _controller_files.TOO_LARGE,
    5: "it is no regular file; correct src",
}


def given(entry: dict[str, t.Any]) -> bool:
    """Whether the entry brings certificates along."""
    return entry["src"] is not None or entry["content"] is not None


def origin(entry: dict[str, t.Any]) -> str:
    """How messages name an entry."""
    if entry["src"] is not None:
        src = _controller_files.shown(entry["src"])
        return f"{src} of the host" if entry["remote_src"] else src
    if entry["content"] is not None:
        return f"the content for {entry['name']}"
    return str(entry["name"] or "the fingerprints")


def read(action: ActionBase, entry: dict[str, t.Any], task_vars: t.Any) -> list[Certificate]:
    """The certificates of an entry that brings some along, without judging them.

    Raises: CertificateError, AnsibleError when they cannot be read.
    """
    return _certificate_files.read(_bytes(action, entry, task_vars))


def _bytes(action: ActionBase, entry: dict[str, t.Any], task_vars: t.Any) -> bytes:
    if entry["content"] is not None:
        # What a look-up has read that is no UTF-8, such as DER, is in there as surrogates.
        return str(entry["content"]).encode("utf-8", "surrogateescape")
    if not entry["remote_src"]:
        return _controller_files.read(action, entry["src"])
    if not _controller_files.is_path(entry["src"]):
        raise CertificateError(_controller_files.NO_PATH)
    path = action._remote_expand_user(entry["src"])
    refused = _REFUSED.get(action._low_level_execute_command(_LOOK.format(shlex.quote(path)))["rc"])
    if refused:
        raise CertificateError(refused)
    with _unlogged(action):
        answer = action._execute_module("ansible.legacy.slurp", module_args={"src": path}, task_vars=task_vars)
    if answer.get("failed"):
        raise CertificateError(f"it cannot be read on the host ({answer.get('msg')}): correct src, or become root")
    return base64.b64decode(str(answer["content"]))


@contextlib.contextmanager
def _unlogged(action: ActionBase) -> t.Iterator[None]:
    """At -vvv Ansible shows what a host sends, if not for no_log: no private key in DER is known as one before."""
    context = action._connection._play_context  # a copy of the action's own
    before, context.no_log = context.no_log, True
    try:
        yield
    finally:
        context.no_log = before
