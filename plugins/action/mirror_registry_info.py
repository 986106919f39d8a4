# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The controller's side of mirror_registry_info: explain the certificates that the host saw, and sum up."""

from __future__ import annotations

import base64
import binascii
import datetime
import typing as t

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ansible_collections.airgap.openshift.plugins.module_utils import _ca_trust_options, _pull_secret_merge_options
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import FAILS, PULL, PUSH, STEPS, TLS
from ansible_collections.airgap.openshift.plugins.plugin_utils import (
    _certificate_entries,
    _certificates,
    _entries,
    _pipelining,
    _registry_chain,
)
from ansible_collections.airgap.openshift.plugins.plugin_utils._certificates import Certificate, CertificateError
from ansible_collections.airgap.openshift.plugins.plugin_utils._registry_chain import Evidence

# The one option that stays here: what the host does not trust is no use to it.
KEPT = "ca_certificates"
ASKED = "registries"
# The same list as that of pull_secret_merge, most of which is not needed on the host, passwords least of all.
OF_ENTRY = tuple(_pull_secret_merge_options.OPTIONS[ASKED]["options"])
OF_MERGE = frozenset(OF_ENTRY) - {"registry", "namespace"}
OF_CERTIFICATES = _ca_trust_options.OPTIONS["certificates"]
NONE_LEFT = "There is no registry to check: all of them have a state of absent."
UNEXPLAINED = "certificate-refused"
CHAINS = ("chain", "anchors")
NOT_JUDGED = "certificate-not-judged"
SAID = {"reach": "reachable", "tls": "trusted", "login": "logged in", "pull": "may pull", "push": "may push"}


class Span(t.NamedTuple):
    """When the controller asked the host, and when it had the answer."""

    begin: datetime.datetime
    end: datetime.datetime

    def nearest(self, moment: datetime.datetime) -> datetime.datetime:
        """The controller's time when the host's was ``moment``, as near to it as can be."""
        return min(max(moment, self.begin), self.end)


class ActionModule(ActionBase):
    """Ask on the host, where only Python is; explain on the controller, where cryptography is."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task; its options and results are documented in the module of the same name."""
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        entries, registries, wrong = checked(self._task.args)
        if wrong:
            return {**result, "failed": True, "msg": wrong}
        wanted = asked(registries)
        arguments = {word: value for word, value in self._task.args.items() if word != KEPT}
        arguments.update({} if registries is None else {ASKED: wanted})
        if registries and not wanted and not {"registry", "namespace"} & set(arguments):
            return {**result, "skipped": True, "changed": False, **summed_up([]), "msg": NONE_LEFT}
        begin = now()
        answer = _pipelining.execute(self, "airgap.openshift.mirror_registry_info", arguments, task_vars)
        if "registries" not in answer:
            return {**result, **answer}
        span = Span(begin, now())
        refused = any(registry.get("evidence", {}).get("refused") for registry in answer["registries"])
        given = self._given(entries, answer, task_vars) if refused else []
        return {**result, **answer, **summed_up([judged(each, given, span) for each in answer["registries"]])}

    def _given(self, entries: list[dict[str, t.Any]], answer: dict[str, t.Any], task_vars: t.Any) -> list[Certificate]:
        """The CA certificates that the administrator holds; the answer warns of those that cannot be read."""
        found = []
        for entry in entries:
            try:
                found += _certificate_entries.read(self, entry, task_vars)
            except (CertificateError, AnsibleError) as exc:
                warning = f"Cannot look into {_certificate_entries.origin(entry)} for the CA of a registry: {exc}."
                answer["warnings"] = [*answer.get("warnings", []), warning]
        return found


def asked(registries: list[dict[str, t.Any]] | None) -> list[dict[str, t.Any]]:
    """The registries to check, of a list that pull_secret_merge takes as well."""
    wanted = [entry for entry in registries or () if entry.get("state") != "absent"]
    return [{word: value for word, value in entry.items() if word not in OF_MERGE} for entry in wanted]


def now() -> datetime.datetime:
    """The controller's clock."""
    return datetime.datetime.now(datetime.timezone.utc)


