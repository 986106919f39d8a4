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

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_text


class ActionModule(ActionBase):
    """Hands the module the same options with ``src`` replaced by ``content``."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module on the host."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        options = dict(self._task.args)
        try:
            if self._is_on_controller(options):
                options["content"] = self._read(options.pop("src"))
        except (AnsibleError, _auth_text.AuthFileError) as exc:
            return {**result, "failed": True, "msg": f"Cannot read {self._task.args['src']}: {exc}"}
        if isinstance(options.get("content"), (dict, list)):
            # Jinja makes a dict of JSON text before we see it.
            options["content"] = json.dumps(options["content"])
        answer = self._execute_module(
            module_name="airgap.openshift.pull_secret_merge", module_args=options, task_vars=task_vars
        )
        return {**result, **answer}

    @staticmethod
    def _is_on_controller(options: dict[str, Any]) -> bool:
        """Whether there is a file to read here; beside C(content) it is left to the module to refuse."""
        both = options.get("content") is not None
        return bool(options.get("src")) and not both and not boolean(options.get("remote_src", False), strict=False)

    def _read(self, src: str) -> str:
        """Return the text of an auth file, decrypted in memory if it is a vault."""
        path = self._find_needle("files", src)
        raw, _show = self._loader._get_file_contents(path)
        _auth_text.parse(raw)  # what is wrong in it is wrong for every host
        return _auth_text.decode(raw)
