# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's model of the readers of auth files beside the readers themselves: same file, same image, same login.

Not here are oc, the kubelet and the catalog step of oc-mirror, of which Debian has no package, and identity tokens, for
which a registry must offer OAuth.
"""

from __future__ import annotations

import base64
import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from conftest import Bastion
from lab.access import Lab
from readers import CLIENTS, COMPLAINS, GIVES_UP, HELPER, MIRROR, NO_LOGIN, Bench, Question, let_in, turned_away

HOST = f"{MIRROR}:5000"
HUB = "https://index.docker.io/v1/"
IMAGE = f"{HOST}/ns/img"
ELSEWHERE = "elsewhere.lab.test"
DOCKER = ("docker",)
# A user for each kind of entry, so that the registry's log tells which entry was taken.
PASSWORDS = {
    **{name: f"of the {name}".encode() for name in ("host", "namespace", "image", "url", "other")},
    "": b"without user",
    "none": b"",
    "padded": b"xyz~~~???",
    "colon": b"a:b",
    "umlaut": "gr\u00fc\u00df Gott \u20ac".encode(),
    "latin-1": "gr\u00fc\u00df Gott".encode("latin-1"),
    "newline": b"first\nsecond",
    HELPER[0]: HELPER[1],
}
# As the model calls them. skopeo and podman read auth files with the same library, so values are shown to skopeo only.
READERS = {"skopeo": "podman", "podman": "podman", "docker": "docker"}
ONE_OF_EACH = ("skopeo", "docker")
# These are asked until both outcomes were seen, of which one may be that of one run in eight only.
BY_CHANCE = (
    *(f"{client}, https and http" for client in CLIENTS),
    "docker, two namespaces",
    "docker, two other namespaces",
    "docker, namespace and image",
    "docker, namespace and https",
)
RUNS, ROUNDS = 24, 10

Predict = Callable[[Question], frozenset[str]]


class Case(NamedTuple):
    """An auth file and the image that is asked for."""

    name: str
    text: str
    image: str = IMAGE
    clients: tuple[str, ...] = CLIENTS


def encoded(user: str, after: bytes = b"") -> str:
    return base64.b64encode(user.encode() + b":" + PASSWORDS[user] + after).decode()


def login(user: str) -> dict[str, str]:
    return {"auth": encoded(user)}


def entries(name: str, auths: dict[str, Any], image: str = IMAGE, clients: tuple[str, ...] = CLIENTS) -> Case:
    return Case(name, json.dumps({"auths": auths}), image, clients)


def one_key(key: str, image: str = IMAGE, clients: tuple[str, ...] = CLIENTS) -> Case:
    return entries(f"{key!r} for {image}", {key: login("host")}, image, clients)


KEYS = [
    *map(one_key, (HOST, f"{HOST}/", f"{HOST}//", f"{HOST}/ns", f"{HOST}/ns/", IMAGE, f"{IMAGE}:latest", f"{HOST}/v2")),
    *(one_key(f"https://{HOST}{path}") for path in ("", "/", "/v1/", "/v2/", "/v2", "/ns", "/ns/img")),
    *map(one_key, (f"http://{HOST}", f"http://{HOST}/", f"HTTPS://{HOST}", f"//{HOST}")),
    one_key(f"https://{HOST}/ns", f"{HOST}/other/img"),
    one_key(HOST.upper()),
    one_key(HOST, f"{HOST.upper()}/ns/img"),
    one_key(HOST.upper(), f"{HOST.upper()}/ns/img"),
    one_key(MIRROR),
    one_key(MIRROR, f"{MIRROR}/ns/img"),
    one_key(MIRROR, f"{MIRROR}:443/ns/img"),
    one_key(f"{MIRROR}:443", f"{MIRROR}/ns/img"),
    one_key(f"{MIRROR}:443", f"{MIRROR}:443/ns/img"),
    one_key("*.lab.test:5000"),
    # skopeo and podman take no such name of an image, whatever the auth file says.
    one_key("[::1]:5000", "[::1]:5000/ns/img", DOCKER),
    one_key("[::1]", "[::1]/ns/img", DOCKER),
    one_key(f" {HOST}"),
    one_key(f"{HOST} "),
    one_key(f"user@{HOST}"),
    one_key(f"https://user@{HOST}"),
    one_key(f"{HOST}/ns", f"{HOST}/ns2/img"),
    one_key(f"{HOST}/ns", f"{HOST}/ns"),
    one_key(f"{HOST}/ns", f"{HOST}/other/img"),
    one_key(IMAGE, f"{HOST}/ns/img2"),
    one_key(IMAGE, f"{HOST}/ns/img/deeper"),
    *(one_key(key, "docker.io/ns/img") for key in ("docker.io", "index.docker.io", "registry-1.docker.io", HUB)),
    *(one_key(key, "docker.io/ns/img") for key in ("docker.io/ns", "index.docker.io/v1/", "https://docker.io")),
    entries("host and namespace", {HOST: login("host"), f"{HOST}/ns": login("namespace")}),
    entries(
        "host and namespace, another asked for", {HOST: login("host"), f"{HOST}/ns": login("namespace")}, f"{HOST}/x"
    ),
    entries("namespace and image", {f"{HOST}/ns": login("namespace"), IMAGE: login("image")}),
    entries("host, and an empty namespace", {HOST: login("host"), f"{HOST}/ns": {}}),
    entries("host, and namespace with a trailing slash", {HOST: login("host"), f"{HOST}/ns/": login("namespace")}),
    entries("two namespaces", {f"{HOST}/ns": login("namespace"), f"{HOST}/other": login("other")}),
    entries("two other namespaces", {f"{HOST}/a": login("namespace"), f"{HOST}/b": login("other")}),
    entries("https and http", {f"https://{HOST}": login("url"), f"http://{HOST}": login("other")}),
    entries("host and https", {HOST: login("host"), f"https://{HOST}": login("url")}),
    entries("an empty host and https", {HOST: {}, f"https://{HOST}": login("url")}),
    entries("namespace and https", {f"{HOST}/ns": login("namespace"), f"https://{HOST}": login("url")}),
    entries("docker.io and the Hub's URL", {"docker.io": login("host"), HUB: login("url")}, "docker.io/ns/img"),
    entries("user@ elsewhere", {HOST: login("host"), f"user@{ELSEWHERE}": login("other")}),
    entries("a tag elsewhere", {HOST: login("host"), f"{ELSEWHERE}/ns/img:latest": login("other")}),
    entries("a space elsewhere", {HOST: login("host"), f" {ELSEWHERE}": login("other")}),
    Case("AUTHS", json.dumps({"AUTHS": {HOST: login("host")}})),
    Case("AUTH", json.dumps({"auths": {HOST: {"AUTH": encoded("host")}}})),
]
VALUES: dict[str, Any] = {
    "null": None,
    "empty": {},
    "empty auth": {"auth": ""},
    "auth null": {"auth": None},
    "text": encoded("host"),
    "list": [],
    "auth a number": {"auth": 5},
    "no colon": {"auth": base64.b64encode(b"host").decode()},
    "no user": login(""),
    "no password": login("none"),
    "neither": {"auth": "Og=="},
    "plain text": {"auth": "host:of the host"},
    "space after it": {"auth": encoded("host") + " "},
    "space in it": {"auth": encoded("host")[:4] + " " + encoded("host")[4:]},
    "standard base64": login("padded"),
    "URL-safe base64": {"auth": encoded("padded").replace("+", "-").replace("/", "_")},
    "no padding": {"auth": encoded("host").rstrip("=")},
    "half the padding": {"auth": encoded("host").rstrip("=") + "="},
    "too much padding": {"auth": encoded("host") + "="},
    "wrapped": {"auth": "\n".join([encoded("host")[:8], encoded("host")[8:]])},
    "wrapped with CR": {"auth": "\r\n".join([encoded("host")[:8], encoded("host")[8:]])},
    "newline after it": {"auth": encoded("host") + "\n"},
    "newline after the password": {"auth": encoded("host", b"\n")},
    "newline in the password": login("newline"),
    "NUL after the password": {"auth": encoded("host", b"\0")},
    "colon in the password": login("colon"),
    "UTF-8 password": login("umlaut"),
    "Latin-1 password": login("latin-1"),
    "unknown user": {"auth": base64.b64encode(b"nobody:knows").decode()},
    "username and password": {"username": "host", "password": "of the host"},
    "both": {**login("host"), "username": "other", "password": "of the other"},
    "username a number": {**login("host"), "username": 5},
    "email a number": {**login("host"), "email": 5},
    "unknown field": {**login("host"), "note": "mine"},
    "email": {**login("host"), "email": "me@example.com"},
}
SETTINGS: dict[str, dict[str, Any]] = {
    "a helper": {"credHelpers": {HOST: "lab"}},
    "a missing helper": {"credHelpers": {HOST: "missing"}},
    "a missing helper elsewhere": {"credHelpers": {ELSEWHERE: "missing"}},
    "a helper for a namespace": {"credHelpers": {f"{HOST}/ns": "lab"}},
    "a helper for the host without port": {"credHelpers": {MIRROR: "lab"}},
    "a store": {"credsStore": "lab"},
    "a missing store": {"credsStore": "missing"},
    "a store and a helper elsewhere": {"credsStore": "lab", "credHelpers": {ELSEWHERE: "other"}},
    "credsStore a number": {"credsStore": 5},
    "credHelpers a list": {"credHelpers": []},
    "HttpHeaders": {"HttpHeaders": {"X-Meta": "1"}},
    "HttpHeaders a text": {"HttpHeaders": "X-Meta"},
    "an unknown setting": {"note": "mine"},
}
CASES = [
    *KEYS,
    *(entries(f"value: {name}", {HOST: value}, clients=ONE_OF_EACH) for name, value in VALUES.items()),
    *(
        entries(f"value elsewhere: {name}", {HOST: login("host"), ELSEWHERE: value}, clients=ONE_OF_EACH)
        for name, value in VALUES.items()
    ),
    *(
        Case(f"setting: {name}", json.dumps({"auths": {HOST: login("host")}, **more}))
        for name, more in SETTINGS.items()
    ),
]
# Where docker's CLI of Debian (26) does as none has since 27 or 29, which the model is about: since 27 a scheme may be
# in upper case and a URL may name a user, since 29 the e-mail address is no field any more.
AS_DOCKER_26 = {
    f"docker, {one_key(f'HTTPS://{HOST}').name}": NO_LOGIN,
    f"docker, {one_key(f'https://user@{HOST}').name}": NO_LOGIN,
    "docker, value: email a number": COMPLAINS + NO_LOGIN,
    "docker, value elsewhere: email a number": COMPLAINS + NO_LOGIN,
}
# What the model calls refusing the file: the CLI, not the library that the catalog step has, says so too and goes on
# with the entries that it had decoded before, in an order of chance.
BY_LUCK = {
    f"docker, value elsewhere: {name}"
    for name in (
        *("no colon", "no user", "neither", "plain text", "space after it", "space in it", "URL-safe base64"),
        *("no padding", "half the padding", "too much padding"),
    )
}
QUESTIONS = {
    f"{client}, {case.name}": Question(client, case.text, case.image) for case in CASES for client in case.clients
}


@pytest.fixture(scope="module")
def bench(lab: Lab) -> Iterator[Bench]:
    """On a bastion that no test before or after has to do with."""
    [name] = [name for name, image in lab.bastions.items() if image == "debian13"]
    lab.reset(name)
    yield Bench(Bastion(lab, name, "debian13"), PASSWORDS)
    lab.reset(name)


@pytest.fixture(scope="module")
def predict(collections: pathlib.Path) -> Iterator[Predict]:
    """What a client does if the model is right; it is one thing, or one of several by chance."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(collections)
        from ansible_collections.airgap.openshift.plugins.module_utils import _auth_lookup, _auth_readers, _auth_text

        def prediction(question: Question) -> frozenset[str]:
            made = _auth_lookup.index(_auth_text.parse(question.text.encode()).fields)
            answer = _auth_lookup.look_up(made, READERS[question.client], question.image)
            if answer.outcome == _auth_lookup.FINDS:
                return frozenset(
                    after_login(question.client, *found[0][:2]) if found else NO_LOGIN for found in answer.alternatives
                )
            without_login = {
                _auth_readers.FINDS_NOTHING: NO_LOGIN,
                _auth_readers.FAILS: GIVES_UP,
                _auth_readers.REFUSES: COMPLAINS + NO_LOGIN if question.client == "docker" else GIVES_UP,
                _auth_lookup.ASKS_HELPER: after_helper(question),
            }
            return frozenset([without_login[answer.outcome]])

        yield prediction


