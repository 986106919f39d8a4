# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is run with secrets: all that succeeds, and every kind of failure, in plays that go on after each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from lab.access import Lab
from leak_world import OTHER, PLACE, PORTS, USER, World

MERGE, TRUST, INFO = (f"airgap.openshift.{name}" for name in ("pull_secret_merge", "ca_trust", "mirror_registry_info"))
ROLE = "airgap.openshift.mirror_host"
WELL = ""
ANYHOW = "(any message)"
DEST = f"{PLACE}/auth.json"
AS_ROOT = {"become": True}


class Try(NamedTuple):
    """A task, or the role, and what it is to say when it fails, perhaps `ANYHOW`; with `WELL` it succeeds."""

    name: str
    task: dict[str, Any]
    says: str = WELL


Plays = dict[str, list[Try]]


def merge(title: str, says: str = WELL, *, others: dict[str, Any] | None = None, **options: Any) -> Try:
    """A call of pull_secret_merge, into a file that holds something."""
    return Try(title, {MERGE: {"dest": DEST, **options}, **(others or {})}, says)


def content(title: str, says: str, /, **options: Any) -> Try:
    """A pull secret that cannot be used, as text."""
    text = "{{ pull_secret_" + title.partition(",")[0] + " }}"
    return merge(f"content: {title}", says, content=text, **options)


def entry(registry: str, password: str = "{{ password }}", **options: Any) -> dict[str, Any]:
    """An entry of `registries`."""
    return {"registry": registry, "username": USER, "password": password, **options}


def merging(title: str, says: str, registries: Any, /, **options: Any) -> Try:
    """Credentials that are merged, or cannot be."""
    return merge(f"registries: {title}", says, sources=[], registries=registries, **options)


def trusting(title: str, says: str, /, **options: Any) -> Try:
    """A call of ca_trust."""
    return Try(f"certificates: {title}", {TRUST: options, **AS_ROOT}, says)


def role(title: str, says: str, tasks_from: str = "main", /, **variables: Any) -> Try:
    """The role, or a part of it."""
    given = {"mirror_host_auth_file": DEST, **variables}
    task = {"ansible.builtin.import_role": {"name": ROLE, "tasks_from": tasks_from}, "vars": given}
    return Try(f"role: {title}", task, says)


def wanted(lab: Lab) -> dict[str, Any]:
    """Variables of the role with which it prepares a bastion of the lab."""
    quay = {"registry": lab.quay, "username": lab.username, "password": "{{ lab_password }}"}
    return {
        "mirror_host_auth_file": DEST,
        "mirror_host_ca_certificates": [{"name": "mirror-registry", "src": str(lab.ca)}],
        "mirror_host_registries": [
            entry(lab.registry, namespace="ocp4"), quay, {"registry": OTHER, "auth": "{{ auth }}"},
        ],
        "mirror_host_verify_registries": [{"registry": lab.registry, "namespace": "ocp4"}, {"registry": lab.quay}],
    }  # fmt: skip


def succeeding(world: World) -> Iterator[Try]:
    """All that goes well."""
    lab = world.lab
    yield role("main", WELL, **wanted(lab))
    yield merge("backup and track", backup=True, track=True, content="{{ pull_secret }}", registries=[
        entry(lab.registry, "{{ vaulted | default(password) }}", namespace="ocp4", email="me@example.com"),
        {"registry": OTHER, "auth": "{{ auth }}"},
    ])  # fmt: skip
    yield merge("again, with others", backup=True, track=True, content="{{ pull_secret }}", registries=[
        entry(lab.registry, "{{ wrong_password }}", namespace="ocp4"), {"registry": OTHER, "state": "absent"},
    ])  # fmt: skip
    yield merge("taken back", state="absent", backup=True, registries=[entry(lab.registry)])
    yield merge("several sources", sources=[
        {"content": "{{ pull_secret }}"}, {"src": f"{world.folder}/pull-secret.json"},
        {"src": f"{PLACE}/pull-secret.json", "remote_src": True}, {"secret": "pull-secret"},
    ])  # fmt: skip
    yield merge("as root", dest="/root/leaks-auth.json", others=AS_ROOT, owner="admin")
    yield role("taken back", WELL, mirror_host_state="absent", **{**wanted(lab), "mirror_host_verify": False})


