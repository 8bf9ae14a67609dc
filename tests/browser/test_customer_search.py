"""Finding the customer in the first step of a new deal: while typing, by keyboard, with a directory that is ill."""

import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Page, Request, Route, expect

from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount
from cosell import clock
from deals.models import Draft
from tests.accounts.directory_server import DirectoryServer, entries, status
from tests.browser import steps
from tests.browser.conftest import admit
from tests.browser.keys import Keys
from tests.browser.test_axe import ALL, violations
from tests.factories import make_customer, make_host, make_who

Open = Callable[[], Page]
NAME = "#id_name"
ASKED = {"by", "name", "country", "state", "city", "here", "account_id", "tab", "more", "go"}
ENTRY = {
    "directory_id": "77-001",
    "name": "Woodgrove Seguros S.A.",
    "duns": "123456789",
    "address": "Avenida Paulista 1000",
    "city": "São Paulo",
    "country": "BR",
}


@pytest.fixture
def woodgrove(live_server: Any) -> dict[str, CustomerAccount]:
    make_host()
    given = {
        "Woodgrove Bank": {"macc": True, "address": "Av. da Liberdade 100", "city": "Lisboa", "country": "PT"},
        "Woodgrove Holding": {},
        "Woodgrove Insurance": {"category": CustomerCategory.OTHER},
        "Trey Research": {"country": "GB", "duns": "150483782"},
    }
    return {name: make_customer(name=name, **fields) for name, fields in given.items()}


@pytest.fixture
def opened(woodgrove: Any, page: Page, live_server: Any) -> Open:
    """The step's page, in a draft of its own."""

    def opened(page: Page = page) -> Page:
        who, now = make_who(), clock.now()
        draft = Draft.objects.create(organization=who.organization, owner=who.user, created_at=now, updated_at=now)
        admit(page.context, who.user, live_server.url)
        page.goto(live_server.url + reverse("deals:draft", args=[draft.uid, "customer"]))
        return page

    return opened


@pytest.fixture
def directory(settings: Any) -> Iterator[DirectoryServer]:
    cache.clear()
    server = DirectoryServer()
    server.behave = entries(ENTRY)
    with server.opened():
        settings.COSELL_DIRECTORY_URL, settings.COSELL_DIRECTORY_TIMEOUT = server.url, 5.0
        yield server
    cache.clear()


def radio(page: Page, name: str) -> Any:
    return page.locator("#customer-results").get_by_role("radio", name=name)


def nothing_bars(page: Page) -> None:
    page.evaluate("scrollTo(0, 0)")  # what lies under the header is no fault
    found = [*violations(page, "here", ALL)]
    assert not found, "\n".join(found)


def test_found_while_typing(opened: Open) -> None:
    page = opened()
    page.locator("[name=contact_email]").fill("secret@woodgrove.example")
    searches: list[Request] = []
    page.on("request", lambda request: searches.append(request) if "/customers/" in request.url else None)

    page.locator(NAME).press_sequentially("wo", delay=20)
    expect(page.locator("#customer-results")).to_contain_text("at least three letters")
    page.locator(NAME).press_sequentially("odgrov", delay=20)
    radio(page, "Woodgrove Bank").check()
    expect(page.locator("#live")).to_contain_text("Fabrikam Cloud Managed 2, Fabrikam Cloud Unmanaged 0, Other 1")
    nothing_bars(page)
    page.locator("#customer-results").get_by_role("link", name="Other").click()
    expect(radio(page, "Woodgrove Insurance")).not_to_be_checked()
    expect(radio(page, "Woodgrove Bank")).to_be_checked()  # another list keeps the choice

    page.locator(NAME).fill("nobody at all")
    expect(page.locator("#customer-results")).to_contain_text("No customer found")
    expect(radio(page, "Woodgrove Bank")).to_be_checked()
    nothing_bars(page)
    page.locator("#customer-results").get_by_role("link", name="Search more").click()
    expect(page.locator("#customer-results")).to_contain_text("Enter the customer by hand")
    page.locator(NAME).fill("woodgrove bank")
    expect(page.locator("#customer-results tbody").get_by_role("radio", name="Woodgrove Bank")).to_be_checked()
    expect(page.locator(".kept")).to_have_count(0)
    # addresses are logged: no more of the form than what is searched for may stand in them
    assert searches
    assert all(set(parse_qs(urlsplit(each.url).query)) <= ASKED for each in searches)


