# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found in an auth file for an image, and what is said where that is nothing, or not the same for all tools."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_lookup
from ansible_collections.airgap.openshift.plugins.module_utils._auth_readers import CLIENTS
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import parse
from ansible_collections.airgap.openshift.plugins.module_utils._registry_credentials import Image, credentials
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.examples import briefly

REG = "mirror.example.com:5000"
REPOSITORY = "ocp4/release"
PATH = "/home/me/auth.json"
COPYING, LOOKING = "podman, skopeo and oc-mirror", "podman, skopeo, oc-mirror and oc"
ALL = "podman, skopeo, oc-mirror, oc and the catalog step of oc-mirror"
EVERY = ("podman", "oc", "catalog")


def login(user="me", password="hunter2"):
    return {"auth": base64.b64encode(f"{user}:{password}".encode("utf-8")).decode("ascii")}


def found(auths, image=(REG, REPOSITORY), **settings):
    registry, repository = image
    fields = parse(json.dumps(dict(settings, auths=auths)).encode("utf-8")).fields
    return credentials(_auth_lookup.index(fields), Image(registry, repository, PATH))


def used(result):
    return [(use.login.user.decode("ascii"), use.key, use.clients) for use in result.uses]


@pytest.mark.parametrize(
    ("auths", "image", "key"),
    [
        ({REG: login()}, (REG, REPOSITORY), REG),
        ({REG: login()}, (REG, ""), REG),
        ({f"{REG}/ocp4": login(), "other.example": {}}, (REG, REPOSITORY), f"{REG}/ocp4"),
        ({f"https://{REG}": login()}, (REG, REPOSITORY), f"https://{REG}"),
        ({f"https://{REG}/v2/": login()}, (REG, REPOSITORY), f"https://{REG}/v2/"),
        ({"https://index.docker.io/v1/": login()}, ("docker.io", "me/x"), "https://index.docker.io/v1/"),
    ],
)
def test_one_login_for_all_is_no_finding(auths, image, key):
    result = found(auths, image)
    assert used(result) == [("me", key, EVERY)]
    assert result.findings == []
    assert result.clients == [{"client": name, "use": "find credentials", "keys": [key]} for name in CLIENTS]


def none_for(auths, *, tools=ALL, code="near-miss", **words):
    return pytest.param(auths, tools, code, words, id=f"{code}: {', '.join(auths)}")


@pytest.mark.parametrize(
    ("auths", "tools", "code", "words"),
    [
        none_for({}, code="no-matching-key"),
        none_for({"other.example": login()}, code="no-matching-key"),
        none_for({"mirror.example.com.example": login()}, code="no-matching-key"),
        none_for(
            {f"me:hunter2@{REG}": login()},
            tools="podman, skopeo, oc-mirror and the catalog step of oc-mirror",
            code="no-matching-key",
        ),
        none_for({f"{REG}/": login()}, tools=LOOKING, says="its key 'mirror.example.com:5000/' ends in '/'"),
        none_for({"MIRROR.example.com:5000": login()}, says="is in upper case"),
        none_for({f"HTTPS://{REG}": login()}, tools=COPYING, says="begins with a scheme in upper case"),
        none_for({"mirror.example.com": login()}, says=f"'mirror.example.com' is for another port than '{REG}'"),
        none_for({"mirror.example.com:443": login()}, says=f"is for another port than '{REG}'"),
        none_for({"mirror.example.com:443/ocp4": login()}, says="is for another port"),
        none_for({f"{REG}/other": login()}, tools=LOOKING, says="is for another namespace"),
        none_for({f"{REG}/ocp4/": login()}, tools=LOOKING, says="ends in '/'", write=f"{REG}/ocp4"),
        none_for({"https://Mirror.example.com:5000/ocp4/": login()}, says="is in upper case", write=f"{REG}/ocp4"),
        none_for({f" {REG}": login()}, says="is not spelled as clients look for it"),
        none_for({f"{REG}/other": login(), "MIRROR.example.com:5000": login()}, tools=LOOKING, says="is in upper case"),
        none_for({REG: {}}, code="empty-entry", says=f"because its entry '{REG}' holds none"),
        none_for({f"{REG}/ocp4": {"auth": ""}}, code="empty-entry"),
        none_for({REG: {"username": "me", "password": "hunter2"}}, tools=LOOKING, code="empty-entry"),
    ],
)
def test_why_there_are_none(auths, tools, code, words):
    first = found(auths).findings[0]
    assert (first.step, first.code, first.severity) == ("key", code, "error")
    assert first.message.startswith(f"no credentials for {REG}/{REPOSITORY} are found in {PATH} by {tools}")
    assert words.get("says", "") in first.message
    if code == "near-miss":
        assert first.remedy == f"write '{words.get('write', REG)}'"


BROKEN = {"auth": "!hunter2!"}


