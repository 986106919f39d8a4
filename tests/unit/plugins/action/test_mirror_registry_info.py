# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller makes of what the host saw."""

from __future__ import annotations

import base64
import datetime
import json
from types import SimpleNamespace

import pytest
from ansible.parsing.dataloader import DataLoader
from cryptography import x509

from ansible_collections.airgap.openshift.plugins.action import mirror_registry_info
from ansible_collections.airgap.openshift.plugins.action.mirror_registry_info import ActionModule
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import STEPS, finding
from ansible_collections.airgap.openshift.tests.unit.plugins.plugin_utils.made import (
    CA,
    DAY,
    DER,
    NOW,
    OTHER,
    PRIVATE,
    make,
    pem,
)

HOST = "mirror.example.com"
PEER = f"{HOST}:5000"
NAMES = x509.SubjectAlternativeName([x509.DNSName(HOST)])
SERVER = make(HOST, "CA", [NAMES], begins=NOW - 99 * DAY)
REFUSED = dict(finding("certificate-refused", peer=PEER, detail="certificate verify failed")._asdict())
NO_PUSH = dict(finding("no-push-permission", peer=PEER, key="k", repository="r")._asdict())
PROXY = dict(finding("proxy-used", peer=PEER, host=HOST, proxy="http://p:1", variable="HTTPS_PROXY")._asdict())


def seen(chain=(SERVER,), anchors=(), refused="unable to get local issuer certificate", now=NOW):
    return {
        "host": HOST,
        "chain": [base64.b64encode(each.public_bytes(DER)).decode() for each in chain],
        "anchors": [base64.b64encode(each.public_bytes(DER)).decode() for each in anchors],
        "refused": refused,
        "now": now.timestamp(),
    }


def asked(failed=None, findings=(), evidence=None, **steps):
    """What the module returns for a registry: all steps ok up to the one that failed, unless said otherwise."""
    reached = STEPS[: STEPS.index(failed)] if failed else STEPS
    states = {step: "ok" if step in reached else "skipped" for step in STEPS}
    states.update({failed: "failed"} if failed else {}, **steps)
    more = {} if evidence is None else {"evidence": evidence}
    return {
        "registry": PEER,
        "repository": "r",
        "steps": states,
        "findings": list(findings),
        "proxy": "",
        "tls_version": "",
        "clients": [],
        **more,
    }


REFUSING = asked("tls", [REFUSED], seen())


class Action(ActionModule):
    """A double: the host answers what the test says, and slurps one file."""

    def __init__(self, args, answer, folder):
        task = SimpleNamespace(args=args, delegate_to=None, get_search_path=lambda: [str(folder)])
        connection = SimpleNamespace(has_pipelining=False, _play_context=SimpleNamespace(no_log=False))
        self.__dict__.update(_task=task, _loader=DataLoader(), _connection=connection)
        self.sent, self.answer, self.slurped = None, answer, []

    def _find_needle(self, dirname, needle):
        return self._loader.path_dwim_relative_stack(self._task.get_search_path(), dirname, needle)

    def _remote_expand_user(self, path, **_options):  # type: ignore[override]
        return path.replace("~", "/root")

    def _low_level_execute_command(self, cmd, **_options):  # type: ignore[override]
        return {"rc": 3 if "private.pem" in cmd else 0}

    def _execute_module(self, module_name, module_args, **_options):  # type: ignore[override]
        if module_name == "ansible.legacy.slurp":
            assert self._connection._play_context.no_log
            self.slurped.append(module_args["src"])
            there = module_args["src"] == "/root/ca.pem"
            return {"content": base64.b64encode(pem(CA)).decode()} if there else {"failed": True, "msg": "no such file"}
        assert module_name == "airgap.openshift.mirror_registry_info"
        assert not self._connection._play_context.no_log
        self.sent = module_args
        return json.loads(json.dumps(self.answer))


