# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left to do for a host to trust the right certificates. Any ASN.1 sequence serves as a certificate."""

import base64
import sys

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._pem import fingerprint
from ansible_collections.airgap.openshift.plugins.module_utils._trust_own import MARK
from ansible_collections.airgap.openshift.plugins.module_utils._trust_plan import (
    AnchorFile,
    Blocked,
    Certificate,
    Change,
    Look,
    Plan,
    Request,
    afterwards,
    differences,
    plan,
    read_request,
    reported,
    why_lost,
    why_not,
)
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import STORES, TrustStoreError

RHEL, DEBIAN = STORES[0], STORES[-1]
USR, ETC = RHEL.anchors_dirs


def certificate(number: int) -> Certificate:
    der = b"\x30\x03\x02\x01%c" % number
    pem = b"-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % base64.b64encode(der)
    return Certificate(fingerprint(der), pem, b"key %d" % number)


A, B, C = certificate(1), certificate(2), certificate(3)


def der(of: Certificate) -> bytes:
    return base64.b64decode(of.pem.splitlines()[1])


def anchor(name: str, *certificates: Certificate, mode: int = 0o644, directory: str = USR) -> AnchorFile:
    return AnchorFile(directory + "/" + name, b"".join(each.pem for each in certificates), mode)


def made(name: str, certificate: Certificate, directory: str = USR) -> AnchorFile:
    return AnchorFile(directory + "/" + name, MARK + certificate.pem, 0o644)


def look(*anchors: AnchorFile, trusted=(), **others) -> Look:
    return Look((USR, ETC), anchors, frozenset(each.fingerprint for each in trusted), **others)


def present(name: str, *certificates: Certificate) -> Request:
    return Request(name, True, certificates)


def absent(name: str = "", *certificates: Certificate, fingerprints=(), only_own: bool = False) -> Request:
    return Request(name, False, certificates, frozenset(fingerprints), only_own)


def summary(todo):
    """File name and what it shall hold, for each change."""
    return {change.path: change.after.content if change.after else None for change in todo.changes}


NOTHING = {}


