# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""The options of pull_secret_merge; its module documents them."""

from typing import Any, Dict, List

from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError

__all__ = ("OPTIONS", "RULES", "sources")

OF_CLUSTER = ("kubeconfig", "context", "namespace", "secret")

OPTIONS: Dict[str, Dict[str, Any]] = {
    "dest": {"type": "path", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "track": {"type": "bool", "default": False},
    "registries": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "registry": {"type": "str", "required": True},
            "namespace": {"type": "str"},
            "username": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "auth": {"type": "str", "no_log": True},
            "email": {"type": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        "mutually_exclusive": [("auth", "username"), ("auth", "password")],
        "required_together": [("username", "password")],
        "required_if": [("state", "present", ("username", "auth"), True)],
    },
    "src": {"type": "path"},
    "remote_src": {"type": "bool", "default": False},
    "content": {"type": "str", "no_log": True},
    "sources": {
        "type": "list",
        "elements": "dict",
        "options": {
            "src": {"type": "path"},
            "remote_src": {"type": "bool", "default": False},
            "content": {"type": "str", "no_log": True},
            "kubeconfig": {"type": "path"},
            "context": {"type": "str"},
            "namespace": {"type": "str"},
            "secret": {"type": "str", "no_log": False},
        },
        "mutually_exclusive": [("src", "content", name) for name in OF_CLUSTER],
        "required_one_of": [("src", "content", *OF_CLUSTER)],
    },
    "kubeconfig": {"type": "path"},
    "context": {"type": "str"},
    "oc": {"type": "path", "default": "oc"},
    "namespace": {"type": "str", "default": "openshift-config"},
    "secret": {"type": "str", "default": "pull-secret", "no_log": False},
    "timeout": {"type": "int", "default": 60},
    "on_conflict": {"type": "str", "choices": ["replace", "keep", "fail"], "default": "replace"},
    "invalid_entries": {"type": "str", "choices": ["fail", "keep", "drop"], "default": "fail"},
    "backup": {"type": "bool", "default": False},
    "mode": {"type": "raw", "default": "0600"},
}

RULES: Dict[str, Any] = {
    "mutually_exclusive": [("src", "content", "sources")],
    "required_if": [("remote_src", True, ("src",))],
}


def sources(params: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Return where to read from, in order: ``name`` is what messages call it, and the options say which one it is.

    Raises: AuthFileError for a file of the controller, which the action plugin reads unless it is hidden in a string.
    """
    found = _sources(params)
    if any(source["src"] and not source["remote_src"] for source in found):
        raise AuthFileError("src was not read on the controller; write sources as a list of objects, not as text")
    return found


def _sources(params: Dict[str, Any]) -> List[Dict[str, Any]]:
    if params["sources"] is None:
        name = "the pull secret" if params["content"] is not None else "the cluster's pull secret"
        return [{"name": name, **{option: params[option] for option in ("src", "remote_src", "content", *OF_CLUSTER)}}]
    of_task = {"src": None, "content": None, **{option: params[option] for option in OF_CLUSTER}}
    return [
        {
            "name": f"source {number}",
            **of_task,
            **{option: value for option, value in item.items() if value is not None},
        }
        for number, item in enumerate(params["sources"], 1)
    ]
