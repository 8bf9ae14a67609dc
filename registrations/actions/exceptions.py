"""One exception for each closed deal: asked by the partner, answered by a reviewer, final (fact sheet 3.7)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.who import Who
from cosell import clock
from cosell.web.reasons import Reason
from deals.actions.door import lock as lock_deal
from deals.enums import RegistrationState, Stage
from deals.models import Deal
from registrations import calendar, perms
from registrations.actions.claim import ensure_draft
from registrations.actions.door import FREE, lock_of, move, refused, tell
from registrations.enums import UNLOCKABLE, Action, EventKind, ExceptionState, Field, ProgramCode
from registrations.facts import facts_of
from registrations.models import ExceptionRequest, Registration
from registrations.rules import acting
from registrations.rules.eligibility import best
from registrations.workflow import TRANSITIONS

MAX_TEXT = 5000


def request_exception(who: Who, deal_id: int, text: str, wanted: Iterable[Field]) -> ExceptionRequest:
    """Ask once, in at most 5,000 characters; the answer is due within the program's working days."""
    now = clock.now()
    with transaction.atomic():
        deal = lock_deal(deal_id)
        registration = lock_of(deal)
        if reasons := acting.exception_refusals(who, deal, registration, now):
            raise refused(reasons)
        if typed_wrong := _wrong_text(text):
            raise refused(typed_wrong, status=422)
        registration = registration or ensure_draft(who, deal, _program(deal, now), now)
        exception = ExceptionRequest.objects.create(
            deal=deal,
            program=registration.program,
            text=text.strip(),
            wanted=[Field(each).value for each in wanted if each in UNLOCKABLE],
            by=who.user,
            at=now,
            due_at=calendar.after(now, calendar.DAY * registration.program.exception_days, registration.program),
        )
        deal.exception_request = exception
        data = {"due_at": exception.due_at, "fields": exception.wanted}
        tell(EventKind.EXCEPTION_REQUESTED, registration, now, who, data=data, note=exception.text)
        return exception


def _wrong_text(text: str) -> list[Reason]:
    if not text.strip():
        return [Reason("no_words", _("Please say what you ask for, and why."), field="text")]
    if len(text) > MAX_TEXT:
        return [Reason("too_long", _("At most %(most)s characters.") % {"most": f"{MAX_TEXT:,}"}, field="text")]
    return []


def _program(deal: Deal, now: datetime) -> ProgramCode:
    return best(facts_of(deal, now)).code


def decide_exception(
    who: Who, exception_id: int, *, approve: bool, answer: str, unlocked: Iterable[Field] = ()
) -> ExceptionRequest:
    """Approve or refuse, with words; final.

    1. lock; the right, nobody was faster, the answer has words
    2. approved: date rules are relaxed, the named fields unlocked, and the registration is the partner's again
    3. the event; the partner's team is told
    """
    now = clock.now()
    with transaction.atomic():
        deal = lock_deal(ExceptionRequest.objects.values_list("deal_id", flat=True).get(pk=exception_id))
        registration = lock_of(deal)
        assert registration is not None  # asking made one
        exception: ExceptionRequest = ExceptionRequest.objects.select_for_update(of=("self",)).get(pk=exception_id)
        if reasons := exception_decision_refusals(who, exception, registration):
            raise refused(reasons)
        if not answer.strip():
            words = _("Please explain the answer: the partner reads it, and it is final.")
            raise refused([Reason("no_words", words, field="answer")], status=422)
        exception.state = ExceptionState.APPROVED if approve else ExceptionState.REFUSED
        exception.answer, exception.decided_by, exception.decided_at = answer.strip(), who.user, now
        exception.unlocked = [Field(each).value for each in unlocked if each in UNLOCKABLE] if approve else []
        exception.save()
        kind = EventKind.EXCEPTION_APPROVED if approve else EventKind.EXCEPTION_REFUSED
        before, after = _reopen(registration, now) if approve else ("", "")
        data = {"fields": exception.unlocked}
        tell(kind, registration, now, who, before=before, after=after, data=data, note=exception.answer)
        return exception


def exception_decision_refusals(who: Who, exception: ExceptionRequest, registration: Registration) -> list[Reason]:
    """Why `who` may not answer this request now."""
    if denied := perms.reviewing_refusals(who, registration.engagement):
        return denied
    if exception.state != ExceptionState.WAITING:
        by = exception.decided_by.full_name if exception.decided_by else ""
        return [Reason("decided_already", _("%(name)s has answered this request already.") % {"name": by})]
    return []


def _reopen(registration: Registration, now: datetime) -> tuple[str, str]:
    """What was decided, waived or never sent is the partner's again; a deal that was not won stays as it is."""
    if registration.deal.stage != Stage.WON:
        return "", ""
    [target] = TRANSITIONS[Action.REOPEN].ways[RegistrationState(registration.state)]
    stopped = {"due_at": None, "waits_since": None, "time_left": None, "decided_at": None, "assigned_to": None}
    before = move(registration, target, now, closed_at=None, **stopped, **FREE)
    return before, target
