"""The partner's acts: fill in, register, send again, propose a change, close without registration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Solution, User
from accounts.who import Who
from cosell import clock
from cosell.events.models import Event
from cosell.web.reasons import Reason
from deals import rules
from deals.actions.door import lock as lock_deal
from deals.enums import RegistrationState, Stage, Standing
from deals.models import Deal
from deals.workflow import SAFE_TO_WIN_AFTER
from registrations import calendar, path, perms, rates
from registrations.actions.door import lock, lock_of, move, refused, same_version, save, tell
from registrations.annual import annual_value
from registrations.claim import KEPT, Claim, as_facts, changes, submitted, told
from registrations.enums import (
    Action,
    ChangeState,
    EventKind,
    ExceptionState,
    Field,
    Level,
    ProgramCode,
    ReceiptKind,
    ReviewReason,
)
from registrations.facts import NOT_IN, facts_of
from registrations.models import ChangeSet, ExceptionRequest, Program, Registration, RegistrationSolution, Submission
from registrations.path import several_partners
from registrations.programs import PROGRAMS
from registrations.receipts import issue
from registrations.rules import acting, blackout
from registrations.rules.claiming import ClaimContext, claim_refusals
from registrations.rules.eligibility import judge, judge_by

S = RegistrationState
ALWAYS = ("kind", "won", "shared")  # criteria that no exception lifts: the host never sees what is private
ON_ROW = tuple(each.value for each in KEPT if each not in (Field.PROGRAM, Field.SOLUTION_VALUES))


def ensure_draft(who: Who, deal: Deal, program: ProgramCode, now: datetime) -> Registration:
    """The registration of a locked side, locked; the first touch makes it. Refused where the person has no right."""
    if denied := perms.claiming_refusals(who, deal):
        raise refused(denied)
    registration = lock_of(deal)
    if registration is None:
        registration = Registration.objects.create(
            deal=deal,
            engagement=deal.engagement,
            program=Program.objects.get(code=program),
            created_at=now,
            updated_at=now,
        )
        deal.registration = registration
    return registration


def save_form(who: Who, deal_id: int, version: int, program: ProgramCode, typed: Mapping[str, Any]) -> Registration:
    """Keep the form as it is typed, valid or not. Nobody else is told; what stood before somebody saved is refused."""
    now = clock.now()
    with transaction.atomic():
        deal = lock_deal(deal_id)
        fresh = not Registration.objects.filter(deal=deal).exists()
        registration = ensure_draft(who, deal, program, now)
        _allow(who, registration, Action.SAVE, now)
        if not fresh:
            same_version(who, registration, version)
        fields: dict[str, Any] = {"typed": dict(typed)}
        if registration.number == 0:
            fields["program"] = Program.objects.get(code=program)
        save(registration, now, **fields)
        return registration


def submit(who: Who, deal_id: int, version: int, claim: Claim) -> Registration:
    """Register, or send again what a reviewer asked about.

    1. lock; the right, the state, the version; the minute of undo, blackout windows
    2. the criteria of the program, and every rule on what is claimed, on the locked rows
    3. the columns, and the submission word for word; the files go with it
    4. the event with what changed since the last time; automatic approval, or review with its reasons
    5. a signed receipt
    """
    now = clock.now()
    with transaction.atomic():
        deal = lock_deal(deal_id)
        registration = ensure_draft(who, deal, claim.program, now)
        again = registration.state == S.ACTION_REQUIRED
        _allow(who, registration, Action.RESUBMIT if again else Action.SUBMIT, now)
        same_version(who, registration, version)
        if not again:
            registration.program = Program.objects.get(code=claim.program)
        _judge(registration, claim, now)
        before = write_submission(who.user, registration, claim, now)
        kind = EventKind.RESUBMITTED if again else EventKind.SUBMITTED
        diff = {"changes": before} if before else {}
        event = tell(kind, registration, now, who, data={"number": registration.number}, details=diff)
        _use_exception(registration, now)
        registration.changes.filter(state=ChangeState.WAITING).update(state=ChangeState.MERGED, ended_at=now)
        issue(registration, ReceiptKind.SUBMISSION, event, now)
        _decide_path(registration, event, now, [ReviewReason.RESUBMITTED] if again else [])
        return registration


def _allow(who: Who, registration: Registration, action: Action, now: datetime) -> None:
    if reasons := acting.refusals(who, registration, action, now):
        raise refused(reasons)


def claim_context(registration: Registration, code: ProgramCode, currency: str, now: datetime) -> ClaimContext:
    """What the rules on a claim look at, beside what is claimed.

    How far back dates may lie is judged at the first submission: nobody loses a day to a review.
    """
    deal, engagement = registration.deal, registration.engagement
    first = registration.submissions.order_by("number").first() if registration.number else None
    exception = _approved_exception(deal)
    unlocked = None
    if exception and exception.decided_at and first and exception.decided_at >= first.at:
        unlocked = frozenset(Field(each) for each in exception.unlocked)
    return ClaimContext(
        now=now,
        since=first.at if first else None,
        created_at=engagement.created_at,
        invited_at=invited_at(deal),
        rate=rates.rate(currency, facts_of(deal, now).rate_on),
        rules=PROGRAMS[code],
        several_partners=several_partners(engagement),
        solutions=frozenset(eligible_solutions(deal, code)),
        files=registration.evidence.filter(removed_at=None).exclude(sha256="").count(),
        relaxed=exception is not None,
        unlocked=unlocked,
        before=submitted(registration) if unlocked is not None else None,
    )


def invited_at(deal: Deal) -> datetime | None:
    """When the host was invited, of the invitation that it accepted; the newest of several."""
    host = deal.engagement.sides.filter(organization=deal.engagement.host_id, invited_at__isnull=False)
    accepted = host.exclude(stage__in=NOT_IN)
    return accepted.order_by("-invited_at").values_list("invited_at", flat=True).first()


def eligible_solutions(deal: Deal, code: ProgramCode) -> dict[str, Solution]:
    """{code: solution} of what the program counts, on any side of the engagement that is in."""
    sides = [side for side in rules.known_sides(deal.engagement) if side.stage not in NOT_IN]
    found = {solution.code: solution for side in sides for solution in side.solutions.all()}
    return {key: each for key, each in sorted(found.items()) if PROGRAMS[code].counts(each)}


def _approved_exception(deal: Deal) -> ExceptionRequest | None:
    """What it allows holds for every submission that follows: a reviewer may ask again."""
    exception: ExceptionRequest | None = getattr(deal, "exception_request", None)
    return exception if exception is not None and exception.state == ExceptionState.APPROVED else None


def _judge(registration: Registration, claim: Claim, now: datetime) -> None:
    """Refused with every rule that does not hold: first what no other form could change, then what was typed."""
    deal = registration.deal
    reasons = list(acting.won_just_now(deal, now))
    if registration.number == 0:
        reasons += blackout.blackout_refusals(registration.program, now)
        reasons += _unmet(registration, claim.program, now)
    elif claim.program != registration.program.code:
        reasons.append(_fixed_program())
    second = None if registration.contests else acting.second_claim(registration)
    if second is not None and not claim.contest:
        reasons.append(second)
    if reasons:
        raise refused(reasons)
    context = claim_context(registration, claim.program, claim.currency, now)
    if typed_wrong := claim_refusals(claim, context):
        raise refused(typed_wrong, status=422)
    registration.contests = registration.contests or second is not None


def _unmet(registration: Registration, code: ProgramCode, now: datetime) -> list[Reason]:
    """The required criteria of the chosen program that are not met; some of them no exception lifts."""
    facts = facts_of(registration.deal, now)
    by_exception = _approved_exception(registration.deal) is not None
    judged = [each for each in judge(facts) if each.code == code]
    if not judged and by_exception:
        judged = [judge_by(PROGRAMS[code], facts)]
    if not judged:
        return [Reason("not_this_program", _("This deal cannot be registered in this program."), field=Field.PROGRAM)]
    required = [each for each in judged[0].criteria if each.required and (not by_exception or each.code in ALWAYS)]
    return [Reason(each.code, each.text, each.fix) for each in required if each.standing != Standing.MET]


def _fixed_program() -> Reason:
    words = _("The program stays as it was registered.")
    return Reason("fixed_program", words, _("Another program needs another deal."), field=Field.PROGRAM)


def write_submission(by: User, registration: Registration, claim: Claim, now: datetime) -> dict[str, list[Any]]:
    """Columns, solutions and the submission; returns what changed since the last one, {field: [old, new]}."""
    rate = rates.rate(claim.currency, facts_of(registration.deal, now).rate_on)
    assert rate is not None  # the rules refused a claim without one
    annual = annual_value(claim.contract_value, claim.starts_on, claim.ends_on, perpetual=claim.is_perpetual)
    before = submitted(registration)
    files = registration.evidence.filter(removed_at=None).exclude(sha256="")
    facts = as_facts(claim, {each.sha256: each.name for each in files})
    number = registration.number + 1
    won_at, safe_at = registration.deal.closed_at, registration.engagement.created_at + SAFE_TO_WIN_AFTER
    save(
        registration,
        now,
        **{name: getattr(claim, name) for name in ON_ROW},
        program=registration.program,
        contests=registration.contests,
        attested_by=by,
        attested_at=now,
        annual_value=annual.amount,
        annual_usd=rate.in_usd(annual.amount),
        usd_rate=rate.usd,
        rate_month=rate.month,
        rate_published_on=rate.published_on,
        rate_source=rate.source,
        won_early=won_at is not None and won_at < safe_at,
        number=number,
        submitted_at=now,
    )
    registration.solution_values.all().delete()
    by_code = eligible_solutions(registration.deal, claim.program)
    RegistrationSolution.objects.bulk_create(
        RegistrationSolution(registration=registration, solution=by_code[code], value=value)
        for code, value in claim.solution_values.items()
    )
    Submission.objects.create(registration=registration, number=number, facts=facts, by=by, at=now)
    files.filter(number=None).update(number=number)
    return told(changes(before, facts), before, facts) if before else {}


def _use_exception(registration: Registration, now: datetime) -> None:
    exception = _approved_exception(registration.deal)
    if exception is not None and exception.used_at is None:
        exception.used_at = now
        exception.save(update_fields=["used_at"])


def _decide_path(registration: Registration, event: Event, now: datetime, more: list[ReviewReason]) -> None:
    """Automatic approval, or review with its reasons; the draw is by the hash of the event (product.md §7)."""
    reasons = [*path.review_reasons(registration), *more]
    exception = getattr(registration.deal, "exception_request", None)
    if exception is not None and exception.used_at == now:
        reasons.append(ReviewReason.EXCEPTION)
    drawn = path.draw(event)
    if not reasons and drawn < registration.program.draw_percent:
        reasons.append(ReviewReason.DRAWN)
    if reasons:
        start_review(registration, now, reasons, data={"draw": str(drawn)})
    elif registration.is_marketplace:
        move(registration, S.MARKETPLACE_PENDING, now, **_clock(registration, now), **_round(registration, []))
        data = {"draw": str(drawn), "due_at": registration.due_at}
        tell(EventKind.REVIEW_STARTED, registration, now, None, after=S.MARKETPLACE_PENDING, data=data)
    else:
        move(registration, S.APPROVED, now, decided_at=now, review_reasons=[])
        approved = tell(EventKind.APPROVED, registration, now, None, after=S.APPROVED, data={"draw": str(drawn)})
        issue(registration, ReceiptKind.DECISION, approved, now)


def start_review(
    registration: Registration,
    now: datetime,
    reasons: list[ReviewReason],
    *,
    who: Who | None = None,
    kind: EventKind = EventKind.REVIEW_STARTED,
    data: Mapping[str, Any] | None = None,
    note: str = "",
) -> None:
    """A locked registration goes to the reviewers, and their clock starts or goes on."""
    before = move(
        registration,
        S.REVIEW_PENDING,
        now,
        **_clock(registration, now),
        **_round(registration, [reason.value for reason in reasons]),
        decided_at=None,
        closed_at=None,
    )
    facts = {"reasons": registration.review_reasons, "due_at": registration.due_at, **(data or {})}
    tell(kind, registration, now, who, before=before, after=S.REVIEW_PENDING, data=facts, note=note)


def _clock(registration: Registration, now: datetime) -> dict[str, Any]:
    """The whole target, or what was left of it when the partner was asked, and a working day at least."""
    left = registration.time_left
    span = timedelta(days=registration.program.target_days) if left is None else max(left, timedelta(days=1))
    return {
        "waits_since": now,
        "due_at": calendar.after(now, span, registration.program),
        "time_left": None,
        "reminded_at": None,
        "escalated_at": None,
    }


def _round(registration: Registration, reasons: list[str]) -> dict[str, Any]:
    return {"round": registration.round + 1, "level": Level.FIRST, "review_reasons": reasons}


def propose_change(who: Who, registration_id: int, claim: Claim, typed: Mapping[str, Any]) -> ChangeSet:
    """While a reviewer has it, an edit becomes a change set beside it; a newer one takes the place of the last."""
    now = clock.now()
    with transaction.atomic():
        registration = lock(registration_id)
        _allow(who, registration, Action.CHANGE, now)
        if claim.program != registration.program.code:
            raise refused([_fixed_program()], status=422)
        context = claim_context(registration, claim.program, claim.currency, now)
        if typed_wrong := claim_refusals(claim, context):
            raise refused(typed_wrong, status=422)
        files = registration.evidence.filter(removed_at=None).exclude(sha256="")
        facts = as_facts(claim, {each.sha256: each.name for each in files})
        found = changes(submitted(registration), facts)
        if not found:
            raise refused([Reason("no_change", _("Nothing differs from what you sent."))], status=422)
        registration.changes.filter(state=ChangeState.WAITING).update(state=ChangeState.WITHDRAWN, ended_at=now)
        change = ChangeSet.objects.create(
            registration=registration, facts=facts, typed=dict(typed), state=ChangeState.WAITING, by=who.user, at=now
        )
        diff = told(found, submitted(registration), facts)
        tell(EventKind.CHANGE_PROPOSED, registration, now, who, details={"changes": diff})
        return change


def withdraw_change(who: Who, registration_id: int) -> Registration:
    """The partner takes proposed changes back."""
    now = clock.now()
    with transaction.atomic():
        registration = lock(registration_id)
        _allow(who, registration, Action.CHANGE, now)
        waiting = registration.changes.filter(state=ChangeState.WAITING)
        if not waiting.update(state=ChangeState.WITHDRAWN, ended_at=now):
            raise refused([Reason("no_change", _("There are no proposed changes any more."))])
        tell(EventKind.CHANGE_WITHDRAWN, registration, now, who)
        return registration


def waive(who: Who, deal_id: int, program: ProgramCode, note: str = "") -> Registration:
    """Close without registration: the partner's wish, or a solution that is deployed elsewhere (fact sheet 3.4)."""
    now = clock.now()
    with transaction.atomic():
        deal = lock_deal(deal_id)
        registration = ensure_draft(who, deal, program, now)
        _allow(who, registration, Action.WAIVE, now)
        if deal.stage != Stage.WON:
            raise refused([Reason("not_won", _("Only a won deal has a registration to close."))])
        if reasons := acting.won_just_now(deal, now):
            raise refused(reasons)
        before = move(registration, S.WAIVED, now, closed_at=now)
        tell(EventKind.WAIVED, registration, now, who, before=before, after=S.WAIVED, note=note)
        return registration
