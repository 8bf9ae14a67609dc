"""The columns of the lists: what each says, whose it is, what it costs, and how a person chooses (product.md §9)."""

import re
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.models import PartnerProgram
from cosell import clock
from cosell.web.dates import said_day
from deals import actions, columns, lists
from deals.enums import DeclineReason, Help
from deals.models import Deal, Engagement, ListColumns
from tests.cast import accept, client_for, new_deal, organization, side_of, user, who
from tests.deals.test_lists import crowd, queries_of

OUTBOUND = reverse("deals:list", args=["outbound"])
USUAL = ["Customer", "Status", "Expires in", "Type", "Microsoft status", "Value", "Close date", "Created"]
EVERY = [column.slug for column in columns.COLUMNS if not column.locked]


def cells(client: Client, tab: str, **params: str) -> list[dict[str, str]]:
    """What the list says, row by row: {heading: words}."""
    page = client.get(reverse("deals:list", args=[tab]), params).content.decode()
    rows = re.findall(r"<tr>(.*?)</tr>", page.split("<tbody>")[1], re.DOTALL) if "<tbody>" in page else []
    found = [re.findall(r'<td[^>]* data-label="([^"]*)">(.*?)</td>', row, re.DOTALL) for row in rows]
    return [{unescape(label): words(html) for label, html in row} for row in found]


def words(html: str) -> str:
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", html).split()))


def rich() -> Deal:
    """A deal of Ana, shown to sellers, with something in every column."""
    deal = new_deal(of="Proseware GmbH", shown=True, crm_id="OPP-7", team=["rui"])
    program = PartnerProgram.objects.order_by("name")[0]
    Engagement.objects.filter(pk=deal.engagement_id).update(partner_role="deployment", partner_program=program)
    return deal


def test_each_column_says_this_and_a_company_keeps_its_own() -> None:
    deal = rich()
    for name in ("ana", "lee"):
        columns.choose(user(name), EVERY)
    location = deal.location
    for_all = {
        "Customer": f"Proseware GmbH {deal.engagement.customer.city}, DE",
        "Status": "Created",
        "Expires in": "",
        "Type": "Partner-led IP co-sell",
        "Value": "310,000 USD",
        "Close date": said_day(deal.close_on),
        "Country": "Germany",
        "Created": said_day(localdate(deal.created_at, ZoneInfo(user("ana").time_zone))),
        "Partner role": "Deployment services",
        "Partner program": PartnerProgram.objects.order_by("name")[0].name,
        "Referral ID": str(deal.uid),
        "CRM ID": "OPP-7",
        "Location": str(location),
        "Owner": "Ana Souza",
        "Stage": "10 % Listen and Consult",
        "Registration": "On course",
    }
    [row] = cells(client_for("ana"), "outbound")
    assert row == {**for_all, "Microsoft status": ""}
    [row] = cells(client_for("lee"), "partner-led")
    lees = {"Created": said_day(localdate(deal.created_at, ZoneInfo(user("lee").time_zone)))}
    assert row == {**for_all, **lees, "CRM ID": "", "Location": ""}, (
        "what is the partner's own, the host does not read"
    )


def test_the_answer_and_the_hosts_status() -> None:
    deal = new_deal(asks=Help.POC, invites=["Northlake Services"])
    partner = side_of(deal, "Northlake Services")
    [row] = cells(client_for("priya"), "inbound")
    assert row["Expires in"].startswith(("14 d", "13 d")), row
    assert row["Microsoft status"] == "", "who has not answered knows only who invited"
    assert cells(client_for("ana"), "outbound")[0]["Microsoft status"] == "Pending"
    accept("lee", side_of(deal, "Microsoft"))
    accept("priya", partner)
    for name, tab in (("priya", "inbound"), ("ana", "outbound")):
        assert cells(client_for(name), tab)[0]["Microsoft status"] == "Accepted", name
    again = new_deal(asks=Help.POC, invites=["Northlake Services"])
    actions.decline_deal(who("priya"), side_of(again, "Northlake Services").pk, reason=DeclineReason.BUDGET)
    assert cells(client_for("priya"), "inbound")[0]["Microsoft status"] == ""


