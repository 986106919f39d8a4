# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Anchor files, brought to what a plan says."""

import os

from ansible_collections.airgap.openshift.plugins.module_utils._trust_changes import make
from ansible_collections.airgap.openshift.plugins.module_utils._trust_plan import AnchorFile, Change

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

    def write(path, content, folder):
        folders.append(folder)
        with open(path + ".new", "wb") as stream:
            stream.write(content)
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
