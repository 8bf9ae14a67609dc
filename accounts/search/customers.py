"""Find the customer account that a person means, among millions (product.md §4, docs/customer-search.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial, reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import CustomerCategory
from accounts.likeness import Asked
from accounts.models import CustomerAccount
from accounts.names import bare_domain, initials_of, name_key, quoted, words_of
from accounts.search.by_name import ARM, ByName, Hit, Place, rows_of
from accounts.who import Who

SAID_PLAINLY = 97  # a name this alike is its own reason
TAB_LIMIT = 25
COUNT_LIMIT = 100
TABS = (CustomerCategory.MANAGED, CustomerCategory.UNMANAGED, CustomerCategory.OTHER)


@dataclass
class CustomerRow:
    """One customer; `linked` are further entries of the same one, any of which may be chosen.

    `score` is 0 to 100 with what the place adds; `why` is empty where the name says it by itself.
    """

    account: CustomerAccount
    score: float
    why: str
    linked: list[CustomerAccount] = field(default_factory=list)

    @property
    def linked_uids(self) -> set[str]:
        return {str(account.uid) for account in self.linked}


def count_label(count: int) -> str:
    """Exact to 100, then "100+"."""
    return f"{COUNT_LIMIT}+" if count > COUNT_LIMIT else str(count)


class CustomerTab:
    """The customers of a category, the most similar first; how many is exact to 100. Rows are loaded when read."""

    def __init__(
        self,
        category: CustomerCategory,
        hits: Sequence[Hit] = (),
        load: Callable[[Sequence[Hit]], list[CustomerRow]] = lambda hits: [],
    ) -> None:
        self.category, self.count = category, len(hits)
        self.best = hits[0].score if hits else 0.0
        self._hits, self._load = hits[:TAB_LIMIT], load

    @property
    def count_label(self) -> str:
        return count_label(self.count)

    @cached_property
    def rows(self) -> list[CustomerRow]:
        """The first 25."""
        return self._load(self._hits) if self._hits else []


@dataclass
class CustomerResults:
    asked: bool
    tabs: list[CustomerTab]

    @property
    def total(self) -> int:
        return sum(tab.count for tab in self.tabs)

    @property
    def best_first(self) -> list[CustomerRow]:
        """The rows of all tabs in one order."""
        return sorted((row for tab in self.tabs for row in tab.rows), key=lambda row: -row.score)

    def tab(self, category: str) -> CustomerTab:
        """The tab asked for, else the one with the best row."""
        named = [tab for tab in self.tabs if tab.category == category]
        best = sorted(self.tabs, key=lambda tab: -tab.best)
        return next((tab for tab in [*named, *best] if tab.count), (named or self.tabs)[0])


def choosable_by(who: Who) -> QuerySet[CustomerAccount]:
    """Accounts that `who` may choose: typed ones only of the own organization, federal ones only of the directory."""
    return CustomerAccount.objects.filter(
        ~Q(category=CustomerCategory.MANUAL) | Q(entered_by=who.organization),
        Q(federal=False) | Q(category=CustomerCategory.OTHER),
        merged_into=None,
    )


def known_accounts() -> QuerySet[CustomerAccount]:
    """Accounts that the lists know; nobody typed them."""
    return CustomerAccount.objects.filter(category__in=TABS, merged_into=None)


def find_choosable(who: Who, uid: str) -> CustomerAccount | None:
    """The account that a form names, if `who` may choose it."""
    try:
        return choosable_by(who).filter(uid=UUID(uid)).first()
    except ValueError:
        return None


def chosen_elsewhere(who: Who, uid: str, tab: CustomerTab) -> CustomerAccount | None:
    """The account chosen before, when the tab does not show it: another search or tab must not lose the choice."""
    shown = any(uid == str(row.account.uid) or uid in row.linked_uids for row in tab.rows)
    return None if shown else find_choosable(who, uid)


def search_customers(
    who: Who,
    *,
    name: str = "",
    country: str = "",
    state: str = "",
    city: str = "",
    account_id: str = "",
    wide: bool = False,
    here: bool = False,
) -> CustomerResults:
    """By account ID (host's ID, D-U-N-S or domain), or by name and place.

    `country` narrows, `state` and `city` rank; with `here` they narrow too. `wide` is "Search more": less similar
    names, every country.
    """
    name, country, account_id = (text.replace("\0", "").strip(" \t") for text in (name, country, account_id))
    accounts = choosable_by(who)
    if account_id:
        return _results(accounts, _by_id(accounts, account_id), None)
    if not words_of(name):
        return CustomerResults(asked=bool(name), tabs=[CustomerTab(category) for category in TABS])
    place = Place(country, state, city)
    search = ByName(accounts, name, place, wide=wide, here=here)
    return _results(accounts, search.hits(), search.asked)


def named(prefix: str, text: str) -> Q:
    """Rows whose customer (at `prefix`, like "engagement__customer__") has these words, the last maybe unfinished."""
    words = words_of(text)
    if not words:
        return Q(pk__in=())
    return Q(**{f"{prefix}search_vector__holds": " & ".join(f"{quoted(word)}:*" for word in words)})


def same_id(typed: str) -> Q:
    """The host's ID, a D-U-N-S with or without hyphens, or a domain, also out of an address of web or mail."""
    given = {"account_id__in": {typed, typed.upper()}, "duns": typed.replace("-", ""), "domain": bare_domain(typed)}
    return reduce(or_, (Q(**{field: value}) for field, value in given.items() if value))


def _by_id(accounts: QuerySet[CustomerAccount], typed: str) -> list[Hit]:
    found = rows_of(accounts.filter(same_id(typed)).order_by("name", "pk"), 4 * ARM)
    return [each.hit(100.0, _("same ID")) for each in found]


def _results(accounts: QuerySet[CustomerAccount], hits: Iterable[Hit], asked: Asked | None) -> CustomerResults:
    """Hits into tabs, best first; entries of one customer in one row."""
    found: dict[str, dict[object, Hit]] = {tab: {} for tab in TABS}
    for hit in sorted(hits, key=lambda hit: (-hit.score, len(hit.name), hit.name, hit.pk)):
        tab = CustomerCategory.OTHER if hit.category == CustomerCategory.MANUAL else hit.category
        found[tab].setdefault((hit.category, hit.linked_group or hit.pk), hit)
    load = partial(_loaded, accounts, asked)
    tabs = [CustomerTab(CustomerCategory(tab), list(rows.values()), load) for tab, rows in found.items()]
    return CustomerResults(asked=True, tabs=tabs)


def _loaded(accounts: QuerySet[CustomerAccount], asked: Asked | None, hits: Sequence[Hit]) -> list[CustomerRow]:
    """The accounts of these hits with why they were found, and their linked entries."""
    known = accounts.order_by().select_related("parent").defer("search_vector").in_bulk([hit.pk for hit in hits])
    linked = _linked(accounts, [hit for hit in hits if hit.linked_group])
    rows = []
    for hit in hits:
        if account := known.get(hit.pk):
            why = _why(asked, account) if asked else hit.why
            rows.append(CustomerRow(account, hit.score, why, linked.get((hit.category, hit.linked_group), [])))
    return rows


def _linked(
    accounts: QuerySet[CustomerAccount], hits: Sequence[Hit]
) -> dict[tuple[str, UUID | None], list[CustomerAccount]]:
    """Every other entry of these groups, also those whose own name is nothing like what was typed."""
    if not hits:
        return {}
    first = {hit.pk for hit in hits}
    groups: dict[tuple[str, UUID | None], list[CustomerAccount]] = {}
    for account in accounts.filter(linked_group__in={hit.linked_group for hit in hits}).defer("search_vector")[:500]:
        if account.pk not in first:
            groups.setdefault((account.category, account.linked_group), []).append(account)
    return groups


def _why(asked: Asked, account: CustomerAccount) -> str:
    """Which of its names was meant, where it is not the own one as it was typed."""
    here = words_of(account.city)
    names = [(account.name, "", _("similar name"), 0)]
    names += [(name, _("former name “%s”") % name, "", 2) for name in account.former_names]
    names += [(name, _("also known as “%s”") % name, "", 2) for name in account.trade_names]
    if account.parent:
        names.append((account.parent.name, _("parent company “%s”") % account.parent.name, "", 3))
    alike, key, plain, near = max(
        ((asked.likeness(name_key(name), here) - loss, name_key(name), plain, near or plain)
         for name, plain, near, loss in names),
        key=lambda each: each[0],
    )  # fmt: skip
    if alike >= SAID_PLAINLY or asked.stands_in(key):
        return plain
    if asked.letters and asked.letters in initials_of(account.name):
        return _("initials of the name")
    return _("%(what)s, %(score)d %% alike") % {"what": near, "score": max(alike, 0)}