def of_contents(_world: World) -> Iterator[Try]:
    """Pull secrets that are given as text, and are none."""
    yield content("cut", "Cannot merge into")
    yield content("unquoted", "Cannot merge into")
    yield content("unclosed", "Cannot merge into")
    yield content("followed", "Cannot merge into")
    yield content("doubled", "Cannot merge into")
    yield content("encoded", "Cannot merge into")
    yield content("manifest", "Cannot merge into")
    yield content("bare", "Cannot merge into")
    yield content("listed", "Cannot merge into")
    for name in ("no_base64", "no_colon", "no_object", "no_text"):
        for how, says in (("fail", "Cannot merge into"), ("drop", WELL), ("keep", WELL)):
            yield content(f"entry_{name}, {how}", says, invalid_entries=how)
    for name in ("newline", "fields", "identity", "name"):
        yield content(f"entry_{name}", "Cannot merge into" if name in ("fields", "name") else WELL)


def of_files(world: World) -> Iterator[Try]:
    """Pull secrets in files that cannot be used, and files that cannot be written."""
    for name in ("cut", "unquoted", "encoded", "manifest", "entry_no_base64"):
        yield merge(f"src: {name}", "Cannot ", src=f"{world.folder}/{name}.json")
    yield merge("src: a private key", "Cannot use", src=f"{world.folder}/key.pem")
    yield merge("src: the text itself", "Cannot use", src="{{ pull_secret }}")
    yield merge("src: a token", "Cannot use", src="{{ pull_secret_cut }}")
    for name in ("cut.json", "invalid.json", "key.pem", "key.der"):
        yield merge(f"remote_src: {name}", "Cannot merge into", src=f"{PLACE}/{name}", remote_src=True)
    yield merge("remote_src: not there", "cannot be read", src=f"{PLACE}/nothing", remote_src=True)
    yield merge("dest: broken", "broken-auth.json", dest=f"{PLACE}/broken-auth.json", content="{{ pull_secret }}")
    yield merge("dest: unreadable", "cannot be read", dest=f"{PLACE}/unreadable-auth.json", content="{{ pull_secret }}")
    yield merge("dest: no folder", "does not exist", dest=f"{PLACE}/none/auth.json", content="{{ pull_secret }}")
    yield merge("dest: a folder", "is not a file", dest=PLACE, content="{{ pull_secret }}")
    yield merge("dest: not to be written", "not writable", dest="/etc/auth.json", content="{{ pull_secret }}")
    yield merge("owner: nobody knows", "failed to look up user", content="{{ pull_secret }}", owner="nope")
    yield merge("mode: none", "mode", content="{{ pull_secret }}", mode="secret")


def of_kinds(good: dict[str, Any]) -> Iterator[Try]:
    """Credentials of another kind than a list of entries with texts."""
    yield merging("list in list", "is a list itself", [[good]])
    yield merging("text", "it is no list", "registry=a password={{ password }}")
    yield merging("texts", "does not consist", ["{{ password }}", "a password={{ password }}"])
    yield merging("a dictionary", "it is no list", good)
    yield merging("password: a list", "Cannot use", [{**good, "password": ["{{ password }}"]}])
    yield merging("password: a dictionary", "Cannot use", [{**good, "password": {"is": "{{ password }}"}}])
    yield merging("unknown word", "nsupported", [{**good, "pass_word": "{{ password }}"}])
    yield merging("unknown options", "nsupported", [good], pass_word="{{ password }}")


