"""The panel beside the wizard: it follows what is typed, is calm, and is out of the way on a phone."""

from collections.abc import Callable
from urllib.parse import parse_qs

from django.urls import reverse
from playwright.sync_api import Page, Route, expect

from cosell import clock
from deals.models import Draft
from tests.browser.test_axe import ALL, violations
from tests.cast import LAKEHOUSE, customer, new_deal, solutions, user, who


def draft(by: str = "ana", **answers: dict[str, list[str]]) -> Draft:
    given = {"customer": {"customer": [str(customer().uid)]}, **answers}
    here, now = who(by).organization, clock.now()
    return Draft.objects.create(organization=here, owner=user(by), answers=given, created_at=now, updated_at=now)


def address(one: Draft, slug: str) -> str:
    return reverse("deals:draft", args=[one.uid, slug])


def test_it_follows_what_is_typed(person: Callable[..., Page], live_server: object) -> None:
    new_deal("ana", name="Fraud signals", solutions=solutions(LAKEHOUSE))
    page = person("ana.souza", width=1500)
    one = draft()
    page.goto(str(live_server) + address(one, "customer"))
    beside = page.locator(".beside")
    expect(beside).to_contain_text("possibly the same")
    page.locator("[name=name]").fill("trey research")
    page.locator("#customer-results").get_by_role("radio", name="Trey Research").check()
    expect(beside).to_contain_text("Nothing stands out")
    expect(page.locator("#live")).to_contain_text("0 deals of your company may be the same one")

    page.goto(str(live_server) + address(one, "details"))
    page.locator("[name=name]").fill("Fraud signal")
    expect(beside).to_contain_text("name 96 % alike")
    expect(page.locator("#live")).to_be_empty()  # as many as before
    page.locator("[name=value]").fill("24999.99")
    expect(beside).to_contain_text("below 25,000 USD")
    expect(page.locator("#beside-count")).to_have_text("2 hints")
    assert not [*violations(page, "details", ALL)]

    page.goto(str(live_server) + address(one, "solutions"))
    expect(beside).to_contain_text("no solution of the deal is MACC eligible")
    page.locator(f"input[value={LAKEHOUSE}]").check()
    expect(beside).to_contain_text("same solution")
    expect(beside).not_to_contain_text("MACC eligible.")
    page.locator(f"input[value={LAKEHOUSE}]").uncheck()
    expect(beside).to_contain_text("no solution of the deal is MACC eligible")


def test_an_old_answer_never_overwrites_a_newer_one(person: Callable[..., Page], live_server: object) -> None:
    new_deal("ana", name="Fraud signals")
    page = person("ana.souza")
    held: dict[str, Route] = {}
    page.route("**/guidance/details/", lambda route: held.update({_name(route): route}))
    page.goto(str(live_server) + address(draft(), "details"))
    for name in ("Fraud signal", "Something else"):
        page.locator("[name=name]").fill(name)
        for _count in range(100):
            if name in held:
                break
            page.wait_for_timeout(50)
    with page.expect_response("**/guidance/details/"):
        held["Something else"].continue_()
    held["Fraud signal"].continue_()
    page.wait_for_timeout(300)
    expect(page.locator(".beside")).not_to_contain_text("alike")


def _name(route: Route) -> str:
    return parse_qs(route.request.post_data or "")["name"][0]


def test_on_a_phone_it_is_folded_below_the_form(person: Callable[..., Page], live_server: object) -> None:
    new_deal("ana", name="Fraudsignalsforthelongestwordthatanybodyevertypedintoadealsname")
    page = person("ana.souza", width=320)
    page.goto(str(live_server) + address(draft(details={"value": ["1"], "currency": ["USD"]}), "details"))
    expect(page.locator("#beside-found")).to_be_hidden()
    expect(page.locator(".beside summary")).to_contain_text("Worth knowing2")
    page.locator(".beside summary").click()
    expect(page.locator("#beside-found")).to_contain_text("same customer")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.locator("[name=value]").fill("2")
    page.wait_for_timeout(900)
    expect(page.locator("#beside-found")).to_be_visible()  # a new answer does not fold it again
    assert not [*violations(page, "phone", ALL)]
