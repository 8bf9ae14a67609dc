"""Writes that mean something, and the form of what is typed by hand."""

import pytest
from django.utils import translation

from accounts.actions import create_organization, enter_customer
from accounts.enums import CustomerCategory, category_consequence, category_label
from accounts.forms import ManualCustomerForm
from accounts.models import CustomerAccount
from cosell.web.countries import country_choices
from tests.factories import make_who

pytestmark = pytest.mark.django_db
TYPED = {
    "manual_name": "Padaria Três Irmãos",
    "manual_address": "Rua Direita 3",
    "manual_city": "Ouro Preto",
    "manual_country": "BR",
    "manual_duns": "89-000-0547",
    "manual_domain": "Padaria.example",
}


def test_a_customer_entered_by_hand() -> None:
    who = make_who()
    form = ManualCustomerForm(TYPED)
    assert form.is_valid()
    customer = enter_customer(who, form.cleaned_data)
    customer.refresh_from_db()
    assert (customer.category, customer.entered_by) == (CustomerCategory.MANUAL, who.organization)
    assert (customer.name, customer.city, customer.country) == ("Padaria Três Irmãos", "Ouro Preto", "BR")
    assert (customer.duns, customer.domain, customer.account_id) == ("890000547", "padaria.example", None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("manual_name", " "),
        ("manual_name", "x" * 161),
        ("manual_address", ""),
        ("manual_city", ""),
        ("manual_country", ""),
        ("manual_country", "XX"),
        ("manual_country", "EU"),
        ("manual_duns", "12345678"),
        ("manual_duns", "1234567890"),
        ("manual_duns", "12345678a"),
        ("manual_domain", "no domain"),
        ("manual_domain", "contoso"),
        ("manual_name", "a\0b"),
    ],
)
def test_what_is_refused(field: str, value: str) -> None:
    form = ManualCustomerForm({**TYPED, field: value})
    assert list(form.errors) == [field]


def test_only_the_name_and_the_place_are_required() -> None:
    assert ManualCustomerForm({**TYPED, "manual_duns": "", "manual_domain": ""}).is_valid()


def test_countries_speak_the_readers_language() -> None:
    assert dict(country_choices())["BR"] == "Brazil"
    with translation.override("pt-br"):
        assert dict(country_choices())["DE"] == "Alemanha"


def test_an_organization_begins_with_its_global_location() -> None:
    organization = create_organization(name="Zava", country="NG", partner_id="1", city="Lagos")
    location = organization.locations.get()
    assert (location.is_global, location.name, location.country, location.city) == (True, "Zava", "NG", "Lagos")


def test_the_hosts_name_is_data() -> None:
    assert category_label("managed", "Fabrikam Cloud") == "Fabrikam Cloud Managed"
    assert category_label("unmanaged", "100% Cloud") == "100% Cloud Unmanaged"
    assert category_label("other", "Fabrikam Cloud") == "Other"
    for category in CustomerCategory:
        assert category_consequence(category, "100% Cloud")


def test_every_customer_has_a_text_to_be_found_by() -> None:
    customer = CustomerAccount.objects.create(name="Água & Luz Ltda.", category="managed", country="BR")
    assert customer.search_text == "agua luz"
