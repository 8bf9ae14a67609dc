"""The queue of account matching: its tabs, how long each waits, how sure a candidate is (product.md §4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.matching import strength
from accounts.search import Described, in_common
from cosell import clock
from cosell.events.models import Event
from cosell.web.paging import Order, count_some, neighbours
from deals.actions.match import CORRECTED
from deals.enums import EventKind
from deals.models import MatchCase

if TYPE_CHECKING:
    from accounts.who import Who

OLDEST_FIRST = Order(F("opened_at"))
NEWEST_DECISION_FIRST = Order(F("decided_at"), descending=True)
WAITING, ASKED, DECIDED = "waiting", "asked", "decided"

STRENGTHS = {
    "almost_certain": (_("almost certain"), "ok"),
    "very_likely": (_("very likely"), "ok"),
    "likely": (_("likely"), "info"),
    "possible": (_("possible"), ""),
}


@dataclass(frozen=True)
class Tab:
    slug: str
    label: str | Promise
    order: Order
    empty_title: str | Promise
    empty: str | Promise


TABS = (
    Tab(
        WAITING,
        _("Waiting"),
        OLDEST_FIRST,
        _("No case is waiting"),
        _(
            "A deal comes here when a partner shares it and its customer was entered by hand, or chosen from the"
            " business directory. You say which account the customer is; until then the deal cannot be registered."
        ),
    ),
    Tab(
        ASKED,
        _("Asked the partner"),
        OLDEST_FIRST,
        _("No question is open"),
        _(
            "When the details are not enough, ask. The case stands here until the partner answers; then it waits"
            " again."
        ),
    ),
    Tab(
        DECIDED,
        _("Decided"),
        NEWEST_DECISION_FIRST,
        _("Nothing is decided yet"),
        _("Every decision stays here, with a way back. Matches that the system made by itself are marked."),
    ),
)


def rows_of(who: Who, slug: str) -> QuerySet[MatchCase]:
    cases = MatchCase.objects.visible_to(who)
    return {WAITING: cases.waiting, ASKED: cases.asked, DECIDED: cases.decided}[slug]()


def counts(who: Who) -> dict[str, int]:
    return count_some({tab.slug: rows_of(who, tab.slug) for tab in TABS})


def following(who: Who, case: MatchCase) -> MatchCase | None:
    """The next oldest that waits; from the last one, the first."""
    waiting = rows_of(who, WAITING).exclude(pk=case.pk)
    _before, after = neighbours(rows_of(who, WAITING), OLDEST_FIRST, case)
    return after or OLDEST_FIRST.apply(waiting).first()


def working_days(start: datetime, end: datetime, country: str) -> int:
    """Whole working days of a country that lie between two instants."""
    days = 0
    while (start := clock.add_working_days(start, 1, country)) <= end:
        days += 1
    return days


@dataclass(frozen=True)
class Row:
    """A line of the queue: the case with what is worked out of it."""

    case: MatchCase
    working_days: int
    why: str  # what the customer and the best candidate have in common
    strength: str | Promise
    tone: str

    @property
    def is_late(self) -> bool:
        """The invitation of the host is due or gone."""
        return self.working_days >= 2


def as_rows(cases: Sequence[MatchCase], now: datetime) -> list[Row]:
    corrected = corrections(cases)
    return [_row(case, corrected.get(case.engagement.stream, {}), now) for case in cases]


def corrections(cases: Iterable[MatchCase]) -> dict[str, dict[str, str]]:
    """What the partners' last answers put right (name, D-U-N-S, domain), by the engagement's stream."""
    streams = [case.engagement.stream for case in cases]
    answers = Event.objects.filter(stream__in=streams, kind=EventKind.ACCOUNT_ANSWERED)
    found = {}
    for answer in answers.prefetch_related("details").order_by("seq"):
        texts = {detail.key: detail.value for detail in answer.details.all()}
        changes = texts.get("changes") or {}
        found[answer.stream] = {field: changes[key][1] for field, key in CORRECTED.items() if key in changes}
    return found


def _row(case: MatchCase, corrected: dict[str, str], now: datetime) -> Row:
    country = case.engagement.host.country
    days = working_days(case.opened_at, case.decided_at or now, country)
    if case.best is None:
        return Row(case, days, "", "", "")
    described = Described.of(case.typed, **corrected)
    label, tone = STRENGTHS[strength(case.best_score)]
    return Row(case, days, ", ".join(in_common(described, case.best)), label, tone)
