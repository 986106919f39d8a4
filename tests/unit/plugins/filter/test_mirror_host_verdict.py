# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter as playbooks call it; what it says is held to by the tests of _verdict."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.airgap.openshift.plugins.filter import mirror_host_verdict
from ansible_collections.airgap.openshift.plugins.plugin_utils._verdict import verdict

FILTER = mirror_host_verdict.FilterModule().filters()["mirror_host_verdict"]
DOCUMENTED = yaml.safe_load(Path(mirror_host_verdict.__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def test_it_hands_everything_on() -> None:
    results = {"trust": {"changed": True, "msg": "m"}}
    assert FILTER(results, host="b1") == verdict(results, "b1")
    assert FILTER(results, host="b1", check_mode=True) == verdict(results, "b1", True)
    assert FILTER(results, host="b1", state="absent") == verdict(results, "b1", state="absent")
    assert len({str(FILTER(results, "b1", *more)) for more in ((), (True,), (False, "absent"))}) == 3


@pytest.mark.parametrize("results", [[], "x", None, {"trust": []}, {"trust": None}])
def test_anything_but_results_is_refused(results: object) -> None:
    with pytest.raises(AnsibleFilterError, match="takes a dictionary of the results"):
        FILTER(results, host="b1")


def test_the_documentation_has_the_parameters() -> None:
    options = DOCUMENTED["DOCUMENTATION"]["options"]
    parameters = list(inspect.signature(FILTER).parameters.values())[1:]
    assert ["_input", *(each.name for each in parameters)] == list(options)
    defaults = {each.name: each.default for each in parameters if each.default is not each.empty}
    assert defaults == {name: option["default"] for name, option in options.items() if "default" in option}


def test_the_sample_is_what_it_returns() -> None:
    sample = DOCUMENTED["RETURN"]["_value"]["sample"]
    found = FILTER({}, host="b1")
    assert list(sample) == list(found)
    assert [list(sample[part]) for part in ("trust", "auth_file")] == [
        list(found[part]) for part in ("trust", "auth_file")
    ]
    assert all(f"C({name})" in " ".join(DOCUMENTED["RETURN"]["_value"]["description"]) for name in found)
