"""May this be claimed? Every rule on a filled form, pure: a claim and its context in, reasons out.

Sources: product.md §7; fact sheet 3.3 (windows), 3.4 (fields), 3.6.6 (pay-as-you-go), 3.7 (exceptions).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cosell.web.dates import said_day
from cosell.web.reasons import Reason
from cosell.web.templatetags.cosell import money
from registrations.annual import LAST_DAY, annual_value
from registrations.claim import KEPT, Claim, as_facts
from registrations.enums import DeployedOn, Field, Pricing, ProgramCode, Tenant
from registrations.programs import Rules
from registrations.rates import USD, Rate
from registrations.rules.windows import Windows, windows


@dataclass(frozen=True)
class ClaimContext:
    """What the rules look at, beside what is claimed. Instants are aware.

    `rate` is that of the month of winning, for the claim's currency. `solutions` are the codes that may carry a value.
    `relaxed`: an approved exception has lifted the windows. `unlocked` is None but after an exception on what was
    sent before: then only these fields may differ from `before`, the facts of the last submission.
    """

    now: datetime
    created_at: datetime
    invited_at: datetime | None
    rate: Rate | None
    rules: Rules
    several_partners: bool
    solutions: frozenset[str]
    files: int = 0
    relaxed: bool = False
    unlocked: frozenset[Field] | None = None
    before: Mapping[str, Any] | None = None
    since: datetime | None = None  # of the first submission: a review costs nobody a day


def claim_refusals(claim: Claim, at: ClaimContext) -> list[Reason]:
    """Why this cannot be sent, each reason at its field (`enums.Field`, or "attested"); empty when it can."""
    bounds = windows(at.now, at.created_at, at.invited_at, at.since)
    return [
        *_place(claim),
        *_values(claim, at),
        *(() if at.relaxed else _signed(claim, bounds)),
        *_dates(claim, at, bounds),
        *_customer(claim, at),
        *_annual(claim, at),
        *_locked(claim, at),
    ]


def _no(code: str, field: Field | str, text: str, fix: str = "") -> Reason:
    return Reason(code, text, fix, str(field))


def _place(claim: Claim) -> Iterator[Reason]:
    if claim.is_marketplace and claim.marketplace_on is None:
        words = _("A marketplace transaction needs its estimated date.")
        yield _no("marketplace_date", Field.MARKETPLACE_ON, words, _("Enter the date."))
    if claim.deployed_on != DeployedOn.AZURE:
        yield _no(
            "deployed_elsewhere",
            Field.DEPLOYED_ON,
            _("A solution that is not deployed on Azure is not registered."),
            _("Close the deal without registration."),
        )


def _values(claim: Claim, at: ClaimContext) -> Iterator[Reason]:
    if claim.contract_value <= 0:
        yield _no("no_value", Field.CONTRACT_VALUE, _("The contract value must be more than zero."))
    values = claim.solution_values
    if not values:
        words = _("At least one eligible solution needs its value.")
        yield _no("no_solution", Field.SOLUTION_VALUES, words, _("Enter what of the contract it is worth."))
    if strange := sorted(set(values) - at.solutions):
        words = _("These solutions do not count in this program, or are not on the deal: %(codes)s.")
        yield _no("not_eligible", Field.SOLUTION_VALUES, words % {"codes": ", ".join(strange)})
    if any(value <= 0 for value in values.values()):
        words = _("The value of a solution must be more than zero.")
        yield _no("solution_not_positive", Field.SOLUTION_VALUES, words, _("Leave out a solution that has none."))
    yield from _above_contract(claim)


def _above_contract(claim: Claim) -> Iterator[Reason]:
    """Each solution, and all together, at most the contract value."""
    contract = money(claim.contract_value, claim.currency)
    for value in claim.solution_values.values():
        if value > claim.contract_value:
            words = _("A solution value of %(value)s is more than the contract value, %(contract)s.")
            facts = {"value": money(value, claim.currency), "contract": contract}
            yield _no("solution_above_contract", Field.SOLUTION_VALUES, words % facts)
            return
    total = sum(claim.solution_values.values(), Decimal(0))
    if total > claim.contract_value:
        words = _("The solution values add up to %(total)s, more than the contract value, %(contract)s.")
        facts = {"total": money(total, claim.currency), "contract": contract}
        yield _no("solutions_above_contract", Field.SOLUTION_VALUES, words % facts)


def _signed(claim: Claim, bounds: Windows) -> Iterator[Reason]:
    """When the contract may have been signed; pay-as-you-go has a year instead of 60 days (fact sheet 3.3, 3.6.6)."""
    day, facts = claim.signed_on, {"day": said_day(claim.signed_on)}
    exception = _("If the contract is right, request an exception.")
    if claim.pricing == Pricing.PAYG:
        if day > bounds.payg_until:
            words = _("%(day)s is more than a year after %(shared)s; with pay-as-you-go the bound is %(bound)s.")
            facts |= {"shared": _shared(bounds), "bound": said_day(bounds.payg_until)}
            yield _no("payg_signed_late", Field.SIGNED_ON, words % facts, exception)
    elif day < bounds.signed_from:
        words = _("%(day)s is more than 60 days ago; a contract is registered up to 60 days after it was signed.")
        bound = _("The earliest day is now %(bound)s.") % {"bound": said_day(bounds.signed_from)}
        yield _no("signed_long_ago", Field.SIGNED_ON, words % facts, f"{bound} {exception}")
    if day < bounds.shared_on:
        words = _("%(day)s is before %(shared)s.") % {**facts, "shared": _shared(bounds)}
        yield _no("signed_before_shared", Field.SIGNED_ON, words, exception)


def _shared(bounds: Windows) -> str:
    facts = {"day": said_day(bounds.shared_on)}
    if bounds.was_invited:
        return _("the invitation, %(day)s") % facts
    return _("the creation of the deal, %(day)s") % facts


def _dates(claim: Claim, at: ClaimContext, bounds: Windows) -> Iterator[Reason]:
    """What holds of the dates; an exception lifts only how far back they may lie."""
    if claim.signed_on > bounds.today:
        words = _("%(day)s is in the future.") % {"day": said_day(claim.signed_on)}
        yield _no("signed_in_future", Field.SIGNED_ON, words, _("Register once the contract is signed."))
    earliest = min(bounds.starts_from, claim.signed_on) if claim.pricing == Pricing.PAYG else bounds.starts_from
    if claim.starts_on < earliest and not at.relaxed:
        words = _("%(day)s is more than 90 days ago.") % {"day": said_day(claim.starts_on)}
        fix = _("The earliest day is now %(bound)s. If the contract is right, request an exception.")
        yield _no("started_long_ago", Field.STARTS_ON, words, fix % {"bound": said_day(earliest)})
    if at.rules.code != ProgramCode.AZURE_IP and claim.starts_on < claim.signed_on:
        words = _("In this program a contract starts on the day it is signed, %(signed)s, or later.")
        facts = {"signed": said_day(claim.signed_on)}
        yield _no("starts_before_signed", Field.STARTS_ON, words % facts, _("Enter the signed date instead."))
    if claim.starts_on > LAST_DAY:
        yield _too_far(Field.STARTS_ON, claim.starts_on)
    yield from _end(claim)


def _end(claim: Claim) -> Iterator[Reason]:
    end = claim.ends_on
    if claim.is_perpetual:
        if end is not None:
            words = _("A perpetual contract has no end date.")
            yield _no("perpetual_has_end", Field.ENDS_ON, words, _("Empty it, or say that it is not perpetual."))
    elif end is None:
        words = _("A contract that is not perpetual has an end date.")
        yield _no("no_end", Field.ENDS_ON, words, _("Enter the date."))
    elif end < claim.starts_on:
        words = _("%(end)s is before the start, %(start)s.")
        yield _no(
            "ends_before_start", Field.ENDS_ON, words % {"end": said_day(end), "start": said_day(claim.starts_on)}
        )
    elif end > LAST_DAY:
        yield _too_far(Field.ENDS_ON, end)


def _too_far(field: Field, day: date) -> Reason:
    facts = {"day": said_day(day), "bound": said_day(LAST_DAY)}
    return _no("too_far", field, _("%(day)s is later than %(bound)s.") % facts, _("Check the year."))


def _customer(claim: Claim, at: ClaimContext) -> Iterator[Reason]:
    if at.rules.tenant_id_asked and claim.tenant == Tenant.CUSTOMER and claim.tenant_id is None:
        words = _("Where the customer's tenant runs the solution, its ID is needed.")
        yield _no("no_tenant_id", Field.TENANT_ID, words, _("Enter the ID of the customer's tenant."))
    if at.several_partners and not claim.holds_contract:
        yield _no(
            "contract_not_declared",
            Field.HOLDS_CONTRACT,
            _("Several partners work on this deal; only the one with the customer's contract registers it."),
            _("Confirm that your company has it."),
        )
    if not claim.attested:
        words = _("The contract must clearly name your company and the eligible solution.")
        yield _no("not_attested", "attested", words, _("Confirm it once you have checked."))


def _annual(claim: Claim, at: ClaimContext) -> Iterator[Reason]:
    """More than the bound of the program, in US dollars by the rate of the month; never a guess."""
    if at.rate is None:
        yield _no(
            "no_rate",
            Field.CURRENCY,
            _("The exchange rate of the month is missing for %(currency)s.") % {"currency": claim.currency},
            _("The operator has been told; try again later."),
        )
        return
    if at.rules.annual_above is None or not _has_term(claim):
        return
    annual = annual_value(
        claim.contract_value, claim.starts_on, claim.ends_on, perpetual=claim.is_perpetual, currency=claim.currency
    )
    in_usd = at.rate.in_usd(annual.amount)
    if in_usd <= at.rules.annual_above:
        facts = {"sum": annual.text, "usd": money(in_usd, USD), "bound": money(at.rules.annual_above, USD)}
        words = _("%(sum)s. That must be more than %(bound)s a year.")
        if claim.currency != USD:
            words = _("%(sum)s, which is %(usd)s. That must be more than %(bound)s a year.")
        yield _no("annual_too_low", Field.CONTRACT_VALUE, words % facts)


def _has_term(claim: Claim) -> bool:
    """Is there something to divide? What lacks has its own reason."""
    if claim.contract_value <= 0 or claim.starts_on > LAST_DAY:
        return False
    return claim.is_perpetual or (claim.ends_on is not None and claim.starts_on <= claim.ends_on <= LAST_DAY)


def _locked(claim: Claim, at: ClaimContext) -> Iterator[Reason]:
    """After an exception, what it did not unlock stands as it was sent (fact sheet 3.7)."""
    if at.unlocked is None or at.before is None:
        return
    facts, free = as_facts(claim), set(at.unlocked)
    if Field.PERPETUAL in free:
        free.add(Field.ENDS_ON)  # the one cannot change without the other
    for each in KEPT:
        if each not in free and facts[each] != at.before.get(each):
            words = _("“%(field)s” is not among the fields that the exception unlocked.") % {"field": each.label}
            yield _no("locked", each, words, _("Put back what was sent before."))
