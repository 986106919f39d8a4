# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What the tasks of the role mirror_host come to: whether the host can mirror, and what to do where it cannot.

The lines are for a person who looks at them once, at night: first the verdict, then one line for each matter with its
state in the same column, then what to do. They hold names and findings only, so nothing secret can be in them.
"""

from __future__ import annotations

import textwrap
import typing as t

from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import (
    API,
    FAILS,
    KEY,
    LOGIN,
    PULL,
    PUSH,
    REACH,
    TLS,
    WARNS,
)
from ansible_collections.airgap.openshift.plugins.module_utils._words import visible

__all__ = ("verdict",)

Values = t.Mapping[str, t.Any]

WIDTH = 110
LISTED = 5  # certificates, each of which has a line
TO_DO = "  to do: "

# What ca_trust did about certificates that are not to be trusted.
_GONE = ("removed", "absent", "left")
_OK, _SEE_BELOW, _FAILED, _PENDING = "ok", "see below", "FAILED", "pending"
_NOT_CHECKED, _NOT_ASKED = "not checked", "not asked"

# What has a line, by the steps that make it up; the last of them says whether it was checked.
_MATTERS = {"registry": (REACH, TLS, API), "login": (KEY, LOGIN), "pull": (PULL,), "push": (PUSH,)}


class _Results(t.NamedTuple):
    """What the tasks registered: empty if they did not run."""

    trust: Values
    auth_file: Values
    registries: Values

    @property
    def pending(self) -> bool:
        """Whether check mode left something undone."""
        return any(result.get("changed") for result in (self.trust, self.auth_file))


class _Line(t.NamedTuple):
    matter: str
    state: str
    detail: str = ""

    def __str__(self) -> str:
        return f"  {self.matter:<9}  {self.state:<11}  {self.detail}".rstrip()


def verdict(results: Values, host: str, check_mode: bool = False, state: str = "present") -> dict[str, t.Any]:
    """Sum up the results of the role's tasks: ``trust``, ``auth_file`` and ``registries``, as far as they ran.

    With the ``state`` absent they are those of taking back what was prepared.
    """
    found = _Results(*(results.get(part) or {} for part in _Results._fields))
    findings = [
        {"part": part, **finding} for part, result in found._asdict().items() for finding in result.get("findings", ())
    ]
    parts = {"trust": _trust(found.trust), "auth_file": _auth_file(found.auth_file)}
    registries = list(found.registries.get("registries", ()))
    asked_well = not found.registries.get("failed") and all(registry["ok"] for registry in registries)
    well = all([asked_well, *(part["ok"] for part in parts.values())])
    lines = (_taken_back if state == "absent" else _prepared)(found, host, check_mode, well)
    return {
        "ok": well,
        "host": host,
        **parts,
        "registries": registries,
        "findings": findings,
        "lines": [*map(visible, lines), *_to_do(findings, found)],
    }


def _trust(result: Values) -> dict[str, t.Any]:
    wanted = [each for each in result.get("certificates", ()) if each["action"] not in _GONE]
    return {
        "ok": not result.get("failed") and all(each["trusted"] for each in wanted),
        "certificates": list(result.get("certificates", ())),
        "findings": list(result.get("findings", ())),
    }


def _auth_file(result: Values) -> dict[str, t.Any]:
    return {
        "ok": not result.get("failed"),
        "path": result.get("dest", ""),
        "registries": list(result.get("registries", ())),
        "findings": list(result.get("findings", ())),
    }


def _prepared(found: _Results, host: str, check_mode: bool, well: bool) -> t.Iterator[str]:
    pending = check_mode and found.pending
    yield from _wrapped(f"{host} {_headline(found, pending, well)}", "")
    asked = found.registries.get("registries", ())
    trust = _of_trust(found.trust, check_mode) if found.trust or not asked else dict.fromkeys(map(_seen_of_ca, asked))
    file = _of_auth_file(found.auth_file, check_mode)
    files = [file] if found.auth_file or not asked else dict.fromkeys(map(_seen_of_file, asked))
    yield from map(str, [*trust, *files])
    yield from map(str, _of_check(found.registries, pending))


def _headline(found: _Results, pending: bool, well: bool) -> str:
    registries = found.registries.get("registries", ())
    failed = dict.fromkeys(registry["registry"] for registry in registries if not registry["ok"])
    if not well:
        return "is NOT ready to mirror" + (f" to {', '.join(failed)}" if failed else "")
    if registries:
        names = ", ".join(dict.fromkeys(registry["registry"] for registry in registries))
        if not _all_ok(registries, LOGIN):
            return f"may be ready to mirror to {names}: the login was not checked"
        return f"is ready to mirror to {names}" + ("" if _all_ok(registries, PUSH) else " (push not checked)")
    if all(map(_without_result, found)):
        return "was not looked at"
    return f"{'would be changed' if pending else 'is as asked'}; no registry was asked"


def _all_ok(registries: t.Iterable[Values], step: str) -> bool:
    return all(registry["steps"].get(step) == "ok" for registry in registries)


def _seen_of_ca(registry: Values) -> _Line:
    """What the check of a registry says of its CA, where the trust store itself was not looked at."""
    certificates = registry.get("certificates", ())
    return _Line("CA", _state_of(registry, (TLS,)), certificates[-1]["issuer"] if certificates else "")


def _seen_of_file(registry: Values) -> _Line:
    """What it says of the auth file."""
    keys = dict.fromkeys(key for client in registry.get("clients", ()) for key in client["keys"])
    return _Line("auth file", _state_of(registry, (KEY,)), ", ".join(keys))


def _of_trust(trust: Values, check_mode: bool) -> t.Iterator[_Line]:
    unknown = _without_result(trust)
    if unknown:
        yield _Line("CA", unknown)
        return
    noted = _state_by(trust.get("findings", ()))
    certificates = trust.get("certificates", ())
    for certificate in certificates[:LISTED]:
        yield _Line("CA", *_of_certificate(certificate, noted, check_mode))
    if len(certificates) > LISTED:
        yield _Line("CA", _state_of_all(certificates[LISTED:], noted), f"{len(certificates) - LISTED} more")
    if not certificates:
        yield _Line("CA", noted, "nothing to trust")


def _of_certificate(certificate: Values, noted: str, check_mode: bool) -> tuple[str, str]:
    name = certificate.get("subject", certificate.get("fingerprint_sha256", ""))
    action = certificate["action"]
    if action in _GONE:
        return noted, f"{name}, {'trusted still' if certificate['trusted'] else 'not trusted'} ({action})"
    until = f", until {certificate['not_after'][:10]}" if "not_after" in certificate else ""
    if check_mode and action != "unchanged":
        return _PENDING, f"{name}{until}, would be {action}"
    return noted if certificate["trusted"] else _FAILED, f"{name}{until}"


def _state_of_all(certificates: t.Iterable[Values], noted: str) -> str:
    wanted = [certificate for certificate in certificates if certificate["action"] not in _GONE]
    return noted if all(certificate["trusted"] for certificate in wanted) else _FAILED


def _of_auth_file(auth_file: Values, check_mode: bool) -> _Line:
    unknown = _without_result(auth_file)
    if unknown:
        return _Line("auth file", unknown)
    number = len(auth_file.get("registries", ()))
    detail = f"{auth_file.get('dest', '')}, {number} {'registry' if number == 1 else 'registries'}"
    pending = check_mode and auth_file.get("changed")
    return _Line("auth file", _PENDING if pending else _state_by(auth_file.get("findings", ())), detail)


def _of_check(check: Values, pending: bool) -> t.Iterator[_Line]:
    unknown = _without_result(check)
    if unknown:
        yield _Line("registry", *((_NOT_CHECKED, "(check mode)") if pending else (unknown,)))
        return
    for registry in check.get("registries", ()):
        for matter, steps in _MATTERS.items():
            line = _Line(matter, _state_of(registry, steps), _detail(registry, matter))
            # Whoever may push need not be asked whether it may pull.
            if not (matter == "pull" and line.state == _NOT_CHECKED and registry["steps"].get(PUSH) == "ok"):
                yield line


def _state_of(registry: Values, steps: t.Sequence[str]) -> str:
    findings = [finding for finding in registry["findings"] if finding["step"] in steps]
    states = [registry["steps"].get(step) for step in steps]
    if "failed" in states or any(finding["severity"] == FAILS for finding in findings):
        return _FAILED
    return _state_by(findings) if states[-1] == "ok" else _NOT_CHECKED


def _detail(registry: Values, matter: str) -> str:
    if matter in ("pull", "push"):
        return str(registry.get("repository", ""))
    if matter == "login":
        return ""
    tls = str(registry.get("tls_version", "")).replace("TLSv", "TLS ")
    by = f"by {registry['proxy']}" if registry.get("proxy") else ""
    return ", ".join(part for part in (registry["registry"], tls, by) if part)


def _without_result(result: Values) -> str:
    """The state of a matter whose task did not run, or not to its end; empty if it did."""
    if result.get("failed"):
        return _FAILED
    if result.get("skipped"):
        return _NOT_ASKED
    return "" if result else _NOT_CHECKED


def _state_by(findings: t.Iterable[Values]) -> str:
    return _SEE_BELOW if any(finding["severity"] in (FAILS, WARNS) for finding in findings) else _OK


def _taken_back(found: _Results, host: str, check_mode: bool, well: bool) -> t.Iterator[str]:
    verb = "would be" if check_mode else "is" if well else "is NOT"
    yield f"{host}: what was prepared {verb} taken back"
    for matter, result in (("CA", found.trust), ("auth file", found.auth_file)):
        yield from _wrapped(_without_result(result) or str(result.get("msg", "")), f"  {matter:<9}  ")


def _to_do(findings: t.Sequence[Values], results: t.Iterable[Values]) -> t.Iterator[str]:
    """Errors first; why a task failed says its own message."""
    for result in results:
        if result.get("failed"):
            yield from _wrapped(str(result.get("msg", "")), TO_DO)
    said: set[str] = set()
    for severity in (FAILS, WARNS):
        for finding in findings:
            text = _sentence(finding)
            if finding["severity"] == severity and text not in said:
                said.add(text)
                yield from _wrapped(text, TO_DO)


def _sentence(finding: Values) -> str:
    about = f"{finding['registry']}: " if finding["part"] == "auth_file" and finding["registry"] else ""
    return f"{about}{finding['message']}" + (f"; {finding['remedy']}" if finding.get("remedy") else "")


def _wrapped(text: str, label: str) -> list[str]:
    return textwrap.wrap(
        visible(text),
        WIDTH,
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    )
