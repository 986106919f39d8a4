#!/usr/bin/python
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: pull_secret_merge
short_description: Merge a cluster's pull secret and registry credentials into an auth file
description:
  - Afterwards the auth file O(dest) holds the entries of the pull secret and those of O(registries), in the one
    spelling that C(podman), C(skopeo), C(oc), C(oc-mirror), C(docker) and the kubelet all match.
  - Nothing else in O(dest) is lost. Other entries, unknown fields, their order and non-ASCII text stay as they are.
    Where O(dest) and the pull secret both have an entry, that of the pull secret counts.
  - The result is audited. Entries that make clients refuse the whole file are an error unless O(invalid_entries) says
    otherwise. What can be repaired without loss is repaired, and RV(findings) tells about both.
  - No other tool is run, and neither a registry nor a login is needed, except C(oc) where the pull secret is read from
    the cluster.
author:
  - airgap.openshift contributors (@airgap-openshift)
extends_documentation_fragment:
  - airgap.openshift._attributes
  - ansible.builtin.files
options:
  dest:
    description:
      - The auth file on the host. Its folder must exist.
      - If it is a symbolic link, the link is replaced by a file and what it points to stays as it is, as with
        M(ansible.builtin.copy).
    type: path
    required: true
  registries:
    description: The registries whose entries to set or remove.
    type: list
    elements: dict
    default: []
    suboptions:
      registry:
        description:
          - Host and, if the names of images have one, port of the registry, such as V(mirror.example.com:5000).
          - A scheme, a V(/v2/) and a slash at the end are removed, since clients would not find the entry.
        type: str
        required: true
      namespace:
        description:
          - Restricts the entry to the images below this path of the registry.
          - C(docker) and the catalog step of C(oc-mirror) use such an entry for the whole host nevertheless.
        type: str
      username:
        description: The user name. It cannot hold a colon.
        type: str
      password:
        description: The password.
        type: str
      auth:
        description: Base64 of C(user:password), in place of O(registries[].username) and O(registries[].password).
        type: str
      email:
        description: An e-mail address to note in the entry. No client needs it.
        type: str
      state:
        description:
          - V(present) sets the entry.
          - V(absent) removes it in all its spellings, for instance that of V(cloud.openshift.com) after disconnecting.
        type: str
        choices: [present, absent]
        default: present
  src:
    description:
      - An auth file to read in place of the cluster's pull secret.
      - It is looked for on the controller, in C(files/) as usual and then in the current directory, and is decrypted if
        it is a vault. With O(remote_src=true) it is a file on the host, possibly O(dest) itself.
    type: path
  remote_src:
    description: Whether O(src) is on the host.
    type: bool
    default: false
  content:
    description: The text of an auth file to read in place of the cluster's pull secret.
    type: str
  kubeconfig:
    description:
      - The kubeconfig on the host with which C(oc) reads the pull secret.
      - By default C(oc) looks for it itself, in E(KUBECONFIG) and C(~/.kube/config) of the user who runs the task.
    type: path
  context:
    description: The context of the kubeconfig to use in place of its current one.
    type: str
  oc:
    description: The C(oc) program on the host. A mere name is looked for in E(PATH), C(/usr/local/bin) and C(~/bin).
    type: path
    default: oc
  namespace:
    description: The namespace of the pull secret.
    type: str
    default: openshift-config
  secret:
    description: The name of the pull secret.
    type: str
    default: pull-secret
  timeout:
    description: After how many seconds C(oc) is ended.
    type: int
    default: 60
  on_conflict:
    description:
      - What to do when a registry of O(registries) has an entry with other credentials.
      - V(replace) takes those of O(registries), V(keep) leaves the entry, V(fail) changes nothing and fails.
      - Entries under other spellings of the registry count as well.
    type: str
    choices: [replace, keep, fail]
    default: replace
  invalid_entries:
    description:
      - What to do with entries that make at least one client refuse the whole file.
      - V(fail) changes nothing and names them, V(drop) leaves them out, V(keep) leaves them and all else as it is, also
        what could be repaired.
    type: str
    choices: [fail, keep, drop]
    default: fail
  backup:
    description: Keep a copy of the file that is replaced beside it, readable only by its owner.
    type: bool
    default: false
  mode:
    description:
      - The permissions of O(dest), as with M(ansible.builtin.file).
      - They are set on a file that exists as well, before anything secret is written to it.
    type: raw
    default: "0600"
