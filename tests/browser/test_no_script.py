"""The main journey with JavaScript switched off: only live help is missing."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from deals.enums import Direction, Stage
from deals.models import Deal
from tests.browser import steps

NAME = "Plain lakehouse"


def test_create_accept_mark_win_and_undo_without_javascript(person: Callable[..., Page]) -> None:
    ana, lee = (person(name, java_script_enabled=False) for name in ("ana.souza", "lee.chan"))
    steps.create_deal(ana, NAME, live=False)

    lee.goto("/opportunities/inbound/")
    lee.locator("main a", has_text=NAME).click()
    form = steps.ask(lee, "accept")
    expect(lee).to_have_url(re.compile("/do/accept/$"))  # a page of its own
    steps.confirm(form)
    expect(lee).to_have_url(steps.DEAL)
    steps.act(lee, "qualify")

    ana.reload()
    steps.act(ana, "qualify")
    form = steps.ask(ana, "win")
    form.locator("[name=early_confirmed]").check()
    steps.confirm(form)
    expect(ana).to_have_url(steps.DEAL)
    assert Deal.objects.get(direction=Direction.OUTBOUND).stage == Stage.WON
    ana.locator("form[action$='/undo/'] button").click()
    expect(steps.link_to(ana, "win")).to_be_visible()

    ana.locator("[name=text]").fill("Said without a script.")
    ana.locator("form[action*='/note/'] button").click()
    expect(ana.locator("main")).to_contain_text("Said without a script.")
    ana.locator("form[action$='/favorite/'] button").first.click()
    expect(ana.locator("form[action$='/favorite/'] button").first).to_have_attribute("aria-pressed", "true")
    ana.goto("/opportunities/favorites/")
    expect(ana.locator("main a", has_text=NAME)).to_be_visible()
    ana.locator("main [name=q]").fill("nothing like it")
    ana.locator("main [name=q]").press("Enter")
    expect(ana.locator("main a", has_text=NAME)).to_have_count(0)
