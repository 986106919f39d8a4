# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_text

# The example of the OpenShift documentation (section 12.3), as it is printed there: a colon is missing in line 3.
DOCUMENTED = """\
{"auths":{"cloud.openshift.com":{"auth":"b3BlbnNoaWZ0Y3UjhGOVZPT0lOMEFaUjdPUzRGTA==","email":"user@example.com"},
"quay.io":{"auth":"b3BlbnNoaWZ0LXJlbGVhc2UtZGOVZPT0lOMEFaUGSTd4VGVGVUjdPUzRGTA==","email":"user@example.com"},
"registry.connect.redhat.com"{"auth":"NTE3MTMwNDB8dWhjLTFEZlN3VHkxOSTd4VGVGVU1MdTpleUpoYkdjaUailA==","email":"user@example.com"},
"registry.redhat.io":{"auth":"NTE3MTMwNDB8dWhjLTFEZlN3VH3BGSTd4VGVGVU1MdTpleUpoYkdjaU9fZw==","email":"user@example.com"},
"registry.svc.ci.openshift.org":{"auth":"dXNlcjpyWjAwWVFjSEJiT2RKVW1pSmg4dW92dGp1SXRxQ3RGN1pwajJhN1ZXeTRV"},\
"my-registry:5000/my-namespace/":{"auth":"dXNlcm5hbWU6cGFzc3dvcmQ="}}}
"""
SECRET = (
    "it is the Secret object that holds the auth file; give the content instead, as printed by "
    "'oc extract secret/pull-secret -n openshift-config --to=-'"
)


def complaint(raw, **options):
    with pytest.raises(_auth_text.AuthFileError) as caught:
        _auth_text.parse(raw if isinstance(raw, bytes) else raw.encode("utf-8"), **options)
    return str(caught.value)


