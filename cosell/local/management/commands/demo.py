"""Everything on this machine, in the foreground: servers, web, worker, beat and a mail catcher. Ctrl-C ends it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cosell.local import demo


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []  # they want the database, which is not there yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="throw the demo's data away first")
        parser.add_argument("--port", type=int, default=8000, help="of the web pages (8000)")
        parser.add_argument("--no-cast", action="store_true", help="start with an empty database")

    def handle(self, *args: Any, reset: bool, port: int, no_cast: bool, **options: Any) -> None:
        try:
            demo.run(reset=reset, wanted_port=port, no_cast=no_cast)
        except RuntimeError as error:
            raise CommandError(str(error)) from error
