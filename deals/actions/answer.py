"""The answer to an invitation: accept, decline; expire and withdraw when there is none (product.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.who import Who
from cosell import clock
from deals.actions.door import enter, lock, move, save, tell
from deals.actions.invite import Person, add_team
from deals.enums import Action, DeclineReason, Direction, EventKind, ExpiryReason, Stage
from deals.models import Deal
from deals.workflow import REMIND_AT, UNDO_WITHIN


def accept_deal(
    who: Who,
    deal_id: int,
    *,
    name: str,
    value: Decimal,
    currency: str,
    close_on: date,
    notes: str = "",
    share_notes: bool = False,
    crm_id: str = "",
    campaign_id: str = "",
    team: Sequence[Person] = (),
) -> Deal:
    """Accept an invitation; the side starts with what the receiver says of it.

    Refused at hour 336 and after, and when anybody answered first. Tells the inviting side's team.
    """
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.ACCEPT, now)
        before = move(
            deal,
            Stage.ACCEPTED,
            now,
            name=name,
            value=value,
            currency=currency,
            close_on=close_on,
            crm_id=crm_id,
            campaign_id=campaign_id,
            answered_at=now,
        )
        on_team = {member.email.lower() for member in deal.team.all()}
        own = Person(who.user.full_name, who.user.phone, who.user.email)
        add_team(deal, [person for person in (own, *team) if person.email.lower() not in on_team])
        tell(
            EventKind.ACCEPTED,
            deal,
            now,
            who,
            before=before,
            after=Stage.ACCEPTED,
            note=notes,
            note_for="all" if share_notes else "own",
        )
        return deal


def decline_deal(who: Who, deal_id: int, *, reason: DeclineReason, notes: str = "") -> Deal:
    """Decline an invitation. The inviting side reads reason and notes, once the minute to undo is over."""
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.DECLINE, now)
        inviter = deal.invited_from.organization_id if deal.invited_from else "own"
        before = move(deal, Stage.DECLINED, now, closed_at=now, answered_at=now, close_reason=reason)
        tell(
            EventKind.DECLINED,
            deal,
            now,
            who,
            before=before,
            after=Stage.DECLINED,
            data={"reason": reason, "note_for": inviter},
            note=notes,
            note_for=inviter,
            hold_for=UNDO_WITHIN,
        )
        return deal


def expire_deal(deal_id: int) -> Deal:
    """End an unanswered invitation whose 336 hours are over; the clock's own act. Tells the inviting side."""
    now = clock.now()
    with transaction.atomic():
        deal = enter(None, deal_id, Action.EXPIRE, now)
        return end_unanswered(None, deal, EventKind.EXPIRED, ExpiryReason.TIME)


def withdraw_invitation(who: Who, deal_id: int) -> Deal:
    """Take back an invitation that is not answered; the inviting side's act. Tells the receivers."""
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.WITHDRAW, now)
        return end_unanswered(who, deal, EventKind.WITHDRAWN, ExpiryReason.WITHDRAWN)


def withdraw_for_closed_sender(deal_id: int) -> Deal | None:
    """The creator's side was lost or in error and its minute is over: its open invitations end (product.md §6)."""
    with transaction.atomic():
        deal = lock(deal_id)
        creator = deal.engagement.sides.filter(
            stage__in=(Stage.LOST, Stage.ERROR),
            closed_at__lte=clock.now() - UNDO_WITHIN,
            direction=Direction.OUTBOUND,
        )
        if deal.stage != Stage.RECEIVED or not creator.exists():
            return None
        return end_unanswered(None, deal, EventKind.WITHDRAWN, ExpiryReason.SENDER_CLOSED)


def end_unanswered(who: Who | None, deal: Deal, kind: EventKind, reason: ExpiryReason) -> Deal:
    """Expire a locked side, for one of three reasons."""
    now = clock.now()
    before = move(deal, Stage.EXPIRED, now, closed_at=now, close_reason=reason)
    tell(kind, deal, now, who, before=before, after=Stage.EXPIRED, data={"reason": reason})
    return deal


def mark_seen(who: Who, deal_id: int) -> None:
    """Note the first time that a receiver opened the invitation (product.md §11)."""
    now = clock.now()
    with transaction.atomic():
        deal = lock(deal_id)
        if deal.first_seen_at or deal.stage != Stage.RECEIVED or deal.organization_id != who.organization.pk:
            return
        save(deal, now, first_seen_at=now)
        tell(EventKind.SEEN, deal, now, who)


def remind_to_answer(deal_id: int) -> bool:
    """Tell the receivers that 7 days, 3 days or 24 hours are left; each mark once, a late run tells only the last."""
    now = clock.now()
    with transaction.atomic():
        deal = lock(deal_id)
        mark = due_reminder(deal, now)
        if mark is None:
            return False
        save(deal, now, reminded_hours=mark)
        tell(EventKind.EXPIRING, deal, now, None, private=True, data={"hours_left": mark})
        return True


def due_reminder(deal: Deal, now: datetime) -> int | None:
    """Hours of the reminder that is due on this side and not told yet, if any."""
    if deal.stage != Stage.RECEIVED or deal.expires_at is None or deal.is_overdue(now):
        return None
    left = deal.expires_at - now
    passed = [int(mark.total_seconds() // 3600) for mark in REMIND_AT if left <= mark]
    mark = min(passed, default=None)
    if mark is None or (deal.reminded_hours is not None and deal.reminded_hours <= mark):
        return None
    return mark
