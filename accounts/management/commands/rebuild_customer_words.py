from typing import Any

from django.core.management.base import BaseCommand

from accounts.importing import words


class Command(BaseCommand):
    help = "Counts the words of all customers' names anew: how many accounts hold each; the ones that none holds go."

    def handle(self, *args: Any, **options: Any) -> None:
        changed, gone = words.rebuild()
        self.stdout.write(f"{changed:,} words new or with another frequency, {gone:,} gone.")
