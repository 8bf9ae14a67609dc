"""Measure what was promised for many customers, and compare (docs/bench.md). Ends with 1 when a bar is short."""

import os
import sys
from argparse import ArgumentParser
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cosell.local.bench import importing, loading, mail, queue
from cosell.local.bench.search import GOAL_GROWTH, GOAL_MS, KINDS, Figures, measure, percentile


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []  # they want a database, and ours is another one

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", choices=["search", "import", "queue", "mail"])
        parser.add_argument("--queries", type=int, default=200, help="of each kind, with and without a country (200)")
        parser.add_argument("--small", type=int, default=50_000, help="customers of the small database (50000)")
        parser.add_argument("--big", type=int, default=5_000_000, help="customers of the big database (5000000)")
        parser.add_argument("--mails", type=int, default=mail.MAILS, help=f"mails that wait ({mail.MAILS})")
        parser.add_argument("--rows", type=int, default=1_000_000, help="rows that are imported (1000000)")

    def handle(self, *args: Any, only: str | None, **options: Any) -> None:
        self.short = False
        self._say(f"Load of the machine before we begin: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        try:
            with loading.server() as url:
                if only in (None, "search"):
                    self._search(url, options["small"], options["big"], options["queries"])
                if only in (None, "import"):
                    self._import(url, options["rows"])
                if only in (None, "queue"):
                    self._queue(url, options["queries"])
                if only in (None, "mail"):
                    self._mail(url, options["mails"])
        except RuntimeError as error:
            raise CommandError(str(error)) from error
        if self.short:
            sys.exit(1)

    def _search(self, url: str, small: int, big: int, queries: int) -> None:
        measured: dict[int, dict[str, float]] = {}
        for customers in (small, big):
            name = loading.name_of(customers)
            if not loading.is_loaded(url, customers):
                self._say(f"\n{name} is missing, or older than the code: make bench-data CUSTOMERS={customers}")
                continue
            self._say(f"\n{name}: {customers:,} customers, {queries} queries of each kind; milliseconds")
            found = measure(loading.address(url, name), queries)
            self._table(found)
            measured[customers] = worst_p95(found)
        self._say("")
        for kind in (*KINDS, "all kinds"):
            at_small, at_big = measured.get(small, {}).get(kind), measured.get(big, {}).get(kind)
            said = "not measured" if at_big is None else f"{at_big:.1f} ms"
            is_met = at_big is not None and at_big <= GOAL_MS
            self._bar(f"search, {kind}, p95 at {loading.short(big)}", said, f"<= {GOAL_MS:.0f} ms", is_met=is_met)
            growth = at_big / at_small if at_big is not None and at_small else None
            said = "not measured" if growth is None else f"{growth:.2f} ({at_big:.1f} / {at_small:.1f} ms)"
            is_met = growth is not None and growth <= GOAL_GROWTH
            sizes = f"{loading.short(big)} / {loading.short(small)}"
            self._bar(f"search, {kind}, p95 {sizes}", said, f"<= {GOAL_GROWTH:.0f}", is_met=is_met)

    def _table(self, found: list[Figures]) -> None:
        self._say(
            f"{'query':<18}{'country':<9}{'p50':>7}{'p95':>7}{'max':>7}{'CPU':>7}{'top 5':>8}{'top 25':>8}{'none':>7}"
        )
        for one in found:
            self._say(
                f"{one.kind:<18}{'given' if one.with_country else '-':<9}"
                f"{percentile(one.times, 50):>7.1f}{one.p95:>7.1f}{max(one.times):>7.1f}{one.cpu:>7.1f}"
                f"{one.top_5:>8.0%}{one.top_25:>8.0%}{one.empty:>7.0%}"
            )

    def _import(self, url: str, rows: int) -> None:
        self._say("")
        own, bare = importing.compare(url, rows, self._say)
        self._say(
            f"Import of {rows:,} customers: {own:,.0f} rows/s; bare COPY of the same file: {bare:,.0f} rows/s; "
            f"{bare / own:.1f} times as long (no goal)"
        )

    def _queue(self, url: str, times: int) -> None:
        self._say(f"\nThe review queue, {times} times each; milliseconds")
        found = {(one.what, one.waiting): one for one in queue.measure(url, times)}
        for one in found.values():
            self._say(f"{one.what:<12}{one.waiting:>8,} waiting: p50 {one.p50:.1f}, p95 {one.p95:.1f}")
        for what in dict.fromkeys(what for what, _waiting in found):
            ratio = found[what, queue.BIG].p50 / found[what, queue.SMALL].p50
            name = f"review {what} {queue.BIG:,} : {queue.SMALL}"
            self._bar(name, f"{ratio:.2f}", f"{queue.GOAL}", is_met=ratio <= queue.GOAL)

    def _mail(self, url: str, mails: int) -> None:
        self._say(f"\n{mails:,} mails that wait, and {mail.COMMITS} one by one")
        found = mail.measure(url, mails)
        self._say(
            f"Outbox: {found.outbox:,.1f} mails/s; a bare loop with the same {found.size:,} bytes: {found.bare:,.1f}"
            f" mails/s; {found.bare / found.outbox:.1f} times as long (no goal)"
        )
        p50, p95 = (percentile(found.waits, rank) for rank in (50, 95))
        is_met = p95 <= mail.GOAL_SECONDS
        self._say(f"From commit to handed over: p50 {p50:.3f} s, p95 {p95:.3f} s, max {max(found.waits):.3f} s")
        self._bar("mail, commit to handed over, p95", f"{p95:.2f} s", f"<= {mail.GOAL_SECONDS:.0f} s", is_met=is_met)

    def _bar(self, name: str, figure: str, goal: str, *, is_met: bool) -> None:
        self.short = self.short or not is_met
        self._say(f"BAR {name}: {figure} (goal {goal}) {'ok' if is_met else 'short'}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def worst_p95(found: list[Figures]) -> dict[str, float]:
    """Of each kind the slower of the two, with and without the country; and of all queries together."""
    worst = {kind: max(one.p95 for one in found if one.kind == kind) for kind in KINDS}
    return worst | {"all kinds": percentile(chain.from_iterable(one.times for one in found), 95)}
