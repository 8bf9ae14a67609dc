"""How well customers are found: labelled queries as people type them, against the accounts they mean (tests/data).

Used by the tests on the open set, by `make quality` on both, and by the bench among five million others.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.search import CustomerRow
    from accounts.who import Who

DATA = Path(__file__).parents[3] / "tests" / "data"
ACCOUNTS, OPEN, SEALED = (DATA / f"customer_{name}.csv" for name in ("accounts", "names", "names_sealed"))
TOP_5, TOP_1, FALSE_HITS = 98.0, 92.0, 1.0  # quality.md, in per cent


@dataclass
class Score:
    """What came of a set: counts, and a line for every query that did not find the right account first."""

    asked: int = 0
    first: int = 0
    among_five: int = 0
    strangers: int = 0
    false_hits: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def top_1(self) -> float:
        return 100 * self.first / max(self.asked, 1)

    @property
    def top_5(self) -> float:
        return 100 * self.among_five / max(self.asked, 1)

    @property
    def false(self) -> float:
        """Strangers for whom somebody was shown, in per cent."""
        return 100 * self.false_hits / max(self.strangers, 1)

    def __str__(self) -> str:
        return (
            f"{self.asked} queries: top 1 {self.top_1:.1f} %, top 5 {self.top_5:.1f} %;"
            f" {self.strangers} strangers: {self.false_hits} false hits ({self.false:.1f} %)"
        )


def cases(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def judge(who: Who, asked: Iterable[dict[str, str]]) -> Score:
    """Ask every query as `who`, over all tabs in one order. Linked entries are one customer: any of them is right."""
    from accounts.search import search_customers  # noqa: PLC0415  once Django is set up

    score = Score()
    for case in asked:
        rows = search_customers(who, name=case["query"], country=case["country"], city=case["city"]).best_first
        right = {each for each in case["account_id"].split("|") if each}
        if right:
            _found(score, case, right, rows)
        else:
            score.strangers += 1
            if rows:
                score.false_hits += 1
                score.misses.append(_line("false hit", case, "nobody", rows))
    return score


def _found(score: Score, case: dict[str, str], right: set[str], rows: list[CustomerRow]) -> None:
    score.asked += 1
    rank = next((rank for rank, row in enumerate(rows) if right & _ids(row)), 99)
    score.first += rank == 0
    score.among_five += rank < 5
    if rank:
        score.misses.append(_line("miss" if rank > 4 else f"place {rank + 1}", case, "|".join(sorted(right)), rows))


def _ids(row: CustomerRow) -> set[str | None]:
    return {row.account.account_id, *(account.account_id for account in row.linked)}


def _line(what: str, case: dict[str, str], right: str, rows: list[CustomerRow]) -> str:
    shown = "; ".join(f"{row.account.name} ({row.score:.0f})" for row in rows[:3]) or "nothing"
    place = ", ".join(filter(None, (case["city"], case["country"]))) or "any country"
    return f"{what}: [{case['kind']}] “{case['query']}”, {place}; right: {right}; shown: {shown}"
