# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real certificates, one broken in each way, and what is said of them."""

from __future__ import annotations

import datetime
import ipaddress
import typing as t

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import CAUSES
from ansible_collections.airgap.openshift.plugins.plugin_utils import _certificate_files
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificate_files import read
from ansible_collections.airgap.openshift.plugins.plugin_utils._registry_chain import Evidence, chain, explain
from ansible_collections.airgap.openshift.tests.unit.plugins.plugin_utils.made import DAY, DER, NOW, pem

HOST = "mirror.example.com"
PEER = f"{HOST}:5000"
CA_TRUE = x509.BasicConstraints(ca=True, path_length=None)
CA_FALSE = x509.BasicConstraints(ca=False, path_length=None)


def name(common: str, organization: str = "") -> x509.Name:
    kinds = ((NameOID.ORGANIZATION_NAME, organization), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in kinds if value])


class Made(t.NamedTuple):
    """A certificate and its key."""

    certificate: x509.Certificate
    key: t.Any

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(DER)


def issue(
    subject: x509.Name,
    by: Made | None = None,
    extensions: t.Sequence[x509.ExtensionType] = (CA_TRUE,),
    begins: datetime.datetime = NOW - 99 * DAY,
    ends: datetime.datetime = NOW + 365 * DAY,
    key: t.Any = None,
) -> Made:
    """A certificate signed by another, or by itself."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    issuer = by.certificate.subject if by else subject
    builder = x509.CertificateBuilder(issuer, subject, own.public_key(), x509.random_serial_number(), begins, ends)
    signing = by.key if by else own
    added = [
        *extensions,
        x509.SubjectKeyIdentifier.from_public_key(own.public_key()),
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()),
    ]
    for extension in added:
        builder = builder.add_extension(extension, critical=False)
    return Made(builder.sign(signing, hashes.SHA256()), own)


def names(*values: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(value) for value in values])


def leaf(by: Made | None, *extensions: x509.ExtensionType, **more: t.Any) -> Made:
    return issue(name(HOST), by, [CA_FALSE, *(extensions or [names(HOST)])], **more)


ROOT = issue(name("Root", "Example"))
INTERMEDIATE = issue(name("Issuing CA", "Example"), ROOT)
LEAF = leaf(ROOT)
LOWER = leaf(INTERMEDIATE)
SUB = issue(name("Sub", "Example"), INTERMEDIATE)
NAMESAKE = issue(name("Root", "Example"))
STRANGER = issue(name("Stranger"))
RENEWED = issue(name("Root", "Example"), key=ROOT.key, ends=NOW + 999 * DAY)
SELF = leaf(None)
SELF_CA = issue(name(HOST), None, [CA_TRUE, names(HOST)])
NEVER = issue(name(HOST), ROOT, ends=NOW.replace(year=2060)).der.replace(b"2060", b"0000")
EXPIRED_ROOT = issue(name("Root", "Example"), key=ROOT.key, ends=NOW - DAY)
EXPIRED_MIDDLE = issue(name("Issuing CA", "Example"), ROOT, key=INTERMEDIATE.key, ends=NOW - DAY)
NO_CA = issue(name("Root", "Example"), key=ROOT.key, extensions=[CA_FALSE])
AIA = x509.AuthorityInformationAccess(
    [
        x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp.x")),
        x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier("http://ca.x")),
    ]
)
OCSP_ONLY = x509.AuthorityInformationAccess([next(iter(AIA))])
FOREIGN = issue(name("Foreign", "Elsewhere"))
REFUSED = "certificate verify failed"


def explained(
    sent: t.Sequence[Made],
    anchors: t.Sequence[Made] = (),
    given: t.Sequence[Made] = (),
    refused: str = REFUSED,
    host: str = HOST,
    now: datetime.datetime = NOW,
    controller_now: datetime.datetime = NOW,
) -> list[tuple[str, str]]:
    """Codes and sentences."""
    evidence = Evidence(host, tuple(each.der for each in sent), tuple(each.der for each in anchors), refused, now)
    held = [certificate for each in given for certificate in read(pem(each.certificate))]
    return [(each.code, each.sentence()) for each in explain(PEER, evidence, held, controller_now)]


def says(found: list[tuple[str, str]], code: str, *fragments: str) -> None:
    """There is one finding, of this code, with all of this in it."""
    assert [each for each, _sentence in found] == [code]
    assert [fragment for fragment in fragments if fragment not in found[0][1]] == []


@pytest.mark.parametrize(
    ("sent", "anchors"),
    [
        pytest.param([LEAF], [ROOT], id="issued by a root"),
        pytest.param([LEAF, ROOT], [ROOT], id="the root is sent along"),
        pytest.param([LEAF, STRANGER], [ROOT], id="something else is sent along"),
        pytest.param([LOWER, INTERMEDIATE], [ROOT], id="an intermediate"),
        pytest.param([LOWER], [INTERMEDIATE], id="an intermediate as the anchor"),
        pytest.param([LEAF], [RENEWED], id="renewed with the same key"),
        pytest.param([LEAF], [EXPIRED_ROOT, RENEWED], id="the expired one is an anchor still"),
        pytest.param([LOWER, EXPIRED_MIDDLE, INTERMEDIATE], [ROOT], id="an expired intermediate beside a good one"),
        pytest.param([LEAF, EXPIRED_ROOT], [ROOT], id="an expired root that nobody needs"),
        pytest.param([LEAF], [NAMESAKE, ROOT], id="two of a name"),
        pytest.param([LEAF], [LEAF], id="the server's own is an anchor"),
        pytest.param([SELF], [SELF], id="self-signed, and an anchor"),
        pytest.param([], [], id="nothing was sent"),
    ],
)
def test_nothing_is_wrong(sent: list[Made], anchors: list[Made]) -> None:
    assert explained(sent, anchors) == []


@pytest.mark.parametrize(
    ("sent", "anchors", "given", "code", "fragments"),
    [
        pytest.param(
            *([LEAF], [NAMESAKE], [], "other-ca-of-the-name"),
            ["a CA named CN=Root,O=Example, but with another key", "get the renewed certificate of the CA"],
            id="an old CA of the name",
        ),
        pytest.param(
            *([LEAF, ROOT], [NAMESAKE], [ROOT], "other-ca-of-the-name"),
            ["the right one is among the certificates given: run ca_trust"],
            id="an old CA of the name, and the new one is given",
        ),
        pytest.param(
            *([SELF], [], [], "self-signed"), ["signed by itself", "have a CA sign"], id="self-signed and no CA"
        ),
        pytest.param(*([SELF], [], [SELF], "self-signed"), ["have a CA sign"], id="ca_trust would refuse it"),
        pytest.param(
            *([SELF_CA], [], [], "unknown-issuer"),
            [f"CN={HOST} (SHA-256 of what it sends: {SELF_CA.certificate.fingerprint(hashes.SHA256()).hex(':')})"],
            id="self-signed but a CA",
        ),
        pytest.param(
            *([LEAF], [], [ROOT], "unknown-issuer"),
            [
                f"CN=Root,O=Example (SHA-256 {ROOT.certificate.fingerprint(hashes.SHA256()).hex(':')}); it is among",
                "run ca_trust, or the role",
            ],
            id="the issuer is given",
        ),
        pytest.param(
            *([LOWER, INTERMEDIATE], [], [STRANGER, INTERMEDIATE], "unknown-issuer"),
            ["CN=Issuing CA,O=Example (SHA-256", "it is among"],
            id="the intermediate is given",
        ),
        pytest.param(
            *([LEAF, ROOT], [], [ROOT], "unknown-issuer"), ["it is among"], id="the root that is sent along is given"
        ),
        pytest.param(
            *([LEAF, ROOT], [], [STRANGER], "unknown-issuer"),
            ["of what it sends", "by a way that you trust, compare the fingerprint, and hand it to ca_trust"],
            id="the root that is sent along is not known",
        ),
        pytest.param(
            *([LEAF], [], [EXPIRED_ROOT], "incomplete-chain"), [], id="one given that ca_trust refuses is of no use"
        ),
        pytest.param(*([LEAF], [], [NO_CA], "incomplete-chain"), [], id="nor is one that is no CA"),
        pytest.param(
            *([LOWER], [], [ROOT], "incomplete-chain"),
            ["seems to be an intermediate: CN=Issuing CA,O=Example; put it after the server's own"],
            id="of the same organization as one given",
        ),
        pytest.param(
            *([leaf(FOREIGN, names(HOST), AIA)], [], [], "incomplete-chain"),
            ["CN=Foreign,O=Elsewhere, to be had at http://ca.x; put it"],
            id="it says where its issuer is",
        ),
        pytest.param(
            *([leaf(FOREIGN, names(HOST), OCSP_ONLY)], [], [ROOT], "unknown-issuer"),
            ["does not trust the CA of mirror.example.com:5000: CN=Foreign,O=Elsewhere; hand its certificate to"],
            id="no sign of an intermediate",
        ),
        pytest.param(
            *([LOWER, INTERMEDIATE], [], [ROOT], "unknown-issuer"), ["it is among"], id="the root above is given"
        ),
        pytest.param(
            *([leaf(SUB), SUB, INTERMEDIATE], [], [SUB], "unknown-issuer"),
            ["CN=Sub,O=Example (SHA-256", "it is among"],
            id="one of two intermediates is given",
        ),
        pytest.param(
            *([LEAF, ROOT, RENEWED], [], [], "unknown-issuer"),
            [ROOT.certificate.fingerprint(hashes.SHA256()).hex(":")],
            id="two roots are sent along",
        ),
        pytest.param(
            *([LEAF], [issue(name("Renamed"), key=ROOT.key)], [], "unknown-issuer"),
            ["CN=Root,O=Example; hand"],
            id="the anchor has the key but another name",
        ),
        pytest.param(*([LEAF], [], [], "unknown-issuer"), ["if it is an intermediate"], id="nothing is known"),
        pytest.param(
            *([LOWER, INTERMEDIATE], [], [], "unknown-issuer"), ["CN=Root,O=Example; hand"], id="the top is named"
        ),
    ],
)
def test_what_is_missing_at_the_top(
    sent: list[Made], anchors: list[Made], given: list[Made], code: str, fragments: list[str]
) -> None:
    says(explained(sent, anchors, given), code, *fragments)


def test_what_openssl_trusts_is_not_doubted() -> None:
    """The mirror host may have ways to trust that are not in the evidence."""
    assert explained([LEAF], refused="") == []


@pytest.mark.parametrize(
    ("host", "alternatives"),
    [
        ("mirror.example.com", ["mirror.example.com"]),
        ("mirror.example.com", ["other.example.com", "MIRROR.Example.com"]),
        ("Mirror.example.com", ["mirror.example.com"]),
        ("mirror.example.com.", ["mirror.example.com"]),
        ("mirror.example.com", ["*.example.com"]),
        ("mirror", ["mirror"]),
        ("mirror", ["*"]),
        ("my_mirror.x", ["my_mirror.x"]),
        ("-odd.x", ["-odd.x"]),
    ],
)
def test_names_that_match(host: str, alternatives: list[str]) -> None:
    assert explained([leaf(ROOT, names(*alternatives))], [ROOT], host=host) == []


@pytest.mark.parametrize(
    ("host", "alternatives"),
    [
        ("mirror.example.com", ["mirror.example.org"]),
        ("mirror.example.com", ["example.com"]),
        ("a.mirror.example.com", ["*.example.com"]),
        ("example.com", ["*.example.com"]),
        ("mirror.example.com", ["m*.example.com"]),
        ("mirror.example.com", ["*r.example.com"]),
        ("mirror.example.com", ["mirror.*.com"]),
        ("mirror.example.com", ["*.*.com"]),
        ("mirror.example.com", ["mirror.example.com."]),
        ("-odd.x", ["*.x"]),
        (".", ["."]),
    ],
)
def test_names_that_do_not_match(host: str, alternatives: list[str]) -> None:
    found = explained([leaf(ROOT, names(*alternatives))], [ROOT], host=host)
    says(found, "wrong-host-name", f"not valid for {host}, but for {alternatives[0]}; use one of these names")


def addresses(*values: str) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName(
        [x509.DNSName("mirror.example.com"), *(x509.IPAddress(ipaddress.ip_address(value)) for value in values)]
    )


@pytest.mark.parametrize(
    ("host", "alternatives", "fragment"),
    [
        pytest.param("192.0.2.1", addresses("192.0.2.1"), None, id="an address"),
        pytest.param("2001:db8::1", addresses("192.0.2.1", "2001:DB8:0::1"), None, id="IPv6"),
        pytest.param("[2001:db8::1]", addresses("2001:db8::1"), None, id="IPv6 in brackets"),
        pytest.param("::ffff:192.0.2.1", addresses("192.0.2.1"), None, id="IPv4 in IPv6"),
        pytest.param(
            *("192.0.2.2", addresses("192.0.2.1"), "but for mirror.example.com, 192.0.2.1; use one"), id="another"
        ),
        pytest.param("192.0.2.1", names("192.0.2.1"), "is an IP address, not a DNS name", id="address as a name"),
        pytest.param("192.0.2.1", names("*.0.2.1"), "but for *.0.2.1; use one", id="no wildcards for addresses"),
        pytest.param(
            "x",
            x509.SubjectAlternativeName([x509.RFC822Name("a@x")]),
            "for x, but for no name at all; have a certificate made for x",
            id="none of either",
        ),
        pytest.param("x", names(*(f"n{i}" for i in range(12))), ", n9, 2 more; use", id="many names"),
        pytest.param("x", names(*(f"n{i}" for i in range(10))), ", n9; use", id="not too many names"),
    ],
)
def test_alternatives(host: str, alternatives: x509.SubjectAlternativeName, fragment: str | None) -> None:
    found = explained([leaf(ROOT, alternatives)], [ROOT], host=host)
    if fragment is None:
        assert found == []
    else:
        says(found, "wrong-host-name", fragment)


def test_a_common_name_only() -> None:
    """Also where OpenSSL lets it pass: before Python 3.7 nothing tells it not to."""
    bare = leaf(ROOT, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))
    says(explained([bare], [ROOT], refused=""), "no-subject-alternative-name", f"Common Name only ({HOST})")


def test_no_name_of_any_kind() -> None:
    nameless = issue(name("", "Example"), ROOT, [CA_FALSE])
    says(explained([nameless], [ROOT]), "wrong-host-name", "no name at all; have a certificate made")


EXPIRED = leaf(ROOT, ends=NOW - datetime.timedelta(hours=5))
FUTURE = leaf(ROOT, begins=NOW + datetime.timedelta(hours=5))


@pytest.mark.parametrize(
    ("sent", "anchors", "given", "code", "fragments"),
    [
        pytest.param(
            *([EXPIRED], [ROOT], [], "expired"),
            [
                "the certificate of mirror.example.com:5000 has expired on 2026-11-21 19:00 UTC; "
                "have the certificate of the registry renewed"
            ],
            id="the server's own",
        ),
        pytest.param(
            *([LEAF], [EXPIRED_ROOT], [], "expired"),
            ["the CA certificate (CN=Root,O=Example) of mirror.example.com:5000 has expired", "get the renewed"],
            id="an anchor",
        ),
        pytest.param(
            *([LEAF], [EXPIRED_ROOT], [RENEWED], "expired"),
            ["a renewed one is among the certificates given: run ca_trust"],
            id="an anchor, and the renewed one is given",
        ),
        pytest.param(
            *([LOWER, EXPIRED_MIDDLE], [ROOT], [], "expired"),
            ["the CA certificate (CN=Issuing CA,O=Example)", "and the chain that the registry sends"],
            id="an intermediate",
        ),
        pytest.param(
            *([FUTURE], [ROOT], [], "not-yet-valid"),
            ["is not valid before 2026-11-22 05:00 UTC; wait until then"],
            id="not yet",
        ),
        pytest.param(
            *([LEAF], [issue(name("Root", "Example"), key=ROOT.key, begins=NOW + DAY)], [], "not-yet-valid"),
            ["the CA certificate (CN=Root,O=Example)", "wait until then"],
            id="an anchor that is not valid yet",
        ),
    ],
)
def test_dates(sent: list[Made], anchors: list[Made], given: list[Made], code: str, fragments: list[str]) -> None:
    says(explained(sent, anchors, given, refused="certificate has expired"), code, *fragments)


@pytest.mark.parametrize(
    ("sent", "ahead", "code", "fragment"),
    [
        pytest.param(
            *(LEAF, 400 * DAY, "expired"),
            "UTC (the clock of the mirror host is 400 days ahead of that of the controller); set the clock",
            id="far ahead",
        ),
        pytest.param(
            *(FUTURE, datetime.timedelta(hours=-6), "not-yet-valid"),
            "(the clock of the mirror host is 6 hours behind that of the controller); wait",
            id="behind, which does not explain it",
        ),
        pytest.param(
            *(leaf(ROOT, begins=NOW - datetime.timedelta(minutes=3)), datetime.timedelta(minutes=-5), "not-yet-valid"),
            "(the clock of the mirror host is 5 minutes behind that of the controller); set the clock",
            id="behind",
        ),
        pytest.param(*(EXPIRED, datetime.timedelta(seconds=61), "expired"), "is 61 seconds ahead", id="too much"),
        pytest.param(*(EXPIRED, datetime.timedelta(seconds=60), "expired"), "19:00 UTC; have", id="not too much"),
        pytest.param(*(EXPIRED, datetime.timedelta(seconds=-60), "expired"), "19:00 UTC; have", id="nor behind"),
    ],
)
def test_clocks(sent: Made, ahead: datetime.timedelta, code: str, fragment: str) -> None:
    found = explained([sent], [issue(name("Root", "Example"), key=ROOT.key, ends=NOW + 9999 * DAY)], now=NOW + ahead)
    says(found, code, fragment)


def test_it_is_the_clock_of_the_mirror_host_that_counts() -> None:
    assert explained([LEAF], [ROOT], controller_now=NOW + 4000 * DAY) == []


@pytest.mark.parametrize(
    ("days", "lifetime", "fragment"),
    [
        (29, 365, "the certificate of mirror.example.com:5000 expires in 29 days, on 2026-12-21; ask"),
        (30, 365, None),
        (29, 87, None),
        (28, 87, "expires in 28 days"),
        (3, 7, None),
        (2, 7, "expires in 2 days"),
        (0, 7, "expires in 0 days"),
    ],
)
def test_soon(days: int, lifetime: int, fragment: str | None) -> None:
    short = leaf(ROOT, begins=NOW + (days - lifetime) * DAY, ends=NOW + days * DAY)
    found = explained([short], [ROOT], refused="")
    if fragment is None:
        assert found == []
    else:
        says(found, "expires-soon", fragment)


def test_an_anchor_that_expires_soon() -> None:
    ending = issue(name("Root", "Example"), key=ROOT.key, ends=NOW + DAY)
    says(explained([LEAF], [ending], refused=""), "expires-soon", "the CA certificate (CN=Root,O=Example) of")


def der(tag: int, content: bytes) -> bytes:
    """An ASN.1 element of 256 to 65535 bytes."""
    return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content


RSA_ROOT = issue(name("RSA Root"), key=rsa.generate_private_key(65537, 2048))
RSA_MIDDLE = issue(name("RSA Middle"), RSA_ROOT, key=rsa.generate_private_key(65537, 2048))
SHA256_RSA = bytes.fromhex("06092a864886f70d01010b")


def resigned(made: Made, by: Made, digest: hashes.HashAlgorithm, last: int) -> Made:
    """With a real signature of a kind that cryptography itself no longer makes."""
    algorithm = SHA256_RSA[:-1] + bytes([last])
    body = made.certificate.tbs_certificate_bytes.replace(SHA256_RSA, algorithm)
    signature = b"\0" + by.key.sign(body, padding.PKCS1v15(), digest)
    whole = der(0x30, body + b"\x30\x0d" + algorithm + b"\x05\x00" + der(0x03, signature))
    return Made(x509.load_der_x509_certificate(whole), made.key)


SHA1, MD5 = (hashes.SHA1(), 5), (hashes.MD5(), 4)
RSA_LEAF = leaf(RSA_ROOT)
RSA_LOWER = leaf(RSA_MIDDLE)
SHA1_ROOT = resigned(RSA_ROOT, RSA_ROOT, *SHA1)


@pytest.mark.parametrize(
    ("sent", "anchors", "fragment"),
    [
        pytest.param([RSA_LEAF], [RSA_ROOT], None, id="SHA-256"),
        pytest.param(
            [resigned(RSA_LEAF, RSA_ROOT, *SHA1)],
            [RSA_ROOT],
            "the certificate of mirror.example.com:5000 is signed with SHA1, which is broken; have it signed anew",
            id="SHA-1",
        ),
        pytest.param([resigned(RSA_LEAF, RSA_ROOT, *MD5)], [RSA_ROOT], "is signed with MD5", id="MD5"),
        pytest.param(
            [RSA_LOWER, resigned(RSA_MIDDLE, RSA_ROOT, *SHA1)],
            [RSA_ROOT],
            "the CA certificate (CN=RSA Middle) of mirror.example.com:5000 is signed with SHA1",
            id="an intermediate",
        ),
        pytest.param([RSA_LEAF], [SHA1_ROOT], None, id="an anchor"),
        pytest.param([RSA_LEAF, SHA1_ROOT], [RSA_ROOT], None, id="a root that is sent along"),
        pytest.param([RSA_LOWER], [resigned(RSA_MIDDLE, RSA_ROOT, *SHA1)], None, id="an intermediate as the anchor"),
    ],
)
def test_signatures(sent: list[Made], anchors: list[Made], fragment: str | None) -> None:
    found = explained(sent, anchors, refused="")
    if fragment is None:
        assert found == []
    else:
        says(found, "weak-signature", fragment)


def test_weak_signatures_below_what_is_not_trusted() -> None:
    """The self-signed one that is sent along is not verified by its signature, all others would be."""
    weak = resigned(RSA_LEAF, RSA_ROOT, *SHA1)
    assert [code for code, _sentence in explained([weak, SHA1_ROOT])] == ["weak-signature", "unknown-issuer"]
    assert [code for code, _sentence in explained([weak])] == ["weak-signature", "unknown-issuer"]
    assert [code for code, _sentence in explained([RSA_LEAF, SHA1_ROOT])] == ["unknown-issuer"]


def purposes(*which: x509.ObjectIdentifier) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage(which)


@pytest.mark.parametrize(
    ("sent", "anchors", "fragment"),
    [
        pytest.param(
            [leaf(ROOT, names(HOST), purposes(ExtendedKeyUsageOID.CLIENT_AUTH))],
            [ROOT],
            "the certificate of mirror.example.com:5000 is not meant for this: it lacks serverAuth in its "
            "extendedKeyUsage; have a certificate made for TLS servers",
            id="for clients",
        ),
        pytest.param(
            [leaf(ROOT, names(HOST), purposes(ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH))],
            *([ROOT], None),
            id="for both",
        ),
        pytest.param(
            [leaf(ROOT, names(HOST), purposes(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE))],
            *([ROOT], None),
            id="for anything",
        ),
        pytest.param(
            *([LEAF], [NO_CA]),
            "the CA certificate (CN=Root,O=Example) of mirror.example.com:5000 is not meant for this: it is not a CA "
            "certificate (it says CA:FALSE, as those of servers do); have the certificate of the registry signed by",
            id="an anchor that is no CA",
        ),
        pytest.param(
            [
                LOWER,
                issue(
                    *(name("Issuing CA", "Example"), ROOT, [CA_TRUE, purposes(ExtendedKeyUsageOID.CODE_SIGNING)]),
                    key=INTERMEDIATE.key,
                ),
            ],
            *([ROOT], "it may not sign certificates of servers"),
            id="an intermediate for other things",
        ),
    ],
)
def test_purposes(sent: list[Made], anchors: list[Made], fragment: str | None) -> None:
    found = explained(sent, anchors, refused="unsuitable certificate purpose")
    if fragment is None:
        says(found, "certificate-not-judged", "unsuitable certificate purpose")
    else:
        says(found, "not-for-servers", fragment)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        pytest.param([b"\x30\x03abc"], "certificate 1 of the 1 that it sends is malformed", id="no certificate"),
        pytest.param([b""], "certificate 1 of the 1 that it sends is malformed", id="nothing"),
        pytest.param([NEVER], "certificate 1 of the 1 that it sends is malformed (year 0", id="of no year"),
        pytest.param([LEAF.der, ROOT.der[:-9]], "certificate 2 of the 2 that it sends is malformed", id="cut short"),
        pytest.param(
            [LEAF.der.replace(b"\x55\x1d\x11\x04", b"\x55\x1d\x13\x04")],
            "certificate 1 of the 1 that it sends is malformed",
            id="two extensions of a kind",
        ),
    ],
)
def test_malformed(sent: list[bytes], message: str) -> None:
    evidence = Evidence(HOST, tuple(sent), (ROOT.der,), "bad certificate", NOW)
    [found] = explain(PEER, evidence, [], NOW)
    assert found.code == "certificate-refused"
    assert f"the certificate of {PEER} is not accepted: {message}" in found.message


def test_a_malformed_anchor_is_none() -> None:
    evidence = Evidence(HOST, (LEAF.der,), (b"\x30\x03abc", ROOT.der), REFUSED, NOW)
    assert explain(PEER, evidence, [], NOW) == []


def test_all_that_is_wrong_is_said() -> None:
    ending = issue(name("Root", "Example"), key=ROOT.key, ends=NOW + DAY)
    wrong = leaf(ROOT, names("x"), purposes(ExtendedKeyUsageOID.CLIENT_AUTH), ends=NOW - DAY)
    codes = [code for code, _sentence in explained([wrong], [ending])]
    assert codes == ["wrong-host-name", "expired", "not-for-servers", "expires-soon"]


def test_a_server_may_send_what_it_likes() -> None:
    """Eight and eight that stand above each other can be put in order in more ways than anybody could look at."""
    there = [issue(name("There"), RSA_ROOT, key=RSA_ROOT.key) for _number in range(8)]
    back = [issue(name("RSA Root"), there[0], key=RSA_ROOT.key) for _number in range(8)]
    assert [code for code, _sentence in explained([RSA_LEAF, *there, *back])] == ["unknown-issuer"]
    assert len(chain([LEAF.der] * 20)) == 16


def test_an_algorithm_that_is_not_known() -> None:
    """It is not for this controller's cryptography to say that others do not know it either."""
    odd = x509.load_der_x509_certificate(RSA_LEAF.der.replace(SHA256_RSA, SHA256_RSA[:-1] + b"\x7f"))
    assert explained([Made(odd, None)], [RSA_ROOT], refused="") == []


