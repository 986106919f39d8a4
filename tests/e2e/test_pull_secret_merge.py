# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pull_secret_merge on bastions. `oc` and the cluster's API are doubles, with the words and codes of real ones."""

from __future__ import annotations

import base64
import concurrent.futures
import json
import pathlib
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Bastion

from playbooks import Playbooks, PlayResult

Play = Callable[..., PlayResult]
pytestmark = pytest.mark.one_kind

MODULE = "airgap.openshift.pull_secret_merge"
DEST = "/root/auth.json"
ROOT = {"ansible_user": "root"}
SECRET = "correct-horse-battery"
MIRROR = {"registry": "mirror.example.com:5000", "username": "mirror", "password": SECRET}


def task(**options: Any) -> dict[str, Any]:
    return {MODULE: {"dest": DEST, **options}}


def auth(user: str, password: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(
            {"context": "nobody"}, "may not read secret 'pull-secret'; log in as cluster-admin", id="forbidden"
        ),
        pytest.param({"context": "stranger"}, "has expired; log in again", id="login expired"),
        pytest.param({"context": "gone"}, "has no such context; correct context", id="no such context"),
        pytest.param({"context": "down"}, "is not reachable; check that it is up", id="API down"),
        pytest.param({"secret": "gone"}, "has no secret 'gone' in namespace 'openshift-config'", id="no such secret"),
        pytest.param({"namespace": "gone"}, "has no namespace 'gone'; correct namespace", id="no such namespace"),
        pytest.param({"secret": "no-key"}, "has no key '.dockerconfigjson'", id="another kind of secret"),
        pytest.param(
            {"kubeconfig": "/gone"}, "no such kubeconfig on this host; correct kubeconfig", id="no kubeconfig"
        ),
        pytest.param({"oc": "gone"}, "'gone' was not found in PATH, /usr/local/bin or ~/bin; install", id="no oc"),
        pytest.param(
            {"dest": "/gone/auth.json"}, "Destination directory /gone does not exist; create it", id="no folder"
        ),
        pytest.param(
            {"src": "/gone", "remote_src": True},
            "/gone cannot be read (No such file or directory); correct",
            id="no source",
        ),
        pytest.param({"dest": "/root"}, "Destination '/root' is not a file; give", id="a folder"),
    ],
)
def test_each_failure_has_its_sentence(bastion: Bastion, play: Play, options: dict[str, str], expected: str) -> None:
    done = play(
        bastion.name, [task(**{"dest": "/root/never.json", **options}, registries=[MIRROR])], "-vvv", variables=ROOT
    )
    assert done.rc == 2
    assert expected in done.failure
    assert SECRET not in done.output
    assert bastion.ssh("ls /root/never.json").rc == 2


def test_an_existing_file_keeps_what_is_its_own(clean_bastion: Bastion, play: Play) -> None:
    """Check mode, real run, again; then a rotated password and a removal, with diffs that show names only."""
    own: dict[str, Any] = {"auths": {"own.example.com": auth("me", "my-own-secret")}, "HttpHeaders": {"X-Meta": "é"}}
    clean_bastion.push(DEST, json.dumps(own).encode(), mode=0o644)
    rotated = {**MIRROR, "password": f"{SECRET}-2"}
    steps = [
        {**task(registries=[MIRROR]), "check_mode": True, "name": "predicted"},
        {**task(registries=[MIRROR]), "name": "merged"},
        {**task(registries=[MIRROR]), "name": "again"},
        {**task(registries=[rotated]), "name": "rotated"},
        {**task(registries=[{"registry": "mirror.example.com:5000", "state": "absent"}]), "name": "removed"},
    ]
    done = play(clean_bastion.name, steps, "--diff", "-vvv", variables=ROOT)
    assert done.rc == 0, done.output
    assert {row.task: row.status for row in done.tasks} == {
        "predicted": "changed",
        "merged": "changed",
        "again": "ok",
        "rotated": "changed",
        "removed": "changed",
    }
    for row, words in (("merged", "+- mirror.example.com:5000\n"), ("rotated", "password changed")):
        assert words.strip("+\n") in str(done.of(row).values["diff"])
    for secret in (SECRET, "my-own-secret", own["auths"]["own.example.com"]["auth"]):
        assert secret not in done.output
    written = json.loads(clean_bastion.pull(DEST))
    assert written == {**own, "auths": {**own["auths"], **clean_bastion.lab.pull_secret["auths"]}}
    assert clean_bastion.ssh(f"stat -c %a {DEST}").stdout == "600\n"


