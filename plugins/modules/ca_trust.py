#!/usr/bin/python
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
module: ca_trust
version_added: 0.1.0
short_description: Make a host trust certificate authorities, and prove it
description:
  - The certificates are anchors of the host's own trust store afterwards, and each of them has been found by its
    fingerprint in the bundle that C(oc), C(oc-mirror), C(podman) and C(skopeo) read.
  - Everything is parsed and judged on the controller before the host is touched. The host needs nothing but Python.
  - A file is refused, with the reason and what to do about it, if it holds anything but certificates and text around
    them (a private key, a request, a revocation list, PKCS#12) or is cut short or damaged. Most programs pass over
    these in silence, and Debian's copies them, a private key too, into a bundle that everybody reads and that a block
    cut short makes useless.
  - A certificate, also as one of several, is refused if it is malformed, is not a CA or may not sign those of TLS
    servers (see O(require_ca)), has expired or is not valid yet (see O(expired)), is not among O(fingerprints), or is
    distrusted by the host. Nothing would verify by it.
  - What some programs do not accept is installed with a warning, such as weak keys and signatures, a DSA key, X.509
    version 1, an intermediate without its issuer, a negative serial number, or one that expires soon.
  - What is but written in another way is rewritten, such as DER, PKCS#7, C(X509 CERTIFICATE), C(TRUSTED CERTIFICATE)
    without restrictions, a byte order mark, other line ends or none, duplicates, and text around.
  - A certificate is its SHA-256 fingerprint. One that is anchored already, under whatever file name, is not installed
    twice, and a name whose certificates are renewed leaves no old ones behind.
author:
  - airgap.openshift contributors (@airgap-openshift)
extends_documentation_fragment:
  - airgap.openshift._attributes
options:
  name:
    description:
      - The stem of the anchor's file name, by which the certificates are renewed and removed later.
      - Letters, digits, dots, underscores and hyphens. By default the file name of O(src) without its suffix.
      - With O(state=absent) everything that is anchored under this name is removed.
    type: str
  src:
    description:
      - A file with one or more certificates, as PEM, DER or PKCS#7. Text around PEM blocks does no harm.
      - It is looked for on the controller, in C(files/) as usual and then in the current directory, and may be
        encrypted with Ansible Vault.
    type: str
  content:
    description:
      - The certificates themselves, as PEM. Needs O(name).
    type: str
  remote_src:
    description:
      - Whether O(src) is a file on the host.
    type: bool
    default: false
  fingerprints:
    description:
      - SHA-256 fingerprints, with or without colons, of the certificates that may be in the file. Any other is refused.
      - With O(state=absent) the certificates to remove.
    type: list
    elements: str
  state:
    description:
      - Whether the host trusts the certificates.
      - With V(absent) the certificates in O(src) or O(content), those in O(fingerprints) and those under O(name) are
        removed. What the operating system itself brings along is no anchor; the task fails if that is to be removed.
    type: str
    choices: [present, absent]
    default: present
  only_own:
    description:
      - With O(state=absent), takes back what the same options did with O(state=present). Only those anchors under
        O(name) (by default the file name of O(src), as with V(present)) are removed that this module made. An anchor
        that was there before stays, and so does what the system brings along.
      - Certificates in O(content), O(fingerprints) and O(src), if that is on the controller still, are not removed by
        them. The result says of them, too, where they are left.
      - Beside O(certificates), takes back all that this list did. Entries with a state of V(absent) are passed over.
    type: bool
    default: false
  certificates:
    description:
      - Several of the above at once. The trust store is refreshed once for all of them.
    type: list
    elements: dict
    suboptions:
      name:
        description: See O(name).
        type: str
      src:
        description: See O(src).
        type: str
      content:
        description: See O(content).
        type: str
      remote_src:
        description: See O(remote_src).
        type: bool
        default: false
      fingerprints:
        description: See O(fingerprints).
        type: list
        elements: str
      state:
        description: See O(state).
        type: str
        choices: [present, absent]
        default: present
      only_own:
        description: See O(only_own).
        type: bool
        default: false
  require_ca:
    description:
      - Refuse certificates that may not sign those of TLS servers. With V(false) there is a warning, and the host's
        trust store decides; that of the RHEL family accepts none of them, and the task fails for that reason.
    type: bool
    default: true
  expired:
    description:
      - What to do with a certificate that has expired or is not valid yet.
    type: str
    choices: [fail, warn]
    default: fail
  expiry_warning_days:
    description:
      - Warn when a certificate expires in fewer days than this.
    type: int
    default: 30
  anchors_dir:
    description:
      - The directory for anchors. By default that of the trust store found on the host.
    type: path
  update_command:
    description:
      - The command that makes the bundle from the anchors. By default that of the trust store found on the host.
      - It is run without a shell, and ended after 120 seconds.
    type: str
  bundle:
    description:
      - The PEM file in which the certificates have to be found. By default that of the trust store found on the host.
    type: path
notes:
  - These trust stores are known. They are told apart by the directories and commands on the disk, so no facts are
    needed. Anchors go to the first directory that is not part of a read-only system, such as that of C(rpm-ostree) and
    C(bootc).
  - V(rhel) (RHEL 7 to 10, CentOS, Fedora, Amazon Linux) is C(/usr/share/pki/ca-trust-source/anchors) or
    C(/etc/pki/ca-trust/source/anchors), read by C(update-ca-trust extract), and
    C(/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem). It takes nothing but CAs for TLS servers into the bundle, and
    nothing that is in a C(blocklist) (RHEL 8, C(blacklist)), nor any certificate with the key of one that is.
  - V(suse) (openSUSE, SLES) is C(/etc/pki/trust/anchors) or C(/usr/share/pki/trust/anchors), read by
    C(update-ca-certificates --fresh), and C(/var/lib/ca-certificates/ca-bundle.pem). It takes the same as V(rhel). In
    the shell of C(transactional-update) its command does nothing, and the task fails.
  - V(arch) (Arch Linux) is C(/etc/ca-certificates/trust-source/anchors) or
    C(/usr/share/ca-certificates/trust-source/anchors), read by C(update-ca-trust), and
    C(/etc/ca-certificates/extracted/tls-ca-bundle.pem). It takes the same as V(rhel).
  - V(debian) (Debian, Ubuntu) is C(/usr/local/share/ca-certificates), read by C(update-ca-certificates --fresh), and
    C(/etc/ssl/certs/ca-certificates.crt). It takes every C(*.crt) file as it is, servers' own certificates too, and
    knows no distrust. A name must not be that of a certificate of the system.
  - V(alpine) (Alpine) is C(/usr/local/share/ca-certificates), read by C(update-ca-certificates), and
    C(/etc/ssl/certs/ca-certificates.crt). It takes every file that is not hidden. It is told from V(debian) by
    C(/etc/apk).
  - The anchors that this module makes begin with the line C(# Made by airgap.openshift.ca_trust), which the programs
    that read them pass over. One that holds the certificate already is left as it is, and has no such line.
  - If a certificate does not reach the bundle, or the update command fails and others are gone from it, anchors become
    what they were and the task fails. A run that is cut off is healed by the next one.
  - An anchor of the name in a read-only directory is an error where it is to become another, or to be removed.
  - Files of more than 64 MiB are not read, and the update command is ended after 120 seconds.
  - Only root may change a trust store. Use C(become).
  - Certificates are no secrets and are shown in diffs by their fingerprints. A file that contains a private key is
    refused before anything of it is shown or sent.
"""

EXAMPLES = r"""
- name: Trust the mirror registry's CA
  airgap.openshift.ca_trust:
    name: mirror-registry
    src: mirror-registry-ca.crt
  become: true

- name: Trust this CA and no other that may have slipped into the file
  airgap.openshift.ca_trust:
    src: mirror-registry-ca.crt
    fingerprints:
      - 5F:53:0A:2C:84:6B:D9:8F:3B:61:35:A7:C5:2F:0E:8D:7A:33:D1:40:F1:52:60:B6:97:0C:6B:1E:25:9D:8C:F2
  become: true

- name: Trust the CAs of the registry and of the proxy, the latter no longer under its old name
  airgap.openshift.ca_trust:
    certificates:
      - name: mirror-registry
        src: /etc/quay-install/quay-rootCA/rootCA.pem
        remote_src: true
      - name: proxy
        content: "{{ proxy_ca_certificate }}"
      - name: old-proxy
        state: absent
  become: true

- name: Take back what the first of these tasks did, and leave an anchor that was there before
  airgap.openshift.ca_trust:
    name: mirror-registry
    state: absent
    only_own: true
  become: true

- name: Take back what a task with this list did
  airgap.openshift.ca_trust:
    certificates: "{{ mirror_host_ca_certificates }}"
    only_own: true
  become: true

- name: Trust the old registry's CA no more
  airgap.openshift.ca_trust:
    name: old-registry
    state: absent
  become: true
"""

RETURN = r"""
certificates:
  description:
    - The certificates that were asked for, in that order, then those that were removed with them.
    - Of a certificate that the controller has not seen (removed by name or fingerprint) there are only
      RV(certificates[].fingerprint_sha256), RV(certificates[].path) and RV(certificates[].action).
  returned: success
  type: list
  elements: dict
  contains:
    subject:
      description: Distinguished name as in RFC 4514.
      type: str
      sample: CN=Example Mirror CA,O=Example
    issuer:
      description: Distinguished name of the issuer.
      type: str
      sample: CN=Example Mirror CA,O=Example
    serial_number:
      description: Hexadecimal, as C(openssl x509 -serial) prints it.
      type: str
      sample: 1A2B3C4D
    fingerprint_sha256:
      description: SHA-256 of the certificate, as M(community.crypto.x509_certificate_info) returns it.
      type: str
      sample: 5f:53:0a:2c:84:6b:d9:8f:3b:61:35:a7:c5:2f:0e:8d:7a:33:d1:40:f1:52:60:b6:97:0c:6b:1e:25:9d:8c:f2
    not_before:
      description: Begin of its validity, UTC, ISO 8601.
      type: str
      sample: "2026-01-01T00:00:00Z"
    not_after:
      description: End of its validity, UTC, ISO 8601.
      type: str
      sample: "2036-01-01T00:00:00Z"
    days_left:
      description: Whole days until it expires; negative afterwards.
      type: int
      sample: 3287
    is_ca:
      description: Whether it may sign certificates of TLS servers.
      type: bool
      sample: true
    path:
      description: The anchor file that holds it or, if it is removed, held it; none if it is in no anchor file.
      type: str
      sample: /usr/share/pki/ca-trust-source/anchors/mirror-registry.crt
    trusted:
      description: Whether the bundle holds it; in check mode, whether it would.
      type: bool
      sample: true
    action:
      description:
        - V(added) is a new anchor, V(updated) one whose file was put right, V(refreshed) one that the bundle lacked.
        - V(unchanged), V(removed) and V(absent) are what they say.
        - V(left) is one with an anchor, or of the system, that O(only_own) does not remove.
      type: str
      sample: added
store:
  description:
    - The kind of trust store, V(rhel), V(suse), V(arch), V(debian) or V(alpine).
    - V(custom) if O(anchors_dir), O(update_command) and O(bundle) are all given.
  returned: success
  type: str
  sample: rhel
bundle:
  description: The bundle in which the certificates were looked for.
  returned: success
  type: str
  sample: /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem
msg:
  description: One sentence on what the host trusts, or in check mode would trust.
  returned: success
  type: str
  sample: "trusted: CN=Example Mirror CA,O=Example (until 2036-01-01, added)"
findings:
  description:
    - What lies in the folders C(certs.d) of single registries that concerns the host's trust, in
      C(/etc/containers/certs.d), C(/etc/docker/certs.d), and C(.config/containers/certs.d) in the homes of root and of
      the user who became root by sudo. What is no mere note is a warning, too.
    - C(podman), C(skopeo) and C(oc-mirror) take the first of these folders that there is for a registry, even an empty
      one, and add its C(*.crt) files to what the host trusts. C(oc) and the catalog step of C(oc-mirror) look at none.
      So an empty or outdated folder does no harm to a CA that the host trusts, but hides the other folders.
  returned: success
  type: list
  elements: dict
  contains:
    code:
      description:
        - A code that stays the same in all releases.
        - V(certs-d-unusable) makes C(podman), C(skopeo) and C(oc-mirror) refuse to talk to the registry.
        - V(certs-d-hidden) is a folder that hides another one with certificates that the host does not trust.
        - V(certs-d-still-trusted) is one with a certificate that was removed from the host's trust.
        - V(certs-d-only) is one with certificates that the host does not trust, so that C(oc) does not either.
        - V(certs-d-unread) is a file with such certificates that no client reads.
      type: str
      sample: certs-d-hidden
    message:
      description: The cause and the remedy.
      type: str
      sample: >-
        podman, skopeo and oc-mirror refuse to talk to mirror.example.com:5000:
        /etc/containers/certs.d/mirror.example.com:5000/ca.cert is a client's certificate without its key; add ca.key
        or, if it is a CA's, call it *.crt
    severity:
      description: V(error) breaks a client, V(warning) misleads, and V(note) may well be meant.
      type: str
      sample: warning
    path:
      description: The folder or file.
      type: str
      sample: /etc/containers/certs.d/mirror.example.com:5000
trusted:
  description: Whether the host trusts (in check mode, would trust) all certificates that were asked to be present.
  returned: success
  type: bool
  sample: true
"""

from typing import Tuple

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.airgap.openshift.plugins.module_utils import (
    _anchors,
    _trust_certs_d,
    _trust_changes,
    _trust_plan,
    _trust_store,
)
from ansible_collections.airgap.openshift.plugins.module_utils._ca_trust_options import OPTIONS
from ansible_collections.airgap.openshift.plugins.module_utils._command import Completed, run
from ansible_collections.airgap.openshift.plugins.module_utils._files import is_directory
from ansible_collections.airgap.openshift.plugins.module_utils._host import locked, write_anchor
from ansible_collections.airgap.openshift.plugins.module_utils._trust_plan import Change, Look, Plan
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import Store, TrustStoreError
from ansible_collections.airgap.openshift.plugins.module_utils._words import visible

UPDATE_SECONDS = 120
# Another run may have to update, and to update again when it takes back what did not work.
LOCK_SECONDS = 3 * UPDATE_SECONDS


def main() -> None:
    """Entry point. The action plugin has read and judged the certificates, and hands them over as O(certificates)."""
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    try:
        ensure(module)
    except PermissionError as exc:
        module.fail_json(
            msg=f"Cannot bring the trust store to what is asked: {exc}: run the task as root, with become."
        )
    except (TrustStoreError, OSError) as exc:
        module.fail_json(msg=f"Cannot bring the trust store to what is asked: {exc}.")


def ensure(module: AnsibleModule) -> None:
    """Look, plan, apply, report."""
    params = module.params
    own = (params["anchors_dir"], params["update_command"], params["bundle"])
    store = _trust_store.chosen(*own, is_directory, module.get_bin_path)
    # A bundle or command of the administrator's need not follow the rule that each update makes the bundle anew.
    rewrites_bundle = not (params["update_command"] or params["bundle"])
    requests = [_trust_plan.read_request(entry) for entry in params["certificates"]]
    with locked(next(filter(is_directory, store.anchors_dirs), "/"), LOCK_SECONDS):
        seen = _anchors.look(store, rewrites_bundle)
        todo = _trust_plan.plan(store, requests, seen)
        outcomes = todo.outcomes
        if todo.changed:
            _anchors.refuse_locked(seen.writable_dirs)
        if todo.changed and not module.check_mode:
            seen = apply(module, store, todo, seen, rewrites_bundle)
            outcomes = todo.looked_up(seen.trusted)
    findings = _trust_certs_d.findings(*_trust_plan.afterwards(seen, outcomes))
    for finding in _trust_certs_d.to_warn_of(findings):
        module.warn(visible(f"{finding.message}."))
    module.exit_json(
        **_trust_plan.reported(store, todo, outcomes), findings=[finding._asdict() for finding in findings]
    )


def apply(module: AnsibleModule, store: Store, todo: Plan, before: Look, rewrites_bundle: bool) -> Look:
    """Carry the plan out and look whether it had its effect; take it back if not."""
    try:
        completed = carry_out(module, store, todo.changes)
        seen = _anchors.look(store, rewrites_bundle)
        reason = _trust_plan.why_not(store, todo, seen)
        if completed.rc and not reason:
            reason = _trust_plan.why_lost(store, todo, before, seen)
        if reason:
            raise TrustStoreError(f"{reason}; {' '.join(store.update)} {completed.ending}")
    except (TrustStoreError, OSError) as exc:
        raise TrustStoreError(f"{exc}. {take_back(module, store, todo)}") from exc
    except SystemExit:
        take_back(module, store, todo)
        raise
    if completed.rc:
        module.warn(f"{store.bundle} is as asked, but {' '.join(store.update)} {completed.ending}.")
    return seen


def carry_out(module: AnsibleModule, store: Store, changes: Tuple[Change, ...]) -> Completed:
    """Change the anchors and have the bundle made from them."""
    _trust_changes.clear(store)
    _trust_changes.make(changes, lambda *change: write_anchor(module, *change))
    # "timeout" looks for the command in PATH only, which need not have the directories of root's commands.
    argv = [module.get_bin_path(store.update[0]) or store.update[0], *store.update[1:]]
    with _trust_changes.under_way(store):
        return run(argv, UPDATE_SECONDS)


def take_back(module: AnsibleModule, store: Store, todo: Plan) -> str:
    """Undo the plan as far as possible and say how far that was."""
    try:
        carry_out(module, store, todo.undone())
    except OSError as exc:
        return f"The anchors could not be put back ({exc}); run the task again when that is mended"
    return "The anchors were put back as they were"


if __name__ == "__main__":
    main()
