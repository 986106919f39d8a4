# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model beside the real readers: their recorded answers, and the two matrices of keys and values by hand."""

import base64
import json
import os

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_lookup
from ansible_collections.airgap.openshift.plugins.module_utils._auth_lookup import Login
from ansible_collections.airgap.openshift.plugins.module_utils._auth_readers import (
    CLIENTS,
    FAILS,
    FINDS_NOTHING,
    READERS,
    REFUSES,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError, parse

OPERATOR = "machine-config-operator"
NO_HELPER = "helper is missing"
OUTCOMES = {
    REFUSES: "refuses",
    FAILS: "fails",
    _auth_lookup.ASKS_HELPER: NO_HELPER,
    FINDS_NOTHING: [],
}

with open(os.path.join(os.path.dirname(__file__), "recorded_readers.json"), encoding="utf-8") as recording:
    RECORDED = json.load(recording)


def named(cases):
    return [pytest.param(case, id=case["name"]) for case in cases]


def as_recorded(answer, client):
    """Return what the model answers in the form of the recording."""
    if answer.outcome != _auth_lookup.FINDS:
        return OUTCOMES[answer.outcome]
    if client == "kubelet":
        return [plain(login) for login in answer.alternatives[0]]
    return sorted((plain(group[0]) if group else None for group in answer.alternatives), key=str)


def plain(login):
    return [login.user.decode("utf-8", "surrogateescape"), login.password.decode("utf-8", "surrogateescape"), login[2]]


def recorded(answer, client):
    if isinstance(answer, dict):
        return answer["in any order"]
    return sorted(answer, key=str) if isinstance(answer, list) and client != "kubelet" else answer


def is_as_recorded(answer, said, client):
    mine = as_recorded(answer, client)
    return (sorted(mine) if isinstance(said, dict) else mine) == recorded(said, client)


def asked(case):
    """Yield each client and image of a case with the answer."""
    for images, answers in case["answers"].items():
        if images != OPERATOR:
            for clients, said in answers.items():
                for image in images.split():
                    yield from ((client, image, said) for client in clients.split())


@pytest.mark.parametrize("case", named(RECORDED["cases"]))
def test_the_model_answers_as_the_real_reader(case):
    fields = parse(case["file"].encode("utf-8", "surrogateescape")).fields
    made = _auth_lookup.index(fields)
    for client, image, said in asked(case):
        if client == "oc" and said == NO_HELPER:
            assert fields["credHelpers"], "oc runs all helpers of the file before the first image"
            continue
        answer = _auth_lookup.look_up(made, client, image)
        assert is_as_recorded(answer, said, client), (client, image, answer)
    assert ("refuses" if made.refusing[OPERATOR] else "reads") == case["answers"][OPERATOR]


@pytest.mark.parametrize("case", named(RECORDED["no_auth_files"]))
def test_what_is_no_auth_file_for_us_is_of_no_use_to_a_reader(case):
    with pytest.raises(AuthFileError):
        parse(case["file"].encode("utf-8", "surrogateescape"))
    answers = [said for _client, _image, said in asked(case)]
    assert "refuses" in answers or not any(isinstance(said, list) and said for said in answers)


def test_every_reader_was_recorded():
    assert set(RECORDED["sources"]) == set(READERS)
    clients = {client for case in RECORDED["cases"] for client, _image, _said in asked(case)}
    assert clients == set(CLIENTS)


# By hand: what a name stands for in the matrices below. ``a|b``: one of them, by chance; ``a>b``: a, then b.

REG, IMAGE, OTHER = "reg.example:5000", "reg.example:5000/ns/img", "other.example"
HUB_IMAGE, HUB = "docker.io/library/img", "https://index.docker.io/v1/"
NEVER = dict.fromkeys(CLIENTS, "-")
ALWAYS = dict.fromkeys(CLIENTS, "+")


def b64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode("utf-8")).decode("ascii")


def auth(user="+", password="p"):
    return {"auth": b64(f"{user}:{password}")}


def words(answer):
    if answer.outcome != _auth_lookup.FINDS:
        return {"refuses": "REFUSES", "fails": "fails", NO_HELPER: "helper"}.get(str(OUTCOMES[answer.outcome]), "-")
    groups = [">".join(login.user.decode("ascii") for login in group) for group in answer.alternatives]
    return "|".join(sorted(group or "-" for group in groups))


