# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How a module comes to the host: on the standard input of its Python, wherever that works."""

from __future__ import annotations

import re
import typing as t

from ansible import constants
from ansible.errors import AnsibleError

if t.TYPE_CHECKING:
    from ansible.plugins.action import ActionBase
    from ansible.plugins.connection import ConnectionBase

__all__ = ("execute",)

OPTION = "pipelining"
UNSTATED = "default"
SSH_ARGUMENTS = ("ssh_args", "ssh_common_args", "ssh_extra_args")
# With a terminal in place of a pipe Python would wait for a person to type.
TERMINAL = re.compile(r"(?:^|\s)-tt?(?:\s|$)|(?i:RequestTTY)")
# A login banner or ssh itself may say something before.
SUDO_SPOKE = re.compile(r"^sudo: ", re.MULTILINE)


def execute(
    action: ActionBase, module: str, arguments: dict[str, t.Any], task_vars: dict[str, t.Any] | None
) -> dict[str, t.Any]:
    """Run a module on the host, by pipelining unless the user has said whether that is to be.

    Else Ansible first writes it to a file of the host, with its arguments, and so with every secret in them; and one
    round trip becomes six. Pipelining is off by default because of sudo's ``requiretty`` only (the documentation of
    the option), which then keeps the module from starting, so that it can be sent once more in the other way.
    """
    connection = action._connection
    preferred = _is_up_to_us(connection, _stated(action, task_vars or {}))
    if preferred:
        connection.set_option(OPTION, True)
    answer: dict[str, t.Any] = action._execute_module(module, module_args=arguments, task_vars=task_vars)
    if not (preferred and _was_refused(answer)):
        return answer
    connection.set_option(OPTION, False)
    again: dict[str, t.Any] = action._execute_module(module, module_args=arguments, task_vars=task_vars)
    return again


def _stated(action: ActionBase, task_vars: dict[str, t.Any]) -> t.Any:
    """The variables of the host that the module runs on, as users gave them.

    To those of the task, ansible-core before 2.18 adds what it takes for this option itself.
    """
    delegated = task_vars.get("ansible_delegated_vars", {}).get(action._task.delegate_to)
    return delegated or task_vars.get("vars", {})


def _is_up_to_us(connection: ConnectionBase, variables: t.Any) -> bool:
    if not connection.has_pipelining or (connection.become and connection.become.name != "sudo"):
        return False
    try:
        origin = _origin(connection, variables)
    except (AnsibleError, KeyError):
        return False
    return bool(origin == UNSTATED) and not any(_wants_terminal(connection, name) for name in SSH_ARGUMENTS)


def _origin(connection: ConnectionBase, variables: t.Any) -> t.Any:
    if hasattr(connection, "get_option_and_origin"):
        return connection.get_option_and_origin(OPTION, variables)[1]
    # ansible-core before 2.16
    return constants.config.get_config_value_and_origin(
        OPTION, plugin_type="connection", plugin_name=connection._load_name, variables=variables
    )[1]


def _wants_terminal(connection: ConnectionBase, name: str) -> bool:
    try:
        return bool(TERMINAL.search(str(connection.get_option(name) or "")))
    except KeyError:
        return False


def _was_refused(answer: dict[str, t.Any]) -> bool:
    """Whether sudo did not let the module start. What it says after its name depends on the language of the host."""
    return (
        answer.get("rc") == 1
        and not answer.get("module_stdout")
        and bool(SUDO_SPOKE.search(str(answer.get("module_stderr", ""))))
    )
