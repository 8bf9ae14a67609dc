"""Automatic approval or review? Why a person has to look at a registration (product.md §7, fact sheet 3.6)."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256

from accounts.enums import CustomerCategory
from cosell.events.models import Event
from deals.enums import UNANSWERED, Stage
from deals.models import Engagement
from registrations import duplicates
from registrations.enums import Pricing, ReviewReason
from registrations.models import Registration
from registrations.workflow import SECOND_PERSON_ABOVE

ONE_IN = 10_000


def review_reasons(registration: Registration) -> list[ReviewReason]:
    """What sends a registration to a reviewer, by what was claimed and by its deal; the draw comes on top."""
    category = registration.engagement.customer.category
    found = {
        ReviewReason.OVER_MILLION: over_million(registration),
        ReviewReason.SEVERAL_PARTNERS: several_partners(registration.engagement),
        ReviewReason.PAYG: registration.pricing == Pricing.PAYG,
        ReviewReason.EARLY: registration.won_early,
        ReviewReason.DUPLICATE: bool(duplicates.find(registration)),
        ReviewReason.MANUAL_CUSTOMER: CustomerCategory.MANUAL in (category, registration.engagement.customer_category),
        ReviewReason.CONTESTED: registration.contests,
    }
    return [reason for reason, holds in found.items() if holds]


def over_million(registration: Registration) -> bool:
    """More than, not from, USD 1 million a year."""
    return registration.annual_usd is not None and registration.annual_usd > SECOND_PERSON_ABOVE


def several_partners(engagement: Engagement) -> bool:
    """More than one partner is in: invited ones count once they have accepted."""
    sides = engagement.sides.exclude(organization=engagement.host_id).exclude(stage__in=(Stage.RECEIVED, *UNANSWERED))
    return sides.values("organization").distinct().count() > 1


def draw(event: Event) -> Decimal:
    """A number from 0.00 to 99.99 that nobody chooses: from the hash of the event of submission, so it can be checked.

    The registration is drawn when it lies below the program's percentage.
    """
    number = int(sha256(f"draw:{event.hash}".encode()).hexdigest(), 16) % ONE_IN
    return Decimal(number) / 100
