"""Customers that people typed, held, merged and split; and how an organization begins."""

from collections.abc import Collection, Mapping

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


def held_customer(pk: int) -> CustomerAccount:
    """The account, or the one that it was merged into; no merge of it begins before the caller's transaction ends.

    Several may hold one at once. Only inside a transaction, and before any lock of an engagement.
    """
    table = CustomerAccount._meta.db_table
    [account] = CustomerAccount.objects.raw(f"SELECT * FROM {table} WHERE id = %s FOR SHARE", [pk])  # noqa: S608
    return held_customer(account.merged_into_id) if account.merged_into_id else account


def locked_customers(pks: Collection[int]) -> dict[int, CustomerAccount]:
    """These accounts by id, for the caller alone. Only inside a transaction, and before any lock of an engagement."""
    locked = CustomerAccount.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk")
    return {account.pk: account for account in locked}


def merge_customer(duplicate: CustomerAccount, into: CustomerAccount) -> None:
    """Two locked accounts are one customer: `duplicate` is found by nothing from now on, `into` by both names.

    What stood on the duplicate goes over: its account team, subsidiaries, the accounts merged into it before, and the
    D-U-N-S and domain that the other lacks. A name typed by hand is nobody's former name.
    """
    if duplicate.category != CustomerCategory.MANUAL:
        if duplicate.name not in (into.name, *into.former_names, *into.trade_names):
            into.former_names = [*into.former_names, duplicate.name]
        into.duns = into.duns or duplicate.duns
        into.domain = into.domain or duplicate.domain
    if into.parent_id == duplicate.pk:
        into.parent = duplicate.parent
    into.save()
    into.team.add(*duplicate.team.all())
    for subsidiary in duplicate.subsidiaries.exclude(pk=into.pk):
        subsidiary.parent = into
        subsidiary.save()
    duplicate.merged.update(merged_into=into)
    duplicate.merged_into = into
    duplicate.save()


def split_customer(account: CustomerAccount) -> None:
    """A locked account that was merged stands for itself again."""
    account.merged_into = None
    account.save()
