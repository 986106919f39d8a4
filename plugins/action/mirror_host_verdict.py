# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sums up what other tasks found. It is all of mirror_host_verdict: the host is not asked anything."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.airgap.openshift.plugins.plugin_utils._verdict import verdict

__all__ = ("OPTIONS", "ActionModule")

RESULTS = ("trust", "auth_file", "registries")
OPTIONS: dict[str, dict[str, t.Any]] = {
    **{name: {"type": "dict", "default": {}} for name in RESULTS},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


class ActionModule(ActionBase):
    """Stays on the controller."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task; its options and results are documented in the module of the same name."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        options = self.validate_argument_spec(argument_spec=OPTIONS)[1]
        # Where a play over clusters delegates to a bastion, it is the bastion that is ready.
        host = str(self._task.delegate_to or (task_vars or {})["inventory_hostname"])
        summed_up = verdict({name: options[name] for name in RESULTS}, host, self._task.check_mode, options["state"])
        return {**result, "changed": False, **summed_up}
