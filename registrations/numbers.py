"""How the review does, for the vendor admin: throughput, age, outcomes, overturned, draw, exceptions (product.md §7).

Everything is counted by the database, in the same number of queries whatever there is to count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    CharField,
    Count,
    DurationField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import TruncWeek
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from cosell.events.models import Event
from deals.enums import RegistrationState
from registrations.enums import EventKind, ExceptionState, FailReason, Outcome, ProgramCode, ReviewReason
from registrations.models import ExceptionRequest, Registration, Submission, Verdict

WEEK, DAY = timedelta(days=7), timedelta(days=1)
FISCAL_START = 7  # July
PASSED = (RegistrationState.REVIEW_PASSED, RegistrationState.MARKETPLACE_PASSED)
FAILED = (RegistrationState.REVIEW_FAILED, RegistrationState.MARKETPLACE_FAILED)
AGES = (1, 2, 5, 10)  # days; the bounds of "waits now"


@dataclass(frozen=True)
class Span:
    """A range to choose. `since` says where it begins, given now; days begin at midnight UTC."""

    slug: str
    label: str | Promise
    since: Callable[[datetime], datetime]


def _days_ago(days: int) -> Callable[[datetime], datetime]:
    return lambda now: midnight(now.astimezone(UTC).date() - timedelta(days=days - 1))


def _fiscal_year(now: datetime) -> datetime:
    today = now.astimezone(UTC).date()
    return midnight(date(today.year - (today.month < FISCAL_START), FISCAL_START, 1))


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


SPANS = (
    Span("30", gettext_lazy("Last 30 days"), _days_ago(30)),
    Span("90", gettext_lazy("Last 90 days"), _days_ago(90)),
    Span("365", gettext_lazy("Last 365 days"), _days_ago(365)),
    Span("year", gettext_lazy("Fiscal year from July"), _fiscal_year),
)


@dataclass(frozen=True)
class Week:
    """`starts_on` is a Monday. Approved without a review, and decisions of reviewers, are counted apart."""

    starts_on: date
    submitted: int
    approved: int
    decided: int


@dataclass(frozen=True)
class Age:
    """How long decisions took since they came to the queue; spans are None where nothing was decided."""

    label: str
    count: int
    late: int
    p50: timedelta | None
    p90: timedelta | None
    p99: timedelta | None

    @property
    def percent_late(self) -> int:
        return round(100 * self.late / self.count) if self.count else 0


@dataclass(frozen=True)
class Bucket:
    """What waits, by its days in the queue."""

    label: str
    count: int
    late: int

    @property
    def in_time(self) -> int:
        return self.count - self.late


@dataclass(frozen=True)
class Outcomes:
    """Decisions by what they have in common; `overturned` are those that somebody decided otherwise later."""

    label: str
    passed: int
    failed: int
    asked: int
    late: int
    overturned: int

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.asked

    @property
    def percent_late(self) -> int:
        return round(100 * self.late / self.total) if self.total else 0


@dataclass(frozen=True)
class Ended:
    """Registrations that ended in the range, by how they came to be looked at."""

    label: str
    passed: int
    failed: int
    was_reviewed: bool = True

    @property
    def total(self) -> int:
        return self.passed + self.failed

    @property
    def percent_failed(self) -> int:
        return round(100 * self.failed / self.total) if self.total else 0


@dataclass(frozen=True)
class Numbers:
    weeks: list[Week]
    ages: list[Age]  # all, then by program
    waiting: list[Bucket]
    reviewers: list[Outcomes]
    review_reasons: list[Outcomes]
    fail_reasons: list[tuple[str, int]]
    sampling: list[Ended]
    exceptions: list[tuple[str, int]]

    @property
    def decided(self) -> int:
        return self.ages[0].count

    @property
    def overturned(self) -> int:
        return sum(row.overturned for row in self.reviewers)

    @property
    def is_empty(self) -> bool:
        return not (
            any(week.submitted or week.decided for week in self.weeks)
            or any(bucket.count for bucket in self.waiting)
            or any(count for _label, count in self.exceptions)
        )


def numbers_of(host: Organization, since: datetime, now: datetime) -> Numbers:
    """All of them, of what `host` decides, from `since` until `now`. Decisions that were taken back do not count."""
    verdicts = Verdict.objects.filter(
        registration__engagement__host=host, undone_at=None, at__gte=since, at__lte=now
    ).order_by()
    return Numbers(
        weeks=_weeks(host, verdicts, since, now),
        ages=_ages(verdicts),
        waiting=_waiting(host, now),
        reviewers=_outcomes(verdicts, "by__full_name", str, "by"),
        review_reasons=_outcomes(verdicts.annotate(reason=_reasons_then()), "reason", _reason),
        fail_reasons=_fail_reasons(verdicts),
        sampling=_sampling(host, since, now),
        exceptions=_exceptions(host, since, now),
    )


# -------------------------------------------------------------------------------------------------- throughput, age


def _weeks(host: Organization, verdicts: QuerySet[Verdict], since: datetime, now: datetime) -> list[Week]:
    within = {"at__gte": since, "at__lte": now}
    submitted = _by_week(Submission.objects.filter(registration__engagement__host=host, **within))
    deals = Registration.objects.filter(engagement__host=host).values("deal")
    approved = _by_week(Event.objects.filter(kind=EventKind.APPROVED, deal_id__in=deals, **within))
    decided = _by_week(verdicts)
    return [Week(day, submitted.get(day, 0), approved.get(day, 0), decided.get(day, 0)) for day in mondays(since, now)]


def _by_week(rows: QuerySet[Any]) -> dict[date, int]:
    weekly = rows.order_by().annotate(week=TruncWeek("at", tzinfo=UTC)).values_list("week").annotate(Count("pk"))
    return {week.date(): count for week, count in weekly}


def mondays(since: datetime, now: datetime) -> list[date]:
    """The Mondays of all weeks of the range; those in which nothing happened are weeks, too."""
    day = since.date() - since.date().weekday() * DAY
    return [day + number * WEEK for number in range((now.astimezone(UTC).date() - day) // WEEK + 1)]


class Percentiles(Aggregate):
    """The spans that half, nine tenths and 99 of 100 do not exceed: each is one that was measured."""

    function = "PERCENTILE_DISC"
    template = "%(function)s(ARRAY[0.5, 0.9, 0.99]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(DurationField())


def _ages(verdicts: QuerySet[Verdict]) -> list[Age]:
    measured = {"spans": Percentiles("waited"), "count": Count("pk"), "late": Count("pk", filter=Q(was_late=True))}
    programs = verdicts.values("registration__program__code").annotate(**measured)
    by_program = programs.order_by("registration__program")
    return [
        _age(_("All programs"), verdicts.aggregate(**measured)),
        *(_age(str(ProgramCode(row["registration__program__code"]).label), row) for row in by_program),
    ]


def _age(label: str, row: Mapping[str, Any]) -> Age:
    return Age(label, row["count"], row["late"], *(row["spans"] or (None, None, None)))


def _waiting(host: Organization, now: datetime) -> list[Bucket]:
    """What waits for a reviewer now, by its days in the queue; late is what is past the day it was due."""
    rows = Registration.objects.filter(engagement__host=host).waiting()
    bounds = [timedelta(days=days) for days in AGES]
    ranges = list(zip([None, *bounds], [*bounds, None], strict=True))
    asked: dict[str, Count] = {}
    for number, (least, below) in enumerate(ranges):
        within = Q() if least is None else Q(waits_since__lte=now - least)
        within &= Q() if below is None else Q(waits_since__gt=now - below)
        asked[f"count{number}"] = Count("pk", filter=within & Q(waits_since__isnull=False))
        asked[f"late{number}"] = Count("pk", filter=within & Q(waits_since__isnull=False, due_at__lt=now))
    got = rows.aggregate(**asked)
    return [
        Bucket(_bucket(least, below), got[f"count{number}"], got[f"late{number}"])
        for number, (least, below) in enumerate(ranges)
    ]


def _bucket(least: timedelta | None, below: timedelta | None) -> str:
    if least is None:
        return _("less than a day")
    if below is None:
        return _("%(days)d days and more") % {"days": least.days}
    return _("%(least)d to %(below)d days") % {"least": least.days, "below": below.days}


# ------------------------------------------------------------------------------------------- outcomes and what became


STARTS = (EventKind.REVIEW_STARTED, EventKind.PICKED)


def _reasons_then() -> Func:
    """A row for each reason of the review in which a decision was made; later rounds have others."""
    starts = Event.objects.filter(deal_id=OuterRef("registration__deal_id"), kind__in=STARTS, at__lte=OuterRef("at"))
    return _each(Subquery(starts.order_by("-seq").values("data__reasons")[:1]), "jsonb_array_elements_text")


def _each(values: F | Subquery, function: str) -> Func:
    return Func(values, function=function, output_field=CharField(), set_returning=True)


def _outcomes(verdicts: QuerySet[Verdict], column: str, said: Callable[[str], str], *key: str) -> list[Outcomes]:
    """By `column`, most first; people of one name are told apart by `key`."""

    def those(**fields: object) -> Count:
        return Count("pk", filter=Q(**fields))

    rows = verdicts.values(column, *key).annotate(
        passed=those(outcome=Outcome.PASS),
        failed=those(outcome=Outcome.FAIL),
        asked=those(outcome=Outcome.ASK),
        late=those(was_late=True),
        overturned=those(overturned_at__isnull=False),
    )
    found = [
        Outcomes(said(row[column]), row["passed"], row["failed"], row["asked"], row["late"], row["overturned"])
        for row in rows
    ]
    return sorted(found, key=lambda row: (-row.total, row.label))


def _reason(code: str) -> str:
    return str(ReviewReason(code).label)


def _fail_reasons(verdicts: QuerySet[Verdict]) -> list[tuple[str, int]]:
    rows = verdicts.filter(outcome=Outcome.FAIL).annotate(reason=_each(F("reasons"), "unnest")).values_list("reason")
    return _most_first((str(FailReason(code).label), count) for code, count in rows.annotate(Count("pk")))


def _most_first(rows: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _sampling(host: Organization, since: datetime, now: datetime) -> list[Ended]:
    """Does the draw find what the rules do not? Registrations that ended in the range, drawn at random or not."""
    ended = Registration.objects.filter(engagement__host=host, decided_at__gte=since, decided_at__lte=now)
    draws = Event.objects.filter(deal_id=OuterRef("deal_id"), kind=EventKind.REVIEW_STARTED)
    drawn = Q(Exists(draws.filter(data__reasons__contains=[ReviewReason.DRAWN])))
    got = ended.aggregate(
        drawn_passed=Count("pk", filter=drawn & Q(state__in=PASSED)),
        drawn_failed=Count("pk", filter=drawn & Q(state__in=FAILED)),
        other_passed=Count("pk", filter=~drawn & Q(state__in=PASSED)),
        other_failed=Count("pk", filter=~drawn & Q(state__in=FAILED)),
        approved=Count("pk", filter=Q(state=RegistrationState.APPROVED)),
    )
    return [
        Ended(_("Drawn at random"), got["drawn_passed"], got["drawn_failed"]),
        Ended(_("Reviewed for a reason"), got["other_passed"], got["other_failed"]),
        Ended(_("Approved without a review"), got["approved"], 0, was_reviewed=False),
    ]


def _exceptions(host: Organization, since: datetime, now: datetime) -> list[tuple[str, int]]:
    """Requests of the range by their answer, and all that wait now."""
    asked = Q(at__gte=since, at__lte=now)
    waits = Q(state=ExceptionState.WAITING)
    got = ExceptionRequest.objects.filter(deal__engagement__host=host).aggregate(
        approved=Count("pk", filter=asked & Q(state=ExceptionState.APPROVED)),
        refused=Count("pk", filter=asked & Q(state=ExceptionState.REFUSED)),
        waiting=Count("pk", filter=waits),
        late=Count("pk", filter=waits & Q(due_at__lt=now)),
    )
    return [
        (str(ExceptionState.APPROVED.label), got["approved"]),
        (str(ExceptionState.REFUSED.label), got["refused"]),
        (_("Waiting now"), got["waiting"]),
        (_("Of these, late"), got["late"]),
    ]
