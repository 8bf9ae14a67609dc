"""All that a partner's page of a registration says, gathered (product.md §7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_skeleton
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.who import Who
from cosell.web.dates import locale
from cosell.web.reasons import Reason
from deals import disclosure
from deals.disclosure import Entry
from deals.enums import RegistrationState
from deals.models import Deal
from registrations import actions, perms, rates
from registrations.actions.claim import invited_at
from registrations.claim import changes, submitted
from registrations.enums import (
    EDITABLE,
    IN_REVIEW,
    Action,
    ChangeState,
    EventKind,
    ExceptionState,
    FailReason,
    Field,
    Outcome,
    ProgramCode,
)
from registrations.facts import Facts, winning_day
from registrations.forms.claim import Asked, ClaimForm, annual_of, typed_of
from registrations.models import ChangeSet, ExceptionRequest, Program, Registration, Verdict
from registrations.programs import PROGRAMS
from registrations.reading import Line, compared, lines
from registrations.rules import acting
from registrations.rules.blackout import announced, blackout_refusals
from registrations.rules.eligibility import Judged, judge
from registrations.rules.windows import windows
from registrations.views.evidence import evidence_context

HISTORY = 100


@dataclass(frozen=True)
class Case:
    """One side with its registration, which is None before the first touch, at an instant."""

    who: Who
    deal: Deal
    registration: Registration | None
    now: datetime

    @property
    def is_sent(self) -> bool:
        return self.registration is not None and self.registration.number > 0

    @property
    def state(self) -> str:
        return self.registration.state if self.registration else RegistrationState.PENDING

    @property
    def exception(self) -> ExceptionRequest | None:
        return getattr(self.deal, "exception_request", None)

    @property
    def open_exception(self) -> ExceptionRequest | None:
        """Approved, and not used yet."""
        found = self.exception
        return found if found and found.state == ExceptionState.APPROVED and found.used_at is None else None

    @property
    def facts_sent(self) -> Mapping[str, Any]:
        return submitted(self.registration) if self.registration else {}


def editing_refusals(case: Case) -> list[Reason]:
    """Why the form cannot be filled in now."""
    if case.registration is not None:
        return acting.refusals(case.who, case.registration, Action.SAVE, case.now)
    return perms.claiming_refusals(case.who, case.deal)


def asked_of(case: Case, facts: Facts) -> Asked | None:
    """What the form asks on this side; None where no program takes it."""
    programs = _programs(case, judge(facts))
    if not programs:
        return None
    solutions: dict[str, str] = {}
    for code in programs:
        solutions |= actions.eligible_solutions(case.deal, code)
    here = case.registration or Registration(deal=case.deal, engagement=case.deal.engagement)
    first = here.submissions.order_by("number").first() if case.is_sent else None
    lifted = case.open_exception is not None
    return Asked(
        programs=programs,
        solutions=solutions,
        windows=None
        if lifted
        else windows(first.at if first else case.now, case.deal.engagement.created_at, invited_at(case.deal)),
        tenant_id=any(PROGRAMS[code].tenant_id_asked for code in programs),
        declares=facts.several_partners,
        contests=not here.contests and acting.second_claim(here) is not None,
        open=_unlocked(case),
    )


def _programs(case: Case, judged: list[Judged]) -> list[ProgramCode]:
    """What was sent stays in its program; an exception opens the way where a criterion stands against it."""
    if case.registration is not None and case.is_sent:
        return [ProgramCode(case.registration.program.code)]
    return [each.code for each in judged if each.met or case.open_exception]


def _unlocked(case: Case) -> frozenset[str] | None:
    """After an exception on what was sent, only what it names may change."""
    exception = case.open_exception
    if exception is None or not case.is_sent:
        return None
    also = [Field.ENDS_ON.value] if Field.PERPETUAL in exception.unlocked else []
    return frozenset([*exception.unlocked, *also, "attested"])


def form_of(
    case: Case, asked: Asked, data: QueryDict | None = None, typed: Mapping[str, Any] | None = None
) -> ClaimForm:
    """The form as typed now (`data`), else as it was left: the draft, what was sent, or `typed`."""
    sent = typed_of(case.facts_sent)
    kept = dict(typed or (case.registration.typed if case.registration else {}) or sent)
    if case.is_sent:
        kept.pop("attested", None)  # it is given anew for what is sent anew
    if asked.open is not None:
        kept |= {name: values for name, values in sent.items() if name not in asked.open}
    initial = {name: values[0] for name, values in kept.items() if values}
    form = ClaimForm(data, asked=asked, initial={"currency": case.deal.currency, **initial})
    for name, words in comments_of(case).items():
        for field in form.fields_of(name):
            field.comment = words
    return form


def shown_verdict(case: Case) -> Verdict | None:
    """The decision that brought it where it is. One that waits for a second person is nobody's to know yet."""
    if case.registration is None:
        return None
    found = case.registration.verdicts.filter(round=case.registration.round, undone_at=None).order_by("-pk").first()
    return found if found and found.to_state == case.registration.state != found.from_state else None