@pytest.mark.parametrize(
    ("requests", "seen", "changes", "refresh"),
    [
        pytest.param([present("m", A)], look(), {USR + "/m.crt": MARK + A.pem}, True, id="new"),
        pytest.param([present("m", A)], look(anchor("m.crt", A), trusted=[A]), NOTHING, False, id="settled"),
        pytest.param([present("m", A)], look(anchor("m.crt", A)), NOTHING, True, id="interrupted before the refresh"),
        pytest.param([present("m", A)], look(trusted=[A]), NOTHING, False, id="the system brings it along"),
        pytest.param(
            [present("m", A)], look(trusted=[A], stale=True), {USR + "/m.crt": MARK + A.pem}, True, id="or it is a rest"
        ),
        pytest.param(
            [present("m", A)], look(trusted=[A], stale=None), {USR + "/m.crt": MARK + A.pem}, True, id="or nobody knows"
        ),
        pytest.param(
            [present("m", B)], look(anchor("m.crt", A), trusted=[A]), {USR + "/m.crt": MARK + B.pem}, True, id="renewed"
        ),
        pytest.param(
            [present("m", B)],
            look(anchor("m.pem", A, directory=ETC), trusted=[A]),
            {ETC + "/m.pem": None, USR + "/m.crt": MARK + B.pem},
            True,
            id="renewed, the old one laid by hand into the other directory",
        ),
        pytest.param(
            [present("m", A)],
            look(anchor("other.pem", A), trusted=[A]),
            NOTHING,
            False,
            id="anchored under another name",
        ),
        pytest.param(
            [present("m", A)],
            look(AnchorFile(ETC + "/x.der", der(A), 0o644), trusted=[A]),
            NOTHING,
            False,
            id="anchored as DER",
        ),
        pytest.param(
            [present("m", A)],
            look(anchor("m.crt", A, mode=0o600), trusted=[A]),
            {USR + "/m.crt": A.pem},
            True,
            id="unreadable for ordinary users",
        ),
        pytest.param(
            [present("m", A)],
            look(AnchorFile(USR + "/m.crt", b"my CA\r\n" + A.pem, 0o644), trusted=[A]),
            {USR + "/m.crt": A.pem},
            True,
            id="its own file is put right",
        ),
        pytest.param(
            [present("m", A, B)],
            look(),
            {USR + "/m-" + each.fingerprint[:16] + ".crt": MARK + each.pem for each in (A, B)},
            True,
            id="a bundle: one file each",
        ),
        pytest.param(
            [present("m", A, B)],
            look(anchor("m.crt", A), trusted=[A]),
            {USR + "/m-" + B.fingerprint[:16] + ".crt": MARK + B.pem},
            True,
            id="a bundle that grows keeps what is there",
        ),
        pytest.param(
            [present("m", A, B)],
            look(made("m.crt", A), trusted=[A]),
            {USR + "/m-" + B.fingerprint[:16] + ".crt": MARK + B.pem},
            True,
            id="a bundle that grows keeps what was made",
        ),
        pytest.param(
            [present("m", B)],
            look(
                anchor("m-%s.crt" % A.fingerprint[:16], A), anchor("m-%s.crt" % B.fingerprint[:16], B), trusted=[A, B]
            ),
            {USR + "/m-" + A.fingerprint[:16] + ".crt": None},
            True,
            id="a bundle that shrinks leaves nothing behind",
        ),
        pytest.param(
            [present("m", A)],
            look(anchor("m.crt", A), trusted=[A, B], stale=True),
            NOTHING,
            True,
            id="shrunk, and interrupted before the refresh",
        ),
        pytest.param(
            [present("m", A)],
            look(anchor("mirror.crt", B), anchor("m-2.crt", C)),
            {USR + "/m.crt": MARK + A.pem},
            True,
            id="names alike",
        ),
        pytest.param(
            [present("m", A), present("n", A)], look(), {USR + "/m.crt": MARK + A.pem}, True, id="asked for twice"
        ),
        pytest.param(
            [present("new", A), absent("old")],
            look(anchor("old.crt", A), trusted=[A]),
            {USR + "/old.crt": None, USR + "/new.crt": A.pem},
            True,
            id="moved to another name",
        ),
        pytest.param(
            [absent("m")], look(anchor("m.crt", A), trusted=[A]), {USR + "/m.crt": None}, True, id="removed by name"
        ),
        pytest.param([absent("m")], look(anchor("x.crt", A), trusted=[A]), NOTHING, False, id="never there"),
        pytest.param([absent("m")], look(stale=True, trusted=[A]), NOTHING, True, id="removed by name, interrupted"),
        pytest.param(
            [absent(fingerprints=[A.fingerprint])],
            look(anchor("x.pem", A, B), trusted=[A, B]),
            {USR + "/x.pem": B.pem},
            True,
            id="removed from a file of several",
        ),
        pytest.param(
            [absent("", A)],
            look(anchor("x.pem", A), trusted=[A]),
            {USR + "/x.pem": None},
            True,
            id="removed by certificate",
        ),
        pytest.param([absent("", A)], look(trusted=[A], stale=True), NOTHING, True, id="removed, refresh interrupted"),
        pytest.param(
            [absent("", A)], look(trusted=[A], stale=None), NOTHING, True, id="the same, as far as can be told"
        ),
        pytest.param(
            [present("m", A)],
            look(anchor("m.crt", A)._replace(owner=(7, 7)), trusted=[A]),
            {USR + "/m.crt": A.pem},
            True,
            id="of an owner who could change it",
        ),
        pytest.param(
            [present("m", A)],
            look(anchor("m.crt", A)._replace(link="/home/user/ca.crt"), trusted=[A]),
            {USR + "/m.crt": A.pem},
            True,
            id="a link to a file that another could change",
        ),
        pytest.param(
            [present("m", A)],
            look(AnchorFile(USR + "/x.pem", b"\xef\xbb\xbf" + A.pem, 0o644), stale=True),
            {USR + "/m.crt": MARK + A.pem},
            True,
            id="anchored so that Go cannot read it",
        ),
        pytest.param(
            [present("m", A)],
            look(anchor("x.pem", A), stale=True),
            NOTHING,
            True,
            id="anchored by hand, never refreshed",
        ),
        pytest.param(
            [present("m", A)],
            look(anchor("x.pem", A)),
            {USR + "/m.crt": MARK + A.pem},
            True,
            id="anchored by hand, and the store leaves it out",
        ),
        pytest.param([absent("", A)], look(), NOTHING, False, id="not there, not trusted"),
    ],
)
def test_plan(requests, seen, changes, refresh):
    todo = plan(RHEL, requests, seen)
    assert (summary(todo), todo.refresh, todo.changed) == (changes, refresh, bool(changes) or refresh)


