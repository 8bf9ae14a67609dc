"""Finding the customer while typing, in the first step of a new deal."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, Request, expect

from accounts.enums import CustomerCategory
from cosell import clock
from deals.models import Draft
from tests.factories import make_customer, make_host, make_who


def test_found_while_typing(sign_in: Callable[[Any], Page], shot: Callable[..., None]) -> None:
    make_host()
    make_customer(name="Woodgrove Bank", macc=True)
    make_customer(name="Woodgrove Insurance", category=CustomerCategory.OTHER)
    who, now = make_who(), clock.now()
    draft = Draft.objects.create(organization=who.organization, owner=who.user, created_at=now, updated_at=now)
    page = sign_in(who.user)
    page.goto(reverse("deals:draft", args=[draft.uid, "customer"]))
    page.locator("[name=contact_email]").fill("secret@woodgrove.example")
    searches: list[Request] = []
    page.on("request", lambda request: searches.append(request) if "/customers/" in request.url else None)

    results = page.locator("#customer-results")
    page.get_by_label("Customer name").press_sequentially("woodgrov", delay=20)
    results.get_by_role("radio", name="Woodgrove Bank").check()
    shot(page, "customer-search")
    assert not Axe().run(page).violations_count
    results.get_by_role("link", name="Other").click()
    expect(results.get_by_role("radio", name="Woodgrove Insurance")).not_to_be_checked()
    expect(results.get_by_role("radio", name="Woodgrove Bank")).to_be_checked()  # another list keeps the choice

    page.get_by_label("Customer name").fill("nobody at all")
    expect(results).to_contain_text("No customer found")
    expect(results.get_by_role("radio", name="Woodgrove Bank")).to_be_checked()
    assert not Axe().run(page).violations_count
    results.get_by_role("link", name="Search more").click()
    expect(results).to_contain_text("Enter the customer by hand")
    # addresses are logged: no more of the form than what is searched for may stand in them
    assert searches
    for request in searches:
        assert set(parse_qs(urlsplit(request.url).query)) <= {
            "name",
            "country",
            "city",
            "account_id",
            "customer",
            "tab",
            "more",
        }
