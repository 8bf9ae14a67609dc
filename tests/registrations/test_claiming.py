"""Every rule on what is claimed, at its bound and a step beyond, without a database (fact sheet 3.3, 3.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from registrations.claim import Claim, as_facts
from registrations.enums import UNLOCKABLE, DeployedOn, Field, Pricing, ProgramCode, Tenant
from registrations.programs import PROGRAMS
from registrations.rates import Rate
from registrations.rules.claiming import ClaimContext, claim_refusals

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)  # noon: the same day everywhere from -12 to +11:59
SHARED = datetime(2026, 8, 1, 12, tzinfo=UTC)
DOLLAR = Rate("USD", date(2026, 11, 1), Decimal(1))
EURO = Rate("EUR", date(2026, 11, 1), Decimal("1.0801"), date(2026, 10, 30), "ECB")
AZURE, PREMIUM = ProgramCode.AZURE_IP, ProgramCode.BIZAPPS_PREMIUM
LAKE, SCAN = "SOL-10471-CLH", "SOL-10472-SCN"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def at(**given: Any) -> ClaimContext:
    usual = ClaimContext(
        now=NOON,
        created_at=SHARED,
        invited_at=None,
        rate=DOLLAR,
        rules=PROGRAMS[AZURE],
        several_partners=False,
        solutions=frozenset({LAKE, SCAN}),
    )
    if "now" in given:
        given["now"] = datetime.fromisoformat(given["now"]).replace(tzinfo=UTC)
    return replace(usual, **given)


def claim(**given: Any) -> Claim:
    """A contract of three years against which nothing stands."""
    for name in ("signed_on", "starts_on", "ends_on"):
        if given.get(name):
            given[name] = date.fromisoformat(given[name])
    usual = Claim(
        program=AZURE,
        is_marketplace=False,
        deployed_on=DeployedOn.AZURE,
        is_perpetual=False,
        contract_value=Decimal(96_000),
        currency="USD",
        signed_on=date(2026, 10, 30),
        starts_on=date(2026, 11, 1),
        ends_on=date(2029, 10, 31),
        tenant=Tenant.CUSTOMER,
        pricing=Pricing.OTHER,
        solution_values={LAKE: Decimal(80_000)},
        attested=True,
    )
    return replace(usual, **given)


def found(claimed: Claim, context: ClaimContext) -> set[tuple[str, str]]:
    reasons = claim_refusals(claimed, context)
    assert all(reason.text.endswith(".") and reason.field for reason in reasons), reasons
    return {(reason.field, reason.code) for reason in reasons}


def money(value: str, **more: Any) -> dict[str, Any]:
    """A contract of one year; its one solution is worth a dollar."""
    return {"contract_value": Decimal(value), "ends_on": "2027-10-31", "solution_values": {LAKE: Decimal(1)}, **more}


PAYG = {"pricing": Pricing.PAYG}
OLD = {"created_at": utc(2025, 6, 1)}
HALF = {LAKE: Decimal(48_000)}
BIG = {"contract_value": Decimal(960_000)}
LEAP = {**BIG, "starts_on": "2024-02-29"}
ON_LEAP_DAY = {"created_at": utc(2024, 2, 29)}
ON_MARCH_1 = {"now": "2024-03-01T12:00:00", "created_at": utc(2023, 6, 1)}
BIZAPPS = {"rules": PROGRAMS[PREMIUM]}
GUID = UUID("8d9a3c1e-52c1-4a5a-9f0e-1b8f0e2a7c11")
# field, code, claim, context: refused for this and nothing else; without a code it is taken
TABLE = [
    ("", "", {}, {}),
    # signed: not in the future where the day begins first (UTC+14)
    ("", "", {"signed_on": "2026-11-03"}, {"now": "2026-11-03T00:00:00"}),
    ("", "", {"signed_on": "2026-11-04", "starts_on": "2026-11-04"}, {"now": "2026-11-03T10:00:00"}),
    ("signed_on", "signed_in_future", {"signed_on": "2026-11-04"}, {"now": "2026-11-03T09:59:59"}),
    ("signed_on", "signed_in_future", {"signed_on": "2026-11-05"}, {"now": "2026-11-03T23:59:59"}),
    # signed: day 60, day 61, where the day ends last (UTC-12)
    ("", "", {"signed_on": "2026-09-04"}, {}),
    ("signed_on", "signed_long_ago", {"signed_on": "2026-09-03"}, {}),
    ("", "", {"signed_on": "2026-09-03"}, {"now": "2026-11-03T11:59:59"}),
    ("signed_on", "signed_long_ago", {"signed_on": "2026-09-02"}, {"now": "2026-11-03T11:59:59"}),
    ("", "", {**LEAP, "signed_on": "2024-01-01"}, ON_MARCH_1),
    ("signed_on", "signed_long_ago", {**LEAP, "signed_on": "2023-12-31"}, ON_MARCH_1),
    # signed: from the later of creation and invitation, their UTC dates
    ("", "", {"signed_on": "2026-10-02"}, {"created_at": utc(2026, 10, 2, 23, 59, 59)}),
    ("signed_on", "signed_before_shared", {"signed_on": "2026-10-02"}, {"created_at": utc(2026, 10, 3)}),
    ("", "", {"signed_on": "2026-10-20"}, {"invited_at": utc(2026, 10, 20, 23)}),
    ("signed_on", "signed_before_shared", {"signed_on": "2026-10-20"}, {"invited_at": utc(2026, 10, 21, 0, 1)}),
    ("", "", {"signed_on": "2026-10-20"}, {"invited_at": utc(2025, 1, 1)}),
    # pay-as-you-go: a year after the later of the two, instead of 60 days; it starts with the first invoice
    ("", "", {**PAYG, "signed_on": "2026-06-01", "starts_on": "2026-06-01"}, OLD),
    ("signed_on", "payg_signed_late", {**PAYG, "signed_on": "2026-06-02", "starts_on": "2026-06-02"}, OLD),
    ("signed_on", "payg_signed_late", {**PAYG}, OLD),
    ("starts_on", "started_long_ago", {**PAYG, "signed_on": "2026-05-20", "starts_on": "2026-05-19"}, OLD),
    ("signed_on", "signed_in_future", {**PAYG, "signed_on": "2026-11-09"}, {}),
    ("signed_on", "signed_before_shared", {**PAYG, "signed_on": "2026-07-31"}, {}),
    ("", "", {**PAYG, "signed_on": "2025-03-01"}, ON_LEAP_DAY),
    ("signed_on", "payg_signed_late", {**PAYG, "signed_on": "2025-03-02"}, ON_LEAP_DAY),
    # start: day 90, day 91; it may precede signing, but not in the Business Applications programs
    ("", "", {"starts_on": "2026-08-05"}, {}),
    ("starts_on", "started_long_ago", {"starts_on": "2026-08-04"}, {}),
    ("", "", {"starts_on": "2026-08-04"}, {"now": "2026-11-03T11:59:59"}),
    ("starts_on", "started_long_ago", {"starts_on": "2026-08-03"}, {"now": "2026-11-03T11:59:59"}),
    ("", "", {"starts_on": "2026-10-30", "tenant": Tenant.PARTNER}, BIZAPPS),
    ("starts_on", "starts_before_signed", {"starts_on": "2026-10-29", "tenant": Tenant.PARTNER}, BIZAPPS),
    # end
    ("", "", {"starts_on": "2026-11-01", "ends_on": "2026-11-01"}, {}),
    ("ends_on", "ends_before_start", {"ends_on": "2026-10-31"}, {}),
    ("ends_on", "no_end", {"ends_on": None}, {}),
    ("ends_on", "perpetual_has_end", {"is_perpetual": True, "contract_value": Decimal(600_000)}, {}),
    ("", "", {"is_perpetual": True, "ends_on": None, "contract_value": Decimal(600_000)}, {}),
    ("ends_on", "too_far", {"ends_on": "9999-12-31"}, {}),
    ("starts_on", "too_far", {"starts_on": "9999-12-31", "ends_on": None, "is_perpetual": True}, {}),
    # an exception lifts the windows, and no more
    ("", "", {**BIG, "signed_on": "2026-01-01", "starts_on": "2025-01-01"}, {"relaxed": True}),
    ("ends_on", "ends_before_start", {"signed_on": "2026-01-01", "ends_on": "2026-10-31"}, {"relaxed": True}),
    ("signed_on", "signed_in_future", {"signed_on": "2026-11-05"}, {"relaxed": True}),
    # the annual value: more than USD 25,000, by the rate of the month
    ("contract_value", "annual_too_low", money("24999.99"), {}),
    ("contract_value", "annual_too_low", money("25000.00"), {}),
    ("", "", money("25000.01"), {}),
    ("contract_value", "annual_too_low", money("25000.00", **PAYG), {}),
    ("contract_value", "annual_too_low", money("75000.00", ends_on="2029-10-31"), {}),
    ("", "", money("75000.02", ends_on="2029-10-31"), {}),  # 25,000.0066: shown as 25,000.01, judged as shown
    ("contract_value", "annual_too_low", money("150000.02", is_perpetual=True, ends_on=None), {}),
    ("", "", money("150000.03", is_perpetual=True, ends_on=None), {}),
    ("contract_value", "annual_too_low", money("23146.00", currency="EUR"), {"rate": EURO}),  # 24,999.99 USD
    ("", "", money("23146.02", currency="EUR"), {"rate": EURO}),  # 25,000.02 USD
    ("currency", "no_rate", {"currency": "BRL"}, {"rate": None}),
    ("currency", "no_rate", {"currency": "BRL", "tenant": Tenant.PARTNER}, {"rate": None, **BIZAPPS}),
    ("", "", money("6000.00", tenant=Tenant.PARTNER), BIZAPPS),
    ("contract_value", "no_value", {"contract_value": Decimal(0), "solution_values": {LAKE: Decimal(0)}}, {}),
    # what each solution is worth
    ("", "", {"solution_values": {LAKE: Decimal(96_000)}}, {}),
    ("solution_values", "solution_above_contract", {"solution_values": {LAKE: Decimal("96000.01")}}, {}),
    ("", "", {"solution_values": {**HALF, SCAN: Decimal(48_000)}}, {}),
    ("solution_values", "solutions_above_contract", {"solution_values": {**HALF, SCAN: Decimal("48000.01")}}, {}),
    ("solution_values", "no_solution", {"solution_values": {}}, {}),
    ("solution_values", "solution_not_positive", {"solution_values": {LAKE: Decimal(0)}}, {}),
    ("solution_values", "not_eligible", {"solution_values": {LAKE: Decimal(1), "SOL-1": Decimal(1)}}, {}),
    # marketplace, deployment, tenant, contract, attestation
    ("marketplace_on", "marketplace_date", {"is_marketplace": True}, {}),
    ("", "", {"is_marketplace": True, "marketplace_on": date(2027, 1, 1)}, {}),
    ("deployed_on", "deployed_elsewhere", {"deployed_on": DeployedOn.OTHER}, {}),
    ("tenant_id", "no_tenant_id", {}, BIZAPPS),
    ("", "", {"tenant_id": GUID}, BIZAPPS),
    ("", "", {"tenant": Tenant.PARTNER}, BIZAPPS),
    ("holds_contract", "contract_not_declared", {}, {"several_partners": True}),
    ("", "", {"holds_contract": True}, {"several_partners": True}),
    ("attested", "not_attested", {"attested": False}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "code", "fields", "context"), TABLE)
def test_at_its_bound_and_a_step_beyond(field: str, code: str, fields: Any, context: Any) -> None:
    expected = {(field, code)} if code else set()
    wrong = found(claim(**fields), at(**context))
    if code in ("no_value", "perpetual_has_end"):
        assert expected <= wrong
    else:
        assert wrong == expected


def test_the_sentence_says_the_bound_and_the_day() -> None:
    [late] = claim_refusals(claim(signed_on="2026-09-03"), at())
    assert "3 Sep" in late.text
    assert "60 days" in late.text
    assert "4 Sep" in late.fix
    [low] = claim_refusals(claim(**money("23146.00", currency="EUR")), at(rate=EURO))
    assert "23,146 EUR over 1 year" in low.text
    assert "24,999.99 USD" in low.text


OTHERWISE: dict[str, Any] = {
    Field.PROGRAM: PREMIUM,
    Field.MARKETPLACE: True,
    Field.MARKETPLACE_ON: date(2027, 1, 1),
    Field.DEPLOYED_ON: DeployedOn.OTHER,
    Field.PERPETUAL: True,
    Field.CONTRACT_VALUE: Decimal(97_000),
    Field.CURRENCY: "EUR",
    Field.SOLUTION_VALUES: {LAKE: Decimal(1)},
    Field.SIGNED_ON: date(2026, 10, 29),
    Field.STARTS_ON: date(2026, 11, 2),
    Field.ENDS_ON: date(2029, 11, 1),
    Field.TENANT: Tenant.PARTNER,
    Field.TENANT_ID: GUID,
    Field.PRICING: Pricing.PAYG,
    Field.HOLDS_CONTRACT: True,
}


@pytest.mark.parametrize("field", OTHERWISE)
def test_an_exception_unlocks_what_it_names_and_nothing_else(field: Field) -> None:
    before, changed = as_facts(claim()), replace(claim(), **{field.value: OTHERWISE[field]})
    closed = at(relaxed=True, unlocked=frozenset(), before=before)
    opened = at(relaxed=True, unlocked=frozenset({field}), before=before)
    assert (field.value, "locked") in found(changed, closed)
    assert (field.value, "locked") not in found(changed, opened)
    assert found(claim(), closed) == set()


def test_perpetual_takes_its_end_with_it() -> None:
    before = as_facts(claim())
    changed = claim(is_perpetual=True, ends_on=None, contract_value=Decimal(600_000))
    unlocked = frozenset(UNLOCKABLE) - {Field.ENDS_ON}
    assert found(changed, at(relaxed=True, unlocked=unlocked, before=before)) == set()
