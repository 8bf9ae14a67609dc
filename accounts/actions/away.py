"""Out of office: a person says from when to when they are away, and who answers meanwhile (product.md §8)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actions.door import lock_person, tell_of_person
from accounts.enums import EventKind
from accounts.models import Membership, Organization, User
from cosell import clock
from cosell.web.dates import zone
from cosell.web.reasons import Reason, Refused


def today(user: User, now: datetime) -> date:
    """The day that it is where the person is."""
    return now.astimezone(zone(user.time_zone)).date()


def is_away(user: User, on: date) -> bool:
    """Is that day, in the person's own time zone, one of those on which they are away?"""
    return user.away_from is not None and user.away_until is not None and user.away_from <= on <= user.away_until


def colleagues(user: User) -> QuerySet[User]:
    """Who may stand in: active people with an active role in an organization where `user` has one, too."""
    here = Membership.objects.filter(user=user, is_active=True).values("organization")
    theirs = Membership.objects.filter(organization__in=here, is_active=True).values("user")
    return User.objects.filter(pk__in=theirs, is_active=True).exclude(pk=user.pk).order_by("full_name", "pk")


def stand_in(user: User, on: date) -> User | None:
    """Who answers for `user` on that day of the user's own time zone; None while the user is there.

    Nobody stands in who has left, has no active role any more in an organization of both, or is away that day, too:
    there are no chains, so what is to be answered goes to the person alone.
    """
    if not is_away(user, on) or user.delegate_id is None:
        return None
    delegate = colleagues(user).filter(pk=user.delegate_id).first()
    return None if delegate is None or is_away(delegate, on) else delegate


def set_away(
    user: User,
    from_on: date,
    until_on: date,
    delegate: User | None,
    *,
    organization: Organization | None = None,
) -> User:
    """`user` is away from one day to the other, both included; `delegate` answers meanwhile.

    1. lock the person
    2. check the days and the delegate: Refused with 422
    3. write
    4. record it; `organization` is the one whose people may read that
    """
    now = clock.now()
    with transaction.atomic():
        person = lock_person(user.pk)
        if reasons := refusals(person, from_on, until_on, delegate, now):
            raise Refused(reasons, 422)
        _write(person, from_on, until_on, delegate)
        data = {"from": from_on, "until": until_on, "delegate": delegate.pk if delegate else None}
        tell_of_person(EventKind.AWAY, person, now, organization=organization, data=data)
    return person


def clear_away(user: User, *, organization: Organization | None = None) -> User:
    """`user` is back, or stays: lock, write, record. Nothing happens to who was not going to be away."""
    with transaction.atomic():
        person = lock_person(user.pk)
        if person.away_from is None:
            return person
        _write(person, None, None, None)
        data = {"from": None, "until": None, "delegate": None}
        tell_of_person(EventKind.AWAY, person, clock.now(), organization=organization, data=data)
    return person


def refusals(user: User, from_on: date, until_on: date, delegate: User | None, now: datetime) -> list[Reason]:
    """Why these days or this delegate cannot be."""
    reasons = []
    if until_on < from_on:
        words = _("The last day away comes before the first one.")
        reasons.append(Reason("away_ends_before", words, field="away_until"))
    elif until_on < today(user, now):
        reasons.append(Reason("away_is_over", _("These days are over."), field="away_until"))
    if delegate is not None and not colleagues(user).filter(pk=delegate.pk).exists():
        words = _("Choose a colleague: somebody with a role in an organization of yours.")
        reasons.append(Reason("no_colleague", words, field="delegate"))
    return reasons


def _write(person: User, from_on: date | None, until_on: date | None, delegate: User | None) -> None:
    person.away_from, person.away_until, person.delegate = from_on, until_on, delegate
    person.save(update_fields=["away_from", "away_until", "delegate"])
