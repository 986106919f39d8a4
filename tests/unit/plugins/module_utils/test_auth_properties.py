# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is promised of every merge, whatever is in the files, in the terms of what the readers then find.

The readers are those of the model, which test__auth_lookup holds against the real ones.
"""

import base64
import json
import re
from typing import Dict
from unittest import mock

from hypothesis import assume, example, given
from hypothesis import strategies as st

from ansible_collections.airgap.openshift.plugins.module_utils import (
    _auth_entry,
    _auth_file,
    _auth_key,
    _auth_lookup,
    _auth_record,
    _auth_reset,
    _auth_text,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_lookup import ASKS_HELPER, FINDS, Login
from ansible_collections.airgap.openshift.plugins.module_utils._auth_places import Other
from ansible_collections.airgap.openshift.plugins.module_utils._auth_readers import (
    CLIENTS,
    FAILS,
    FINDS_NOTHING,
    REFUSES,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError, Number
from ansible_collections.airgap.openshift.tests.unit.plugins.module_utils.examples import briefly

HUB = _auth_key.DOCKER_HUB
HOSTS = ("reg.example:5000", "reg.example", "quay.io", "docker.io")
TOUCHED, UNTOUCHED = ("reg.example:5000", "docker.io"), ("reg.example", "quay.io")
MODES = ("fail", "keep", "drop")


def b64(raw):
    return base64.b64encode(raw if isinstance(raw, bytes) else raw.encode("utf-8")).decode("ascii")


LOGIN, OTHER_LOGIN = {"auth": b64("u:p")}, {"auth": b64("v:q")}

# How registries are spelled.

LIVE = ("{}", "{}/ns", "{}/ns/sub", "https://{}", "http://{}", "https://{}/v1/", "https://{}/v2/")
DEAD = ("{}/", "{}/ns/", "HTTPS://{}", "{}/v2", "{}/v2/", "{}//ns", "{}/ns2")
# What a URL with a path is about the clients do not agree on: podman and docker take it for the whole host.
ODD = ("https://{}/ns", "user@{}", "{}/ns:tag", " {}", "{}?x", "https://me@{}", "{}:")
ELSEWHERE = ("", "/", "é", "library", "https://", "\ud83d")
PATTERNS = ("*.example:5000", "*.io", "*", "*.example/ns")


def spelled(host, forms):
    names = [form.format(name) for form in forms for name in dict.fromkeys((host, host.upper(), host.title()))]
    if host == "docker.io":
        names += [form.format("index.docker.io") for form in forms] + [HUB] * 3
    return names


def keys(hosts, odd=True):
    """Mostly keys that clients match."""
    good = [form.format(host) for host in hosts for form in LIVE] + [HUB]
    pool = [name for host in hosts for name in spelled(host, LIVE + DEAD)]
    weird = [form.format(host) for host in hosts for form in ODD] + list(ELSEWHERE)
    choices = [st.sampled_from(good), st.sampled_from(pool)]
    return st.one_of(*choices, st.sampled_from(weird)) if odd else st.one_of(*choices)


# What entries hold.

NUMBERS = st.sampled_from(["0", "-1", "1.0", "1e5", "1E+400", "0.10", "9" * 400]).map(Number)
TEXTS = st.sampled_from(["", "x", "é", "\ud83d", "\n", "\u2028", '"\\'])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "é", "auth"]), inner, max_size=2),
    max_leaves=4,
)
USERS, PASSWORDS = st.sampled_from(["u", "v", "ü|x"]), st.sampled_from(["p", "q:r", "é", "???>>>", "longer"])
PAIRS = st.tuples(USERS, PASSWORDS)
GOOD = PAIRS.map(lambda pair: {"auth": b64(":".join(pair))})
EXTRAS = st.dictionaries(st.sampled_from(["email", "x-note", "Ünknown", "serveraddress"]), VALUES, max_size=2)
TEXT_EXTRAS = st.dictionaries(st.sampled_from(["email", "x-note"]), st.sampled_from(["", "e"]), max_size=2)


def damaged(entry):
    """Return what can become of a good ``auth`` by hand; all but the last four can be mended."""
    auth = entry["auth"]
    return st.sampled_from(
        [
            auth.rstrip("="),
            auth + "=",
            auth[:4] + "\n" + auth[4:],
            auth + " ",
            auth.replace("/", "_").replace("+", "-"),
            b64(base64.b64decode(auth) + b"\n"),
            b64("token"),
            b64(":p"),
            "not base64!",
            Number("5"),
        ]
    ).map(lambda damage: dict(entry, auth=damage))


TOKENS = st.sampled_from([{"identitytoken": "t"}, {"registrytoken": "r"}, {"identitytoken": "t", "registrytoken": "r"}])
SOUND = st.one_of(GOOD, st.tuples(GOOD, TEXT_EXTRAS).map(lambda both: dict(both[0], **both[1])))
ODD_ENTRIES = st.one_of(
    PAIRS.map(lambda pair: {"username": pair[0], "password": pair[1]}),
    st.tuples(GOOD, PAIRS).map(lambda both: dict(both[0], username=both[1][0], password=both[1][1])),
    TOKENS,
    st.tuples(GOOD, TOKENS).map(lambda both: dict(both[0], **both[1])),
    st.tuples(GOOD, EXTRAS).map(lambda both: dict(both[1], **both[0])),
    GOOD.flatmap(damaged),
    st.sampled_from([{}, None, {"auth": ""}, {"auth": None}, {"email": "e"}, {"username": "u"}]),
    VALUES,
)
ENTRIES = st.one_of(SOUND, ODD_ENTRIES)


# What files hold beside them.


def kinds(good):
    return st.one_of(st.sampled_from(good), VALUES)


def top_level(hosts, stores=True):
    helpers = [{}, None] + [{host: "helper"} for host in hosts]
    fields = {"credHelpers": kinds(helpers), "HttpHeaders": kinds([{"X": "y"}]), "x-é": VALUES, "detachKeys": VALUES}
    if stores:
        fields["credsStore"] = kinds(["", "store"])
    return st.lists(
        st.sampled_from(sorted(fields)).flatmap(lambda name: st.tuples(st.just(name), fields[name])), max_size=2
    )


def files(hosts=HOSTS, entries=ENTRIES, more_keys=(), odd_keys=True, around=None):
    """Files as the parser returns them, with ``auths`` anywhere among the settings."""
    names = keys(hosts, odd_keys)
    if more_keys:
        names = st.one_of(names, names, st.sampled_from(more_keys))
    auths = st.lists(st.tuples(names, entries), max_size=5).map(dict).map(lambda entries: ("auths", entries))
    around = top_level(hosts) if around is None else around
    settings_before = st.one_of(st.just([]), st.just([]), around)
    return st.tuples(settings_before, auths, settings_before).map(
        lambda parts: AuthFile(dict([*parts[0], parts[1], *((k, v) for k, v in parts[2] if k not in dict(parts[0]))]))
    )


ANY_FILE = st.one_of(files(more_keys=PATTERNS), files(("reg.example:5000",)))
SOUND_FILE = files(entries=SOUND, odd_keys=False, around=st.just([("x-é", Number("1.0"))]))
TARGETS = st.sampled_from(
    [
        *[("reg.example:5000", namespace) for namespace in (None, "ns", "ns2", "/ns/sub/")],
        *[("https://REG.example:5000/v2/", None), ("docker.io", None), ("docker.io", "ns"), (HUB, None)],
    ]
)
REQUESTS = st.tuples(TARGETS, PAIRS).map(
    lambda both: _auth_file.request(
        both[0][0], namespace=both[0][1], username=both[1][0].replace(":", ""), password=both[1][1]
    )
)
REMOVALS = TARGETS.map(lambda target: _auth_file.request(target[0], namespace=target[1], state="absent"))


def asked(registry, namespace=None):
    return _auth_file.request(registry, namespace=namespace, username="u", password="p")


def several(requests, at_least=0):
    return st.lists(requests, min_size=at_least, max_size=2, unique_by=lambda wanted: wanted.key)


MODE = st.sampled_from(MODES)
MENDING = st.sampled_from(["fail", "drop"])
CONFLICT = st.sampled_from(["replace", "keep", "fail"])


def plan(dest, sources, requests, on_conflict="replace", invalid_entries="keep", others=()):
    """Return the plan; what cannot be planned, since entries are broken or in conflict, is no example."""
    options = {"on_conflict": on_conflict, "invalid_entries": invalid_entries, "others": others}
    try:
        return _auth_file.plan(dest, sources, requests, **options)
    except AuthFileError:
        assume(False)
        raise AssertionError("not reached") from None


# What readers find, and what is told of it.


def images(host):
    return [f"{host}/{path}" for path in ("img", "ns/img", "ns/sub/img", "ns2/img")]


def answers(fields, hosts):
    """Yield client, host, image and what the client finds, in the same form however the entries are ordered."""
    made = _auth_lookup.index(fields)
    for client in CLIENTS:
        for host in hosts:
            for image in images(host):
                answer = _auth_lookup.look_up(made, client, image)
                yield client, host, image, (answer.outcome, frozenset(map(frozenset, answer.alternatives)))


def host_of(registry):
    """Return the host that a finding is about."""
    bare = re.sub("^https?://", "", _auth_key.canonical(registry))
    host = re.split("[/?#]", bare)[0].rpartition("@")[2].strip()
    return "docker.io" if host == "index.docker.io" else host.rstrip(":")


class Told:
    """The findings of a plan, by what they are about."""

    def __init__(self, planned):
        self.codes = {finding.code for finding in planned.findings}
        self.errors = {finding.registry for finding in planned.findings if finding.severity == "error"}
        # A note says what is right in itself, not why it is not used.
        about = [finding for finding in planned.findings if finding.registry and finding.severity != "note"]
        self.hosts = {host_of(finding.registry) for finding in about}
        self.repaired = {host_of(each.registry) for each in planned.findings if each.severity == "repaired"}
        self.broken = {host_of(registry) for registry in self.errors}

    def explains(self, client, host, outcome):
        """Say why an outcome is not that of the login that is meant: true if the user was told."""
        if outcome == REFUSES:
            return bool(self.errors)
        if outcome == ASKS_HELPER and client in ("docker", "catalog") and "credentials-store" in self.codes:
            return True
        return host in self.hosts or (client == "kubelet" and any("*" in each for each in self.hosts))


@given(ANY_FILE, st.lists(ANY_FILE, max_size=2), several(REQUESTS), CONFLICT, MODE)
@example(AuthFile({"auths": {"https://quay.io": LOGIN}}), [AuthFile({"auths": {"quay.io/ns": {}}})], [], "fail", "fail")
@example(AuthFile({"auths": {"docker.io/ns": {}}}), [AuthFile({"auths": {HUB: LOGIN}})], [], "fail", "fail")
@briefly
def test_merging_loses_no_registry(dest, sources, requests, on_conflict, mode):
    """A client that found credentials for an image in one of the files finds some in the result, or it is told why not.

    Why not: in mode "keep", an entry of any file may be broken; in mode "drop", such an entry is left out though some
    clients could read it; an entry of a source may be empty or be for fewer clients than the one that it replaces;
    helper programs take the place of entries.
    """
    planned = plan(dest, sources, requests, on_conflict, mode)
    told = Told(planned)
    now = {each[:3]: each[3][0] for each in answers(planned.after, HOSTS)}
    for file in (dest, *sources):
        for client, host, image, (outcome, _logins) in answers(file.fields, HOSTS):
            if outcome == FINDS and now[client, host, image] != FINDS:
                assert told.explains(client, host, now[client, host, image]), (client, image, planned.findings)


@given(SOUND_FILE, st.lists(SOUND_FILE, max_size=2), several(REQUESTS), MENDING)
@briefly
def test_merging_sound_files_loses_no_registry_at_all(dest, sources, requests, mode):
    planned = plan(dest, sources, requests, invalid_entries=mode)
    now = {each[:3]: each[3][0] for each in answers(planned.after, HOSTS)}
    for file in (dest, *sources):
        for client, host, image, (outcome, _logins) in answers(file.fields, HOSTS):
            assert outcome in (REFUSES, FINDS_NOTHING) or now[client, host, image] == FINDS


@given(SOUND_FILE, st.lists(SOUND_FILE, min_size=1, max_size=2), MENDING)
@briefly
def test_the_last_source_counts(dest, sources, mode):
    after = plan(dest, sources, [], invalid_entries=mode).after["auths"]
    for key, entry in sources[-1].entries.items():
        if _auth_key.canonical(key) == key:
            assert _auth_entry.login(after[key]) == _auth_entry.login(entry)


@given(ANY_FILE, st.lists(ANY_FILE, max_size=2), several(REQUESTS), several(REMOVALS), CONFLICT, MODE)
@briefly
def test_every_key_that_goes_was_asked_for_or_is_told(dest, sources, requests, removals, on_conflict, mode):
    named = {wanted.key for wanted in requests}
    removals = [wanted for wanted in removals if wanted.key not in named]
    planned = plan(dest, sources, requests + removals, on_conflict, mode)
    removed = {wanted.key for wanted in removals}
    told = {finding.registry for finding in planned.findings}
    for key in {key for file in (dest, *sources) for key in file.entries}:
        name = _auth_key.canonical(key)
        if key not in planned.after["auths"] and name not in removed:
            respelled = name in set(map(_auth_key.canonical, planned.after["auths"])) and name in told
            assert respelled or (mode == "drop" and (key in told or name in named))


@given(
    st.one_of(files(more_keys=PATTERNS), files(("quay.io",))),
    st.lists(files(TOUCHED, around=top_level(TOUCHED)), max_size=2),
    several(REQUESTS),
    CONFLICT,
    MODE,
)
@example(AuthFile({"auths": {"https://quay.io": LOGIN, "QUAY.IO": {"identitytoken": "t"}}}), [], [], "fail", "fail")
@example(AuthFile({"auths": {"https://quay.io": LOGIN, "Quay.io": {}}}), [], [], "fail", "fail")
@example(AuthFile({"auths": {"quay.io/ns2": LOGIN, "Quay.io": {}}}), [], [], "fail", "fail")
@example(AuthFile({"auths": {"*.io": dict(LOGIN, serveraddress=[])}}), [], [], "fail", "drop")
@example(AuthFile({"auths": {"https://quay.io/ns": LOGIN, "Quay.io": {"identitytoken": "t"}}}), [], [], "fail", "fail")
@briefly
def test_merging_changes_nothing_for_other_registries(dest, sources, requests, on_conflict, mode):
    """What a client finds for an image of a host that neither a source nor a request names is what it found before.

    Unless something in the file was put right, left out as asked, or is broken, which is told. What was found before
    is then not lost: a repair makes clients find what they did not, never the other way round.
    """
    planned = plan(dest, sources, requests, on_conflict, mode)
    told = Told(planned)
    before = {each[:3]: each[3] for each in answers(dest.fields, UNTOUCHED)}
    for client, host, image, now in answers(planned.after, UNTOUCHED):
        was = before[client, host, image]
        if was == now:
            continue
        if was[0] == FINDS and now[0] == FINDS:
            assert host in told.repaired | told.broken, (client, image, was, now)
        elif was[0] == FINDS:
            assert told.explains(client, host, now[0]), (client, image, was, now)
            by_pattern = client == "kubelet" and any("*" in each for each in told.broken)
            assert now[0] in (REFUSES, ASKS_HELPER) or host in told.broken or by_pattern, "a repair loses nothing"
        elif now[0] == REFUSES:
            assert told.errors


@given(st.one_of(ANY_FILE, files(("quay.io",))), st.sampled_from(["fail", "keep"]))
@example(AuthFile({"auths": {"quay.io": LOGIN, "Quay.io/": OTHER_LOGIN}}), "fail")
@briefly
def test_a_repair_leaves_out_no_login(dest, mode):
    """An entry goes only if another spelling of its registry holds the same credentials."""
    planned = plan(dest, [], [], invalid_entries=mode)
    logins = [
        {(_auth_key.canonical(key), _auth_entry.login(entry)) for key, entry in auths.items()}
        for auths in (dest.entries, planned.after["auths"])
    ]
    assert {each for each in logins[0] if each[1]} == {each for each in logins[1] if each[1]}


@given(
    files(("quay.io",), SOUND, odd_keys=False, around=st.just([])),
    st.lists(files(TOUCHED, SOUND, around=st.just([])), max_size=1),
    MENDING,
)
@example(AuthFile({"auths": {"https://quay.io": LOGIN, "QUAY.IO": OTHER_LOGIN}}), [], "fail")
@example(AuthFile({"auths": {"QUAY.IO": LOGIN, "quay.io/v2/": OTHER_LOGIN}}), [], "fail")
@briefly
def test_a_repair_hides_no_login_that_a_client_found(dest, sources, mode):
    """A key that clients did not match becomes one that they do, but takes no other entry's place."""
    planned = plan(dest, sources, [], invalid_entries=mode)
    told = Told(planned)
    before = {each[:3]: each[3] for each in answers(dest.fields, UNTOUCHED)}
    for client, host, image, (outcome, logins) in answers(planned.after, UNTOUCHED):
        was, found = before[client, host, image]
        if was == FINDS and host not in told.broken and host not in narrower(dest, host):
            assert (outcome, logins) == (was, found), (client, image, planned.findings)


