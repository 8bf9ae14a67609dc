"""What a person may see of a deal that may be opened: the one place that says it (product.md §3, §10 least data).

Views pass only what comes from here to templates, so that nothing secret stands behind an `if` in a page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import routing
from accounts.models import Organization, Solution
from accounts.who import Who
from cosell.events.enums import Visibility as Seen
from cosell.events.models import Event
from deals import registry, rules
from deals.enums import (
    MATCHING_EVENTS,
    UNANSWERED,
    Action,
    Direction,
    EventKind,
    Kind,
    MatchState,
    RegistrationState,
    Stage,
    Visibility,
)
from deals.models import CustomerContact, Deal, MatchCase, TeamMember
from deals.workflow import STAGES, marks

# Done by the inviter or the clock, about the organization that the event names.
ABOUT_THE_INVITED = (EventKind.INVITED, EventKind.WITHDRAWN, EventKind.EXPIRING, EventKind.EXPIRED)
WITHOUT_REGISTRATION = (RegistrationState.WAIVED, RegistrationState.LAPSED)
REGISTRATION_FAILED = (RegistrationState.REVIEW_FAILED, RegistrationState.MARKETPLACE_FAILED)
ANSWERED_NOT = (Stage.RECEIVED, *UNANSWERED)


@dataclass(frozen=True)
class SideCard:
    """A side as the reader may know it: who, its people once it has accepted, where it stands; nothing of its own."""

    deal_id: int
    organization: Organization
    direction: Direction
    stage: Stage
    invited_at: datetime | None
    expires_at: datetime | None
    answered_at: datetime | None
    team: Sequence[TeamMember] = ()
    own: bool = False
    invited_by: str = ""  # the organization
    invited_by_us: bool = False
    invite_notes: str = ""
    percent: int | None = None
    next_step: str | Promise = ""
    closed_at: datetime | None = None
    earlier: Sequence[SideCard] = ()  # of the same organization: invitations that led to nothing, the newest first
    # of the creator's side for the host, and of the own one
    name: str = ""
    value: Decimal | None = None
    currency: str = ""
    close_on: object = None
    solutions: Sequence[Solution] = ()


def is_own(who: Who, deal: Deal) -> bool:
    return deal.organization_id == who.organization.pk


def contact(who: Who, deal: Deal) -> CustomerContact | None:
    """The customer's person: for the creator's side, and for an invited side once it has accepted."""
    if not is_own(who, deal) or deal.stage in ANSWERED_NOT:
        return None
    return getattr(deal.engagement, "contact", None)


def other_sides(who: Who, deal: Deal) -> list[SideCard]:
    """The newest side of every other organization on the engagement, with its earlier ones under it.

    Whoever has not accepted, or is out again, sees only who invited.
    """
    sides = Deal.objects.filter(engagement=deal.engagement).exclude(organization=who.organization).exclude(pk=deal.pk)
    if is_own(who, deal) and deal.stage in ANSWERED_NOT:
        return _cards(who, deal, sides.filter(pk=deal.invited_from_id))
    return _cards(who, deal, sides, all_that_are_in=True)


def all_sides(who: Who, deal: Deal) -> list[SideCard]:
    """Every organization on the engagement at a glance: the side that is open first, then `other_sides`."""
    own = Deal.objects.filter(engagement=deal.engagement, organization=deal.organization, pk__lte=deal.pk)
    return [*_cards(who, deal, own), *other_sides(who, deal)]


def _cards(who: Who, deal: Deal, sides: QuerySet[Deal], *, all_that_are_in: bool = False) -> list[SideCard]:
    """One card for each organization, in the order in which they came."""
    found = list(sides.select_related("organization", "invited_from__organization").order_by("-pk"))
    prefetch_related_objects([deal, *found], "team", "solutions")
    if all_that_are_in:
        rules.remember_sides(deal.engagement, [deal, *found])
    by_organization: dict[int, list[SideCard]] = {}
    for side in found:
        side.engagement = deal.engagement
        by_organization.setdefault(side.organization_id, []).append(_card(who, deal, side))
    cards = [replace(newest, earlier=earlier) for newest, *earlier in by_organization.values()]
    return sorted(cards, key=lambda card: card.deal_id)


def _card(who: Who, deal: Deal, side: Deal) -> SideCard:
    own = is_own(who, side)
    facts = {}
    if own or _shows_creator_to_host(who, deal, side):
        facts = {
            "name": side.name,
            "value": side.value,
            "currency": side.currency,
            "close_on": side.close_on,
            "solutions": list(side.solutions.all()),
        }
    ours = side.invited_from_id == deal.pk and is_own(who, deal)
    return SideCard(
        deal_id=side.pk,
        organization=side.organization,
        direction=Direction(side.direction),
        stage=Stage(side.stage),
        invited_at=side.invited_at,
        expires_at=side.expires_at,
        answered_at=side.answered_at,
        team=list(side.team.all()) if own or side.stage not in ANSWERED_NOT else (),
        own=own,
        invited_by=side.invited_from.organization.name if side.invited_from else "",
        invited_by_us=ours,
        invite_notes=side.invite_notes if ours else "",
        percent=STAGES[Stage(side.stage)].percent,
        next_step=_next_step(side),
        closed_at=side.closed_at,
        **facts,
    )


def _next_step(side: Deal) -> str | Promise:
    """What comes after the stage: the answer, the next stage, the outcome; nothing after the end."""
    if side.stage == Stage.RECEIVED:
        return _("Accept or decline")
    if side.is_terminal:
        return ""
    row = [stage for _action, stage in marks(Kind(side.engagement.kind))]
    reached = row.index(Stage(side.stage)) + 1 if side.stage in row else 0
    return row[reached].label if reached < len(row) else _("Won or lost")


def _shows_creator_to_host(who: Who, deal: Deal, side: Deal) -> bool:
    """Once shared, the host sees of the creator's side: name, value, close date, stage, solutions, team."""
    return (
        side.direction == Direction.OUTBOUND
        and deal.engagement.host_id == who.organization.pk
        and deal.engagement.visibility != Visibility.PRIVATE
    )


