# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a registry asks for, and what it and its token server are then sent, by a double of Web that notes it down."""

import base64
import json
import time
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.airgap.openshift.plugins.module_utils._auth_lookup import Login
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import RegistryError, finding
from ansible_collections.airgap.openshift.plugins.module_utils._registry_http import Answer
from ansible_collections.airgap.openshift.plugins.module_utils._registry_login import (
    Challenge,
    Client,
    DeniedError,
    challenges,
)
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Peer, plain
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.examples import briefly

REALM = "https://token.example.com/auth"
REGISTRY = Peer("mirror.example.com", 5000, "mirror.example.com:5000")
LOGIN = Login(b"me", b"hunter2")
REFRESHED = Login(b"me", b"hunter2", "refresh-me")
SCOPE = "repository:ocp4/release:pull"
PULL = ("GET", "/v2/ocp4/release/tags/list", SCOPE)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([""], [], id="empty"),
        pytest.param(["Basic"], [("basic", {})], id="no parameters"),
        pytest.param(['Basic realm="a b"'], [("basic", {"realm": "a b"})], id="one"),
        pytest.param(["BASIC REALM=x"], [("basic", {"realm": "x"})], id="upper case, bare"),
        pytest.param(
            ['Bearer realm="https://a/b",service="s",scope="repository:x:pull,push"'],
            [("bearer", {"realm": "https://a/b", "service": "s", "scope": "repository:x:pull,push"})],
            id="quoted comma",
        ),
        pytest.param(
            ['Bearer realm="a" , service = "s" ,,\t, error="e"'],
            [("bearer", {"realm": "a", "service": "s", "error": "e"})],
            id="spaces and empty items",
        ),
        pytest.param(
            ['Basic realm="b", Bearer realm="t",service="s"'],
            [("basic", {"realm": "b"})],
            id="two in a header, of which clients read the first",
        ),
        pytest.param(
            ["Negotiate", "NTLM", 'Basic realm="b"'],
            [("negotiate", {}), ("ntlm", {}), ("basic", {"realm": "b"})],
            id="several headers",
        ),
        pytest.param(["Negotiate, Basic realm=b"], [("negotiate", {})], id="the first has none"),
        pytest.param([r'Basic realm="a \"b\", \\c"'], [("basic", {"realm": r'a "b", \c'})], id="escapes"),
        pytest.param(['Basic realm=""'], [("basic", {"realm": ""})], id="empty value"),
        pytest.param(['Basic realm="a, b'], [("basic", {"realm": "a, b"})], id="no closing quote"),
        pytest.param(['realm="a"'], [], id="no scheme"),
        pytest.param(['Basic realm="a" x'], [("basic", {})], id="something after the quote"),
        pytest.param(["!?", ",,,", '"', '\\"', "é=1"], [], id="garbage"),
        pytest.param(['Basic realm="a\r\n b"'], [("basic", {"realm": "a\r\n b"})], id="a folded line"),
    ],
)
def test_challenges(headers, expected):
    assert challenges(headers) == [Challenge(*each) for each in expected]


@given(st.lists(st.text(alphabet=' ,="\\Basic\t\r\né;/', max_size=60), max_size=4))
@briefly
def test_any_headers_are_challenges_or_none(headers):
    assert all(each.scheme == each.scheme.lower() for each in challenges(headers))


