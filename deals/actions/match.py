"""Account matching: who is this customer really? (product.md §4, docs/matching.md)

The order of locks: accounts by id, then engagements by id, then their cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions import locked_customers, merge_customer, split_customer
from accounts.enums import CustomerCategory
from accounts.matching import candidates, certain
from accounts.models import CustomerAccount
from accounts.search import Described
from accounts.who import Who
from cosell import clock
from cosell.events.enums import Visibility as Seen
from cosell.events.record import record
from deals import perms, registry, rules
from deals.actions.door import lock_engagement, refused
from deals.actions.invite import release_held
from deals.enums import Decision, Direction, EventKind, MatchState, NoMatchReason, Visibility
from deals.models import Deal, Engagement, MatchCase


def open_case(engagement: Engagement, now: datetime) -> None:
    """A case for a locked engagement that has become shared, if its host does not know the customer."""
    if rules.needs_matching(engagement):
        MatchCase.objects.get_or_create(
            engagement=engagement, defaults={"typed": engagement.customer, "opened_at": now}
        )


def look_for_account(case_id: int) -> bool:
    """The clock's own act: find the most similar account for the list, and match it where it is beyond doubt."""
    case = MatchCase.objects.select_related("typed").get(pk=case_id)
    found = certain(case.typed)
    best = _best(Described.of(case.typed), case.typed)
    if found:
        account, by = found
        match_account(None, case_id, account.pk, by=by)
    return bool(MatchCase.objects.filter(pk=case_id, tried_at=None).update(**best, tried_at=clock.now()))


def _best(described: Described, typed: CustomerAccount) -> dict[str, Any]:
    rows = candidates(described, but=typed.pk, limit=1)
    return {"best": rows[0].account if rows else None, "best_score": round(rows[0].score) if rows else 0}


def match_account(who: Who | None, case_id: int, account_id: int, *, note: str = "", by: str = "") -> MatchCase:
    """The customer is this account. `who` None is the system, which is certain `by` what the two have in common.

    1. lock both accounts and all engagements concerned; right, state and rules on the locked rows
    2. a customer typed by hand becomes one with the account: every deal on it goes along
    3. each engagement has the account as its customer; the category as it was when chosen stays
    4. an event in each chain; a held invitation of the host goes out, and its clock starts now
    """
    now = clock.now()
    with transaction.atomic():
        typed_id = MatchCase.objects.values_list("typed_id", flat=True).get(pk=case_id)
        accounts = locked_customers({typed_id, account_id})
        typed, account = accounts[typed_id], accounts[account_id]
        case, others = _lock_with_others(case_id, typed)
        _allow(who, Decision.MATCH, case, *others)
        if reasons := rules.account_refusals(case, account):
            raise refused(reasons, status=422)
        if typed.category == CustomerCategory.MANUAL:
            merge_customer(typed, account)
        for each in (case, *others):
            _matched(who, each, account, now, note=note, by=by)
        return case


def _matched(
    who: Who | None, case: MatchCase, account: CustomerAccount, now: datetime, *, note: str = "", by: str = ""
) -> None:
    """Write a match on a locked case, tell it, and send what was held for it."""
    engagement = case.engagement
    before = _rewire(engagement, account)
    person = _shown(who, engagement)
    _save(
        case,
        state=MatchState.MATCHED,
        matched=account,
        automatic=bool(by),
        decided_by=person.user if person else None,
        decided_at=now,
    )
    data = {"automatic": True, "by": by} if by else {}
    _tell(EventKind.ACCOUNT_MATCHED, engagement, now, who, moved=(before, account), data=data, note=note)
    release_held(engagement, now)


def refuse_match(who: Who, case_id: int, *, reason: NoMatchReason, note: str) -> MatchCase:
    """The customer is no known account: the deal stays on what was typed, and a held invitation goes out."""
    now = clock.now()
    with transaction.atomic():
        case = _enter(who, case_id, Decision.NO_MATCH)
        _save(case, state=MatchState.NO_MATCH, decided_by=who.user, decided_at=now)
        _tell(EventKind.ACCOUNT_NOT_MATCHED, case.engagement, now, who, data={"reason": reason}, note=note)
        release_held(case.engagement, now)
        return case