@pytest.mark.parametrize(
    ("requests", "seen", "expected"),
    [
        ([present("m", A)], look(), [("added", USR + "/m.crt")]),
        ([present("m", A)], look(trusted=[A]), [("unchanged", None)]),
        ([present("m", A)], look(anchor("m.crt", A)), [("refreshed", USR + "/m.crt")]),
        ([present("m", A)], look(anchor("m.crt", A), trusted=[A]), [("unchanged", USR + "/m.crt")]),
        ([present("m", A)], look(anchor("m.crt", A, mode=0o600), trusted=[A]), [("updated", USR + "/m.crt")]),
        ([absent("m")], look(anchor("m.crt", A), trusted=[A]), [("removed", USR + "/m.crt")]),
        ([absent("m")], look(anchor("m.crt", A), anchor("x.crt", A), trusted=[A]), [("unchanged", USR + "/x.crt")]),
        ([absent("", A)], look(trusted=[A], stale=True), [("removed", None)]),
        ([absent("", A)], look(), [("absent", None)]),
    ],
)
def test_outcomes(requests, seen, expected):
    assert [(outcome.action, outcome.path) for outcome in plan(RHEL, requests, seen).outcomes] == expected


@pytest.mark.parametrize(
    ("seen", "changes"),
    [
        pytest.param(look(made("m.crt", A), trusted=[A]), NOTHING, id="what was made is settled"),
        pytest.param(look(anchor("m.crt", A), trusted=[A]), NOTHING, id="by hand: not rewritten for the mark only"),
        pytest.param(
            look(made("m.crt", A)._replace(mode=0o600)), {USR + "/m.crt": MARK + A.pem}, id="put right, and still made"
        ),
        pytest.param(
            look(AnchorFile(USR + "/m.crt", MARK.replace(b"\n", b"\r\n") + A.pem, 0o644)),
            {USR + "/m.crt": MARK + A.pem},
            id="made, and edited",
        ),
        pytest.param(
            look(AnchorFile(USR + "/m.crt", b"mine\n" + A.pem, 0o644)),
            {USR + "/m.crt": A.pem},
            id="by hand, and put right: not made",
        ),
        pytest.param(
            look(anchor("m.pem", A, B)),
            {USR + "/m.pem": None, USR + "/m.crt": A.pem},
            id="by hand among others, and put right: not made",
        ),
        pytest.param(
            look(made("m.crt", A)._replace(link="/home/user/ca.crt")),
            {USR + "/m.crt": A.pem},
            id="a link was laid by hand, whatever it leads to",
        ),
    ],
)
def test_the_mark_is_for_what_was_not_there(seen, changes):
    assert summary(plan(RHEL, [present("m", A)], seen)) == changes


def own(name="m", **more):
    return absent(name, only_own=True, **more)


