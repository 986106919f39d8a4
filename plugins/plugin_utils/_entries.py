# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Lists of entries, looked at before Ansible does: its errors for what is no list or no entry quote all of it.

(``_list_no_log_values`` of ansible-core 2.14 to 2.21, which is to keep secrets out of errors.)
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping

from ansible.module_utils.common.validation import check_type_dict

from ansible_collections.airgap.openshift.plugins.module_utils._auth_key import refuse_secrets
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError

__all__ = ("EntriesError", "entries", "refuse_what_would_be_shown")

REMEDY = "write it as a list of entries, with -e as JSON, and vault single values of it or a whole file of variables"


# What is text, and secret or about a registry.
NAMES = ("registry", "namespace")
TEXTS = (*NAMES, "username", "password", "auth", "email")


class EntriesError(ValueError):
    """An option cannot be used. The message goes on after "Cannot use", and quotes nothing of the option."""


def entries(option: str, value: t.Any, known: Collection[str]) -> list[dict[str, t.Any]] | None:
    """The entries of an option, each as a dictionary; None where the option is not given.

    Texts that Ansible takes for a dictionary (JSON and ``name=value``) become one, if they have ``known`` names only:
    else they may be torn out of something else.

    Raises: EntriesError for all else.
    """
    if value is None:
        return None
    if not isinstance(value, list):
        raise EntriesError(f"{option}: it is no list; {REMEDY}")
    return [_entry(f"{option}: entry {number}", each, known) for number, each in enumerate(value, 1)]


def refuse_what_would_be_shown(options: Mapping[str, t.Any], where: str = "") -> None:
    """Refuse secrets where Ansible does not look for them, before it quotes or logs what a module was called with.

    It makes text of a list and knows what was in it no longer, and a name is no secret.

    Raises: EntriesError for these.
    """
    for name in TEXTS:
        value = options.get(name)
        if isinstance(value, (list, Mapping)):
            kind = "list" if isinstance(value, list) else "dictionary"
            raise EntriesError(f"{where}{name}: it is a {kind}; give it as text")
    try:
        for name in NAMES:
            refuse_secrets(f"{where}{name}", str(options.get(name) or ""))
    except AuthFileError as exc:
        raise EntriesError(str(exc)) from exc


def _entry(name: str, value: t.Any, known: Collection[str]) -> dict[str, t.Any]:
    found = _fields(name, value, known)
    refuse_what_would_be_shown(found, f"{name}: ")
    return found


def _fields(name: str, value: t.Any, known: Collection[str]) -> dict[str, t.Any]:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list):
        raise EntriesError(f"{name} is a list itself; move what is in it one level up")
    try:
        found: dict[str, t.Any] = check_type_dict(str(value))
    except (TypeError, ValueError):
        found = {}
    if not found or not found.keys() <= set(known):
        raise EntriesError(f"{name} does not consist of names and values; give it such as {', '.join(known)}")
    return found
