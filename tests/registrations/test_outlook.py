"""What becomes of a side's outlook by the acts of people and of time, and where it is said (product.md §6, §7)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from cosell import clock
from cosell.events import dispatch, letters
from cosell.events.models import Delivery
from deals import actions, columns, disclosure
from deals.enums import Action, DeclineReason, Help, Kind, NoMatchReason, RegistrationState
from deals.models import Deal
from registrations import outlook
from registrations.enums import ExceptionState
from registrations.models import ExceptionRequest, ExchangeRate, Program
from tests.cast import (
    FORECAST,
    LAKEHOUSE,
    accept,
    client_for,
    customer,
    fresh,
    new_deal,
    organization,
    side_of,
    solutions,
    user,
    who,
)
from tests.deals.matching import case_of, typed

PENDING, POSSIBLE, LAPSED = RegistrationState.PENDING, RegistrationState.POSSIBLE, RegistrationState.LAPSED
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def cast(cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails are sent by hand."""
    monkeypatch.setattr(dispatch, "_broken_until", float("inf"))


def made(**given: Any) -> Deal:
    return new_deal(**{"shown": "asks" not in given, "solutions": solutions(LAKEHOUSE), **given})


def win(deal: Deal, by: str = "ana", **given: Any) -> None:
    actions.win_deal(who(by), deal.pk, early_confirmed=True, **given)


def state(deal: Deal) -> str:
    return fresh(deal).registration_state


def test_of_a_partner_led_deal_from_creation_to_the_undone_win() -> None:
    private, deal = made(shown=False), made()
    assert (state(private), state(deal)) == ("", POSSIBLE)
    actions.share_deal(who("ana"), private.pk, help=Help.NONE)
    assert state(private) == POSSIBLE
    win(deal)
    assert state(deal) == PENDING
    actions.undo(who("ana"), deal.pk)
    assert state(deal) == POSSIBLE
    actions.lose_deal(who("ana"), deal.pk, reason=DeclineReason.BUDGET)
    assert state(deal) == ""


def test_of_a_co_sell_deal_the_host_has_to_accept_whatever_comes_of_it_later() -> None:
    deal = made(asks=Help.POC)
    win(deal)
    assert state(deal) == POSSIBLE, "the host has days left to answer"
    host = accept("lee", side_of(deal, "Microsoft"))
    assert state(deal) == PENDING
    actions.lose_deal(who("lee"), host.pk, reason=DeclineReason.BUDGET)
    assert (state(deal), state(host)) == (PENDING, ""), "accepted once, and the host itself never registers"
    other = made(asks=Help.POC)
    actions.decline_deal(who("lee"), side_of(other, "Microsoft").pk, reason=DeclineReason.BUDGET)
    assert state(other) == ""


def test_a_match_of_the_customer_makes_it_possible_to_register() -> None:
    deal = made(customer=typed())
    win(deal)
    assert state(deal) == POSSIBLE
    actions.match_account(who("noor"), case_of(deal).pk, customer("Fabrikam Seguros S.A.").pk)
    assert state(deal) == PENDING
    actions.undo_match(who("noor"), case_of(deal).pk, note="Another company.")
    assert state(deal) == POSSIBLE
    actions.refuse_match(who("noor"), case_of(deal).pk, reason=NoMatchReason.UNKNOWN, note="None.")
    assert state(deal) == ""


def test_solutions_and_value_of_the_sides_that_are_in_count() -> None:
    deal = made(value=Decimal("24999.99"), invites=["Northlake Services"])
    assert state(deal) == ""
    actions.edit_details(who("ana"), deal.pk, deal.version, {"value": Decimal(25_000)})
    assert state(deal) == POSSIBLE
    invited = side_of(deal, "Northlake Services")
    assert state(invited) == "", "before it has accepted"
    accept("priya", invited)
    assert state(invited) == POSSIBLE, "a solution on the deal is eligible, whosever it is"
    small = made(solutions=solutions(FORECAST), value=Decimal(6_000))
    assert state(small) == POSSIBLE, "Business Applications Standard"
    win(small, final_value=Decimal(5_000))
    assert state(small) == ""


def test_services_and_assessments_are_never_registered() -> None:
    deal = made()
    deal.engagement.kind = Kind.ASSESSMENT
    outlook.look(deal, clock.now())
    assert state(deal) == POSSIBLE, "not even looked at"
    deal.engagement.kind = Kind.SERVICES
    deal.deal_solutions.update(solution=solutions(FORECAST)[0])
    outlook.look(deal, clock.now())
    assert state(deal) == ""


