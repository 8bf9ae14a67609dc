"""Who is told what about a registration (product.md §8, fact sheet 2.4). The templates hold the words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actions.away import stand_in, today
from accounts.enums import Role
from accounts.models import Location, Membership, User
from cosell import clock
from cosell.events.catalogue import Message, Place, Recipient
from cosell.events.enums import Channel
from cosell.events.models import Event
from deals import audience
from deals import notifications as deal_notifications
from deals.enums import EventKind as DealEvent
from deals.enums import Kind, RegistrationState
from deals.models import Deal, TeamMember
from registrations import samples
from registrations.enums import ChangeState, EventKind, FailReason, Field, Level, ReviewReason
from registrations.facts import facts_of
from registrations.models import ExceptionRequest, Registration
from registrations.outlook import register_by
from registrations.rules import acting
from registrations.rules.eligibility import best

Audience = Callable[[Event, Registration], Iterable[Recipient]]


def _who_may_register(event: Event, deal: Deal) -> Iterable[Recipient]:
    """The own team and who won it, unless something stands against a registration: the deal page says that."""
    if deal.organization_id == deal.engagement.host_id or deal.engagement.kind == Kind.ASSESSMENT:
        return []
    if best(facts_of(deal, event.at)).hopeless:
        return []
    team = list(audience.on_team(deal))
    winner: User | None = event.actor
    if winner and winner not in [each.user for each in team]:
        team.append(Recipient.of_user(winner, language=deal.organization.language))
    return team


def _possible_context(event: Event, recipient: Recipient) -> dict[str, Any]:
    """`judged` is asked only where the words need it: a line of the bell does not."""
    words = deal_notifications.context(event, recipient)
    deal: Deal = words["deal"]
    return {**words, "judged": lambda: best(facts_of(deal, clock.now())), "until": register_by(deal)}


# Of a registration `record` gets the registration as its context (actions.door.tell).


def _team(event: Event, registration: Registration) -> Iterable[Recipient]:
    """Of the claiming side, but not who did it; where nobody is on it, who decides at its location."""
    deal = registration.deal
    people = [each for each in audience.on_team(deal) if each.user is None or each.user.is_active]
    if not people:
        people = _of(audience.receivers_of(deal), deal.organization.language)
    return [each for each in people if each.user is None or each.user.pk != event.actor_id]


def _of(users: Iterable[User | None], language: str) -> list[Recipient]:
    return [Recipient.of_user(user, language=language) for user in users if user is not None]


def _at_host(registration: Registration, who: Q) -> list[Recipient]:
    """People of the host, but nobody who is on a team of the deal: they decide nothing there (product.md §7)."""
    host = registration.engagement.host
    on_team = TeamMember.objects.filter(deal__engagement=registration.engagement_id, user__isnull=False)
    here = Membership.objects.filter(who, organization=host, is_active=True, user__is_active=True)
    found = here.exclude(user__in=on_team.values("user")).select_related("user").order_by("user")
    return _of(dict.fromkeys(each.user for each in found), host.language)


ADMINS = Q(role=Role.VENDOR_ADMIN)
REVIEWERS = ADMINS | Q(role=Role.REVIEWER)


def _assignee(event: Event, registration: Registration) -> Iterable[Recipient]:
    return _with_stand_ins([registration.assigned_to], event, registration)


def _due(event: Event, registration: Registration) -> Iterable[Recipient]:
    return _with_stand_ins([each.user for each in _in_hand(event, registration)], event, registration)


def _with_stand_ins(users: Iterable[User | None], event: Event, registration: Registration) -> list[Recipient]:
    """Also the colleague of who is away, if that one may decide."""
    asked = [user for user in users if user]
    away = [other for user in asked if (other := stand_in(user, today(user, event.at)))]
    able = _at_host(registration, REVIEWERS & Q(user__in=away)) if away else []
    return [*_of(asked, registration.engagement.host.language), *able]


def _in_hand(event: Event, registration: Registration) -> list[Recipient]:
    """Who works on it or is to."""
    holder = registration.claimed_by if acting.is_held(registration, event.at) else None
    return _of(dict.fromkeys((holder, registration.assigned_to)), registration.engagement.host.language)


def _nobody_yet(event: Event, registration: Registration) -> Iterable[Recipient]:
    """Everybody who may decide, where nobody has it in hand."""
    if _in_hand(event, registration):
        return []
    return _at_host(registration, ADMINS if registration.level == Level.ADMIN else REVIEWERS)


def _escalation(event: Event, registration: Registration) -> Iterable[Recipient]:
    """The program's second reviewer, by name, and the vendor admins (product.md §10)."""
    second = registration.program.second_reviewer_id
    return _at_host(registration, ADMINS | Q(user=second) if second else ADMINS)


