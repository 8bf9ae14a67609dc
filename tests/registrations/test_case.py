"""The page of a registration for its reviewer: what it shows, what it does, what stays when it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from cosell import clock
from cosell.events import dispatch
from cosell.local.cast.registrations import a_claim, order_form
from deals.enums import RegistrationState
from registrations import actions
from registrations.claim import claim_of
from registrations.enums import Check, Field, Outcome, Pricing
from registrations.models import Registration
from tests.cast import client_for, fresh, user, who
from tests.registrations.world import (
    DAY,
    MINUTE,
    again,
    decide,
    in_review,
    make_reviewer,
    nothing_drawn,
    over_million,
    registered,
    submit,
    won_deal,
)

S = RegistrationState
ALL = list(Check.values)
LIST = 3  # queries of the list beside the page


@pytest.fixture(autouse=True)
def reviewers(cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noor and Beatriz review, Erik is the vendor admin; mails are sent by hand."""
    monkeypatch.setattr(dispatch, "_broken_until", float("inf"))
    nothing_drawn()
    make_reviewer("beatriz")
    User.objects.update(language="en")


def page_of(registration: Registration) -> str:
    return reverse("registrations:case", args=[registration.uid])


def act(client: Client, registration: Registration, act: str, query: str = "", **data: Any) -> Any:
    url = reverse("registrations:case_act", args=[registration.uid, act]) + query
    return client.post(url, {"version": again(registration).version, **data})


def said(response: Any) -> str:
    return " ".join(response.content.decode().split())


def sent_again(registration: Registration, **changed: Any) -> Registration:
    """Asked, changed and sent again."""
    decide("noor", registration, Outcome.ASK)
    claim = replace(claim_of(registration.submissions.get(number=1).facts), **changed)
    return actions.submit(who("ana"), registration.deal_id, again(registration).version, claim)


# ------------------------------------------------------------------------------------------------------ what it shows


def test_it_shows_what_is_decided_about_and_asks_the_database_little() -> None:
    deal = won_deal()
    claim = a_claim(deal, pricing=Pricing.PAYG)
    actions.add_file(who("ana"), deal.pk, claim.program, order_form(deal, claim))
    registration = submit(deal, pricing=Pricing.PAYG)
    in_review(deal={"name": "The same again"})
    noor = client_for("noor")
    noor.get(page_of(registration))
    with CaptureQueriesContext(connection) as few:
        page = noor.get(page_of(registration))
    text = said(page)
    for words in (
        "Datum lakehouse",
        "100,000 USD",
        "Pay-as-you-go",
        "1 day before it was registered, limit 60",
        "order-form-signed.pdf",
        "<iframe",
        "not scanned for malware",
        "The same again",
        "same customer",
        "of 100",
        "Ana Souza attests",
        "Company named in the contract",
        "in nobody&#x27;s hand",
        "Registration submitted",
        "Managed",
    ):
        assert words in text or words.replace("&#x27;", "'") in text, words
    for more in (1, 2):
        decide("noor", registration, Outcome.ASK)
        changed = replace(claim, contract_value=claim.contract_value + more)
        actions.submit(who("ana"), deal.pk, again(registration).version, changed)
    with CaptureQueriesContext(connection) as many:
        noor.get(page_of(registration))
    with CaptureQueriesContext(connection) as chrome:
        noor.get(reverse("accounts:profile"))
    print(f"\nqueries of the page of a registration: {len(few) - len(chrome)}, three of them for the list beside it")
    assert len(many) == len(few), "\n".join(each["sql"][:150] for each in many)
    assert len(few) - len(chrome) <= 15 + LIST, "\n".join(each["sql"][:150] for each in few)


def test_what_changed_since_the_last_review_is_marked_and_earlier_words_stay() -> None:
    registration = sent_again(in_review(), contract_value=Decimal("98000.00"))
    text = said(client_for("beatriz").get(page_of(registration)))
    assert '<del class="muted">100,000 USD</del> → <ins><b>98,000 USD</b></ins>' in text
    assert text.count(">changed<") == 1
    assert "Please send page 2." in text  # of the earlier decision, and in the history


