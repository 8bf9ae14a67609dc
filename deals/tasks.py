"""Background entry points: which ids are due, then the action for each. Safe to run twice, late, or side by side."""

import logging
from collections.abc import Callable, Iterable

from celery import shared_task
from django.db import transaction

from cosell import clock
from cosell.web.reasons import Refused
from deals import actions, privacy
from deals.enums import Direction, Stage
from deals.models import Deal, Engagement, MatchCase
from deals.workflow import REMIND_AT, UNDO_WITHIN

logger = logging.getLogger(__name__)
LOOKED_AT = 500  # cases in one run; the next is a minute away


def each(ids: Iterable[int], act: Callable[[int], object]) -> int:
    """Act on each in a transaction of its own; one that fails is logged and tried again at the next run."""
    done = 0
    for pk in ids:
        try:
            with transaction.atomic():
                done += bool(act(pk))
        except Refused:
            continue  # somebody was faster
        except Exception:
            logger.exception("%s(%s) failed", act.__name__, pk)
    return done


@shared_task
def expire_due() -> int:
    """End invitations whose 336 hours are over."""
    return each(
        Deal.objects.due_to_expire(clock.now()).order_by("pk").values_list("pk", flat=True).iterator(),
        actions.expire_deal,
    )


@shared_task
def remind_due() -> int:
    """Remind the receivers at 7 days, 3 days and 24 hours left."""
    now = clock.now()
    soon = Deal.objects.filter(
        stage=Stage.RECEIVED, expires_at__gt=now, expires_at__lte=now + max(REMIND_AT)
    ).order_by("pk")
    due = [deal.pk for deal in soon.iterator() if actions.due_reminder(deal, now) is not None]
    return each(due, actions.remind_to_answer)


@shared_task
def withdraw_due() -> int:
    """End the open invitations of creators whose own side was lost or in error a minute ago."""
    open_ones = Deal.objects.filter(
        stage=Stage.RECEIVED,
        engagement__sides__stage__in=(Stage.LOST, Stage.ERROR),
        engagement__sides__direction=Direction.OUTBOUND,
        engagement__sides__closed_at__lte=clock.now() - UNDO_WITHIN,
    )
    return each(open_ones.order_by("pk").values_list("pk", flat=True), actions.withdraw_for_closed_sender)


@shared_task
def match_due() -> int:
    """Look who the customers of new cases may be; match those that are beyond doubt."""
    untried = MatchCase.objects.untried().order_by("pk").values_list("pk", flat=True)[:LOOKED_AT]
    return each(untried, actions.look_for_account)


@shared_task
def release_due() -> int:
    """Invite hosts whose account matching took longer than two working days."""
    held = Engagement.objects.filter(host_invited_by__lte=clock.now())
    return each(held.order_by("pk").values_list("pk", flat=True), actions.release_host_invitation)


@shared_task
def tend_drafts() -> int:
    """Remind the owners of drafts that lie there for 7 days, warn them at 83, and remove what nobody wants at 90."""
    return each(actions.drafts_to_tend(clock.now()), actions.tend_draft)


@shared_task
def forget_contacts() -> int:
    """Remove the customers' contacts of deals that ended 90 days ago."""
    ended = privacy.engagements_to_forget(clock.now())
    return each(ended.values_list("pk", flat=True), actions.remove_contact)
