"""The door of every change of a deal: lock, check on the locked row, write, record (docs/locking.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from accounts.who import Who
from cosell.events.enums import Visibility as Seen
from cosell.events.models import Event
from cosell.events.record import record
from cosell.web.reasons import Reason, Refused
from deals import registry, rules
from deals.enums import Action, EventKind, Stage
from deals.mail_links import MailReader
from deals.models import Deal, Engagement

NO_RIGHT = frozenset(
    {"not_your_side", "read_only", "not_creator", "invited_by_partner", "system_only", "not_reviewer", "on_team"}
)
# Said or seen, but nothing that a rule looks at is different.
NOTHING_CHANGED = frozenset({EventKind.SEEN, EventKind.EXPIRING, EventKind.NOTED, EventKind.NOTES_DRAFTED})


def lock_engagement(engagement_id: int) -> Engagement:
    """Lock the shared row first; all sides of one engagement are changed one at a time."""
    # Not in one query: where the customer changes while we wait for the lock, the row would fall out of the join.
    Engagement.objects.select_for_update().values_list("pk").get(pk=engagement_id)
    return Engagement.objects.select_related("creator", "host", "customer").get(pk=engagement_id)


def lock(deal_id: int) -> Deal:
    """Lock engagement, then side. Only inside a transaction."""
    engagement = lock_engagement(Deal.objects.values_list("engagement_id", flat=True).get(pk=deal_id))
    deal = (
        Deal.objects.select_for_update(of=("self",))
        .select_related("organization", "location", "invited_from__organization")
        .prefetch_related("team")
        .get(pk=deal_id)
    )
    deal.engagement = engagement
    return deal


def enter(who: Who | None, deal_id: int, action: Action, now: datetime) -> Deal:
    """The locked side on which `who` may do `action` now; else Refused with every reason (403 or 409)."""
    deal = lock(deal_id)
    if reasons := rules.refusals(who, deal, action, now):
        raise refused(reasons)
    return deal


def refused(reasons: Iterable[Reason], status: int = 409) -> Refused:
    reasons = list(reasons)
    return Refused(reasons, 403 if any(reason.code in NO_RIGHT for reason in reasons) else status)


def move(deal: Deal, target: Stage, now: datetime, **fields: Any) -> str:
    """Set the stage and `fields` on a locked side; returns the stage before."""
    before = deal.stage
    deal.stage = target
    save(deal, now, **fields, stage=target)
    return before


def save(deal: Deal, now: datetime, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(deal, name, value)
    deal.updated_at = now
    deal.save(update_fields=[*fields, "updated_at"])


def tell(
    kind: EventKind,
    deal: Deal,
    now: datetime,
    who: Who | None,
    *,
    before: str = "",
    after: str = "",
    private: bool = False,
    data: Mapping[str, Any] | None = None,
    note: str = "",
    note_for: str | int = "own",
    details: Mapping[str, Any] | None = None,
    hold_for: timedelta = timedelta(),
) -> Event:
    """Append the event of this side to the engagement's chain, with the deliveries that follow from it.

    `private`: only the own organization sees the entry. `note` is free text; `note_for` is "own", "all" (everyone on
    the deal) or the id of the one other organization that may read it.
    """
    texts = dict(details or {})
    facts = dict(data or {})
    if isinstance(who, MailReader):
        facts["from_mail"] = True
    if note:
        texts["note"] = note
        facts["note_for"] = note_for
    event = record(
        kind,
        stream=deal.engagement.stream,
        at=now,
        actor=who.user if who else None,
        organization=deal.organization,
        deal_id=deal.pk,
        visibility=Seen.ORGANIZATION if private else Seen.ENGAGEMENT,
        from_state=before,
        to_state=after,
        data=facts,
        details=texts,
        hold_for=hold_for,
        context=deal,
    )
    if kind not in NOTHING_CHANGED:
        registry.changed(deal, now)
    return event
