# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: what the playbook prepare did is taken back by reset, not a byte more, whatever happened between."""

from __future__ import annotations

import base64
import json
import pathlib
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import trustme
from conftest import Bastion
from lab.access import Lab
from trust import STORES, anchors, as_made, bundled, fingerprint, pem, trusts

from playbooks import Playbooks, PlayResult

Play = Callable[..., PlayResult]

PREPARE, RESET = "airgap.openshift.prepare", "airgap.openshift.reset"
MERGE = "airgap.openshift.pull_secret_merge"
AUTH_FILE = "/root/.mirrorsecretconfigjson"
RECORD = f"{AUTH_FILE}.airgap-openshift.json"


@pytest.fixture
def variables(lab: Lab, src: pathlib.Path) -> dict[str, Any]:
    """What an administrator writes into vars.yml."""
    registry = {"registry": lab.registry, "namespace": "ocp4", "username": lab.username, "password": lab.password}
    return {
        "ansible_user": "root",
        "mirror_host_ca_certificates": [{"name": "mirror-registry", "src": str(src)}],
        "mirror_host_registries": [registry],
        "mirror_host_verify": False,  # the CA is one that no registry has
    }


class State(NamedTuple):
    """What of a host prepare can change."""

    anchors: str
    bundle: list[str]
    home: str


def state(bastion: Bastion, user: str = "root") -> State:
    """Names, owners, modes and bytes of anchors and of all in a home but what Ansible and oc keep for themselves."""
    skipped = "\\( -name .ansible -o -path '*/.kube/cache' \\) -prune -o"
    attributes = f"find $1 {skipped} -printf '%p %u:%g %m %y %l\\n' | sort"
    look = f"{attributes}; find $1 {skipped} -type f -print0 | sort -z | xargs -0r sha256sum"
    there, home = bastion.ssh(f"set {STORES[bastion.kind].anchors}; {look}"), bastion.ssh(f"set ~; {look}", user=user)
    return State(there.stdout, sorted(bundled(bastion)), home.stdout)


def messages(done: PlayResult) -> str:
    """What the modules say."""
    return "\n".join(str(row.values.get("msg")) for row in done.tasks)


def refusal(done: PlayResult) -> str:
    """Why the auth file is not touched; the sum of the role may fail after that as well."""
    task = done.of(MERGE)
    assert task.status == "failed", done.output
    return str(task.values["msg"])


def login(user: str, password: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize(("bastion", "user"), [("rhel9", "root"), ("debian13", "admin")], indirect=["bastion"])
def test_a_clean_bastion_is_as_it_was(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any], user: str
) -> None:
    """Predicted, done, and done again, which finds nothing to take back."""
    limits = ["--limit", clean_bastion.name, "--diff", "-vvv"]
    variables["ansible_user"] = user
    clean_bastion.ssh("sudo -n true", user=user)  # leaves a file of its own behind
    before = state(clean_bastion, user)
    assert AUTH_FILE.rpartition("/")[2] not in before.home
    assert playbooks.run(PREPARE, *limits, variables=variables).changed == 2
    prepared = state(clean_bastion, user)
    assert all(was != now for was, now in zip(before, prepared))

    predicted = playbooks.run(RESET, "--check", *limits, variables=variables)
    assert (predicted.rc, predicted.changed) == (0, 2), predicted.output
    assert state(clean_bastion, user) == prepared
    # What prepare was given may say the state as well.
    done = playbooks.run(RESET, *limits, variables={**variables, "mirror_host_state": "present"})
    assert (done.rc, done.changed) == (0, 2), done.output
    assert state(clean_bastion, user) == before
    again = playbooks.run(RESET, *limits, variables=variables)
    assert (again.rc, again.changed) == (0, 0), again.output
    assert "there is nothing to take back from /" in messages(again)

    for run in (predicted, done):
        assert f"{AUTH_FILE.rpartition('/')[2]} {'would be' if run is predicted else 'is'} removed" in messages(run)
        assert clean_bastion.lab.password not in run.output


