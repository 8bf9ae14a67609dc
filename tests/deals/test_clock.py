"""336 hours, reminders at 7 d, 3 d and 24 h, and what a closed sender leaves behind (product.md §6)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine

from cosell import clock
from cosell.events.models import Delivery, Event
from cosell.web.reasons import Refused
from deals import actions, tasks
from deals.enums import DeclineReason, ErrorReason, Help, Stage
from deals.models import Deal
from tests.cast import accept, clock_at, fresh, invitation, new_deal, side_of, who

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
ANSWERS: dict[str, Callable[[Deal], Deal]] = {
    "accept": lambda side: accept("lee", side),
    "decline": lambda side: actions.decline_deal(who("lee"), side.pk, reason=DeclineReason.BUDGET),
}


@pytest.fixture
def side() -> Deal:
    """Microsoft's, invited by Ana a moment ago."""
    return side_of(new_deal(asks=Help.ARCHITECTURE), "Microsoft")


def exactly(moment: datetime) -> time_machine.travel:
    return time_machine.travel(moment, tick=False)


def test_the_clock_is_336_hours_from_the_invitation(side: Deal) -> None:
    assert side.expires_at - side.invited_at == 336 * HOUR


def test_accepting_at_335_59_59_holds(side: Deal) -> None:
    with exactly(side.invited_at + 336 * HOUR - SECOND):
        assert tasks.expire_due() == 0
        assert accept("lee", side).stage == Stage.ACCEPTED


@pytest.mark.parametrize("ran", ["the job has run", "the job has not run"])
@pytest.mark.parametrize("answer", list(ANSWERS))
def test_answering_at_336_00_00_is_refused(side: Deal, ran: str, answer: str) -> None:
    with exactly(side.invited_at + 336 * HOUR):
        if ran == "the job has run":
            assert tasks.expire_due() == 1
        with pytest.raises(Refused) as refused:
            ANSWERS[answer](side)
        code = "wrong_stage" if ran == "the job has run" else "expired"
        assert [reason.code for reason in refused.value.reasons] == [code]
    assert fresh(side).answered_at is None


def test_expiring_twice_or_late_happens_once(side: Deal) -> None:
    with clock.moved_by(20 * 24 * HOUR):
        assert [tasks.expire_due(), tasks.expire_due()] == [1, 0]
        with pytest.raises(Refused):
            actions.expire_deal(side.pk)
    events = Event.objects.filter(deal_id=side.pk, kind="deal.expired")
    assert [event.data["reason"] for event in events] == ["time"]
    assert (fresh(side).stage, fresh(side).close_reason) == ("expired", "time")


def test_nobody_expires_an_invitation_early(side: Deal) -> None:
    with clock_at(side.expires_at - 2 * SECOND), pytest.raises(Refused) as refused:
        actions.expire_deal(side.pk)
    assert refused.value.reasons[0].code == "not_due"


def told_hours(side: Deal) -> list[int]:
    events = Event.objects.filter(deal_id=side.pk, kind="deal.expiring").order_by("seq")
    return [event.data["hours_left"] for event in events]


def test_reminders_come_at_7_days_3_days_and_24_hours_once_each(side: Deal) -> None:
    for left, told in [
        (168 * HOUR + SECOND, []),
        (168 * HOUR, [168]),
        (100 * HOUR, [168]),
        (72 * HOUR, [168, 72]),
        (24 * HOUR + SECOND, [168, 72]),
        (24 * HOUR, [168, 72, 24]),
        (HOUR, [168, 72, 24]),
    ]:
        with exactly(side.expires_at - left):
            tasks.remind_due()
            tasks.remind_due()
        assert told_hours(side) == told, f"{left} before the end"
    mails = Delivery.objects.filter(message="opportunity_expiring", channel="mail")
    assert list(mails.order_by("pk").values_list("address", flat=True)) == [
        "lee.chan@microsoft.example",
        *(2 * ["lee.chan@microsoft.example", "erik.holm@microsoft.example"]),  # from 3 days on also the vendor admin
    ]