def of_types(world: World) -> Iterator[Try]:
    """Credentials and sources that are written in a wrong way."""
    name = world.lab.registry
    good = entry(name, namespace="ocp4")
    yield from of_kinds(good)
    yield merging("conflict, fail", "credentials", [good], on_conflict="fail")
    yield merging("conflict, keep", WELL, [good], on_conflict="keep")
    yield merging("both", "mutually exclusive", [{**good, "auth": "{{ auth }}"}])
    yield merging("no user name", ANYHOW, [{"registry": name, "password": "{{ password }}"}])
    yield merging("no registry", "registry", [{"username": USER, "password": "{{ password }}"}])
    yield merging("auth: no base64", "Cannot merge", [{"registry": name, "auth": "{{ password }}"}])
    yield merging("auth: text", "Cannot merge", [{"registry": name, "auth": USER + ":{{ password }}"}])
    yield merging("user name with a colon", "Cannot merge", [{**good, "username": "me:{{ password }}"}])
    yield merging("password in a name", "holds '@'", [entry("me:{{ password_in_a_name }}@mirror:5000")])
    yield merging("password in a URL", "holds '@'", [entry("https://me:{{ password_in_a_name }}@mirror/v2/")])
    yield merging("undefined", "undefined", [{**good, "namespace": "{{ nope }}"}])
    yield merging("undefined in a text", "undefined", [{**good, "password": "{{ password }}{{ nope }}"}])
    yield from of_source_kinds()


def of_source_kinds() -> Iterator[Try]:
    """Sources of another kind than a list of entries."""
    yield merge("sources: text", "Cannot use sources", sources="{{ pull_secret }}")
    yield merge("sources: texts", "Cannot use sources", sources=["{{ pull_secret_cut }}"])
    yield merge("sources: list in list", "Cannot use sources", sources=[[{"content": "{{ pull_secret }}"}]])
    yield merge("content: a list", "Cannot ", content=["{{ pull_secret_cut }}"])
    yield merge("content and src", ANYHOW, content="{{ pull_secret }}", src="{{ pull_secret }}")


def of_clusters(_world: World) -> Iterator[Try]:
    """Clusters that do not answer as they must, and clients that say too much."""
    for name in ("unauthorized", "strange", "dies", "cut", "both"):
        yield merge(f"oc {name}", "Cannot merge into", oc=f"{PLACE}/oc-{name}")
    yield merge("no oc", "was not found", oc="/nowhere/oc")
    yield merge("oc without end", "did not end", oc=f"{PLACE}/oc-hangs", timeout=1)
    for name in ("cut", "yaml", "wrong", "none"):
        yield merge(f"kubeconfig {name}", "Cannot merge into", kubeconfig=f"{PLACE}/kubeconfig-{name}")
    for name in ("nobody", "stranger", "down", "none"):
        yield merge(f"context {name}", "Cannot merge into", context=name)
    yield merge("no secret", "has no secret", secret="nope")
    yield merge("wrong type", "namespace", namespace="kube-nope")
    yield merge("in two clusters", "Cannot merge into", sources=[{"secret": "pull-secret"}, {"context": "stranger"}])


