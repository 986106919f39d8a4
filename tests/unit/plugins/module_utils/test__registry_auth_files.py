# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which auth file counts, and what is said of one that is of no use."""

import errno
import json

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._registry_auth_files import (
    credentials_for,
    read,
)

REG = "mirror.example.com:5000"
MINE, YOURS = {"auth": "bWU6aHVudGVyMg=="}, {"auth": "eW91Omh1bnRlcjI="}  # me, you
FIRST, SECOND, THIRD = "/run/user/1000/containers/auth.json", "/home/me/.config/containers/auth.json", "/home/me/x"
NONE = f"no credentials for {REG}/ocp4/release are found in {FIRST} by podman, skopeo, oc-mirror, oc and "


def text(auths, **settings):
    return json.dumps(dict(settings, auths=auths)).encode("utf-8")


def found(*contents):
    """Look into three files of these contents, or fewer; an exception is what opening one raises."""
    by_path = dict(zip((FIRST, SECOND, THIRD), contents))

    def content(path):
        if isinstance(by_path[path], Exception):
            raise by_path[path]
        return by_path[path]

    result = credentials_for(REG, "ocp4/release", [read(path, content) for path in by_path])
    return [use.login.user for use in result.uses], [(each.code, each.message) for each in result.findings]


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        pytest.param(None, "auth-file-missing", f"there is no auth file {FIRST}", id="missing"),
        pytest.param(b"", "auth-file-unreadable", f"the auth file {FIRST} cannot be used: it is empty; ", id="empty"),
        pytest.param(
            b" \n", "auth-file-unreadable", f"the auth file {FIRST} cannot be used: it is empty; ", id="blank"
        ),
        pytest.param(b"{}", "no-matching-key", NONE, id="nothing in it"),
        pytest.param(b'{"auths": null}', "no-matching-key", NONE, id="null"),
        pytest.param(
            b'{"credsStore": "pass", "HttpHeaders": {}}', "no-matching-key", "no credentials for", id="settings only"
        ),
        pytest.param(b"{", "auth-file-unreadable", f"the auth file {FIRST} cannot be used: line 1", id="no JSON"),
        pytest.param(
            b'{"auths": []}', "auth-file-unreadable", f"the auth file {FIRST} cannot be used: its", id="a list"
        ),
        pytest.param(
            b"\xef\xbb\xbf" + text({REG: MINE}),
            "auth-file-unreadable",
            f"the auth file {FIRST} cannot be used: it begins with a byte order mark",
            id="BOM",
        ),
        pytest.param(
            OSError(errno.EACCES, "Permission denied", FIRST),
            "auth-file-unreadable",
            f"the auth file {FIRST} cannot be used: Permission denied",
            id="not to be read",
        ),
        pytest.param(text({"other.example": MINE}), "no-matching-key", NONE, id="other entries"),
        pytest.param(text({REG: {}}), "empty-entry", NONE, id="an empty entry"),
    ],
)
def test_one_file_that_is_of_no_use(content, code, message):
    users, findings = found(content)
    assert users == []
    assert findings[0][0] == code
    assert findings[0][1].startswith(message)
    assert "hunter2" not in str(findings)


def test_one_file_that_is():
    assert found(text({REG: MINE})) == ([b"me"], [])


OTHER, BROKEN = text({"other.example": MINE}), b"{"


@pytest.mark.parametrize(
    ("contents", "users", "codes", "path"),
    [
        pytest.param([text({REG: MINE}), text({REG: YOURS})], [b"me"], [], "", id="the first"),
        pytest.param([None, text({REG: YOURS})], [b"you"], [], "", id="the first is missing"),
        pytest.param([OTHER, b"{}", text({REG: YOURS})], [b"you"], [], "", id="the first ones have nothing for it"),
        pytest.param([text({REG: {}}), text({REG: YOURS})], [b"you"], [], "", id="the first has an empty entry"),
        pytest.param([text({REG: MINE}), BROKEN], [b"me"], [], "", id="a broken one behind"),
        pytest.param(
            [OTHER, BROKEN, text({REG: MINE})], [], ["auth-file-unreadable"], SECOND, id="a broken one before"
        ),
        pytest.param(
            [text({REG: MINE, "x": 5}), text({REG: MINE})], [], ["auth-file-refused"], "", id="a refused one before"
        ),
        pytest.param([None, OTHER, OTHER], [], ["no-matching-key"], SECOND, id="none has anything"),
        pytest.param(
            [None, None, None], [], ["auth-file-missing"], f"{FIRST} or {SECOND} or {THIRD}", id="none is there"
        ),
    ],
)
def test_the_first_of_several_files_that_knows_the_registry_counts(contents, users, codes, path):
    result, findings = found(*contents)
    assert result == users
    assert [code for code, _message in findings] == codes
    assert all(path in message for _code, message in findings)
