"""A person's dates as an iCalendar (RFC 5545): until when to answer, when own deals close (product.md §8).

What it holds depends on the rows alone, not on when it is asked for: so an unchanged calendar has an unchanged ETag.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vDuration, vText

from accounts.models import User
from accounts.who import Who
from cosell.events.models import mail_domain
from deals.enums import ACTIVE, Stage
from deals.home import editable_by

AHEAD = timedelta(days=400)
MOST = 500
SHOWN = timedelta(minutes=15)  # a deadline is the end of a short event
WARNED = timedelta(hours=-24)


@dataclass(frozen=True)
class Entry:
    """A line of the calendar. `on` is an instant, by which something must be done, or a whole day."""

    uid: str
    summary: str
    on: datetime | date
    path: str
    changed_at: datetime
    description: str = ""


Dates = Callable[[Who, datetime, datetime], Iterable[Entry]]


def answers(who: Who, now: datetime, until: datetime) -> Iterable[Entry]:
    """Invitations that `who` may answer."""
    waiting = editable_by(who).filter(stage=Stage.RECEIVED, expires_at__gt=now, expires_at__lte=until)
    waiting = waiting.select_related("engagement__customer", "invited_from__organization")
    for deal in waiting.order_by("expires_at", "pk")[:MOST]:
        yield Entry(
            uid=f"answer-{deal.uid}",
            summary=_("Answer: %(customer)s (%(reference)s)")
            % {"customer": deal.engagement.customer.name, "reference": deal.engagement.reference},
            on=deal.expires_at or until,
            path=reverse("deals:detail", args=[deal.uid]),
            changed_at=deal.updated_at,
            description=_("%(sender)s waits for your answer.")
            % {"sender": deal.invited_from.organization.name if deal.invited_from else who.organization.name},
        )


def close_dates(who: Who, now: datetime, until: datetime) -> Iterable[Entry]:
    """Estimated close dates of open deals on whose team `who` is."""
    mine = editable_by(who).filter(stage__in=ACTIVE, team__user=who.user)
    mine = mine.filter(close_on__gte=now.date(), close_on__lte=until.date())
    for deal in mine.select_related("engagement__customer").order_by("close_on", "pk")[:MOST]:
        yield Entry(
            uid=f"close-{deal.uid}",
            summary=_("Closes: %(customer)s (%(reference)s)")
            % {"customer": deal.engagement.customer.name, "reference": deal.engagement.reference},
            on=deal.close_on,
            path=reverse("deals:detail", args=[deal.uid]),
            changed_at=deal.updated_at,
            description=deal.name,
        )


DATES: list[Dates] = [answers, close_dates]


def add(dates: Dates) -> None:
    """Called by each app above, at start-up."""
    if dates not in DATES:
        DATES.append(dates)


def calendar(user: User, now: datetime) -> bytes:
    """The file of `user`, in their language; the number of queries does not depend on how much it holds."""
    with translation.override(user.language or settings.LANGUAGE_CODE):
        found = [entry for who in Who.everywhere(user) for dates in DATES for entry in dates(who, now, now + AHEAD)]
        # A deadline goes before a day: whole days stand at their beginning anywhere on earth.
        found.sort(key=lambda entry: (entry.on.isoformat(), entry.uid))
        return _file(found[:MOST])


def _file(entries: Iterable[Entry]) -> bytes:
    file = Calendar()
    file.add("prodid", "-//Cosell//Cosell//EN")
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    file.add("method", "PUBLISH")
    file.add("x-wr-calname", vText("Cosell"))
    file.add("refresh-interval", vDuration(timedelta(hours=1)), parameters={"VALUE": "DURATION"})  # RFC 7986
    file.add("x-published-ttl", vDuration(timedelta(hours=1)))
    for entry in entries:
        file.add_component(_event(entry))
    return file.to_ical()


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@{mail_domain()}")
    event.add("summary", entry.summary)
    event.add("description", entry.description)
    event.add("url", urljoin(settings.BASE_URL, entry.path))
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    if isinstance(entry.on, datetime):
        event.add("dtstart", entry.on - SHOWN)
        event.add("dtend", entry.on)
        event.add_component(_alarm(entry))
    else:
        event.add("dtstart", entry.on)
        event.add("dtend", entry.on + timedelta(days=1))
    return event


def _alarm(entry: Entry) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", entry.summary)
    alarm.add("trigger", WARNED, parameters={"RELATED": "END"})
    return alarm
