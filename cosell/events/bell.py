"""The bell: how many lines are unread, what they say, what came since somebody was last here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count

from cosell.events import catalogue, letters
from cosell.events.letters import BellItem
from cosell.events.models import Delivery

if TYPE_CHECKING:
    from accounts.models import User

MOST = 100


@dataclass(frozen=True)
class Came:
    """How many lines of one kind came; `message` is its name in the catalogue."""

    message: str
    title: str
    count: int


def unread(user: "User", now: datetime) -> int | str:
    """0, 1, ... or "99+": never counted beyond a hundred. One query, which an index answers."""
    count: int = Delivery.objects.bell_of(user, now).unread().order_by()[:MOST].count()
    return count if count < MOST else f"{MOST - 1}+"


def items(user: "User", rows: Iterable[Delivery]) -> list[BellItem]:
    """The lines of these deliveries of one person; as many queries for one as for twenty-five."""
    mine = list(rows)
    for row in mine:
        row.user = user  # one object: what is loaded of the person is loaded once
    return letters.bell_items(mine)


def came_since(user: "User", since: datetime, now: datetime) -> list[Came]:
    """What came into the bell since then, by kind, the most first. What the catalogue no longer has is left out."""
    counted = (
        Delivery.objects.bell_of(user, now)
        .filter(not_before__gte=since)
        .order_by()
        .values_list("message")
        .annotate(count=Count("pk"))
        .order_by("-count", "message")
    )
    known = ((catalogue.get(name), count) for name, count in counted)
    return [Came(message.name, str(message.title or message.name), count) for message, count in known if message]