def comments_of(case: Case) -> dict[str, str]:
    """What the reviewer asks, by field, while it is the partner's turn."""
    verdict = shown_verdict(case) if case.state == RegistrationState.ACTION_REQUIRED else None
    return dict(verdict.comments) if verdict and verdict.outcome == Outcome.ASK else {}


def annual_context(case: Case, form: ClaimForm) -> dict[str, object]:
    """The annual value by what is typed, with how it is converted; what is shown is what is judged."""
    annual = annual_of(form)
    above = PROGRAMS[form.program_now].annual_above
    if annual is None:
        return {"annual": None, "annual_above": above}
    currency = form["currency"].value()
    rate = rates.rate(currency, winning_day(case.deal, case.now))
    usd = rate.in_usd(annual.amount) if rate else None
    return {
        "annual": annual,
        "annual_above": above,
        "rate": rate if currency != rates.USD else None,
        "rate_missing": rate is None,
        "rate_text": f"{rate.usd.normalize():f}" if rate else "",
        "rate_month": format_skeleton("yMMMM", rate.month, locale=locale()) if rate else "",
        "usd": usd,
        "is_enough": usd is not None and (above is None or usd > above),
    }


def page_context(case: Case, form: ClaimForm | None) -> dict[str, object]:
    """The whole page, but for what a refused click adds."""
    deal, registration = case.deal, case.registration
    names = _names(case)
    verdict = shown_verdict(case)
    until = acting.exception_until(deal, registration) if deal.closed_at else None
    waiting = waiting_change(case)
    return {
        "deal": deal,
        "engagement": deal.engagement,
        "host": deal.engagement.host,
        "registration": registration,
        "state": deal.registration_state,
        "form": form,
        "version": registration.version if registration else 1,
        "facts": lines(case.facts_sent, names),
        "verdict": verdict,
        "verdict_reasons": [FailReason(each).label for each in verdict.reasons] if verdict else [],
        "comments": [(Field(name).label, words) for name, words in comments_of(case).items()],
        "evidence_comment": comments_of(case).get(Field.EVIDENCE, ""),
        "waits": case.state in IN_REVIEW,
        "change": waiting,
        "change_diff": _diff(case, waiting, names) if waiting else [],
        "may_change": _may_change(case),
        "exception": case.exception,
        "exception_fields": [Field(each).label for each in case.exception.unlocked] if case.exception else [],
        "exception_refusals": acting.exception_refusals(case.who, deal, registration, case.now),
        "exception_until": until,
        "receipts": registration.receipts.defer("payload", "signature") if registration else (),
        "entries": _entries(case),
        **evidence_context(case.who, deal, registration),
    }


def notices(case: Case, form: ClaimForm | None) -> dict[str, object]:
    """What holds the button back for now, and what will."""
    if form is None or case.is_sent:
        return {"not_now": [], "announced": None}
    program = Program.objects.get(code=form.program_now)
    return {
        "not_now": [*acting.won_just_now(case.deal, case.now), *blackout_refusals(program, case.now)],
        "announced": announced(program, case.now),
    }


def waiting_change(case: Case) -> ChangeSet | None:
    if case.registration is None:
        return None
    return case.registration.changes.filter(state=ChangeState.WAITING).select_related("by").first()


def _diff(case: Case, change: ChangeSet, names: Mapping[str, str]) -> list[Line]:
    old = case.facts_sent
    return compared(changes(old, change.facts), old, change.facts, names)


def _may_change(case: Case) -> bool:
    if case.registration is None or case.state not in IN_REVIEW:
        return False
    return not acting.refusals(case.who, case.registration, Action.CHANGE, case.now)


def _names(case: Case) -> dict[str, str]:
    """{code: name} of every solution that a claim of this deal may name."""
    sides = case.deal.engagement.sides.prefetch_related("solutions")
    return {solution.code: solution.name for side in sides for solution in side.solutions.all()}


def _entries(case: Case) -> list[Entry]:
    """The history of this registration, newest first."""
    events = disclosure.timeline(case.who, case.deal).filter(deal_id=case.deal.pk, kind__in=EventKind.values)[:HISTORY]
    return disclosure.entries(case.who, case.deal, events)


def typed_differences(case: Case, form: ClaimForm) -> list[tuple[str, str, str]]:
    """(field, what stands there now, what was typed here) after somebody else has saved."""
    stored = case.registration.typed if case.registration else {}
    rows = []
    for name, field in form.fields.items():
        there, here = (stored.get(name) or [""])[0], (form.data.getlist(name) or [""])[0]
        if there != here:
            rows.append((str(field.label), form.said(name, there), form.said(name, here)))
    return rows


def is_editable(case: Case) -> bool:
    return case.state in EDITABLE


def not_eligible() -> Reason:
    return Reason("not_eligible", _("This deal cannot be registered as it stands."), _("See below what lacks."))
