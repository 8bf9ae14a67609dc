"""How fast customers are found, and whether: six kinds of queries made from the accounts of the database itself.

`python -m cosell.local.bench.search 200` measures the database of DATABASE_URL and prints the figures as JSON.
"""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from cosell.local.bench import customers, loading, names

if TYPE_CHECKING:
    from accounts.models import CustomerAccount
    from accounts.search import CustomerResults
    from accounts.who import Who

KINDS = ("exact", "typo", "reordered words", "other legal form", "3-letter prefix", "no hit")
WARM_UP = 20  # so many queries of each kind at most do not count
GOAL_MS, GOAL_GROWTH = 30.0, 3.0  # quality.md: p95, and how it may grow from the small to the big database


@dataclass(frozen=True)
class Query:
    text: str
    country: str
    target: "CustomerAccount | None"


@dataclass(frozen=True)
class Figures:
    """Of one kind of query, with or without its country. Times in ms; `cpu` is the Python process's share.

    `top_5` and `top_25` are the shares of queries whose account stood so high in its tab, `empty` of those that
    showed nothing.
    """

    kind: str
    with_country: bool
    times: list[float]
    cpu: float
    top_5: float
    top_25: float
    empty: float

    @property
    def p95(self) -> float:
        return percentile(self.times, 95)


def percentile(values: Iterable[float], share: int) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, len(ranked) * share // 100)]


def measure(url: str, queries: int) -> list[Figures]:
    """Every kind, with and without the country, in a process that knows only this database."""
    answer = loading.run(url, "-m", "cosell.local.bench.search", str(queries), stdout=-1)
    return [Figures(**figures) for figures in json.loads(answer)]


# in that process


def _measure(queries: int) -> Iterator[Figures]:
    who, random, warm_up = _who(), Random(1), min(WARM_UP, queries)  # noqa: S311  no secret
    sampled = iter(_sample(random, 5 * len(KINDS) * (queries + warm_up)))
    prepared = [
        (kind, country, list(islice(_queries(kind, random, sampled, with_country=country), queries + warm_up)))
        for kind in KINDS
        for country in (False, True)
    ]
    for _kind, _country, asked in prepared:
        for query in asked[:warm_up]:
            _timed(who, query)
    for kind, country, asked in prepared:
        answers = [(query, *_timed(who, query)) for query in asked[warm_up:]]
        ranks = [_rank(results, query.target) for query, _wall, _cpu, results in answers]
        yield Figures(
            kind=kind,
            with_country=country,
            times=[wall for _query, wall, _cpu, _results in answers],
            cpu=percentile((cpu for _query, _wall, cpu, _results in answers), 50),
            top_5=sum(rank < 5 for rank in ranks) / len(ranks),
            top_25=sum(rank < 25 for rank in ranks) / len(ranks),
            empty=sum(not any(tab.rows for tab in results.tabs) for *_rest, results in answers) / len(ranks),
        )


def _who() -> "Who":
    """Somebody of a partner: what may be chosen depends on the organization, and on nothing else."""
    from accounts.models import Organization, User  # noqa: PLC0415  once Django is set up
    from accounts.who import Who  # noqa: PLC0415

    organization, _is_new = Organization.objects.get_or_create(name="Contoso Data", defaults={"country": "BR"})
    return Who(User(), organization, ())


def _sample(random: Random, wanted: int) -> "list[CustomerAccount]":
    from accounts.models import CustomerAccount  # noqa: PLC0415

    share = min(100.0, 130 * wanted / max(1, CustomerAccount.objects.count()))
    sampled = CustomerAccount.objects.raw(
        "SELECT * FROM accounts_customeraccount TABLESAMPLE BERNOULLI (%s) REPEATABLE (1) WHERE NOT federal", [share]
    )
    found = sorted(sampled, key=lambda account: account.account_id or "")
    random.shuffle(found)
    return found


def _queries(
    kind: str, random: Random, sampled: "Iterator[CustomerAccount]", *, with_country: bool
) -> Iterator[Query]:
    """Endless while accounts last; one that cannot be asked for in this way is passed over."""
    for account in sampled:
        if kind == "no hit":
            text = _stranger(random)
        else:
            text = _asked(kind, random, account.name, account.country)
        if text:
            yield Query(text, account.country if with_country else "", None if kind == "no hit" else account)


def _asked(kind: str, random: Random, name: str, country: str) -> str:
    """What somebody types who wants this account; empty where this kind makes no sense."""
    base = _without_form(name, country)
    words = base.split()
    if kind == "typo":
        return _misspelt(random, words)
    if kind == "reordered words":
        other = random.sample(words, len(words))
        return " ".join(other) if other != words else ""
    if kind == "other legal form":
        form = random.choice(customers.forms(country))
        return f"{base} {form}" if not name.lower().endswith(form.lower()) else ""
    if kind == "3-letter prefix":
        return name[:3] if name[:3].isalpha() else ""
    return name


def _misspelt(random: Random, words: list[str]) -> str:
    """One edit in a word of five letters or more; in a long one often a second."""
    places = [place for place, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    if not places:
        return ""
    place = random.choice(places)
    typed = customers.misspelt(random, words[place])
    if len(typed) >= 8 and random.random() < 0.5:
        typed = customers.misspelt(random, typed)
    return " ".join([*words[:place], typed, *words[place + 1 :]]) if typed != words[place] else ""


def _stranger(random: Random) -> str:
    """Two words as a company may be called, and that no name holds."""
    from accounts.models import CustomerWord  # noqa: PLC0415

    words = [names.coined(random, 4) for _each in range(2)]
    known = CustomerWord.objects.filter(word__in=[word.lower() for word in words]).exists()
    return "" if known else " ".join(words)


def _without_form(name: str, country: str) -> str:
    lowered = name.lower()
    for form in _forms(country):
        if lowered.endswith(f" {form}"):
            return name[: -len(form) - 1].rstrip(" ,")
    return name


@cache
def _forms(country: str) -> list[str]:
    return sorted((form.lower() for form in customers.forms(country)), key=len, reverse=True)


def _timed(who: "Who", query: Query) -> "tuple[float, float, CustomerResults]":
    """Milliseconds on the clock and of this process, and what was found."""
    from accounts.search import search_customers  # noqa: PLC0415

    started, worked = time.perf_counter(), time.process_time()
    results = search_customers(who, name=query.text, country=query.country)
    _shown = results.tab("").rows  # the page shows one tab
    return (time.perf_counter() - started) * 1000, (time.process_time() - worked) * 1000, results


def _rank(results: "CustomerResults", target: "CustomerAccount | None") -> int:
    """Where in its tab the account stands, or one that no name tells from it: linked to it, or called the same."""
    if target is None:
        return sys.maxsize
    for tab in results.tabs:
        if tab.category == target.category:
            for rank, row in enumerate(tab.rows):
                is_linked = row.account.linked_group and row.account.linked_group == target.linked_group
                if row.account.pk == target.pk or is_linked or row.account.search_name == target.search_name:
                    return rank
    return sys.maxsize


if __name__ == "__main__":
    import django
    from django.utils import translation

    django.setup()
    with translation.override("en"):
        print(json.dumps([asdict(figures) for figures in _measure(int(sys.argv[1]))]))
