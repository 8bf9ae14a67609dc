"""The review queue: its tabs, what each shows, in which order; what is due, who has it (product.md §7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Expression, F, Q, Value
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from cosell import clock
from cosell.web.filtering import with_changes
from cosell.web.paging import Order, count_some
from deals.enums import RegistrationState
from registrations import actions, perms
from registrations.enums import DECIDED as DECIDED_STATES
from registrations.enums import ExceptionState, Level, ReviewReason
from registrations.filters import QueueFilter
from registrations.models import Program, Registration
from registrations.queries import RegistrationQuerySet
from registrations.rules.acting import is_held

if TYPE_CHECKING:
    from accounts.who import Who

PAGE_SIZE = 50
BEFORE, AFTER = 3, 9  # rows of the narrow list around the one that is open
WAITING, MINE, SECOND, MARKETPLACE = "waiting", "mine", "second", "marketplace"
EXCEPTIONS, ASKED, APPROVED, DECIDED = "exceptions", "action-required", "approved", "decided"
IN_HAND = (WAITING, MINE, SECOND, MARKETPLACE)  # tabs whose rows a reviewer can take
OVER = "over"  # counted for the head
EXCEPTION_DUE = "deal__exception_request__due_at"
_ZERO = Value(Decimal(0))
DEFAULT_SORT = "due"
# By what every tab can be sorted beside its own order, "due"; none of these is ever null.
SORTS: dict[str, Expression] = {
    "waiting": Coalesce(F("waits_since"), F("submitted_at"), F("created_at")),
    "value": Coalesce(F("annual_usd"), _ZERO),
    "partner": Lower("deal__organization__name"),
}


@dataclass(frozen=True)
class Tab:
    """`due` is the column that orders it, the earliest first; a "-" turns it round."""

    slug: str
    label: str | Promise
    due: str
    empty_title: str | Promise
    empty: str | Promise


TABS = (
    Tab(
        WAITING,
        pgettext_lazy("registrations", "Waiting"),
        "due_at",
        gettext_lazy("Nothing waits for a review"),
        gettext_lazy(
            "A registration comes here when a person has to look at it: above USD 1 million a year, several partners,"
            " pay-as-you-go, a possible duplicate, or drawn at random. All others are approved automatically."
        ),
    ),
    Tab(
        MINE,
        gettext_lazy("Mine"),
        "due_at",
        gettext_lazy("You have nothing in hand"),
        gettext_lazy("“Next” takes the most urgent one. What others assign to you stands here, too."),
    ),
    Tab(
        SECOND,
        gettext_lazy("Second decision"),
        "due_at",
        gettext_lazy("No decision waits for a second person"),
        gettext_lazy(
            "Above USD 1 million a year two people decide. The first decision waits here for another person; where the"
            " two differ, a vendor admin decides."
        ),
    ),
    Tab(
        MARKETPLACE,
        gettext_lazy("Marketplace"),
        "due_at",
        gettext_lazy("No marketplace transaction waits"),
        gettext_lazy("A marketplace transaction is looked up once its registration is approved or has passed."),
    ),
    Tab(
        EXCEPTIONS,
        gettext_lazy("Exceptions"),
        EXCEPTION_DUE,
        gettext_lazy("No exception is asked for"),
        gettext_lazy("A partner may ask for one exception on a closed deal. The answer is final."),
    ),
    Tab(
        ASKED,
        gettext_lazy("Action required"),
        "updated_at",
        gettext_lazy("No partner has to act"),
        gettext_lazy("What you ask about stands here until the partner sends it again. The clock stops meanwhile."),
    ),
    Tab(
        APPROVED,
        gettext_lazy("Approved"),
        "decided_at",
        gettext_lazy("Nothing was approved automatically of late"),
        gettext_lazy("What the system approved can be picked for a review until its registration closes."),
    ),
    Tab(
        DECIDED,
        gettext_lazy("Decided"),
        "-decided_at",
        gettext_lazy("Nothing is decided yet"),
        gettext_lazy("Every decision stays here, the newest first."),
    ),
)
BY_SLUG = {tab.slug: tab for tab in TABS}


def tab_rows(who: Who, slug: str, now: datetime) -> RegistrationQuerySet:
    """The registrations of a tab, before filters. Those with an exception may not have been submitted."""
    found = Registration.objects.reviewable_by(who)
    narrow: dict[str, Callable[[], RegistrationQuerySet]] = {
        WAITING: found.waiting,
        MINE: lambda: found.waiting().filter(_mine(who, now)),
        SECOND: lambda: found.waiting().filter(level__gt=Level.FIRST),
        MARKETPLACE: lambda: found.filter(state=RegistrationState.MARKETPLACE_PENDING),
        EXCEPTIONS: lambda: _with_exception(who),
        ASKED: lambda: found.filter(state=RegistrationState.ACTION_REQUIRED),
        APPROVED: lambda: found.filter(state=RegistrationState.APPROVED, closed_at=None),
        DECIDED: lambda: found.filter(
            Q(state__in=DECIDED_STATES) | Q(state=RegistrationState.APPROVED, closed_at__isnull=False)
        ),
    }
    return narrow[slug]()


def _mine(who: Who, now: datetime) -> Q:
    return Q(assigned_to=who.user) | Q(claimed_by=who.user, claimed_until__gt=now)


def _with_exception(who: Who) -> RegistrationQuerySet:
    if not perms.can_review(who):
        return Registration.objects.none()
    asked = Registration.objects.filter(deal__exception_request__state=ExceptionState.WAITING)
    return asked.filter(engagement__host=who.organization)


def waiting_count(who: Who) -> int:
    """For the navigation: exact up to a thousand."""
    return int(count_some({WAITING: Registration.objects.reviewable_by(who).waiting()})[WAITING])


def counts(who: Who, now: datetime) -> dict[str, int]:
    """How many rows each tab has, and how many are over their target (OVER), in one query."""
    waiting = tab_rows(who, WAITING, now)
    return count_some(
        {tab.slug: tab_rows(who, tab.slug, now) for tab in TABS} | {OVER: waiting.filter(due_at__lt=now)}
    )


# ---------------------------------------------------------------------------------------------------- a found set


@dataclass(frozen=True)
class Found:
    """What an address says of the queue. `query` says it again, the tab included: what `?f=` carries."""

    tab: Tab
    filter: QueueFilter
    sort: str
    order: Order
    query: str

    @property
    def rows(self) -> RegistrationQuerySet:
        rows: RegistrationQuerySet = self.filter.qs
        return rows

    @property
    def shown(self) -> RegistrationQuerySet:
        """With all that a row says."""
        rows = self.rows.select_related(
            "program", "deal__organization", "engagement__customer", "claimed_by", "assigned_to"
        )
        rows = rows.defer("typed")
        return rows.select_related("deal__exception_request") if self.tab.slug == EXCEPTIONS else rows


def found_set(who: Who, slug: str, params: QueryDict, now: datetime) -> Found:
    """The rows of a tab that match the address, in its order; a sort that makes no sense is the tab's own."""
    tab = BY_SLUG[slug]
    sort = params.get("sort", DEFAULT_SORT)
    name, turned = sort.removeprefix("-"), sort.startswith("-")
    if name != DEFAULT_SORT and name not in SORTS:
        name, sort, turned = DEFAULT_SORT, DEFAULT_SORT, False
    own = Order(F(tab.due.removeprefix("-")), descending=tab.due.startswith("-") != turned)
    order = own if name == DEFAULT_SORT else Order(SORTS[name], descending=turned)
    due = tab.due if tab.slug == EXCEPTIONS else "due_at"
    found = QueueFilter(params, queryset=tab_rows(who, slug, now), who=who, due=due)
    return Found(tab, found, sort, order, with_changes(params, tab=slug))