def test_the_example_of_the_documentation():
    assert complaint(DOCUMENTED) == "line 3, column 30: expected ':' after the registry name"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", "line 1, column 2: expected a field name in double quotes or '}', but the text ends here"),
        ('{"auths"', "line 1, column 9: expected ':' after the field name, but the text ends here"),
        ('{"auths":{}}\nmore', "line 2, column 1: expected nothing after the closing '}'"),
        ('{"auths":{}}}', "line 1, column 13: expected nothing after the closing '}'"),
        (
            '{"auths":{"a":{"auth":"x",}}}',
            "line 1, column 27: expected another field name in double quotes after ',' (without one, remove the ',')",
        ),
        (
            '{"auths":{"a":{"auth":"x"},\n}}',
            "line 2, column 1: expected another registry name in double quotes after ',' (without one, remove the ',')",
        ),
        ('{"auths":{"a":{} "b":{}}}', "line 1, column 18: expected ',' or '}' after the value of the registry name"),
        ('{"auths":{"a":}}', "line 1, column 15: expected a value after the ':' of the registry name"),
        ('{"auths":{"é" {}}}', "line 1, column 15: expected ':' after the registry name"),
        ('{"auths":{"a":{"auth" "x"}}}', "line 1, column 23: expected ':' after the field name"),
        ('{"x":{"a" 1}}', "line 1, column 11: expected ':' after the field name"),
        ('{"auths":NaN}', "line 1, column 10: expected a value after the ':' of the field name"),
        ('{"auths":-Infinity}', "line 1, column 10: expected a value after the ':' of the field name"),
        ('{"auths":01}', "line 1, column 10: expected a value after the ':' of the field name"),
        ('{"auths":1.}', "line 1, column 10: expected a value after the ':' of the field name"),
        (
            '{"auths":{} # mine\n}',
            "line 1, column 13: expected ',' or '}' after the value of the field name; JSON knows no comments",
        ),
        ('{"a":[1 2]}', "line 1, column 9: expected ',' or ']' after the item"),
        ('{"a":[1}', "line 1, column 8: expected ',' or ']' after the item"),
        ('{"a":[1,]}', "line 1, column 9: expected a value after ','"),
        ('{"a":[,]}', "line 1, column 7: expected a value or ']'"),
        ("hello", "line 1, column 1: expected '{' at the beginning"),
        (
            "{'auths':{}}",
            "line 1, column 2: expected a field name in double quotes or '}'; JSON knows only double quotes",
        ),
        (
            '{"auths":{} // mine\n}',
            "line 1, column 13: expected ',' or '}' after the value of the field name; JSON knows no comments",
        ),
        ('{"auths":{"a', "line 1, column 11: expected '\"' to close the text that begins here"),
        ('{"auths":{"a\n":{}}}', "line 1, column 13: expected '\"' before the end of the line"),
        (
            '{"auths":{"a\t":{}}}',
            "line 1, column 13: expected no control character, such as a tab, inside double quotes",
        ),
        (
            '{"a":"\\x"}',
            "line 1, column 7: expected one of \" \\ / b f n r t, or u and four hexadecimal digits, after '\\'",
        ),
        ('{"a":"' + "\\n" * 100000, "line 1, column 6: expected '\"' to close the text that begins here"),
    ],
)
def test_says_where_the_json_is_broken_and_what_is_expected(text, expected):
    assert complaint(text) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "it is empty; expected a JSON object with 'auths'"),
        (b" \n", "it is empty; expected a JSON object with 'auths'"),
        (b"null", "it is null; expected a JSON object with 'auths'"),
        (b"[]", "it is a list; expected a JSON object with 'auths'"),
        (b'"text"', "it is text; expected a JSON object with 'auths'"),
        (b"7", "it is a number; expected a JSON object with 'auths'"),
        (b"{}", "its 'auths' is missing; expected an object with one entry for each registry"),
        (b'{"auths":null}', "its 'auths' is null; expected an object with one entry for each registry"),
        (b'{"auths":[]}', "its 'auths' is a list; expected an object with one entry for each registry"),
        (b"\xff\xfe{\0}\0", "it is UTF-16 text; save it as UTF-8"),
        (b"{\0}\0", "it is UTF-16 text; save it as UTF-8"),
        (
            b'{"auths":\n{"\xc3\xa9\xe9":{}}}',
            "line 2, column 4: expected UTF-8 text, not Latin-1 or binary; save it as UTF-8",
        ),
        (b"eyJhdXRocyI6\ne319\n", "it is the auth file encoded as base64; decode it first, with 'base64 -d'"),
        (b"apiVersion: v1\nkind: Secret\n", SECRET),
        (b"apiVersion: v1\ndata:\n  .dockerconfigjson: eyJ9\n", SECRET),
        (b'{"kind":"Secret","data":{}}', SECRET),
        (b'{"data":{".dockerconfigjson":"eyJ9"}}', SECRET),
        (b'{".dockerconfigjson":"eyJ9"}', SECRET),
        (b'{"stringData":{".dockerconfigjson":"{}"}}', SECRET),
        (b"IHsiYXV0aHMiOnt9fQ==", "it is the auth file encoded as base64; decode it first, with 'base64 -d'"),
    ],
)
def test_recognizes_what_is_no_auth_file(raw, expected):
    assert complaint(raw) == expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"auths":{"a":{"auth":"x"},"a":{"auth":"y"}}}', "registry 'a'"),
        ('{"auths":{"a":{"auth":"x","auth":"y"}}}', "field 'auth' of registry 'a'"),
        ('{"auths":{"a":{}},"auths":{}}', "field 'auths'"),
        ('{"auths":{},"x":{"y":1,"y":2}}', "field 'y'"),
    ],
)
def test_names_what_is_there_twice(text, place):
    end = " appears twice with different values, of which clients take the last; remove one of them"
    assert complaint(text) == place + end


def test_the_same_value_twice_is_no_contradiction():
    assert _auth_text.parse(b'{"auths":{"a":{"auth":"x"},"a":{"auth":"x"}}}').entries == {"a": {"auth": "x"}}


@pytest.mark.parametrize("mark", ["[", '{"a":'])
def test_deep_nesting_is_an_error_and_no_traceback(mark):
    assert complaint(mark * 200000)


@pytest.mark.parametrize("raw", [b"", b"\n", b"{}", b'{"auths":null}'])
def test_the_file_to_be_written_may_hold_nothing_yet(raw):
    assert _auth_text.parse(raw, may_be_empty=True).entries == {}


def test_a_file_to_be_written_that_is_broken_is_still_an_error():
    assert complaint(b'{"auths":[]}', may_be_empty=True)
    assert complaint(b"{", may_be_empty=True)


def test_a_byte_order_mark_is_left_out_and_remembered():
    assert _auth_text.parse(b'\xef\xbb\xbf{"auths":{}}') == _auth_text.AuthFile({"auths": {}}, byte_order_mark=True)
    assert _auth_text.parse(b'\xef\xbb\xbf\xef\xbb\xbf{"auths":{}}').byte_order_mark


@pytest.mark.parametrize("end", ["", '"}x', '":', "\n"])
def test_no_complaint_quotes_the_text(end):
    assert "c2VjcmV0" not in complaint('{"auths":{"a":{"auth":"c2VjcmV0' + end)


