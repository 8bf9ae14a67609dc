"""The outbox: claim a mail, send it outside any transaction, write down how it went (docs/decisions/0004-outbox.md).

The table is the promise: a mail stands here until the mail server took it or refused it for good. Any number of
senders may run side by side, twice or late.
"""

import logging
import smtplib
import time
from datetime import datetime, timedelta

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import F

from cosell import clock
from cosell.events import letters
from cosell.events.enums import UNSENT, Channel, DeliveryState
from cosell.events.models import Delivery
from cosell.events.queries import DeliveryQuerySet

logger = logging.getLogger(__name__)

WAITS = [timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60)]  # then each hour
LAST_TRY = 80  # more than three days of trying
SWEEP_SECONDS = 50.0
MAX_BROKEN_TALKS = 2  # in one run: a server that breaks off is left alone for a while

ANSWERED, BROKE_OFF = True, False


def send_due(*, only: int | None = None) -> int:
    """Send the mails that are due (or, if it is due, the one `only`). How many the server took or refused.

    The mail server is reached before a mail is claimed, so a dead one costs no mail a try. The run ends when nothing
    is due, the server is gone, or the minute is over.
    """
    due = Delivery.objects.due(clock.now())
    if not (due.filter(pk=only) if only else due).exists():
        return 0
    server = get_connection()
    until = time.monotonic() + SWEEP_SECONDS
    done = broken_talks = 0
    while broken_talks < MAX_BROKEN_TALKS and time.monotonic() < until and _reach(server):
        delivery = claim(clock.now(), only=only)
        if delivery is None:
            break
        if _send(server, delivery) is BROKE_OFF:
            broken_talks += 1
            _hang_up(server)
        else:
            done += 1
    _hang_up(server)
    return done


def claim(now: datetime, *, only: int | None = None) -> Delivery | None:
    """Take the longest due mail (or `only`, if it is due) in hand: nobody else gets it for ten minutes."""
    with transaction.atomic(durable=True):
        due = Delivery.objects.due(now)
        if only:
            due = due.filter(pk=only)
        # State and times are checked again on the locked row, so what an undo cancels is never claimed.
        pk = due.select_for_update(skip_locked=True).values_list("pk", flat=True).first()
        if pk is None:
            return None
        Delivery.objects.filter(pk=pk).update(state=DeliveryState.SENDING, claimed_at=now, attempts=F("attempts") + 1)
    return Delivery.objects.with_event().get(pk=pk)


def revive() -> int:
    """Take mails out of the hands of senders that died. Whether such a mail left is not known: it is sent again,
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
    """Try failed and waiting mails again with the next sweep; what was sent or cancelled stays so. How many."""
    again = deliveries.filter(
        channel=Channel.MAIL, state__in=(DeliveryState.FAILED, DeliveryState.RETRY), not_before__lte=clock.now()
    )
    return again.update(state=DeliveryState.RETRY, next_try_at=clock.now(), attempts=0)


def cancel(deliveries: DeliveryQuerySet) -> int:
    """Give up mails that were not sent. How many."""
    return deliveries.filter(channel=Channel.MAIL, state__in=(*UNSENT, DeliveryState.FAILED)).update(
        state=DeliveryState.CANCELLED
    )


def _send(server: BaseEmailBackend, delivery: Delivery) -> bool:
    """Send a claimed mail and write down how it went. Whether the server could be talked to."""
    if delivery.user and not delivery.user.is_active:
        _ended(delivery, DeliveryState.CANCELLED, "The person's sign-in was closed")
        return ANSWERED
    try:
        letter = letters.mail(delivery)
        letter.message()  # builds it: a bad address or header shows here
    except DatabaseError:
        raise  # not the mail's fault; it is revived later
    except Exception as error:
        logger.exception("Delivery %s cannot be written", delivery.pk)
        _ended(delivery, DeliveryState.FAILED, f"Cannot be written: {error!r}")
        return ANSWERED
    return _hand_over(server, delivery, letter)


def _hand_over(server: BaseEmailBackend, delivery: Delivery, letter: EmailMessage) -> bool:
    try:
        server.send_messages([letter])
    except smtplib.SMTPRecipientsRefused as refusal:
        return _refused(delivery, *next(iter(refusal.recipients.values())))
    except smtplib.SMTPDataError as refusal:
        return _refused(delivery, refusal.smtp_code, refusal.smtp_error)
    except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
        _ended(delivery, DeliveryState.FAILED, f"Not an address that mail reaches: {error}")
        return ANSWERED
    except OSError as error:  # the connection, a time-out; or it refuses us, the sender: not this mail's fault
        logger.warning("The mail server broke off at delivery %s: %s", delivery.pk, error)
        _again_later(delivery, str(error))
        return BROKE_OFF
    sent = {"state": DeliveryState.SENT, "sent_at": clock.now(), "claimed_at": None, "last_error": ""}
    Delivery.objects.filter(pk=delivery.pk).update(**sent)
    return ANSWERED


def _refused(delivery: Delivery, code: int, reply: bytes | str) -> bool:
    """4xx: not now. 5xx: not ever."""
    said = f"{code} {reply.decode(errors='replace') if isinstance(reply, bytes) else reply}"
    if code < 500:
        _again_later(delivery, said)
    else:
        _ended(delivery, DeliveryState.FAILED, said)
    # 421 is the server's good-bye
    return BROKE_OFF if code == 421 else ANSWERED


def _again_later(delivery: Delivery, error: str) -> None:
    if delivery.attempts >= LAST_TRY:
        _ended(delivery, DeliveryState.FAILED, error)
        return
    wait = WAITS[min(delivery.attempts, len(WAITS)) - 1]
    _put_down(delivery, state=DeliveryState.RETRY, next_try_at=clock.now() + wait, last_error=error[:500])


def _ended(delivery: Delivery, state: DeliveryState, error: str) -> None:
    _put_down(delivery, state=state, last_error=error[:500])


def _put_down(delivery: Delivery, **fields: object) -> None:
    """Only while it is still in this hand: it may have been revived and sent by another meanwhile."""
    mine = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.SENDING, attempts=delivery.attempts)
    mine.update(claimed_at=None, **fields)


def _reach(server: BaseEmailBackend) -> bool:
    try:
        server.open()
    except OSError as error:
        logger.warning("The mail server cannot be reached, mails wait: %s", error)
        return False
    return True


def _hang_up(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except OSError as error:
        logger.info("The mail server did not say good-bye: %s", error)
