# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""The check of one registry, step by step, as a mirroring tool would go: reach, TLS, API, key, login, pull, push."""

import base64
import email.utils
import time
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import _pem, _registry_handshake, _registry_tls
from ansible_collections.airgap.openshift.plugins.module_utils._auth_lookup import NO_LOGIN
from ansible_collections.airgap.openshift.plugins.module_utils._registry_credentials import Credentials, Use
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import (
    API,
    CAUSES,
    FAILS,
    KEY,
    LOGIN,
    PULL,
    PUSH,
    REACH,
    STEPS,
    TELLS,
    TLS,
    WARNS,
    Finding,
    RegistryError,
    finding,
)
from ansible_collections.airgap.openshift.plugins.module_utils._registry_http import Answer, Web, own_target
from ansible_collections.airgap.openshift.plugins.module_utils._registry_login import Client, DeniedError, challenges
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Network, Peer, plain

__all__ = ("OWN_WORDS", "Host", "Target", "check")

OK, FAILED, SKIPPED = "ok", "failed", "skipped"
# A password that is part of them is no secret worth masking: the report could not be read any more.
OWN_WORDS = "\n".join((*STEPS, OK, FAILED, SKIPPED, FAILS, WARNS, TELLS, *CAUSES))
_DENIED = (401, 403)
_MOST_SKEW_SECONDS = 60
_MOST_ANCHORS = 10
# Found in the auth file, and of no account where a registry wants no login.
_ABOUT_NO_LOGIN = ("no-matching-key", "near-miss", "empty-entry")


class Target(NamedTuple):
    """A registry, the repository to ask for (may be empty), and whether an upload is to be tried there."""

    registry: str
    peer: Peer
    repository: str
    push: bool


class Host(NamedTuple):
    """What a check needs to know of this host: the way out, the CAs that Go trusts, and what certs.d adds to them."""

    network: Network
    roots: Sequence[bytes]
    more_roots: Sequence[bytes] = ()
    folder: str = ""
    flaw: str = ""


class _Check:
    """What was found about a registry so far."""

    def __init__(self, target: Target, known: Credentials) -> None:
        self.target = target
        self.known = known
        self.done = {KEY: FAILED if any(found.severity == FAILS for found in known.findings) else OK}
        self.findings = list(known.findings)
        self.evidence: Dict[str, Any] = {}
        self.proxy = ""
        self.version = ""

    def add(self, found: Finding) -> None:
        self.findings.append(found)
        if found.severity == FAILS:
            self.done[found.step] = FAILED

    def report(self) -> Dict[str, Any]:
        found: Dict[str, Any] = {
            "registry": self.target.registry,
            "repository": self.target.repository,
            "steps": {step: self.done.get(step, SKIPPED) for step in STEPS},
            "findings": [dict(each._asdict()) for each in sorted(self.findings, key=_order)],
            "proxy": self.proxy,
            "tls_version": self.version,
            "clients": self.known.clients,
        }
        return {**found, "evidence": self.evidence} if self.evidence else found


def _order(found: Finding) -> int:
    return STEPS.index(found.step)


def check(target: Target, host: Host, known: Credentials) -> Dict[str, Any]:
    """Return everything that can be found out about a registry, as plain values."""
    made = _Check(target, known)
    webs: List[Web] = []
    try:
        _look_at_certificates(made, host)
        _ask(made, _trusting(made, host, webs))
    except RegistryError as reason:
        made.add(reason.finding)
    finally:
        for web in webs:
            web.close()
    return made.report()


def _look_at_certificates(made: _Check, host: Host) -> None:
    peer = made.target.peer
    proxy = host.network.proxy(peer)
    if proxy is not None:
        made.proxy = proxy.url
    chain, whole = _registry_handshake.look_at(lambda: _reached(made, host), peer, host.network.seconds)
    names = {name for der in chain for name in (_pem.issuer(der), _pem.subject(der)) if name}
    anchors = [der for der in host.roots if _pem.subject(der) in names][:_MOST_ANCHORS]
    made.evidence = {
        "host": peer.host,
        "chain": _in_base64(chain),
        "anchors": _in_base64(anchors),
        "refused": "",
        "partial": not whole,
        "now": time.time(),
    }
    if proxy is not None:
        words = {"proxy": proxy.url, "variable": proxy.variable}
        made.add(finding("proxy-used", peer=peer.label, host=peer.host, **words))


def _reached(made: _Check, host: Host) -> Any:
    sock = host.network.connect(made.target.peer)
    made.done[REACH] = OK
    return sock


