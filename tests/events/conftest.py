"""A message of our own, people who get it, and a mail server that can be told to misbehave."""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse

from accounts.models import Organization, User
from cosell import clock
from cosell.events import catalogue, dispatch
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Visibility
from cosell.events.models import Event
from cosell.events.record import record
from tests.events.post_office import PostOffice, free_port

KIND = "test.invited"
Record = Callable[..., Event]


@pytest.fixture
def organization(db: None) -> Organization:
    return Organization.objects.create(name="Fabrikam", country="US")


@pytest.fixture
def ana(db: None) -> User:
    return User.objects.create_user(
        "ana@contoso.example", full_name="Ana Souza", language="pt-br", time_zone="America/Sao_Paulo"
    )


@pytest.fixture
def ben(db: None) -> User:
    return User.objects.create_user("ben@contoso.example", full_name="Ben Miller")


@pytest.fixture
def told() -> list[Recipient]:
    """Whom the next event tells: tests put people in."""
    return []


@pytest.fixture
def message(told: list[Recipient], settings: Any) -> Iterator[Message]:
    def context(event: Event, recipient: Recipient) -> dict[str, Any]:
        if event.data.get("breaks"):
            raise KeyError("a word is missing")
        until = event.at + timedelta(days=14)
        return {"partner": "Fabrikam", "deal": "R&D <b>", "until": until, "url": reverse("events:bell") + "?deal=1"}

    folder = str(Path(__file__).parent / "templates")
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], folder]} for engine in settings.TEMPLATES]
    message = Message("invited", KIND, lambda event, given: told, context, "told/invited")
    catalogue.register(message)
    yield message
    catalogue.unregister(message)


@pytest.fixture
def happen(message: Message, organization: Organization) -> Record:
    """Record an event; in a stream of its own if none is named."""

    def happen(stream: str = "", **fields: Any) -> Event:
        with transaction.atomic():
            return record(
                KIND,
                stream=stream or f"engagement:{uuid.uuid4()}",
                **{"at": clock.now(), "visibility": Visibility.ENGAGEMENT, "organization": organization, **fields},
            )

    return happen


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests send by hand: the process believes that it has just found the broker dead."""
    monkeypatch.setattr(dispatch, "_broken_until", float("inf"))


@pytest.fixture
def post_office(settings: Any) -> PostOffice:
    """Not open yet: `with post_office.opened():`."""
    office = PostOffice()
    office.port = free_port()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", office.port, 2
    settings.DEFAULT_FROM_EMAIL = "Cosell <no-reply@cosell.example>"
    settings.BASE_URL = "https://cosell.example"
    return office
