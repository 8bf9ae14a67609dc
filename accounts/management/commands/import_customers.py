"""`manage.py import_customers FILE`: docs/import-customers.md."""

import os
from argparse import ArgumentParser
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from accounts.importing import run, tables
from accounts.importing.report import Report
from accounts.importing.rows import Problem
from accounts.importing.source import Source, Unreadable
from accounts.models import CustomerImport

STEPS = {"rows": "rows", "parents": "accounts with a parent", "indexes": "indexes", "words": "lexicons"}
WIDTH, QUIET = 30, 5  # characters of the bar, seconds between two lines


class Command(BaseCommand):
    help = "Imports customer accounts from a CSV file. One that was broken off goes on where it was."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--report", type=Path, help="where refused lines go (FILE.refused.csv)")
        parser.add_argument("--batch", type=int, default=run.BATCH, help="rows a transaction (%(default)s)")
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (%(default)s)")
        parser.add_argument("--restart", action="store_true", help="begin anew even if an import could go on")

    def handle(self, *args: Any, file: Path, report: Path | None, batch: int, **options: Any) -> None:
        report = report or file.with_name(f"{file.name}.refused.csv")
        if batch < 1 or options["workers"] < 0:
            raise CommandError("--batch is at least 1, --workers at least 0.")
        try:
            source = Source.of(file.name, lambda: file.open("rb"))
            with tables.alone():
                self.load(source, report, batch, options["workers"], restart=options["restart"])
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror or error}") from error
        except Unreadable as error:
            raise CommandError(f"{file}: {error}") from error
        except tables.Busy as error:
            raise CommandError("Another import is running.") from error

    def load(self, source: Source, path: Path, batch: int, workers: int, *, restart: bool) -> None:
        broken = None if restart else run.unfinished(source)
        with closing(Report(path, after=broken.line_done if broken else 0)) as report:
            what = broken or run.begin(source)
            if broken:
                self.stdout.write(f"Going on after line {what.line_done:,}.")
            told = Told(self.stdout, report, what.rows_done)
            try:
                run.go_on(source, what, told, batch=batch, workers=workers)
            except BaseException as error:
                told.end()
                self.stderr.write("Stopped. The same command goes on from here, and makes the indexes that lack.")
                if isinstance(error, KeyboardInterrupt):
                    raise CommandError("Interrupted.", returncode=130) from error
                raise
        told.end()
        self.sum_up(what, told, path)

    def sum_up(self, what: CustomerImport, told: "Told", path: Path) -> None:
        rate = told.rows / max(monotonic() - told.started, 0.001)
        self.stdout.write(
            f"{what.rows_done:,} rows: inserted {what.inserted:,}, updated {what.updated:,},"
            f" unchanged {what.unchanged:,}, refused {what.refused:,}, unknown parents {what.unknown_parents:,}."
            f" {rate:,.0f} rows/s."
        )
        if what.refused or what.unknown_parents:
            for (column, code), (count, text) in sorted(told.by_reason.items(), key=lambda item: -item[1][0]):
                self.stdout.write(f"  {count:,} × {column or 'line'} ({code}): {text}")
            self.stdout.write(f"Each of them: {path}")


class Told:
    """Says how far it is: a bar on a terminal, else a line every few seconds."""

    def __init__(self, out: OutputWrapper, report: Report, rows_before: int) -> None:
        self.out, self.report, self.rows_before = out, report, rows_before
        self.is_live = out.isatty()
        self.rows = 0  # of this run
        self.by_reason: dict[tuple[str, str], tuple[int, str]] = {}
        self.started = self.step_started = monotonic()
        self.step, self.next_at = "rows", self.started + (0 if self.is_live else QUIET)

    def refused(self, problems: list[Problem]) -> None:
        self.report.add(problems)
        texts = {(each.column, each.code): each.text for each in problems}
        for reason, count in Counter((each.column, each.code) for each in problems).items():
            self.by_reason[reason] = self.by_reason.get(reason, (0, ""))[0] + count, texts[reason]

    def now(self, step: str, done: int, of: int) -> None:
        at = monotonic()
        if step == "rows":
            self.rows = done - self.rows_before
        if step != self.step:
            self.end()
            self.step, self.step_started, self.next_at = step, at, at
        if at < self.next_at:
            return
        self.next_at = at + (0.1 if self.is_live else QUIET)
        before = self.rows_before if step == "rows" else 0
        rate = (done - before) / max(at - self.step_started, 0.001)
        left = f", {timedelta(seconds=round((of - done) / rate))} left" if rate else ""
        text = f"{done:,} of {of:,} {STEPS[step]}, {rate:,.0f}/s{left}"
        if self.is_live:
            full = WIDTH * done // max(of, 1)
            self.out.write(f"\r\033[K[{'#' * full}{'.' * (WIDTH - full)}] {text}", ending="")
            self.out.flush()
        else:
            self.out.write(text)

    def end(self) -> None:
        """Of the line that is written over."""
        if self.is_live:
            self.out.write("\r\033[K", ending="")
