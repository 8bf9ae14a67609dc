"""A real business directory on this machine that can be told to misbehave (docs/directory.md has the protocol)."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.loopback import Handler, Loopback

Behaviour = Callable[["_Handler"], None]


class _Handler(Handler):
    def do_GET(self) -> None:
        directory: DirectoryServer = self.server.owner
        directory.asked.append(dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)))
        directory.keys.append(self.headers.get("Authorization", ""))
        directory.behave(self)

    def drip(self, sent: bytes) -> None:
        """One byte at a time, for as long as anybody reads."""
        for byte in sent:
            if self.server.owner.closing.wait(0.02):
                return
            self.wfile.write(bytes([byte]))


class DirectoryServer(Loopback):
    """Answers every question the way that `behave` says; `asked` are the questions, with the key that came along."""

    path, handler = "/companies", _Handler

    def __init__(self) -> None:
        super().__init__()
        self.behave: Behaviour = entries()
        self.asked: list[dict[str, str]] = []


def entries(*listed: Any) -> Behaviour:
    return lambda handler: handler.answer(json.dumps({"entries": listed}).encode())


def body(text: bytes) -> Behaviour:
    return lambda handler: handler.answer(text)


def status(number: int, **headers: str) -> Behaviour:
    return lambda handler: handler.answer(b'{"entries": []}', number, **headers)


def stalls(handler: _Handler) -> None:
    handler.server.owner.closing.wait(30)


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