def found_by(who: Who, query: str, now: datetime) -> Found:
    """The found set that `?f=` carries from page to page; what makes no sense is the whole of Waiting."""
    params = QueryDict(query)
    slug = params.get("tab", WAITING)
    return found_set(who, slug if slug in BY_SLUG else WAITING, params, now)


def take_following(who: Who, query: str, here: Registration | None = None) -> Registration | None:
    """Take the next free one of a found set, most urgent first: after `here`, else from the beginning.

    None when nobody left one to take. From a tab in which nothing is taken it goes on in Waiting.
    """
    now = clock.now()
    found = found_by(who, query, now)
    rows = found.rows if found.tab.slug in IN_HAND else tab_rows(who, WAITING, now)
    if here is None:
        return actions.take_next(who, rows)
    others = rows.exclude(pk=here.pk)
    later = Q(due_at__gt=here.due_at) | Q(due_at=here.due_at, pk__gt=here.pk) if here.due_at else None
    after = actions.take_next(who, others.filter(later)) if later is not None else None
    return after or actions.take_next(who, others)


@dataclass(frozen=True)
class Beside:
    """The narrow list beside a case: rows of the found set around it. `query` goes on in `?f=`."""

    rows: list[Row]
    query: str
    tab: Tab
    before: Registration | None
    after: Registration | None


