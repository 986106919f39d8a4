# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How clients log in to a registry: what it asks for, and the token that its token server gives."""

import base64
import re
from typing import Dict, List, NamedTuple, Optional
from urllib.parse import quote, urlencode, urlsplit

from ansible_collections.airgap.openshift.plugins.module_utils._auth_lookup import NO_LOGIN, Login
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import (
    API,
    REACH,
    TLS,
    Finding,
    RegistryError,
    finding,
)
from ansible_collections.airgap.openshift.plugins.module_utils._registry_http import Answer, Web, located, origin_of
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Peer, plain

__all__ = ("Challenge", "Client", "DeniedError", "challenges")

_PART = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*"?)+')
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9_.~+-]*)(?:\s+(.*))?\Z", re.DOTALL)
_PARAMETER = re.compile(r'^([A-Za-z0-9_-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"?|([^\s"]*))\Z', re.DOTALL)
_VISIBLE = re.compile(r"[\x21-\x7e]+\Z")
_DENIED = (401, 403)


class Challenge(NamedTuple):
    """A way to log in that a server offers (RFC 9110, 11.6.1); the scheme in lower case."""

    scheme: str
    parameters: Dict[str, str]


def challenges(headers: List[str]) -> List[Challenge]:
    """Return what WWW-Authenticate headers offer, in order; what is not to be understood is passed over.

    Of a header that offers several, containers/image reads the first (tried with skopeo 1.18).
    """
    return [challenge for header in headers for challenge in _offered(header)[:1]]


def _offered(header: str) -> List[Challenge]:
    found: List[Challenge] = []
    for part in (part.strip() for part in _PART.findall(header)):
        parameter = _PARAMETER.match(part)
        scheme = None if parameter else _SCHEME.match(part)
        if scheme:
            found.append(Challenge(scheme.group(1).lower(), {}))
            parameter = _PARAMETER.match(scheme.group(2) or "")
        if parameter and found:
            quoted, bare = parameter.group(2), parameter.group(3)
            value = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            found[-1].parameters[parameter.group(1).lower()] = value
    return found


class _Realm(NamedTuple):
    """Where tokens come from, and what messages call it: its URL without user, password and query."""

    shown: str
    server: Peer
    scheme: str
    path: str
    query: str


def _realm(url: str) -> _Realm:
    """Raises: RegistryError for what is no URL, and would break the request that it gets into."""
    shown = _shown(url)
    try:
        parts = urlsplit(url)
        server = origin_of(url, f"the token server {shown}")
    except ValueError:
        parts, server = urlsplit(""), Peer("", 0, "")
    if parts.scheme not in ("https", "http") or not _VISIBLE.match(url):
        raise RegistryError(finding("token-broken", realm=f"'{shown}'", detail="the registry names no URL"))
    return _Realm(shown, server, parts.scheme, parts.path or "/", parts.query)


def _shown(url: str) -> str:
    return plain(re.sub("//[^/]*@", "//", re.split("[?#]", url)[0]))


def _target(path: str, *queries: str) -> str:
    query = "&".join(filter(None, queries))
    return f"{path}?{query}" if query else path


class Elsewhere(NamedTuple):
    """Where clients are sent to, and why that does not work."""

    where: str
    why: str


class Client:
    """Asks a registry with one login, in the way that it asked for."""

    def __init__(self, web: Web, peer: Peer, offered: List[Challenge], login: Optional[Login]) -> None:
        self._web = web
        self._peer = peer
        self._login = login or NO_LOGIN
        self._challenge = next((each for each in offered if each.scheme in ("basic", "bearer")), None)
        self._tokens: Dict[str, str] = {}
        password = self._login.password.decode("utf-8", "replace")
        web.keep(password, quote(password), self._login.token, self._basic().partition(" ")[2])

    @property
    def realm(self) -> str:
        """Where tokens come from, for messages; empty where none are needed."""
        return _shown(self._realm_url)

    @property
    def _realm_url(self) -> str:
        is_token = self._challenge is not None and self._challenge.scheme == "bearer"
        return self._challenge.parameters.get("realm", "") if self._challenge and is_token else ""

    def ask(self, method: str, target: str, scope: str = "") -> Answer:
        """Return the answer to a request; ``scope`` is what a token has to allow (repository:NAME:ACTIONS).

        Raises: RegistryError where there is none.
        """
        headers = {"Authorization": self._authorization(scope)} if self._challenge else {}
        return self._web.ask(self._peer, method, target, headers, b"" if method == "POST" else None)

    def unusable(self, asked: str, location: str) -> Optional[Elsewhere]:
        """Say why clients cannot go on at a Location that leads to another server, which gets no credentials."""
        if not location:
            return Elsewhere("nowhere", "the answer has no Location")
        try:
            parts = located(self._peer, asked, location)
            where = self._web.plain(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
            if parts.scheme != "https":
                return Elsewhere(where, "that is not TLS")
            self._web.ask(origin_of(parts.geturl(), where), "GET", "/v2/")
        except ValueError:
            return Elsewhere(self._web.plain(location), "that is no URL")
        except RegistryError as exc:
            return Elsewhere(where, exc.finding.message)
        return None

    def _authorization(self, scope: str) -> str:
        if self._challenge and self._challenge.scheme == "basic":
            return self._basic()
        if scope not in self._tokens:
            self._tokens[scope] = self._token(scope)
        return f"Bearer {self._tokens[scope]}"

    def _basic(self) -> str:
        return "Basic " + base64.b64encode(self._login.user + b":" + self._login.password).decode("ascii")

    def _token(self, scope: str) -> str:
        realm = _realm(self._realm_url)
        if realm.scheme != "https":
            raise RegistryError(finding("token-server-plain-http", peer=self._peer.label, realm=realm.shown))
        try:
            answer = self._asked_for_token(realm, scope)
        except RegistryError as exc:
            raise RegistryError(self._of_token_server(exc.finding, realm.shown)) from None
        if answer.status in _DENIED:
            raise DeniedError(answer)
        token = answer.json().get("token") or answer.json().get("access_token")
        if answer.status != 200 or not isinstance(token, str) or not _VISIBLE.match(token):
            raise RegistryError(finding("token-broken", realm=realm.shown, detail=answer.said()))
        self._web.keep(token)
        return token

    def _asked_for_token(self, realm: _Realm, scope: str) -> Answer:
        service = self._challenge.parameters.get("service") if self._challenge else None
        wanted = [(name, value) for name, value in (("service", service), ("scope", scope)) if value]
        if self._login.token:
            wanted += [("grant_type", "refresh_token"), ("refresh_token", self._login.token)]
            form = urlencode([*wanted, ("client_id", "airgap.openshift")], errors="replace").encode("ascii")
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            return self._web.ask(realm.server, "POST", _target(realm.path, realm.query), headers, form)
        user = self._login.user
        query = urlencode([("account", user), *wanted] if user else wanted)
        headers = {"Authorization": self._basic()} if user and self._login.password else {}
        return self._web.ask(realm.server, "GET", _target(realm.path, realm.query, query), headers)

    def _of_token_server(self, found: Finding, realm: str) -> Finding:
        """Return what is wrong with the token server as something about the registry that names it."""
        if found.step not in (REACH, TLS, API):
            return found
        return finding(
            "token-server-failed", peer=self._peer.label, realm=realm, detail=found.message, advice=found.remedy
        )


class DeniedError(Exception):
    """The token server does not know the login, or not for this."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.said())
        self.answer = answer
