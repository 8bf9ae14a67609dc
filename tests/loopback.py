"""A real HTTP server on this machine that a test tells how to behave; each outside service has its own on top."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self


class Loopback:
    """Subclasses say `path` and `handler`; a handler finds this as `server.owner`."""

    path = "/"
    handler: type[Handler]

    def __init__(self) -> None:
        self.keys: list[str] = []  # the Authorization of each question
        self.closing = threading.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    @contextmanager
    def opened(self, certificate: Path | None = None) -> Iterator[Self]:
        """`certificate` is a PEM file that holds its key too: then it speaks TLS."""
        server = _Server(("127.0.0.1", 0), self.handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.owner = self
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.close()
            server.shutdown()
            thread.join()
            server.server_close()

    def close(self) -> None:
        self.closing.set()  # frees whoever stalls or drips


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    owner: Any

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what is tested."""


class Handler(BaseHTTPRequestHandler):
    server: _Server

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing: the tests' output is for tests."""
