# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which trust store a host has, and how its anchors are named."""

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import (
    STORES,
    TrustStoreError,
    anchor_name,
    customized,
    detect,
)

RHEL, DEBIAN = STORES
USR, ETC = RHEL.anchors_dirs


@pytest.mark.parametrize(
    ("directories", "commands", "expected"),
    [
        ([USR, ETC], ["update-ca-trust"], "rhel"),
        ([ETC], ["update-ca-trust"], "rhel"),
        (DEBIAN.anchors_dirs, ["update-ca-certificates"], "debian"),
        ([*DEBIAN.anchors_dirs, ETC], ["update-ca-certificates"], "debian"),
        ([*DEBIAN.anchors_dirs, ETC], ["update-ca-trust"], "rhel"),
    ],
)
def test_detect(directories, commands, expected):
    found = detect(lambda path: path in directories, lambda word: "/bin/" + word if word in commands else None)
    assert found.name == expected


def test_detect_names_what_it_looked_for():
    with pytest.raises(TrustStoreError) as caught:
        detect({USR: True}.get, {}.get)
    for text in ("update-ca-trust", USR, ETC, "update-ca-certificates", "anchors_dir", "install the package"):
        assert text.lower() in str(caught.value).lower()


def test_customized_replaces_only_what_is_set():
    assert customized(RHEL, None, (), None) == RHEL
    custom = customized(DEBIAN, "/a", ("cmd", "x"), "/b")
    assert (custom.anchors_dirs, custom.update, custom.update_after_removal, custom.bundle) == (
        ("/a",),
        ("cmd", "x"),
        ("cmd", "x"),
        "/b",
    )
    assert custom.suffix == DEBIAN.suffix


@pytest.mark.parametrize(
    ("name", "src", "expected"),
    [
        ("mirror", "x.pem", "mirror"),
        (None, "/a/mirror-ca.crt", "mirror-ca"),
        (None, "ROOT.PEM", "ROOT"),
        ("registry.example.com", None, "registry.example.com"),
        ("mirror.crt", None, "mirror"),
        (None, None, ""),
    ],
)
def test_anchor_name(name, src, expected):
    assert anchor_name(name, src) == expected


@pytest.mark.parametrize("name", ["a/b", "../a", "-a", ".a", "a b", "a\n", "m-0123456789abcdef"])
def test_anchor_name_refuses(name):
    with pytest.raises(TrustStoreError, match="set"):
        anchor_name(name, None)
