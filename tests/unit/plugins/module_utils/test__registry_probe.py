# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of the answers of registries, step by step; they, and the network, are doubles."""

import base64
import email.utils
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.airgap.openshift.plugins.module_utils import _registry_probe
from ansible_collections.airgap.openshift.plugins.module_utils._auth_lookup import Login
from ansible_collections.airgap.openshift.plugins.module_utils._registry_credentials import Credentials, Use
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import RegistryError, finding
from ansible_collections.airgap.openshift.plugins.module_utils._registry_handshake import Sent
from ansible_collections.airgap.openshift.plugins.module_utils._registry_http import Answer
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Network, Peer, plain
from ansible_collections.airgap.openshift.plugins.module_utils._registry_probe import Host, Target, check
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.examples import briefly

REG, REPOSITORY = "mirror.example.com:5000", "ocp4/release"
PEER = Peer("mirror.example.com", 5000, REG)
TOKENS = "https://token.example.com/auth"
ALL = ("podman", "oc", "catalog")
CLIENTS = [{"client": "podman", "use": "find credentials", "keys": [REG]}]
UPLOADS = f"POST /v2/{REPOSITORY}/blobs/uploads/"
TAGS = f"GET /v2/{REPOSITORY}/tags/list"
CANCEL = "DELETE /v2/uploads/1"


def use(user=b"me", key=REG, token=""):
    return Use(Login(user, b"hunter2", token), key, ALL)


def known(*uses, findings=()):
    return Credentials(list(uses), CLIENTS, list(findings))


def answer(status=200, *headers, code=""):
    body = json.dumps({"errors": [{"code": code, "message": "so it is"}]}).encode("ascii") if code else b""
    return Answer(status, [tuple(each.split(": ", 1)) for each in headers], body)


BASIC = answer(401, 'WWW-Authenticate: Basic realm="x"')
BEARER = answer(401, f'WWW-Authenticate: Bearer realm="{TOKENS}",service="s"')


class Web:
    """A double of Web: a registry that answers by method and path, and notes down what it was sent."""

    version = "TLSv1.3"

    def __init__(self, rules):
        self.rules = rules
        self.asked = []
        self.closed = False

    def keep(self, *secrets):
        self.kept = secrets

    def plain(self, text):
        return plain(text, self.kept)

    def ask(self, peer, method, target, headers=None, body=None):
        del body
        path, _mark, query = target.partition("?")
        authorization = (headers or {}).get("Authorization", "")
        self.asked.append((peer.host, f"{method} {path}", query, authorization))
        rule = self.rules.get(f"{method} {path}" if peer == PEER else "TOKEN", answer(404))
        found = rule(authorization, query) if callable(rule) else rule
        if isinstance(found, Exception):
            raise found
        return found

    def close(self):
        self.closed = True

    def requests(self):
        return [request for host, request, _query, _authorization in self.asked if host == PEER.host]


def for_login(denied, otherwise=None):
    """Return a rule: what to answer without a login, and with one."""
    return lambda authorization, _query: (otherwise or answer(200)) if authorization else denied


def token(actions=("pull", "push", "delete"), status=200):
    """Return a rule: a token that names the actions which were asked for and are allowed."""

    def rule(_authorization, query):
        scope = query.partition("scope=")[2].partition("&")[0]
        asked = scope.rpartition("%3A")[2].split("%2C") if scope else []
        allowed = "-".join(action for action in asked if action in actions)
        return Answer(status, [], json.dumps({"token": f"may.{allowed}"}).encode("ascii"))

    return rule


def needs(then, *actions):
    """Return the rule of a registry that looks into tokens: 403 where one does not allow all of this."""

    def rule(authorization, _query):
        return then if set(actions) <= set(authorization.partition("may.")[2].split("-")) else answer(403)

    return rule


class Looked:
    """What came of a check, and what the registry was asked meanwhile."""

    def __init__(self, report, web):
        self.report = report
        self.web = web
        self.codes = [each["code"] for each in report["findings"]]
        self.steps = " ".join(
            {"ok": step, "failed": f"{step}!", "skipped": "-"}[state] for step, state in report["steps"].items()
        )