def of_certificates(world: World) -> Iterator[Try]:
    """Private keys where certificates belong."""
    here, key = str(world.folder), "private key"
    yield trusting("src", key, src=f"{here}/key.pem", name="a")
    yield trusting("src, a bundle", key, src=f"{here}/bundle.pem", name="a")
    yield trusting("src, DER", "Cannot use", src=f"{here}/key.der", name="a")
    yield trusting("content", key, content="{{ key }}", name="a")
    yield trusting("content, a bundle", key, content="{{ bundle }}", name="a")
    yield trusting("content, cut", "Cannot use", content="{{ key[10:] }}", name="a")
    yield trusting("a list", key, certificates=[{"name": "a", "content": "{{ bundle }}"}])
    yield trusting("list in list", "is a list itself", certificates=[[{"name": "a", "content": "{{ bundle }}"}]])
    yield trusting("texts", "does not consist", certificates=["{{ key }}"])
    yield trusting("text", "it is no list", certificates="{{ bundle }}")
    yield trusting("a key as src", "Cannot use", src="{{ key }}", name="a")
    yield trusting("a key as name", "Cannot use", src=f"{here}/key.der", name="{{ key }}")
    yield trusting("a key as fingerprint", "Cannot use", content="{{ key }}", name="a", fingerprints=["{{ key }}"])
    for name in ("key.pem", "bundle.pem", "key.der"):
        says = key if name.endswith("pem") else "Cannot use"
        yield trusting(f"remote_src, {name}", says, src=f"{PLACE}/{name}", remote_src=True, name="a")
    yield trusting("absent", ANYHOW, content="{{ bundle }}", name="a", state="absent")
    yield role("key", key, mirror_host_registry="a.lab.test", mirror_host_ca_certificate="{{ key }}")
    yield role("key in a list", key, "trust", mirror_host_ca_certificates=[{"name": "a", "content": "{{ bundle }}"}])


def of_registries(world: World) -> Iterator[Try]:
    """Registries that refuse, repeat and redirect, and auth files that cannot be used for them."""
    name = world.lab.registry.partition(":")[0]
    addresses = {kind: f"{name}:{port}" for kind, port in PORTS.items()}
    names = [world.lab.registry, *addresses.values()]
    yield trusting("the lab's", WELL, src=str(world.lab.ca), name="mirror-registry")
    yield merging("for all of them", WELL, [entry(each) for each in names])
    for kind, address in addresses.items():
        asked = {"auth_file": DEST, "registries": [{"registry": address}], "repository": "ocp4/hello", "push": True}
        yield Try(f"registry: {kind}", {INFO: asked})
    wrong = [entry(world.lab.registry, "{{ wrong_password }}")]
    yield merging("wrong password", WELL, wrong)
    yield Try("registry: wrong password", {INFO: {"auth_file": DEST, "registries": wrong}})
    yield role("wrong password", "login", "verify", mirror_host_registries=wrong)
    for file in ("broken-auth.json", "cut.json", "invalid.json", "unreadable-auth.json", "key.pem", "none.json"):
        asked = {"auth_file": f"{PLACE}/{file}", "registries": [{"registry": world.lab.registry}]}
        yield Try(f"auth file: {file}", {INFO: asked})
    bundles = [{"name": "a", "content": "{{ bundle }}"}, {"name": "b", "src": f"{world.folder}/key.der"}]
    yield trusting("of the lab, no longer", WELL, src=str(world.lab.ca), name="mirror-registry", state="absent")
    refused = {"auth_file": DEST, "registries": wrong, "ca_certificates": bundles}
    yield Try("registry: not trusted", {INFO: refused})
    yield from of_registry_options([[wrong]])


def of_registry_options(nested: list[list[Any]]) -> Iterator[Try]:
    """What the check is given in a wrong way."""
    yield Try("registry: list in list", {INFO: {"registries": nested}}, "Cannot use registries")
    yield Try("registry: text", {INFO: {"registries": "registry=a password={{ password }}"}}, "Cannot use registries")
    named = {"registry": "me:{{ password_in_a_name }}@mirror"}
    yield Try("registry: password in a name", {INFO: named}, "holds '@'")


