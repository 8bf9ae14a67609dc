"""The main journey without a mouse, from the door to Won and back."""

import re
from collections.abc import Callable

from django.urls import reverse
from playwright.sync_api import Page, expect

from cosell.local.cast import PASSWORD
from deals.enums import Direction, Stage
from deals.models import Deal
from tests.browser import steps
from tests.browser.keys import Keys

NAME = "Keyboard lakehouse"
NEXT = "button[value=next]:not([aria-hidden])"


def test_from_the_door_to_won_by_keyboard_alone(cast: None, page: Page, person: Callable[..., Page]) -> None:
    keys = Keys(page)
    page.goto("/")
    keys.type("[name=login]", "ana.souza@contoso.example")
    keys.type("[name=password]", PASSWORD)
    keys.press("Enter")
    expect(page.locator("nav.rail")).to_be_visible()

    page.goto(reverse("deals:list", args=["outbound"]))
    keys.press("Tab", "Enter")  # skip to content
    keys.push("a[href='/opportunities/new/']")
    expect(page).to_have_url(re.compile("/new/$"))
    keys.push("main form[method=post] button")
    steps.at_step(page, "customer")
    customer(keys)
    steps.at_step(page, "details")
    details(keys)
    steps.at_step(page, "solutions")
    keys.tick(f"input[value={steps.LAKEHOUSE}]")
    keys.push(NEXT)
    steps.at_step(page, "help")
    keys.choose("help", "architecture")
    keys.type("[name=customer_problem]", "The licence ends.")
    keys.type("[name=help_needed]", "A review.")
    keys.push(NEXT)
    steps.at_step(page, "partners")
    keys.push(NEXT)
    steps.at_step(page, "review")
    keys.push("button[value=create]:not([aria-hidden])")
    expect(page).to_have_url(steps.DEAL)

    lee = person("lee.chan")
    lee.goto(reverse("deals:detail", args=[Deal.objects.get(direction=Direction.INBOUND).uid]))
    answer = Keys(lee)
    answer.push("a[href$='/do/accept/']")
    expect(lee.locator("dialog[open]")).to_be_visible()
    answer.press("Escape")  # out of the dialog, back where one was
    expect(lee.locator("dialog[open]")).to_have_count(0)
    expect(lee.locator("a[href$='/do/accept/']")).to_be_focused()
    answer.press("Enter")
    expect(lee.locator("dialog[open]")).to_be_visible()
    answer.push("dialog .actions button, dialog form button.primary")
    expect(steps.link_to(lee, "qualify")).to_be_visible()

    keys.push("a[href$='/do/qualify/']")
    expect(page.locator("dialog[open]")).to_be_visible()
    keys.push("dialog .actions button, dialog form button.primary")
    expect(steps.link_to(page, "qualify")).to_have_count(0)
    keys.push("a[href$='/do/win/']")
    expect(page.locator("dialog[open]")).to_be_visible()
    keys.tick("dialog [name=early_confirmed]")
    keys.push("dialog .actions button, dialog form button.primary")
    expect(page.locator("form[action$='/undo/']")).to_be_visible()
    assert Deal.objects.get(direction=Direction.OUTBOUND).stage == Stage.WON
    keys.push("form[action$='/undo/'] button")
    expect(steps.link_to(page, "win")).to_be_visible()


def customer(keys: Keys) -> None:
    keys.type("main [name=name]", "wide world imp")
    expect(keys.page.locator("#customer-results label").first).to_be_visible()
    keys.tick("#customer-results [type=radio][name=customer]")
    keys.type("[name=contact_name]", "Chris Gray")
    keys.type("[name=contact_phone]", "+1 206 555 0199")
    keys.type("[name=contact_email]", "chris.gray@wideworldimporters.example")
    keys.tick("[name=consent]")
    keys.push(NEXT)


def details(keys: Keys) -> None:
    keys.type("main [name=name]", NAME)
    keys.type("[name=value]", "310000")
    keys.date("[name=close_on]", steps.CLOSES.strftime("%m%d%Y"))
    keys.choose("intent", "undecided")
    keys.type("[name=notes]", "Met at the fair.")
    keys.push(NEXT)