def _in_base64(ders: Sequence[bytes]) -> List[str]:
    return [base64.b64encode(der).decode("ascii") for der in ders]


def _trusting(made: _Check, host: Host, webs: List[Web]) -> Tuple[Web, Answer]:
    """Return what speaks to the registry over TLS that somebody trusts, and the answer to the first question.

    Raises: RegistryError where nobody trusts it.
    """
    peer = made.target.peer
    if host.flaw:
        made.add(finding("certs-d-in-the-way", detail=host.flaw, path=host.folder))
    try:
        return _first_answer(made, host, list(host.roots), webs)
    except RegistryError as reason:
        if reason.finding.code != "certificate-refused":
            raise
        made.evidence["refused"] = reason.finding.message
        if not host.more_roots or host.flaw:
            raise
        try:
            answered = _first_answer(made, host, [*host.roots, *host.more_roots], webs)
        except RegistryError:
            raise reason from None
        made.evidence["refused"] = ""
        made.evidence["anchors"] += _in_base64(host.more_roots)
        made.add(finding("certs-d-only", peer=peer.label, path=host.folder))
        return answered


def _first_answer(made: _Check, host: Host, trusted: Sequence[bytes], webs: List[Web]) -> Tuple[Web, Answer]:
    web = Web(host.network, _registry_tls.context(trusted))
    webs.append(web)
    answer = web.ask(made.target.peer, "GET", "/v2/")
    made.version = web.version
    return web, answer


def _ask(made: _Check, spoken: Tuple[Web, Answer]) -> None:
    web, answer = spoken
    peer = made.target.peer
    made.done.setdefault(TLS, OK)
    offered = challenges(answer.all_of("WWW-Authenticate"))
    _refuse_no_registry(peer, answer)
    made.done[API] = OK
    _compare_clocks(made, answer)
    if answer.status == 200 and not offered:
        _without_login(made, peer)
        _use_repository(made, Client(web, peer, [], None), Use(NO_LOGIN, "", ()))
        return
    if not any(each.scheme in ("basic", "bearer") for each in offered):
        detail = plain(", ".join(each.scheme for each in offered)) or "it names none"
        raise RegistryError(finding("login-unsupported", peer=peer.label, detail=detail))
    if not made.known.uses and not made.target.push:
        _anonymously(made, Client(web, peer, offered, None))
    for use in made.known.uses:
        client = Client(web, peer, offered, use.login)
        if _logs_in(made, client, use):
            _use_repository(made, client, use)


def _refuse_no_registry(peer: Peer, answer: Answer) -> None:
    """Raises: RegistryError for whoever does not answer at /v2/ as registries do (distribution specification)."""
    if answer.status == 401:
        return
    kind = answer.header("Content-Type").partition(";")[0].strip().lower()
    if answer.status != 200:
        raise RegistryError(finding("not-a-registry", peer=peer.label, detail=f"{answer.said()} at /v2/"))
    speaks = answer.header("Docker-Distribution-Api-Version")
    if kind == "text/html" or (answer.body[:1] == b"<" and not speaks):
        raise RegistryError(finding("not-a-registry", peer=peer.label, detail="it shows a web page at /v2/"))


def _compare_clocks(made: _Check, answer: Answer) -> None:
    try:
        theirs = email.utils.parsedate_to_datetime(answer.header("Date")).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return
    skew = int(abs(theirs - time.time()))
    if skew > _MOST_SKEW_SECONDS:
        made.add(finding("clock-skew", peer=made.target.peer.label, seconds=skew))


def _anonymously(made: _Check, client: Client) -> None:
    """Where everybody may pull, which the token server tells, nobody needs credentials for that."""
    use = Use(NO_LOGIN, "", ())
    if client.realm and made.target.repository and _may_not_pull(made.target, client, use) is None:
        _without_login(made, made.target.peer)
        made.done[PULL] = OK


def _without_login(made: _Check, peer: Peer) -> None:
    made.findings = [found for found in made.findings if found.code not in _ABOUT_NO_LOGIN]
    if not any(found.severity == FAILS for found in made.findings if found.step == KEY):
        made.done[KEY] = OK if made.known.uses else SKIPPED
    made.add(finding("no-login-needed", peer=peer.label))
    made.done[LOGIN] = OK


