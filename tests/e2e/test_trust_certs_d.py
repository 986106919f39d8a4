# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What certs.d does to a real skopeo at a real registry, and what ca_trust says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import trustme
from conftest import Bastion
from trust import fingerprint, pem, task

from playbooks import PlayResult

Play = Callable[..., PlayResult]
pytestmark = pytest.mark.parametrize("bastion", ["rhel9"], indirect=True)

REACHED, UNKNOWN = "authentication required", "x509: certificate signed by unknown authority"
OTHER = pem(trustme.CA())


class Host:
    """A bastion that trusts, by certs.d or by itself, the registry's CA."""

    def __init__(self, bastion: Bastion, play: Play) -> None:
        self.bastion, self.play = bastion, play
        self.ca = bastion.lab.ca.read_bytes()
        self.first, self.second = (f"/etc/{name}/certs.d/{bastion.lab.registry}" for name in ("containers", "docker"))
        bastion.ssh("echo '{}' > /run/no-credentials.json && chmod 644 /run/no-credentials.json")

    def put(self, path: str, content: bytes) -> None:
        """Write a file in a folder that all users may look at."""
        self.bastion.push(path, content)
        self.bastion.ssh("chmod -R a+rX /etc/containers /etc/docker")

    def skopeo(self, user: str = "admin") -> str:
        """What skopeo says when it asks the registry without credentials."""
        command = f"skopeo inspect --authfile /run/no-credentials.json docker://{self.bastion.lab.registry}/ocp4/none:1"
        return self.bastion.ssh(command, user=user).stderr

    def findings(self, content: bytes, **options: Any) -> list[tuple[str, str]]:
        """Code and path of everything that the module finds, after looking that just the grave ones are warnings."""
        done = self.play(self.bastion.name, [task(name="m", content=content.decode(), **options)])
        assert done.rc == 0, done.output
        values = done.tasks[0].values
        told = [finding["message"] + "." for finding in values["findings"] if finding["severity"] != "note"]
        assert values.get("warnings", []) == told
        return [(finding["code"], finding["path"]) for finding in values["findings"]]


@pytest.fixture
def host(clean_bastion: Bastion, play: Play) -> Host:
    return Host(clean_bastion, play)


def test_empty_and_outdated_folders_do_no_harm_to_what_the_host_trusts(host: Host) -> None:
    host.bastion.ssh(f"mkdir -p {host.first}")
    assert host.findings(host.ca) == []
    assert REACHED in host.skopeo()
    host.put(f"{host.first}/ca.crt", b"outdated\n")
    host.put(f"{host.second}/ca.crt", host.ca)
    assert host.findings(host.ca) == []
    assert REACHED in host.skopeo()


def test_a_folder_hides_another(host: Host) -> None:
    """Even an empty one, and one in a user's home."""
    host.put(f"{host.second}/ca.crt", host.ca)
    assert REACHED in host.skopeo()
    host.bastion.ssh(f"mkdir -p {host.first}")
    assert UNKNOWN in host.skopeo()
    assert host.findings(OTHER) == [("certs-d-hidden", host.first)]
    host.bastion.ssh(f"rmdir {host.first}")
    own = f".config/containers/certs.d/{host.bastion.lab.registry}"
    host.bastion.ssh(f"mkdir -p ~/{own}", user="admin")
    assert UNKNOWN in host.skopeo()
    assert REACHED in host.skopeo("root")
    found = host.findings(OTHER)
    assert ("certs-d-hidden", f"/home/admin/{own}") in found
    assert host.findings(host.ca) == []
    assert REACHED in host.skopeo()


def test_trusted_by_certs_d_only(host: Host) -> None:
    """A note as long as it may be meant, a warning when the same certificate is to be trusted no longer."""
    host.put(f"{host.first}/ca.crt", host.ca)
    assert host.findings(OTHER) == [("certs-d-only", host.first)]
    assert host.findings(host.ca, state="absent") == [("certs-d-still-trusted", host.first)]
    assert REACHED in host.skopeo()
    assert host.findings(host.ca) == []
    assert host.findings(host.ca, state="absent", fingerprints=[fingerprint(host.ca)]) == [
        ("certs-d-still-trusted", host.first)
    ]


@pytest.mark.parametrize("name", ["ca.pem", "bom.crt"])
def test_a_file_that_no_client_reads(host: Host, name: str) -> None:
    host.put(f"{host.first}/{name}", b"\xef\xbb\xbf" + host.ca)
    assert UNKNOWN in host.skopeo()
    assert host.findings(OTHER) == [("certs-d-unread", f"{host.first}/{name}")]
    assert host.findings(host.ca) == []
    assert REACHED in host.skopeo()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param("cp ca.crt ca.cert", "missing key ca.key for client certificate ca.cert", id="a CA as a client"),
        pytest.param("touch me.key", "missing client certificate me.cert for key me.key", id="a key alone"),
        pytest.param("mkdir folder.crt", "is a directory", id="a folder as a CA"),
        pytest.param("chmod 600 ca.crt", "permission denied", id="a CA for root only"),
        pytest.param("cd ..; rm -r $OLDPWD; touch $OLDPWD", "not a directory", id="a file as the folder"),
    ],
)
def test_what_makes_clients_refuse_the_registry(host: Host, spoil: str, said: str) -> None:
    """Although the host trusts its CA."""
    host.put(f"{host.first}/ca.crt", host.ca)
    assert host.findings(host.ca) == []
    assert REACHED in host.skopeo()
    assert host.bastion.ssh(f"cd {host.first}; {spoil}").rc == 0
    assert said in host.skopeo()
    assert host.findings(host.ca) == [("certs-d-unusable", host.first)]
