# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is decided on each input of pull_secret_merge: tests for each row of the decision table, in its order.

Two are elsewhere. That the file is new, of mode 0600 and renamed into its place is shown on real bastions, in
tests/e2e. That the credentials are accepted is a question to the registry, and the work of mirror_registry_info.
"""

import base64

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_file, _auth_text, _cluster_secret
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError

HUB = "https://index.docker.io/v1/"
REG = "reg.example:5000"
CATALOG = "the catalog step of oc-mirror"


def b64(text):
    return base64.b64encode(text if isinstance(text, bytes) else text.encode("utf-8")).decode("ascii")


def entry(user="u", password="p", **fields):
    return dict({"auth": b64(f"{user}:{password}")}, **fields)


def request(registry=REG, namespace=None, username="u", password="p", **options):
    return _auth_file.request(registry, namespace=namespace, username=username, password=password, **options)


def read(fields, name=""):
    """Return a file as it is after it was written and read again."""
    return _auth_text.parse(_auth_text.dump(fields), name=name)


def plan(auths=None, requests=(), source=None, mode="fail", on_conflict="replace", **fields):
    sources = [] if source is None else [read(source, "the pull secret")]
    dest = read(dict({"auths": auths or {}}, **fields), "dest")
    return _auth_file.plan(dest, sources, list(requests), on_conflict=on_conflict, invalid_entries=mode)


def told(planned):
    return [(finding.registry, finding.code, finding.severity) for finding in planned.findings]


def sentence(planned, code):
    [found] = [finding for finding in planned.findings if finding.code == code]
    return found.sentence()


def refusal(*args, **options):
    with pytest.raises(AuthFileError) as caught:
        plan(*args, **options)
    return str(caught.value)


def refused(*args, **options):
    with pytest.raises(AuthFileError) as caught:
        request(*args, **options)
    return str(caught.value)


@pytest.mark.parametrize(("given", "key"), [(f"{REG}/", REG), (f"{REG}/ns/", f"{REG}/ns")])
def test_a_registry_with_a_trailing_slash_is_stripped(given, key):
    planned = plan({}, [request(given)])
    assert planned.after["auths"] == {key: entry()}
    assert (key, "trailing-slash", "repaired") in told(planned)
    assert "podman, skopeo, oc-mirror and oc would never match it" in sentence(planned, "trailing-slash")
    assert not plan(planned.after["auths"], [request(given)]).changed


def test_a_registry_in_the_file_with_a_trailing_slash_is_stripped():
    planned = plan({f"{REG}/ns/": entry()})
    assert planned.after["auths"] == {f"{REG}/ns": entry()}
    assert told(planned) == [(f"{REG}/ns", "trailing-slash", "repaired")]


def test_a_dead_spelling_beside_the_new_registry_is_removed_and_told():
    planned = plan({f"{REG}/ns/": entry("old")}, [request(namespace="ns")])
    assert planned.after["auths"] == {f"{REG}/ns": entry()}
    assert (planned.added, planned.removed) == ([f"{REG}/ns"], [f"{REG}/ns/"])
    assert (f"{REG}/ns", "trailing-slash", "repaired") in told(planned)
    planned = plan({f"{REG}/ns": entry("a"), f"{REG}/ns/": entry("b")}, [request(namespace="ns")])
    assert planned.after["auths"] == {f"{REG}/ns": entry()}
    assert (f"{REG}/ns", "other-spelling", "repaired") in told(planned)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (f"https://{REG}", REG),
        (f"http://{REG}/", REG),
        (f"https://{REG}/v1/", REG),
        (f"https://{REG}/v2/", REG),
        (f"https://{REG}/ns", f"{REG}/ns"),
    ],
)
def test_a_registry_with_a_scheme_loses_it_and_the_path_of_the_api(given, key):
    planned = plan({}, [request(given)])
    assert planned.after["auths"] == {key: entry()}
    assert (key, "url", "repaired") in told(planned)
    assert "which clients match in different ways" in sentence(planned, "url")


@pytest.mark.parametrize("there", [f"https://{REG}", f"http://{REG}/v2/", "REG.example:5000", f"https://{REG.upper()}"])
def test_a_url_or_case_variant_of_the_same_host_is_replaced_by_the_registry_asked_for(there):
    planned = plan({there: entry("old")}, [request()])
    assert planned.after["auths"] == {REG: entry()}
    assert planned.removed == [there]
    assert {(REG, "other-spelling"), (REG, "upper-case")} & {each[:2] for each in told(planned)}


def test_a_registry_in_upper_case_is_written_in_lower_case():
    planned = plan({"Quay.IO": entry()}, [request("Reg.Example:5000")])
    assert planned.after["auths"] == {"quay.io": entry(), REG: entry()}
    assert ("quay.io", "upper-case", "repaired") in told(planned)
    assert (REG, "upper-case", "repaired") in told(planned)
    assert "so no client would match it" in plan({}, [request("Reg.Example:5000")]).findings[0].message


@pytest.mark.parametrize("registry", ["reg.example", "reg.example:443", "reg.example:80"])
def test_a_default_port_is_kept_as_it_is_given(registry):
    planned = plan({"reg.example": entry("x"), "reg.example:443": entry("y"), "reg.example:80": entry("z")})
    assert not planned.changed
    assert planned.findings == []
    assert plan({}, [request(registry)]).after["auths"] == {registry: entry()}


@pytest.mark.parametrize("registry", ["[::1]:5000", "[fd00::1]", "fd00::1", "https://[::1]:5000"])
def test_an_ipv6_literal_is_refused(registry):
    assert "is an IPv6 address, which names of images cannot hold; use a DNS name" in refused(registry)


def test_an_ipv6_literal_in_the_file_is_told():
    planned = plan({"[::1]:5000": entry()})
    assert told(planned) == [("[::1]:5000", "never-matched", "warning")]
    assert "podman, skopeo, oc-mirror and oc never match its key" in sentence(planned, "never-matched")


@pytest.mark.parametrize(
    ("registry", "namespace", "words"),
    [
        (f"user@{REG}", None, "holds '@'"),
        (f"{REG}/ns@sha256:0", None, "holds '@'"),
        (f" {REG}", None, "holds a space"),
        (REG, "n s", "holds a space"),
        (f"{REG}/ns:tag", None, "holds a tag, which makes oc refuse the whole file"),
        (REG, "ns/img:1", "holds a tag"),
    ],
)
def test_a_registry_with_a_user_a_space_or_a_tag_is_refused(registry, namespace, words):
    assert words in refused(registry, namespace)


@pytest.mark.parametrize("key", [f"user@{REG}", f"{REG}/ns:tag", f"{REG}/ns@sha256:0"])
def test_a_registry_in_the_file_with_a_user_or_a_tag_is_refused_since_oc_fails_for_all(key):
    said = refusal({key: entry(), "quay.io": entry()})
    assert f"clients would refuse the file because of '{key}'. {key} (in dest): its key holds '@' or a tag: oc " in said
    assert plan({key: entry(), "quay.io": entry()}, mode="drop").after["auths"] == {"quay.io": entry()}
    assert told(plan({key: entry()}, mode="keep")) == [(key, "unusable-key", "error")]


@pytest.mark.parametrize(
    "registry", ["docker.io", "index.docker.io", "registry-1.docker.io", "https://docker.io/v1/", HUB]
)
def test_docker_io_is_written_as_the_url_that_all_clients_find(registry):
    planned = plan({}, [request(registry)])
    assert planned.after["auths"] == {HUB: entry()}
    assert [each[:2] for each in told(planned)] == [(HUB, "docker-hub")] * (registry != HUB)


def test_docker_io_in_the_file_is_told():
    planned = plan({"docker.io": entry()})
    assert told(planned) == [("docker.io", "docker-hub", "warning")]
    assert sentence(planned, "docker-hub").endswith(
        f"docker and {CATALOG} do not find the credentials of Docker Hub under this key; write '{HUB}'"
    )


def test_a_namespaced_registry_is_allowed_and_told():
    planned = plan({}, [request(namespace="ns")])
    assert planned.after["auths"] == {f"{REG}/ns": entry()}
    assert told(planned) == [(f"{REG}/ns", "namespaced", "note")]
    assert f"docker and {CATALOG} know no namespaces and use its credentials for the whole host" in planned.warnings[0]
    planned = plan({REG: entry("other")}, [request(namespace="ns")])
    assert told(planned) == [(REG, "overlap", "warning")]
    assert (
        f"'{REG}', '{REG}/ns' hold different credentials, and docker and {CATALOG}, which know no"
        in planned.warnings[0]
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"username": "a:b"}, "username holds ':'"),
        ({"username": ""}, "username is empty"),
        ({"password": "p\n"}, "holds a line break or another control character"),
        ({"password": "p\x00"}, "holds a line break or another control character"),
        ({"username": "u\x1b"}, "holds a line break or another control character"),
        ({"auth": b64(":p")}, "auth holds no user"),
        ({"auth": b64("u:p\n")}, "auth holds a line break or another control character"),
    ],
)
def test_a_username_with_a_colon_or_empty_and_control_characters_are_refused(options, words):
    said = refused(**options)
    assert said.startswith(f"registry '{REG}': ")
    assert words in said


def test_control_characters_in_the_file_are_told():
    planned = plan({"a.example": entry(password="p\n"), "b.example": entry(password="p\x1b")})
    assert told(planned) == [
        ("a.example", "newline-in-password", "warning"),
        ("b.example", "control-character", "warning"),
    ]
    assert "all clients log in with a wrong password" in planned.warnings[0]
    assert not planned.changed


def test_an_empty_user_in_the_file_is_refused_since_docker_loses_the_file():
    said = refusal({"q.example": entry(user="")})
    assert f"q.example (in dest): its 'auth' decodes to a password without a user: docker and {CATALOG} refuse" in said


def test_non_ascii_is_encoded_as_utf_8():
    planned = plan({}, [request(username="ü", password="pä€")])
    assert base64.b64decode(planned.after["auths"][REG]["auth"]) == "ü:pä€".encode("utf-8")
    assert planned.findings == []


def test_encoding_is_standard_base64_on_one_line_with_padding():
    password = "???>>>" * 40 + "xy"
    planned = plan({}, [request(password=password)])
    auth = planned.after["auths"][REG]["auth"]
    assert auth == b64(f"u:{password}")
    assert {"/", "="} <= set(auth)
    assert "\n" not in auth


@pytest.mark.parametrize(
    ("auth", "code", "words"),
    [
        (b64("u:pw")[:4] + "\n" + b64("u:pw")[4:] + "\r\n", "wrapped-base64", "held line breaks, which were removed"),
        (b64("u:pw").rstrip("="), "missing-padding", "was missing and was added"),
        (b64("u:pw") + "=", "wrong-padding", "ended in too few or too many '=', which was corrected"),
        (b64("u:pw") + " ", "blank-in-base64", "held spaces, which were removed"),
        (b64("u:???").replace("/", "_"), "url-safe-base64", "in the base64 alphabet for URLs and was rewritten"),
    ],
)
def test_an_entry_with_wrapped_base64_or_without_padding_is_normalized(auth, code, words):
    planned = plan({"q.example": {"auth": auth, "email": "e"}})
    assert planned.after["auths"]["q.example"] in (entry(password="pw", email="e"), entry(password="???", email="e"))
    assert told(planned) == [("q.example", code, "repaired")]
    assert words in sentence(planned, code)
    kept = plan({"q.example": {"auth": auth}}, mode="keep")
    assert not kept.changed
    assert kept.findings[0].severity == ("warning" if code == "wrapped-base64" else "error")


def test_missing_padding_that_is_kept_names_whom_it_costs_the_file():
    said = sentence(plan({"q.example": {"auth": b64("u:pw").rstrip("=")}}, mode="keep"), "missing-padding")
    assert (
        f"oc, docker and {CATALOG} refuse the whole file, podman, skopeo and oc-mirror fail for this registry" in said
    )


@pytest.mark.parametrize(
    ("broken", "code", "who"),
    [
        ({"auth": "u:p"}, "undecodable-auth", f"oc, docker, {CATALOG} and the kubelet refuse the whole file"),
        ({"auth": b64("token")}, "no-colon", f"docker, {CATALOG} and the kubelet refuse the whole file"),
        ("text", "not-an-object", "all clients refuse the whole file"),
        ([], "not-an-object", "all clients refuse the whole file"),
        ({"auth": 5}, "auth-not-a-string", "all clients refuse the whole file"),
    ],
)
def test_an_entry_that_does_not_decode_fails_by_name_or_is_dropped_as_asked(broken, code, who):
    fields = {"auths": {"q.example": broken if code != "auth-not-a-string" else {"auth": _auth_text.Number("5")}}}
    said = refusal({"a.example": entry()}, source=fields)
    assert "because of 'q.example'. q.example (in the pull secret): " in said
    assert who in said
    dropped = plan({"a.example": entry()}, source=fields, mode="drop")
    assert dropped.after["auths"] == {"a.example": entry()}
    assert told(dropped) == [("q.example", code, "error")]
    kept = plan({"a.example": entry()}, source=fields, mode="keep")
    assert kept.after["auths"] == {"a.example": entry(), **fields["auths"]}
    assert told(kept) == [("q.example", code, "error")]


def test_an_error_about_an_entry_never_shows_its_value():
    for value in ({"auth": "S3CRET"}, {"auth": b64("S3CRET")}, "S3CRET"):
        said = refusal({"q.example": value})
        assert "S3CRET" not in said
        assert b64("S3CRET") not in said


def test_an_entry_with_username_and_password_only_gets_an_auth():
    planned = plan({"q.example": {"username": "u", "password": "p"}})
    assert planned.after["auths"] == {"q.example": {"username": "u", "password": "p", **entry()}}
    assert told(planned) == [("q.example", "username-password-only", "repaired")]
    kept = plan({"q.example": {"username": "u", "password": "p"}}, mode="keep")
    assert "podman, skopeo, oc-mirror and oc find no credentials in it" in sentence(kept, "username-password-only")


@pytest.mark.parametrize("empty", [{}, None, {"auth": ""}])
def test_an_empty_entry_is_kept_filled_for_the_target_and_told_where_it_shadows(empty):
    planned = plan({"q.example": empty, REG: empty}, [request()])
    assert planned.after["auths"]["q.example"] == empty
    assert planned.after["auths"][REG] == entry()
    assert planned.findings == []
    planned = plan({f"{REG}/ns": empty}, [request()])
    assert planned.after["auths"][f"{REG}/ns"] == empty
    assert told(planned) == [(f"{REG}/ns", "shadowed-by-empty-entry", "warning")]
    assert f"hides the credentials of '{REG}' from podman, skopeo and oc-mirror" in planned.warnings[0]


def test_tokens_unknown_fields_and_headers_are_preserved_and_told_for_clusters():
    auths = {"q.example": entry(identitytoken="t", note={"a": [_auth_text.Number("1.0")]})}
    planned = plan({}, [request()], source={"HttpHeaders": {"X": "y"}, "auths": auths, "x-é": None})
    assert planned.after["auths"] == {**auths, REG: entry()}
    assert (planned.after["HttpHeaders"], planned.after["x-é"]) == ({"X": "y"}, None)
    assert told(planned) == [("", "unknown-to-clusters", "warning")]
    said = sentence(planned, "unknown-to-clusters")
    assert all(f"'{name}'" in said for name in ("q.example", "identitytoken", "note", "HttpHeaders", "x-é"))
    assert "the machine-config operator does not know: it refuses the whole file as a cluster's pull secret" in said
    assert told(plan(auths)) == [("", "unknown-to-clusters", "note")]


def test_an_entry_with_only_a_token_is_told():
    planned = plan({"q.example": {"identitytoken": "t"}})
    assert ("q.example", "identity-token-only", "warning") in told(planned)
    assert "podman, skopeo, oc-mirror, oc and the kubelet find no credentials" in sentence(
        planned, "identity-token-only"
    )
    assert not planned.changed


def test_a_helper_for_the_target_is_told_since_its_entry_is_not_used():
    planned = plan({}, [request()], credHelpers={REG: "desktop"})
    assert planned.after["credHelpers"] == {REG: "desktop"}
    assert told(planned) == [(REG, "credential-helper", "warning")]
    assert "its entry, and oc refuses the file where the program is missing" in planned.warnings[0]


def test_helpers_for_other_hosts_and_a_store_are_told():
    planned = plan({}, [request()], credHelpers={"q.example": "desktop"}, credsStore="pass")
    assert told(planned) == [("q.example", "credential-helper", "warning"), ("", "credentials-store", "warning")]
    assert "oc refuses the file where the program is missing" in planned.warnings[0]
    assert f"'credsStore' makes docker and {CATALOG} ignore 'auths'" in planned.warnings[1]
    assert (planned.after["credHelpers"], planned.after["credsStore"]) == ({"q.example": "desktop"}, "pass")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"auths":{"q":{"auth":"x"},"q":{"auth":"y"}}}', "registry 'q'"),
        ('{"auths":{"q":{"auth":"x","auth":"y"}}}', "field 'auth' of registry 'q'"),
        ('{"auths":{"q":{"auth":"x","Auth":"y"}}}', "field 'auth' of registry 'q'"),
        ('{"auths":{},"auths":{"q":{}}}', "field 'auths'"),
    ],
)
def test_duplicate_names_are_refused_if_they_differ(text, place):
    with pytest.raises(AuthFileError) as caught:
        _auth_text.parse(text.encode("ascii"))
    assert str(caught.value) == (
        f"{place} appears twice with different values, of which clients take the last; remove one of them"
    )
    assert _auth_text.parse(b'{"auths":{"q":{},"q":{}}}').entries == {"q": {}}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'// mine\n{"auths":{}}', "JSON knows no comments"),
        (b'{"auths":{}}\nmore', "line 2, column 1: expected nothing after the closing '}'"),
        (b"", "it is empty"),
        (b"{}", "its 'auths' is missing"),
        (b'{"auths":[]}', "its 'auths' is a list"),
        (b'{"auths":null}', "its 'auths' is null"),
        (b"[]", "it is a list"),
    ],
)
def test_comments_trailing_text_an_empty_file_and_auths_that_are_none_fail(raw, words):
    with pytest.raises(AuthFileError) as caught:
        _auth_text.parse(raw, name="the pull secret")
    assert str(caught.value).startswith("the pull secret: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("raw", [b"", b"\n", b"{}", b'{"auths":null}'])
def test_a_target_that_is_empty_or_has_no_auths_may_be_filled(raw):
    dest = _auth_text.parse(raw, may_be_empty=True)
    planned = _auth_file.plan(dest, [], [request()], on_conflict="replace", invalid_entries="fail")
    assert planned.after == {"auths": {REG: entry()}}


def test_a_byte_order_mark_is_left_out_and_told():
    dest = _auth_text.parse(b'\xef\xbb\xbf{"auths":{}}')
    planned = _auth_file.plan(dest, [], [], on_conflict="replace", invalid_entries="fail")
    assert planned.changed
    assert told(planned) == [("", "byte-order-mark", "repaired")]
    assert "no client reads" in planned.warnings[0]
    assert _auth_text.dump(planned.after).startswith(b"{")


ADDRESS = _cluster_secret.Address("openshift-config", "pull-secret")


def extracted(stdout, stderr="", rc=0):
    how = {"timed_out": False, "too_long": False, "seconds": 60}
    return _cluster_secret.read(ADDRESS, rc=rc, stdout=stdout, stderr=stderr, **how)


@pytest.mark.parametrize("stdout", [b"", b"\n"])
def test_nothing_on_stdout_of_oc_extract_fails_since_the_key_is_missing(stdout):
    with pytest.raises(_cluster_secret.ClusterSecretError) as caught:
        extracted(stdout, "# .dockerconfigjson\n")
    assert "has no key '.dockerconfigjson'" in str(caught.value)


def test_stderr_of_oc_extract_is_ignored_where_it_succeeded():
    assert extracted(b'{"auths":{}}\n', "# .dockerconfigjson\n") == b'{"auths":{}}\n'


def test_the_output_ends_in_a_line_break_keeps_other_entries_and_changes_where_the_json_does():
    text = b'{"x": 1e5,"auths" : {"q.example":{"email":"\\u00e9", "auth":"dTpw"}}}'
    dest = _auth_text.parse(text)
    options = {"on_conflict": "replace", "invalid_entries": "fail"}
    assert not _auth_file.plan(dest, [], [], **options).changed, "however it is laid out"
    planned = _auth_file.plan(dest, [AuthFile({"auths": {}})], [request()], **options)
    assert planned.changed
    assert planned.unchanged == ["q.example"]
    written = '{\n\t"x": 1e5,\n\t"auths": {\n\t\t"q.example": {\n\t\t\t"email": "é",\n\t\t\t"auth": "dTpw"\n\t\t},\n'
    assert _auth_text.dump(planned.after).decode("utf-8").startswith(written)
    assert _auth_text.dump(planned.after).endswith(b"}\n")
