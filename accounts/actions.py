"""Writes of this app that mean something to people."""

from collections.abc import Mapping

from django.db import transaction

from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount, Location, Organization
from accounts.who import Who


def enter_customer(who: Who, cleaned: Mapping[str, str]) -> CustomerAccount:
    """Keep a customer typed by hand. Only the organization that typed it sees it, until it is matched."""
    return CustomerAccount.objects.create(
        name=cleaned["manual_name"],
        address=cleaned["manual_address"],
        city=cleaned["manual_city"],
        country=cleaned["manual_country"],
        duns=cleaned.get("manual_duns", "").replace("-", ""),
        domain=cleaned.get("manual_domain", "").lower(),
        category=CustomerCategory.MANUAL,
        entered_by=who.organization,
    )


def create_organization(*, partner_id: str, city: str = "", **fields: object) -> Organization:
    """An organization always has its one global location."""
    with transaction.atomic():
        organization = Organization.objects.create(**fields)
        Location.objects.create(
            organization=organization,
            name=organization.name,
            partner_id=partner_id,
            country=organization.country,
            city=city,
            is_global=True,
        )
        return organization