def after_login(client: str, user: bytes, password: bytes) -> str:
    name = user.decode()
    if client == "docker" and not password:
        return NO_LOGIN  # it finds the entry, but sends no empty password
    return let_in(name) if PASSWORDS.get(name) == password else turned_away(name)


def after_helper(question: Question) -> str:
    """Which the model leaves to the helper; without one, docker takes the entry after all."""
    if "missing" not in question.text:
        return let_in(HELPER[0])
    return let_in("host") if question.client == "docker" else GIVES_UP


@pytest.fixture(scope="module")
def seen(bench: Bench) -> dict[Question, frozenset[str]]:
    """What each client did."""
    questions = list(dict.fromkeys(QUESTIONS.values()))
    found = dict(zip(questions, bench.ask(questions)))
    for _round in range(ROUNDS):
        again = [QUESTIONS[name] for name in BY_CHANCE if len(found[QUESTIONS[name]]) == 1] * RUNS
        for question, outcomes in zip(again, bench.ask(again)):
            found[question] |= outcomes
    return found


@pytest.mark.parametrize("name", [name for name in QUESTIONS if name not in {*AS_DOCKER_26, *BY_LUCK}])
def test_model_and_reader_agree(seen: dict[Question, frozenset[str]], predict: Predict, name: str) -> None:
    assert sorted(seen[QUESTIONS[name]]) == sorted(predict(QUESTIONS[name]))


@pytest.mark.parametrize("name", AS_DOCKER_26)
def test_an_older_docker_differs_as_known(seen: dict[Question, frozenset[str]], predict: Predict, name: str) -> None:
    assert seen[QUESTIONS[name]] == {AS_DOCKER_26[name]}
    assert predict(QUESTIONS[name]) != {AS_DOCKER_26[name]}


@pytest.mark.parametrize("name", sorted(BY_LUCK))
def test_docker_complains_and_may_be_lucky(seen: dict[Question, frozenset[str]], predict: Predict, name: str) -> None:
    assert predict(QUESTIONS[name]) == {COMPLAINS + NO_LOGIN}
    assert seen[QUESTIONS[name]] <= {COMPLAINS + NO_LOGIN, COMPLAINS + let_in("host")}


@pytest.mark.parametrize("client", CLIENTS)
def test_of_a_key_that_is_there_twice_the_last_counts(bench: Bench, client: str) -> None:
    """The module says so when it refuses the file."""
    twice = ", ".join(f'"{HOST}": {json.dumps(login(user))}' for user in ("host", "other"))
    assert bench.ask([Question(client, f'{{"auths": {{{twice}}}}}', IMAGE)]) == [{let_in("other")}]
