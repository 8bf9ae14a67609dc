"""Advice while a deal is being typed; it refuses nothing (product.md §5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cosell.web.reasons import Reason

if TYPE_CHECKING:
    from deals.wizard import Wizard


def guidance(wizard: Wizard) -> list[Reason]:
    """Advice, not refusal: what will matter later (product.md §5)."""
    return list(_guidance(wizard))


def _guidance(wizard: Wizard) -> Iterable[Reason]:
    customer, solutions = wizard.customer_form(), wizard.solutions_form()
    if not (customer.is_bound and customer.is_valid() and solutions.is_bound and solutions.is_valid()):
        return
    account, chosen = customer.cleaned_data["account"], solutions.cleaned_data["solutions"]
    if account and account.macc and not any(solution.macc_eligible for solution in chosen):
        yield Reason(
            "macc",
            _("The customer has a MACC agreement, and no solution of the deal is MACC eligible."),
            _("Add a MACC eligible solution, so that the purchase counts towards the agreement."),
        )
    details = wizard.details_form()
    intends = details.is_bound and details.is_valid() and details.cleaned_data["intent"] == "yes"
    if intends and not any(solution.incentivized for solution in chosen):
        yield Reason(
            "not_incentivized",
            _("The customer intends to buy through the marketplace, and no solution of the deal is incentivized."),
            _("Choose an incentivized solution if there is one that fits."),
        )
