# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told to a person who looks at it once, and what to playbooks."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import STEPS, finding
from ansible_collections.airgap.openshift.plugins.plugin_utils._verdict import verdict

HOST = "bastion.example.com"
PEER = "mirror.example.com:5000"
REPOSITORY = "ocp4/openshift/release-images"
CA = {"subject": "CN=CA,O=Example", "not_after": "2036-02-20T00:00:00Z", "trusted": True, "action": "unchanged"}
TRUST = {"changed": False, "trusted": True, "certificates": [CA], "findings": [], "msg": "trusted: CN=CA"}
AUTH_FILE = {"changed": False, "dest": "/root/auth.json", "registries": ["quay.io", PEER], "findings": [], "msg": "m"}
NO_PUSH = dict(finding("no-push-permission", peer=PEER, key="k", repository=REPOSITORY)._asdict())
SOON = dict(finding("expires-soon", peer=PEER, certificate="the certificate", days=9, date="2026-12-01")._asdict())
PROXY = dict(finding("proxy-used", peer=PEER, host="h", proxy="http://p:1", variable="https_proxy")._asdict())
NO_KEY = dict(finding("no-matching-key", clients="podman", image="i", path="/p")._asdict())
HELPER = dict(finding("credential-helper", clients="oc", image="i", path="/p")._asdict())
OVERLAP = {"registry": "quay.io", "code": "overlap", "message": "two entries", "remedy": "keep one"}
HIDDEN = {"code": "certs-d-hidden", "message": "one hides the other: remove it", "path": "/etc"}


def asked(*findings: t.Mapping[str, t.Any], name: str = PEER, ok: bool = True, **more: t.Any) -> dict[str, t.Any]:
    """A registry; all steps are ok unless said otherwise."""
    steps = {**dict.fromkeys(STEPS, "ok"), **{step: more.pop(step) for step in STEPS if step in more}}
    fields = {"repository": REPOSITORY, "proxy": "", "tls_version": "TLSv1.3", **more}
    return {"registry": name, "steps": steps, "findings": list(findings), "ok": ok, **fields}


def check(*registries: dict[str, t.Any]) -> dict[str, t.Any]:
    findings = [{"registry": each["registry"], **found} for each in registries for found in each["findings"]]
    return {"changed": False, "registries": list(registries), "findings": findings}


def lines(**parts: t.Any) -> tuple[bool, list[str]]:
    """Whether all is well, and the lines, where all is as it should be but for these parts."""
    results = {"trust": TRUST, "auth_file": AUTH_FILE, "registries": check(asked()), **parts}
    found = verdict({name: result for name, result in results.items() if result is not None}, HOST)
    return found["ok"], found["lines"]


READY = [
    f"{HOST} is ready to mirror to {PEER}",
    "  CA         ok           CN=CA,O=Example, until 2036-02-20",
    "  auth file  ok           /root/auth.json, 2 registries",
    f"  registry   ok           {PEER}, TLS 1.3",
    "  login      ok",
    f"  pull       ok           {REPOSITORY}",
    f"  push       ok           {REPOSITORY}",
]


def test_all_is_well() -> None:
    assert lines() == (True, READY)


def test_the_check_alone_says_what_it_saw_of_ca_and_auth_file() -> None:
    sound = {"certificates": [{"issuer": "CN=CA"}], "clients": [{"keys": ["m/ns"]}, {"keys": ["m/ns"]}, {"keys": []}]}
    assert lines(trust=None, auth_file=None, registries=check(asked(**sound))) == (
        True,
        [READY[0], "  CA         ok           CN=CA", "  auth file  ok           m/ns", *READY[3:]],
    )
    broken = asked(NO_KEY, **{**sound, "clients": []}, ok=False, tls="failed", key="failed", login="skipped")
    said = lines(trust=None, auth_file=None, registries=check(broken))[1]
    assert said[1:3] == ["  CA         FAILED       CN=CA", "  auth file  FAILED"]


