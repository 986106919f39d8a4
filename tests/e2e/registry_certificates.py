# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of every kind for registries, good and bad, made anew for each run."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import NamedTuple, Union

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = Union[ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey]
Extensions = Sequence[tuple[x509.ExtensionType, bool]]
_NOW = datetime.now(timezone.utc)
_DAY = timedelta(days=1)


def _around(begin: int, end: int) -> tuple[datetime, datetime]:
    """From one day to another, counted from today."""
    return _NOW + begin * _DAY, _NOW + end * _DAY


_FAR = _around(-30, 60)


class Signed(NamedTuple):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> bytes:
        """The certificate."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key, as every OpenSSL and every Go reads it."""
        kind = serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption())


class Pair(NamedTuple):
    """What a server is given: its certificate, and others that it sends along, and its key."""

    chain: bytes
    key: bytes


def _name(common: str, organization: str = "Example") -> x509.Name:
    names = [(NameOID.ORGANIZATION_NAME, organization), (NameOID.COMMON_NAME, common)]
    return x509.Name([x509.NameAttribute(*name) for name in names])


def _sign(
    subject: x509.Name, issuer: Signed | None, extensions: Extensions,
    *, valid: tuple[datetime, datetime] = _FAR, key: Key | None = None,
) -> Signed:  # fmt: skip
    """A certificate that the issuer signs, or that signs itself."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(subject).public_key(own.public_key())
    builder = builder.issuer_name(issuer.certificate.subject if issuer else subject)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(valid[0]).not_valid_after(valid[1])
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return Signed(builder.sign(issuer.key if issuer else own, hashes.SHA256()), own)


def authority(
    common: str, issuer: Signed | None = None, more: Extensions = (),
    *, organization: str = "Example", valid: tuple[datetime, datetime] = _FAR,
) -> Signed:  # fmt: skip
    """A CA."""
    extensions = [(x509.BasicConstraints(ca=True, path_length=None), True), *more]
    return _sign(_name(common, organization), issuer, extensions, valid=valid)


def token_signer() -> Signed:
    """What docker-registry verifies tokens with, which must be RSA."""
    return _sign(_name("Token Signer"), None, (), key=rsa.generate_private_key(65537, 2048))


def server(
    host: str, issuer: Signed | None, *, names: Sequence[str] | None = None, more: Extensions = (),
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH, valid: tuple[datetime, datetime] = _FAR,
    key: Key | None = None,
) -> Signed:  # fmt: skip
    """A server's certificate, which names itself unless `names` says otherwise."""
    wanted = [host] if names is None else names
    extensions = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([usage]), False),
        *more,
    ]
    if wanted:
        extensions.append((x509.SubjectAlternativeName(list(map(_general_name, wanted))), False))
    return _sign(_name(host), issuer, extensions, valid=valid, key=key)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Certificates:
    """Authorities, of which a mirror host is to trust some, and servers' certificates by the name of their kind."""

    def __init__(self) -> None:
        self.ca = authority("Mirror CA")
        self.unknown_ca = authority("Unknown CA", organization="Somebody else")
        self.kept_ca = authority("Kept CA", organization="A third party")
        self.old_ca, self.renewed_ca = authority("Renewed CA"), authority("Renewed CA")
        self.intermediate = authority("Issuing CA", self.ca)
        self.expired = authority("Expired Issuing CA", self.ca, valid=_around(-30, -1))
        self.other_root = authority("Root that nobody has")
        self.known_intermediate = authority("Known Issuing CA", self.other_root)
        only = x509.NameConstraints([x509.DNSName("elsewhere.test")], None)
        self.constrained_ca = authority("CA of elsewhere.test", None, [(only, True)])
        self.own_ca = authority("selfmade-ca.lab.test", None, [(_names("selfmade-ca.lab.test"), False)])

    @property
    def trusted(self) -> bytes:
        """What a mirror host is to trust: the certificates of some authorities."""
        known = (self.ca, self.old_ca, self.known_intermediate, self.constrained_ca, self.own_ca)
        return b"".join(each.pem for each in known)

    @property
    def given(self) -> bytes:
        """What the administrator of the mirror host has."""
        return self.trusted + self.kept_ca.pem

    def make(self, kind: str, host: str) -> Pair:
        """A certificate of a kind for a host."""
        made, along = _KINDS[kind](self, host)
        return Pair(made.pem + b"".join(each.pem for each in along), made.key_pem)


def _names(host: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(host)])


def _by_a_server(here: Certificates, host: str) -> _Made:
    issuer = server("not-a-ca.lab.test", here.ca)
    return server(host, issuer), [issuer]


_Made = tuple[Signed, Sequence[Signed]]
_KINDS: dict[str, Callable[[Certificates, str], _Made]] = {
    "good": lambda here, host: (server(host, here.ca), ()),
    "by an intermediate": lambda here, host: (server(host, here.intermediate), [here.intermediate]),
    "by a trusted intermediate": lambda here, host: (server(host, here.known_intermediate), ()),
    "by an intermediate that expired": lambda here, host: (server(host, here.expired), [here.expired]),
    "for every host": lambda here, host: (server(host, here.ca, names=["*.lab.test"]), ()),
    "its own CA, trusted": lambda here, _host: (here.own_ca, ()),
    "RSA": lambda here, host: (server(host, here.ca, key=rsa.generate_private_key(65537, 2048)), ()),
    "RSA-1024": lambda here, host: (server(host, here.ca, key=rsa.generate_private_key(65537, 1024)), ()),
    "by an unknown CA": lambda here, host: (server(host, here.unknown_ca), ()),
    "by an unknown CA, sent along": lambda here, host: (server(host, here.unknown_ca), [here.unknown_ca]),
    "by a CA that is kept": lambda here, host: (server(host, here.kept_ca), ()),
    "by a renewed CA": lambda here, host: (server(host, here.renewed_ca), ()),
    "self-signed": lambda _here, host: (server(host, None), ()),
    "by an intermediate that is not sent": lambda here, host: (server(host, here.intermediate), ()),
    "for another host": lambda here, host: (server(host, here.ca, names=["mirror.lab.test", "10.77.0.9"]), ()),
    "without a SAN": lambda here, host: (server(host, here.ca, names=[]), ()),
    "expired": lambda here, host: (server(host, here.ca, valid=_around(-30, -1)), ()),
    "expires soon": lambda here, host: (server(host, here.ca, valid=_around(-30, 3)), ()),
    "not yet valid": lambda here, host: (server(host, here.ca, valid=_around(1, 30)), ()),
    "signed with SHA-1": lambda here, host: (server(host, here.ca), ()),  # which somebody else has to do
    "for any purpose": lambda here, host: (server(host, here.ca, usage=ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE), ()),
    "for clients": lambda here, host: (server(host, here.ca, usage=ExtendedKeyUsageOID.CLIENT_AUTH), ()),
    "on an unknown curve": lambda here, host: (
        server(host, here.ca, key=ec.generate_private_key(ec.BrainpoolP256R1())),
        (),
    ),
    "by a CA of other hosts": lambda here, host: (server(host, here.constrained_ca), ()),
    "by a server": _by_a_server,
}
