# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_key
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError

HUB = "https://index.docker.io/v1/"
IPV6 = "is an IPv6 address, which names of images cannot hold; use a DNS name"
GIVE = "give host[:port], as in names of images"
PORT = "give one from 1 to 65535, without zeros before it"
SHORT = "has no dot and no port, so clients look for it on Docker Hub; give the full name of the host, or host:port"


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
        ("10.0.0.1:5000", None, "10.0.0.1:5000", None),
        ("mirror:5000", None, "mirror:5000", None),
        ("a-b.c--d.example:65535", None, "a-b.c--d.example:65535", None),
        ("reg.example:5000/v2", None, "reg.example:5000/v2", None),
        ("reg.example", "v1", "reg.example/v1", None),
        ("Docker.IO", None, HUB, "docker-hub"),
        ("Registry-1.docker.io", "org", "docker.io/org", "docker-hub"),
        ("index.docker.io/v1/", None, HUB, "docker-hub"),
        ("reg.example", "/ns", "reg.example/ns", "extra-slash"),
        ("reg.example/", "ns", "reg.example/ns", "extra-slash"),
        ("reg.example//ns", None, "reg.example/ns", "extra-slash"),
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
        ("reg.example", " ", "namespace is empty; give host[:port], as in the names of images"),
        ("me:secret@reg.example", None, "registry holds '@'; give host[:port] without user, password or digest"),
        ("reg.example/img@sha256:0", None, "registry holds '@'; give host[:port] without user, password or digest"),
        ("{'password': 'secret'}", None, "registry holds braces, quotes or '='; give its name alone"),
        ("registry=reg.example password=secret", None, "registry holds braces, quotes or '='; give its name alone"),
        ("reg.example", 'a"b', "namespace holds braces, quotes or '='; give its name alone"),
        ("reg .example", None, "registry 'reg .example' holds a space; write 'reg.example'"),
        ("https://[fd00::A]", None, f"registry 'https://[fd00::A]' {IPV6}"),
        ("fd00::a", None, f"registry 'fd00::a' {IPV6}"),
        (
            "[::1]:5000",
            None,
            "registry '[::1]:5000' is an IPv6 address, which names of images cannot hold; use a DNS name",
        ),
        (
            "reg.example/ns",
            "ns",
            "registry 'reg.example/ns' holds a namespace already; give it in one of the two options",
        ),
        (
            "reg.example/ns/img:1",
            None,
            "'reg.example/ns/img:1' holds a tag, which makes oc refuse the whole file; write 'reg.example/ns/img'",
        ),
        (
            "reg.example",
            "Ns",
            "'reg.example/Ns' holds upper case, which names of images cannot; write 'reg.example/ns'",
        ),
        ("reg.example", "a//b", "'reg.example/a//b' is not a name that images can have; write host[:port]/namespace"),
        ("/", None, f"registry '/' does not begin with a host; {GIVE}"),
        ("https://", None, f"registry 'https://' does not begin with a host; {GIVE}"),
        (":400/ns", None, f"registry ':400/ns' does not begin with a host; {GIVE}"),
        ("*.example", None, f"registry '*.example': '*' (character 1 of '*.example') cannot be there; {GIVE}"),
        (
            "ftp://reg.example",
            None,
            f"registry 'ftp://reg.example': ':' (character 4 of 'ftp:') cannot be there; {GIVE}",
        ),
        (
            "reg.example:",
            None,
            f"registry 'reg.example:': ':' (character 12 of 'reg.example:') cannot be there; {GIVE}",
        ),
        (
            "https://my_reg/ns",
            None,
            f"registry 'https://my_reg/ns': '_' (character 3 of 'my_reg') cannot be there; {GIVE}",
        ),
        (
            "h.example.:5000",
            None,
            f"registry 'h.example.:5000': '.' (character 10 of 'h.example.:5000') cannot be there; {GIVE}",
        ),
        ("a..example", None, f"registry 'a..example': '.' (character 2 of 'a..example') cannot be there; {GIVE}"),
        ("a-.example", None, f"registry 'a-.example': '-' (character 2 of 'a-.example') cannot be there; {GIVE}"),
        ("-a.example", None, f"registry '-a.example': '-' (character 1 of '-a.example') cannot be there; {GIVE}"),
        (
            "a.example-:1",
            None,
            f"registry 'a.example-:1': '-' (character 10 of 'a.example-:1') cannot be there; {GIVE}",
        ),
        ("é.example", None, f"registry 'é.example': 'é' (character 1 of 'é.example') cannot be there; {GIVE}"),
        ("['a']", None, "registry holds braces, quotes or '='; give its name alone"),
        (
            "reg.example:x",
            None,
            f"registry 'reg.example:x': 'x' (character 13 of 'reg.example:x') cannot be there; {GIVE}",
        ),
        (
            "reg.example:1:2",
            None,
            f"registry 'reg.example:1:2': ':' (character 14 of 'reg.example:1:2') cannot be there; {GIVE}",
        ),
        ("reg.example:0", None, f"registry 'reg.example:0' has no valid port; {PORT}"),
        ("reg.example:00", None, f"registry 'reg.example:00' has no valid port; {PORT}"),
        ("reg.example:05000", None, f"registry 'reg.example:05000' has no valid port; {PORT}"),
        ("reg.example:65536", None, f"registry 'reg.example:65536' has no valid port; {PORT}"),
        ("reg.example:123456", None, f"registry 'reg.example:123456' has no valid port; {PORT}"),
        ("mirror", None, f"registry 'mirror' {SHORT}"),
        ("https://Mirror/", None, f"registry 'https://Mirror/' {SHORT}"),
        ("mirror", "ns", f"registry 'mirror' {SHORT}"),
        ("library/ubuntu", None, f"registry 'library/ubuntu' {SHORT}"),
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
        ("reg.example:5000/ns/sub_x", None),
        ("https://reg.example", None),
        ("https://reg.example/v1/", None),
        ("reg.example:5000/ns/", "trailing-slash"),
        ("reg.example/", "trailing-slash"),
        ("Reg:5000", "upper-case"),
        ("user@reg.example", "unusable-key"),
        ("reg.example/ns:tag", "unusable-key"),
        ("*.example", "never-matched"),
        (" reg.example", "never-matched"),
        ("", "never-matched"),
        ("/", "never-matched"),
        ("https://", "never-matched"),
        ("[::1]:5000", "never-matched"),
        ("HTTPS://reg.example", "upper-case-scheme"),
        ("HTTPS://reg.example/v1/", "upper-case-scheme"),
        ("HttP://REG.example", "upper-case-scheme"),
        ("https://reg.example/ns:tag", None),
        ("https://reg.example/ns@sha256:0", None),
        ("https://u@reg.example", "unusable-key"),
        ("reg.example/ns@sha256:0", "unusable-key"),
        ("Https://u@reg.example", "unusable-key"),
        ("https://Reg.example/v1/", "upper-case"),
        ("https://é.example", None),
        ("docker.io", None),
        ("quay.io\n", "never-matched"),
    ],
)
def test_finds_the_flaw_of_a_key(key, code):
    assert _auth_key.flaw(key) == code


@pytest.mark.parametrize(
    ("key", "canonical"),
    [
        ("reg.example/ns/sub", "reg.example/ns/sub"),
        ("reg.example/v2", "reg.example/v2"),
        ("Reg.example/v2", "reg.example/v2"),
        ("reg.example/v2/", "reg.example"),
        ("https://reg.example/v2", "reg.example"),
        ("Reg.example//ns//", "reg.example/ns"),
        ("docker.io", HUB),
        ("index.docker.io", HUB),
        ("https://Registry-1.docker.io/", HUB),
        ("docker.io/library", "docker.io/library"),
        ("index.docker.io/library", "docker.io/library"),
        ("quay.io", "quay.io"),
        ("a.docker.io", "a.docker.io"),
        ("", ""),
        ("//", ""),
    ],
)
def test_one_spelling_for_each_target(key, canonical):
    assert _auth_key.canonical(key) == canonical
    assert _auth_key.canonical(canonical) == canonical
