# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of ca_trust: bring the certificates in, judge them, and hand them over."""

from __future__ import annotations

import datetime
import typing as t

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.airgap.openshift.plugins.module_utils._ca_trust_options import ENTRY, OPTIONS, RULES
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import TrustStoreError, anchor_name
from ansible_collections.airgap.openshift.plugins.plugin_utils import (
    _certificate_entries,
    _certificates,
    _entries,
    _pipelining,
)
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificate_entries import given, origin
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import Certificate, CertificateError

LISTED = 10  # certificates in one sentence
HANDED_ON = ("anchors_dir", "update_command", "bundle")
NOTHING_NAMED = "there is nothing under this name"
NOTHING_MADE = "there is nothing to take back"


class Judged(t.NamedTuple):
    """An entry: what the module gets of it, what the result says of its certificates, and what to warn about."""

    request: dict[str, t.Any]
    described: dict[str, dict[str, t.Any]]
    warnings: list[str]


class ActionModule(ActionBase):
    """Judge on the controller, where cryptography is; act on the host, where only Python is."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task; its options and results are documented in the module of the same name."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        try:
            _entries.entries("certificates", self._task.args.get("certificates"), ENTRY)
            options = self.validate_argument_spec(argument_spec=OPTIONS, **RULES)[1]
            refuse_both_ways(self._task.args)
            judged = self._all_judged(entries_of(options), options, task_vars)
        except (CertificateError, _entries.EntriesError) as exc:
            return {**result, "failed": True, "msg": f"Cannot use {exc}."}
        # As given, not as checked here: "~" in them means a home on the host.
        arguments = {word: value for word, value in self._task.args.items() if word in HANDED_ON}
        arguments["certificates"] = [entry.request for entry in judged]
        answer = _pipelining.execute(self, "airgap.openshift.ca_trust", arguments, task_vars)
        return {**result, **reported(answer, judged, self._task.check_mode)}

    def _all_judged(self, entries: list[dict[str, t.Any]], options: dict[str, t.Any], task_vars: t.Any) -> list[Judged]:
        """Raises: CertificateError that names everything that is wrong with any entry."""
        judged, refused = [], []
        for entry in entries:
            try:
                judged.append(self._judged(entry, options, task_vars))
            except CertificateError as exc:
                refused.append(str(exc))
        if refused:
            raise CertificateError("; ".join(refused))
        return judged

    def _judged(self, entry: dict[str, t.Any], options: dict[str, t.Any], task_vars: t.Any) -> Judged:
        """Read what an entry brings along, and judge what is to be trusted."""
        try:
            refuse_incomplete(entry)
            found = self._found(entry, task_vars)
            pins = frozenset(_certificates.pin(text) for text in entry["fingerprints"] or [])
            now = datetime.datetime.now(datetime.timezone.utc)
            present = entry["state"] == "present"
            remarks = _certificates.judge(found, policy(options, pins), now) if present else []
            request = handed_over(entry, found, pins)
        except (CertificateError, TrustStoreError, AnsibleError) as exc:
            raise CertificateError(f"{origin(entry)}: {exc}") from None
        return Judged(
            request=request,
            described={each.fingerprint: _certificates.describe(each, now) for each in found},
            warnings=[f"{origin(entry)}: {remark}." for remark in remarks],
        )

    def _found(self, entry: dict[str, t.Any], task_vars: t.Any) -> list[Certificate]:
        """The certificates that an entry brings along. What is taken back by its name needs none: they only serve to
        say what is left of them, where the file is still there."""
        if not given(entry) or (is_taken_back(entry) and entry["remote_src"]):
            return []
        try:
            return _certificate_entries.read(self, entry, task_vars)
        except (CertificateError, AnsibleError):
            if is_taken_back(entry):
                return []
            raise


def policy(options: dict[str, t.Any], pins: frozenset[str]) -> _certificates.Policy:
    """What the options allow."""
    return _certificates.Policy(
        require_ca=options["require_ca"],
        allow_expired=options["expired"] == "warn",
        expiry_warning_days=options["expiry_warning_days"],
        pins=pins,
    )


def entries_of(options: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    """What to do: each entry of the list or, with ``only_own`` beside it, each the other way round."""
    if options["certificates"] is None:
        return [options]
    entries: list[dict[str, t.Any]] = options["certificates"]
    if not options["only_own"]:
        return entries
    return [{**entry, "state": "absent", "only_own": True} for entry in entries if entry["state"] == "present"]


def is_taken_back(entry: dict[str, t.Any]) -> bool:
    """Whether no more is to be removed than what ca_trust made under the name of the entry."""
    return bool(entry["only_own"]) and entry["state"] == "absent"


def refuse_both_ways(given_options: t.Container[str]) -> None:
    """Raises: CertificateError for options of one entry beside a list of entries, where they would have no effect."""
    extra = [word for word in ENTRY if word in given_options and word != "only_own"]
    if "certificates" in given_options and extra:
        raise CertificateError(
            f"certificates: {' and '.join(extra)} cannot stand beside it; move that into its entries"
        )


def refuse_incomplete(entry: dict[str, t.Any]) -> None:
    """Raises: CertificateError for an entry from which it does not follow what to do."""
    if entry["state"] == "present" and not given(entry):
        raise CertificateError("certificates to trust come from src or content: set one of them")
    if entry["content"] is not None and entry["state"] == "present" and not entry["name"]:
        raise CertificateError("name is needed with content: set it to the stem of the anchor's file name")
    if not (given(entry) or entry["name"] or entry["fingerprints"]):
        raise CertificateError("it is not said what to remove: set name, fingerprints, src or content")
    if is_taken_back(entry) and not (entry["name"] or entry["src"]):
        raise CertificateError("what ca_trust made is known by its name: set name with only_own")


def handed_over(entry: dict[str, t.Any], found: list[Certificate], pins: frozenset[str]) -> dict[str, t.Any]:
    """An entry as the module gets it."""
    present, own = entry["state"] == "present", is_taken_back(entry)
    return {
        # A file to remove certificates by says nothing about the name that they are anchored under.
        "name": anchor_name(entry["name"], entry["src"] if present or own else None),
        "state": entry["state"],
        "content": "".join(certificate.pem for certificate in found),
        "fingerprints": [] if present else sorted(pins),
        "only_own": own,
    }


def reported(answer: dict[str, t.Any], judged: list[Judged], check_mode: bool) -> dict[str, t.Any]:
    """The module's answer with what only the controller knows of the certificates."""
    described = {identity: values for entry in judged for identity, values in entry.described.items()}
    warnings = [warning for entry in judged for warning in entry.warnings]
    # What fails in Ansible's own code has no message here, since ansible-core 2.19.
    if answer.get("failed") and "msg" in answer:
        for identity, values in described.items():
            answer["msg"] = answer["msg"].replace(identity, f"{values['subject']} (SHA-256 {identity})")
    if "certificates" in answer:
        found = [
            {**described.get(each["fingerprint"], {}), **renamed(each)}
            for each in in_order(answer["certificates"], list(described))
        ]
        warnings += [
            f"{name_in(each)} is no longer an anchor, but trusted still: the system or another file brings it along."
            for each in found
            if each["action"] == "removed" and each["trusted"]
        ]
        nothing = NOTHING_MADE if any(entry.request.get("only_own") for entry in judged) else NOTHING_NAMED
        answer.update(certificates=found, msg=summary(found, check_mode and answer["changed"]) or nothing)
    if warnings:
        answer["warnings"] = [*answer.get("warnings", []), *warnings]
    return answer