def test_a_login_that_was_not_checked_is_not_called_ready() -> None:
    ok, said = lines(registries=check(asked(HELPER, login="skipped", pull="skipped", push="skipped")))
    assert (ok, said[0]) == (True, f"{HOST} may be ready to mirror to {PEER}: the login was not checked")


def test_one_registry_with_many_namespaces_is_named_once() -> None:
    said = lines(trust=None, auth_file=None, registries=check(*[asked(certificates=[{"issuer": "CN=CA"}])] * 9))[1]
    assert said[0] == READY[0]
    assert [line for line in said if line.startswith("  CA")] == ["  CA         ok           CN=CA"]


def test_an_error() -> None:
    ok, said = lines(registries=check(asked(NO_PUSH, ok=False, push="failed")))
    assert not ok
    assert said == [
        f"{HOST} is NOT ready to mirror to {PEER}",
        *READY[1:-1],
        f"  push       FAILED       {REPOSITORY}",
        f"  to do: {PEER} accepts the credentials of 'k', but they may not push to",
        f"         {REPOSITORY}; have the account allowed to write to this repository",
    ]


@pytest.mark.parametrize(
    ("registry", "number", "line"),
    [
        pytest.param(asked(push="skipped"), 0, f"{HOST} is ready to mirror to {PEER} (push not checked)", id="no push"),
        pytest.param(asked(push="skipped"), 6, f"  push       not checked  {REPOSITORY}", id="push was not asked"),
        pytest.param(asked(pull="skipped"), 5, f"  push       ok           {REPOSITORY}", id="pull is left out"),
        pytest.param(
            asked(pull="skipped", push="skipped"), 5, f"  pull       not checked  {REPOSITORY}", id="neither is known"
        ),
        pytest.param(asked(repository=""), 6, "  push       ok", id="no repository"),
        pytest.param(asked(SOON), 3, f"  registry   see below    {PEER}, TLS 1.3", id="a warning"),
        pytest.param(asked(PROXY), 3, f"  registry   ok           {PEER}, TLS 1.3", id="a note"),
        pytest.param(
            asked(proxy="http://p:1", tls_version="TLSv1.2"),
            *(3, f"  registry   ok           {PEER}, TLS 1.2, by http://p:1"),
            id="a proxy",
        ),
        pytest.param(asked(ok=False, api="failed"), 3, f"  registry   FAILED       {PEER}, TLS 1.3", id="api"),
        pytest.param(
            asked(ok=False, reach="failed", tls_version="", tls="skipped", api="skipped"),
            *(3, f"  registry   FAILED       {PEER}"),
            id="not reached",
        ),
        pytest.param(asked(ok=False, login="skipped", key="failed"), 4, "  login      FAILED", id="no key"),
        pytest.param(asked(NO_KEY, ok=False), 4, "  login      FAILED", id="an error without a failed step"),
        pytest.param(asked(HELPER), 4, "  login      see below", id="a warning of the key"),
        pytest.param(asked(HELPER, login="skipped"), 4, "  login      not checked", id="a helper, and no login"),
        pytest.param(asked(ok=False, tls="failed", login="skipped"), 4, "  login      not checked", id="not so far"),
    ],
)
def test_lines_of_a_registry(registry: dict[str, t.Any], number: int, line: str) -> None:
    ok, said = lines(registries=check(registry))
    assert ok is registry["ok"]
    assert said[number] == line


def test_several_registries() -> None:
    ok, said = lines(registries=check(asked(), asked(NO_PUSH, name="b:1", ok=False, push="failed")))
    assert not ok
    assert said[0] == f"{HOST} is NOT ready to mirror to b:1"
    assert [line[2:11].rstrip() for line in said[3:11]] == ["registry", "login", "pull", "push"] * 2
    assert said[7] == "  registry   ok           b:1, TLS 1.3"
    assert lines(registries=check(asked(), asked(name="b:1")))[1][0] == f"{HOST} is ready to mirror to {PEER}, b:1"
    both = lines(registries=check(asked(), asked(name="b:1", push="skipped")))[1][0]
    assert both == f"{HOST} is ready to mirror to {PEER}, b:1 (push not checked)"


