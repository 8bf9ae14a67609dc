"""What was claimed, as people read it: one fact of a submission (`claim.as_facts`) at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from cosell.web.dates import said_day
from cosell.web.templatetags.cosell import money
from registrations.enums import DeployedOn, Field, Pricing, ProgramCode, Tenant

DATES = (Field.MARKETPLACE_ON, Field.SIGNED_ON, Field.STARTS_ON, Field.ENDS_ON)
WORDS = {Field.PROGRAM: ProgramCode, Field.DEPLOYED_ON: DeployedOn, Field.TENANT: Tenant, Field.PRICING: Pricing}


def said_fact(field: Field, facts: Mapping[str, Any], solutions: Mapping[str, str] | None = None) -> str:
    """The value of `field`; "–" where there is none. `solutions` are {code: name}; amounts come with their currency."""
    value = facts.get(field.value)
    if value in (None, "") or value == {}:
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if field == Field.SOLUTION_VALUES:
        names = solutions or {}
        amounts = ((names.get(code, code), money(Decimal(each), facts["currency"])) for code, each in value.items())
        return "; ".join(f"{name}: {amount}" for name, amount in amounts)
    if field == Field.EVIDENCE:
        return ", ".join(sorted(value.values()))
    if field == Field.CONTRACT_VALUE:
        return money(Decimal(value), facts["currency"])
    if field in DATES:
        return said_day(date.fromisoformat(value))
    return str(WORDS[field](value).label) if field in WORDS else str(value)
