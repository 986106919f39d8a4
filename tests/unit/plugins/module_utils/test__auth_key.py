# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_key
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError

HUB = "https://index.docker.io/v1/"


@pytest.mark.parametrize(
    ("registry", "namespace", "key", "code"),
    [
        ("reg.example:5000", None, "reg.example:5000", None),
        ("reg.example", "ns/sub", "reg.example/ns/sub", None),
        ("reg.example:443", None, "reg.example:443", None),
        ("my-registry:5000/my-namespace/", None, "my-registry:5000/my-namespace", "trailing-slash"),
        ("reg.example/", None, "reg.example", "trailing-slash"),
        ("reg.example", "ns/", "reg.example/ns", "trailing-slash"),
        ("https://reg.example:5000", None, "reg.example:5000", "url"),
        ("HTTP://reg.example:5000/v2/", None, "reg.example:5000", "url"),
        ("https://reg.example/v1", None, "reg.example", "url"),
        ("https://reg.example/ns", None, "reg.example/ns", "url"),
        ("https://reg.example", "ns", "reg.example/ns", "url"),
        ("reg.example/v2/", None, "reg.example", "trailing-slash"),
        ("Reg.Example:5000", "ns", "reg.example:5000/ns", "upper-case"),
        ("docker.io", None, HUB, "docker-hub"),
        ("registry-1.docker.io", None, HUB, "docker-hub"),
        (HUB, None, HUB, None),
        ("docker.io", "library", "docker.io/library", None),
        ("localhost", None, "localhost", None),
    ],
)
def test_writes_the_spelling_that_all_clients_match(registry, namespace, key, code):
    assert _auth_key.requested(registry, namespace) == _auth_key.Spelling(key, code)
    assert _auth_key.requested(key).key == key
    assert key == HUB or _auth_key.flaw(key) is None


@pytest.mark.parametrize(
    ("registry", "namespace", "message"),
    [
        ("", None, "registry is empty; give host[:port], as in the names of images"),
        (" ", None, "registry is empty; give host[:port], as in the names of images"),
        ("reg", " ", "namespace is empty; give host[:port], as in the names of images"),
        ("me:secret@reg", None, "registry holds '@'; give host[:port] without user, password or digest"),
        ("reg/img@sha256:0", None, "registry holds '@'; give host[:port] without user, password or digest"),
        ("reg .example", None, "registry 'reg .example' holds a space; write 'reg.example'"),
        (
            "[::1]:5000",
            None,
            "registry '[::1]:5000' is an IPv6 address, which names of images cannot hold; use a DNS name",
        ),
        ("reg/ns", "ns", "registry 'reg/ns' holds a namespace already; give it in one of the two options"),
        (
            "reg:5000/ns/img:1",
            None,
            "'reg:5000/ns/img:1' holds a tag, which makes oc refuse the whole file; write 'reg:5000/ns/img'",
        ),
        ("reg", "Ns", "'reg/Ns' holds upper case, which names of images cannot; write 'reg/ns'"),
        ("reg", "a//b", "'reg/a//b' is not a name that images can have; write host[:port]/namespace"),
        ("*.example", None, "registry '*.example' does not begin with a host; give host[:port], as in names of images"),
        ("ftp://reg", None, "registry 'ftp://reg' does not begin with a host; give host[:port], as in names of images"),
        ("reg:0", None, "registry 'reg:0' has no valid port; give one from 1 to 65535"),
        ("reg:65536", None, "registry 'reg:65536' has no valid port; give one from 1 to 65535"),
    ],
)
def test_refuses_what_no_client_matches(registry, namespace, message):
    with pytest.raises(AuthFileError) as caught:
        _auth_key.requested(registry, namespace)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("quay.io", None),
        ("reg:5000/ns/sub_x", None),
        ("https://reg", None),
        ("https://reg/v1/", None),
        ("reg:5000/ns/", "trailing-slash"),
        ("reg/", "trailing-slash"),
        ("Reg:5000", "upper-case"),
        ("user@reg", "unusable-key"),
        ("reg/ns:tag", "unusable-key"),
        ("*.example", "never-matched"),
        (" reg", "never-matched"),
        ("", "never-matched"),
        ("/", "never-matched"),
        ("https://", "never-matched"),
        ("[::1]:5000", "never-matched"),
    ],
)
def test_finds_the_flaw_of_a_key(key, code):
    assert _auth_key.flaw(key) == code
