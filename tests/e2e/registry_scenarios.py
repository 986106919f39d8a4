# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be wrong with a registry, as data: servers, proxies, auth files, and what is expected of each set-up."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

DOMAIN = "lab.test"
PORT, HTTPS = 5000, 443
PORTS = {"sshd": 22, "default-port": HTTPS}  # where it is another one
REPOSITORY = "ocp4/hello"
PASSWORD = "s3cret"
# Of the registries with tokens. Those with htpasswd know `mirror` alone.
USERS: dict[str, dict[str, list[str]]] = {
    "mirror": {"*": ["pull", "push", "delete"]},
    "pusher": {"*": ["pull", "push"]},
    "reader": {"*": ["pull"]},
    "stranger": {},
    "ocp4+robot": {REPOSITORY: ["pull"], "ocp4/own": ["pull", "push"]},
}
NOWHERE = "no address"
BASIC = 'Basic realm="double"'
HTML = "<!DOCTYPE html><html><body>Please log in.</body></html>"
JSON = {"Content-Type": "application/json"}
OCI = "application/vnd.oci.image"


class Server(NamedTuple):
    """A docker-registry, unless `double` (services/double.py) or `address` say otherwise; each has its own address."""

    certificate: str = "good"  # a kind of registry_certificates.py, or nothing: plain HTTP
    login: str = "basic"  # or nothing, or the URL of a token server
    user: str = "mirror"  # whose password auth files have for it
    read_only: bool = False
    mutual: bool = False  # clients have to show a certificate
    double: Mapping[str, Any] | None = None
    address: str = ""  # nobody listens there that a test has started


class TokenServer(NamedTuple):
    """A services/token.py."""

    certificate: str = "good"
    signer: str = "signer"
    anonymous: tuple[str, ...] = ()  # what everybody may do


class Scenario(NamedTuple):
    """A set-up, and what is expected of it."""

    name: str
    broken: str  # in words
    codes: tuple[str, ...]  # of the findings
    server: str
    auth: str = "right"
    environment: str = "no proxy"
    push: bool = False
    ok: bool = False
    # The documented disagreements: why skopeo manages what the module calls wrong.
    skopeo_manages: str = ""
    # What skopeo says where it is not what the table of findings says of this code.
    seen: str = ""
    slow: bool = False  # skopeo waits for half a minute

    @property
    def registry(self) -> str:
        """As the module is given it."""
        return registry(self.server)


def host(server: str) -> str:
    """The name of a server, which may be an address."""
    return server if server[0].isdigit() else f"{server}.{DOMAIN}"


def registry(server: str) -> str:
    """As images have it."""
    port = PORTS.get(server, PORT)
    return host(server) if port == HTTPS else f"{host(server)}:{port}"


def token_server(name: str, scheme: str = "https") -> str:
    """The URL that a registry sends clients to."""
    return f"{scheme}://{host(name)}:{PORT}/token"


def answering(*answers: tuple[str, int, dict[str, str], str], login: str = BASIC, **more: Any) -> Server:
    """A double that lets everybody in who has a login, and then gives these answers."""
    let_in = ("GET /v2/ ", 200, JSON, "{}")
    return Server(double={"answers": [*answers, let_in], "login": login, **more})


def breaking(deed: str, certificate: str = "") -> Server:
    """A double that does something else than TLS or, if it has a certificate, than HTTP."""
    return Server(certificate, double={"deed": deed})


def error(code: str, message: str) -> str:
    """As the distribution specification has it."""
    return json.dumps({"errors": [{"code": code, "message": message}]})


_CONFIG = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}})
_DIGEST = f"sha256:{hashlib.sha256(_CONFIG.encode()).hexdigest()}"
_MANIFEST = {
    "schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json", "layers": [],
    "config": {"mediaType": f"{OCI}.config.v1+json", "digest": _DIGEST, "size": len(_CONFIG)},
}  # fmt: skip
_PULL = (
    ("GET /v2/ocp4/hello/manifests/", 200, {"Content-Type": f"{OCI}.manifest.v1+json"}, json.dumps(_MANIFEST)),
    ("GET /v2/ocp4/hello/blobs/", 200, {"Content-Type": "application/octet-stream"}, _CONFIG),
)
_POST = "POST /v2/ocp4/hello/blobs/uploads/"
_EVERYTHING = ""
_TOKENS = token_server("tokens")

