"""The main journey from both sides, as two people in two browsers see it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cosell import clock
from cosell.events import outbox
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import Delivery
from deals.enums import Direction, EventKind, Stage
from deals.models import Deal
from tests.browser import steps
from tests.events.post_office import PostOffice

Person = Callable[..., Page]
NAME = "Wide World lakehouse"


def side(direction: Direction) -> Deal:
    return Deal.objects.get(direction=direction)


def letter_to(office: PostOffice, address: str) -> Any:
    """The one mail this address got; the post is emptied."""
    outbox.send_due()
    [letter] = [letter for letter in office.letters if letter["To"].addresses[0].addr_spec == address]
    office.letters.clear()
    return letter


@pytest.mark.parametrize(
    ("language", "width"),
    [
        pytest.param("en", 1280, marks=pytest.mark.again),
        ("pt-br", 360),
        pytest.param("pt-br", 1280, marks=pytest.mark.again),
    ],
)
def test_a_partner_asks_for_help_and_both_walk_to_the_end(
    person: Person, smtp_server: PostOffice, live_server: Any, settings: Any, language: str, width: int
) -> None:
    settings.BASE_URL = live_server.url
    ana, lee = person("ana.souza", language, width=width), person("lee.chan", language, width=width)

    steps.create_deal(ana, NAME)
    expect(ana.locator("html")).to_have_attribute("lang", language)

    letter = letter_to(smtp_server, "lee.chan@microsoft.example")
    link = re.search(rf"{live_server.url}/deals/\S+/", letter.get_body(("plain",)).get_content())
    assert link, "the mail leads to the deal"
    assert NAME in letter.get_body(("plain",)).get_content()

    lee.goto("/")  # Lee finds it in the list
    lee.goto("/opportunities/inbound/")
    lee.locator("main a", has_text=NAME).click()
    expect(lee.locator("h1")).to_contain_text(NAME)
    assert lee.url.split("?")[0] == link.group()
    lee.goto(link.group())  # and by the mail's link
    expect(lee.locator("[data-countdown]").first).to_be_visible()
    form = steps.ask(lee, "accept")
    expect(lee.locator("dialog[open]")).to_be_visible()
    expect(form.locator("[name=value]")).to_have_value(re.compile(r"^310000"))
    steps.confirm(form)
    expect(steps.link_to(lee, "qualify")).to_be_visible()
    assert side(Direction.INBOUND).stage == Stage.ACCEPTED
    letter_to(smtp_server, "ana.souza@contoso.example")

    for action in ("qualify", "develop"):
        steps.act(lee, action)
        ana.reload()
        steps.act(ana, action)
    assert {deal.stage for deal in Deal.objects.all()} == {Stage.DEVELOPED}

    win_too_early_is_asked_back(ana)
    undo_within_the_minute(ana, smtp_server)
    won(ana)
    with clock.moved_by(timedelta(seconds=61)):
        ana.reload()
        expect(ana.locator("form[action$='/undo/']")).to_have_count(0)
        assert NAME in letter_to(smtp_server, "lee.chan@microsoft.example").get_body(("plain",)).get_content()


def win_too_early_is_asked_back(ana: Page) -> None:
    """Less than 72 hours after creation a registration may be refused: the question comes again, with its box."""
    form = steps.ask(ana, "win")
    form.locator("[name=note]").fill("Signed.")
    steps.confirm(form)
    expect(form.locator("[role=alert], .errorlist").first).to_be_visible()
    expect(form.locator("[name=note]")).to_have_value("Signed.")
    form.locator("[name=early_confirmed]").check()
    steps.confirm(form)
    expect(ana.locator("form[action$='/undo/']")).to_be_visible()
    assert side(Direction.OUTBOUND).stage == Stage.WON


def won(ana: Page) -> None:
    form = steps.ask(ana, "win")
    form.locator("[name=early_confirmed]").check()
    steps.confirm(form)
    expect(ana.locator("form[action$='/undo/']")).to_be_visible()


def undo_within_the_minute(ana: Page, office: PostOffice) -> None:
    ana.locator("form[action$='/undo/'] button").click()
    expect(steps.link_to(ana, "win")).to_be_visible()
    assert side(Direction.OUTBOUND).stage == Stage.DEVELOPED
    with clock.moved_by(timedelta(minutes=2)):
        outbox.send_due()
    told = Delivery.objects.filter(event__kind=EventKind.WON, channel=Channel.MAIL)
    assert {delivery.state for delivery in told} == {DeliveryState.CANCELLED}, "nobody was told"
    office.letters.clear()


@pytest.mark.again  # tests/deals/test_journey.py walks it each time
def test_a_seller_sends_an_opportunity_and_the_partner_declines(person: Person, smtp_server: PostOffice) -> None:
    lee, ana = person("lee.chan"), person("ana.souza")
    steps.send_to_partner(lee, NAME)
    letter_to(smtp_server, "ana.souza@contoso.example")

    ana.goto("/opportunities/inbound/")
    ana.locator("main a", has_text=NAME).click()
    form = steps.ask(ana, "decline")
    steps.confirm(form)  # no reason yet
    expect(form.locator(".errorlist").first).to_be_visible()
    assert side(Direction.INBOUND).stage == Stage.RECEIVED
    form.locator("[name=reason][value=timeline]").check()
    form.locator("[name=note]").fill("Booked until March.")
    steps.confirm(form)
    expect(ana.locator("form[action$='/undo/']")).to_be_visible()
    assert side(Direction.INBOUND).stage == Stage.DECLINED

    with clock.moved_by(timedelta(seconds=61)):
        letter = letter_to(smtp_server, "lee.chan@microsoft.example")
        assert "Booked until March." in letter.get_body(("plain",)).get_content()
        lee.reload()
        expect(lee.locator("main")).to_contain_text("Booked until March.")
