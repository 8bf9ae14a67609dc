"""Who is told about a deal (product.md §8, fact sheet 2.1, 2.4). Which words they read stands in notifications.py."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.enums import Role, Scope
from accounts.models import Membership, User
from cosell.events.catalogue import Recipient
from cosell.events.models import Event
from deals.enums import UNANSWERED, EventKind, Stage
from deals.models import Deal
from deals.privacy import ERASED_DOMAIN


def receivers_of(deal: Deal) -> list[User]:
    """Who decides about an invitation: never nobody while the organization has anybody (product.md §8).

    The customer's account team in that organization; else the sellers of its market; else the referrals admins of
    the location; else those of the global location or the whole company; else the account or vendor admins.
    """
    here = Membership.objects.filter(organization=deal.organization, is_active=True, user__is_active=True)
    admins = here.filter(role=Role.REFERRALS_ADMIN)
    chain = (
        here.filter(user__named_accounts=deal.engagement.customer),
        here.filter(role=Role.SELLER, markets__contains=[deal.engagement.customer.country]),
        admins.filter(locations=deal.location),
        admins.filter(scope=Scope.COMPANY) | admins.filter(locations__is_global=True),
        here.filter(role__in=(Role.ACCOUNT_ADMIN, Role.VENDOR_ADMIN)),
        here,
    )
    for memberships in chain:
        users = {membership.user for membership in memberships.select_related("user")}
        if users:
            return sorted(users, key=lambda user: user.pk)
    return []


def receivers(event: Event, deal: Deal) -> Iterable[Recipient]:
    """Who decides, and the people of the invited organization whom the inviter named."""
    named = [m.user for m in deal.team.select_related("user") if m.user and m.user.is_active]
    told = dict.fromkeys([*receivers_of(deal), *named])
    return [Recipient.of_user(user, language=deal.organization.language) for user in told]


def people(deal: Deal, event: Event) -> Iterable[Recipient]:
    """The team of a side, with or without a sign-in, but not who did it; an erased person has no address."""
    for member in deal.team.select_related("user"):
        if member.user and member.user_id != event.actor_id:
            yield Recipient.of_user(member.user, language=deal.organization.language)
        elif member.user is None and not member.email.endswith(f"@{ERASED_DOMAIN}"):
            yield Recipient(None, member.email, member.name, deal.organization.language, deal.organization.time_zone)


def sender_team(event: Event, deal: Deal) -> Iterable[Recipient]:
    return list(people(deal.invited_from, event)) if deal.invited_from else []


def other_teams(event: Event, deal: Deal) -> Iterable[Recipient]:
    """The teams of the other sides that are in: they accepted, or they created."""
    sides = deal.engagement.sides.exclude(pk=deal.pk).exclude(stage__in=(Stage.RECEIVED, *UNANSWERED))
    return [recipient for side in sides.select_related("organization") for recipient in people(side, event)]


def everybody_in(event: Event, deal: Deal) -> Iterable[Recipient]:
    """The creator's team, and those of every side that accepted."""
    return [*people(deal, event), *other_teams(event, deal)]


def own_team(event: Event, deal: Deal) -> Iterable[Recipient]:
    return list(people(deal, event))


def asker(event: Event, deal: Deal) -> Iterable[Recipient]:
    """Who asked the partner about the customer."""
    asked = Event.objects.filter(stream=event.stream, kind=EventKind.ACCOUNT_ASKED, actor__isnull=False)
    last = asked.select_related("actor").order_by("-seq").first()
    return [Recipient.of_user(last.actor, language=deal.engagement.host.language)] if last and last.actor else []


def readers_of_note(event: Event, deal: Deal) -> Iterable[Recipient]:
    shared = event.data.get("note_for") == "all"
    return [*people(deal, event), *(other_teams(event, deal) if shared else [])]
