# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of a cluster's API server: the few paths that `oc extract`, `oc get secret` and `oc whoami` read, over TLS.

Real: TLS, bearer tokens, discovery, objects as JSON, Status objects for 401, 403 and 404.
Not there: writes, watches, RBAC rules (one user may read everything, the others nothing), OAuth, every other resource.

Secrets are files, read at each request: /srv/cluster/NAMESPACE/SECRET/KEY. To change the cluster, change the files.
"""

from __future__ import annotations

import base64
import http.server
import json
import pathlib
import ssl
from typing import Any

HERE = pathlib.Path("/srv")
CLUSTER = HERE / "cluster"
ADMIN = "kube:admin"
TOKENS = json.loads((HERE / "tokens.json").read_text())


def resource(name: str, kind: str, *, namespaced: bool) -> dict[str, Any]:
    return {"name": name, "singularName": "", "namespaced": namespaced, "kind": kind, "verbs": ["get", "list"]}


DISCOVERY: dict[str, dict[str, Any]] = {
    "/version": {
        "major": "1", "minor": "33", "gitVersion": "v1.33.0", "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "2026-01-01T00:00:00Z", "goVersion": "go1.24", "compiler": "gc", "platform": "linux/amd64",
    },
    "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1", "resources": [
        resource("secrets", "Secret", namespaced=True), resource("namespaces", "Namespace", namespaced=False),
    ]},
}  # fmt: skip


def secret(namespace: str, name: str) -> dict[str, Any] | None:
    folder = CLUSTER / namespace / name
    if not folder.is_dir():
        return None
    data = {file.name: base64.b64encode(file.read_bytes()).decode() for file in folder.iterdir()}
    return {
        "apiVersion": "v1", "kind": "Secret", "data": data,
        "type": "kubernetes.io/dockerconfigjson" if ".dockerconfigjson" in data else "Opaque",
        "metadata": {"name": name, "namespace": namespace, "resourceVersion": "1", "uid": "1"},
    }  # fmt: skip


def look_up(parts: list[str]) -> tuple[str, dict[str, Any] | None]:
    """The plural kind that a path below /api/v1 names, and the object if it is there."""
    if len(parts) == 4 and parts[2] == "secrets":
        return "secrets", secret(parts[1], parts[3])
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": parts[1]}}
    return "namespaces", namespace if (CLUSTER / parts[1]).is_dir() else None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        user = self.user()
        if user is None:
            self.status(401, "Unauthorized", "Unauthorized")
        elif path in DISCOVERY:
            self.answer(200, DISCOVERY[path])
        elif path == "/apis/user.openshift.io/v1/users/~":
            self.answer(200, {"apiVersion": "user.openshift.io/v1", "kind": "User", "metadata": {"name": user}})
        elif path.startswith("/api/v1/namespaces/"):
            self.resource(path.split("/")[3:], user)
        else:
            self.status(404, "NotFound", "the server could not find the requested resource")

    def user(self) -> str | None:
        """Who asks: nobody in particular without a token, None with a token that is not known."""
        authorization = self.headers.get("Authorization", "")
        if not authorization:
            return "system:anonymous"
        name: str | None = TOKENS.get(authorization.removeprefix("Bearer "))
        return name

    def resource(self, parts: list[str], user: str) -> None:
        kind, found = look_up(parts)
        if user != ADMIN:
            what = f'User "{user}" cannot get resource "{kind}" in API group "" in the namespace "{parts[1]}"'
            self.status(403, "Forbidden", f'{kind} "{parts[-1]}" is forbidden: {what}')
        elif found is None:
            self.status(404, "NotFound", f'{kind} "{parts[-1]}" not found')
        else:
            self.answer(200, found)

    def status(self, code: int, reason: str, message: str) -> None:
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
        self.answer(code, {**status, "message": message, "reason": reason, "code": code})

    def answer(self, code: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "server.crt", HERE / "server.key")
    server = http.server.ThreadingHTTPServer(("", 6443), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()
