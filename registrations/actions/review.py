"""The reviewers' acts: decide, take a decision back within the minute, pick, take over changes (product.md §7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.who import Who
from cosell import clock
from cosell.events.models import Event
from cosell.events.record import cancel_deliveries
from cosell.web.reasons import Reason, Refused
from deals.enums import RegistrationState
from registrations import calendar, path
from registrations.actions.claim import start_review, write_submission
from registrations.actions.door import FREE, enter, move, refused, same_version, save, tell
from registrations.claim import claim_of
from registrations.enums import (
    Action,
    ChangeState,
    EventKind,
    FailReason,
    Field,
    Level,
    Outcome,
    ProgramCode,
    ReceiptKind,
    ReviewReason,
)
from registrations.models import ChangeSet, Registration, Verdict
from registrations.path import over_million
from registrations.programs import PROGRAMS
from registrations.receipts import issue
from registrations.rules import acting
from registrations.workflow import CLAIM_HOLDS, MAX_BULK, UNDO_WITHIN

S = RegistrationState
KEPT_TIMES = ("due_at", "waits_since", "reminded_at", "escalated_at")
KEPT_FACTS = ("level", "round", "assigned_to_id")  # with the times above, what an undo puts back
KINDS = {
    S.REVIEW_PASSED: EventKind.PASSED,
    S.REVIEW_FAILED: EventKind.FAILED,
    S.MARKETPLACE_PENDING: EventKind.PASSED,
    S.MARKETPLACE_PASSED: EventKind.MARKET_PASSED,
    S.MARKETPLACE_FAILED: EventKind.MARKET_FAILED,
    S.ACTION_REQUIRED: EventKind.ACTION_REQUIRED,
}


def decide(
    who: Who,
    registration_id: int,
    outcome: Outcome,
    *,
    version: int,
    reasons: Sequence[FailReason] = (),
    comments: Mapping[Field, str] | None = None,
    words: str = "",
    checked: Iterable[str] = (),
) -> Registration:
    """Pass, fail, or ask for changes.

    1. lock; the right, the state, nobody else has it in hand, the same version as on the reviewer's page
    2. what a decision needs: a checklist, reasons, comments
    3. the decision; above USD 1 million the first one waits for a second person, where they differ the admin decides
    4. the state, at once; mail, bell and the receipt wait for the minute in which it can be taken back
    """
    now = clock.now()
    with transaction.atomic():
        registration = enter(who, registration_id, Action(outcome), now)
        same_version(who, registration, version)
        if missing := decision_refusals(registration, outcome, reasons, comments or {}, words, checked):
            raise refused(missing, status=422)
        earlier = acting.verdicts(registration)
        verdict = Verdict(
            registration=registration,
            round=registration.round,
            number=registration.number,
            level=registration.level,
            outcome=outcome,
            by=who.user,
            at=now,
            reasons=[FailReason(each).value for each in reasons],
            comments={Field(name).value: text for name, text in (comments or {}).items() if text},
            words=words,
            checked=list(checked),
            from_state=registration.state,
            to_state=registration.state,
            was_late=registration.due_at is not None and registration.due_at < now,
            waited=now - (registration.waits_since or now),
        )
        if _waits_for_another(registration, verdict, earlier):
            _first(who, registration, verdict, earlier, now)
        else:
            _effect(who, registration, verdict, now)
        return registration


def decision_refusals(
    registration: Registration,
    outcome: Outcome,
    reasons: Sequence[FailReason],
    comments: Mapping[Field, str],
    words: str,
    checked: Iterable[str],
) -> list[Reason]:
    """What a decision lacks: a pass its checklist, a fail its reasons, a question its comments."""
    if outcome == Outcome.PASS:
        code = ProgramCode(registration.program.code)
        left = [check for check in PROGRAMS[code].checks if check.value not in set(checked)]
        if left and registration.state == S.REVIEW_PENDING:
            names = ", ".join(str(check.label) for check in left)
            return [Reason("checklist", _("Not checked yet: %(names)s.") % {"names": names}, field="checked")]
        return []
    if outcome == Outcome.FAIL:
        if not reasons:
            return [Reason("no_reason", _("Choose at least one reason."), field="reasons")]
        if FailReason.OTHER in reasons and not words.strip():
            return [Reason("no_words", _("Please explain the other reason in words."), field="words")]
        return []
    if not words.strip() and not any(text.strip() for text in comments.values()):
        return [Reason("no_comment", _("Say what to change: at a field, or in words."), field="words")]
    return []


def _waits_for_another(registration: Registration, verdict: Verdict, earlier: Sequence[Verdict]) -> bool:
    """A question needs no second person; a pass or a fail above USD 1 million does, until two agree."""
    if verdict.outcome == Outcome.ASK or registration.state != S.REVIEW_PENDING or not over_million(registration):
        return False
    if registration.level == Level.ADMIN:
        return False
    return not any(each.outcome == verdict.outcome for each in earlier)


def _first(who: Who, registration: Registration, verdict: Verdict, earlier: Sequence[Verdict], now: datetime) -> None:
    """Keep a decision that does not count alone; the partner learns nothing of it."""
    verdict.save()
    data = _before(registration, verdict)
    level = Level.ADMIN if earlier else Level.SECOND
    save(registration, now, level=level, assigned_to=None, **FREE)
    kind = EventKind.DISAGREED if earlier else EventKind.FIRST_DECIDED
    tell(kind, registration, now, who, data=data, note=verdict.words, within_host=True, hold_for=UNDO_WITHIN)


def _effect(who: Who, registration: Registration, verdict: Verdict, now: datetime) -> None:
    """The decision counts: state, clock, event; whoever decided otherwise in this round is overturned."""
    target = _target(registration, Outcome(verdict.outcome))
    verdict.to_state = target
    verdict.save()
    registration.verdicts.filter(round=registration.round, undone_at=None).exclude(outcome=verdict.outcome).update(
        overturned_at=now
    )
    data = _before(registration, verdict)
    before = move(registration, target, now, **FREE, assigned_to=None, **_clock_after(registration, target, now))
    details = {"comments": verdict.comments} if verdict.comments else {}
    data |= {"reasons": verdict.reasons, "due_at": registration.due_at}
    tell(
        KINDS[target],
        registration,
        now,
        who,
        before=before,
        after=target,
        data=data,
        details=details,
        note=verdict.words,
        hold_for=UNDO_WITHIN,
    )


def _target(registration: Registration, outcome: Outcome) -> RegistrationState:
    if outcome == Outcome.ASK:
        return S.ACTION_REQUIRED
    if registration.state == S.MARKETPLACE_PENDING:
        return S.MARKETPLACE_PASSED if outcome == Outcome.PASS else S.MARKETPLACE_FAILED
    if outcome == Outcome.FAIL:
        return S.REVIEW_FAILED
    return S.MARKETPLACE_PENDING if registration.is_marketplace else S.REVIEW_PASSED


def _clock_after(registration: Registration, target: RegistrationState, now: datetime) -> dict[str, Any]:
    """The clock stops while the partner acts, with what was left of it; it starts anew for the marketplace."""
    program = registration.program
    if target == S.ACTION_REQUIRED:
        change = registration.changes.filter(state=ChangeState.WAITING).first()
        left = calendar.between(now, registration.due_at, program) if registration.due_at else None
        offered = {"typed": change.typed} if change else {}
        return {"time_left": left, "due_at": None, "waits_since": None, **offered}
    if target == S.MARKETPLACE_PENDING:
        due_at = calendar.after(now, calendar.DAY * program.target_days, program)
        fresh = {"waits_since": now, "due_at": due_at, "reminded_at": None, "escalated_at": None}
        return {**fresh, "level": Level.FIRST, "round": registration.round + 1}
    return {"decided_at": now, "due_at": None}


def _before(registration: Registration, verdict: Verdict) -> dict[str, Any]:
    """What an undo needs to put everything back."""
    return {"verdict": verdict.pk, "was": {name: getattr(registration, name) for name in (*KEPT_TIMES, *KEPT_FACTS)}}


def undo_decision(who: Who, registration_id: int) -> Registration:
    """Take one's own decision back within the minute: nothing had been sent, and nobody acted since.

    1. lock; the same person, the minute, the last thing that happened
    2. what was to be sent is cancelled; the decision stays, marked as taken back
    3. state and clock are as before, and it is in the person's hand again; a new event in the chain
    """
    now = clock.now()
    with transaction.atomic():
        registration = enter(who, registration_id, Action.UNDO, now)
        event = last_decision(registration)
        if reasons := undo_refusals(who, registration, event, now):
            raise refused(reasons)
        assert event is not None
        if not cancel_deliveries(event):
            raise refused([undo_over()])
        verdict = Verdict.objects.get(pk=event.data["verdict"])
        verdict.undone_at = now
        verdict.save(update_fields=["undone_at"])
        registration.verdicts.filter(round=verdict.round, overturned_at=verdict.at).update(overturned_at=None)
        was = event.data["was"]
        before = move(
            registration,
            RegistrationState(verdict.from_state),
            now,
            **{name: was[name] for name in KEPT_FACTS},
            **{name: parse_datetime(was[name]) if was[name] else None for name in KEPT_TIMES},
            time_left=None,  # it runs again
            decided_at=None,
            claimed_by=who.user,
            claimed_until=now + CLAIM_HOLDS,
        )
        within = event.organization_id == registration.engagement.host_id
        data = {"undoes": event.seq, "kind": event.kind}
        after = registration.state
        tell(EventKind.UNDONE, registration, now, who, before=before, after=after, data=data, within_host=within)
        return registration


def last_decision(registration: Registration) -> Event | None:
    """The last thing that happened to the registration, if it was a decision."""
    last = (
        Event.objects.filter(deal_id=registration.deal_id, kind__in=EventKind.values)
        .exclude(kind__in=(EventKind.REVIEW_DUE, EventKind.ESCALATED, EventKind.ASSIGNED))
        .order_by("-seq")
        .first()
    )
    return last if last is not None and "verdict" in last.data else None


def undo_refusals(who: Who, registration: Registration, event: Event | None, now: datetime) -> list[Reason]:
    """Within 60 seconds, by who decided, and only while nobody has acted since (product.md §10)."""
    if event is None:
        return [Reason("acted_since", _("Somebody has acted on this registration since; it cannot be undone."))]
    if event.actor_id != who.user.pk:
        name = event.actor.full_name if event.actor else ""
        return [Reason("not_yours_to_undo", _("Only %(name)s can undo this.") % {"name": name})]
    return [undo_over()] if now >= event.at + UNDO_WITHIN or registration.closed_at else []


def undo_over() -> Reason:
    return Reason("undo_over", _("The minute to undo is over; everybody has been told."))


def pass_alike(who: Who, ids: Iterable[int], checked: Iterable[str]) -> list[tuple[Registration, list[Reason]]]:
    """Pass what is identical in kind with the first, each in a transaction of its own, each with its own result."""
    checked, first = list(checked), None
    results: list[tuple[Registration, list[Reason]]] = []
    for pk in list(ids)[:MAX_BULK]:
        registration = Registration.objects.with_page_data().get(pk=pk)
        try:
            if reasons := acting.refusals(who, registration, Action.PASS, clock.now()):
                raise refused(reasons)  # who was faster is said before what differs in kind
            first = first or alike_by(registration)
            if over_million(registration) or alike_by(registration) != first:
                raise refused([not_alike()])
            decide(who, pk, Outcome.PASS, version=registration.version, checked=checked)
            results.append((registration, []))
        except Refused as refusal:
            results.append((registration, refusal.reasons))
    return results


def alike_by(registration: Registration) -> tuple[Any, ...]:
    """What has to be the same for registrations to be passed together."""
    return (registration.program_id, registration.state, registration.level, sorted(registration.review_reasons))


def not_alike() -> Reason:
    return Reason(
        "not_alike",
        _("It differs in kind from the first one (program, state, why it is reviewed), or is above USD 1 million."),
        _("Open it and decide on its own."),
    )


def apply_change(who: Who, registration_id: int) -> Registration:
    """Take over what the partner proposed: a new submission, in a new round of the same review."""
    now = clock.now()
    with transaction.atomic():
        registration = enter(who, registration_id, Action.APPLY, now)
        change = ChangeSet.objects.filter(registration=registration, state=ChangeState.WAITING).first()
        if change is None:
            raise refused([Reason("no_change", _("There are no proposed changes any more."))])
        diff = write_submission(change.by, registration, claim_of(change.facts), now)
        change.state, change.ended_at = ChangeState.APPLIED, now
        change.save(update_fields=["state", "ended_at"])
        found = [*registration.review_reasons, *path.review_reasons(registration)]
        reasons = [each.value for each in ReviewReason if each.value in found]
        before = move(
            registration,
            S.REVIEW_PENDING,
            now,
            round=registration.round + 1,
            level=Level.FIRST,
            review_reasons=reasons,
            claimed_by=who.user,
            claimed_until=now + CLAIM_HOLDS,
        )
        state, details = S.REVIEW_PENDING, {"changes": diff}
        event = tell(EventKind.CHANGE_APPLIED, registration, now, who, before=before, after=state, details=details)
        issue(registration, ReceiptKind.SUBMISSION, event, now)
        return registration


def pick(who: Who, registration_id: int, note: str = "") -> Registration:
    """Look at one after all that was approved automatically, while its registration is not closed."""
    now = clock.now()
    with transaction.atomic():
        registration = enter(who, registration_id, Action.PICK, now)
        start_review(registration, now, [ReviewReason.PICKED], who=who, kind=EventKind.PICKED, note=note)
        return registration
