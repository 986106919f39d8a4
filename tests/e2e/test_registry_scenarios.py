# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mirror_registry_info beside skopeo: same bastion, same registry, same auth file, same environment, same answer.

Every code of the table of findings is produced by a scenario. Where skopeo manages what the module calls wrong, the
scenario says why; nowhere does skopeo fail where the module says that all is well.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest
from lab.access import Lab
from registries import MODULE, Registries, Said, groups, results
from registry_scenarios import PASSWORD, SCENARIOS, Scenario, login
from trust import task

from playbooks import Playbooks, PlayResult

ALL_ON = "rhel9"
ELSEWHERE = "debian13"
NAMES = {scenario.name: scenario for scenario in SCENARIOS}
ON_BOTH = (
    *("good", "good-tokens", "unknown-issuer", "wrong-host-name", "expired", "rejected-credentials"),
    *("no-push-permission", "proxy-denied", "near-miss"),
)


class Outcome(NamedTuple):
    """What the module and skopeo said of one scenario."""

    values: dict[str, Any]
    said: Said

    @property
    def codes(self) -> list[str]:
        """Of all findings."""
        return [finding["code"] for finding in self.values["findings"]]

    @property
    def failed_steps(self) -> set[str]:
        """On the way from the name to the permission to push."""
        return {step for step, outcome in self.values["steps"].items() if outcome == "failed"}


class Outcomes(NamedTuple):
    """Of all scenarios, by name."""

    each: dict[str, Outcome]
    done: PlayResult


Causes = dict[str, Any]
Ask = Callable[[str, Sequence[Scenario]], Outcomes]


@pytest.fixture(scope="module")
def causes(collections: pathlib.Path) -> Iterator[Causes]:
    """The table of findings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(collections)
        from ansible_collections.airgap.openshift.plugins.module_utils import _registry_finding

        yield _registry_finding.CAUSES


@pytest.fixture(scope="module")
def ask(lab: Lab, collections: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Set up scenarios on a bastion of a kind; ask skopeo, and the module, which knows the CAs by ca_trust."""
    used = []

    def answers(kind: str, scenarios: Sequence[Scenario]) -> Outcomes:
        [name] = [name for name, image in lab.bastions.items() if image == kind]
        used.append(name)
        lab.reset(name)
        registries = Registries(lab, name, scenarios)
        playbooks = Playbooks(lab, tmp_path_factory.mktemp(kind), collections)
        trusted = playbooks.play(name, [task(name="registries", content=registries.trusted)])
        assert trusted.rc == 0, trusted.output
        calls = groups(scenarios)
        with ThreadPoolExecutor() as pool:
            skopeo = pool.submit(registries.skopeo, scenarios)
            done = playbooks.play(name, registries.tasks(calls))
            assert done.rc == 0, done.output
            said = skopeo.result()
        found = results(calls, done)
        return Outcomes({name: Outcome(values, said[name]) for name, values in found.items()}, done)

    yield answers
    lab.reset(*used)


@pytest.fixture(scope="module")
def here(ask: Ask) -> Outcomes:
    """All scenarios."""
    return ask(ALL_ON, SCENARIOS)


@pytest.fixture(scope="module")
def there(ask: Ask) -> Outcomes:
    """The most important ones, on the other kind of bastion."""
    return ask(ELSEWHERE, [NAMES[name] for name in ON_BOTH])


def check(scenario: Scenario, outcome: Outcome, causes: Causes) -> None:
    """Both are as the scenario has it; what skopeo prints is what the table of findings says, or the scenario."""
    assert outcome.codes == list(scenario.codes), outcome.values
    assert outcome.values["ok"] == scenario.ok
    assert outcome.failed_steps == {causes[code].step for code in outcome.codes if causes[code].severity == "error"}
    assert (outcome.said.rc == 0) == (scenario.ok or bool(scenario.skopeo_manages)), outcome.said
    if outcome.said.rc:
        assert (scenario.seen or causes[scenario.codes[0]].seen) in unquoted(outcome.said.words)


def unquoted(words: str) -> str:
    """As skopeo would print them if it did not quote them for its log."""
    return re.sub(r"\\(.)", r"\1", words)


@pytest.mark.parametrize("name", NAMES)
def test_module_and_skopeo_agree(here: Outcomes, causes: Causes, name: str) -> None:
    check(NAMES[name], here.each[name], causes)


@pytest.mark.parametrize("name", ON_BOTH)
def test_on_the_other_kind_of_bastion_too(there: Outcomes, causes: Causes, name: str) -> None:
    check(NAMES[name], there.each[name], causes)


def test_every_finding_has_a_scenario(causes: Causes) -> None:
    assert {code for scenario in SCENARIOS for code in scenario.codes} == set(causes)


def test_every_finding_says_what_it_is_and_what_to_do(here: Outcomes, causes: Causes) -> None:
    found = [finding for outcome in here.each.values() for finding in outcome.values["findings"]]
    assert {finding["code"] for finding in found} == set(causes)
    for finding in found:
        assert finding["severity"] == causes[finding["code"]].severity
        assert finding["step"] == causes[finding["code"]].step
        assert finding["message"], finding
        assert finding["remedy"], finding
        assert not re.search(r"\{\w+\}|\n", finding["message"] + finding["remedy"]), finding


def test_advice_depends_on_what_the_administrator_has(here: Outcomes) -> None:
    [unknown, given] = (here.each[name].values["findings"][0] for name in ("unknown-issuer", "unknown-issuer-given"))
    assert "given" in given["message"] + given["remedy"]
    assert "given" not in unknown["message"] + unknown["remedy"]


def test_passwords_stay_where_they_are(here: Outcomes) -> None:
    """Neither results nor messages show them, in whatever spelling the auth files and variables have."""
    secrets = [PASSWORD, *(login(user)["auth"] for user in ("mirror", "second", "reader", "ocp4+robot"))]
    shown = [row.values for row in here.done.tasks if row.action == MODULE]
    assert shown
    assert not [secret for secret in secrets for values in shown if secret in str(values)]
    assert not [secret for secret in secrets if secret in here.done.output]
