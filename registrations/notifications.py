"""Who is told what about a registration (product.md §8, fact sheet 2.4). The templates hold the words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from accounts.enums import Role
from accounts.models import Membership, User
from cosell import clock
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Channel
from cosell.events.models import Event
from deals import audience
from deals import notifications as deal_notifications
from deals.enums import EventKind as DealEvent
from deals.enums import Kind, RegistrationState
from deals.models import Deal, TeamMember
from deals.privacy import ERASED_DOMAIN
from registrations.enums import ChangeState, EventKind, FailReason, Field, Level, ReviewReason
from registrations.facts import facts_of
from registrations.models import ExceptionRequest, Registration
from registrations.outlook import register_by
from registrations.rules import acting
from registrations.rules.eligibility import best

Audience = Callable[[Event, Registration], Iterable[Recipient]]


def team_of(deal: Deal) -> Iterable[Recipient]:
    """The own team, with or without a sign-in; an erased person has no address."""
    for member in deal.team.select_related("user"):
        if member.user:
            yield Recipient.of_user(member.user, language=deal.organization.language)
        elif not member.email.endswith(f"@{ERASED_DOMAIN}"):
            yield Recipient(None, member.email, member.name, deal.organization.language, deal.organization.time_zone)


def _who_may_register(event: Event, deal: Deal) -> Iterable[Recipient]:
    """The own team and who won it, unless something stands against a registration: the deal page says that."""
    if deal.organization_id == deal.engagement.host_id or deal.engagement.kind == Kind.ASSESSMENT:
        return []
    if best(facts_of(deal, event.at)).hopeless:
        return []
    team = list(team_of(deal))
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
    people = [each for each in team_of(deal) if each.user is None or each.user.is_active]
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
    return _of([registration.assigned_to], registration.engagement.host.language)


def _in_hand(event: Event, registration: Registration) -> Iterable[Recipient]:
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


def _to_team(name: str, kind: EventKind) -> Message:
    template = f"registrations/email/{name}"
    return Message(name, kind, _team, _team_words, template, prepare=prepare)


def _to_host(name: str, kind: EventKind, to: Audience, *, channels: Sequence[Channel] = tuple(Channel)) -> Message:
    template = f"registrations/email/{name}"
    return Message(name, kind, to, _reviewer_words, template, channels=channels, prepare=prepare)


BELL = (Channel.BELL,)  # no mail for what many could do

MESSAGES: tuple[Message, ...] = (
    Message(
        "registration_possible",
        DealEvent.WON,
        _who_may_register,
        _possible_context,
        "registrations/email/registration_possible",
        prepare=deal_notifications.prepare,
    ),
    _to_team("registration_approved", EventKind.APPROVED),
    _to_team("registration_in_review", EventKind.REVIEW_STARTED),
    _to_team("registration_picked", EventKind.PICKED),
    _to_team("registration_action_required", EventKind.ACTION_REQUIRED),
    _to_team("registration_passed", EventKind.PASSED),
    _to_team("registration_failed", EventKind.FAILED),
    _to_team("marketplace_passed", EventKind.MARKET_PASSED),
    _to_team("marketplace_failed", EventKind.MARKET_FAILED),
    _to_team("changes_taken_over", EventKind.CHANGE_APPLIED),
    _to_team("exception_approved", EventKind.EXCEPTION_APPROVED),
    _to_team("exception_refused", EventKind.EXCEPTION_REFUSED),
    _to_host("exception_requested", EventKind.EXCEPTION_REQUESTED, _reviewers, channels=BELL),
    _to_host("review_assigned", EventKind.ASSIGNED, _assignee),
    _to_host("review_due", EventKind.REVIEW_DUE, _in_hand),
    _to_host("review_due_and_free", EventKind.REVIEW_DUE, _nobody_yet, channels=BELL),
    _to_host("review_escalated", EventKind.ESCALATED, _escalation),
    _to_host("second_decision_wanted", EventKind.FIRST_DECIDED, _reviewers, channels=BELL),
    _to_host("reviewers_disagree", EventKind.DISAGREED, _vendor_admins),
)
