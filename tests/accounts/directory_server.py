"""A real business directory on this machine that can be told to misbehave (docs/directory.md has the protocol)."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Behaviour = Callable[["_Handler"], None]


class DirectoryServer:
    """Answers every question the way that `behave` says; `asked` are the questions, with the key that came along."""

    def __init__(self) -> None:
        self.behave: Behaviour = entries()
        self.asked: list[dict[str, str]] = []
        self.keys: list[str] = []
        self.closing = threading.Event()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/companies"

    @contextmanager
    def opened(self, certificate: Path | None = None) -> Iterator["DirectoryServer"]:
        """`certificate` is a PEM file that holds its key too: then it speaks TLS."""
        server = _Server(("127.0.0.1", 0), _Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.directory = self
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield self
        finally:
            self.closing.set()  # frees whoever stalls or drips
            server.shutdown()
            thread.join()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    directory: DirectoryServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        directory = self.server.directory
        directory.asked.append(dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)))
        directory.keys.append(self.headers.get("Authorization", ""))
        directory.behave(self)

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self, sent: bytes) -> None:
        """One byte at a time, for as long as anybody reads."""
        for byte in sent:
            if self.server.directory.closing.wait(0.02):
                return
            self.wfile.write(bytes([byte]))

    def log_message(self, *args: object) -> None:
        """Nothing: the tests' output is for tests."""


def entries(*listed: Any) -> Behaviour:
    return lambda handler: handler.answer(json.dumps({"entries": listed}).encode())


def body(text: bytes) -> Behaviour:
    return lambda handler: handler.answer(text)


def status(number: int, **headers: str) -> Behaviour:
    return lambda handler: handler.answer(b'{"entries": []}', number, **headers)


def stalls(handler: _Handler) -> None:
    handler.server.directory.closing.wait(30)


def drips_headers(handler: _Handler) -> None:
    handler.drip(b"HTTP/1.0 200 OK\r\n" + b"X-Filler: more\r\n" * 1000)


def drips_body(handler: _Handler) -> None:
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    handler.drip(b" " * 100_000)


def hangs_up(handler: _Handler) -> None:
    """Takes the question, says nothing."""


def huge(handler: _Handler) -> None:
    """More than anybody wants, without saying so first."""
    handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
    for _ in range(1000):
        handler.wfile.write(b" " * 65536)


def in_chunks(*parts: bytes) -> Behaviour:
    def behave(handler: _Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for part in (*parts, b""):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    return behave
