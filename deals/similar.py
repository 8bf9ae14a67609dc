"""Similar past deals of the own company: what was won with what, in how long. Only deals that the person may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q

from deals.enums import Stage
from deals.models import Deal, DealSolution

if TYPE_CHECKING:
    from accounts.who import Who

SHOWN = 3
LOOKED_AT = 500  # closed deals, the newest first
TELLS = 3  # fewer closed deals make no rate


class Wanted(NamedTuple):
    """What a past deal is similar to. Nothing says how large a customer is; its category comes nearest."""

    solutions: Collection[int]
    area: int | None = None
    country: str = ""
    category: str = ""


class Closed(NamedTuple):
    """What of a closed deal is looked at."""

    pk: int
    stage: str
    created_at: datetime
    closed_at: datetime
    won_on: date | None
    engagement__customer__country: str
    engagement__customer__category: str
    engagement__solution_area_id: int | None
    solution_ids: Sequence[int]

    @property
    def days(self) -> int:
        """From its creation to the day on which it was won."""
        return max(0, ((self.won_on or self.closed_at.date()) - self.created_at.date()).days)

    def likeness(self, wanted: Wanted) -> int:
        """Solutions tell most, then the area, the country, the category of the customer."""
        return (
            4 * len({*wanted.solutions} & {*self.solution_ids})
            + 2 * (wanted.area is not None and wanted.area == self.engagement__solution_area_id)
            + (wanted.country == self.engagement__customer__country)
            + (wanted.category == self.engagement__customer__category)
        )


@dataclass(frozen=True)
class Record:
    """How deals with the chosen solutions ended; `days` is the median of the won ones."""

    won: int
    closed: int
    days: int

    @property
    def rate(self) -> int:
        """Percent."""
        return round(100 * self.won / self.closed)


@dataclass(frozen=True)
class Past:
    """A won deal that the person may open."""

    deal: Deal
    days: int

    @property
    def value(self) -> Decimal:
        return self.deal.value if self.deal.final_value is None else self.deal.final_value


@dataclass(frozen=True)
class Similar:
    past: Sequence[Past] = ()
    record: Record | None = None


def similar(who: Who, wanted: Wanted) -> Similar:
    """Deals of the own company with one of the solutions or in the area. Three queries, whatever there is."""
    if not wanted.solutions and wanted.area is None:
        return Similar()
    closed = _closed(who, wanted)
    won = [each for each in closed if each.stage == Stage.WON]
    best = {each.pk: each for each in sorted(won, key=lambda each: (-each.likeness(wanted), -each.pk))[:SHOWN]}
    loaded = Deal.objects.select_related("engagement__customer").prefetch_related("solutions").in_bulk(best)
    return Similar([Past(loaded[pk], each.days) for pk, each in best.items()], _record(closed, wanted))


def _closed(who: Who, wanted: Wanted) -> list[Closed]:
    """Won or lost sides of the own organization, the newest first."""
    of_deal = DealSolution.objects.filter(deal=OuterRef("pk"))
    alike = Q(Exists(of_deal.filter(solution__in=list(wanted.solutions))))
    if wanted.area is not None:
        alike |= Q(engagement__solution_area=wanted.area)
    rows = (
        Deal.objects.visible_to(who)
        .filter(alike, organization=who.organization, stage__in=(Stage.WON, Stage.LOST))
        .annotate(solution_ids=ArraySubquery(of_deal.values("solution_id")))
        .order_by("-pk")
        .values_list(*Closed._fields)
    )
    return [Closed(*row) for row in rows[:LOOKED_AT]]


def _record(closed: Sequence[Closed], wanted: Wanted) -> Record | None:
    """Only of deals with one of the chosen solutions; too few tell nothing."""
    with_it = [each for each in closed if {*wanted.solutions} & {*each.solution_ids}]
    days = [each.days for each in with_it if each.stage == Stage.WON]
    return Record(len(days), len(with_it), round(median(days))) if days and len(with_it) >= TELLS else None
