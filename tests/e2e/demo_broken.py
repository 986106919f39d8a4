# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registries that are broken in as many ways, and what skopeo and the product say of each; runs inside the lab.

It needs a Python with cryptography, which makes the certificates: that of Ansible. What is not as expected ends it.
"""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import textwrap
from typing import Any

from demo_steps import WIDTH, WORK, SurpriseError, command, tell, title
from lab.access import Lab
from registries import Registries, Said, groups, question, results
from registry_scenarios import SCENARIOS, Scenario

from playbooks import Playbooks, PlayResult

COLLECTION = pathlib.Path(__file__).resolve().parent.parent.parent
SHOWN = (
    *("dns-failure", "connection-refused", "proxy-denied", "plain-http", "unknown-issuer", "other-ca-of-the-name"),
    *("incomplete-chain", "wrong-host-name", "expired", "near-miss", "rejected-credentials", "no-push-permission"),
    *("robot", "read-only"),
)
KIND = "rhel9"


class Broken:
    """Broken set-ups on one bastion of a lab."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        [self.host] = [name for name, image in lab.bastions.items() if image == KIND]
        named = {scenario.name: scenario for scenario in SCENARIOS}
        self.scenarios = [named[name] for name in SHOWN]
        self.playbooks = Playbooks(lab, WORK, self.installed())

    def run(self) -> None:
        """All of it."""
        title(f"airgap.openshift: {len(self.scenarios)} ways in which a registry can be out of reach")
        tell("""
            All of them are real on one bastion: registries, a proxy, certificates, auth files. Each is asked for an
            image by skopeo, and looked at by airgap.openshift.mirror_registry_info.
        """)
        registries = Registries(self.lab, self.host, self.scenarios)
        trust = {"airgap.openshift.ca_trust": {"name": "registries", "content": registries.trusted}, "become": True}
        self.play([trust])
        said, found = registries.skopeo(self.scenarios), self.found(registries)
        for number, scenario in enumerate(self.scenarios, start=1):
            self.show(number, scenario, said[scenario.name], found[scenario.name])
        title("Done")
        tell("`make test` holds every cause in the table of findings to such a set-up, and to skopeo.")

    def installed(self) -> pathlib.Path:
        """This checkout's tarball, installed as a user would from Galaxy."""
        folder = WORK / "collections"
        galaxy = [str(pathlib.Path(sys.executable).parent / "ansible-galaxy"), "collection"]
        self.local([*galaxy, "build", "--output-path", str(WORK), str(COLLECTION)])
        [tarball] = WORK.glob("airgap-openshift-*.tar.gz")
        self.local([*galaxy, "install", "--collections-path", str(folder), str(tarball)])
        return folder

    def local(self, words: list[str]) -> None:
        """Run a program of Ansible's, which has to succeed."""
        done = subprocess.run(words, env=self.lab.environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise SurpriseError(f"{words[0]} failed:\n{done.stdout}{done.stderr}")

    def play(self, tasks: list[dict[str, Any]]) -> PlayResult:
        """Run tasks on the bastion, which have to succeed."""
        done = self.playbooks.play(self.host, tasks)
        if done.rc:
            raise SurpriseError(f"ansible-playbook failed:\n{done.output}")
        return done

    def found(self, registries: Registries) -> dict[str, dict[str, Any]]:
        """What the module finds, by the name of the scenario."""
        calls = groups(self.scenarios)
        return results(calls, self.play(registries.tasks(calls)))

    def show(self, number: int, scenario: Scenario, said: Said, values: dict[str, Any]) -> None:
        """One set-up: what is broken, what skopeo says, what the product says."""
        codes = [finding["code"] for finding in values["findings"]]
        if said.rc == 0 or values["ok"] or codes != list(scenario.codes):
            raise SurpriseError(f"This was not expected of {scenario.name}:\n{said}\n{values}")
        title(f"{number}. {scenario.broken}")
        command(question(scenario))
        say("skopeo", last_words(said.words))
        for finding in values["findings"]:
            say("the product", f"{finding['message']} ({finding['code']})")
            say("to do", finding["remedy"])


def last_words(words: str) -> str:
    """How the line ends that skopeo ends with, after what it says of every image that it cannot get or put."""
    [line] = re.findall(r'level=fatal msg="(.*)"$', words.strip(), re.MULTILINE)
    unquoted = re.sub(r"\\(.)", r"\1", line)
    return re.split(r'(?:Get "https://[^"]*"|reading manifest \S+ in \S+|in \S+:[0-9]+): ', unquoted)[-1]


def say(who: str, text: str) -> None:
    """What somebody says, in the margins of the screen."""
    first = f"    {who + ':':14}"
    print(textwrap.fill(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first), break_on_hyphens=False))


def main() -> int:
    """Returns the exit code."""
    WORK.mkdir()
    try:
        Broken(Lab()).run()
    except SurpriseError as surprise:
        print(surprise, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
