"""The one way to write history: an event, and with it, in the same transaction, who will be told."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from cosell import clock
from cosell.events import catalogue, dispatch
from cosell.events.catalogue import Message, Recipient
from cosell.events.chain import detail_digest, event_hash, new_salt, plain
from cosell.events.enums import CARRIED, GONE, UNDONE, Cadence, Channel, DeliveryState
from cosell.events.models import ChatHook, Delivery, Event, EventDetail, Preference
from cosell.web.dates import next_morning

if TYPE_CHECKING:
    from accounts.models import Organization, User

NO_HOLD = timedelta()


def record(
    kind: str,
    *,
    stream: str,
    at: datetime,
    visibility: str,
    actor: "User | None" = None,
    organization: "Organization | None" = None,
    deal_id: int | None = None,
    from_state: str = "",
    to_state: str = "",
    data: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    hold_for: timedelta = NO_HOLD,
    context: Any = None,
) -> Event:
    """Write that something happened, and the deliveries that tell of it.

    1. Append the event to the chain of `stream`. The caller's transaction holds the lock on the object that the
       stream belongs to; unique(stream, seq) refuses whoever does not.
    2. Keep `details` (free text, personal values; None is left out) beside it, where they can be erased.
    3. Ask the catalogue who is told; write one delivery per channel and person, not before `at` + `hold_for`, as each
       person wants the mails of that kind.
    4. Once committed, hand mails and chat lines to the broker; if that is down, the sweep sends them.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event is written in the transaction of what happened")
    kept = {key: plain(value) for key, value in (details or {}).items() if value is not None}
    salts = {key: new_salt() for key in kept}
    last = Event.objects.filter(stream=stream).order_by("-seq").values_list("seq", "hash").first()
    event = Event(
        stream=stream,
        seq=last[0] + 1 if last else 1,
        kind=kind,
        at=at,
        actor=actor,
        organization=organization,
        deal_id=deal_id,
        visibility=str(visibility),
        from_state=str(from_state),
        to_state=str(to_state),
        data=plain(data or {}),
        digests={key: detail_digest(salts[key], value) for key, value in kept.items()},
        prev_hash=last[1] if last else "",
    )
    event.hash = event_hash(event)
    event.save(force_insert=True)
    EventDetail.objects.bulk_create(
        EventDetail(event=event, key=key, value=value, salt=salts[key]) for key, value in kept.items()
    )
    _deliver(event, at + hold_for, context)
    return event


def cancel_deliveries(event: Event) -> bool:
    """Call back what has not gone out yet, for an undo in the caller's transaction. False when something had gone."""
    deliveries = Delivery.objects.filter(event=event)
    carried, bells = deliveries.filter(channel__in=CARRIED), deliveries.filter(channel=Channel.BELL)
    # A row that a sender is just claiming makes this wait, and is then SENDING.
    carried.filter(state__in=UNDONE).update(state=DeliveryState.CANCELLED)
    bells.filter(not_before__gt=clock.now()).update(state=DeliveryState.CANCELLED)
    return not deliveries.filter(state__in=GONE).exists()


def _deliver(event: Event, not_before: datetime, context: Any) -> None:
    told = list(_told(event, context))
    wanted = _wanted(told)
    deliveries = Delivery.objects.bulk_create(
        _delivery(event, message, channel, recipient, not_before, wanted[recipient.key])
        for message, recipient in told
        for channel in _channels(message, recipient, wanted[recipient.key])
    )
    due = [each.pk for each in deliveries if each.channel in CARRIED and each.state == DeliveryState.QUEUED]
    if due:
        transaction.on_commit(partial(dispatch.send_soon, due, not_before))


def _wanted(told: list[tuple[Message, Recipient]]) -> dict[str, Cadence]:
    """How each wants the mail of the message that they get; what cannot be turned off comes at once."""
    chosen = Preference.objects.chosen((recipient.key, message.name) for message, recipient in told)
    return {
        recipient.key: chosen.get((recipient.key, message.name), message.default)
        if message.can_turn_off
        else Cadence.AT_ONCE
        for message, recipient in told
    }


def _told(event: Event, context: Any) -> Iterator[tuple[Message, Recipient]]:
    """Each person once, whether named as a user or by the same address."""
    told: set[str] = set()
    for message in catalogue.on(event.kind):
        recipients = [*message.audience(event, context), *_chats(message, event, context)]
        # A user comes before the bare address of the same person: the user also has a bell.
        for recipient in sorted(recipients, key=lambda recipient: recipient.user is None):
            keys = {recipient.key, f"mail:{recipient.address.lower()}"} - {"mail:"}
            inactive = recipient.user is not None and not recipient.user.is_active
            if inactive or not keys or keys & told:
                continue
            told |= keys
            yield message, recipient


def _chats(message: Message, event: Event, context: Any) -> Iterator[Recipient]:
    """The chats of whose it is: of the whole organization, and of that location."""
    place = message.place(event, context) if message.place else None
    if place:
        for hook in ChatHook.objects.of(place.organization_id, place.location_id):
            yield Recipient.of_hook(hook)


def _channels(message: Message, recipient: Recipient, wanted: Cadence) -> Iterator[Channel]:
    if recipient.hook:
        yield Channel.CHAT
        return
    if recipient.address and Channel.MAIL in message.channels and wanted != Cadence.OFF:
        yield Channel.MAIL
    if recipient.user and Channel.BELL in message.channels:
        yield Channel.BELL


def _delivery(
    event: Event, message: Message, channel: Channel, recipient: Recipient, not_before: datetime, wanted: Cadence
) -> Delivery:
    is_gathered = channel == Channel.MAIL and wanted == Cadence.DAILY
    is_bell = channel == Channel.BELL
    return Delivery(
        event=event,
        message=message.name,
        channel=channel,
        user=recipient.user,
        hook=recipient.hook,
        address=recipient.address if channel == Channel.MAIL else "",
        name=recipient.name,
        language=recipient.language,
        time_zone=recipient.time_zone,
        recipient_key=recipient.key,
        state=DeliveryState.GATHERED if is_gathered else DeliveryState.SENT if is_bell else DeliveryState.QUEUED,
        not_before=not_before,
        next_try_at=next_morning(not_before, recipient.time_zone) if is_gathered else not_before,
        sent_at=not_before if is_bell else None,
        created_at=event.at,
    )
