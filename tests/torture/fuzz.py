# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What reads hostile bytes, each as a function of them; as a program (fuzz.py TARGET ...) it has atheris find bytes.

A target raises nothing but AssertionError, and that where a promise is broken: an error other than the documented one,
a message that cannot be printed or that quotes a secret, a file that cannot be read again.
"""

from __future__ import annotations

import base64
import datetime
import json
import re
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple
from unittest import mock
from urllib.parse import urlsplit

from ansible_collections.airgap.openshift.plugins.module_utils import (
    _auth_file,
    _auth_key,
    _auth_lookup,
    _auth_record,
    _auth_reset,
    _auth_text,
    _cluster_secret,
    _pem,
    _registry_credentials,
    _registry_handshake,
    _registry_http,
    _registry_login,
    _registry_probe,
    _registry_tls,
    _trust_store,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_places import Other
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._cluster_secret import Address, ClusterSecretError
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Network, Peer
from ansible_collections.airgap.openshift.plugins.module_utils._registry_probe import Host
from ansible_collections.airgap.openshift.plugins.module_utils._registry_probe import Target as Asked
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import TrustStoreError
from ansible_collections.airgap.openshift.plugins.plugin_utils import (
    _certificate_files,
    _certificates,
    _registry_chain,
)
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import CertificateError

Target = Callable[[bytes], None]

PEER = Peer("mirror.example.com", 5000, "mirror.example.com:5000")
USER, PASSWORD = "mirror", "correct-horse-battery"
AUTH = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
TOKEN = "c3RhcGxlLWNvcnJlY3QtaG9yc2U="
REFRESH = "staple-battery-horse"
PULL_SECRET = json.dumps({"auths": {"quay.io": {"auth": TOKEN, "email": "é@example.com"}, f"{PEER.label}/": {}}})
NOW = datetime.datetime(2026, 11, 23, tzinfo=datetime.timezone.utc)
# Values that are secret in an auth file, in whatever else is around it.
_SECRET = re.compile(rb'"(?:auth|password|identitytoken|registrytoken)"\s*:\s*"([^"\\]*)"')
_SHORTEST = 12  # characters; anything shorter may be in a message by chance


def printable(text: str) -> None:
    """A message that does no harm to a terminal or a log: one line."""
    assert text.isprintable(), repr(text)


def named_in(data: bytes) -> list[str]:
    """The values that are named as secrets in it, without spaces around them, which messages have of their own."""
    values = [each.decode("utf-8", "replace").strip() for each in _SECRET.findall(data)]
    return [value for value in values if len(value) >= _SHORTEST]


def silent_about(text: str, held: Sequence[str]) -> None:
    """A message without these secrets and those that are always there, and printable."""
    printable(text)
    assert not any(secret in text for secret in (*held, TOKEN, AUTH, PASSWORD, REFRESH)), "a secret is quoted"


def report_is_printable(report: dict[str, Any]) -> None:
    """The sentences of a check of a registry; as JSON they would all be."""
    for found in report["findings"]:
        printable(found["message"])
        printable(found["remedy"])


def auth_file(data: bytes) -> None:
    """An auth file is read, merged into, written, read again, and what was merged is taken out again."""
    try:
        before = _auth_text.parse(data, name="auth.json", may_be_empty=True)
    except AuthFileError as exc:
        return silent_about(str(exc), named_in(data))
    pulled = _auth_text.parse(PULL_SECRET.encode(), name="the pull secret")
    request = _auth_file.request(PEER.label, username=USER, password=PASSWORD)
    for on_conflict, invalid in (("fail", "fail"), ("replace", "drop"), ("keep", "keep")):
        try:
            merged(before, [pulled], request, {"on_conflict": on_conflict, "invalid_entries": invalid})
        except AuthFileError as exc:
            silent_about(str(exc), named_in(data))
    return None


def merged(before: AuthFile, sources: Sequence[AuthFile], request: Any, how: dict[str, str]) -> None:
    """Merge, and look at what comes of it."""
    plan = _auth_file.plan(before, sources, [request], others=[Other("/earlier", before)], **how)
    note = _auth_record.noted(None, plan, exists=True, link=False, salt=bytes(16))
    for text in (*plan.warnings, *_auth_file.difference(plan, "/auth.json").values()):
        assert PASSWORD not in text
        assert AUTH not in text
    json.dumps(_auth_file.report(plan, "/auth.json", check_mode=False))
    written = {write.path: write.content for write in _auth_record.writes("/auth.json", plan, note)}
    after = written.get("/auth.json")
    if after is None:
        return
    again = _auth_text.parse(after, name="auth.json")
    assert not _auth_file.plan(again, sources, [request], others=[Other("/earlier", before)], **how).changed
    record = _auth_record.read("/auth.json", written.get)
    assert record is not None
    _auth_reset.writes(_auth_reset.plan(again, True, record), "/auth.json")


def record(data: bytes) -> None:
    """The note beside an auth file, which somebody may have edited."""
    try:
        found = _auth_record.read("/auth.json", lambda _path: data)
    except AuthFileError as exc:
        return printable(str(exc))
    if found:
        _auth_reset.report(_auth_reset.plan(_auth_text.parse(PULL_SECRET.encode()), True, found), "/auth.json", True)
        _auth_record.dump(found)
    return None


def anchors(data: bytes) -> None:
    """What lies in a trust store, put there by anybody."""
    for reads_der in (False, True):
        found = [_pem.fingerprint(each.der) for each in _pem.certificates_in(data, reads_der)]
        rest = _pem.cut(data, frozenset(found[:1]), reads_der)
        left = {_pem.fingerprint(each.der) for each in _pem.certificates_in(rest or b"", reads_der)}
        assert not found or found[0] not in left
        list(_pem.readable_in(data, reads_der))
    for der in [data, *_pem.strict_blocks(data)]:
        _pem.public_key(der)
        _pem.issuer(der)
        _pem.subject(der)


def certificates(data: bytes) -> None:
    """A file of certificates on the controller."""
    try:
        found = _certificate_files.read(data)
    except CertificateError as exc:
        return printable(str(exc))
    for each in found:
        json.dumps(_certificates.describe(each, NOW))
    try:
        remarks = _certificates.judge(found, _certificates.Policy(True, False, 30, frozenset()), NOW)
    except CertificateError as exc:
        remarks = [str(exc)]
    for remark in remarks:
        printable(remark)
    return None


def chain(data: bytes) -> None:
    """Certificates that a registry sends, and those that the host trusts, parted by a line."""
    parts = data.split(b"\n--\n")
    sent, trusted = parts[: (len(parts) + 1) // 2], parts[(len(parts) + 1) // 2 :]
    for refused in ("", "unable to get local issuer certificate"):
        seen = _registry_chain.Evidence(PEER.host, tuple(sent), tuple(trusted), refused, NOW)
        for found in _registry_chain.explain(PEER.label, seen, [], NOW):
            printable(found.message)
            printable(found.remedy)


def handshake(data: bytes) -> None:
    """What a server says before it is trusted."""
    list(_registry_handshake.certificates_sent(data))


def oc(data: bytes) -> None:
    """What oc prints: an exit code, its output, its errors."""
    rc = data[0] % 3 if data else 0
    stdout, _mark, stderr = data[1:].partition(b"\0")
    try:
        text = _cluster_secret.read(
            Address("openshift-config", "pull-secret"),
            rc=rc,
            stdout=stdout,
            stderr=stderr.decode("utf-8", "replace"),
            timed_out=False,
            too_long=False,
            seconds=60,
        )
        _auth_text.parse(text, name="the cluster's pull secret")
    except (ClusterSecretError, AuthFileError) as exc:
        silent_about(" ".join(str(exc).split("\n")), held_by_oc(stdout, stderr if rc else b""))


def held_by_oc(stdout: bytes, quoted: bytes) -> list[str]:
    """What must not be repeated: the secrets of its output, and of its errors, where these may be quoted, those that
    have their name in the same line each time. A word without a name is not known as one (SECURITY.md)."""
    lines = quoted.decode("utf-8", "replace").splitlines()
    named = [secret for line in lines for secret in named_in(line.encode())]
    in_output = [secret for secret in named_in(stdout) if not any(secret in line for line in lines)]
    return in_output + [each for each in named if named.count(each) == sum(line.count(each) for line in lines)]


def names(data: bytes) -> None:
    """Names of registries, namespaces and anchors."""
    text = data.decode("utf-8", "surrogateescape")
    registry, _newline, namespace = text.partition("\n")
    try:
        key = _auth_key.requested(registry, namespace or None).key
        assert key == _auth_key.DOCKER_HUB or re.fullmatch(r"[a-zA-Z0-9.-]+(:[0-9]+)?(/[a-z0-9._/-]+)?", key), repr(key)
    except AuthFileError as exc:
        printable(str(exc))
    try:
        stem = _trust_store.anchor_name(text, None)
        assert re.fullmatch(r"([A-Za-z0-9][A-Za-z0-9._-]*)?", stem), repr(stem)
    except TrustStoreError as exc:
        printable(str(exc))


class Sent(NamedTuple):
    """What was said to whom."""

    host: str
    port: int
    words: bytes

    @property
    def has_login(self) -> bool:
        """Whether there is a login or a token in it, in whatever way it is written."""
        is_known = any(secret.encode() in self.words for secret in (AUTH, PASSWORD, REFRESH))
        return is_known or b"authorization:" in self.words.lower()


class Conversation(_registry_http.Web):
    """A double of the connection: what each server says was made up before, and TLS is left out."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        super().__init__(Network({}, 1), _registry_tls.context([]))
        self.answers = list(answers)
        self.sent: list[Sent] = []
        self.token_servers: set[tuple[str, int]] = set()

    def ask(self, peer: Peer, *about: Any, **more: Any) -> _registry_http.Answer:
        """Take note of the token servers that the registry itself names, over TLS."""
        found = super().ask(peer, *about, **more)
        if (peer.host, peer.port) == PEER[:2]:
            self.token_servers.update(_token_servers(found.all_of("WWW-Authenticate")))
        return found

    def _secured(self, peer: Peer) -> Any:
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.sendall(self.answers.pop(0) if self.answers else b"")
            theirs.shutdown(socket.SHUT_WR)

        def sendall(words: bytes) -> None:
            # Closed on the other side, as it is with a server that says all at once.
            self.sent.append(Sent(peer.host, peer.port, words))

        return mock.Mock(wraps=ours, makefile=ours.makefile, sendall=sendall, settimeout=ours.settimeout)


