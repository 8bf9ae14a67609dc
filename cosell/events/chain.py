"""The register one can trust: events of a stream are chained by hash (docs/decisions/0005-event-chain.md).

Whoever changes, removes or swaps an event or a detail, with whatever rights in the database, breaks the chain
there; `problems` finds where.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise

from cosell import clock
from cosell.events.models import Event, EventDetail


def plain(value: Any) -> Any:
    """`value` as JSON that reads back from the database exactly as it was hashed.

    Numbers with a fraction become strings, since JSON does not keep 1.10; instants are in UTC.
    """
    match value:
        case None | bool() | int():
            return value
        case str() | Promise() | UUID():
            return str(value)
        case datetime():
            return instant(value)
        case date():
            return value.isoformat()
        case Decimal() | float():
            return format(value, "f") if isinstance(value, Decimal) else repr(value)
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case set() | frozenset():
            return sorted((plain(item) for item in value), key=str)
        case Iterable():
            return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in an event")


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(value: Any) -> bytes:
    """One spelling of a JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def event_hash(event: Event) -> str:
    """SHA-256, in hex, of everything the event says and of the hash before it."""
    return hashlib.sha256(
        canonical(
            {
                "stream": event.stream,
                "seq": event.seq,
                "uid": str(event.uid),
                "kind": event.kind,
                "at": instant(event.at),
                "actor_id": event.actor_id,
                "organization_id": event.organization_id,
                "deal_id": event.deal_id,
                "visibility": event.visibility,
                "from_state": event.from_state,
                "to_state": event.to_state,
                "data": event.data,
                "digests": event.digests,
                "prev_hash": event.prev_hash,
            }
        )
    ).hexdigest()


def new_salt() -> str:
    return secrets.token_hex(16)


def detail_digest(salt: str, value: Any) -> str:
    """SHA-256, in hex, of salt and value: without the salt, a guessed value cannot be tried against it."""
    return hashlib.sha256(salt.encode() + canonical(value)).hexdigest()


def erase_details(details: QuerySet[EventDetail], at: datetime | None = None) -> int:
    """Forget the values of `details` for good; the chain still verifies. How many were erased."""
    return details.filter(erased_at=None).update(value=None, salt="", erased_at=at or clock.now())


def details_naming(words: str) -> QuerySet[EventDetail]:
    """Details in whose values `words` (an address, a name) stand: what to erase about a person. Reads them all."""
    return EventDetail.objects.filter(value__icontains=words)


@dataclass(frozen=True)
class Problem:
    """Where the register is not what was written."""

    stream: str
    seq: int
    text: str

    def __str__(self) -> str:
        return f"{self.stream} {self.seq}: {self.text}"


@dataclass
class Counts:
    """What a check went through."""

    streams: int = 0
    events: int = 0
    details: int = 0
    erased: int = 0


@dataclass(frozen=True)
class Head:
    """The last event of a stream: published or kept elsewhere, it shows later that the tail is still there."""

    stream: str
    seq: int
    hash: str


def heads(stream: str = "") -> Iterator[Head]:
    """The last event of each stream, by stream."""
    events = Event.objects.filter(stream=stream) if stream else Event.objects.all()
    rows = events.order_by("stream", "-seq").distinct("stream").values_list("stream", "seq", "hash")
    return (Head(*row) for row in rows.iterator())


def problems(counts: Counts, *, stream: str = "", known: Iterable[Head] = ()) -> Iterator[Problem]:
    """Check the whole register, or one stream, in constant memory; `known` are heads published earlier."""
    wanted = {(head.stream, head.seq): head.hash for head in known if not stream or head.stream == stream}
    events = Event.objects.filter(stream=stream) if stream else Event.objects.all()
    last: Event | None = None
    for event in events.order_by("stream", "seq").prefetch_related("details").iterator(chunk_size=2000):
        if last is None or last.stream != event.stream:
            counts.streams += 1
            last = None
        counts.events += 1
        for text in (*_link_problems(event, last), *_detail_problems(event, counts)):
            yield Problem(event.stream, event.seq, text)
        if wanted.pop((event.stream, event.seq), event.hash) != event.hash:
            yield Problem(event.stream, event.seq, "is not the event whose hash was published")
        last = event
    for missing, seq in wanted:
        yield Problem(missing, seq, "was published and is missing")


def _link_problems(event: Event, last: Event | None) -> Iterator[str]:
    expected = last.seq + 1 if last else 1
    if event.seq != expected:
        yield f"events {expected} to {event.seq - 1} are missing"
    elif event.prev_hash != (last.hash if last else ""):
        yield "does not follow from the event before it"
    if event.hash != event_hash(event):
        yield "was changed: its hash does not match"


def _detail_problems(event: Event, counts: Counts) -> Iterator[str]:
    details = {detail.key: detail for detail in event.details.all()}
    for key in sorted(event.digests.keys() | details.keys()):
        detail = details.get(key)
        if detail is None:
            yield f"detail {key} is missing"
            continue
        counts.details += 1
        if key not in event.digests:
            yield f"detail {key} was added later"
        elif detail.erased_at is not None:
            counts.erased += 1
        elif detail_digest(detail.salt, detail.value) != event.digests[key]:
            yield f"detail {key} was changed"