@pytest.fixture
def look(monkeypatch):
    def run(rules, credentials=None, repository=REPOSITORY, push=False, host=None, sent=(), trust=None):
        web = Web(rules)
        monkeypatch.setattr(_registry_probe, "Web", lambda _network, trusted: (trust or (lambda _roots: web))(trusted))
        monkeypatch.setattr(f"{_registry_probe.__name__}._registry_tls.context", list)

        def look_at(connect, _peer, _seconds):
            connect()
            return Sent(tuple(sent))

        monkeypatch.setattr(f"{_registry_probe.__name__}._registry_handshake.look_at", look_at)
        monkeypatch.setattr(Network, "connect", lambda _network, _peer: None)
        target = Target(REG, PEER, repository, push)
        report = check(target, host or Host(Network({}, 3), []), credentials or known(use()))
        assert "hunter2" not in json.dumps(report)
        return Looked(report, web)

    return run


LOGGED_IN = {"GET /v2/": for_login(BASIC), TAGS: for_login(BASIC)}
MAY_PUSH = dict(LOGGED_IN, **{UPLOADS: answer(202, "Location: /v2/uploads/1"), CANCEL: answer(204)})


@pytest.mark.parametrize(
    ("rules", "options", "steps", "codes"),
    [
        pytest.param(LOGGED_IN, {}, "reach tls api key login pull -", [], id="may pull"),
        pytest.param(LOGGED_IN, {"repository": ""}, "reach tls api key login - -", [], id="no repository"),
        pytest.param(
            LOGGED_IN,
            {"repository": "", "push": True},
            "reach tls api key login - -",
            [],
            id="no repository to push to",
        ),
        pytest.param(MAY_PUSH, {"push": True}, "reach tls api key login pull push", [], id="may push"),
        pytest.param(
            dict(MAY_PUSH, **{TAGS: answer(404, code="NAME_UNKNOWN")}),
            {"push": True},
            "reach tls api key login pull push",
            [],
            id="the repository is not there yet",
        ),
        pytest.param(
            dict(LOGGED_IN, **{TAGS: answer(403)}),
            {},
            "reach tls api key login pull! -",
            ["no-pull-permission"],
            id="may not pull",
        ),
        pytest.param(
            dict(MAY_PUSH, **{TAGS: answer(401)}),
            {"push": True},
            "reach tls api key login pull push",
            [],
            id="pull denied, push allowed",
        ),
        pytest.param(
            dict(LOGGED_IN, **{TAGS: answer(403), UPLOADS: answer(403)}),
            {"push": True},
            "reach tls api key login pull! push!",
            ["no-pull-permission", "no-push-permission"],
            id="may neither pull nor push",
        ),
        pytest.param(
            dict(LOGGED_IN, **{TAGS: answer(418)}),
            {},
            "reach tls api! key login - -",
            ["broken-answer"],
            id="a strange answer about tags",
        ),
        pytest.param(
            {"GET /v2/": BASIC}, {}, "reach tls api key login! - -", ["rejected-credentials"], id="a wrong password"
        ),
        pytest.param(
            {"GET /v2/": for_login(BASIC, answer(403))},
            {},
            "reach tls api key login! - -",
            ["rejected-credentials"],
            id="a locked account",
        ),
        pytest.param(
            {"GET /v2/": for_login(BASIC, answer(418))},
            {},
            "reach tls api! key - - -",
            ["broken-answer"],
            id="a strange answer to a login",
        ),
        pytest.param(
            {"GET /v2/": answer(401, "WWW-Authenticate: Negotiate")},
            {},
            "reach tls api key login! - -",
            ["login-unsupported"],
            id="Kerberos",
        ),
        pytest.param(
            {"GET /v2/": answer(401)}, {}, "reach tls api key login! - -", ["login-unsupported"], id="asks for nothing"
        ),
        pytest.param(
            {"GET /v2/": answer(404)}, {}, "reach tls api! key - - -", ["not-a-registry"], id="nothing at /v2/"
        ),
        pytest.param(
            {"GET /v2/": Answer(200, [("Content-Type", "Text/HTML; charset=utf-8")], b"hello")},
            {},
            "reach tls api! key - - -",
            ["not-a-registry"],
            id="a web page",
        ),
        pytest.param(
            {"GET /v2/": Answer(200, [], b"<html>")},
            {},
            "reach tls api! key - - -",
            ["not-a-registry"],
            id="a web page without a type",
        ),
        pytest.param(
            {"GET /v2/": answer(200), TAGS: answer(200)},
            {},
            "reach tls api key login pull -",
            ["no-login-needed"],
            id="for everybody",
        ),
        pytest.param(
            {"GET /v2/": answer(200), TAGS: answer(200)},
            {"credentials": known(findings=[finding("auth-file-missing", path="/x")])},
            "reach tls api key! login pull -",
            ["auth-file-missing", "no-login-needed"],
            id="for everybody, but the auth file was named",
        ),
        pytest.param(
            {"GET /v2/": answer(200), TAGS: answer(200)},
            {"credentials": known(findings=[finding("no-matching-key", clients="oc", image=REG, path="/x")])},
            "reach tls api - login pull -",
            ["no-login-needed"],
            id="for everybody, and no credentials",
        ),
        pytest.param(
            LOGGED_IN,
            {"credentials": known(findings=[finding("no-matching-key", clients="oc", image=REG, path="/x")])},
            "reach tls api key! - - -",
            ["no-matching-key"],
            id="no credentials",
        ),
        pytest.param(
            {"GET /v2/": RegistryError(finding("server-error", peer=REG, detail="HTTP 500"))},
            {},
            "reach - api! key - - -",
            ["server-error"],
            id="trouble",
        ),
    ],
)
def test_steps(look, rules, options, steps, codes):
    found = look(rules, **options)
    assert (found.steps, found.codes) == (steps, codes)
    assert found.web.closed


