"""The one message of this app: the daily summary. Its lines are those of the mails that went with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from cosell import clock
from cosell.events import bell, catalogue, digest, letters, preferences
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Channel, Fill
from cosell.events.models import Delivery, Event
from cosell.web.dates import said_day


@dataclass(frozen=True)
class Line:
    """What is said of one matter: the newest of its kind, and how many of the same went before it."""

    words: str
    link: str
    before: str = ""


Group = tuple[str, list[Line]]  # how the catalogue calls its like, and what is said of it


def _reader(event: Event, recipient: Recipient) -> Iterable[Recipient]:
    return [recipient]


def lines(deliveries: Sequence[Delivery], recipient: Recipient) -> list[Group]:
    """The newest first. Several stages of one deal, or several notes on it, are one line: the last of them."""
    newest: dict[tuple[str, int | None, str], list[Delivery]] = {}
    for delivery in sorted(deliveries, key=lambda delivery: -delivery.pk):
        newest.setdefault((delivery.event.stream, delivery.event.deal_id, delivery.message), []).append(delivery)
    said = [same[0] for same in newest.values()]
    items = bell.items(recipient.user, said) if recipient.user else letters.bell_items(said)
    groups: dict[str, list[Line]] = {}
    for item, same in zip(items, newest.values(), strict=True):
        message = catalogue.get(same[0].message)
        line = Line(item.line, urljoin(settings.BASE_URL, item.url), _before(len(same) - 1))
        groups.setdefault(str(message.group) if message else "", []).append(line)
    return list(groups.items())


def _before(count: int) -> str:
    words = ngettext("and %(count)d more of the same before", "and %(count)d more of the same before", count)
    return words % {"count": count} if count else ""


def _context(event: Event, recipient: Recipient) -> dict[str, Any]:
    groups = lines(list(Delivery.objects.filter(summary=event).with_event()), recipient)
    # Who has no sign-in has no bell to open.
    return _words(groups, event.at, reverse("events:bell") if recipient.user else "")


def _words(groups: list[Group], at: datetime, url: str) -> dict[str, Any]:
    count = sum(len(said) for _group, said in groups)
    return {"groups": groups, "count": count, "day": said_day(timezone.localtime(at).date()), "url": url}


def _sample(name: str, fill: Fill) -> dict[str, Any]:
    """A made-up day, for the preview."""
    few = [
        Line(gettext("Won: “%(deal)s”") % {"deal": "Adatum lakehouse"}, urljoin(settings.BASE_URL, "/")),
        Line(gettext("Now at Proposed: “%(deal)s”") % {"deal": "Proseware field app"}, settings.BASE_URL, _before(2)),
    ]
    long = [replace(each, words=f"{each.words} {'and everything that belongs to it ' * 4}") for each in few] * 6
    said = {Fill.LONG: long, Fill.MISSING: few[:1]}.get(fill, few)
    return _words([(gettext("Deals"), said)], clock.now(), reverse("events:bell"))


MESSAGES = (
    Message(
        preferences.SUMMARY,
        digest.KIND,
        _reader,
        _context,
        "events/email/daily_summary",
        channels=[Channel.MAIL],
        title=_("Daily summary"),
        told=_("You, when there is something that you want once a day"),
        group=_("Summary"),
        sample=_sample,
    ),
)