SERVERS: dict[str, Server] = {
    "good": Server(),
    "default-port": Server(),
    "tokens-good": Server(login=_TOKENS),
    "pusher": Server(login=_TOKENS, user="pusher"),
    "reader": Server(login=_TOKENS, user="reader"),
    "stranger": Server(login=_TOKENS, user="stranger"),
    "robot": Server(login=_TOKENS, user="ocp4+robot"),
    "open": Server(login=""),
    "public": Server(login=token_server("tokens-public")),
    "read-only": Server(read_only=True),
    # The way there.
    "nowhere": Server(address=NOWHERE),
    "closed": Server(address="127.0.0.99"),
    "dropped": Server(address="10.77.250.1"),
    "unrouted": Server(address="10.99.0.1"),
    "sshd": Server(address="127.0.0.1"),
    "closing": breaking("closes"),
    "resetting": breaking("resets"),
    "hanging": breaking("hangs"),
    "silent": breaking("listens", "good"),
    # TLS.
    "plain": Server(certificate=""),
    "old-tls": answering(tls={"maximum": "TLSv1_1", "ciphers": "ALL:@SECLEVEL=0"}),
    "old-ciphers": answering(tls={"maximum": "TLSv1_2", "ciphers": "AES256-GCM-SHA384"})._replace(certificate="RSA"),
    "mutual": Server(mutual=True),
    "short": Server("RSA-1024"),
    "127.0.2.1": Server(),
    "127.0.2.2": Server("for another host"),
    "intermediate": Server("by an intermediate"),
    "anchor": Server("by a trusted intermediate"),
    "wildcard": Server("for every host"),
    "selfmade-ca": Server("its own CA, trusted"),
    "unknown": Server("by an unknown CA"),
    "unknown-sent": Server("by an unknown CA, sent along"),
    "unknown-given": Server("by a CA that is kept"),
    "renewed": Server("by a renewed CA"),
    "self-signed": Server("self-signed"),
    "incomplete": Server("by an intermediate that is not sent"),
    "other-name": Server("for another host"),
    "common-name": Server("without a SAN"),
    "expired": Server("expired"),
    "expired-issuer": Server("by an intermediate that expired"),
    "expiring": Server("expires soon"),
    "early": Server("not yet valid"),
    "sha1": Server("signed with SHA-1"),
    "client": Server("for clients"),
    "by-a-server": Server("by a server"),
    "constrained": Server("by a CA of other hosts"),
    "unknown-curve": answering(*_PULL)._replace(certificate="on an unknown curve"),
    "certs-d": Server("by an unknown CA"),
    "certs-d-broken": Server(),
    # What a registry answers.
    "nothing-there": answering(("GET /v2/", 404, {}, HTML), login=""),
    "portal": answering((_EVERYTHING, 200, {"Content-Type": "text/html"}, HTML), login=""),
    "moved": answering(("GET ", 307, {"Location": f"https://{registry('good')}"}, "")),
    "moved-openly": answering(("GET ", 307, {"Location": f"https://{registry('open')}"}, ""), login=""),
    "failing": answering(("GET /v2/", 500, {}, "internal error"), login=""),
    "unavailable": answering(("GET /v2/", 503, {}, "maintenance"), login=""),
    "limited-at-all": answering(("GET /v2/", 429, {"Retry-After": "1"}, ""), login=""),
    "limited": answering(
        ("GET /v2/ocp4/", 429, {"Retry-After": "1", **JSON}, error("TOOMANYREQUESTS", "slow down")),
    ),
    "garbage": Server(double={"first": "220 mail.lab.test ESMTP\r\n"}),
    "unclear": answering((_EVERYTHING, 401, {}, ""), login=""),
    "ahead": answering(*_PULL, clock=7200),
    # Login.
    "negotiate-first": answering(*_PULL, login='Negotiate, Basic realm="double"'),
    "negotiate": answering((_EVERYTHING, 401, {"WWW-Authenticate": "Negotiate"}, ""), login="Negotiate"),
    "token-down": Server(login=token_server("closed")),
    "token-unknown": Server(login=token_server("tokens-unknown")),
    "token-failing": Server(login=token_server("tokens-failing")),
    "token-plain": Server(login=token_server("tokens-plain", "http")),
    "token-nothing": Server(login=token_server("tokens-nothing")),
    "token-forged": Server(login=token_server("tokens-forged")),
    "tokens-failing": Server(double={"answers": [("GET /token", 500, {}, "database is locked")]}),
    "tokens-nothing": Server(double={"answers": [("GET /token", 200, JSON, "{}")]}),
    # Pushing.
    "denies-push": answering((_POST, 403, JSON, error("DENIED", "requested access to the resource is denied"))),
    "late": answering((_POST, 401, JSON, error("UNAUTHORIZED", "authentication required")), login=""),
    "http-upload": answering((_POST, 202, {"Location": "http://http-upload.lab.test:5000/v2/up/1"}, "")),
    "inner-upload": answering((_POST, 202, {"Location": "https://inner.invalid:8443/v2/up/1"}, "")),
    "any-purpose": Server("for any purpose"),
    "no-project": answering((_POST, 404, JSON, error("NAME_UNKNOWN", "repository name not known to registry"))),
    "deep-name": answering((_POST, 400, JSON, error("NAME_INVALID", "invalid repository name"))),
    "full": answering((_POST, 412, JSON, error("DENIED", "adding 5 MiB would exceed the quota of the project"))),
}
TOKEN_SERVERS = {
    "tokens": TokenServer(),
    "tokens-unknown": TokenServer("by an unknown CA"),
    "tokens-plain": TokenServer(certificate=""),
    "tokens-forged": TokenServer(signer="forger"),
    "tokens-public": TokenServer(anonymous=("pull",)),
}

