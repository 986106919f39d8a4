# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions to a real server on this host, over TLS, and what is made of its answers, good and hostile."""

import json
import socket
import time
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.airgap.openshift.plugins.module_utils import _registry_tls
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import RegistryError
from ansible_collections.airgap.openshift.plugins.module_utils._registry_http import (
    LONGEST_ANSWER,
    Answer,
    Web,
    origin_of,
    own_target,
)
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Network, Peer
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.examples import briefly
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.loopback import (
    HOST,
    Server,
    answer,
    answers,
    certificate,
    der,
    says,
    serving,
)

REG = "mirror.example.com:5000"
AUTHORIZED = {"Authorization": "Basic bWU6aHVudGVyMg=="}


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("http"), "own")


class Talk:
    """A registry on this host that gives prepared answers, and Web, which trusts it."""

    def __init__(self, own, port, heard, seconds):
        self.peer = Peer(HOST, port, REG)
        self.heard = heard
        self.web = Web(Network({}, seconds), _registry_tls.context([der(own)]))

    def ask(self, target="/v2/", method="GET", headers=None, body=None):
        return self.web.ask(self.peer, method, target, headers, body)

    def refused(self, *args, **options):
        with pytest.raises(RegistryError) as caught:
            self.ask(*args, **options)
        said = caught.value.finding
        assert said.sentence().isprintable()
        assert REG in said.message
        assert "hunter2" not in said.sentence()
        return said


@contextmanager
def talking(own, *prepared, seconds=3):
    talk, heard = answers(serving(own), *prepared)
    with Server(talk) as server:
        made = Talk(own, server.port, heard, seconds)
        try:
            yield made
        finally:
            made.web.close()


def first_lines(heard):
    return [each.split(b"\r\n")[0].decode("ascii") for each in heard]


def test_one_connection_serves_many_questions(own):
    with talking(own, answer(200, b"{}"), answer(404, b"gone"), answer(202)) as talk:
        assert talk.ask() == Answer(200, [("Content-Length", "2")], b"{}")
        assert talk.ask("/v2/x?n=1", headers=AUTHORIZED).body == b"gone"
        assert talk.ask("/v2/x/blobs/uploads/", "POST", body=b"").status == 202
        assert talk.web.version in ("TLSv1.2", "TLSv1.3")
    assert first_lines(talk.heard) == [
        "GET /v2/ HTTP/1.1",
        "GET /v2/x?n=1 HTTP/1.1",
        "POST /v2/x/blobs/uploads/ HTTP/1.1",
    ]
    assert [b"Basic bWU6aHVudGVyMg==" in each for each in talk.heard] == [False, True, False]
    assert b"content-length: 0" in talk.heard[2].lower()
    assert all(f"Host: {HOST}:{talk.peer.port}".encode("ascii") in each for each in talk.heard)


def test_headers_are_found_in_any_case_and_all_of_them(own):
    made = answer(401, b"", "WWW-Authenticate: Basic", "www-authenticate: Bearer realm=x", "X-Empty:")
    with talking(own, made) as talk:
        found = talk.ask()
    assert found.all_of("Www-Authenticate") == ["Basic", "Bearer realm=x"]
    assert (found.header("WWW-AUTHENTICATE"), found.header("X-Empty"), found.header("X-None")) == ("Basic", "", "")


def redirect(status, location):
    return answer(status, b"", f"Location: {location}")


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/elsewhere?a=b", "/elsewhere?a=b"),
        ("elsewhere", "/v2/elsewhere"),
        ("?a=b", "/v2/?a=b"),
        ("https://<here>/elsewhere", "/elsewhere"),
        ("HTTPS://<here>", "/"),
        ("//<here>/elsewhere", "/elsewhere"),
        ("https://other:secret@<here>/elsewhere#part", "/elsewhere"),
        ("https://other.example\\@<here>/elsewhere", "/elsewhere"),
    ],
)
@pytest.mark.parametrize("status", [301, 308])
def test_a_redirect_to_the_same_server_is_followed_with_credentials(own, status, location, target):
    with talking(own, redirect(status, location), answer(200, b"there")) as talk:
        assert talk.ask(headers=AUTHORIZED).body == b"there"
    assert first_lines(talk.heard) == ["GET /v2/ HTTP/1.1", f"GET {target} HTTP/1.1"]
    assert b"Basic bWU6aHVudGVyMg==" in talk.heard[1]


