# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Why programs in Go accept or refuse the certificates that a registry sends, by the rules of Go's crypto/x509.

A mirror host has nothing to parse certificates with: it sends what it saw, and the controller explains it.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import itertools
import re
import typing as t

from ansible_collections.airgap.openshift.plugins.module_utils._pem import fingerprint
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import FAILS, Finding, finding
from ansible_collections.airgap.openshift.plugins.plugin_utils import _certificate_files
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import (
    Certificate,
    CertificateError,
    broken_digest,
    colons,
    days_left,
    extension,
    for_servers,
    name_of,
    not_after,
    not_before,
    public_key,
    quietly,
    why_no_ca,
)

# ansible-core requires cryptography; only ansible-test imports plugins where it is missing.
with contextlib.suppress(ImportError):
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
    from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

__all__ = ("Evidence", "chain", "explain")

SKEW = datetime.timedelta(seconds=60)
SOON = datetime.timedelta(days=30)
LISTED = 10  # names in one sentence
# A server may send what it likes; what is beyond this is not looked at.
MOST_SENT = 16
MOST_PATHS = 64
# What Go's crypto/tls offers for certificates of servers.
CURVES = ("secp256r1", "secp384r1", "secp521r1")
LONGEST_RSA_BITS = 8192

_UNITS = (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1))
_LABEL = re.compile(r"[a-z0-9_][a-z0-9_-]*")
_AMONG_GIVEN = "is among the certificates given: run ca_trust, or the role, with it on this host"
_GET_RENEWED = "get the renewed certificate of the CA from the administrator of the registry, and hand it to ca_trust"
_OPENSSL_ALONE = {
    "unsuitable certificate purpose": "have a certificate made with the purpose serverAuth, or ignore this",
    "unable to get local issuer certificate": (
        "have a certificate made whose authorityKeyIdentifier does not name the serial number of an old CA, or ignore"
        " this"
    ),
}
_SET_CLOCK = "set the clock of the mirror host, for instance with chrony"


class Evidence(t.NamedTuple):
    """What the mirror host saw: certificates are DER, the server's own first; ``now`` is its own clock.

    ``anchors`` are those it trusts whose subject is the subject or issuer of one in ``chain``; ``refused`` are
    OpenSSL's words, empty if it verified the chain. In a ``partial`` chain there is only the server's own certificate,
    whatever it sends beside.
    """

    host: str
    chain: tuple[bytes, ...]
    anchors: tuple[bytes, ...]
    refused: str
    now: datetime.datetime
    partial: bool = False


class _Case(t.NamedTuple):
    peer: str
    evidence: Evidence
    given: t.Sequence[Certificate]
    controller_now: datetime.datetime

    def finding(self, code: str, **words: object) -> Finding:
        return finding(code, **{"peer": self.peer, "host": self.evidence.host, **words})


class _Path(t.NamedTuple):
    """The server's certificate and those above it, up to an anchor if it is ``trusted``."""

    certificates: tuple[Certificate, ...]
    trusted: bool

    @property
    def top(self) -> Certificate:
        return self.certificates[-1]


def chain(ders: t.Sequence[bytes]) -> list[Certificate]:
    """The certificates that a server sent, its own first.

    Raises: CertificateError that names one that is malformed; for Go, that ends the handshake wherever it stands.
    """
    found = []
    for position, der in enumerate(ders[:MOST_SENT], start=1):
        try:
            found.append(Certificate(_certificate_files.parsed(der), fingerprint(der), position, len(ders)))
        except CertificateError as exc:
            raise CertificateError(f"certificate {position} of the {len(ders)} that it sends {exc}") from exc
    return found


@quietly()
def explain(
    peer: str, evidence: Evidence, given: t.Sequence[Certificate], controller_now: datetime.datetime
) -> list[Finding]:
    """What is wrong with a registry's certificates in the eyes of oc, podman, skopeo and oc-mirror; errors first.

    ``peer`` is how sentences name the registry. ``given`` are the CA certificates that an administrator holds, which
    are only compared with. All times have a time zone.
    """
    case = _Case(peer, evidence, given, controller_now)
    try:
        sent = chain(evidence.chain)
    except CertificateError as exc:
        return [case.finding("certificate-refused", detail=exc)]
    if not sent:
        return []
    anchors = list(_readable(evidence.anchors))
    paths = itertools.islice(_paths((sent[0],), sent, anchors), MOST_PATHS)
    path, faults = min(
        ((path, _faults(case, path)) for path in paths), key=lambda judged: (not judged[0].trusted, len(judged[1]))
    )
    found = [*_wrong_name(case, sent[0].parsed), *_unusual_key(case, sent[0].parsed), *faults]
    if evidence.refused and not path.trusted:
        found.append(_untrusted(case, path, anchors))
    elif evidence.refused and not any(each.severity == FAILS for each in found):
        found += _refused_by_openssl_alone(case)
    return found + _soon(case, path)