def found(auths, image=IMAGE, **settings):
    made = _auth_lookup.index(dict(settings, auths=auths))
    return {client: words(_auth_lookup.look_up(made, client, image)) for client in CLIENTS}


def row(podman, oc, kubelet, docker, catalog=None):
    return {"podman": podman, "oc": oc, "docker": docker, "catalog": catalog or docker, "kubelet": kubelet}


DEAD_SLASH = row("-", "-", "+", "+")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(REG, ALWAYS, id="the bare host"),
        pytest.param(f"{REG}/", DEAD_SLASH, id="the host with a trailing slash"),
        pytest.param(f"{REG}/ns", ALWAYS, id="a namespace"),
        pytest.param(f"{REG}/ns/", DEAD_SLASH, id="a namespace with a trailing slash"),
        pytest.param(f"{REG}/ns/img", ALWAYS, id="the repository"),
        pytest.param(f"{REG}/ns/img:latest", row("-", "REFUSES", "-", "+"), id="a tag"),
        pytest.param(f"https://{REG}", ALWAYS, id="https"),
        pytest.param(f"https://{REG}/", ALWAYS, id="https with a slash"),
        pytest.param(f"https://{REG}/v1/", ALWAYS, id="https with v1"),
        pytest.param(f"https://{REG}/v2/", ALWAYS, id="https with v2"),
        pytest.param(f"http://{REG}", ALWAYS, id="http"),
        pytest.param(f"https://{REG}/ns", ALWAYS, id="https with a namespace"),
        pytest.param(f"https://{REG}/ns3", row("+", "+", "-", "+"), id="https with another namespace"),
        pytest.param(f"{REG}/v2", row("-", "-", "-", "+"), id="v2 without a scheme"),
        pytest.param("REG.example:5000", NEVER, id="upper case"),
        pytest.param("reg.example", NEVER, id="no port"),
        pytest.param("reg.example:443", NEVER, id="another port"),
        pytest.param("*.example:5000", row("-", "-", "+", "-"), id="a pattern"),
        pytest.param("[::1]:5000", NEVER, id="another host that is an IPv6 address"),
        pytest.param(f" {REG}", NEVER, id="a space"),
        pytest.param(f"user@{REG}", row("-", "REFUSES", "+", "-"), id="a user"),
        pytest.param("user@elsewhere", row("-", "REFUSES", "-", "-"), id="a user of another host"),
        pytest.param(f"HTTPS://{REG}", row("-", "REFUSES", "-", "+"), id="a scheme in upper case"),
    ],
)
def test_matrix_of_keys(key, expected):
    assert found({key: auth()}) == expected


@pytest.mark.parametrize(
    ("auths", "image", "expected"),
    [
        pytest.param({REG: "u", f"{REG}/ns": "ns"}, IMAGE, row("ns", "ns", "ns>u", "u"), id="host and host/ns"),
        pytest.param(
            {f"{REG}/ns": "+"}, f"{REG}/ns2/img", row("-", "-", "+", "+"), id="host/ns asked for host/ns2/img"
        ),
        pytest.param({REG: "u", f"{REG}/ns": None}, IMAGE, row("-", "u", "u", "u"), id="host good and host/ns empty"),
        pytest.param(
            {f"{REG}/ns": "ns", f"{REG}/x": "x"},
            IMAGE,
            row("ns", "ns", "ns", "ns|x"),
            id="two namespaced keys and no host key",
        ),
        pytest.param(
            {f"https://{REG}": "s", f"http://{REG}": "t"},
            IMAGE,
            row("s|t", "s|t", "s>t", "s|t"),
            id="https and http both",
        ),
        pytest.param(
            {f"https://{REG}": "s", REG: "u"}, IMAGE, row("u", "u", "s>u", "u"), id="a URL loses to the bare host"
        ),
        pytest.param({"docker.io": "+"}, HUB_IMAGE, row("+", "+", "+", "-"), id="docker.io for the Hub"),
        pytest.param({HUB: "+"}, HUB_IMAGE, ALWAYS, id="the URL of the Hub"),
        pytest.param(
            {f"{REG}/ns/img": "img", f"{REG}/ns": "ns"},
            IMAGE,
            row("img", "img", "img>ns", "img|ns", "img"),
            id="the catalog step asks for the repository first",
        ),
    ],
)
def test_matrix_of_several_keys(auths, image, expected):
    assert found({key: auth(user) if user else {} for key, user in auths.items()}, image) == expected


