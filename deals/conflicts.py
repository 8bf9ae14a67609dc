"""The conflict check: likely duplicates of a deal that is being typed (product.md §5, §10; docs/conflict-check.md).

Only sides of the person's own organization are compared. What others do on the same customer changes nothing here, not
even a count. Of own deals that the person may not open, the customer alone is compared: a score that moved with their
name or value would tell both to whoever types long enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Self
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from rapidfuzz import fuzz

from accounts.enums import CustomerCategory, SolutionKind
from accounts.models import CustomerAccount
from accounts.names import bare_domain, name_key, words_of
from deals.enums import OPEN, Likeness, Stage
from deals.models import Deal, DealSolution

if TYPE_CHECKING:
    from accounts.models import Solution
    from accounts.who import Who

# What each likeness is worth; of the customer's, only the strongest counts. The page in docs shows the same table.
POINTS = {
    Likeness.CUSTOMER: 50,
    Likeness.LINKED: 40,
    Likeness.DUNS: 40,
    Likeness.DOMAIN: 40,
    Likeness.NAMESAKE: 40,
    Likeness.GROUP: 25,
    Likeness.SOLUTION: 25,
    Likeness.OVERLAP: 10,
    Likeness.NAME: 15,
    Likeness.CLOSE_ON: 5,
    Likeness.VALUE: 5,
    Likeness.NOT_WON: -10,
    Likeness.ERROR: -30,
    Likeness.LONG_AGO: -10,
}
POSSIBLE, LIKELY, VERY_LIKELY = 40, 60, 80  # from how many points on; fewer than the first are not shown
CLOSED_WITHIN = timedelta(days=180)
LONG_AGO = timedelta(days=90)
NAMES_ALIKE = 85  # percent
DAYS_NEAR = 60
VALUE_NEAR = Decimal("0.2")  # of the larger
SHOWN = 5
COMPARED = 200  # sides, the newest first


@dataclass(frozen=True)
class Customer:
    """What of a customer is compared; one that is no account yet has no `pk`."""

    name: str
    country: str
    domain: str = ""
    duns: str = ""
    pk: int | None = None
    linked_group: UUID | None = None
    parent_id: int | None = None
    merged_into_id: int | None = None

    @classmethod
    def of(cls, account: CustomerAccount) -> Self:
        given = ("name", "country", "domain", "duns", "pk", "linked_group", "parent_id", "merged_into_id")
        return cls(**{name: getattr(account, name) for name in given})

    @classmethod
    def described(cls, *, name: str, country: str, domain: str, duns: str) -> Self:
        """As a person or a directory gives it."""
        return cls(name, country, bare_domain(domain), duns.replace("-", ""))

    @cached_property
    def key(self) -> str:
        """The name as names are compared; empty without a letter or digit."""
        return name_key(self.name)[:200] if words_of(self.name) else ""


@dataclass(frozen=True)
class Sketch:
    """What of a deal is compared, as far as it is known. One that is typed has no stage."""

    customer: Customer
    name: str = ""
    solutions: frozenset[int] = frozenset()
    products: frozenset[int] = frozenset()  # those of the solutions that are the host's own
    area: int | None = None
    value: Decimal | None = None
    currency: str = ""
    close_on: date | None = None
    stage: str = ""
    closed_at: datetime | None = None


class Score(NamedTuple):
    """0 to 100, with what makes it; `alike` is how alike the deals' names are, in percent."""

    points: int
    why: tuple[Likeness, ...]
    alike: int = 0

    @property
    def words(self) -> list[str]:
        """Each reason, for people."""
        return [str(each.label) % {"alike": self.alike} if "%" in each.label else str(each.label) for each in self.why]


def relation(one: Customer, other: Customer) -> Likeness | None:
    """The closest way in which two customers are the same, or belong together."""
    if one.pk and other.pk and _kept(one) == _kept(other):
        return Likeness.CUSTOMER
    if one.linked_group and one.linked_group == other.linked_group:
        return Likeness.LINKED
    if one.duns and one.duns == other.duns:
        return Likeness.DUNS
    if one.domain and one.domain == other.domain:
        return Likeness.DOMAIN
    if one.key and (one.key, one.country) == (other.key, other.country):
        return Likeness.NAMESAKE
    if (one.pk and one.pk == other.parent_id) or (other.pk and other.pk == one.parent_id):
        return Likeness.GROUP
    return None


def _kept(customer: Customer) -> int | None:
    """The account that stands for it: of two that were merged, the one that stayed."""
    return customer.merged_into_id or customer.pk


def compare(typed: Sketch, known: Sketch, now: datetime) -> Score:
    """How likely the deal being typed repeats a known one."""
    related = relation(typed.customer, known.customer)
    if related is None:
        return Score(0, ())
    alike = names_alike(typed, known)
    found = (related, *_in_common(typed, known, alike), *_ended(known, now))
    return Score(max(0, sum(POINTS[each] for each in found)), found, alike)


