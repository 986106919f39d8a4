# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller makes of a task's options, and of the module's answer. tests/e2e runs the whole of it."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleError

from ansible_collections.airgap.openshift.plugins.action.ca_trust import (
    ActionModule,
    Judged,
    entries_of,
    handed_over,
    policy,
    refuse_both_ways,
    refuse_incomplete,
    reported,
    summary,
)
from ansible_collections.airgap.openshift.plugins.plugin_utils import _controller_files
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificate_files import read
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import CertificateError, Policy
from ansible_collections.airgap.openshift.tests.unit.plugins.plugin_utils.made import CA, OTHER, PRIVATE, pem

ENTRY = {
    "name": None,
    "src": None,
    "content": None,
    "remote_src": False,
    "fingerprints": None,
    "state": "present",
    "only_own": False,
}
OWN = {"state": "absent", "only_own": True}
FOUND = read(pem(CA, OTHER))
IDENTITY = FOUND[0].fingerprint
DESCRIBED = {IDENTITY: {"subject": "CN=CA", "not_after": "2030-01-02T00:00:00Z"}}
COLONS = ":".join(IDENTITY[i : i + 2] for i in range(0, 64, 2))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "certificates to trust come from src or content"),
        ({"name": "m"}, "certificates to trust come from src or content"),
        ({"fingerprints": ["x"]}, "certificates to trust come from src or content"),
        ({"content": "x"}, "name is needed with content"),
        ({"state": "absent"}, "it is not said what to remove"),
        ({**OWN, "content": "x"}, "set name with only_own"),
        ({**OWN, "fingerprints": ["x"]}, "set name with only_own"),
    ],
)
def test_refuse_incomplete(entry, message):
    with pytest.raises(CertificateError, match=message):
        refuse_incomplete({**ENTRY, **entry})


@pytest.mark.parametrize(
    "entry",
    [
        {"src": "x"},
        {"content": "x", "name": "m"},
        {"content": "x", "state": "absent"},
        {"name": "m", "state": "absent"},
        {"fingerprints": ["x"], "state": "absent"},
        {"src": "x", **OWN},
        {"name": "x", **OWN},
        {"content": "x", "name": "m", "only_own": True},
    ],
)
def test_complete_entries(entry):
    refuse_incomplete({**ENTRY, **entry})


@pytest.mark.parametrize("word", [word for word in ENTRY if word != "only_own"])
def test_an_option_that_would_have_no_effect_is_refused(word):
    with pytest.raises(CertificateError, match=f"certificates: {word} cannot stand beside it"):
        refuse_both_ways({"certificates": [], word: "x"})
    refuse_both_ways({word: "x"})
    refuse_both_ways({"certificates": [], "require_ca": False})


def test_a_whole_list_is_taken_back():
    kept, gone = {**ENTRY, "src": "a.pem"}, {**ENTRY, "name": "old", "state": "absent"}
    options = {**ENTRY, "certificates": [kept, gone]}
    assert entries_of(options) == [kept, gone]
    assert entries_of({**options, "only_own": True}) == [{**kept, **OWN}]
    assert entries_of({**kept, "certificates": None}) == [{**kept, "certificates": None}]
    assert entries_of({**options, "certificates": [], "only_own": True}) == []


def test_policy():
    options = {"require_ca": False, "expired": "warn", "expiry_warning_days": 7}
    assert policy(options, frozenset("a")) == Policy(False, True, 7, frozenset("a"))
    assert policy({**options, "expired": "fail"}, frozenset()).allow_expired is False


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"src": "/a/mirror.pem"}, {"name": "mirror", "state": "present", "fingerprints": []}),
        ({"src": "/a/mirror.pem", "state": "absent"}, {"name": "", "state": "absent", "fingerprints": ["p"]}),
        ({"name": "m", "state": "absent"}, {"name": "m", "state": "absent", "fingerprints": ["p"]}),
        (
            {"src": "/a/mirror.pem", **OWN},
            {"name": "mirror", "state": "absent", "fingerprints": ["p"], "only_own": True},
        ),
        (
            {"src": "/a/mirror.pem", "only_own": True},
            {"name": "mirror", "state": "present", "fingerprints": [], "only_own": False},
        ),
    ],
)
def test_handed_over(entry, expected):
    assert handed_over({**ENTRY, **entry}, FOUND, frozenset("p")) == {
        "only_own": False,
        **expected,
        "content": pem(CA, OTHER).decode(),
    }


@pytest.fixture
def found(monkeypatch):
    """What an entry brings along, where these are the only files of the controller."""
    files = {"ca.crt": pem(CA), "key.crt": pem(CA) + PRIVATE}

    def read(_action, src):
        if src not in files:
            raise AnsibleError("gone")
        return files[src]

    monkeypatch.setattr(_controller_files, "read", read)
    return lambda **entry: ActionModule._found(None, {**ENTRY, **entry}, None)


