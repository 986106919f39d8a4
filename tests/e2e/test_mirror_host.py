# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole job: the role and its playbook make bastions ready, and a real client copies images from there."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bastion
from lab import image
from lab.access import Lab

from playbooks import ANSIBLE_PLAYBOOK, Playbooks, PlayResult

Play = Callable[..., PlayResult]

ROLE = {"ansible.builtin.include_role": {"name": "airgap.openshift.mirror_host"}}
PREPARE = "airgap.openshift.prepare"
MERGE = "airgap.openshift.pull_secret_merge"
AUTH_FILE = ".mirrorsecretconfigjson"
CHECKOUT = pathlib.Path(__file__).parents[2]


@pytest.fixture
def variables(lab: Lab) -> dict[str, Any]:
    """What an administrator writes into vars.yml."""
    registry = {"registry": lab.registry, "namespace": "ocp4", "username": lab.username, "password": lab.password}
    return {
        "mirror_host_ca_certificates": [{"name": "mirror-registry", "src": str(lab.ca)}],
        "mirror_host_registries": [registry],
    }


def copy(bastion: Bastion, name: str, user: str) -> str:
    """Copy an image into the mirror registry and read it back, with the auth file and the host's own trust only."""
    made = image.make(name)
    bastion.push("/run/image.tar", made.archive)
    where = f"docker://{bastion.lab.registry}/ocp4/{name}:1"
    # skopeo unpacks an archive with the owners that are in it, which only root can.
    unpack = "rm -rf ~/image && mkdir ~/image && tar -xf /run/image.tar -C ~/image --no-same-owner"
    pushed = bastion.ssh(f"{unpack} && skopeo copy --authfile ~/{AUTH_FILE} oci:$HOME/image {where}", user=user)
    if pushed.rc:
        return pushed.stderr
    read = bastion.ssh(f"skopeo inspect --authfile ~/{AUTH_FILE} {where}", user=user)
    return "copied" if json.loads(read.stdout)["Digest"] == made.digest else read.stdout + read.stderr


@pytest.mark.parametrize(("bastion", "user"), [("rhel9", "root"), ("debian13", "admin")], indirect=["bastion"])
def test_a_bastion_that_could_not_copy_images_can(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any], user: str
) -> None:
    limits = ["--limit", clean_bastion.name, "-u", user]
    variables["ansible_user"] = user
    before = clean_bastion.ssh(f"skopeo inspect docker://{clean_bastion.lab.registry}/ocp4/none:1", user=user)
    assert "x509: certificate signed by unknown authority" in before.stderr

    predicted = playbooks.run(PREPARE, "--check", "--diff", *limits, variables=variables)
    assert (predicted.rc, predicted.changed) == (0, 2), predicted.output
    assert clean_bastion.ssh(f"ls ~/{AUTH_FILE}", user=user).rc == 2
    done = playbooks.run(PREPARE, *limits, variables=variables)
    assert (done.rc, done.changed) == (0, 2), done.output
    assert copy(clean_bastion, f"hello-{user}", user) == "copied"
    again = playbooks.run(PREPARE, "--check", "--diff", *limits, variables=variables)
    assert (again.rc, again.changed) == (0, 0), again.output
    again = playbooks.run(PREPARE, *limits, variables=variables)
    assert (again.rc, again.changed) == (0, 0), again.output

    assert clean_bastion.ssh(f"stat -c '%a %U' ~/{AUTH_FILE}", user=user).stdout == f"600 {user}\n"
    for run in (predicted, done, again):
        assert clean_bastion.lab.password not in run.output
    for run in (done, again):
        assert "skipping" not in run.stdout


@pytest.mark.one_kind
def test_the_auth_file_is_the_pull_secret_and_the_mirror(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]
) -> None:
    variables["ansible_user"] = "root"
    assert playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables).rc == 0
    written = json.loads(clean_bastion.pull(f"/root/{AUTH_FILE}"))
    lab = clean_bastion.lab
    own = {"auth": base64.b64encode(f"{lab.username}:{lab.password}".encode()).decode()}
    assert written == {"auths": {**lab.pull_secret["auths"], f"{lab.registry}/ocp4": own}}


@pytest.mark.one_kind
def test_included_in_a_larger_playbook(clean_bastion: Bastion, play: Play, variables: dict[str, Any]) -> None:
    """Each step alone, under the play's own become, with facts that were not gathered."""
    steps = [
        {"ansible.builtin.include_role": {"name": "airgap.openshift.mirror_host", "tasks_from": step}}
        for step in ("trust", "auth_file")
    ]
    done = play(clean_bastion.name, steps, variables={**variables, "ansible_user": "admin"}, become=True)
    assert done.rc == 0, done.output
    assert copy(clean_bastion, "included", "root") == "copied"


