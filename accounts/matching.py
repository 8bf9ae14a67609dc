"""Who may a typed customer be? Candidates with their reasons, and the one that is beyond doubt (product.md §4)."""

from __future__ import annotations

from django.db.models import Q

from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount
from accounts.search import CustomerRow, Described, known_accounts, near_accounts

NEAR_IDENTICAL = 90  # likeness of names, 0 to 100, that a shared domain makes certain
# Scores of `near_accounts`: 100 for a name, 100 more for the D-U-N-S, 40 for the domain, a little for the place.
STRENGTHS = ((135, "almost_certain"), (95, "very_likely"), (85, "likely"), (0, "possible"))


def candidates(described: Described, *, but: int, limit: int = 10) -> list[CustomerRow]:
    """Known accounts that the customer may be, the most similar first; `but` is the id of the account itself."""
    rows = near_accounts(described, limit=limit + 1)
    return [row for row in rows if row.account.pk != but][:limit]


def strength(score: float) -> str:
    """A code for how sure a score is."""
    return next(code for least, code in STRENGTHS if score >= least)


def certain(typed: CustomerAccount) -> tuple[CustomerAccount, str] | None:
    """The known account that `typed` is beyond doubt, and by what ("duns", "domain"); None where a person must look.

    The one with the same D-U-N-S, else the one with the same domain and a near-identical name; exactly one in the
    whole world, and in the same country. A directory entry is not moved to another one, and a federal account that
    sellers may not choose does not come by itself.
    """
    known = known_accounts().exclude(pk=typed.pk).filter(Q(federal=False) | Q(category=CustomerCategory.OTHER))
    if typed.category == CustomerCategory.OTHER:
        known = known.exclude(category=CustomerCategory.OTHER)
    same, by = list(known.filter(duns=typed.duns)[:2]) if typed.duns else [], "duns"
    if not same and typed.domain:
        by = "domain"
        described = Described.of(typed)
        there = known.filter(domain=typed.domain).select_related("parent")[:200]
        same = [account for account in there if described.likeness(account) >= NEAR_IDENTICAL]
    if len(same) != 1 or same[0].country != typed.country:
        return None
    return same[0], by