def timeline(who: Who, deal: Deal) -> QuerySet[Event]:
    """Events of the engagement that `who` may read, newest first; a side that is out again reads up to its end."""
    readable = Q(visibility=Seen.ENGAGEMENT) | Q(organization=who.organization)
    if deal.engagement.host_id == who.organization.pk:
        readable |= Q(visibility=Seen.HOST)
    events = Event.objects.filter(readable, stream=deal.engagement.stream)
    if is_own(who, deal) and deal.stage in UNANSWERED:
        events = events.filter(at__lte=deal.closed_at)
    if is_own(who, deal) and deal.stage in ANSWERED_NOT:
        events = events.filter(Q(deal_id=deal.pk) | Q(data__note_for="all") | Q(organization=who.organization))
    return events.select_related("actor", "organization").prefetch_related("details").order_by("-seq")


def reads_note(event: Event, who: Who) -> bool:
    """May `who` read the free text and the reason of this event? `note_for`: own, all, or one organization's id."""
    if event.organization_id == who.organization.pk:
        return True
    return event.data.get("note_for") in ("all", who.organization.pk)


@dataclass(frozen=True)
class Entry:
    """One line of the timeline, with only what the reader may see."""

    event: Event
    title: str | Promise
    by: str = ""
    note: str = ""
    reasons: Sequence[str] = ()
    private: bool = False
    changes: Sequence[tuple[str, object, object]] = ()
    remarks: Sequence[tuple[str, str]] = ()  # words about one field
    people: Sequence[str] = ()  # of the inviter, named for the invited
    route: str = ""  # why it came to this location, for the own company


def entries(who: Who, deal: Deal, events: Iterable[Event]) -> list[Entry]:
    return [_entry(who, event, deal) for event in events]


def _entry(who: Who, event: Event, deal: Deal | None = None) -> Entry:
    title = _title(event)
    by = event.actor.full_name if event.actor else str(_("the system"))
    if event.visibility == Seen.HOST and event.data.get("by_host"):
        by = _host_person(who, event)
    elif event.kind not in ABOUT_THE_INVITED and event.organization and event.actor:
        by = f"{by}, {event.organization.name}"
    if not reads_note(event, who):
        return Entry(event, title, by)
    texts = {detail.key: detail.value for detail in event.details.all()}
    changes = [(name, old, new) for name, (old, new) in (texts.get("changes") or {}).items()]
    own = event.organization_id == who.organization.pk
    routed = own and deal is not None and event.deal_id == deal.pk
    private = own and event.data.get("note_for", "all") == "own" and bool(texts.get("note"))
    return Entry(
        event,
        title,
        by,
        note=texts.get("note") or "",
        reasons=[code for code in (event.data.get("reason"), *event.data.get("reasons", ())) if code],
        private=private or event.visibility == Seen.ORGANIZATION,
        changes=changes,
        remarks=list((texts.get("comments") or {}).items()),
        people=texts.get("contacts") or (),
        route=routing.said(event.data.get("route") or {}, deal.location.name) if routed and deal else "",
    )


def _title(event: Event) -> str | Promise:
    if event.kind in registry.titles:
        return registry.titles[event.kind]
    kind = EventKind(event.kind)
    if kind in MATCHING_EVENTS:
        return _matching_title(kind, event)
    title = Stage(event.to_state).label if kind == EventKind.MARKED else kind.label
    return f"{title} · {event.organization.name}" if kind in ABOUT_THE_INVITED else title


def _host_person(who: Who, event: Event) -> str:
    """Who decides at the host is known by name to the host's own people alone."""
    host = str(event.data["by_host"])
    if event.actor is None or event.organization_id == who.organization.pk or who.organization.name != host:
        return host
    return f"{event.actor.full_name}, {host}"