@pytest.mark.one_kind
def test_files_where_the_administrator_stands(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any], tmp_path: pathlib.Path, monkeypatch: Any
) -> None:
    """As in the README: a name without a folder, and the playbook of a collection."""
    (tmp_path / "ca.crt").write_bytes(clean_bastion.lab.ca.read_bytes())
    (tmp_path / "pull-secret.json").write_text(json.dumps(clean_bastion.lab.pull_secret))
    monkeypatch.chdir(tmp_path)
    variables["mirror_host_ca_certificates"][0]["src"] = "ca.crt"
    variables["mirror_host_pull_secret_src"] = "pull-secret.json"
    done = playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables)
    assert (done.rc, done.changed) == (0, 2), done.output


@pytest.mark.one_kind
def test_a_play_that_becomes_an_ordinary_user(clean_bastion: Bastion, play: Play, variables: dict[str, Any]) -> None:
    """The auth file is that user's; the trust store is changed by root all the same."""
    done = play(
        clean_bastion.name, [ROLE], variables={**variables, "ansible_user": "root"}, become=True, become_user="admin"
    )
    assert done.rc == 0, done.output
    assert clean_bastion.ssh(f"stat -c '%a %U' /home/admin/{AUTH_FILE}").stdout == "600 admin\n"


@pytest.mark.one_kind
def test_only_one_step_by_its_tag(clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]) -> None:
    done = playbooks.run(PREPARE, "--tags", "mirror_host_trust", "--limit", clean_bastion.name, variables=variables)
    assert (done.rc, done.changed) == (0, 1), done.output


@pytest.mark.one_kind
def test_the_documentations_broken_sample(clean_bastion: Bastion, play: Play, variables: dict[str, Any]) -> None:
    """Refused with line and column, nothing of it shown, and the auth file is as it was."""
    sample = (CHECKOUT / "tests/e2e/documentation-sample.json").read_text()
    clean_bastion.push(f"/root/{AUTH_FILE}", b'{"auths": {}}', mode=0o600)
    variables |= {"mirror_host_pull_secret_content": sample, "ansible_user": "root"}
    done = play(clean_bastion.name, [ROLE], "-vvv", "--diff", variables=variables)
    assert done.rc == 2
    assert "line 3, column 30: expected ':' after the registry name" in done.of(MERGE).values["msg"]
    assert clean_bastion.pull(f"/root/{AUTH_FILE}") == b'{"auths": {}}'
    for secret in ("b3BlbnNoaWZ0", "NTE3MTMwNDB8", "dXNlcm5hbWU6cGFzc3dvcmQ=", clean_bastion.lab.password):
        assert secret not in done.output


@pytest.mark.one_kind
def test_wrong_variables_are_named(clean_bastion: Bastion, play: Play, variables: dict[str, Any]) -> None:
    variables["mirror_host_registries"][0].pop("registry")
    done = play(clean_bastion.name, [ROLE], variables=variables)
    assert "missing required arguments: registry" in done.output
    assert clean_bastion.lab.password not in done.output


def test_all_bastions_at_once(lab: Lab, playbooks: Playbooks, variables: dict[str, Any]) -> None:
    lab.reset(*lab.bastions)
    assert playbooks.run(PREPARE, variables=variables).rc == 0
    again = playbooks.run(PREPARE, variables=variables)
    assert (again.rc, again.changed, len(again.stats)) == (0, 0, len(lab.bastions))


def test_the_built_collection(playbooks: Playbooks, variables: dict[str, Any], tmp_path: pathlib.Path) -> None:
    """What `make dist` makes, installed into an empty folder, does the job from there."""
    galaxy = [str(pathlib.Path(ANSIBLE_PLAYBOOK).with_name("ansible-galaxy")), "collection"]
    environment = {**os.environ, "ANSIBLE_HOME": str(tmp_path / "home")}
    built = ["build", "--output-path", str(tmp_path), str(CHECKOUT)]
    subprocess.run([*galaxy, *built], check=True, capture_output=True, env=environment)
    [tarball] = tmp_path.glob("airgap-openshift-*.tar.gz")
    installed = ["install", str(tarball), "--offline", "-p", str(tmp_path / "empty")]
    subprocess.run([*galaxy, *installed], check=True, capture_output=True, env=environment)
    done = playbooks.run(PREPARE, variables=variables, env={"ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "empty")})
    assert done.rc == 0, done.output
