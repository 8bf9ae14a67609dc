"""Every criterion of every program at, just under and just over its bound; without a database (product.md §7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.enums import BizApps, CustomerCategory
from accounts.models import CustomerAccount, Organization
from cosell import clock
from deals.enums import Kind, Stage, Standing, Visibility
from deals.models import Deal, Engagement
from deals.rules import Criterion
from registrations.enums import ProgramCode
from registrations.facts import Facts, gather
from registrations.programs import PROGRAMS
from registrations.rates import Rate
from registrations.rules.eligibility import best, judge, judge_by
from tests.cast import clock_at

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
CREATED = NOW - timedelta(days=10)
DOLLAR = Rate("USD", date(2026, 11, 1), Decimal(1))
EURO = Rate("EUR", date(2026, 11, 1), Decimal("1.0801"), date(2026, 10, 30), "ECB")
MANAGED = Criterion("customer", Standing.MET, "Managed.")
CO_SELL = {"visibility": Visibility.COSELL}
MET, NOT_MET, NOT_YET = Standing.MET, Standing.NOT_MET, Standing.NOT_YET


def facts(**given: Any) -> Facts:
    """A partner-led IP deal, won ten days after creation, which meets everything in every program."""
    usual = Facts(
        now=NOW,
        kind=Kind.IP,
        visibility=Visibility.PARTNER_LED,
        stage=Stage.WON,
        host="Microsoft",
        created_at=CREATED,
        value=Decimal(25_000),
        currency="USD",
        rate_on=NOW.date(),
        rate=DOLLAR,
        customer=MANAGED,
        won_at=NOW,
        azure_ip=True,
        bizapps=frozenset(BizApps),
    )
    if given.get("stage", Stage.WON) != Stage.WON:
        given["won_at"] = None
    if "won_after" in given:
        given["won_at"] = CREATED + given.pop("won_after")
    return replace(usual, **given)


def value(amount: str, rate: Rate | None = DOLLAR) -> dict[str, Any]:
    return {"value": Decimal(amount), "rate": rate, "currency": rate.currency if rate else "BRL"}


def waits(**given: Any) -> dict[str, Any]:
    return {"stage": Stage.CREATED, **given}


HOURS_72 = timedelta(hours=72)
SECOND = timedelta(seconds=1)
AZURE, STANDARD, PREMIUM = ProgramCode.AZURE_IP, ProgramCode.BIZAPPS_STANDARD, ProgramCode.BIZAPPS_PREMIUM
# program, criterion, facts, how it stands (None: it is not asked), whether a fix is said
TABLE = [
    (AZURE, "kind", {}, MET, False),
    (AZURE, "kind", {"kind": Kind.SERVICES}, NOT_MET, True),
    (AZURE, "kind", {"kind": Kind.SERVICES, "carries_ip": True}, MET, False),
    (AZURE, "kind", {"kind": Kind.ASSESSMENT, "carries_ip": True}, NOT_MET, False),
    (STANDARD, "kind", {"kind": Kind.ASSESSMENT}, NOT_MET, False),
    (AZURE, "won", {}, MET, False),
    (AZURE, "won", waits(), NOT_YET, True),
    (AZURE, "won", waits(stage=Stage.NEGOTIATED), NOT_YET, True),
    (AZURE, "won", waits(stage=Stage.LOST), NOT_MET, False),
    (AZURE, "won", waits(stage=Stage.ERROR), NOT_MET, False),
    (AZURE, "shared", {}, MET, False),
    (AZURE, "shared", {**CO_SELL, "host_in": True}, MET, False),
    (AZURE, "shared", {"visibility": Visibility.PRIVATE}, NOT_MET, False),
    (PREMIUM, "shared", waits(visibility=Visibility.PRIVATE), NOT_MET, True),
    (AZURE, "solution", {}, MET, False),
    (AZURE, "solution", {"azure_ip": False}, NOT_MET, False),
    (AZURE, "solution", waits(azure_ip=False), NOT_MET, True),
    (STANDARD, "solution", {}, MET, False),
    (STANDARD, "solution", {"bizapps": frozenset({BizApps.PREMIUM})}, NOT_MET, False),
    (PREMIUM, "solution", {"bizapps": frozenset({BizApps.PREMIUM})}, MET, False),
    (AZURE, "host_answered", {}, None, False),
    (STANDARD, "host_answered", CO_SELL, None, False),
    (AZURE, "host_answered", {**CO_SELL, "host_created": True}, MET, False),
    (AZURE, "host_answered", {**CO_SELL, "host_asked": True, "host_in": True}, MET, False),
    (AZURE, "host_answered", {**CO_SELL, "host_asked": True, "host_answers_by": NOW}, NOT_YET, True),
    (AZURE, "host_answered", waits(**CO_SELL, host_invited_by=NOW), NOT_YET, True),
    (AZURE, "host_answered", {**CO_SELL, "host_invited_by": NOW}, NOT_MET, False),
    (AZURE, "host_answered", waits(**CO_SELL), NOT_YET, True),
    (AZURE, "host_answered", waits(**CO_SELL, host_asked=True), NOT_MET, True),
    (AZURE, "host_answered", {**CO_SELL, "host_asked": True}, NOT_MET, False),
    (AZURE, "value", value("25000.00"), MET, False),
    (AZURE, "value", value("25000.01"), MET, False),
    (AZURE, "value", value("24999.99"), NOT_MET, False),
    (AZURE, "value", waits(**value("24999.99")), NOT_MET, True),
    (AZURE, "value", value("23146.01", EURO), MET, False),  # 25,000.01 USD
    (AZURE, "value", value("23146.00", EURO), NOT_MET, False),  # 24,999.99 USD
    (AZURE, "value", value("1000000", None), NOT_YET, True),
    (STANDARD, "value", value("5000.00"), NOT_MET, False),
    (STANDARD, "value", value("5000.01"), MET, False),
    (PREMIUM, "value", value("4999.99"), NOT_MET, False),
    (PREMIUM, "value", value("5000.01", None), NOT_YET, True),
    (AZURE, "customer", {}, MET, False),
    (AZURE, "customer", {"customer": replace(MANAGED, standing=NOT_YET, fix="A match.")}, NOT_YET, True),
    (STANDARD, "customer", {"customer": replace(MANAGED, standing=NOT_MET)}, None, False),
    (AZURE, "not_early", {"won_after": HOURS_72 - SECOND}, NOT_MET, False),
    (AZURE, "not_early", {"won_after": HOURS_72}, MET, False),
    (STANDARD, "not_early", {"won_after": HOURS_72 + SECOND}, MET, False),
    (AZURE, "not_early", waits(now=CREATED + HOURS_72 - SECOND), NOT_YET, True),
    (AZURE, "not_early", waits(now=CREATED + HOURS_72), MET, False),
    (AZURE, "one_claim", {}, None, False),
    (AZURE, "one_claim", {"several_partners": True}, MET, False),
    (STANDARD, "one_claim", {"several_partners": True, "claimed_elsewhere": True}, NOT_MET, True),
]


@pytest.mark.parametrize(("program", "code", "given", "standing", "has_fix"), TABLE)
def test_each_criterion_stands_so(
    program: ProgramCode, code: str, given: dict[str, Any], standing: Standing | None, has_fix: bool
) -> None:
    known = facts(**given)
    judged = judge_by(PROGRAMS[program], known)
    found = next((each for each in judged.criteria if each.code == code), None)
    assert (found and found.standing) == standing
    if found is None:
        return
    assert bool(found.fix) == has_fix, found
    assert found.label, found
    assert found.text, found
    assert found.source.startswith("Registration rules 3.2, ")
    assert found.required == (code not in ("not_early", "one_claim"))
    met = known.is_won and (standing == MET or not found.required)
    assert judged.met == met, "nothing else lacks"
    assert judged.hopeless == (standing == NOT_MET and found.required)


def test_the_time_from_which_won_is_safe_is_said() -> None:
    early = facts(stage=Stage.CREATED, now=CREATED)
    with clock_at(NOW):
        found = next(each for each in best(early).criteria if each.code == "not_early")
    assert found.safe_at == CREATED + HOURS_72
    assert found.text == "Marking Won is safe after 27 Oct 12:00."


def test_a_conversion_says_amount_rate_month_and_source_and_before_winning_that_it_is_provisional() -> None:
    euro = facts(value=Decimal(100_000), currency="EUR", rate=EURO)
    open_too = replace(euro, stage=Stage.CREATED, won_at=None)
    with clock_at(NOW):
        said = [next(each.text for each in best(known).criteria if each.code == "value") for known in (euro, open_too)]
    whole = (
        "The value is 100,000 EUR, or 108,010 USD by the rate of November 2026: 1 EUR = 1.0801 USD (ECB of 30 Oct)."
    )
    assert said == [whole, f"{whole} This is provisional: the rate of the month of winning counts."]
    missing = next(each for each in best(replace(euro, rate=None)).criteria if each.code == "value")
    assert "for November 2026 is missing; the operator has been told" in missing.text


APPLY = [
    ({}, [AZURE, PREMIUM, STANDARD], AZURE),
    ({"azure_ip": False, "bizapps": frozenset()}, [AZURE], AZURE),
    ({"azure_ip": False, "bizapps": frozenset({BizApps.STANDARD})}, [STANDARD], STANDARD),
    ({"bizapps": frozenset({BizApps.PREMIUM}), "value": Decimal(24_999)}, [AZURE, PREMIUM], PREMIUM),
    ({"bizapps": frozenset({BizApps.PREMIUM}), "customer": replace(MANAGED, standing=NOT_YET)}, None, PREMIUM),
    ({"bizapps": frozenset(BizApps), "value": Decimal(5_000)}, None, AZURE),
]


@pytest.mark.parametrize(("given", "programs", "first"), APPLY)
def test_solutions_say_which_programs_apply_and_the_nearest_is_the_best(
    given: dict[str, Any], programs: list[ProgramCode] | None, first: ProgramCode
) -> None:
    known = facts(**given)
    assert programs is None or [judged.code for judged in judge(known)] == programs
    assert best(known).code == first


# closed at (UTC), the date of winning if one was given, the day whose month's rate counts
MONTHS = [
    ("2026-10-31T23:59:59+00:00", None, date(2026, 10, 31)),
    ("2026-11-01T00:00:00+00:00", None, date(2026, 11, 1)),
    ("2026-10-31T21:00:00-03:00", None, date(2026, 11, 1)),  # still October in São Paulo: the month is that of UTC
    ("2026-11-01T13:59:59+14:00", None, date(2026, 10, 31)),
    ("2026-10-31T12:00:00-12:00", None, date(2026, 11, 1)),
    ("2026-11-01T00:00:00+00:00", date(2026, 10, 31), date(2026, 10, 31)),
    ("2028-03-01T00:00:00+00:00", None, date(2028, 3, 1)),
    ("2028-02-29T23:59:59+00:00", None, date(2028, 2, 29)),
    ("2028-03-01T05:00:00+00:00", date(2028, 2, 29), date(2028, 2, 29)),
    (None, None, date(2026, 11, 3)),  # open: the current month's
]


@pytest.mark.parametrize(("closed_at", "won_on", "day"), MONTHS)
def test_the_rate_is_that_of_the_month_of_winning(closed_at: str | None, won_on: date | None, day: date) -> None:
    known = gather(side(closed_at, won_on), [], NOW)
    assert (known.rate_on, known.rate and known.rate.month) == (day, day.replace(day=1))


@pytest.mark.parametrize(("final", "counts"), [(None, 310_000), (Decimal(0), 0), (Decimal(26_000), 26_000)])
def test_the_final_value_counts_where_there_is_one(final: Decimal | None, counts: int) -> None:
    won = side("2026-11-01T00:00:00+00:00", None)
    won.final_value = final
    assert gather(won, [], NOW).value == counts


def side(closed_at: str | None, won_on: date | None) -> Deal:
    """Of no database."""
    engagement = Engagement(
        kind=Kind.IP,
        host=Organization(pk=1, name="Microsoft"),
        creator=Organization(pk=2, name="Contoso Data"),
        customer=CustomerAccount(name="A. Datum", category=CustomerCategory.MANAGED),
        created_at=clock.now(),
    )
    return Deal(
        engagement=engagement,
        organization=engagement.creator,
        stage=Stage.WON if closed_at else Stage.CREATED,
        closed_at=datetime.fromisoformat(closed_at) if closed_at else None,
        won_on=won_on,
        value=Decimal(310_000),
        currency="USD",
    )
