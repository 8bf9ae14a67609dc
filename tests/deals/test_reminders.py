"""Reminders at 7 days, 3 days and 24 hours left: each once, whatever becomes of the workers and the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction

from cosell.events.models import Delivery, Event
from deals import actions, tasks
from deals.enums import Help
from deals.models import Deal
from tests.cast import clock_at, new_deal, side_of
from tests.deals.test_races import at_once

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def invited() -> Deal:
    """Microsoft's side, a moment ago."""
    return side_of(new_deal(asks=Help.ARCHITECTURE), "Microsoft")


def told_hours(side: Deal) -> list[int]:
    events = Event.objects.filter(deal_id=side.pk, kind="deal.expiring").order_by("seq")
    return [event.data["hours_left"] for event in events]


def mails(side: Deal) -> list[str]:
    sent = Delivery.objects.filter(event__deal_id=side.pk, message="opportunity_expiring", channel="mail")
    return [address.partition(".")[0] for address in sent.order_by("pk").values_list("address", flat=True)]


@pytest.mark.usefixtures("cast")
def test_a_worker_that_was_down_over_marks_tells_the_last_one_to_all_whom_it_concerns() -> None:
    side = invited()
    with clock_at(side.expires_at - 30 * HOUR):  # 7 days and 3 days have passed
        assert [tasks.remind_due(), tasks.remind_due()] == [1, 0]
    assert told_hours(side) == [72]
    assert sorted(mails(side)) == ["erik", "lee"]


@pytest.mark.usefixtures("cast")
def test_a_worker_that_dies_before_the_commit_has_told_nobody_and_the_next_one_tells_once() -> None:
    side = invited()
    with clock_at(side.expires_at - 100 * HOUR):
        with pytest.raises(KeyboardInterrupt):
            _killed_after_telling(side)
        assert told_hours(side) == []
        assert [tasks.remind_due(), tasks.remind_due()] == [1, 0]
    assert told_hours(side) == [168]
    assert mails(side) == ["lee"]


def _killed_after_telling(side: Deal) -> None:
    with transaction.atomic():
        assert actions.remind_to_answer(side.pk)
        raise KeyboardInterrupt


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("cast")
def test_workers_side_by_side_tell_once_at_each_mark() -> None:
    side = invited()
    for left in (168, 72, 24):
        with clock_at(side.expires_at - left * HOUR):
            at_once(*[tasks.remind_due] * 4)
    assert told_hours(side) == [168, 72, 24]
    assert sorted(mails(side)) == ["erik"] * 2 + ["lee"] * 3


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize(
    ("zone", "sent"),
    [
        ("Europe/Berlin", datetime(2026, 3, 23, 0, 30, tzinfo=UTC)),  # 29 March: the clocks jump forward at 1:00 UTC
        ("America/Los_Angeles", datetime(2026, 10, 24, 9, 30, tzinfo=UTC)),  # 1 November: back at 9:00 UTC
    ],
)
def test_the_hours_are_hours_when_the_clocks_of_the_wall_jump(zone: str, sent: datetime) -> None:
    """To the second, though a local day between has 23 or 25 of them."""
    local = ZoneInfo(zone)
    with time_machine.travel(sent.astimezone(local), tick=False):
        side = invited()
    assert side.expires_at - side.invited_at == 336 * HOUR
    assert side.invited_at.astimezone(local).utcoffset() != side.expires_at.astimezone(local).utcoffset()
    for left, told in ((168, [168]), (72, [168, 72]), (24, [168, 72, 24])):
        mark = side.expires_at - left * HOUR
        for moment, expected in ((mark - SECOND, told[:-1]), (mark, told), (mark + HOUR, told)):
            with time_machine.travel(moment.astimezone(local), tick=False):
                tasks.remind_due()
            assert told_hours(side) == expected
