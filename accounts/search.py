"""Find the customer account that a person means (product.md §4).

Candidates come from PostgreSQL's trigrams over every name of an account; they are ranked again here, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount
from accounts.names import name_key
from accounts.who import Who

NEAR, WIDE = 0.5, 0.3  # least word similarity of a candidate
CANDIDATES = 200
TAB_LIMIT = 25
TABS = (CustomerCategory.MANAGED, CustomerCategory.UNMANAGED, CustomerCategory.OTHER)


@dataclass
class CustomerRow:
    """One customer; `linked` are further entries of the same one, any of which may be chosen."""

    account: CustomerAccount
    score: float
    why: str
    linked: list[CustomerAccount] = field(default_factory=list)


@dataclass
class CustomerTab:
    category: CustomerCategory
    rows: list[CustomerRow] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.rows)

    @property
    def shown(self) -> list[CustomerRow]:
        return self.rows[:TAB_LIMIT]


@dataclass
class CustomerResults:
    asked: bool
    tabs: list[CustomerTab]

    @property
    def total(self) -> int:
        return sum(tab.count for tab in self.tabs)

    def tab(self, category: str) -> CustomerTab:
        """The tab asked for, else the first with a row."""
        named = [tab for tab in self.tabs if tab.category == category]
        return next((tab for tab in [*named, *self.tabs] if tab.rows), (named or self.tabs)[0])


def choosable_by(who: Who) -> QuerySet[CustomerAccount]:
    """Accounts that `who` may choose: typed ones only of the own organization, federal ones only from the directory."""
    return CustomerAccount.objects.filter(
        ~Q(category=CustomerCategory.MANUAL) | Q(entered_by=who.organization)
    ).exclude(~Q(category=CustomerCategory.OTHER), federal=True)


def search_customers(
    who: Who, *, name: str = "", country: str = "", city: str = "", account_id: str = "", wide: bool = False
) -> CustomerResults:
    """By account ID (host's ID, D-U-N-S or domain), or by name with a place that narrows (country) and ranks (city).

    `wide` is "Search more": less similar names, every country.
    """
    accounts = choosable_by(who).select_related("parent")
    if account_id := account_id.strip():
        digits = account_id.replace("-", "")
        found = accounts.filter(
            Q(account_id__iexact=account_id) | Q(duns=digits or "-") | Q(domain__iexact=account_id)
        )
        return _results([CustomerRow(account, 100, _("same ID")) for account in found[:CANDIDATES]])
    if not name.strip():
        return CustomerResults(asked=False, tabs=[CustomerTab(category) for category in TABS])
    if country and not wide:
        accounts = accounts.filter(country=country)
    query = name_key(name)
    near = accounts.annotate(nearness=TrigramWordSimilarity(query, "search_text")).filter(
        Q(nearness__gte=WIDE if wide else NEAR) | Q(search_text__contains=query)
    )
    rows = [_scored(account, query, country, city) for account in near.order_by("-nearness", "pk")[:CANDIDATES]]
    return _results(row for row in rows if row.score >= (50 if wide else 65))


def _scored(account: CustomerAccount, query: str, country: str, city: str) -> CustomerRow:
    """The best of the account's names against the query (0 to 100), and which of them it was."""
    names = [(account.name, _("name")), *((former, _("former name “%s”") % former) for former in account.former_names)]
    if account.parent:
        names.append((account.parent.name, _("parent company %s") % account.parent.name))
    score, why = max(((_likeness(query, name_key(name)), why) for name, why in names), key=lambda pair: pair[0])
    place = (2 if country and account.country == country else 0) + (
        3 if city and name_key(city) == name_key(account.city or "-") else 0
    )
    label = why if score >= 97 else _("%(what)s, %(score)d %% alike") % {"what": why, "score": score}
    return CustomerRow(account, score + place, label)


def _likeness(query: str, name: str) -> float:
    if name.startswith(query):
        return 98 if name != query else 100
    return max(fuzz.token_sort_ratio(query, name), fuzz.token_set_ratio(query, name) - 3)


def _results(rows: Iterable[CustomerRow]) -> CustomerResults:
    tabs = {category: CustomerTab(category) for category in TABS}
    groups: dict[object, CustomerRow] = {}
    for row in sorted(rows, key=lambda row: (-row.score, row.account.name, row.account.pk)):
        account = row.account
        category = CustomerCategory(account.category)
        key = (category, account.linked_group or account.pk)
        if key in groups:
            groups[key].linked.append(account)
            continue
        groups[key] = row
        tabs[CustomerCategory.OTHER if category == CustomerCategory.MANUAL else category].rows.append(row)
    return CustomerResults(asked=True, tabs=list(tabs.values()))
