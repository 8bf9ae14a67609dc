"""Read one mail that came back, from the standard input: a pipe of the mail server (docs/mail.md)."""

import sys
from email import message_from_bytes, policy
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError

from cosell.events import bounces

MOST_BYTES = 10 * 1024 * 1024
TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the mail and comes again


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []  # it runs for every mail

    def handle(self, *args: Any, **options: Any) -> None:
        """Whatever the mail says, the answer is success: a bounce of a bounce helps nobody."""
        mail = message_from_bytes(sys.stdin.buffer.read(MOST_BYTES), policy=policy.default)
        try:
            done = bounces.take(mail)
        except DatabaseError as error:
            self.stderr.write(f"The database does not answer: {error}")
            sys.exit(TRY_AGAIN)
        self.stdout.write("\n".join(f"marked: {address}" for address in done) or "nothing to mark")
