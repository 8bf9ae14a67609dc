"""How one wants to be told: chosen per kind, kept only where it differs, and what cannot be turned off says why."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cosell import clock
from cosell.events import catalogue, preferences
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Cadence, Channel, DeliveryState
from cosell.events.models import Delivery, Preference
from tests.events.conftest import Record

pytestmark = pytest.mark.django_db
URL = "/notifications/preferences/"


@pytest.fixture
def with_message(message: Message) -> Iterator[Callable[..., Message]]:
    """The message of the tests, differently."""
    more: list[Message] = []

    def register(name: str, **fields: object) -> Message:
        more.append(replace(message, name=name, kind=f"test.{name}", **fields))  # type: ignore[arg-type]
        catalogue.register(more[-1])
        return more[-1]

    yield register
    catalogue.unregister(*more)


def key(user: User) -> str:
    return Recipient.of_user(user).key


def answers(user: User, **changes: str) -> dict[str, str]:
    return {**preferences.chosen_by(key(user)), **changes}


def test_only_what_differs_from_the_default_is_kept(
    ana: User, message: Message, with_message: Callable[..., Message]
) -> None:
    daily = with_message("moved", default=Cadence.DAILY)
    wanted = {message.name: Cadence.DAILY, daily.name: Cadence.DAILY}
    preferences.choose(key(ana), wanted, clock.now())
    assert [(row.message, row.cadence) for row in Preference.objects.all()] == [(message.name, Cadence.DAILY)]
    assert preferences.chosen_by(key(ana)).items() >= wanted.items()
    preferences.choose(key(ana), {message.name: Cadence.OFF}, clock.now())
    preferences.choose(key(ana), {daily.name: Cadence.AT_ONCE}, clock.now())
    assert Preference.objects.count() == 2
    preferences.choose(key(ana), {message.name: Cadence.AT_ONCE, daily.name: Cadence.DAILY}, clock.now())
    assert not Preference.objects.exists()


@pytest.mark.parametrize("wanted", [("unheard_of", Cadence.OFF), ("fixed", Cadence.OFF), ("silent", Cadence.OFF)])
def test_what_cannot_be_chosen_is_refused(
    ana: User, with_message: Callable[..., Message], wanted: tuple[str, Cadence]
) -> None:
    with_message("fixed", can_turn_off=False)
    with_message("silent", channels=[Channel.BELL])
    with pytest.raises(ValueError, match=wanted[0]):
        preferences.choose(key(ana), dict([wanted]), clock.now())
    with pytest.raises(ValueError, match="daily_summary"):  # it cannot come in itself
        preferences.choose(key(ana), {preferences.SUMMARY: Cadence.DAILY}, clock.now())
    assert not Preference.objects.exists()


def test_the_page_chooses_for_oneself(
    client: Client, ana: User, ben: User, message: Message, with_message: Callable[..., Message]
) -> None:
    with_message("fixed", can_turn_off=False, title="It expires")
    client.force_login(ana)
    page = client.get(URL)
    words = page.content.decode()
    assert "It expires" in words
    assert 'name="fixed"' not in words
    assert "America/Sao_Paulo" in words
    answer = client.post(URL, answers(ana, invited=Cadence.DAILY))
    assert (answer.status_code, answer["Location"]) == (302, reverse("events:preferences"))
    assert preferences.chosen_by(key(ana))[message.name] == Cadence.DAILY
    assert preferences.chosen_by(key(ben))[message.name] == Cadence.AT_ONCE
    assert '<option value="daily" selected>' in client.get(URL).content.decode()


def test_errors_stand_at_the_row_and_the_other_choices_stay(client: Client, ana: User, message: Message) -> None:
    client.force_login(ana)
    other = next(name for name in preferences.chosen_by(key(ana)) if name not in (message.name, preferences.SUMMARY))
    answer = client.post(URL, answers(ana, **{message.name: "sometimes", other: Cadence.OFF}))
    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [message.name]
    assert form[other].value() == Cadence.OFF
    assert not Preference.objects.exists()
    assert client.post(URL, {}).status_code == 422


CASES = [
    (Cadence.AT_ONCE, [(Channel.BELL, DeliveryState.SENT), (Channel.MAIL, DeliveryState.QUEUED)]),
    (Cadence.DAILY, [(Channel.BELL, DeliveryState.SENT), (Channel.MAIL, DeliveryState.GATHERED)]),
    (Cadence.OFF, [(Channel.BELL, DeliveryState.SENT)]),
]


@pytest.mark.parametrize(("cadence", "made"), CASES)
def test_the_next_event_comes_so(
    happen: Record, told: list[Recipient], ana: User, cadence: Cadence, made: list[tuple[str, str]]
) -> None:
    told.append(Recipient.of_user(ana))
    preferences.choose(key(ana), {"invited": cadence}, clock.now() - timedelta(days=1))
    happen()
    assert sorted(Delivery.objects.values_list("channel", "state")) == made
