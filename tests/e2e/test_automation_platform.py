# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role as an automation platform runs it: answers that are texts, by ansible-runner, with ansible-core alone.

Real are ansible-runner, ansible-builder and the files of the guide. The platform itself is doubled by `answers` and
`extra_vars`, which hold what it does with a survey and a credential.
"""

from __future__ import annotations

import base64
import importlib.metadata
import json
import os
import pathlib
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import jinja2
import pytest
import yaml
from conftest import Bastion
from examples import ROOT, blocks
from lab.access import Lab
from packaging.requirements import Requirement
from trust import anchors

from playbooks import Playbooks, PlayResult

PREPARE, RESET = "airgap.openshift.prepare", "airgap.openshift.reset"
SAID = "ansible.builtin.debug"
AUTH_FILE = ".mirrorsecretconfigjson"
GUIDE = [block for block in blocks() if block.page.endswith("guide_automation_platform.rst")]
COMMANDS = [command.line for block in GUIDE if block.kind == "console" for command in block.commands]
TEXTS = {"text", "textarea", "password"}


@pytest.fixture
def one(lab: Lab) -> Bastion:
    """Any bastion, in its first state."""
    name, kind = next(iter(lab.bastions.items()))
    lab.reset(name)
    return Bastion(lab, name, kind)


@pytest.fixture
def texts(lab: Lab) -> dict[str, str]:
    """One registry, in variables that are texts, and a certificate as it comes out of a form in a browser."""
    return {
        "mirror_host_ca_certificate": lab.ca.read_text().replace("\n", "\r\n"),
        "mirror_host_registry": lab.registry,
        "mirror_host_registry_namespace": "ocp4",
        "mirror_host_registry_username": lab.username,
        "mirror_host_registry_password": lab.password,
    }


def headline(done: PlayResult) -> str:
    """The first line of the verdict."""
    return str(done.of(SAID).values["msg"][0])


def auths(bastion: Bastion) -> dict[str, Any]:
    """What the auth file of the user holds."""
    found: dict[str, Any] = json.loads(bastion.ssh(f"cat ~/{AUTH_FILE}", user="admin").stdout)["auths"]
    return found


def test_texts_beside_lists(one: Bastion, playbooks: Playbooks, texts: dict[str, str]) -> None:
    """They are added up; reset needs no password. The repository to check is an answer that was not given."""
    lab, limit = one.lab, ["--limit", one.name]
    other = {"registry": lab.quay, "namespace": "ocp4"}
    login = {"username": lab.username, "password": lab.password}
    lists = {"mirror_host_ca_certificates": [{"name": "cluster", "src": str(lab.cluster_ca)}]}
    full = {**texts, **lists, "mirror_host_registries": [{**other, **login}], "mirror_host_verify_repository": ""}
    done = playbooks.run(PREPARE, *limit, variables=full)
    ready = f"{one.name} is ready to mirror to {lab.registry}, {lab.quay}"
    assert (done.rc, done.changed, headline(done)) == (0, 2, ready), done.output
    assert str(done.of(SAID).values["msg"]).count("ocp4/openshift/release-images") == 4
    assert sorted(anchors(one)) == ["cluster.crt", f"mirror-host-ca-{lab.registry.replace(':', '-')}.crt"]
    assert set(auths(one)) == {*lab.pull_secret["auths"], f"{lab.registry}/ocp4", f"{lab.quay}/ocp4"}

    known = {name: text for name, text in texts.items() if not name.endswith(("username", "password"))}
    done = playbooks.run(RESET, *limit, variables={**known, **lists, "mirror_host_registries": [other]})
    assert (done.rc, done.changed) == (0, 2), done.output
    assert anchors(one) == {}
    assert one.ssh(f"ls ~/{AUTH_FILE}", user="admin").rc == 2


def test_two_credentials_in_turn(one: Bastion, playbooks: Playbooks, texts: dict[str, str]) -> None:
    """Two jobs, each with the credential of one registry and its CA: neither takes anything from the other."""
    lab, limit = one.lab, ["--limit", one.name]
    other = {"mirror_host_registry": lab.quay, "mirror_host_ca_certificate": lab.cluster_ca.read_text()}
    assert playbooks.run(PREPARE, *limit, variables=texts).rc == 0
    playbooks.run(PREPARE, *limit, variables={**texts, **other, "mirror_host_verify": "false"})
    assert len(anchors(one)) == 2
    assert {f"{lab.registry}/ocp4", f"{lab.quay}/ocp4"} <= auths(one).keys()
    again = playbooks.run(PREPARE, *limit, variables=texts)
    assert (again.rc, again.changed) == (0, 0), again.output


def test_answers_that_were_not_given(one: Bastion, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    """Every text may be empty; no text is a template, as a platform says of all of them."""
    specs = yaml.safe_load((ROOT / "roles/mirror_host/meta/argument_specs.yml").read_text())["argument_specs"]
    options = specs["main"]["options"]
    empty = {name: "" for name, spec in options.items() if spec["type"] in ("str", "raw") and "choices" not in spec}
    password = '["{{ 6 * 7 }}", 1]'
    given = {"mirror_host_registry": "r.example.com", "mirror_host_registry_username": "me"}
    answered = tmp_path / "answers.yml"
    answered.write_text(extra_vars({**given, "mirror_host_registry_password": password}))
    assert "mirror_host_kubeconfig" in empty
    variables = {**empty, "mirror_host_pattern": "", "mirror_host_verify": "false"}
    done = playbooks.run(PREPARE, "--limit", one.name, "-e", f"@{answered}", variables=variables)
    assert (done.rc, done.changed) == (0, 1), done.output
    assert auths(one)["r.example.com"] == {"auth": base64.b64encode(f"me:{password}".encode()).decode()}
    assert one.ssh(f"stat -c '%a %U' ~/{AUTH_FILE}", user="admin").stdout == "600 admin\n"


def test_no_registry_for_its_password(one: Bastion, playbooks: Playbooks, texts: dict[str, str]) -> None:
    """Said before anything is changed."""
    done = playbooks.run(PREPARE, "--limit", one.name, variables={**texts, "mirror_host_registry": ""})
    assert (done.rc, done.changed) == (2, 0), done.output
    said = " ".join(" ".join(done.of(SAID).values["msg"]).split())
    assert "mirror_host_registry is not set, but its namespace, user name or password is; set it to host" in said
    assert done.of("airgap.openshift.ca_trust").status == "failed"
    assert one.lab.password not in done.output


def test_jobs_by_the_guide(one: Bastion, tmp_path: pathlib.Path) -> None:
    """All files of the guide, in a folder of ansible-runner; nothing secret is in what a job leaves behind."""
    lab, private, project = one.lab, tmp_path / "private", tmp_path / "private" / "project"
    for block in GUIDE:
        if block.file:
            write(project / block.file, block.text)
    write(private / "inventory" / "hosts.json", lab.inventory.read_text())
    credential = {
        "registry": lab.registry, "username": lab.username, "password": lab.password,
        "ca_certificate": lab.ca.read_text(),
    }  # fmt: skip
    write(private / "env" / "extravars", extra_vars({**answers(), **injected(project, credential)}))
    write(private / "env" / "cmdline", f"-vvv --limit {one.name}")
    _create, install, run = COMMANDS
    path = environment(tmp_path / "environment", "ansible-core", "ansible-runner")
    build(project, path)
    execute(install, private, path, lab)
    results = {
        name: execute(run.replace("prepare", name), private, path, lab) for name in ("prepare", "verify", "reset")
    }

    secret = [lab.password, base64.b64encode(f"{lab.username}:{lab.password}".encode()).decode()]
    secret += [entry["auth"] for entry in lab.pull_secret["auths"].values()]
    left = [file for file in (private / "artifacts").rglob("*") if file.is_file()]
    for text in (*results.values(), *(file.read_text() for file in left)):
        assert [each for each in secret if each in text] == []
    verdicts = [(event["event"], event["event_data"]["res"]["msg"][0]) for event in events(left) if is_verdict(event)]
    ready, back = f"{one.name} is ready to mirror to {lab.registry}", f"{one.name}: what was prepared is taken back"
    assert sorted(verdicts) == sorted(("runner_on_ok", line) for line in (ready, ready, back))


def test_the_execution_environment(tmp_path: pathlib.Path) -> None:
    """The definition of the guide is one, and the collection asks for nothing beside ansible-core."""
    program = str(pathlib.Path(sys.executable).with_name("ansible-builder"))
    for block in GUIDE:
        if block.file:
            write(tmp_path / block.file, block.text)
    [collection] = yaml.safe_load((tmp_path / "collections/requirements.yml").read_text())["collections"]
    (tmp_path / collection["name"]).touch()
    create, _install, _run = COMMANDS
    name, *words = create.split()
    assert name == "ansible-builder"
    made = subprocess.run([program, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    assert {path.name for path in (tmp_path / "context/_build").iterdir()} >= {"requirements.yml", collection["name"]}
    namespace = tmp_path / "ansible_collections" / "airgap"
    namespace.mkdir(parents=True)
    (namespace / "openshift").symlink_to(ROOT)
    asked = subprocess.run([program, "introspect", str(tmp_path)], capture_output=True, text=True, check=False)
    assert yaml.safe_load(asked.stdout) == {"python": [], "system": []}, asked.stdout + asked.stderr


def answers() -> dict[str, Any]:
    """Of somebody who changes nothing in the survey; each is one that the platform accepts."""
    [block] = (block for block in GUIDE if block.kind == "json")
    found = {}
    for question in json.loads(block.text)["spec"]:
        answer, kind = question["default"], question["type"]
        accepted = {
            "integer": isinstance(answer, int) and question.get("min", answer) <= answer <= question.get("max", answer),
            "multiplechoice": answer in question.get("choices", ()),
            **dict.fromkeys(TEXTS, isinstance(answer, str)),
        }
        assert accepted[kind], question
        found[question["variable"]] = answer
    return found


def injected(project: pathlib.Path, credential: dict[str, str]) -> dict[str, str]:
    """The variables of a credential of the guide's type."""
    fields, injectors = (yaml.safe_load((project / name).read_text()) for name in ("input.yml", "injectors.yml"))
    assert {field["id"] for field in fields["fields"]} == set(credential) >= set(fields["required"])
    templates = injectors["extra_vars"].items()
    return {name: jinja2.Template(text, keep_trailing_newline=True).render(credential) for name, text in templates}


