"""A customer typed by hand may be a known one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.enums import CustomerCategory
from accounts.names import words_of
from accounts.search import CustomerRow, Described, choosable_by, near_accounts, search_customers

if TYPE_CHECKING:
    from accounts.who import Who

VERY_ALIKE = 90  # score of a row (accounts.search) from which a typed customer may be a known one


def looks_like(
    who: Who, *, name: str, country: str, city: str = "", duns: str = "", domain: str = ""
) -> list[CustomerRow]:
    """Accounts that `who` may choose and a customer typed by hand looks like, the likeliest first (product.md §4).

    The same D-U-N-S or domain, or a name very alike in that country; the own ones typed before are among them.
    """
    name, duns, domain = (name if words_of(name) else ""), duns.replace("-", ""), domain.lower()
    same = Q(duns=duns) if duns else Q(pk__in=())
    same |= Q(domain=domain) if domain else Q(pk__in=())
    rows = near_accounts(Described(name, country, city, domain, duns))
    typed_before = choosable_by(who).filter(category=CustomerCategory.MANUAL)
    rows += [CustomerRow(account, VERY_ALIKE, "") for account in typed_before.filter(same)[:10]]
    if name and country:
        found = search_customers(who, name=name, country=country, city=city).tab(CustomerCategory.OTHER).rows
        rows += [row for row in found if row.account.category == CustomerCategory.MANUAL]
    once = {row.account.pk: row for row in reversed(rows) if _is_very_alike(row, country, duns, domain)}
    choosable = set(choosable_by(who).filter(pk__in=once).values_list("pk", flat=True))
    return sorted((row for pk, row in once.items() if pk in choosable), key=lambda row: -row.score)[:5]


def _is_very_alike(row: CustomerRow, country: str, duns: str, domain: str) -> bool:
    account = row.account
    if (duns and account.duns == duns) or (domain and account.domain == domain):
        return True
    return bool(country) and account.country == country and row.score >= VERY_ALIKE
