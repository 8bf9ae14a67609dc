"""Reviewers decide: who may, what it needs, two people above a million, a minute to take it back (product.md §7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cosell import clock
from cosell.events import catalogue, dispatch
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import Delivery, Event
from cosell.web.reasons import Refused
from deals import disclosure
from deals.enums import RegistrationState
from registrations import actions, calendar
from registrations.claim import claim_of
from registrations.enums import (
    Check,
    EventKind,
    Field,
    Level,
    Outcome,
    Pricing,
    ReceiptKind,
    ReviewReason,
)
from registrations.models import Registration
from registrations.rules import acting
from tests.cast import user, who
from tests.registrations.world import (
    DAY,
    MINUTE,
    again,
    codes,
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

S, PASS, FAIL, ASK = RegistrationState, Outcome.PASS, Outcome.FAIL, Outcome.ASK
SECOND = timedelta(seconds=1)
OTHERS = ["Adventure Works Cycles", "City Power & Light", "Humongous Insurance", "Blue Yonder Airlines"]


@pytest.fixture(autouse=True)
def reviewers(cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noor and Beatriz review, Erik is the vendor admin; mails are sent by hand."""
    monkeypatch.setattr(dispatch, "_broken_until", float("inf"))
    nothing_drawn()
    make_reviewer("beatriz")


