"""The operator's repair room."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import CustomerCategory, Role
from accounts.models import CustomerAccount, Location, Membership, Organization, User
from tests.factories import make_customer, make_location, make_membership, make_organization, make_solution, make_user

pytestmark = pytest.mark.django_db
MODELS = ("user", "organization", "location", "membership", "solution", "customeraccount")


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator@people.example", full_name="Olga"))
    return client


@pytest.mark.parametrize("model", MODELS)
def test_lists_search_and_forms_open(
    operator: Client, contoso: Organization, london: Location, model: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        make_membership(organization=contoso, locations=[london])
        make_solution(organization=contoso)
        make_customer(name=f"Água & Luz {number}")
    for address in (
        reverse(f"admin:accounts_{model}_changelist"),
        reverse(f"admin:accounts_{model}_changelist") + "?q=água+%26",
        reverse(f"admin:accounts_{model}_add"),
    ):
        with django_assert_max_num_queries(20):
            assert operator.get(address).status_code == 200
    anyone = User if model == "user" else {m._meta.model_name: m for m in Organization._meta.apps.get_models()}[model]
    change = reverse(f"admin:accounts_{model}_change", args=[anyone.objects.first().pk])
    assert operator.get(change).status_code == 200


def test_a_new_person(operator: Client) -> None:
    answer = operator.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "Ana@people.example",
            "full_name": "Ana Souza",
            "usable_password": "true",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
        },
    )
    assert answer.status_code == 302
    ana = User.objects.get(email__iexact="ana@people.example")
    assert ana.check_password("correct horse battery")
    again = operator.post(
        reverse("admin:accounts_user_add"),
        {"email": "ANA@people.example", "full_name": "Ana", "usable_password": "false"},
    )
    assert again.status_code == 200
    assert again.context["adminform"].form.errors


def location(name: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "partner_id": f"ID {name}", "country": "DE", "city": "", "id": "", **fields}


def organization_data(*locations: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    data = {
        "kind": "partner",
        "name": "Relecloud",
        "country": "DE",
        "language": "en",
        "time_zone": "Europe/Berlin",
        "locations-TOTAL_FORMS": len(locations),
        "locations-INITIAL_FORMS": initial,
    }
    for index, fields in enumerate(locations):
        data |= {f"locations-{index}-{name}": value for name, value in fields.items()}
    return data


def test_a_new_organization_has_one_global_location(operator: Client) -> None:
    add = reverse("admin:accounts_organization_add")
    assert operator.post(add, organization_data()).status_code == 200
    assert not Organization.objects.exists()
    answer = operator.post(add, organization_data(location("Köln"), location("Bonn", is_global="on")))
    assert answer.status_code == 302
    assert dict(Location.objects.values_list("name", "is_global")) == {"Köln": True, "Bonn": False}


def test_the_global_location_stays(operator: Client, contoso: Organization, headquarters: Location) -> None:
    assert operator.post(reverse("admin:accounts_location_delete", args=[headquarters.pk])).status_code == 403
    other = make_location(organization=contoso)
    operator.post(reverse("admin:accounts_location_delete", args=[other.pk]), {"post": "yes"})
    operator.post(
        reverse("admin:accounts_location_changelist"),
        {"action": "delete_selected", "_selected_action": [headquarters.pk], "post": "yes"},
    )
    assert list(contoso.locations.all()) == [headquarters]


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ("role", {"role": Role.SELLER}),
        ("locations", {"scope": "locations"}),
        ("locations", {"scope": "locations", "locations": "foreign"}),
        ("markets", {"markets": "US, XX"}),
    ],
)
def test_roles_make_sense(operator: Client, contoso: Organization, wrong: str, fields: dict[str, Any]) -> None:
    if fields.get("locations"):
        fields = {**fields, "locations": [make_location(organization=make_organization()).pk]}
    data = {"user": make_user().pk, "organization": contoso.pk, "role": Role.REFERRALS_ADMIN, "scope": "company"}
    answer = operator.post(reverse("admin:accounts_membership_add"), {**data, **fields})
    assert list(answer.context["adminform"].form.errors) == [wrong]
    assert not Membership.objects.exists()


def test_a_sellers_role(operator: Client, host: Organization) -> None:
    data = {"user": make_user().pk, "organization": host.pk, "role": Role.SELLER, "scope": "company"}
    answer = operator.post(reverse("admin:accounts_membership_add"), {**data, "markets": "us, ca", "is_active": "on"})
    assert answer.status_code == 302
    assert Membership.objects.get().markets == ["US", "CA"]


def test_customers(operator: Client) -> None:
    add = reverse("admin:accounts_customeraccount_add")
    data = {"name": "Woodgrove Bank", "category": "managed", "country": "PT", "former_names": "Banco Woodgrove"}
    for number in range(2):  # no account ID is not the same account ID
        assert operator.post(add, {**data, "name": f"Woodgrove {number}"}).status_code == 302
    assert CustomerAccount.objects.get(name="Woodgrove 0").search_text == "woodgrove 0|banco woodgrove"
    refused = operator.post(add, {**data, "category": CustomerCategory.MANUAL})
    assert refused.context["adminform"].form.errors  # whose is it?
