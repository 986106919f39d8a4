# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab itself: bastions are as bare as real ones, fail as real ones do, and `oc` behaves as observed (oc 4.22)."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable

import pytest
from conftest import Bastion
from lab import image
from lab.access import Completed, Lab

from playbooks import PlayResult

EXTRACT = "oc extract secret/pull-secret -n openshift-config --keys=.dockerconfigjson --to=-"
NO_CONFIGURATION = """\
error: Missing or incomplete configuration info.  Please point to an existing, complete config file:


  1. Via the command-line flag --kubeconfig
  2. Via the KUBECONFIG environment variable
  3. In your home directory as ~/.kube/config

To view or setup config directly use the 'config' command.
"""
COPY = "skopeo copy oci-archive:/run/hello.tar docker://{registry}/ocp4/hello:1"


@pytest.fixture(scope="module", autouse=True)
def _first_state(lab: Lab) -> None:
    lab.reset(*lab.bastions)


def test_a_bastion_has_only_pythons_standard_library(bastion: Bastion) -> None:
    modules = ["cryptography", "ansible", "pip", "yaml", "json"]
    probe = f"import importlib.util as u; print(*(name for name in {modules} if u.find_spec(name)))"
    assert bastion.ssh(f'python3 -c "{probe}"').stdout == "json\n"


def test_a_bastion_has_what_its_users_need(bastion: Bastion) -> None:
    programs = ["python3", "sudo", "skopeo", "oc", "kubectl", "openssl"]
    assert len(bastion.ssh(f"which {' '.join(programs)}").stdout.split()) == len(programs)


def test_each_kind_has_its_own_trust_command(bastion: Bastion) -> None:
    there = bastion.ssh("ls /usr/bin/update-ca-trust /usr/sbin/update-ca-certificates").stdout
    assert (
        there == {"rhel9": "/usr/bin/update-ca-trust\n", "debian13": "/usr/sbin/update-ca-certificates\n"}[bastion.kind]
    )


def test_ansible_takes_each_kind_for_what_it_resembles(bastion: Bastion, play: Callable[..., PlayResult]) -> None:
    facts = play(bastion.name, [{"ansible.builtin.setup": {"filter": ["ansible_os_family"]}}])
    family = facts.of("ansible.builtin.setup", bastion.name).values["ansible_facts"]["ansible_os_family"]
    assert family == {"rhel9": "RedHat", "debian13": "Debian"}[bastion.kind]


def test_admin_may_become_root_without_a_password(bastion: Bastion) -> None:
    assert bastion.ssh("id -un; sudo -n id -un", user="admin") == Completed(0, "admin\nroot\n", "")


def test_ssh_refuses_an_unknown_host_key(lab: Lab, bastion: Bastion) -> None:
    command = ["ssh", "-F", str(lab.ssh_config), "-o", "UserKnownHostsFile=/dev/null", bastion.name, "true"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "Host key verification failed" in done.stderr) == (255, True)


def test_nothing_outside_can_be_reached(bastion: Bastion) -> None:
    routes = bastion.ssh("ip route; ip -6 route show default").stdout.splitlines()
    assert [route.split()[0] for route in routes] == ["10.77.0.0/16"]


def test_a_reset_bastion_is_as_it_was(clean_bastion: Bastion) -> None:
    clean_bastion.ssh("touch /etc/mark; rm -rf /root /etc/ssl; echo x > /usr/bin/oc")
    clean_bastion.lab.reset(clean_bastion.name)
    assert clean_bastion.ssh("ls /etc/mark").rc == 2
    assert clean_bastion.ssh("oc whoami").stdout == "kube:admin\n"


def test_certificates_are_as_strict_verifiers_want_them(lab: Lab) -> None:
    leaf = lab.ca.parent / "registry.lab.test.crt"
    verify = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", str(lab.ca), str(leaf)]
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("registry", [Lab.registry, Lab.quay])
class TestRegistry:
    """What stands between an unprepared bastion and a mirror registry, one thing after the other."""

    @pytest.fixture(autouse=True)
    def _image(self, clean_bastion: Bastion) -> None:
        clean_bastion.push("/run/hello.tar", image.make("hello").archive)

    @pytest.fixture
    def credentials(self, bastion: Bastion, registry: str) -> str:
        auth = base64.b64encode(f"{bastion.lab.username}:{bastion.lab.password}".encode()).decode()
        bastion.push("/run/auth.json", json.dumps({"auths": {registry: {"auth": auth}}}).encode())
        return "--authfile /run/auth.json"

    @pytest.fixture
    def trust(self, bastion: Bastion) -> str:
        bastion.push("/run/ca.crt", bastion.lab.ca.read_bytes())
        return "SSL_CERT_FILE=/run/ca.crt"

    def test_with_credentials_but_no_trust(self, bastion: Bastion, registry: str, credentials: str) -> None:
        done = bastion.ssh(f"{COPY.format(registry=registry)} {credentials}")
        assert (done.rc, "x509: certificate signed by unknown authority" in done.stderr) == (1, True)

    def test_with_trust_but_no_credentials(self, bastion: Bastion, registry: str, trust: str) -> None:
        done = bastion.ssh(f"{trust} {COPY.format(registry=registry)}")
        refusal = {Lab.registry: "authentication required", Lab.quay: "requested access to the resource is denied"}
        assert (done.rc, refusal[registry] in done.stderr) == (1, True)

    def test_with_both(self, bastion: Bastion, registry: str, credentials: str, trust: str) -> None:
        assert bastion.ssh(f"{trust} {COPY.format(registry=registry)} {credentials}").rc == 0
        done = bastion.ssh(f"{trust} skopeo inspect {credentials} docker://{registry}/ocp4/hello:1")
        assert json.loads(done.stdout)["Digest"] == image.make("hello").digest


