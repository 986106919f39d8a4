# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role and the modules in plays of other people, by all means that Ansible has for that."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bastion
from lab.access import Lab

from playbooks import ANSIBLE_PLAYBOOK, PlayResult

Play = Callable[..., PlayResult]

NAME = "airgap.openshift.mirror_host"
TRUST, MERGE = "airgap.openshift.ca_trust", "airgap.openshift.pull_secret_merge"
CHECK, VERDICT, SAID = (
    "airgap.openshift.mirror_registry_info",
    "airgap.openshift.mirror_host_verdict",
    "ansible.builtin.debug",
)
STEPS = [TRUST, MERGE, CHECK, VERDICT, SAID]


@pytest.fixture
def variables(lab: Lab) -> dict[str, Any]:
    """What an administrator writes into vars.yml."""
    registry = {"registry": lab.registry, "namespace": "ocp4", "username": lab.username, "password": lab.password}
    return {
        "mirror_host_ca_certificates": [{"name": "mirror-registry", "src": str(lab.ca)}],
        "mirror_host_registries": [registry],
    }


@pytest.fixture
def bastions(lab: Lab) -> list[Bastion]:
    """One of each kind, in their first state."""
    lab.reset(*lab.bastions)
    return [Bastion(lab, name, kind) for name, kind in lab.bastions.items()]


@pytest.fixture
def one(lab: Lab) -> Bastion:
    """Any bastion, in its first state: the kind is no matter where Ansible decides what runs."""
    name, kind = next(iter(lab.bastions.items()))
    lab.reset(name)
    return Bastion(lab, name, kind)


def include(**keywords: Any) -> dict[str, Any]:
    """A task that includes the role; ``apply`` and ``tasks_from`` are the module's, all else the task's keywords."""
    options = {word: keywords.pop(word) for word in ("apply", "tasks_from") if word in keywords}
    return {"ansible.builtin.include_role": {"name": NAME, **options}, **keywords}