def test_what_the_report_holds(look):
    report = look(LOGGED_IN, sent=[b"\x30\x00"]).report
    evidence = report.pop("evidence")
    assert report == {
        "registry": REG,
        "repository": REPOSITORY,
        "steps": dict(dict.fromkeys(["reach", "tls", "api", "key", "login", "pull"], "ok"), push="skipped"),
        "findings": [],
        "proxy": "",
        "tls_version": "TLSv1.3",
        "clients": CLIENTS,
    }
    assert abs(evidence.pop("now") - time.time()) < 60
    assert evidence == {"host": PEER.host, "chain": ["MAA="], "anchors": [], "refused": "", "partial": False}


def test_findings_stand_in_the_order_of_steps(look):
    early = finding("clients-differ", image=REG, path="/x", detail="x")
    found = look(dict(LOGGED_IN, **{TAGS: answer(403)}), known(use(), findings=[early]))
    assert found.codes == ["clients-differ", "no-pull-permission"]


def test_each_login_is_tried(look):
    wrong = "Basic " + base64.b64encode(b"you:hunter2").decode("ascii")

    def rule(authorization, _query):
        return BASIC if authorization in ("", wrong) else answer(200)

    found = look({"GET /v2/": rule, TAGS: rule}, known(use(), use(b"you", "other key")))
    assert (found.steps, found.codes) == ("reach tls api key login! pull -", ["rejected-credentials"])
    assert "'other key'" in found.report["findings"][0]["message"]


# Uploads.


@pytest.mark.parametrize(
    ("status", "user", "code"),
    [
        (401, b"me", "no-push-permission"),
        (403, b"me", "no-push-permission"),
        (403, b"org+robot", "robot-without-repository"),
        (401, b"robot$project+x", "robot-without-repository"),
        (404, b"me", "namespace-missing"),
        (400, b"me", "repository-name-refused"),
        (405, b"me", "read-only"),
        (418, b"me", "upload-refused"),
        (200, b"me", "upload-refused"),
    ],
)
def test_an_upload_that_is_not_opened(look, status, user, code):
    found = look(dict(LOGGED_IN, **{UPLOADS: answer(status, code="X")}), known(use(user)), push=True)
    assert (found.steps, found.codes) == ("reach tls api key login pull push!", [code])
    assert REG in found.report["findings"][0]["message"]
    assert not any(request.startswith("DELETE") for request in found.web.requests())


@pytest.mark.parametrize("location", ["/v2/uploads/1?_state=a%3D", f"https://{REG}/v2/uploads/1?_state=a%3D"])
def test_an_upload_is_cancelled_where_it_is(look, location):
    found = look(dict(MAY_PUSH, **{UPLOADS: answer(202, f"Location: {location}")}), push=True)
    assert (found.steps, found.codes) == ("reach tls api key login pull push", [])
    assert found.web.asked[-1][1:3] == (CANCEL, "_state=a%3D")


