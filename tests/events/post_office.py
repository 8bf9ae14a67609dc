"""A real mail server that can be told to misbehave."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class PostOffice:
    """Takes mail on `port`. `refuses` answers an address's RCPT, `data_reply` every DATA.

    `faults` are for the next talks, one each: "closes" at RCPT, "drops" the connection before the letter is kept, or
    "keeps and drops": it has the letter, and the sender never hears so. `greylists` answers each address's first RCPT.
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses: dict[str, str] = {}
        self.data_reply = "250 taken"
        self.stalls = 0.0
        self.faults: list[str] = []
        self.greylists = ""
        self.met: set[str] = set()
        self.port = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        if self.greylists and address not in self.met:
            self.met.add(address)
            return self.greylists
        if self.faults[:1] == ["closes"]:
            self.faults.pop(0)
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.stalls)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "drops":
            server.transport.abort()
            return self.data_reply
        if fault == "keeps and drops":
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
            server.transport.abort()
            return self.data_reply
        if self.data_reply.startswith("2"):
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.data_reply

    @property
    def addressees(self) -> list[str]:
        return [letter["To"].addresses[0].addr_spec for letter in self.letters]

    @contextmanager
    def opened(self) -> Iterator[None]:
        self.port = self.port or free_port()
        controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=10)
        controller.start()
        try:
            yield
        finally:
            controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