def narrower(file, host):
    """Say whether a dead spelling is of a part of the host, for which it then counts, as its writer meant."""
    return {host for key in file.entries if host_of(key) == host and "/" in _auth_key.canonical(key)}


@given(ANY_FILE, st.lists(ANY_FILE, max_size=2), several(REQUESTS), CONFLICT, MENDING)
@example(AuthFile({"auths": {"quay.io": LOGIN, "HTTPS://quay.io": OTHER_LOGIN}}), [], [], "replace", "drop")
@example(AuthFile({"auths": {}, "credHelpers": {"https://quay.io": "helper"}}), [], [], "replace", "drop")
@briefly
def test_no_client_refuses_the_result(dest, sources, requests, on_conflict, mode):
    """Unless all was to be kept: what is neither mended nor left out is an error, and nothing is written."""
    refused = _auth_lookup.index(plan(dest, sources, requests, on_conflict, mode).after).refusing
    assert [(client, refused[client]) for client in CLIENTS if refused[client]] == []


@given(ANY_FILE, st.lists(ANY_FILE, max_size=1), several(REQUESTS), MODE)
@example(AuthFile({"auths": {}}), [], [asked("docker.io", "ns")], "fail")
@example(AuthFile({"auths": {"https://quay.io": OTHER_LOGIN}}), [], [asked("quay.io", "ns")], "fail")
@example(AuthFile({"auths": {"quay.io": {}}}), [], [asked("quay.io", "ns")], "fail")
@example(AuthFile({"auths": {"quay.io": dict(LOGIN, identitytoken="t")}}), [], [asked("quay.io", "ns")], "fail")
@briefly
def test_every_client_finds_what_was_asked_for(dest, sources, requests, mode):
    """All clients use exactly the login that was asked for, or the plan says that some do not."""
    planned = plan(dest, sources, requests, "replace", mode)
    told = Told(planned)
    made = _auth_lookup.index(planned.after)
    for wanted in requests:
        host = host_of(wanted.key)
        login = Login(*wanted.credentials)
        for client in CLIENTS:
            answer = _auth_lookup.look_up(made, client, _auth_lookup.image_of(wanted.key))
            if {each for group in answer.alternatives for each in group} != {login}:
                assert told.explains(client, host, answer.outcome), (client, wanted, answer)


