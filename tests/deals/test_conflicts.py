"""The conflict check: what makes two deals alike, whose deals are compared, and what is told of them."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomerAccount
from cosell import clock
from deals import actions
from deals.conflicts import CLOSED_WITHIN, POINTS, Conflicts, Customer, Sketch, compare, conflicts, relation
from deals.enums import Likeness, Stage
from deals.models import Deal, Engagement
from tests.cast import LAKEHOUSE, customer, invitation, new_deal, solutions, who
from tests.factories import make_customer

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 12, tzinfo=clock.now().tzinfo)
GROUP = UUID("6a3b1c52-7c54-4a39-9a35-3f3f4b2a6c11")
DATUM = Customer(
    "A. Datum Corporation", "US", domain="adatum.example", duns="100000017", pk=1, linked_group=GROUP, parent_id=9
)
OTHER = Customer("Trey Research", "GB", pk=2)
MINE, YOURS, PRODUCT = 11, 12, 13  # solutions; the last is the host's own
TYPED = Sketch(
    customer=DATUM,
    name="Datum lakehouse",
    solutions=frozenset({MINE, PRODUCT}),
    products=frozenset({PRODUCT}),
    area=5,
    value=Decimal(100_000),
    currency="USD",
    close_on=date(2026, 6, 30),
)
FAR = Sketch(customer=DATUM, name="Office network", value=Decimal(1), currency="EUR", close_on=date(2028, 1, 1))
L = Likeness


@pytest.mark.parametrize(
    ("known", "found"),
    [
        (replace(OTHER, pk=1), L.CUSTOMER),
        (replace(OTHER, merged_into_id=1), L.CUSTOMER),
        (replace(OTHER, linked_group=GROUP), L.LINKED),
        (replace(OTHER, duns="100000017"), L.DUNS),
        (replace(OTHER, domain="adatum.example"), L.DOMAIN),
        (Customer("A. DATUM Corp.", "US"), L.NAMESAKE),
        (Customer("A. Datum Corp.", "DE"), None),
        (replace(OTHER, parent_id=1), L.GROUP),
        (replace(OTHER, pk=9), L.GROUP),
        (replace(OTHER, parent_id=9), None),  # sisters are two customers
        (OTHER, None),
    ],
)
def test_how_two_customers_belong_together(known: Customer, found: Likeness | None) -> None:
    assert relation(DATUM, known) == found
    assert relation(known, DATUM) == found


def test_what_is_empty_is_not_the_same() -> None:
    assert relation(Customer("", ""), Customer("", "")) is None
    assert relation(Customer("!", "US"), Customer("!", "US")) is None


@pytest.mark.parametrize(
    ("known", "points", "why"),
    [
        (TYPED, 100, "customer solution name close_on value"),
        (FAR, 50, "customer"),
        (replace(FAR, customer=OTHER), 0, ""),
        (replace(TYPED, customer=OTHER), 0, ""),  # whatever else agrees: another customer is another deal
        (replace(FAR, solutions=frozenset({MINE})), 75, "customer solution"),
        (replace(FAR, solutions=frozenset({PRODUCT})), 60, "customer overlap"),
        (replace(FAR, solutions=frozenset({YOURS}), area=5), 60, "customer overlap"),
        (replace(FAR, solutions=frozenset({YOURS}), area=6), 50, "customer"),
        (replace(FAR, name="Lakehous for Datum"), 65, "customer name"),
        (replace(FAR, name="Datum"), 50, "customer"),  # the customer's name alone is nothing in common
        (replace(FAR, close_on=date(2026, 8, 29)), 55, "customer close_on"),  # 60 days
        (replace(FAR, close_on=date(2026, 8, 30)), 50, "customer"),
        (replace(FAR, value=Decimal(80_000), currency="USD"), 55, "customer value"),
        (replace(FAR, value=Decimal("79999.99"), currency="USD"), 50, "customer"),
        (replace(FAR, value=Decimal(100_000)), 50, "customer"),  # in another currency
        (replace(FAR, stage=Stage.WON, closed_at=NOW - timedelta(days=90)), 50, "customer"),
        (replace(FAR, stage=Stage.WON, closed_at=NOW - timedelta(days=91)), 40, "customer long_ago"),
        (replace(FAR, stage=Stage.LOST, closed_at=NOW), 40, "customer not_won"),
        (replace(FAR, stage=Stage.LOST, closed_at=NOW - timedelta(days=91)), 30, "customer not_won long_ago"),
        (replace(FAR, stage=Stage.ERROR, closed_at=NOW), 20, "customer error"),
        (replace(FAR, customer=replace(OTHER, parent_id=1), stage=Stage.ERROR), 0, "group error"),
    ],
)
def test_score_and_reasons(known: Sketch, points: int, why: str) -> None:
    score = compare(TYPED, known, NOW)
    assert (score.points, " ".join(score.why)) == (points, why)


def test_the_reasons_are_words() -> None:
    assert compare(TYPED, replace(FAR, name="Lakehous for Datum"), NOW).words == ["same customer", "name 96 % alike"]


def test_the_page_shows_the_points() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/conflict-check.md").read_text()
    assert {code: int(points) for code, points in re.findall(r"^\| `(\w+)` \|.*\| (-?\d+) \|$", page, re.M)} == POINTS


# whose deals


def typed_by(by: str, of: str = "A. Datum Corporation", **fields: Any) -> Conflicts:
    """What is said while `by` types a deal like those of `new_deal`."""
    chosen = solutions(LAKEHOUSE)
    given = {"name": "Datum lakehouse", "value": Decimal(310_000), "currency": "USD"} | fields
    sketch = Sketch(customer=Customer.of(customer(of)), solutions=frozenset(each.pk for each in chosen), **given)
    return conflicts(who(by), sketch, clock.now())


def test_private_deals_of_others_never_contribute() -> None:
    new_deal("ana")
    before = typed_by("ana")
    with CaptureQueriesContext(connection) as queries:
        typed_by("ana")
    for number in range(5):
        new_deal("priya", name=f"Datum lakehouse {number}", solutions=solutions(LAKEHOUSE))
    with CaptureQueriesContext(connection) as more_queries:
        assert typed_by("ana") == before
    assert before.count == 1
    assert len(queries) == len(more_queries)
    assert typed_by("mia") == Conflicts()  # whose company has none


def test_inbound_sides_are_own_ones_too() -> None:
    new_deal("ana", invites=["Northlake Services"])
    [found] = typed_by("priya").shown
    assert found.deal.organization.name == "Northlake Services"


def test_of_a_deal_that_may_not_be_opened_only_the_customer_is_compared() -> None:
    """Else its name and value could be guessed by typing until the score moves."""
    new_deal("ana", solutions=solutions(LAKEHOUSE))  # Tom is on no team of it
    same, other = typed_by("tom"), typed_by("tom", name="Something else", value=Decimal(1))
    assert same == other == Conflicts([], hidden=1)
    assert typed_by("ana").shown[0].score.points == 95
    new_deal("ana", of="Grupo Fabrikam México S.A. de C.V.")
    assert typed_by("tom", of="Fabrikam Holding S.A.").count == 0  # too little: a subsidiary
    new_deal("ana", at="100202", team=["tom"])
    assert len(typed_by("tom").shown) == 1


@pytest.mark.parametrize(("ago", "shown"), [(CLOSED_WITHIN, 1), (CLOSED_WITHIN + timedelta(seconds=1), 0)])
def test_closed_in_the_last_180_days(ago: timedelta, shown: int, monkeypatch: pytest.MonkeyPatch) -> None:
    deal, now = new_deal("ana"), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    Deal.objects.filter(pk=deal.pk).update(stage=Stage.WON, closed_at=now - ago)
    assert typed_by("ana").count == shown


def test_a_merged_linked_or_typed_account_is_the_same_customer() -> None:
    datum, west = customer(), customer("A. Datum Corp. West")
    deal = new_deal("ana", of="A. Datum Corp. West")
    assert typed_by("ana").shown[0].score.why[0] == Likeness.LINKED
    west.merged_into, west.linked_group = datum, None
    west.save()
    assert typed_by("ana").shown[0].score.why[0] == Likeness.CUSTOMER
    by_hand = make_customer(name="a datum", category="manual", entered_by=deal.organization, country="US")
    Engagement.objects.filter(pk=deal.engagement_id).update(customer=by_hand)
    assert typed_by("ana").shown[0].score.why[0] == Likeness.NAMESAKE


def test_the_likeliest_five_and_one_for_each_engagement() -> None:
    for number in range(7):
        new_deal("ana", name=f"Office {number}", solutions=solutions(LAKEHOUSE))
    best = new_deal("ana", invites=["Northlake Services"], solutions=solutions(LAKEHOUSE))
    shown = typed_by("ana").shown
    assert (shown[0].deal, len(shown)) == (best, 5)
    first = Deal.objects.get(engagement=best.engagement, organization__name="Northlake Services")
    actions.decline_deal(who("priya"), first.pk, reason="budget", notes="Not now.")
    again = actions.invite_partner(who("ana"), best.pk, invitation("Northlake Services"))
    assert [each.deal for each in typed_by("priya").shown] == [again]


def test_a_partner_with_many_deals_waits_for_none_of_them() -> None:
    """From the customer's few accounts to their engagements and the own sides, through no whole table."""
    many(500)
    ana, sketch = who("ana"), Sketch(Customer.of(customer("Trey Research")))
    with CaptureQueriesContext(connection) as queries:
        conflicts(ana, sketch, clock.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE deals_deal, deals_engagement, accounts_customeraccount")
        for way in ("seqscan", "hashjoin", "mergejoin"):  # a table of this size is read through as fast
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute("EXPLAIN " + queries[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "engagement_customer" in plan, plan
    assert not re.search(r"Seq Scan on deals_(deal|engagement)\b", plan), plan


def many(count: int) -> None:
    """Own deals on all the customers there are."""
    one = new_deal("ana")
    chosen = list(CustomerAccount.objects.order_by("pk"))
    keep = {"creator": one.organization, "host": one.engagement.host, "created_by": one.engagement.created_by}
    engagements = Engagement.objects.bulk_create(
        Engagement(kind="ip", customer=account, customer_category=account.category, created_at=clock.now(), **keep)
        for account in islice(cycle(chosen), count)
    )
    given = {
        name: getattr(one, name) for name in ("organization", "location", "direction", "stage", "name", "close_on")
    }
    Deal.objects.bulk_create(
        Deal(engagement=each, value=1, currency="USD", created_at=clock.now(), updated_at=clock.now(), **given)
        for each in engagements
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE deals_deal, deals_engagement, accounts_customeraccount")