def ask_partner(who: Who, case_id: int, question: str) -> MatchCase:
    """Ask the organization that typed the customer. The clock of a held invitation goes on."""
    now = clock.now()
    with transaction.atomic():
        case = _enter(who, case_id, Decision.ASK)
        _save(case, state=MatchState.ASKED)
        creator = case.engagement.creator_id
        _tell(EventKind.ACCOUNT_ASKED, case.engagement, now, who, note=question, note_for=creator)
        return case


def answer_question(who: Who, case_id: int, answer: str, **corrected: str) -> MatchCase:
    """The partner's answer, with what was typed wrong: `name`, `duns`, `domain`. The case waits again, with both."""
    now = clock.now()
    typed = MatchCase.objects.select_related("typed").get(pk=case_id).typed
    described = Described.of(typed, **corrected)
    best = _best(described, typed)
    with transaction.atomic():
        case = _enter(who, case_id, Decision.ANSWER)
        _save(case, state=MatchState.WAITING, **best)
        old = Described.of(typed)
        changed = {
            CORRECTED[field]: [getattr(old, field), getattr(described, field)]
            for field in CORRECTED
            if getattr(old, field) != getattr(described, field)
        }
        host = case.engagement.host_id
        _tell(
            EventKind.ACCOUNT_ANSWERED,
            case.engagement,
            now,
            who,
            note=answer,
            note_for=host,
            details={"changes": changed},
        )
        return case


CORRECTED = {"name": "customer", "duns": "duns", "domain": "domain"}  # as the timeline calls them


def undo_match(who: Who, case_id: int, *, note: str) -> MatchCase:
    """It was not the same customer, or there is an account after all: the case waits again.

    1. lock the accounts and all engagements that went along with the match; right, state, rules
    2. a typed account that was merged stands for itself again
    3. each engagement is back on it, with an event in its own chain
    """
    now = clock.now()
    with transaction.atomic():
        ids = MatchCase.objects.values_list("typed_id", "matched_id").get(pk=case_id)
        accounts = locked_customers({pk for pk in ids if pk})
        typed = accounts[ids[0]]
        merged = ids[1] is not None and typed.merged_into_id == ids[1]
        along = MatchCase.objects.filter(typed=typed, matched_id=ids[1], state=MatchState.MATCHED) if merged else ()
        case, others = _lock_cases(case_id, [each.engagement_id for each in along])
        _allow(who, Decision.UNDO, case, *others)
        if case.matched_id != ids[1]:  # undone and matched anew between the two looks
            raise refused(rules.matching_refusals(who, case, _outbound(case.engagement), Decision.MATCH))
        if merged:
            split_customer(typed)
        for each in (case, *others):
            _unmatched(who, each, typed, now, note)
        return case


def _unmatched(who: Who, case: MatchCase, typed: CustomerAccount, now: datetime, note: str) -> None:
    engagement, was = case.engagement, case.state
    moved = (_rewire(engagement, typed), typed) if case.matched_id else None
    _save(case, state=MatchState.WAITING, matched=None, automatic=False, decided_by=None, decided_at=None)
    _tell(EventKind.ACCOUNT_UNMATCHED, engagement, now, who, moved=moved, data={"was": was}, note=note)
    if engagement.visibility == Visibility.PRIVATE:
        case.delete()  # it had one only because the match was made for another deal


def merge_accounts(who: Who, duplicate_id: int, into_id: int, *, note: str = "") -> CustomerAccount:
    """Two known accounts are the same customer: one of them stays, with the history of both.

    1. lock both, then every engagement on the duplicate; right and rules
    2. names, account team and subsidiaries go over; the duplicate is found by nothing
    3. every engagement is rewired, with an event in its own chain; a waiting case that this answers is matched
    """
    now = clock.now()
    with transaction.atomic():
        accounts = locked_customers({duplicate_id, into_id})
        duplicate, into = accounts[duplicate_id], accounts[into_id]
        engagements = [lock_engagement(pk) for pk in _on(duplicate)]
        if reasons := perms.merging_refusals(who, engagements) or rules.merge_refusals(duplicate, into):
            raise refused(reasons, status=422)
        merge_customer(duplicate, into)
        MatchCase.objects.filter(best=duplicate).update(best=into)
        for engagement in engagements:
            _merged(who, engagement, into, now, note)
        return into