def _matching_title(kind: EventKind, event: Event) -> str | Promise:
    """A match by the system says so, and why; a case that was closed without one is opened again, not undone."""
    if event.data.get("automatic"):
        why = _("same D-U-N-S") if event.data.get("by") == "duns" else _("same domain and name")
        return _("Account matched automatically: %(why)s") % {"why": why}
    if event.data.get("was") == MatchState.NO_MATCH:
        return _("Account matching opened again")
    return kind.label


def matching_history(who: Who, case: MatchCase) -> list[Entry]:
    """What happened in account matching of this engagement, the newest first."""
    events = Event.objects.filter(stream=case.engagement.stream, kind__in=MATCHING_EVENTS)
    events = events.select_related("actor", "organization").prefetch_related("details").order_by("-seq")
    return [_entry(who, event) for event in events]


@dataclass(frozen=True)
class Question:
    """What the host asked about the customer."""

    text: str
    by: str
    at: datetime


def open_question(who: Who, deal: Deal) -> Question | None:
    """The question that the creator's side has not answered yet; nobody else reads it."""
    case = rules.case_of(deal.engagement)
    if case is None or case.state != MatchState.ASKED or not is_own(who, deal) or deal.direction != Direction.OUTBOUND:
        return None
    asked = Event.objects.filter(stream=deal.engagement.stream, kind=EventKind.ACCOUNT_ASKED)
    last = asked.select_related("actor").prefetch_related("details").order_by("-seq").first()
    if last is None:
        return None
    texts = {detail.key: detail.value for detail in last.details.all()}
    return Question(texts.get("note") or "", last.actor.full_name if last.actor else "", last.at)


@dataclass(frozen=True)
class Step:
    """One station of the stepper."""

    label: str | Promise
    state: str  # done, now, todo, skipped, win, bad
    percent: int | None = None
    by: str = ""
    at: datetime | None = None
    actions: Sequence[Action] = ()


def steps(deal: Deal, events: Iterable[Event], possible: Collection[Action]) -> list[Step]:
    """Created or accepted → four stages → Won or lost → registration → Closed, each with who and when (product.md §6).

    `possible` are the actions that the reader may do now; each stands at the station it leads to.
    """
    reached: dict[str, Event] = {}
    for event in sorted((e for e in events if e.deal_id == deal.pk and e.to_state), key=lambda e: e.seq):
        reached[event.to_state] = event
    start = Stage.CREATED if deal.direction == Direction.OUTBOUND else Stage.ACCEPTED
    by_stage = {stage: action for action, stage in marks(Kind(deal.engagement.kind))}
    row = [start, *by_stage]
    here = row.index(Stage(deal.stage)) if deal.stage in row else -1 if deal.stage == Stage.RECEIVED else len(row)
    ways = {stage: {action} & {*possible} for stage, action in by_stage.items()}
    return [
        *(
            _step(stage, _state(index, here, stage in reached), reached.get(stage), ways.get(stage, ()))
            for index, stage in enumerate(row)
        ),
        *_ending(deal, reached, [action for action in (Action.WIN, Action.LOSE) if action in possible]),
    ]


def _state(index: int, here: int, was_reached: bool) -> str:  # noqa: FBT001  one of three plain facts
    if index == here:
        return "now"
    if index > here:
        return "todo"
    return "done" if was_reached else "skipped"


def _step(stage: Stage, state: str, event: Event | None, possible: Collection[Action]) -> Step:
    shown = event if state in ("done", "now") else None
    return Step(
        label=stage.label,
        state=state,
        percent=STAGES[stage].percent,
        by=shown.actor.full_name if shown and shown.actor else "",
        at=shown.at if shown else None,
        actions=() if shown else tuple(possible),
    )


def _ending(deal: Deal, reached: dict[str, Event], possible: Sequence[Action]) -> list[Step]:
    registration = [_registration(deal, reached)] if deal.registration_state else []
    if not deal.is_terminal:
        return [Step(_("Won or lost"), "todo", actions=possible), *registration, Step(_("Closed"), "todo")]
    stage = Stage(deal.stage)
    event = reached.get(stage)
    by = event.actor.full_name if event and event.actor else ""
    runs = any(step.state == "now" for step in registration)
    end = "todo" if runs else "now"
    return [
        Step(stage.label, "win" if stage == Stage.WON else "bad", by=by, at=deal.closed_at),
        *registration,
        Step(_("Closed"), end, at=None if runs else deal.registration_closed_at or deal.closed_at),
    ]


def _registration(deal: Deal, reached: dict[str, Event]) -> Step:
    """Where the registration stands and since when; it ends with its validation, or without one (product.md §6)."""
    state = RegistrationState(deal.registration_state)
    event = reached.get(state)
    at = event.at if event else None
    if not deal.is_terminal:
        return Step(_("Deal registration"), "todo")
    if state in WITHOUT_REGISTRATION:
        return Step(state.label, "skipped", at=at)
    if deal.registration_closed_at is None:
        label = RegistrationState.PENDING.label if state == RegistrationState.POSSIBLE else state.label
        return Step(label, "now", at=at)
    return Step(state.label, "bad" if state in REGISTRATION_FAILED else "win", at=at)
