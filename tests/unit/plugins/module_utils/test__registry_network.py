# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to servers of this host and to none, straight and by a proxy, and the limit on time."""

import errno
import signal
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.airgap.openshift.plugins.module_utils import _registry_network
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import RegistryError
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import (
    ExpiredError,
    Network,
    Peer,
    plain,
    within,
)
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.examples import briefly
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.loopback import HOST, Server, says

REG = Peer("mirror.example.com", 5000, "mirror.example.com:5000")
LOGIN = "me:hunter2"


def refused(network, peer=REG):
    with pytest.raises(RegistryError) as caught:
        network.connect(peer).close()
    said = caught.value.finding
    assert said.step == "reach"
    assert said.sentence().isprintable()
    assert "hunter2" not in said.sentence()
    return said


def test_the_way_is_straight_where_no_proxy_is_named():
    with Server(says(b"welcome", first=None)) as server, Network({}, 3).connect(Peer(HOST, server.port, "x")) as sock:
        assert sock.recv(7) == b"welcome"
        assert sock.gettimeout() == 3


@pytest.fixture
def unused():
    """A port on which nothing listens."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        yield sock.getsockname()[1]


def test_a_connection_is_refused(unused):
    said = refused(Network({}, 3), Peer(HOST, unused, "mirror.example.com:5000"))
    assert said.code == "connection-refused"
    assert said.message.startswith("mirror.example.com:5000 refuses connections")


@pytest.mark.parametrize(
    ("problem", "code", "words"),
    [
        (socket.timeout("timed out"), "connection-timeout", "did not answer within 3 seconds"),
        (OSError(errno.ETIMEDOUT, "Connection timed out"), "connection-timeout", "did not answer within 3 seconds"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "no-route", "Network is unreachable"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "no-route", "No route to host"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "connection-refused", "refuses connections"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset"), "connection-lost", "Connection reset"),
        (OSError("something"), "connection-lost", "something"),
        (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            "dns-failure",
            "mirror.example.com has no address: Name or service not known",
        ),
        (socket.gaierror(socket.EAI_AGAIN, "Try\nagain"), "dns-failure", "Try again"),
    ],
)
def test_what_the_system_says(monkeypatch, problem, code, words):
    """A double of the system that cannot connect."""

    def fails(*_args, **_options):
        raise problem

    if isinstance(problem, socket.gaierror):
        monkeypatch.setattr(socket, "getaddrinfo", fails)
    else:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [])
        monkeypatch.setattr(_registry_network, "_first_that_answers", fails)
    said = refused(Network({}, 3))
    assert said.code == code
    assert words in said.message
    said = refused(Network({"HTTPS_PROXY": f"http://{LOGIN}@proxy.example.com:3128"}, 3))
    assert said.code == "proxy-unreachable"
    assert "the proxy http://proxy.example.com:3128, which HTTPS_PROXY names for mirror.example.com," in said.message


@pytest.mark.parametrize(
    "host", ["", "a b", "a\0b", "a\r\nX-More: 1", "tok\u00ebn.example", "a" * 64 + ".invalid", ".."]
)
def test_what_is_no_name_of_a_host_has_no_address(host):
    assert refused(Network({}, 3), Peer(host, 443, "x")).code == "dns-failure"


def by_proxy(port, seconds=3):
    return Network({"https_proxy": f"http://{LOGIN}@{HOST}:{port}"}, seconds)


class Proxy:
    """A double of a proxy: notes the request down, gives its answer and stays."""

    def __init__(self, words):
        self.words = words
        self.heard = b""

    def __call__(self, sock):
        while not self.heard.endswith(b"\r\n\r\n"):
            self.heard += sock.recv(1 << 16) or b"\r\n\r\n"
        sock.sendall(self.words)
        while sock.recv(1 << 16):
            pass


@pytest.mark.parametrize(
    ("peer", "target"),
    [(REG, b"mirror.example.com:5000"), (Peer("fd00::1", 443, "x"), b"[fd00::1]:443")],
)
@pytest.mark.parametrize(
    "words", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.0 200 Connection established\r\nVia: x\r\n\r\n"]
)
def test_a_proxy_lets_through(peer, target, words):
    proxy = Proxy(words)
    with Server(proxy) as server, by_proxy(server.port).connect(peer) as sock:
        assert sock.fileno() > 0
    lines = proxy.heard.split(b"\r\n")
    assert lines == [
        b"CONNECT " + target + b" HTTP/1.1",
        b"Host: " + target,
        b"Proxy-Authorization: Basic bWU6aHVudGVyMg==",
        b"",
        b"",
    ]


def test_a_proxy_without_a_login_is_sent_none():
    proxy = Proxy(b"HTTP/1.1 200 OK\r\n\r\n")
    with Server(proxy) as server, Network({"https_proxy": f"{HOST}:{server.port}"}, 3).connect(REG):
        pass
    assert b"authorization" not in proxy.heard.lower()


@pytest.mark.parametrize(
    ("words", "code", "says_so"),
    [
        (b"HTTP/1.1 407 Login\r\n\r\n", "proxy-login", "asks for a login (407)"),
        (b"HTTP/1.1 403 For\x1b[31mbidden\r\n\r\n", "proxy-denied", "HTTP 403 For [31mbidden"),
        (b"HTTP/1.1 503 No way\r\nContent-Length: 5\r\n\r\nhello", "proxy-denied", "HTTP 503 No way"),
        (b"HTTP/1.1 302 Found\r\nLocation: https://other.example/\r\n\r\n", "proxy-denied", "HTTP 302"),
        (b"HTTP/1.1 101 Switching\r\n\r\n", "proxy-denied", "HTTP 101"),
        (b"SSH-2.0-OpenSSH\r\n", "proxy-unreachable", "SSH-2.0"),
        (b"HTTP/1.1 OK\r\n\r\n", "proxy-unreachable", "cannot be reached"),
        pytest.param(b"HTTP/1.1 200 " + b"x" * 70000, "proxy-unreachable", "got more than", id="a long line"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", "proxy-unreachable", "more than", id="many"),
    ],
)
def test_a_proxy_does_not_let_through(words, code, says_so):
    with Server(Proxy(words)) as server:
        said = refused(by_proxy(server.port))
    assert said.code == code
    assert says_so in said.message
    assert f"the proxy http://{HOST}:{server.port}, which https_proxy names for mirror.example.com" in said.message
    assert len(said.message) < 500


def test_a_proxy_that_hangs_up(unused):
    with Server(says(b"")) as server:
        assert refused(by_proxy(server.port)).code == "proxy-unreachable"
    assert refused(by_proxy(unused)).code == "proxy-unreachable"


def drips(sock):
    for _turn in range(200):
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.02)


@pytest.mark.parametrize("talk", [drips, Proxy(b"HTTP/1.1 200")])
def test_a_proxy_that_does_not_come_to_an_end_is_left(talk):
    begin = time.monotonic()
    with Server(talk) as server:
        said = refused(by_proxy(server.port, seconds=0.3))
    assert said.code == "proxy-unreachable"
    assert "within 0.3 seconds" in said.message
    assert time.monotonic() - begin < 1


@pytest.mark.parametrize("host", ["tok\u00ebn.example", "a\r\nX-More: 1", "a b", "a\0b"])
def test_no_host_gets_into_a_request_to_a_proxy(host):
    proxy = Proxy(b"HTTP/1.1 200 OK\r\n\r\n")
    with Server(proxy) as server:
        refused(by_proxy(server.port), Peer(host, 443, "x"))
    assert proxy.heard == b""


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"HTTPS_PROXY": f"https://{LOGIN}@proxy.example.com"}, "HTTPS_PROXY"),
        ({"https_proxy": f"socks5://{LOGIN}@proxy.example.com"}, "https_proxy"),
        ({"HTTPS_PROXY": "", "https_proxy": f"http://{LOGIN}@"}, "https_proxy"),
        ({"HTTPS_PROXY": f"http://{LOGIN}@a\nb"}, "HTTPS_PROXY"),
        ({"HTTPS_PROXY": f"http://{LOGIN}\udcff@a"}, "HTTPS_PROXY"),
    ],
)
def test_a_proxy_that_cannot_be_used(environ, variable):
    said = refused(Network(environ, 3))
    assert said.code == "proxy-unusable"
    assert said.message.startswith(f"{variable} names no usable proxy: it ")


def test_within_ends_what_blocks_and_puts_back_what_was_before():
    def mine(*_signal):
        raise AssertionError

    before = signal.signal(signal.SIGALRM, mine)
    begin = time.monotonic()
    first, second = socket.socketpair()
    try:
        with first, second, pytest.raises(ExpiredError), within(0.2):
            first.recv(1)
        assert time.monotonic() - begin < 1
        assert signal.getsignal(signal.SIGALRM) is mine
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
        with within(0.05):
            pass
        time.sleep(0.1)
        with pytest.raises(KeyError), within(1):
            raise KeyError
        assert signal.getsignal(signal.SIGALRM) is mine
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("as it is", "as it is"),
        ("  one\r\n\ttwo\0 ", "one two"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("na\u00efve \u202e\U0001f600", "na ve"),
        ("x" * 120, "x" * 120),
        ("x" * 121, "x" * 120 + " ..."),
    ],
)
def test_plain(text, expected):
    assert plain(text) == expected


@given(st.text())
@briefly
def test_plain_is_plain(text):
    assert plain(text).isprintable()
    assert len(plain(text)) <= 124


def test_secrets_are_taken_out_before_anything_is_cut_off():
    secret = "pass\u00e4word  of a length that reaches beyond what is quoted" * 3
    assert plain(f"you said {secret}", [secret, "pass", ""]) == "you said ********"
    assert plain("Basic bWU6aHVudGVyMg== is wrong", {"hunter2", "bWU6aHVudGVyMg=="}) == "Basic ******** is wrong"


def test_a_name_server_that_does_not_answer(monkeypatch):
    """A double of the resolver, which nothing can interrupt: the alarm goes off when it comes back."""

    def silent(*_args, **_options):
        raise ExpiredError

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    said = refused(Network({}, 3))
    assert (said.code, "the name server does not answer" in said.message) == ("dns-failure", True)


def test_of_several_addresses_one_that_answers_is_enough(monkeypatch):
    """A double of the resolver: it names an address where nothing listens, a family that is unknown, and a server."""
    with Server(says(b"welcome", first=None)) as server:
        good = (socket.AF_INET, socket.SOCK_STREAM, 0, "", (HOST, server.port))
        gone = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.2", server.port))
        odd = (9999, socket.SOCK_STREAM, 0, "", ())
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [gone, odd, good])
        with Network({}, 3).connect(Peer(HOST, server.port, "x")) as sock:
            assert sock.recv(7) == b"welcome"
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: [gone, odd])
        assert refused(Network({}, 3)).code == "connection-refused"
