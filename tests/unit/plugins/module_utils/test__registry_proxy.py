# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which proxy is used; golang.org/x/net/http/httpproxy is the measure."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.airgap.openshift.plugins.module_utils._registry_proxy import Proxy, ProxyError, proxy_for
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.examples import briefly

PROXY = "http://proxy.example.com:3128"


def used(host, no_proxy, port=443):
    return proxy_for(host, port, {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy}) is not None


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, None, id="nothing"),
        pytest.param({"HTTPS_PROXY": ""}, None, id="empty"),
        pytest.param({"HTTP_PROXY": "http://a", "ALL_PROXY": "http://b"}, None, id="for something else"),
        pytest.param({"https_proxy": PROXY}, Proxy("proxy.example.com", 3128, "https_proxy"), id="lower case"),
        pytest.param(
            {"https_proxy": PROXY, "HTTPS_PROXY": "http://b:1"}, Proxy("b", 1, "HTTPS_PROXY"), id="upper case first"
        ),
        pytest.param(
            {"https_proxy": "http://b:1", "HTTPS_PROXY": ""}, Proxy("b", 1, "https_proxy"), id="empty is none"
        ),
        pytest.param({"HTTPS_PROXY": "b"}, Proxy("b", 80, "HTTPS_PROXY"), id="no scheme, no port"),
        pytest.param({"HTTPS_PROXY": "b.example:3128"}, Proxy("b.example", 3128, "HTTPS_PROXY"), id="no scheme"),
        pytest.param({"HTTPS_PROXY": "HTTP://B:1/"}, Proxy("b", 1, "HTTPS_PROXY"), id="upper-case URL"),
        pytest.param({"HTTPS_PROXY": "http://[fd00::1]:1"}, Proxy("fd00::1", 1, "HTTPS_PROXY"), id="IPv6"),
    ],
)
def test_which_proxy(environ, expected):
    assert proxy_for("mirror.example.com", 443, environ) == expected


@pytest.mark.parametrize(
    ("no_proxy", "is_used"),
    [
        pytest.param("", True, id="nothing"),
        pytest.param(",, ,", True, id="empty items"),
        pytest.param("*", False, id="everything"),
        pytest.param("a.example, *", False, id="everything, among others"),
        pytest.param("mirror.example.com", False, id="the name"),
        pytest.param("a.example,\tMirror.Example.COM ,b.example", False, id="upper case, spaces"),
        pytest.param("a.example mirror.example.com", True, id="spaces do not separate"),
        pytest.param("example.com", False, id="its domain"),
        pytest.param(".example.com", False, id="a domain with a dot"),
        pytest.param("*.example.com", False, id="a domain with a star"),
        pytest.param("*example.com", True, id="a star without a dot"),
        pytest.param("mirror.*", True, id="a star at the end"),
        pytest.param(".mirror.example.com", True, id="what is below the name only"),
        pytest.param("*.mirror.example.com", True, id="what is below the name only, with a star"),
        pytest.param("ample.com", True, id="a part of a label"),
        pytest.param("mirror", True, id="the short name"),
        pytest.param("com", False, id="the top"),
        pytest.param("mirror.example.com:5000", False, id="this port"),
        pytest.param(".example.com:5000", False, id="a domain with this port"),
        pytest.param("mirror.example.com:", False, id="an empty port"),
        pytest.param("mirror.example.com:443", True, id="another port"),
        pytest.param(":5000", True, id="a port without a host"),
        pytest.param("https://mirror.example.com", True, id="a URL"),
        pytest.param("0.0.0.0/0", True, id="a network, for a name"),
        pytest.param("10.0.0.1", True, id="an address, for a name"),
    ],
)
def test_exceptions_for_a_name(no_proxy, is_used):
    assert used("mirror.example.com", no_proxy, 5000) is is_used
    assert used("MIRROR.example.com", no_proxy, 5000) is is_used


