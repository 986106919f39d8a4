# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Describe certificates, and judge whether a host may be made to trust them."""

from __future__ import annotations

import contextlib
import datetime
import re
import typing as t
import warnings

from ansible_collections.airgap.openshift.plugins.module_utils._words import VisibleError, visible

# ansible-core requires cryptography; only ansible-test imports plugins where it is missing.
with contextlib.suppress(ImportError):
    from cryptography import x509
    from cryptography.exceptions import InternalError, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID


__all__ = (
    "Certificate",
    "CertificateError",
    "Policy",
    "broken_digest",
    "colons",
    "days_left",
    "describe",
    "extension",
    "for_servers",
    "judge",
    "name_of",
    "not_after",
    "not_before",
    "pin",
    "public_key",
    "quietly",
    "why_no_ca",
)

# What a server's key may be at least for Go, OpenSSL 3 at its default security level, and the CA/Browser Forum.
LEAST_RSA_BITS = 2048
LEAST_EC_BITS = 224


class CertificateError(VisibleError):
    """The input is not what a host may be made to trust; the message completes "Cannot ...: "."""


@contextlib.contextmanager
def quietly() -> t.Iterator[None]:
    """Keep cryptography's warnings of odd certificates from Ansible's output: they are for programmers.

    It warns when a part is first looked at, which may be later than when the whole is read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class Certificate(t.NamedTuple):
    """A parsed certificate and its position (from 1) among the ``total`` of its file."""

    parsed: x509.Certificate
    fingerprint: str
    position: int
    total: int

    @property
    @quietly()
    def label(self) -> str:
        """How messages name it."""
        place = f"certificate {self.position} of {self.total}" if self.total > 1 else "the certificate"
        return f"{place} ({name_of(self.parsed.subject)})"

    @property
    def pem(self) -> str:
        """Canonical PEM, with a final newline."""
        return self.parsed.public_bytes(serialization.Encoding.PEM).decode("ascii")


class Policy(t.NamedTuple):
    """What an administrator allows. ``pins`` are fingerprints; an empty set allows every certificate."""

    require_ca: bool = True
    allow_expired: bool = False
    expiry_warning_days: int = 30
    pins: frozenset[str] = frozenset()


def pin(text: str) -> str:
    """A SHA-256 fingerprint as openssl, a browser or this collection prints it, in its one spelling here.

    Raises: CertificateError when it is none.
    """
    digits = re.sub(r"(?i)^(sha-?256)?\s*(fingerprint)?\s*[:=]?\s*", "", text.strip())
    digits = re.sub(r"[:\s]", "", digits).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise CertificateError(
            f"{text!r} is not a SHA-256 fingerprint: 64 hexadecimal digits, with or without colons, as "
            "'openssl x509 -noout -fingerprint -sha256' prints them"
        )
    return digits


@quietly()
def describe(certificate: Certificate, now: datetime.datetime) -> dict[str, t.Any]:
    """What a task reports of a certificate, in plain values. ``now`` has a time zone."""
    parsed = certificate.parsed
    return {
        "subject": name_of(parsed.subject),
        "issuer": name_of(parsed.issuer),
        "serial_number": f"{parsed.serial_number:X}",
        "fingerprint_sha256": colons(certificate.fingerprint),
        "not_before": not_before(parsed).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "not_after": not_after(parsed).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "days_left": days_left(parsed, now),
        "is_ca": why_no_ca(parsed) is None,
    }


@quietly()
def judge(certificates: t.Sequence[Certificate], policy: Policy, now: datetime.datetime) -> list[str]:
    """Warnings for what may be trusted but should be looked at, one sentence each.

    Raises: CertificateError that names every certificate that must not be trusted, and the remedy for each.
    """
    refused, warnings = [], []
    for certificate in certificates:
        errors, remarks = _verdict(certificate, policy, now)
        refused += [f"{certificate.label} {error}" for error in errors]
        warnings += [f"{certificate.label} {remark}" for remark in remarks]
    if refused:
        raise CertificateError("; ".join(refused))
    return warnings + _without_issuer(certificates)


def name_of(name: x509.Name) -> str:
    """A distinguished name as in RFC 4514, made visible; a name without any part is said to be empty."""
    return visible(name.rfc4514_string()) or "empty name"


def colons(identity: str) -> str:
    """A fingerprint as community.crypto and (in upper case) openssl print it."""
    return ":".join(identity[i : i + 2] for i in range(0, len(identity), 2))


def _verdict(certificate: Certificate, policy: Policy, now: datetime.datetime) -> tuple[list[str], list[str]]:
    """What forbids trusting the certificate, and what is worth a warning."""
    errors: list[str] = []
    remarks = [*_weaknesses(certificate.parsed)]
    if policy.pins and certificate.fingerprint not in policy.pins:
        errors.append(
            f"is not among the fingerprints asked for; its own is {colons(certificate.fingerprint)}: "
            "add that if the registry's administrator confirms it"
        )
    no_ca = why_no_ca(certificate.parsed)
    if no_ca:
        remedy = "hand over the certificate of the authority that signed it, or set require_ca to false"
        (errors if policy.require_ca else remarks).append(f"{no_ca}: {remedy}" if policy.require_ca else no_ca)
    out_of_date = _why_out_of_date(certificate.parsed, now)
    if out_of_date:
        (remarks if policy.allow_expired else errors).append(out_of_date)
    elif days_left(certificate.parsed, now) < policy.expiry_warning_days:
        remarks.append(
            f"expires in {days_left(certificate.parsed, now)} days, on {not_after(certificate.parsed):%Y-%m-%d}"
        )
    return errors, remarks


def why_no_ca(parsed: x509.Certificate) -> str | None:
    """Why no verifier lets this certificate sign those of servers, or nothing if it may.

    Version 1 has no extensions; p11-kit and Go take such a certificate for a CA if it is self-signed.
    """
    if parsed.version is x509.Version.v1:
        return None if parsed.subject == parsed.issuer else "is not a CA certificate (version 1, not self-signed)"
    constraints = extension(parsed, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        which = "has no basicConstraints" if constraints is None else "says CA:FALSE, as those of servers do"
        return f"is not a CA certificate (it {which})"
    usage = extension(parsed, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return "may not sign certificates (its keyUsage lacks keyCertSign)"
    if not for_servers(parsed):
        return "may not sign certificates of servers (its extendedKeyUsage lacks serverAuth)"
    return None


def for_servers(parsed: x509.Certificate) -> bool:
    """Whether its extendedKeyUsage, if it has one, lets it be a TLS server's, or sign those of servers."""
    purposes = extension(parsed, x509.ExtendedKeyUsage)
    served = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    return purposes is None or bool(served & set(purposes))