@pytest.mark.parametrize(
    "location",
    [
        "https://other.example/v2/uploads/1",
        "https://mirror.example.com/v2/uploads/1",
        "//other.example/v2/uploads/1",
    ],
)
def test_an_upload_elsewhere_is_left_open(look, location):
    found = look(dict(MAY_PUSH, **{UPLOADS: answer(202, f"Location: {location}")}), push=True)
    assert (found.steps, found.codes) == ("reach tls api key login pull push", ["upload-left-open"])
    host, request, _query, authorization = found.web.asked[-1]
    assert request == "GET /v2/"
    assert host == ("other.example" if "other" in location else PEER.host)
    assert authorization == ""


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("", "to send it to nowhere: the answer has no Location"),
        ("https://[", "to send it to https://[: that is no URL"),
        ("https://mirror.example.com:99999999/", "that is no URL"),
        ("file:///v2/uploads/1", "to send it to file://: that is not TLS"),
        (
            "http://mirror.example.com:5000/v2/uploads/1",
            "to send it to http://mirror.example.com:5000: that is not TLS",
        ),
    ],
)
def test_an_upload_that_leads_nowhere(look, location, words):
    found = look(dict(MAY_PUSH, **{UPLOADS: answer(202, f"Location: {location}")}), push=True)
    assert (found.steps, found.codes) == ("reach tls api key login pull push!", ["upload-elsewhere"])
    assert words in found.report["findings"][0]["message"]
    assert found.web.requests()[-1] == UPLOADS


def test_a_location_that_repeats_the_password_does_not_show_it(look):
    """The fixture looks for the password in the whole report."""
    for location in ("https://[hunter2", "http://hunter2.example/v2/up/1"):
        found = look(dict(MAY_PUSH, **{UPLOADS: answer(202, f"Location: {location}")}), push=True)
        assert "********" in found.report["findings"][0]["message"]


def test_an_upload_at_a_host_that_does_not_answer(look):
    gone = RegistryError(finding("dns-failure", host="inner.invalid", detail="no such name"))
    found = look(
        {**MAY_PUSH, UPLOADS: answer(202, "Location: https://inner.invalid/v2/up/1"), "TOKEN": gone}, push=True
    )
    assert found.codes == ["upload-elsewhere"]
    assert "inner.invalid has no address: no such name" in found.report["findings"][0]["message"]


def test_a_relative_location_is_relative_to_what_was_asked(look):
    found = look(
        {**MAY_PUSH, UPLOADS: answer(202, "Location: 1-uuid"), f"DELETE {UPLOADS[5:]}1-uuid": answer(204)}, push=True
    )
    assert (found.steps, found.codes) == ("reach tls api key login pull push", [])


def test_uploads_only_want_a_login_that_nobody_asks_for(look):
    found = look({"GET /v2/": answer(200), TAGS: answer(200), UPLOADS: answer(401)}, push=True)
    assert found.codes == ["no-login-needed", "login-not-asked-for"]


@pytest.mark.parametrize(
    "refusal", [answer(403), answer(405), RegistryError(finding("server-error", peer=REG, detail="HTTP 500"))]
)
def test_an_upload_that_cannot_be_cancelled_is_a_note(look, refusal):
    found = look(dict(MAY_PUSH, **{CANCEL: refusal}), push=True)
    assert (found.steps, found.codes) == ("reach tls api key login pull push", ["upload-left-open"])
    assert found.report["findings"][0]["severity"] == "note"


def test_an_upload_is_cancelled_with_the_scope_that_the_registry_wants(look):
    rules = {
        "TOKEN": token(),
        "GET /v2/": for_login(BEARER),
        TAGS: needs(answer(200), "pull"),
        UPLOADS: needs(answer(202, "Location: /v2/uploads/1"), "pull", "push"),
        CANCEL: needs(answer(204), "delete"),
    }
    found = look(rules, push=True)
    assert (found.steps, found.codes) == ("reach tls api key login pull push", [])
    assert found.web.requests()[-2:] == [CANCEL, CANCEL]


# Tokens.

