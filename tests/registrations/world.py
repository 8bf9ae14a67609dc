"""Won deals and their registrations, made by the same actions as people use, on a clock set back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounts.enums import Role
from cosell import clock
from cosell.events.models import Event
from cosell.local.cast.registrations import a_claim
from cosell.web.reasons import Refused
from deals import actions as deal_actions
from deals.enums import Help
from deals.models import Deal
from deals.workflow import SAFE_TO_WIN_AFTER
from registrations import actions
from registrations.enums import Check, EventKind, Outcome, Pricing
from registrations.models import Program, Registration
from tests import factories
from tests.cast import LAKEHOUSE, accept, fresh, new_deal, organization, side_of, solutions, user, who

__all__ = ["a_claim"]

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def nothing_drawn() -> None:
    """No registration goes to a review by chance."""
    Program.objects.update(draw_percent=0)


def make_reviewer(name: str, role: Role = Role.REVIEWER) -> None:
    """The cast has one reviewer; somebody else of the host reviews as well."""
    factories.make_membership(user=user(name), organization=organization("Microsoft"), role=role)


def won_deal(
    by: str = "ana",
    *,
    value: Decimal | int = 100_000,
    accepted: bool = True,
    created: timedelta = 10 * DAY,
    won: timedelta = 5 * DAY,
    **fields: Any,
) -> Deal:
    """A deal made `created` ago and won `won` ago: `accepted` by the host, or partner-led."""
    given = {"solutions": solutions(LAKEHOUSE), **({"asks": Help.POC} if accepted else {"shown": True}), **fields}
    with clock.moved_by(-created):
        deal = new_deal(by, value=Decimal(value), **given)
        if accepted:
            accept("lee", side_of(deal, "Microsoft"))
    with clock.moved_by(-won):
        deal_actions.win_deal(who(by), deal.pk, early_confirmed=created - won <= SAFE_TO_WIN_AFTER)
    return fresh(deal)


def submit(deal: Deal, by: str = "ana", **claimed: Any) -> Registration:
    """Register a won deal, or send it again; `claimed` are fields of the claim."""
    known = Registration.objects.filter(deal=deal).first()
    return actions.submit(who(by), deal.pk, known.version if known else 1, a_claim(fresh(deal), **claimed))


def registered(by: str = "ana", *, accepted: bool = False, deal: dict[str, Any] | None = None, **claimed: Any) -> Any:
    """A registration on a won deal; fields of the deal in `deal`, the others are of the claim."""
    return submit(won_deal(by, accepted=accepted, **(deal or {})), by, **claimed)


def in_review(**more: Any) -> Registration:
    """One that a reviewer has to look at: pay-as-you-go."""
    return registered(**{"pricing": Pricing.PAYG, **more})


def over_million(**more: Any) -> Registration:
    """One that two people decide."""
    return registered(**{"contract_value": Decimal(1_500_000), **more})


def again(registration: Registration) -> Registration:
    """The row as it is in the database."""
    return Registration.objects.select_related("deal__engagement", "program").get(pk=registration.pk)


def decide(by: str, registration: Registration, outcome: Outcome = Outcome.PASS, **fields: Any) -> Registration:
    """A decision with what it needs, on the version that there is; `fields` differ."""
    good: dict[Outcome, dict[str, Any]] = {
        Outcome.PASS: {"checked": list(Check.values)},
        Outcome.FAIL: {"reasons": ["dates_disagree"]},
        Outcome.ASK: {"words": "Please send page 2."},
    }
    given = {"version": again(registration).version, **good[outcome], **fields}
    return actions.decide(who(by), registration.pk, outcome, **given)


def codes(refused: Refused) -> list[str]:
    return [reason.code for reason in refused.reasons]


def kinds(registration: Registration, *, after: int = 0) -> list[str]:
    """What happened to a registration, without the prefix, the first first."""
    events = Event.objects.filter(deal_id=registration.deal_id, kind__in=EventKind.values, pk__gt=after)
    return [kind.partition(".")[2] for kind in events.order_by("pk").values_list("kind", flat=True)]


def last_event(registration: Registration, *of: EventKind) -> Event:
    events = Event.objects.filter(deal_id=registration.deal_id, kind__in=of or EventKind.values)
    return events.latest("seq")
