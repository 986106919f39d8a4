# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found on a disk. Each test lays a trust store into a folder of its own."""

import base64
import errno
import os
import re
import time

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _anchors
from ansible_collections.airgap.openshift.plugins.module_utils._anchors import look, refuse_locked
from ansible_collections.airgap.openshift.plugins.module_utils._pem import fingerprint
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import Store, TrustStoreError

DER = b"\x30\x03\x02\x01\x05"
PEM = b"-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % base64.b64encode(DER)


@pytest.fixture
def store(tmp_path):
    """A store whose bundle is newer than its one anchors directory."""
    (tmp_path / "anchors").mkdir()
    (tmp_path / "blocklist").mkdir()
    (tmp_path / "bundle").write_bytes(PEM)
    made = Store(
        "test",
        anchors_dirs=(str(tmp_path / "missing"), str(tmp_path / "anchors")),
        update=(),
        bundle=str(tmp_path / "bundle"),
        blocklist_dirs=((str(tmp_path / "no"), str(tmp_path / "blocklist")),),
    )
    os.utime(made.anchors_dirs[1], (1, 1))
    return made


def test_what_is_there(store, tmp_path):
    (tmp_path / "anchors/b.pem").write_bytes(PEM)
    (tmp_path / "anchors/a").write_bytes(b"x")
    (tmp_path / "anchors/a").chmod(0o600)
    (tmp_path / "anchors/folder").mkdir()
    (tmp_path / "anchors/folder/c.crt").write_bytes(PEM)
    (tmp_path / "anchors/dangling").symlink_to("nowhere")
    (tmp_path / "blocklist/d").write_bytes(DER)
    seen = look(store)
    assert [(os.path.basename(anchor.path), anchor.mode) for anchor in seen.anchors] == [("a", 0o600), ("b.pem", 0o644)]
    assert {anchor.owner for anchor in seen.anchors} == {seen.owner} == {(os.geteuid(), os.getegid())}
    assert seen.writable_dirs == (str(tmp_path / "anchors"),)
    assert seen.trusted == {fingerprint(DER)}
    assert [entry.content for entry in seen.blocked] == [DER]


def test_a_store_with_a_suffix_and_depth(store, tmp_path):
    for name in ("a.crt", "b.pem", "folder/c.crt"):
        (tmp_path / "anchors" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "anchors" / name).write_bytes(PEM)
    seen = look(store._replace(suffix=".crt", recursive=True))
    assert [os.path.relpath(anchor.path, store.anchors_dirs[1]) for anchor in seen.anchors] == ["a.crt", "folder/c.crt"]


@pytest.mark.parametrize(
    ("changed_at", "rewrites_bundle", "expected"),
    [
        pytest.param(-60, True, False, id="older than the bundle"),
        pytest.param(60, True, True, id="newer"),
        pytest.param(0, True, False, id="as old as the bundle"),
        pytest.param(60, False, None, id="newer, but the bundle's own time means nothing"),
        pytest.param(7200, True, False, id="in time to come"),
    ],
)
def test_stale(store, changed_at, rewrites_bundle, expected):
    made = time.time() - 3600
    os.utime(store.bundle, (made, made))
    os.utime(store.anchors_dirs[1], (made + changed_at, made + changed_at))
    assert look(store, rewrites_bundle).stale is expected


@pytest.mark.parametrize("rewrites_bundle", [True, False])
def test_an_update_that_was_cut_off_is_due_again(store, rewrites_bundle):
    with open(store.mark, "wb"):
        pass
    assert look(store, rewrites_bundle).stale is True


def test_without_a_bundle_nothing_is_trusted_and_an_update_is_due(store):
    os.remove(store.bundle)
    seen = look(store)
    assert (seen.trusted, seen.stale) == (frozenset(), True)


def test_no_anchors_directory(store):
    with pytest.raises(TrustStoreError, match=r"missing does not exist: set anchors_dir"):
        look(store._replace(anchors_dirs=store.anchors_dirs[:1]))


