"""Answering from the mail in a browser that knows nobody: by keyboard, on a phone, and when the link is over."""

import pytest
from playwright.sync_api import Page, expect

from cosell.events.enums import Channel
from cosell.events.models import Delivery
from deals import mail_links
from deals.enums import Stage
from deals.models import Deal
from tests.browser.keys import Keys
from tests.cast import fresh, new_deal, side_of, user

FITS = "() => document.documentElement.scrollWidth <= innerWidth"


@pytest.fixture
def side(cast: None) -> Deal:
    return side_of(new_deal(invites=["Northlake Services"]), "Northlake Services")


def link_of(name: str, message: str = "opportunity_received") -> str:
    return mail_links.link(Delivery.objects.get(channel=Channel.MAIL, message=message, user=user(name)))


def test_a_receiver_accepts_by_keyboard_without_a_cookie(page: Page, side: Deal) -> None:
    keys, link = Keys(page), link_of("priya")
    assert page.context.cookies() == []
    page.goto(link)
    expect(page.locator("h1")).to_contain_text("Contoso Data")
    keys.type("[name=accept-value]", "-5")
    keys.type("[name=accept-notes]", "We start in May.")
    keys.push("details[open] button.primary")
    expect(page.locator("[role=alert]")).to_contain_text("negative")
    expect(page.locator("[name=accept-notes]")).to_have_value("We start in May.")
    keys.type("[name=accept-value]", "45000")
    keys.push("details[open] button.primary")
    expect(page.locator("h1")).to_have_text("Accepted")
    assert (fresh(side).stage, fresh(side).value) == (Stage.ACCEPTED, 45_000)
    assert {cookie["name"] for cookie in page.context.cookies()} == {"csrftoken"}
    page.goto(link)
    expect(page.locator("main")).to_contain_text("This link was used on")
    expect(page.locator("main")).not_to_contain_text("Datum")
    page.locator("main a.primary").click()
    expect(page.locator("[name=login]")).to_be_visible()


def test_on_a_phone_it_is_handed_over_and_the_colleague_declines(page: Page, side: Deal) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(link_of("priya"))
    assert page.evaluate(FITS)
    page.locator("#way-hand_over").click()
    page.locator("[name=hand_over-to]").select_option(label="Sam Okoro")
    assert page.evaluate(FITS)
    page.locator("[name=hand_over-note]").fill("Yours?")
    page.locator("form:has([value=hand_over]) button").click()
    expect(page.locator("main")).to_contain_text("Sam Okoro is being told")
    assert page.evaluate(FITS)
    page.goto(link_of("sam", "handed_over"))
    expect(page.locator("main")).to_contain_text("You answer as Sam Okoro")
    keys = Keys(page)
    keys.push("#way-decline")
    keys.choose("decline-reason", "timeline")
    keys.type("[name=decline-note]", "Too soon for us.")
    keys.push("form:has([value=decline]) button")
    expect(page.locator("h1")).to_have_text("Declined")
    assert fresh(side).stage == Stage.DECLINED
