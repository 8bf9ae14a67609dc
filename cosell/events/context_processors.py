"""The number on the bell, for every page."""

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest

from cosell import clock
from cosell.events.models import Delivery

MOST = 100


def bell(request: HttpRequest) -> dict[str, Callable[[], int | str]]:
    """`bell_unread`: 0, 1, ... or "99+". Counted only by a page that shows it, and never beyond a hundred."""

    @cache
    def bell_unread() -> int | str:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return 0
        count = Delivery.objects.bell_of(user, clock.now()).unread().order_by()[:MOST].count()
        return count if count < MOST else f"{MOST - 1}+"

    return {"bell_unread": bell_unread}