@pytest.mark.parametrize(
    ("requests", "seen", "changes", "outcomes"),
    [
        pytest.param([own()], look(trusted=[B]), NOTHING, [], id="nothing was done"),
        pytest.param(
            [own()],
            look(made("m.crt", A), made("n.crt", B), trusted=[A, B]),
            {USR + "/m.crt": None},
            [(A, "removed", "m.crt", False)],
            id="made under this name",
        ),
        pytest.param(
            [own()],
            look(anchor("m.crt", A), trusted=[A]),
            NOTHING,
            [(A, "left", "m.crt", True)],
            id="by hand under this name",
        ),
        pytest.param(
            [own()], look(anchor("m.crt", A)), NOTHING, [(A, "left", "m.crt", False)], id="by hand, without effect"
        ),
        pytest.param(
            [own()],
            look(made("m-%s.crt" % A.fingerprint[:16], A), anchor("m.pem", B), trusted=[A, B]),
            {USR + "/m-%s.crt" % A.fingerprint[:16]: None},
            [(A, "removed", "m-%s.crt" % A.fingerprint[:16], False), (B, "left", "m.pem", True)],
            id="one made, one by hand",
        ),
        pytest.param(
            [own()],
            look(made("m.crt", A), anchor("x.pem", A), trusted=[A]),
            {USR + "/m.crt": None},
            [(A, "left", "x.pem", True)],
            id="made, and by hand elsewhere as well",
        ),
        pytest.param(
            [own()],
            look(AnchorFile(USR + "/m.crt", MARK + A.pem + B.pem, 0o644), trusted=[A, B]),
            {USR + "/m.crt": B.pem},
            [(A, "removed", "m.crt", False), (B, "left", "m.crt", True)],
            id="made, and another put into it by hand",
        ),
        pytest.param(
            [own(fingerprints=[A.fingerprint, B.fingerprint, C.fingerprint])],
            look(anchor("x.pem", A), trusted=[A, B]),
            NOTHING,
            [(A, "left", "x.pem", True), (B, "left", None, True), (C, "absent", None, False)],
            id="told of certificates: by hand under another name, of the system, nowhere",
        ),
        pytest.param(
            [own(fingerprints=[A.fingerprint])],
            look(made("x.crt", A), trusted=[A]),
            NOTHING,
            [(A, "left", "x.crt", True)],
            id="made under another name",
        ),
        pytest.param(
            [own(fingerprints=[A.fingerprint])],
            look(trusted=[A], stale=True),
            NOTHING,
            [(A, "removed", None, False)],
            id="taken back, and interrupted before the refresh",
        ),
        pytest.param(
            [own(), present("n", A)],
            look(made("m.crt", A), trusted=[A]),
            {USR + "/m.crt": None, USR + "/n.crt": MARK + A.pem},
            [(A, "added", "n.crt", True)],
            id="made, and wanted under another name",
        ),
        pytest.param(
            [own(), present("n", A)],
            look(anchor("m.crt", A), trusted=[A]),
            NOTHING,
            [(A, "unchanged", "m.crt", True)],
            id="by hand, and wanted under another name",
        ),
        pytest.param(
            [own(), absent("", B)],
            look(AnchorFile(USR + "/m.crt", MARK + A.pem + B.pem, 0o644), trusted=[A, B]),
            {USR + "/m.crt": None},
            [(A, "removed", "m.crt", False), (B, "removed", "m.crt", False)],
            id="and what was put into it is removed as well",
        ),
    ],
)
def test_only_what_was_made_is_taken_back(requests, seen, changes, outcomes):
    todo = plan(RHEL, requests, seen)
    assert summary(todo) == changes
    told = {each.fingerprint: each[1:] for each in todo.outcomes}
    assert told == {
        of.fingerprint: (path and USR + "/" + path, action, trusted) for of, action, path, trusted in outcomes
    }


def test_what_is_left_is_no_failure():
    """Other than with certificates that are to be removed, which must not be in the bundle afterwards."""
    seen = look(anchor("x.pem", A), trusted=[A])
    assert why_not(RHEL, plan(RHEL, [own(fingerprints=[A.fingerprint])], seen), seen) is None


def test_a_renewal_reports_both_certificates():
    outcomes = plan(RHEL, [present("m", B)], look(anchor("m.crt", A), trusted=[A])).outcomes
    assert {outcome.fingerprint: outcome.action for outcome in outcomes} == {
        A.fingerprint: "removed",
        B.fingerprint: "added",
    }


def test_debian_does_not_count_der_as_an_anchor():
    seen = Look(
        DEBIAN.anchors_dirs, (AnchorFile("/usr/local/share/ca-certificates/x.crt", der(A), 0o644),), frozenset()
    )
    assert summary(plan(DEBIAN, [present("m", A)], seen)) == {"/usr/local/share/ca-certificates/m.crt": MARK + A.pem}


def test_the_plan_taken_back_restores_every_file():
    """Whatever they were: mode, owner, links."""
    old = anchor("m.crt", A, mode=0o640)._replace(owner=(7, 8), link="/elsewhere")
    todo = plan(RHEL, [present("m", B, C)], look(old, trusted=[A]))
    added = [change.path for change in todo.changes if change.before is None]
    assert len(added) == 2
    assert {change.path: change.after for change in todo.undone()} == {**dict.fromkeys(added), old.path: old}
    assert {change.path: change.before for change in todo.undone()} == {
        change.path: change.after for change in todo.changes
    }


