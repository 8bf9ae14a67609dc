"""Addresses that mail does not reach: what the mail server refused for good, and what came back (docs/mail.md).

Whoever can send us a mail can forge a bounce. So one does little: it marks an address and a mail as undelivered, which
people see and can try again; it never ends a mail that has not left, and takes nobody's right.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage, Message
from typing import Any
from uuid import UUID

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from cosell import clock
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import BadAddress, Delivery
from cosell.events.queries import DeliveryQuerySet

RETURNS_WITHIN = timedelta(days=7)  # mail servers try for five days at most
LONGEST_REASON = 500
UNDELIVERED = frozenset({EventType.BOUNCED, EventType.REJECTED, EventType.COMPLAINED})
OUR_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@")


def undeliverable(address: str, reason: str, now: datetime, delivery: Delivery | None = None) -> None:
    """Mail does not reach `address`; it is marked, and `delivery`, if it has left, as failed. Twice is like once."""
    reason = " ".join(reason.split())[:LONGEST_REASON]
    with transaction.atomic():
        BadAddress.objects.update_or_create(
            address=address.lower(), defaults={"reason": reason}, create_defaults={"reason": reason, "since": now}
        )
        if delivery:
            left = Delivery.objects.filter(pk=delivery.pk, channel=Channel.MAIL, state=DeliveryState.SENT)
            left.update(state=DeliveryState.FAILED, last_error=reason)


def forget(deliveries: DeliveryQuerySet) -> None:
    """Somebody wants these mails tried again: their addresses count as reached until one comes back."""
    rows = deliveries.filter(channel=Channel.MAIL).values_list("address", "user__email")
    reached_again(address for row in rows for address in row if address)


def reached_again(addresses: Iterable[str]) -> int:
    """These addresses count as reached until a mail comes back. How many were marked."""
    marks = BadAddress.objects.filter(address__in={address.lower() for address in addresses})
    return marks.delete()[0]


@dataclass(frozen=True)
class Return:
    """What a mail server says it could not deliver: to whom, why, and which mail of ours (its uid), if it says so."""

    addresses: tuple[str, ...]  # as we wrote it, as it was forwarded to
    reason: str
    uid: UUID | None


def take(mail: EmailMessage) -> list[str]:
    """Do what a mail that came back says. Returns the addresses that were marked.

    Only a delivery status notification (RFC 3464) that says "failed", and only of a mail that we sent to that address:
    named by its Message-ID, or, where the notification names none, within the last days.
    """
    now, done = clock.now(), []
    for back in returns(mail):
        delivery, address = _sent_to(back, now)
        if address:
            undeliverable(address, back.reason, now, delivery)
            done.append(address)
    return done


def returns(mail: EmailMessage) -> list[Return]:
    """The failures that a notification tells of, none in any other mail; one of a delay is no failure."""
    if mail.get_content_type() != "multipart/report":
        return []
    uid = _uid_of(_returned_id(mail))
    found = []
    for part in mail.iter_parts():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks: Any = part.get_payload()
        for fields in blocks:  # a block for the mail, then one for each recipient
            if str(fields.get("Action", "")).strip().lower() != "failed":
                continue
            status = str(fields.get("Status", "")).strip()
            addresses = tuple(filter(None, (_typed(fields, f"{which}-Recipient") for which in ("Original", "Final"))))
            if status.startswith("5") and addresses:
                said = _typed(fields, "Diagnostic-Code") or status
                found.append(Return(addresses, said, uid))
    return found


def _typed(fields: Message, name: str) -> str:
    """The value of a field like "rfc822; ana@contoso.example"."""
    return str(fields.get(name, "")).partition(";")[2].strip().strip("<>")


def _returned_id(mail: EmailMessage) -> str:
    """The Message-ID of the mail that came back, of which a notification holds all or the headers."""
    for part in mail.iter_parts():
        kind = part.get_content_type()
        if kind == "message/rfc822":
            returned: Any = part.get_payload(0)
            return str(returned.get("Message-ID", ""))
        if kind == "text/rfc822-headers":
            found = re.search(r"^message-id:\s*(<[^>\s]+>)", str(part.get_payload()), re.I | re.M)
            return found[1] if found else ""
    return ""


def _uid_of(message_id: str) -> UUID | None:
    found = OUR_ID.match(message_id.strip().lower())
    return UUID(found[1]) if found else None


def _sent_to(back: Return, now: datetime) -> tuple[Delivery | None, str]:
    """The mail that came back, if it is known, and to which of the addresses we had sent it ("": to none)."""
    wanted = [address.lower() for address in back.addresses]
    sent = Delivery.objects.filter(channel=Channel.MAIL, sent_at__isnull=False)
    sent = sent.annotate(to=Lower("address"), at=Lower("user__email")).filter(Q(to__in=wanted) | Q(at__in=wanted))
    if back.uid:
        sent = sent.filter(uid=back.uid)
    else:
        sent = sent.filter(sent_at__gte=now - RETURNS_WITHIN)
    delivery = sent.order_by("-pk").first()
    if delivery is None:
        return None, ""
    address = next(each for each in wanted if each in (delivery.to, delivery.at))
    return (delivery if back.uid else None), address


def listen() -> None:
    """Take what a mail service tells by its webhook (docs/mail.md): the one way that anymail has is a signal."""
    tracking.connect(_tracked, dispatch_uid="cosell.events.bounces")


def _tracked(sender: Any, event: AnymailTrackingEvent, **more: Any) -> None:
    """The service has proved itself by the webhook's secret; still only a mail of ours is marked."""
    if event.event_type not in UNDELIVERED or not event.recipient:
        return
    try:
        uid = UUID(str((event.metadata or {}).get("delivery")))
    except ValueError:
        uid = None
    now = clock.now()
    reason = event.mta_response or event.description or event.reject_reason or event.event_type
    delivery, address = _sent_to(Return((event.recipient,), str(reason), uid), now)
    if address:
        undeliverable(address, str(reason), now, delivery)