@given(SOUND_FILE, several(REQUESTS), MENDING)
@briefly
def test_a_request_alone_is_found_by_every_client(dest, requests, mode):
    """Where the file has nothing else for the host, no finding is a reason to use anything else."""
    hosts = [host_of(wanted.key) for wanted in requests]
    assume(len(set(hosts)) == len(hosts))
    fields = {"auths": {key: entry for key, entry in dest.entries.items() if host_of(key) not in hosts}}
    planned = plan(AuthFile(fields), [], requests, "fail", mode)
    made = _auth_lookup.index(planned.after)
    for wanted in requests:
        for client in CLIENTS:
            answer = _auth_lookup.look_up(made, client, _auth_lookup.image_of(wanted.key))
            if wanted.key == "docker.io/ns" and client in ("docker", "catalog"):
                assert answer.outcome == FINDS_NOTHING, "they know no namespaces of the Hub, whatever the key"
            else:
                assert answer.alternatives == ((Login(*wanted.credentials),),), (client, answer)


PAIR = {"username": "u", "password": "q:r"}


@given(ANY_FILE, st.lists(ANY_FILE, max_size=2), several(REQUESTS), several(REMOVALS), CONFLICT, MODE)
@example(
    AuthFile({"auths": {"REG.EXAMPLE:5000": PAIR, "https://reg.example:5000/ns": LOGIN}}),
    [],
    [asked("reg.example:5000", "ns")],
    [],
    "replace",
    "fail",
)
@briefly
def test_a_second_run_changes_nothing(dest, sources, requests, removals, on_conflict, mode):
    named = {wanted.key for wanted in requests}
    wanted = requests + [each for each in removals if each.key not in named]
    first = plan(dest, sources, wanted, on_conflict, mode)
    written = _auth_text.parse(_auth_text.dump(first.after))
    second = _auth_file.plan(written, sources, wanted, on_conflict=on_conflict, invalid_entries=mode)
    assert not second.changed
    assert second.after == first.after
    assert (second.added, second.changed_registries, second.removed) == ([], [], [])