@pytest.mark.parametrize("piece", ['"', '\\"', '"\\', ",", "a", "a=", " ", 'a="', '""', 'a="\\"x", ', "a b "])
def test_long_headers_take_time_in_proportion_to_their_length(piece):
    long = "Bearer realm=" + piece * (65536 // len(piece))
    begin = time.process_time()
    challenges([long, long])
    assert time.process_time() - begin < 1


class Web:
    """A double: gives prepared answers to the token server's requests, and 200 for all others."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        self.kept = set()

    def keep(self, *secrets):
        self.kept.update(secrets)

    def plain(self, text):
        return plain(text, self.kept)

    def ask(self, peer, method, target, headers=None, body=None):
        self.asked.append((peer, method, target, headers, body))
        if peer == REGISTRY:
            return Answer(200, [], b"")
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def token(value="t0ken", name="token", status=200):
    return Answer(status, [], json.dumps({name: value}).encode("utf-8"))


def bearer(realm=REALM, **more):
    return [Challenge("bearer", dict(more, realm=realm))]


def basic(user, password):
    return "Basic " + base64.b64encode(user + b":" + password).decode("ascii")


def sent(web, login, offered, *requests):
    """Return what the token server and the registry were asked, after these requests."""
    client = Client(web, REGISTRY, offered, login)
    for request in requests or [PULL]:
        assert client.ask(*request).status == 200
    to_others = [each for each in web.asked if each[0] != REGISTRY]
    return to_others, [each for each in web.asked if each[0] == REGISTRY]


@pytest.mark.parametrize(
    ("offered", "login", "headers"),
    [
        pytest.param([], LOGIN, {}, id="nothing was asked for"),
        pytest.param([Challenge("negotiate", {})], LOGIN, {}, id="something that we do not know"),
        pytest.param(
            [Challenge("basic", {"realm": "https://elsewhere.example"})],
            LOGIN,
            {"Authorization": basic(b"me", b"hunter2")},
            id="Basic",
        ),
        pytest.param(
            [Challenge("negotiate", {}), Challenge("basic", {}), *bearer()],
            Login(b"\xff", b"a:b"),
            {"Authorization": basic(b"\xff", b"a:b")},
            id="the first that is known",
        ),
    ],
)
def test_without_a_token(offered, login, headers):
    asked, (answered,) = sent(Web(), login, offered)
    assert asked == []
    assert answered == (REGISTRY, *PULL[:2], headers, None)


@pytest.mark.parametrize(
    ("login", "challenge", "path", "query", "headers"),
    [
        pytest.param(
            LOGIN,
            {"service": "the service"},
            "/auth",
            [("account", "me"), ("service", "the service"), ("scope", SCOPE)],
            {"Authorization": basic(b"me", b"hunter2")},
            id="user and password",
        ),
        pytest.param(None, {"service": "s"}, "/auth", [("service", "s"), ("scope", SCOPE)], {}, id="nobody"),
        pytest.param(Login(b"me", b""), {}, "/auth", [("account", "me"), ("scope", SCOPE)], {}, id="no password"),
        pytest.param(
            LOGIN,
            {"realm": REALM + "?service=own&x="},
            "/auth",
            [("service", "own"), ("x", ""), ("account", "me"), ("scope", SCOPE)],
            {"Authorization": basic(b"me", b"hunter2")},
            id="the realm has a query",
        ),
        pytest.param(
            Login(b"a&b=\xff", b"p"),
            {"realm": "https://other:secret@token.example.com"},
            "/",
            [("account", "a&b=\ufffd"), ("scope", SCOPE)],
            {"Authorization": basic(b"a&b=\xff", b"p")},
            id="a realm without a path, but with a user",
        ),
    ],
)
def test_a_token_is_got(login, challenge, path, query, headers):
    web = Web(token())
    (asked,), (answered,) = sent(web, login, bearer(**challenge))
    server, method, target, given_headers, body = asked
    assert (server.host, server.port, method, body) == ("token.example.com", 443, "GET", None)
    assert urlsplit(target).path == path
    assert parse_qsl(urlsplit(target).query, keep_blank_values=True) == query
    assert given_headers == headers
    assert answered[3] == {"Authorization": "Bearer t0ken"}
    assert "secret" not in server.label


def test_a_refresh_token_goes_by_post_and_not_into_a_url():
    web = Web(token(name="access_token"))
    (asked,), (answered,) = sent(web, REFRESHED, bearer(REALM + "?a=b", service="s"))
    assert asked[1:4] == ("POST", "/auth?a=b", {"Content-Type": "application/x-www-form-urlencoded"})
    assert dict(parse_qsl(asked[4].decode("ascii"))) == {
        "service": "s",
        "scope": SCOPE,
        "grant_type": "refresh_token",
        "refresh_token": "refresh-me",
        "client_id": "airgap.openshift",
    }
    assert answered[3] == {"Authorization": "Bearer t0ken"}


def test_half_a_character_in_a_refresh_token_ends_nothing():
    assert sent(Web(token()), Login(b"me", b"", "\ud800"), bearer())[1]


def test_a_token_serves_for_its_scope():
    web = Web(token("one"), token("two"))
    asked, answered = sent(
        web, LOGIN, bearer(), PULL, PULL, ("POST", "/v2/x/blobs/uploads/", "repository:x:push"), PULL
    )
    assert len(asked) == 2
    assert [each[3]["Authorization"] for each in answered] == ["Bearer one", "Bearer one", "Bearer two", "Bearer one"]
    assert [each[4] for each in answered] == [None, None, b"", None]


def refused(web, offered, login=LOGIN):
    with pytest.raises(RegistryError) as caught:
        Client(web, REGISTRY, offered, login).ask(*PULL)
    said = caught.value.finding
    assert "hunter2" not in said.sentence()
    assert said.sentence().isprintable()
    return said


@pytest.mark.parametrize(
    "realm",
    [
        "",
        "token.example.com/auth",
        "/auth",
        "https://",
        "https://[",
        "https://token.example.com:port/",
        "https://token.example.com:99999/",
        "ftp://token.example.com/",
        "https://token.example.com/a b",
        "https://token.example.com/\r\n X-More: 1",
        "https://token.ex\0mple.com/",
        "https://tok\u00ebn.example.com/",
        "https://\u2100.example.com/",
    ],
)
def test_a_realm_that_is_no_url_is_asked_nothing(realm):
    web = Web()
    assert refused(web, bearer(realm)).code == "token-broken"
    assert web.asked == []


def test_a_token_server_without_tls_is_sent_nothing():
    web = Web()
    said = refused(web, bearer("http://other:secret@token.example.com/auth?key=secret"))
    assert (said.code, said.severity) == ("token-server-plain-http", "warning")
    assert "token server http://token.example.com/auth without TLS" in said.message
    assert "secret" not in said.message
    assert web.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(200, [], b""), id="nothing"),
        pytest.param(Answer(200, [], b"[1]"), id="no object"),
        pytest.param(Answer(200, [], b"\xff{"), id="no text"),
        pytest.param(token(""), id="empty"),
        pytest.param(token(5), id="a number"),
        pytest.param(token(["t"]), id="a list"),
        pytest.param(token("a\nX-More: 1"), id="a newline"),
        pytest.param(token("a\n"), id="a newline at the end"),
        pytest.param(token("a b"), id="a space"),
        pytest.param(token("\u00e9"), id="not ASCII"),
        pytest.param(token(status=404), id="another status"),
    ],
)
def test_what_is_no_token_is_not_used(answer):
    web = Web(answer)
    assert refused(web, bearer()).code == "token-broken"
    assert [each[0] for each in web.asked if each[0] == REGISTRY] == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_server_may_deny(status):
    body = json.dumps({"errors": [{"code": "DENIED", "message": "not\nyou"}]}).encode("utf-8")
    with pytest.raises(DeniedError) as caught:
        Client(Web(Answer(status, [], body)), REGISTRY, bearer(), LOGIN).ask(*PULL)
    assert str(caught.value) == f"HTTP {status}: DENIED: not you"
    assert caught.value.answer.status == status


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("connection-refused", {"peer": "the token server"}),
        ("certificate-refused", {"peer": "the token server", "detail": "unknown"}),
        ("server-error", {"peer": "the token server", "detail": "HTTP 500"}),
    ],
)
def test_what_is_wrong_with_the_token_server_is_said_of_the_registry(code, words):
    reason = finding(code, **words)
    said = refused(Web(RegistryError(reason)), bearer())
    assert (said.step, said.code) == ("login", "token-server-failed")
    assert REGISTRY.label in said.message
    assert REALM in said.message
    assert reason.message in said.message
    assert said.remedy == reason.remedy


@pytest.mark.parametrize(
    ("offered", "realm"),
    [
        ([], ""),
        ([Challenge("basic", {"realm": "x"})], ""),
        ([Challenge("bearer", {})], ""),
        (bearer(), REALM),
        (bearer("https://other:secret@a.example/b@c?secret#secret"), "https://a.example/b@c"),
    ],
)
def test_where_tokens_come_from(offered, realm):
    assert Client(Web(), REGISTRY, offered, None).realm == realm
