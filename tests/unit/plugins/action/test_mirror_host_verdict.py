# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task as playbooks call it; what it says is held to by the tests of _verdict."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.airgap.openshift.plugins.action.mirror_host_verdict import OPTIONS, ActionModule
from ansible_collections.airgap.openshift.plugins.modules import mirror_host_verdict
from ansible_collections.airgap.openshift.plugins.plugin_utils._verdict import verdict

HOST = {"inventory_hostname": "b1"}
TRUST = {"changed": True, "msg": "m"}
DOCUMENTED = yaml.safe_load(mirror_host_verdict.DOCUMENTATION)["options"]
SAMPLES = {name: value["sample"] for name, value in yaml.safe_load(mirror_host_verdict.RETURN).items()}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ActionBase, "run", lambda *_args: {})


def run(*, check_mode: bool = False, delegate_to: str | None = None, **args: Any) -> dict[str, Any]:
    """A double of the task: it has options, a mode and a place, and nothing else of Ansible."""
    task = SimpleNamespace(args=args, check_mode=check_mode, delegate_to=delegate_to)
    action = ActionModule.__new__(ActionModule)
    action.__dict__.update(_task=task, _load_name="mirror_host_verdict")
    return action.run(task_vars=HOST)


def test_it_hands_everything_on() -> None:
    assert run(trust=TRUST) == {"changed": False, **verdict({"trust": TRUST}, "b1")}
    assert run(trust=TRUST, check_mode=True)["lines"] == verdict({"trust": TRUST}, "b1", True)["lines"]
    assert run(trust=TRUST, state="absent")["lines"] == verdict({"trust": TRUST}, "b1", state="absent")["lines"]
    assert len({str(found["lines"]) for found in (run(), run(check_mode=True, trust=TRUST), run(state="absent"))}) == 3
    for part in ("trust", "auth_file", "registries"):
        failed = run(**{part: {"failed": True, "msg": f"{part} is broken"}})
        assert not failed["ok"]
        assert f"{part} is broken" in str(failed["lines"])
        assert "failed" not in failed


def test_it_names_the_host_that_was_delegated_to() -> None:
    assert run(trust=TRUST, delegate_to="b2") == {"changed": False, **verdict({"trust": TRUST}, "b2")}


@pytest.mark.parametrize("option", [{"trust": []}, {"auth_file": "x"}, {"state": "gone"}, {"trusted": {}}])
def test_anything_but_results_is_refused(option: dict[str, Any]) -> None:
    with pytest.raises(AnsibleError, match=next(iter(option))):
        run(**option)


def test_the_documentation_has_the_options() -> None:
    said = {
        name: {word: value for word, value in option.items() if word != "description"}
        for name, option in DOCUMENTED.items()
    }
    assert said == OPTIONS


def test_the_sample_is_what_it_returns() -> None:
    found = run()
    assert list(SAMPLES) == [name for name in found if name != "changed"]
    assert [list(SAMPLES[part]) for part in ("trust", "auth_file")] == [
        list(found[part]) for part in ("trust", "auth_file")
    ]
