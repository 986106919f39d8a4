# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificates are seen in what a server sends, by hand-made bytes and by real handshakes on this host."""

import socket
import ssl
import time
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import RegistryError
from ansible_collections.airgap.openshift.plugins.module_utils._registry_handshake import (
    Sent,
    certificates_sent,
    look_at,
)
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Peer
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.examples import briefly
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.loopback import (
    HOST,
    Server,
    certificate,
    der,
    says,
    serving,
    shakes_hands,
)

HELLO, CERTIFICATE, DONE = 2, 11, 14
ALERT_OLD = b"\x15\x03\x01\x00\x02\x02\x46"
ALERT_FAILURE = b"\x15\x03\x01\x00\x02\x02\x28"


def message(kind, body=b""):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def certificates(*ders):
    listed = b"".join(len(each).to_bytes(3, "big") + each for each in ders)
    return message(CERTIFICATE, len(listed).to_bytes(3, "big") + listed)


def record(fragment, kind=22):
    return bytes([kind]) + b"\x03\x03" + len(fragment).to_bytes(2, "big") + fragment


def in_records(stream):
    return b"".join(record(stream[at : at + 16000]) for at in range(0, len(stream), 16000))


FLIGHT = message(HELLO, b"h" * 70) + certificates(b"server" * 100, b"ca" * 300) + message(DONE)
SENT = [b"server" * 100, b"ca" * 300]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(record(FLIGHT), SENT, id="all in one record"),
        pytest.param(record(FLIGHT) + record(b"\1", 20) + record(certificates(b"x")), SENT, id="more behind it"),
        pytest.param(b"".join(map(record, [FLIGHT[:80], FLIGHT[80:700], FLIGHT[700:]])), SENT, id="three records"),
        pytest.param(b"".join(record(bytes([byte])) for byte in FLIGHT), SENT, id="a byte in each record"),
        pytest.param(record(b"") + record(FLIGHT), SENT, id="an empty record"),
        pytest.param(record(certificates(b"a") + certificates(b"b")), [b"a"], id="the first message counts"),
        pytest.param(record(certificates()), [], id="an empty list"),
        pytest.param(record(certificates(b"", b"a", b"")), [b"a"], id="empty ones"),
        pytest.param(record(message(HELLO) + message(DONE)), [], id="no such message"),
        pytest.param(record(b"\1", 20) + record(FLIGHT), [], id="what is encrypted"),
        pytest.param(record(b"\2\x28", 21), [], id="an alert"),
        pytest.param(record(FLIGHT)[:-400], [], id="cut off within"),
        pytest.param(record(message(CERTIFICATE, b"\0")), [], id="too short"),
        pytest.param(b"HTTP/1.0 400 Bad Request\r\n", [], id="no TLS"),
    ],
)
def test_certificates_sent(words, expected):
    assert list(certificates_sent(words)) == expected


@given(st.lists(st.integers(min_value=0, max_value=len(FLIGHT)), max_size=12))
@briefly
def test_records_may_be_split_anywhere(cuts):
    edges = [0, *sorted(cuts), len(FLIGHT)]
    words = b"".join(record(FLIGHT[begin:end]) for begin, end in zip(edges, edges[1:]))
    assert list(certificates_sent(words)) == SENT


PIECES = st.sampled_from([b"\x16\x03\x03", b"\0", b"\0\0\0", b"\xff", b"\x0b", b"\x05", b"a", record(FLIGHT)[:90]])


@given(st.one_of(st.lists(PIECES, max_size=40).map(b"".join), st.binary(max_size=200).map(record)))
@briefly
def test_any_bytes_hold_certificates_or_none(words):
    found = list(certificates_sent(words))
    assert all(found)
    assert sum(map(len, found)) <= len(words)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(record(message(0) * 4000) * 62, id="messages without content"),
        pytest.param(record(message(0)) * 110000, id="the same, each in a record"),
        pytest.param(record(b"") * 200000, id="records without content"),
        pytest.param(in_records(certificates(*[b""] * 330000)), id="certificates without content"),
        pytest.param(in_records(certificates(*[b"a"] * 250000)), id="many certificates"),
    ],
)
def test_what_is_long_takes_neither_long_nor_much_room(words):
    begin = time.process_time()
    assert len(list(certificates_sent(words))) <= 20
    assert time.process_time() - begin < 2


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("handshake"), "own")


@pytest.fixture(scope="module")
def chained(tmp_path_factory, own):
    """A server that sends a second certificate after its own; a client that verifies nothing does not mind which."""
    folder = tmp_path_factory.mktemp("chained")
    other = certificate(folder, "other")
    with open(f"{own}.crt", encoding="ascii") as first, open(f"{other}.crt", encoding="ascii") as second:
        texts = [first.read(), second.read()]
    with open(f"{folder}/chain.crt", "w", encoding="ascii") as chain:
        chain.write("".join(texts))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/chain.crt", f"{own}.key")
    return context, [der(own), der(other)]


