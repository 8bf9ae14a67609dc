"""All that the page of a registration says to its reviewer, gathered (product.md §7)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.enums import category_label
from accounts.who import Who
from cosell.events.models import Event
from deals import disclosure
from deals.disclosure import Entry, SideCard
from deals.enums import Help, RegistrationState, Stage
from deals.models import Deal
from registrations import duplicates, perms
from registrations.actions.door import refused
from registrations.actions.review import undo_refusals
from registrations.claim import changes
from registrations.enums import IN_REVIEW, Action, ChangeState, EventKind, Field, Level, ReviewReason
from registrations.models import ChangeSet, Registration, Submission, Verdict
from registrations.path import over_million
from registrations.programs import PROGRAMS
from registrations.reading import compared, said
from registrations.rules import acting
from registrations.rules.windows import SIGNED_WITHIN, STARTED_WITHIN
from registrations.views.evidence import evidence_context
from registrations.workflow import UNDO_WITHIN

HISTORY = 200
LEAST_ALIKE = 30
KEEP_EVERY = timedelta(minutes=4)
BESIDE = (EventKind.REVIEW_DUE, EventKind.ESCALATED, EventKind.ASSIGNED)  # what happens around a decision
ALREADY_SAID = (Field.CURRENCY, Field.EVIDENCE, Field.PROGRAM)  # with the amount, in a card of its own, in the head


@dataclass(frozen=True)
class Fact:
    """One field of the claim. `days` and `limit`: how long before registering, and how long it may be."""

    field: Field
    text: str
    old: str = ""  # at the last review, where it differs
    days: int | None = None
    limit: int | None = None


@dataclass(frozen=True)
class Opinion:
    """One person's decision as this reader may know it: `is_open` with what was decided."""

    verdict: Verdict
    is_open: bool

    @property
    def comments(self) -> list[tuple[str, str]]:
        return [(str(Field(name).label), words) for name, words in self.verdict.comments.items()]


def with_a_glance(rows: QuerySet[Registration]) -> QuerySet[Registration]:
    """What needs no query of its own: where the host's newest side stands, and whether a change is proposed."""
    host = Deal.objects.filter(engagement=OuterRef("engagement"), organization=OuterRef("engagement__host"))
    newest = host.order_by("-pk")
    waiting = ChangeSet.objects.filter(registration=OuterRef("pk"), state=ChangeState.WAITING)
    return rows.annotate(
        host_stage=Subquery(newest.values("stage")[:1]),
        host_answered_at=Subquery(newest.values("answered_at")[:1]),
        has_change=Exists(waiting),
    )


def page_context(who: Who, registration: Registration, now: datetime) -> dict[str, object]:
    """The whole page but for lists beside it and what was typed."""
    deal, engagement = registration.deal, registration.engagement
    submissions = list(registration.submissions.select_related("by"))
    verdicts = list(registration.verdicts.select_related("by").order_by("pk"))
    others = disclosure.other_sides(who, deal)
    names = {each.solution.code: each.solution.name for each in registration.solution_values.all()}
    events = _events(who, registration)
    opinions = [Opinion(each, _is_open(who, registration, each)) for each in verdicts]
    return {
        "registration": registration,
        "deal": deal,
        "engagement": engagement,
        "host": engagement.host,
        "now": now,
        **_standing(who, registration, events, now),
        "facts": _facts(registration, submissions, verdicts, names),
        "compared_with": _compared_with(registration, verdicts),
        "submissions": submissions,
        "opinions": [each for each in opinions if counts(registration, each.verdict)],
        "earlier": [each for each in reversed(opinions) if not counts(registration, each.verdict)],
        **_pending_change(registration, submissions, names),
        **_about_the_deal(deal, others),
        "duplicates": duplicates.find(registration, least=LEAST_ALIKE),
        "suspicious": duplicates.SUSPICIOUS,
        "entries": _entries(who, deal, events, {each.verdict.pk for each in opinions if not each.is_open}),
        "exception": getattr(deal, "exception_request", None),
        "receipts": list(registration.receipts.defer("payload", "signature")),
        **evidence_context(who, deal, registration),
    }


# ----------------------------------------------------------------------------------------------- where it stands


def _standing(who: Who, registration: Registration, events: Sequence[Event], now: datetime) -> dict[str, object]:
    """State, clock, who has it in hand, and what the reader may do."""
    waits = registration.state in IN_REVIEW
    held = acting.held_by_another(who, registration, now)
    refusals = (
        acting.refusals(who, registration, Action.PASS, now)
        if waits  # that it is decided, the page says anyway
        else perms.reviewing_refusals(who, registration.engagement)
    )
    denied = refusals if refused(refusals).status == 403 else []
    is_mine = registration.claimed_by_id == who.user.pk
    holds = acting.is_held(registration, now)
    return {
        "waits": waits,
        "is_marketplace": registration.state == RegistrationState.MARKETPLACE_PENDING,
        "overdue": waits and registration.due_at is not None and registration.due_at < now,
        "reasons_for_review": [ReviewReason(each).label for each in registration.review_reasons],
        "denied": denied,
        "refusals": refusals,
        "can_decide": waits and not refusals,
        "can_take": waits and not refusals and not (is_mine and holds),
        "can_apply": waits and not denied and not held,
        "can_pick": registration.state == RegistrationState.APPROVED and not registration.closed_at and not denied,
        "can_release": holds and (is_mine or perms.is_vendor_admin(who)) and not denied,
        "mine": is_mine and holds,
        "expired": is_mine and not holds and waits,
        "seconds_held": int((registration.claimed_until - now).total_seconds()) if is_mine and holds else 0,
        "keep_every": int(KEEP_EVERY.total_seconds()),
        "undo_seconds": _undo_seconds(who, registration, events, now),
        "two_persons": waits and over_million(registration),
        "is_admin_level": registration.level == Level.ADMIN,
        "checks": PROGRAMS[registration.program.code].checks,
    }


