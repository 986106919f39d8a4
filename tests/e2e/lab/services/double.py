# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A test double: servers that give the answers, or break off, as no real registry does on demand. TLS is OpenSSL's.

double.py TABLE: the table, a file of JSON, is a list of {address, port, certificate, login, answers, first, tls}:
- `answers` are [beginning of "METHOD /path ", status, {header: value}, body], of which the first that fits is given;
- a `Location` is followed by the path that was asked for;
- with a `login`, who sends no Authorization is asked for one, by this WWW-Authenticate;
- `first` is sent in place of any answer, over TLS; `tls` names what to allow: {maximum, ciphers};
- `deed` "closes", "resets" or "hangs" is done before TLS begins, "listens" after it.
"""

from __future__ import annotations

import contextlib
import email.utils
import http.server
import json
import pathlib
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time
from typing import Any, NamedTuple

HERE = pathlib.Path("/srv")
Answer = tuple[str, int, dict[str, str], str]
NOT_FOUND: Answer = ("", 404, {}, "nothing is here")


class Settings(NamedTuple):
    """One server. The certificate is the name of a `.crt` and a `.key` file in the folder of this program."""

    address: str
    port: int
    certificate: str = ""
    answers: tuple[Answer, ...] = ()
    login: str = ""
    first: str = ""
    tls: dict[str, str] | None = None
    deed: str = ""
    clock: int = 0  # seconds that it is ahead


class Double(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def __init__(self, settings: Settings) -> None:
        super().__init__((settings.address, settings.port), Handler if settings.certificate else Breaker)
        self.settings = settings
        if settings.certificate:
            self.socket = context(settings).wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)


def context(settings: Settings) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(HERE / f"{settings.certificate}.crt", HERE / f"{settings.certificate}.key")
    if settings.tls:
        made.set_ciphers(settings.tls["ciphers"])
        made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        made.maximum_version = ssl.TLSVersion[settings.tls["maximum"]]
    return made


class Breaker(socketserver.BaseRequestHandler):
    server: Double

    def handle(self) -> None:
        self.request.recv(1 << 16)  # else the end of the connection would be a reset, or not, by chance
        if self.server.settings.deed == "hangs":
            self.request.recv(1)
        if self.server.settings.deed == "resets":
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.request.close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Double

    def answer(self) -> None:
        settings = self.server.settings
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if settings.deed == "listens":
            self.rfile.read(1)
        if settings.first:
            self.wfile.write(settings.first.encode())
            self.close_connection = True
        elif settings.login and "Authorization" not in self.headers:
            self.give(401, {"WWW-Authenticate": settings.login}, "")
        else:
            line = f"{self.command} {self.path} "
            self.give(*next((row for row in settings.answers if line.startswith(row[0])), NOT_FOUND)[1:])

    def give(self, status: int, headers: dict[str, str], body: str) -> None:
        self.send_response(status)
        if "Location" in headers:
            headers = {"Location": headers["Location"] + self.path}
        for name, value in {**headers, "Content-Length": str(len(body.encode()))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body.encode())

    def date_time_string(self, timestamp: float | None = None) -> str:
        return email.utils.formatdate((timestamp or time.time()) + self.server.settings.clock, usegmt=True)

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # clients that refuse the certificate
            super().handle()


for _method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
    setattr(Handler, f"do_{_method}", Handler.answer)

if __name__ == "__main__":
    rows: list[dict[str, Any]] = json.loads(pathlib.Path(sys.argv[1]).read_text())
    for double in [Double(Settings(**row)) for row in rows]:
        threading.Thread(target=double.serve_forever).start()
