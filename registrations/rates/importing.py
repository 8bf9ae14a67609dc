"""Published rates to rates of months: the rate of month M is the last publication before M begins (product.md §7).

A file gives the rate of a month only if it holds the publication of the very day on which the last one before it was
due. Otherwise the month is left out; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _

from cosell import clock
from registrations.models import ExchangeRate, first_of_month
from registrations.rates.ecb import Publication, Unreadable, last_publication_before, publications

if TYPE_CHECKING:
    from accounts.models import User

ECB = "ECB"
PACKAGED = Path(__file__).parents[1] / "data" / "eurofxref-months.csv"


@dataclass(frozen=True)
class MonthRates:
    """What is to be kept of one month (its first day)."""

    month: date
    published_on: date
    per_euro: Mapping[str, Decimal]
    source: str = ECB


@dataclass(frozen=True)
class Difference:
    """A month's rate that is kept already, and is another in the file."""

    month: date
    currency: str
    kept: Decimal
    kept_on: date
    found: Decimal
    found_on: date


@dataclass
class Outcome:
    """What an import did. With differences that may not be replaced, it did nothing."""

    months: list[date] = field(default_factory=list)
    added: int = 0
    unchanged: int = 0
    replaced: int = 0
    differences: list[Difference] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # why a month that is in the file was not taken
    refused: bool = False


def read(
    content: bytes, *, months: Collection[date] | None = None, allow_old: bool = False
) -> tuple[list[MonthRates], list[str]]:
    """The months that the file gives, and why others are left out. Raises Unreadable.

    `months` (first days) are those that are wanted, None all; one of them that the file cannot give raises, too.
    `allow_old` takes the last publication in the file before a wanted month, however old.
    """
    published = publications(content)
    today = clock.now().date()
    if published[-1].on > today + timedelta(days=1):  # it is tomorrow in the east
        raise Unreadable(_("The file holds rates of %(day)s, which is not yet.") % {"day": published[-1].on})
    if months is None:
        return _choose(published, _months_of(published))
    taken, left_out = _choose(published, sorted(set(months)), allow_old=allow_old)
    if left_out:
        raise Unreadable(" ".join(left_out))
    return taken, left_out


def _choose(
    published: Sequence[Publication], months: Iterable[date], *, allow_old: bool = False
) -> tuple[list[MonthRates], list[str]]:
    """For each month the last publication before it, or why there is none."""
    taken, left_out = [], []
    for month in months:
        last = max((each for each in published if each.on < month), key=lambda each: each.on, default=None)
        why = _why_not(last, month, allow_old=allow_old)
        if last is not None and not why:
            taken.append(MonthRates(month, last.on, last.per_euro))
        else:
            left_out.append(why)
    return taken, left_out


def keep(found: Sequence[MonthRates], *, by: User | None = None, replaces: bool = False) -> Outcome:
    """Write the months, all or nothing.

    1. One import at a time: the table is locked against other writers; readers go on.
    2. What is kept already and is the same stays untouched.
    3. What differs is reported; without `replaces` nothing at all is written then. Registrations that were submitted
       keep the rate that they were judged by (it stands on them).
    """
    outcome = Outcome(months=[each.month for each in found])
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE registrations_exchangerate IN SHARE ROW EXCLUSIVE MODE")
        kept = {(row.month, row.currency): row for row in ExchangeRate.objects.filter(month__in=outcome.months)}
        new, changed = [], []
        for row in _rows(found, by):
            before = kept.get((row.month, row.currency))
            if before is None:
                new.append(row)
            elif (before.per_euro, before.published_on) == (row.per_euro, row.published_on):
                outcome.unchanged += 1
            else:
                row.pk = before.pk
                changed.append(row)
                outcome.differences.append(_difference(before, row))
        outcome.refused = bool(changed) and not replaces
        if not outcome.refused:
            outcome.added, outcome.replaced = len(new), len(changed)
            ExchangeRate.objects.bulk_create(new)
            ExchangeRate.objects.bulk_update(changed, FIELDS)
    return outcome


FIELDS = ["per_euro", "published_on", "source", "imported_at", "imported_by"]


def load_packaged(until: date) -> None:
    """For the demo and for tests, never in production: the rates of every month up to that of `until`.

    Months that the packaged history does not reach get its last publication once more, under a source that says so.
    """
    history = publications(PACKAGED.read_bytes())
    taken, _left_out = _choose(history, _months_of(history))
    last = taken[-1]
    carried = f"{ECB} {last.published_on.day} {last.published_on:%b %Y}, carried on for the demo"
    while (month := next_month(taken[-1].month)) <= until:
        taken.append(replace(last, month=month, source=carried))
    kept = set(ExchangeRate.objects.values_list("month", flat=True))
    keep([each for each in taken if each.month <= until and each.month not in kept])


def next_month(month: date) -> date:
    return first_of_month(month + timedelta(days=31))


def _months_of(published: Sequence[Publication]) -> list[date]:
    """The months after those in which something was published."""
    return sorted({next_month(first_of_month(each.on)) for each in published})


def _why_not(last: Publication | None, month: date, *, allow_old: bool) -> str:
    """Why the file does not give the rate of `month`; empty when it does."""
    due = last_publication_before(month)
    facts = {"month": f"{month:%Y-%m}", "due": due, "last": last.on if last else ""}
    if last is None:
        return _("%(month)s: the file holds nothing from before it.") % facts
    if last.on >= due or allow_old:
        return ""
    return _("%(month)s: its rates are those of %(due)s; the last before it in the file are of %(last)s.") % facts


def _rows(found: Iterable[MonthRates], by: User | None) -> Iterable[ExchangeRate]:
    now = clock.now()
    for each in found:
        for currency, per_euro in each.per_euro.items():
            yield ExchangeRate(
                currency=currency,
                month=each.month,
                per_euro=per_euro,
                published_on=each.published_on,
                source=each.source,
                imported_at=now,
                imported_by=by,
            )


def _difference(before: ExchangeRate, row: ExchangeRate) -> Difference:
    return Difference(row.month, row.currency, before.per_euro, before.published_on, row.per_euro, row.published_on)