@pytest.mark.parametrize(
    ("requests", "seen", "message"),
    [
        ([present("m", A), absent("", A)], look(), "asked to be present and to be absent"),
        ([absent("", A)], look(trusted=[A]), "comes with the system"),
        (
            [absent("", A)],
            Look((ETC,), (anchor("x.crt", A),), frozenset()),
            "x.crt belongs to the read-only part of the system: remove",
        ),
        ([present("m", A)], look(taken=frozenset(["m"])), "the name m is that of a certificate of the system"),
        ([present("m", A), present("m", B)], look(), "the name m is used more than once"),
        (
            [present("m", A)],
            look(blocked=(Blocked("/x/blocklist/a", A.pem),)),
            "distrusts %s, .*by /x/blocklist/a" % A.fingerprint,
        ),
        ([present("m", A)], look(blocked=(Blocked("/x/blocklist/a", der(A)),)), "remove that file first"),
        (
            [present("m", A._replace(public_key=b"\x02\x01\x02"))],
            look(blocked=(Blocked("/x/blocklist/b", B.pem),)),
            "or its key, by /x/blocklist/b",
        ),
    ],
)
def test_refused(requests, seen, message):
    with pytest.raises(TrustStoreError, match=message):
        plan(RHEL, requests, seen)


def test_a_blocklist_that_may_not_be_in_force_is_left_to_the_proof():
    doubtful = Blocked("/x/blacklist/a", A.pem, in_force=False)
    seen = look(anchor("m.crt", A), blocked=(doubtful,))
    todo = plan(RHEL, [present("m", A)], seen)
    assert todo.changed
    assert why_not(RHEL, todo, seen) == "%s lacks %s (/x/blacklist/a distrusts %s, or its key)" % (
        RHEL.bundle,
        A.fingerprint,
        A.fingerprint,
    )
    assert why_not(RHEL, todo, look(anchor("m.crt", A), trusted=[A], blocked=(doubtful,))) is None


def calls_of(function):
    """How many calls of any function it takes: unlike seconds, the same on every machine."""
    calls = []
    sys.setprofile(lambda _frame, event, _argument: calls.append(event) if "call" in event else None)
    try:
        function()
    finally:
        sys.setprofile(None)
    return len(calls)


def distinct(count):
    return [
        Certificate(fingerprint(b"%d" % number), certificate(1).pem.replace(b"MAMC", b"%04d" % number), b"")
        for number in range(count)
    ]


@pytest.mark.parametrize("names", [1, None], ids=["one bundle", "many entries"])
def test_the_work_grows_with_the_number_of_certificates(names):
    """Planned over a store that has them all; twice as many certificates take twice the work."""

    def planning(count):
        many = distinct(count)
        requests = [present("m", *many)] if names else [present("m%d" % i, each) for i, each in enumerate(many)]
        first = plan(RHEL, requests, look())
        seen = look(*[change.after for change in first.changes])
        return calls_of(lambda: plan(RHEL, requests, seen))

    assert planning(400) < 2.2 * planning(200)


def test_another_distrusted_certificate_does_no_harm():
    assert plan(RHEL, [present("m", A)], look(blocked=(Blocked("/x/blocklist/b", B.pem),))).changed


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (look(trusted=[A]), None),
        (look(trusted=[A], stale=None), None),
        (look(), "%s lacks %s (%s)" % (RHEL.bundle, A.fingerprint, RHEL.hint)),
        (look(trusted=[A, B]), "%s still holds %s" % (RHEL.bundle, B.fingerprint)),
        (look(trusted=[A], stale=True), "%s was not made anew" % RHEL.bundle),
    ],
)
def test_why_not(seen, expected):
    todo = plan(RHEL, [present("m", A), absent("", B)], look())
    assert why_not(RHEL, todo, seen) == expected


@pytest.mark.parametrize(
    ("trusted", "expected"),
    [
        ([A, C], None),
        ([A], "%s lost 1 of the certificates that were to stay" % RHEL.bundle),
    ],
)
def test_a_command_that_failed_may_have_spoiled_the_bundle(trusted, expected):
    before = look(anchor("m.crt", B), trusted=[B, C])
    todo = plan(RHEL, [present("m", A)], before)
    assert why_lost(RHEL, todo, before, look(anchor("m.crt", A), trusted=trusted)) == expected


def frozen(*anchors: AnchorFile, trusted=()) -> Look:
    """A host where /usr cannot be written."""
    return look(*anchors, trusted=trusted)._replace(writable_dirs=(ETC,))