def test_a_link_is_known_as_one(store, tmp_path):
    (tmp_path / "ca.pem").write_bytes(PEM)
    (tmp_path / "anchors/a.pem").symlink_to(tmp_path / "ca.pem")
    [anchor] = look(store).anchors
    assert (anchor.content, anchor.link) == (PEM, str(tmp_path / "ca.pem"))


def test_a_directory_with_two_names_is_one(store, tmp_path):
    (tmp_path / "anchors/a.crt").write_bytes(PEM)
    (tmp_path / "missing").symlink_to("anchors")
    seen = look(store)
    assert len(seen.anchors) == len(seen.writable_dirs) == 1


def test_links_in_a_circle_end(store, tmp_path):
    (tmp_path / "anchors/a.crt").write_bytes(PEM)
    for name in ("one", "two", "three"):
        (tmp_path / "anchors" / name).symlink_to(".")
    assert len(look(store._replace(recursive=True)).anchors) == 1


def test_which_of_two_blocklists_is_in_force_is_not_known(store, tmp_path):
    """p11-kit before 0.24 reads blacklist only, later ones blocklist only."""
    (tmp_path / "blacklist").mkdir()
    (tmp_path / "blacklist/a").write_bytes(DER)
    both = store._replace(blocklist_dirs=((str(tmp_path / "blocklist"), str(tmp_path / "blacklist")),))
    assert [(entry.content, entry.in_force) for entry in look(both).blocked] == [(DER, False)]
    (tmp_path / "blocklist").rmdir()
    assert [(entry.content, entry.in_force) for entry in look(both).blocked] == [(DER, True)]


def test_hidden_files_where_the_store_skips_them(store, tmp_path):
    (tmp_path / "anchors/.a.crt").write_bytes(PEM)
    assert len(look(store).anchors) == 1
    assert look(store._replace(skips_hidden=True)).anchors == ()


def test_usr_of_an_image_is_not_written_even_where_it_could_be(tmp_path, monkeypatch):
    """The marker is a double: tests/e2e/test_trust_stores.py writes to a store with the real one."""
    (tmp_path / "etc").mkdir()
    made = Store(
        "test", anchors_dirs=("/usr/share/.", str(tmp_path / "etc")), update=(), bundle=str(tmp_path / "bundle")
    )
    monkeypatch.setattr(_anchors, "_anchors", lambda _store, _path: ())
    for marker, expected in ((str(tmp_path), [str(tmp_path / "etc")]), ("/nowhere", list(made.anchors_dirs))):
        monkeypatch.setattr(_anchors, "IMAGE_BASED", marker)
        assert list(look(made).writable_dirs) == expected


def test_links_with_a_prefix_take_the_name_after_it(store, tmp_path):
    (tmp_path / "links").mkdir()
    (tmp_path / "links/ca-cert-theirs.pem").symlink_to("/usr/share/ca-certificates/theirs.crt")
    (tmp_path / "links/theirs-too.pem").symlink_to("/usr/share/ca-certificates/theirs.crt")
    assert look(store._replace(links_dir=str(tmp_path / "links"), link_prefix="ca-cert-")).taken == {"theirs"}


def test_names_of_the_systems_own_certificates_are_taken(store, tmp_path):
    (tmp_path / "links").mkdir()
    (tmp_path / "links/ours.pem").symlink_to(tmp_path / "anchors/ours.crt")
    (tmp_path / "links/theirs.pem").symlink_to("/usr/share/ca-certificates/theirs.crt")
    (tmp_path / "links/0a1b2c3d.0").symlink_to("theirs.pem")
    (tmp_path / "links/bundle.pem").write_bytes(PEM)
    assert look(store._replace(links_dir=str(tmp_path / "links"))).taken == {"theirs"}
    assert look(store._replace(links_dir=str(tmp_path / "gone"))).taken == frozenset()


