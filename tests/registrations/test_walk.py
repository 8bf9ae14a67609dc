"""The way of a registration walked at random: whatever people and the clock do, these things hold."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from cosell import clock
from cosell.events import dispatch
from cosell.events.chain import Counts, problems
from cosell.events.enums import Channel, Visibility
from cosell.events.models import Delivery, Event
from cosell.web.reasons import Refused
from deals import disclosure
from deals.actions import accept_deal, win_deal
from deals.enums import REGISTRATION_SUBMITTED, RegistrationState
from deals.models import Deal
from registrations import actions, tasks, workflow
from registrations.claim import claim_of
from registrations.enums import (
    Action,
    Check,
    EventKind,
    FailReason,
    Field,
    Level,
    Outcome,
    Pricing,
    ProgramCode,
)
from registrations.models import ExceptionRequest, Program, Registration, Verdict
from tests.cast import fresh, side_of, who
from tests.registrations.world import DAY, a_claim, make_reviewer, won_deal

STEPS = 150
S = RegistrationState
PARTNERS = {"Contoso Data": "ana", "Northlake Services": "priya"}
REVIEWERS = ("noor", "beatriz", "erik")
WAITS = (timedelta(seconds=5), timedelta(seconds=61), timedelta(minutes=31), timedelta(days=1), timedelta(days=8))
# (from, to) that the table allows; None: nothing yet
ALLOWED = {
    (source, target)
    for transition in workflow.TRANSITIONS.values()
    for source, targets in transition.ways.items()
    for target in targets
}
# What makes sense where; the rest may come at any time.
FITS = {
    "save": workflow.sources(Action.SAVE),
    "submit": (*workflow.sources(Action.SUBMIT), *workflow.sources(Action.RESUBMIT)),
    "waive": workflow.sources(Action.WAIVE),
    **dict.fromkeys(("propose", "withdraw"), workflow.sources(Action.CHANGE)),
    **dict.fromkeys(("take", "next", "release", "assign", "pass"), workflow.sources(Action.PASS)),
    **{name: workflow.sources(Action(name)) for name in ("fail", "ask", "undo", "apply", "pick")},
}
NOT_OURS = ("lapsed", "possible", "")  # what the side says while there is nothing but a draft


class Walk:
    """Three sides of two engagements (two of them of one), two partners, three reviewers, and the clock."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  a walk, no secret
        shared = won_deal(accepted=False, invites=["Northlake Services"], created=12 * DAY)
        side = side_of(shared, "Northlake Services")
        given = {"name": side.name, "value": Decimal(60_000), "currency": "USD", "close_on": side.close_on}
        with clock.moved_by(-4 * DAY):
            accept_deal(who("priya"), side.pk, **given)
            win_deal(who("priya"), side.pk, early_confirmed=True)
        alone = won_deal(accepted=False, of="Adventure Works Cycles", value=1_400_000)
        self.deals = [shared.pk, side.pk, alone.pk]
        self.people = {name: who(name) for name in (*PARTNERS.values(), *REVIEWERS)}
        self.states: dict[int, str] = {}
        self.ended: dict[int, Any] = {}
        self.seen = Event.objects.latest("pk").pk
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    # ------------------------------------------------------------------------------------------------ what is done

    def step(self) -> None:
        deal = Deal.objects.select_related("engagement", "organization").get(pk=self.random.choice(self.deals))
        registration = Registration.objects.filter(deal=deal).first()
        acts = self.partner(deal, registration)
        if registration is not None:
            acts |= self.reviewer(registration)
        state = registration.state if registration else S.PENDING
        if registration and registration.closed_at:
            state = ""  # only an exception leads on
        names = sorted(acts)
        if self.random.random() < 0.8:  # else whatever comes to mind
            names = [name for name in names if state in FITS.get(name, ())]
        name = self.random.choice(names or sorted({"tick", "except", "answer"} & set(acts)))
        try:
            acts[name]()
        except Refused:
            self.refused[name] += 1
        else:
            self.done[name] += 1

    def partner(self, deal: Deal, registration: Registration | None) -> dict[str, Callable[[], Any]]:
        own = self.people[PARTNERS[deal.organization.name]]
        version = registration.version if registration else 1
        code = ProgramCode.AZURE_IP

        def claim() -> Any:
            value = self.random.choice((Decimal(900_000), Decimal(1_200_000)))
            pricing = self.random.choice(list(Pricing))
            return a_claim(deal, contract_value=value, pricing=pricing, contest=self.random.random() < 0.5)

        acts = {
            "save": lambda: actions.save_form(own, deal.pk, version, code, {"currency": ["USD"]}),
            "submit": lambda: actions.submit(own, deal.pk, version, claim()),
            "except": lambda: actions.request_exception(own, deal.pk, "Please.", [Field.SIGNED_ON]),
        }
        if self.random.random() < 0.1:
            acts["waive"] = lambda: actions.waive(own, deal.pk, code)
        if registration is not None and registration.number:
            kept = claim_of(registration.submissions.latest("number").facts)
            more = replace(kept, contract_value=kept.contract_value + self.random.randint(0, 5))
            acts["propose"] = lambda: actions.propose_change(own, registration.pk, more, {})
            acts["withdraw"] = lambda: actions.withdraw_change(own, registration.pk)
        return acts

    def reviewer(self, registration: Registration) -> dict[str, Callable[[], Any]]:
        pk, one = registration.pk, self.people[self.random.choice(REVIEWERS)]
        rows = Registration.objects.reviewable_by(one)
        verdict = Verdict.objects.filter(registration=pk).select_related("by").first()
        last = verdict.by.email.partition(".")[0] if verdict else "noor"

        def decide(outcome: Outcome) -> Callable[[], Any]:
            given = {"reasons": [FailReason.REGISTERED_ALREADY], "words": "See there.", "checked": Check.values}
            return lambda: actions.decide(one, pk, outcome, version=registration.version, **given)

        def answer() -> None:
            exception = ExceptionRequest.objects.filter(deal=registration.deal_id).first()
            if exception:
                approve = self.random.random() < 0.7
                actions.decide_exception(one, exception.pk, approve=approve, answer="So be it.", unlocked=list(Field))

        return {
            "take": lambda: actions.take(one, pk),
            "next": lambda: actions.take_next(one, rows),
            "release": lambda: actions.release(one, pk),
            "assign": lambda: actions.assign(one, pk, self.people[self.random.choice(REVIEWERS)].user),
            "pass": decide(Outcome.PASS),
            "fail": decide(Outcome.FAIL),
            "ask": decide(Outcome.ASK),
            "undo": lambda: actions.undo_decision(self.people[last], pk),
            "apply": lambda: actions.apply_change(one, pk),
            "pick": lambda: actions.pick(one, pk),
            "answer": answer,
            "tick": self.tick,
        }

    @staticmethod
    def tick() -> None:
        tasks.close_decided()
        tasks.remind_and_escalate()

    # -------------------------------------------------------------------------------------------------- what holds

    def check(self) -> None:
        fresh_events = list(Event.objects.filter(pk__gt=self.seen).order_by("pk"))
        self.seen = fresh_events[-1].pk if fresh_events else self.seen
        for registration in Registration.objects.select_related("deal__engagement"):
            self.check_states(registration)
            self.check_end(registration, fresh_events)
            if any(event.deal_id == registration.deal_id for event in fresh_events):
                self.check_verdicts(registration)
        self.check_claims()
        self.check_events(fresh_events)

    def check_states(self, registration: Registration) -> None:
        """Only by the table, and the side says the same."""
        before = self.states.get(registration.pk, S.PENDING)
        if registration.state != before:
            assert (before, registration.state) in ALLOWED, f"{before} to {registration.state}"
        self.states[registration.pk] = registration.state
        side = registration.deal
        if registration.state != S.PENDING:
            assert (side.registration_state, side.registration_closed_at) == (
                registration.state,
                registration.closed_at,
            )
        else:
            assert side.registration_state in (S.PENDING, *NOT_OURS)
        waits = registration.state in workflow.IN_REVIEW
        assert (registration.due_at is not None) == waits, "a clock runs exactly while a reviewer has to act"
        assert waits or registration.claimed_by_id is None, "nobody has in hand what does not wait"

    def check_end(self, registration: Registration, events: list[Event]) -> None:
        """What is closed stays as it is, but by an exception."""
        now = (registration.state, registration.closed_at, registration.number, registration.contract_value)
        before = self.ended.get(registration.pk)
        if before is not None and before != now:
            mine = [event.kind for event in events if event.deal_id == registration.deal_id]
            assert EventKind.EXCEPTION_APPROVED in mine, f"{before} became {now}"
        self.ended[registration.pk] = now if registration.closed_at else None

    def check_verdicts(self, registration: Registration) -> None:
        verdicts = list(Verdict.objects.filter(registration=registration, undone_at=None))
        for number, count in Counter(verdict.round for verdict in verdicts).items():
            people = {verdict.by_id for verdict in verdicts if verdict.round == number}
            assert len(people) == count <= Level.ADMIN, "each person once in a round, at most three"
            effective = [each for each in verdicts if each.round == number and each.to_state != each.from_state]
            assert len(effective) <= 1
        assert registration.submissions.count() == registration.number
        assert sum(receipt.kind == "submission" for receipt in registration.receipts.all()) == registration.number

    @staticmethod
    def check_claims() -> None:
        claims = Registration.objects.filter(state__in=REGISTRATION_SUBMITTED, contests=False)
        assert max(Counter(claims.values_list("engagement", flat=True)).values(), default=0) <= 1

    def check_events(self, events: list[Event]) -> None:
        """No partner reads who of the host did it."""
        names = [self.people[name].user.full_name for name in REVIEWERS]
        for event in events:
            if event.visibility == Visibility.ORGANIZATION or not event.deal_id:
                continue
            deal = fresh(Deal.objects.get(pk=event.deal_id))
            own = self.people[PARTNERS[deal.organization.name]]
            for entry in disclosure.entries(own, deal, [event]):
                said = f"{entry.by} {entry.note} {entry.changes} {event.data}"
                assert not any(name in said for name in names), said


@pytest.mark.parametrize("seed", [5])
def test_whatever_is_done_these_things_hold(seed: int, cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_broken_until", float("inf"))
    make_reviewer("beatriz")
    Program.objects.update(draw_percent=30, pick_days=40)
    walk = Walk(seed)
    with ExitStack() as moves:
        for _number in range(STEPS):
            if walk.random.random() < 0.12:
                moves.enter_context(clock.moved_by(walk.random.choice(WAITS)))
            walk.step()
            walk.check()
        walk.tick()
        walk.check()
    assert [str(problem) for problem in problems(Counts())] == []
    once = Delivery.objects.values_list("event", "channel", "recipient_key")
    assert len(once) == len(set(once))
    assert not Delivery.objects.filter(channel=Channel.MAIL, address="").exists()
    never = {"submit", "pass", "ask", "fail", "propose", "undo", "tick", "answer"} - set(walk.done)
    assert not never, f"the walk went past {never}: {walk.done}, {walk.refused}"
