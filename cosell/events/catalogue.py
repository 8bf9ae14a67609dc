"""The catalogue of messages: which events are told, to whom, in which words. Upper apps fill it at start-up."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

from django.conf import settings
from django.utils.functional import Promise

from cosell.events.enums import PERSONAL, Cadence, Channel, Fill

if TYPE_CHECKING:
    from accounts.models import User
    from cosell.events.models import ChatHook, Delivery, Event


@dataclass(frozen=True)
class Recipient:
    """Who is told: a person with a sign-in (`user`: mail, bell) or only with an address (mail), or a chat (`hook`)."""

    user: "User | None"
    address: str
    name: str = ""
    language: str = ""
    time_zone: str = "UTC"
    hook: "ChatHook | None" = None

    @classmethod
    def of_user(cls, user: "User", *, language: str = "") -> Self:
        """`language` is what a person gets who has not chosen one (their organization's)."""
        chosen = user.language or language or settings.LANGUAGE_CODE
        return cls(user, user.email, user.full_name, chosen, user.time_zone or "UTC")

    @classmethod
    def of_hook(cls, hook: "ChatHook") -> Self:
        """A chat reads as its organization does."""
        organization = hook.organization
        return cls(None, "", hook.name, organization.language, organization.time_zone, hook)

    @classmethod
    def of_delivery(cls, delivery: "Delivery") -> Self:
        """As the person is now: their address, language and time zone may have changed since the event."""
        if delivery.hook:
            return cls.of_hook(delivery.hook)
        if delivery.user:
            return cls.of_user(delivery.user, language=delivery.language)
        return cls(None, delivery.address, delivery.name, delivery.language, delivery.time_zone)

    @property
    def key(self) -> str:
        """One delivery per event, channel and this."""
        if self.hook:
            return f"hook:{self.hook.pk}"
        return f"user:{self.user.pk}" if self.user else f"mail:{self.address.lower()}"


class Place(Protocol):
    """Whose it is: a side, in the eyes of this app."""

    organization_id: int
    location_id: int


@dataclass(frozen=True)
class Message:
    """A row of the table: what is told on events of `kind`, to whom, by which channels, and who may have less.

    `audience(event, context)` gives the recipients while the event is written; `context` is what the action
    passed to `record`. `context(event, recipient)` gives the words' variables when they are rendered; its
    "url" is the path of the page to open. `template` "deals/email/invited" means the files
    `deals/email/invited_subject.txt` (also the bell's line), `_body.txt` and `_body.html`.
    `channels` are the ways it goes to a person. `prepare(events)` may load what `context` needs for many events at
    once. `title` and `told` say in words what it is about and who is told (preferences, docs/messages.md); `group`
    puts it with its like. `default` is the cadence of mails for who has not chosen one. `place(event, context)` says
    whose chats are told, None for no chat; its docstring says so in words. `act(delivery)` gives the path of the page
    where the reader of this mail answers without signing in, "" if they may not. `sample(name, fill)` gives what
    `context` does, of a made-up case, without any row: the preview is drawn from it.
    """

    name: str
    kind: str
    audience: Callable[["Event", Any], Iterable[Recipient]]
    context: Callable[["Event", Recipient], dict[str, Any]]
    template: str
    can_turn_off: bool = True
    channels: Sequence[Channel] = PERSONAL
    prepare: Callable[[Sequence["Event"]], None] | None = None
    title: str | Promise = ""
    told: str | Promise = ""
    group: str | Promise = ""
    default: Cadence = Cadence.AT_ONCE
    place: Callable[["Event", Any], Place | None] | None = None
    act: Callable[["Delivery"], str] | None = None
    sample: Callable[[str, Fill], dict[str, Any]] | None = None

    @property
    def ways(self) -> list[Channel]:
        """All channels, with the chats'."""
        return [*map(Channel, self.channels), *([Channel.CHAT] if self.place else [])]

    @property
    def has_sample(self) -> bool:
        return self.sample is not None


_by_name: dict[str, Message] = {}
_by_kind: dict[str, list[Message]] = {}


def register(*messages: Message) -> None:
    """Add messages. Where two go to one person on one event, the first registered is sent."""
    for message in messages:
        known = _by_name.setdefault(message.name, message)
        if known != message:
            raise ValueError(f"Two messages are called {message.name}")
        if message not in _by_kind.setdefault(message.kind, []):
            _by_kind[message.kind].append(message)


def unregister(*messages: Message) -> None:
    """Take messages out again (tests)."""
    for message in messages:
        _by_name.pop(message.name, None)
        _by_kind[message.kind].remove(message)


def on(kind: str) -> Sequence[Message]:
    """The messages that events of `kind` set off."""
    return tuple(_by_kind.get(kind, ()))


def get(name: str) -> Message | None:
    return _by_name.get(name)


def all_messages() -> Sequence[Message]:
    return tuple(_by_name.values())


def by_group() -> dict[str, list[Message]]:
    """All messages, each with its like, in the order of their registration."""
    groups: dict[str, list[Message]] = {}
    for message in _by_name.values():
        groups.setdefault(str(message.group), []).append(message)
    return groups
