"""One journey for each further kind of deal, in both languages, and the host's seller who sends services."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from deals.enums import Direction, Stage
from deals.models import Deal
from tests.browser import steps

Person = Callable[..., Page]
LANGUAGES = pytest.mark.parametrize("language", ["pt-br", pytest.param("en", marks=pytest.mark.again)])
MIGRATION = "SOL-20110-NMG"
PLAY, OTHER_PLAY = "Copilot and Agents at Work", "Innovate with Azure AI Apps and Agents"


def fill_details(page: Page, name: str, kind: str) -> None:
    """All but what the kind asks for itself."""
    page.locator(f"[name=kind][value={kind}]").check()
    expect(page.locator("[name=intent]").first).to_be_visible(visible=kind == "ip")
    expect(page.locator("[name=partner_role]")).to_be_visible(visible=kind == "services")
    page.locator("[name=name]").fill(name)
    page.locator("[name=value]").fill("310000")
    page.locator("[name=close_on]").fill(steps.CLOSES.isoformat())
    page.locator("[name=notes]").fill("Met at the fair; wants a follow-up.")


def fill_services(page: Page) -> None:
    """The play follows the area, and follows it again."""
    page.locator("[name=partner_role]").select_option("deployment")
    plays = page.locator("[name=solution_play] option")
    page.locator("[name=solution_area]").select_option(label="Cloud and AI Platforms")
    expect(plays).to_have_text(["—", OTHER_PLAY])
    page.locator("[name=solution_area]").select_option(label="AI Business Solutions")
    expect(plays).to_have_count(6)
    page.locator("[name=solution_play]").select_option(label=PLAY)


def accept(page: Page, name: str) -> None:
    page.goto("/opportunities/inbound/")
    page.locator("main a", has_text=name).click()
    steps.confirm(steps.ask(page, "accept"))
    expect(steps.link_to(page, "accept")).to_have_count(0)


def begin(page: Page, name: str, kind: str) -> None:
    """The customer with the contact, and Deal details."""
    steps.start_draft(page)
    steps.choose_customer(page, "Wide World Importers", typed="wide world imp")
    steps.fill_contact(page)
    steps.go(page, "next")
    steps.at_step(page, "details")
    fill_details(page, name, kind)


def create(page: Page, *expected: str) -> None:
    steps.at_step(page, "review")
    for words in expected:
        expect(page.locator("main")).to_contain_text(words)
    steps.go(page, "create")
    expect(page).to_have_url(steps.DEAL)


@pytest.mark.again
@LANGUAGES
def test_services_with_a_play_of_the_area(person: Person, language: str) -> None:
    name = "Wide World agents"
    priya, lee = person("priya.nair", language), person("lee.chan", language)
    begin(priya, name, "services")
    fill_services(priya)
    steps.go(priya, "next")
    steps.at_step(priya, "solutions")
    steps.go(priya, "next")  # services need none
    steps.at_step(priya, "help")
    steps.ask_for_help(priya)
    steps.go(priya, "next")
    steps.at_step(priya, "partners")
    steps.go(priya, "next")
    create(priya, PLAY, "AI Business Solutions")
    accept(lee, name)
    expect(lee.locator("main")).to_contain_text(PLAY)
    steps.act(priya, "qualify")
    assert Deal.objects.get(direction=Direction.OUTBOUND).stage == Stage.QUALIFIED


@LANGUAGES
def test_an_assessment_to_won_through_all_four_stages(person: Person, language: str) -> None:
    name = "Wide World data centre exit"
    priya, lee = person("priya.nair", language), person("lee.chan", language)
    begin(priya, name, "assessment")
    steps.go(priya, "next")
    steps.at_step(priya, "solutions")
    priya.locator("input[value=SOL-00101-DIM]").check()
    priya.locator("[name=help_needed]").fill("They gave us read access to the inventory.")
    steps.go(priya, "next")
    create(priya, "Data & Infrastructure Migration", "200100", "read access to the inventory")
    accept(lee, name)
    for action in ("secure_loe", "collect_data", "prepare_report", "present"):
        expect(steps.link_to(priya, "win")).to_have_count(0)
        steps.act(priya, action)
    steps.confirm(steps.ask(priya, "win"))
    expect(priya.locator("form[action$='/undo/']")).to_be_visible()
    assert Deal.objects.get(direction=Direction.OUTBOUND).stage == Stage.WON


@pytest.mark.again
def test_the_hosts_seller_sends_services_to_a_partner(person: Person) -> None:
    """And, on the way, without JavaScript: a play of another area is refused, the button shows the right ones."""
    name = "Wide World plants to the cloud"
    lee, priya = person("lee.chan", java_script_enabled=False), person("priya.nair")
    steps.start_draft(lee)
    steps.choose_customer(lee, "Wide World Importers", typed="wide world imp", live=False)
    steps.go(lee, "next")
    steps.at_step(lee, "details")
    fill_details(lee, name, "services")
    lee.locator("[name=partner_role]").select_option("managed")
    lee.locator("[name=partner_program]").select_option(label="Azure Expert MSP")
    lee.locator("[name=solution_area]").select_option(label="AI Business Solutions")
    lee.locator("[name=solution_play]").select_option(label=OTHER_PLAY)
    steps.go(lee, "next")
    expect(lee.locator("#plays .errorlist")).to_contain_text("Cloud and AI Platforms")
    steps.go(lee, "area")
    expect(lee.locator("[name=solution_play] option")).to_have_count(6)
    lee.locator("[name=solution_play]").select_option(label=PLAY)
    steps.go(lee, "next")
    steps.at_step(lee, "solutions")
    steps.go(lee, "next")
    invite(lee)
    steps.go(lee, "next")
    create(lee, "Azure Expert MSP", "Managed services", "Northlake Services")
    accept(priya, name)
    for words in ("Azure Expert MSP", "Managed services", PLAY):
        expect(priya.locator("main")).to_contain_text(words)


def invite(page: Page) -> None:
    steps.at_step(page, "partners")
    search: Any = page.locator("input[type=search][name=q]:not([data-search])")
    search.fill("northlake")
    search.press("Enter")
    page.locator("a[href*='add=']").first.click()
    page.locator("[name=invite-value]").fill("120000")
    page.locator(f"#invitation input[value={MIGRATION}]").check()
    page.locator("[name=invite-notes]").fill("Your solution fits.")
    steps.go(page, "invite")
    expect(page.locator("button[value^='remove:']")).to_be_visible()
