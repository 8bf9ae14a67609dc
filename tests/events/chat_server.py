"""A real server of incoming webhooks on this machine, which can be told to misbehave."""

from __future__ import annotations

import json
from typing import Any

from tests.loopback import Handler, Loopback


class _Handler(Handler):
    def do_POST(self) -> None:
        chat: ChatServer = self.server.owner
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        kind = chat.behaves.get(self.path, chat.behaves.get("*", ""))
        if kind == "slow":
            chat.closing.wait(1)
        if kind == "gone before":
            self.connection.close()
            return
        if not kind or kind in ("slow", "gone after"):
            chat.said.append((self.path, content))
        if kind == "gone after":
            self.connection.close()
            return
        if kind[:1].isdigit():
            self.answer(b"no_service", int(kind))
        else:
            self.answer(b"ok")


class ChatServer(Loopback):
    """Keeps what was `said`: path and JSON. `behaves` by path ("*": all): "404", "slow", "gone before" or
    "gone after" the line was taken."""

    path, handler = "/hook/", _Handler

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, Any]] = []
        self.behaves: dict[str, str] = {}