NOTHING = None
P = Login(b"u", b"p")
TOKEN, USER_TOKEN, NO_USER = Login(b"", b"", "t"), Login(b"u", b"", "t"), Login(b"", b"p")
KILLS, FAILING = "kills the file", "fails"


@pytest.mark.parametrize("entry", [{"auth": ""}, {}, None, {"auth": None}])
def test_an_empty_value_is_none_for_all(entry):
    assert results(entry) == cells(NOTHING, NOTHING, NOTHING, NOTHING)


def cells(podman, oc, kubelet, docker, operator="reads"):
    return dict(row(podman, oc, kubelet, docker), **{OPERATOR: operator})


def results(entry):
    """Return what each reader makes of an entry, and whether it then still finds that of another registry."""
    made = _auth_lookup.index({"auths": {REG: entry, OTHER: auth("other")}})
    results = {client: result(made, client) for client in CLIENTS}
    return dict(results, **{OPERATOR: "refuses" if made.refusing[OPERATOR] else "reads"})


def result(made, client):
    answer, other = (_auth_lookup.look_up(made, client, f"{host}/ns/img") for host in (REG, OTHER))
    if answer.outcome == REFUSES:
        assert other.outcome == REFUSES
        assert answer.keys == other.keys == (REG,)
        return KILLS
    assert other.alternatives == ((Login(b"other", b"p"),),)
    assert other.is_certain
    if answer.outcome == _auth_lookup.FINDS:
        return answer.alternatives[0][0]
    return FAILING if answer.outcome == FAILS else NOTHING


ILLEGAL = cells(FAILING, KILLS, KILLS, KILLS)
OK = cells(P, P, P, P)


def pair(**fields):
    return dict({"username": "u", "password": "p"}, **fields)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param({"auth": b64("token")}, cells(NOTHING, NOTHING, KILLS, KILLS), id="no colon"),
        pytest.param({"auth": b64(":p")}, cells(NO_USER, NO_USER, NO_USER, KILLS), id="an empty user"),
        pytest.param({"auth": b64("u:")}, cells(*[Login(b"u", b"")] * 4), id="an empty password"),
        pytest.param({"auth": "dTpw!"}, ILLEGAL, id="illegal base64"),
        pytest.param({"auth": "dTpw "}, ILLEGAL, id="a trailing space"),
        pytest.param({"auth": b64("u:???").replace("/", "_")}, ILLEGAL, id="base64 for URLs"),
        pytest.param({"auth": "u:p"}, ILLEGAL, id="plain text"),
        pytest.param(
            {"auth": b64("u:pw").rstrip("=")}, cells(FAILING, KILLS, Login(b"u", b"pw"), KILLS), id="no padding"
        ),
        pytest.param({"auth": "dTpw="}, ILLEGAL, id="wrong padding"),
        pytest.param({"auth": "dT\r\npw\n"}, OK, id="wrapped"),
        pytest.param({"auth": b64("u:p\n")}, cells(*[Login(b"u", b"p\n")] * 4), id="a line break in the password"),
        pytest.param({"auth": b64("u:p\0")}, cells(P, P, Login(b"u", b"p\0"), P), id="a trailing NUL"),
        pytest.param({"auth": b64("u:p:q")}, cells(*[Login(b"u", b"p:q")] * 4), id="a colon in the password"),
        pytest.param({"auth": b64("u:é")}, cells(*[Login(b"u", b"\xc3\xa9")] * 4), id="UTF-8"),
        pytest.param({"auth": b64(b"u:\xe9")}, cells(*[Login(b"u", b"\xe9")] * 4), id="Latin-1"),
        pytest.param(
            {"identitytoken": "t"}, cells(NOTHING, NOTHING, NOTHING, TOKEN, "refuses"), id="an identity token only"
        ),
        pytest.param(
            {"auth": b64("u:"), "identitytoken": "t"},
            cells(USER_TOKEN, USER_TOKEN, Login(b"u", b""), USER_TOKEN, "refuses"),
            id="an identity token beside a user",
        ),
        pytest.param(pair(), cells(NOTHING, NOTHING, P, P), id="username and password only"),
        pytest.param(dict(pair(username="x"), **auth("u")), OK, id="both and different"),
        pytest.param({"auth": 7}, cells(KILLS, KILLS, KILLS, KILLS, "refuses"), id="auth is a number"),
        pytest.param("text", cells(KILLS, KILLS, KILLS, KILLS, "refuses"), id="the entry is a text"),
        pytest.param(dict(auth("u"), extra=1), cells(P, P, P, P, "refuses"), id="an extra field"),
        pytest.param(dict(auth("u"), email="e"), OK, id="an e-mail address"),
        pytest.param(dict(auth("u"), email=5), cells(P, P, KILLS, P, "refuses"), id="the e-mail address is a number"),
        pytest.param(
            dict(auth("u"), registrytoken="t"), cells(P, P, P, Login(b"u", b"p", "t"), "refuses"), id="a registry token"
        ),
    ],
)
def test_matrix_of_values(entry, expected):
    assert results(entry) == expected


