# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers on this host for the tests of what talks to a registry, and certificates for them."""

import os
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

HOST = "127.0.0.1"
MOST_SECONDS = 5


class Server:
    """Listens on a port of this host, and lets a function talk to each connection in turn, in a thread."""

    def __init__(self, talk):
        self.talk = talk
        self.problems = []
        self.listener = socket.socket()
        self.listener.bind((HOST, 0))
        self.listener.listen(5)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_about):
        # Wakes up accept().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(2 * MOST_SECONDS)
        self.listener.close()
        assert not self.thread.is_alive()

    def run(self):
        while True:
            try:
                connection = self.listener.accept()[0]
            except OSError:
                return
            connection.settimeout(MOST_SECONDS)
            try:
                with connection:
                    self.talk(connection)
            except (OSError, ValueError) as exc:
                self.problems.append(exc)


def says(words, first=b""):
    """Return what waits for the client's first words, or none, then says this and hangs up."""

    def talk(sock):
        if first is not None:
            sock.recv(1 << 16)
        sock.sendall(words)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(1 << 16):
            pass

    return talk


def shakes_hands(context):
    """Return what shakes hands as a TLS server, and reads until the client hangs up."""

    def talk(sock):
        with context.wrap_socket(sock, server_side=True) as secured:
            while secured.recv(1 << 16):
                pass

    return talk


def answers(context, *prepared):
    """Return what answers requests over TLS, and the list that it notes the requests down in.

    Each answer is bytes, after which the connection is kept; a list of bytes, after which it is closed; or a function
    that talks to the socket. Nothing: the connection is closed without an answer. "<here>" becomes host and port.
    """
    waiting, heard = list(prepared), []

    def talk(sock):
        with context.wrap_socket(sock, server_side=True) as secured, secured.makefile("rb") as stream:
            while waiting:
                request = one_request(stream)
                if not request:
                    return
                heard.append(request)
                answer = waiting.pop(0)
                if callable(answer):
                    answer(secured)
                    return
                words = b"".join(answer) if isinstance(answer, list) else answer or b""
                secured.sendall(words.replace(b"<here>", header(request, b"host")))
                if not isinstance(answer, bytes):
                    return

    return talk, heard


def one_request(stream):
    """Return the head and the body of a request; nothing where the client has hung up."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline()
        if not line:
            return b""
        head += line
    return head + stream.read(int(header(head, b"content-length") or 0))


def header(request, name):
    """Return the value of a header of a request, in lower case."""
    lines = request.lower().split(b"\r\n")
    return next((line.partition(b": ")[2] for line in lines if line.startswith(name + b":")), b"")


def answer(status=200, body=b"", *headers):
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


ELLIPTIC = ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")


def certificate(folder, name, *options, key=ELLIPTIC):
    """Make a key and a certificate, for this host unless options say otherwise, and return their path less its end."""
    openssl = shutil.which("openssl") or pytest.fail("openssl is needed for this test")
    path = os.path.join(str(folder), name)
    command = [openssl, "req", "-x509", "-nodes", "-newkey", *key]
    command += ["-days", "9", "-subj", f"/CN={name}", "-keyout", f"{path}.key", "-out", f"{path}.crt"]
    options = options or ("-addext", f"subjectAltName=IP:{HOST},DNS:localhost")
    subprocess.run([*command, *options], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return path


def der(path):
    with open(f"{path}.crt", encoding="ascii") as file:
        return ssl.PEM_cert_to_DER_cert(file.read())


def serving(path):
    """Return the context of a server with this certificate, however small its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(f"{path}.crt", f"{path}.key")
    return context