@pytest.mark.parametrize(
    ("entry", "count"),
    [({"src": "ca.crt"}, 1), ({"src": "gone"}, 0), ({"src": "key.crt"}, 0), ({"src": "ca.crt", "remote_src": True}, 0)],
)
def test_what_is_taken_back_needs_no_file(found, entry, count):
    assert len(found(**OWN, **entry)) == count


@pytest.mark.parametrize("more", [{}, {"only_own": True}, {"state": "absent"}])
@pytest.mark.parametrize("src", ["gone", "key.crt"])
def test_all_else_needs_its_file(found, more, src):
    with pytest.raises((AnsibleError, CertificateError)):
        found(src=src, **more)


def answer(action, trusted, **more):
    outcome = {"fingerprint": IDENTITY, "path": "/a/m.crt", "action": action, "trusted": trusted}
    return {"changed": True, "certificates": [outcome], **more}


@pytest.mark.parametrize(
    ("action", "trusted", "check_mode", "described", "expected"),
    [
        ("added", True, False, DESCRIBED, "trusted: CN=CA (until 2030-01-02, added)"),
        ("added", True, True, DESCRIBED, "would be trusted: CN=CA (until 2030-01-02, added)"),
        ("removed", False, False, DESCRIBED, "not trusted: CN=CA (removed)"),
        # Names of tests must not differ from one run to the next.
        pytest.param("removed", False, True, {}, f"would not be trusted: {COLONS} (removed)", id="unknown"),
        ("left", True, True, DESCRIBED, "left, not made by ca_trust under this name: CN=CA (/a/m.crt)"),
        (
            "left",
            False,
            False,
            DESCRIBED,
            "left, not made by ca_trust under this name: CN=CA (/a/m.crt, without effect)",
        ),
    ],
)
def test_the_sentence(action, trusted, check_mode, described, expected):
    assert reported(answer(action, trusted), [Judged({}, described, [])], check_mode)["msg"] == expected


def test_the_sentence_stays_one_that_can_be_read():
    many = [{"fingerprint_sha256": str(number), "trusted": True, "action": "added"} for number in range(12)]
    assert summary(many[:10], False).endswith("; 9 (added)")
    assert summary(many, False).endswith("; 9 (added); and 2 more")


def test_check_mode_without_changes_says_what_is():
    settled = {**answer("unchanged", True), "changed": False}
    assert reported(settled, [Judged({}, DESCRIBED, [])], True)["msg"].startswith("trusted: ")


@pytest.mark.parametrize(
    ("only_own", "msg"), [(False, "there is nothing under this name"), (True, "there is nothing to take back")]
)
def test_nothing_to_say(only_own, msg):
    empty = {"changed": False, "certificates": []}
    assert reported(empty, [Judged({"only_own": only_own}, {}, [])], False)["msg"] == msg


def test_what_the_system_brings_along_is_left():
    of_system = {"fingerprint_sha256": "x", "trusted": True, "action": "left", "path": None}
    assert summary([of_system], False).endswith("x (which comes with the system)")


def test_the_result_joins_both_sides():
    result = reported(answer("added", True), [Judged({}, DESCRIBED, [])], False)
    assert result["certificates"] == [
        {**DESCRIBED[IDENTITY], "fingerprint_sha256": COLONS, "path": "/a/m.crt", "action": "added", "trusted": True}
    ]
    assert "warnings" not in result


def test_certificates_come_in_the_order_in_which_they_were_asked_for():
    outcomes = [{"fingerprint": name, "path": None, "action": "unchanged", "trusted": True} for name in "abcd"]
    judged = [Judged({}, {"d": {}, "b": {}}, []), Judged({}, {"a": {}}, [])]
    result = reported({"changed": False, "certificates": outcomes}, judged, False)
    assert [each["fingerprint_sha256"] for each in result["certificates"]] == ["d", "b", "a", "c"]


def test_removed_but_trusted_still():
    result = reported(answer("removed", True, warnings=["old"]), [Judged({}, DESCRIBED, ["judged"])], False)
    assert result["warnings"][:2] == ["old", "judged"]
    assert result["warnings"][2].startswith("CN=CA is no longer an anchor, but trusted still")


def test_failures_name_certificates():
    failed = {"failed": True, "msg": f"the bundle lacks {IDENTITY} (hint)"}
    result = reported(failed, [Judged({}, DESCRIBED, [])], False)
    assert result["msg"] == f"the bundle lacks CN=CA (SHA-256 {IDENTITY}) (hint)"


def test_a_failure_without_a_message_stays_as_it_is():
    """As it is with ansible-core 2.19 and later, where Ansible's own code fails: its words are in an event."""
    failed = {"failed": True, "exception": {"event": {"msg": "Could not replace it"}}}
    assert reported(dict(failed), [Judged({}, DESCRIBED, [])], False) == failed