@pytest.mark.parametrize(
    ("settings", "expected", "operator"),
    [
        pytest.param({"auths": None}, NEVER, "reads", id="auths is null"),
        pytest.param({}, NEVER, "reads", id="no auths"),
        pytest.param({"credsStore": "x"}, row("+", "+", "+", "helper"), "reads", id="a store"),
        pytest.param({"credsStore": 5}, row("+", "+", "+", "REFUSES"), "reads", id="a store that is a number"),
        pytest.param({"credHelpers": {REG: "x"}}, row("helper", "helper", "+", "helper"), "reads", id="a helper"),
        pytest.param({"credHelpers": {OTHER: "x"}}, ALWAYS, "reads", id="a helper for another host"),
        pytest.param(
            {"credHelpers": {f"u@{OTHER}": "x"}}, row("+", "REFUSES", "+", "+"), "reads", id="a helper with @"
        ),
        pytest.param({"credHelpers": []}, row("REFUSES", "REFUSES", "+", "REFUSES"), "reads", id="helpers are a list"),
        pytest.param(
            {"HttpHeaders": {"a": 1}}, row("+", "+", "REFUSES", "REFUSES"), "refuses", id="header is a number"
        ),
        pytest.param({"HttpHeaders": {"a": "b"}}, ALWAYS, "refuses", id="headers"),
        pytest.param({"unknown": 5}, ALWAYS, "refuses", id="an unknown setting"),
    ],
)
def test_matrix_of_files(settings, expected, operator):
    fields = dict({"auths": {REG: auth()}} if settings and "auths" not in settings else {}, **settings)
    made = _auth_lookup.index(fields)
    assert {client: words(_auth_lookup.look_up(made, client, IMAGE)) for client in CLIENTS} == expected
    assert ("refuses" if made.refusing[OPERATOR] else "reads") == operator


def test_an_answer_names_the_keys_that_it_comes_from():
    made = _auth_lookup.index({"auths": {REG: auth("u"), f"{REG}/ns": auth("ns"), "a/": {"auth": "!"}, "b": 5}})
    assert _auth_lookup.look_up(made, "podman", IMAGE).keys == ("b",)
    del made.auths["b"]
    made = _auth_lookup.index({"auths": made.auths})
    assert _auth_lookup.look_up(made, "podman", IMAGE).keys == (f"{REG}/ns",)
    assert _auth_lookup.look_up(made, "kubelet", IMAGE).keys == ("a/",)
    assert made.refusing["oc"] == ["a/"]


def test_an_answer_is_certain_where_one_login_is_used_in_each_run():
    made = _auth_lookup.index({"auths": {REG: auth("u"), f"{REG}/ns": auth("ns"), "far.example/a": auth("a")}})
    assert _auth_lookup.look_up(made, "podman", IMAGE).is_certain
    assert not _auth_lookup.look_up(made, "kubelet", IMAGE).is_certain
    assert not _auth_lookup.look_up(made, "podman", "far.example/b").is_certain
