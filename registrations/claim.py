"""What a partner claims with a registration, as plain values (fact sheet 3.4), and how two claims differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from registrations.enums import DeployedOn, Field, Pricing, ProgramCode, Tenant
from registrations.models import Registration


@dataclass(frozen=True)
class Claim:
    """One filled form. Amounts are in `currency`; `solution_values` go by the solution's code."""

    program: ProgramCode
    is_marketplace: bool
    deployed_on: DeployedOn
    is_perpetual: bool
    contract_value: Decimal
    currency: str
    signed_on: date
    starts_on: date
    tenant: Tenant
    pricing: Pricing
    solution_values: Mapping[str, Decimal] = field(default_factory=dict)
    ends_on: date | None = None
    marketplace_on: date | None = None
    tenant_id: UUID | None = None
    holds_contract: bool = False
    attested: bool = False
    contest: bool = False  # put to the reviewer although another partner of the engagement has registered


@dataclass(frozen=True)
class Change:
    """A field that differs; old and new as `as_facts` writes them."""

    field: Field
    old: Any
    new: Any


# Everything of a claim that is kept word for word, in the order of the form. The attestation stands on the row.
KEPT = tuple(each for each in Field if each != Field.EVIDENCE)


def as_facts(claim: Claim, evidence: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The claim as plain JSON: dates ISO, amounts as text. `evidence` are {sha256: name} of the files with it."""
    facts = {each.value: _plain(getattr(claim, each.value)) for each in KEPT}
    return {**facts, Field.EVIDENCE.value: dict(evidence or {})}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if value is None or isinstance(value, bool):
        return value
    return str(value)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What differs between two `as_facts`, in the order of the form. The currency goes with the contract value."""
    return [Change(each, old.get(each), new.get(each)) for each in Field if old.get(each) != new.get(each)]


def told(found: Iterable[Change], old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{field: [old, new]} for the history; an amount stands there with the currency of its time."""
    return {each.field.value: [_with_currency(each.field, facts) for facts in (old, new)] for each in found}


def _with_currency(field: Field, facts: Mapping[str, Any]) -> Any:
    value, currency = facts.get(field), facts.get(Field.CURRENCY)
    if field == Field.CONTRACT_VALUE:
        return f"{value} {currency}"
    if field == Field.SOLUTION_VALUES:
        return {code: f"{worth} {currency}" for code, worth in (value or {}).items()}
    return value


def claim_of(facts: Mapping[str, Any]) -> Claim:
    """The claim that `as_facts` wrote down; its attestation stands on the row."""

    def day(name: str) -> date | None:
        return date.fromisoformat(facts[name]) if facts[name] else None

    return Claim(
        program=ProgramCode(facts["program"]),
        is_marketplace=facts["is_marketplace"],
        deployed_on=DeployedOn(facts["deployed_on"]),
        is_perpetual=facts["is_perpetual"],
        contract_value=Decimal(facts["contract_value"]),
        currency=facts["currency"],
        signed_on=date.fromisoformat(facts["signed_on"]),
        starts_on=date.fromisoformat(facts["starts_on"]),
        tenant=Tenant(facts["tenant"]),
        pricing=Pricing(facts["pricing"]),
        solution_values={code: Decimal(value) for code, value in facts["solution_values"].items()},
        tenant_id=UUID(facts["tenant_id"]) if facts["tenant_id"] else None,
        holds_contract=facts["holds_contract"],
        attested=True,
        ends_on=day("ends_on"),
        marketplace_on=day("marketplace_on"),
    )


def submitted(registration: Registration) -> dict[str, Any]:
    """The facts of the last submission; empty before the first."""
    last = registration.submissions.order_by("-number").first()
    return last.facts if last else {}