def _token_servers(headers: list[str]) -> Iterator[tuple[str, int]]:
    for challenge in _registry_login.challenges(headers):
        try:
            parts = urlsplit(challenge.parameters.get("realm", ""))
            if challenge.scheme == "bearer" and parts.scheme == "https" and parts.hostname:
                yield parts.hostname, parts.port or 443
        except ValueError:
            continue


def logins_stay(web: Conversation) -> None:
    """Logins went to the registry and to the token servers that it names, and its tokens to the registry alone."""
    for sent in web.sent:
        if sent.has_login and (sent.host, sent.port) != PEER[:2]:
            assert (sent.host, sent.port) in web.token_servers, f"{sent.host}:{sent.port} was sent a login"
            assert b"authorization: bearer" not in sent.words.lower(), (
                f"{sent.host}:{sent.port} was sent a token of the registry"
            )


def conversation(data: bytes) -> None:
    """What a registry and its token server answer, one connection after the other, to a check with a login: by user and
    password, and by a refresh token."""
    for entry in ({"auth": AUTH}, {"auth": AUTH, "identitytoken": REFRESH}):
        web = Conversation([part.replace(b"\n", b"\r\n") for part in data.split(b"\n--\n")][:12])
        report = asked(web, entry)
        report_is_printable(report)
        silent_about(json.dumps(report, ensure_ascii=False), named_in(data))
        logins_stay(web)