def test_the_whole_search_by_keyboard_alone(opened: Open) -> None:
    page = opened()
    keys, other = Keys(page), "#customers-other"
    keys.type(NAME, "woodgrove")
    expect(radio(page, "Woodgrove Bank")).to_be_visible()
    keys.press("Enter")  # searches at once, and goes nowhere
    expect(radio(page, "Woodgrove Bank")).to_be_visible()
    steps.at_step(page, "customer")
    expect(page.locator(NAME)).to_be_focused()
    keys.press("ArrowDown")
    expect(radio(page, "Woodgrove Bank")).to_be_focused()
    expect(radio(page, "Woodgrove Bank")).not_to_be_checked()
    keys.press("ArrowDown")
    expect(radio(page, "Woodgrove Holding")).to_be_checked()
    keys.press("ArrowUp", "Enter")
    expect(radio(page, "Woodgrove Bank")).to_be_checked()
    steps.at_step(page, "customer")
    keys.press("Escape")
    expect(page.locator(NAME)).to_be_focused()

    keys.push(other)
    expect(radio(page, "Woodgrove Insurance")).to_be_visible()
    expect(page.locator(other)).to_be_focused()  # also after the swap
    expect(radio(page, "Woodgrove Bank")).to_be_checked()
    keys.press("Escape")
    page.keyboard.type(" ins")
    expect(page.locator("#customer-results tbody mark")).to_have_text(["Woodgrove", "Ins"])
    expect(page.locator(NAME)).to_be_focused()

    page.keyboard.press("Shift+Tab")  # to the switch
    keys.press("ArrowRight")
    expect(page.locator("#id_account_id")).to_be_visible()
    expect(page.locator(NAME)).to_be_hidden()
    keys.type("#id_account_id", "15-048-3782")
    keys.press("Enter")
    expect(radio(page, "Trey Research")).to_be_visible()
    keys.press("ArrowDown", "Space", "Escape")
    expect(page.locator("#id_account_id")).to_be_focused()
    expect(radio(page, "Trey Research")).to_be_checked()
    keys.push("button[value=next]:not([aria-hidden])")
    steps.at_step(page, "details")


def test_an_old_answer_never_overwrites_a_newer_one(opened: Open) -> None:
    """Even where the browser does not manage to give the first request up: here it cannot."""
    page = opened()
    page.evaluate("XMLHttpRequest.prototype.abort = function () { this.onabort?.(); }")
    held: dict[str, Route] = {}

    def hold(route: Route) -> None:
        [name] = parse_qs(urlsplit(route.request.url).query)["name"]
        held[name] = route

    def type_and_hold(name: str) -> None:
        page.locator(NAME).fill(name)
        for _count in range(100):
            if name in held:
                return
            page.wait_for_timeout(50)
        raise AssertionError(f"{name} was not asked for")

    def answer(name: str) -> None:
        with page.expect_response(lambda answer: answer.request == held[name].request) as answered:
            held[name].continue_()
        answered.value.finished()
        page.wait_for_timeout(200)

    page.route("**/customers/?*", hold)
    type_and_hold("woodgrove")
    type_and_hold("trey")
    answer("woodgrove")  # while the newer one is under way
    expect(radio(page, "Woodgrove Bank")).to_have_count(0)
    answer("trey")
    expect(radio(page, "Trey Research")).to_be_visible()

    type_and_hold("woodgrove bank")
    type_and_hold("trey research")
    answer("trey research")
    answer("woodgrove bank")  # after the newer one
    expect(radio(page, "Trey Research")).to_be_visible()
    expect(radio(page, "Woodgrove Bank")).to_have_count(0)