def test_a_broken_file_is_never_overwritten(clean_bastion: Bastion, play: Play) -> None:
    clean_bastion.push(DEST, b'{"auths": {"own.example.com": {"auth": "c2VjcmV0"}')
    done = play(clean_bastion.name, [task(registries=[MIRROR])], variables=ROOT)
    assert "line 1, column 51: expected ',' or '}' after the value of the registry name" in done.failure
    assert DEST in done.failure
    assert clean_bastion.pull(DEST) == b'{"auths": {"own.example.com": {"auth": "c2VjcmV0"}'


def test_a_broken_source_of_the_controller_is_named(bastion: Bastion, play: Play, tmp_path: pathlib.Path) -> None:
    (tmp_path / "pull-secret.json").write_text('{"auths": {"quay.io" {}}}')
    done = play(bastion.name, [task(src=str(tmp_path / "pull-secret.json"))], variables=ROOT)
    assert f"{tmp_path}/pull-secret.json: line 1, column 22: expected ':' after the registry name" in done.failure


def test_two_runs_at_once_lose_no_entry(
    clean_bastion: Bastion, tmp_path: pathlib.Path, lab: Any, collections: pathlib.Path
) -> None:
    """Each run adds ten registries, one task each, to the same file at the same time."""
    names = [[f"{side}{number}.example.com" for number in range(5)] for side in ("left", "right")]

    def run(side: list[str]) -> PlayResult:
        folder = tmp_path / side[0]
        folder.mkdir()
        entries = [{**MIRROR, "registry": name} for name in side]
        steps = [task(registries=[each], content='{"auths": {}}') for each in entries]
        return Playbooks(lab, folder, collections).play(clean_bastion.name, steps, variables=ROOT)

    with concurrent.futures.ThreadPoolExecutor() as both:
        assert [done.rc for done in both.map(run, names)] == [0, 0]
    assert set(json.loads(clean_bastion.pull(DEST))["auths"]) == {*names[0], *names[1]}


def test_a_link_is_replaced_and_its_target_left_alone(clean_bastion: Bastion, play: Play) -> None:
    clean_bastion.push("/root/target.json", b'{"auths": {}}', mode=0o644)
    clean_bastion.ssh(f"ln -s target.json {DEST}")
    assert play(clean_bastion.name, [task(registries=[MIRROR], backup=True)], variables=ROOT).rc == 0
    assert clean_bastion.pull("/root/target.json") == b'{"auths": {}}'
    assert clean_bastion.ssh(f"stat -c '%F %a' {DEST}; stat -c %a {DEST}.*~ /root/target.json").stdout.splitlines() == [
        "regular file 600",
        "600",
        "644",
    ]


@pytest.mark.parametrize("options", [{"owner": "nosuch"}, {"group": "nosuch"}, {"mode": "rw"}])
def test_attributes_that_cannot_be_set_leave_no_file(bastion: Bastion, play: Play, options: dict[str, str]) -> None:
    """Said in check mode too, which would otherwise promise what the real run cannot keep."""
    for flags in (["--check"], []):
        attempt = task(dest="/root/never.json", content='{"auths": {}}', registries=[MIRROR], **options)
        assert play(bastion.name, [attempt], *flags, variables=ROOT).rc == 2
    assert bastion.ssh("ls /root/never.json").rc == 2


def test_a_relative_dest(clean_bastion: Bastion, play: Play) -> None:
    """From the home of the user who runs the task, as with other modules."""
    attempt = task(dest="relative.json", content='{"auths": {}}', registries=[MIRROR])
    done = play(clean_bastion.name, [attempt, {**attempt, "name": "again"}], variables=ROOT)
    assert (done.rc, done.of("again").status) == (0, "ok"), done.output
    assert clean_bastion.pull("/root/relative.json")