def test_what_was_there_before_stays(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any], src: pathlib.Path
) -> None:
    """A hand-made anchor of the same CA under another name, one under the same name, and an auth file with entries."""
    lab, folder = clean_bastion.lab, STORES[clean_bastion.kind].anchors
    extra = trustme.CA(organization_name="Extra")
    src.with_name("extra.crt").write_bytes(pem(extra))
    variables["mirror_host_ca_certificates"].append({"src": str(src.with_name("extra.crt"))})
    for name, content in (("by-hand", b"our mirror\r\n" + src.read_bytes()), ("extra", pem(extra))):
        clean_bastion.push(f"{folder}/{name}.crt", content)
    clean_bastion.ssh(STORES[clean_bastion.kind].update)
    own = {
        "x-note": 1.50,
        "auths": {"own.example.com": login("me", "mine"), f"{lab.registry}": login("other", "own")},
        "credHelpers": {"helped.example.com": "secretservice"},
    }
    clean_bastion.push(AUTH_FILE, json.dumps(own).replace("1.5", "1.50").encode(), mode=0o600)
    before = state(clean_bastion)
    prepared = playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables)
    assert (prepared.rc, prepared.changed) == (0, 1), prepared.output
    assert state(clean_bastion)[:2] == before[:2]
    done = playbooks.run(RESET, "--limit", clean_bastion.name, variables=variables)
    assert (done.rc, done.changed) == (0, 1), done.output
    assert state(clean_bastion)[:2] == before[:2]
    for told in (
        f"{folder}/by-hand.crt",
        f"{folder}/extra.crt",
        "left, not made by ca_trust",
        "left: 'own.example.com'",
    ):
        assert told in messages(done)
    text = clean_bastion.pull(AUTH_FILE).decode()
    assert json.loads(text, object_pairs_hook=list) == json.loads(json.dumps(own), object_pairs_hook=list)
    assert '"x-note": 1.50,' in text
    assert clean_bastion.ssh("ls -A /root | grep airgap").stdout == ""
    again = playbooks.run(RESET, "--limit", clean_bastion.name, variables=variables)
    assert (again.rc, again.changed) == (0, 0), again.output
    assert clean_bastion.pull(AUTH_FILE).decode() == text


@pytest.mark.one_kind
def test_what_cannot_be_restored_is_named(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]
) -> None:
    """Replaced, removed and respelled entries; those that somebody added since stay without being named so."""
    lab = clean_bastion.lab
    mirror = f"{lab.registry}/ocp4"
    own = {mirror: login("old", "secret"), "gone.example.com": login("a", "b"), "slash.example.com/": login("c", "d")}
    clean_bastion.push(AUTH_FILE, json.dumps({"auths": own}).encode(), mode=0o600)
    variables["mirror_host_registries"].append({"registry": "gone.example.com", "state": "absent"})
    assert playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables).rc == 0
    held = json.loads(clean_bastion.pull(AUTH_FILE))
    held["auths"]["since.example.com"] = login("e", "f")
    clean_bastion.push(AUTH_FILE, json.dumps(held).encode(), mode=0o600)
    done = playbooks.run(RESET, "--limit", clean_bastion.name, variables=variables)
    result = done.of(MERGE).values
    assert set(result["not_restored"]) == {mirror, "gone.example.com", "slash.example.com"}
    assert set(result["left"]) == {mirror, "slash.example.com", "since.example.com"}
    assert set(result["removed"]) == set(lab.pull_secret["auths"])
    assert set(json.loads(clean_bastion.pull(AUTH_FILE))["auths"]) == set(result["left"])
    assert "not as before, since the merge changed or removed it: " in result["msg"]


