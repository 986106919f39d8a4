# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token server for docker-registry's `auth: token`: what Quay does at /v2/auth.

GET /token?service=..&scope=repository:ns/img:pull,push with Basic credentials answers {"token": JWT}.
The JWT is RS256, signed by openssl, with the signer's certificate in its x5c header.

token.py [TABLE]: the table, a file of JSON, has `users` (name: {password, may: {repository or *: [action, ...]}}) and
`servers` ({address, port, certificate, signer, anonymous}; no certificate: plain HTTP; anonymous: what everybody may do
without a login). Without a table it serves the lab's user.
"""

from __future__ import annotations

import base64
import http.server
import json
import os
import pathlib
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
from typing import Any, NamedTuple

HERE = pathlib.Path("/srv")


class Settings(NamedTuple):
    """One server. Certificate and signer are names of a `.crt` and a `.key` file in the folder of this program."""

    port: int
    address: str = ""
    certificate: str = ""
    signer: str = "token"
    anonymous: tuple[str, ...] = ()


class TokenServer(http.server.ThreadingHTTPServer):
    """Knows its users, and the key that it signs with."""

    def __init__(self, settings: Settings, users: dict[str, Any]) -> None:
        super().__init__((settings.address, settings.port), Handler)
        self.users = {"": {"password": "", "may": {"*": settings.anonymous}}, **users}
        self.key = HERE / f"{settings.signer}.key"
        self.signer = "".join((HERE / f"{settings.signer}.crt").read_text().split("-----")[2].split())
        if settings.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(HERE / f"{settings.certificate}.crt", HERE / f"{settings.certificate}.key")
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def sign(self, claims: dict[str, Any]) -> str:
        """Return the claims as a token."""
        parts = ({"typ": "JWT", "alg": "RS256", "x5c": [self.signer]}, claims)
        body = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        command = ["openssl", "dgst", "-sha256", "-sign", str(self.key)]
        signature = subprocess.run(command, input=body.encode(), stdout=subprocess.PIPE, check=True).stdout
        return f"{body}.{base64url(signature)}"

    def access(self, scope: str, user: str) -> dict[str, Any]:
        """What of a scope, `repository:ns/img:pull,push`, the user may."""
        name, _colon, actions = scope.rpartition(":")
        kind, _colon, name = name.partition(":")
        may = self.users[user]["may"]
        allowed = may.get(name, may.get("*", []))
        return {"type": kind, "name": name, "actions": [action for action in actions.split(",") if action in allowed]}


class Handler(http.server.BaseHTTPRequestHandler):
    server: TokenServer

    def do_GET(self) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        scheme, _space, value = self.headers.get("Authorization", "").partition(" ")
        user = self.user(value) if scheme == "Basic" else ""
        if scheme and not user:
            error = {"code": "UNAUTHORIZED", "message": "Invalid Username or Password"}
            return self.answer(401, {"errors": [error]})
        now = int(time.time())
        claims = {
            "iss": "lab", "sub": user, "aud": query.get("service", [""])[0],
            "exp": now + 300, "nbf": now - 10, "iat": now, "jti": os.urandom(8).hex(),
            "access": [self.server.access(scope, user) for scope in query.get("scope", [])],
        }  # fmt: skip
        return self.answer(200, {"token": self.server.sign(claims), "expires_in": 300})

    def user(self, login: str) -> str:
        """The user whose name and password these are, or nothing."""
        name, _colon, password = base64.b64decode(login).decode().partition(":")
        return name if name in self.server.users and self.server.users[name]["password"] == password else ""

    def answer(self, code: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def of_the_lab() -> dict[str, Any]:
    """The table for its one user, who may do all."""
    user, _colon, password = (HERE / "credentials").read_text().strip().partition(":")
    everything = {"*": ["pull", "push", "delete"]}
    return {
        "users": {user: {"password": password, "may": everything}},
        "servers": [Settings(8444, certificate="server")._asdict()],
    }


if __name__ == "__main__":
    table = json.loads(pathlib.Path(sys.argv[1]).read_text()) if sys.argv[1:] else of_the_lab()
    for row in table["servers"]:
        server = TokenServer(Settings(**row), table["users"])
        threading.Thread(target=server.serve_forever).start()