@pytest.mark.parametrize(
    ("auths", "settings", "uses", "findings"),
    [
        pytest.param(
            {REG: BROKEN},
            {},
            [],
            [
                ("unreadable-entry", f"the entry '{REG}' of {PATH} cannot be read by {COPYING}"),
                (
                    "auth-file-refused",
                    "the whole auth file is refused by oc and the catalog step of oc-mirror, because of ",
                ),
            ],
            id="an entry that cannot be read",
        ),
        pytest.param(
            {REG: login(), "other.example": 5},
            {},
            [],
            [("auth-file-refused", f"the whole auth file is refused by {ALL}, because of 'other.example'")],
            id="another entry stops all",
        ),
        pytest.param(
            {REG: login(), "other.example": BROKEN},
            {},
            [("me", REG, ("podman",))],
            [
                (
                    "auth-file-refused",
                    "the whole auth file is refused by oc and the catalog step of oc-mirror, because of ",
                )
            ],
            id="another entry stops some",
        ),
        pytest.param(
            {REG: login(), **{f"a{number}.example": 5 for number in range(40)}},
            {},
            [],
            [("auth-file-refused", f"the whole auth file is refused by {ALL}, because of 'a0.example', ")],
            id="many",
        ),
        pytest.param(
            {REG: login()},
            {"credHelpers": {REG: "pass"}},
            [],
            [
                (
                    "credential-helper",
                    f"a credential helper is asked for {REG}/{REPOSITORY}, not the auth file {PATH}, by {ALL}",
                )
            ],
            id="a helper",
        ),
        pytest.param(
            {REG: login()},
            {"credsStore": "pass"},
            [("me", REG, ("podman", "oc"))],
            [("credential-helper", "a credential helper is asked for ")],
            id="a helper for docker's code only",
        ),
        pytest.param(
            {REG: login(), f"{REG}/ocp4": login("you", "hunter3")},
            {},
            [("you", f"{REG}/ocp4", ("podman", "oc")), ("me", REG, ("catalog",))],
            [
                (
                    "clients-differ",
                    f"not all clients use the same credentials for {REG}/{REPOSITORY}: {LOOKING} that of "
                    f"'{REG}/ocp4', the catalog step of oc-mirror that of '{REG}'",
                )
            ],
            id="two logins",
        ),
        pytest.param(
            {REG: login(), f"{REG}/ocp4": login()},
            {},
            [("me", f"{REG}/ocp4", EVERY)],
            [],
            id="two entries with one login",
        ),
        pytest.param(
            {f"https://{REG}": login(), f"http://{REG}": login("you", "hunter3")},
            {},
            [(user, f"https://{REG}, http://{REG}", EVERY) for user in ("me", "you")],
            [
                (
                    "clients-differ",
                    f"not all clients use the same credentials for {REG}/{REPOSITORY}: any of "
                    f"'https://{REG}', 'http://{REG}' is taken, by chance, by {ALL}",
                )
            ],
            id="one of two, by chance",
        ),
        pytest.param(
            {f"https://{REG}": login(), f"http://{REG}": {}},
            {},
            [("me", f"https://{REG}, http://{REG}", EVERY)],
            [("clients-differ", f"not all clients use the same credentials for {REG}/{REPOSITORY}: any of ")],
            id="one or none, by chance",
        ),
        pytest.param(
            {f"{REG}/a": login(), f"{REG}/b": login("you", "hunter3"), REG + "/ocp4": login("ocp")},
            {},
            [
                ("ocp", f"{REG}/ocp4", ("podman", "oc", "catalog")),
                ("me", f"{REG}/a, {REG}/b, {REG}/ocp4", ("catalog",)),
                ("you", f"{REG}/a, {REG}/b, {REG}/ocp4", ("catalog",)),
            ],
            [("clients-differ", f"not all clients use the same credentials for {REG}/{REPOSITORY}: any of ")],
            id="one of many, by chance, for one client",
        ),
    ],
)
def test_what_clients_do_not_agree_on(auths, settings, uses, findings):
    result = found(auths, **settings)
    assert used(result) == uses
    assert [each.code for each in result.findings] == [code for code, _message in findings]
    for each, (_code, message) in zip(result.findings, findings):
        assert each.message.startswith(message)
        assert len(each.message) < 1000


def test_a_token_is_part_of_the_login():
    result = found({REG: dict(login(), identitytoken="hunter2")})
    assert [use.login.token for use in result.uses] == ["hunter2"]


KEYS = st.sampled_from([REG, f"https://{REG}", f"{REG}/", f"{REG}/ocp4", "MIRROR.example.com", f"me@{REG}", "x", ""])
SECRET = st.sampled_from([login(), login("hunter2"), {}, BROKEN, 5, None, {"username": "me", "password": "hunter2"}])


@given(
    st.dictionaries(KEYS, SECRET), st.sampled_from([{}, {"credsStore": "hunter2"}, {"credHelpers": {REG: "hunter2"}}])
)
@briefly
def test_no_secret_is_in_what_is_said(auths, settings):
    result = found(auths, **settings)
    said = json.dumps([result.clients, result.findings])
    assert "hunter2" not in said
    assert login()["auth"] not in said
    assert result.uses or result.findings
