# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""The options of ca_trust, for its action plugin (which checks them) and its module (which documents them)."""

from typing import Any, Dict

__all__ = ("ENTRY", "OPTIONS", "RULES")

ENTRY: Dict[str, Dict[str, Any]] = {
    "name": {"type": "str"},
    "src": {"type": "str"},
    "content": {"type": "str"},
    "remote_src": {"type": "bool", "default": False},
    "fingerprints": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "only_own": {"type": "bool", "default": False},
}

OPTIONS: Dict[str, Dict[str, Any]] = {
    **ENTRY,
    "certificates": {"type": "list", "elements": "dict", "options": ENTRY, "mutually_exclusive": [("src", "content")]},
    "require_ca": {"type": "bool", "default": True},
    "expired": {"type": "str", "choices": ["fail", "warn"], "default": "fail"},
    "expiry_warning_days": {"type": "int", "default": 30},
    "anchors_dir": {"type": "path"},
    "update_command": {"type": "str"},
    "bundle": {"type": "path"},
}

RULES: Dict[str, Any] = {
    "mutually_exclusive": [("src", "content")],
    "required_one_of": [("src", "content", "name", "fingerprints", "certificates")],
}
