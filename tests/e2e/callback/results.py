# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible callback: writes each task's result on each host, and the recap, as lines of JSON for the tests to read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: results
type: aggregate
short_description: Lines of JSON in the file that AIRGAP_RESULTS names
description: For the end-to-end tests of airgap.openshift.
"""


class CallbackModule(CallbackBase):
    """What Ansible calls. Results come censored, as every callback gets them."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "results"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """The recap."""
        self._write({"stats": {host: stats.summarize(host) for host in stats.processed}})

    def _write(self, row: dict[str, Any]) -> None:
        with open(os.environ["AIRGAP_RESULTS"], "a", encoding="utf-8") as file:
            file.write(json.dumps(row, default=str) + "\n")


def _recorder(status: str) -> Callable[..., None]:
    def record(self: CallbackModule, result: Any, **_keywords: object) -> None:
        # ansible-core 2.19 made these attributes public.
        names = ("result", "task", "host")
        values, task, host = (getattr(result, name, None) or getattr(result, f"_{name}") for name in names)
        changed = status == "ok" and values.get("changed")
        self._write({
            "host": host.get_name(), "task": task.get_name(), "action": task.action,
            "status": "changed" if changed else status, "values": values,
        })  # fmt: skip

    return record


for _event in ("ok", "failed", "skipped", "unreachable"):
    setattr(CallbackModule, f"v2_runner_on_{_event}", _recorder(_event))