def test_a_mounted_file_with_unsafe_writes(clean_bastion: Bastion, play: Play) -> None:
    clean_bastion.push(DEST, b'{"auths": {}}')
    mount = f"cp {DEST} /root/mounted && mount --bind /root/mounted {DEST}"
    assert clean_bastion.lab.console(clean_bastion.name, mount).rc == 0
    attempt = task(content='{"auths": {}}', registries=[MIRROR])
    assert play(clean_bastion.name, [attempt], variables=ROOT).rc == 2
    attempt[MODULE]["unsafe_writes"] = True
    assert play(clean_bastion.name, [attempt], variables=ROOT).rc == 0
    assert "mirror.example.com:5000" in json.loads(clean_bastion.pull(DEST))["auths"]


def test_a_link_on_a_full_disk_leaves_no_copy(clean_bastion: Bastion, play: Play) -> None:
    """The private copy of what it points to holds secrets: half of it must not stay."""
    big = {"auths": {f"r{number}.example.com": auth("x", "y" * 2000) for number in range(1500)}}
    clean_bastion.push("/run/big.json", json.dumps(big).encode())
    clean_bastion.ssh(f"ln -s /run/big.json {DEST}; dd if=/dev/zero of=/fill bs=1M; truncate -s -2M /fill")
    done = play(clean_bastion.name, [task(registries=[MIRROR], content='{"auths": {}}')], variables=ROOT)
    assert "(No space left on device); make room" in done.failure
    assert clean_bastion.ssh(f"readlink {DEST}; ls -A /root | grep -c -e airgap -e tmp").stdout == "/run/big.json\n0\n"


def test_a_full_disk_leaves_the_file_as_it_was(clean_bastion: Bastion, play: Play) -> None:
    clean_bastion.push(DEST, b'{"auths": {}}', mode=0o600)
    big = {"auths": {f"r{number}.example.com": auth("x", "y" * 2000) for number in range(1500)}}
    clean_bastion.push("/run/big.json", json.dumps(big).encode())  # on a file system of its own
    # Ansible's module fits into what is left, the auth file does not.
    clean_bastion.ssh("dd if=/dev/zero of=/fill bs=1M; truncate -s -2M /fill")
    done = play(clean_bastion.name, [task(src="/run/big.json", remote_src=True)], variables=ROOT)
    assert f"Cannot merge into {DEST}" in done.failure
    assert "(No space left on device); make room" in done.failure
    assert clean_bastion.pull(DEST) == b'{"auths": {}}'
    assert clean_bastion.ssh("ls -A /root | grep -c ansible_tmp").stdout == "0\n"


def test_sources_are_merged_in_order(clean_bastion: Bastion, play: Play, tmp_path: pathlib.Path) -> None:
    """A file of the controller, the cluster, a file of the host and text: the later ones count."""
    (tmp_path / "first.json").write_text(json.dumps({"auths": {"a.io": auth("a", "1111"), "quay.io": auth("q", "1")}}))
    clean_bastion.push("/root/partner.json", json.dumps({"auths": {"a.io": auth("a", "2222")}}).encode())
    sources = [
        {"src": str(tmp_path / "first.json")},
        {"secret": "pull-secret"},
        {"src": "/root/partner.json", "remote_src": True},
        {"content": json.dumps({"auths": {"b.io": auth("b", "3333")}})},
    ]
    merge = task(sources=sources, registries=[MIRROR])
    done = play(clean_bastion.name, [{**merge, "name": "merged"}, {**merge, "name": "again"}], "-vvv", variables=ROOT)
    assert done.rc == 0, done.output
    assert (done.of("merged").status, done.of("again").status) == ("changed", "ok")
    assert json.loads(clean_bastion.pull(DEST))["auths"] == {
        "a.io": auth("a", "2222"),
        **clean_bastion.lab.pull_secret["auths"],
        "b.io": auth("b", "3333"),
        "mirror.example.com:5000": auth("mirror", SECRET),
    }
    differing = [found for found in done.of("merged").values["findings"] if found["code"] == "sources-differ"]
    assert {found["registry"]: found["message"][:32] for found in differing} == {
        "a.io": "source 1 and /root/partner.json ",
        "quay.io": "source 1 and source 2 hold diffe",
    }
    for secret in ("1111", "2222", "3333", SECRET):
        assert secret not in done.output


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        ([{}], "one of the following is required: src, content, kubeconfig, context, namespace, secret"),
        ([{"src": "a", "content": "b"}], "parameters are mutually exclusive: src|content"),
        ([{"src": "gone.json"}], "Cannot use gone.json: there is no file gone.json on the controller"),
        ([{"content": "{}"}], "source 1: its 'auths' is missing"),
    ],
)
def test_a_source_that_is_none_is_refused(bastion: Bastion, play: Play, sources: Any, expected: str) -> None:
    done = play(bastion.name, [task(dest="/root/never.json", sources=sources)], variables=ROOT)
    assert expected in done.failure
    assert bastion.ssh("ls /root/never.json").rc == 2