def test_a_choice_made_while_an_answer_is_under_way_stays(opened: Open) -> None:
    page = opened()
    page.locator(NAME).fill("woodgrove")
    radio(page, "Woodgrove Bank").check()
    held: list[Route] = []
    page.route("**/customers/?*", lambda route: held.append(route))
    with page.expect_request("**/customers/?*"):
        page.locator(NAME).fill("woodgrove holding")
    radio(page, "Woodgrove Holding").check()
    held[0].continue_()
    expect(page.locator("#customer-results tbody [type=radio]")).to_have_count(1)
    expect(radio(page, "Woodgrove Holding")).to_be_checked()


def test_a_slow_directory_holds_nothing(opened: Open, directory: DirectoryServer) -> None:
    go_on, answer = threading.Event(), entries(ENTRY)

    def slow(handler: Any) -> None:
        go_on.wait(10)
        answer(handler)

    directory.behave = slow
    page = opened()
    try:
        page.locator(NAME).fill("woodgrove")
        page.locator("#customers-other").click()
        expect(radio(page, "Woodgrove Insurance")).to_be_visible()
        page.locator("#customers-more").click()
        part = page.locator("#customers-directory")
        expect(part).to_contain_text("Asking the business directory")
        expect(page.locator("#customers-more")).to_be_focused()
        radio(page, "Woodgrove Insurance").check()  # the page is there, and works
        nothing_bars(page)
    finally:
        go_on.set()
    expect(part).to_contain_text("From the business directory")
    expect(radio(page, "Woodgrove Insurance")).to_be_checked()
    radio(page, "Woodgrove Seguros").check()
    nothing_bars(page)
    page.locator("#customers-managed").click()
    expect(page.locator("#customers-directory")).to_contain_text("1 more in the business directory, under Other")
    expect(page.locator(".kept").get_by_role("radio", name="Woodgrove Seguros")).to_be_checked()
    page.locator("#customers-directory a").click()
    expect(page.locator("#customers-directory").get_by_role("radio", name="Woodgrove Seguros")).to_be_checked()
    expect(page.locator(".kept")).to_have_count(0)
    steps.go(page, "next")
    steps.at_step(page, "details")
    assert CustomerAccount.objects.get(duns="123456789").category == CustomerCategory.OTHER


def test_a_dead_directory_is_said_and_nothing_else_fails(
    opened: Open, directory: DirectoryServer, settings: Any
) -> None:
    alive, settings.COSELL_DIRECTORY_URL = settings.COSELL_DIRECTORY_URL, "http://127.0.0.1:9/companies"
    page = opened()
    page.locator(NAME).fill("woodgrove")
    page.locator("#customers-more").click()
    expect(page.locator("#customers-directory")).to_contain_text("cannot be reached")
    expect(page.locator("#customers-directory")).to_contain_text("by hand")
    expect(radio(page, "Woodgrove Bank")).to_be_visible()
    nothing_bars(page)
    settings.COSELL_DIRECTORY_URL = alive
    cache.clear()
    page.locator("#directory-again").click()
    expect(page.locator("#customers-directory")).to_contain_text("1 more in the business directory")


