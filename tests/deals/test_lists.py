"""The opportunities page: as many queries for one row as for many, pages by key, filters and search together."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cosell import clock
from deals import actions
from deals.enums import Action, DeclineReason, Help, Kind, PartnerRole
from deals.lists import SORTS
from deals.models import Deal, Engagement, Favorite
from tests.cast import accept, client_for, customer, invitation, new_deal, organization, side_of, who
from tests.deals.journey import listed

FRAGMENT = {"HX-Request": "true"}  # only the list: the filters take most of a page's time


def crowd(count: int, pattern: Deal) -> list[Deal]:
    """Many deals like `pattern`, written at once; several have the same name, value or date: ties."""
    customers = [customer(name) for name in ("A. Datum Corporation", "Northwind Traders Ltd", "Proseware GmbH")]
    engagements = []
    for index in range(count):
        engagement = Engagement.objects.get(pk=pattern.engagement_id)
        engagement.pk, engagement.uid, engagement.customer = None, Engagement().uid, customers[index % 3]
        engagements.append(engagement)
    Engagement.objects.bulk_create(engagements)
    deals = []
    for index, engagement in enumerate(engagements):
        deal = Deal.objects.get(pk=pattern.pk)
        deal.pk, deal.uid, deal.engagement = None, Deal().uid, engagement
        deal.name = f"Deal {index // 3}"
        deal.value = Decimal(1000 * (index % 7))
        deal.close_on += timedelta(days=index % 5)
        deal.stage = ("created", "qualified", "proposed")[index % 3]
        deals.append(deal)
    return Deal.objects.bulk_create(deals)


def queries_of(client: Client, url: str, params: dict[str, str] | None = None) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, params or {}).status_code == 200
    return len(captured)


@pytest.mark.parametrize("tab", ["outbound", "inbound", "favorites", "all", "partner-led"])
def test_a_list_asks_as_often_for_25_rows_as_for_one(tab: str) -> None:
    name = {"inbound": "lee", "partner-led": "lee"}.get(tab, "ana")
    pattern = new_deal(asks=Help.POC if tab == "inbound" else Help.NONE, shown=tab == "partner-led")
    if tab == "inbound":
        pattern = side_of(pattern, "Microsoft")
    client, url = client_for(name), reverse("deals:list", args=[tab])
    counts, rows = {}, {}
    for total in (1, 3, 25):
        crowd(total - max(rows, default=1), pattern)
        if tab == "favorites":
            for engagement in Engagement.objects.all():
                Favorite.objects.get_or_create(user=who("ana").user, engagement=engagement)
        rows[total] = len(listed(client, tab))
        counts[total] = queries_of(client, url)
    assert list(rows.values()) == [1, 3, 25]
    assert len(set(counts.values())) == 1, f"queries by rows: {counts}"


def test_a_deal_page_asks_as_often_with_many_events_sides_and_people_as_with_few() -> None:
    deal = new_deal(asks=Help.POC, invites=["Northlake Services"])
    client, url = client_for("ana"), reverse("deals:detail", args=[deal.uid])
    few = queries_of(client, url)
    accept("lee", side_of(deal, "Microsoft"))
    accept("priya", side_of(deal, "Northlake Services"))
    actions.invite_partner(who("ana"), deal.pk, invitation("Relecloud"))
    for number in range(20):
        actions.add_note(who("ana"), deal.pk, f"Note {number}", share=True)
    people = [actions.Person(f"Person {n}", "1", f"p{n}@contoso.example") for n in range(10)]
    actions.edit_team(who("ana"), deal.pk, 1, [actions.Person("Ana", "1", "ana.souza@contoso.example"), *people])
    assert queries_of(client, url) == few


def test_the_bell_asks_as_often_for_many_lines_as_for_few() -> None:
    deal = new_deal(asks=Help.POC)
    side = side_of(deal, "Microsoft")
    accept("lee", side)
    client, url = client_for("ana"), reverse("events:bell")
    actions.add_note(who("lee"), side.pk, "One", share=True)
    actions.mark_stage(who("lee"), side.pk, Action.QUALIFY)
    few = queries_of(client, url)
    for number in range(8):
        other = new_deal(asks=Help.POC)
        accept("lee", side_of(other, "Microsoft"))
        actions.add_note(who("lee"), side_of(other, "Microsoft").pk, f"Note {number}", share=True)
        actions.mark_stage(who("lee"), side_of(other, "Microsoft").pk, Action.QUALIFY)
    response = client.get(url)
    assert len(response.context["items"]) == 25
    assert queries_of(client, url) == few


def walk(client: Client, params: dict[str, str], direction: str = "after_url") -> list[int]:
    """Ids of all rows, page by page, in the order in which the pages show them."""
    url, seen = reverse("deals:list", args=["outbound"]), []
    for _ in range(10):
        context = client.get(url, params, headers=FRAGMENT).context
        ids = [row.pk for row in context["page"].rows]
        seen = [*seen, *ids] if direction == "after_url" else [*ids, *seen]
        if not context[direction]:
            return seen
        params = dict(parse_qsl(urlsplit(context[direction]).query))
    raise AssertionError("The pages never end")


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{slug}" for slug in SORTS)])
def test_pages_show_every_row_once_forward_and_back(sort: str) -> None:
    pattern = new_deal()
    everything = {pattern.pk, *(deal.pk for deal in crowd(59, pattern))}
    client, url = client_for("ana"), reverse("deals:list", args=["outbound"])
    forward = walk(client, {"sort": sort})
    assert len(forward) == 60
    assert set(forward) == everything
    params: dict[str, str] = {"sort": sort}
    while after := client.get(url, params, headers=FRAGMENT).context["after_url"]:
        params = dict(parse_qsl(urlsplit(after).query))
    assert walk(client, params, "before_url") == forward


def test_a_row_that_comes_or_goes_between_pages_moves_no_other() -> None:
    pattern = new_deal()
    crowd(59, pattern)
    client, url = client_for("ana"), reverse("deals:list", args=["outbound"])
    first = client.get(url, {"sort": "-created"}).context
    shown = [row.pk for row in first["page"].rows]
    crowd(3, pattern)
    second = client.get(url, dict(parse_qsl(urlsplit(first["after_url"]).query))).context["page"].rows
    assert max(row.pk for row in second) == min(shown) - 1


def test_previous_and_next_go_through_the_found_set() -> None:
    pattern = new_deal()
    crowd(29, pattern)
    client = client_for("ana")
    params = {"sort": "value", "status": "active", "tab": "outbound"}
    order = walk(client, {"sort": "value", "status": "active"})
    here = Deal.objects.get(pk=order[0])
    walked = [here.pk]
    for _ in range(len(order) - 1):
        context = client.get(reverse("deals:detail", args=[here.uid]), params).context
        assert (context["before"].pk if context["before"] else None) == (walked[-2] if len(walked) > 1 else None)
        here = context["after"]
        walked.append(here.pk)
    assert walked == order
    assert client.get(reverse("deals:detail", args=[here.uid]), params).context["after"] is None


@pytest.fixture
def five() -> dict[str, Deal]:
    """Deals of Ana that differ in what is filtered by."""
    ids = {
        "us": new_deal("ana", crm_id="CRM-77"),
        "br": new_deal("ana", of="Fabrikam Seguros S.A.", at="100201", value=Decimal(5000), currency="BRL"),
        "led": new_deal("ana", of="Proseware GmbH", shown=True, value=Decimal(99)),
        "cosell": new_deal("ana", of="Northwind Traders Ltd", asks=Help.POC, team=["rui"]),
        "lost": new_deal("rui", of="Tailspin Toys Pvt. Ltd."),
    }
    actions.lose_deal(who("ana"), ids["lost"].pk, reason=DeclineReason.BUDGET)
    engagement = ids["cosell"].engagement
    engagement.kind, engagement.payout_location = Kind.ASSESSMENT, ids["cosell"].location
    engagement.partner_role = PartnerRole.DEPLOYMENT
    engagement.save()
    return ids


FOUND = [
    ({}, ["us", "br", "led", "cosell", "lost"]),
    ({"q": "datum"}, ["us", "br", "led", "cosell", "lost"]),  # the deal's name
    ({"q": "northwnd traders"}, []),
    ({"q": "Northwind"}, ["cosell"]),
    ({"q": "seguros fabrikam"}, ["br"]),
    ({"q": "companhia fabrikam"}, ["br"]),  # a former name
    ({"q": "crm-77"}, ["us"]),
    ({"status": "open"}, ["us", "br", "led", "cosell"]),
    ({"status": ["lost", "won"]}, ["lost"]),
    ({"visibility": "private"}, ["us", "br", "lost"]),
    ({"visibility": ["cosell", "partner_led"]}, ["led", "cosell"]),
    ({"country": "BR"}, ["br"]),
    ({"value_max": "5000"}, ["br", "led"]),
    ({"value_min": "5000", "value_max": "5000"}, ["br"]),
    ({"mine": "on"}, ["us", "br", "led", "cosell"]),
    ({"q": "Proseware", "visibility": "partner_led", "status": "active", "country": "DE"}, ["led"]),
    ({"q": "Proseware", "country": "BR"}, []),
    ({"kind": "services"}, []),
    ({"kind": "assessment"}, ["cosell"]),
    ({"kind": ["assessment", "ip"], "country": "BR"}, ["br"]),
    ({"role": "deployment"}, ["cosell"]),
    ({"role": "presales"}, []),
    ({"close_from": "2000-01-01", "close_to": "2000-12-31"}, []),
]


def test_filters_and_search_work_together(five: dict[str, Deal]) -> None:
    client = client_for("ana")
    names = {deal.pk: name for name, deal in five.items()}
    for params, expected in FOUND:
        page = client.get(reverse("deals:list", args=["outbound"]), params, headers=FRAGMENT).context["page"]
        found = [names[row.pk] for row in page.rows]
        assert sorted(found) == sorted(expected), f"{params}"


@pytest.mark.parametrize("text", ["CS-{}", "cs{}", "{}"])
def test_a_deal_is_found_by_its_reference(five: dict[str, Deal], text: str) -> None:
    deal = five["led"]
    found = listed(client_for("ana"), "outbound", q=text.format(deal.engagement_id))
    assert [row.pk for row in found] == [deal.pk]


def test_a_filter_that_makes_no_sense_is_left_out_and_the_others_hold(five: dict[str, Deal]) -> None:
    rows = listed(client_for("ana"), "outbound", value_min="many", country="BR")
    assert [row.pk for row in rows] == [five["br"].pk]


def test_hearts_are_everybodys_own(five: dict[str, Deal]) -> None:
    ana, vera = client_for("ana"), client_for("vera")
    url = reverse("deals:favorite", args=[five["us"].uid])
    ana.post(url, {"on": "1"})
    ana.post(url, {"on": "1"})
    assert [row.pk for row in listed(ana, "favorites")] == [five["us"].pk]
    assert listed(vera, "favorites") == []
    ana.post(url, {"on": "0"})
    assert listed(ana, "favorites") == []


def test_an_organization_invited_again_stands_once_in_its_list() -> None:
    deal = new_deal(invites=["Northlake Services"])
    old = side_of(deal, "Northlake Services")
    actions.decline_deal(who("priya"), old.pk, reason=DeclineReason.BUDGET)
    with clock.moved_by(timedelta(minutes=5)):
        actions.invite_partner(who("ana"), deal.pk, invitation("Northlake Services"))
    new = side_of(deal, "Northlake Services")
    assert [row.pk for row in listed(client_for("priya"), "inbound")] == [new.pk]
    assert client_for("priya").get(reverse("deals:detail", args=[old.uid])).status_code == 200, "history keeps it"


def test_tabs_count_what_they_list(five: dict[str, Deal]) -> None:
    for name, counts in {
        "ana": {"inbound": 0, "outbound": 5, "favorites": 0},
        "lee": {"inbound": 1, "outbound": 0, "favorites": 0, "partner-led": 1},
        "priya": {"inbound": 0, "outbound": 0, "favorites": 0},
    }.items():
        context = client_for(name).get(reverse("deals:list", args=["inbound"])).context
        assert context["counts"] == counts, name
        assert {slug: len(listed(client_for(name), slug)) for slug in counts} == counts, name
    assert organization("Microsoft").deals.count() == 1