def in_order(outcomes: list[dict[str, t.Any]], asked: list[str]) -> list[dict[str, t.Any]]:
    """The outcomes of certificates, those asked for first, as they were asked for; the host has them by fingerprint."""
    places = {identity: place for place, identity in enumerate(asked)}
    return sorted(outcomes, key=lambda each: places.get(each["fingerprint"], len(places)))


def renamed(outcome: dict[str, t.Any]) -> dict[str, t.Any]:
    """An outcome of the module as the result has it."""
    identity = outcome.pop("fingerprint")
    return {"fingerprint_sha256": _certificates.colons(identity), **outcome}


def name_in(certificate: dict[str, t.Any]) -> str:
    """How messages name a certificate of the result."""
    return str(certificate.get("subject", certificate["fingerprint_sha256"]))


def shortened(names: list[str]) -> list[str]:
    """The first of them and how many there are beside."""
    return names if len(names) <= LISTED else [*names[:LISTED], f"and {len(names) - LISTED} more"]


def summary(certificates: list[dict[str, t.Any]], would: bool) -> str:
    """One sentence on what the host trusts, or in check mode would trust; none where no certificate is known."""
    titles = {
        "trusted": "would be trusted" if would else "trusted",
        "not trusted": "would not be trusted" if would else "not trusted",
        "left": "left, not made by ca_trust under this name",
    }
    lists: dict[str, list[str]] = {group: [] for group in titles}
    for certificate in certificates:
        group, words = said_of(certificate)
        lists[group].append(f"{name_in(certificate)} ({words})")
    return ". ".join(f"{titles[group]}: {'; '.join(shortened(names))}" for group, names in lists.items() if names)


def said_of(certificate: dict[str, t.Any]) -> tuple[str, str]:
    """Where the sentence names a certificate, and what it says of it."""
    if certificate["action"] == "left":
        where = certificate["path"] or "which comes with the system"
        return "left", where if certificate["trusted"] else f"{where}, without effect"
    if not certificate["trusted"]:
        return "not trusted", certificate["action"]
    until = f"until {certificate['not_after'][:10]}, " if "not_after" in certificate else ""
    return "trusted", until + certificate["action"]
