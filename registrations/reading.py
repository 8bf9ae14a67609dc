"""What was claimed as people read it: labels and words for the plain facts of `claim.as_facts`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cosell.web.dates import said_day
from cosell.web.templatetags.cosell import money
from registrations.claim import Change
from registrations.enums import DeployedOn, Field, Pricing, ProgramCode, Tenant

_CHOICES = {
    Field.PROGRAM: ProgramCode,
    Field.DEPLOYED_ON: DeployedOn,
    Field.TENANT: Tenant,
    Field.PRICING: Pricing,
}
_DAYS = (Field.MARKETPLACE_ON, Field.SIGNED_ON, Field.STARTS_ON, Field.ENDS_ON)
NOTHING = "–"


@dataclass(frozen=True)
class Line:
    """One field; `old` is what stood there before, None where nothing is compared."""

    field: Field
    text: str
    old: str | None = None

    @property
    def label(self) -> str:
        return str(self.field.label)


def lines(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[Line]:
    """The claim without what it leaves empty; `names` are {code: name} of the solutions."""
    elsewhere = (Field.CURRENCY, Field.EVIDENCE)  # with the amount, and in a list of files
    shown = [each for each in Field if each not in elsewhere and facts.get(each) not in (None, "", {})]
    return [Line(each, said(each, facts, names)) for each in shown if each != Field.HOLDS_CONTRACT or facts[each]]


def compared(
    changes: Iterable[Change], old: Mapping[str, Any], new: Mapping[str, Any], names: Mapping[str, str]
) -> list[Line]:
    """What differs, old and new, each amount in its own currency."""
    return [Line(each.field, said(each.field, new, names), said(each.field, old, names)) for each in changes]


def said(field: Field, facts: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """One field of `facts`, in words."""
    value, currency = facts.get(field), facts.get(Field.CURRENCY) or ""
    if value in (None, "", {}):
        return NOTHING
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if field in _CHOICES:
        return str(_CHOICES[field](value).label)
    if field in _DAYS:
        return said_day(date.fromisoformat(value))
    if field == Field.CONTRACT_VALUE:
        return money(Decimal(value), currency)
    if field == Field.SOLUTION_VALUES:
        return "; ".join(
            f"{names.get(code, code)}: {money(Decimal(worth), currency)}" for code, worth in value.items()
        )
    return ", ".join(value.values()) if isinstance(value, Mapping) else str(value)


def said_alone(field: str, value: Any) -> str | None:
    """One value of the history, where amounts stand with their currency; None for a field of something else."""
    if field not in Field.values:
        return None
    if field == Field.CONTRACT_VALUE and value:
        return _amount(value)
    if field == Field.SOLUTION_VALUES and value:
        return "; ".join(f"{code}: {_amount(worth)}" for code, worth in value.items())
    return said(Field(field), {field: value}, {})


def _amount(text: str) -> str:
    amount, _space, currency = text.partition(" ")
    return money(Decimal(amount), currency)