def asked(web: Conversation, entry: dict[str, str]) -> dict[str, Any]:
    """The report of a check with a login, in a conversation."""
    target = Asked(PEER.label, PEER, "ocp4/release", True)
    made = _auth_lookup.index({"auths": {PEER.label: entry}})
    image = _registry_credentials.Image(PEER.label, target.repository, "/auth.json")
    known = _registry_credentials.credentials(made, image)
    nothing = _registry_handshake.Sent(())
    with (
        mock.patch.object(_registry_probe, "Web", return_value=web),
        mock.patch.object(_registry_handshake, "look_at", return_value=nothing),
    ):
        return _registry_probe.check(target, Host(Network({}, 1), ()), known)


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """An answer of a server, with the line ends that `conversation` makes right."""
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\n".join(lines).encode() + body


class Fuzzed(NamedTuple):
    """A target and what it is begun with."""

    target: Target
    seeds: Sequence[bytes]


def _talks() -> Iterator[bytes]:
    basic, bearer = (
        'WWW-Authenticate: Basic realm="x"',
        'WWW-Authenticate: Bearer realm="https://t.example/a",service="s"',
    )
    no_tls = bearer.replace("https", "http")
    token, location = answer(200, b'{"token": "abc"}'), "Location: /v2/ocp4/release/blobs/uploads/1?_state=x"
    opened, elsewhere = answer(202, b"", location), answer(307, b"", "Location: https://other.example/v2/")
    end = [answer(404), opened, answer(204)]
    for talk in (
        [answer(401, b"", basic), answer(200), *end],
        [answer(401, b"", bearer), token, answer(200), token, answer(404), token, opened, answer(204)],
        [answer(401, b"", bearer), elsewhere, token],
        [answer(401, b"", no_tls), token, answer(200)],
        [answer(401, b"", basic), answer(200), answer(404), elsewhere, answer(202)],
        [answer(401, b"", basic), answer(200), answer(404), answer(202, b"", "Location: https://other.example/u")],
        [answer(401, b"", bearer), answer(401, b'{"errors": [{"code": "DENIED", "message": "no"}]}')],
        [elsewhere, answer(200)],
        [answer(401, b"", basic), answer(401, b"<html>")],
        [answer(200, b"", "Content-Encoding: gzip", "Transfer-Encoding: chunked")],
        [answer(429, b"", "Retry-After: 9")],
    ):
        yield b"\n--\n".join(talk)