def _vendor_admins(event: Event, registration: Registration) -> Iterable[Recipient]:
    return _at_host(registration, ADMINS)


def _reviewers(event: Event, registration: Registration) -> Iterable[Recipient]:
    """All of them but who did it."""
    return [each for each in _at_host(registration, REVIEWERS) if each.user and each.user.pk != event.actor_id]


def _words(event: Event, recipient: Recipient) -> dict[str, Any]:
    """What a mail about a registration says; the side that claims reads of the host, never of its reviewers."""
    if not hasattr(event, "prepared_registration"):
        prepare([event])
    registration: Registration = event.prepared_registration  # type: ignore[attr-defined]
    deal: Deal = event.prepared_deal  # type: ignore[attr-defined]
    texts = {detail.key: detail.value for detail in event.details.all()}
    reasons = ReviewReason if event.kind in (EventKind.REVIEW_STARTED, EventKind.PICKED) else FailReason
    return {
        "deal": deal,
        "engagement": deal.engagement,
        "customer": deal.engagement.customer,
        "host": deal.engagement.host,
        "note": texts.get("note", ""),
        "registration": registration,
        "program": registration.program,
        "value": registration.contract_value or deal.final_value or deal.value,
        "currency": registration.currency or deal.currency,
        "state": RegistrationState(event.to_state or registration.state).label,
        "moved_to": event.to_state,
        "reasons": [str(reasons(each).label) for each in event.data.get("reasons", []) if each in reasons.values],
        "comments": [(Field(name).label, text) for name, text in (texts.get("comments") or {}).items()],
        "due_at": parse_datetime(event.data.get("due_at") or ""),
        "url": reverse("registrations:registration", args=[deal.uid]),
    }


def _team_words(event: Event, recipient: Recipient) -> dict[str, Any]:
    """What a line of the bell does not need is asked for only where the words do."""
    words = _words(event, recipient)
    registration, deal = words["registration"], words["deal"]
    return {
        **words,
        "exception": lambda: _exception(deal),
        "ask_until": lambda: _ask_until(deal, registration),
        "left_over": lambda: _left_over(event, registration),
    }


def _ask_until(deal: Deal, registration: Registration) -> datetime | None:
    """Until when an exception may be requested; None when it may not."""
    until = acting.exception_until(deal, registration)
    return until if until > clock.now() and _exception(deal) is None else None


def _left_over(event: Event, registration: Registration) -> bool:
    """There were proposed changes when it was decided, and nobody had taken them over."""
    kept = registration.changes.filter(state__in=(ChangeState.WAITING, ChangeState.LAPSED), at__lte=event.at)
    return bool(kept.filter(Q(ended_at=None) | Q(ended_at__gte=event.at)).exists())


def _exception(deal: Deal) -> dict[str, Any] | None:
    found = ExceptionRequest.objects.filter(deal=deal).first()
    return {"unlocked": [str(Field(each).label) for each in found.unlocked]} if found else None


def _reviewer_words(event: Event, recipient: Recipient) -> dict[str, Any]:
    """Reviewers open the page on which they decide: of the registration, or of the exception that was asked for."""
    words = _words(event, recipient)
    about_exception = event.kind == EventKind.EXCEPTION_REQUESTED or "exception" in event.data
    url = reverse("registrations:case", args=[words["registration"].uid])
    if about_exception and (found := words["registration"].prepared_exception):
        url = reverse("registrations:exception_case", args=[found.uid])
    return {**words, "about_exception": about_exception, "organization": words["deal"].organization, "url": url}


def prepare(events: Sequence[Event]) -> None:
    """Load the deals and registrations of these events at once: many lines of a bell ask no more than one."""
    deal_notifications.prepare(events)
    deals = {event.deal_id for event in events if event.deal_id}
    found = {each.deal_id: each for each in Registration.objects.filter(deal__in=deals).select_related("program")}
    exceptions = {each.deal_id: each for each in ExceptionRequest.objects.filter(deal__in=deals)}
    for event in events:
        registration = found[event.deal_id or 0]
        registration.prepared_exception = exceptions.get(event.deal_id or 0)  # type: ignore[attr-defined]
        event.prepared_registration = registration  # type: ignore[attr-defined]


# Whose chats are told; the docstrings stand in docs/messages.md.


def _winner(event: Event, deal: Deal) -> Place | None:
    """The side that won, where it may register"""
    return deal if [*_who_may_register(event, deal)] else None


def _claiming(event: Event, registration: Registration) -> Place | None:
    """The side that registers"""
    return registration.deal


def _reviewing(event: Event, registration: Registration) -> Place | None:
    """The host"""
    return _host_place(registration)


def _reviewing_free(event: Event, registration: Registration) -> Place | None:
    """The host, where nobody has it in hand"""
    return None if _in_hand(event, registration) else _host_place(registration)