def _in_common(typed: Sketch, known: Sketch, alike: int) -> Iterable[Likeness]:
    both = typed.solutions & known.solutions
    if both - typed.products:
        yield Likeness.SOLUTION
    elif both or (typed.area and typed.area == known.area):
        yield Likeness.OVERLAP
    if alike >= NAMES_ALIKE:
        yield Likeness.NAME
    if typed.close_on and known.close_on and abs((typed.close_on - known.close_on).days) <= DAYS_NEAR:
        yield Likeness.CLOSE_ON
    if typed.value and known.value and typed.currency == known.currency:
        low, high = sorted((typed.value, known.value))
        if high - low <= VALUE_NEAR * high:
            yield Likeness.VALUE


def _ended(known: Sketch, now: datetime) -> Iterable[Likeness]:
    if known.stage == Stage.ERROR:
        yield Likeness.ERROR
    elif known.stage in (Stage.LOST, Stage.DECLINED, Stage.EXPIRED):
        yield Likeness.NOT_WON
    if known.closed_at and now - known.closed_at > LONG_AGO:
        yield Likeness.LONG_AGO


def names_alike(typed: Sketch, known: Sketch) -> int:
    """0 to 100. The customer's name tells nothing in the name of a deal with it, unless nothing else stands there."""
    names = [words_of(typed.name), words_of(known.name)]
    of_customer = {*words_of(typed.customer.name), *words_of(known.customer.name)}
    rest = [tuple(word for word in words if word not in of_customer) for words in names]
    one, other = rest if all(rest) else names
    return int(fuzz.token_sort_ratio(" ".join(one), " ".join(other))) if one and other else 0


@dataclass(frozen=True)
class Duplicate:
    """A deal that the person may open, and how likely the one being typed repeats it."""

    deal: Deal
    score: Score

    @property
    def strength(self) -> str:
        points = self.score.points
        return "very_likely" if points >= VERY_LIKELY else "likely" if points >= LIKELY else "possible"


@dataclass(frozen=True)
class Conflicts:
    """The likeliest first. Of deals that the person may not open: how many there are, and nothing of any."""

    shown: list[Duplicate] = field(default_factory=list)
    hidden: int = 0

    @property
    def count(self) -> int:
        return len(self.shown) + self.hidden


def conflicts(who: Who, typed: Sketch, now: datetime) -> Conflicts:
    """Own deals, open or closed in the last 180 days, on the customer of the deal being typed. Two queries."""
    sides = _newest(_candidates(who, typed.customer, now)[:COMPARED])
    # not as a part of the first query: there it would be asked of every deal that there is
    may_open = set(
        Deal.objects.visible_to(who).filter(pk__in=[side.pk for side in sides]).values_list("pk", flat=True)
    )
    shown, hidden = [], 0
    for side in sides:
        known = _sketch(side)
        if side.pk not in may_open:
            related = relation(typed.customer, known.customer)
            hidden += related is not None and POINTS[related] >= POSSIBLE
        elif (score := compare(typed, known, now)).points >= POSSIBLE:
            shown.append(Duplicate(side, score))
    shown.sort(key=lambda each: (-each.score.points, -each.deal.pk))
    return Conflicts(shown[:SHOWN], hidden)


def _candidates(who: Who, customer: Customer, now: datetime) -> QuerySet[Deal]:
    """Begins with the own sides: no other organization's side is ever in it."""
    own = Deal.objects.filter(organization=who.organization)
    return (
        own.filter(Q(stage__in=OPEN) | Q(closed_at__gte=now - CLOSED_WITHIN))
        .filter(engagement__customer__in=CustomerAccount.objects.filter(_related(customer)).order_by().values("pk"))
        .annotate(solution_ids=ArraySubquery(DealSolution.objects.filter(deal=OuterRef("pk")).values("solution_id")))
        .select_related("engagement__customer")
        .defer("invite_notes", "engagement__customer_problem", "engagement__help_needed")
        .defer("engagement__customer__search_text", "engagement__customer__search_vector")
        .order_by("-pk")
    )


def _related(customer: Customer) -> Q:
    """Accounts to which `relation` finds a way; each condition has an index."""
    found = Q(pk__in=[pk for pk in (customer.pk, customer.merged_into_id, customer.parent_id) if pk])
    if customer.pk:
        found |= Q(merged_into=customer.pk) | Q(parent=customer.pk)
    for name in ("linked_group", "duns", "domain"):
        if value := getattr(customer, name):
            found |= Q(**{name: value})
    if customer.key:
        categories = CustomerCategory.values  # the index on names in a country begins with both
        found |= Q(country=customer.country, category__in=categories, search_name=customer.key)
    return found


def _newest(sides: Iterable[Deal]) -> list[Deal]:
    """Of each engagement the newest side."""
    once: dict[int, Deal] = {}
    for side in sides:
        once.setdefault(side.engagement_id, side)
    return list(once.values())


def _sketch(side: Deal) -> Sketch:
    return Sketch(
        customer=Customer.of(side.engagement.customer),
        name=side.name,
        solutions=frozenset(side.solution_ids),  # type: ignore[attr-defined]
        area=side.engagement.solution_area_id,
        value=side.value,
        currency=side.currency,
        close_on=side.close_on,
        stage=side.stage,
        closed_at=side.closed_at,
    )


def products(solutions: Iterable[Solution]) -> frozenset[int]:
    """Of some solutions the host's own products, which many different deals have in common."""
    return frozenset(each.pk for each in solutions if each.kind == SolutionKind.FIRST_PARTY)
