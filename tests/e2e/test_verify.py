# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's check of the registries, its verdict, and the playbook that checks without changing anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bastion
from lab.access import Lab

from playbooks import Playbooks, PlayResult

Play = Callable[..., PlayResult]

ROLE = {"ansible.builtin.include_role": {"name": "airgap.openshift.mirror_host"}}
PREPARE, VERIFY = "airgap.openshift.prepare", "airgap.openshift.verify"
CHECK, LAST = "airgap.openshift.mirror_registry_info", "ansible.builtin.debug"


@pytest.fixture
def variables(lab: Lab) -> dict[str, Any]:
    """What an administrator writes into vars.yml."""
    registry = {"registry": lab.registry, "namespace": "ocp4", "username": lab.username, "password": lab.password}
    return {
        "mirror_host_ca_certificates": [{"name": "mirror-registry", "src": str(lab.ca)}],
        "mirror_host_registries": [registry],
    }


def states(done: PlayResult) -> dict[str, str]:
    """The state of each matter that the verdict has a line for."""
    found = (re.match("  ([A-Za-z ]+?)  +([A-Za-z ]+?)(?:  |$)", line) for line in done.of(LAST).values["msg"])
    return {each[1]: each[2] for each in found if each}


def test_the_verdict_says_what_is_ready(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]
) -> None:
    predicted = playbooks.run(PREPARE, "--check", "--limit", clean_bastion.name, variables=variables)
    assert predicted.rc == 0, predicted.output
    assert states(predicted)["CA"] == states(predicted)["auth file"] == "pending"
    assert states(predicted)["registry"] == "not checked"

    done = playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables)
    lines = done.of(LAST).values["msg"]
    registry = clean_bastion.lab.registry
    assert lines[0] == f"{clean_bastion.name} is ready to mirror to {registry}"
    matters = ("CA", "auth file", "registry", "login", "pull", "push")
    assert states(done) == dict.fromkeys(matters, "ok"), done.output
    assert all(len(line) <= 110 for line in lines)
    assert clean_bastion.lab.password not in done.output


@pytest.mark.one_kind
@pytest.mark.parametrize("registry", ["registry", "quay"])
def test_both_kinds_of_login(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any], registry: str
) -> None:
    """The registry with Basic logins, and the one with a token server."""
    variables["mirror_host_registries"][0]["registry"] = getattr(clean_bastion.lab, registry)
    done = playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables)
    assert done.rc == 0, done.output
    assert states(done)["push"] == "ok"
    checked = done.of("airgap.openshift.mirror_registry_info").values
    assert [found["code"] for found in checked["findings"]] == []


@pytest.mark.one_kind
def test_the_check_leaves_nothing_in_the_registry(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]
) -> None:
    variables["mirror_host_verify_repository"] = "asked/for/only"
    done = playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables)
    assert states(done)["push"] == "ok", done.output
    # The distribution registry notes the state of a hash when an upload ends, however that is, and purges it later.
    made = clean_bastion.lab.console("registry", "find /var/lib/registry -path '*asked/for/only*' -type f -size +0")
    assert [path for path in made.stdout.splitlines() if "/hashstates/" not in path] == []
    known = clean_bastion.lab.console("registry", "find /var/lib/registry -path '*asked/for/only/_layers*'")
    assert known.stdout == ""


@pytest.mark.one_kind
def test_what_is_wrong_ends_the_role_with_what_to_do(
    clean_bastion: Bastion, play: Play, variables: dict[str, Any]
) -> None:
    """A play that includes the role can go on, with the verdict as data."""
    variables["mirror_host_registries"][0]["password"] = "no-longer-the-password"
    later = {"ansible.builtin.assert": {"that": [
        "not mirror_host_result.ok",
        "mirror_host_result.findings | selectattr('part', 'equalto', 'registries') | map(attribute='code') | list"
        " == ['rejected-credentials']",
        "mirror_host_result.registries[0].steps.tls == 'ok'",
    ]}}  # fmt: skip
    tasks = [{"block": [ROLE], "rescue": [later]}]
    done = play(clean_bastion.name, tasks, variables=variables)
    assert done.rc == 0, done.output
    failed = done.of(LAST)
    assert failed.status == "failed"
    assert states(done)["login"] == "FAILED"
    assert any(line.startswith("  to do: ") for line in failed.values["msg"])
    assert "no-longer-the-password" not in done.output


@pytest.mark.one_kind
def test_a_registry_that_is_not_there_yet(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]
) -> None:
    variables["mirror_host_registries"][0]["registry"] = "registry.lab.test:5999"
    done = playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables)
    assert (done.rc, done.changed) == (2, 2), done.output
    assert "connection-refused" in str(done.of("airgap.openshift.mirror_registry_info").values["findings"])
    unasked = playbooks.run(
        PREPARE, "--limit", clean_bastion.name, variables={**variables, "mirror_host_verify": False}
    )
    assert (unasked.rc, unasked.changed) == (0, 0), unasked.output
    assert states(unasked)["registry"] == "not asked"


@pytest.mark.one_kind
def test_only_the_registries_that_are_mirrored_to(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]
) -> None:
    [mirror] = variables["mirror_host_registries"]
    source = {**mirror, "registry": "registry.lab.test:5999"}
    gone = {"registry": "gone.lab.test", "state": "absent"}
    variables["mirror_host_registries"] = [mirror, source, gone]
    variables["mirror_host_verify_registries"] = [{"registry": mirror["registry"], "namespace": "ocp4"}]
    done = playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables)
    assert done.rc == 0, done.output
    [checked] = done.of("airgap.openshift.mirror_registry_info").values["registries"]
    assert (checked["registry"], checked["repository"]) == (mirror["registry"], "ocp4/openshift/release-images")


