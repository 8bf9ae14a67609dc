"""A deal begins private, is shown, asks for help, is turned down, and asks again: two people in two browsers."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from deals.enums import Direction, Stage, Visibility
from deals.models import Deal, Engagement
from tests.browser import steps
from tests.cast import new_deal

NAME = "Datum lakehouse, quietly"


def open_from(page: Page, tab: str) -> None:
    page.goto(f"/opportunities/{tab}/")
    page.locator("main a.name", has_text=NAME).click()
    expect(page.locator("h1")).to_contain_text(NAME)


def share(page: Page, help: str, **typed: str) -> None:
    form = steps.ask(page, "share")
    expect(form.locator(".note:visible")).to_have_count(2)  # what is seen from now on, and that it stays so
    form.locator(f"[name=help][value={help}]").check()
    for name, text in typed.items():
        form.locator(f"[name={name}]").fill(text)
    if "contact_name" in typed:
        form.locator("[name=consent]").check()
    steps.confirm(form)
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page).to_have_url(steps.DEAL)


@pytest.mark.parametrize("language", ["pt-br", pytest.param("en", marks=pytest.mark.again)])
def test_a_deal_is_shared_step_by_step_and_asked_about_again(person: Callable[..., Page], language: str) -> None:
    deal = new_deal(name=NAME)
    ana, lee = person("ana.souza", language), person("lee.chan", language)
    open_from(ana, "outbound")
    lee.goto("/opportunities/partner-led/")
    expect(lee.locator("main")).not_to_contain_text(NAME)

    share(ana, "none")
    open_from(lee, "partner-led")
    expect(lee.locator("a[href*='/do/']")).to_have_count(0)  # to be read only

    share(
        ana,
        "poc",
        customer_problem="The licence ends in May.",
        help_needed="A proof of concept with their data.",
        contact_name="Chris Gray",
        contact_phone="+1 206 555 0199",
        contact_email="chris.gray@customer.example",
    )
    expect(steps.link_to(ana, "share")).to_have_count(0)
    open_from(lee, "inbound")
    form = steps.ask(lee, "decline")
    form.locator("[name=reason][value=timeline]").check()
    steps.confirm(form)
    expect(lee.locator("form[action$='/undo/']")).to_be_visible()

    ana.reload()
    form = steps.ask(ana, "share")  # again, with what was typed before
    expect(form.locator("[name=help][value=poc]")).to_be_checked()
    expect(form.locator("[name=customer_problem]")).to_have_value("The licence ends in May.")
    expect(form.locator("[name=contact_name]")).to_have_count(0)
    form.locator("[name=help_needed]").fill("A smaller proof of concept, in autumn.")
    steps.confirm(form)
    expect(steps.link_to(ana, "share")).to_have_count(0)

    open_from(lee, "inbound")
    expect(lee.locator("main")).to_contain_text("A smaller proof of concept, in autumn.")
    steps.confirm(steps.ask(lee, "accept"))
    expect(steps.link_to(lee, "qualify")).to_be_visible()
    invited = Deal.objects.filter(engagement=deal.engagement_id, direction=Direction.INBOUND).order_by("pk")
    assert [side.stage for side in invited] == [Stage.DECLINED, Stage.ACCEPTED]
    assert Engagement.objects.get(pk=deal.engagement_id).visibility == Visibility.COSELL