notes:
  - O(kubeconfig), O(context), O(oc), O(namespace), O(secret) and O(timeout) are about the cluster. They have no effect
    if the pull secret comes from O(src) or O(content).
  - Secrets are in no output, log, diff, error or command line. A diff names registries and what changed in them.
  - Several runs on one O(dest) at a time wait for each other, where the file system of its folder supports locks.
seealso:
  - module: airgap.openshift.ca_trust
"""

EXAMPLES = r"""
- name: Prepare the auth file for mirroring, from the pull secret of the cluster
  airgap.openshift.pull_secret_merge:
    dest: /root/.mirrorsecretconfigjson
    kubeconfig: /root/ocp/auth/kubeconfig
    registries:
      - registry: mirror.example.com:5000
        username: mirror
        password: "{{ mirror_password }}"

- name: Merge a pull secret from the vault, with credentials for one namespace
  airgap.openshift.pull_secret_merge:
    dest: /home/mirror/auth.json
    owner: mirror
    group: mirror
    src: pull-secret.json
    registries:
      - registry: mirror.example.com:5000
        namespace: ocp4
        auth: "{{ mirror_auth }}"

- name: Forget the Insights entry and an old mirror after disconnecting
  airgap.openshift.pull_secret_merge:
    dest: /root/.mirrorsecretconfigjson
    src: /root/.mirrorsecretconfigjson
    remote_src: true
    registries:
      - registry: cloud.openshift.com
        state: absent
      - registry: old-mirror.example.com:5000
        state: absent

- name: Write the pull secret of the cluster to a file, and leave mistakes in it as they are
  airgap.openshift.pull_secret_merge:
    dest: /root/pull-secret.json
    invalid_entries: keep
"""

RETURN = r"""
dest:
  description: The auth file.
  returned: success
  type: str
  sample: /root/.mirrorsecretconfigjson
msg:
  description: One sentence on what O(dest) holds, or in check mode would hold.
  returned: success
  type: str
  sample: "/root/.mirrorsecretconfigjson holds 5 registries (added: 'mirror.example.com:5000')"
added:
  description: The registries that O(dest) did not have.
  returned: success
  type: list
  elements: str
  sample: ["mirror.example.com:5000"]
changed_registries:
  description: The registries whose entry in O(dest) changed.
  returned: success
  type: list
  elements: str
  sample: []
removed:
  description: The registries that O(dest) no longer has.
  returned: success
  type: list
  elements: str
  sample: ["cloud.openshift.com"]
unchanged:
  description: The registries whose entry in O(dest) stayed as it was.
  returned: success
  type: list
  elements: str
  sample: ["quay.io"]
registries:
  description: All registries that O(dest) has now.
  returned: success
  type: list
  elements: str
  sample: ["quay.io", "mirror.example.com:5000"]
findings:
  description: What is, or was, wrong with the pull secret, O(dest) or O(registries), also where it was no error.
  returned: success
  type: list
  elements: dict
  contains:
    registry:
      description: The registry. Empty if the finding is about the whole file.
      type: str
      returned: always
      sample: mirror.example.com:5000/ocp4
    code:
      description: A code that stays the same in all releases.
      type: str
      returned: always
      sample: trailing-slash
    message:
      description: The cause and the remedy.
      type: str
      returned: always
      sample: >-
        'mirror.example.com:5000/ocp4/' ends in '/', so podman, skopeo, oc and oc-mirror would never match it; write
        'mirror.example.com:5000/ocp4'
    severity:
      description:
        - V(error) is something that makes at least one client refuse the whole file. It is in the file only with
          O(invalid_entries=keep).
        - V(warning) concerns this registry only, V(repaired) is put right in O(dest).
      type: str
      returned: always
      sample: repaired
backup_file:
  description: The copy of the file that was replaced.
  returned: when one was made
  type: str
  sample: /root/.mirrorsecretconfigjson.4711.2026-11-22@10:00:00~