@pytest.mark.one_kind
def test_a_login_that_was_changed_by_hand_stays(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]
) -> None:
    """As podman login does it, in a file that prepare made. A rotation by prepare itself is taken back."""
    lab, limits = clean_bastion.lab, ["--limit", clean_bastion.name, "--tags", "mirror_host_auth_file"]
    registries = [
        {"registry": name, "username": "me", "password": "first"} for name in ("a.example.com", "b.example.com")
    ]
    variables["mirror_host_registries"] += registries
    assert playbooks.run(PREPARE, *limits, variables=variables).changed == 1
    registries[1]["password"] = "rotated"
    assert playbooks.run(PREPARE, *limits, variables=variables).changed == 1
    held = json.loads(clean_bastion.pull(AUTH_FILE))
    held["auths"]["a.example.com"] = login("me", "by-hand")
    # Other clients write the file anew, in their layout and without the e-mail addresses.
    for entry in held["auths"].values():
        entry.pop("email", None)
    clean_bastion.push(AUTH_FILE, json.dumps(held).encode(), mode=0o600)
    digests = json.loads(clean_bastion.pull(RECORD))["auths"]["added"]
    assert {len(each) for each in digests.values()} == {1}
    for flags in (["--check"], []):
        done = playbooks.run(RESET, *limits, *flags, variables=variables)
        assert (done.rc, done.changed) == (0, 1), done.output
        result = done.of(MERGE).values
        assert (result["left"], result["not_restored"]) == (["a.example.com"], [])
        assert set(result["removed"]) == {*lab.pull_secret["auths"], f"{lab.registry}/ocp4", "b.example.com"}
        assert "left, since somebody has changed it after the merge: 'a.example.com'" in result["msg"]
    assert json.loads(clean_bastion.pull(AUTH_FILE)) == {"auths": {"a.example.com": login("me", "by-hand")}}
    assert clean_bastion.ssh(f"ls {AUTH_FILE}*").stdout == f"{AUTH_FILE}\n"
    assert playbooks.run(RESET, *limits, variables=variables).changed == 0


def test_where_prepare_never_ran(clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]) -> None:
    """Neither an auth file of the user's own nor a folder that is not there is touched."""
    clean_bastion.push(AUTH_FILE, b'{"auths": {}}')
    before = state(clean_bastion)
    for path in (AUTH_FILE, "/gone/auth.json"):
        variables["mirror_host_auth_file"] = path
        done = playbooks.run(RESET, "--limit", clean_bastion.name, variables=variables)
        assert (done.rc, done.changed) == (0, 0), done.output
        assert f"there is nothing to take back from {path}" in messages(done)
    assert state(clean_bastion) == before


def test_a_folder_that_may_not_be_looked_into(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]
) -> None:
    """It is not known whether anything was merged there, so that it is not said that nothing was."""
    variables |= {"ansible_user": "admin", "mirror_host_auth_file": AUTH_FILE}
    done = playbooks.run(RESET, "--limit", clean_bastion.name, "--tags", "mirror_host_auth_file", variables=variables)
    assert f"{RECORD} cannot be read (Permission denied); correct the path, or become a user who may" in refusal(done)


@pytest.mark.one_kind
def test_nothing_of_the_controller_is_needed(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any], src: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """The files are gone, and so is oc; the name of the anchor was that of its file. A password is not sent."""
    pull_secret = tmp_path / "pull-secret.json"
    pull_secret.write_text(json.dumps(clean_bastion.lab.pull_secret))
    variables["mirror_host_pull_secret_src"] = str(pull_secret)
    # By its file alone, by a file of the host, and one that the file of another CA, but of that name, says is to go.
    clean_bastion.push("/root/host.pem", pem(trustme.CA()))
    former = tmp_path / "former" / src.name
    former.parent.mkdir()
    former.write_bytes(pem(trustme.CA()))
    variables["mirror_host_ca_certificates"] = [
        {"src": str(src)},
        {"src": "/root/host.pem", "remote_src": True, "state": "present"},
        {"src": str(former), "state": "absent"},
    ]
    before = state(clean_bastion)
    assert playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables).changed == 2
    assert list(anchors(clean_bastion)) == ["host.crt", "mirror-ca.crt"]
    for file in (src, pull_secret, former):
        file.unlink()
    clean_bastion.push("/root/host.pem", b"")
    done = playbooks.run(RESET, "--limit", clean_bastion.name, "-vvv", variables=variables)
    assert (done.rc, done.changed) == (0, 2), done.output
    assert state(clean_bastion)[:2] == before[:2]
    assert clean_bastion.ssh(f"ls {AUTH_FILE}*").stdout == ""
    assert clean_bastion.lab.password not in done.output


