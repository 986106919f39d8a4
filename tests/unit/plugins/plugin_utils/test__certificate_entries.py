# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How messages name what brings certificates along; tests/e2e/test_trust_inputs.py brings them along."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.airgap.openshift.plugins.plugin_utils._certificate_entries import origin

ENTRY: dict[str, Any] = {"name": None, "src": None, "content": None, "remote_src": False}


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"src": "ca.crt"}, "ca.crt"),
        ({"src": "/etc/ca.crt", "remote_src": True}, "/etc/ca.crt of the host"),
        ({"content": "x", "name": "mirror"}, "the content for mirror"),
        ({"name": "mirror"}, "mirror"),
        ({}, "the fingerprints"),
        ({"src": "-----BEGIN PRIVATE KEY-----\nsecret"}, "it"),
        ({"src": "{'key': 'secret'}", "remote_src": True}, "it of the host"),
    ],
)
def test_origin(entry: dict[str, Any], words: str) -> None:
    assert origin({**ENTRY, **entry}) == words
