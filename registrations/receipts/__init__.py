"""Signed receipts of submissions and decisions, checkable by anybody (product.md §10, docs/receipts.md)."""

from __future__ import annotations

from datetime import datetime

from cosell.events.models import Event
from registrations.enums import ReceiptKind
from registrations.models import Receipt, Registration
from registrations.receipts import keys
from registrations.receipts.payload import payload_of


def issue(registration: Registration, kind: ReceiptKind, event: Event, now: datetime) -> Receipt:
    """The receipt of `event` (the submission, or the decision), signed now; the same one when it is asked for again.

    1. The caller's transaction holds the lock of the registration, and `event` was written in it or before.
    2. What was signed is kept as text: a change of names, keys or this code later does not touch it.
    """
    if found := registration.receipts.filter(event_seq=event.seq).first():
        return found
    text = payload_of(registration, kind, event, now)
    return Receipt.objects.create(
        registration=registration,
        kind=kind,
        number=registration.receipts.count() + 1,
        payload=text,
        signature=keys.sign(text),
        key=keys.published(now),
        event_seq=event.seq,
        at=now,
    )