@pytest.mark.parametrize(
    ("location", "method", "code", "shown"),
    [
        ("http://<here>/v2/", "GET", "redirected", "http://127.0.0.1:"),
        ("https://127.0.0.1/v2/", "GET", "redirected", "https://127.0.0.1/v2/, where credentials do not follow"),
        ("https://127.0.0.1:1/v2/", "GET", "redirected", "https://127.0.0.1:1/v2/"),
        ("https://me:secret@other.example/x?token=secret#secret", "GET", "redirected", "to https://other.example/x,"),
        ("//other.example/x", "GET", "redirected", "https://other.example/x"),
        ("https://<here>@other.example/", "GET", "redirected", "https://other.example/"),
        ("ftp://<here>/", "GET", "redirected", "ftp://"),
        ("javascript:alert(1)", "GET", "redirected", "javascript://alert(1)"),
        ("/elsewhere", "POST", "redirected", "/elsewhere"),
        ("/elsewhere", "DELETE", "redirected", "/elsewhere"),
        ("https://[", "GET", "broken-answer", "no URL"),
        ("https://<here>x/", "GET", "broken-answer", "no URL"),
        ("https://other.example:99999999/", "GET", "broken-answer", "no URL"),
        ("https://\u2100.example/", "GET", "", ""),
        ("/a b", "GET", "broken-answer", ""),
        ("/a\r\n X-More: 1", "GET", "", ""),
        ("/\u00e9\x1b[31m", "GET", "", ""),
    ],
)
def test_a_redirect_elsewhere_is_not_followed(own, location, method, code, shown):
    made = redirect(307, location.encode("utf-8").decode("latin-1"))
    with talking(own, made, *[answer(404)] * 5) as talk:
        said = talk.refused(method=method, headers=AUTHORIZED)
        if code:
            assert said.code == code
        assert shown in said.message
        assert "secret" not in said.message
    assert len(talk.heard) == 1


def test_credentials_do_not_follow_to_another_server(own):
    """Both are trusted, and the other listens."""
    caught, heard = answers(serving(own), answer(200, b"caught"))
    with Server(caught) as other, talking(own, redirect(307, f"https://{HOST}:{other.port}/v2/")) as talk:
        assert talk.refused(headers=AUTHORIZED).code == "redirected"
    assert heard == []


@pytest.mark.parametrize("location", ["/v2/", "", "https://<here>/v2/"])
def test_redirects_in_a_circle_come_to_an_end(own, location):
    with talking(own, *[redirect(302, location)] * 20) as talk:
        assert talk.refused().code == "redirected"
    assert 1 < len(talk.heard) < 10


def errors(*found):
    return json.dumps({"errors": list(found)}).encode("utf-8")


@pytest.mark.parametrize(
    ("made", "code", "words"),
    [
        (answer(429), "rate-limited", "too many: HTTP 429"),
        (answer(429, b"", "Retry-After: 30"), "rate-limited", "HTTP 429, try again after 30 seconds"),
        (answer(429, b"", "Retry-After: <b>\x1b"), "rate-limited", "too many: HTTP 429"),
        (answer(429, b"", "Retry-After: " + "9" * 9000), "rate-limited", "try again after 999"),
        (answer(500), "server-error", "in trouble: HTTP 500"),
        (
            answer(503, errors({"code": "UNAVAILABLE", "message": "later"})),
            "server-error",
            "HTTP 503: UNAVAILABLE: later",
        ),
        (answer(599, b"<html>\x1b[31m"), "server-error", "HTTP 599"),
    ],
)
def test_a_server_that_cannot_answer_now(own, made, code, words):
    with talking(own, made) as talk:
        said = talk.refused()
    assert (said.code, len(said.message) < 400) == (code, True)
    assert words in said.message