PROXY_PORT = 3128
# Lines of tinyproxy's configuration.
PROXIES = {
    "proxy": "",
    "proxy-denying": "ConnectPort 443",
    "proxy-asking": f"BasicAuth mirror {PASSWORD}",
}


def proxy(name: str, login: str = "") -> str:
    """Its URL."""
    return f"http://{login}{host(name)}:{PROXY_PORT}"


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "no proxy": {},
    "proxy": {"HTTPS_PROXY": proxy("proxy")},
    "proxy denies": {"https_proxy": proxy("proxy-denying")},
    "proxy asks": {"HTTPS_PROXY": proxy("proxy-asking")},
    "asked": {"HTTPS_PROXY": proxy("proxy-asking", f"mirror:{PASSWORD}@")},
    "proxy is down": {"HTTPS_PROXY": proxy("closed")},
    "no URL": {"HTTPS_PROXY": "http://proxy.lab.test:31x28"},
    "excepted": {"HTTPS_PROXY": proxy("closed"), "NO_PROXY": f"localhost,.{DOMAIN}"},
}


def login(user: str, password: str = PASSWORD) -> dict[str, str]:
    """An entry of an auth file."""
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def entries(entries: Mapping[str, Any], **more: Any) -> str:
    """An auth file."""
    return json.dumps({"auths": entries, **more})


GOOD = registry("good")
RIGHT = {registry(name): login(server.user) for name, server in SERVERS.items()}
AUTH_FILES: dict[str, str | None] = {
    "right": entries(RIGHT),
    "wrong password": entries({key: login("mirror", "wrong") for key in RIGHT}),
    "missing": None,
    "no JSON": entries(RIGHT)[:-1],
    "text elsewhere": entries({**RIGHT, "elsewhere.test": "mirror:s3cret"}),
    "no colon elsewhere": entries({**RIGHT, "elsewhere.test": {"auth": base64.b64encode(b"mirror").decode()}}),
    "elsewhere": entries({"elsewhere.test": login("mirror")}),
    "trailing slash": entries({f"{GOOD}/": login("mirror")}),
    "other port": entries({f"{host('good')}:8443": login("mirror")}),
    "other namespace": entries({f"{GOOD}/ocp5": login("mirror")}),
    "upper case": entries({GOOD.upper(): login("mirror")}),
    "empty": entries({GOOD: {}}),
    "empty namespace": entries({GOOD: login("mirror"), f"{GOOD}/ocp4": {}}),
    "no base64": entries({GOOD: {"auth": "%%%"}}),
    "helper": entries({GOOD: login("mirror", "wrong")}, credHelpers={GOOD: "lab"}),
    "two logins": entries({GOOD: login("mirror"), f"{GOOD}/ocp4": login("second")}),
    "two logins, one wrong": entries({GOOD: login("mirror", "wrong"), f"{GOOD}/ocp4": login("mirror")}),
}
HELPER = ("second", PASSWORD)  # what docker-credential-lab answers
HTPASSWD = ("mirror", "second")

