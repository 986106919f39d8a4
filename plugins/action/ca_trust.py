# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of ca_trust: bring the certificates in, judge them, and hand them over."""

from __future__ import annotations

import base64
import datetime
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ansible_collections.airgap.openshift.plugins.module_utils._ca_trust_options import OPTIONS, RULES
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import TrustStoreError, anchor_name
from ansible_collections.airgap.openshift.plugins.plugin_utils import _certificate_files, _certificates
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import Certificate, CertificateError

HANDED_ON = ("anchors_dir", "update_command", "bundle")


class ActionModule(ActionBase):
    """Judge on the controller, where cryptography is; act on the host, where only Python is."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task; its options and results are documented in the module of the same name."""
        super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(argument_spec=OPTIONS, **RULES)
        now = datetime.datetime.now(datetime.timezone.utc)
        described: dict[str, dict[str, t.Any]] = {}
        warnings: list[str] = []
        requests = []
        for entry in options["certificates"] or [options]:
            request, certificates = self._request(entry, task_vars)
            if request["present"]:
                warnings += self._judged(entry, certificates, options, now)
            described.update((found.fingerprint, _certificates.describe(found, now)) for found in certificates)
            requests.append(request)
        # As given, not as checked here: "~" in them means a home on the host.
        arguments = {word: given for word, given in self._task.args.items() if word in HANDED_ON}
        result = self._execute_module(
            module_name="airgap.openshift.ca_trust",
            module_args={**arguments, "_requests": requests},
            task_vars=task_vars,
        )
        return reported(result, described, warnings)

    def _request(self, entry: dict[str, t.Any], task_vars: t.Any) -> tuple[dict[str, t.Any], list[Certificate]]:
        """What the module gets of an entry, and the certificates in it."""
        try:
            refuse_incomplete(entry)
            certificates = _certificate_files.read(self._bytes(entry, task_vars)) if given(entry) else []
            pins = [_certificates.pin(text) for text in entry["fingerprints"] or []]
            # A file to remove certificates by says nothing about the name that they are anchored under.
            name = anchor_name(entry["name"], None if entry["state"] == "absent" else entry["src"])
        except (CertificateError, TrustStoreError) as exc:
            raise AnsibleActionFail(f"Cannot use {origin(entry)}: {exc}.") from None
        present = entry["state"] == "present"
        return {
            "name": name,
            "present": present,
            "certificates": [handed_over(certificate) for certificate in certificates],
            "fingerprints": [] if present else pins,
        }, certificates

    def _bytes(self, entry: dict[str, t.Any], task_vars: t.Any) -> bytes:
        if entry["content"] is not None:
            return str(entry["content"]).encode()
        if not entry["remote_src"]:
            # Decrypts a vaulted file in memory; the public get_real_file would write the plain text to disk.
            content: bytes = self._loader._get_file_contents(self._find_needle("files", entry["src"]))[0]
            return content
        read = self._execute_module("ansible.legacy.slurp", module_args={"src": entry["src"]}, task_vars=task_vars)
        if read.get("failed"):
            raise CertificateError(f"it cannot be read on the host ({read.get('msg')})")
        return base64.b64decode(str(read["content"]))

    def _judged(
        self,
        entry: dict[str, t.Any],
        certificates: list[Certificate],
        options: dict[str, t.Any],
        now: datetime.datetime,
    ) -> list[str]:
        policy = _certificates.Policy(
            require_ca=options["require_ca"],
            allow_expired=options["expired"] == "warn",
            expiry_warning_days=options["expiry_warning_days"],
            pins=frozenset(_certificates.pin(text) for text in entry["fingerprints"] or []),
        )
        try:
            return [f"{origin(entry)}: {remark}." for remark in _certificates.judge(certificates, policy, now)]
        except CertificateError as exc:
            raise AnsibleActionFail(f"Cannot trust {origin(entry)}: {exc}.") from None


def given(entry: dict[str, t.Any]) -> bool:
    """Whether the entry brings certificates along."""
    return entry["src"] is not None or entry["content"] is not None


def origin(entry: dict[str, t.Any]) -> str:
    """How messages name an entry."""
    if entry["src"] is not None:
        return f"{entry['src']} of the host" if entry["remote_src"] else str(entry["src"])
    if entry["content"] is not None:
        return f"the content for {entry['name']}"
    return str(entry["name"] or "the fingerprints")


def refuse_incomplete(entry: dict[str, t.Any]) -> None:
    """Raises: CertificateError for an entry from which it does not follow what to do."""
    if entry["state"] == "present" and not given(entry):
        raise CertificateError("certificates to trust come from src or content: set one of them")
    if entry["content"] is not None and entry["state"] == "present" and not entry["name"]:
        raise CertificateError("name is needed with content: set it to the stem of the anchor's file name")
    if not (given(entry) or entry["name"] or entry["fingerprints"]):
        raise CertificateError("it is not said what to remove: set name, fingerprints, src or content")


def handed_over(certificate: Certificate) -> dict[str, str]:
    """A certificate as the module gets it."""
    return {
        "pem": certificate.pem,
        "subject": _certificates.name_of(certificate.parsed.subject),
        "public_key": base64.b64encode(certificate.public_key).decode("ascii"),
    }


def reported(result: dict[str, t.Any], described: dict[str, dict[str, t.Any]], warnings: list[str]) -> dict[str, t.Any]:
    """The module's result with what only the controller knows of the certificates."""
    if "certificates" in result:
        result["certificates"] = [
            {
                **described.get(outcome["fingerprint"], {}),
                "fingerprint_sha256": _certificates.colons(outcome["fingerprint"]),
                "path": outcome["path"],
                "action": outcome["action"],
            }
            for outcome in result["certificates"]
        ]
    if warnings:
        result["warnings"] = [*result.get("warnings", []), *warnings]
    return result