@given(ANY_FILE, st.lists(ANY_FILE, max_size=1), several(REQUESTS | REMOVALS, 2), CONFLICT, MODE)
@briefly
def test_different_registries_can_be_asked_for_in_any_order(dest, sources, requests, on_conflict, mode):
    """At once or one after the other: the same file, but for the order of its entries."""
    one, other = requests
    both = plan(dest, sources, [one, other], on_conflict, mode)
    assert plan(dest, sources, [other, one], on_conflict, mode).after == both.after
    first = plan(dest, sources, [one], on_conflict, mode)
    assert plan(AuthFile(first.after), [], [other], on_conflict, mode).after == both.after


@given(
    files(UNTOUCHED),
    files(("reg.example:5000",), around=st.just([]), odd_keys=False),
    files(("docker.io",), around=st.just([]), odd_keys=False),
    MODE,
)
@briefly
def test_sources_of_different_registries_can_be_in_any_order(dest, one, other, mode):
    shared = set(map(_auth_key.canonical, one.entries)) & set(map(_auth_key.canonical, other.entries))
    assume(not shared)
    both = plan(dest, [one, other], [], invalid_entries=mode)
    assert plan(dest, [other, one], [], invalid_entries=mode).after == both.after
    first = plan(dest, [one], [], invalid_entries=mode)
    assert plan(AuthFile(first.after), [other], [], invalid_entries=mode).after == both.after


