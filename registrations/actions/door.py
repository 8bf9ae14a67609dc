"""The door of every change of a registration: lock, check on the locked row, write, record (docs/locking.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.who import Who
from cosell.events.enums import Visibility as Seen
from cosell.events.models import Event
from cosell.events.record import record
from cosell.web.reasons import Reason, Refused
from deals.actions import set_registration
from deals.actions.door import NO_RIGHT as NO_RIGHT_ON_DEALS
from deals.actions.door import lock as lock_deal
from deals.enums import RegistrationState
from deals.models import Deal
from registrations.enums import Action, EventKind
from registrations.models import Registration
from registrations.rules import acting

NO_RIGHT = NO_RIGHT_ON_DEALS | {"not_vendor_admin", "host_side"}


def lock(registration_id: int) -> Registration:
    """Lock engagement, side, then registration. Only inside a transaction."""
    deal = lock_deal(Registration.objects.values_list("deal_id", flat=True).get(pk=registration_id))
    registration = lock_of(deal)
    assert registration is not None
    return registration


def lock_of(deal: Deal) -> Registration | None:
    """The registration of a locked side, locked."""
    # Not in one query: what a colleague takes in hand while we wait for the lock would be joined as it was before.
    if not Registration.objects.select_for_update().filter(deal=deal).values_list("pk", flat=True).first():
        return None
    registration = Registration.objects.select_related("program", "claimed_by").get(deal=deal)
    registration.deal, registration.engagement = deal, deal.engagement
    deal.registration = registration
    return registration


def enter(who: Who | None, registration_id: int, action: Action, now: datetime) -> Registration:
    """The locked registration to which `who` may do `action` now; else Refused with every reason (403 or 409)."""
    registration = lock(registration_id)
    if reasons := acting.refusals(who, registration, action, now):
        raise refused(reasons)
    return registration


def refused(reasons: Iterable[Reason], status: int = 409) -> Refused:
    reasons = list(reasons)
    return Refused(reasons, 403 if any(reason.code in NO_RIGHT for reason in reasons) else status)


def same_version(who: Who, registration: Registration, version: int) -> None:
    """Refused when somebody saved or decided since the page was drawn."""
    if registration.version == version:
        return
    events = Event.objects.filter(deal_id=registration.deal_id, kind__in=EventKind.values)
    readable = Q(visibility=Seen.HOST) | Q(organization=who.organization)
    last = events.filter(readable).select_related("actor").order_by("-seq").first()
    words = _("Somebody else has saved this registration in the meantime.")
    if last:
        words = _("Somebody else has saved this registration in the meantime; the last act is by %(name)s.")
        words %= {"name": acting.said_by(who, registration, last)}
    raise refused([Reason("stale", words, _("Compare what is there now with what you typed, and send it again."))])


def save(registration: Registration, now: datetime, **fields: Any) -> None:
    """Write `fields` on a locked registration; every save is a new version."""
    for name, value in fields.items():
        setattr(registration, name, value)
    registration.version += 1
    registration.updated_at = now
    registration.save(update_fields=[*fields, "version", "updated_at"])


def move(registration: Registration, state: RegistrationState, now: datetime, **fields: Any) -> str:
    """Set the state of a locked registration, and what the side says of it; returns the state before."""
    before = registration.state
    save(registration, now, state=state, **fields)
    mirror(registration)
    return before


def mirror(registration: Registration) -> None:
    """The side carries the state for lists and the stepper."""
    set_registration(registration.deal, registration.state, closed_at=registration.closed_at)


FREE = {"claimed_by": None, "claimed_until": None}


def tell(
    kind: EventKind,
    registration: Registration,
    now: datetime,
    who: Who | None,
    *,
    before: str = "",
    after: str = "",
    data: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    note: str = "",
    within_host: bool = False,
    hold_for: timedelta = timedelta(),
) -> Event:
    """Append the event to the engagement's chain: for the claiming side and the host, or `within_host` alone.

    What the host's people do stands under the host's name: partners do not learn who decides.
    """
    deal, host = registration.deal, registration.engagement.host
    by_host = who is not None and who.organization.pk == host.pk
    facts = {"note_for": "all", **({"by_host": host.name} if by_host else {}), **(data or {})}
    texts = {**(details or {}), **({"note": note} if note else {})}
    return record(
        kind,
        stream=registration.engagement.stream,
        at=now,
        actor=who.user if who else None,
        organization=host if within_host else deal.organization,
        deal_id=deal.pk,
        visibility=Seen.ORGANIZATION if within_host else Seen.HOST,
        from_state=before,
        to_state=after,
        data={**facts, "registration": str(registration.uid)},
        details=texts,
        hold_for=hold_for,
        context=registration,
    )