def _logs_in(made: _Check, client: Client, use: Use) -> bool:
    peer = made.target.peer
    try:
        answer = client.ask("GET", "/v2/")
    except DeniedError as exc:
        made.add(finding("rejected-credentials", peer=peer.label, key=use.key, detail=f" ({exc})"))
        return False
    except RegistryError as reason:
        if reason.finding.code == "token-server-plain-http":
            made.add(reason.finding)
            return False
        raise
    if answer.status in _DENIED:
        code = "token-rejected" if client.realm else "rejected-credentials"
        words = {"realm": client.realm} if client.realm else {"key": use.key, "detail": f" ({answer.said()})"}
        made.add(finding(code, peer=peer.label, **words))
        return False
    if answer.status != 200:
        raise RegistryError(finding("broken-answer", peer=peer.label, detail=answer.said()))
    made.done.setdefault(LOGIN, OK)
    return True


def _use_repository(made: _Check, client: Client, use: Use) -> None:
    """Ask for the tags of the repository and, if that is asked for, open an upload there and cancel it."""
    target = made.target
    if not target.repository:
        return
    denied = _may_not_pull(target, client, use)
    if target.push:
        refused = _may_not_push(made, client, use)
        if refused is not None:
            made.add(refused)
        else:
            made.done.setdefault(PUSH, OK)
            # Some registries deny to read what is not there yet.
            denied = None
    if denied is not None:
        made.add(denied)
    else:
        made.done.setdefault(PULL, OK)


def _scope(repository: str, actions: str) -> str:
    return f"repository:{repository}:{actions}"


def _denied(code: str, target: Target, use: Use) -> Finding:
    words = {"peer": target.peer.label, "repository": target.repository}
    if use.login == NO_LOGIN:
        return finding("login-not-asked-for", what="pull" if code == "no-pull-permission" else "push to", **words)
    return finding(code, key=use.key, **words)


def _may_not_pull(target: Target, client: Client, use: Use) -> Optional[Finding]:
    try:
        answer = client.ask("GET", f"/v2/{target.repository}/tags/list?n=1", _scope(target.repository, "pull"))
    except DeniedError:
        return _denied("no-pull-permission", target, use)
    if answer.status in _DENIED:
        return _denied("no-pull-permission", target, use)
    if answer.status in (200, 404):
        return None  # A repository that is not there yet is made by the first push.
    return finding("broken-answer", peer=target.peer.label, detail=f"{answer.said()} for {target.repository}")


def _may_not_push(made: _Check, client: Client, use: Use) -> Optional[Finding]:
    target = made.target
    path = f"/v2/{target.repository}/blobs/uploads/"
    try:
        answer = client.ask("POST", path, _scope(target.repository, "pull,push"))
    except DeniedError as exc:
        answer = exc.answer
    if answer.status in (201, 202):
        return _uploaded(made, client, path, answer.header("Location"))
    words = {"peer": target.peer.label, "repository": target.repository}
    if answer.status in _DENIED:
        return _denied("robot-without-repository" if _is_robot(use) else "no-push-permission", target, use)
    codes = {404: "namespace-missing", 400: "repository-name-refused", 405: "read-only"}
    return finding(codes.get(answer.status, "upload-refused"), detail=answer.said(), **words)


def _is_robot(use: Use) -> bool:
    """Say whether the account is a robot's, by its name: ``organization+name`` in Quay, ``robot$name`` in Harbor."""
    return b"+" in use.login.user or use.login.user.startswith(b"robot$")


def _uploaded(made: _Check, client: Client, asked: str, location: str) -> Optional[Finding]:
    """Cancel an upload that was opened, and say where clients could not go on with it."""
    target = made.target
    own = own_target(target.peer, asked, location) if location else ""
    if own:
        problem = _not_cancelled(target, client, own)
    else:
        elsewhere = client.unusable(asked, location)
        if elsewhere:
            return finding("upload-elsewhere", peer=target.peer.label, where=elsewhere.where, detail=elsewhere.why)
        problem = "it is at another host"
    if problem:
        made.add(finding("upload-left-open", repository=target.repository, detail=problem))
    return None


def _not_cancelled(target: Target, client: Client, path: str) -> str:
    """End an upload. The distribution registry wants a token for "delete" for that, others know no such action."""
    detail = ""
    for actions in ("pull,push", "pull,push,delete"):
        try:
            answer = client.ask("DELETE", path, _scope(target.repository, actions))
        except (DeniedError, RegistryError) as exc:
            detail = str(exc)
            continue
        if answer.status < 300:
            return ""
        detail = answer.said()
        if answer.status not in _DENIED:
            break
    return detail
