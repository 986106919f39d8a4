# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token server for docker-registry's `auth: token`, over TLS: what Quay does at /v2/auth.

GET /token?service=..&scope=repository:ns/img:pull,push with Basic credentials answers {"token": JWT}.
The JWT is RS256, signed by openssl, with the signer's certificate in its x5c header.
"""

from __future__ import annotations

import base64
import http.server
import json
import os
import pathlib
import ssl
import subprocess
import time
import urllib.parse
from typing import Any

HERE = pathlib.Path("/srv")
USER, _colon, PASSWORD = (HERE / "credentials").read_text().strip().partition(":")
SIGNER = "".join((HERE / "token.crt").read_text().split("-----")[2].split())


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(claims: dict[str, Any]) -> str:
    parts = ({"typ": "JWT", "alg": "RS256", "x5c": [SIGNER]}, claims)
    body = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    command = ["openssl", "dgst", "-sha256", "-sign", str(HERE / "token.key")]
    signature = subprocess.run(command, input=body.encode(), stdout=subprocess.PIPE, check=True).stdout
    return f"{body}.{base64url(signature)}"


def access(scope: str, *, known: bool) -> dict[str, Any]:
    """What a scope, `repository:ns/img:pull,push`, may: all for the one user, nothing for anybody else."""
    name, _colon, actions = scope.rpartition(":")
    kind, _colon, name = name.partition(":")
    return {"type": kind, "name": name, "actions": actions.split(",") if known else []}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        scheme, _space, value = self.headers.get("Authorization", "").partition(" ")
        known = scheme == "Basic" and base64.b64decode(value).decode() == f"{USER}:{PASSWORD}"
        if scheme and not known:
            error = {"code": "UNAUTHORIZED", "message": "Invalid Username or Password"}
            return self.answer(401, {"errors": [error]})
        now = int(time.time())
        claims = {
            "iss": "lab", "sub": USER if known else "", "aud": query.get("service", [""])[0],
            "exp": now + 300, "nbf": now - 10, "iat": now, "jti": os.urandom(8).hex(),
            "access": [access(scope, known=known) for scope in query.get("scope", [])],
        }  # fmt: skip
        return self.answer(200, {"token": sign(claims), "expires_in": 300})

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
    server = http.server.ThreadingHTTPServer(("", 8444), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()
