"""`manage.py verify_history`: is the register what was written?"""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cosell.events.chain import Counts, Head, heads, problems


class Command(BaseCommand):
    help = "Checks the chain of events: every hash, every gap, every detail. Ends with 1 when something is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--stream", default="", help='only this stream, such as "engagement:<uuid>"')
        parser.add_argument("--heads", action="store_true", help="print the last event of each stream")
        parser.add_argument("--against", type=Path, help="what --heads printed earlier")

    def handle(self, *args: Any, stream: str, heads: bool, against: Path | None, **options: Any) -> None:
        if heads:
            self.print_heads(stream)
            return
        counts, broken = Counts(), 0
        for problem in problems(counts, stream=stream, known=read_heads(against) if against else ()):
            broken += 1
            self.stdout.write(f"BROKEN {problem}")
        self.stdout.write(
            f"{counts.events} events in {counts.streams} streams, {counts.details} details"
            f" ({counts.erased} erased): {broken} broken"
        )
        if broken:
            sys.exit(1)

    def print_heads(self, stream: str) -> None:
        for head in heads(stream):
            self.stdout.write(f"{head.stream} {head.seq} {head.hash}")


def read_heads(path: Path) -> Iterator[Head]:
    with path.open() as lines:
        for number, line in enumerate(lines, start=1):
            try:
                stream, seq, digest = line.split()
                yield Head(stream, int(seq), digest)
            except ValueError as error:
                raise CommandError(f"{path}:{number} is not a line of --heads") from error