TOKENED = {"TOKEN": token(), "GET /v2/": for_login(BEARER), TAGS: for_login(BEARER)}


@pytest.mark.parametrize(
    ("rules", "options", "steps", "codes"),
    [
        pytest.param(TOKENED, {}, "reach tls api key login pull -", [], id="may pull"),
        pytest.param(
            dict(TOKENED, TOKEN=answer(401, code="UNAUTHORIZED")),
            {},
            "reach tls api key login! - -",
            ["rejected-credentials"],
            id="a wrong password",
        ),
        pytest.param(
            dict(TOKENED, **{"GET /v2/": BEARER}), {}, "reach tls api key login! - -", ["token-rejected"], id="rejected"
        ),
        pytest.param(
            dict(TOKENED, TOKEN=answer(200)), {}, "reach tls api key login! - -", ["token-broken"], id="no token"
        ),
        pytest.param(
            dict(TOKENED, TOKEN=RegistryError(finding("connection-refused", peer=TOKENS))),
            {},
            "reach tls api key login! - -",
            ["token-server-failed"],
            id="no token server",
        ),
        pytest.param(
            dict(TOKENED, TOKEN=lambda _sent, query: answer(403) if "scope" in query else token()("", query)),
            {"push": True},
            "reach tls api key login pull! push!",
            ["no-pull-permission", "no-push-permission"],
            id="no token for the repository",
        ),
        pytest.param(
            dict(
                TOKENED, **{"GET /v2/": answer(401, 'WWW-Authenticate: Bearer realm="http://token.example.com/auth"')}
            ),
            {"push": True},
            "reach tls api key - - -",
            ["token-server-plain-http"],
            id="a token server without TLS",
        ),
        pytest.param(
            dict(TOKENED, **{"GET /v2/": answer(401, 'WWW-Authenticate: Bearer realm="https://["')}),
            {},
            "reach tls api key login! - -",
            ["token-broken"],
            id="a realm that is no URL",
        ),
        pytest.param(
            TOKENED,
            {"credentials": known(findings=[finding("no-matching-key", clients="oc", image=REG, path="/x")])},
            "reach tls api - login pull -",
            ["no-login-needed"],
            id="everybody may pull",
        ),
        pytest.param(
            dict(TOKENED, **{TAGS: BEARER}),
            {"credentials": known(findings=[finding("no-matching-key", clients="oc", image=REG, path="/x")])},
            "reach tls api key! - - -",
            ["no-matching-key"],
            id="not everybody may pull",
        ),
    ],
)
def test_tokens(look, rules, options, steps, codes):
    found = look(rules, **options)
    assert (found.steps, found.codes) == (steps, codes)


def test_the_password_goes_to_the_token_server_and_the_token_to_the_registry(look):
    found = look(TOKENED)
    for host, _request, _query, authorization in found.web.asked:
        assert authorization.partition(" ")[0] == ("Basic" if host != PEER.host else "Bearer" if authorization else "")


# Clocks, proxies, trust.


@pytest.mark.parametrize(
    ("offset", "codes"),
    [(0, []), (-50, []), (50, []), (-7200, ["clock-skew"]), (7200, ["clock-skew"]), (10**9, ["clock-skew"])],
)
def test_clocks_are_compared(look, offset, codes):
    date = email.utils.formatdate(time.time() + offset, usegmt=True)
    found = look({"GET /v2/": answer(200, f"Date: {date}"), TAGS: answer(200)})
    assert [code for code in found.codes if code != "no-login-needed"] == codes
    assert found.steps == "reach tls api key login pull -"
    if codes:
        told = int(found.report["findings"][0]["message"].partition(" differ by ")[2].split()[0])
        assert abs(told - abs(offset)) < 60


PIECES = [
    "Mon",
    "Jan",
    "Feb",
    "1",
    "32",
    "0",
    "-1",
    "99999",
    "9" * 30,
    ":",
    "00:00:00",
    "25:61:61",
    "GMT",
    "+9999",
    "-9999",
]


@given(st.lists(st.sampled_from([*PIECES, ",", "", "\0", "\u0663", "+99999999999"]), max_size=9).map(" ".join))
@briefly
def test_any_date_is_one_or_none(date):
    made = _registry_probe._Check(Target(REG, PEER, "", False), known())
    _registry_probe._compare_clocks(made, answer(200, f"Date: {date}"))
    assert {each.code for each in made.findings} <= {"clock-skew"}


