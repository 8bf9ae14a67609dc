"""Bring the database up to date; an empty one gets the cast."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

from cosell.local import words


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-cast", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, no_cast: bool, **options: Any) -> None:
        words.compile_all()
        call_command("migrate", verbosity=0)
        if not no_cast and "load_cast" in get_commands() and not get_user_model().objects.exists():
            call_command("load_cast", verbosity=options["verbosity"])
