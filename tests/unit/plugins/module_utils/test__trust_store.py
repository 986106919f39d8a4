# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which trust store a host has, and how its anchors are named."""

from pathlib import Path

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import (
    STORES,
    TrustStoreError,
    anchor_name,
    chosen,
    customized,
    detect,
    stems,
)

BY_NAME = {store.name: store for store in STORES}
RHEL, DEBIAN, SUSE, ARCH = (BY_NAME[name] for name in ("rhel", "debian", "suse", "arch"))
USR, ETC = RHEL.anchors_dirs
# Debian, Alpine and SUSE call different programs by the same name; the first two even share the directory.
CERTIFICATES, TRUST = "update-ca-certificates", "update-ca-trust"


# What is on the disk, the command beside it, and the store that this is.
HOSTS = [
    pytest.param([USR, ETC], TRUST, "rhel", id="RHEL 7 to 10, Fedora, Amazon Linux"),
    pytest.param([ETC], TRUST, "rhel", id="RHEL without the documented directory"),
    pytest.param([*DEBIAN.anchors_dirs, ETC], TRUST, "rhel", id="RHEL with Debian's directory"),
    pytest.param(ARCH.anchors_dirs, TRUST, "arch", id="Arch"),
    pytest.param(SUSE.anchors_dirs, CERTIFICATES, "suse", id="openSUSE, SLES"),
    pytest.param([*SUSE.anchors_dirs, *DEBIAN.anchors_dirs], CERTIFICATES, "suse", id="SUSE, Debian's directory"),
    pytest.param([*DEBIAN.anchors_dirs, "/etc/apk"], CERTIFICATES, "alpine", id="Alpine"),
    pytest.param(DEBIAN.anchors_dirs, CERTIFICATES, "debian", id="Debian, Ubuntu"),
    pytest.param([*DEBIAN.anchors_dirs, ETC], CERTIFICATES, "debian", id="Debian with RHEL's directory"),
]


@pytest.mark.parametrize(("directories", "command", "expected"), HOSTS)
def test_detect(directories, command, expected):
    found = detect(lambda path: path in [*directories, "/"], lambda word: "/bin/" + word if word == command else None)
    assert found.name == expected


def test_every_store_is_detected_and_tried_on_a_bastion():
    """By a host above, and by one of tests/e2e/trust.py, which needs what this Python need not have."""
    assert {host.values[-1] for host in HOSTS} == set(BY_NAME)
    bastions = (Path(__file__).resolve().parents[3] / "e2e" / "trust.py").read_text(encoding="utf-8")
    assert [name for name in BY_NAME if f'"{name}"' not in bastions] == []


def test_detect_names_what_it_looked_for():
    with pytest.raises(TrustStoreError) as caught:
        detect({USR: True}.get, {}.get)
    sought = [text for store in STORES for text in (store.update[0], *store.anchors_dirs)]
    for text in (*sought, "anchors_dir", "install the package"):
        assert text.lower() in str(caught.value).lower()


def test_customized_replaces_only_what_is_set():
    assert customized(RHEL, None, None, None) == RHEL
    custom = customized(DEBIAN, "/a/", "cmd 'x y'", "/b")
    assert (custom.anchors_dirs, custom.update, custom.bundle) == (("/a",), ("cmd", "x y"), "/b")
    assert custom.suffix == DEBIAN.suffix


def test_all_three_options_need_no_store():
    assert chosen("/a", "cmd", "/b", {}.get, {}.get).name == "custom"
    with pytest.raises(TrustStoreError, match="no trust store was found"):
        chosen("/a", "cmd", None, {}.get, {}.get)
    assert chosen("/a", None, None, bool, str)[:2] == ("rhel", ("/a",))


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
def test_stems(name, file, expected):
    assert (name in stems(USR + "/" + file, [USR])) is expected
    assert not stems(USR + "/sub/" + file, [USR])


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


@pytest.mark.parametrize("name", ["a/b", "../a", "-a", ".a", "a b", "a\n", "m-0123456789abcdef", ".crt", "a" * 201])
def test_anchor_name_refuses(name):
    with pytest.raises(TrustStoreError, match="set"):
        anchor_name(name, None)
