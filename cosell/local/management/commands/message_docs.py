"""Write docs/messages.md: what people read is the catalogue that sends."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from cosell.events import catalogue
from cosell.events.catalogue import Message
from cosell.events.enums import Channel

PAGE = settings.BASE_DIR / "docs" / "messages.md"


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is not up to date")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        with translation.override("en"):
            fresh = "\n".join(page())
        if not check:
            PAGE.write_text(fresh)
        elif not PAGE.exists() or PAGE.read_text() != fresh:
            raise CommandError("docs/messages.md is not what the catalogue says: run manage.py message_docs")


def page() -> Iterator[str]:
    yield from ("# Messages", "")
    yield "Written by `manage.py message_docs` from the catalogue (`cosell/events/catalogue.py`, filled by each app's"
    yield "`notifications.py`); change a row there, then run it again."
    yield ""
    yield "*Mails* says how they come to who has chosen nothing. What can be turned off comes at once, once a day, or"
    yield "never, as each person wants; the bell holds it in any case. *Chat* says whose chats are told. How each"
    yield "looks is shown under `/messages/` to whoever may enter the admin."
    yield ""
    yield "| Group | Message | Event | Who is told | Channels | Mails | Can be turned off | Chat |"
    yield "|---|---|---|---|---|---|---|---|"
    for group, messages in catalogue.by_group().items():
        for message in messages:
            yield f"| {group} | {' | '.join(_row(message))} |"
    yield ""


def _row(message: Message) -> tuple[str, ...]:
    has_mail = Channel.MAIL in message.channels
    return (
        f"{message.title} (`{message.name}`)",
        f"`{message.kind}`",
        str(message.told),
        ", ".join(str(way.label) for way in message.ways),
        str(message.default.label) if has_mail else "",
        "yes" if has_mail and message.can_turn_off else "",
        (message.place.__doc__ or "") if message.place else "",
    )