def _merged(who: Who, engagement: Engagement, into: CustomerAccount, now: datetime, note: str) -> None:
    case = MatchCase.objects.select_for_update().filter(engagement=engagement).first()
    if case is not None:
        case.engagement = engagement
        if case.state != MatchState.MATCHED and into.category not in rules.UNCONFIRMED:
            return _matched(who, case, into, now, note=note)
        if case.state == MatchState.MATCHED:
            _save(case, matched=into)
    before = _rewire(engagement, into)
    _tell(EventKind.ACCOUNT_MERGED, engagement, now, who, moved=(before, into), note=note)
    return None


def _on(account: CustomerAccount) -> Sequence[int]:
    return list(Engagement.objects.filter(customer=account).order_by("pk").values_list("pk", flat=True))


def _enter(who: Who, case_id: int, decision: Decision) -> MatchCase:
    """The locked case on which `who` may make this decision now; else Refused with every reason (403 or 409)."""
    case, _none = _lock_cases(case_id, ())
    _allow(who, decision, case)
    return case


def _allow(who: Who | None, decision: Decision, case: MatchCase, *others: MatchCase) -> None:
    """The decision is about `case`; on the others that it takes along, `who` needs the right alone."""
    reasons = rules.matching_refusals(who, case, _outbound(case.engagement), decision)
    if who is not None:
        for each in others:
            reasons = reasons or perms.matching_refusals(who, each.engagement, decision, _outbound(each.engagement))
    if reasons:
        raise refused(reasons)


def _lock_with_others(case_id: int, typed: CustomerAccount) -> tuple[MatchCase, list[MatchCase]]:
    """The case, and those of every other deal on an account that was typed by hand."""
    return _lock_cases(case_id, _on(typed) if typed.category == CustomerCategory.MANUAL else (), typed)


def _lock_cases(
    case_id: int, engagement_ids: Iterable[int], typed: CustomerAccount | None = None
) -> tuple[MatchCase, list[MatchCase]]:
    """Lock engagements by id, then their cases; with `typed`, an engagement that had none gets one."""
    own = MatchCase.objects.values_list("engagement_id", flat=True).get(pk=case_id)
    cases: dict[int, MatchCase] = {}
    for pk in sorted({own, *engagement_ids}):
        engagement = lock_engagement(pk)
        case = MatchCase.objects.select_for_update(of=("self",)).select_related("typed").filter(engagement=pk).first()
        if case is None and typed is not None:
            case = MatchCase(engagement=engagement, typed=typed, opened_at=clock.now(), tried_at=clock.now())
        if case is not None:
            case.engagement = engagement
            cases[pk] = case
    return cases.pop(own), list(cases.values())


def _save(case: MatchCase, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(case, name, value)
    case.save()
    case.engagement.match_case = case  # rules and mails of this transaction read the new state


def _rewire(engagement: Engagement, account: CustomerAccount) -> CustomerAccount:
    """Set the customer of a locked engagement; returns the one before."""
    before = engagement.customer
    engagement.customer = account
    engagement.save(update_fields=["customer"])
    return before


def _outbound(engagement: Engagement) -> Deal:
    deal = engagement.sides.select_related("organization", "location").get(direction=Direction.OUTBOUND)
    deal.engagement = engagement
    return deal


def _shown(who: Who | None, engagement: Engagement) -> Who | None:
    """On a private deal the system acts: whoever decided for another deal has not seen this one."""
    return None if engagement.visibility == Visibility.PRIVATE else who


def _tell(
    kind: EventKind,
    engagement: Engagement,
    now: datetime,
    who: Who | None,
    *,
    moved: tuple[CustomerAccount, CustomerAccount] | None = None,
    data: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    note: str = "",
    note_for: str | int = "all",
) -> None:
    """Append the event to the engagement's chain; names and words stand in details, which can be erased."""
    deal, person = _outbound(engagement), _shown(who, engagement)
    facts, texts = {"note_for": note_for, **(data or {})}, dict(details or {})
    if moved:
        facts["accounts"] = [account.pk for account in moved]
        texts["changes"] = {"customer": [account.name for account in moved]}
    if note and (person or who is None):  # what was said of another deal is not for this one
        texts["note"] = note
    record(
        kind,
        stream=engagement.stream,
        at=now,
        actor=person.user if person else None,
        organization=person.organization if person else engagement.host,
        deal_id=deal.pk,
        visibility=Seen.ENGAGEMENT,
        data=facts,
        details=texts,
        context=deal,
    )
    registry.changed(deal, now)