def _host_place(registration: Registration) -> Place | None:
    here: Location | None = Location.objects.filter(
        organization=registration.engagement.host_id, is_global=True
    ).first()
    return Here(here.organization_id, here.pk) if here else None


@dataclass(frozen=True)
class Here:
    """A location as a place of chats."""

    organization_id: int
    location_id: int


def _to_team(name: str, kind: EventKind, title: Promise, **fields: Any) -> Message:
    given = {"group": REGISTRATIONS, "sample": samples.of_team, "told": CLAIMANTS, "prepare": prepare, **fields}
    return Message(name, kind, _team, _team_words, f"registrations/email/{name}", title=title, **given)


def _to_host(name: str, kind: EventKind, to: Audience, title: Promise, told: Promise, **fields: Any) -> Message:
    given = {"group": REVIEWS, "sample": samples.of_host, "told": told, "prepare": prepare, **fields}
    return Message(name, kind, to, _reviewer_words, f"registrations/email/{name}", title=title, **given)


BELL = (Channel.BELL,)  # no mail for what many could do
REGISTRATIONS, REVIEWS = _("Registrations"), _("Reviews")
CLAIMANTS = _("The team of the side that registers, but not who did it; without a team, who decides at its location")
ALL_REVIEWERS = _("Every reviewer and vendor admin who is on no team of the deal, but not who did it")
FIXED = {"can_turn_off": False}  # deadlines

MESSAGES: tuple[Message, ...] = (
    Message(
        "registration_possible",
        DealEvent.WON,
        _who_may_register,
        _possible_context,
        "registrations/email/registration_possible",
        prepare=deal_notifications.prepare,
        title=_("A deal that you won can be registered"),
        told=_("The team of the side that won, and who marked it, unless nothing can come of a registration"),
        group=REGISTRATIONS,
        sample=samples.of_possible,
        place=_winner,
        **FIXED,
    ),
    _to_team("registration_approved", EventKind.APPROVED, _("A registration was approved")),
    _to_team("registration_in_review", EventKind.REVIEW_STARTED, _("A registration goes to review")),
    _to_team("registration_picked", EventKind.PICKED, _("A registration was picked for review")),
    _to_team(
        "registration_action_required",
        EventKind.ACTION_REQUIRED,
        _("A registration needs changes of yours"),
        place=_claiming,
    ),
    _to_team("registration_passed", EventKind.PASSED, _("A registration passed its review"), place=_claiming),
    _to_team("registration_failed", EventKind.FAILED, _("A registration failed its review"), place=_claiming),
    _to_team("marketplace_passed", EventKind.MARKET_PASSED, _("A marketplace transaction was validated")),
    _to_team(
        "marketplace_failed",
        EventKind.MARKET_FAILED,
        _("A marketplace transaction could not be validated"),
        place=_claiming,
    ),
    _to_team("changes_taken_over", EventKind.CHANGE_APPLIED, _("Changes that you proposed were taken over")),
    _to_team("exception_approved", EventKind.EXCEPTION_APPROVED, _("An exception was approved"), place=_claiming),
    _to_team("exception_refused", EventKind.EXCEPTION_REFUSED, _("An exception was refused"), place=_claiming),
    _to_host(
        "exception_requested",
        EventKind.EXCEPTION_REQUESTED,
        _reviewers,
        _("An exception was requested"),
        ALL_REVIEWERS,
        channels=BELL,
    ),
    _to_host(
        "review_assigned",
        EventKind.ASSIGNED,
        _assignee,
        _("A review was assigned to you"),
        _("The reviewer to whom it is assigned"),
    ),
    _to_host(
        "review_due",
        EventKind.REVIEW_DUE,
        _due,
        _("A review of yours is due soon"),
        _("The reviewer who has it in hand, or is to"),
        **FIXED,
    ),
    _to_host(
        "review_due_and_free",
        EventKind.REVIEW_DUE,
        _nobody_yet,
        _("A review that nobody has is due soon"),
        _("Everybody who may decide it, where nobody has it in hand"),
        channels=BELL,
        place=_reviewing_free,
        **FIXED,
    ),
    _to_host(
        "review_escalated",
        EventKind.ESCALATED,
        _escalation,
        _("A review is overdue"),
        _("The program's second reviewer and the vendor admins"),
        place=_reviewing,
        **FIXED,
    ),
    _to_host(
        "second_decision_wanted",
        EventKind.FIRST_DECIDED,
        _reviewers,
        _("A second decision is wanted"),
        ALL_REVIEWERS,
        channels=BELL,
    ),
    _to_host(
        "reviewers_disagree",
        EventKind.DISAGREED,
        _vendor_admins,
        _("Two reviewers disagree"),
        _("The vendor admins who are on no team of the deal"),
    ),
)
