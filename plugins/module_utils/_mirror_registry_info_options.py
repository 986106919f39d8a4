# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""The options of mirror_registry_info; its module documents them."""

from typing import Any, Dict, List, Optional

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_key
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._registry_network import Peer
from ansible_collections.airgap.openshift.plugins.module_utils._registry_probe import Target

__all__ = ("OPTIONS", "RULES", "targets")

_HTTPS = 443
_DOCKER_HUB_API = "registry-1.docker.io"

OPTIONS: Dict[str, Dict[str, Any]] = {
    "registry": {"type": "str"},
    "namespace": {"type": "str"},
    "registries": {
        "type": "list",
        "elements": "dict",
        "options": {"registry": {"type": "str", "required": True}, "namespace": {"type": "str"}},
    },
    "repository": {"type": "str"},
    "auth_file": {"type": "path"},
    "push": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 10},
    # Stays with the action plugin, which explains with it what the module has found.
    "ca_certificates": {"type": "list", "elements": "dict"},
}

RULES: Dict[str, Any] = {
    "mutually_exclusive": [("registry", "registries"), ("namespace", "registries")],
    "required_one_of": [("registry", "registries")],
}


def targets(params: Dict[str, Any], *, push: bool) -> List[Target]:
    """Return what to check, each once.

    Raises: AuthFileError for a name that no registry or repository can have, and where there is none.
    """
    if params["registries"] == []:
        raise AuthFileError("registries is empty; name those to check, as when the host was prepared")
    asked = params["registries"] if params["registries"] is not None else [params]
    found = (target(entry["registry"], entry["namespace"], params["repository"], push) for entry in asked)
    return list(dict.fromkeys(found))


def target(registry: str, namespace: Optional[str], repository: Optional[str], push: bool) -> Target:
    """Return one registry and the repository to ask it for, below its namespace.

    Raises: AuthFileError as above.
    """
    key = _auth_key.requested(registry, namespace or None).key
    name, _slash, path = _auth_key.image_prefix(key).partition("/")
    wanted = "/".join(part for part in (path, (repository or "").strip("/")) if part)
    if wanted:
        _auth_key.requested(name, wanted)
    host, _colon, port = name.partition(":")
    peer = Peer(_DOCKER_HUB_API if name == _auth_key.HUB else host, int(port or _HTTPS), name)
    return Target(name, peer, wanted, push)