def test_a_root_that_is_sent_along_but_no_ca() -> None:
    assert [code for code, _sentence in explained([LEAF, NO_CA])] == ["not-for-servers", "unknown-issuer"]


@pytest.mark.parametrize(
    ("key", "fragment"),
    [
        (ec.generate_private_key(ec.BrainpoolP256R1()), "on the curve brainpoolP256r1"),
        (ec.generate_private_key(ec.SECP224R1()), "on the curve secp224r1"),
        (ec.generate_private_key(ec.SECP521R1()), None),
        (rsa.generate_private_key(65537, 1024), None),
    ],
)
def test_keys_that_go_does_not_know(key: t.Any, fragment: str | None) -> None:
    root = issue(name("Root"))
    found = explained([issue(name("server"), root, (names(HOST),), key=key)], [root], refused="")
    assert [code for code, _sentence in found] == (["certificate-refused"] if fragment else [])
    assert not fragment or fragment in found[0][1]


def test_two_that_signed_each_other() -> None:
    there = issue(name("B"), INTERMEDIATE)
    back = issue(name("Issuing CA", "Example"), there, key=INTERMEDIATE.key)
    says(explained([LOWER, back, there]), "unknown-issuer", "CN=Issuing CA,O=Example; hand")


@pytest.mark.parametrize("missing", [TypeError, UnsupportedAlgorithm, ValueError])
def test_without_a_way_to_verify_names_and_key_identifiers_decide(
    missing: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in for a cryptography that does not know an algorithm."""

    class Old:
        def __init__(self, certificate: x509.Certificate) -> None:
            self.certificate = certificate

        def __getattr__(self, attribute: str) -> t.Any:
            return getattr(self.certificate, attribute)

        def verify_directly_issued_by(self, _issuer: object) -> None:
            raise missing("x")

    real = _certificate_files.parsed
    monkeypatch.setattr(_certificate_files, "parsed", lambda data: Old(real(data)))
    assert explained([LOWER, INTERMEDIATE], [ROOT]) == []
    says(explained([LEAF], [NAMESAKE]), "other-ca-of-the-name")
    says(explained([LEAF], [STRANGER]), "unknown-issuer")
    bare = bare_of_identifiers(name(HOST), ROOT.certificate.subject, signed_with=(ROOT.key, hashes.SHA256()))
    assert explained([bare], [NAMESAKE]) == []


class Before40:
    """A certificate as cryptography had it before 40; the session of ansible-core 2.14 has the real one."""

    def __init__(self, certificate: x509.Certificate) -> None:
        self.certificate = certificate

    def __getattr__(self, attribute: str) -> t.Any:
        if attribute == "verify_directly_issued_by":
            raise AttributeError(attribute)
        return getattr(self.certificate, attribute)


@pytest.mark.parametrize(
    ("make_key", "digest"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), hashes.SHA256()),
        (lambda: ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()),
        (ed25519.Ed25519PrivateKey.generate, None),
    ],
    ids=["RSA", "EC", "Ed25519"],
)
def test_signatures_are_verified_before_cryptography_40(
    make_key: t.Callable[[], t.Any], digest: hashes.HashAlgorithm | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without key identifiers, so that nothing but the signature tells the one CA from the other."""
    ours, other = make_key(), make_key()
    server = bare_of_identifiers(name(HOST), name("Root"), signed_with=(ours, digest))
    root, namesake = (
        bare_of_identifiers(name("Root"), name("Root"), signed_with=(key, digest)) for key in (ours, other)
    )
    real = _certificate_files.parsed
    monkeypatch.setattr(_certificate_files, "parsed", lambda data: Before40(real(data)))
    assert explained([server], [root]) == []
    says(explained([server], [namesake]), "other-ca-of-the-name")


def bare_of_identifiers(subject: x509.Name, issuer: x509.Name, signed_with: tuple[t.Any, t.Any]) -> Made:
    key, digest = signed_with
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), 7, NOW - 99 * DAY, NOW + 99 * DAY)
    added = names(HOST) if subject != issuer else CA_TRUE
    return Made(builder.add_extension(added, critical=False).sign(key, digest), key)


