"""Two tabs on one draft, and a sign-in that was lost meanwhile: nothing typed is lost, no page lands in a page."""

import re
from collections.abc import Callable

from django.urls import reverse
from playwright.sync_api import Page, expect

from deals.models import Draft
from tests.browser import places, steps

Person = Callable[..., Page]


def test_the_second_tab_is_told_and_keeps_what_was_typed(person: Person) -> None:
    first = person("ana.souza")
    draft = places.draft_of(places.ANA, {})
    address = reverse("deals:draft", args=[draft.uid, "details"])
    second = first.context.new_page()
    for tab in (first, second):
        tab.goto(address)
    steps.fill_details(first, "From the first tab")
    steps.go(first, "next")
    steps.at_step(first, "solutions")

    steps.fill_details(second, "From the second tab")
    steps.go(second, "next")
    expect(second.locator("main [role=alert]").first).to_be_visible()
    expect(second.locator("main [name=name]")).to_have_value("From the second tab")
    assert Draft.objects.get().title == "From the first tab"

    steps.go(second, "next")  # now knowingly
    steps.at_step(second, "solutions")
    assert Draft.objects.get().title == "From the second tab"


def test_a_lost_sign_in_leads_to_the_door_not_into_a_table(person: Person) -> None:
    ana = person("ana.souza")
    ana.goto("/opportunities/outbound/")
    ana.context.clear_cookies()
    ana.locator("main [name=q]").press_sequentially("lake")
    expect(ana).to_have_url(re.compile("/sign-in/"))
    expect(ana.locator("input[type=password]")).to_be_visible()
    assert ana.locator("body").count() == 1
    assert ana.locator("table").count() == 0


def test_a_lost_sign_in_behind_a_dialog_leads_to_the_door(person: Person, deals: None) -> None:
    ana = person("ana.souza")
    ana.goto(places.page_of(places.deal("Adatum lakehouse")))
    ana.context.clear_cookies()
    steps.link_to(ana, "propose").click()
    expect(ana.locator("input[type=password]")).to_be_visible()
    expect(ana.locator("dialog[open]")).to_have_count(0)
    assert "/sign-in/" in ana.url