_ONLY_PODMAN = "podman and skopeo read certs.d; oc and the catalog step of oc-mirror do not"
_ONLY_OTHERS = "podman and skopeo read what docker, oc and oc-mirror's catalog step refuse"

SCENARIOS = (
    Scenario("good", "nothing, with Basic authentication", (), "good", push=True, ok=True),
    Scenario("good-default-port", "nothing, on the port of HTTPS", (), "default-port", push=True, ok=True),
    Scenario("good-tokens", "nothing, with tokens", (), "tokens-good", push=True, ok=True),
    Scenario("good-intermediate", "nothing, with an intermediate CA", (), "intermediate", ok=True),
    Scenario("good-anchor", "nothing: of the chain, an intermediate alone is trusted", (), "anchor", ok=True),
    Scenario("good-wildcard", "nothing, with a certificate for *.lab.test", (), "wildcard", ok=True),
    Scenario("good-selfmade-ca", "nothing: a CA's certificate as the server's own", (), "selfmade-ca", ok=True),
    Scenario("good-address", "nothing, with an address in place of a name", (), "127.0.2.1", ok=True),
    Scenario("no-login-needed", "a registry without login", ("no-login-needed",), "open", ok=True),
    Scenario("good-short-key", "nothing: 1024 bits are enough for Go", (), "short", ok=True),
    # The way to the registry.
    Scenario("dns-failure", "a name without address", ("dns-failure",), "nowhere"),
    Scenario("connection-refused", "a port on which nothing listens", ("connection-refused",), "closed"),
    Scenario("connection-timeout", "packets are dropped on the way", ("connection-timeout",), "dropped", slow=True),
    Scenario(
        "handshake-timeout", "a port that accepts and says nothing", ("connection-timeout",), "hanging",
        seen="net/http: TLS handshake timeout", slow=True,
    ),
    Scenario(
        "answer-timeout", "a server that takes requests and never answers", ("connection-timeout",), "silent",
        seen="context deadline exceeded", slow=True,
    ),
    Scenario("no-route", "a network that this host has no route to", ("no-route",), "unrouted"),
    Scenario("connection-lost", "a server that closes the connection", ("connection-lost",), "closing"),
    Scenario(
        "connection-reset", "a server that resets the connection", ("connection-lost",), "resetting",
        seen="connection reset by peer",
    ),
    # Proxies.
    Scenario("proxy-used", "nothing, by a proxy", ("proxy-used",), "good", environment="proxy", ok=True),
    Scenario("proxy-told", "nothing, by a proxy with login", ("proxy-used",), "good", environment="asked", ok=True),
    Scenario("proxy-excepted", "nothing: NO_PROXY names the registry", (), "good", environment="excepted", ok=True),
    Scenario(
        "proxy-denied", "a proxy that denies this port", ("proxy-denied",), "good", environment="proxy denies",
        seen="Access violation",
    ),
    Scenario("proxy-login", "a proxy that asks for a login", ("proxy-login",), "good", environment="proxy asks"),
    Scenario("proxy-unreachable", "a proxy that is down", ("proxy-unreachable",), "good", environment="proxy is down"),
    Scenario("proxy-unusable", "HTTPS_PROXY is no URL", ("proxy-unusable",), "good", environment="no URL"),
    # TLS.
    Scenario("plain-http", "a registry without TLS", ("plain-http",), "plain"),
    Scenario("not-tls", "the port of sshd", ("not-tls",), "sshd"),
    Scenario("tls-too-old", "TLS 1.1 at most", ("tls-too-old",), "old-tls"),
    Scenario("tls-refused", "TLS 1.2 without ECDHE", ("tls-refused",), "old-ciphers"),
    Scenario(
        "mutual-tls", "clients need certificates of their own", ("client-certificate-wanted",), "mutual",
    ),
    Scenario("unknown-issuer", "a CA that this host does not trust", ("unknown-issuer",), "unknown"),
    Scenario("unknown-issuer-sent", "the same, and the CA is sent along", ("unknown-issuer",), "unknown-sent"),
    Scenario("unknown-issuer-given", "a CA that is only at hand", ("unknown-issuer",), "unknown-given"),
    Scenario("other-ca-of-the-name", "a CA that was renewed with a new key", ("other-ca-of-the-name",), "renewed"),
    Scenario("self-signed", "a self-signed certificate", ("self-signed",), "self-signed"),
    Scenario("incomplete-chain", "the intermediate CA is not sent", ("incomplete-chain",), "incomplete"),
    Scenario("wrong-host-name", "a certificate for another host", ("wrong-host-name",), "other-name"),
    Scenario(
        "wrong-address", "an address that the certificate does not name", ("wrong-host-name",), "127.0.2.2",
        seen="x509: certificate is valid for 10.77.0.9, not 127.0.2.2",
    ),
    Scenario("common-name", "a name in the Common Name only", ("no-subject-alternative-name",), "common-name"),
    Scenario("expired", "a certificate that expired yesterday", ("expired",), "expired"),
    Scenario("expired-issuer", "an intermediate CA that expired yesterday", ("expired",), "expired-issuer"),
    Scenario("expires-soon", "a certificate that expires in three days", ("expires-soon",), "expiring", ok=True),
    Scenario("not-yet-valid", "a certificate that is valid from tomorrow on", ("not-yet-valid",), "early"),
    Scenario("weak-signature", "a certificate signed with SHA-1", ("weak-signature",), "sha1"),
    Scenario("not-for-servers", "a certificate for clients", ("not-for-servers",), "client"),
    Scenario(
        "not-a-ca", "a certificate signed by another server", ("not-for-servers",), "by-a-server",
        seen="x509: certificate signed by unknown authority",
    ),
    Scenario(
        "certificate-refused", "a CA that may not sign for this name", ("certificate-refused",), "constrained",
        seen="x509: a root or intermediate certificate is not authorized to sign for this name",
    ),
    Scenario(
        "unknown-curve", "a key on a curve that Go does not have", ("certificate-refused",), "unknown-curve",
        seen="remote error: tls: handshake failure",
    ),
    Scenario("certs-d-only", "the CA is in certs.d only", ("certs-d-only",), "certs-d", skopeo_manages=_ONLY_PODMAN),
    Scenario(
        "certs-d-in-the-way", "certs.d lacks a key", ("certs-d-in-the-way",), "certs-d-broken",
        seen="missing key client.key for client certificate client.cert",
    ),
    # What a registry answers.
    Scenario(
        "not-a-registry", "404 at /v2/", ("not-a-registry",), "nothing-there",
        seen="StatusCode: 404",
    ),
    Scenario(
        "portal", "a web page for everything", ("not-a-registry",), "portal",
        seen="invalid character '<' looking for beginning of value",
    ),
    Scenario("redirected", "a redirect to another host", ("redirected",), "moved"),
    Scenario(
        "redirected-openly", "a redirect to another host that wants no login", ("redirected",), "moved-openly",
        skopeo_manages="credentials would not follow, but there none are needed",
    ),
    Scenario("server-error", "500 at /v2/", ("server-error",), "failing"),
    Scenario("unavailable", "503 at /v2/", ("server-error",), "unavailable"),
    Scenario("rate-limited", "429 for images", ("rate-limited",), "limited"),
    Scenario(
        "rate-limited-at-all", "429 for everything", ("rate-limited",), "limited-at-all",
        seen="StatusCode: 429",
    ),
    Scenario("broken-answer", "something else than HTTP, over TLS", ("broken-answer",), "garbage"),
    Scenario("unclear", "401 without a word of how to log in", ("login-unsupported",), "unclear"),
    Scenario("clock-skew", "a registry whose clock is two hours ahead", ("clock-skew",), "ahead", ok=True),
    # The auth file.
    Scenario("auth-file-missing", "no auth file", ("auth-file-missing",), "good", "missing"),
    Scenario("auth-file-unreadable", "an auth file cut off", ("auth-file-unreadable",), "good", "no JSON"),
    Scenario("auth-file-refused", "a text for an entry", ("auth-file-refused",), "good", "text elsewhere"),
    Scenario(
        "auth-file-refused-by-some", "an entry elsewhere without colon", ("auth-file-refused",), "good",
        "no colon elsewhere", skopeo_manages=_ONLY_OTHERS,
    ),
    Scenario("no-matching-key", "no entry for the registry", ("no-matching-key",), "good", "elsewhere"),
    Scenario(
        "anonymous-pull", "no entry for a registry that lets everybody pull", ("no-login-needed",), "public",
        "elsewhere", ok=True,
    ),
    Scenario("near-miss", "a key with a trailing slash", ("near-miss",), "good", "trailing slash"),
    Scenario("near-miss-port", "a key with another port", ("near-miss",), "good", "other port"),
    Scenario("near-miss-namespace", "a key with another namespace", ("near-miss",), "good", "other namespace"),
    Scenario("near-miss-case", "a key in upper case", ("near-miss",), "good", "upper case"),
    Scenario("empty-entry", "an entry without credentials", ("empty-entry",), "good", "empty"),
    Scenario("empty-namespace", "an empty entry before a good one", ("empty-entry",), "good", "empty namespace"),
    Scenario(
        "unreadable-entry", "an entry that is no base64", ("unreadable-entry", "auth-file-refused"), "good",
        "no base64",
    ),
    Scenario("credential-helper", "a credential helper", ("credential-helper",), "good", "helper", ok=True),
    Scenario(
        "clients-differ-in-vain", "two logins for one image, of which one is wrong",
        ("clients-differ", "rejected-credentials"), "good", "two logins, one wrong",
        skopeo_manages="podman and skopeo take the right one, the others the wrong one",
    ),
    Scenario("clients-differ", "two logins for one image", ("clients-differ",), "good", "two logins", ok=True),
    # Login and permissions.
    Scenario("rejected-credentials", "a wrong password", ("rejected-credentials",), "good", "wrong password"),
    Scenario(
        "rejected-by-tokens", "a wrong password", ("rejected-credentials",), "tokens-good", "wrong password",
        seen="unable to retrieve auth token: invalid username/password: unauthorized",
    ),
    Scenario(
        "challenges-in-one-line", "Kerberos and Basic in one header, of which clients read the beginning",
        ("login-unsupported",), "negotiate-first",
        seen="None of the challenges sent by server (negotiate) are supported",
    ),
    Scenario("login-unsupported", "a login by Kerberos", ("login-unsupported",), "negotiate"),
    Scenario(
        "token-server-failed", "the token server is down", ("token-server-failed",), "token-down",
        seen="connect: connection refused",
    ),
    Scenario(
        "token-server-unknown", "the token server has another CA", ("token-server-failed",), "token-unknown",
        seen="x509: certificate signed by unknown authority",
    ),
    Scenario(
        "token-server-error", "the token server answers 500", ("token-server-failed",), "token-failing",
        seen="Requesting bearer token: invalid status code from registry 500",
    ),
    Scenario(
        "token-server-plain-http", "a token server without TLS", ("token-server-plain-http",), "token-plain", ok=True,
    ),
    Scenario("token-broken", "a token server that gives no token", ("token-broken",), "token-nothing"),
    Scenario("token-rejected", "a token that the registry does not know", ("token-rejected",), "token-forged"),
    Scenario("no-pull-permission", "an account that may nothing", ("no-pull-permission",), "stranger"),
    Scenario("no-push-permission", "an account that may only read", ("no-push-permission",), "reader", push=True),
    Scenario("denies-push", "403 for an upload", ("no-push-permission",), "denies-push", push=True),
    Scenario(
        "login-not-asked-for", "a login for uploads only", ("no-login-needed", "login-not-asked-for"), "late",
        push=True,
    ),
    Scenario(
        "upload-elsewhere", "a TLS proxy before the registry that does not say so", ("upload-elsewhere",),
        "http-upload", push=True, seen="Patch ",
    ),
    Scenario(
        "upload-at-an-inner-name", "a registry that knows its inner name only", ("upload-elsewhere",), "inner-upload",
        push=True, seen="no such host",
    ),
    Scenario(
        "certificate-not-judged", "a certificate for any purpose", ("certificate-not-judged",), "any-purpose", ok=True,
    ),
    Scenario("robot", "a robot account of another repository", ("robot-without-repository",), "robot", push=True),
    Scenario("namespace-missing", "a project that does not exist", ("namespace-missing",), "no-project", push=True),
    Scenario("repository-name-refused", "400 for the name", ("repository-name-refused",), "deep-name", push=True),
    Scenario(
        "read-only", "a registry in read-only mode", ("read-only",), "read-only", push=True,
        seen="StatusCode: 405",
    ),
    Scenario(
        "upload-refused", "a full project", ("upload-refused",), "full", push=True,
        seen="denied: adding 5 MiB would exceed the quota of the project",
    ),
    Scenario("upload-left-open", "an account that may not delete", ("upload-left-open",), "pusher", push=True, ok=True),
)  # fmt: skip
