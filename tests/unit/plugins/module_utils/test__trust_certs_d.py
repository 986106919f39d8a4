# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies in certs.d and what it does. What clients really do is in tests/e2e/test_trust_certs_d.py."""

import base64
import os

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _trust_certs_d
from ansible_collections.airgap.openshift.plugins.module_utils._pem import fingerprint
from ansible_collections.airgap.openshift.plugins.module_utils._trust_certs_d import find, homes, look

DER = b"\x30\x03\x02\x01\x05"
PEM = b"-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % base64.b64encode(DER)
CA = fingerprint(DER)


@pytest.fixture
def host(tmp_path, monkeypatch):
    """Lays files into the folders and says what is found; the last of a path's parts is the name of a file."""
    places = {"containers": tmp_path / "containers", "docker": tmp_path / "docker", "home": tmp_path / "home"}
    monkeypatch.setattr(_trust_certs_d, "OF_THE_HOST", (str(places["containers"]), str(places["docker"])))

    def found(files, trusted=(), removed=()):
        for path, content in files.items():
            place, _slash, rest = path.partition("/")
            folder = places[place] / _trust_certs_d.OF_A_USER if place == "home" else places[place]
            (folder / rest).parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                (folder / rest).mkdir()
            else:
                (folder / rest).write_bytes(content)
        shared = [str(places["containers"]), str(places["docker"])]
        findings = find(look([str(places["home"])], shared), set(trusted), set(removed))
        return [(finding.code, os.path.relpath(finding.path, str(tmp_path))) for finding in findings]

    return found


HIDDEN, ONLY, UNREAD, UNUSABLE, STILL = (
    "certs-d-" + word for word in ("hidden", "only", "unread", "unusable", "still-trusted")
)
FIRST, OWN = "containers/reg:5000", "home/.config/containers/certs.d/reg:5000"


@pytest.mark.parametrize(
    ("files", "trusted", "expected"),
    [
        pytest.param({}, [], [], id="nothing"),
        pytest.param({"containers/reg:5000": None}, [], [], id="an empty folder alone does no harm"),
        pytest.param({"containers/reg:5000/ca.crt": b"old"}, [CA], [], id="nor do outdated ones"),
        pytest.param({"containers/reg:5000/ca.crt": PEM}, [CA], [], id="trusted by the host as well"),
        pytest.param({"containers/reg:5000/ca.crt": PEM}, [], [(ONLY, FIRST)], id="not trusted by the host"),
        pytest.param(
            {"containers/reg:5000": None, "docker/reg:5000/ca.crt": PEM}, [], [(HIDDEN, FIRST)], id="hidden by an empty"
        ),
        pytest.param({"containers/reg:5000": None, "docker/reg:5000/ca.crt": PEM}, [CA], [], id="hidden, not needed"),
        pytest.param(
            {"containers/reg:5000/ca.crt": PEM, "docker/reg:5000/ca.crt": PEM}, [], [(ONLY, FIRST)], id="the same twice"
        ),
        pytest.param(
            {"containers/reg:5000": None, "docker/reg:5000/me.cert": b"", "docker/reg:5000/me.key": b""},
            [CA],
            [(HIDDEN, FIRST)],
            id="a client's pair is hidden",
        ),
        pytest.param(
            {"home/reg:5000": None, "containers/reg:5000/ca.crt": PEM},
            [],
            [(HIDDEN, OWN), (ONLY, FIRST)],
            id="hidden from one user",
        ),
        pytest.param({"containers/other": None, "docker/reg:5000/ca.crt": PEM}, [CA], [], id="other registries"),
        pytest.param(
            {"containers/reg:5000/ca.pem": PEM}, [], [(UNREAD, FIRST + "/ca.pem")], id="a name that nobody reads"
        ),
        pytest.param({"containers/reg:5000/ca.crt": DER}, [], [(UNREAD, FIRST + "/ca.crt")], id="DER"),
        pytest.param({"containers/reg:5000/ca.pem": PEM}, [CA], [], id="unread, not needed"),
        pytest.param({"containers/reg:5000/ca.cert": PEM}, [CA], [(UNUSABLE, FIRST)], id="a CA named as a client"),
        pytest.param({"containers/reg:5000/me.key": b""}, [CA], [(UNUSABLE, FIRST)], id="a key alone"),
        pytest.param(
            {"containers/reg:5000/me.key": b"", "containers/reg:5000/me.cert": b""}, [CA], [], id="a client's pair"
        ),
        pytest.param({"containers/reg:5000/ca.crt": None}, [CA], [(UNUSABLE, FIRST)], id="a folder named as a CA"),
        pytest.param({"containers/reg:5000": PEM}, [CA], [(UNUSABLE, FIRST)], id="a file in place of the folder"),
        pytest.param(
            {"containers/reg:5000": None, "docker/reg:5000/ca.cert": PEM}, [CA], [(HIDDEN, FIRST)], id="hidden flaws"
        ),
    ],
)
def test_find(host, files, trusted, expected):
    assert host(files, trusted) == expected


def test_what_was_removed_is_trusted_there_still(host):
    assert host({"containers/reg:5000/ca.crt": PEM}, removed=[CA]) == [(STILL, FIRST)]


def test_a_file_that_only_root_may_read(host, tmp_path):
    host({"containers/reg:5000/ca.crt": PEM, "docker/new/ca.crt": PEM})
    (tmp_path / "containers/reg:5000/ca.crt").chmod(0o600)
    assert host({}, [CA]) == [(UNUSABLE, FIRST)]
    (tmp_path / "containers/reg:5000").chmod(0o700)
    assert host({}, [CA]) == []


def test_a_users_own_folder_is_nobody_elses(host, tmp_path):
    host({"home/reg:5000/ca.crt": PEM})
    (tmp_path / OWN / "ca.crt").chmod(0o600)
    assert host({}, [CA]) == []


def test_what_cannot_be_read_is_passed_over(tmp_path):
    (tmp_path / ".config/containers").mkdir(parents=True)
    (tmp_path / ".config/containers/certs.d").write_text("no folder")
    (tmp_path / "etc/reg").mkdir(parents=True)
    (tmp_path / "etc/reg/ca.crt").symlink_to("nowhere")
    assert find(look([str(tmp_path), "/nowhere"], [str(tmp_path / "etc"), "/nowhere"]), set()) == []


def test_notes_are_no_warnings():
    severities = (_trust_certs_d.BREAKS, _trust_certs_d.MISLEADS, _trust_certs_d.TELLS)
    found = [_trust_certs_d.Finding("code", "text", severity, "/path") for severity in severities]
    assert _trust_certs_d.to_warn_of(found) == found[:2]


def test_homes(monkeypatch):
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert len(homes()) == 1
    monkeypatch.setenv("SUDO_USER", "root")
    assert os.path.expanduser("~root") in homes()