def test_a_read_only_directory_is_read_but_not_written(store, tmp_path, monkeypatch):
    """A double of statvfs: mounting needs root; tests/e2e/test_ca_trust.py does it for real."""
    (tmp_path / "usr").mkdir()
    (tmp_path / "usr/a.crt").write_bytes(PEM)
    real = os.statvfs

    class ReadOnly:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr(os, "statvfs", lambda path: ReadOnly if path.endswith("usr") else real(path))
    seen = look(store._replace(anchors_dirs=(str(tmp_path / "usr"), str(tmp_path / "anchors"))))
    assert seen.writable_dirs == (str(tmp_path / "anchors"),)
    assert [anchor.path for anchor in seen.anchors] == [str(tmp_path / "usr/a.crt")]
    with pytest.raises(TrustStoreError, match="usr belongs to the read-only part of the system: set anchors_dir"):
        look(store._replace(anchors_dirs=(str(tmp_path / "usr"),)))


@pytest.mark.parametrize(("user", "remedy"), [(0, "with lsattr"), (1000, "become root")])
def test_directories_that_may_not_be_changed(tmp_path, monkeypatch, user, remedy):
    """What the kernel says is a double: root may do everything where these tests run."""
    refuse_locked([str(tmp_path)])
    monkeypatch.setattr(os, "access", lambda path, *_mode: path != "/locked")
    monkeypatch.setattr(os, "geteuid", lambda: user)
    with pytest.raises(TrustStoreError, match="root may change /locked: .*" + remedy):
        refuse_locked([str(tmp_path), "/locked"])


def test_an_anchors_directory_that_cannot_be_looked_at_is_no_reason_to_take_the_next(store, monkeypatch):
    """The error of the disk is a double."""

    def failing(path, **others):
        if path == store.anchors_dirs[0]:
            raise OSError(5, "Input/output error", path)
        return real(path, **others)

    real = os.stat
    monkeypatch.setattr(os, "stat", failing)
    with pytest.raises(OSError, match="Input/output error"):
        look(store)


@pytest.fixture
def fails(monkeypatch):
    """``fails("stat", path)``: from now on this function of os has an error for what is called so.

    A double, since no file system here fails on demand: tests/torture/failing.py has the kernel's calls fail.
    """

    def fail(function, path):
        real = getattr(os, function)

        def failing(where, *args, **options):
            if str(where) == str(path):
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(where))
            return real(where, *args, **options)

        monkeypatch.setattr(os, function, failing)

    return fail


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("stat", "missing"),
        ("stat", "anchors"),
        ("listdir", "anchors"),
        ("stat", "anchors/a.crt"),
        ("lstat", "anchors/a.crt"),
        ("stat", "anchors/folder"),
        ("listdir", "anchors/folder"),
        ("stat", "bundle"),
        ("stat", ".airgap-openshift-update"),
        ("stat", "no"),
        ("stat", "blocklist"),
        ("listdir", "blocklist"),
        ("stat", "blocklist/b"),
        ("stat", "links"),
    ],
)
def test_what_cannot_be_looked_at_is_not_taken_for_gone(store, tmp_path, fails, function, name):
    """An anchor that is not seen is not removed, and the CA stays trusted although the task says that it is not."""
    for folder in ("anchors/folder", "links"):
        (tmp_path / folder).mkdir()
    for file in ("anchors/a.crt", "anchors/folder/c.crt", "blocklist/b"):
        (tmp_path / file).write_bytes(PEM)
    whole = store._replace(recursive=True, links_dir=str(tmp_path / "links"), link_prefix="ca-cert-")
    assert len(look(whole).anchors) == 2
    fails(function, tmp_path / name)
    with pytest.raises(OSError, match=re.escape(f"{os.strerror(errno.EIO)}: '{tmp_path / name}'")):
        look(whole)


def test_a_sign_of_an_image_that_cannot_be_looked_at_is_not_taken_for_gone(store, fails):
    fails("stat", _anchors.IMAGE_BASED)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        look(store._replace(anchors_dirs=("/usr/share/.",)))