def test_every_column_costs_no_more_questions_and_none_by_row() -> None:
    pattern, client = rich(), client_for("ana")
    counts = {"usual, 1 row": queries_of(client, OUTBOUND)}
    columns.choose(user("ana"), EVERY)
    counts["every, 1 row"] = queries_of(client, OUTBOUND)
    crowd(24, pattern)
    counts["every, 25 rows"] = queries_of(client, OUTBOUND)
    assert len(client.get(OUTBOUND).context["rows"]) == 25
    assert set(counts.values()) == {8}, counts


def test_a_person_chooses_and_goes_back_to_the_usual_ones() -> None:
    new_deal()
    ana, url, back = client_for("ana"), reverse("deals:columns"), f"{OUTBOUND}?sort=value"
    page = ana.get(url, headers={"referer": f"http://testserver{back}"})
    assert page.context["form"].initial["columns"][2:] == ["answer", "type", "host", "value", "close", "created"]
    assert f'name="next" value="http://testserver{back}"' in page.content.decode()
    assert list(cells(ana, "outbound")[0]) == USUAL

    answer = ana.post(url, {"columns": ["crm", "value", "owner"], "next": back})
    assert (answer.status_code, answer["Location"]) == (302, back)
    assert list(cells(ana, "outbound")[0]) == ["Customer", "Status", "Value", "CRM ID", "Owner"], "in the usual order"
    assert list(cells(client_for("rui"), "outbound")[:1]) == [], "and nobody else's"
    assert ListColumns.objects.get().user == user("ana")
    assert ana.post(url, {"columns": ["crm", "nonsense"]}).status_code == 422
    assert ana.post(url, {"columns": ["host"], "next": "https://elsewhere.example/"})["Location"] == "/"
    ana.post(url, {"next": back})
    assert list(cells(ana, "outbound")[0]) == ["Customer", "Status"], "nothing chosen is a choice, too"
    ana.post(url, {"go": "usual", "next": back})
    assert list(cells(ana, "outbound")[0]) == USUAL
    assert not ListColumns.objects.exists()
    offered = dict(client_for("lee").get(url).context["form"].fields["columns"].choices)
    assert "host" not in offered, "the host knows its own status"


def test_heads_sort_what_is_shown_and_the_url_sorts_by_anything() -> None:
    new_deal(of="Proseware GmbH")
    new_deal(of="Fabrikam Seguros S.A.", at="100201")
    ana = client_for("ana")
    columns.choose(user("ana"), ["country", "referral"])

    def heads(sort: str) -> dict[str, tuple[str, str]]:
        return {
            head["label"]: (head["url"], head["direction"])
            for head in ana.get(OUTBOUND, {"sort": sort}).context["heads"]
        }

    assert heads("country") == {
        "Deal name": ("?sort=deal", ""),
        "Customer": ("?sort=customer", ""),
        "Status": ("?sort=stage", ""),
        "Country": ("?sort=-country", "ascending"),
        "Referral ID": ("", ""),
    }
    assert [row["Country"] for row in cells(ana, "outbound", sort="country")] == ["Brazil", "Germany"]
    assert [row["Country"] for row in cells(ana, "outbound", sort="-country")] == ["Germany", "Brazil"]
    columns.choose(user("ana"), ["value"])
    assert {direction for _url, direction in heads("country").values()} == {""}
    assert [row["Customer"][:8] for row in cells(ana, "outbound", sort="country")] == ["Fabrikam", "Proseware"[:8]]
    assert {column.sort for column in columns.COLUMNS if column.sort} == set(lists.SORTS)


def test_an_invitation_that_runs_out_says_so() -> None:
    deal = new_deal(asks=Help.POC, invites=["Northlake Services"])
    assert side_of(deal, "Northlake Services").organization == organization("Northlake Services")
    with clock.moved_by(timedelta(days=15)):
        [row] = cells(client_for("priya"), "inbound")
        assert (row["Status"], row["Expires in"]) == ("Expired", "time is over")
