"""What is held about people, and for how long (product.md §10, docs/privacy.md). Here it is only read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db.models import Exists, Model, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast, Lower

from accounts.models import Invite, User
from accounts.who import Who
from cosell.events.enums import DeliveryState
from cosell.events.models import BadAddress, Delivery, Event, EventDetail, Preference
from deals import disclosure, registry
from deals.enums import REGISTRATION_SUBMITTED, REGISTRATION_WAITS, TERMINAL, UNANSWERED, EventKind, Stage
from deals.models import CustomerContact, Deal, Draft, Engagement, TeamMember

ERASED = "Erased person"
ERASED_DOMAIN = "erased.invalid"  # a domain that never exists (RFC 2606)
KEEP_CONTACT = timedelta(days=90)

# Who never came in, or is out again, keeps nobody's contact.
_IS_IN = ~Q(stage__in=(Stage.RECEIVED, *UNANSWERED))
_HAS_OPEN_REGISTRATION = Q(
    registration_state__in=(*REGISTRATION_WAITS, *REGISTRATION_SUBMITTED), registration_closed_at=None
)

# Where people write freely: a person may be named in the middle of a sentence.
FREE_TEXT: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Engagement, ("customer_problem", "help_needed")),
    (Deal, ("name", "invite_notes", "crm_id", "campaign_id")),
    (LogEntry, ("object_repr", "change_message")),
)


def engagements_to_forget(now: datetime) -> QuerySet[Engagement]:
    """Engagements whose contact has to go, from the row and from the history: every side that was in has been Lost,
    Error or Won for 90 days, and none has a registration open."""
    ended = Q(stage__in=TERMINAL, closed_at__lte=now - KEEP_CONTACT) & ~_HAS_OPEN_REGISTRATION
    needed = Deal.objects.filter(_IS_IN, ~ended, engagement=OuterRef("pk"))
    replaced = Deal.objects.filter(pk__in=replaced_contacts().values("event__deal_id"))
    held = Q(contact__isnull=False) | Q(pk__in=replaced.values("engagement"))
    return Engagement.objects.filter(held, ~Exists(needed)).order_by("pk")


def replaced_contacts() -> QuerySet[EventDetail]:
    """Where the history says which contact an edit replaced, and by which."""
    edits = {"event__kind": EventKind.EDITED, "event__data__fields__contains": ["contact"]}
    return EventDetail.objects.filter(erased_at=None, key="changes", **edits)


def said_person(text: str) -> tuple[str, str, str] | None:
    """Name, address and phone of "Ana Souza <ana@contoso.example>, +55 11 5550 0101"; the phone may be left out."""
    found = re.fullmatch(r"(.+) <([^<>]+)>(?:, (.*))?", text)
    return (found[1], found[2], found[3] or "") if found else None


@dataclass(frozen=True)
class ContactRemoved:
    """When the customer's contact went: because the person asked, or 90 days after the deal ended."""

    at: datetime
    was_asked: bool


def contact_removed(who: Who, deal: Deal, events: Iterable[Event]) -> ContactRemoved | None:
    """What stands in the place of a contact that `who` could read on this side; `events` are those of its page."""
    if not disclosure.is_own(who, deal) or deal.stage in disclosure.ANSWERED_NOT:
        return None
    last = next((event for event in events if event.kind == EventKind.CONTACT_REMOVED), None)
    return ContactRemoved(last.at, was_asked=bool(last.data.get("asked"))) if last else None


@dataclass(frozen=True)
class Traces:
    """The words by which a person is found. Sets may be empty; addresses are in lower case.

    A name counts from two words on, a phone from seven digits: less is said of many people.
    """

    emails: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()

    @cached_property
    def pattern(self) -> str:
        """A regular expression, the same for Python and PostgreSQL; also for text inside JSON, whose line breaks are
        written as `\\n`. Matches nothing where nothing is known."""
        numbers = [number for number in map(_digits, self.phones) if len(number) > 6]
        parts = [
            *(rf"{_AFTER_NO_MAIL}{re.escape(email)}(?![\w-]|\.\w)" for email in sorted(self.emails)),
            *(rf"{_AFTER_NO_WORD}{_spaced(name)}(?!\w)" for name in sorted(self.names) if " " in name),
            *(rf"(?<!\d)[+(]{{0,2}}{_spread(number)}(?!\d)" for number in sorted(numbers)),
        ]
        return "|".join(parts) or r"(?!.)\w"

    def without(self, text: str, instead: str) -> str:
        return re.sub(self.pattern, instead, text, flags=re.IGNORECASE)


_AFTER_NO_MAIL, _AFTER_NO_WORD = r"(?:(?<![\w.+-])|(?<=\\[nrt]))", r"(?:(?<!\w)|(?<=\\[nrt]))"


def _spaced(name: str) -> str:
    return r"\s+".join(re.escape(word).replace('"', r'\\?"') for word in name.split())


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


def _spread(digits: str) -> str:
    return r"[\s()./-]{0,3}".join(digits)


