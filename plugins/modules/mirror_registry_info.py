#!/usr/bin/python
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: mirror_registry_info
version_added: 0.1.0
short_description: Check from a mirror host that a registry can be mirrored to
description:
  - Answers before mirroring starts what C(oc-mirror) would run into hours later. Is the registry reachable, is its
    certificate trusted, does the auth file hold credentials that the clients will find, does the registry accept them,
    may they pull and push?
  - It goes the way of the mirroring tools. CAs are those that Go programs (C(oc), C(oc-mirror), C(podman), C(skopeo))
    trust on this host, the auth file is read as each of them reads it, proxies come from the environment, logins
    are Basic or by a token server (Quay, Harbor, GitLab, Artifactory). Verification is never switched off, and
    credentials go to no other server than the registry and its token server, and never without TLS.
  - What is wrong is in RV(findings), each with a stable code, one sentence and one remedy. The task itself does not
    fail for it; RV(ok) sums it up. What the certificates are about is explained on the controller.
  - The role P(airgap.openshift.mirror_host#role) ends with this check.
author:
  - airgap.openshift contributors (@airgap-openshift)
extends_documentation_fragment:
  - airgap.openshift._attributes
  - airgap.openshift._attributes.actiongroup_registries
attributes:
  check_mode:
    details: No upload is opened in check mode.
  diff_mode:
    support: N/A
    details: Nothing is changed on the host.
options:
  registry:
    description:
      - Host and, if the names of images have one, port of the registry, such as V(mirror.example.com:5000).
      - One of O(registry) and O(registries) is needed.
    type: str
  namespace:
    description: The path below which images are mirrored. It stands before O(repository).
    type: str
  registries:
    description:
      - Several registries to check.
      - The list that M(airgap.openshift.pull_secret_merge) takes serves here too. Of its entries, those with a state of
        V(absent) are passed over, and nothing but O(registries[].registry) and O(registries[].namespace) leaves the
        controller.
    type: list
    elements: dict
    suboptions:
      registry:
        description: Host and port, as O(registry).
        type: str
        required: true
      namespace:
        description: The path below which images are mirrored there. It stands before O(repository).
        type: str
  repository:
    description:
      - The repository to ask for, such as V(openshift/release-images), below the namespace if there is one. It need not
        be there yet.
      - Without it and without a namespace, the check ends with the login.
    type: str
  auth_file:
    description:
      - The auth file on the host. By default that of C(REGISTRY_AUTH_FILE) in the environment, else the files that
        C(podman) and C(skopeo) look for by themselves, of which the first with credentials for the registry counts.
    type: path
  push:
    description:
      - Whether to find out if the credentials may push. An upload to O(repository) is opened and cancelled at once, so
        that nothing stays in the registry. Quay makes the repository if it is not there.
    type: bool
    default: false
  timeout:
    description: How many seconds a connection, a handshake and an answer may each take, from 1 to 3600.
    type: int
    default: 10
  ca_certificates:
    description:
      - Certificates that you hold, to explain what is missing where the registry is not trusted. They are not used
        for the check itself and do not leave the controller.
      - Each is an entry of O(airgap.openshift.ca_trust#module:certificates); those with a state of V(absent) are
        passed over.
    type: list
    elements: dict
notes:
  - The environment is that of the task. Where C(oc-mirror) will be run with a proxy, give the task C(environment) with
    C(HTTPS_PROXY) and C(NO_PROXY). Proxies are spoken to over C(http://) only.
  - It needs no privileges. Become the user who will mirror, since C(~/.config/containers/certs.d) and the default
    auth files are those of a user.
  - An answer of more than one MiB, and one that is not complete after O(timeout), is none.
  - A token server without TLS is sent no credentials, though other clients do that.
seealso:
  - module: airgap.openshift.ca_trust
  - module: airgap.openshift.pull_secret_merge
"""

EXAMPLES = r"""
- name: Check the mirror registry before the night of the cut-over
  airgap.openshift.mirror_registry_info:
    registry: mirror.example.com:5000
    repository: ocp4/openshift/release-images
    auth_file: ~/.mirrorsecretconfigjson
    push: true
  register: mirror

- name: Stop unless it is ready
  ansible.builtin.assert:
    that: mirror.ok
    fail_msg: "{{ mirror.msg }}"

- name: Check two registries, one of them by a proxy
  airgap.openshift.mirror_registry_info:
    registries:
      - registry: mirror.example.com:5000
        namespace: ocp4
      - registry: quay.example.com
        namespace: mirror
    repository: openshift/release-images
    auth_file: ~/.mirrorsecretconfigjson
  environment:
    HTTPS_PROXY: http://proxy.example.com:3128
    NO_PROXY: mirror.example.com
"""

RETURN = r"""
ok:
  description: Whether everything that was asked is as it should be, for all registries.
  returned: success
  type: bool
  sample: false
findings:
  description: What was found, of all registries.
  returned: success
  type: list
  elements: dict
  contains:
    registry:
      description: The registry.
      type: str
      returned: always
      sample: mirror.example.com:5000
    step:
      description:
        - V(reach) is the way there, V(tls) the certificates, V(api) whether it is a registry, V(key) the auth file,
          V(login) the credentials, V(pull) and V(push) what they may do.
      type: str
      returned: always
      sample: tls
    code:
      description: What it is, for programs. The codes are stable.
      type: str
      returned: always
      sample: wrong-host-name
    message:
      description: What is wrong.
      type: str
      returned: always
      sample: the certificate of mirror.example.com:5000 is not valid for mirror.example.com, but for mirror
    remedy:
      description: What to do about it.
      type: str
      returned: always
      sample: use one of these names, or have a certificate made for mirror.example.com
    severity:
      description: With V(error) at least one of the mirroring tools fails, V(warning) and V(note) are to be known.
      type: str
      returned: always
      sample: error
registries:
  description: The registries in the order of the options.
  returned: success
  type: list
  elements: dict
  contains:
    registry:
      description: The registry.
      type: str
      returned: always
      sample: mirror.example.com:5000
    repository:
      description: The repository that was asked for.
      type: str
      returned: always
      sample: ocp4/openshift/release-images
    ok:
      description: Whether everything that was asked is as it should be.
      type: bool
      returned: always
      sample: false
    steps:
      description: For each step V(ok), V(failed) or V(skipped).
      type: dict
      returned: always
      sample: {reach: ok, tls: failed, api: skipped, key: ok, login: skipped, pull: skipped, push: skipped}
    findings:
      description: The findings of this registry, as in RV(findings).
      type: list
      elements: dict
      returned: always
    proxy:
      description: The proxy on the way there, without user and password; empty if there is none.
      type: str
      returned: always
      sample: http://proxy.example.com:3128
    tls_version:
      description: The version of TLS that was agreed on.
      type: str
      returned: always
      sample: TLSv1.3
    certificates:
      description: >-
        The certificates that the registry sends, its own first, as in
        RV(airgap.openshift.ca_trust#module:certificates).
      type: list
      elements: dict
      returned: always
    clients:
      description: What each client finds in the auth file for the repository, and under which keys.
      type: list
      elements: dict
      returned: always
      sample: [{client: podman, use: find credentials, keys: ["mirror.example.com:5000/ocp4"]}]
msg:
  description: One sentence for each registry.
  returned: success
  type: str
  sample: "mirror.example.com:5000: reachable, trusted, logged in, may pull, may push"
"""

import os
from typing import Any, Dict, List

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.airgap.openshift.plugins.module_utils import (
    _auth_entry,
    _auth_places,
    _host,
    _registry_auth_files,
    _registry_probe,
    _registry_tls,
    _trust_certs_d,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._mirror_registry_info_options import (
    OPTIONS,
    RULES,
    targets,
)
from ansible_collections.airgap.openshift.plugins.module_utils._registry_auth_files import Read
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Network
from ansible_collections.airgap.openshift.plugins.module_utils._registry_probe import Host, Target

LONGEST_TIMEOUT = 3600


def main() -> None:
    """Entry point. The action plugin explains the certificates that are handed back as evidence."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True, **RULES)
    if not 1 <= module.params["timeout"] <= LONGEST_TIMEOUT:
        module.fail_json(msg=f"Cannot check this: timeout has to be from 1 to {LONGEST_TIMEOUT} seconds.")
    try:
        wanted = targets(module.params, push=module.params["push"] and not module.check_mode)
    except AuthFileError as exc:
        module.fail_json(msg=f"Cannot check this: {exc}.")
    module.exit_json(changed=False, registries=run(module, wanted))


def run(module: AnsibleModule, wanted: List[Target]) -> List[Dict[str, Any]]:
    """Look at each registry, in order."""
    files = auth_files(module)
    network = Network(os.environ, module.params["timeout"])
    roots = _registry_tls.roots(os.environ)
    folders = _trust_certs_d.look(_trust_certs_d.homes()[:1])
    found = []
    for target in wanted:
        folder = next((order[0] for order in folders.get(target.registry, ())), _trust_certs_d.Folder(""))
        more = _registry_tls.of_registry([folder.path] if folder.path else [])
        host = Host(network, roots, more, folder.path, "; ".join(folder.flaws))
        known = _registry_auth_files.credentials_for(target.registry, target.repository, files)
        found.append(_registry_probe.check(target, host, known))
    return found


def auth_files(module: AnsibleModule) -> List[Read]:
    """The auth file that was named, or all that clients find by themselves; what is secret in them is made known."""
    named = module.params["auth_file"] or os.environ.get("REGISTRY_AUTH_FILE")
    home = _trust_certs_d.homes()[0]
    paths = [named] if named else _auth_places.read_by_podman(_auth_places.places(home, os.geteuid()))
    found = [_registry_auth_files.read(path, _host.content_if_any) for path in paths]
    files = [each.file for each in found if each.file]
    names = {name for file in files for name in file.names}
    secrets = _auth_entry.named_secrets(files, names)
    module.no_log_values.update(secret for secret in secrets if secret not in _registry_probe.OWN_WORDS)
    return found


if __name__ == "__main__":
    main()
