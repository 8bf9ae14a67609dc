"""Headers of mails, and one click that ends a kind of them (RFC 8058)."""

from dataclasses import replace
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from accounts.models import User
from cosell.events import catalogue, letters, unsubscribing
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Cadence, Channel
from cosell.events.models import Delivery, Preference
from tests.events.conftest import Record

FREDA = Recipient(None, "Freda@elsewhere.example", "Freda")


@pytest.fixture(autouse=True)
def ours(settings: Any) -> None:
    settings.BASE_URL, settings.DEFAULT_FROM_EMAIL = "https://cosell.example", "Cosell <no-reply@cosell.example>"


def sent_to(recipient: Recipient, told: list[Recipient], happen: Record) -> Delivery:
    told[:] = [recipient]
    return Delivery.objects.with_event().get(event=happen(), channel=Channel.MAIL)


def test_headers_for_threads_filters_and_robots(happen: Record, told: list[Recipient]) -> None:
    delivery = sent_to(FREDA, told, happen)
    headers = letters.mail(delivery).message()
    path = unsubscribing.path_for(delivery)
    thread = f"<{delivery.event.stream.replace(':', '.')}@cosell.example>"
    assert {name: headers[name] for name in EXPECTED} == {
        **EXPECTED,
        "Message-ID": f"<{delivery.uid}@cosell.example>",
        "In-Reply-To": thread,
        "References": thread,
        "List-Unsubscribe": f"<https://cosell.example{path}>",
    }


EXPECTED = {
    "Message-ID": "",
    "In-Reply-To": "",
    "References": "",
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
    "List-Id": "<invited.cosell.example>",
    "List-Unsubscribe": "",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def test_one_click_ends_it_without_a_sign_in_or_cookie(happen: Record, told: list[Recipient]) -> None:
    delivery = sent_to(FREDA, told, happen)
    mail = letters.mail(delivery)
    url = mail.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("https://cosell.example")
    assert url in mail.body
    robot = Client(enforce_csrf_checks=True)
    assert robot.get(url).status_code == 200
    assert not Preference.objects.exists(), "who only looks ends nothing"
    assert robot.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    [row] = Preference.objects.all()
    assert (row.person, row.message, row.cadence) == ("mail:freda@elsewhere.example", "invited", Cadence.OFF)
    assert robot.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200, "twice is no harm"
    assert not happen().deliveries.exists()
    page = robot.get(url).content.decode()
    assert 'name="again"' in page, "the way back"
    assert robot.post(url, {"again": "1"}).status_code == 200
    assert happen().deliveries.count() == 1


def test_a_person_with_a_sign_in_keeps_the_bell(happen: Record, told: list[Recipient], ana: User) -> None:
    delivery = sent_to(Recipient.of_user(ana), told, happen)
    assert "/notifications/preferences/" in letters.mail(delivery).body
    Client().post(unsubscribing.path_for(delivery), {})
    assert [each.channel for each in happen().deliveries.all()] == [Channel.BELL]


@pytest.mark.django_db
def test_what_we_did_not_sign_is_nobodys_link(message: Message) -> None:
    def sign(person: str, name: str, salt: str = unsubscribing.SALT) -> str:
        return signing.Signer(salt=salt).sign_object([person, name])

    good, fixed = sign("user:1", "invited"), sign("user:1", "opportunity_received")
    other = sign("user:2", "invited")
    foreign = other.split(":")[0] + ":" + good.split(":")[1]
    bad = [good[:-1], foreign, sign("user:1", "invited", "elsewhere"), sign("user:1", "no_such"), fixed, "x", "x:y"]
    client = Client()
    assert client.get(f"/unsubscribe/{good}/").status_code == 200
    for token in bad:
        assert client.get(f"/unsubscribe/{token}/").status_code == 404, token
        assert client.post(f"/unsubscribe/{token}/").status_code == 404, token
    assert not Preference.objects.exists()


def test_what_cannot_be_turned_off_offers_no_way_out(
    happen: Record, told: list[Recipient], ana: User, message: Message
) -> None:
    delivery = sent_to(Recipient.of_user(ana), told, happen)
    fixed = replace(message, name="fixed", can_turn_off=False)
    catalogue.register(fixed)
    delivery.message = fixed.name
    mail = letters.mail(delivery)
    catalogue.unregister(fixed)
    assert "List-Unsubscribe" not in mail.extra_headers
    assert "/unsubscribe/" not in f"{mail.body} {mail.alternatives[0][0]}"