class Vault:
    """Calls ansible-vault with a password of its own; ``key`` tells ansible-playbook."""

    def __init__(self, file: pathlib.Path) -> None:
        file.write_text("correct-horse")
        self.key = f"--vault-password-file={file}"

    def __call__(self, action: str, *words: str) -> str:
        """What it prints."""
        command = [str(pathlib.Path(ANSIBLE_PLAYBOOK).with_name("ansible-vault")), action, self.key, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def ran(done: PlayResult, host: str | None = None) -> list[str]:
    """The steps of the role that ran, in order."""
    return [
        row.action for row in done.tasks if row.action in STEPS and row.status != "skipped" and host in (None, row.host)
    ]


def headlines(done: PlayResult) -> list[str]:
    """The first line of each verdict."""
    return [row.values["msg"][0] for row in done.tasks if row.action == SAID]


def states(lines: list[str]) -> dict[str, str]:
    """The state of each matter in a verdict."""
    found = (re.match(r"  (\w[\w ]*?)  +(\w[\w ]*?)(?:  |$)", line) for line in lines)
    return {each[1]: each[2] for each in found if each}


def test_tags(one: Bastion, play: Play, variables: dict[str, Any]) -> None:
    """What is imported has the tags of its steps; what is included is seen by the tags of its task alone."""
    imported = {"ansible.builtin.import_role": {"name": NAME}, "tags": ["imported"]}
    tasks = [imported, include(tags=["included"], apply={"tags": ["included"]})]

    done = play(one.name, tasks, "--tags", "mirror_host_trust", variables=variables)
    assert (done.rc, done.changed, ran(done)) == (0, 1, [TRUST, VERDICT, SAID]), done.output
    assert headlines(done) == [f"{one.name} is as asked; no registry was asked"]
    done = play(one.name, tasks, "--tags", "included", variables=variables)
    assert (done.rc, done.changed, ran(done)) == (0, 1, STEPS), done.output
    assert headlines(done) == [f"{one.name} is ready to mirror to {one.lab.registry}"]
    done = play(one.name, tasks, "--skip-tags", "mirror_host_verify,included", variables=variables)
    assert (done.rc, ran(done)) == (0, [TRUST, MERGE]), done.output


def test_a_play_over_clusters_that_delegates(
    one: Bastion, play: Play, variables: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    """The hosts of the play are names that cannot be reached; all of it happens on their bastion, at the same time."""
    hosts = {name: {"mirror_host_auth_file": f"~/{name}.json"} for name in ("east", "west")}
    inventory = tmp_path / "clusters.json"
    inventory.write_text(json.dumps({"clusters": {"hosts": hosts, "vars": {"bastion": one.name}}}))
    files = ["-i", str(one.lab.inventory), "-i", str(inventory)]
    done = play("clusters", [include(apply={"delegate_to": "{{ bastion }}"})], *files, variables=variables)
    assert done.rc == 0, done.output
    assert [done.of(MERGE, host).status for host in hosts] == ["changed"] * 2
    assert sorted(done.of(TRUST, host).status for host in hosts) == ["changed", "ok"]
    assert headlines(done) == [f"{one.name} is ready to mirror to {one.lab.registry}"] * 2
    for name in hosts:
        held = one.ssh(f"cat ~/{name}.json", user="admin").stdout
        assert f"{one.lab.registry}/ocp4" in json.loads(held)["auths"]


def test_a_loop_over_clusters(one: Bastion, play: Play, variables: dict[str, Any]) -> None:
    """No verdict has anything of the item before it, be it what went well or what did not."""
    whole, forbidden = ({"name": name, "context": context} for name, context in (("whole", "admin"), ("no", "nobody")))
    bare = {"name": "bare", "context": "admin", "verify": False, "certificates": []}
    each = {
        "mirror_host_auth_file": "~/{{ item.name }}.json",
        "mirror_host_context": "{{ item.context }}",
        "mirror_host_verify": "{{ item.verify | default(true) }}",
        "mirror_host_ca_certificates": "{{ item.certificates | default(certificates) }}",
    }
    registries = {"mirror_host_registries": variables["mirror_host_registries"]}
    shared = {"certificates": variables["mirror_host_ca_certificates"], **registries}
    loop = include(loop=[whole, bare, forbidden], vars=each, loop_control={"label": "{{ item.name }}"})
    tasks = [{"block": [loop], "rescue": [include(loop=[bare], vars=each)]}]
    done = play(one.name, tasks, variables=shared)
    assert done.rc == 0, done.output
    verdicts = [row.values["msg"] for row in done.tasks if row.action == SAID]
    said = [f"is ready to mirror to {one.lab.registry}", "is as asked; no registry was asked", "is NOT ready to mirror"]
    assert headlines(done) == [f"{one.name} {words}" for words in (*said, said[1])]
    nothing_asked = {"CA": "not asked", "auth file": "ok", "registry": "not asked"}
    assert states(verdicts[1]) == states(verdicts[3]) == nothing_asked
    assert states(verdicts[2]) == {"CA": "ok", "auth file": "FAILED", "registry": "not checked"}
    kept = [f"/home/admin/{name}.json" for name in ("bare", "whole")]
    assert one.ssh("ls ~/*.json | grep -v airgap-openshift", user="admin").stdout.split() == kept


def test_vaulted_variables(one: Bastion, play: Play, variables: dict[str, Any], tmp_path: pathlib.Path) -> None:
    """A vaulted password among others in the clear, a file of variables that is vaulted, and a vaulted certificate."""
    vault = Vault(tmp_path / "key")
    source, secret, clear = tmp_path / "ca.pem", tmp_path / "secret.yml", tmp_path / "clear.yml"
    source.write_bytes(one.lab.ca.read_bytes())
    [registry] = variables["mirror_host_registries"]
    secret.write_text(json.dumps({"mirror_host_registries": [{**registry, "namespace": "other"}]}))
    clear.write_text("\n".join([
        f"mirror_host_ca_certificates: [{{src: {source}}}]",
        f"mirror_host_registry: {registry['registry']}",
        "mirror_host_registry_namespace: ocp4",
        f"mirror_host_registry_username: {registry['username']}",
        # A random password may begin with a dash.
        vault("encrypt_string", "--name", "mirror_host_registry_password", "--", registry["password"]),
    ]))  # fmt: skip
    vault("encrypt", str(source), str(secret))
    done = play(one.name, [include()], vault.key, "-e", f"@{secret}", "-e", f"@{clear}", "--diff", "-vvv")
    assert done.rc == 0, done.output
    assert headlines(done) == [f"{one.name} is ready to mirror to {one.lab.registry}"]
    assert [each["repository"] for each in done.of(CHECK).values["registries"]] == [
        f"{namespace}/openshift/release-images" for namespace in ("ocp4", "other")
    ]
    assert one.lab.password not in done.output


def test_no_error_of_ansible_shows_a_password(
    one: Bastion, play: Play, variables: dict[str, Any], tmp_path: pathlib.Path
) -> None:
    """Lists that are none, as a slip of the hand makes them, for each entry point and for the modules themselves.

    ansible-core quotes values of another kind than it expects and, before 2.19, what stands beside an undefined one.
    """
    vault = Vault(tmp_path / "key")
    [entry] = variables["mirror_host_registries"]
    text = f"- registry: {entry['registry']}\n  password: {entry['password']}\n"
    vaulted = vault("encrypt_string", "--name", "vaulted", "--", text)
    (tmp_path / "vaulted.yml").write_text(vaulted)
    wrong = [
        [[entry]],
        [entry, {**entry, "registry": "{{ nobody_has_set_this }}"}],
        [f"registry={entry['registry']} '{entry['password']}"],
        text,
        {"registry": entry},
        "{{ vaulted }}",
        {"__ansible_vault": textwrap.dedent(vaulted.partition("\n")[2])},
    ]
    roles = [
        {**include(**more), "vars": {"mirror_host_registries": each, "mirror_host_verify": False}}
        for more in ({}, {"tasks_from": "auth_file"}, {"tasks_from": "verify"})
        for each in wrong
    ]
    # In tasks of the user's own, before any code of this collection runs, Ansible quotes what is undefined.
    modules = [
        {module: {"registries": each, **more}}
        for module, more in ((MERGE, {"dest": "~/auth.json", "sources": []}), (CHECK, {}))
        for number, each in enumerate(wrong)
        if number != 1
    ]
    caught = [
        {"block": [task], "rescue": [{"ansible.builtin.set_fact": {"failures": "{{ failures | int + 1 }}"}}]}
        for task in [*roles, *modules]
    ]
    count = {"ansible.builtin.assert": {"that": f"failures | int == {len(caught)}"}}
    first = {"ansible.builtin.set_fact": {"failures": 0}}
    done = play(one.name, [first, *caught, count], vault.key, "-e", f"@{tmp_path}/vaulted.yml", "-vvv")
    assert one.lab.password not in done.output, [line for line in done.output.splitlines() if one.lab.password in line]
    assert done.rc == 0, done.output


def test_module_defaults_of_the_group(one: Bastion, play: Play, variables: dict[str, Any]) -> None:
    """One list of registries for both modules."""
    defaults = {"group/airgap.openshift.registries": {"registries": variables["mirror_host_registries"]}}
    tasks = [{MERGE: {"dest": "~/auth.json", "sources": []}}, {CHECK: {"auth_file": "~/auth.json"}}]
    trusted = {TRUST: {"name": "mirror-registry", "content": one.lab.ca.read_text()}, "become": True}
    done = play(one.name, [trusted, *tasks], module_defaults=defaults)
    assert done.rc == 0, done.output
    assert done.of(MERGE).values["added"] == [f"{one.lab.registry}/ocp4"]
    assert done.of(CHECK).values["msg"] == f"{one.lab.registry}: reachable, trusted, logged in, may pull"


def test_one_broken_bastion(bastions: list[Bastion], play: Play, variables: dict[str, Any]) -> None:
    """In batches the next ones stay as they are; with any_errors_fatal all come as far as the step that fails."""
    broken, sound = (bastion.name for bastion in bastions)
    path = f"{{{{ '/not/there' if inventory_hostname == '{broken}' else '~' }}}}/auth.json"
    variables["mirror_host_auth_file"] = path
    not_ready = f"{broken} is NOT ready to mirror"

    done = play(f"{broken},{sound}", [include()], variables=variables, serial=1)
    assert (done.rc, ran(done, broken), ran(done, sound)) == (2, [TRUST, MERGE, VERDICT, SAID], []), done.output
    assert headlines(done) == [not_ready]
    done = play("all", [include()], variables=variables, any_errors_fatal=True)
    assert done.rc == 2, done.output
    # In which versions of Ansible "always" is for hosts too that stop because of another one is not ours to say.
    assert ran(done, broken)[:2] == ran(done, sound)[:2] == [TRUST, MERGE], done.output
    assert CHECK not in ran(done)
    assert [done.of(TRUST, name).status for name in (broken, sound)] == ["ok", "changed"]
    assert [line for line in headlines(done) if "is ready" in line] == []


def test_check_mode_on_bastions_that_were_never_prepared(
    bastions: list[Bastion], play: Play, variables: dict[str, Any]
) -> None:
    """It says what it would do, and not that they are ready; nothing is changed."""
    look = "find / -xdev -newer /run/mark -type f -not -path '/tmp/*' -not -path '*/.ansible/*' -not -path '*/.kube/*'"
    for bastion in bastions:
        bastion.ssh("sudo -n true; touch /run/mark", user="admin")
        bastion.ssh("touch /run/mark")
    done = play("all", [include()], "--check", "--diff", variables=variables)
    assert (done.rc, done.changed) == (0, 4), done.output
    assert sorted(headlines(done)) == [
        f"{bastion.name} would be changed; no registry was asked" for bastion in bastions
    ]
    for bastion in bastions:
        assert bastion.ssh(look).stdout == ""
        pending = {"CA": "pending", "auth file": "pending", "registry": "not checked"}
        assert states(done.of(SAID, bastion.name).values["msg"]) == pending
