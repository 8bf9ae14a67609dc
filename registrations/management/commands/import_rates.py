"""`manage.py import_rates FILE`: docs/exchange-rates.md."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from registrations.rates import importing
from registrations.rates.ecb import MAX_BYTES, Unreadable


def month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a month such as 2026-12") from error


class Command(BaseCommand):
    help = "Imports monthly exchange rates from a file of the European Central Bank: XML, CSV, or CSV in a ZIP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("file", nargs="?", help="- is what comes in")
        where.add_argument("--packaged", action="store_true", help="the history that comes with Cosell")
        parser.add_argument("--months", nargs="+", type=month, metavar="YYYY-MM", help="only these (all in the file)")
        parser.add_argument("--replace", action="store_true", help="overwrite months that were kept with other rates")
        parser.add_argument(
            "--allow-old", action="store_true", help="with --months: take the last rates there are, however old"
        )

    def handle(self, *args: Any, file: str | None, packaged: bool, **options: Any) -> None:
        if options["allow_old"] and not options["months"]:
            raise CommandError("--allow-old needs --months.")
        name = importing.PACKAGED.name if packaged else str(file)
        try:
            content = importing.PACKAGED.read_bytes() if packaged else _content(name)
            found, left_out = importing.read(content, months=options["months"], allow_old=options["allow_old"])
        except OSError as error:
            raise CommandError(f"{name}: {error.strerror or error}") from error
        except Unreadable as error:
            raise CommandError(f"{name}: {error}") from error
        self.say(importing.keep(found, replaces=options["replace"]), left_out)

    def say(self, outcome: importing.Outcome, left_out: list[str]) -> None:
        for each in outcome.differences:
            self.stdout.write(
                f"{each.month:%Y-%m} {each.currency}: kept {each.kept} of {each.kept_on},"
                f" in the file {each.found} of {each.found_on}"
            )
        if outcome.refused:
            raise CommandError(
                f"{len(outcome.differences)} rates differ from those that are kept. Nothing was imported;"
                " --replace overwrites them."
            )
        for why in left_out:
            self.stdout.write(f"Left out: {why}")
        months = [f"{each:%Y-%m}" for each in outcome.months]
        which = f"{months[0]} to {months[-1]}" if len(months) > 1 else "".join(months) or "no month"
        self.stdout.write(
            f"{which}: added {outcome.added}, unchanged {outcome.unchanged}, replaced {outcome.replaced}."
        )


def _content(name: str) -> bytes:
    """No more of it than can be read anyway."""
    if name == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(name).open("rb") as file:
        return file.read(MAX_BYTES + 1)
