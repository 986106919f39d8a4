# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_places
from ansible_collections.airgap.openshift.plugins.module_utils._auth_places import Other
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile

KNOWN = _auth_places.places("/home/me", 1000)
RUN, RUN_WITHOUT_LOGIN = "/run/user/1000/containers/auth.json", "/run/containers/1000/auth.json"
CONFIG, DOCKER = "/home/me/.config/containers/auth.json", "/home/me/.docker/config.json"
MINE, THEIRS = {"auth": "dTpw"}, {"auth": "eDp5"}


@pytest.mark.parametrize(
    ("path", "tools"),
    [
        (RUN, {"podman", "skopeo", "oc-mirror", "oc", "the catalog step of oc-mirror"}),
        (CONFIG, {"podman", "skopeo", "oc-mirror", "oc"}),
        (DOCKER, {"podman", "skopeo", "oc-mirror", "oc", "the catalog step of oc-mirror", "docker"}),
        ("/var/lib/kubelet/config.json", {"the kubelet", "CRI-O"}),
        ("/root/.docker/config.json", set()),
        ("/home/me/.mirrorsecretconfigjson", set()),
    ],
)
def test_who_finds_a_file_by_itself(path, tools):
    assert set(_auth_places.found_by(path, KNOWN)) == tools


@pytest.mark.parametrize(
    ("path", "earlier"),
    [
        (RUN, []),
        (CONFIG, [RUN, RUN_WITHOUT_LOGIN]),
        (DOCKER, [RUN, RUN_WITHOUT_LOGIN, CONFIG]),
        ("/var/lib/kubelet/config.json", []),
        ("/elsewhere", []),
    ],
)
def test_what_podman_reads_before(path, earlier):
    assert _auth_places.read_before(path, KNOWN) == earlier


def test_only_files_that_are_there_are_read():
    held = {RUN: None, RUN_WITHOUT_LOGIN: b"{", CONFIG: b'{"auths": {}}'}

    assert _auth_places.others(DOCKER, KNOWN, held.__getitem__) == [
        Other(RUN_WITHOUT_LOGIN, None), Other(CONFIG, AuthFile({"auths": {}}, name=CONFIG))
    ]  # fmt: skip


def test_a_file_that_may_not_be_read_counts_as_broken():
    def content(_path):
        raise OSError("no")

    assert _auth_places.others(CONFIG, KNOWN, content) == [Other(RUN, None), Other(RUN_WITHOUT_LOGIN, None)]


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"auths": {"reg/ns": THEIRS}}, ["other-file-first"]),
        ({"auths": {"reg": THEIRS}}, ["other-file-first"]),
        ({"auths": {"https://reg": THEIRS, "http://reg": MINE}}, ["other-file-first"]),
        ({"auths": {"reg": MINE}}, []),
        ({"auths": {"reg/ns": {}, "reg/other": THEIRS}}, []),
        ({"auths": {"reg": {"auth": 5}}}, ["other-file-broken"]),
        ({}, []),
    ],
)
def test_what_another_file_hides(fields, codes):
    found = _auth_places.hidden(["reg/ns"], {"reg/ns": MINE}, [Other("/first", AuthFile(fields))])
    assert [finding.code for finding in found] == codes
    assert all("'/first'" in finding.message for finding in found)
