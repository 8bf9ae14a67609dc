"""What will matter later, and what would fix it (product.md §5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import SolutionKind
from cosell.web.reasons import Reason
from deals import rules
from deals.enums import Intent, Kind

if TYPE_CHECKING:
    from accounts.models import Organization
    from deals.guidance.typed import Typed

LEAST_VALUE = Decimal(25_000)  # USD, for registration as Azure IP co-sell (product.md §7)


@dataclass(frozen=True)
class Advice(Reason):
    """A reason that refuses nothing; `step` is the slug of the step where it is fixed, empty for none."""

    step: str = ""


def advice(typed: Typed, organization: Organization, host: Organization, slug: str) -> list[Advice]:
    """All that may be said at the step `slug`."""
    found = [*_about_solutions(typed, slug), *_about_value(typed, by_host=organization == host)]
    return [*found, *(_about_services(organization, host) if slug == "details" else ())]


def _about_solutions(typed: Typed, slug: str) -> Iterable[Advice]:
    """Before solutions are asked for, nobody is told that one is missing."""
    if typed.kind == Kind.ASSESSMENT or not (typed.solutions or slug in ("solutions", "review")):
        return
    if typed.account and typed.account.macc and not any(each.macc_eligible for each in typed.solutions):
        yield Advice(
            "macc",
            _("The customer has a MACC agreement, and no solution of the deal is MACC eligible."),
            _("Add a MACC eligible solution, so that the purchase counts towards the agreement."),
            step="solutions",
        )
    intends = typed.kind == Kind.IP and typed.intent == Intent.YES
    if intends and not any(each.incentivized for each in typed.solutions):
        yield Advice(
            "not_incentivized",
            _("The customer intends to buy through the marketplace, and no solution of the deal is incentivized."),
            _("Choose an incentivized solution if there is one that fits."),
            step="solutions",
        )


def _about_value(typed: Typed, *, by_host: bool) -> Iterable[Advice]:
    """Only in USD: what another currency is worth is not known here. What the host shares, it does not register."""
    if typed.kind != Kind.IP or by_host or typed.currency != "USD" or typed.value is None:
        return
    if typed.value < LEAST_VALUE:
        yield Advice(
            "small_value",
            _("A deal below 25,000 USD cannot be registered."),
            _("If the deal may grow, estimate what the customer will spend in all."),
            step="details",
        )


def _about_services(organization: Organization, host: Organization) -> Iterable[Advice]:
    """Why services are not offered, where the company has some."""
    missing = rules.creation_gate(organization, host, Kind.SERVICES)
    if missing and organization.solutions.filter(kind=SolutionKind.SERVICE, is_active=True).exists():
        for reason in missing:
            text = _("Services co-sell is not offered: %(reason)s") % {"reason": reason.text}
            yield Advice(reason.code, text, reason.fix)