def test_a_proxy_is_told_without_its_password(look):
    environ = {"HTTPS_PROXY": "http://me:hunter2@proxy.example.com:3128"}
    found = look(LOGGED_IN, host=Host(Network(environ, 3), []))
    assert (found.steps, found.codes) == ("reach tls api key login pull -", ["proxy-used"])
    assert found.report["proxy"] == "http://proxy.example.com:3128"


def test_a_proxy_that_cannot_be_used_ends_it(look):
    found = look(LOGGED_IN, host=Host(Network({"HTTPS_PROXY": "ftp://me:hunter2@x"}, 3), []))
    assert (found.steps, found.codes) == ("reach! - - key - - -", ["proxy-unusable"])
    assert found.web.asked == []
    assert "evidence" not in found.report


REFUSED = RegistryError(finding("certificate-refused", peer=REG, detail="unable to get local issuer certificate"))


def trusting(der, rules):
    """Return what makes a Web that trusts the registry if this certificate is among the roots."""
    return lambda roots: Web(rules if der in roots else {"GET /v2/": REFUSED})


@pytest.mark.parametrize(
    ("host", "steps", "codes", "refused"),
    [
        pytest.param(Host(Network({}, 3), [b"ca"]), "reach tls api key login pull -", [], False, id="trusted"),
        pytest.param(
            Host(Network({}, 3), [b"x"]), "reach tls! - key - - -", ["certificate-refused"], True, id="not trusted"
        ),
        pytest.param(
            Host(Network({}, 3), [b"x"], [b"y"], "/etc/containers/certs.d/x"),
            "reach tls! - key - - -",
            ["certificate-refused"],
            True,
            id="not trusted by certs.d either",
        ),
        pytest.param(
            Host(Network({}, 3), [b"x"], [b"ca"], "/etc/containers/certs.d/x"),
            "reach tls! api key login pull -",
            ["certs-d-only"],
            False,
            id="trusted by certs.d",
        ),
        pytest.param(
            Host(Network({}, 3), [b"x"], [b"ca"], "/etc/containers/certs.d/x", "it is wrong"),
            "reach tls! - key - - -",
            ["certs-d-in-the-way", "certificate-refused"],
            True,
            id="trusted by certs.d, which is broken",
        ),
        pytest.param(
            Host(Network({}, 3), [b"ca"], [], "/etc/containers/certs.d/x", "it is wrong"),
            "reach tls! api key login pull -",
            ["certs-d-in-the-way"],
            False,
            id="trusted, but certs.d is broken",
        ),
    ],
)
def test_trust(look, host, steps, codes, refused):
    found = look({}, host=host, trust=trusting(b"ca", LOGGED_IN))
    assert (found.steps, found.codes) == (steps, codes)
    assert bool(found.report["evidence"]["refused"]) is refused
    assert (base64.b64encode(b"ca").decode("ascii") in found.report["evidence"]["anchors"]) is ("certs-d-only" in codes)


def certificate(issuer, subject):
    """Return what has an issuer and a subject where certificates have them; both one letter."""

    def element(tag, body):
        return bytes([tag, len(body)]) + body

    names = [element(0x30, name.encode("ascii")) for name in (issuer, subject)]
    inner = b"".join([element(2, b"1"), element(0x30, b""), names[0], element(0x30, b""), names[1], element(0x30, b"")])
    return element(0x30, element(0x30, inner))


def test_evidence_holds_the_anchors_that_the_chain_names_and_not_too_many(look):
    chain = [certificate("b", "a"), certificate("c", "b")]
    anchors = [certificate("c", "c"), certificate("x", "b")]
    roots = [certificate("x", "x"), *anchors, *[certificate("c", "c")[:-2] + bytes([0x30, 0])] * 50]
    evidence = look(LOGGED_IN, sent=chain, host=Host(Network({}, 3), roots)).report["evidence"]
    assert [base64.b64decode(each) for each in evidence["chain"]] == chain
    assert [base64.b64decode(each) for each in evidence["anchors"]][:2] == anchors
    assert len(evidence["anchors"]) == 10