@pytest.mark.parametrize(
    "made",
    [
        pytest.param([b"SSH-2.0-OpenSSH_9.2\r\n"], id="no HTTP"),
        pytest.param([b"\0\xff\x1b[31m" * 9 + b"\r\n"], id="control characters"),
        pytest.param([b"HTTP/1.1 twohundred OK\r\n\r\n"], id="no status"),
        pytest.param([b"HTTP/1.1 200 " + b"x" * 70000 + b"\r\n\r\n"], id="a long line"),
        pytest.param([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"], id="many headers"),
        pytest.param([b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000 + b"\r\n\r\n"], id="a long header"),
        pytest.param([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"], id="no chunks"),
        pytest.param([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc"], id="a chunk cut off"),
        pytest.param([answer(200, b"x" * (LONGEST_ANSWER + 1))], id="too long"),
        pytest.param([b"HTTP/1.1 200 OK\r\n\r\n", b"x" * (LONGEST_ANSWER + 9)], id="too long, no length"),
        pytest.param(
            [
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"10000\r\n" + b"x" * 0x10000 + b"\r\n",
                b"0\r\n\r\n",
            ][:1]
            + [b"10000\r\n" + b"x" * 0x10000 + b"\r\n"] * 17,
            id="too long, in chunks",
        ),
    ],
)
def test_what_is_no_answer(own, made):
    with talking(own, made, answer(200)) as talk:
        said = talk.refused()
        assert said.code == "broken-answer"
        assert len(said.message) < 400
        assert talk.ask().status == 200, "the next question goes by a new connection"


def test_a_chunk_of_less_than_nothing_is_not_all_that_comes(own):
    chunk = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"
    with talking(own, [chunk, b"x" * (LONGEST_ANSWER + 9)]) as talk:
        said = talk.refused()
    assert said.code == "broken-answer"
    assert str(LONGEST_ANSWER + 9) not in said.message, "all of it was read"


def test_a_length_of_exabytes_takes_no_memory(own):
    with talking(own, [b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\nabc"]) as talk:
        assert talk.ask().body == b"abc"


def test_the_longest_answer_is_read(own):
    with talking(own, answer(200, b"x" * LONGEST_ANSWER)) as talk:
        assert len(talk.ask().body) == LONGEST_ANSWER


def test_nothing_is_uncompressed(own):
    bomb = b"\x1f\x8b\x08" + bytes(50)
    with talking(own, answer(200, bomb, "Content-Encoding: gzip")) as talk:
        found = talk.ask()
    assert (found.body, found.json()) == (bomb, {})
    assert b"accept-encoding: identity" in talk.heard[0].lower()


@pytest.mark.parametrize("how", [None, [b""]])
def test_a_server_that_hangs_up_gives_no_answer(own, how):
    with talking(own, how, answer(200)) as talk:
        assert talk.refused().code == "connection-lost"
    assert len(talk.heard) == 1, "a new connection is not tried again"


def test_a_connection_that_was_closed_meanwhile_is_opened_again(own):
    with talking(own, [answer(200, b"1")], answer(200, b"2"), None, answer(200, b"3")) as talk:
        assert talk.ask().body == b"1"
        time.sleep(0.1)
        assert talk.ask("/v2/x/blobs/uploads/", "POST", AUTHORIZED, b"").body == b"2"
        assert talk.ask("/3").body == b"3"
    assert len(talk.heard) == 4


def test_a_connection_is_opened_again_once_only(own):
    with talking(own, answer(200), None, None, answer(200)) as talk:
        talk.ask()
        assert talk.refused().code == "connection-lost"
    assert len(talk.heard) == 3


def drips(words):
    """Return what says this byte by byte: each comes within the limit, all together do not."""

    def talk(sock):
        for at in range(len(words)):
            sock.sendall(words[at : at + 1])
            time.sleep(0.03)

    return talk


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(lambda sock: sock.recv(1), id="nothing"),
        pytest.param(drips(b"HTTP/1.1 200 OK and more and more and more"), id="drips a line"),
        pytest.param(drips(b"HTTP/1.1 100 Continue\r\n\r\n" * 5), id="to be continued"),
        pytest.param(
            lambda sock: [sock.sendall(b"HTTP/1.1 100 Go\r\n\r\n" * 9) for _turn in range(10**6)], id="at once"
        ),
        pytest.param(
            lambda sock: [sock.sendall(answer(200, b"x" * 99)[:-99]), drips(b"x" * 99)(sock)], id="drips the body"
        ),
    ],
)
def test_an_answer_that_does_not_come_to_an_end_is_left(own, how):
    begin = time.monotonic()
    with talking(own, how, seconds=0.3) as talk:
        assert talk.refused().code == "connection-timeout"
        assert time.monotonic() - begin < 1


def hangs(sock):
    sock.recv(1)
    time.sleep(0.5)


@pytest.mark.parametrize(
    ("talk", "code"),
    [
        (says(b"HTTP/1.0 400 Bad Request\r\n\r\n"), "tls-refused"),
        (says(b""), "connection-lost"),
        (lambda _sock: None, "connection-lost"),
        (hangs, "connection-timeout"),
    ],
)
def test_what_does_not_shake_hands(own, talk, code):
    with Server(talk) as server:
        assert Talk(own, server.port, [], 0.3).refused().code == code


def test_a_server_that_is_not_trusted_is_sent_nothing(own, tmp_path):
    other = certificate(tmp_path, "other")
    with talking(other, answer(200)) as talk:
        talk.web = Web(Network({}, 3), _registry_tls.context([der(own)]))
        said = talk.refused(headers=AUTHORIZED)
    assert (said.code, talk.heard) == ("certificate-refused", [])


def test_a_server_of_another_name_is_sent_nothing(tmp_path):
    other = certificate(tmp_path, "other", "-addext", "subjectAltName=DNS:other.example")
    with talking(other, answer(200)) as talk:
        assert talk.refused(headers=AUTHORIZED).code == "certificate-refused"
    assert talk.heard == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "HTTP 404"),
        (b"{", "HTTP 404"),
        (b"[]", "HTTP 404"),
        (b"null", "HTTP 404"),
        (b"\xff\xfe", "HTTP 404"),
        (b'{"errors": null}', "HTTP 404"),
        (b'{"errors": {"code": "X"}}', "HTTP 404"),
        (b'{"errors": "X"}', "HTTP 404"),
        (errors(), "HTTP 404"),
        (errors("X"), "HTTP 404"),
        (errors(None), "HTTP 404"),
        (errors({}), "HTTP 404"),
        (errors({"code": "X"}), "HTTP 404: X"),
        (errors({"message": "gone"}, {"message": "more"}), "HTTP 404: gone"),
        (errors({"code": "X", "message": "a\n\tb\x1b[31m\0\u202e"}), "HTTP 404: X: a b [31m"),
        (errors({"code": None, "message": ""}), "HTTP 404"),
    ],
)
def test_what_a_server_said(body, words):
    assert Answer(404, [], body).said() == words


@pytest.mark.parametrize("depth", [100, 400, 800, 1000, 5000, 200000])
def test_what_is_nested_deeply_ends_nothing(depth):
    deep = b"[" * depth + b"]" * depth
    found = Answer(404, [], b'{"errors": [{"code": ' + deep + b', "message": ' + deep + b"}]}")
    assert found.said() == "HTTP 404"
    assert Answer(200, [], deep).json() == {}


def test_what_is_said_is_short_and_takes_little_time():
    begin = time.process_time()
    assert len(Answer(404, [], errors({"code": "x" * 300000, "message": "y" * 300000})).said()) < 200
    assert Answer(404, [], b'{"errors": ' + b"9" * 1000000 + b"}").said() == "HTTP 404"
    assert Answer(404, [], b'{"errors": [' + b"{}," * 300000 + b"{}]}").said() == "HTTP 404"
    assert time.process_time() - begin < 2


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=9)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["errors", "code", "message"]), inner, max_size=3)
    ),
    max_leaves=9,
)


