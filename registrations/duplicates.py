"""Has this contract been registered before? Scored with reasons, for reviewers alone (product.md §7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registrations.models import Registration

SUSPICIOUS = 60  # points of 100
LOOKED_AT = 50
NEAR = timedelta(days=31)

POINTS: dict[str, tuple[int, str | Promise]] = {
    "customer": (35, _("same customer")),
    "linked": (30, _("linked account of the customer")),
    "solution": (25, _("same solution")),
    "partner": (5, _("same partner")),
    "signed_on": (20, _("signed on the same day")),
    "signed_near": (8, _("signed within a month")),
    "value": (20, _("same contract value")),
}


@dataclass(frozen=True)
class Duplicate:
    """Another registration that may be of the same contract; `score` out of 100."""

    registration: Registration
    score: int
    why: Sequence[str | Promise]


def find(registration: Registration, *, least: int = SUSPICIOUS) -> list[Duplicate]:
    """Submitted registrations of the same customer that have much in common with this one, the most alike first."""
    customer = registration.engagement.customer
    same = Q(engagement__customer=customer)
    if customer.linked_group:
        same |= Q(engagement__customer__linked_group=customer.linked_group)
    others = (
        Registration.objects.filter(same, number__gt=0)
        .exclude(pk=registration.pk)
        .with_page_data()
        .prefetch_related("solution_values")
        .order_by("-submitted_at", "-pk")[:LOOKED_AT]
    )
    solutions = {each.solution_id for each in registration.solution_values.all()}
    found = [_compared(registration, solutions, other) for other in others]
    return sorted(
        (each for each in found if each.score >= least), key=lambda each: (-each.score, each.registration.pk)
    )


def _compared(one: Registration, solutions: set[int], other: Registration) -> Duplicate:
    same_customer = one.engagement.customer_id == other.engagement.customer_id
    assert one.signed_on is not None
    assert other.signed_on is not None
    apart = abs(one.signed_on - other.signed_on)
    holds = {
        "customer": same_customer,
        "linked": not same_customer,
        "solution": bool(solutions & {each.solution_id for each in other.solution_values.all()}),
        "partner": one.deal.organization_id == other.deal.organization_id,
        "signed_on": not apart,
        "signed_near": timedelta() < apart <= NEAR,
        "value": (one.contract_value, one.currency) == (other.contract_value, other.currency),
    }
    hit = [POINTS[name] for name, so in holds.items() if so]
    return Duplicate(other, min(100, sum(points for points, _why in hit)), [why for _points, why in hit])
