"""Signs of life: when somebody was last at work here, to the hour, and since when they were away (product.md §8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest

from accounts.models import User
from cosell.events.digest import QUIET_AFTER

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

KEPT_FOR = timedelta(hours=1)
AWAY_SINCE = "away_since"  # in the session, until the person has read what came meanwhile


def is_old(user: User | AnonymousUser, now: datetime) -> bool:
    """Is it time to write down that the person is here?"""
    if not isinstance(user, User):
        return False
    return user.last_seen_at is None or now - user.last_seen_at >= KEPT_FOR


def note(request: HttpRequest, now: datetime) -> None:
    """Write down that the person is here. After an absence the session keeps since when: the row says it no more."""
    user = request.user
    if not isinstance(user, User) or not is_old(user, now):
        return
    if since := away_since(request, now):
        request.session[AWAY_SINCE] = since.isoformat()
    User.objects.filter(pk=user.pk).update(last_seen_at=now)
    user.last_seen_at = now


def away_since(request: HttpRequest, now: datetime) -> datetime | None:
    """Since when the person was away for a week or longer, and has not said that it is read."""
    if kept := request.session.get(AWAY_SINCE):
        return datetime.fromisoformat(kept)
    seen = getattr(request.user, "last_seen_at", None)
    return seen if seen and now - seen >= QUIET_AFTER else None


def is_back(request: HttpRequest) -> None:
    """The person has read what came meanwhile."""
    request.session.pop(AWAY_SINCE, None)