def _refused_by_openssl_alone(case: _Case) -> t.Iterator[Finding]:
    """What crypto/x509 does not mind: a purpose of "any", and an issuer's serial number that is another one's."""
    for words, advice in _OPENSSL_ALONE.items():
        if words in case.evidence.refused:
            yield case.finding("certificate-not-judged", detail=words, advice=advice)


def _readable(ders: t.Iterable[bytes]) -> t.Iterator[Certificate]:
    for der in ders:
        with contextlib.suppress(CertificateError):
            yield Certificate(_certificate_files.parsed(der), fingerprint(der), 1, 1)


def _paths(
    path: tuple[Certificate, ...], sent: t.Sequence[Certificate], anchors: t.Sequence[Certificate]
) -> t.Iterator[_Path]:
    """Every way from the server's certificate to an anchor or, where there is none, to the last that was sent."""
    last = path[-1]
    if any(last.fingerprint == anchor.fingerprint for anchor in anchors):
        yield _Path(path, trusted=True)
        return
    for anchor in anchors:
        if _signed(anchor.parsed, last.parsed):
            yield _Path((*path, anchor), trusted=True)
    above = [each for each in sent if each not in path and _signed(each.parsed, last.parsed)]
    if last.parsed.subject == last.parsed.issuer or not above:
        yield _Path(path, trusted=False)
        return
    for each in above:
        yield from _paths((*path, each), sent, anchors)