def _made() -> list[bytes]:
    """Certificates of several kinds, as DER."""
    import trustme  # only where seeds are wanted

    authority = trustme.CA()
    server = authority.issue_cert(PEER.host)
    pems = [authority.cert_pem.bytes(), server.cert_chain_pems[0].bytes()]
    return [base64.b64decode(b"".join(pem.splitlines()[1:-1])) for pem in pems]


def targets() -> dict[str, Fuzzed]:
    """All of them by name."""
    ders = _made()
    pems = [b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n" for der in ders]
    files = [
        PULL_SECRET.encode(),
        b'{"credHelpers": {"a": "b"}, "auths": {"https://quay.io/v1/": null}}',
        b"\xef\xbb\xbf{}",
    ]
    plan = _auth_file.plan(AuthFile({}), [_auth_text.parse(files[0])], [], on_conflict="fail", invalid_entries="keep")
    noted = _auth_record.noted(None, plan, exists=False, link=False, salt=bytes(16))
    notes = [write.content or b"" for write in _auth_record.writes("/auth.json", plan, noted)]
    said = [
        b"\0" + files[0],
        b"\1\0error: You must be logged in to the server (Unauthorized)",
        b'\1\0panic: {"auth": "Y29ycmVjdDpob3Jz", "password": "correct, horse"} is not good',
    ]
    spelled = [
        b"quay.io",
        b"MIRROR.example.com:5000\nocp4/release",
        b"https://reg.example/v2/",
        b"../../etc",
        b"ca.crt",
    ]
    return {
        "auth file": Fuzzed(auth_file, files),
        "note": Fuzzed(record, notes),
        "anchors": Fuzzed(anchors, [*pems, *ders, b"".join(pems)]),
        "certificates": Fuzzed(certificates, [*pems, *ders]),
        "chain": Fuzzed(chain, [b"\n--\n".join([ders[1], ders[0]]), b"\n--\n".join([ders[1], ders[0], ders[0]])]),
        "handshake": Fuzzed(handshake, [b"\x16\x03\x03\0\x10\x0b\0\0\x0c\0\0\x09\0\0\x06" + ders[0][:6]]),
        "oc": Fuzzed(oc, said),
        "names": Fuzzed(names, spelled),
        "conversation": Fuzzed(conversation, list(_talks())),
    }


def main(name: str, *options: str) -> None:
    """Hand over to atheris, which never returns."""
    import atheris  # type: ignore[import-untyped]  # has no types, and the rest of this file is used without it

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *options], targets()[name].target)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