def beside(who: Who, query: str, here: Registration, now: datetime) -> Beside:
    """In two queries at most; where `here` is not in the set any more, its beginning."""
    found = found_by(who, query, now)
    ordered = found.order.apply(found.shown)
    row = ordered.filter(pk=here.pk).first()
    if row is None:
        first = list(ordered[: BEFORE + AFTER])
        return Beside(as_rows(who, first, now), found.query, found.tab, None, first[0] if first else None)
    earlier = list(ordered.filter(found.order.beyond(row.sort_key, row.pk, backwards=True)).reverse()[:BEFORE])
    later = list(ordered.filter(found.order.beyond(row.sort_key, row.pk))[:AFTER])
    rows = as_rows(who, [*reversed(earlier), row, *later], now)
    return Beside(rows, found.query, found.tab, next(iter(earlier), None), next(iter(later), None))


# ------------------------------------------------------------------------------------------------------------ a row


@dataclass(frozen=True)
class Due:
    """When a decision is due, in working days of the program, and how urgent that looks."""

    words: str
    tone: str
    at: datetime


@dataclass(frozen=True)
class Row:
    """A line of the queue: the registration with what is worked out of it."""

    registration: Registration
    reasons: str
    due: Due | None
    holder: str  # who has it in hand; empty: nobody
    is_yours: bool  # in hand
    until: datetime | None  # it can be picked

    @property
    def level(self) -> str:
        """Whose decision is waited for, where it is not the first."""
        registration = self.registration
        return str(registration.get_level_display()) if registration.level > Level.FIRST else ""


def as_rows(who: Who, registrations: Iterable[Registration], now: datetime) -> list[Row]:
    return [as_row(who, each, now) for each in registrations]


def as_row(who: Who, registration: Registration, now: datetime) -> Row:
    """Asks nothing of the database: the registration comes with its page data."""
    held = is_held(registration, now)
    program = registration.program
    due_at = registration.due_at
    if "exception_request" in registration.deal._state.fields_cache:
        due_at = registration.deal.exception_request.due_at
    return Row(
        registration=registration,
        reasons=_reasons(registration),
        due=due(due_at, now, program) if due_at else None,
        holder=registration.claimed_by.full_name if held and registration.claimed_by else "",
        is_yours=held and registration.claimed_by_id == who.user.pk,
        until=_until(registration),
    )


def _reasons(registration: Registration) -> str:
    """Why a person looks at it; a transaction of the marketplace is looked up whatever it is."""
    reasons = [str(ReviewReason(each).label) for each in registration.review_reasons]
    if registration.state == RegistrationState.MARKETPLACE_PENDING:
        reasons.append(_("Marketplace transaction"))
    return ", ".join(reasons)


def _until(registration: Registration) -> datetime | None:
    """When what was approved automatically can no longer be picked."""
    if registration.state != RegistrationState.APPROVED or registration.closed_at or registration.decided_at is None:
        return None
    return registration.decided_at + timedelta(days=registration.program.pick_days)


def due(at: datetime, now: datetime, program: Program) -> Due:
    """ "1 d over", "today", "2 d": working days of the program, counted on its calendar."""
    zone = ZoneInfo(program.time_zone)
    day, today = at.astimezone(zone).date(), now.astimezone(zone).date()
    if at <= now:
        days = _working_days(day, today, program.country)
        return Due(_("%(days)d d over") % {"days": days} if days else _("over"), "bad", at)
    days = _working_days(today, day, program.country)
    return Due(_("%(days)d d") % {"days": days}, "", at) if days else Due(_("today"), "warn", at)


def _working_days(after: date, until: date, country: str) -> int:
    """Working days later than `after`, up to `until` and with it."""
    span = range(1, (until - after).days + 1)
    return sum(clock.is_working_day(after + timedelta(days=number), country) for number in span)