def checked(options: t.Mapping[str, t.Any]) -> tuple[list[dict[str, t.Any]], list[dict[str, t.Any]] | None, str]:
    """The entries that bring certificates along, the registries, and what is wrong with either option."""
    try:
        _entries.refuse_what_would_be_shown(options)
        registries = _entries.entries(ASKED, options.get(ASKED), OF_ENTRY)
        certificates = _entries.entries(KEPT, options.get(KEPT), tuple(OF_CERTIFICATES["options"]))
    except _entries.EntriesError as exc:
        return [], None, f"Cannot use {exc}"
    checked_options = ArgumentSpecValidator({KEPT: OF_CERTIFICATES}).validate({KEPT: certificates})
    if checked_options.error_messages:
        return [], None, ". ".join(checked_options.error_messages)
    found = checked_options.validated_parameters[KEPT] or ()
    given = [each for each in found if each["state"] == "present" and _certificate_entries.given(each)]
    return given, registries, ""


def judged(registry: dict[str, t.Any], given: t.Sequence[Certificate], span: Span) -> dict[str, t.Any]:
    """What the host found of a registry, with its certificates explained in place of the evidence."""
    steps, findings = registry["steps"], registry["findings"]
    evidence = read_evidence(registry.get("evidence"))
    if evidence:
        found = _registry_chain.explain(registry["registry"], evidence, given, span.nearest(evidence.now))
        if any(each.severity == FAILS for each in found):
            steps = {**steps, TLS: "failed"}
            findings = [each for each in findings if each["code"] != UNEXPLAINED]
        elif any(each.code == NOT_JUDGED for each in found):
            steps = {**steps, TLS: "skipped"}
            findings = [each for each in findings if each["code"] != UNEXPLAINED]
        findings = sorted([*findings, *(each._asdict() for each in found)], key=lambda each: STEPS.index(each["step"]))
    failed = "failed" in steps.values() or any(each["severity"] == FAILS for each in findings)
    return {
        **{word: value for word, value in registry.items() if word != "evidence"},
        "steps": steps,
        "findings": findings,
        "certificates": described(evidence) if evidence else [],
        "ok": not failed,
    }


def read_evidence(values: dict[str, t.Any] | None) -> Evidence | None:
    """What the host saw, out of JSON; nothing where Ansible has masked it, since a short password was part of it."""
    if values is None:
        return None
    try:
        chain, anchors = (tuple(base64.b64decode(each, validate=True) for each in values[name]) for name in CHAINS)
    except binascii.Error:
        return None
    return Evidence(
        host=values["host"],
        chain=chain,
        anchors=anchors,
        partial=bool(values.get("partial")),
        refused=values["refused"],
        now=datetime.datetime.fromtimestamp(values["now"], datetime.timezone.utc),
    )


def described(evidence: Evidence) -> list[dict[str, t.Any]]:
    """The certificates that a registry sent; none if any is malformed, which is a finding."""
    try:
        return [_certificates.describe(each, evidence.now) for each in _registry_chain.chain(evidence.chain)]
    except CertificateError:
        return []


def summed_up(registries: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    """The result of the task."""
    return {
        "registries": registries,
        "ok": all(registry["ok"] for registry in registries),
        "findings": [
            {"registry": registry["registry"], **finding} for registry in registries for finding in registry["findings"]
        ],
        "msg": ". ".join(f"{registry['registry']}: {in_words(registry)}" for registry in registries),
    }


def in_words(registry: dict[str, t.Any]) -> str:
    """The first thing that is wrong or, if nothing is, how far it was asked."""
    for finding in registry["findings"]:
        if finding["severity"] == FAILS:
            return f"{finding['step']} failed: {finding['message']}; {finding['remedy']}"
    steps = registry["steps"]
    for step in STEPS:
        if steps.get(step) == "failed":
            return f"{step} failed"
    both = steps.get(PULL) == steps.get(PUSH) == "ok"
    done = [words for step, words in SAID.items() if steps.get(step) == "ok" and not (both and step == PULL)]
    return ", ".join([*done[:-1], "may pull and push"] if both else done) or "nothing was asked"