@given(ANY_FILE, TARGETS, PAIRS, MODE)
@briefly
def test_absent_takes_back_what_present_did(dest, target, pair, mode):
    """What is then left is what removing the registry alone leaves: nothing else was changed on the way."""
    registry, namespace = target
    gone = _auth_file.request(registry, namespace=namespace, state="absent")
    wanted = _auth_file.request(registry, namespace=namespace, username=pair[0], password=pair[1])
    there = plan(dest, [], [wanted], invalid_entries=mode)
    assert wanted.key in there.after["auths"]
    back = _auth_file.plan(AuthFile(there.after), [], [gone], on_conflict="replace", invalid_entries=mode)
    alone = plan(dest, [], [gone], invalid_entries=mode).after
    assert back.after == alone
    assert list(back.after) == list(alone)


@given(ANY_FILE, TARGETS, PAIRS)
@briefly
def test_absent_after_present_is_the_file_that_was_there(dest, target, pair):
    """In mode "keep" nothing is repaired: to the letter, if the registry was not there under any spelling."""
    registry, namespace = target
    gone = _auth_file.request(registry, namespace=namespace, state="absent")
    assume(gone.key not in set(map(_auth_key.canonical, dest.entries)))
    wanted = _auth_file.request(registry, namespace=namespace, username=pair[0], password=pair[1])
    there = plan(dest, [], [wanted])
    assert _auth_text.dump(plan(AuthFile(there.after), [], [gone]).after) == _auth_text.dump(dest.fields)


@given(ANY_FILE, st.lists(files(TOUCHED), max_size=1), several(REQUESTS), MODE)
@briefly
def test_what_is_not_touched_stays_to_the_letter(dest, sources, requests, mode):
    """Entries, their unknown fields and order, and settings; but for what is told to be repaired or left out."""
    planned = plan(dest, sources, requests, "replace", mode)
    told = Told(planned)
    touched = {host_of(key) for file in sources for key in file.entries} | {host_of(each.key) for each in requests}
    kept = [key for key in dest.entries if host_of(key) not in touched | told.repaired | told.broken]
    assert [key for key in planned.after["auths"] if key in kept] == kept
    for key in kept:
        assert _auth_text.dump(planned.after["auths"][key]) == _auth_text.dump(dest.entries[key])
    settings_kept = [
        name for name in dest.fields if name != "auths" and not any(name in each.fields for each in sources)
    ]
    if mode != "drop":
        assert [name for name in planned.after if name in settings_kept] == settings_kept
        assert all(planned.after[name] == dest.fields[name] for name in settings_kept)


@given(ANY_FILE)
@briefly
def test_what_is_written_is_read_again(file):
    text = _auth_text.dump(file.fields)
    assert text.endswith(b"\n}\n")
    again = _auth_text.parse(text)
    assert again == file
    assert _auth_text.dump(again.fields) == text, "in the same order and the same spelling"
    in_order = [json.loads(each, object_pairs_hook=list) for each in (text.decode("utf-8"), plain_json(file.fields))]
    assert in_order[0] == in_order[1]


def plain_json(value):
    """Write JSON in another way, to be compared with."""
    if isinstance(value, dict):
        return "{%s}" % ",".join(f"{json.dumps(name)}:{plain_json(each)}" for name, each in value.items())
    if isinstance(value, list):
        return "[%s]" % ",".join(map(plain_json, value))
    return value.spelling if isinstance(value, Number) else json.dumps(value)


@given(ANY_FILE)
@briefly
def test_what_is_taken_for_sound_at_a_glance_is_sound(file):
    for entry in file.entries.values():
        if _auth_entry.is_sound(entry):
            examined = _auth_entry.examine(entry)
            assert (examined.codes, examined.entry) == ((), entry)


