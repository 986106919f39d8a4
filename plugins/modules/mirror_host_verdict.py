#!/usr/bin/python
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: mirror_host_verdict
version_added: 0.1.0
short_description: Sum up whether a mirror host is ready, from what other tasks found
description:
  - Says in a few lines whether a host can mirror images to a registry and, where it cannot, what to do. It looks at
    nothing but what the modules of this collection returned.
  - The task itself does not fail where a host is not ready; RV(ok) says it.
  - The role P(airgap.openshift.mirror_host#role) ends with it. Use it yourself where you call the modules in tasks of
    your own.
author:
  - airgap.openshift contributors (@airgap-openshift)
extends_documentation_fragment:
  - airgap.openshift._attributes
attributes:
  action:
    details: All of it runs on the controller, without a connection to the host.
  check_mode:
    details: In check mode it says of what the other tasks would change that it is pending.
  diff_mode:
    support: N/A
    details: Nothing is changed.
  platform:
    details: The target is not touched.
options:
  trust:
    description:
      - What a task with M(airgap.openshift.ca_trust) registered.
      - Here and in the other two, the result of a task that did not run or was skipped is reported as not checked or
        not asked.
    type: dict
    default: {}
  auth_file:
    description: What a task with M(airgap.openshift.pull_secret_merge) registered.
    type: dict
    default: {}
  registries:
    description: What a task with M(airgap.openshift.mirror_registry_info) registered.
    type: dict
    default: {}
  state:
    description: With V(absent), the results are those of taking back what was prepared.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: airgap.openshift.ca_trust
  - module: airgap.openshift.pull_secret_merge
  - module: airgap.openshift.mirror_registry_info
"""

EXAMPLES = r"""
- name: Trust the CA of the registry
  airgap.openshift.ca_trust:
    src: mirror-registry-ca.crt
  become: true
  register: trust

- name: Ask the registry
  airgap.openshift.mirror_registry_info:
    registry: mirror.example.com:5000
    auth_file: ~/.mirrorsecretconfigjson
  register: registries

- name: Sum up
  airgap.openshift.mirror_host_verdict:
    trust: "{{ trust }}"
    registries: "{{ registries }}"
  register: verdict

- name: Say what it comes to
  ansible.builtin.debug:
    msg: "{{ verdict.lines }}"
  failed_when: not verdict.ok
"""

RETURN = r"""
ok:
  description: Whether nothing failed of what was asked.
  returned: always
  type: bool
  sample: true
host:
  description: The name of the host in the inventory.
  returned: always
  type: str
  sample: bastion-001.example.com
trust:
  description: Whether the CAs are trusted, as C(ok), and C(certificates) and C(findings) of O(trust).
  returned: always
  type: dict
  sample:
    ok: true
    certificates: []
    findings: []
auth_file:
  description: Whether the auth file is as asked, as C(ok), its C(path), and C(registries) (names) and C(findings) of
    O(auth_file).
  returned: always
  type: dict
  sample:
    ok: true
    path: /root/.mirrorsecretconfigjson
    registries: ["quay.io", "mirror.example.com:5000"]
    findings: []
registries:
  description: What was found of each registry, as M(airgap.openshift.mirror_registry_info) returns it.
  returned: always
  type: list
  elements: dict
  sample: []
findings:
  description: Those of all three, each with its C(part), which is V(trust), V(auth_file) or V(registries).
  returned: always
  type: list
  elements: dict
  sample: []
lines:
  description: The verdict for people, with what to do where something is wrong. There are no secrets in it.
  returned: always
  type: list
  elements: str
  sample:
    - bastion-001.example.com is ready to mirror to mirror.example.com:5000
    - "  CA         ok           CN=Example Mirror CA,O=Example, until 2036-01-01"
    - "  auth file  ok           /root/.mirrorsecretconfigjson, 2 registries"
    - "  registry   ok           mirror.example.com:5000, TLS 1.3"
    - "  login      ok"
    - "  push       ok           ocp4/openshift/release-images"
"""