def _signed(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether one certificate was signed with the key of the other; by names and key identifiers at the least."""
    if certificate.issuer != issuer.subject:
        return False
    try:
        _verify(issuer, certificate)
    except InvalidSignature:
        return False
    except (TypeError, UnsupportedAlgorithm, ValueError):
        wanted = extension(certificate, x509.AuthorityKeyIdentifier)
        has = extension(issuer, x509.SubjectKeyIdentifier)
        return None in (wanted, has) or wanted.key_identifier in (None, has.digest)  # type: ignore[union-attr]
    return True


def _verify(issuer: x509.Certificate, certificate: x509.Certificate) -> None:
    """As cryptography's own verify_directly_issued_by, which came with 40; RHEL 9 has 36.

    Raises: InvalidSignature; UnsupportedAlgorithm, TypeError or ValueError where that cannot be known here.
    """
    if hasattr(certificate, "verify_directly_issued_by"):
        certificate.verify_directly_issued_by(issuer)
        return
    key, digest = public_key(issuer), certificate.signature_hash_algorithm
    signed = certificate.signature, certificate.tbs_certificate_bytes
    if isinstance(key, rsa.RSAPublicKey) and digest:
        key.verify(*signed, padding.PKCS1v15(), digest)
    elif isinstance(key, ec.EllipticCurvePublicKey) and digest:
        key.verify(*signed, ec.ECDSA(digest))
    elif isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
        key.verify(*signed)
    else:
        raise UnsupportedAlgorithm("a signature of another kind")


def _unusual_key(case: _Case, parsed: x509.Certificate) -> t.Iterator[Finding]:
    """crypto/tls offers no other curves (tried with brainpoolP256r1) and refuses longer RSA keys."""
    with contextlib.suppress(UnsupportedAlgorithm):
        key = public_key(parsed)
        if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name not in CURVES:
            detail = f"its key is on the curve {key.curve.name}, which oc, podman and skopeo do not know"
            yield case.finding("certificate-refused", detail=detail)
        if isinstance(key, rsa.RSAPublicKey) and key.key_size > LONGEST_RSA_BITS:
            detail = f"its RSA key has {key.key_size} bits; oc, podman and skopeo take {LONGEST_RSA_BITS} at the most"
            yield case.finding("certificate-refused", detail=detail)


def _wrong_name(case: _Case, parsed: x509.Certificate) -> t.Iterator[Finding]:
    """crypto/x509's VerifyHostname; the Common Name counts for nothing since Go 1.15."""
    host = case.evidence.host
    alternatives = extension(parsed, x509.SubjectAlternativeName)
    common = [str(each.value) for each in parsed.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if alternatives is None and common:
        yield case.finding("no-subject-alternative-name", names=", ".join(common))
        return
    names = [] if alternatives is None else alternatives.get_values_for_type(x509.DNSName)
    addresses = [] if alternatives is None else alternatives.get_values_for_type(x509.IPAddress)
    wanted = _address(host)
    if wanted in addresses if wanted else any(_matches(name, host) for name in names):
        return
    listed = [*names, *map(str, addresses)]
    more = [f"{len(listed) - LISTED} more"] if len(listed) > LISTED else []
    yield case.finding(
        "wrong-host-name",
        names=", ".join(listed[:LISTED] + more) or "no name at all",
        advice=_advice_for_name(host, wanted, names, listed),
    )


def _advice_for_name(host: str, wanted: object, names: list[str], listed: list[str]) -> str:
    if wanted and host in names:
        return f"have a certificate made in which {host} is an IP address, not a DNS name"
    return (
        f"use one of these names, or have a certificate made for {host}"
        if listed
        else (f"have a certificate made for {host}")
    )


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _matches(pattern: str, host: str) -> bool:
    """Go's matchHostnames: a wildcard is the whole of the left-most label; what is no host name must be the same."""
    pattern, host = pattern.lower(), host.lower()
    labels, wanted = pattern.split("."), host.removesuffix(".").split(".")
    star = labels[0] == "*"
    if all(map(_LABEL.fullmatch, wanted)) and all(map(_LABEL.fullmatch, labels[star:])):
        return labels[star:] == wanted[star:]
    return pattern == host and host not in ("", ".")


def _faults(case: _Case, path: _Path) -> list[Finding]:
    """What is wrong with any certificate on the way."""
    return [
        fault
        for number, certificate in enumerate(path.certificates)
        for fault in itertools.chain(
            _out_of_date(case, path, number),
            _weak(case, path, number),
            _not_meant_for_this(case, certificate.parsed, number),
        )
    ]


def _called(parsed: x509.Certificate, number: int) -> str:
    return f"the CA certificate ({name_of(parsed.subject)})" if number else "the certificate"


def _out_of_date(case: _Case, path: _Path, number: int) -> t.Iterator[Finding]:
    parsed = path.certificates[number].parsed
    now, begin, end = case.evidence.now, not_before(parsed), not_after(parsed)
    if begin <= now <= end:
        return
    code, date = ("expired", end) if now > end else ("not-yet-valid", begin)
    yield case.finding(
        code,
        certificate=_called(parsed, number),
        date=f"{date:%Y-%m-%d %H:%M} UTC",
        clock=_skew(case),
        advice=_SET_CLOCK if begin <= case.controller_now <= end else _advice_out_of_date(case, path, number, code),
    )


def _skew(case: _Case) -> str:
    difference = case.evidence.now - case.controller_now
    if abs(difference) <= SKEW:
        return ""
    seconds = int(abs(difference).total_seconds())
    unit, size = next((unit, size) for unit, size in _UNITS if seconds >= 2 * size or size == 1)
    where = "ahead of" if difference > SKEW else "behind"
    return f" (the clock of the mirror host is {seconds // size} {unit} {where} that of the controller)"


def _advice_out_of_date(case: _Case, path: _Path, number: int, code: str) -> str:
    if code == "not-yet-valid":
        return "wait until then, or see whether the clock was right of whoever issued it, and have it issued anew"
    if number == 0:
        return "have the certificate of the registry renewed"
    below = path.certificates[number - 1]
    if _among_given(case, below):
        return f"a renewed one {_AMONG_GIVEN}"
    if path.trusted and number == len(path.certificates) - 1:
        return _GET_RENEWED
    return "have the CA's certificate renewed, and the chain that the registry sends"


def _weak(case: _Case, path: _Path, number: int) -> t.Iterator[Finding]:
    """What stands at the top is not verified by its own signature."""
    certificate = path.certificates[number]
    at_the_top = certificate is path.top and (path.trusted or certificate.parsed.issuer == certificate.parsed.subject)
    with contextlib.suppress(UnsupportedAlgorithm):
        digest = "" if at_the_top else broken_digest(certificate.parsed)
        if digest:
            yield case.finding("weak-signature", certificate=_called(certificate.parsed, number), digest=digest)


def _not_meant_for_this(case: _Case, parsed: x509.Certificate, number: int) -> t.Iterator[Finding]:
    if number:
        detail, advice = why_no_ca(parsed), "have the certificate of the registry signed by a CA that may do so"
    else:
        detail = None if for_servers(parsed) else "lacks serverAuth in its extendedKeyUsage"
        advice = "have a certificate made for TLS servers"
    if detail:
        yield case.finding("not-for-servers", certificate=_called(parsed, number), detail=f"it {detail}", advice=advice)


def _untrusted(case: _Case, path: _Path, anchors: t.Sequence[Certificate]) -> Finding:
    """What is missing above the last certificate that was sent."""
    parsed = path.top.parsed
    issuer = name_of(parsed.issuer)
    self_signed = _signed(parsed, parsed)
    if self_signed and len(path.certificates) == 1 and why_no_ca(parsed):
        return case.finding("self-signed", issuer=issuer)
    helpful = next((found for each in path.certificates for found in _among_given(case, each)), None)
    if any(anchor.parsed.subject == parsed.issuer for anchor in anchors):
        advice = f"the right one {_AMONG_GIVEN}" if helpful else _GET_RENEWED
        return case.finding("other-ca-of-the-name", issuer=issuer, advice=advice)
    if helpful:
        name, detail = name_of(helpful.parsed.subject), f" (SHA-256 {colons(helpful.fingerprint)})"
        return case.finding("unknown-issuer", issuer=name, detail=detail, advice=f"it {_AMONG_GIVEN}")
    if self_signed:
        return _sent_along(case, path.top)
    hint = _hint_of_an_intermediate(case, parsed)
    if hint is not None and not case.evidence.partial:
        return case.finding("incomplete-chain", issuer=issuer, detail=hint)
    advice = "hand its certificate to ca_trust; if it is an intermediate, the registry has to send it"
    return case.finding("unknown-issuer", issuer=issuer, detail="", advice=advice)


def _sent_along(case: _Case, root: Certificate) -> Finding:
    """Whoever stands between may send a root as well: it is the administrator who has to know its fingerprint."""
    return case.finding(
        "unknown-issuer",
        issuer=name_of(root.parsed.subject),
        detail=f" (SHA-256 of what it sends: {colons(root.fingerprint)})",
        advice=(
            "get that certificate from the administrator of the registry by a way that you trust, compare the "
            "fingerprint, and hand it to ca_trust"
        ),
    )


def _among_given(case: _Case, certificate: Certificate) -> list[Certificate]:
    """Those of the certificates given that would make this one trusted; ca_trust goes by the controller's clock."""
    return [
        each
        for each in case.given
        if not_before(each.parsed) <= case.controller_now <= not_after(each.parsed)
        and why_no_ca(each.parsed) is None
        and _signed(each.parsed, certificate.parsed)
    ]


def _hint_of_an_intermediate(case: _Case, parsed: x509.Certificate) -> str | None:
    """Where its issuer is to be had, or an empty text if other signs tell that the issuer is no root; else nothing."""
    access = extension(parsed, x509.AuthorityInformationAccess) or ()
    places = [
        str(each.access_location.value)
        for each in access
        if each.access_method == AuthorityInformationAccessOID.CA_ISSUERS
    ]
    if places:
        return f", to be had at {places[0]}"
    organizations = [_organizations(each.parsed.subject) for each in case.given]
    return "" if any(_organizations(parsed.issuer) & each for each in organizations) else None


def _organizations(name: x509.Name) -> set[str]:
    return {str(each.value) for each in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)}


def _soon(case: _Case, path: _Path) -> list[Finding]:
    """Certificates of a few weeks are renewed in their last third."""
    now = case.evidence.now
    return [
        case.finding(
            "expires-soon",
            certificate=_called(each.parsed, number),
            days=days_left(each.parsed, now),
            date=f"{not_after(each.parsed):%Y-%m-%d}",
        )
        for number, each in enumerate(path.certificates)
        if now <= not_after(each.parsed) < now + min(SOON, (not_after(each.parsed) - not_before(each.parsed)) / 3)
    ]