NUMBERS = ["0", "-0", "1.0", "1e5", "1E+05", "-1.50e-300", "1e999", "0.1234567890123456789", "9" * 5000]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_keeps_its_spelling(number):
    read = _auth_text.parse(f'{{"auths":{{}},"n":[{number}]}}'.encode("ascii")).fields
    assert read["n"] == [_auth_text.Number(number)]
    assert _auth_text.dump(read).decode("ascii") == f'{{\n\t"auths": {{}},\n\t"n": [\n\t\t{number}\n\t]\n}}\n'


def test_numbers_are_equal_where_their_spelling_is():
    assert complaint('{"auths":{},"n":1,"n":1.0}').startswith("field 'n' appears twice")
    assert _auth_text.parse(b'{"auths":{},"n":1,"n":1}').fields["n"] == _auth_text.Number("1")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ('{"Auths":{"A":{"AUTH":"x","eMail":"e"}}}', {"auths": {"A": {"auth": "x", "email": "e"}}}),
        (
            '{"CREDHELPERS":{"A":"b"},"credsstore":"s","httpheaders":{"X":"y"},"auths":{}}',
            {"credHelpers": {"A": "b"}, "credsStore": "s", "HttpHeaders": {"X": "y"}, "auths": {}},
        ),
        ('{"auths":{"a":{"Note":1,"IdentityToken":"t"}}}', {"auths": {"a": {"Note": ("1",), "identitytoken": "t"}}}),
        ('{"auths":{},"x":{"Auth":null}}', {"auths": {}, "x": {"Auth": None}}),
        ('{"auths":{},"AUTHS":{}}', {"auths": {}}),
        ('{"auths":{"a":{"auth":"x","Auth":"x"}}}', {"auths": {"a": {"auth": "x"}}}),
    ],
)
def test_names_are_taken_in_upper_case_as_clients_do(text, fields):
    read = _auth_text.parse(text.encode("utf-8")).fields
    assert read == fields
    assert list(read) == list(fields)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"auths":{"a":{}},"Auths":{"b":{}}}', "field 'auths'"),
        ('{"auths":{"a":{"auth":"x","AUTH":"y"}}}', "field 'auth' of registry 'a'"),
    ],
)
def test_names_that_differ_in_case_are_there_twice_too(text, place):
    assert complaint(text).startswith(f"{place} appears twice with different values")


def test_a_file_is_called_by_its_name():
    assert complaint("[]", name="source 1") == "source 1: it is a list; expected a JSON object with 'auths'"
    assert _auth_text.parse(b'{"auths":{}}', name="source 1").name == "source 1"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ({"a": []}, '{\n\t"a": []\n}'),
        (
            {"a": {"b": [True, False, None]}},
            '{\n\t"a": {\n\t\t"b": [\n\t\t\ttrue,\n\t\t\tfalse,\n\t\t\tnull\n\t\t]\n\t}\n}',
        ),
        ({'"\\\n\x00é': "\t/\x7f"}, '{\n\t"\\"\\\\\\n\\u0000é": "\\t/\x7f"\n}'),
    ],
)
def test_writes_json_as_podman_does(value, text):
    assert _auth_text.dump(value).decode("utf-8") == text + "\n"


def test_half_a_surrogate_pair_is_written_in_ascii():
    fields = {"auths": {"é": {}}, "x": "\ud83d"}
    assert _auth_text.dump(fields) == b'{\n\t"auths": {\n\t\t"\\u00e9": {}\n\t},\n\t"x": "\\ud83d"\n}\n'
    assert _auth_text.parse(_auth_text.dump(fields)).fields == fields


def test_nesting_too_deep_to_write_is_an_error_and_no_traceback():
    fields = {"auths": {}}
    for _level in range(100000):
        fields = {"auths": fields}
    with pytest.raises(_auth_text.AuthFileError) as caught:
        _auth_text.dump(fields)
    assert str(caught.value) == "it is nested too deeply; expected a JSON object with 'auths'"


def test_a_file_that_is_too_large():
    assert _auth_text.parse(b" " * _auth_text.LARGEST, may_be_empty=True).fields == {}
    with pytest.raises(_auth_text.AuthFileError) as caught:
        _auth_text.parse(b" " * (_auth_text.LARGEST + 1), name="a.json", may_be_empty=True)
    assert str(caught.value) == "a.json: it has more than 16 MiB, as no auth file has; give another file"


def test_nothing_is_written_that_could_not_be_read_again():
    whole = "x" * (_auth_text.LARGEST - len(_auth_text.dump({"a": ""})))
    assert len(_auth_text.dump({"a": whole})) == _auth_text.LARGEST
    with pytest.raises(_auth_text.AuthFileError, match="it would have more than 16 MiB; merge fewer entries"):
        _auth_text.dump({"a": whole + "x"})
