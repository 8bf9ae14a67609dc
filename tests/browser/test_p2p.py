"""Partner to partner, as three people in three browsers see it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from deals.enums import Direction
from deals.models import Deal
from tests.browser import steps

Person = Callable[..., Page]
NAME = "Wide World shared lakehouse"
MIGRATION = "SOL-20110-NMG"


@pytest.mark.again  # the same is walked by tests/deals/test_p2p.py without a browser
@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_a_partner_brings_a_partner(person: Person, language: str) -> None:
    ana, priya, sam = (person(name, language) for name in ("ana.souza", "priya.nair", "sam.okoro"))
    deal = with_northlake(ana)
    side = f"/deals/{Deal.objects.get(direction=Direction.INBOUND).uid}/"

    sam.goto(side)  # named on the invitation: on the team before anybody answered
    expect(sam.locator("h1")).to_contain_text(NAME)
    expect(sam.locator("main")).to_contain_text("Ana Souza")  # whom to ask

    priya.goto(side)
    steps.confirm(steps.ask(priya, "accept"))
    expect(steps.link_to(priya, "qualify")).to_be_visible()
    for page, names in ((priya, ["Ana Souza", "Rui Prado"]), (ana, ["Sam Okoro", "Priya Nair"])):
        page.goto(side if page is priya else deal)
        for name in names:
            expect(page.locator("aside .people", has_text=name)).to_be_visible()

    priya.locator("a[href$='/sides/']").click()
    expect(priya.locator("tbody tr")).to_have_count(2)
    expect(priya.locator("tbody tr").first).to_contain_text("Northlake Services")
    expect(priya.locator("tbody")).to_contain_text("Sam Okoro")
    expect(priya.locator("a[href$='/invite/']")).to_have_count(0)
    expect(priya.locator("main .crit")).to_contain_text("Contoso Data")  # who can invite instead
    ana.goto(f"{deal}sides/")
    ana.locator("a[href$='/invite/']").click()
    expect(ana.locator("#partners-found li", has_text="Northlake")).to_contain_text("100 %")
    expect(ana.locator("#partners-found li", has_text="Northlake").locator("a")).to_have_count(0)


def with_northlake(page: Page) -> str:
    """A private deal of Ana and Rui, shared with Northlake by the wizard. Its address."""
    steps.start_draft(page)
    steps.choose_customer(page, "Wide World Importers", typed="wide world imp")
    steps.go(page, "next")
    steps.at_step(page, "details")
    steps.fill_details(page, NAME)
    steps.add_to_team(page)
    steps.go(page, "next")
    steps.at_step(page, "solutions")
    page.locator(f"input[value={steps.LAKEHOUSE}]").check()
    steps.go(page, "next")
    steps.at_step(page, "help")
    page.locator("[name=help][value=none]").check()
    page.locator("[name=show][value=no]").check()
    steps.go(page, "next")
    steps.at_step(page, "partners")
    page.locator("#partner-q").press_sequentially("northl")
    found = page.locator("#partners-found li")
    expect(found).to_have_count(1)  # while typing
    found.locator("a").click()
    page.locator("[name=invite-value]").fill("60000")
    page.locator(f"#invitation input[value={MIGRATION}]").check()
    page.locator("[name=invite-notes]").fill("Your factory for the last two plants.")
    expect(page.locator("[name=invite-team-1-email]")).to_have_value("rui.prado@contoso.example")
    page.locator("#invitation [data-add-row]").click()
    page.locator("[name=invite-team-2-name]").fill("Sam Okoro")
    page.locator("[name=invite-team-2-phone]").fill("+44 113 555 0202")
    page.locator("[name=invite-team-2-email]").fill("sam.okoro@northlake.example")
    steps.go(page, "invite")
    expect(page.locator("button[value^='remove:']")).to_be_visible()
    steps.go(page, "next")
    steps.at_step(page, "review")
    steps.go(page, "create")
    expect(page).to_have_url(steps.DEAL)
    return page.url.split("#")[0]
