# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the catalogue of failures from the tables that the modules report from; a unit test compares the two."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ansible_collections.airgap.openshift.plugins.module_utils import (
    _auth_finding,
    _registry_finding,
    _trust_certs_d,
)

CATALOGUE = Path(__file__).parent.parent / "docs/docsite/rst/failures.rst"

PAGE = "ansible_collections.airgap.openshift.docsite.failures"
HEAD = f"""\
..
  Copyright (c) 2026, airgap.openshift contributors
  GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

  Made from the tables of findings by make docs.

.. _{PAGE}:

Catalogue of failures
=====================

Every finding of this collection by its code, which stays the same in all releases. A word in angle brackets stands for
what is found on your host. Look for what your tool printed, or for the code that a task returned in ``findings``.

The severity ``error`` is what makes at least one client fail, ``warning`` what may, ``note`` what is right but to be
known, and ``repaired`` what the task has put right.

.. contents::
   :local:
   :depth: 1
"""

REGISTRY = "<host:port>"
FOLDER = f"/etc/containers/certs.d/{REGISTRY}"
# How the words of sentences are shown; the others are shown by their own names.
SHOWN = {"peer": REGISTRY, "detail": "<details>", "clock": "", "image": "<host:port/repository>", "key": "<key>"}
STEPS = {
    _registry_finding.REACH: "Reaching the registry",
    _registry_finding.TLS: "TLS and certificates",
    _registry_finding.API: "The registry's answers",
    _registry_finding.KEY: "Finding the credentials",
    _registry_finding.LOGIN: "Logging in",
    _registry_finding.PULL: "Permission to pull",
    _registry_finding.PUSH: "Permission to push",
}
VARIES = "{advice}"
IT_DEPENDS = "it depends on what else is found; the finding says it"
# What sentences about auth files are shown with where it is no key: what they are about, and the field if it is one.
ABOUT = {
    "field-not-text": ("<field>", "auth"),
    "unusable-field": ("'credHelpers' is not a JSON object of texts", "credHelpers"),
    "unknown-to-clusters": ("it has the field '<field>'",),
    "several-spellings": ("'<key>' and '<other key>'",),
    "overlap": ("'<key>' and '<other key>'",),
    "sources-differ": ("'<source>' and '<other source>'",),
    "other-file-first": ("<other file>",),
    "other-file-broken": ("<other file>",),
    "docker-hub": ("https://index.docker.io/v1/",),
}


class Failure(NamedTuple):
    """An item of the catalogue; ``seen`` is what other programs print, if they say anything of their own."""

    code: str
    severity: str
    cause: str
    remedy: str
    seen: str = ""


def catalogue() -> str:
    """The whole page."""
    lines = [HEAD, *by_what_is_seen()]
    for step, title in STEPS.items():
        lines += section(step, title, f"Found by {module('mirror_registry_info')}.", of_registries(step))
    lines += section("auth_files", "Auth files", f"Found by {module('pull_secret_merge')}.", of_auth_files())
    lines += section("certs_d", "Folders certs.d", f"Found by {module('ca_trust')}.", of_folders())
    return "\n".join(lines)


def by_what_is_seen() -> Iterator[str]:
    """An index of the page for those who have nothing but a message."""
    codes: dict[str, list[str]] = {}
    for code, cause in _registry_finding.CAUSES.items():
        if cause.seen:
            codes.setdefault(cause.seen.strip(), []).append(f"`{code}`_")
    yield from heading("What oc, podman, skopeo and oc-mirror print")
    for seen, links in sorted(codes.items()):
        yield from wrapped(f"- ``{seen}``: {', '.join(links)}")
    yield ""


def module(name: str) -> str:
    """A link to the page of a module."""
    return f":ansplugin:`airgap.openshift.{name}#module`"


def section(label: str, title: str, text: str, failures: Iterator[Failure]) -> Iterator[str]:
    """A heading, which other pages can refer to, and what belongs under it."""
    yield from (f".. _{PAGE}.{label}:", "", *heading(title), text, "")
    for failure in failures:
        yield from (*heading(failure.code, "^"), *wrapped(sentence(failure.cause)), "")
        if failure.seen:
            yield f"- Other tools print: ``{failure.seen}``"
        if failure.remedy:
            yield from wrapped(f"- What to do: {sentence(failure.remedy)}")
        yield from (f"- Severity: {failure.severity}", "")


def heading(title: str, line: str = "-") -> tuple[str, ...]:
    """A title, underlined."""
    return (title, line * len(title), "")


def wrapped(text: str) -> list[str]:
    """The lines of a paragraph or of an item of a list."""
    indent = "  " if text.startswith("- ") else ""
    return textwrap.wrap(text, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def sentence(text: str) -> str:
    """A text as RST, with a capital and a full stop; what looks like markup is none."""
    shown = re.sub(r"([\\*`|_])", r"\\\1", text)
    begin = shown[0] if shown[:1] in "'<" or shown.startswith(("oc ", "podman", "skopeo")) else shown[0].upper()
    return f"{begin}{shown[1:]}."


def of_registries(step: str) -> Iterator[Failure]:
    """What mirror_registry_info finds at one step."""
    for code, cause in _registry_finding.CAUSES.items():
        if cause.step == step:
            remedy = IT_DEPENDS if cause.remedy == VARIES else readable(cause.remedy)
            yield Failure(code, cause.severity, readable(cause.cause), remedy, cause.seen.strip())


def readable(template: str) -> str:
    """A sentence with words in angle brackets for those to fill in."""
    return re.sub(r"\{(\w+)\}", lambda found: SHOWN.get(found[1], f"<{found[1]}>"), template)


def of_auth_files() -> Iterator[Failure]:
    """What pull_secret_merge finds, and puts right where it can."""
    for code in dict.fromkeys([*_auth_finding._CAUSES, *_auth_finding._REPAIRS]):
        found = []
        if code in _auth_finding._CAUSES:
            found.append(_auth_finding.problem("<registry>", code, *ABOUT.get(code, ("<key>",))))
        if code in _auth_finding._REPAIRS:
            found.append(_auth_finding.repair("<registry>", code, "<key>"))
        yield Failure(code, " or ".join(each.severity for each in found), found[0].message, found[0].remedy)


def of_folders() -> Iterator[Failure]:
    """What ca_trust finds in certs.d, in one set-up for each code; the remedy is in the sentence."""
    folder, alone = _trust_certs_d.Folder(FOLDER), frozenset(("a certificate",))
    flaws = tuple(_trust_certs_d._flaws(f"{FOLDER}/ca.cert", ["ca.cert"], True))
    shadowed = _trust_certs_d.Folder(f"/etc/docker/certs.d/{REGISTRY}", read=alone)
    nothing: frozenset[str] = frozenset()
    for folders, removed in (
        ([folder._replace(flaws=flaws)], nothing),
        ([folder, shadowed], nothing),
        ([folder._replace(read=alone)], alone),
        ([folder._replace(read=alone)], nothing),
        ([folder._replace(unread=((f"{FOLDER}/ca.pem", alone),))], nothing),
    ):
        for found in _trust_certs_d.find({REGISTRY: [folders]}, nothing, removed):
            yield Failure(found.code, found.severity, found.message, "")


if __name__ == "__main__":
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_text(catalogue(), encoding="utf-8")
