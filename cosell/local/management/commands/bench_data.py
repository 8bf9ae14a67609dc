"""Make a database of made-up customers for `manage.py bench` (docs/bench.md). One that is there already stays."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cosell.local.bench import loading


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []  # they want a database, and ours is another one

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--customers", type=int, default=5_000_000, help="how many (5000000)")
        parser.add_argument("--out", type=Path, help="keep the CSV in this file")
        parser.add_argument("--again", action="store_true", help="make it anew, even if it is there")

    def handle(self, *args: Any, customers: int, out: Path | None, again: bool, **options: Any) -> None:
        name = loading.name_of(customers)
        try:
            with loading.server() as url:
                if loading.is_loaded(url, customers) and not again:
                    self.stdout.write(f"{name} holds {customers:,} customers already; --again makes it anew.")
                    return
                loading.load(url, customers, out, self._say)
        except RuntimeError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{name} is ready.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
