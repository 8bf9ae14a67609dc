"""The clock of a review, and what happens by itself: reminders, escalation, the end (product.md §10)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings

from cosell import clock
from cosell.events import dispatch
from cosell.events.models import Event
from deals import actions as deal_actions
from deals import privacy
from deals.enums import DeclineReason, RegistrationState
from registrations import actions, tasks
from registrations.enums import EventKind, Outcome, ReceiptKind
from registrations.models import Program, Registration
from tests.cast import clock_at, fresh, side_of, user, who
from tests.registrations.world import (
    DAY,
    MINUTE,
    again,
    decide,
    in_review,
    kinds,
    last_event,
    make_reviewer,
    nothing_drawn,
    over_million,
    registered,
    submit,
)

S, HOUR, SECOND = RegistrationState, timedelta(hours=1), timedelta(seconds=1)
# A Wednesday, the day before Thanksgiving: a holiday of the program, then a Friday that is none, then a weekend.
WEDNESDAY = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quiet(cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_broken_until", float("inf"))
    nothing_drawn()


def about(at: datetime | None, expected: datetime) -> bool:
    """To the minute: the clock goes on while a test runs."""
    return at is not None and abs(at - expected) < MINUTE


def test_a_review_is_due_by_working_days_and_holidays() -> None:
    with clock_at(WEDNESDAY):
        registration = in_review()
    assert about(registration.due_at, WEDNESDAY + 8 * DAY), "five working days, without the holiday and the weekend"
    Program.objects.update(country="JP", time_zone="Asia/Tokyo", target_days=2)
    with clock_at(WEDNESDAY):
        there = in_review(deal={"of": "Adventure Works Cycles"})
    assert about(there.due_at, WEDNESDAY + 4 * DAY), "in Tokyo it is Thursday; Saturday and Sunday are left out"


def test_the_clock_stops_while_the_partner_has_to_act() -> None:
    with clock_at(WEDNESDAY):
        registration = in_review()
    with clock_at(WEDNESDAY + 2 * DAY):  # Friday: a working day has passed
        asked = decide("noor", registration, Outcome.ASK)
    assert (asked.due_at, asked.waits_since) == (None, None)
    left = again(registration).time_left
    assert left is not None
    assert abs(left - 4 * DAY) < MINUTE
    with clock_at(WEDNESDAY + 12 * DAY):  # Monday of the week after next
        sent = submit(registration.deal)
        assert about(sent.due_at, WEDNESDAY + 16 * DAY)
        assert sent.signed_on == (WEDNESDAY + 11 * DAY).date(), (
            "signed after the first submission, and not in the future"
        )
        assert sent.time_left is None
        assert tasks.remind_and_escalate() == 0


def test_a_late_question_leaves_a_working_day() -> None:
    with clock_at(WEDNESDAY):
        registration = in_review()
    with clock_at(WEDNESDAY + 13 * DAY):  # Tuesday, overdue
        decide("noor", registration, Outcome.ASK)
        assert registration.verdicts.get().was_late
        sent = submit(registration.deal)
    assert about(sent.due_at, WEDNESDAY + 14 * DAY)


def test_reviewers_are_reminded_once_then_it_is_handed_on_once() -> None:
    Program.objects.update(second_reviewer=user("erik"))
    with clock_at(WEDNESDAY):
        registration = in_review()
    version = again(registration).version
    due = registration.due_at
    assert due is not None

    def run(at: datetime) -> list[str]:
        last = Event.objects.latest("pk").pk
        with clock_at(at):
            tasks.remind_and_escalate()
            tasks.remind_and_escalate()
        return kinds(registration, after=last)

    assert run(due - DAY - MINUTE) == []
    assert run(due - DAY + SECOND) == ["review_due"]
    assert run(due - MINUTE) == []
    assert run(due + SECOND) == ["escalated"]
    assert run(due + 9 * DAY) == []
    after = again(registration)
    assert (after.assigned_to, after.version) == (user("erik"), version)
    for event in Event.objects.filter(kind__in=(EventKind.REVIEW_DUE, EventKind.ESCALATED)):
        assert event.visibility == "organization"
        assert event.organization
        assert event.organization.name == "Microsoft", "partners see the countdown, not who is behind"


@pytest.mark.parametrize("case", ["held", "on the team", "decided"])
def test_it_is_not_handed_to_who_cannot_take_it(case: str) -> None:
    make_reviewer("lee")
    Program.objects.update(second_reviewer=user("lee"))
    registration = over_million(accepted=case == "on the team", deal={"value": 1_500_000})
    if case == "decided":
        decide("lee", registration)
    with clock.moved_by(20 * DAY):
        if case == "held":
            actions.take(who("noor"), registration.pk)
        assert tasks.remind_and_escalate() > 0
        after = again(registration)
        assert (after.assigned_to, after.escalated_at is not None) == (None, True)
        if case != "held":
            assert actions.take_next(who("erik"), Registration.objects.reviewable_by(who("erik"))) == after


def test_a_claim_that_was_given_up_hinders_no_escalation() -> None:
    Program.objects.update(second_reviewer=user("erik"))
    registration = in_review()
    actions.take(who("noor"), registration.pk)
    with clock.moved_by(20 * DAY):
        tasks.remind_and_escalate()
    assert again(registration).assigned_to == user("erik")


def test_what_is_decided_is_closed_after_the_minute_with_a_receipt() -> None:
    registration = in_review()
    decide("noor", registration, Outcome.FAIL)
    failed = last_event(registration)
    with clock.moved_by(55 * SECOND):
        assert tasks.close_decided() == 0
    assert registration.receipts.get().kind == ReceiptKind.SUBMISSION
    with clock.moved_by(61 * SECOND):
        assert [tasks.close_decided(), tasks.close_decided()] == [1, 0]
    after = again(registration)
    assert (after.state, after.deal.registration_state) == (S.REVIEW_FAILED, S.REVIEW_FAILED)
    assert after.closed_at == after.deal.registration_closed_at is not None
    receipt = registration.receipts.get(kind=ReceiptKind.DECISION)
    assert receipt.event_seq == failed.seq, "of the decision, not of the closing"
    assert kinds(registration)[-2:] == ["failed", "closed"]


def test_what_waits_or_was_taken_back_is_not_closed() -> None:
    registration = over_million()
    decide("noor", registration)
    asked = in_review(deal={"of": "Adventure Works Cycles"})
    decide("noor", asked, Outcome.ASK)
    undone = in_review(deal={"of": "City Power & Light"})
    decide("noor", undone)
    actions.undo_decision(who("noor"), undone.pk)
    with clock.moved_by(90 * DAY):
        assert tasks.close_decided() == 0
    assert [again(each).state for each in (registration, asked, undone)] == [
        S.REVIEW_PENDING,
        S.ACTION_REQUIRED,
        S.REVIEW_PENDING,
    ]


def test_an_approved_one_is_closed_when_it_can_be_picked_no_more() -> None:
    registration = registered()
    Program.objects.update(pick_days=3)
    assert registration.decided_at
    with clock_at(registration.decided_at + 3 * DAY - MINUTE):
        assert tasks.close_decided() == 0
    with clock_at(registration.decided_at + 3 * DAY + SECOND):
        assert tasks.close_decided() == 1
    assert registration.receipts.filter(kind=ReceiptKind.DECISION).count() == 1, "the same one, asked for again"


def test_one_that_breaks_stops_no_other(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    first, second = in_review(), in_review(deal={"of": "Adventure Works Cycles"})
    for each in (first, second):
        decide("noor", each)
    close = actions.close_registration

    def breaks(pk: int) -> bool:
        if pk == first.pk:
            raise ValueError("broken")
        return close(pk)

    monkeypatch.setattr(actions, "close_registration", breaks)
    with clock.moved_by(2 * MINUTE):
        assert tasks.close_decided() == 1
    assert "breaks" in caplog.text
    assert again(second).closed_at


def test_the_contact_stays_while_a_registration_is_open() -> None:
    registration = in_review(accepted=True)
    deal = fresh(registration.deal)
    with clock.moved_by(120 * DAY):
        deal_actions.lose_deal(who("lee"), side_of(deal, "Microsoft").pk, reason=DeclineReason.BUDGET)
    with clock.moved_by(300 * DAY):
        assert not privacy.engagements_to_forget(clock.now()).exists()
        decide("noor", registration)
    with clock.moved_by(300 * DAY + 2 * MINUTE):
        tasks.close_decided()
        assert list(privacy.engagements_to_forget(clock.now())) == [deal.engagement]


def test_beat_knows_the_tasks() -> None:
    schedule = {each["task"]: each["schedule"] for each in django_settings.CELERY_BEAT_SCHEDULE.values()}
    for task in (tasks.close_decided, tasks.remind_and_escalate):
        assert schedule[task.name] == 60