@pytest.fixture
def play(tmp_path, monkeypatch):
    monkeypatch.setattr("ansible.plugins.action.ActionBase.run", lambda *_args: {})
    monkeypatch.setattr(mirror_registry_info, "now", lambda: NOW)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "ca.pem").write_bytes(pem(CA))
    (tmp_path / "files" / "other.pem").write_bytes(pem(OTHER))
    (tmp_path / "files" / "broken.pem").write_bytes(pem(CA)[:-30])
    (tmp_path / "files" / "private.pem").write_bytes(PRIVATE)

    def made(*registries, answer=None, **args):
        answer = {"changed": False, "registries": list(registries)} if answer is None else answer
        return Action({"registry": PEER, **args}, answer, tmp_path)

    return made


def ask(play, *registries, **args):
    return play(*registries, **args).run()


def test_all_is_well(play):
    result = ask(play, asked(evidence=seen(anchors=[CA], refused="")))
    [registry] = result["registries"]
    assert "evidence" not in registry
    assert [(each["subject"], each["not_after"]) for each in registry["certificates"]] == [
        (f"CN={HOST}", "2027-11-22T00:00:00Z")
    ]
    assert (registry["findings"], registry["ok"], result["ok"], result["findings"]) == ([], True, True, [])
    assert result["changed"] is False
    assert result["msg"] == f"{PEER}: reachable, trusted, logged in, may pull and push"


@pytest.mark.parametrize(
    ("registry", "words"),
    [
        (asked(push="skipped"), "reachable, trusted, logged in, may pull"),
        (asked(pull="skipped"), "reachable, trusted, logged in, may push"),
        (asked(login="skipped", pull="skipped", push="skipped"), "reachable, trusted"),
        (asked(**dict.fromkeys(STEPS, "skipped")), "nothing was asked"),
        (asked("api"), "api failed"),
        (asked("push", [PROXY, NO_PUSH]), f"push failed: {NO_PUSH['message']}; {NO_PUSH['remedy']}"),
        (asked(findings=[PROXY]), "reachable, trusted, logged in, may pull and push"),
    ],
)
def test_in_words(play, registry, words):
    assert ask(play, registry)["msg"] == f"{PEER}: {words}"


@pytest.mark.parametrize(
    ("registry", "expected"),
    [
        (asked(), True),
        (asked(findings=[PROXY]), True),
        (asked("api"), False),
        (asked(findings=[NO_PUSH]), False),
    ],
)
def test_ok(play, registry, expected):
    result = ask(play, registry)
    assert (result["ok"], result["registries"][0]["ok"]) == (expected, expected)


def test_several_registries(play):
    result = ask(play, asked(), {**asked("push", [NO_PUSH]), "registry": "b:1"})
    assert [registry["ok"] for registry in result["registries"]] == [True, False]
    assert result["ok"] is False
    assert result["findings"] == [{"registry": "b:1", **NO_PUSH}]
    assert result["msg"].startswith(f"{PEER}: reachable, trusted, logged in, may pull and push. b:1: push failed: ")


def test_a_refused_certificate_is_explained(play):
    result = ask(play, REFUSING, ca_certificates=[{"src": "other.pem"}, {"src": "ca.pem"}])
    [found] = result["findings"]
    assert (found["registry"], found["code"], found["step"]) == (PEER, "unknown-issuer", "tls")
    assert "it is among the certificates given: run ca_trust" in found["remedy"]
    assert result["msg"] == f"{PEER}: tls failed: {found['message']}; {found['remedy']}"
    assert result["registries"][0]["findings"] == [{word: found[word] for word in found if word != "registry"}]
    assert "warnings" not in result


def test_what_cannot_be_explained_stays_as_openssl_said_it(play):
    result = ask(play, asked("tls", [REFUSED], seen(anchors=[CA], refused="permitted subtree violation")))
    assert [found["code"] for found in result["findings"]] == ["certificate-refused"]
    ending = make(HOST, "CA", [NAMES], begins=NOW - 99 * DAY, ends=NOW + DAY)
    result = ask(play, asked("tls", [REFUSED], seen([ending], [CA], refused="permitted subtree violation")))
    assert [found["code"] for found in result["findings"]] == ["certificate-refused", "expires-soon"]


def test_what_go_would_accept_is_no_failure(play):
    result = ask(play, asked("tls", [REFUSED], seen(anchors=[CA], refused="unsuitable certificate purpose")))
    assert [found["code"] for found in result["findings"]] == ["certificate-not-judged"]
    assert result["registries"][0]["steps"]["tls"] == "skipped"
    assert result["ok"] is True


