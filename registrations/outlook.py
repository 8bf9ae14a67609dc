"""Whether a side can be registered, kept on the side itself for lists and the stepper."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from cosell import clock
from deals import rules
from deals.actions import set_registration
from deals.actions.door import lock
from deals.enums import ACTIVE, REGISTRATION_SUBMITTED, Kind, RegistrationState, Stage
from deals.models import Deal
from registrations.enums import ExceptionState
from registrations.facts import gather
from registrations.models import ExceptionRequest
from registrations.rates import USD, rate
from registrations.rules.criteria import LEAST_AZURE_IP
from registrations.rules.eligibility import best
from registrations.workflow import REGISTER_WITHIN

LOOKED_AT = 500  # sides of each sort in one run
ENDED = (RegistrationState.WAIVED, RegistrationState.LAPSED)


def look(deal: Deal, now: datetime) -> None:
    """Set the outlook of every side of the engagement anew, which is locked: what one does may mean something for all.

    What was submitted says itself where it stands. The host's own side is never registered, nor is an assessment.
    """
    engagement = deal.engagement
    if engagement.kind == Kind.ASSESSMENT:
        return
    sides = rules.known_sides(engagement)
    for side in sides:
        side.engagement = engagement
        if side.organization_id != engagement.host_id and not _is_settled(side):
            set_registration(deal if side.pk == deal.pk else side, _outlook(side, sides, now))


def _is_settled(side: Deal) -> bool:
    """Submitted, or ended without one: as long as the deal is won, nothing that happens to it changes that."""
    return side.registration_state in REGISTRATION_SUBMITTED or (
        side.registration_state in ENDED and side.stage == Stage.WON
    )


def _outlook(side: Deal, sides: list[Deal], now: datetime) -> RegistrationState | str:
    """Pending: it can be registered now. Possible: nothing stands against it. Empty: something does."""
    if side.stage not in (*ACTIVE, Stage.WON):
        return ""
    if side.stage == Stage.WON and _exceptions(side).filter(state=ExceptionState.APPROVED).exists():
        return RegistrationState.PENDING
    judged = best(gather(side, sides, now))
    if judged.hopeless:
        return ""
    if window_ended(side, now) and not _exceptions(side).exists():
        return RegistrationState.LAPSED
    return RegistrationState.PENDING if judged.met else RegistrationState.POSSIBLE


def register_by(side: Deal) -> datetime | None:
    """Until when a won side may be registered, as long as no contract says otherwise (fact sheet 3.3)."""
    return side.closed_at + REGISTER_WITHIN if side.stage == Stage.WON and side.closed_at else None


def window_ended(side: Deal, now: datetime) -> bool:
    until = register_by(side)
    return until is not None and now >= until


def _exceptions(side: Deal) -> QuerySet[ExceptionRequest]:
    """An exception that is asked, or granted and not used: it keeps the way open."""
    living = (ExceptionState.WAITING, ExceptionState.APPROVED)
    return ExceptionRequest.objects.filter(deal=side, state__in=living, used_at=None)


def due(now: datetime) -> list[int]:
    """Ids of sides whose outlook time may have changed; what is left over stands in the next run.

    1. won, and the window to register has ended
    2. won in another currency, without a rate so far
    3. open, and worth too little for Azure IP by this month's rates; one that rose above it is looked at when
       something is done on it
    """
    living = Deal.objects.filter(registration_state__in=(RegistrationState.POSSIBLE, RegistrationState.PENDING))
    over = living.filter(stage=Stage.WON, closed_at__lte=now - REGISTER_WITHIN)
    foreign = living.filter(registration_state=RegistrationState.POSSIBLE).exclude(currency=USD)
    small = Q(pk__in=())
    for currency in (
        foreign.filter(stage__in=ACTIVE).order_by("currency").values_list("currency", flat=True).distinct()
    ):
        if (known := rate(currency, now.astimezone(UTC).date())) is not None:
            small |= Q(stage__in=ACTIVE, currency=currency, value__lt=LEAST_AZURE_IP / known.usd)
    unsure = foreign.filter(Q(stage=Stage.WON) | small)
    found = [rows.order_by("pk").values_list("pk", flat=True)[:LOOKED_AT] for rows in (over, unsure)]
    return [*found[0], *found[1]]


def look_again(deal_id: int) -> bool:
    """Look at one side and those beside it, under the engagement's lock. True when it stands elsewhere now."""
    with transaction.atomic():
        deal = lock(deal_id)
        before = deal.registration_state
        look(deal, clock.now())
        return deal.registration_state != before
