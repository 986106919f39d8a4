# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings an auth file of the controller to the host as text; everything else is the module's."""

from __future__ import annotations

import json
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError, decode, parse
from ansible_collections.airgap.openshift.plugins.module_utils._pull_secret_merge_options import OPTIONS
from ansible_collections.airgap.openshift.plugins.plugin_utils import _controller_files, _entries, _pipelining

# What is merged in; without effect where it is taken back, which needs neither these files nor the passwords.
MERGED = ("src", "remote_src", "content", "sources", "registries")
LISTS = {option: tuple(OPTIONS[option]["options"]) for option in ("sources", "registries")}


class ActionModule(ActionBase):
    """Hands the module the same options with each ``src`` of the controller replaced by ``content``."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module on the host."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        options = dict(self._task.args)
        if options.get("state") == "absent":
            options = {name: value for name, value in options.items() if name not in MERGED}
        try:
            for name in [name for name in LISTS if name in options]:
                options[name] = _entries.entries(name, options[name], LISTS[name])
        except _entries.EntriesError as exc:
            return {**result, "failed": True, "msg": f"Cannot use {exc}"}
        for source in (options, *(options.get("sources") or ())):
            try:
                self._bring_in(source)
            except (AnsibleError, AuthFileError) as exc:
                return {**result, "failed": True, "msg": f"Cannot use {_controller_files.shown(source['src'])}: {exc}"}
        # A module says to syslog what it was called with. Secrets in a list are written there as Python does, in which
        # Ansible does not know them again where they hold quotes, backslashes or the ends of lines.
        unlogged = {**(task_vars or {}), "ansible_no_target_syslog": True}
        answer = _pipelining.execute(self, "airgap.openshift.pull_secret_merge", options, unlogged)
        return {**result, **answer}

    def _bring_in(self, source: dict[str, Any]) -> None:
        if is_on_controller(source):
            source["content"] = text_of(_controller_files.read(self, source["src"]))
            del source["src"]
        if isinstance(source.get("content"), (dict, list)):
            # Jinja makes a dict of JSON text before we see it. A vaulted value in it is text of its own kind.
            source["content"] = json.dumps(source["content"], default=str)


def is_on_controller(options: dict[str, Any]) -> bool:
    """Whether there is a file to read here; beside C(content) it is left to the module to refuse.

    Raises: AuthFileError for a src that is none; without one the cluster would be asked.
    """
    src = options.get("src")
    if src is None or options.get("content") is not None:
        return False
    if not isinstance(src, str) or not src:
        raise AuthFileError("src is empty or no path; give the path of an auth file, or leave src out")
    if not _controller_files.is_path(src):
        raise AuthFileError(_controller_files.NO_PATH)
    return not boolean(options.get("remote_src", False), strict=False)


def text_of(raw: bytes) -> str:
    """The text of an auth file. It is parsed here too: what is wrong in it is wrong for every host."""
    parse(raw)
    return decode(raw)
