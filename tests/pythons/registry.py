# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of a registry, on localhost: registry.py FOLDER writes its port to FOLDER/port once it answers.

Real: TLS, HTTP, a Basic login. Not there: images; an upload can be opened and cancelled, and that is all.
"""

from __future__ import annotations

import base64
import http.server
import ssl
import sys
from pathlib import Path

LOGIN = "Basic " + base64.b64encode(b"mirror:correct horse battery staple").decode()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers as the distribution specification has it."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        """To any request."""
        known = self.headers.get("Authorization") == LOGIN
        status = {"GET": 200, "POST": 202, "DELETE": 204}[self.command] if known else 401
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="tests"')
        if status == 202:
            self.send_header("Location", f"{self.path}1")
        self.end_headers()

    def log_message(self, *_message: object) -> None:
        """Nobody looks at it."""


for _method in ("GET", "POST", "DELETE"):
    setattr(Handler, f"do_{_method}", Handler.answer)

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "registry.pem")
    server = http.server.ThreadingHTTPServer(("localhost", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    (folder / "part").write_text(str(server.server_port))
    (folder / "part").rename(folder / "port")
    server.serve_forever()