def of_roles(world: World) -> Iterator[Try]:
    """What the role is given in a wrong way."""
    lab = world.lab
    single = {
        "mirror_host_registry": lab.registry, "mirror_host_registry_username": USER,
        "mirror_host_registry_password": "{{ password }}", "mirror_host_verify": False,
    }  # fmt: skip
    good = {**single, "mirror_host_pull_secret_content": "{{ pull_secret }}"}
    cut = {**single, "mirror_host_pull_secret_content": "{{ pull_secret_cut }}"}
    yield role("auth_file", WELL, "auth_file", **good)
    for part in ("main", "auth_file"):
        yield role(f"cut, {part}", "Cannot merge into", part, **cut)
        bad = {**good, "mirror_host_registry": "me:{{ password_in_a_name }}@mirror:5000"}
        yield role(f"password in a name, {part}", "holds '@'", part, **bad)
        yield role(f"conflict, {part}", "Cannot merge into", part, mirror_host_on_conflict="fail", **{
            **good, "mirror_host_registry_namespace": "ocp4", "mirror_host_registry_password": "{{ wrong_password }}",
        })  # fmt: skip
        for name, value in (("text", "a={{ password }}"), ("list in list", [[entry(lab.registry)]])):
            yield role(f"{name}, {part}", ANYHOW, part, mirror_host_registries=value)
        undefined = [entry(lab.registry), entry(OTHER, namespace="{{ nope }}")]
        yield role(f"undefined, {part}", "undefined", part, mirror_host_registries=undefined)
        yield role(f"no registry, {part}", "is not set", part, **{**good, "mirror_host_registry": ""})
    yield role("verify, text", ANYHOW, "verify", mirror_host_registries="a={{ password }}")


def of_vaults(world: World) -> Iterator[Try]:
    """Vaults with the right password, with another one or with none."""
    here = world.folder
    yield merge("vaulted file", src=f"{here}/vaulted.json")
    yield merging("vaulted password", WELL, [entry(world.lab.registry, "{{ vaulted }}", namespace="ocp4")])
    yield trusting("vaulted key", "private key", src=f"{here}/vaulted-key.pem", name="a")
    yield merge("vaulted and cut", "Cannot use", src=f"{here}/vaulted-cut.json")
    yield role("vaulted", WELL, "auth_file", mirror_host_pull_secret_src=f"{here}/vaulted.json",
               mirror_host_registries=[entry(world.lab.registry, "{{ vaulted }}")])  # fmt: skip


def of_locked_vaults(world: World) -> Iterator[Try]:
    """The same without their password."""
    for each in of_vaults(world):
        yield each._replace(says=ANYHOW)


def shown(_world: World) -> Iterator[Try]:
    """What is said wherever somebody may look, so that it has to be found there: no secret, but a beacon."""
    told = "{{ beacon }}"
    yield Try("debug", {"ansible.builtin.debug": {"msg": told}})
    yield Try("cacheable fact", {"ansible.builtin.set_fact": {"seen": told, "cacheable": True}})
    yield Try("argument", {"ansible.builtin.command": {"argv": ["true", told]}})
    yield Try("environment", {"ansible.builtin.command": "true", "environment": {"BEACON": told}})
    yield Try("file of the bastion", {"ansible.builtin.copy": {"content": told, "dest": f"{PLACE}/beacon"}})
    yield Try("file of the controller", {
        "ansible.builtin.copy": {"content": told, "dest": "{{ lookup('env', 'ANSIBLE_HOME') }}/beacon"},
        "delegate_to": "localhost", "vars": {"ansible_connection": "local"},
    })  # fmt: skip


def short(world: World) -> Iterator[Try]:
    """Some of all, which find each deliberate break."""
    yield role("main", WELL, **{**wanted(world.lab), "mirror_host_auth_file": f"{PLACE}/role-auth.json"})
    yield merge("backup and track", backup=True, track=True, src=f"{world.folder}/vaulted.json", registries=[
        entry(world.lab.registry, "{{ wrong_password }}", namespace="ocp4"),
    ])  # fmt: skip
    yield content("cut", "Cannot merge into")
    yield merge("oc strange", "Cannot merge into", oc=f"{PLACE}/oc-strange")
    yield merging("list in list", "is a list itself", [[entry(world.lab.registry)]])
    yield trusting("content, a bundle", "private key", content="{{ bundle }}", name="a")
    yield trusting("remote_src, key.der", "Cannot use", src=f"{PLACE}/key.der", remote_src=True, name="a")
