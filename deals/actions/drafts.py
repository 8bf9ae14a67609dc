"""Drafts that lie there: their owner is reminded, warned, and at last they are removed (product.md §5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from accounts.who import Who
from cosell import clock
from cosell.events.enums import Visibility as Seen
from cosell.events.record import record
from deals import perms
from deals.enums import DraftCare
from deals.models import Draft

REMIND_AFTER, WARN_AFTER, REMOVE_AFTER = timedelta(days=7), timedelta(days=83), timedelta(days=90)
WARNED_FOR = REMOVE_AFTER - WARN_AFTER  # nothing goes without a warning that long before


def was_told(at: datetime | None, draft: Draft) -> bool:
    """A mail counts until the draft is saved again."""
    return at is not None and at >= draft.updated_at


def removal_at(draft: Draft, now: datetime) -> datetime:
    """When the draft goes if nobody saves it; a warning that is late puts it off."""
    warned = draft.warned_at if was_told(draft.warned_at, draft) else None
    return max(draft.updated_at + REMOVE_AFTER, (warned or now) + WARNED_FOR)


def drafts_to_tend(now: datetime) -> Iterable[int]:
    """Ids of the drafts about which something may be due."""
    lying = Q(updated_at__lte=now - REMIND_AFTER)
    untold = Q(reminded_at=None) | Q(reminded_at__lt=F("updated_at"))
    return (
        Draft.objects.filter(lying, untold | Q(updated_at__lte=now - WARN_AFTER))
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def due_care(draft: Draft, now: datetime) -> DraftCare | None:
    """What is to be done about the draft now; after a late run only the last of what was missed.

    Who has left, or may start deals there no longer, is written to no more: the draft goes after 90 days.
    """
    age = now - draft.updated_at
    if age < REMIND_AFTER:
        return None
    is_read = _can_go_on(draft)
    if age >= REMOVE_AFTER and (not is_read or (was_told(draft.warned_at, draft) and removal_at(draft, now) <= now)):
        return DraftCare.REMOVED
    if not is_read:
        return None
    if age >= WARN_AFTER:
        return None if was_told(draft.warned_at, draft) else DraftCare.WARNED
    return None if was_told(draft.reminded_at, draft) else DraftCare.REMINDED


def tend_draft(pk: int) -> DraftCare | None:
    """Do what is due about one draft; None when nothing is, because it was saved, created or told of meanwhile.

    1. lock the draft, as a save and Create do
    2. look what is due on the locked row
    3. mark it as told, or remove it
    4. the event; its deliveries go to the owner
    """
    now = clock.now()
    with transaction.atomic():
        locked = Draft.objects.select_for_update(of=("self",)).select_related("owner", "organization")
        draft = locked.filter(pk=pk).first()
        care = due_care(draft, now) if draft else None
        if draft is None or care is None:
            return None
        details, data = {}, {}
        if care == DraftCare.REMOVED:
            draft.delete()
        else:
            field = "warned_at" if care == DraftCare.WARNED else "reminded_at"
            setattr(draft, field, now)
            draft.save(update_fields=[field])
            details, data = {"name": _typed_name(draft)}, {"removal_at": removal_at(draft, now)}
        record(
            care,
            stream=f"draft:{draft.uid}",
            at=now,
            organization=draft.organization,
            visibility=Seen.ORGANIZATION,
            data={**data, "saved_at": draft.updated_at},
            details=details,
            context=draft,
        )
        return care


def _can_go_on(draft: Draft) -> bool:
    who = Who.of(draft.owner, draft.organization) if draft.owner.is_active else None
    return who is not None and perms.can_start_draft(who)


def _typed_name(draft: Draft) -> str | None:
    return (draft.answers.get("details", {}).get("name") or [""])[0] or None