def test_verify_changes_nothing_and_needs_no_privileges(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]
) -> None:
    limit = ["--limit", clean_bastion.name]
    others = " ".join(f"-not -path '{path}'" for path in ("/tmp/*", "/var/log/*", "*/.ansible*"))
    look = f"find / -xdev {others} -newer /run/mark -type f -size +0 2>/dev/null"
    unready = playbooks.run(VERIFY, *limit, variables=variables)
    codes = [found["code"] for found in unready.of("airgap.openshift.mirror_registry_info").values["findings"]]
    assert (unready.rc, unready.changed) == (2, 0), unready.output
    assert codes == ["unknown-issuer", "auth-file-missing"]

    assert playbooks.run(PREPARE, *limit, variables=variables).rc == 0
    clean_bastion.ssh("chmod 000 /usr/bin/sudo && touch /run/mark")
    # Without what only prepare needs: passwords, the pull secret's source, the CA's file.
    known: dict[str, Any] = {"mirror_host_registries": [{"registry": clean_bastion.lab.registry, "namespace": "ocp4"}]}
    # What the variables that prepare was given may hold, and what must not keep this playbook from its job.
    known |= {"mirror_host_verify": False, "mirror_host_state": "absent"}
    ready = playbooks.run(VERIFY, *limit, variables=known)
    assert (ready.rc, ready.changed) == (0, 0), ready.output
    assert states(ready)["push"] == "ok"
    assert clean_bastion.ssh(look).stdout == ""


@pytest.mark.one_kind
def test_by_tag(clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]) -> None:
    limit = ["--limit", clean_bastion.name]
    trust = playbooks.run(PREPARE, *limit, "--tags", "mirror_host_trust", variables=variables)
    assert (trust.rc, trust.changed) == (0, 1), trust.output
    assert states(trust)["registry"] == "not checked"
    check = playbooks.run(PREPARE, *limit, "--tags", "mirror_host_verify", variables=variables)
    assert check.rc == 2, check.output
    assert states(check)["CA"] == "ok"
    assert states(check)["auth file"] == "FAILED"
    assert states(check)["registry"] == "ok"
    assert states(check)["login"] == "FAILED"


@pytest.mark.one_kind
def test_there_has_to_be_something_to_check(clean_bastion: Bastion, playbooks: Playbooks) -> None:
    done = playbooks.run(VERIFY, "--limit", clean_bastion.name)
    assert done.rc == 2, done.output
    assert done.of(CHECK).values["msg"] == (
        "Cannot check this: registries is empty; name those to check, as when the host was prepared."
    )
    assert "NOT ready" in done.of(LAST).values["msg"][0]


@pytest.mark.one_kind
def test_switched_off_on_the_command_line(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]
) -> None:
    """Where all values are text."""
    limit = ["--limit", clean_bastion.name, "-e", "mirror_host_verify=false"]
    done = playbooks.run(PREPARE, *limit, variables=variables)
    assert done.rc == 0, done.output
    assert states(done)["registry"] == "not asked"


@pytest.mark.one_kind
def test_a_step_that_fails_has_a_verdict_too_and_leaves_none_behind(
    clean_bastion: Bastion, play: Play, variables: dict[str, Any]
) -> None:
    broken = {**ROLE, "vars": {"mirror_host_auth_file": "/not/there/auth.json"}}
    not_ok = {"ansible.builtin.assert": {"that": "not mirror_host_result.ok"}}
    done = play(clean_bastion.name, [{"block": [broken], "rescue": [not_ok]}, ROLE], variables=variables)
    assert done.rc == 0, done.output
    first, second = (task.values["msg"] for task in done.tasks if task.action == LAST)
    assert any("/not/there does not exist" in line for line in first), done.output
    assert second[0].startswith(f"{clean_bastion.name} is ready to mirror to ")


@pytest.mark.one_kind
def test_a_check_that_cannot_begin_leaves_no_verdict_of_before(
    clean_bastion: Bastion, play: Play, variables: dict[str, Any]
) -> None:
    """What went well before says nothing of now."""
    verify = {"ansible.builtin.include_role": {"name": "airgap.openshift.mirror_host", "tasks_from": "verify"}}
    stale = {"ansible.builtin.assert": {"that": "not mirror_host_result.ok"}}
    refused = [
        {"block": [{**verify, "vars": {"mirror_host_registries": registries}}], "rescue": [stale]}
        for registries in ([], [{"registry": ""}])
    ]
    done = play(clean_bastion.name, [ROLE, *refused], variables={}, vars=variables)
    assert done.rc == 0, done.output


@pytest.mark.one_kind
def test_the_check_alone_does_not_speak_of_a_failure_before_it(
    clean_bastion: Bastion, play: Play, variables: dict[str, Any]
) -> None:
    certificates = [{"name": "broken", "content": "no certificate"}]
    broken = {**ROLE, "vars": {"mirror_host_ca_certificates": certificates}}
    failed = {"ansible.builtin.assert": {"that": "not mirror_host_result.trust.ok"}}
    alone = {"ansible.builtin.include_role": {"name": "airgap.openshift.mirror_host", "tasks_from": "verify"}}
    done = play(clean_bastion.name, [ROLE, {"block": [broken], "rescue": [failed]}, alone], vars=variables)
    assert done.rc == 0, done.output
    ready, not_ready, again = (task.values["msg"] for task in done.tasks if task.action == LAST)
    assert "NOT ready" in not_ready[0]
    assert again[0] == ready[0] == f"{clean_bastion.name} is ready to mirror to {clean_bastion.lab.registry}"