"""

import os
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.common.text.converters import to_bytes

from ansible_collections.airgap.openshift.plugins.module_utils import (
    _auth_entry,
    _auth_file,
    _auth_places,
    _auth_text,
    _cluster_secret,
    _host,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_file import Plan
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._cluster_secret import Address, ClusterSecretError
from ansible_collections.airgap.openshift.plugins.module_utils._pull_secret_merge_options import OPTIONS, RULES, sources

LOCK_SECONDS = 60


def main() -> None:
    """Entry point. The action plugin has read sources on the controller and hands them over as C(content)."""
    module = AnsibleModule(argument_spec=OPTIONS, add_file_common_args=True, supports_check_mode=True, **RULES)
    os.umask(0o077)  # whatever is made on the way, such as a backup, is private from the first byte
    try:
        result = run(module)
    except (AuthFileError, ClusterSecretError, OSError) as exc:
        module.fail_json(msg=f"Cannot merge into {module.params['dest']}: {exc}")
    module.exit_json(**result)


def run(module: AnsibleModule) -> Dict[str, Any]:
    """Look, plan, apply, report. Clusters are asked before other runs on ``dest`` are kept waiting."""
    params = module.params
    dest = _host.destination(params["dest"])
    places = _auth_places.places(*_host.account_of(dest, params["owner"]))
    requests = [_auth_file.request(**options) for options in params["registries"]]
    wanted = sources(params)
    received = [None if source["src"] else receive(module, source) for source in wanted]
    with _host.locked(os.path.dirname(dest), LOCK_SECONDS):
        read = [file or parse_file(source["src"]) for file, source in zip(received, wanted)]
        before = parse_file(dest, may_be_empty=True) if os.path.exists(dest) else AuthFile({}, name=dest)
        names = {key for file in (before, *read) for key in file.entries} | {request.key for request in requests}
        module.no_log_values.update(_auth_entry.named_secrets([before, *read], names))
        plan = _auth_file.plan(
            before, read, requests, others=_auth_places.others(dest, places, _host.content_if_any),
            on_conflict=params["on_conflict"], invalid_entries=params["invalid_entries"],
        )  # fmt: skip
        applied = apply(module, dest, plan)
    for warning in plan.warnings:
        module.warn(remove_values(warning, module.no_log_values))  # ansible-core 2.21 masks no warnings
    found_by = _auth_places.found_by(dest, places)
    return {**_auth_file.report(plan, dest, module.check_mode), "found_by": found_by, **applied}


def receive(module: AnsibleModule, source: Dict[str, Any]) -> AuthFile:
    """A source that is no file of this host: those are read when nobody else writes to them."""
    text = ask_cluster(module, source) if source["content"] is None else to_bytes(source["content"])
    return _auth_text.parse(text, name=source["name"])


def ask_cluster(module: AnsibleModule, source: Dict[str, Any]) -> bytes:
    """The text of a cluster's pull secret, which never touches the disk."""
    params = module.params
    oc = module.get_bin_path(params["oc"], opt_dirs=_cluster_secret.MORE_DIRECTORIES)
    if oc is None:
        raise _cluster_secret.not_installed(params["oc"])
    address = Address(source["namespace"], source["secret"], source["kubeconfig"], source["context"])
    done = _host.run_limited(module, _cluster_secret.command(oc, address, params["timeout"]), params["timeout"])
    return _cluster_secret.read(address, **done._asdict())


def parse_file(path: str, may_be_empty: bool = False) -> AuthFile:
    """What a file of this host holds."""
    return _auth_text.parse(_host.content_of(path), name=path, may_be_empty=may_be_empty)


def apply(module: AnsibleModule, dest: str, plan: Plan) -> Dict[str, Any]:
    """Carry out the plan or, in check mode, say what that would change."""
    link, exists = os.path.islink(dest), os.path.exists(dest)
    changed = plan.changed or link
    differences: Dict[str, Any] = {"before": {"state": "link"}, "after": {"state": "file"}} if link else {}
    result: Dict[str, Any] = {}
    attributes = module.load_file_common_arguments(module.params, path=dest)
    if not exists:
        _host.refuse_attributes(module, attributes)
    elif link and not module.check_mode:
        _host.replace_link(dest)
    if exists and not (link and module.check_mode):
        # Before the content, so that a new secret is never in a file that others may read.
        changed = module.set_fs_attributes_if_different(attributes, changed, differences)
    if (plan.changed or link) and not module.check_mode:
        if exists and module.params["backup"]:
            result["backup_file"] = _host.private_backup(module, dest)
        _host.write_file(module, dest, _auth_text.dump(plan.after), unsafe_writes=module.params["unsafe_writes"])
        module.set_fs_attributes_if_different(attributes, changed)
    return {**result, "changed": changed, "diff": [_auth_file.difference(plan, dest), differences]}


if __name__ == "__main__":
    main()