@given(ANY_FILE, st.lists(ANY_FILE, max_size=2), several(REQUESTS), several(REMOVALS), CONFLICT, MODE)
@briefly
def test_what_is_passed_over_at_a_glance_would_be_left_as_it_is(dest, sources, requests, removals, on_conflict, mode):
    """Most keys and entries are looked at only once, and shortly: nothing else comes of looking at all of them."""
    named = {wanted.key for wanted in requests}
    wanted = requests + [each for each in removals if each.key not in named]
    shortly = plan(dest, sources, wanted, on_conflict, mode)
    with mock.patch.object(_auth_entry, "is_sound", return_value=False), mock.patch.object(_auth_key, "odd", list):
        at_length = plan(dest, sources, wanted, on_conflict, mode)
    assert _auth_text.dump(shortly.after) == _auth_text.dump(at_length.after)
    assert set(shortly.findings) == set(at_length.findings)
    assert shortly._replace(findings=[]) == at_length._replace(findings=[])


@given(ANY_FILE, st.lists(ANY_FILE, max_size=2), several(REQUESTS), CONFLICT, MODE)
@briefly
def test_what_is_told_of_each_client_is_what_it_does_with_the_whole_file(dest, sources, requests, on_conflict, mode):
    planned = plan(dest, sources, requests, on_conflict, mode)
    made = _auth_lookup.index(planned.after)
    for wanted, told in zip(requests, planned.clients):
        uses = {client: _auth_lookup.use(made, client, wanted.key) for client in CLIENTS}
        assert told == dict(uses, registry=wanted.key)


# Secrets.

SECRET = re.compile("S3CRET|U3Mz|NDUz|UzNDUkVU|MzQ1JFV|TM0NSRV")
CANARIES = st.sampled_from(["S3CRET", "xS3CRET", "xxS3CRET", "S3CRET??>"])
FORMS = st.sampled_from(["{}", "{}==", " {}", "{}\n", "!{}"])
SECRET_FIELDS = ("auth", "password", "identitytoken", "registrytoken", "x-note")


def encoded(canary):
    return b64(f"user:{canary}").rstrip("=")


SECRET_AUTHS = st.tuples(FORMS, CANARIES.map(encoded) | CANARIES).map(lambda both: both[0].format(both[1]))
SECRET_ENTRIES = st.one_of(
    CANARIES.map(lambda canary: {"auth": b64(f"user:{canary}")}),
    SECRET_AUTHS.map(lambda auth: {"auth": auth}),
    CANARIES.map(lambda canary: {"username": "u", "password": canary}),
    CANARIES.map(lambda canary: {"username": 5, "password": canary}),
    st.dictionaries(st.sampled_from(SECRET_FIELDS), CANARIES | CANARIES.map(encoded) | VALUES, max_size=3),
    CANARIES,
    st.lists(CANARIES, max_size=1),
)
SECRET_TOP = st.lists(
    st.sampled_from([("HttpHeaders", {"X": "S3CRET"}), ("HttpHeaders", "S3CRET"), ("x-note", {"a": "S3CRET"})]),
    max_size=1,
)
SECRET_FILE = files(entries=SECRET_ENTRIES, around=SECRET_TOP)


def complaint(function, *args, **options):
    """Return the text of the error; ``AuthFileError`` is the only one that there may be."""
    try:
        function(*args, **options)
    except AuthFileError as exc:
        return str(exc)
    return ""


@given(SECRET_FILE, st.lists(SECRET_FILE, max_size=2), st.lists(TARGETS, max_size=2), CANARIES, CONFLICT, MODE)
@briefly
def test_no_secret_is_told(dest, sources, targets, canary, on_conflict, mode):
    """Neither in the result of a task, nor in its diff, its warnings or its error."""
    try:
        requests = [
            _auth_file.request(registry, namespace=namespace, username="user", password=canary)
            for registry, namespace in targets
        ]
        planned = _auth_file.plan(dest, sources, requests, on_conflict=on_conflict, invalid_entries=mode)
        said = json.dumps([_auth_file.report(planned, "/dest", False), planned.warnings, difference(planned)])
    except AuthFileError as exc:
        said = str(exc)
    assert not SECRET.search(said)


def difference(planned):
    return _auth_file.difference(planned, "/dest")


@given(SECRET_FILE, st.data())
@briefly
def test_no_secret_is_told_of_a_text_that_is_broken(file, data):
    text = _auth_text.dump(file.fields).decode("utf-8", "surrogatepass")
    where = data.draw(st.integers(0, len(text)))
    text = text[:where] + data.draw(st.sampled_from(['"', "}", ",", "\\", "\n", "", "x", "'"])) + text[where + 1 :]
    assert not SECRET.search(complaint(_auth_text.parse, text.encode("utf-8", "surrogatepass"), name="dest"))


@given(
    CANARIES, st.sampled_from(["auth", "password", "username"]), st.sampled_from(["{}", "{}\n", ":{}", "{}:", "\0{}"])
)
@briefly
def test_no_secret_is_told_of_a_request_that_is_refused(canary, option, form):
    for value in (form.format(canary), b64(form.format(canary))):
        given_options = {"username": "u", "password": "p", option: value}
        assert not SECRET.search(complaint(_auth_file.request, "reg.example", **given_options))


@given(SECRET_FILE, st.sampled_from(["me:S3CRET@reg.example", "https://me:S3CRET@reg.example/v1/"]), CONFLICT, MODE)
@briefly
def test_a_secret_in_a_name_is_known_so_that_it_can_be_masked(file, key, on_conflict, mode):
    dest = AuthFile(dict(file.fields, auths=dict(file.entries, **{key: {}})))
    masked = _auth_entry.named_secrets([dest], dest.entries)
    try:
        planned = _auth_file.plan(dest, [], [], on_conflict=on_conflict, invalid_entries=mode)
        said = json.dumps([_auth_file.report(planned, "/dest", False), planned.warnings])
    except AuthFileError as exc:
        said = str(exc)
    for secret in masked:
        said = said.replace(secret, "***")
    assert not SECRET.search(said)