def details_with(traces: Traces) -> QuerySet[EventDetail]:
    """Texts and values of events in which any of these words stands. Reads them all."""
    return _holding(EventDetail.objects.filter(erased_at=None), "value", traces)


def _holding(rows: QuerySet, name: str, traces: Traces) -> QuerySet:
    """Rows in whose JSON any of these words stands."""
    return rows.annotate(as_text=Cast(name, TextField())).filter(as_text__iregex=traces.pattern)


@dataclass
class Person:
    """A person: with a sign-in (`user`), or only by an address. What is held stands in querysets that are not asked
    before they are needed."""

    emails: frozenset[str]
    user: User | None = None
    with_names: bool = True

    @classmethod
    def at(cls, email: str, *, with_names: bool = True) -> Person:
        """Who has this address; with their other addresses if they sign in. Nobody is one of whom nothing is held."""
        user = User.objects.filter(Q(email__iexact=email) | Q(emailaddress__email__iexact=email)).first()
        also = EmailAddress.objects.filter(user=user).values_list("email", flat=True) if user else ()
        return cls(frozenset(each.lower() for each in (user.email if user else email, *also)), user, with_names)

    @property
    def email(self) -> str:
        """The address by which the operator means the person."""
        return self.user.email if self.user else min(self.emails)

    @cached_property
    def traces(self) -> Traces:
        """Addresses, and the names and phones that stand beside them anywhere."""
        known = [*self._beside_their_address()]
        names = {" ".join(name.split()) for name, _phone in known} - {""}
        phones = {phone.strip() for _name, phone in known} - {""}
        return Traces(self.emails, frozenset(names if self.with_names else ()), frozenset(phones))

    def _beside_their_address(self) -> Iterator[tuple[str, str]]:
        if self.user:
            yield self.user.full_name, self.user.phone
        yield from self.contacts.values_list("name", "phone")
        yield from self.team.values_list("name", "phone")
        for name in self.invites.values_list("full_name", flat=True):
            yield name, ""
        for name in self.deliveries.order_by().values_list("name", flat=True).distinct():
            yield name, ""
        by_address = Traces(self.emails)
        for answers in _holding(Draft.objects.all(), "answers", by_address).values_list("answers", flat=True):
            yield from _beside(answers, self.emails)
        for value in details_with(by_address).values_list("value", flat=True):
            for said in filter(None, map(said_person, strings(value))):
                if said[1].lower() in self.emails:
                    yield said[0], said[2]

    @property
    def contacts(self) -> QuerySet[CustomerContact]:
        return CustomerContact.objects.alias(address=Lower("email")).filter(address__in=self.emails)

    @property
    def team(self) -> QuerySet[TeamMember]:
        theirs = Q(address__in=self.emails) | (Q(user=self.user) if self.user else Q())
        return TeamMember.objects.alias(address=Lower("email")).filter(theirs)

    @property
    def invites(self) -> QuerySet[Invite]:
        """By which the person was asked to join a company."""
        return Invite.objects.alias(address=Lower("email")).filter(address__in=self.emails)

    @property
    def preferences(self) -> QuerySet[Preference]:
        keys = [f"mail:{email}" for email in self.emails]
        return Preference.objects.filter(person__in=[*keys, f"user:{self.user.pk}"] if self.user else keys)

    @property
    def bad_addresses(self) -> QuerySet[BadAddress]:
        return BadAddress.objects.filter(address__in=self.emails)

    @property
    def sessions(self) -> QuerySet[UserSession]:
        return UserSession.objects.filter(user=self.user) if self.user else UserSession.objects.none()

    @property
    def deliveries(self) -> QuerySet[Delivery]:
        theirs = Q(to__in=self.emails) | (Q(user=self.user) if self.user else Q())
        return Delivery.objects.alias(to=Lower("address")).filter(theirs)

    @property
    def in_hand(self) -> QuerySet[Delivery]:
        """Mails that a sender is just handing over: erasing leaves them alone, a second go reaches them."""
        return self.deliveries.filter(state=DeliveryState.SENDING)

    @property
    def details(self) -> QuerySet[EventDetail]:
        """What names the person, and from where they signed in (docs/people.md)."""
        named = details_with(self.traces)
        if self.user is None:
            return named
        own = Q(event__stream=f"person:{self.user.pk}")
        return EventDetail.objects.filter(own | Q(pk__in=named.values("pk")), erased_at=None)

    @property
    def own_drafts(self) -> QuerySet[Draft]:
        return Draft.objects.filter(owner=self.user) if self.user else Draft.objects.none()

    @property
    def other_drafts(self) -> QuerySet[Draft]:
        """Drafts of others in which the person stands, as a contact or on a team."""
        return _holding(Draft.objects.exclude(pk__in=self.own_drafts), "answers", self.traces)

    def texts(self) -> Iterator[tuple[QuerySet[Any], tuple[str, ...]]]:
        """Rows in whose free text the person stands, with the names of these fields."""
        for model, names in (*FREE_TEXT, *registry.free_text):
            found = Q()
            for name in names:
                found |= Q(**{f"{name}__iregex": self.traces.pattern})
            yield model._default_manager.filter(found).order_by("pk"), names

    def counts(self) -> dict[str, int]:
        """How much is held, by kind."""
        return {
            "sign_in": int(self.user is not None),
            "contacts": self.contacts.count(),
            "team": self.team.count(),
            "drafts": self.own_drafts.count() + self.other_drafts.count(),
            "texts": sum(rows.count() for rows, _names in self.texts()),
            "details": self.details.count(),
            "deliveries": self.deliveries.count(),
            "sign_in_facts": sum(
                rows.count() for rows in (self.invites, self.preferences, self.bad_addresses, self.sessions)
            ),
        }


