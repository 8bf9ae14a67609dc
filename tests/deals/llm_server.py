"""A real endpoint of chat completions on this machine, which can be told to misbehave (docs/notes-drafting.md)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from tests.loopback import Handler, Loopback

Behaviour = Callable[["_Handler"], None]
PROBLEM = "The licence of the appliance ends in March."
WANTED = "A reviewed target architecture is needed."
GOOD = f"{PROBLEM}\n=====\n{WANTED}"


class _Handler(Handler):
    @property
    def llm(self) -> LlmServer:
        return self.server.owner

    def do_POST(self) -> None:
        assert self.path == "/v1/chat/completions", self.path
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.llm.raw.append(body)
        self.llm.asked.append(json.loads(body))
        self.llm.keys.append(self.headers.get("Authorization", ""))
        self.llm.began.release()
        self.llm.behave(self)

    def begin(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")

    def send(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def event(self, data: dict[str, Any]) -> None:
        self.send(f"data: {json.dumps(data)}\n\n")

    def end(self) -> None:
        self.send("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def until_gone(self, line: str = ": still here\n\n") -> None:
        """Keep the line alive, as endpoints do, until the client has gone."""
        try:
            while not self.llm.closing.wait(0.02):
                self.send(line)
        except OSError:
            self.llm.hung_up.set()


class LlmServer(Loopback):
    """Answers every question the way that `behave` says. `hung_up`: a client went before the end."""

    path, handler = "/v1", _Handler

    def __init__(self) -> None:
        super().__init__()
        self.behave: Behaviour = says(GOOD)
        self.asked: list[dict[str, Any]] = []
        self.raw: list[str] = []  # the same, as it came
        self.began = threading.Semaphore(0)  # once for each question
        self.hung_up = threading.Event()
        self.go_on = threading.Event()

    def close(self) -> None:
        super().close()
        self.go_on.set()


def delta(content: object = None, finish: str | None = None, **more: object) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": content, **more}, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def usage(total: object) -> dict[str, Any]:
    return {**delta(), "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": total}}


def says(text: str, *, finish: str | None = "stop", tokens: int | None = 321, size: int = 7) -> Behaviour:
    """The text in small pieces, as models send it."""

    def behave(handler: _Handler) -> None:
        handler.begin()
        for start in range(0, len(text), size):
            handler.event(delta(text[start : start + size]))
        if finish:
            handler.event(delta(finish=finish))
        if tokens is not None:
            handler.event(usage(tokens))
        handler.end()

    return behave


def events(*data: dict[str, Any]) -> Behaviour:
    def behave(handler: _Handler) -> None:
        handler.begin()
        for each in data:
            handler.event(each)
        handler.end()

    return behave


def lines(text: str) -> Behaviour:
    """A stream of these very lines."""

    def behave(handler: _Handler) -> None:
        handler.begin()
        handler.send(text)
        handler.end()

    return behave


def status(number: int, body: str = '{"error": {"message": "no"}}') -> Behaviour:
    return lambda handler: handler.answer(body.encode(), number)


def a_page(handler: _Handler) -> None:
    handler.answer(b"<html><p>Sign in to the network of this hotel</p></html>", **{"Content-Type": "text/html"})


def one_answer(handler: _Handler) -> None:
    """Somebody who has not heard of streams."""
    handler.answer(json.dumps({"choices": [{"message": {"content": GOOD}}]}).encode())


def stalls(handler: _Handler) -> None:
    """Takes the question, and says nothing until it is told to."""
    handler.llm.go_on.wait(30)


def drips(handler: _Handler) -> None:
    """Begins well, and then only keeps the line alive."""
    handler.begin()
    handler.event(delta("The licence"))
    handler.until_gone()


def waits_in_between(handler: _Handler) -> None:
    """The first note, and the second once it is told to go on."""
    handler.begin()
    handler.event(delta(f"{PROBLEM}\n=====\n"))
    handler.llm.go_on.wait(30)
    handler.event(delta(WANTED, "stop"))
    handler.event(usage(321))
    handler.end()


def cut_off(handler: _Handler) -> None:
    handler.begin()
    handler.event(delta("The licence of the appl"))
    handler.close_connection = True


def hangs_up(handler: _Handler) -> None:
    handler.close_connection = True


def never_says_good_bye(handler: _Handler) -> None:
    """All is said, and the line stays open."""
    handler.begin()
    handler.event(delta(GOOD, "stop"))
    handler.until_gone()