def test_a_late_run_tells_only_the_last_reminder(side: Deal) -> None:
    with exactly(side.expires_at - 5 * HOUR):
        assert [tasks.remind_due(), tasks.remind_due()] == [1, 0]
    assert told_hours(side) == [24]


def test_no_reminder_after_an_answer_or_after_the_end(side: Deal) -> None:
    with exactly(side.expires_at):
        assert tasks.remind_due() == 0
    accept("lee", side)
    with exactly(side.expires_at - HOUR):
        assert tasks.remind_due() == 0


@pytest.mark.parametrize("end", ["lost", "error", "won"])
def test_a_closed_creator_ends_its_open_invitations_after_the_minute(end: str) -> None:
    deal = new_deal(asks=Help.ARCHITECTURE, invites=["Northlake Services", "Relecloud"])
    accept("priya", side_of(deal, "Northlake Services"))
    closing = clock.now()
    if end == "won":
        actions.win_deal(who("ana"), deal.pk, early_confirmed=True)
    elif end == "lost":
        actions.lose_deal(who("ana"), deal.pk, reason=DeclineReason.BUDGET)
    else:
        actions.close_as_error(who("ana"), deal.pk, reason=ErrorReason.TEST)
    with clock_at(closing + 58 * SECOND):
        assert tasks.withdraw_due() == 0
    with clock_at(closing + 65 * SECOND):
        assert [tasks.withdraw_due(), tasks.withdraw_due()] == [0 if end == "won" else 2, 0]
    stages = {name: side_of(deal, name).stage for name in ("Microsoft", "Northlake Services", "Relecloud")}
    open_ones = "received" if end == "won" else "expired"
    assert stages == {"Microsoft": open_ones, "Northlake Services": "accepted", "Relecloud": open_ones}
    told = Delivery.objects.filter(message="opportunity_withdrawn", channel="mail").values_list("address", flat=True)
    assert set(told) == (set() if end == "won" else {"lee.chan@microsoft.example", "mia.berg@relecloud.example"})
    if end != "won":
        assert side_of(deal, "Microsoft").close_reason == "sender_closed"


def test_an_undone_loss_withdraws_nothing() -> None:
    deal = new_deal(asks=Help.ARCHITECTURE)
    actions.lose_deal(who("ana"), deal.pk, reason=DeclineReason.BUDGET)
    actions.undo(who("ana"), deal.pk)
    with clock.moved_by(timedelta(minutes=5)):
        assert tasks.withdraw_due() == 0
    assert side_of(deal, "Microsoft").stage == Stage.RECEIVED


def test_a_lost_invited_side_leaves_the_other_invitations_open() -> None:
    deal = new_deal(asks=Help.ARCHITECTURE, invites=["Northlake Services"])
    accept("lee", side_of(deal, "Microsoft"))
    actions.lose_deal(who("lee"), side_of(deal, "Microsoft").pk, reason=DeclineReason.BUDGET)
    with clock.moved_by(timedelta(minutes=5)):
        assert tasks.withdraw_due() == 0
    assert side_of(deal, "Northlake Services").stage == Stage.RECEIVED


def test_an_expired_organization_can_be_invited_again_and_history_keeps_both() -> None:
    deal = new_deal(invites=["Northlake Services"])
    with clock.moved_by(15 * 24 * HOUR):
        tasks.expire_due()
        actions.invite_partner(who("ana"), deal.pk, invitation("Northlake Services"))
        sides = Deal.objects.filter(engagement=deal.engagement, organization__name="Northlake Services")
        assert list(sides.order_by("pk").values_list("stage", flat=True)) == ["expired", "received"]
        with pytest.raises(Refused) as refused:
            actions.invite_partner(who("ana"), deal.pk, invitation("Northlake Services"))
    assert refused.value.reasons[0].code == "already_invited"