def test_chain() -> None:
    found = chain([LOWER.der, INTERMEDIATE.der])
    assert [each.parsed for each in found] == [LOWER.certificate, INTERMEDIATE.certificate]
    assert found[1].label == "certificate 2 of 2 (CN=Issuing CA,O=Example)"
    assert found[0].fingerprint == LOWER.certificate.fingerprint(hashes.SHA256()).hex()


def test_only_codes_of_the_table_about_tls() -> None:
    """Those which only a look at certificates can tell are all produced here."""
    talk = {"plain-http", "not-tls", "tls-too-old", "tls-refused", "client-certificate-wanted"}
    told = {"certs-d-only", "certs-d-in-the-way", *talk}
    of_certificates = {code for code, cause in CAUSES.items() if cause.step == "tls"} - told
    with open(__file__, encoding="utf-8") as file:
        source = file.read()
    assert {code for code in of_certificates if f'"{code}"' not in source} == set()


@pytest.mark.parametrize(
    ("refused", "codes"),
    [
        ("it is not accepted: unable to get local issuer certificate", ["certificate-not-judged"]),
        ("it is not accepted: unsuitable certificate purpose", ["certificate-not-judged"]),
        ("it is not accepted: permitted subtree violation", []),
    ],
)
def test_what_openssl_alone_refuses(refused: str, codes: list[str]) -> None:
    root = issue(name("Root"))
    sent = [leaf(root)]
    assert [code for code, _sentence in explained(sent, [root], refused=refused)] == codes
    other = explained(sent, [issue(name("Root"))], refused=refused)
    assert [code for code, _sentence in other] == ["other-ca-of-the-name"]


def test_what_a_partial_chain_lacks_is_not_said_to_be_missing() -> None:
    whole = Evidence(HOST, (leaf(INTERMEDIATE).der,), (), REFUSED, NOW)
    codes = []
    for evidence in (whole, whole._replace(partial=True)):
        held = list(read(pem(ROOT.certificate)))
        codes += [each.code for each in explain(PEER, evidence, held, NOW)]
    assert codes == ["incomplete-chain", "unknown-issuer"]