@pytest.mark.parametrize(
    ("asked", "there", "remedy"),
    [
        (present("m", A), anchor("m.crt", B), "set another name"),
        (present("m", A), anchor("m.pem", A, B), "set another name"),
        (absent("m"), anchor("m.crt", B), "distrust it by the system's own means"),
        (absent("m", only_own=True), made("m.crt", B), "distrust it by the system's own means"),
    ],
)
def test_an_anchor_that_cannot_be_replaced_or_removed_is_told(asked, there, remedy):
    with pytest.raises(TrustStoreError) as caught:
        plan(RHEL, [asked], frozen(there, trusted=[B]))
    assert str(caught.value) == "%s cannot be changed, since it is in a read-only part of the system: %s" % (
        there.path,
        remedy,
    )


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        (present("m", A), anchor("m.crt", A)),
        (present("m", A), anchor("other.crt", B)),
        (absent("m", only_own=True), anchor("m.crt", B)),
        (absent("m"), anchor("m.crt", B, directory=ETC)),
    ],
)
def test_other_anchors_where_nothing_can_be_written_are_no_matter(asked, there):
    assert all(change.path.startswith(ETC) for change in plan(RHEL, [asked], frozen(there, trusted=[A, B])).changes)


@pytest.mark.parametrize(
    ("requests", "seen", "trusted"),
    [
        ([present("m", A)], look(), [True]),
        ([present("m", A)], look(anchor("m.crt", A)), [True]),
        ([absent("m")], look(anchor("m.crt", A), trusted=[A]), [False]),
        ([absent("m")], look(anchor("m.crt", A), anchor("x.crt", A), trusted=[A]), [True]),
        ([absent("", A)], look(), [False]),
    ],
)
def test_what_will_be_trusted(requests, seen, trusted):
    assert [outcome.trusted for outcome in plan(RHEL, requests, seen).outcomes] == trusted


def test_reported():
    todo = plan(RHEL, [present("b", B)], look())
    told = reported(RHEL, todo, todo.outcomes)
    assert (told["changed"], told["store"], told["bundle"], told["trusted"]) == (True, "rhel", RHEL.bundle, True)
    assert [each["fingerprint"] for each in told["certificates"]] == [B.fingerprint]
    assert reported(RHEL, plan(RHEL, [absent("b")], look()), [])["trusted"] is False


def test_what_the_host_trusts_afterwards():
    seen = look(anchor("a.crt", A), anchor("c.crt", C), trusted=[A, C])
    todo = plan(RHEL, [present("b", B), absent("a")], seen)
    assert afterwards(seen, todo.outcomes) == ({B.fingerprint, C.fingerprint}, {A.fingerprint})


def test_what_is_trusted_in_the_end_is_looked_up():
    todo = plan(RHEL, [absent("m")], look(anchor("m.crt", A), trusted=[A]))
    assert [outcome.trusted for outcome in todo.looked_up({A.fingerprint})] == [True]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            {
                "name": "m",
                "state": "present",
                "content": (A.pem + B.pem).decode(),
                "fingerprints": [],
                "only_own": True,
            },
            present("m", A._replace(public_key=b""), B._replace(public_key=b"")),
        ),
        (
            {"name": None, "state": "absent", "content": None, "fingerprints": [A.fingerprint], "only_own": False},
            absent(fingerprints=[A.fingerprint]),
        ),
        (
            {"name": "m", "state": "absent", "content": None, "fingerprints": None, "only_own": True},
            absent("m", only_own=True),
        ),
    ],
)
def test_read_request(entry, expected):
    assert read_request(entry) == expected


def test_differences_show_fingerprints_and_the_bundle():
    shown = differences(plan(RHEL, [present("m", B)], look(anchor("m.crt", A), trusted=[A])), "/bundle")
    assert [(each["before_header"], each["before"], each["after"]) for each in shown] == [
        (
            USR + "/m.crt",
            "mode 0644, owner 0:0, 63 bytes\ncertificate %s\n" % A.fingerprint,
            "mode 0644, owner 0:0, 99 bytes\ncertificate %s\n" % B.fingerprint,
        ),
        ("/bundle", "out of date\n", "up to date\n"),
    ]
    assert differences(plan(RHEL, [], look()), "/bundle") == []


def test_differences_have_a_line_for_each_name():
    name, link = "m\n\x1b.crt", "../a\nb"
    gone = Change(name, AnchorFile(name, b"", 0o644, (0, 0), link), None)
    shown = differences(Plan((gone,), False, frozenset(), frozenset(), ()), "/bundle")
    assert [(each["before_header"], each["before"]) for each in shown] == [
        ("m\\n\\x1b.crt", "link to ../a\\nb\nmode 0644, owner 0:0, 0 bytes\n")
    ]
