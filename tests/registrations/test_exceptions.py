"""One exception for a closed deal: when, how long, what it unlocks, and that it is final (fact sheet 3.7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from cosell import clock
from cosell.events import dispatch
from cosell.web.reasons import Refused
from deals import actions as deal_actions
from deals.enums import DeclineReason, RegistrationState
from deals.models import Deal
from deals.privacy import Person
from registrations import actions, calendar, tasks
from registrations.claim import claim_of
from registrations.enums import EventKind, ExceptionState, Field, Outcome, Pricing, ProgramCode, ReviewReason
from registrations.models import ExceptionRequest, Registration
from tests.cast import fresh, new_deal, who
from tests.registrations.world import (
    DAY,
    a_claim,
    again,
    codes,
    decide,
    in_review,
    kinds,
    last_event,
    make_reviewer,
    nothing_drawn,
    registered,
    submit,
    won_deal,
)

S, SECOND = RegistrationState, timedelta(seconds=1)
FACTS = (Field.SIGNED_ON, Field.CONTRACT_VALUE)


@pytest.fixture(autouse=True)
def quiet(cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_broken_until", float("inf"))
    nothing_drawn()


def ask(deal: Deal, by: str = "ana", text: str = "The reseller signed for us.", wanted: Any = FACTS) -> Any:
    return actions.request_exception(who(by), deal.pk, text, wanted)


def answer(exception: ExceptionRequest, *, approve: bool = True, by: str = "noor", **more: Any) -> ExceptionRequest:
    given = {"answer": "The master agreement names both.", "unlocked": FACTS if approve else (), **more}
    return actions.decide_exception(who(by), exception.pk, approve=approve, **given)


def refused(act: Any, *args: Any, **fields: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        act(*args, **fields)
    return codes(caught.value)


def failed() -> Registration:
    registration = in_review()
    decide("noor", registration, Outcome.FAIL)
    with clock.moved_by(61 * SECOND):
        tasks.close_decided()
    return again(registration)


def test_who_and_what_is_refused() -> None:
    open_one, closed = new_deal(shown=True), won_deal(accepted=False)
    assert refused(ask, open_one) == ["not_closed"]
    assert refused(ask, won_deal(accepted=False, shown=False)) == ["private"]
    assert refused(ask, closed, "vera") == ["read_only"]
    assert refused(ask, closed, "priya") == ["not_your_side"]
    for text, code in (("x" * 5001, "too_long"), (" ", "no_words")):
        with pytest.raises(Refused) as caught:
            ask(closed, text=text)
        assert (codes(caught.value), caught.value.status, caught.value.reasons[0].field) == ([code], 422, "text")
    assert not ExceptionRequest.objects.exists()
    asked = ask(closed, text="x" * 5000, wanted=[Field.SIGNED_ON, Field.TENANT])
    assert asked.wanted == ["signed_on"], "nothing else can be unlocked"
    assert refused(ask, closed) == ["asked_already"]


def test_sixty_days_from_the_end_or_from_the_first_registration() -> None:
    closed = won_deal(accepted=False)
    assert closed.closed_at
    late = registered(deal={"of": "Adventure Works Cycles"})
    assert late.submitted_at
    for deal, start in ((closed, closed.closed_at), (late.deal, late.submitted_at)):
        with clock.moved_by(start + 60 * DAY - clock.now()):
            assert refused(ask, deal) == ["too_late"]
        with clock.moved_by(start + 60 * DAY - 30 * SECOND - clock.now()):
            assert ask(deal).state == ExceptionState.WAITING


def test_the_minute_of_an_undo_comes_first() -> None:
    deal = new_deal(shown=True)
    deal_actions.lose_deal(who("ana"), deal.pk, reason=DeclineReason.BUDGET)
    assert refused(ask, deal) == ["undo_runs"]
    with clock.moved_by(61 * SECOND):
        exception = ask(deal)
        answer(exception)
        assert refused(submit, fresh(deal)) == ["won"], "no exception makes a lost deal a won one"


def test_it_is_due_in_fourteen_working_days_then_handed_on() -> None:
    registration = failed()
    exception = ask(registration.deal)
    assert exception.due_at == calendar.after(exception.at, 14 * DAY, exception.program)
    assert exception.due_at >= exception.at + 18 * DAY
    before = kinds(registration)
    with clock.moved_by(exception.due_at - clock.now() + SECOND):
        assert [tasks.remind_and_escalate(), tasks.remind_and_escalate()] == [1, 0]
    assert kinds(registration) == [*before, "escalated"]
    assert last_event(registration).data["exception"] == str(exception.uid)


def test_who_answers_once_and_in_words() -> None:
    make_reviewer("lee")
    registration = in_review(accepted=True)
    exception = ask(registration.deal)
    assert refused(answer, exception, by="ana") == ["not_reviewer"]
    assert refused(answer, exception, by="lee") == ["on_team"]
    with pytest.raises(Refused) as caught:
        answer(exception, answer=" ")
    assert (codes(caught.value), caught.value.status) == (["no_words"], 422)
    assert answer(exception, approve=False).state == ExceptionState.REFUSED
    assert refused(answer, exception, by="erik") == ["decided_already"], "final"
    assert refused(ask, registration.deal) == ["asked_already"], "and the only one"
    event = last_event(registration, EventKind.EXCEPTION_REFUSED)
    assert event.data["by_host"] == "Microsoft"
    assert again(registration).state == S.REVIEW_PENDING, "nothing else changes"


def test_approved_it_unlocks_its_fields_and_lifts_the_dates_for_every_round() -> None:
    registration = failed()
    exception = answer(ask(registration.deal), unlocked=[*FACTS, Field.TENANT])
    assert exception.unlocked == [each.value for each in FACTS]
    opened = again(registration)
    assert (opened.state, opened.closed_at) == (S.ACTION_REQUIRED, None)
    assert (opened.deal.registration_state, opened.deal.registration_closed_at) == (S.ACTION_REQUIRED, None)
    first = claim_of(registration.submissions.get(number=1).facts)
    long_ago = replace(first, signed_on=first.signed_on - 300 * DAY, contract_value=Decimal(110_000))

    def send(claim: Any) -> Registration:
        return actions.submit(who("ana"), registration.deal_id, again(registration).version, claim)

    with pytest.raises(Refused) as caught:
        send(replace(long_ago, pricing=Pricing.OTHER))
    assert [reason.field for reason in caught.value.reasons] == ["pricing"]
    sent = send(long_ago)
    assert (sent.state, sent.signed_on, sent.contract_value) == (
        S.REVIEW_PENDING,
        long_ago.signed_on,
        Decimal(110_000),
    )
    assert {ReviewReason.EXCEPTION, ReviewReason.RESUBMITTED} <= set(sent.review_reasons)
    assert ExceptionRequest.objects.get().used_at == sent.submitted_at
    decide("noor", registration, Outcome.ASK)
    with pytest.raises(Refused) as caught:
        send(replace(long_ago, pricing=Pricing.OTHER))
    assert [reason.code for reason in caught.value.reasons] == ["locked"], "still no more than it unlocked"
    assert send(replace(long_ago, contract_value=Decimal(120_000))).state == S.REVIEW_PENDING
    assert decide("noor", registration).state == S.REVIEW_PASSED


def test_what_could_not_be_registered_can_be_by_exception() -> None:
    small = won_deal(accepted=False, value=24_000, created=80 * DAY, won=70 * DAY)
    # too little for the criterion; the contract itself is worth more, and was signed too early
    claim = replace(
        a_claim(small), contract_value=Decimal(30_000), signed_on=(clock.now() - 90 * DAY).date(), solution_values={}
    )
    claim = replace(
        claim, solution_values=dict.fromkeys(actions.eligible_solutions(small, claim.program), Decimal(100))
    )
    assert "value" in refused(actions.submit, who("ana"), small.pk, 1, claim)
    with clock.moved_by(-20 * DAY):
        answer(ask(small))
    side = fresh(small)
    assert side.registration_state == S.PENDING
    registration = Registration.objects.get(deal=small)
    sent = actions.submit(who("ana"), small.pk, registration.version, claim)
    assert (sent.state, sent.review_reasons) == (S.REVIEW_PENDING, [ReviewReason.EXCEPTION])


@pytest.mark.parametrize("state", [S.PENDING, S.WAIVED, S.APPROVED, S.REVIEW_PENDING, S.ACTION_REQUIRED])
def test_it_opens_every_state(state: RegistrationState) -> None:
    """Also one that a reviewer sends back while the request waits."""
    deal = won_deal(accepted=False)
    match state:
        case S.WAIVED:
            actions.waive(who("ana"), deal.pk, ProgramCode.AZURE_IP)
        case S.APPROVED:
            submit(deal)
        case S.REVIEW_PENDING | S.ACTION_REQUIRED:
            submit(deal, pricing=Pricing.PAYG)
    exception = ask(deal)
    registration = Registration.objects.get(deal=deal)
    if state == S.ACTION_REQUIRED:
        decide("noor", registration, Outcome.ASK)
    assert again(registration).state == state
    answer(exception)
    after = again(registration)
    assert after.state == (S.PENDING if state in (S.PENDING, S.WAIVED) else S.ACTION_REQUIRED)
    assert (after.closed_at, after.due_at, after.claimed_by) == (None, None, None)
    assert after.deal.registration_state == after.state


def test_a_persons_name_can_be_taken_out_of_its_words() -> None:
    """The operator erases who is named; the deal below finds these words through its registry."""
    exception = ask(registered(accepted=True).deal, text="Carla Customer <carla@customer.example> signed it.")
    operator = User.objects.get(email="operator@cosell.example")
    deal_actions.erase_person(operator, Person.at("carla@customer.example"))
    exception.refresh_from_db()
    assert "Carla Customer" not in exception.text
    assert "carla@" not in exception.text
    assert exception.text.endswith("signed it.")
