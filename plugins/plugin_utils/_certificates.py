# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Read certificates from whatever an administrator was given, describe them, and judge whether to trust them."""

from __future__ import annotations

import base64
import binascii
import datetime
import itertools
import re
import typing as t

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID

from ansible_collections.airgap.openshift.plugins.module_utils._pem import fingerprint, leading_der

__all__ = ("Certificate", "CertificateError", "Policy", "describe", "judge", "pin", "read")

# What a server's key may be at least for Go, OpenSSL 3 at its default security level, and the CA/Browser Forum.
LEAST_RSA_BITS = 2048
LEAST_EC_BITS = 224


class CertificateError(ValueError):
    """The input is not what a host may be made to trust; the message completes "Cannot ...: "."""


class Certificate(t.NamedTuple):
    """A parsed certificate and its position (from 1) among the ``total`` of its file."""

    parsed: x509.Certificate
    fingerprint: str
    position: int
    total: int

    @property
    def label(self) -> str:
        """How messages name it."""
        place = f"certificate {self.position} of {self.total}" if self.total > 1 else "the certificate"
        return f"{place} ({name_of(self.parsed.subject)})"

    @property
    def pem(self) -> str:
        """Canonical PEM, with a final newline."""
        return self.parsed.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @property
    def public_key(self) -> bytes:
        """DER of the public key with its algorithm; empty for algorithms that cryptography does not know."""
        try:
            key = self.parsed.public_key()
            return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        except (UnsupportedAlgorithm, ValueError):
            return b""


class Policy(t.NamedTuple):
    """What an administrator allows. ``pins`` are fingerprints; an empty set allows every certificate."""

    require_ca: bool = True
    allow_expired: bool = False
    expiry_warning_days: int = 30
    pins: frozenset[str] = frozenset()


def read(data: bytes) -> list[Certificate]:
    """Every certificate in ``data``: PEM with one or many, text around them, DER, or PKCS#7; duplicates once.

    Raises: CertificateError when anything in it is not a certificate, most of all for a private key.
    """
    content = data.removeprefix(b"\xef\xbb\xbf")
    ders = _ders_of_pem(content) if _MARK.search(content) else _ders_of_binary(content)
    unique = {fingerprint(der): der for der in ders}
    return [
        Certificate(_parsed(der, position, len(unique)), identity, position, len(unique))
        for position, (identity, der) in enumerate(unique.items(), start=1)
    ]


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


def describe(certificate: Certificate, now: datetime.datetime) -> dict[str, t.Any]:
    """What a task reports of a certificate, in plain values. ``now`` has a time zone."""
    parsed = certificate.parsed
    return {
        "subject": name_of(parsed.subject),
        "issuer": name_of(parsed.issuer),
        "serial_number": f"{parsed.serial_number:X}",
        "fingerprint_sha256": colons(certificate.fingerprint),
        "not_before": _not_before(parsed).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "not_after": _not_after(parsed).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "days_left": _days_left(parsed, now),
        "is_ca": _why_no_ca(parsed) is None,
    }


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
    """A distinguished name as in RFC 4514; a name without any part is said to be empty."""
    return name.rfc4514_string() or "empty name"


def colons(identity: str) -> str:
    """A fingerprint as community.crypto and (in upper case) openssl print it."""
    return ":".join(identity[i : i + 2] for i in range(0, len(identity), 2))


