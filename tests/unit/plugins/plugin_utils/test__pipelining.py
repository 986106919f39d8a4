# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a module is sent on standard input. tests/e2e/test_pipelining.py looks whether it was."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible import context
from ansible.module_utils.common.collections import ImmutableDict
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from ansible_collections.airgap.openshift.plugins.plugin_utils import _pipelining

DONE = {"changed": True}
NO_TTY = {"failed": True, "rc": 1, "module_stdout": "", "module_stderr": "sudo: Entschuldigung, ein TTY ist nötig\n"}


class Action:
    """A double of an action plugin, which notes how each module would have been sent; its connection is a real one."""

    def __init__(self, connection: t.Any, *answers: dict[str, t.Any]) -> None:
        self._connection = connection
        self._answers = list(answers)
        self.pipelined: list[bool] = []

    def _execute_module(self, name: str, module_args: dict[str, t.Any], **_options: object) -> dict[str, t.Any]:
        assert (name, module_args) == ("a.b.c", {"x": 1})
        self.pipelined.append(bool(self._connection.get_option("pipelining")))
        return self._answers.pop(0)


@pytest.fixture
def connection() -> t.Any:
    """The plugin for SSH, which connects to nothing until it is used."""
    context.CLIARGS = ImmutableDict()
    plugin = connection_loader.get("ssh", PlayContext(), None)
    plugin.become = None
    return plugin


def sent(connection: t.Any, *answers: dict[str, t.Any], **task_vars: t.Any) -> list[bool]:
    """How the module was sent, each time; its last answer is that of the function."""
    connection.set_options(var_options=task_vars)
    action = Action(connection, *answers)
    assert _pipelining.execute(t.cast("t.Any", action), "a.b.c", {"x": 1}, task_vars) == answers[-1]
    return action.pipelined


def test_where_nothing_is_said(connection: t.Any) -> None:
    assert sent(connection, DONE) == [True]


@pytest.mark.parametrize("variable", ["ansible_pipelining", "ansible_ssh_pipelining"])
@pytest.mark.parametrize("said", [True, False])
def test_what_the_user_says_counts(connection: t.Any, variable: str, said: bool) -> None:
    assert sent(connection, DONE, **{variable: said}) == [said]
    assert sent(connection, NO_TTY, **{variable: said}) == [said]


def test_sudo_that_wants_a_terminal_gets_one(connection: t.Any) -> None:
    connection.become = SimpleNamespace(name="sudo")
    assert sent(connection, DONE) == [True]
    assert sent(connection, NO_TTY, DONE) == [True, False]


@pytest.mark.parametrize(
    "answer",
    [
        {**NO_TTY, "module_stdout": "{"},
        {**NO_TTY, "rc": 137},
        {**NO_TTY, "module_stderr": "Killed"},
        {"failed": True, "msg": "sudo: oc failed"},
    ],
)
def test_a_module_that_started_is_not_sent_again(connection: t.Any, answer: dict[str, t.Any]) -> None:
    connection.become = SimpleNamespace(name="sudo")
    assert sent(connection, answer) == [True]


def test_other_ways_to_become(connection: t.Any) -> None:
    connection.become = SimpleNamespace(name="su")
    assert sent(connection, DONE) == [False]


def test_a_connection_that_cannot(connection: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connection), "has_pipelining", False)
    assert sent(connection, DONE) == [False]


def test_a_connection_without_the_option(connection: t.Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As those of third parties."""

    def none(option: str, _hostvars: object) -> None:
        raise KeyError(option)

    monkeypatch.setattr(connection, "get_option_and_origin", none)
    assert sent(connection, DONE) == [False]
