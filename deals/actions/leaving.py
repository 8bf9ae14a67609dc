"""Somebody leaves the organization: their places on teams of open deals go to a colleague (accounts/registry.py)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import ngettext

from accounts.models import Organization, User
from accounts.who import Who
from deals.actions.door import lock, save, tell
from deals.enums import TERMINAL, EventKind
from deals.models import TeamMember


def open_places(user: User, organization: Organization) -> QuerySet[TeamMember]:
    """On teams of this organization's sides that go on."""
    places = TeamMember.objects.filter(user=user, deal__organization=organization)
    return places.exclude(deal__stage__in=TERMINAL).order_by("deal__engagement_id", "deal_id")


def hand_over_places(who: Who, user: User, successor: User | None, now: datetime) -> int:
    """Put `successor` in the places of `user`, or nobody where somebody else is left; how many deals changed.

    In the transaction of leaving, which holds the organization and both people. Engagements and sides are locked
    in their order; on each, the place is looked at again. Every change is an event of its deal.
    """
    deals = open_places(user, who.organization).values_list("deal_id", flat=True)
    return sum(_hand_over(who, deal_id, user, successor, now) for deal_id in list(deals))


def left_behind(user: User, organization: Organization) -> str:
    """For the page that asks about leaving; "" for nothing."""
    count = open_places(user, organization).count()
    if not count:
        return ""
    words = ngettext(
        "%(name)s is on the team of %(count)d open deal.", "%(name)s is on the team of %(count)d open deals.", count
    )
    return words % {"name": user.full_name, "count": count}


def _hand_over(who: Who, deal_id: int, user: User, successor: User | None, now: datetime) -> bool:
    deal = lock(deal_id)
    team = list(deal.team.all())
    place = next((member for member in team if member.user_id == user.pk), None)
    if place is None or deal.stage in TERMINAL:
        return False
    others = [member for member in team if member != place]
    is_there = successor and any(
        successor.pk == member.user_id or successor.email.lower() == member.email.lower() for member in others
    )
    if successor and not is_there:
        before = _said(team)
        place.user, place.name, place.email = successor, successor.full_name, successor.email.lower()
        place.phone = successor.phone or "–"  # a team is edited as a whole: each field needs a value
        place.save()
    elif others:
        before, team = _said(team), others
        place.delete()
    else:
        return False
    save(deal, now, version=deal.version + 1)
    data = {"fields": ["team"], "left": user.pk}
    tell(
        EventKind.EDITED, deal, now, who, private=True, data=data, details={"changes": {"team": [before, _said(team)]}}
    )
    return True


def _said(team: list[TeamMember]) -> list[str]:
    """As an edit of the team is kept."""
    return [f"{member.name} <{member.email}>" for member in sorted(team, key=lambda member: member.pk)]
