# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._files import LARGEST, content_of_regular


def test_a_file_and_a_link_to_one_are_read(tmp_path):
    (tmp_path / "file").write_bytes(b"x\0y")
    (tmp_path / "link").symlink_to("file")
    assert content_of_regular(str(tmp_path / "file")) == content_of_regular(str(tmp_path / "link")) == b"x\0y"


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(str(tmp_path / "pipe"))
    with pytest.raises(OSError, match="not a regular file"):
        content_of_regular(str(tmp_path / "pipe"))


def test_a_file_that_is_too_large(tmp_path):
    with (tmp_path / "file").open("wb") as file:
        file.truncate(LARGEST)
    assert len(content_of_regular(str(tmp_path / "file"))) == LARGEST
    with (tmp_path / "file").open("ab") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(OSError, match="it has more than 64 MiB"):
        content_of_regular(str(tmp_path / "file"))


@pytest.mark.parametrize("path", ["/dev/zero", "/", "/gone"])
def test_what_is_no_file_is_an_error(path):
    with pytest.raises(OSError, match=r"not a regular file|No such file|Is a directory"):
        content_of_regular(path)