# Whatever comes.

ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["auths", "auth", "username", "password", "identitytoken", "email", "credHelpers"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")), st.booleans()
)
@briefly
def test_any_bytes_are_a_file_or_an_error(raw, may_be_empty):
    complaint(_auth_text.parse, raw, name="dest", may_be_empty=may_be_empty)


@given(ANYTHING)
@briefly
def test_any_json_is_a_file_or_an_error(value):
    complaint(_auth_text.parse, plain_json(value).encode("ascii"))


WILD_FIELDS = st.dictionaries(st.sampled_from(["credHelpers", "credsStore", "HttpHeaders", "x"]), ANYTHING, max_size=2)
WILD_FILE = st.tuples(
    st.dictionaries(st.text(max_size=6) | keys(HOSTS), ANYTHING | ENTRIES, max_size=3), WILD_FIELDS
).map(lambda parts: AuthFile(dict(parts[1], auths=parts[0]), name="dest"))


@given(WILD_FILE, st.lists(WILD_FILE, max_size=1), WILD_FILE, several(REQUESTS), CONFLICT, MODE)
@example(
    AuthFile({"auths": {}}),
    [],
    AuthFile({"auths": {"quay.io": {"username": Number("5")}}}),
    [asked("quay.io")],
    "fail",
    "fail",
)
@briefly
def test_any_files_are_merged_or_an_error(dest, sources, earlier, requests, on_conflict, mode):
    others = [Other("/earlier", earlier)]
    planned = plan(dest, sources, requests, on_conflict, mode, others)
    assert _auth_text.parse(_auth_text.dump(planned.after)).fields == planned.after
    assert json.dumps([_auth_file.report(planned, "/dest", True), planned.warnings, difference(planned)])
    assert list(answers(planned.after, HOSTS))


OPTIONS = st.none() | st.text(max_size=6)


@given(st.text(max_size=12) | keys(HOSTS), OPTIONS, OPTIONS, OPTIONS)
@briefly
def test_any_request_is_one_or_an_error(registry, namespace, user, password):
    complaint(_auth_file.request, registry, namespace=namespace, state="absent")
    complaint(_auth_file.request, registry, namespace=namespace, auth=password)
    complaint(_auth_file.request, registry, namespace=namespace, username=user, password=password)


@given(keys(HOSTS, odd=False), st.sampled_from([None, "ns", "a/b-c", "/x_y/"]), st.text("é|x ", min_size=1, max_size=6))
@briefly
def test_what_is_asked_for_needs_no_repair(registry, namespace, password):
    options = {"namespace": namespace, "username": "u", "password": password}
    assume(not complaint(_auth_file.request, registry, **options))
    wanted = _auth_file.request(registry, **options)
    planned = _auth_file.plan(AuthFile({}), [], [wanted], on_conflict="fail", invalid_entries="fail")
    assert _auth_key.flaw(wanted.key) is None
    on_hub = wanted.key.startswith("docker.io/")  # for which docker knows no namespaces
    assert {finding.severity for finding in planned.findings} <= {"repaired", "warning" if on_hub else "note"}
    assert (
        planned.after
        == _auth_file.plan(AuthFile(planned.after), [], [], on_conflict="fail", invalid_entries="fail").after
    )


@given(WILD_FILE, st.text(max_size=12))
@briefly
def test_any_image_can_be_looked_up(file, image):
    made = _auth_lookup.index(file.fields)
    for client in CLIENTS:
        assert _auth_lookup.look_up(made, client, image).outcome in (FINDS, FINDS_NOTHING, ASKS_HELPER, FAILS, REFUSES)


# The way back.

RUNS = st.lists(
    st.tuples(st.lists(ANY_FILE, max_size=2), several(REQUESTS), several(REMOVALS), CONFLICT, MODE),
    min_size=1,
    max_size=3,
)
WHOLE = 3  # writes at most


class Disk(Dict[str, bytes]):
    """A double of a folder: the bytes of each file, of which a run that is cut off makes only some."""

    def fields(self):
        return _auth_text.parse(self.get("/d", b""), may_be_empty=True).fields

    def record(self):
        return _auth_record.read("/d", self.get)

    def make(self, writes, most=WHOLE):
        for write in writes[:most]:
            if write.content is None:
                del self[write.path]
            else:
                self[write.path] = write.content


def merged(disk, run, most):
    sources, requests, removals, on_conflict, mode = run
    removals = [each for each in removals if each.key not in {wanted.key for wanted in requests}]
    planned = plan(AuthFile(disk.fields()), sources, requests + removals, on_conflict, mode)
    if planned.changed or "/d" not in disk:
        note = _auth_record.noted(disk.record(), planned, exists="/d" in disk, link=False, salt=b"salt")
        disk.make(_auth_record.writes("/d", planned, note), most)


def known_apart(fields):
    """Return the fields without the difference between no items and none at all, which no client knows."""
    return {name: {} if name in _auth_record.CONTAINERS and not value else value for name, value in fields.items()}


