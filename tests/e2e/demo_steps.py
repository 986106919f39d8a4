# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo shows; runs inside the lab. Every step says what is expected, and the first surprise ends the demo."""

from __future__ import annotations

import json
import pathlib
import re
import shlex
import subprocess
import sys
import textwrap
import time
from collections.abc import Sequence

from lab import image, roots
from lab.access import Completed, Lab
from lab.hosts import LAB

COLLECTION = pathlib.Path(__file__).resolve().parent.parent.parent
WORK = LAB / "tmp" / "demo"
LOOKS_LIKE = {"rhel9": "looks like RHEL 9", "debian13": "Debian 13"}
RECAP = re.compile(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)
HELLO = image.make("Hello from the mirror.\n")
WIDTH = 98
AUTH_FILE = "~/.mirrorsecretconfigjson"


class SurpriseError(Exception):
    """Something did not go as it should."""


class Demo:
    """The steps, on one lab."""

    def __init__(self, lab: Lab, ansible: pathlib.Path) -> None:
        self.lab = lab
        self.ansible = ansible
        self.variables = f"""\
mirror_host_ca_certificates:
  - name: mirror-registry
    src: {lab.ca}
mirror_host_registries:
  - registry: {lab.registry}
    namespace: ocp4
    username: {lab.username}
    password: {lab.password}
"""

    def run(self) -> None:
        """All steps."""
        self.introduce()
        self.before()
        self.prepare()
        self.after()
        self.again()
        self.verdict()
        self.sum_up()

    def introduce(self) -> None:
        """Who is there, and what everybody is about to do."""
        title("airgap.openshift: from a bare bastion to a mirror host")
        tell("""
            A cluster is about to lose the internet. Its images must first be copied into a private mirror
            registry, by way of bastions. In a lab on this machine, which nothing leaves, there are now
        """)
        for name, kind in self.lab.bastions.items():
            print(f"  {name:24}a bastion ({LOOKS_LIKE[kind]}): python3, skopeo and oc, nothing else")
        print(f"  {self.lab.registry:24}the mirror registry: TLS by a private CA, asks for a password")
        print(f"  {'api.lab.test:6443':24}stands for the cluster's API: has the cluster's pull secret")

    def before(self) -> None:
        """No bastion can push: it lacks trust, and then credentials."""
        title("1. Before: no bastion can push to the mirror registry")
        for host in self.lab.bastions:
            self.lab.ssh(host, "mkdir hello && tar -x -C hello", user="admin", stdin=HELLO.archive)
            self.lab.push(host, "/tmp/ca.crt", self.lab.ca.read_bytes(), user="admin")
            credentials = f"{self.lab.username}:{self.lab.password}"
            self.fails(
                "With the right password, but without the CA",
                host, f"{self.copy(host)} --dest-creds {credentials}", "x509: certificate signed by unknown authority",
            )  # fmt: skip
            self.fails(
                "With the CA, for this one command, but without the password",
                host, f"SSL_CERT_FILE=/tmp/ca.crt {self.copy(host)}", "authentication required",
            )  # fmt: skip
            self.lab.ssh(host, "rm /tmp/ca.crt", user="admin")

    def prepare(self) -> None:
        """The product at work."""
        title("2. The playbook")
        tell("""
            By hand, on each bastion: copy the CA where this distribution wants it; update its trust store
            (and look whether it worked: the command does not say); `oc extract` the pull secret; add the
            registry and base64(user:password) to that JSON in an editor; save it under another name. Or:
        """)
        self.install()
        (WORK / "vars.yml").write_text(self.variables)
        command("cat vars.yml")
        quote(self.variables)
        print("  (In earnest, keep the password in ansible-vault.)\n")
        quote(self.play(first=True))

    def after(self) -> None:
        """Every bastion can push and pull, with nothing but what the playbook left."""
        title("3. After: every bastion pushes an image, and reads it back")
        print("With the auth file that the role wrote, and the host's own trust store, nothing else:\n")
        for host in self.lab.bastions:
            where = f"docker://{self.lab.registry}/ocp4/hello:{host.partition('.')[0]}"
            self.works(host, f"{self.copy(host)} --authfile {AUTH_FILE}", "Writing manifest to image destination")
            self.works(host, f"skopeo inspect --authfile {AUTH_FILE} --format '{{{{.Digest}}}}' {where}", HELLO.digest)
            merged = json.loads(self.lab.ssh(host, f"cat {AUTH_FILE}", user="admin").stdout)["auths"]
            kept = all(merged.get(key) == entry for key, entry in self.lab.pull_secret["auths"].items())
            self.check(kept, "the cluster's own pull secret in the auth file, unchanged", json.dumps(sorted(merged)))
        print("  The cluster's own entries are in the auth files too, unchanged:")
        print(f"  {', '.join(self.lab.pull_secret['auths'])}")

    def again(self) -> None:
        """The second run changes nothing."""
        title("4. The same playbook once more: nothing to do")
        output = self.play(first=False)
        quote(output[output.index("PLAY RECAP") :])

    def verdict(self) -> None:
        """The last word, which can be had at any time."""
        title("5. The verdict, now and on the night of the cut-over: the playbook that only looks")
        output = self.play("verify", first=False)
        for host in self.lab.bastions:
            self.check(f"{host} is ready to mirror to {self.lab.registry}" in output, f"{host} to be ready", output)
        quote(output)

    def sum_up(self) -> None:
        """The end."""
        title("Done")
        tell(f"""
            {len(self.lab.bastions)} bastions, none of which could push to the mirror registry, are mirror hosts now:
            each trusts its CA, and {AUTH_FILE} is ready for oc-mirror, oc adm and skopeo.
            With these lines the lab ends: hosts, keys and networks are gone. For the next time, the hosts' file
            systems stay in {roots.cache()}
            (`python3 tests/e2e/lab clean` removes them) and Ansible where it was installed.
        """)

    def install(self) -> None:
        """Build this checkout's tarball and install it, as a user would from Galaxy."""
        galaxy = [str(self.ansible / "ansible-galaxy"), "collection"]
        self.local([*galaxy, "build", "--output-path", str(WORK), str(COLLECTION)])
        [tarball] = WORK.glob("airgap-openshift-*.tar.gz")
        command(f"ansible-galaxy collection install {tarball.name}")
        self.local([*galaxy, "install", "--collections-path", str(WORK / "collections"), str(tarball)])
        print()

    def play(self, playbook: str = "prepare", *, first: bool) -> str:
        """Run a playbook; the recap must say that every host changed (`first`), or that none did."""
        words = [f"airgap.openshift.{playbook}", "-i", str(self.lab.inventory), "-e", "@vars.yml"]
        command(shlex.join(["ansible-playbook", *words]))
        begin = time.monotonic()
        output = self.local([str(self.ansible / "ansible-playbook"), *words])
        recap = {host: tuple(map(int, counts)) for host, *counts in RECAP.findall(output)}
        good = all((changed > 0) == first and not failed + lost for changed, lost, failed in recap.values())
        expected = f"{'changes' if first else 'changed=0'} on every host, and no failure"
        self.check(good and recap.keys() == self.lab.bastions.keys(), expected, output)
        return f"{output.strip()}\n\n({time.monotonic() - begin:.1f} s)"

    def local(self, words: Sequence[str]) -> str:
        """Run a program of Ansible's on the controller; its output, if it succeeds."""
        environment = {**self.lab.environment(), "ANSIBLE_COLLECTIONS_PATH": str(WORK / "collections")}
        done = subprocess.run(
            words, env=environment, cwd=WORK, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        self.check(done.returncode == 0, f"{shlex.join(words)} to succeed", done.stdout)
        return done.stdout

    def copy(self, host: str) -> str:
        """The command that pushes the image."""
        return f"skopeo copy oci:hello docker://{self.lab.registry}/ocp4/hello:{host.partition('.')[0]}"

    def fails(self, why: str, host: str, line: str, refusal: str) -> None:
        """A command on a bastion that must be refused in these words."""
        print(f"{why}:")
        self.remote(host, line, refusal, succeeds=False)

    def works(self, host: str, line: str, sign: str) -> None:
        """A command on a bastion that must succeed and print this."""
        self.remote(host, line, sign, succeeds=True)

    def remote(self, host: str, line: str, sign: str, *, succeeds: bool) -> None:
        """Run a command on a bastion over SSH, as the plain user `admin`, and show what matters of its output."""
        command(line.replace(self.lab.password, "***"), prompt=f"admin@{host.partition('.')[0]}$")
        done: Completed = self.lab.ssh(host, line, user="admin")
        good = (done.rc == 0) == succeeds and sign in done.stdout + done.stderr
        expected = f"it to {'succeed' if succeeds else 'fail'} with {sign!r}"
        self.check(good, expected, f"exit code {done.rc}\n{done.stdout}{done.stderr}")
        print(f"    {'OK' if succeeds else 'refused'}: {sign}\n")

    def check(self, good: bool, expected: str, output: str) -> None:
        """Raise SurpriseError unless good."""
        if not good:
            raise SurpriseError(f"This was not expected. Expected: {expected}. Instead:\n\n{output}")


def title(text: str) -> None:
    """A heading."""
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def tell(text: str) -> None:
    """A paragraph."""
    print(f"{textwrap.dedent(text).strip()}\n", flush=True)


def command(line: str, prompt: str = "$") -> None:
    """A command, before it runs; continued below where it is too long for the screen."""
    lines = textwrap.wrap(f"{prompt} {line}", WIDTH - 8, break_long_words=False, break_on_hyphens=False)
    print("  " + " \\\n      ".join(lines), flush=True)


def quote(text: str) -> None:
    """Somebody else's output, in the margins of the screen."""
    lines = (f"    {line}".rstrip() for line in text.strip().splitlines())
    print("\n".join(line if len(line) <= WIDTH else f"{line[: WIDTH - 4]} ..." for line in lines) + "\n", flush=True)


def main() -> int:
    """Returns the exit code."""
    WORK.mkdir()
    try:
        Demo(Lab(), pathlib.Path(sys.argv[1])).run()
    except SurpriseError as surprise:
        print(surprise, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
