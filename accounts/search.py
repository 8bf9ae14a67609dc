"""Find the customer account that a person means (product.md §4).

Candidates come from PostgreSQL's trigrams over every name of an account; they are ranked again here, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from uuid import UUID

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount
from accounts.names import name_key
from accounts.who import Who

NEAR, WIDE = 0.5, 0.3  # least word similarity of a candidate, 0 to 1
LIKE_NEAR, LIKE_WIDE = 65, 50  # least likeness of a row, 0 to 100
BEGINS = 98  # likeness of a name that begins with what was typed
CANDIDATES = 200
TAB_LIMIT = 25
TABS = (CustomerCategory.MANAGED, CustomerCategory.UNMANAGED, CustomerCategory.OTHER)


@dataclass
class CustomerRow:
    """One customer; `linked` are further entries of the same one, any of which may be chosen.

    `why` is empty where the name says it by itself.
    """

    account: CustomerAccount
    score: float
    why: str
    linked: list[CustomerAccount] = field(default_factory=list)

    @property
    def linked_uids(self) -> set[str]:
        return {str(account.uid) for account in self.linked}


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
    """Accounts that `who` may choose: typed ones only of the own organization, federal ones only of the directory."""
    return CustomerAccount.objects.filter(
        ~Q(category=CustomerCategory.MANUAL) | Q(entered_by=who.organization)
    ).exclude(~Q(category=CustomerCategory.OTHER), federal=True)


def find_choosable(who: Who, uid: str) -> CustomerAccount | None:
    """The account that a form names, if `who` may choose it."""
    try:
        return choosable_by(who).filter(uid=UUID(uid)).first()
    except ValueError:
        return None


def chosen_elsewhere(who: Who, uid: str, tab: CustomerTab) -> CustomerAccount | None:
    """The account chosen before, when the tab does not show it: another search or tab must not lose the choice."""
    shown = any(uid == str(row.account.uid) or uid in row.linked_uids for row in tab.shown)
    return None if shown else find_choosable(who, uid)


def search_customers(
    who: Who, *, name: str = "", country: str = "", city: str = "", account_id: str = "", wide: bool = False
) -> CustomerResults:
    """By account ID (host's ID, D-U-N-S or domain), or by name with a place that narrows (country) and ranks (city).

    `wide` is "Search more": less similar names, every country.
    """
    name, country, account_id = (text.replace("\0", "").strip() for text in (name, country, account_id))
    accounts = choosable_by(who).select_related("parent")
    if account_id:
        found = accounts.filter(_same_id(account_id))[:CANDIDATES]
        return _results(who, [CustomerRow(account, 100, _("same ID")) for account in found])
    if not name:
        return CustomerResults(asked=False, tabs=[CustomerTab(category) for category in TABS])
    if country and not wide:
        accounts = accounts.filter(country=country)
    query = name_key(name)
    rows = [_scored(account, query, country, city) for account in _candidates(accounts, query, wide=wide)]
    least = LIKE_WIDE if wide else LIKE_NEAR
    return _results(who, [row for row in rows if row.score >= least])


def _same_id(typed: str) -> Q:
    """The host's ID, a D-U-N-S with or without hyphens, or a domain, also out of an address of web or mail."""
    domain = re.sub(r"^(\w+://)?([^/@]*@)?(www\.)?|[/:?#].*$", "", typed.lower())
    given = {"account_id__in": {typed, typed.upper()}, "duns": typed.replace("-", ""), "domain": domain}
    return reduce(or_, (Q(**{field: value}) for field, value in given.items() if value))


def _candidates(accounts: QuerySet[CustomerAccount], query: str, *, wide: bool) -> list[CustomerAccount]:
    """Accounts with a name near the query, one that holds it, or one with which it begins ("Zava" of "Zava Retail").

    Every condition is one that the trigram index answers; of two letters it only knows how names begin.
    """
    if len(query) < 3:
        return list(accounts.filter(search_text__startswith=query).order_by("name", "pk")[:CANDIDATES])
    words = query.split()
    shorter = [" ".join(words[:length]) for length in range(1, len(words)) if len(" ".join(words[:length])) > 3]
    found = Q(search_text__trigram_word_similar=query) | Q(search_text__contains=query)
    if shorter:
        found |= Q(search_text__regex=rf"(^|\|)({'|'.join(map(re.escape, shorter))})(\||$)")
    ranked = accounts.filter(found).annotate(nearness=TrigramWordSimilarity(query, "search_text"))
    with transaction.atomic(), connection.cursor() as cursor:
        least = str(WIDE if wide else NEAR)
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [least])
        return list(ranked.order_by("-nearness", "pk")[:CANDIDATES])


