"""The outbox: claim a delivery, hand it over outside any transaction, write down how it went
(docs/decisions/0004-outbox.md).

The table is the promise: a mail or a chat line stands here until somebody's server took it or refused it for good. Any
number of senders may run side by side, twice or late. The ways are apart: a dead mail server holds no chat up, a dead
chat no mail and no other chat.
"""

import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from cosell import clock
from cosell.events import bounces, chat
from cosell.events.enums import CARRIED, UNSENT, Channel, DeliveryState
from cosell.events.mailing import MailServer
from cosell.events.models import Delivery, Event
from cosell.events.outcome import Outcome
from cosell.events.queries import DeliveryQuerySet

WAITS = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60)]  # then each hour
LAST_TRY = 80  # more than three days of trying
LONGEST_WAIT = timedelta(hours=1)
SWEEP_SECONDS = 50.0
MAX_BROKEN_TALKS = 2  # in one run: a server that breaks off is left alone for a while


def send_due(channels: Sequence[Channel] = CARRIED, *, only: int | None = None) -> int:
    """Hand over what is due (or, if it is due, the one `only`). How many were taken or refused for good."""
    due = Delivery.objects.due(clock.now()).filter(channel__in=channels)
    ways = {Channel.MAIL: _send_mails, Channel.CHAT: _send_chats}
    if only:
        way = due.filter(pk=only).values_list("channel", flat=True).first()
        return ways[Channel(way)](only) if way else 0
    return sum(ways[channel](None) for channel in channels if due.filter(channel=channel).exists())


def _send_mails(only: int | None) -> int:
    """The run ends when nothing is due, the mail server is gone, or the minute is over."""
    server, until = MailServer(), time.monotonic() + SWEEP_SECONDS
    done = broken_talks = 0
    event: Event | None = None
    while broken_talks < MAX_BROKEN_TALKS and time.monotonic() < until and server.is_there():
        delivery = claim(clock.now(), only=only)
        if delivery is None:
            break
        if event and event.pk == delivery.event_id:
            delivery.event = event  # with all that was loaded for the mail before it
        event = delivery.event
        outcome = server.hand_over(delivery)
        write_down(delivery, outcome)
        done += outcome.state != DeliveryState.RETRY
        if outcome.broke_off:
            broken_talks += 1
            server.hang_up()
        if only:
            break
    server.hang_up()
    return done


def _send_chats(only: int | None) -> int:
    """A chat that breaks off is left alone for the rest of the run; those that failed before come last."""
    until = time.monotonic() + SWEEP_SECONDS
    silent: set[int] = set()
    done = 0
    while time.monotonic() < until:
        delivery = claim(clock.now(), Channel.CHAT, only=only, silent=silent)
        if delivery is None:
            break
        outcome = chat.hand_over(delivery)
        write_down(delivery, outcome)
        done += outcome.state != DeliveryState.RETRY
        if outcome.broke_off and delivery.hook:
            silent.add(delivery.hook.pk)
        if only:
            break
    return done


def claim(
    now: datetime, channel: Channel = Channel.MAIL, *, only: int | None = None, silent: Collection[int] = ()
) -> Delivery | None:
    """Take the longest due (or `only`, if it is due) in hand: nobody else gets it for ten minutes.

    Of the chats none of `silent`, and the ones that fail after all others.
    """
    with transaction.atomic(durable=True):
        due = Delivery.objects.due(now).filter(channel=channel)
        if channel == Channel.CHAT:
            due = due.exclude(hook__in=silent)
            due = due.order_by(F("hook__failing_since").asc(nulls_first=True), "next_try_at", "pk")
        if only:
            due = due.filter(pk=only)
        # State and times are checked again on the locked row, so what an undo cancels is never claimed.
        found = due.select_for_update(skip_locked=True, of=("self",))
        pk = found.values_list("pk", flat=True).first()
        if pk is None:
            return None
        Delivery.objects.filter(pk=pk).update(state=DeliveryState.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    return Delivery.objects.with_event().get(pk=pk)


def revive() -> int:
    """Take deliveries out of the hands of senders that died. Whether such a mail left is not known: it is sent again,
    under the same Message-ID, and the second copy that this may be is counted in `unknown_outcomes`."""
    now = clock.now()
    stuck = Delivery.objects.stuck(now)
    stuck.filter(attempts__gte=LAST_TRY).update(state=DeliveryState.FAILED, last_error="No sender survived it")
    return stuck.update(
        state=DeliveryState.RETRY,
        next_try_at=now,
        unknown_outcomes=F("unknown_outcomes") + 1,
        last_error="The sender stopped before it knew the outcome",
    )


def resend(deliveries: DeliveryQuerySet) -> int:
    """Try failed and waiting ones again with the next sweep; what was sent or cancelled stays so. How many.

    Somebody believes that their addresses are reached again: they count as such until a mail comes back.
    """
    now = clock.now()
    again = deliveries.filter(
        channel__in=CARRIED, state__in=(DeliveryState.FAILED, DeliveryState.RETRY), not_before__lte=now
    )
    bounces.forget(again)
    return again.update(state=DeliveryState.RETRY, next_try_at=now, attempts=0)


def cancel(deliveries: DeliveryQuerySet) -> int:
    """Give up what was not sent. How many."""
    return deliveries.filter(channel__in=CARRIED, state__in=(*UNSENT, DeliveryState.FAILED)).update(
        state=DeliveryState.CANCELLED
    )


def write_down(delivery: Delivery, outcome: Outcome) -> None:
    """How handing over a claimed delivery went."""
    now = clock.now()
    if outcome.state == DeliveryState.SENT:
        # Also where another sender has it in hand meanwhile: it has gone.
        sent = {"state": DeliveryState.SENT, "sent_at": now, "claimed_at": None, "last_error": ""}
        Delivery.objects.filter(pk=delivery.pk).update(**sent)
        return
    fields: dict[str, object] = {"state": outcome.state, "last_error": outcome.words[:500], "claimed_at": None}
    if outcome.is_unknown:
        fields["unknown_outcomes"] = F("unknown_outcomes") + 1
    if outcome.state == DeliveryState.RETRY:
        if delivery.attempts >= LAST_TRY:
            fields["state"] = DeliveryState.FAILED
        else:
            fields["next_try_at"] = now + _wait(delivery.attempts, outcome.wait)
    # Only while it is still in this hand: it may have been revived and sent by another meanwhile.
    mine = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING, attempts=delivery.attempts)
    if mine.update(**fields) and outcome.bad_address:
        bounces.undeliverable(outcome.bad_address, outcome.words, now)


def _wait(attempts: int, asked: timedelta | None) -> timedelta:
    """Growing; longer when the other side asks for it, up to an hour."""
    own = WAITS[min(attempts, len(WAITS)) - 1]
    return max(own, min(asked, LONGEST_WAIT)) if asked else own