def test_a_proposed_change_is_a_diff_that_can_be_taken_over() -> None:
    registration, noor = in_review(), client_for("noor")
    claim = replace(claim_of(registration.submissions.get().facts), contract_value=Decimal("104000.00"))
    actions.propose_change(who("ana"), registration.pk, claim, {})
    text = said(noor.get(page_of(registration)))
    assert "Proposed changes" in text
    assert "<ins><b>104,000 USD</b></ins>" in text
    assert act(noor, registration, "apply").status_code == 302
    registration = again(registration)
    assert (registration.contract_value, registration.number) == (Decimal("104000.00"), 2)
    assert '<del class="muted">100,000 USD</del> → <ins><b>104,000 USD</b></ins>' in said(
        noor.get(page_of(registration))
    )
    assert act(noor, registration, "apply").status_code == 409


def test_the_second_person_reads_who_decided_and_not_what() -> None:
    registration = over_million()
    decide("noor", registration, Outcome.FAIL, words="Hidden words.")
    text = said(client_for("beatriz").get(page_of(registration)))
    assert "Noor Haddad" in text
    assert "yours is the second decision" in text
    assert "Hidden words." not in text
    assert "The dates differ from the contract" not in text
    assert "Hidden words." in said(client_for("noor").get(page_of(registration)))
    act(client_for("beatriz"), registration, "pass", checked=ALL)
    assert "Hidden words." in said(
        client_for("erik").get(page_of(registration))
    )  # where they differ, the admin reads both
    assert "Hidden words." not in said(client_for("beatriz").get(page_of(registration)))
    act(client_for("erik"), registration, "pass", checked=ALL)
    assert again(registration).state == S.REVIEW_PASSED
    assert "Hidden words." in said(client_for("beatriz").get(page_of(registration)))  # all is decided


# ------------------------------------------------------------------------------------------------------- what is done


def test_looking_takes_nothing_in_hand_and_a_claim_is_kept_while_one_works() -> None:
    registration, noor = in_review(), client_for("noor")
    noor.get(page_of(registration))
    assert again(registration).claimed_by is None
    assert act(noor, registration, "keep").status_code == 409
    assert act(noor, registration, "take").status_code == 302
    assert "in your hand" in said(noor.get(page_of(registration)))
    with clock.moved_by(29 * MINUTE):
        assert act(noor, registration, "keep").status_code == 204
    with clock.moved_by(58 * MINUTE):
        assert act(noor, registration, "keep").status_code == 204
        assert "Noor Haddad has it in hand" in said(client_for("beatriz").get(page_of(registration)))
        refused = act(client_for("beatriz"), registration, "take")
        assert refused.status_code == 409
        assert "Noor Haddad has this registration in hand." in said(refused)
    with clock.moved_by(89 * MINUTE):
        assert act(noor, registration, "keep").status_code == 409
        assert "no longer in your hand" in said(noor.get(page_of(registration)))
        assert act(client_for("beatriz"), registration, "take").status_code == 302
    assert act(client_for("beatriz"), registration, "release").status_code == 302
    assert again(registration).claimed_by is None


def test_after_a_decision_comes_the_next_of_the_list_with_a_minute_to_undo() -> None:
    first, second = in_review(), in_review(deal={"name": "The other one"})
    other_program = "?f=tab%3Dwaiting%26program%3Dbizapps_premium"
    noor = client_for("noor")
    response = act(noor, first, "pass", "?f=tab%3Dwaiting", checked=ALL)
    assert response.url == f"{page_of(second)}?f=tab%3Dwaiting"
    assert again(second).claimed_by == user("noor")
    text = said(noor.get(response.url))
    assert "<b><bdi>Datum lakehouse</bdi></b>. Nobody has been told yet." in text
    assert f'action="{reverse("registrations:case_act", args=[first.uid, "undo"])}?f=tab%3Dwaiting"' in text
    undone = act(noor, first, "undo", "?f=tab%3Dwaiting")
    assert undone.url == f"{page_of(first)}?f=tab%3Dwaiting"
    assert again(first).state == S.REVIEW_PENDING
    assert "Nobody has been told yet" not in said(noor.get(undone.url))
    response = act(noor, first, "pass", other_program, checked=ALL)
    assert response.url.startswith(reverse("registrations:review", args=["waiting"]))  # none of that list is left
    with clock.moved_by(MINUTE + timedelta(seconds=1)):
        assert "Nobody has been told yet" not in said(noor.get(page_of(second)))
        late = act(noor, first, "undo")
        assert late.status_code == 409
        assert "The minute to undo is over" in said(late)


