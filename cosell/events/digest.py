"""The daily summary: what one wants once a day comes in one mail, on one's own morning (product.md §8).

The mails that wait for it stand in the outbox as GATHERED. Any number of runs may stand side by side, come twice or
late: each person gets at most one summary between two mornings, and nothing comes in two of them.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.db import connection, transaction

from cosell.events.catalogue import Recipient
from cosell.events.enums import Cadence, DeliveryState, Visibility
from cosell.events.models import Delivery, Event, Preference
from cosell.events.preferences import SUMMARY
from cosell.events.record import record
from cosell.web.dates import next_morning, zone

if TYPE_CHECKING:
    from accounts.models import User

logger = logging.getLogger(__name__)

KIND = "digest.sent"
QUIET_AFTER = timedelta(days=7)  # without a sign of life: from then on the summary comes once a week
MONDAY = 0


def sum_up_due(now: datetime) -> int:
    """Send everybody whose morning has come their summary; how many. One that fails is tried again at the next run."""
    due = Delivery.objects.filter(state=DeliveryState.GATHERED, next_try_at__lte=now)
    done = 0
    for key in due.order_by("recipient_key").values_list("recipient_key", flat=True).distinct():
        try:
            with transaction.atomic():
                done += sum_up(key, now)
        except Exception:
            logger.exception("No summary for %s", key)
    return done


def sum_up(key: str, now: datetime) -> bool:
    """Send the summary of one person (a Recipient.key), in the caller's transaction; whether there was one to send.

    1. lock the person: the chain of what they were sent has one writer at a time
    2. take the mails that wait; an undo that comes now finds them gone
    3. let go of what the person has turned off since, put off what is not due on their clock
    4. record the summary, with its mail; the rest has gone with it
    """
    waiting = Delivery.objects.filter(state=DeliveryState.GATHERED, recipient_key=key)
    first = waiting.order_by("-pk").first()
    if first is None or not _lock(first):
        return False
    rows = list(waiting.select_for_update(skip_locked=True).order_by("pk"))
    recipient = Recipient.of_delivery(first)
    has_left = recipient.user is not None and not recipient.user.is_active
    wanted = [] if has_left else _still_wanted(rows, key)
    _write([row for row in rows if row not in wanted], state=DeliveryState.CANCELLED)
    due = _due(wanted, recipient, now)
    if not due:
        return False
    event = record(
        KIND,
        stream=_stream(first),
        at=now,
        visibility=Visibility.ORGANIZATION,
        data={"lines": len(due)},
        context=recipient,
    )
    _write(due, state=DeliveryState.SENT, sent_at=now, summary=event)
    return True


def comes_at(after: datetime, time_zone: str, *, quiet: bool) -> datetime:
    """When the summary comes that holds what happened at `after`: the next morning, or the next Monday's."""
    morning = next_morning(after, time_zone)
    while quiet and morning.astimezone(zone(time_zone)).weekday() != MONDAY:
        morning = next_morning(morning, time_zone)
    return morning


def last_sign_of_life(user: "User") -> datetime:
    """When the person was last at work here, as far as it is known; signing in is one, too."""
    return max(filter(None, (user.last_seen_at, user.last_login, user.date_joined)))


def _lock(delivery: Delivery) -> bool:
    """The person of this mail, for the caller alone; False while somebody else has them."""
    if delivery.user_id:
        # no_key: who is told of something meanwhile is told, their row only stays as it is
        people = get_user_model().objects.select_for_update(skip_locked=True, no_key=True)
        delivery.user = people.filter(pk=delivery.user_id).first()
        return delivery.user is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_stream(delivery)])
        return bool(cursor.fetchone()[0])


def _stream(delivery: Delivery) -> str:
    """The chain of what somebody was sent; an address stands in it as a digest."""
    if delivery.user_id:
        return f"person:{delivery.user_id}"
    return f"address:{sha256(delivery.address.lower().encode()).hexdigest()[:48]}"


def _still_wanted(rows: Sequence[Delivery], key: str) -> list[Delivery]:
    chosen = Preference.objects.chosen([(key, SUMMARY), *((key, row.message) for row in rows)])
    off = {name for (_person, name), cadence in chosen.items() if cadence == Cadence.OFF}
    return [] if SUMMARY in off else [row for row in rows if row.message not in off]


def _due(rows: Sequence[Delivery], recipient: Recipient, now: datetime) -> list[Delivery]:
    """What goes now. The clock is the person's as it is today: zone and absence may have changed since the event."""
    if not rows:
        return []
    quiet = recipient.user is not None and now - last_sign_of_life(recipient.user) >= QUIET_AFTER
    sent = Event.objects.filter(stream=_stream(rows[0]), kind=KIND).order_by("-seq").values_list("at", flat=True)
    last = sent.first()
    due = []
    for row in rows:
        after = max(row.not_before, last) if last else row.not_before
        at = comes_at(after, recipient.time_zone, quiet=quiet)
        if at <= now:
            due.append(row)
        elif at != row.next_try_at:
            _write([row], next_try_at=at)
    return due


def _write(rows: Sequence[Delivery], **fields: object) -> None:
    if rows:
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(**fields)