@given(JSON)
@briefly
def test_any_body_is_read(body):
    said = Answer(400, [], json.dumps(body).encode("utf-8")).said()
    assert said.startswith("HTTP 400")
    assert said.isprintable()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x", Peer("a.example", 443, "it")),
        ("https://A.Example:5000", Peer("a.example", 5000, "it")),
        ("https://me:secret@a.example", Peer("a.example", 443, "it")),
        ("https://[fd00::1]:5000/", Peer("fd00::1", 5000, "it")),
        ("", None),
        ("a.example", None),
        ("https://", None),
        ("https://[", None),
        ("https://a.example:port", None),
        ("https://a.example:70000", None),
        ("https://a.example\0:5000", None),
        ("https://a example", None),
    ],
)
def test_origin_of(url, expected):
    try:
        found = origin_of(url, "it")
    except ValueError:
        found = None
    assert found == expected


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/v2/x/blobs/uploads/1?_state=a%3D", "/v2/x/blobs/uploads/1?_state=a%3D"),
        ("https://mirror.example.com:5000/u", "/u"),
        ("2", "/v2/x/blobs/uploads/2"),
        ("https://mirror.example.com/u", ""),
        ("https://other.example:5000/u", ""),
        ("https://[", ""),
        ("https://mirror.example.com:99999/", ""),
    ],
)
def test_own_target(location, expected):
    assert own_target(Peer("mirror.example.com", 5000, REG), "/v2/x/blobs/uploads/", location) == expected


def test_a_server_of_an_address_of_ipv6_is_its_own():
    peer = Peer("fd00::1", 443, "it")
    assert own_target(peer, "/v2/", "https://[fd00::1]/u") == own_target(peer, "/v2/", "/u") == "/u"


def test_sockets_are_closed():
    web = Web(Network({}, 1), _registry_tls.context([]))
    with socket.socket() as unused:
        unused.bind((HOST, 0))
        with pytest.raises(RegistryError):
            web.ask(Peer(HOST, unused.getsockname()[1], REG), "GET", "/v2/")
    web.close()
