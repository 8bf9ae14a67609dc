"""Through the stages to the end, and back from it for a minute (product.md §6)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.who import Who
from cosell import clock
from cosell.events.models import Event
from cosell.events.record import cancel_deliveries
from cosell.web.reasons import Reason
from deals import rules
from deals.actions.answer import end_unanswered
from deals.actions.door import enter, move, refused, tell
from deals.enums import Action, DeclineReason, ErrorReason, EventKind, ExpiryReason, Kind, Stage
from deals.models import Deal
from deals.workflow import UNDO_WITHIN, marks


def mark_stage(who: Who, deal_id: int, action: Action, *, note: str = "", share_note: bool = False) -> Deal:
    """Mark one of the four stages between start and end. The other sides see it in their bell."""
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, action, now)
        target = dict(marks(Kind(deal.engagement.kind)))[action]
        before = move(deal, target, now)
        tell(
            EventKind.MARKED,
            deal,
            now,
            who,
            before=before,
            after=target,
            note=note,
            note_for="all" if share_note else "own",
        )
        return deal


def win_deal(
    who: Who,
    deal_id: int,
    *,
    final_value: Decimal | None = None,
    won_on: date | None = None,
    note: str = "",
    early_confirmed: bool = False,
) -> Deal:
    """Close as won. Before 72 hours a deal that can be registered asks for an explicit confirmation."""
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.WIN, now)
        early = rules.win_is_early(deal, now)
        if early and not early_confirmed:
            raise refused(
                [
                    Reason(
                        "won_early",
                        _("Less than 72 hours have passed since creation; a registration may be refused for that."),
                        _("Confirm that you know this, or wait."),
                        field="early_confirmed",
                    )
                ],
                status=422,
            )
        before = move(deal, Stage.WON, now, closed_at=now, final_value=final_value, won_on=won_on)
        return _ended(EventKind.WON, deal, who, now, before, note, {"early": early})


def lose_deal(who: Who, deal_id: int, *, reason: DeclineReason, note: str = "") -> Deal:
    """Close as lost. After the minute, invitations of the creator that are still open end with it."""
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.LOSE, now)
        before = move(deal, Stage.LOST, now, closed_at=now, close_reason=reason)
        return _ended(EventKind.LOST, deal, who, now, before, note, {"reason": reason})


def close_as_error(who: Who, deal_id: int, *, reason: ErrorReason, note: str = "") -> Deal:
    """Close because the deal holds an error; open invitations end as with lost."""
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.CLOSE_AS_ERROR, now)
        before = move(deal, Stage.ERROR, now, closed_at=now, close_reason=reason)
        return _ended(EventKind.CLOSED_AS_ERROR, deal, who, now, before, note, {"reason": reason})


def _ended(
    kind: EventKind, deal: Deal, who: Who, now: datetime, before: str, note: str, data: dict[str, object]
) -> Deal:
    tell(
        kind,
        deal,
        now,
        who,
        before=before,
        after=deal.stage,
        data={"note_for": "own", **data},
        note=note,
        hold_for=UNDO_WITHIN,
    )
    return deal


def undo(who: Who, deal_id: int) -> Deal:
    """Take back decline, won, lost or error within the minute.

    1. the same person, within 60 seconds, nobody acted since
    2. what was to be sent is cancelled; nothing had left
    3. the side returns to the stage before; the undo is a new event in the chain
    4. an invitation whose clock ran out meanwhile expires at once
    """
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.UNDO, now)
        undone = (
            Event.objects.filter(stream=deal.engagement.stream, deal_id=deal.pk, to_state=deal.stage)
            .order_by("-seq")[:1]
            .get()
        )
        if not cancel_deliveries(undone):
            raise refused([rules.undo_over()])
        stage = Stage(undone.from_state)
        fields = {"closed_at": None, "close_reason": "", "final_value": None, "won_on": None}
        if stage == Stage.RECEIVED:
            fields["answered_at"] = None
        before = move(deal, stage, now, **fields)
        tell(
            EventKind.UNDONE,
            deal,
            now,
            who,
            before=before,
            after=stage,
            data={"undoes": undone.seq, "kind": undone.kind},
        )
        if deal.is_overdue(now):
            end_unanswered(None, deal, EventKind.EXPIRED, ExpiryReason.TIME)
        return deal