def test_what_was_submitted_or_given_up_says_itself_where_it_stands() -> None:
    deal = made()
    win(deal)
    for settled in (RegistrationState.WAIVED, RegistrationState.REVIEW_PENDING, RegistrationState.REVIEW_FAILED):
        Deal.objects.filter(pk=deal.pk).update(registration_state=settled, registration_closed_at=clock.now())
        outlook.look_again(deal.pk)
        assert (state(deal), bool(fresh(deal).registration_closed_at)) == (settled, True)
    Deal.objects.filter(pk=deal.pk).update(registration_state=RegistrationState.WAIVED)
    actions.undo(who("ana"), deal.pk)
    assert (state(deal), fresh(deal).registration_closed_at) == (POSSIBLE, None), "no longer won"


def test_after_60_days_it_lapses_unless_an_exception_waits() -> None:
    late, excused = made(), made()
    for deal in (late, excused):
        win(deal)
        Deal.objects.filter(pk=deal.pk).update(closed_at=clock.now() - 60 * DAY)
    ExceptionRequest.objects.create(
        deal=excused, program=Program.objects.get(code="azure_ip"), text="Ill.", by=user("ana"), at=clock.now(),
        due_at=clock.now() + DAY, state=ExceptionState.WAITING,
    )  # fmt: skip
    for deal in (late, excused):
        assert outlook.due(fresh(late).closed_at + 60 * DAY - timedelta(seconds=1)) == []
        assert deal.pk in outlook.due(clock.now())
    assert [outlook.look_again(pk) for pk in outlook.due(clock.now())] == [True, False]
    assert (state(late), state(excused)) == (LAPSED, PENDING)
    assert outlook.due(clock.now()) == [excused.pk]


def rates(month: date, **per_euro: str) -> None:
    ExchangeRate.objects.bulk_create(
        ExchangeRate(currency=currency, month=month, per_euro=Decimal(value), source="ECB", imported_at=clock.now(),
                     published_on=month - DAY)
        for currency, value in per_euro.items()
    )  # fmt: skip


def test_other_rates_change_the_outlook() -> None:
    ExchangeRate.objects.all().delete()
    month = clock.now().date().replace(day=1)
    deal, won = made(value=Decimal(130_000), currency="BRL"), made(value=Decimal(130_000), currency="BRL")
    win(won)
    assert (state(deal), state(won)) == (POSSIBLE, POSSIBLE), "no rate, no guess"
    assert outlook.due(clock.now()) == [won.pk]
    rates(month, USD="1.10", BRL="5.50")  # 26,000 USD
    assert [outlook.look_again(pk) for pk in outlook.due(clock.now())] == [True]
    assert (state(deal), state(won)) == (POSSIBLE, PENDING)
    ExchangeRate.objects.filter(currency="BRL").update(per_euro=Decimal("5.80"))  # 24,655 USD
    assert outlook.due(clock.now()) == [deal.pk]
    outlook.look_again(deal.pk)
    assert (state(deal), state(won), outlook.due(clock.now())) == ("", PENDING, [])


# what a deal is, and who gets which words of the mail on winning
WON: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["You can register now: A. Datum", "can be registered as Azure IP co-sell", "Won: met"]),
    ({"asks": Help.POC}, ["Won; what a registration still needs", "Accepted by Microsoft: not yet", "To meet it:"]),
    ({"shown": False}, []),
    ({"value": Decimal(24_999)}, []),
]


@pytest.mark.parametrize(("given", "says"), WON)
def test_the_mail_on_winning_says_what_is_open(given: dict[str, Any], says: list[str]) -> None:
    deal = made(team=["rui"], **given)
    win(deal)
    told = Delivery.objects.filter(message="registration_possible", channel="mail").select_related("event", "user")
    assert sorted(each.user.email.split(".")[0] for each in told) == (["ana", "rui"] if says else [])
    for each in told:
        if each.user != user("ana"):  # Rui reads Portuguese
            continue
        letter = letters.mail(each)
        for text in (f"{letter.subject}\n{letter.body}", letter.alternatives[0][0]):
            assert [words for words in says if words not in text] == []
    actions.undo(who("ana"), deal.pk)
    assert not told.filter(state="pending").exists(), "within the minute nobody is told"


