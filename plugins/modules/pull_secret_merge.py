#!/usr/bin/python
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: pull_secret_merge
version_added: 0.1.0
short_description: Merge pull secrets and registry credentials into an auth file
description:
  - Afterwards the auth file O(dest) holds the entries of the cluster's pull secret, or of other sources, and those of
    O(registries), the latter in the one spelling that C(podman), C(skopeo), C(oc), C(oc-mirror), C(docker) and the
    kubelet all match.
  - Nothing else in O(dest) is lost. Other entries, unknown fields, their order, the spelling of numbers and non-ASCII
    text stay as they are, and a file that holds everything already is not written. Where O(dest) and the pull secret
    both have an entry of the same name, that of the pull secret counts. A URL is another name than the bare host,
    which RV(findings) then tells.
  - The result is audited. Entries that make clients refuse the whole file are an error unless O(invalid_entries) says
    otherwise. What can be repaired without loss is repaired, and RV(findings) tells about both. RV(clients) says for
    each of O(registries) what each client makes of it.
  - No other tool is run, and neither a registry nor a login is needed, except C(oc) where the pull secret is read from
    the cluster.
author:
  - airgap.openshift contributors (@airgap-openshift)
extends_documentation_fragment:
  - airgap.openshift._attributes
  - airgap.openshift._attributes.actiongroup_registries
  - ansible.builtin.files