@pytest.mark.parametrize(
    ("trust", "ok", "expected"),
    [
        pytest.param({}, True, ["  CA         ok"], id="did not run"),
        pytest.param(None, True, ["  CA         ok"], id="is missing"),
        pytest.param({"skipped": True, "changed": False}, True, ["  CA         not asked"], id="was skipped"),
        pytest.param({"failed": True, "msg": "m"}, False, ["  CA         FAILED"], id="failed"),
        pytest.param({**TRUST, "certificates": []}, True, ["  CA         ok           nothing to trust"], id="nothing"),
        pytest.param(
            {**TRUST, "trusted": False, "certificates": [CA, {**CA, "trusted": False, "subject": "CN=Two"}]},
            False,
            [READY[1], "  CA         FAILED       CN=Two, until 2036-02-20"],
            id="not trusted",
        ),
        pytest.param(
            {**TRUST, "certificates": [{"fingerprint_sha256": "ab:cd", "action": "removed", "trusted": False}]},
            True,
            ["  CA         ok           ab:cd, not trusted (removed)"],
            id="removed",
        ),
        pytest.param(
            {**TRUST, "certificates": [{**CA, "action": "left"}, {**CA, "action": "absent", "trusted": False}]},
            True,
            [
                "  CA         ok           CN=CA,O=Example, trusted still (left)",
                "  CA         ok           CN=CA,O=Example, not trusted (absent)",
            ],
            id="left and absent",
        ),
        pytest.param(
            {**TRUST, "findings": [{**HIDDEN, "severity": "warning"}]},
            True,
            ["  CA         see below    CN=CA,O=Example, until 2036-02-20"],
            id="a warning",
        ),
        pytest.param({**TRUST, "findings": [{**HIDDEN, "severity": "note"}]}, True, [READY[1]], id="a note"),
        pytest.param(
            {**TRUST, "certificates": [CA] * 5 + [{**CA, "action": "removed", "trusted": False}]},
            True,
            [*[READY[1]] * 5, "  CA         ok           1 more"],
            id="many",
        ),
        pytest.param(
            {**TRUST, "trusted": False, "certificates": [CA] * 5 + [{**CA, "trusted": False}]},
            False,
            [*[READY[1]] * 5, "  CA         FAILED       1 more"],
            id="many, one of which is not trusted",
        ),
    ],
)
def test_lines_of_certificates(trust: t.Any, ok: bool, expected: list[str]) -> None:
    well, said = lines(trust=trust)
    assert well is ok
    assert [line for line in said if line.startswith("  CA")] == expected
    assert said[0] == (READY[0] if ok else f"{HOST} is NOT ready to mirror")


@pytest.mark.parametrize(
    ("auth_file", "ok", "line"),
    [
        pytest.param({}, True, "ok", id="did not run"),
        pytest.param({"skipped": True}, True, "not asked", id="was skipped"),
        pytest.param({"failed": True, "msg": "m"}, False, "FAILED", id="failed"),
        pytest.param({**AUTH_FILE, "registries": ["a"]}, True, "ok           /root/auth.json, 1 registry", id="one"),
        pytest.param(
            {**AUTH_FILE, "findings": [{**OVERLAP, "severity": "error"}]},
            *(True, "see below    /root/auth.json, 2 registries"),
            id="an entry that the administrator wants to keep",
        ),
        pytest.param(
            {**AUTH_FILE, "findings": [{**OVERLAP, "severity": "repaired"}]},
            *(True, "ok           /root/auth.json, 2 registries"),
            id="repaired",
        ),
    ],
)
def test_the_line_of_the_auth_file(auth_file: t.Any, ok: bool, line: str) -> None:
    well, said = lines(auth_file=auth_file)
    assert well is ok
    assert said[2] == f"  auth file  {line}"