@pytest.mark.one_kind
def test_one_step_by_its_tag(clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]) -> None:
    before = state(clean_bastion)
    assert playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables).rc == 0
    for tag, made in (("mirror_host_auth_file", 1), ("mirror_host_trust", 0)):
        done = playbooks.run(RESET, "--limit", clean_bastion.name, "--tags", tag, variables=variables)
        assert (done.rc, done.changed) == (0, 1), done.output
        assert len(anchors(clean_bastion)) == made
        assert clean_bastion.ssh(f"ls {AUTH_FILE}*").stdout == ""
    assert state(clean_bastion) == before


@pytest.mark.one_kind
def test_included_in_a_larger_playbook(clean_bastion: Bastion, play: Play, variables: dict[str, Any]) -> None:
    role = {"name": "airgap.openshift.mirror_host"}
    before = state(clean_bastion)
    steps = [
        {"ansible.builtin.include_role": role},
        {"ansible.builtin.include_role": role, "vars": {"mirror_host_state": "absent"}},
    ]
    done = play(clean_bastion.name, steps, variables=variables)
    assert (done.rc, done.changed) == (0, 4), done.output
    assert state(clean_bastion) == before


@pytest.mark.one_kind
def test_all_that_several_runs_did(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any], src: pathlib.Path
) -> None:
    """The CA renewed and in two parts, another registry, a password changed, one registry taken out again."""
    lab, limits = clean_bastion.lab, ["--limit", clean_bastion.name]
    before = state(clean_bastion)
    assert playbooks.run(PREPARE, *limits, variables=variables).changed == 2
    src.write_bytes(pem(trustme.CA()) + pem(trustme.CA()))
    other = {"registry": "other.example.com", "username": "a", "password": "bcdefg"}
    first = dict(variables["mirror_host_registries"][0], password="another")
    variables["mirror_host_registries"] = [first, other, {"registry": "quay.io", "state": "absent"}]
    assert playbooks.run(PREPARE, *limits, variables=variables).changed == 2
    record = json.loads(clean_bastion.pull(RECORD))
    assert set(record["auths"]["added"]) == {*lab.pull_secret["auths"], f"{lab.registry}/ocp4", "other.example.com"} - {
        "quay.io"
    }
    look = f"stat -c '%Y %Z %i' {AUTH_FILE} {RECORD}"
    written = clean_bastion.ssh(look).stdout
    assert playbooks.run(PREPARE, *limits, variables=variables).changed == 0
    assert clean_bastion.ssh(look).stdout == written
    assert playbooks.run(RESET, *limits, variables=variables).changed == 2
    assert state(clean_bastion) == before


@pytest.mark.one_kind
def test_the_record_holds_no_secret_and_belongs_to_the_owner(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]
) -> None:
    """Of a new file as its options say, and of one that is there, whoever writes."""
    lab, path = clean_bastion.lab, "/home/admin/auth.json"
    secrets = [lab.password, base64.b64encode(f"{lab.username}:{lab.password}".encode()).decode()]
    secrets += [entry["auth"] for entry in lab.pull_secret["auths"].values()]
    variables |= {"mirror_host_auth_file": path, "mirror_host_auth_file_owner": "admin"}
    look = f"stat -c '%a %U' {path}.airgap-openshift.json"
    assert playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables).rc == 0
    text = clean_bastion.pull(f"{path}.airgap-openshift.json").decode()
    assert not [secret for secret in secrets if secret in text]
    assert clean_bastion.ssh(look).stdout == "600 admin\n"
    assert playbooks.run(RESET, "--limit", clean_bastion.name, variables=variables).rc == 0
    del variables["mirror_host_auth_file_owner"]
    clean_bastion.push(path, b"{}", user="admin", mode=0o600)
    # What lies in its place is not followed.
    clean_bastion.ssh(f"ln -s /etc/hostname {path}.airgap-openshift.json")
    assert "is damaged" in refusal(playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables))
    clean_bastion.ssh(f"rm {path}.airgap-openshift.json; ln -s /gone {path}.airgap-openshift.json")
    assert playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables).rc == 2
    clean_bastion.ssh(f"rm {path}.airgap-openshift.json")
    assert playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables).rc == 0
    assert clean_bastion.ssh(look).stdout == "600 admin\n"
    reset = playbooks.run(RESET, "--limit", clean_bastion.name, variables={**variables, "ansible_user": "admin"})
    assert (reset.rc, reset.changed) == (0, 2), reset.output
    assert clean_bastion.pull(path) == b"{}\n"