def extra_vars(values: dict[str, Any]) -> str:
    """Variables in YAML as platforms hand them over: no text is a template."""
    lines = (f"{name}: {'!unsafe ' * isinstance(value, str)}{json.dumps(value)}\n" for name, value in values.items())
    return "".join(lines)


def write(path: pathlib.Path, text: str) -> None:
    """A file, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def environment(folder: pathlib.Path, *names: str) -> pathlib.Path:
    """The programs of a virtual environment that has only these distributions and what they need.

    They are links to those of the Python that runs this, since a lab has no network.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    [site] = folder.glob("lib/python*/site-packages")
    programs = folder / "bin"
    for distribution in needed(names):
        for name in {file.parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
            (site / name).symlink_to(str(distribution.locate_file(name)))
        for entry in distribution.entry_points:
            if entry.group == "console_scripts":
                module, _colon, function = entry.value.partition(":")
                script = f"#!{programs}/python\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n"
                write(programs / entry.name, script)
                (programs / entry.name).chmod(0o755)
    return programs


def needed(names: Sequence[str]) -> Iterator[importlib.metadata.Distribution]:
    """Distributions with all that they require, each once."""
    seen, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        distribution = importlib.metadata.distribution(name)
        if distribution.metadata["Name"] in seen:
            continue
        seen.add(distribution.metadata["Name"])
        required = map(Requirement, distribution.requires or ())
        waiting += [each.name for each in required if not each.marker or each.marker.evaluate({"extra": ""})]
        yield distribution


def build(project: pathlib.Path, path: pathlib.Path) -> None:
    """The tarball that the guide has in its project."""
    [collection] = yaml.safe_load((project / "collections/requirements.yml").read_text())["collections"]
    made = ["collection", "build", "--output-path", str(project), str(ROOT)]
    subprocess.run([str(path / "ansible-galaxy"), *made], check=True, capture_output=True)
    [tarball] = project.glob("*.tar.gz")
    shutil.move(tarball, project / collection["name"])


def execute(command: str, folder: pathlib.Path, path: pathlib.Path, lab: Lab) -> str:
    """A command of the guide, with nothing in its PATH but the environment and the system; what it printed."""
    kept = {name: value for name, value in lab.environment().items() if name.startswith("ANSIBLE_")}
    system = {name: os.environ[name] for name in ("HOME", "TMPDIR")}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env={**kept, **system, "PATH": f"{path}:/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


def events(files: Sequence[pathlib.Path]) -> list[dict[str, Any]]:
    """Of all jobs, as the platform reads them."""
    return [json.loads(file.read_text()) for file in files if file.parent.name == "job_events"]


def is_verdict(event: dict[str, Any]) -> bool:
    """Whether it is the end of the role's last task."""
    data = event.get("event_data", {})
    return data.get("task_action") in (SAID, "debug") and "res" in data
