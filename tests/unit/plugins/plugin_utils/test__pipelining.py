# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a module is sent on standard input; tests/e2e/test_pipelining.py looks whether it was, over SSH."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import typing as t
from types import SimpleNamespace

import pytest
from ansible import context
from ansible.module_utils.common.collections import ImmutableDict
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from ansible_collections.airgap.openshift.plugins.plugin_utils import _pipelining

DONE = {"changed": True}
NO_TTY = {"failed": True, "rc": 1, "module_stdout": "", "module_stderr": "sudo: Entschuldigung, TTY nötig\n"}


class Action:
    """A double of an action plugin, which notes how each module would have been sent; its connection is a real one."""

    def __init__(self, connection: t.Any, *answers: dict[str, t.Any]) -> None:
        self._connection = connection
        self._task = SimpleNamespace(delegate_to=None)
        self._answers = list(answers)
        self.pipelined: list[bool] = []

    def _execute_module(self, name: str, module_args: dict[str, t.Any], **_options: object) -> dict[str, t.Any]:
        assert (name, module_args) == ("a.b.c", {"x": 1})
        self.pipelined.append(bool(self._connection.get_option("pipelining")))
        return self._answers.pop(0)


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> t.Any:
    """The plugin for SSH, which connects to nothing until it is used."""
    monkeypatch.setattr(context, "CLIARGS", ImmutableDict())
    plugin = connection_loader.get("ssh", PlayContext(), None)
    plugin.become = None
    return plugin


def sent(connection: t.Any, *answers: dict[str, t.Any], to: str | None = None, **stated: t.Any) -> list[bool]:
    """How the module was sent, each time; its last answer is that of the function.

    The host's variables are as Ansible has them for a task, or for another host that it is delegated ``to``.
    """
    mine = {} if to else stated
    connection.set_options(var_options=stated)
    task_vars = {**mine, "vars": dict(mine), "ansible_delegated_vars": {to: stated} if to else {}}
    connection.update_vars(task_vars)
    action = Action(connection, *answers)
    action._task.delegate_to = to
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


@pytest.mark.parametrize("before", ["Authorized users only.\n", "Warning: Permanently added 'b1' to the list.\r\n"])
def test_what_ssh_says_before_sudo_does(connection: t.Any, before: str) -> None:
    connection.become = SimpleNamespace(name="sudo")
    refused = {**NO_TTY, "module_stderr": before + NO_TTY["module_stderr"]}
    assert sent(connection, refused, DONE) == [True, False]


@pytest.mark.parametrize("said", [True, False])
def test_what_is_said_of_the_host_that_a_task_is_delegated_to(connection: t.Any, said: bool) -> None:
    assert sent(connection, DONE, to="b2", ansible_host="b2", ansible_pipelining=said) == [said]
    assert sent(connection, DONE, to="b2", ansible_host="b2") == [True]


@pytest.mark.parametrize("option", ["ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"])
@pytest.mark.parametrize("arguments", ["-tt", "-C -t", "-o RequestTTY=force", "-o 'requesttty force'"])
def test_a_terminal_that_the_user_forces(connection: t.Any, option: str, arguments: str) -> None:
    assert sent(connection, DONE, **{option: arguments}) == [False]
    assert sent(connection, DONE, **{option: "-T -o ControlPersist=60s -test"}) == [True]


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

    monkeypatch.setattr(connection, "get_option_and_origin", none, raising=False)
    assert sent(connection, DONE) == [False]


@pytest.mark.parametrize(("stated", "files"), [({}, 0), ({"ansible_pipelining": False}, 1)])
def test_a_real_run(tmp_path: pathlib.Path, stated: dict[str, bool], files: int) -> None:
    """Ansible says at -vvv which files it puts on the host, which is this one."""
    task = {"airgap.openshift.pull_secret_merge": {"dest": str(tmp_path / "auth.json"), "sources": []}}
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable, **stated}
    play = {"hosts": "b1", "gather_facts": False, "vars": here, "tasks": [task]}
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    settings = {"ANSIBLE_COLLECTIONS_PATH": str(pathlib.Path(_pipelining.__file__).parents[5]), "ANSIBLE_NOCOLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "ansible.cli.playbook", "-vvv", "-i", "b1,", tmp_path / "play.yml"],
        env={**os.environ, **settings}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("> PUT ") == files
