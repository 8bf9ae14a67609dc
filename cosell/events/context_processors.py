"""The number on the bell, for every page."""

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest

from cosell import clock
from cosell.events import bell as bell_of


def bell(request: HttpRequest) -> dict[str, Callable[[], int | str]]:
    """`bell_unread`: 0, 1, ... or "99+". Counted only by a page that shows it."""

    @cache
    def bell_unread() -> int | str:
        user = getattr(request, "user", None)
        return bell_of.unread(user, clock.now()) if user is not None and user.is_authenticated else 0

    return {"bell_unread": bell_unread}