def test_errors_first_then_warnings_and_each_once() -> None:
    findings = [{**OVERLAP, "severity": "warning"}, {**OVERLAP, "severity": "note", "message": "unsaid"}]
    whole = [{**OVERLAP, "severity": "warning", "registry": "", "message": "of the file"}]
    said = lines(
        trust={**TRUST, "findings": [{**HIDDEN, "severity": "warning"}]},
        auth_file={**AUTH_FILE, "findings": [*findings, *findings, *whole]},
        registries=check(asked(SOON, PROXY, {**NO_KEY, "message": "no key", "remedy": "add it"}, ok=False)),
    )[1]
    assert [line[:40].rstrip() for line in said if line.startswith("  to do")] == [
        "  to do: no key; add it",
        "  to do: one hides the other: remove it",
        "  to do: quay.io: two entries; keep one",
        "  to do: of the file; keep one",
        "  to do: the certificate of mirror.examp",
    ]


def test_what_a_failed_task_says() -> None:
    said = lines(trust={"failed": True, "msg": "Cannot use x: it is empty."})[1]
    assert said[-1] == "  to do: Cannot use x: it is empty."


CHANGED = {**TRUST, "changed": True, "certificates": [{**CA, "action": "added"}]}


@pytest.mark.parametrize(
    ("results", "options", "expected"),
    [
        pytest.param(
            {"trust": CHANGED, "auth_file": AUTH_FILE, "registries": {"skipped": True}},
            {"check_mode": True},
            [
                f"{HOST} would be changed; no registry was asked",
                "  CA         pending      CN=CA,O=Example, until 2036-02-20, would be added",
                READY[2],
                "  registry   not checked  (check mode)",
            ],
            id="changes to make",
        ),
        pytest.param(
            {"trust": TRUST, "auth_file": {**AUTH_FILE, "changed": True}},
            {"check_mode": True},
            [
                f"{HOST} would be changed; no registry was asked",
                READY[1],
                "  auth file  pending      /root/auth.json, 2 registries",
                "  registry   not checked  (check mode)",
            ],
            id="another change to make",
        ),
        pytest.param(
            {"trust": TRUST, "auth_file": AUTH_FILE, "registries": {"skipped": True}},
            {"check_mode": True},
            [f"{HOST} is as asked; no registry was asked", *READY[1:3], "  registry   not asked"],
            id="no changes to make",
        ),
        pytest.param(
            {"trust": CHANGED, "auth_file": {**AUTH_FILE, "changed": True}},
            {},
            [f"{HOST} is as asked; no registry was asked", *READY[1:3], "  registry   not checked"],
            id="changed",
        ),
        pytest.param(
            {"trust": CHANGED, "registries": check(asked(ok=False, tls="failed"))},
            {"check_mode": True},
            [
                f"{HOST} is NOT ready to mirror to {PEER}",
                "  CA         pending      CN=CA,O=Example, until 2036-02-20, would be added",
                "  auth file  ok",
                f"  registry   FAILED       {PEER}, TLS 1.3",
                *READY[4:],
            ],
            id="a registry was asked all the same",
        ),
        pytest.param(
            {"trust": {"skipped": True}},
            {},
            [
                f"{HOST} was not looked at",
                "  CA         not asked",
                "  auth file  not checked",
                "  registry   not checked",
            ],
            id="nothing ran",
        ),
        pytest.param(
            {"registries": {"failed": True, "msg": "no such option"}},
            {},
            [
                f"{HOST} is NOT ready to mirror",
                "  CA         not checked",
                "  auth file  not checked",
                "  registry   FAILED",
                "  to do: no such option",
            ],
            id="the check itself failed",
        ),
    ],
)
def test_what_was_not_done(results: dict[str, t.Any], options: dict[str, t.Any], expected: list[str]) -> None:
    found = verdict(results, HOST, **options)
    assert found["lines"] == expected
    assert found["ok"] is ("NOT" not in expected[0])


BACK = "/root/auth.json holds nothing of what was merged (taken back: 'mirror.example.com:5000'; left:"