_MARK = re.compile(rb"-----(BEGIN|END) ([^-\r\n]+)-----")
_CERTIFICATES = (b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE")
_REQUEST = "a request for a certificate: hand over the certificate that the authority answered it with"
_NOT_CERTIFICATES = {
    b"CERTIFICATE REQUEST": _REQUEST,
    b"NEW CERTIFICATE REQUEST": _REQUEST,
    b"X509 CRL": "a list of revoked certificates: remove it from the file",
    b"PUBLIC KEY": "a bare public key: remove it from the file",
}
_PRIVATE_KEY = (
    "it contains a private key, which must not reach any host: hand over a file with the CA certificate alone "
    "('openssl x509 -in FILE -out ca.crt' writes one)"
)
_WHAT_IS_READ = "PEM ('-----BEGIN CERTIFICATE-----'), DER or PKCS#7"


def _ders_of_pem(content: bytes) -> list[bytes]:
    if b"PRIVATE KEY-----" in content:
        raise CertificateError(_PRIVATE_KEY)
    marks = list(_MARK.finditer(content))
    ders: list[bytes] = []
    for begin, end in itertools.zip_longest(marks[::2], marks[1::2]):
        line = content.count(b"\n", 0, begin.start()) + 1
        if end is None or (begin[1], end[1]) != (b"BEGIN", b"END") or begin[2] != end[2]:
            raise CertificateError(
                f"the block in line {line} has no END or BEGIN line of its own: copy the whole file"
            )
        ders += _ders_of_block(begin[2], content[begin.end() : end.start()], f"the block that begins in line {line}")
    return ders


def _ders_of_block(label: bytes, body: bytes, block: str) -> list[bytes]:
    if b"\\n" in body:
        raise CertificateError(
            f"{block} has a backslash and an n where lines should end, as text pasted from JSON or a shell has: "
            "restore the line breaks"
        )
    try:
        data = base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error:
        raise CertificateError(f"{block} is damaged (it is not base64): copy the file again") from None
    if label in (b"PKCS7", b"CMS"):
        return _ders_of_pkcs7(data, block)
    if label not in _CERTIFICATES:
        name = label.decode("ascii", "replace")
        raise CertificateError(f"{block} is {_NOT_CERTIFICATES.get(label, f'no certificate but {name}: remove it')}")
    der = leading_der(data)
    if der is None:
        raise CertificateError(f"{block} is cut short: copy the file again")
    return [der]


def _ders_of_pkcs7(data: bytes, what: str) -> list[bytes]:
    try:
        found = pkcs7.load_der_pkcs7_certificates(data)
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError(f"{what} is not PKCS#7 with certificates: export them as PEM") from None
    return [certificate.public_bytes(serialization.Encoding.DER) for certificate in found]


def _ders_of_binary(content: bytes) -> list[bytes]:
    der = leading_der(content)
    if der is None:
        raise CertificateError(_no_der(content))
    if content[len(der) :].strip():
        raise CertificateError("more data follows the DER certificate: put several certificates into one PEM file")
    if _loads(x509.load_der_x509_certificate, der):
        return [der]
    if _loads(lambda data: serialization.load_der_private_key(data, None), der):
        raise CertificateError(_PRIVATE_KEY)
    if _loads(x509.load_der_x509_csr, der):
        raise CertificateError(f"it is {_REQUEST}")
    # A PKCS#12 file begins with its version, the integer 3.
    if b"\x02\x01\x03" in der[:8]:
        raise CertificateError(
            "it is a PKCS#12 file (.p12, .pfx), which is made for private keys: take the CA certificates out with "
            "'openssl pkcs12 -in FILE -cacerts -nokeys -out ca.crt'"
        )
    return _ders_of_pkcs7(der, "it")


def _loads(load: t.Callable[[bytes], t.Any], data: bytes) -> bool:
    """Whether ``load`` accepts ``data``. An encrypted key makes it ask for a password (TypeError)."""
    try:
        load(data)
    except TypeError:
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def _no_der(content: bytes) -> str:
    """What ``content`` is instead of a certificate, and what to do."""
    text = content.strip()
    if not text:
        return f"it is empty: expected {_WHAT_IS_READ}"
    if content[:1] == b"\x30":
        return "it begins as a DER certificate does but is cut short: copy the file again"
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "it is UTF-16 text: save it as UTF-8"
    if text[:1] == b"<":
        return "it is a web page or XML, perhaps a login or error page saved as a file: download the certificate itself"
    try:
        decoded = base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        return f"there is no certificate in it: expected {_WHAT_IS_READ}"
    if b"-----BEGIN " in decoded:
        return "it is base64 of a PEM file: decode it first ('base64 -d', or the filter b64decode)"
    return "it is base64 without the lines '-----BEGIN CERTIFICATE-----' and '-----END CERTIFICATE-----': add them"


def _parsed(der: bytes, position: int, total: int) -> x509.Certificate:
    try:
        parsed = x509.load_der_x509_certificate(der)
        # Both are parsed on first use only, and can be malformed.
        _ = parsed.extensions, parsed.subject, parsed.issuer
    except (ValueError, x509.DuplicateExtension) as exc:
        raise CertificateError(
            f"certificate {position} of {total} is malformed ({exc}): ask its issuer for another"
        ) from exc
    return parsed


def _verdict(certificate: Certificate, policy: Policy, now: datetime.datetime) -> tuple[list[str], list[str]]:
    """What forbids trusting the certificate, and what is worth a warning."""
    errors: list[str] = []
    remarks = [*_weaknesses(certificate.parsed)]
    if policy.pins and certificate.fingerprint not in policy.pins:
        errors.append(
            f"is not among the fingerprints asked for; its own is {colons(certificate.fingerprint)}: "
            "add that if the registry's administrator confirms it"
        )
    no_ca = _why_no_ca(certificate.parsed)
    if no_ca:
        remedy = "hand over the certificate of the authority that signed it, or set require_ca to false"
        (errors if policy.require_ca else remarks).append(f"{no_ca}: {remedy}" if policy.require_ca else no_ca)
    out_of_date = _why_out_of_date(certificate.parsed, now)
    if out_of_date:
        (remarks if policy.allow_expired else errors).append(out_of_date)
    elif _days_left(certificate.parsed, now) < policy.expiry_warning_days:
        remarks.append(
            f"expires in {_days_left(certificate.parsed, now)} days, on {_not_after(certificate.parsed):%Y-%m-%d}"
        )
    return errors, remarks


def _why_no_ca(parsed: x509.Certificate) -> str | None:
    """Why no verifier lets this certificate sign those of servers, or nothing if it may.

    Version 1 has no extensions; p11-kit and Go take such a certificate for a CA if it is self-signed.
    """
    if parsed.version is x509.Version.v1:
        return None if parsed.subject == parsed.issuer else "is not a CA certificate (version 1, not self-signed)"
    constraints = _extension(parsed, x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        which = "has no basicConstraints" if constraints is None else "says CA:FALSE, as those of servers do"
        return f"is not a CA certificate (it {which})"
    usage = _extension(parsed, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return "may not sign certificates (its keyUsage lacks keyCertSign)"
    purposes = _extension(parsed, x509.ExtendedKeyUsage)
    served = {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if purposes is not None and not served & set(purposes):
        return "may not sign certificates of servers (its extendedKeyUsage lacks serverAuth)"
    return None


def _why_out_of_date(parsed: x509.Certificate, now: datetime.datetime) -> str | None:
    if now > _not_after(parsed):
        remedy = "ask the registry's administrator for the renewed one, or set expired to warn"
        return f"has expired on {_not_after(parsed):%Y-%m-%d}: {remedy}"
    if now < _not_before(parsed):
        remedy = "check this machine's clock, wait, or set expired to warn"
        return f"is not valid before {_not_before(parsed):%Y-%m-%d %H:%M} UTC: {remedy}"
    return None


def _weaknesses(parsed: x509.Certificate) -> t.Iterator[str]:
    try:
        digest, key = parsed.signature_hash_algorithm, parsed.public_key()
    except (UnsupportedAlgorithm, ValueError):
        yield "has a key or signature of a kind that this controller's cryptography does not know"
        return
    if isinstance(digest, (hashes.SHA1, hashes.MD5)):
        yield f"is signed with {digest.name.upper()}, which is broken: ask for one signed with SHA-256"
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_RSA_BITS:
        yield f"has an RSA key of {key.key_size} bits, which is weak: ask for {LEAST_RSA_BITS} or more"
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.key_size < LEAST_EC_BITS:
        yield f"has an elliptic curve key of {key.curve.key_size} bits, which is weak: ask for {LEAST_EC_BITS} or more"
    if isinstance(key, dsa.DSAPublicKey):
        yield "has a DSA key, which oc, podman and skopeo cannot verify: ask for RSA or ECDSA"
    if parsed.version is x509.Version.v1:
        yield "is of X.509 version 1, which Python 3.13 and later may refuse"


def _without_issuer(certificates: t.Sequence[Certificate]) -> list[str]:
    subjects = {name_of(certificate.parsed.subject) for certificate in certificates}
    return [
        f"{certificate.label} is an intermediate whose issuer ({name_of(certificate.parsed.issuer)}) is not in the file: "
        "oc, podman and skopeo accept it, OpenSSL and Python before 3.13 do not"
        for certificate in certificates
        if name_of(certificate.parsed.issuer) not in subjects and _why_no_ca(certificate.parsed) is None
    ]


_E = t.TypeVar("_E", bound=x509.ExtensionType)


def _extension(parsed: x509.Certificate, kind: type[_E]) -> _E | None:
    try:
        return parsed.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _not_before(parsed: x509.Certificate) -> datetime.datetime:
    return _utc(parsed, "not_valid_before")


def _not_after(parsed: x509.Certificate) -> datetime.datetime:
    return _utc(parsed, "not_valid_after")


def _utc(parsed: x509.Certificate, name: str) -> datetime.datetime:
    """The time with its zone; cryptography before 42 has the attributes without one only."""
    aware: datetime.datetime | None = getattr(parsed, f"{name}_utc", None)
    return aware or getattr(parsed, name).replace(tzinfo=datetime.timezone.utc)


def _days_left(parsed: x509.Certificate, now: datetime.datetime) -> int:
    return (_not_after(parsed) - now).days