def _undo_seconds(who: Who, registration: Registration, events: Sequence[Event], now: datetime) -> int:
    """How long the reader may still take the own decision back; 0 when not."""
    last = next((event for event in events if event.kind not in BESIDE), None)
    if last is None or "verdict" not in last.data or undo_refusals(who, registration, last, now):
        return 0
    return int((last.at + UNDO_WITHIN - now).total_seconds())


def counts(registration: Registration, verdict: Verdict) -> bool:
    """Is it of the round that runs now?"""
    return registration.state in IN_REVIEW and verdict.round == registration.round and verdict.undone_at is None


def _is_open(who: Who, registration: Registration, verdict: Verdict) -> bool:
    """A second opinion is one's own: what the first person decided is told once it is no longer waited for.

    Where the two differ, the vendor admin reads both.
    """
    if registration.state not in IN_REVIEW or verdict.round != registration.round or verdict.by_id == who.user.pk:
        return True
    return registration.level == Level.ADMIN and perms.is_vendor_admin(who)


# ---------------------------------------------------------------------------------------------------- the claim


def _compared_with(registration: Registration, verdicts: Sequence[Verdict]) -> int:
    """The number of the submission that was last reviewed, or of the one before; 0 at the first one."""
    seen = [each.number for each in verdicts if each.undone_at is None and each.number < registration.number]
    return max(seen, default=registration.number - 1)


def _facts(
    registration: Registration, submissions: Sequence[Submission], verdicts: Sequence[Verdict], names: dict[str, str]
) -> list[Fact]:
    """The last submission, with what differs from the one that was last reviewed."""
    compared = _compared_with(registration, verdicts)
    new = submissions[-1].facts
    old = next((each.facts for each in submissions if each.number == compared), new)
    differs = {each.field for each in changes(old, new)}
    if Field.CURRENCY in differs:
        differs.add(Field.CONTRACT_VALUE)
    days = _days(registration, submissions[0].at)
    return [
        Fact(field, said(field, new, names), said(field, old, names) if field in differs else "", *days(field))
        for field in Field
        if field not in ALREADY_SAID and (field in differs or new.get(field.value) not in (None, "", {}))
    ]


def _days(registration: Registration, first_at: datetime):
    """How many days before the first submission a contract was signed and began, judged as the windows are."""
    west = (first_at - timedelta(hours=12)).date()
    bounds = {
        Field.SIGNED_ON: (registration.signed_on, SIGNED_WITHIN.days),
        Field.STARTS_ON: (registration.starts_on, STARTED_WITHIN.days),
    }

    def of(field: Field) -> tuple[int | None, int | None]:
        on, limit = bounds.get(field, (None, None))
        return ((west - on).days, limit) if on and on <= west else (None, None)

    return of


def _pending_change(
    registration: Registration, submissions: Sequence[Submission], names: dict[str, str]
) -> dict[str, object]:
    """What the partner proposed meanwhile, as a diff."""
    waiting = registration.changes.filter(state=ChangeState.WAITING).select_related("by")
    change = waiting.first() if registration.has_change else None
    if change is None:
        return {"change": None}
    old, new = submissions[-1].facts, change.facts
    return {"change": change, "change_diff": compared(changes(old, new), old, new, names)}


# -------------------------------------------------------------------------------------------- the deal and its past


def _about_the_deal(deal: Deal, others: Sequence[SideCard]) -> dict[str, object]:
    """The claiming side as it registers with the host, the other sides as the host may know them."""
    engagement, customer = deal.engagement, deal.engagement.customer
    host = engagement.host.name
    changed = customer.category != engagement.customer_category
    return {
        "others": others,
        "solutions": sorted(deal.solutions.all(), key=lambda solution: solution.name),
        "team": list(deal.team.all()),
        "helps": engagement.help != Help.NONE,
        "customer": customer,
        "category": category_label(engagement.customer_category, host),
        "present_category": category_label(customer.category, host) if changed else "",
        "match": getattr(engagement, "match_case", None),
        "is_won": deal.stage == Stage.WON,
    }


def _events(who: Who, registration: Registration) -> list[Event]:
    """What happened to the registration, the newest first."""
    events = disclosure.timeline(who, registration.deal)
    return list(events.filter(deal_id=registration.deal_id, kind__in=EventKind.values)[:HISTORY])


def _entries(who: Who, deal: Deal, events: Sequence[Event], hidden: Collection[int]) -> list[Entry]:
    """The history, without the words of a first decision that this reader shall not know yet."""
    return [
        replace(entry, note="") if entry.event.data.get("verdict") in hidden else entry
        for entry in disclosure.entries(who, deal, events)
    ]