@pytest.mark.parametrize(
    ("results", "check_mode", "expected"),
    [
        pytest.param(
            {
                "trust": {"msg": "not trusted: CN=CA (removed)", "trusted": True},
                "auth_file": {"msg": f"{BACK} 'quay.io', 'a.b:5000')", "left": ["quay.io"]},
            },
            False,
            [
                f"{HOST}: what was prepared is taken back",
                "  CA         not trusted: CN=CA (removed)",
                f"  auth file  {BACK}",
                "             'quay.io', 'a.b:5000')",
            ],
            id="both",
        ),
        pytest.param(
            {"trust": {"skipped": True}, "auth_file": {"msg": "m"}},
            True,
            [f"{HOST}: what was prepared would be taken back", "  CA         not asked", "  auth file  m"],
            id="check mode",
        ),
        pytest.param(
            {"trust": {"failed": True, "msg": "become root"}},
            False,
            [
                f"{HOST}: what was prepared is NOT taken back",
                "  CA         FAILED",
                "  auth file  not checked",
                "  to do: become root",
            ],
            id="failed",
        ),
        pytest.param(
            {"trust": {"msg": "m", "findings": [{**HIDDEN, "severity": "warning"}]}},
            False,
            [
                f"{HOST}: what was prepared is taken back",
                "  CA         m",
                "  auth file  not checked",
                "  to do: one hides the other: remove it",
            ],
            id="with a warning",
        ),
    ],
)
def test_the_way_back(results: dict[str, t.Any], check_mode: bool, expected: list[str]) -> None:
    assert verdict(results, HOST, check_mode, "absent")["lines"] == expected


def test_data() -> None:
    overlap = {**OVERLAP, "severity": "warning"}
    hidden = {**HIDDEN, "severity": "note"}
    registry = asked(SOON)
    found = verdict(
        {
            "trust": {**TRUST, "findings": [hidden]},
            "auth_file": {**AUTH_FILE, "findings": [overlap]},
            "registries": check(registry),
        },
        HOST,
    )
    assert {**found, "lines": []} == {
        "ok": True,
        "host": HOST,
        "trust": {"ok": True, "certificates": [CA], "findings": [hidden]},
        "auth_file": {"ok": True, "path": "/root/auth.json", "registries": ["quay.io", PEER], "findings": [overlap]},
        "registries": [registry],
        "findings": [
            {"part": "trust", **hidden},
            {"part": "auth_file", **overlap},
            {"part": "registries", "registry": PEER, **SOON},
        ],
        "lines": [],
    }


def test_nothing_at_all() -> None:
    found = verdict({}, HOST)
    assert (found["ok"], found["trust"]["certificates"], found["registries"]) == (True, [], [])
    assert found["auth_file"] == {"ok": True, "path": "", "registries": [], "findings": []}


def test_names_do_not_steer_the_terminal() -> None:
    evil = {
        **TRUST,
        "certificates": [{**CA, "subject": "CN=\x1b[2J\nx"}],
        "findings": [{**HIDDEN, "severity": "error"}],
    }
    evil["findings"][0]["message"] = "a\x1bb\nc"  # type: ignore[index]
    said = lines(trust=evil)[1]
    assert said[1] == "  CA         see below    CN=\\x1b[2J\\nx, until 2036-02-20"
    assert said[-1] == "  to do: a\\x1bb\\nc"


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ("aa" + " a" * 60, [109, 30]),
        ("a" + " a" * 60, [110, 28]),
        ("a" * 102 + " b", [111, 10]),
        ("a" * 92 + " mirror-registry", [101, 24]),
        ("a" * 150 + " end", [159, 12]),
    ],
)
def test_lines_fit_as_far_as_words_let_them(words: str, ends: list[int]) -> None:
    """What is to be copied, such as a path, is not broken."""
    said = lines(trust={**TRUST, "findings": [{**HIDDEN, "severity": "error", "message": words}]})[1]
    assert [len(line) for line in said[len(READY) :]] == ends
