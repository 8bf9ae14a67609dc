"""What a chat is told, by a real server; what comes of it when that does not want it."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from accounts.enums import Role, Scope
from accounts.models import Membership, Organization, User
from cosell import clock
from cosell.events import catalogue, chat, outbox, tasks
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Channel, ChatService, DeliveryState
from cosell.events.models import ChatHook, Delivery, Event
from cosell.web import outside
from tests.events.chat_server import ChatServer
from tests.events.conftest import Record
from tests.events.post_office import PostOffice

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(settings: Any) -> Iterator[ChatServer]:
    settings.BASE_URL = "https://cosell.example"
    with ChatServer().opened() as server:
        settings.COSELL_OUTSIDE_ALLOW = frozenset({f"127.0.0.1:{server.port}"})
        yield server


@pytest.fixture
def hook(server: ChatServer, organization: Organization, told: list[Recipient]) -> ChatHook:
    hook = a_hook(server, organization, "one")
    told.append(Recipient.of_hook(hook))
    return hook


def a_hook(server: ChatServer, organization: Organization, name: str) -> ChatHook:
    return ChatHook.objects.create(
        organization=organization, name=name, service=ChatService.SLACK, url=f"{server.url}{name}/secret-token"
    )


def line_of(hook: ChatHook) -> Delivery:
    return Delivery.objects.get(channel=Channel.CHAT, hook=hook)


# ------------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize("service", ChatService)
def test_a_line_and_a_button_in_the_organizations_language(
    happen: Record, hook: ChatHook, organization: Organization, service: ChatService
) -> None:
    ChatHook.objects.update(service=service)
    Organization.objects.filter(pk=organization.pk).update(language="pt-br")
    happen()
    said = chat.payload(Delivery.objects.with_event().get(channel=Channel.CHAT))
    link = "https://cosell.example/bell/?deal=1"
    if service == ChatService.TEAMS:
        card = said["attachments"][0]["content"]
        assert card["version"] == "1.4"
        assert card["body"][0]["inlines"][0]["text"] == 'Fabrikam invites you to "R&D <b>"'
        assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Abrir", "url": link}]
    else:
        assert said["text"] == 'Fabrikam invites you to "R&amp;D &lt;b&gt;"'
        assert said["blocks"][0]["text"] == {"type": "mrkdwn", "text": said["text"]}
        assert said["blocks"][1]["elements"][0]["text"]["text"] == "Abrir"
        assert said["blocks"][1]["elements"][0]["url"] == link


def test_what_would_be_a_link_or_call_everybody_is_text() -> None:
    hook = ChatHook(organization=Organization(name="A"), service=ChatService.SLACK)
    said = chat.said(hook, "<!channel> <https://evil.example|Open> [a](https://evil.example)", "")
    assert "<" not in json.dumps(said)
    hook.service = ChatService.TEAMS
    card = chat.said(hook, "[a](https://evil.example)", "")["attachments"][0]["content"]
    assert [block["type"] for block in card["body"]] == ["RichTextBlock"]
    assert card["actions"] == []


CHATTED = [message.name for message in catalogue.all_messages() if message.place]


@pytest.mark.parametrize("name", CHATTED)
def test_no_line_for_a_chat_says_what_is_personal(name: str) -> None:
    """By its source: notes, what somebody said, contacts and addresses stand in no subject of these."""
    from django.template.loader import get_template  # noqa: PLC0415

    message = catalogue.get(name)
    assert message
    source = get_template(f"{message.template}_subject.txt").template.source
    assert not [word for word in ("note", "contact", "email", "phone", "reason", "recipient") if word in source]


# ----------------------------------------------------------------------------------------------------------- faults


FAULTS = {
    "404": (DeliveryState.FAILED, "It answered 404: no_service"),
    "410": (DeliveryState.FAILED, "It answered 410: no_service"),
    "403": (DeliveryState.FAILED, "It answered 403: no_service"),
    "302": (DeliveryState.FAILED, "It answered 302: no_service"),
    "500": (DeliveryState.RETRY, "It answered 500: no_service"),
    "503": (DeliveryState.RETRY, "It answered 503: no_service"),
    "slow": (DeliveryState.RETRY, "It broke off, or did not answer in time."),
    "gone before": (DeliveryState.RETRY, "It broke off, or did not answer in time."),
    "gone after": (DeliveryState.RETRY, "It broke off, or did not answer in time."),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault(
    happen: Record,
    hook: ChatHook,
    server: ChatServer,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing is lost; twice said is only what the server may have taken, which is counted. The secret is not said."""
    monkeypatch.setattr(outside, "READ_SECONDS", 0.2)
    caplog.set_level(logging.INFO)
    happen()
    server.behaves = {"*": kind}
    tasks.sweep_chats()
    line, (state, words) = line_of(hook), FAULTS[kind]
    assert (line.state, line.last_error) == (state, words)
    server.behaves = {}
    with clock.moved_by(2 * MINUTE):
        tasks.sweep_chats()
    line.refresh_from_db()
    assert line.state == (DeliveryState.FAILED if state == DeliveryState.FAILED else DeliveryState.SENT)
    assert len(server.said) <= 1 + line.unknown_outcomes
    assert "secret-token" not in caplog.text + line.last_error + ChatHook.objects.get().last_error


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [
        ("120", 2),
        ("1", 1),
        ("999999", 60),
        ("soon", 1),
        ("at ten past", 10),
    ],
)
def test_who_says_when_to_come_again_is_heard(
    happen: Record, hook: ChatHook, server: ChatServer, asked: str, minutes: int
) -> None:
    if asked == "at ten past":
        asked = format_datetime(clock.now() + timedelta(seconds=610), usegmt=True)
    outcome = chat._judged(_answer(429, asked))
    assert outcome.state == DeliveryState.RETRY
    happen()
    claimed = outbox.claim(clock.now(), Channel.CHAT)
    assert claimed
    outbox.write_down(claimed, outcome)
    claimed.refresh_from_db()
    assert round((claimed.next_try_at - clock.now()) / MINUTE) == minutes