@pytest.mark.one_kind
def test_a_damaged_record(clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any]) -> None:
    """Named with the remedy, before anything is touched; a run that has nothing to do does not need it."""
    assert playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables).rc == 0
    clean_bastion.push(RECORD, b'{"auths": "c2VjcmV0"', mode=0o600)
    before = state(clean_bastion)
    tags = ["--limit", clean_bastion.name, "--tags", "mirror_host_auth_file"]
    for flags in ([], ["--check"]):
        done = playbooks.run(RESET, *tags, *flags, variables=variables)
        assert refusal(done).startswith(f"Cannot take back what was merged into {AUTH_FILE}: {RECORD} is damaged")
        assert "remove it" in refusal(done)
        assert "c2VjcmV0" not in done.output
    again = playbooks.run(PREPARE, *tags, variables=variables)
    assert (again.rc, again.changed) == (0, 0), again.output
    variables["mirror_host_registries"][0]["password"] = "another"
    assert "is damaged" in refusal(playbooks.run(PREPARE, *tags, variables=variables))
    assert state(clean_bastion) == before


def cut_off(collections: pathlib.Path, folder: pathlib.Path, number: int) -> dict[str, str]:
    """A copy of the collection whose module is ended by SIGKILL before its write of this number, as by a lost power."""
    copied, original = (
        folder / "ansible_collections/airgap/openshift",
        collections / "ansible_collections/airgap/openshift",
    )
    files = [*original.glob("plugins/**/*.py"), *original.glob("roles/**/*.yml"), *original.glob("playbooks/*.yml")]
    for file in [*files, original / "meta/runtime.yml", original / "galaxy.yml"]:
        target = copied / file.relative_to(original)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    path = copied / "plugins/module_utils/_host.py"
    loop, numbered = "    for write in writes:\n", "    for number, write in enumerate(writes):\n"
    assert path.read_text().count(loop) == 1
    killing = f"{numbered}        if number == {number}:\n            os.kill(os.getpid(), 9)\n"
    path.write_text(path.read_text().replace(loop, killing))
    return {"ANSIBLE_COLLECTIONS_PATH": str(folder)}


@pytest.mark.one_kind
@pytest.mark.parametrize("healed", [True, False])
@pytest.mark.parametrize("there", [True, False])
def test_cut_off_between_the_record_and_the_file(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any], tmp_path: pathlib.Path,
    collections: pathlib.Path, healed: bool, there: bool,
) -> None:  # fmt: skip
    """A run of prepare, and perhaps another one that heals it; then one of reset is cut off as well."""
    if there:
        clean_bastion.push(AUTH_FILE, b'{\n\t"auths": {\n\t\t"own.example.com": {}\n\t}\n}\n', mode=0o600)
    before = state(clean_bastion)
    flags = ["--limit", clean_bastion.name, "--tags", "mirror_host_auth_file"]
    cut = cut_off(collections, tmp_path / "cut", 1)
    assert playbooks.run(PREPARE, *flags, variables=variables, env=cut).rc != 0
    assert clean_bastion.ssh(f"ls {RECORD}").rc == 0
    assert clean_bastion.ssh(f"grep -c {clean_bastion.lab.registry} {AUTH_FILE}").rc != 0
    if healed:
        assert playbooks.run(PREPARE, *flags, variables=variables).changed == 1
        assert playbooks.run(RESET, *flags, variables=variables, env=cut).rc != 0
        assert clean_bastion.ssh(f"ls {RECORD}").rc == 0
    done = playbooks.run(RESET, *flags, variables=variables)
    assert (done.rc, done.changed) == (0, 1), done.output
    assert state(clean_bastion) == before
    assert playbooks.run(RESET, *flags, variables=variables).changed == 0


