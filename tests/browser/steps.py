"""What people do, by the names of fields and the addresses of links: so in every language, and without JavaScript."""

import re
from datetime import date, timedelta

from playwright.sync_api import Locator, Page, expect

DEAL = re.compile(r"/deals/[0-9a-f-]{36}/([?#].*)?$")
LAKEHOUSE = "SOL-10471-CLH"
CLOSES = date.today() + timedelta(days=120)  # noqa: DTZ011  any day months away


def go(page: Page, value: str) -> None:
    """The button of the step, not the hidden one that Enter presses."""
    page.locator(f"button[name=go][value={value}]:not([aria-hidden])").click()


def at_step(page: Page, slug: str) -> None:
    expect(page).to_have_url(re.compile(rf"/drafts/[0-9a-f-]{{36}}/{slug}/"))


def start_draft(page: Page) -> None:
    page.goto("/opportunities/outbound/")
    page.locator("a[href='/opportunities/new/']").first.click()
    page.locator("main form[method=post] button").click()
    at_step(page, "customer")


def choose_customer(page: Page, name: str, *, typed: str, live: bool = True) -> None:
    page.locator("[name=name]").press_sequentially(typed)
    if not live:
        go(page, "search")
    choice = page.locator("#customer-results label", has_text=name).first
    expect(choice).to_be_visible()
    choice.locator("input").check()


def fill_contact(page: Page) -> None:
    page.locator("[name=contact_name]").fill("Chris Gray")
    page.locator("[name=contact_phone]").fill("+1 206 555 0199")
    page.locator("[name=contact_email]").fill("chris.gray@wideworldimporters.example")
    page.locator("[name=consent]").check()


def fill_details(page: Page, name: str) -> None:
    page.locator("[name=name]").fill(name)
    page.locator("[name=value]").fill("310000")
    page.locator("[name=currency]").select_option("USD")
    page.locator("[name=close_on]").fill(CLOSES.isoformat())
    page.locator("[name=intent][value=undecided]").check()
    page.locator("[name=notes]").fill("Met at the fair; wants a follow-up.")


def add_to_team(page: Page) -> None:
    go(page, "add_person")
    page.locator("[name=team-1-name]").fill("Rui Prado")
    page.locator("[name=team-1-phone]").fill("+55 11 5550 0102")
    page.locator("[name=team-1-email]").fill("rui.prado@contoso.example")


def ask_for_help(page: Page) -> None:
    page.locator("[name=help][value=architecture]").check()
    page.locator("[name=customer_problem]").fill("The licence of the appliance ends in May.")
    page.locator("[name=help_needed]").fill("A reviewed target architecture.")


def create_deal(page: Page, name: str, *, live: bool = True) -> str:
    """An IP co-sell deal with help of the host, through all six steps. The address of its page."""
    start_draft(page)
    choose_customer(page, "Wide World Importers", typed="wide world imp", live=live)
    fill_contact(page)
    go(page, "next")
    at_step(page, "details")
    fill_details(page, name)
    add_to_team(page)
    go(page, "next")
    at_step(page, "solutions")
    page.locator(f"input[value={LAKEHOUSE}]").check()
    go(page, "next")
    at_step(page, "help")
    ask_for_help(page)
    go(page, "next")
    at_step(page, "partners")
    go(page, "next")
    at_step(page, "review")
    expect(page.locator("main")).to_contain_text("Wide World Importers")
    expect(page.locator("main")).to_contain_text("Contoso Lakehouse")
    expect(page.locator("main")).to_contain_text("Rui Prado")
    go(page, "create")
    expect(page).to_have_url(DEAL)
    expect(page.locator("h1")).to_contain_text(name)
    return page.url


def send_to_partner(page: Page, name: str) -> str:
    """The host's seller shares an opportunity with Contoso: five steps, a partner required."""
    start_draft(page)
    choose_customer(page, "Wide World Importers", typed="wide world imp")
    go(page, "next")
    at_step(page, "details")
    fill_details(page, name)
    go(page, "next")
    at_step(page, "solutions")
    go(page, "next")
    at_step(page, "partners")
    go(page, "next")  # nobody invited yet
    expect(page.locator("main [role=alert]").first).to_be_visible()
    page.locator("input[type=search][name=q]:not([data-search])").fill("contoso")
    page.locator("input[type=search][name=q]:not([data-search])").press("Enter")
    page.locator("a[href*='add=']").first.click()
    page.locator("[name=invite-value]").fill("120000")
    page.locator(f"#invitation input[value={LAKEHOUSE}]").check()
    page.locator("[name=invite-notes]").fill("Your solution fits.")
    go(page, "invite")
    expect(page.locator("button[value^='remove:']")).to_be_visible()
    go(page, "next")
    at_step(page, "review")
    go(page, "create")
    expect(page).to_have_url(DEAL)
    return page.url


def link_to(page: Page, action: str) -> Locator:
    return page.locator(f"a[href$='/do/{action}/']").first


def ask(page: Page, action: str) -> Locator:
    """Open the question: a dialog with JavaScript, a page without. Its form."""
    link_to(page, action).click()
    form = page.locator(f"form[action$='/do/{action}/']")
    expect(form).to_be_visible()
    return form


def confirm(form: Locator) -> None:
    form.locator("button:not([type=button])").last.click()


def act(page: Page, action: str) -> None:
    """Ask and confirm; it is done when the page no longer offers it."""
    confirm(ask(page, action))
    expect(page).to_have_url(DEAL)
    expect(link_to(page, action)).to_have_count(0)


def stage_of(page: Page) -> Locator:
    """The current step of the stepper."""
    return page.locator(".steps [aria-current=step]")
