# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares RETURN of a module with what it really returned: keys, types, when, and the form of the samples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Specs = Mapping[str, Mapping[str, Any]]

_TYPES: dict[str, Any] = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict}
_ALWAYS = ("always", "success")
# What Ansible itself adds, and what every module that writes a file returns of it.
_OF_ANSIBLE = {
    *("changed", "diff", "warnings", "deprecations", "invocation", "failed_when_result", "ansible_facts"),
    *("owner", "group", "mode", "uid", "gid", "size", "state", "path", "secontext"),
}
_FORMS = {
    "a time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "a fingerprint": r"([0-9a-f]{2}:){31}[0-9a-f]{2}",
    "a hexadecimal number": r"[0-9A-F]+",
    "a URL": r"https?://\S+",
    "a path": r"[/~]\S*",
    "a TLS version": r"TLSv1\.\d",
    "words with hyphens": r"[a-z]+(-[a-z]+)*",
    "a distinguished name": r"(CN|O)=[^()]*",
    "a name of a registry or image": r"[\w.-]+\.[a-z]+(:\d+)?(/\S*)?",
    "a path in a repository": r"[\w.-]+(/[\w.-]+)+",
}


def mistakes(specs: Specs, returned: Sequence[Mapping[str, Any]], where: str = "") -> Iterator[str]:
    """One sentence for each mistake; `returned` are the results of some runs."""
    keys = {key for values in returned for key in values if not key.startswith("_ansible")}
    for key in sorted(keys - specs.keys() - (_OF_ANSIBLE if not where else set())):
        yield f"{where}{key} is returned, but not documented"
    for key, spec in specs.items():
        found = [values[key] for values in returned if key in values]
        if not found:
            yield f"{where}{key} is documented, but no run returned it"
        elif spec.get("returned") in _ALWAYS and len(found) < len(returned):
            yield f"{where}{key} is said to be returned always, but is not"
        yield from _of_key(f"{where}{key}", spec, found)


def is_exactly(value: Any, kind: Any) -> bool:
    """A bool is an int to Python, but not to those who read the documentation."""
    return isinstance(value, kind) and isinstance(value, bool) == (kind is bool)


def _of_key(name: str, spec: Mapping[str, Any], found: Sequence[Any]) -> Iterator[str]:
    kind = _TYPES[spec["type"]]
    for value in found:
        if not is_exactly(value, kind):
            yield f"{name} is not of type {spec['type']}: {value!r}"
            return
    items = [item for value in found for item in value] if kind is list else found
    if kind is list and not all(is_exactly(item, _TYPES[spec["elements"]]) for item in items):
        yield f"{name} has elements that are not of type {spec['elements']}"
    elif "contains" in spec:
        yield from mistakes(spec["contains"], items, f"{name}.")
    if "sample" in spec:
        yield from _of_sample(name, spec["sample"], kind, items)


def _of_sample(name: str, sample: Any, kind: Any, items: Sequence[Any]) -> Iterator[str]:
    """Each part of a sample is of a form that real ones have."""
    if not is_exactly(sample, kind):
        yield f"{name} has a sample of another type: {sample!r}"
        return
    forms = {_form(item) for item in items}
    for part in sample if kind is list else [sample]:
        if _form(part) not in forms:
            yield f"{name} has the sample {part!r} ({_form(part)}), but real ones are like {items[:2]}"


def _form(value: Any) -> str:
    """What a value looks like."""
    if isinstance(value, dict):
        return f"a dictionary with {sorted(value)}"
    if not isinstance(value, str):
        return type(value).__name__
    return next((form for form, pattern in _FORMS.items() if re.fullmatch(pattern, value)), _skeleton(value))


def _skeleton(text: str) -> str:
    return "a sentence" if " " in text else f"a text like {re.sub('[a-z]+', 'a', re.sub('[0-9]+', '0', text))}"