def _answer(status: int, after: str) -> Any:
    import requests  # noqa: PLC0415

    answer = requests.Response()
    answer.status_code, answer._content = status, b"slow down"
    answer.headers["Retry-After"] = after
    return answer


def test_a_dead_chat_holds_no_other_chat_and_no_mail(
    happen: Record,
    hook: ChatHook,
    server: ChatServer,
    organization: Organization,
    told: list[Recipient],
    post_office: PostOffice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor does a dead mail server hold a chat; a chat that is dead is asked once in a run."""
    monkeypatch.setattr(outside, "READ_SECONDS", 0.2)
    other = a_hook(server, organization, "other")
    told += [Recipient.of_hook(other), Recipient(None, "p@x.example")]
    for _ in range(3):
        happen()
    server.behaves = {"/hook/one/secret-token": "slow"}
    tasks.sweep_chats()  # the mail server is not even there
    states = Delivery.objects.filter(channel=Channel.CHAT).values_list("hook__name", "state", "attempts")
    assert sorted(states) == [
        *[("one", DeliveryState.QUEUED, 0)] * 2,
        ("one", DeliveryState.RETRY, 1),
        *[("other", DeliveryState.SENT, 1)] * 3,
    ]
    with post_office.opened():
        tasks.sweep()
    assert len(post_office.letters) == 3


def test_a_chat_that_fails_is_known_to_its_admins_once(
    happen: Record, hook: ChatHook, server: ChatServer, organization: Organization, ana: User, ben: User
) -> None:
    Membership.objects.create(user=ana, organization=organization, role=Role.ACCOUNT_ADMIN)
    Membership.objects.create(user=ben, organization=organization, role=Role.REFERRALS_ADMIN, scope=Scope.LOCATIONS)
    server.behaves = {"*": "404"}
    for _ in range(2):
        happen()
        tasks.sweep_chats()
    hook.refresh_from_db()
    assert hook.failing_since is not None
    assert hook.last_error == "It answered 404: no_service"
    event = Event.objects.get(kind=chat.FAILING)
    assert event.stream == f"organization:{organization.uid}"
    assert {row.recipient_key for row in event.deliveries.all()} == {f"user:{ana.pk}"}
    server.behaves = {}
    happen()
    tasks.sweep_chats()
    hook.refresh_from_db()
    assert (hook.failing_since, hook.last_error) == (None, "")
    assert hook.last_ok_at is not None


def test_one_that_does_not_answer_fails_at_the_third_try(happen: Record, hook: ChatHook, server: ChatServer) -> None:
    happen()
    server.behaves = {"*": "500"}
    for tries in range(1, 4):
        with clock.moved_by(tries * timedelta(hours=1)):
            tasks.sweep_chats()
        hook.refresh_from_db()
        assert (hook.failing_since is not None) == (tries == 3)


def test_one_that_was_switched_off_is_told_nothing(happen: Record, hook: ChatHook, server: ChatServer) -> None:
    happen()
    ChatHook.objects.update(is_active=False)
    tasks.sweep_chats()
    assert line_of(hook).state == DeliveryState.CANCELLED
    assert not server.said


def test_a_hook_into_our_own_network_is_refused_when_it_is_used(
    happen: Record, hook: ChatHook, server: ChatServer, settings: Any
) -> None:
    settings.COSELL_OUTSIDE_ALLOW = frozenset()
    happen()
    tasks.sweep_chats()
    assert line_of(hook).state == DeliveryState.FAILED
    assert not server.said


def test_a_line_that_cannot_be_written_fails_alone(happen: Record, hook: ChatHook, server: ChatServer) -> None:
    broken = happen(data={"breaks": True})
    happen()
    tasks.sweep_chats()
    assert broken.deliveries.get().state == DeliveryState.FAILED
    assert len(server.said) == 1


def test_trying_a_hook(hook: ChatHook, server: ChatServer) -> None:
    server.behaves = {"*": "404"}
    assert chat.try_hook(hook) == "It answered 404: no_service"
    server.behaves = {}
    assert chat.try_hook(hook) == ""
    assert "Fabrikam" in server.said[0][1]["text"]
    assert ChatHook.objects.get().last_ok_at is not None


def test_messages_for_chats_exist() -> None:
    assert "opportunity_received" in CHATTED
    assert isinstance(catalogue.get("chat_failing"), Message)