@pytest.mark.parametrize(
    ("host", "no_proxy", "is_used"),
    [
        ("10.1.2.3", "10.1.2.3", False),
        ("10.1.2.3", "10.1.2.3:443", False),
        ("10.1.2.3", "10.1.2.3:5000", True),
        ("10.1.2.3", "10.1.2.4", True),
        ("10.1.2.3", "10.0.0.0/8", False),
        ("10.1.2.3", "10.9.9.9/8", False),
        ("10.1.2.3", "10.1.2.0/28:443", True),
        ("10.1.2.3", "10.0.0.0/255.0.0.0", True),
        ("10.1.2.3", "10.0.0.0/33", True),
        ("10.1.2.3", "192.168.0.0/16,*", False),
        ("10.1.2.3", "fd00::/8", True),
        ("10.1.2.3", ".2.3", False),  # by the letters, as there
        ("fd00::1", "fd00::1", False),
        ("fd00::1", "FD00:0:0::1", False),
        ("fd00::1", "fd00::/8", False),
        ("fd00::1", "[fd00::1]:443", False),
        ("fd00::1", "[fd00::1]:5000", True),
        ("fd00::1", "[fd00::1]", True),
        ("fd00::1", "10.0.0.0/8", True),
        ("localhost", "", False),
        ("127.0.0.1", "", False),
        ("127.9.9.9", "", False),
        ("::1", "", False),
        ("localhost.example.com", "", True),
        ("128.0.0.1", "", True),
    ],
)
def test_exceptions_for_addresses_and_this_host(host, no_proxy, is_used):
    assert used(host, no_proxy) is is_used


@pytest.mark.parametrize(
    ("value", "pair"),
    [
        ("http://me:secret@b:1", b"me:secret"),
        ("me:secret@b:1", b"me:secret"),
        ("http://me@b:1", b"me:"),
        ("http://me:a%40b%3a%2f@b:1", b"me:a@b:/"),
        ("http://me:%ff+@b:1", b"me:\xff+"),
        ("http://me:a@b@b:1", b"me:a@b"),
    ],
)
def test_the_login_is_sent_and_not_shown(value, pair):
    proxy = proxy_for("mirror.example.com", 443, {"HTTPS_PROXY": value})
    assert proxy is not None
    assert proxy.authorization == "Basic " + base64.b64encode(pair).decode("ascii")
    assert proxy.url == "http://b:1"


def test_the_url_of_an_address_has_brackets():
    assert Proxy("fd00::1", 3128, "HTTPS_PROXY").url == "http://[fd00::1]:3128"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("https://me:secret@b", "it begins with https://"),
        ("socks5://me:secret@b:1080", "it begins with socks5://"),
        ("http://me:secret@", "it has no host"),
        ("//me:secret@b", "it has no host"),
        ("http://me:secret@b:port", "it is no URL"),
        ("http://me:secret@b:99999", "it is no URL"),
        ("http://me:secret@[b", "it is no URL"),
        ("://me:secret@b", "it is no URL"),
        (" http://me:secret@b", "it holds a space"),
        ("http://me:secret@b\r\nX-More: b", "it holds a space"),
        ("http://me:secr\udcc3t@b", "it holds a space, or another character"),
    ],
)
def test_what_is_no_proxy_is_refused_without_its_password(value, words):
    with pytest.raises(ProxyError) as caught:
        proxy_for("mirror.example.com", 443, {"HTTPS_PROXY": value})
    assert str(caught.value).startswith(words)
    assert "secr" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_wrong_proxy_is_of_no_matter_where_none_is_used():
    assert proxy_for("mirror.example.com", 443, {"HTTPS_PROXY": "ftp://b", "NO_PROXY": "mirror.example.com"}) is None


PIECES = st.lists(st.sampled_from(["http", "://", ":", "@", "[", "]", "b", "%", "/", ",", "*", ".", "1", " ", "é"]))


@given(PIECES.map("".join), PIECES.map("".join))
@briefly
def test_any_environment_is_a_proxy_or_none_or_refused(value, no_proxy):
    try:
        proxy = proxy_for("b.1", 1, {"HTTPS_PROXY": value, "NO_PROXY": no_proxy})
    except ProxyError:
        return
    assert proxy is None or (proxy.host and proxy.url.isprintable())