def _why_out_of_date(parsed: x509.Certificate, now: datetime.datetime) -> str | None:
    if now > not_after(parsed):
        remedy = "ask the registry's administrator for the renewed one, or set expired to warn"
        return f"has expired on {not_after(parsed):%Y-%m-%d}: {remedy}"
    if now < not_before(parsed):
        remedy = "check this machine's clock, wait, or set expired to warn"
        return f"is not valid before {not_before(parsed):%Y-%m-%d %H:%M} UTC: {remedy}"
    return None


def _weaknesses(parsed: x509.Certificate) -> t.Iterator[str]:
    try:
        digest, key = broken_digest(parsed), public_key(parsed)
    except UnsupportedAlgorithm:
        yield "has a key or signature of a kind that this controller's cryptography does not know"
        return
    if digest:
        yield f"is signed with {digest}, which is broken: ask for one signed with SHA-256"
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        yield f"has an RSA key of {key.key_size} bits, which is weak: ask for {LEAST_RSA_BITS} or more"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size < LEAST_EC_BITS:
        yield f"has an elliptic curve key of {key.curve.key_size} bits, which is weak: ask for {LEAST_EC_BITS} or more"
    if isinstance(key, dsa.DSAPublicKey):
        yield "has a DSA key, which oc, podman and skopeo cannot verify: ask for RSA or ECDSA"
    if parsed.serial_number < 0:
        yield "has a negative serial number, for which newer releases of oc, podman and skopeo may pass over it"
    if parsed.version is x509.Version.v1:
        yield "is of X.509 version 1, which Python 3.13 and later may refuse"


def public_key(parsed: x509.Certificate) -> t.Any:
    """Its public key.

    Raises: UnsupportedAlgorithm for a key of a kind that this cryptography does not know, or a malformed one.
    """
    try:
        return parsed.public_key()
    # cryptography 36 says InternalError of DSA keys that leave their parameters to the issuer's.
    except (InternalError, ValueError) as exc:
        raise UnsupportedAlgorithm(str(exc)) from exc


def broken_digest(parsed: x509.Certificate) -> str:
    """The digest that the signature rests on if Go and newer OpenSSL refuse it, else nothing.

    Raises: UnsupportedAlgorithm for one that this cryptography does not know, or that is malformed.
    """
    try:
        digest = parsed.signature_hash_algorithm
    except ValueError as exc:
        raise UnsupportedAlgorithm(str(exc)) from exc
    return digest.name.upper() if isinstance(digest, (hashes.SHA1, hashes.MD5)) else ""


def _without_issuer(certificates: t.Sequence[Certificate]) -> list[str]:
    subjects = {certificate.parsed.subject for certificate in certificates}
    return [
        f"{certificate.label} is an intermediate; the file lacks its issuer ({name_of(certificate.parsed.issuer)}): "
        "oc, podman and skopeo accept it, OpenSSL and Python before 3.13 do not"
        for certificate in certificates
        if certificate.parsed.issuer not in subjects and why_no_ca(certificate.parsed) is None
    ]


_E = t.TypeVar("_E", bound="x509.ExtensionType")


def extension(parsed: x509.Certificate, kind: type[_E]) -> _E | None:
    """The certificate's extension of this kind, if it has one."""
    try:
        return parsed.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def not_before(parsed: x509.Certificate) -> datetime.datetime:
    """When its validity begins, with a time zone."""
    return _utc(parsed, "not_valid_before")


def not_after(parsed: x509.Certificate) -> datetime.datetime:
    """When its validity ends, with a time zone."""
    return _utc(parsed, "not_valid_after")


def _utc(parsed: x509.Certificate, name: str) -> datetime.datetime:
    """The time with its zone; cryptography before 42 has the attributes without one only."""
    aware: datetime.datetime | None = getattr(parsed, f"{name}_utc", None)
    return aware or getattr(parsed, name).replace(tzinfo=datetime.timezone.utc)


def days_left(parsed: x509.Certificate, now: datetime.datetime) -> int:
    """Whole days until it expires; negative afterwards."""
    return (not_after(parsed) - now).days