@dataclass
class _Found:
    """One of an account's names against the query, with the words for it."""

    likeness: float
    same: str
    similar: str
    loss: int = 0


def _scored(account: CustomerAccount, query: str, country: str, city: str) -> CustomerRow:
    """The best of the account's names against the query (0 to 100), and which of them it was; its own comes first."""
    similar = _("similar name")
    found = [_Found(_likeness(query, name_key(account.name)), "", similar)]
    for former in account.former_names:
        words = _("former name “%s”") % former
        found.append(_Found(_likeness(query, name_key(former)), words, words, loss=1))
    if account.parent:
        words = _("parent company “%s”") % account.parent.name
        found.append(_Found(_likeness(query, name_key(account.parent.name)), words, words, loss=3))
    best = max(found, key=lambda each: each.likeness - each.loss)
    why = best.same
    if best.likeness < BEGINS:
        why = _("%(what)s, %(score)d%% alike") % {"what": best.similar, "score": best.likeness}
    place = (2 if country and account.country == country else 0) + (
        3 if city and name_key(city) == name_key(account.city or "-") else 0
    )
    return CustomerRow(account, best.likeness - best.loss + place, why)


def _likeness(query: str, name: str) -> float:
    """0 to 100 for two normalised names: typos, word order, spaces and words left out cost little."""
    if name.startswith(query):
        return 100 if name == query else BEGINS
    unsaid = 1 - len(set(query.split()) & set(name.split())) / len(query.split())
    scores = [
        fuzz.token_sort_ratio(query, name),
        fuzz.ratio(query.replace(" ", ""), name.replace(" ", "")) - 1,
        fuzz.token_set_ratio(query, name) - 4 - 25 * unsaid,
    ]
    if f" {query}" in name:
        scores.append(92)
    if min(len(query), len(name)) >= 5:
        scores.append(0.88 * fuzz.partial_ratio(query, name))
    return max(scores)


def _results(who: Who, rows: Iterable[CustomerRow]) -> CustomerResults:
    """Rows into tabs, best first; entries of one customer in one row."""
    tabs = {category: CustomerTab(category) for category in TABS}
    groups: dict[tuple[str, UUID | None], CustomerRow] = {}
    for row in sorted(rows, key=lambda row: (-row.score, len(row.account.name), row.account.name, row.account.pk)):
        account = row.account
        if account.linked_group and groups.setdefault((account.category, account.linked_group), row) is not row:
            continue
        manual = account.category == CustomerCategory.MANUAL
        tabs[CustomerCategory.OTHER if manual else CustomerCategory(account.category)].rows.append(row)
    for account in _linked(who, groups):
        first = groups.get((account.category, account.linked_group))
        if first and first.account != account:
            first.linked.append(account)
    return CustomerResults(asked=True, tabs=list(tabs.values()))


def _linked(who: Who, groups: Iterable[tuple[str, UUID | None]]) -> Iterable[CustomerAccount]:
    """Every entry of these groups, also those whose own name is nothing like what was typed."""
    ids = {group for _category, group in groups}
    return choosable_by(who).filter(linked_group__in=ids) if ids else ()