def strings(value: Any) -> Iterator[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


def _beside(answers: Any, emails: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Name and phone typed beside one of the addresses: `contact_email` has `contact_name`, `team-0-email` its own."""
    if not isinstance(answers, dict):
        return
    for key, typed in answers.items():
        yield from _beside(typed, emails)
        if key.endswith("email") and not emails.isdisjoint(text.lower() for text in strings(typed)):
            stem = key.removesuffix("email")
            name, phone = (next(strings(answers.get(f"{stem}{part}", "")), "") for part in ("name", "phone"))
            yield name, phone


def held_about(person: Person) -> dict[str, Any]:
    """Everything that is held about the person, as JSON has it: ids of deals and events instead of what is others'."""
    return {
        "addresses": sorted(person.emails),
        "sign_in": _sign_in(person.user),
        "customer_contact": [
            {
                "deal": contact.engagement.reference,
                "name": contact.name,
                "phone": contact.phone,
                "email": contact.email,
                "consent_at": contact.consent_at.isoformat(),
            }
            for contact in person.contacts.select_related("engagement").order_by("pk")
        ],
        "team": [
            {"deal": m.deal.engagement.reference, "name": m.name, "phone": m.phone, "email": m.email}
            for m in person.team.select_related("deal__engagement").order_by("pk")
        ],
        "drafts": list(person.own_drafts.order_by("pk").values("answers")),
        "drafts_of_others": [
            {"draft": str(draft.uid), "text": [*_naming(draft.answers, person.traces)]}
            for draft in person.other_drafts.order_by("pk")
        ],
        "free_text": [
            {"table": rows.model._meta.db_table, "id": row.pk, "text": [*_naming(texts, person.traces)]}
            for rows, names in person.texts()
            for row in rows
            if (texts := [str(getattr(row, name)) for name in names])
        ],
        "history": [
            {**_of_event(detail.event), "what": detail.key, "text": detail.value}
            for detail in person.details.select_related("event").order_by("event_id", "pk")
        ],
        "done": [_of_event(event) for event in person.user.events.order_by("pk")] if person.user else [],
        "messages": [
            {"message": d.message, "channel": d.channel, "state": d.state, "to": d.address, "name": d.name}
            | {"at": d.created_at.isoformat()}
            for d in person.deliveries.order_by("pk")
        ],
        "invites": [
            {"organization": i.organization.name, "role": i.role, "name": i.full_name, "email": i.email}
            | {"at": i.created_at.isoformat()}
            for i in person.invites.select_related("organization").order_by("pk")
        ],
        "preferences": dict(person.preferences.order_by("pk").values_list("message", "cadence")),
        "mail_does_not_reach": list(person.bad_addresses.order_by("pk").values_list("address", "reason")),
        "sessions": [
            {"ip": s.ip, "browser": s.user_agent, "since": s.created_at.isoformat()}
            for s in person.sessions.order_by("pk")
        ],
    }


def _sign_in(user: User | None) -> dict[str, Any] | None:
    if user is None:
        return None
    return {
        "name": user.full_name,
        "email": user.email,
        "phone": user.phone,
        "language": user.language,
        "time_zone": user.time_zone,
        "theme": user.theme,
        "is_active": user.is_active,
        "since": user.date_joined.isoformat(),
        "away": [user.away_from.isoformat(), user.away_until.isoformat()] if user.away_from else None,
        "company_sign_ins": list(SocialAccount.objects.filter(user=user).values_list("provider", "uid")),
        "last_sign_in": user.last_login.isoformat() if user.last_login else None,
        "roles": [
            {"organization": m.organization.name, "role": m.role, "scope": m.scope, "is_active": m.is_active}
            for m in user.memberships.select_related("organization").order_by("pk")
        ],
        "favorites": [str(heart.engagement) for heart in user.favorites.select_related("engagement").order_by("pk")],
        "account_team_of": list(user.named_accounts.order_by("pk").values_list("name", flat=True)),
    }


def _naming(value: Any, traces: Traces) -> Iterator[str]:
    return (text for text in strings(value) if re.search(traces.pattern, text, flags=re.IGNORECASE))


def _of_event(event: Event) -> dict[str, Any]:
    return {"stream": event.stream, "event": event.seq, "kind": event.kind, "at": event.at.isoformat()}