def test_the_logins_of_docker_are_merged_in_place(clean_bastion: Bastion, play: Play) -> None:
    """What docker and others note in their file survives to the letter, and a file that is right is not touched."""
    own = (
        '{"auths":{"own.example.com":{"auth":"bWU6bXktb3duLXNlY3JldA==","size":1.50},"hub.example.com":{}},'
        '"psFormat":"{{.ID}}\\t{{.Names}} \u00e9","detachKeys":"ctrl-e","credHelpers":{"gcr.io":"gcloud"},"n":1e400}'
    )
    place = "/root/.docker/config.json"
    assert clean_bastion.ssh("mkdir -m 0700 /root/.docker").rc == 0
    clean_bastion.push(place, own.encode())
    merge = task(dest=place, sources=[], registries=[MIRROR])
    done = play(clean_bastion.name, [{**merge, "name": "merged"}], variables=ROOT)
    assert done.rc == 0, done.output
    written = clean_bastion.pull(place).decode()
    mirror = json.dumps(auth("mirror", SECRET), separators=(",", ":"))
    assert "".join(written.split()) == "".join(
        own.replace('"hub.example.com":{}', f'"hub.example.com":{{}},"mirror.example.com:5000":{mirror}').split()
    )
    assert done.of("merged").values["found_by"] == [
        *("podman", "skopeo", "oc-mirror", "oc"), "the catalog step of oc-mirror", "docker"
    ]  # fmt: skip

    other_layout = json.dumps(json.loads(written.replace("1e400", "1")), indent=7)
    clean_bastion.push(place, other_layout.encode(), mode=0o600)
    before = clean_bastion.ssh(f"stat -c '%i %Y %Z' {place}").stdout
    again = play(clean_bastion.name, [merge], variables=ROOT)
    assert again.changed == 0, again.output
    assert clean_bastion.pull(place).decode() == other_layout
    assert clean_bastion.ssh(f"stat -c '%i %Y %Z' {place}").stdout == before


def test_a_file_that_clients_read_first_is_named(clean_bastion: Bastion, play: Play) -> None:
    """With the real skopeo, which is given no auth file: it finds the merged one, until another is before it."""
    lab = clean_bastion.lab
    place, first = "/root/.docker/config.json", "/root/.config/containers/auth.json"
    clean_bastion.ssh(f"mkdir -p {pathlib.Path(place).parent} {pathlib.Path(first).parent}")
    registry = {"registry": lab.registry, "username": lab.username, "password": lab.password}
    merge = task(dest=place, sources=[], registries=[registry])
    trust = {"airgap.openshift.ca_trust": {"name": "mirror", "src": str(lab.ca)}}
    assert play(clean_bastion.name, [trust, merge], variables=ROOT).rc == 0
    ask = f"skopeo list-tags docker://{lab.registry}/never/pushed"
    assert "repository name not known" in clean_bastion.ssh(ask).stderr

    clean_bastion.push(first, json.dumps({"auths": {lab.registry: auth("stranger", "wrong")}}).encode())
    done = play(clean_bastion.name, [{**merge, "name": "again"}], variables=ROOT)
    assert "authentication required" in clean_bastion.ssh(ask).stderr
    assert [(found["registry"], found["code"]) for found in done.of("again").values["findings"]] == [
        (lab.registry, "other-file-first")
    ]
    assert f"'{first}' holds other credentials" in done.words


def test_a_pipe_that_clients_would_read_first_is_not_waited_for(clean_bastion: Bastion, play: Play) -> None:
    """Any user may put one into their home, and the run may be root's."""
    first = "/root/.config/containers/auth.json"
    clean_bastion.ssh(f"mkdir -p /root/.docker {pathlib.Path(first).parent} && mkfifo {first}")
    merge = task(dest="/root/.docker/config.json", sources=[], registries=[MIRROR])
    done = play(clean_bastion.name, [{**merge, "name": "merged"}], variables=ROOT)
    assert [found["code"] for found in done.of("merged").values["findings"]] == ["other-file-broken"]
