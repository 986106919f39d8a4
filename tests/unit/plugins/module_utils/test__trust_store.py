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
    owns,
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
    assert customized(RHEL, None, None, None) == RHEL
    custom = customized(DEBIAN, "/a/", "cmd 'x y'", "/b")
    assert (custom.anchors_dirs, custom.update, custom.bundle) == (("/a",), ("cmd", "x y"), "/b")
    assert custom.suffix == DEBIAN.suffix


def test_customized_names_an_open_quotation():
    with pytest.raises(TrustStoreError, match="update_command cannot be split"):
        customized(RHEL, None, "foo 'bar", None)


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        ("m", "m.crt", True),
        ("m", "m.pem", True),
        ("m", "m", True),
        ("m", "m-0123456789abcdef.crt", True),
        ("m", "m-2.crt", False),
        ("m", "mm.crt", False),
        ("m", "m.crt.rpmsave", False),
        ("a.b", "axb.crt", False),
        ("", ".crt", False),
    ],
)
def test_owns(name, file, expected):
    assert owns(name, USR + "/" + file, [USR]) is expected
    assert not owns(name, USR + "/sub/" + file, [USR])


@pytest.mark.parametrize(
    ("name", "src", "expected"),
    [
        ("mirror", "x.pem", "mirror"),
        (None, "/a/mirror-ca.crt", "mirror-ca"),
        (None, "ROOT.PEM", "ROOT"),
        (None, "ca.crt.pem", "ca"),
        ("registry.example.com", None, "registry.example.com"),
        ("mirror.crt", None, "mirror"),
        (None, None, ""),
    ],
)
def test_anchor_name(name, src, expected):
    assert anchor_name(name, src) == expected


@pytest.mark.parametrize("name", ["a/b", "../a", "-a", ".a", "a b", "a\n", "m-0123456789abcdef", ".crt"])
def test_anchor_name_refuses(name):
    with pytest.raises(TrustStoreError, match="set"):
        anchor_name(name, None)
