# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of names that are to steer a terminal."""

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._words import VisibleError, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("quay.io: é ü", "quay.io: é ü"),
        ("\x1b[2Jquay.io\n", "\\x1b[2Jquay.io\\n"),
        ("\ud83d\u202e\x9b", "\\ud83d\\u202e\\x9b"),
    ],
)
def test_visible(text, shown):
    assert visible(text) == str(VisibleError(text)) == shown
