"""A company's admins in the admin: who finds what there, what they change, and that it is written down."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.urls import reverse

from accounts.actions import organizations as actions
from accounts.enums import EventKind
from accounts.models import CustomerAccount, Location, Membership, Organization, Solution
from cosell.events.models import Event
from cosell.web.reasons import Refused
from tests.cast import client_for, new_deal, organization, user, who

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cast")]


def page(row: Model | type[Model], name: str) -> str:
    args = [] if isinstance(row, type) else [row.pk]
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=args)


def place(partner_id: str) -> Location:
    return Location.objects.get(partner_id=partner_id)


def solution(code: str) -> Solution:
    return Solution.objects.get(code=code)


def last(kind: EventKind) -> tuple[Event, dict[str, Any]]:
    event = Event.objects.filter(kind=kind).latest("pk")
    return event, {detail.key: detail.value for detail in event.details.all()}


def typed(response: Any) -> dict[str, Any]:
    """What the browser would send of the form on this page."""
    form = response.context["adminform"].form
    values = {name: form.initial.get(name, form.fields[name].initial) for name in form.fields}
    return {name: value for name, value in values.items() if value not in (None, False, "")}


def change(by: str, row: Model, **values: Any) -> Any:
    client, address = client_for(by), page(row, "change")
    return client.post(address, {**typed(client.get(address)), **values})


# ------------------------------------------------------------------------------------------------------------ the door


@pytest.mark.parametrize(
    ("name", "rooms"),
    [
        ("ana", {"deal", "delivery", "event", "location", "organization", "solution", "user"}),
        ("julia", {"deal", "delivery", "event", "location", "organization", "solution", "user"}),
        ("diego", {"event", "invite", "location", "membership", "organization", "solution", "user"}),
        ("erik", {"customeraccount", "program", "exchangerate", "solutionarea", "partnerprogram", "organization"}),
    ],
)
def test_the_index_shows_what_one_looks_after(name: str, rooms: set[str]) -> None:
    answer = client_for(name).get(reverse("admin:index"))
    shown = {model["model"]._meta.model_name for app in answer.context["app_list"] for model in app["models"]}
    assert rooms <= shown
    assert not {"registration", "evidence", "emailaddress"} & shown
    assert ("deal" in shown) == (name != "diego")
    words = answer.content.decode()
    assert who(name).organization.name in words
    assert reverse("deals:home") in words


@pytest.mark.parametrize("name", ["rui", "vera", "noor", "beatriz"])
def test_who_keeps_nothing_stays_outside(name: str) -> None:
    client = client_for(name)
    assert client.get(reverse("admin:index")).status_code == 302
    assert client.get(reverse("admin:login")).status_code == 403
    assert reverse("admin:index") not in client.get(reverse("accounts:profile")).content.decode()


def test_the_way_in_is_the_portals(client: Any) -> None:
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))
    inside = client_for("ana")
    assert inside.get(reverse("admin:login"))["Location"] == reverse("admin:index")
    assert inside.post(reverse("admin:logout"))["Location"] == reverse("account_logout")
    assert reverse("admin:index") in inside.get(reverse("accounts:profile")).content.decode()


def test_nothing_inline_is_needed() -> None:
    """The policy of the portal holds: no inline script, no inline style."""
    for address in (page(Location, "changelist"), page(solution("SOL-10471-CLH"), "change")):
        answer = client_for("diego").get(address)
        words = answer.content.decode()
        assert " style=" not in words
        assert "<style" not in words
        assert "unsafe-inline" not in answer["Content-Security-Policy"]


# ---------------------------------------------------------------------------------------------------- what is reached


@pytest.mark.parametrize(
    ("name", "row", "get", "post"),
    [
        ("ana", lambda: organization("Contoso Data"), 200, 302),
        ("julia", lambda: organization("Contoso Data"), 200, 403),  # of some locations: looks at the profile
        ("ana", lambda: organization("Northlake Services"), 404, 403),
        ("erik", lambda: organization("Northlake Services"), 200, 302),
        ("ana", lambda: place("100202"), 200, 302),
        ("julia", lambda: place("100201"), 200, 302),
        ("julia", lambda: place("999999"), 200, 403),  # the global one
        ("julia", lambda: place("100202"), 404, 404),
        ("ana", lambda: place("200100"), 404, 404),
        ("erik", lambda: place("200100"), 404, 404),
        ("diego", lambda: solution("SOL-10474-CPT"), 200, 302),
        ("ana", lambda: solution("SOL-10474-CPT"), 200, 403),
        ("diego", lambda: solution("SOL-20111-NFC"), 404, 404),
        ("erik", lambda: solution("SOL-20111-NFC"), 200, 302),
        ("ana", lambda: CustomerAccount.objects.first(), 403, 403),
        ("erik", lambda: CustomerAccount.objects.first(), 200, 302),
    ],
)
def test_who_opens_and_changes_what(name: str, row: Any, get: int, post: int) -> None:
    client, address = client_for(name), page(row(), "change")
    answer = client.get(address)
    assert answer.status_code == get
    data = typed(answer) if get == 200 else {}
    assert client.post(address, data).status_code == post
    assert client.get(page(row(), "history")).status_code == (200 if get == 200 else 404)


def test_a_customer_that_somebody_typed_is_theirs_alone() -> None:
    contoso = organization("Contoso Data")
    typed_by_hand = CustomerAccount.objects.create(
        name="Padaria Segredo", category="manual", country="BR", entered_by=contoso
    )
    client = client_for("erik")
    assert client.get(page(typed_by_hand, "change")).status_code == 404
    assert client.get(page(CustomerAccount, "changelist"), {"q": "segredo"}).context["cl"].result_count == 0
    asked = {"app_label": "accounts", "model_name": "customeraccount", "field_name": "parent", "term": "segredo"}
    assert client.get(reverse("admin:autocomplete"), asked).json()["results"] == []


def test_what_one_asks_for_by_an_address_is_refused() -> None:
    """No field is guessed at, letter by letter."""
    client = client_for("ana")
    for asked in ("organization__name__startswith", "memberships__user__email__startswith", "organization__id__exact"):
        assert client.get(page(Location, "changelist"), {asked: "1"}).status_code == 400
    assert client.get(page(Location, "changelist"), {"is_global__exact": "1"}).status_code == 200


def test_the_history_names_ones_own_people() -> None:
    change("erik", solution("SOL-10474-CPT"), status="cosell_ready")
    change("diego", solution("SOL-10474-CPT"), name="Contoso Plant Twins")
    assert LogEntry.objects.count() == 2
    words = client_for("diego").get(page(solution("SOL-10474-CPT"), "history")).content.decode()
    assert "Diego Reyes" in words
    assert "Erik Holm" not in words


# -------------------------------------------------------------------------------------------------------- the company


def test_an_account_admin_changes_the_profile_and_the_host_the_standing() -> None:
    contoso = organization("Contoso Data")
    assert change("diego", contoso, description="Lakes of data.", requires_mfa="on", name="Else").status_code == 302
    event, details = last(EventKind.PROFILE_CHANGED)
    assert event.stream == f"organization:{contoso.uid}"
    assert event.data == {"fields": ["description", "requires_mfa"]}
    assert details["changes"] == {"description": ["", "Lakes of data."], "requires_mfa": [False, True]}
    assert change("erik", contoso, solutions_partner="on", description="Theirs").status_code == 302
    contoso.refresh_from_db()
    assert (contoso.name, contoso.description) == ("Contoso Data", "Lakes of data.")
    assert contoso.solutions_partner
    assert last(EventKind.PROFILE_CHANGED)[0].actor == user("erik")


def test_a_referrals_admin_changes_no_doors() -> None:
    contoso = organization("Contoso Data")
    assert change("ana", contoso, website="contoso.example", requires_mfa="on").status_code == 302
    contoso.refresh_from_db()
    assert contoso.website == "https://contoso.example"
    assert not contoso.requires_mfa
    words = client_for("ana").get(page(contoso, "change")).content.decode()
    assert "Microsoft decides this." in words
    assert change("ana", contoso, description="x" * 2_501).status_code == 422


def test_the_host_adds_a_partner_and_sees_no_doors_of_it() -> None:
    client = client_for("erik")
    assert client_for("diego").get(page(Organization, "add")).status_code == 403
    data = {"name": "Fourth Coffee", "country": "CA", "language": "en", "time_zone": "UTC", "partner_id": "400100"}
    assert client.post(page(Organization, "add"), data).status_code == 302
    coffee = organization("Fourth Coffee")
    assert (coffee.kind, coffee.locations.get().is_global) == ("partner", True)
    assert last(EventKind.PROFILE_CHANGED)[0].data["added"]
    assert "requires_mfa" not in client.get(page(coffee, "change")).content.decode()


def test_locations() -> None:
    client, contoso = client_for("ana"), organization("Contoso Data")
    data = {"name": "Contoso Berlin", "partner_id": "100203", "country": "DE", "city": "Berlin"}
    assert client.post(page(Location, "add"), data).status_code == 302
    berlin = place("100203")
    assert (berlin.organization, berlin.is_global) == (contoso, False)
    assert last(EventKind.LOCATION_CHANGED)[0].data["added"]
    assert change("ana", berlin, city="Potsdam", partner_id="1").status_code == 302
    event, details = last(EventKind.LOCATION_CHANGED)
    assert event.data == {"location": "100203", "fields": ["city"]}
    assert details["changes"] == {"city": ["Berlin", "Potsdam"]}
    assert client_for("julia").get(page(Location, "add")).status_code == 403
    assert client.post(page(berlin, "delete"), {"post": "yes"}).status_code == 302
    assert last(EventKind.LOCATION_CHANGED)[0].data["removed"]
    assert not Location.objects.filter(partner_id="100203").exists()


def test_a_location_in_use_stays_and_says_why() -> None:
    client = client_for("ana")
    words = client.get(page(place("100201"), "delete")).content.decode()
    assert "Roles of people hold at this location." in words
    refused = client.post(page(place("100201"), "delete"), {"post": "yes"})
    assert refused.status_code in (200, 409)
    assert client.post(page(place("999999"), "delete"), {"post": "yes"}).status_code == 403
    assert organization("Contoso Data").locations.count() == 3


def test_solutions() -> None:
    client = client_for("diego")
    data = {"name": "Contoso Lake House", "kind": "ip", "location": place("100201").pk, "is_active": "on"}
    assert client.post(page(Solution, "add"), {**data, "status": "cosell_ready"}).status_code == 302
    added = Solution.objects.get(name="Contoso Lake House")
    assert (added.status, added.organization.name, added.location) == ("in_market", "Contoso Data", place("100201"))
    assert added.code.startswith("SOL-")
    for wrong in ({"location": place("200100").pk}, {"kind": "first_party"}, {"name": ""}):
        assert client.post(page(Solution, "add"), {**data, **wrong}).status_code == 422
    assert change("erik", added, status="cosell_ready", macc_eligible="on", name="Else").status_code == 302
    added.refresh_from_db()
    assert (added.name, added.status, added.macc_eligible) == ("Contoso Lake House", "cosell_ready", True)
    event, details = last(EventKind.SOLUTION_CHANGED)
    assert event.organization == organization("Contoso Data")
    assert details["changes"] == {"status": ["in_market", "cosell_ready"], "macc_eligible": [False, True]}


def profile(**values: Any) -> Any:
    return lambda me, home: actions.change_profile(me, home.pk, values)


def placed(at: str | None, **values: Any) -> Any:
    return lambda me, home: actions.save_location(me, home.pk, at and place(at).pk, values)


def removed(partner_id: str) -> Any:
    return lambda me, home: actions.remove_location(me, home.pk, place(partner_id).pk)


def offered(code: str | None, **values: Any) -> Any:
    return lambda me, home: actions.save_solution(me, home.pk, code and solution(code).pk, values)


@pytest.mark.parametrize(
    ("by", "do", "code"),
    [
        ("ana", profile(requires_mfa=True), "not_yours"),
        ("julia", profile(website="https://x.example"), "not_yours"),
        ("diego", profile(transacts=False), "not_yours"),
        ("erik", profile(description="Theirs"), "not_yours"),
        ("priya", profile(website="https://x.example"), "not_yours"),
        ("ana", lambda me, home: actions.add_organization(me, {"name": "X"}, partner_id="1"), "not_yours"),
        ("julia", placed(None, name="X"), "not_yours"),
        ("julia", placed("999999", name="X"), "not_yours"),
        ("ana", placed("999999", partner_id="2"), "not_yours"),
        ("ana", placed("200100", name="X"), "no_location"),
        ("ana", removed("999999"), "global_location"),
        ("ana", removed("100201"), "location_has_roles"),
        ("ana", offered(None, name="X", kind="ip"), "not_yours"),
        ("diego", offered("SOL-10474-CPT", status="cosell_ready"), "not_yours"),
        ("diego", offered("SOL-20111-NFC", name="X"), "not_yours"),
        ("diego", offered(None, name="X", kind="assessment"), "kind_of_host"),
        ("diego", lambda me, home: offered(None, name="X", location=place("200100"))(me, home), "foreign_location"),
    ],
)
def test_what_an_action_refuses(by: str, do: Any, code: str) -> None:
    before = Event.objects.count()
    with pytest.raises(Refused) as refused:
        do(who(by), organization("Contoso Data"))
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert Event.objects.count() == before


def test_a_location_with_deals_stays() -> None:
    Membership.objects.filter(locations=place("100202")).delete()
    new_deal("ana", at="100202")
    with pytest.raises(Refused) as refused:
        actions.remove_location(who("ana"), organization("Contoso Data").pk, place("100202").pk)
    assert refused.value.reasons[0].code == "location_in_use"
    words = client_for("diego").get(page(place("100202"), "delete")).content.decode()
    assert "Deals: 1" in words
    assert "Datum lakehouse" not in words  # he sees no deals


@pytest.mark.parametrize(("name", "letters"), [("Contoso Lake House", "CLH"), ("água", "XXX"), ("", "XXX")])
def test_new_codes(name: str, letters: str) -> None:
    assert actions.new_code(name).endswith(f"-{letters}")
