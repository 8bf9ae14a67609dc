"""Typed customers and their cases, for the tests of account matching."""

from typing import Any

from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount
from deals.models import Deal, MatchCase
from tests.cast import new_deal, organization


def typed(name: str = "Fabrikam Seguro SA", **fields: Any) -> CustomerAccount:
    """Entered by hand by Contoso, in São Paulo."""
    given = {"country": "BR", "city": "São Paulo", "entered_by": organization("Contoso Data")}
    return CustomerAccount.objects.create(name=name, category=CustomerCategory.MANUAL, **{**given, **fields})


def waiting(account: CustomerAccount, **fields: Any) -> MatchCase:
    """The case of a new deal on this account, partner-led unless it asks for help."""
    fields = fields if "asks" in fields else {"shown": True, **fields}
    return case_of(new_deal(customer=account, **fields))


def case_of(deal: Deal) -> MatchCase:
    return MatchCase.objects.select_related("engagement__customer", "typed", "matched").get(
        engagement=deal.engagement_id
    )


def side_of_creator(case: MatchCase) -> Deal:
    return case.engagement.sides.get(direction="outbound")
