"""Who is told what about a registration (product.md §8, fact sheet 2.4). The templates hold the words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import User
from cosell import clock
from cosell.events.catalogue import Message, Recipient
from cosell.events.models import Event
from deals import notifications as deal_notifications
from deals.enums import EventKind as DealEvent
from deals.enums import Kind
from deals.models import Deal
from deals.privacy import ERASED_DOMAIN
from registrations.facts import facts_of
from registrations.outlook import register_by
from registrations.rules.eligibility import best


def team_of(deal: Deal) -> Iterable[Recipient]:
    """The own team, with or without a sign-in; an erased person has no address."""
    for member in deal.team.select_related("user"):
        if member.user:
            yield Recipient.of_user(member.user, language=deal.organization.language)
        elif not member.email.endswith(f"@{ERASED_DOMAIN}"):
            yield Recipient(None, member.email, member.name, deal.organization.language, deal.organization.time_zone)


def _who_may_register(event: Event, deal: Deal) -> Iterable[Recipient]:
    """The own team and who won it, unless something stands against a registration: the deal page says that."""
    if deal.organization_id == deal.engagement.host_id or deal.engagement.kind == Kind.ASSESSMENT:
        return []
    if best(facts_of(deal, event.at)).hopeless:
        return []
    team = list(team_of(deal))
    winner: User | None = event.actor
    if winner and winner not in [each.user for each in team]:
        team.append(Recipient.of_user(winner, language=deal.organization.language))
    return team


def _possible_context(event: Event, recipient: Recipient) -> dict[str, Any]:
    """`judged` is asked only where the words need it: a line of the bell does not."""
    words = deal_notifications.context(event, recipient)
    deal: Deal = words["deal"]
    return {**words, "judged": lambda: best(facts_of(deal, clock.now())), "until": register_by(deal)}


MESSAGES: tuple[Message, ...] = (
    Message(
        "registration_possible",
        DealEvent.WON,
        _who_may_register,
        _possible_context,
        "registrations/email/registration_possible",
        prepare=deal_notifications.prepare,
    ),
)