def test_cut_off_before_the_bundle_is_made(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any], src: pathlib.Path
) -> None:
    """SIGKILL of prepare with the anchor written, then of reset with the anchor removed; then reset heals it."""
    before, path = state(clean_bastion), STORES[clean_bastion.kind].update
    flags = ["--limit", clean_bastion.name, "--tags", "mirror_host_trust"]
    # The parent is timeout, its parent the module.
    killer = b"#!/bin/sh\nread -r _ _ _ module _ < /proc/$PPID/stat\nkill -9 $module\n"
    clean_bastion.ssh(f"mv {path} {path}.real")
    clean_bastion.push(path, killer, mode=0o755)
    assert playbooks.run(PREPARE, *flags, variables=variables).rc != 0
    assert anchors(clean_bastion) == {"mirror-registry.crt": as_made(src.read_bytes())}
    clean_bastion.ssh(f"{path}.real")
    assert trusts(clean_bastion, src.read_bytes())
    assert playbooks.run(RESET, *flags, variables=variables).rc != 0
    assert anchors(clean_bastion) == {}
    clean_bastion.ssh(f"mv {path}.real {path}")
    assert fingerprint(src.read_bytes()) in bundled(clean_bastion)
    done = playbooks.run(RESET, *flags, variables=variables)
    assert (done.rc, done.changed) == (0, 1), done.output
    assert state(clean_bastion) == before
    assert playbooks.run(RESET, *flags, variables=variables).changed == 0


def test_an_anchor_with_more_in_it(
    clean_bastion: Bastion, playbooks: Playbooks, variables: dict[str, Any], src: pathlib.Path
) -> None:
    """What somebody has put into a file of ours stays, and nothing else of it."""
    added, folder = pem(trustme.CA()), STORES[clean_bastion.kind].anchors
    assert playbooks.run(PREPARE, "--limit", clean_bastion.name, variables=variables).rc == 0
    clean_bastion.push(f"{folder}/mirror-registry.crt", as_made(src.read_bytes()).encode() + added)
    clean_bastion.ssh(STORES[clean_bastion.kind].update)
    done = playbooks.run(RESET, "--limit", clean_bastion.name, variables=variables)
    assert done.rc == 0, done.output
    assert anchors(clean_bastion) == {"mirror-registry.crt": added.decode()}
    assert [trusts(clean_bastion, each) for each in (src.read_bytes(), added)] == [False, True]


def test_a_link_and_a_backup(clean_bastion: Bastion, play: Play) -> None:
    """Two runs of the module itself: the link's target is never written to, and the backup holds what was merged."""
    registry = {"registry": "mirror.example.com:5000", "username": "mirror", "password": "correct-horse"}
    clean_bastion.push("/root/target.json", b'{"auths": {}}', mode=0o644)
    clean_bastion.ssh("mkdir /root/merged && ln -s ../target.json /root/merged/auth.json")
    made = {"dest": "/root/merged/auth.json", "track": True}
    back = {**made, "state": "absent", "backup": True}
    steps = [{MERGE: {**made, "sources": [], "registries": [registry]}}, {MERGE: back, "name": "back"}]
    done = play(clean_bastion.name, steps, "--diff", "-vvv", variables={"ansible_user": "root"})
    assert done.rc == 0, done.output
    assert json.loads(clean_bastion.pull("/root/merged/auth.json")) == {"auths": {}}
    assert clean_bastion.pull("/root/target.json") == b'{"auths": {}}'
    assert done.of("back").values["not_restored"] == ["/root/merged/auth.json"]
    assert "not restored: the symbolic link that the merge replaced" in messages(done)
    kept = done.of("back").values["backup_file"]
    assert "mirror.example.com:5000" in clean_bastion.pull(kept).decode()
    assert clean_bastion.ssh(f"stat -c %a {kept} /root/merged/auth.json").stdout == "600\n600\n"
    assert clean_bastion.ssh("ls -A /root/merged | wc -l").stdout == "2\n"
    assert "correct-horse" not in done.output