@given(st.none() | ANY_FILE, RUNS, st.integers(min_value=0, max_value=WHOLE), st.booleans())
@example(None, [([], [asked("quay.io")], [], "replace", "fail")], 1, False)
@example(AuthFile({"auths": {"quay.io/": LOGIN}}), [([], [asked("quay.io")], [], "replace", "fail")], WHOLE, False)
@briefly
def test_what_was_merged_is_taken_back(original, runs, most, healed):
    """Over several runs, of which the last is cut off after any of its writes, and perhaps repeated.

    What is there then was there before, as it was, or is named as what cannot be restored.
    """
    disk = Disk({} if original is None else {"/d": _auth_text.dump(original.fields)})
    was = known_apart(disk.fields())
    for run in runs[:-1]:
        merged(disk, run, WHOLE)
    for count in [most, WHOLE][: 1 + healed]:
        merged(disk, runs[-1], count)
    named, record = set(), disk.record()
    if record:
        reset = _auth_reset.plan(AuthFile(disk.fields()), "/d" in disk, record)
        named = {_auth_key.canonical(name) for name in reset.not_restored}
        disk.make(_auth_reset.writes(reset, "/d"))
    now = known_apart(disk.fields())
    spellings = set(map(_auth_key.canonical, now.get("auths", {})))
    for name in sorted({*was.get("auths", {}), *now.get("auths", {})}):
        as_before = was.get("auths", {}).get(name, KeyError) == now.get("auths", {}).get(name, KeyError)
        spelled_anew = name not in now.get("auths", {}) and _auth_key.canonical(name) in spellings
        assert as_before or spelled_anew or _auth_key.canonical(name) in named
    if not named and was.get("auths", {}).keys() == now.get("auths", {}).keys():
        assert now == was
        assert ("/d" in disk) == (original is not None)
    assert set(disk) <= {"/d"}


GONE_FROM_QUAY = _auth_file.request("quay.io", state="absent")
OTHERS_DO = st.tuples(st.integers(min_value=0), keys(HOSTS), st.booleans(), st.none() | st.just({}) | ENTRIES)


def changed_by_others(disk, was, given, what):
    """Let somebody change, add or remove an entry, but not give it what the merge has given it once.

    ``was`` becomes what is to be there in the end.
    """
    number, key, is_new, entry = what
    fields = disk.fields()
    entries = dict(fields.get("auths") or {})
    name = key if is_new or not entries else list(entries)[number % len(entries)]
    login = _auth_entry.login(entry)
    old = _auth_entry.login(entries.get(name))
    if entry is not None and (login in given.get(name, []) or login is None or login == old):
        return
    for each in list(was):
        # What was theirs may be under this name now, and under its own another login, which was merged since.
        theirs = _auth_entry.login(was[each])
        is_here = each not in entries or (old is not None and old == theirs != _auth_entry.login(entries[each]))
        if (_auth_key.canonical(each) == _auth_key.canonical(name) and is_here) or each == name:
            del was[each]
    entries.pop(name, None)
    if entry is not None:
        entries[name] = was[name] = entry
    disk["/d"] = _auth_text.dump(dict(fields, auths=entries))


UPPER_CASE = "REG.EXAMPLE:5000/v2"


@given(st.none() | ANY_FILE, st.lists(st.tuples(RUNS.map(lambda runs: runs[0]), OTHERS_DO), min_size=1, max_size=3))
@example(None, [
    (([AuthFile({"auths": {UPPER_CASE: LOGIN}})], [], [], "replace", "keep"), (0, "", False, OTHER_LOGIN)),
    (([], [], [], "replace", "fail"), (0, "quay.io", True, None)),
    (([AuthFile({"auths": {UPPER_CASE: {"identitytoken": "t"}}})], [], [], "replace", "fail"), (0, "", False, None)),
])  # fmt: skip
@example(None, [
    (([], [asked("reg.example:5000")], [], "replace", "fail"), (0, "https://reg.example:5000", True, LOGIN)),
    (([], [], [], "replace", "fail"), (0, "reg.example:5000", False, None)),
])  # fmt: skip
@example(None, [(([], [asked("quay.io")], [], "replace", "fail"), (0, "", False, OTHER_LOGIN))])
@example(None, [
    (([], [asked("quay.io")], [], "replace", "fail"), (0, "", False, OTHER_LOGIN)),
    (([], [asked("quay.io")], [], "replace", "fail"), (0, "", False, {})),
    (([], [asked("docker.io"), GONE_FROM_QUAY], [], "replace", "fail"), (0, "", False, {})),
])  # fmt: skip
@briefly
def test_what_others_have_changed_since_is_left(original, steps):
    """After each run somebody changes something; what is there in the end is that, or is named."""
    disk = Disk({} if original is None else {"/d": _auth_text.dump(original.fields)})
    was, given = dict(disk.fields().get("auths") or {}), {}
    for run, what in steps:
        merged(disk, run, WHOLE)
        for name, entry in (disk.fields().get("auths") or {}).items():
            given.setdefault(name, []).append(_auth_entry.login(entry))
        changed_by_others(disk, was, given, what)
    record, named = disk.record(), set()
    if record:
        reset = _auth_reset.plan(AuthFile(disk.fields()), "/d" in disk, record)
        named = set(map(_auth_key.canonical, reset.not_restored))
        disk.make(_auth_reset.writes(reset, "/d"))
    now = disk.fields().get("auths") or {}
    spellings = set(map(_auth_key.canonical, now))
    for name in sorted({*was, *now}):
        spelled_anew = name not in now and _auth_key.canonical(name) in spellings
        assert was.get(name, KeyError) == now.get(name, KeyError) or spelled_anew or _auth_key.canonical(name) in named
    assert set(disk) <= {"/d"}
