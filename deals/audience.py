"""Who is told about a deal (product.md §8, fact sheet 2.1, 2.4). Which words they read stands in notifications.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.actions.away import stand_in, today
from accounts.models import Membership, User
from accounts.who import Who
from cosell.events.catalogue import Recipient
from cosell.events.models import Event
from deals import perms
from deals.enums import UNANSWERED, EventKind, Stage
from deals.models import Deal, TeamMember
from deals.privacy import ERASED_DOMAIN
from deals.receivers import ESCALATION, Spot, Told, posts_of, told

WANTS_ANSWER = frozenset({EventKind.INVITED, EventKind.EXPIRING})
LAST_MARK = min(ESCALATION)  # from here on also who gives out the roles


# ----------------------------------------------------------------------------------------------- the invited side


def told_about(deal: Deal, hours_left: int | None = None) -> list[Told]:
    """Who is told about an invitation by their post, when it comes or with `hours_left`: never nobody."""
    customer, home = deal.engagement.customer, deal.organization.locations.get(is_global=True)
    posts = posts_of(deal.organization_id, customer.country, customer.pk)
    return told(posts, Spot(deal.location_id, home.pk), hours_left)


def receivers_of(deal: Deal) -> list[User]:
    """Who decides about a side, by their post."""
    by_post = told_about(deal)
    return [each.user for each in by_post if each.can_answer] or [each.user for each in by_post]


def named_by_inviter(deal: Deal) -> list[Who]:
    """The people of the invited organization on the side's team who may see it, at work there."""
    named = [member.user for member in team_of(deal) if member.user]
    at_work = [Who.of(user, deal.organization) for user in named]
    side = Deal.objects.filter(pk=deal.pk)
    return [who for who in at_work if who and side.visible_to(who).exists()]


def who_can_answer(deal: Deal) -> list[User]:
    """By their post, or on the team."""
    named = [who.user for who in named_by_inviter(deal) if perms.is_editor(who, deal)]
    by_post = [each.user for each in told_about(deal) if each.can_answer]
    return list(dict.fromkeys([*by_post, *named]))


def receivers(event: Event, deal: Deal) -> Iterable[Recipient]:
    """Who can answer, by their post and the time that is left, and the people there whom the inviter named.

    Of who is away, also the colleague who stands in.
    """
    by_post = [each.user for each in told_about(deal, event.data.get("hours_left")) if each.can_answer]
    users = dict.fromkeys([*by_post, *(who.user for who in named_by_inviter(deal))])
    if event.kind in WANTS_ANSWER:
        users |= dict.fromkeys(stand_ins(deal, users, event.at))
    return _recipients(deal, users)


def unattended(event: Event, deal: Deal) -> Iterable[Recipient]:
    """Who cannot answer and is told all the same, to make somebody able to: where nobody is, and at the very end."""
    hours_left = event.data.get("hours_left")
    unable = [each.user for each in told_about(deal, hours_left) if not each.can_answer]
    is_last = hours_left is not None and hours_left <= LAST_MARK
    if not unable or (not is_last and any(perms.is_editor(who, deal) for who in named_by_inviter(deal))):
        return []
    return _recipients(deal, unable)


def stand_ins(deal: Deal, users: Iterable[User], at: datetime) -> list[User]:
    """Who answers for those of `users` who are away then, and may see the deal."""
    found = [delegate for user in users if (delegate := stand_in(user, today(user, at)))]
    side = Deal.objects.filter(pk=deal.pk)
    at_work = [who for delegate in dict.fromkeys(found) if (who := Who.of(delegate, deal.organization))]
    return [who.user for who in at_work if side.visible_to(who).exists()]


def _recipients(deal: Deal, users: Iterable[User]) -> list[Recipient]:
    return [Recipient.of_user(user, language=deal.organization.language) for user in users]


# -------------------------------------------------------------------------------------------------------- the teams


def team_of(deal: Deal) -> QuerySet[TeamMember]:
    """The team of a side: who has a sign-in only while active there; a person who was erased has no address."""
    at_work = Membership.objects.filter(organization=deal.organization_id, is_active=True, user__is_active=True)
    members = deal.team.filter(Q(user__isnull=True) | Q(user__in=at_work.values("user")))
    return (
        members.exclude(user__isnull=True, email__endswith=f"@{ERASED_DOMAIN}").select_related("user").order_by("pk")
    )


def on_team(deal: Deal) -> Iterable[Recipient]:
    """The team of a side, with or without a sign-in."""
    for member in team_of(deal):
        if member.user:
            yield Recipient.of_user(member.user, language=deal.organization.language)
        else:
            yield Recipient(None, member.email, member.name, deal.organization.language, deal.organization.time_zone)


def people(deal: Deal, event: Event) -> Iterable[Recipient]:
    """The team of a side, but not who did it."""
    return [each for each in on_team(deal) if each.user is None or each.user.pk != event.actor_id]


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
    host, who = deal.engagement.host, last.actor if last else None
    return [Recipient.of_user(who, language=host.language)] if who and Who.of(who, host) else []


def readers_of_note(event: Event, deal: Deal) -> Iterable[Recipient]:
    shared = event.data.get("note_for") == "all"
    return [*people(deal, event), *(other_teams(event, deal) if shared else [])]
