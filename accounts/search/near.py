"""The known accounts that a customer typed by hand may be, and what the two have in common (product.md §4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from django.utils.translation import gettext as _

from accounts.likeness import Asked
from accounts.models import CustomerAccount
from accounts.names import bare_domain, name_key
from accounts.search.by_name import ARM, LIKE_WIDE, ByName, Place, rows_of
from accounts.search.customers import SAID_PLAINLY, CustomerRow, known_accounts

SAME_DUNS, SAME_DOMAIN = 100, 40  # what an identical number or domain adds to the likeness of the names


@dataclass(frozen=True)
class Described:
    """What is known of a customer: as it was typed, and as it was corrected since."""

    name: str
    country: str
    city: str = ""
    domain: str = ""
    duns: str = ""

    @classmethod
    def of(cls, account: CustomerAccount, **corrected: str) -> Described:
        known = cls(account.name, account.country, account.city, account.domain, account.duns)
        return replace(known, **{field: value for field, value in corrected.items() if value})

    @cached_property
    def asked(self) -> Asked:
        return Asked(self.name)

    def likeness(self, account: CustomerAccount) -> float:
        """0 to 100, of the account's most similar name."""
        return max((self.asked.likeness(key) for key in account.search_text.split("\n") if key), default=0)


def near_accounts(described: Described, *, limit: int = 10) -> list[CustomerRow]:
    """The most similar first; never one that was typed or merged. Scores go above 100 where more than names agree."""
    accounts = known_accounts()
    place = Place(described.country, "", described.city)
    search = ByName(accounts, described.name, place, wide=False, here=False)
    scores = {hit.pk: hit.score for hit in search.hits()} if search.words else {}
    same = (
        ("duns", described.duns.replace("-", ""), SAME_DUNS),
        ("domain", bare_domain(described.domain), SAME_DOMAIN),
    )
    for field, value, more in same:
        for row in rows_of(accounts.filter(**{field: value}), ARM) if value else ():
            scores[row.pk] = more + max(0, scores.get(row.pk) or row.scored(search.asked, place).score)
    best = sorted(scores, key=lambda pk: -scores[pk])[:limit]
    loaded = accounts.order_by().select_related("parent").in_bulk(best)
    found = [loaded[pk] for pk in best if pk in loaded]
    return [CustomerRow(each, scores[each.pk], ", ".join(in_common(described, each))) for each in found]


def in_common(described: Described, account: CustomerAccount) -> list[str]:
    """What the customer and an account have in common, in words; asks the database nothing."""
    words = []
    if described.duns and described.duns.replace("-", "") == account.duns:
        words.append(_("same D-U-N-S"))
    if described.domain and bare_domain(described.domain) == account.domain:
        words.append(_("same domain"))
    alike = described.likeness(account)
    if alike >= SAID_PLAINLY:
        words.append(_("same name"))
    elif alike >= LIKE_WIDE:
        words.append(_("name %(score)d %% alike") % {"score": alike})
    if described.city and name_key(described.city) == name_key(account.city or "-"):
        words.append(_("same city"))
    elif described.country == account.country:
        words.append(_("same country"))
    return words