@pytest.mark.parametrize(
    ("checked", "version", "status", "words"),
    [
        (ALL[:-1], None, 422, "Not checked yet: Not a duplicate."),
        (ALL, 0, 409, "saved this registration in the meantime"),
    ],
)
def test_a_pass_that_is_refused_keeps_the_ticks(checked: list[str], version: Any, status: int, words: str) -> None:
    registration, noor = in_review(), client_for("noor")
    more = {} if version is None else {"version": version}
    response = act(noor, registration, "pass", checked=checked, **more)
    text = said(response)
    assert response.status_code == status
    assert words in text
    assert text.count('name="checked"') == len(ALL)
    assert text.count("checked>") + text.count("checked ") >= len(checked)
    assert f'name="version" value="{again(registration).version}"' in text


def test_who_comes_second_is_told_who_was_first_and_keeps_what_was_typed() -> None:
    registration, noor = in_review(), client_for("noor")
    decide("beatriz", registration)
    typed = {"words": "Their order form ends in May.", "comment_ends_on": "It ends in May."}
    response = act(noor, registration, "ask", **typed)
    text = said(response)
    assert response.status_code == 409
    assert "Beatriz Lima" in text or "Microsoft" in text
    assert "Review (Passed)" in text
    assert "Their order form ends in May." in text
    assert "It ends in May.</textarea>" in text


def test_asking_and_failing_say_what_they_lack_at_its_place() -> None:
    registration, noor = in_review(), client_for("noor")
    url = reverse("registrations:case_act", args=[registration.uid, "ask"])
    assert '<details class="more" open><summary>Contract end date' in said(noor.get(f"{url}?field=ends_on"))
    empty = act(noor, registration, "ask")
    assert (empty.status_code, "Say what to change" in said(empty)) == (422, True)
    other = act(noor, registration, "fail", reasons=["other_reason"])
    assert (other.status_code, "explain the other reason" in said(other)) == (422, True)
    act(noor, registration, "ask", comment_ends_on="It ends in May.")
    registration = again(registration)
    assert registration.state == S.ACTION_REQUIRED
    assert registration.verdicts.get().comments == {Field.ENDS_ON: "It ends in May."}
    assert "closed" not in said(noor.get(url)).lower()
    assert noor.get(url).status_code == 409


def test_assign_and_pick() -> None:
    registration, approved, noor = in_review(), registered(deal={"of": "Humongous Insurance"}), client_for("noor")
    act(noor, registration, "assign", user=str(user("beatriz").pk))
    assert again(registration).assigned_to == user("beatriz")
    assert "assigned to Beatriz Lima" in said(noor.get(page_of(registration)))
    assert act(noor, registration, "assign", user=str(user("ana").pk)).status_code == 422
    assert "Pick for review" in said(noor.get(page_of(approved)))
    act(noor, approved, "pick", note="The sum looks odd.")
    assert again(approved).state == S.REVIEW_PENDING
    assert act(noor, registration, "pick").status_code == 409


def test_nobody_decides_on_a_deal_of_the_own_team() -> None:
    make_reviewer("lee")
    registration = in_review(accepted=True)
    lee = client_for("lee")
    text = said(lee.get(page_of(registration)))
    assert "You are on the team of this deal" in text
    assert "Pass (P)" not in text
    assert act(lee, registration, "pass", checked=ALL).status_code == 403


def test_an_exception_is_answered_once() -> None:
    deal, noor = won_deal(created=90 * DAY, won=40 * DAY), client_for("noor")
    exception = actions.request_exception(who("ana"), deal.pk, "The reseller signed for us.", [Field.SIGNED_ON])
    url = reverse("registrations:exception_case", args=[exception.uid])
    text = said(noor.get(url))
    assert "The reseller signed for us." in text
    assert (
        'value="signed_on" id="id_unlocked_2" aria-describedby="id_unlocked_helptext" checked' in text
        or "checked" in text
    )
    assert noor.post(url, {"go": "approve", "answer": ""}).status_code == 422
    assert noor.post(url, {"answer": "Yes."}).status_code == 422
    assert noor.post(url, {"go": "approve", "answer": "Yes.", "unlocked": ["signed_on"]}).status_code == 302
    exception.refresh_from_db()
    assert (exception.state, exception.unlocked) == ("approved", ["signed_on"])
    late = client_for("beatriz").post(url, {"go": "refuse", "answer": "No, sorry."})
    assert late.status_code == 409
    assert "Noor Haddad has answered this request already." in said(late)
    assert "No, sorry." in said(late)
    assert fresh(deal).registration.number == 0