def test_what_openssl_lets_pass_is_an_error_too(play):
    bare = make(HOST, "CA", [], begins=NOW - 99 * DAY)
    result = ask(play, asked(evidence=seen([bare], [CA], refused="")))
    assert [found["code"] for found in result["findings"]] == ["no-subject-alternative-name"]
    assert result["registries"][0]["steps"]["tls"] == "failed"
    assert result["ok"] is False


def test_warnings_are_no_failure(play):
    ending = make(HOST, "CA", [NAMES], begins=NOW - 99 * DAY, ends=NOW + DAY)
    result = ask(play, asked(findings=[PROXY], evidence=seen([ending], [CA], refused="")))
    assert [found["code"] for found in result["findings"]] == ["proxy-used", "expires-soon"]
    assert (result["ok"], result["registries"][0]["steps"]["tls"]) == (True, "ok")


def test_findings_are_in_the_order_of_the_steps(play):
    bare = make(HOST, "CA", [], begins=NOW - 99 * DAY)
    result = ask(play, asked("push", [PROXY, NO_PUSH], seen([bare], [CA], refused="")))
    assert [found["step"] for found in result["findings"]] == ["reach", "tls", "push"]


def test_malformed_certificates(play):
    evidence = {**seen(), "chain": [base64.b64encode(b"\x30\x03abc").decode()]}
    result = ask(play, asked("tls", [REFUSED], evidence))
    [found] = result["findings"]
    assert "certificate 1 of the 1 that it sends is malformed" in found["message"]
    assert result["registries"][0]["certificates"] == []


@pytest.mark.parametrize(
    ("ends_after", "waited", "words"),
    [
        pytest.param(-300, 0, "5 minutes ahead", id="ahead"),
        pytest.param(-300, 280, "UTC; have", id="it took as long"),
        pytest.param(-300, 200, "100 seconds ahead", id="it took less long"),
        pytest.param(300, 280, "5 minutes behind", id="behind"),
    ],
)
def test_the_time_that_asking_takes_is_no_difference_of_clocks(play, monkeypatch, ends_after, waited, words):
    """The host's clock stands at NOW when it asks; the controller's at the beginning and the end of the task."""
    begin = NOW + datetime.timedelta(seconds=ends_after)
    clock = iter([begin, begin + datetime.timedelta(seconds=waited)])
    monkeypatch.setattr(mirror_registry_info, "now", lambda: next(clock))
    expired = make(HOST, "CA", [NAMES], begins=NOW - 99 * DAY, ends=NOW - DAY)
    result = ask(play, asked("tls", [REFUSED], seen([expired], [CA])))
    assert words in result["msg"]


def test_certificates_stay_on_the_controller(play):
    action = play(asked(), auth_file="~/a", push=True, ca_certificates=[{"src": "ca.pem"}])
    action.run()
    assert action.sent == {"registry": PEER, "auth_file": "~/a", "push": True}
    assert "ca_certificates" in action._task.args


def test_of_the_list_of_pull_secret_merge_only_the_places_are_sent(play):
    mirror = {
        "registry": PEER,
        "namespace": "ocp4",
        "username": "u",
        "password": "hunter2",
        "auth": "eDp5",
        "email": "e",
    }
    gone = {"registry": "gone.example.com", "state": "absent"}
    action = play(asked(), registries=[{**mirror, "state": "present"}, gone, {"registry": "b:1", "regitsry": "typo"}])
    action.run()
    places = [{"registry": PEER, "namespace": "ocp4"}, {"registry": "b:1", "regitsry": "typo"}]
    assert action.sent["registries"] == places


@pytest.mark.parametrize(
    "entry", ["registry=a:1 username=u password=hunter2", '{"registry": "a:1", "username": "u", "password": "hunter2"}']
)
def test_entries_in_words(play, entry):
    action = play(asked(), registries=[entry])
    action.run()
    assert action.sent["registries"] == [{"registry": "a:1"}]


@pytest.mark.parametrize("wrong", ["a,b", ["a"], [{"registry": "a"}, ["password=hunter2"]], [7]])
@pytest.mark.parametrize("option", ["registries", "ca_certificates"])
def test_what_is_no_such_list_is_not_sent(play, option, wrong):
    action = play(asked(), **{option: wrong})
    result = action.run()
    assert (result["failed"], action.sent) == (True, None)
    assert result["msg"].startswith(f"Cannot use {option}: ")
    assert "hunter2" not in str(result)