def looked_at(talk, seconds=3, host=HOST):
    with Server(talk) as server:
        peer = Peer(host, server.port, "mirror.example.com:5000")
        return look_at(lambda: socket.create_connection((HOST, server.port), seconds), peer, seconds)


@pytest.mark.parametrize("host", [HOST, "mirror.example.com", "other.example"])
def test_the_whole_chain_is_seen_whoever_it_is_for(chained, host):
    context, sent = chained
    assert looked_at(shakes_hands(context), host=host) == Sent(tuple(sent))


def speaking(context, version):
    """Make a context speak this version of TLS (TLSv1, TLSv1_2, TLSv1_3) and no other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for other in ("TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"):
            context.options |= getattr(ssl, f"OP_NO_{other}", 0) if other != version else 0
        if hasattr(context, "minimum_version"):
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context


def test_only_tls_12_is_as_good(chained):
    context, sent = chained
    assert looked_at(shakes_hands(speaking(context, "TLSv1_2"))) == Sent(tuple(sent))


@pytest.mark.skipif(not getattr(ssl, "HAS_TLSv1_3", False), reason="this Python knows no TLS 1.3")
def test_of_tls_13_alone_the_own_certificate_is_seen(own):
    assert looked_at(shakes_hands(speaking(serving(own), "TLSv1_3"))) == Sent((der(own),), whole=False)


def refused(talk, seconds=3):
    with pytest.raises(RegistryError) as caught:
        looked_at(talk, seconds)
    return caught.value.finding


def test_an_old_version_is_refused(own):
    said = refused(shakes_hands(speaking(serving(own), "TLSv1")))
    assert (said.code, "TLSv1" in said.message) == ("tls-too-old", True)


def hangs_up_in_the_middle(own):
    """A double of a server that sends half of a real one's first words."""
    begun = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = serving(own).wrap_bio(*begun, server_side=True)

    def talk(sock):
        begun[0].write(sock.recv(1 << 16))
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        words = begun[1].read()
        sock.sendall(words[: len(words) // 2])

    return talk


def test_a_server_that_hangs_up_in_the_middle_has_no_certificates(own):
    assert looked_at(hangs_up_in_the_middle(own)) == Sent(())


@pytest.mark.parametrize(
    ("words", "code", "says_so"),
    [
        (b"", "connection-lost", "mirror.example.com:5000 ended the connection"),
        (
            b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
            "plain-http",
            "plain HTTP",
        ),
        (b"SSH-2.0-OpenSSH_9.2\x1b[31m\r\n", "not-tls", "it says 'SSH-2.0-OpenSSH_9.2 [31m'"),
        (b"\0" * 50, "not-tls", "it says ''"),
        pytest.param(b"<html>" * 50000, "not-tls", "it says '<html><html>", id="a long page"),
    ],
)
def test_what_is_no_tls(words, code, says_so):
    said = refused(says(words))
    assert said.code == code
    assert says_so in said.message
    assert said.message.isprintable()


@pytest.mark.parametrize("words", [ALERT_FAILURE, ALERT_OLD, record(b"x" * 90), record(message(HELLO)), b"\x16"])
def test_a_server_that_breaks_off_has_no_certificates(words):
    assert looked_at(says(words)) == Sent(())


def drips(sock):
    """A double of a server that never comes to an end."""
    sock.recv(1 << 16)
    for _turn in range(200):
        sock.sendall(record(message(0)))
        time.sleep(0.05)


def floods(sock):
    sock.recv(1 << 16)
    for _turn in range(4000):
        sock.sendall(record(message(0) * 4000))


@pytest.mark.parametrize("talk", [drips, lambda sock: sock.recv(1 << 16) and sock.recv(1 << 16)])
def test_a_server_that_does_not_come_to_an_end_is_left(talk):
    begin = time.monotonic()
    said = refused(talk, seconds=0.3)
    assert (said.code, "within 0.3 seconds" in said.message) == ("connection-timeout", True)
    assert time.monotonic() - begin < 1


def test_a_server_that_says_too_much_is_left():
    begin = time.monotonic()
    assert looked_at(floods) == Sent(())
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize("host", ["a" * 64 + ".example", ".example", "a..example"])
def test_a_name_that_tls_does_not_take_ends_nothing(host):
    said = None
    try:
        assert looked_at(says(b""), host=host) == Sent(())
    except RegistryError as exc:
        said = exc.finding.code
    assert said == "connection-lost"