def refused(act: Any, *args: Any, **fields: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        act(*args, **fields)
    return codes(caught.value)


def told_why(act: Any, *args: Any, **fields: Any) -> str:
    with pytest.raises(Refused) as caught:
        act(*args, **fields)
    return caught.value.reasons[0].text


# --------------------------------------------------------------------------------------------------------- the right


def test_who_decides() -> None:
    make_reviewer("lee")
    registration = in_review(accepted=True)  # Lee took it for the host
    for name, code in (
        ("ana", "not_reviewer"),
        ("rui", "not_reviewer"),
        ("priya", "not_reviewer"),
        ("lee", "on_team"),
    ):
        for outcome in Outcome:
            with pytest.raises(Refused) as caught:
                decide(name, registration, outcome)
            assert (codes(caught.value), caught.value.status) == ([code], 403), name
        assert refused(actions.take, who(name), registration.pk) == [code]
    assert actions.take_next(who("lee"), Registration.objects.reviewable_by(who("lee"))) is None
    assert decide("erik", registration).state == S.REVIEW_PASSED, "a vendor admin reviews, too"


LACKING: list[tuple[Outcome, dict[str, Any], str]] = [
    (PASS, {"checked": [each for each in Check.values if each != Check.COMPANY_NAMED]}, "checklist"),
    (FAIL, {"reasons": ()}, "no_reason"),
    (FAIL, {"reasons": ["other_reason"], "words": " "}, "no_words"),
    (ASK, {"words": ""}, "no_comment"),
    (ASK, {"words": "", "comments": {Field.ENDS_ON: " "}}, "no_comment"),
]


def test_what_a_decision_needs() -> None:
    registration = in_review()
    for outcome, fields, code in LACKING:
        with pytest.raises(Refused) as caught:
            decide("noor", registration, outcome, **fields)
        assert (codes(caught.value), caught.value.status) == ([code], 422)
    assert not registration.verdicts.exists()


def test_what_a_decision_keeps() -> None:
    registration = in_review()
    comments = {Field.ENDS_ON: "A year later?", Field.SIGNED_ON: ""}
    decide("noor", registration, ASK, words="See there.", comments=comments)
    verdict = registration.verdicts.get()
    assert (verdict.comments, verdict.words, verdict.by) == ({"ends_on": "A year later?"}, "See there.", user("noor"))
    assert (verdict.from_state, verdict.to_state, verdict.was_late) == (S.REVIEW_PENDING, S.ACTION_REQUIRED, False)
    event = last_event(registration, EventKind.ACTION_REQUIRED)
    assert event.details.get(key="comments").value == verdict.comments
    submit(registration.deal)
    failed = decide("noor", registration, FAIL, reasons=["registered_already", "other_reason"], words="Sold twice.")
    assert (failed.state, failed.decided_at is not None, failed.closed_at) == (S.REVIEW_FAILED, True, None)
    assert last_event(registration).data["reasons"] == ["registered_already", "other_reason"]


def test_a_page_that_is_old_decides_nothing_and_says_who_was_there() -> None:
    registration = over_million()
    version = again(registration).version
    decide("noor", registration)
    told = told_why(decide, "beatriz", registration, version=version)
    assert "Noor Haddad" in told
    decide("beatriz", registration)
    assert "Beatriz Lima" in told_why(decide, "erik", registration), "colleagues are told the name"
    with pytest.raises(Refused) as caught:
        submit(registration.deal)
    assert "Microsoft" in caught.value.reasons[0].text
    assert "Beatriz" not in str(caught.value), "partners learn the host's name alone"


# ------------------------------------------------------------------------------------------------------- two persons


def test_above_a_million_two_agree_and_the_partner_learns_of_it_when_it_counts() -> None:
    registration = over_million()
    before = Event.objects.latest("pk").pk
    first = decide("noor", registration)
    assert (first.state, first.level, first.deal.registration_state) == (
        S.REVIEW_PENDING,
        Level.SECOND,
        S.REVIEW_PENDING,
    )
    seen = disclosure.timeline(who("ana"), first.deal).filter(pk__gt=before)
    assert list(seen) == []
    assert disclosure.timeline(who("erik"), first.deal).filter(pk__gt=before).exists()
    told = Delivery.objects.filter(event__pk__gt=before).exclude(user__memberships__organization__name="Microsoft")
    assert not told.exists()
    assert refused(decide, "noor", registration) == ["second_person"]
    assert refused(actions.take, who("noor"), registration.pk) == ["second_person"]
    assert refused(actions.assign, who("erik"), registration.pk, user("noor")) == ["cannot_review"]
    done = decide("beatriz", registration)
    assert (done.state, done.verdicts.filter(overturned_at=None).count()) == (S.REVIEW_PASSED, 2)
    assert kinds(registration, after=before) == ["first_decided", "passed"]


def test_where_two_differ_an_admin_decides_who_has_not_decided() -> None:
    make_reviewer("lee", role="vendor_admin")
    registration = over_million()
    decide("erik", registration)
    decide("noor", registration, FAIL)
    assert again(registration).level == Level.ADMIN
    assert refused(decide, "beatriz", registration) == ["disagreed"]
    assert refused(decide, "erik", registration) == ["second_person"], "an admin who was the first is none of them"
    rows = Registration.objects.reviewable_by(who("erik"))
    assert actions.take_next(who("beatriz"), rows) is None
    assert actions.take_next(who("erik"), rows) is None
    done = decide("lee", registration, FAIL)
    assert done.state == S.REVIEW_FAILED
    overturned = {verdict.by.full_name: bool(verdict.overturned_at) for verdict in done.verdicts.all()}
    assert overturned == {"Erik Holm": True, "Noor Haddad": False, "Lee Chan": False}


def test_a_question_needs_no_second_person_and_a_new_round_begins_with_the_first() -> None:
    registration = over_million()
    decide("noor", registration)
    assert decide("beatriz", registration, ASK).state == S.ACTION_REQUIRED
    sent = submit(registration.deal, contract_value=Decimal(1_500_000))
    assert (sent.level, acting.verdicts(sent)) == (Level.FIRST, [])
    assert decide("noor", registration).level == Level.SECOND, "who decided in the last round may in this one"


# -------------------------------------------------------------------------------------------------- the minute to undo


@pytest.fixture
def told() -> Iterator[Message]:
    """Whatever is decided, Ana is told."""
    message = Message(
        "registration_decided_test",
        EventKind.PASSED,
        lambda event, given: [Recipient.of_user(user("ana"))],
        lambda event, recipient: {},
        "told/decided",
    )
    catalogue.register(message)
    yield message
    catalogue.unregister(message)


def test_a_decision_is_taken_back_within_the_minute(told: Message) -> None:
    registration = in_review()
    actions.take(who("noor"), registration.pk)
    actions.assign(who("erik"), registration.pk, user("noor"))
    before = again(registration)
    done = decide("noor", registration)
    passed = last_event(done)
    mail = Delivery.objects.filter(event=passed, channel=Channel.MAIL, user=user("ana")).get()
    assert (mail.state, mail.not_before) == (DeliveryState.QUEUED, passed.at + MINUTE)
    assert refused(actions.undo_decision, who("beatriz"), registration.pk) == ["not_yours_to_undo"]
    with clock.moved_by(58 * SECOND):
        undone = actions.undo_decision(who("noor"), registration.pk)
    mail.refresh_from_db()
    assert mail.state == DeliveryState.CANCELLED
    after = again(registration)
    same = ("state", "due_at", "waits_since", "time_left", "level", "round", "assigned_to_id", "decided_at", "number")
    assert {name: getattr(after, name) for name in same} == {name: getattr(before, name) for name in same}
    assert after.claimed_by == user("noor"), "it is in the same hand again"
    assert after.deal.registration_state == S.REVIEW_PENDING
    assert last_event(undone).data["undoes"] == passed.seq
    assert undone.verdicts.get().undone_at is not None
    assert refused(actions.undo_decision, who("noor"), registration.pk) == ["acted_since"], "once"
    assert decide("noor", registration, FAIL).state == S.REVIEW_FAILED


@pytest.mark.parametrize("outcome", [ASK, FAIL])
def test_the_clock_is_as_before(outcome: Outcome) -> None:
    with clock.moved_by(-DAY):
        registration = in_review(deal={"won": 4 * DAY})
    before = again(registration)
    decide("noor", registration, outcome)
    assert again(registration).due_at is None
    actions.undo_decision(who("noor"), registration.pk)
    assert (again(registration).due_at, again(registration).waits_since) == (before.due_at, before.waits_since)


def test_of_a_marketplace_the_first_step_is_taken_back() -> None:
    registration = in_review(is_marketplace=True, marketplace_on=(clock.now() + DAY).date())
    before = again(registration)
    decide("noor", registration)
    after = again(registration)
    assert (after.state, after.round) == (S.MARKETPLACE_PENDING, before.round + 1)
    actions.undo_decision(who("noor"), registration.pk)
    after = again(registration)
    assert (after.state, after.round, after.due_at) == (S.REVIEW_PENDING, before.round, before.due_at)


def test_a_first_decision_and_a_disagreement_are_taken_back() -> None:
    registration = over_million()
    decide("noor", registration)
    actions.undo_decision(who("noor"), registration.pk)
    assert again(registration).level == Level.FIRST
    assert disclosure.timeline(who("ana"), again(registration).deal).filter(kind=EventKind.UNDONE).count() == 0
    decide("noor", registration)
    decide("beatriz", registration, FAIL)
    assert refused(actions.undo_decision, who("noor"), registration.pk) == ["not_yours_to_undo"], "acted since"
    actions.undo_decision(who("beatriz"), registration.pk)
    assert again(registration).level == Level.SECOND
    assert decide("beatriz", registration).state == S.REVIEW_PASSED


def test_too_late_is_too_late() -> None:
    registration = in_review()
    decide("noor", registration)
    with clock.moved_by(60 * SECOND):
        assert refused(actions.undo_decision, who("noor"), registration.pk) == ["undo_over"]
        actions.close_registration(registration.pk)
        assert refused(actions.undo_decision, who("noor"), registration.pk) == ["closed"]
    asked = in_review(deal={"of": OTHERS[0]})
    decide("noor", asked, ASK)
    submit(asked.deal)
    assert refused(actions.undo_decision, who("noor"), asked.pk) == ["acted_since"]
    gone = in_review(deal={"of": OTHERS[1]})
    decide("noor", gone)
    # a mail that has left cannot be called back
    event = last_event(gone)
    given = {
        "message": "x",
        "recipient_key": "x",
        "user": user("ana"),
        "address": "a@b.example",
        "language": "en",
        "time_zone": "UTC",
        "created_at": event.at,
    }
    times = {"not_before": event.at, "next_try_at": event.at}
    Delivery.objects.create(event=event, channel=Channel.MAIL, state=DeliveryState.SENT, **given, **times)
    assert refused(actions.undo_decision, who("noor"), gone.pk) == ["undo_over"]
    assert again(gone).state == S.REVIEW_PASSED


# ---------------------------------------------------------------------------------------------- who has it in hand


def test_one_has_it_in_hand_for_half_an_hour() -> None:
    registration = in_review()
    version = again(registration).version
    actions.take(who("noor"), registration.pk)
    assert "Noor Haddad" in told_why(actions.take, who("beatriz"), registration.pk)
    assert refused(decide, "beatriz", registration) == ["claimed"]
    assert refused(actions.release, who("beatriz"), registration.pk) == ["claimed"]
    assert not actions.keep(who("beatriz"), registration.pk)
    with clock.moved_by(20 * MINUTE):
        assert actions.keep(who("noor"), registration.pk)
    with clock.moved_by(49 * MINUTE):
        assert refused(actions.take, who("beatriz"), registration.pk) == ["claimed"]
    with clock.moved_by(51 * MINUTE):
        assert not actions.keep(who("noor"), registration.pk), "it had been given up"
        actions.take(who("beatriz"), registration.pk)
        assert refused(decide, "noor", registration) == ["claimed"], "an expired claim protects nobody"
        actions.release(who("erik"), registration.pk)
        assert again(registration).claimed_by is None, "an admin gives it back for others"
    assert again(registration).version == version, "nobody's page gets old by it"
    assert kinds(registration) == ["submitted", "review_started"], "and it is no history"
    decide("noor", registration)
    assert refused(actions.take, who("noor"), registration.pk) == ["wrong_state"]


def test_next_is_the_most_urgent_that_is_free() -> None:
    made = []
    for number, of in enumerate(OTHERS):
        with clock.moved_by((number - 4) * timedelta(hours=5)):
            made.append(in_review(deal={"of": of}))
    late, second, third, fourth = (each.pk for each in made)
    rows = Registration.objects.reviewable_by(who("noor"))
    actions.assign(who("erik"), second, user("beatriz"))

    def following(name: str) -> int | None:
        found = actions.take_next(who(name), rows)
        return found.pk if found else None

    assert following("noor") == late
    assert following("noor") == late, "it is in hand still"
    assert following("erik") == third, "one is in hand, one is Beatriz's"
    assert following("beatriz") == second
    decide("noor", made[0])
    assert following("noor") == fourth
    decide("noor", made[3])
    assert following("noor") is None
    assert refused(actions.assign, who("erik"), late, user("beatriz")) == ["wrong_state"]
    assert refused(actions.assign, who("erik"), second, user("ana")) == ["cannot_review"]
    assert Event.objects.filter(kind=EventKind.ASSIGNED).count() == 1


# --------------------------------------------------------------------------------------------------------- all at once


def test_alike_ones_pass_at_once_each_with_its_own_result() -> None:
    alike = [in_review(deal={"of": of}) for of in OTHERS[:2]]
    held, other = in_review(deal={"of": OTHERS[2]}), registered(deal={"of": OTHERS[3]})
    big = over_million(pricing=Pricing.PAYG)
    actions.take(who("beatriz"), held.pk)
    rows = [alike[0], held, other, big, alike[1]]
    results = actions.pass_alike(who("noor"), [each.pk for each in rows], Check.values)
    assert [(each.pk, [reason.code for reason in reasons]) for each, reasons in results] == [
        (alike[0].pk, []),
        (held.pk, ["claimed"]),
        (other.pk, ["wrong_state"]),
        (big.pk, ["not_alike"]),
        (alike[1].pk, []),
    ]
    assert [again(each).state for each in rows] == [
        S.REVIEW_PASSED, S.REVIEW_PENDING, S.APPROVED, S.REVIEW_PENDING, S.REVIEW_PASSED,
    ]  # fmt: skip
    missing = actions.pass_alike(who("beatriz"), [held.pk], [])
    assert [reason.code for reason in missing[0][1]] == ["checklist"]


# ------------------------------------------------------------------------------------- changes while it is reviewed


def propose(registration: Registration, **fields: Any) -> Any:
    kept = claim_of(registration.submissions.latest("number").facts)
    claim = type(kept)(**{**kept.__dict__, **fields})
    return actions.propose_change(who("ana"), registration.pk, claim, {"contract_value": ["as typed"]})


def test_changes_are_taken_over_in_a_new_round() -> None:
    registration = over_million()
    decide("noor", registration)
    assert refused(propose, registration) == ["no_change"]
    assert refused(propose, registration, contract_value=Decimal(1)) != []
    propose(registration, contract_value=Decimal(1_600_000))
    change = propose(registration, contract_value=Decimal(1_700_000), pricing=Pricing.PAYG)
    assert [each.state for each in registration.changes.order_by("pk")] == ["withdrawn", "waiting"]
    before = again(registration)
    applied = actions.apply_change(who("beatriz"), registration.pk)
    assert (applied.contract_value, applied.pricing, applied.number) == (Decimal(1_700_000), Pricing.PAYG, 2)
    assert (applied.round, applied.level, applied.due_at) == (before.round + 1, Level.FIRST, before.due_at)
    assert applied.review_reasons == [ReviewReason.OVER_MILLION, ReviewReason.PAYG]
    assert applied.receipts.filter(kind=ReceiptKind.SUBMISSION).count() == 2
    assert applied.submissions.get(number=2).by == user("ana"), "what the partner said, not the reviewer"
    change.refresh_from_db()
    assert change.state == "applied"
    assert refused(actions.apply_change, who("beatriz"), registration.pk) == ["no_change"]
    assert refused(actions.withdraw_change, who("ana"), registration.pk) == ["no_change"]


def test_changes_wait_for_the_merge_and_lapse_with_the_decision() -> None:
    registration = in_review()
    change = propose(registration, contract_value=Decimal(80_000))
    decide("noor", registration, ASK)
    assert again(registration).typed == {"contract_value": ["as typed"]}, "offered in the form"
    submit(registration.deal)
    change.refresh_from_db()
    assert change.state == "merged"
    last = propose(registration, contract_value=Decimal(90_000))
    decide("noor", registration)
    with clock.moved_by(61 * SECOND):
        assert actions.close_registration(registration.pk)
    last.refresh_from_db()
    assert last.state == "lapsed"


# --------------------------------------------------------------------------------------------------- picked afterwards


def test_an_approved_one_is_picked_until_it_is_closed() -> None:
    registration = registered()
    assert refused(actions.pick, who("ana"), registration.pk) == ["not_reviewer"]
    picked = actions.pick(who("noor"), registration.pk, "Random check.")
    assert (picked.state, picked.review_reasons, picked.decided_at) == (S.REVIEW_PENDING, ["picked"], None)
    assert picked.due_at == calendar.after(picked.waits_since, 5 * DAY, picked.program)
    assert decide("noor", registration).state == S.REVIEW_PASSED
    closed = registered(deal={"of": OTHERS[0]})
    with clock.moved_by(30 * DAY):
        assert actions.close_registration(closed.pk)
        assert refused(actions.pick, who("noor"), closed.pk) == ["closed"]
