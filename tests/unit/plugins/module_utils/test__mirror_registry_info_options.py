# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be checked, by the options."""

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._mirror_registry_info_options import targets
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Peer
from ansible_collections.airgap.openshift.plugins.module_utils._registry_probe import Target

HOST, REG = "mirror.example.com", "mirror.example.com:5000"
PEER = Peer(HOST, 5000, REG)


def asked(registry=None, namespace=None, registries=None, repository=None, push=False):
    params = {"registry": registry, "namespace": namespace, "registries": registries, "repository": repository}
    return targets(params, push=push)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"registry": REG}, Target(REG, PEER, "", False)),
        ({"registry": HOST}, Target(HOST, Peer(HOST, 443, HOST), "", False)),
        ({"registry": REG, "push": True}, Target(REG, PEER, "", True)),
        ({"registry": REG, "repository": "a/b"}, Target(REG, PEER, "a/b", False)),
        ({"registry": REG, "repository": "/a/b/"}, Target(REG, PEER, "a/b", False)),
        ({"registry": REG, "repository": "", "namespace": ""}, Target(REG, PEER, "", False)),
        ({"registry": REG, "namespace": "ocp4"}, Target(REG, PEER, "ocp4", False)),
        ({"registry": REG, "namespace": "ocp4", "repository": "a/b"}, Target(REG, PEER, "ocp4/a/b", False)),
        ({"registry": f"{REG}/ocp4", "repository": "a"}, Target(REG, PEER, "ocp4/a", False)),
        ({"registry": "HTTPS://Mirror.Example.com:5000/v2/"}, Target(REG, PEER, "", False)),
        (
            {"registry": "localhost:5000"},
            Target("localhost:5000", Peer("localhost", 5000, "localhost:5000"), "", False),
        ),
        ({"registry": "10.0.0.1"}, Target("10.0.0.1", Peer("10.0.0.1", 443, "10.0.0.1"), "", False)),
    ],
)
def test_one_registry(options, expected):
    assert asked(**options) == [expected]


@pytest.mark.parametrize(
    "name", ["docker.io", "index.docker.io", "https://index.docker.io/v1/", "registry-1.docker.io"]
)
def test_docker_hub_has_its_api_elsewhere(name):
    peer = Peer("registry-1.docker.io", 443, "docker.io")
    assert asked(name) == [Target("docker.io", peer, "", False)]
    assert asked(name, namespace="me", repository="x") == [Target("docker.io", peer, "me/x", False)]


def test_several_registries_are_checked_in_order_and_once():
    entries = [(REG, "ocp4"), (HOST, None), (f"{REG}/", "/ocp4/"), (REG, "other"), (f"https://{HOST}", "")]
    found = asked(registries=[{"registry": name, "namespace": path} for name, path in entries], repository="x")
    assert [(target.registry, target.repository) for target in found] == [
        (REG, "ocp4/x"),
        (HOST, "x"),
        (REG, "other/x"),
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"registry": ""}, "registry is empty"),
        ({"registry": " "}, "registry is empty"),
        ({"registry": "me:hunter2@" + HOST}, "registry holds '@'"),
        ({"registry": "mirror"}, "has no dot and no port"),
        ({"registry": f"{HOST}:"}, "cannot be there"),
        ({"registry": f"{HOST}:0"}, "no valid port"),
        ({"registry": f"{HOST}:70000"}, "no valid port"),
        ({"registry": f"{HOST}:five"}, "cannot be there"),
        ({"registry": "[::1]:5000"}, "IPv6"),
        ({"registry": f"{REG}/a", "namespace": "b"}, "holds a namespace already"),
        ({"registry": REG, "namespace": "A"}, "upper case"),
        ({"registry": REG, "repository": "a b"}, "holds a space"),
        ({"registry": REG, "repository": "a\r\nX-More: 1"}, "holds a space"),
        ({"registry": REG, "repository": "Release"}, "upper case"),
        ({"registry": REG, "repository": "release:4.21"}, "tag"),
        ({"registry": REG, "repository": "a/../b"}, "not a name"),
        ({"registry": REG, "repository": "a//b"}, "not a name"),
        ({"registry": REG, "repository": "a?b"}, "not a name"),
        ({"registry": REG, "repository": "a#b"}, "not a name"),
        ({"registry": REG, "repository": "release@sha256:hunter2"}, "'@'"),
        ({"registries": [{"registry": REG, "namespace": None}, {"registry": "mirror", "namespace": None}]}, "no dot"),
    ],
)
def test_what_is_no_name_is_refused(options, words):
    with pytest.raises(AuthFileError) as caught:
        asked(**options)
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_nothing_to_check_is_no_good_news():
    params = {"registry": None, "namespace": None, "repository": None, "registries": []}
    with pytest.raises(AuthFileError) as refused:
        targets(params, push=False)
    assert str(refused.value) == "registries is empty; name those to check, as when the host was prepared"