@pytest.mark.again
def test_by_hand_it_warns_of_a_known_customer(opened: Open) -> None:
    page = opened()
    page.locator(NAME).fill("Woodgrov Bank")
    page.locator("[name=country]").select_option("PT")
    page.locator("#by-hand summary").first.click()
    expect(page.locator("[name=manual_name]")).to_have_value("Woodgrov Bank")  # never typed twice
    near = page.locator("#customer-near")
    page.locator("[name=manual_city]").fill("Lisbo")
    expect(near).to_contain_text("This looks like a customer that is known already")
    expect(page.locator("#live")).to_contain_text("known already")
    page.locator("[name=manual_address]").fill("Av. da Liberdade 100")
    page.locator("[name=manual_city]").fill("Lisboa")
    expect(page.locator("[value=manual]")).to_be_checked()
    nothing_bars(page)
    steps.go(page, "next")
    expect(page.locator("#errors")).to_contain_text("Keep what I typed")
    nothing_bars(page)
    page.locator("[name=keep_typed]").check()
    page.locator("[name=manual_city]").fill("Porto")  # the tick outlives the next look
    expect(near.locator(".sub").first).not_to_contain_text("same city")
    expect(page.locator("[name=keep_typed]")).to_be_checked()
    page.locator("[name=manual_name]").fill("Woodgrove Banks")
    expect(page.locator("[name=keep_typed]")).not_to_be_checked()
    near.get_by_role("radio").check()
    steps.go(page, "next")
    steps.at_step(page, "details")


@pytest.mark.parametrize("width", [320, 360])
def test_on_a_phone_nothing_is_cut_off(opened: Open, directory: DirectoryServer, width: int) -> None:
    group = "6a3b1c52-7c54-4a39-9a35-3f3f4b2a6c11"
    long = (
        "Woodgrove International Manufacturing & Logistics Holdings of the Greater North-Eastern Region, Incorporated"
    )
    make_customer(
        name=long, macc=True, address="1 Very Long Industrial Park Road", state="New York", linked_group=group
    )
    make_customer(name="Woodgrove Schifffahrtsgesellschaftsversicherungsaktiengesellschaft", linked_group=group)
    make_customer(name="شركة النور للتجارة Woodgrove", country="SA", category=CustomerCategory.OTHER, federal=True)
    page = opened()
    page.set_viewport_size({"width": width, "height": 740})
    for tab in ("managed", "other"):
        page.locator(NAME).fill("woodgrove")
        expect(page.locator("#customers-managed[aria-current]")).to_be_visible()
        page.locator("#customers-more").click()
        expect(page.locator("#customers-directory")).to_be_visible()
        page.locator(f"#customers-{tab}").click()
        expect(page.locator(f"#customers-{tab}[aria-current]")).to_be_visible()
        expect(page.locator("#customers-directory")).not_to_contain_text("Asking")
        for summary in page.locator("#customer-results summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.locator(NAME).fill("")


def test_without_javascript(
    opened: Callable[..., Page], directory: DirectoryServer, browser: Any, browser_context_args: dict[str, Any]
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = opened(context.new_page())
    page.locator(NAME).fill("woodgrove")
    page.locator(NAME).press("Enter")
    radio(page, "Woodgrove Bank").check()
    steps.go(page, "search")
    page.locator("#customers-other").click()
    expect(radio(page, "Woodgrove Insurance")).to_be_visible()
    expect(radio(page, "Woodgrove Bank")).to_be_checked()
    page.get_by_role("link", name="Search more").click()
    page.get_by_role("link", name="Ask the business directory").click()
    radio(page, "Woodgrove Seguros").check()
    directory.behave = status(503)
    page.locator("[name=by][value=id]").check(force=True)
    expect(page.locator("#id_account_id")).to_be_visible()
    steps.go(page, "next")
    steps.at_step(page, "details")

    page.go_back()
    page.reload()
    page.locator("#by-hand summary").first.click()
    page.locator("[value=manual]").check()
    for name, value in (("name", "Woodgrove"), ("address", "1 Rd"), ("city", "Lisboa"), ("domain", "x.example")):
        page.locator(f"[name=manual_{name}]").fill(value)
    page.locator("[name=manual_name]").fill("Woodgrove Bank Lda")
    page.locator("[name=manual_country]").select_option("PT")
    steps.go(page, "next")
    expect(page.locator("#customer-near")).to_contain_text("known already")
    page.locator("[name=keep_typed]").check()
    steps.go(page, "next")
    steps.at_step(page, "details")
    context.close()