def test_an_empty_list_is_for_the_module_to_refuse(play):
    action = play(asked(), registries=[])
    del action._task.args["registry"]
    action.run()
    assert action.sent == {"registries": []}


@pytest.mark.parametrize("registries", [[], [{"registry": "gone.example.com", "state": "absent"}]])
def test_a_registry_beside_a_list_is_for_the_module_to_refuse(play, registries):
    action = play(asked(), registries=registries)
    action.run()
    assert action.sent == {"registry": PEER, "registries": []}


def test_nothing_left_to_check(play):
    action = play(asked(), registries=[{"registry": "gone.example.com", "state": "absent"}])
    del action._task.args["registry"]
    result = action.run()
    assert action.sent is None
    assert (result["skipped"], result["ok"], result["registries"], result["changed"]) == (True, True, [], False)
    assert "all of them have a state of absent" in result["msg"]


def test_certificates_are_not_read_where_nothing_is_to_be_explained(play):
    action = play(asked(evidence=seen(anchors=[CA], refused="")), ca_certificates=[{"src": "gone.pem"}])
    assert "warnings" not in action.run()


def test_a_file_of_the_host(play):
    action = play(REFUSING, ca_certificates=[{"src": "~/ca.pem", "remote_src": True}])
    assert "it is among the certificates given" in action.run()["msg"]
    assert action.slurped == ["/root/ca.pem"]


def test_content(play):
    entry = {"name": "mirror", "content": pem(CA).decode()}
    assert "it is among the certificates given" in ask(play, REFUSING, ca_certificates=[entry])["msg"]


@pytest.mark.parametrize(
    "entry", [{"src": "ca.pem", "state": "absent"}, {"name": "ca"}, {"name": "ca", "state": "absent"}]
)
def test_entries_that_bring_no_certificates_to_trust(play, entry):
    result = ask(play, REFUSING, ca_certificates=[entry])
    assert "among the certificates given" not in result["msg"]
    assert "warnings" not in result


@pytest.mark.parametrize(
    ("entry", "warning"),
    [
        ({"src": "gone.pem"}, "Cannot look into gone.pem for the CA of a registry: there is no file gone.pem on the"),
        ({"src": "broken.pem"}, "Cannot look into broken.pem for the CA of a registry: the block in line 1 has no END"),
        ({"src": "private.pem"}, "Cannot look into private.pem for the CA of a registry: it contains a private key"),
        (
            {"src": "/gone.pem", "remote_src": True},
            "Cannot look into /gone.pem of the host for the CA of a registry: it cannot be read on the host (no such",
        ),
        (
            {"src": "/private.pem", "remote_src": True},
            "Cannot look into /private.pem of the host for the CA of a registry: it contains a private key",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_a_warning_and_the_others_count(play, entry, warning):
    result = ask(play, REFUSING, ca_certificates=[entry, {"src": "ca.pem"}])
    [given] = result["warnings"]
    assert given.startswith(warning)
    assert "it is among the certificates given" in result["msg"]
    assert "failed" not in result


def test_warnings_of_the_module_stay(play):
    answer = {"changed": False, "registries": [REFUSING], "warnings": ["w"]}
    assert ask(play, answer=answer, ca_certificates=[{"src": "gone.pem"}])["warnings"][0] == "w"


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("nonsense", "Cannot use ca_certificates: it is no list"),
        ([{"source": "ca.pem"}], "ca_certificates.source"),
        ([{"src": "a", "content": "b"}], "mutually exclusive"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_asked(play, option, message):
    action = play(asked(), ca_certificates=option)
    result = action.run()
    assert result["failed"]
    assert message in result["msg"]
    assert action.sent is None


@pytest.mark.parametrize("option", [None, []])
def test_no_certificates(play, option):
    assert "failed" not in ask(play, REFUSING, ca_certificates=option)


def test_failures_of_the_module_pass_unchanged(play):
    answer = {"failed": True, "msg": "registry is missing"}
    assert ask(play, answer=answer) == answer
