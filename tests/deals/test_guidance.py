"""What stands beside the wizard: advice, likely duplicates, other drafts, similar past deals."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import SolutionKind
from accounts.models import Organization
from cosell import clock
from deals.enums import Stage
from deals.guidance import Beside, beside
from deals.models import Deal, Draft
from deals.similar import Wanted, similar
from deals.wizard import Wizard
from tests.cast import LAKEHOUSE, client_for, customer, new_deal, organization, solutions, user, who
from tests.factories import make_solution
from tests.guards import OURS

pytestmark = pytest.mark.django_db

FRAUD, PRODUCT = "SOL-10472-CFR", "SOL-00003-D3S"  # not incentivized; not MACC eligible
MACC, NO_MACC = "A. Datum Corporation", "Trey Research"
DETAILS = {"kind": ["ip"], "name": ["Datum lakehouse"], "value": ["310000.50"], "currency": ["USD"]}


def draft(by: str = "ana", of: str = NO_MACC, **answers: dict[str, list[str]]) -> Draft:
    now = clock.now()
    given = {"customer": {"customer": [str(customer(of).uid)]}, **answers}
    here = who(by).organization
    return Draft.objects.create(organization=here, owner=user(by), answers=given, created_at=now, updated_at=now)


def said(one: Draft, slug: str = "review", by: str = "ana") -> Beside:
    return beside(Wizard(one, who(by), Organization.objects.host()), slug)


def codes(one: Draft, slug: str = "review") -> list[str]:
    return [each.code for each in said(one, slug).advice]


# advice


@pytest.mark.parametrize(
    ("of", "details", "chosen", "expected"),
    [
        (NO_MACC, {}, [LAKEHOUSE], []),
        (MACC, {}, [LAKEHOUSE], []),
        (MACC, {}, [PRODUCT], ["macc"]),
        (MACC, {}, [], ["macc"]),
        (NO_MACC, {}, [PRODUCT], []),
        (NO_MACC, {"intent": ["yes"]}, [LAKEHOUSE], []),
        (NO_MACC, {"intent": ["yes"]}, [FRAUD], ["not_incentivized"]),
        (NO_MACC, {"intent": ["undecided"]}, [FRAUD], []),
        (NO_MACC, {"intent": ["yes"], "kind": ["services"]}, [FRAUD], []),  # nobody is asked that
        (MACC, {"kind": ["assessment"]}, [], []),
        (NO_MACC, {"value": ["24999.99"]}, [], ["small_value"]),
        (NO_MACC, {"value": ["25000.00"]}, [], []),
        (NO_MACC, {"value": ["24999.99"], "currency": ["EUR"]}, [], []),  # what it is worth is not known
        (NO_MACC, {"value": ["24999.99"], "kind": ["services"]}, [], []),
        (NO_MACC, {"value": ["a lot"]}, [], []),
        (MACC, {"value": ["1"], "intent": ["yes"]}, [PRODUCT], ["macc", "not_incentivized", "small_value"]),
    ],
)
def test_advice(of: str, details: dict[str, list[str]], chosen: list[str], expected: list[str]) -> None:
    assert codes(draft(of=of, details={**DETAILS, **details}, solutions={"own": chosen})) == expected


def test_advice_comes_when_it_helps_and_leads_to_the_step() -> None:
    one = draft(of=MACC, details={**DETAILS, "value": ["1"]})
    assert (codes(one, "customer"), codes(one, "details"), codes(one, "solutions")) == (
        [],
        ["small_value"],
        ["macc", "small_value"],
    )
    page = BeautifulSoup(
        client_for("ana").get(reverse("deals:draft", args=[one.uid, "solutions"])).content, "html.parser"
    )
    [link] = page.select(".beside .note a")
    assert link["href"] == reverse("deals:draft", args=[one.uid, "details"])


def test_why_services_are_not_offered() -> None:
    """Told to a company that has some, and lacks the designation."""
    one = draft(details=DETAILS)
    assert codes(one, "details") == []
    make_solution(organization=organization("Contoso Data"), kind=SolutionKind.SERVICE)
    assert codes(one, "details") == ["no_designation"]
    assert codes(one, "review") == []


def test_the_host_hears_nothing_of_registration() -> None:
    one = draft("lee", details={**DETAILS, "value": ["1"]})
    assert said(one, "review", "lee").advice == []


# the panel


def post(client: Client, one: Draft, slug: str = "details", **typed: Any) -> HttpResponse:
    return client.post(reverse("deals:draft_guidance", args=[one.uid, slug]), typed)


def test_what_is_typed_counts_over_what_is_stored_and_nothing_is_written() -> None:
    one, client = draft(details=DETAILS), client_for("ana")
    deal = new_deal("ana", of=NO_MACC, name="Office network")
    with CaptureQueriesContext(connection) as queries:
        page = post(client, one, name="Office networks", kind="ip", value="24999.99", currency="USD")
    written = [query["sql"] for query in queries if OURS.match(query["sql"])]
    assert [sql for sql in written if "last_seen_at" not in sql] == []
    words = page.content.decode()
    assert "name 96 % alike" in words
    assert reverse("deals:detail", args=[deal.uid]) in words
    assert "below 25,000 USD" in words
    assert "below 25,000 USD" not in client.get(reverse("deals:draft", args=[one.uid, "details"])).content.decode()
    before = one.answers, one.version
    one.refresh_from_db()
    assert (one.answers, one.version) == before


def test_the_number_is_spoken_only_when_it_changes() -> None:
    one, client = draft(details=DETAILS), client_for("ana")
    new_deal("ana", of=NO_MACC)
    assert "data-announce" not in post(client, one, duplicates_shown="1").content.decode()
    assert 'data-announce="1 deal of your company' in post(client, one, duplicates_shown="0").content.decode()


@pytest.mark.parametrize("slug", ["customer", "details", "solutions", "review"])
def test_without_javascript_the_panel_comes_with_the_page(slug: str) -> None:
    one = draft(details=DETAILS, solutions={"own": [LAKEHOUSE]})
    new_deal("ana", of=NO_MACC)
    words = client_for("ana").get(reverse("deals:draft", args=[one.uid, slug])).content.decode()
    assert "May be the same deal" in words
    assert "same customer" in words


def test_of_a_colleagues_deal_nothing_is_shown() -> None:
    secret = new_deal("ana", of=NO_MACC, name="Secret name", value=Decimal(777_777))
    one = draft("tom", details={**DETAILS, "name": ["Secret name"], "value": ["777777"]})
    words = post(client_for("tom"), one, "details", **one.answers["details"]).content.decode()
    assert "A deal of your company with this customer that you may not open" in words
    for told in (
        secret.name,
        "777",
        secret.engagement.reference,
        str(secret.uid),
        "Created",
        "Ana",
        "alike",
        "Lakehouse",
    ):
        assert told not in words


def test_other_drafts_of_the_person_on_the_customer() -> None:
    one, other = draft(), draft(details=DETAILS)
    draft("rui")  # somebody else's
    draft(of=MACC)
    assert list(said(one).drafts) == [other]
    by_hand = {"customer": {"manual_name": ["Padaria"], "manual_country": ["BR"]}}
    typed, again = draft(**by_hand), draft(**by_hand)
    assert list(said(typed).drafts) == [again]


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"customer": {"customer": ["nonsense"]}},
        {"customer": {"customer": ["\0"], "manual_name": ["\0"]}},
        {"customer": {"customer": ["manual"], "manual_name": ["A\0. Datum"], "manual_country": ["US"]}},
        {"customer": {"customer": []}, "details": {"value": ["NaN"], "close_on": ["31"], "kind": ["x"]}},
        {"details": {"solution_area": ["9" * 40]}, "solutions": {"own": ["\0"]}},
    ],
)
def test_whatever_is_typed(answers: dict[str, dict[str, list[str]]]) -> None:
    now = clock.now()
    one = Draft(organization=who("ana").organization, owner=user("ana"), answers=answers, created_at=now)
    assert said(one).conflicts.count == 0


def test_a_customer_typed_by_hand_is_compared() -> None:
    new_deal("ana", of=NO_MACC)
    by_hand = {"customer": ["manual"], "manual_name": ["TREY Research Ltd"], "manual_country": ["GB"]}
    assert said(draft(customer=by_hand), "customer").conflicts.count == 1


def test_as_many_questions_for_25_deals_as_for_one() -> None:
    one, client, counts = draft(details=DETAILS), client_for("ana"), []
    url = reverse("deals:draft", args=[one.uid, "help"])  # a step of the wizard without a panel
    made = 0
    for wanted in (1, 3, 25):
        while made < wanted:
            deal = new_deal("ana", of=NO_MACC, name=f"Datum {made}")
            won = {"stage": Stage.WON, "closed_at": clock.now()}
            Deal.objects.filter(pk=deal.pk).update(**(won if made % 2 else {}))
            made += 1
        for slug in ("details", "solutions"):
            with CaptureQueriesContext(connection) as queries:
                answer = post(client, one, slug, own=[LAKEHOUSE], **DETAILS)
            assert answer.status_code == 200
            counts.append(len(queries))
    with CaptureQueriesContext(connection) as own:
        assert client.get(url).status_code == 200
    assert len(set(counts[2:])) <= 2, counts  # two steps, each the same whatever there is
    assert counts[2:4] == counts[4:6]
    with CaptureQueriesContext(connection) as queries:
        said(one, "solutions")
    wizard = 4  # who and the host, which `said` asks for itself
    assert len(queries) - wizard <= 8, [query["sql"][:90] for query in queries]
    assert max(counts) <= len(own) + 8


# similar past deals


def close(deal: Deal, stage: Stage, days: int) -> Deal:
    """`days` after it was created."""
    created = clock.now() - timedelta(days=100)
    Deal.objects.filter(pk=deal.pk).update(created_at=created, stage=stage, closed_at=created + timedelta(days=days))
    return deal


def test_what_was_won_with_what_in_how_long() -> None:
    [lakehouse] = solutions(LAKEHOUSE)
    given = {"solutions": [lakehouse]}
    quick = close(new_deal("ana", of=NO_MACC, **given), Stage.WON, 10)
    slow = close(new_deal("ana", of=MACC, **given), Stage.WON, 30)
    close(new_deal("ana", **given), Stage.LOST, 50)
    close(new_deal("ana", solutions=solutions(FRAUD)), Stage.WON, 99)
    close(new_deal("priya", **given), Stage.WON, 1)  # another company
    new_deal("ana", **given)  # open
    found = similar(who("ana"), Wanted([lakehouse.pk], country="GB"))
    assert [(each.deal, each.days) for each in found.past] == [(quick, 10), (slow, 30)]  # the country decides
    assert found.record is not None
    assert (found.record.won, found.record.closed, found.record.rate, found.record.days) == (2, 3, 67, 20)
    for other in ("tom", "priya"):  # deals that may not be opened make no rate either
        assert similar(who(other), Wanted([lakehouse.pk])).record is None
    assert similar(who("tom"), Wanted([lakehouse.pk])).past == []
    Deal.objects.filter(pk=quick.pk).update(final_value=5)
    one = draft(details=DETAILS, solutions={"own": [LAKEHOUSE]})
    words = client_for("ana").get(reverse("deals:draft", args=[one.uid, "solutions"])).content.decode()
    assert "2 of the last 3 closed deals were won (67 %), half of them within 20 days" in words
    assert "won in 10 days</span>" in words or "won in 10 days ·" in words
    assert "5 USD" in words