def panel(page: str) -> str:
    found = re.search(r'id="registration">(.*?)</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", found[1]).split()) if found else ""


def pages(name: str, deal: Deal) -> tuple[str, str]:
    """The panel, and the page that explains it."""
    client = client_for(name)
    detail, why = (client.get(reverse(url, args=[deal.uid])) for url in ("deals:detail", "registrations:why"))
    assert why.status_code == 200
    return panel(detail.content.decode()), why.content.decode()


def test_the_deal_page_says_it_to_who_leads_and_to_who_looks_on() -> None:
    deal = made()
    for name in ("ana", "noor"):
        shown, why = pages(name, deal)
        assert shown.startswith("Can it be registered? not yet This kind of deal: met")
        assert "Won: not yet" in shown
        assert "Marking Won is safe after" in shown
        assert why.count("Registration rules 3.2") == 7 + 6 + 6
    win(deal)
    Deal.objects.filter(pk=deal.pk).update(closed_at=clock.now() - DAY)
    shown, why = pages("ana", deal)
    assert shown.startswith("Can it be registered? yes Register it as Azure IP co-sell until")
    assert "Register now" in shown
    assert "Register now" not in pages("noor", deal)[0], "the partner registers"
    assert "Register now" not in pages("vera", deal)[0], "who only reads does not"


def test_who_has_not_answered_and_the_host_read_no_criteria() -> None:
    deal = made(asks=Help.POC, invites=["Northlake Services"])
    for name, side in (("lee", side_of(deal, "Microsoft")), ("priya", side_of(deal, "Northlake Services"))):
        shown, why = pages(name, side)
        assert shown == ""
        assert "Registration rules" not in why
    assert "Accepted by Microsoft: not yet" in pages("ana", deal)[0]


STEPS: list[tuple[str, bool, list[tuple[str, str]]]] = [
    ("", False, [("Won", "win"), ("Closed", "now")]),
    (PENDING, False, [("Won", "win"), ("Registration (Pending)", "now"), ("Closed", "todo")]),
    (POSSIBLE, False, [("Won", "win"), ("Registration (Pending)", "now"), ("Closed", "todo")]),
    (LAPSED, False, [("Won", "win"), ("Not registered in time", "skipped"), ("Closed", "now")]),
    ("waived", True, [("Won", "win"), ("Closed without registration", "skipped"), ("Closed", "now")]),
    ("approved", False, [("Won", "win"), ("Approved", "now"), ("Closed", "todo")]),
    ("approved", True, [("Won", "win"), ("Approved", "win"), ("Closed", "now")]),
    ("review_failed", True, [("Won", "win"), ("Review (Failed)", "bad"), ("Closed", "now")]),
]


def test_the_stepper_says_where_the_registration_stands() -> None:
    deal = made()
    assert [step.label for step in disclosure.steps(deal, [], [])][-3:] == [
        "Won or lost",
        "Deal registration",
        "Closed",
    ]
    win(deal)
    deal.refresh_from_db()
    for registration, closed, then in STEPS:
        deal.registration_state, deal.registration_closed_at = registration, clock.now() if closed else None
        ending = disclosure.steps(deal, [], [Action.UNDO])[5:]
        assert [(str(step.label), step.state) for step in ending] == then


def test_the_list_has_it_as_column_filter_and_order() -> None:
    on_course, won, none = made(name="Beta"), made(name="Alpha"), made(name="Gamma", value=Decimal(1))
    win(won)
    columns.choose(user("ana"), ["registration"])
    url, ana = reverse("deals:list", args=["outbound"]), client_for("ana")

    def names(**params: Any) -> list[str]:
        return re.findall(r"(Alpha|Beta|Gamma)</a>", ana.get(url, params).content.decode())

    assert names(sort="registration") == ["Beta", "Alpha", "Gamma"]
    assert names(sort="-registration") == ["Gamma", "Alpha", "Beta"]
    assert names(registration=["pending", "possible"], sort="deal") == ["Alpha", "Beta"]
    page = ana.get(url, {"registration": ["pending"]}).content.decode()
    assert "Registration (Pending)" in page
    assert names(registration=["pending"]) == ["Alpha"]
    assert (state(on_course), state(none)) == (POSSIBLE, "")


def test_another_partner_that_has_registered_is_said_and_stops_nothing() -> None:
    deal = made(invites=["Northlake Services"])
    accept("priya", side_of(deal, "Northlake Services"))
    win(deal)
    Deal.objects.filter(organization=organization("Northlake Services")).update(registration_state="approved")
    outlook.look_again(deal.pk)
    assert state(deal) == PENDING
    assert "Another partner has registered this deal" in pages("ana", deal)[0]
