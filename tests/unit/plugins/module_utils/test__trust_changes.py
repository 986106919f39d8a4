# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Anchor files, brought to what a plan says."""

import errno
import os

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._trust_changes import clear, make, under_way
from ansible_collections.airgap.openshift.plugins.module_utils._trust_plan import AnchorFile, Change
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import STORES

OWNER = (os.geteuid(), os.getegid())


def test_files_and_links_come_and_go_and_come_back(tmp_path):
    (tmp_path / "anchors").mkdir()
    path = str(tmp_path / "anchors/a.crt")
    states = [
        None,
        AnchorFile(path, b"one", 0o644, OWNER),
        AnchorFile(path, b"", 0o644, OWNER, link="../real"),
        AnchorFile(path, b"two", 0o640, OWNER),
        None,
    ]
    folders = []

    def write(path, content, folder, owner, mode):
        folders.append(folder)
        assert owner == OWNER
        with open(path + ".new", "wb") as stream:
            stream.write(content)
        os.chmod(path + ".new", mode)
        os.rename(path + ".new", path)

    for before, after in zip(states, states[1:]):
        make([Change(path, before, after)], write)
        assert os.path.lexists(path) == (after is not None)
        if after and after.link:
            assert os.readlink(path) == after.link
        elif after:
            with open(path, "rb") as stream:
                assert (stream.read(), os.stat(path).st_mode & 0o777) == (after.content, after.mode)
    assert folders == [str(tmp_path)] * 2
    assert not (tmp_path / "real").exists()


def test_what_a_killed_run_has_left_is_removed(tmp_path):
    (tmp_path / "anchors").mkdir()
    of_a_merge = ".airgap-openshift-secret-x"
    for name in ("anchors/a.crt", ".airgap-openshift-anchor-x", of_a_merge, "bundle.crt.new", "bundle.crt"):
        (tmp_path / name).write_bytes(b"x")
    store = STORES[0]._replace(
        anchors_dirs=(str(tmp_path / "gone/anchors"), str(tmp_path / "anchors")),
        scratch=str(tmp_path / "bundle.crt.new"),
    )
    clear(store)
    clear(store._replace(scratch=""))
    assert sorted(os.listdir(str(tmp_path))) == [of_a_merge, "anchors", "bundle.crt"]
    assert os.listdir(str(tmp_path / "anchors")) == ["a.crt"]


def test_an_update_that_was_cut_off_has_left_a_mark(tmp_path):
    store = STORES[0]._replace(bundle=str(tmp_path / "bundle.pem"))
    with under_way(store):
        assert os.path.exists(store.mark)
    assert not os.path.exists(store.mark)
    with pytest.raises(KeyboardInterrupt), under_way(store):
        raise KeyboardInterrupt
    assert os.path.exists(store.mark)


def test_no_mark_is_made_through_the_link_of_somebody_else(tmp_path):
    store = STORES[0]._replace(bundle=str(tmp_path / "bundle.pem"))
    (tmp_path / "theirs").write_bytes(b"content")
    os.symlink(str(tmp_path / "theirs"), store.mark)
    with under_way(store):
        assert (tmp_path / "theirs").read_bytes() == b"content"


def test_where_no_mark_can_be_made_the_command_runs_nevertheless(tmp_path):
    with under_way(STORES[0]._replace(bundle=str(tmp_path / "gone/bundle.pem"))):
        pass


def fails(error):
    def failing(_path):
        raise OSError(error, os.strerror(error))

    return failing


def test_a_mark_that_cannot_be_removed_is_an_error(tmp_path, monkeypatch):
    """The error is a double, see tests/torture/failing.py. Each later run would find an update that was cut off."""
    store = STORES[0]._replace(bundle=str(tmp_path / "bundle.pem"))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)), under_way(store):
        monkeypatch.setattr(os, "remove", fails(errno.EIO))


def test_a_mark_that_somebody_has_removed_is_none(tmp_path):
    store = STORES[0]._replace(bundle=str(tmp_path / "bundle.pem"))
    with under_way(store):
        os.remove(store.mark)


def test_a_mark_that_was_never_made_need_not_be_removed(tmp_path, monkeypatch):
    """A folder that cannot be written to is a double: root writes to all that there are here."""
    monkeypatch.setattr(os, "remove", fails(errno.EROFS))
    with under_way(STORES[0]._replace(bundle=str(tmp_path / "gone/bundle.pem"))):
        pass


@pytest.mark.parametrize("after", [None, "link"])
def test_an_anchor_that_cannot_be_looked_at_is_not_taken_for_gone(tmp_path, monkeypatch, after):
    """The error is a double, see tests/torture/failing.py."""
    path = str(tmp_path / "a.crt")
    anchor = AnchorFile(path, b"", 0o644, OWNER)
    monkeypatch.setattr(os, "lstat", fails(errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        make([Change(path, anchor, anchor._replace(link="b.crt") if after else None)], lambda *_change: None)