@pytest.mark.parametrize("bastion", ["rhel9"], indirect=True)  # it is the same on both
class TestOc:
    """The double of oc; expected texts are those of the real one."""

    @pytest.mark.parametrize("user", ["root", "admin"])
    def test_extract(self, bastion: Bastion, user: str) -> None:
        value = json.dumps(bastion.lab.pull_secret, separators=(",", ":"))
        assert bastion.ssh(EXTRACT, user=user) == Completed(0, f"{value}\n", "# .dockerconfigjson\n")

    @pytest.mark.parametrize(
        "flags",
        ["--context=admin --request-timeout=5s", "--context admin --kubeconfig ~/.kube/config --request-timeout 5s"],
    )
    def test_flags_in_any_form_and_place(self, bastion: Bastion, flags: str) -> None:
        before = bastion.ssh(EXTRACT.replace("oc ", f"oc {flags} "))
        other_forms = "--namespace=openshift-config --to - --keys .dockerconfigjson"
        after = bastion.ssh(f"oc extract secret/pull-secret {other_forms} {flags}")
        assert before == after == bastion.ssh(EXTRACT)

    def test_extract_adds_no_second_newline(self, lab: Lab, bastion: Bastion) -> None:
        lab.push("api", "/srv/cluster/openshift-config/with-newline/.dockerconfigjson", b"{}\n")
        assert bastion.ssh(EXTRACT.replace("pull-secret", "with-newline")).stdout == "{}\n"

    def test_a_missing_key_is_no_error(self, bastion: Bastion) -> None:
        assert bastion.ssh(EXTRACT.replace("pull-secret", "no-key")) == Completed(0, "", "")

    def test_extract_to_a_folder(self, clean_bastion: Bastion) -> None:
        command = "cd /root && oc extract secret/pull-secret -n openshift-config --to=."
        assert clean_bastion.ssh(f"{command} --confirm") == Completed(0, ".dockerconfigjson\n", "")
        assert clean_bastion.ssh("stat -c %a /root/.dockerconfigjson").stdout == "600\n"
        assert json.loads(clean_bastion.pull("/root/.dockerconfigjson")) == clean_bastion.lab.pull_secret
        refused = "error: .dockerconfigjson: file exists, pass --confirm to overwrite\n"
        assert clean_bastion.ssh(command) == Completed(1, "", refused)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (("pull-secret", "gone"), 'Error from server (NotFound): secrets "gone" not found\n'),
            (("openshift-config", "gone"), 'Error from server (NotFound): namespaces "gone" not found\n'),
            (
                ("--to", "--context=nobody --to"),
                'Error from server (Forbidden): secrets "pull-secret" is forbidden: User "nobody" cannot get resource '
                '"secrets" in API group "" in the namespace "openshift-config"\n',
            ),
            (("--to", "--context=stranger --to"), "error: You must be logged in to the server (Unauthorized)\n"),
            (("--to", "--context=gone --to"), 'error: context "gone" does not exist\n'),
            (("--to", "--kubeconfig=/gone --to"), "error: stat /gone: no such file or directory\n"),
            (("oc ", "KUBECONFIG=/gone oc "), NO_CONFIGURATION),
            (("oc ", "HOME=/ oc "), NO_CONFIGURATION),
            (("secret/", ""), 'error: the argument "pull-secret" must be RESOURCE/NAME\n'),
            (("--to", "--too"), "error: unknown flag: --too\nSee 'oc extract --help' for usage.\n"),
        ],
    )
    def test_failures(self, bastion: Bastion, change: tuple[str, str], message: str) -> None:
        assert bastion.ssh(EXTRACT.replace(*change)) == Completed(1, "", message)

    def test_a_current_context_that_is_not_there(self, bastion: Bastion) -> None:
        bastion.ssh("""sed '/current-context/s/admin/gone/' ~/.kube/config > /run/kubeconfig""")
        done = bastion.ssh(f"KUBECONFIG=/run/kubeconfig {EXTRACT}")
        bullets = "* context was not found for specified context: gone\n* cluster has no server defined\n"
        assert done == Completed(1, "", f"Error in configuration: \n{bullets}")

    def test_nothing_listens(self, bastion: Bastion) -> None:
        *before, last = bastion.ssh(f"{EXTRACT} --context=down").stderr.splitlines()
        refused = "The connection to the server api.lab.test:6444 was refused"
        assert last == f"{refused} - did you specify the right host or port?"
        assert all("memcache.go" in line for line in before)

    def test_it_does_not_need_the_registrys_ca(self, clean_bastion: Bastion) -> None:
        assert clean_bastion.ssh("oc whoami").stdout == "kube:admin\n"
        clean_bastion.ssh("sed '/certificate-authority-data/d; s/6443\",/6443\"/' ~/.kube/config > /run/kubeconfig")
        done = clean_bastion.ssh(f"KUBECONFIG=/run/kubeconfig {EXTRACT}")
        assert "x509: certificate signed by unknown authority" in done.stderr
