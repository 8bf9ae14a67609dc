"""The admin works under the portal's policy: its scripts, choices that are searched for, rows that are added."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Solution
from tests.cast import new_deal, user

pytestmark = pytest.mark.usefixtures("cast")


def test_a_solution_is_added_and_its_location_searched_for(sign_in: Callable[..., Page]) -> None:
    page = sign_in(user("diego"))
    page.emulate_media(color_scheme="dark")
    page.goto("/profile/")
    page.locator(f"a[href='{reverse('admin:index')}']").first.click()
    page.locator(f"a[href='{reverse('admin:accounts_solution_add')}']").first.click()
    page.locator("[name=name]").fill("Contoso Lake House")
    page.locator("[name=kind]").select_option("ip")
    page.locator(".field-location .select2-selection").click()
    page.locator(".select2-search__field").press_sequentially("paulo")
    page.locator(".select2-results__option", has_text="Contoso São Paulo").click()
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    added = Solution.objects.get(name="Contoso Lake House")
    assert added.location
    assert added.location.partner_id == "100201"


def test_a_person_is_added_to_a_team(sign_in: Callable[..., Page]) -> None:
    deal = new_deal("ana")
    page = sign_in(user("ana"))
    page.goto(reverse("admin:deals_deal_change", args=[deal.pk]))
    page.locator(".add-row a").click()
    for name, value in (("name", "Rui Prado"), ("phone", "+55 11 5550 0102"), ("email", "rui.prado@contoso.example")):
        page.locator(f"[name=team-1-{name}]").fill(value)
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert set(deal.team.values_list("user__full_name", flat=True)) == {"Ana Souza", "Rui Prado"}
