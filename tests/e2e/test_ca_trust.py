# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ca_trust on real trust stores: p11-kit's and update-ca-certificates'. The hosts' own openssl says what is trusted."""

from __future__ import annotations

import pathlib
import subprocess
from collections.abc import Callable

import pytest
import trustme
from conftest import Bastion
from trust import MODULE, STORES, anchors, fingerprint, pem, task, trusts

from playbooks import ANSIBLE_PLAYBOOK, PlayResult

Play = Callable[..., PlayResult]


def test_the_result_describes_certificate_and_store(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    result = play(clean_bastion.name, [task(src=str(src))]).of(MODULE).values
    [certificate] = result["certificates"]
    assert certificate["path"] == f"{STORES[clean_bastion.kind].anchors}/mirror-ca.crt"
    assert certificate["fingerprint_sha256"] == fingerprint(src.read_bytes())
    assert (certificate["action"], certificate["is_ca"]) == ("added", True)
    assert (result["store"], result["bundle"], result["trusted"]) == (
        clean_bastion.kind.rstrip("0123456789"),
        STORES[clean_bastion.kind].bundle,
        True,
    )
    assert clean_bastion.ssh(f"stat -c '%a %U' {certificate['path']}").stdout == "644 root\n"


@pytest.mark.one_kind
def test_a_vaulted_file(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    password = src.with_name("password")
    password.write_text("x")
    vault = [
        str(pathlib.Path(ANSIBLE_PLAYBOOK).with_name("ansible-vault")),
        "encrypt",
        "--vault-password-file",
        str(password),
    ]
    plain = src.read_bytes()
    subprocess.run([*vault, str(src)], check=True, capture_output=True)
    assert b"BEGIN CERTIFICATE" not in src.read_bytes()
    assert play(clean_bastion.name, [task(src=str(src))], f"--vault-password-file={password}").rc == 0
    assert trusts(clean_bastion, plain)


def test_copied_by_hand_and_never_refreshed(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """What an interrupted run leaves behind looks the same."""
    clean_bastion.push(f"{STORES[clean_bastion.kind].anchors}/by-hand.crt", src.read_bytes())
    done = play(clean_bastion.name, [task(src=str(src)), {**task(src=str(src)), "name": "again"}])
    [certificate] = done.tasks[0].values["certificates"]
    assert (certificate["action"], certificate["path"].rpartition("/")[2]) == ("refreshed", "by-hand.crt")
    assert (done.tasks[0].status, done.of("again").status) == ("changed", "ok")
    assert trusts(clean_bastion, src.read_bytes())
    assert list(anchors(clean_bastion)) == ["by-hand.crt"]


def test_an_anchor_deleted_by_hand_is_forgotten(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """By name the module does not know which certificate it was; the bundle is older than the directory, though."""
    play(clean_bastion.name, [task(name="mirror", src=str(src))])
    clean_bastion.ssh(f"rm {STORES[clean_bastion.kind].anchors}/mirror.crt")
    assert trusts(clean_bastion, src.read_bytes())
    assert play(clean_bastion.name, [task(name="mirror", state="absent")]).tasks[0].status == "changed"
    assert not trusts(clean_bastion, src.read_bytes())
    assert play(clean_bastion.name, [task(name="mirror", state="absent")]).tasks[0].status == "ok"


def test_removal_by_fingerprint_from_a_file_of_several(clean_bastion: Bastion, play: Play) -> None:
    gone, stays = pem(trustme.CA()), pem(trustme.CA())
    clean_bastion.push(f"{STORES[clean_bastion.kind].anchors}/several.crt", gone + stays)
    clean_bastion.ssh(f"{STORES[clean_bastion.kind].update}")
    assert trusts(clean_bastion, gone)
    assert play(clean_bastion.name, [task(fingerprints=[fingerprint(gone).upper()], state="absent")]).rc == 0
    assert [trusts(clean_bastion, each) for each in (gone, stays)] == [False, True]
    assert anchors(clean_bastion) == {"several.crt": stays.decode()}


def test_a_removal_that_has_no_effect(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """By name: which certificate has to be gone is known only from the file."""
    play(clean_bastion.name, [task(name="mirror", src=str(src))])
    clean_bastion.push(STORES[clean_bastion.kind].update, b"#!/bin/sh\nexit 0\n", mode=0o755)
    done = play(clean_bastion.name, [task(name="mirror", state="absent")])
    assert f"{STORES[clean_bastion.kind].bundle} was not made anew" in done.failure
    assert list(anchors(clean_bastion)) == ["mirror.crt"]


def test_undo_restores_mode_owner_and_links(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    old = pem(trustme.CA())
    folder = STORES[clean_bastion.kind].anchors
    clean_bastion.push("/etc/mirror/ca.crt", old)
    clean_bastion.ssh(f"ln -s /etc/mirror/ca.crt {folder}/mirror-ca.crt")
    clean_bastion.push(f"{folder}/other-ca.crt", old)
    clean_bastion.ssh(
        f"chown admin:admin {folder}/other-ca.crt; chmod 640 {folder}/other-ca.crt; {STORES[clean_bastion.kind].update}"
    )
    clean_bastion.push(STORES[clean_bastion.kind].update, b"#!/bin/sh\nexit 0\n", mode=0o755)
    look = f"cd {folder}; stat -c '%N %a %U:%G %F' mirror-ca.crt other-ca.crt; ls -A . .."
    before = clean_bastion.ssh(look).stdout
    entries = [{"src": str(src)}, {"name": "other-ca", "content": pem(trustme.CA()).decode()}]
    assert "put back as they were" in play(clean_bastion.name, [task(certificates=entries)]).failure
    assert clean_bastion.ssh(look).stdout == before


def test_an_anchor_that_a_user_could_change(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    path = f"{STORES[clean_bastion.kind].anchors}/mirror-ca.crt"
    play(clean_bastion.name, [task(src=str(src))])
    clean_bastion.ssh(f"chown admin:admin {path}")
    done = play(clean_bastion.name, [task(src=str(src)), {**task(src=str(src)), "name": "again"}])
    assert (done.tasks[0].status, done.of("again").status) == ("changed", "ok")
    assert clean_bastion.ssh(f"stat -c '%a %U:%G' {path}").stdout == "644 root:root\n"


def test_a_hand_made_anchor_that_go_cannot_read(clean_bastion: Bastion, play: Play) -> None:
    """Behind a byte order mark Debian's bundle has it for OpenSSL, but not for skopeo; p11-kit mends it."""
    clean_bastion.push(
        f"{STORES[clean_bastion.kind].anchors}/hand.crt", b"\xef\xbb\xbf" + clean_bastion.lab.ca.read_bytes()
    )
    clean_bastion.ssh(STORES[clean_bastion.kind].update)
    skopeo = f"SSL_CERT_DIR=/nowhere skopeo inspect docker://{clean_bastion.lab.registry}/ocp4/none:1"
    unknown = "x509: certificate signed by unknown authority"
    assert (unknown in clean_bastion.ssh(skopeo).stderr) == (clean_bastion.kind == "debian13")
    steps = [task(src=str(clean_bastion.lab.ca)), {**task(src=str(clean_bastion.lab.ca)), "name": "again"}]
    done = play(clean_bastion.name, steps)
    assert (done.rc, done.of("again").status) == (0, "ok"), done.output
    assert unknown not in clean_bastion.ssh(skopeo).stderr


def test_a_store_of_ones_own(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """All three options, with a home of the host in them; quartet and removal."""
    script = "#!/bin/sh\ncat /root/store/* > /root/made.pem 2>/dev/null || :> /root/made.pem\n"
    clean_bastion.push("/root/update", script.encode(), mode=0o755)
    clean_bastion.ssh("mkdir /root/store")
    own = {"anchors_dir": "~/store/", "update_command": "/root/update 'now'", "bundle": "~/made.pem"}
    steps = [
        {**task(src=str(src), **own), "name": "added", "become": False},
        {**task(src=str(src), **own), "name": "again", "become": False},
        {**task(name="mirror-ca", state="absent", **own), "name": "removed", "become": False},
    ]
    done = play(clean_bastion.name, steps, variables={"ansible_user": "root"})
    assert {row.task: row.status for row in done.tasks} == {"added": "changed", "again": "ok", "removed": "changed"}
    assert done.of("added").values["store"] == "custom"
    assert clean_bastion.pull("/root/made.pem") == b""
    assert not trusts(clean_bastion, src.read_bytes())


def test_a_short_path(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """Without the directories of root's commands, as after a plain su."""
    short = {**task(src=str(src)), "environment": {"PATH": "/usr/bin:/bin"}}
    done = play(clean_bastion.name, [short])
    assert done.rc == 0, done.output


def test_a_certificate_of_the_system(clean_bastion: Bastion, play: Play) -> None:
    """It cannot be removed, which check mode says as well."""
    first = clean_bastion.ssh(
        f"sed -n '/BEGIN CERT/,/END CERT/p;/END CERT/q' {STORES[clean_bastion.kind].bundle}"
    ).stdout
    assert trusts(clean_bastion, first.encode())
    for flags in (["--check"], []):
        done = play(clean_bastion.name, [task(content=first, state="absent")], *flags)
        assert "comes with the system" in done.failure
    # Anchored by hand too, and removed again: trusted still, which is said.
    clean_bastion.push(f"{STORES[clean_bastion.kind].anchors}/mine.crt", first.encode())
    done = play(clean_bastion.name, [task(name="mine", state="absent")])
    assert done.rc == 0, done.output
    assert [each["trusted"] for each in done.tasks[0].values["certificates"]] == [True]
    assert "no longer an anchor, but trusted still" in done.output


@pytest.mark.parametrize("bastion", ["debian13"], indirect=True)
def test_a_name_of_the_systems_own(clean_bastion: Bastion, play: Play) -> None:
    """update-ca-certificates would give our certificate the other's link."""
    name = clean_bastion.ssh("ls /usr/share/ca-certificates/mozilla").stdout.split()[0]
    done = play(clean_bastion.name, [task(name=name, content=pem(trustme.CA()).decode())])
    assert "is that of a certificate of the system" in done.failure


@pytest.mark.one_kind
def test_options_beside_a_list(bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """They would have no effect: here the pin, there even the removal."""
    for extra in ({"state": "absent"}, {"fingerprints": ["0" * 64]}, {"remote_src": True}):
        done = play(bastion.name, [task(certificates=[{"src": str(src)}], **extra)])
        assert "cannot stand beside it" in done.failure


def test_an_update_that_works_but_complains(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """EL8's script exits with the code of its last command, whatever became of the bundle."""
    path = STORES[clean_bastion.kind].update
    wrapper = f'#!/bin/sh\n{path}.real "$@"\necho edk2 is missing >&2\nexit 1\n'
    clean_bastion.ssh(f"mv {path} {path}.real")
    clean_bastion.push(path, wrapper.encode(), mode=0o755)
    done = play(clean_bastion.name, [task(src=str(src))])
    assert done.rc == 0, done.output
    assert "exited with 1 and said" in done.output
    assert trusts(clean_bastion, src.read_bytes())


def test_killed_in_the_middle(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    """SIGKILL of the module when its anchor is written and the bundle is not made: the next run heals it."""
    path = STORES[clean_bastion.kind].update
    clean_bastion.ssh(f"mv {path} {path}.real")
    # The parent is timeout, its parent the module.
    killer = "#!/bin/sh\nread -r _ _ _ module _ < /proc/$PPID/stat\nkill -9 $module\n"
    clean_bastion.push(path, killer.encode(), mode=0o755)
    assert play(clean_bastion.name, [task(src=str(src))]).rc != 0
    assert list(anchors(clean_bastion)) == ["mirror-ca.crt"]
    clean_bastion.ssh(f"mv {path}.real {path}")
    assert play(clean_bastion.name, [task(src=str(src))]).tasks[0].status == "changed"
    assert trusts(clean_bastion, src.read_bytes())


@pytest.mark.one_kind
def test_pins(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    pinned = task(src=str(src), fingerprints=[fingerprint(src.read_bytes())])
    assert play(clean_bastion.name, [pinned]).rc == 0
    done = play(clean_bastion.name, [task(src=str(src), fingerprints=["0" * 64])])
    assert "is not among the fingerprints asked for" in done.failure


@pytest.mark.parametrize("bastion", ["rhel9"], indirect=True)
class TestRhel:
    """What only p11-kit's store can do."""

    def test_a_read_only_usr(self, clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
        """As on image-based systems."""
        mount = "mount --bind /usr /usr && mount -o remount,bind,ro /usr"
        assert clean_bastion.lab.console(clean_bastion.name, mount).rc == 0
        done = play(clean_bastion.name, [task(src=str(src))])
        assert done.rc == 0, done.output
        assert done.of(MODULE).values["certificates"][0]["path"] == "/etc/pki/ca-trust/source/anchors/mirror-ca.crt"
        assert trusts(clean_bastion, src.read_bytes())


def test_no_trust_store(clean_bastion: Bastion, play: Play, src: pathlib.Path) -> None:
    clean_bastion.ssh(f"rm {STORES[clean_bastion.kind].update}")
    done = play(clean_bastion.name, [task(src=str(src))])
    for text in ("no trust store was found", "update-ca-trust", "update-ca-certificates", "anchors_dir"):
        assert text in done.failure
