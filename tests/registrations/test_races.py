"""Several people, one registration, the same moment, each on a connection of their own: one wins (docs/locking.md)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cosell import clock
from cosell.events import dispatch
from deals.enums import RegistrationState
from registrations import actions
from registrations.enums import Check, Outcome, Pricing
from registrations.models import Registration
from tests.cast import who
from tests.deals.test_races import DONE, assert_history_is_whole, at_once, refusals
from tests.registrations.world import (
    MINUTE,
    a_claim,
    again,
    codes,
    decide,
    in_review,
    kinds,
    make_reviewer,
    nothing_drawn,
    over_million,
    won_deal,
)

pytestmark = pytest.mark.django_db(transaction=True)
S = RegistrationState
NAMES = ("noor", "beatriz", "erik")
FULL = {"noor": "Noor Haddad", "beatriz": "Beatriz Lima", "erik": "Erik Holm"}
OF = ("A. Datum Corporation", "City Power & Light", "Humongous Insurance", "Blue Yonder Airlines")


@pytest.fixture(autouse=True)
def reviewers(cast: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(dispatch, "_broken_until", float("inf"))
    nothing_drawn()
    make_reviewer("beatriz")
    yield
    assert_history_is_whole()


def test_three_decide_at_once_and_the_others_are_told_who_was_first() -> None:
    registration = in_review()
    version, people = again(registration).version, {name: who(name) for name in NAMES}
    outcomes = dict(zip(NAMES, (Outcome.PASS, Outcome.FAIL, Outcome.ASK), strict=True))
    results = at_once(
        *[
            lambda name=name: actions.decide(
                people[name],
                registration.pk,
                outcomes[name],
                version=version,
                reasons=["registered_already"],
                words="See there.",
                checked=Check.values,
            )
            for name in NAMES
        ]
    )
    assert results.count(DONE) == 1
    winner = NAMES[results.index(DONE)]
    for refused in refusals(results):
        assert FULL[winner] in refused.reasons[0].text
    verdict = registration.verdicts.get()
    assert (verdict.by, verdict.to_state) == (people[winner].user, again(registration).state)


def test_above_a_million_two_first_decisions_at_once_are_one() -> None:
    registration = over_million()
    version, people = again(registration).version, [who(name) for name in NAMES]
    results = at_once(
        *[
            lambda one=one: actions.decide(
                one, registration.pk, Outcome.PASS, version=version, checked=Check.values
            )
            for one in people
        ]
    )  # fmt: skip
    assert results.count(DONE) == 1
    assert {code for refused in refusals(results) for code in codes(refused)} == {"stale"}
    assert (again(registration).state, registration.verdicts.count()) == (S.REVIEW_PENDING, 1)


def test_eight_who_ask_for_the_next_get_eight() -> None:
    made = [in_review(deal={"of": of, "name": f"Deal {number}"}) for number in range(2) for of in OF]
    waiting = {each.pk for each in made}
    people = [who(NAMES[number % 3]) for number in range(8)]
    got: list[int] = []

    def following(number: int) -> None:
        one = people[number]
        rows = Registration.objects.reviewable_by(one).exclude(claimed_by=one.user)  # each as if at a desk of its own
        found = actions.take_next(one, rows)
        assert found is not None
        got.append(found.pk)

    assert at_once(*[lambda number=number: following(number) for number in range(8)]) == [DONE] * 8
    assert sorted(got) == sorted(waiting)


def test_sent_twice_at_once_it_is_one_submission() -> None:
    deal = won_deal(accepted=False, team=["rui"])
    claim, people = a_claim(deal, pricing=Pricing.PAYG), [who("ana"), who("rui")] * 2
    results = at_once(*[lambda one=one: actions.submit(one, deal.pk, 1, claim) for one in people])
    assert results.count(DONE) == 1
    registration = Registration.objects.get(deal=deal)
    assert (registration.number, registration.submissions.count(), registration.receipts.count()) == (1, 1, 1)
    assert kinds(registration) == ["submitted", "review_started"]
    assert all(codes(refused)[0] in ("wrong_state", "stale") for refused in refusals(results))


def test_the_undo_the_partner_and_the_clock_at_once() -> None:
    registration = in_review()
    decide("noor", registration, Outcome.ASK)
    asked = again(registration)
    noor, ana, claim = who("noor"), who("ana"), a_claim(asked.deal)
    results = at_once(
        lambda: actions.undo_decision(noor, registration.pk),
        lambda: actions.submit(ana, asked.deal_id, asked.version, claim),
    )
    assert results.count(DONE) == 1
    assert again(registration).state == S.REVIEW_PENDING
    decide("noor", registration)
    with clock.moved_by(MINUTE):
        closing = [lambda: actions.close_registration(registration.pk)] * 4
        results = at_once(*closing, lambda: actions.undo_decision(noor, registration.pk))
    assert results[:4] == [DONE] * 4
    assert kinds(registration).count("closed") == 1
    assert registration.receipts.filter(kind="decision").count() == 1


def test_a_claim_and_a_decision_at_once_wait_for_each_other() -> None:
    """Locks in one order: nobody waits for ever."""
    registration = in_review()
    version, people = again(registration).version, [who(name) for name in NAMES]
    acts = [lambda one=one: actions.take(one, registration.pk) for one in people for _ in range(2)]
    acts += [lambda: actions.take_next(people[0], Registration.objects.reviewable_by(people[0]))]
    passing = {"version": version, "checked": Check.values}
    acts += [lambda one=one: actions.decide(one, registration.pk, Outcome.PASS, **passing) for one in people]
    results = at_once(*acts)
    assert DONE in results
    assert registration.verdicts.count() <= 1
