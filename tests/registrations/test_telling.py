"""Who is told what about a registration, in which words; partners never learn who decided (product.md §8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cosell.events import letters
from cosell.events.enums import Channel
from cosell.events.models import Delivery, Event
from cosell.web.dates import said
from deals.models import Deal
from registrations import actions
from registrations.claim import claim_of
from registrations.enums import FailReason, Field, Outcome
from registrations.models import Registration
from tests.cast import user, who
from tests.registrations.world import (
    again,
    decide,
    in_review,
    make_reviewer,
    nothing_drawn,
    over_million,
    submit,
    won_deal,
)

ANA, RUI, JULIA = "ana.souza@contoso.example", "rui.prado@contoso.example", "julia.campos@contoso.example"
NOOR, ERIK, LEE = "noor.haddad@microsoft.example", "erik.holm@microsoft.example", "lee.chan@microsoft.example"
OUTSIDE = "freelancer@elsewhere.example"
TEAM = {ANA, RUI, OUTSIDE}


@pytest.fixture(autouse=True)
def world(cast: None) -> None:
    """Lee, a seller, reviews as well."""
    nothing_drawn()
    make_reviewer("lee")


def with_team(deal: Deal) -> Deal:
    """Ana, Rui, and Freda who has no sign-in."""
    deal.team.create(user=user("rui"), name="Rui Prado", phone="1", email=RUI)
    deal.team.create(name="Freda Lance", phone="1", email=OUTSIDE)
    return deal


def told_by(act: Callable[[], Any]) -> dict[str, dict[str, set[str]]]:
    """{message: {channel: addresses}} of the events that `act` leads to."""
    before = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    act()
    told: dict[str, dict[str, set[str]]] = {}
    for delivery in Delivery.objects.filter(event_id__gt=before).select_related("user"):
        address = delivery.user.email if delivery.user else delivery.address
        told.setdefault(delivery.message, {}).setdefault(delivery.channel, set()).add(address)
    return told


def both(*addresses: str) -> dict[str, set[str]]:
    return {"mail": set(addresses), "bell": set(addresses) - {OUTSIDE}}


def bell(*addresses: str) -> dict[str, set[str]]:
    return {"bell": set(addresses)}


def test_the_way_through_a_review() -> None:
    deal = with_team(won_deal(accepted=False))
    assert told_by(lambda: submit(deal, pricing="payg")) == {"registration_in_review": both(*TEAM)}
    registration = Registration.objects.get(deal=deal)
    ask = told_by(lambda: decide("noor", registration, Outcome.ASK))
    assert ask == {"registration_action_required": both(*TEAM)}
    assert told_by(lambda: submit(deal, pricing="payg")) == {"registration_in_review": both(*TEAM)}
    failed = told_by(lambda: decide("noor", registration, Outcome.FAIL))
    assert failed == {"registration_failed": both(*TEAM)}
    assert told_by(lambda: actions.undo_decision(who("noor"), registration.pk)) == {}
    waiting = Delivery.objects.filter(message="registration_failed").exclude(state="cancelled")
    assert not waiting.exists(), "what was taken back is told to nobody"
    assert told_by(lambda: decide("noor", registration)) == {"registration_passed": both(*TEAM)}


def test_a_side_without_a_team_is_still_told() -> None:
    """Its location's referrals admins are; so are they when everybody on the team is gone."""
    deal = won_deal(accepted=False, at="100201")
    assert told_by(lambda: submit(deal))["registration_approved"]["mail"] == {ANA}
    user("ana").memberships.update(is_active=False)
    type(user("ana")).objects.filter(email=ANA).update(is_active=False)
    registration = Registration.objects.get(deal=deal)
    assert told_by(lambda: actions.pick(who("noor"), registration.pk)) == {"registration_picked": both(JULIA)}


def test_who_is_on_a_team_of_the_deal_is_not_asked_to_decide() -> None:
    """Lee reviews, and sells on this one."""
    registration = over_million(accepted=True)
    assert told_by(lambda: decide("noor", registration)) == {"second_decision_wanted": bell(ERIK)}


# ---------------------------------------------------------------------------------------------------- the words


def _dearer(claim: Any, by: int) -> Any:
    return type(claim)(**{**claim.__dict__, "contract_value": claim.contract_value + by})


def text_of(message: str) -> str:
    """The last such mail to Ana, or to whom it went."""
    found = Delivery.objects.filter(message=message, channel=Channel.MAIL).select_related("user", "event")
    delivery = found.filter(user__email=ANA).last() or found.latest("pk")
    if delivery.user:
        delivery.user.language = "en"
    return str(letters.mail(delivery).body)


def test_what_the_words_say() -> None:
    """Why, by when, each comment at its field, each reason, and what comes next."""
    deal = with_team(won_deal(accepted=False))
    registration = submit(deal, pricing="payg")
    review = text_of("registration_in_review")
    assert "Why: Pay-as-you-go" in review
    assert "Due by: " in review
    claim = claim_of(registration.submissions.get(number=1).facts)
    actions.propose_change(who("ana"), registration.pk, _dearer(claim, 1), {})
    decide("noor", registration, Outcome.ASK, words="Two things.", comments={Field.ENDS_ON: "A year later?"})
    asked = text_of("registration_action_required")
    assert "Microsoft asks you to change your registration" in asked
    assert "Contract end date: A year later?" in asked
    assert "Two things." in asked
    assert "is in the form already" in asked
    assert "Status: Action required" in asked
    submit(deal, pricing="payg")
    actions.propose_change(who("ana"), registration.pk, _dearer(claim, 2), {})
    decide("noor", registration, Outcome.FAIL, reasons=[FailReason.REGISTERED_ALREADY, FailReason.VALUE_DISAGREES])
    failed = text_of("registration_failed")
    assert "Why: It has been registered already; The value differs from the contract" in failed
    assert "were not taken over" in failed
    until = again(registration).submissions.get(number=1).at + timedelta(days=60)
    assert said(until)[:5].strip() in failed
    assert "You may ask for an exception, once, until:" in failed
    exception = actions.request_exception(who("ana"), deal.pk, "The dates.", [])
    unlocked = [Field.SIGNED_ON, Field.STARTS_ON]
    actions.decide_exception(who("noor"), exception.pk, approve=True, answer="Granted.", unlocked=unlocked)
    granted = text_of("exception_approved")
    assert "You can change the registration and send it again." in granted
    assert "May be changed: Contract signed date, Contract start date" in granted
    assert "Granted." in granted


def test_a_bell_with_many_lines_asks_no_more_than_with_one() -> None:
    for _each in range(3):
        in_review()
    bells = Delivery.objects.filter(message="registration_in_review", channel=Channel.BELL)
    rows = list(bells.select_related("user", "event").prefetch_related("event__details"))
    with_one = _queries(rows[:1])
    assert len(rows) == 3
    assert _queries(rows) == with_one


def _queries(rows: list[Delivery]) -> int:
    someone = rows[0].user
    for row in rows:
        row.event = Event.objects.prefetch_related("details").get(pk=row.event_id)
        row.user = someone
    with CaptureQueriesContext(connection) as queries:
        assert all(item.line.startswith("Registration") for item in letters.bell_items(rows))
    return len(queries)
