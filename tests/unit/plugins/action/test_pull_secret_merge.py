# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.airgap.openshift.plugins.action.pull_secret_merge import ActionModule

TEXT = '{"auths": {"é": {}}}'


class Action(ActionModule):
    """A double: it records what would be sent to the host and sends nothing."""

    def __init__(self, args, folder):
        task = SimpleNamespace(args=args, delegate_to=None, get_search_path=lambda: [str(folder)])
        self.__dict__.update(_task=task, _loader=DataLoader(), _connection=SimpleNamespace(has_pipelining=False))
        self.sent = None

    def _find_needle(self, dirname, needle):
        return self._loader.path_dwim_relative_stack(self._task.get_search_path(), dirname, needle)

    def _execute_module(self, module_name, module_args, **_options):  # type: ignore[override]
        assert module_name == "airgap.openshift.pull_secret_merge"
        self.sent = module_args
        return {"changed": True}


@pytest.fixture
def play(tmp_path, monkeypatch):
    monkeypatch.setattr("ansible.plugins.action.ActionBase.run", lambda *_args: {})
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "ps.json").write_text(TEXT, encoding="utf-8")
    (tmp_path / "files" / "broken.json").write_text('{"auths" {}}', encoding="utf-8")
    (tmp_path / "files" / "latin.json").write_bytes(TEXT.encode("latin-1"))
    return lambda **args: Action({"dest": "/x", **args}, tmp_path)


def test_src_of_the_controller_travels_as_content(play):
    action = play(src="ps.json")
    assert action.run() == {"changed": True}
    assert action.sent == {"dest": "/x", "content": TEXT}


@pytest.mark.parametrize(
    "args",
    [
        {},
        {"src": "/ps.json", "remote_src": True},
        {"src": "/ps.json", "remote_src": "yes"},
        {"src": "ps.json", "content": TEXT},
        {"content": TEXT},
        {"content": None},
        {"registries": [{"registry": "a"}]},
    ],
)
def test_everything_else_passes_unchanged(play, args):
    action = play(**args)
    action.run()
    assert action.sent == {"dest": "/x", **args}


@pytest.mark.parametrize("wrong", ["a,b", ["a"], [{}, [{"password": "hunter2"}]], {"password": "hunter2"}])
@pytest.mark.parametrize("option", ["registries", "sources"])
def test_what_is_no_list_of_entries_is_not_sent(play, option, wrong):
    action = play(**{option: wrong})
    result = action.run()
    assert (result["failed"], action.sent) == (True, None)
    assert result["msg"].startswith(f"Cannot use {option}: ")
    assert "hunter2" not in str(result)


def test_what_was_merged_is_taken_back_without_it(play):
    """Neither is a file needed that may be gone by now, nor do passwords go to the host."""
    merged = {
        "src": "gone.json",
        "remote_src": False,
        "content": None,
        "sources": [],
        "registries": [{"password": "p"}],
    }
    action = play(state="absent", track=True, owner="me", **merged)
    action.run()
    assert action.sent == {"dest": "/x", "state": "absent", "track": True, "owner": "me"}


@pytest.mark.parametrize(
    ("content", "text"), [({"auths": {"é": {}}}, '{"auths": {"\\u00e9": {}}}'), ([{"auths": {}}], '[{"auths": {}}]')]
)
def test_what_jinja_made_of_json_becomes_text_again(play, content, text):
    action = play(content=content)
    action.run()
    assert action.sent["content"] == text


def test_a_file_where_the_user_stands_is_found(play, tmp_path, monkeypatch):
    """As with the playbook of a collection, beside which nothing of the user's lies."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "mine.json").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "here")
    action = play(src="mine.json")
    action.run()
    assert action.sent == {"dest": "/x", "content": TEXT}


@pytest.mark.parametrize(
    ("src", "message"),
    [
        (
            "latin.json",
            "Cannot use latin.json: line 1, column 13: expected UTF-8 text, not Latin-1 or binary; save it as UTF-8",
        ),
        ("gone.json", "Cannot use gone.json: there is no file gone.json on the controller"),
        ("broken.json", "Cannot use broken.json: line 1, column 10: expected ':' after the field name"),
        ("", "Cannot use : src is empty or no path"),
        (["a"], "Cannot use it: src is empty or no path"),
        ({"auths": {"a": {"auth": "c2VjcmV0"}}}, "Cannot use it: src is empty or no path"),
        ('{"auths": {"a": {"auth": "c2VjcmV0"}}}', "Cannot use it: src is no path; give the text of a file as content"),
        ("-----BEGIN\nc2VjcmV0", "Cannot use it: src is no path"),
        ("c2VjcmV0" * 1000, "Cannot use it: src is no path"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_and_nothing_is_sent(play, src, message):
    action = play(src=src)
    result = action.run()
    assert result["failed"]
    assert result["msg"].startswith(message)
    assert "c2VjcmV0" not in result["msg"]
    assert action.sent is None


def test_a_file_that_is_too_large_is_not_read(play, tmp_path):
    with (tmp_path / "files" / "huge.json").open("wb") as file:
        file.truncate((64 << 20) + 1)
    assert play(src="huge.json").run()["msg"] == "Cannot use huge.json: it has more than 64 MiB; correct src"


def test_text_in_place_of_a_path_of_the_host_is_not_sent(play):
    action = play(src='{"auths": {"a": {"auth": "c2VjcmV0"}}}', remote_src=True)
    assert action.run()["msg"] == "Cannot use it: src is no path; give the text of a file as content"
    assert action.sent is None


def test_options_of_the_task_are_left_alone(play):
    action = play(src="ps.json")
    action.run()
    assert action._task.args == {"dest": "/x", "src": "ps.json"}
