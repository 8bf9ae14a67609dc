"""Being told: preferences by keyboard, the bell that counts while somebody looks, the sign of life, the home page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from cosell import clock
from cosell.events import dispatch, preferences
from cosell.events.enums import Cadence
from deals.models import Deal
from tests.browser.keys import Keys
from tests.cast import new_deal

Person = Callable[..., Page]
HALF_A_MINUTE = 31_000
# Chromium without a screen never hides a page, whatever tab is in front: so the page is told that it is.
TURN = """(state) => {
  Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_broken_until", float("inf"))


def ana() -> User:
    return User.objects.get(email="ana.souza@contoso.example")


def tell_ana() -> Deal:
    """Microsoft sends an opportunity: a line for Ana's bell."""
    return new_deal("lee", invites=["Contoso Data"])


def test_preferences_are_saved_by_keyboard(cast: None, person: Person) -> None:
    page = person("ana.souza")
    page.goto(reverse("events:preferences"))
    keys = Keys(page)
    keys.to("select[name=note_added]")
    keys.keyboard.type("Never")
    keys.push("main form .actions button")
    expect(page.locator(".messages")).to_contain_text("Saved")
    expect(page.locator("select[name=note_added]")).to_have_value(Cadence.OFF)
    assert preferences.chosen_by(f"user:{ana().pk}")["note_added"] == Cadence.OFF


def test_the_bell_counts_while_somebody_looks(cast: None, person: Person) -> None:
    page = person("ana.souza")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/bell/count/" in request.url else None)
    page.clock.install()
    page.goto(reverse("accounts:profile"))
    expect(page.locator("#bell .badge")).to_have_count(0)
    page.locator("#bell").focus()
    tell_ana()
    page.clock.fast_forward(HALF_A_MINUTE)
    expect(page.locator("#bell .badge")).to_have_text("1")
    page.clock.fast_forward(200)
    expect(page.locator("#live")).to_have_text("Notifications, 1 unread")
    expect(page.locator("#bell")).to_be_focused()

    page.evaluate(TURN, "hidden")
    tell_ana()
    before = len(asked)
    page.clock.fast_forward(4 * HALF_A_MINUTE)
    page.wait_for_timeout(200)
    assert len(asked) == before
    page.evaluate(TURN, "visible")
    expect(page.locator("#bell .badge")).to_have_text("2")  # at once
    assert len(asked) == before + 1


def test_unchanged_the_server_answers_304(cast: None, person: Person) -> None:
    """The browser asks with the ETag that it keeps, and gives the page what it kept."""
    page = person("ana.souza")
    answered: list[int] = []
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.responseReceivedExtraInfo", lambda info: answered.append(info["statusCode"]))
    page.clock.install()
    page.goto(reverse("accounts:profile"))
    for _number in range(2):
        with page.expect_response("**/bell/count/"):
            page.clock.fast_forward(HALF_A_MINUTE)
    expect(page.locator("#bell")).to_contain_text("0 unread")
    assert answered[-1] == 304


def test_a_sign_of_life_and_what_came_meanwhile(cast: None, person: Person) -> None:
    page = person("ana.souza")
    long_ago = clock.now() - timedelta(days=9)
    User.objects.filter(pk=ana().pk).update(last_seen_at=long_ago)
    deal = tell_ana()
    with page.expect_response("**/here/") as answer:
        page.goto("/")
    assert answer.value.status == 204
    assert ana().last_seen_at > long_ago
    expect(page.locator("main")).to_contain_text("While you were away")
    page.locator("button[name=read]").click()
    expect(page.locator("main")).not_to_contain_text("While you were away")
    page.locator("main table a", has_text=deal.name).click()
    expect(page.locator("h1")).to_contain_text(deal.name)