options:
  dest:
    description:
      - The auth file on the host. Its folder must exist.
      - If it is a symbolic link, the link is replaced by a file and what it points to stays as it is, as with
        M(ansible.builtin.copy). A link of another user to a file of a third one is refused, here and on the way to a
        source of the host.
    type: path
    required: true
  state:
    description:
      - With V(present) the entries are merged into O(dest).
      - With V(absent) exactly those entries are taken out of O(dest) again of which O(track) has noted that they were
        added, and all else stays, also an entry whose credentials somebody has changed since, for instance with
        C(podman login). A file that was made for them and holds nothing else is removed. Neither the cluster nor any
        source is needed, and what to merge has no effect. What was noted is then forgotten.
      - What was there before and was replaced or removed cannot be restored, since no credentials are noted.
        RV(not_restored) names such entries, and O(dest) itself where it was a symbolic link, which stays a file. The
        permissions and the owner that O(dest) had before are not restored either.
    type: str
    choices: [present, absent]
    default: present
  track:
    description:
      - Note beside O(dest), in a file of that name and C(.airgap-openshift.json), which entries this task adds, changes
        and removes, so that O(state=absent) can take them back. It holds names and, of what was added, salted digests,
        by which it is known again. It belongs to the owner of O(dest) and is readable by nobody else. It is written
        only when O(dest) is.
      - When a task with this option replaces the credentials of an entry that it added earlier, the new ones count as
        added. If somebody else had changed them in between, RV(not_restored) names the entry.
    type: bool
    default: false
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
  sources:
    description:
      - Several auth files to read in this order, such as a pull secret of Red Hat and one of a partner. Each item is
        one of O(sources[].src), O(sources[].content), or the pull secret of a cluster, for which one of the other
        options is given, such as O(sources[].secret).
      - Where two of them have an entry for the same registry, that of the later one counts.
      - An empty list reads nothing, so that only O(registries) are merged, for instance into C(~/.docker/config.json).
    type: list
    elements: dict
    suboptions:
      src:
        description: A file, as with O(src).
        type: path
      remote_src:
        description: Whether the file is on the host.
        type: bool
        default: false
      content:
        description: The text of an auth file.
        type: str
      kubeconfig:
        description: The kubeconfig for this cluster, by default O(kubeconfig).
        type: path
      context:
        description: The context for this cluster, by default O(context).
        type: str
      namespace:
        description: The namespace of the pull secret of this cluster, by default O(namespace).
        type: str
      secret:
        description: The name of the pull secret of this cluster, by default O(secret).
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
  - B(How clients look for credentials.) For the image V(mirror:5000/ocp/release) the tools C(podman), C(skopeo),
    C(oc-mirror), C(oc) and CRI-O try the keys V(mirror:5000/ocp/release), V(mirror:5000/ocp) and V(mirror:5000) in this
    order and to the letter, and take the first one that exists, even if its entry is empty (C(oc) passes over those).
    After these come keys that are URLs, for the whole host. C(docker) and the catalog step of C(oc-mirror)
    know no namespaces. They take V(mirror:5000) or else B(any) key of that host, by chance if there are
    several. The kubelet tries one after the other all keys that the name of the image begins with, also in the middle
    of a word, and those with V(*) in place of a label of the host.
  - B(What to write.) The host in lower case, with the port if, and only if, the names of images have it, V(:443) too,
    then the namespace if there must be one. No scheme, no V(/v2/), no V(/) at the end (C(podman), C(skopeo),
    C(oc-mirror) and C(oc) never match that), no tag, no V(@). Docker Hub is the exception, all clients find its
    credentials only under V(https://index.docker.io/v1/). This module writes the keys of O(registries) so,
    and corrects others that no client finds.
  - B(What an entry is.) C(auth) with the base64 of C(user:password) in one line, with its V(=) at the end. C(podman)
    and C(oc) read neither C(username) and C(password) nor a token that stands alone. A password may hold colons and
    non-ASCII letters, a user name no colon. The line break that C(echo) adds before C(base64) becomes part of the
    password.
  - B(One bad entry can cost all.) C(oc), C(docker), the catalog step of C(oc-mirror) and the kubelet read the whole
    file before they use any of it. If one C(auth) is not base64 they refuse all of them, whereas C(podman) only fails
    for that registry, so that C(podman pull) proves nothing. RV(findings) says for each mistake who refuses what.
  - B(Helpers win.) What C(credHelpers) names for a host all but the kubelet use in place of its entry, and with
    C(credsStore) C(docker) and the catalog step of C(oc-mirror) never look at C(auths).
  - B(Where clients look by themselves.) C(podman), C(skopeo), C(oc) and C(oc-mirror) read
    C(${XDG_RUNTIME_DIR}/containers/auth.json), then C(~/.config/containers/auth.json), then C(~/.docker/config.json),
    and use the first that has credentials for the image. C(docker) reads the last one, the catalog step of C(oc-mirror)
    the last and the first. A file elsewhere is named to them with C(--authfile), to C(oc) with C(--registry-config), to
    all but C(docker) with E(REGISTRY_AUTH_FILE). RV(found_by) says who finds O(dest).
  - O(kubeconfig), O(context), O(oc), O(namespace), O(secret) and O(timeout) are about clusters. They have no effect if
    the pull secret comes from O(src) or O(content).
  - Secrets are in no output, log, diff, error or command line. A diff names registries and what changed in them.
  - Nor are they in a temporary file of the host. Unless it is said otherwise, by C(ansible_pipelining) or the setting
    C(pipelining), the module and its options come to the host on standard input. Exceptions are C(become) by other ways
    than C(sudo), where C(sudo) refuses (as with C(requiretty)), connections that cannot do that or force a terminal in
    Ansible's options for SSH, and C(ANSIBLE_KEEP_REMOTE_FILES). Set C(ansible_pipelining) to V(false) where rules of
    C(sudo) name Ansible's files, where C(sudo) records its input, and where C(~/.ssh/config) says C(RequestTTY force).
  - Ansible writes nothing of this task to the host's syslog, whatever C(ansible_no_target_syslog) says. It would write
    lists as Python does, and not know a password in them again that holds a quote or a backslash.
  - An auth file and a pull secret may have 16 MiB, also that which would be written. More is an error.
  - A name such as V(user:password@mirror.example.com), which no client here can use, is not noted by O(track).
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

- name: Merge the pull secrets of Red Hat and of a partner, of which the latter counts where both have an entry
  airgap.openshift.pull_secret_merge:
    dest: /root/.mirrorsecretconfigjson
    sources:
      - src: pull-secret.json
      - src: partner.json

- name: Add the mirror registry to the logins that docker and podman have, and to nothing else
  become: true
  become_user: mirror
  airgap.openshift.pull_secret_merge:
    dest: ~/.docker/config.json
    sources: []
    registries:
      - registry: mirror.example.com:5000
        username: mirror
        password: "{{ mirror_password }}"

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

- name: Add a mirror registry for a while
  airgap.openshift.pull_secret_merge:
    dest: /root/auth.json
    sources: []
    registries:
      - registry: mirror.example.com:5000
        username: mirror
        password: "{{ mirror_password }}"
    track: true

- name: Take back what was merged with track
  airgap.openshift.pull_secret_merge:
    dest: /root/auth.json
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
left:
  description:
    - The registries that O(dest) still has, since nothing says that they were added, or since somebody has changed
      their credentials after that. RV(msg) says which of them were changed.
  returned: with O(state=absent)
  type: list
  elements: str
  sample: ["quay.io"]
not_restored:
  description:
    - Names of registries, and of other parts of O(dest), that were there before and are not as they were, since they
      were changed, spelled anew or removed. The path O(dest) itself if it was a symbolic link.
  returned: with O(state=absent)
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
clients:
  description:
    - For each registry of O(registries) that is present, what each client does for an image in it.
    - V(found) uses its entry. V(other) uses another entry, V(any) one of several by chance, V(several) tries this one
      and others in turn. V(nothing) finds none, V(helper) asks a helper program, V(failed) stops for this registry
      only, V(refused) refuses the whole file. RV(findings) has the reason.
  returned: success
  type: list
  elements: dict
  contains:
    registry:
      description: The registry.
      type: str
      returned: always
      sample: mirror.example.com:5000
    podman:
      description: What C(podman), C(skopeo), CRI-O and the copying of C(oc-mirror) do.
      type: str
      returned: always
      sample: found
    oc:
      description: What C(oc) does.
      type: str
      returned: always
      sample: found
    docker:
      description: What C(docker) does.
      type: str
      returned: always
      sample: found
    catalog:
      description: What the catalog step of C(oc-mirror) does.
      type: str
      returned: always
      sample: found
    kubelet:
      description: What the kubelet does.
      type: str
      returned: always
      sample: found
found_by:
  description: The tools that look at the path of O(dest) by themselves. To all others the file has to be named.
  returned: success
  type: list
  elements: str
  sample: []
findings:
  description:
    - What is, or was, wrong with the sources, O(dest) or O(registries), also where it was no error.
    - With the severity V(error), or repaired before it was written. V(undecodable-auth), V(missing-padding),
      V(wrong-padding), V(url-safe-base64) and V(blank-in-base64) are an C(auth) that is not the base64 that all read.
      V(no-colon) and V(empty-user) are one without C(:) or user, V(not-an-object), V(auth-not-a-string),
      V(field-not-text) and V(unusable-field) are JSON of another kind than clients expect. V(unusable-key),
      V(upper-case-scheme) and V(unusable-helper) are names that C(oc) cannot take.
    - With the severity V(warning), or repaired. V(trailing-slash), V(upper-case) and V(never-matched) are keys that
      are never found, or not by those who matter here. V(several-spellings), V(other-spelling), V(url), V(extra-slash)
      and V(docker-hub) are keys that only some find. V(username-password-only) and V(identity-token-only) are entries
      that only some read, V(newline-in-password), V(control-character) and V(wrapped-base64) such as are read but not
      meant. V(byte-order-mark) is what no client can read before the JSON.
    - With the severity V(warning). V(overlap) are entries of one host that clients confuse,
      V(shadowed-by-empty-entry) is an empty entry that hides another one, V(credential-helper) and V(credentials-store)
      are helpers that are asked in place of the file, V(sources-differ) is a registry for which sources have different
      credentials. V(other-file-first) and V(other-file-broken) are files that C(podman) reads before O(dest).
    - With the severity V(note). V(namespaced) is an entry that half of the clients use for the whole host,
      V(unknown-to-clusters) are fields that a cluster's pull secret may not have, which is a warning if they come from
      a source.
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
      description: The cause, which clients mind, and what they do.
      type: str
      returned: always
      sample: >-
        'mirror.example.com:5000/ocp4/' ends in '/', so podman, skopeo, oc-mirror and oc would never match it
    remedy:
      description: What to do where it comes from.
      type: str
      returned: always
      sample: write 'mirror.example.com:5000/ocp4'
    severity:
      description:
        - V(error) is something that makes at least one client refuse the whole file. It is in the file only with
          O(invalid_entries=keep).
        - V(warning) concerns this registry only, V(repaired) is put right in O(dest), V(note) is right but to be known.
        - Errors and warnings are shown in every run, the others in the run that changes the entry.
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
from typing import Any, Dict, Optional

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.common.text.converters import to_bytes

from ansible_collections.airgap.openshift.plugins.module_utils import (
    _auth_entry,
    _auth_file,
    _auth_places,
    _auth_record,
    _auth_reset,
    _auth_text,
    _cluster_secret,
    _host,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_record import Noted, Record
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._cluster_secret import ClusterSecretError
from ansible_collections.airgap.openshift.plugins.module_utils._files import content_of_own
from ansible_collections.airgap.openshift.plugins.module_utils._pull_secret_merge_options import OPTIONS, RULES, sources

LOCK_SECONDS = 60


def main() -> None:
    """Entry point. The action plugin has read sources on the controller and hands them over as C(content)."""
    module = AnsibleModule(argument_spec=OPTIONS, add_file_common_args=True, supports_check_mode=True, **RULES)
    os.umask(0o077)  # whatever is made on the way, such as a backup, is private from the first byte
    absent = module.params["state"] == "absent"
    try:
        result = take_back(module) if absent else run(module)
    except (AuthFileError, ClusterSecretError, OSError) as exc:
        what = "take back what was merged into" if absent else "merge into"
        module.fail_json(msg=f"Cannot {what} {module.params['dest']}: {exc}")
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
        before = parse_dest(dest)
        names = {name for file in (before, *read) for name in file.names} | {request.key for request in requests}
        module.no_log_values.update(_auth_entry.named_secrets([before, *read], names))
        plan = _auth_file.plan(
            before, read, requests, others=_auth_places.others(dest, places, _host.content_if_any),
            on_conflict=params["on_conflict"], invalid_entries=params["invalid_entries"],
        )  # fmt: skip
        note = note_of(dest, plan) if params["track"] and (plan.changed or _host.is_link(dest)) else Noted()
        shown = _auth_file.difference(plan, dest)
        applied = _host.install(module, dest, plan.changed, shown, lambda: _auth_record.writes(dest, plan, note))
    for warning in plan.warnings:
        module.warn(remove_values(warning, module.no_log_values))  # ansible-core 2.21 masks no warnings
    found_by = _auth_places.found_by(dest, places)
    return {**_auth_file.report(plan, dest, module.check_mode), "found_by": found_by, **applied}


def take_back(module: AnsibleModule) -> Dict[str, Any]:
    """Look, plan, apply, report, for what earlier runs noted that they did."""
    dest = os.path.abspath(module.params["dest"])
    if read_record(dest) is None:
        return _auth_reset.nothing(dest)  # perhaps not even the folder is there
    with _host.locked(os.path.dirname(_host.destination(dest)), LOCK_SECONDS):
        record, before = read_record(dest) or Record(), parse_dest(dest)
        module.no_log_values.update(_auth_entry.named_secrets([before], {*before.names, *record.registries}))
        reset = _auth_reset.plan(before, _host.is_there(dest), record)
        applied = {} if module.check_mode else _host.carry_out(module, dest, _auth_reset.writes(reset, dest))
    return {**_auth_reset.report(reset, dest, module.check_mode), "found_by": [], **applied}


def receive(module: AnsibleModule, source: Dict[str, Any]) -> AuthFile:
    """A source that is no file of this host: those are read when nobody else writes to them."""
    if source["content"] is not None:
        return _auth_text.parse(to_bytes(source["content"]), name=source["name"])
    oc, seconds = module.params["oc"], module.params["timeout"]
    return _auth_text.parse(_cluster_secret.ask(source, oc, seconds, module.get_bin_path), name=source["name"])


def note_of(dest: str, plan: _auth_file.Plan) -> Noted:
    """What to note beside ``dest`` when it becomes as planned."""
    exists, link, salt = _host.is_there(dest), _host.is_link(dest), os.urandom(_auth_record.SALT_BYTES)
    return _auth_record.noted(read_record(dest), plan, exists=exists, link=link, salt=salt)


def read_record(dest: str) -> Optional[Record]:
    """What earlier runs noted that they did to ``dest``."""
    return _auth_record.read(dest, _host.content_unless_gone)


def parse_file(path: str, may_be_empty: bool = False) -> AuthFile:
    """What a file of this host holds."""
    return _auth_text.parse(_host.content_of(path, content_of_own), name=path, may_be_empty=may_be_empty)


def parse_dest(dest: str) -> AuthFile:
    """What ``dest`` holds, which may be nothing yet."""
    return parse_file(dest, may_be_empty=True) if _host.is_there(dest) else AuthFile({}, name=dest)


if __name__ == "__main__":
    main()
