# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificates lie in a file. Any ASN.1 sequence serves as a certificate: nothing here decodes one."""

import base64
import hashlib

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._pem import (
    certificates_in,
    cut,
    fingerprint,
    leading_der,
    public_key,
    readable_in,
)

SHORT = b"\x30\x03\x02\x01\x05"
LONG = b"\x30\x82\x01\x00" + bytes(256)
TRAILER = b"\x30\x02\x05\x00"


def pem(der: bytes, label: bytes = b"CERTIFICATE", end: bytes = b"\n") -> bytes:
    """One block, on one line of base64, which every reader takes."""
    return b"-----BEGIN %s-----%s%s%s-----END %s-----%s" % (label, end, base64.b64encode(der), end, label, end)


@pytest.mark.parametrize(
    ("content", "reads_der", "expected"),
    [
        pytest.param(b"", True, [], id="empty"),
        pytest.param(pem(SHORT), False, [SHORT], id="one"),
        pytest.param(pem(SHORT) + pem(LONG), False, [SHORT, LONG], id="a bundle, in its order"),
        pytest.param(b"# my CA\n" + pem(SHORT) + b"more text", False, [SHORT], id="text around it"),
        pytest.param(b"\xef\xbb\xbf" + pem(SHORT, end=b"\r\n"), False, [SHORT], id="BOM and CRLF"),
        pytest.param(pem(SHORT).rstrip(), False, [SHORT], id="no final newline"),
        pytest.param(pem(SHORT + TRAILER, b"TRUSTED CERTIFICATE"), False, [SHORT], id="OpenSSL's own format"),
        pytest.param(pem(SHORT, b"CERTIFICATE REQUEST"), False, [], id="a request"),
        pytest.param(pem(SHORT)[:-10], False, [], id="cut off"),
        pytest.param(
            b"-----BEGIN CERTIFICATE-----\n" + pem(SHORT), False, [SHORT], id="a block without its end before"
        ),
        pytest.param(pem(LONG[:-1]), False, [], id="cut off inside"),
        pytest.param(b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n", False, [], id="no base64"),
        pytest.param(SHORT, True, [SHORT], id="DER where the store reads it"),
        pytest.param(SHORT, False, [], id="DER where it does not"),
        pytest.param(SHORT + b"\n", True, [SHORT], id="DER and a newline"),
        pytest.param(b"\x30", True, [], id="one byte"),
    ],
)
def test_certificates_in(content, reads_der, expected):
    assert [found.der for found in certificates_in(content, reads_der)] == expected


@pytest.mark.parametrize(
    ("content", "reads_der", "expected"),
    [
        pytest.param(pem(SHORT) + pem(LONG), False, [SHORT, LONG], id="a bundle"),
        pytest.param(b"# my CA\n" + pem(SHORT, end=b"\r\n"), False, [SHORT], id="text before, CRLF"),
        pytest.param(pem(SHORT).rstrip(), False, [SHORT], id="no final newline"),
        pytest.param(pem(LONG)[:-30] + b"\n" + pem(SHORT), False, [SHORT], id="after a truncated one"),
        pytest.param(b"\xef\xbb\xbf" + pem(SHORT), False, [], id="behind a BOM"),
        pytest.param(b" " + pem(SHORT), False, [], id="indented"),
        pytest.param(pem(SHORT + TRAILER, b"TRUSTED CERTIFICATE"), False, [], id="OpenSSL's own format"),
        pytest.param(pem(SHORT).replace(b"MAM", b"M!AM"), False, [], id="a strange character"),
        pytest.param(pem(SHORT + b"x"), False, [], id="more than a certificate"),
        pytest.param(SHORT, True, [SHORT], id="DER where the store reads it"),
        pytest.param(SHORT + b"\n", True, [], id="DER and a newline"),
        pytest.param(SHORT, False, [], id="DER where it does not"),
    ],
)
def test_readable_in(content, reads_der, expected):
    """Go's encoding/pem and p11-kit, as observed, are the measure."""
    assert list(readable_in(content, reads_der)) == [fingerprint(der) for der in expected]


def test_the_fingerprint_is_that_of_openssl():
    assert fingerprint(SHORT) == hashlib.sha256(SHORT).hexdigest()


@pytest.mark.parametrize("length", [1, 0x7F, 0x80, 0xFF, 0x100, 0x10000])
def test_leading_der_knows_every_form_of_length(length):
    size = b"%c" % length if length < 0x80 else length.to_bytes((length.bit_length() + 7) // 8, "big")
    head = size if length < 0x80 else b"%c" % (0x80 + len(size)) + size
    der = b"\x30" + head + bytes(length)
    assert leading_der(der + b"rest") == der
    assert leading_der(der[:-1]) is None


@pytest.mark.parametrize(
    ("content", "gone", "expected"),
    [
        pytest.param(pem(SHORT), {SHORT}, None, id="the only one"),
        pytest.param(pem(SHORT) + pem(LONG), {SHORT}, pem(LONG), id="one of two"),
        pytest.param(pem(SHORT) + pem(LONG) + pem(SHORT), {SHORT}, pem(LONG), id="twice in the file"),
        pytest.param(
            b"# a\n" + pem(SHORT) + b"# b\n" + pem(LONG), {SHORT}, b"# a\n# b\n" + pem(LONG), id="comments stay"
        ),
        pytest.param(pem(SHORT) + pem(LONG), {SHORT, LONG}, None, id="all"),
        pytest.param(pem(SHORT), {LONG}, pem(SHORT), id="another"),
    ],
)
def test_cut(content, gone, expected):
    assert cut(content, {fingerprint(der) for der in gone}) == expected


def sequence(*elements: bytes) -> bytes:
    content = b"".join(elements)
    return b"\x30\x81%c" % len(content) + content


VERSION, NUMBER, KEY = b"\xa0\x03\x02\x01\x02", b"\x02\x01\x07", sequence(b"the key")


@pytest.mark.parametrize(
    ("der", "expected"),
    [
        pytest.param(sequence(sequence(VERSION, *[NUMBER] * 5, KEY, NUMBER)), KEY, id="version 3"),
        pytest.param(sequence(sequence(*[NUMBER] * 5, KEY)), KEY, id="version 1"),
        pytest.param(sequence(sequence(VERSION, *[NUMBER] * 5)), b"", id="no key"),
        pytest.param(SHORT, b"", id="no certificate"),
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b"\x30", b"", id="one byte"),
    ],
)
def test_public_key(der, expected):
    assert public_key(der) == expected
