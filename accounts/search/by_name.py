"""One search by name: candidates from the database, ranked (docs/customer-search.md)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.search import SearchVectorField
from django.db import OperationalError, connection, transaction
from django.db.models import Lookup, QuerySet

from accounts import lexicon
from accounts.enums import CustomerCategory
from accounts.likeness import SHORT_FORMS, Asked
from accounts.models import CustomerAccount
from accounts.names import name_key, place_marks, quoted, words_of

logger = logging.getLogger(__name__)

LIKE_NEAR, LIKE_WIDE = 70, 50  # least likeness of a row, 0 to 100
SURE = 88  # a name this alike needs no correction of what was typed
COMMON = 20_000  # a word of more accounts than this is not looked for alone
RARE = 1_000  # a further word of the query is looked for alone when no more accounts than this hold it
MANY = 3_000  # accounts that hold the words of which the shortest names are taken
ARM = 101  # accounts fetched by one question: one more than is counted
PATIENCE_MS = 1500
_AFTER_ALL = "\U0010ffff"  # sorts behind every text that goes on


@SearchVectorField.register_lookup
class Holds(Lookup):
    """`search_vector__holds="'fabrikam' & 'seguros'"`: the words as they are, read by no dictionary."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler, connection):  # type: ignore[no-untyped-def]
        left, left_params = self.process_lhs(compiler, connection)
        return f"{left} @@ %s::tsquery", [*left_params, self.rhs]


class Place(NamedTuple):
    """What is known of where the customer is."""

    country: str
    state: str
    city: str

    def bonus(self, country: str, state: str, city: str) -> float:
        points = 2.0 if self.country and country == self.country else 0.0
        if self.state and state and name_key(state) == name_key(self.state):
            points += 1.5
        return points + (3.0 if self.city and city and name_key(city) == name_key(self.city) else 0.0)


class Hit(NamedTuple):
    """An account that was found, before it is loaded."""

    pk: int
    category: str
    linked_group: UUID | None
    name: str
    score: float
    why: str


class Row(NamedTuple):
    """What ranking needs of a candidate."""

    pk: int
    category: str
    linked_group: UUID | None
    name: str
    country: str
    state: str
    city: str
    search_text: str

    def hit(self, score: float, why: str = "") -> Hit:
        return Hit(self.pk, self.category, self.linked_group, self.name, score, why)

    def scored(self, asked: Asked, place: Place, *, by_letters: bool = False) -> Hit:
        """The best of its names; its own counts most. Between equals the place, then the spelling as typed."""
        here = words_of(self.city) if self.city and len(asked.words) > 1 else ()
        keys = self.search_text.split("\n")
        score = asked.likeness(keys[0], here)
        for key in keys[1:]:
            score = max(score, asked.likeness(key, here) - 2)
        if by_letters:
            score = max(score, 97.0 if asked.is_capital else 88.0 if len(asked.letters) > 2 else 82.0)
        if score >= LIKE_WIDE:
            score += place.bonus(self.country, self.state, self.city) + asked.spelling(self.name)
        return self.hit(score)


class Arm(NamedTuple):
    """One question of several that are asked together: a condition with its limit.

    `sifted`: of what it finds, the shortest names of each category.
    """

    condition: str
    values: tuple[Any, ...]
    sifted: bool = False


_SIFTED = (
    "(SELECT {columns} FROM (SELECT *, row_number() OVER (PARTITION BY category ORDER BY length(search_text)) AS nth"
    " FROM ({rows}) held) ranked WHERE nth <= {most})"
)


def rows_of(accounts: QuerySet[CustomerAccount], limit: int) -> list[Row]:
    return [Row(*values) for values in accounts.values_list(*Row._fields)[:limit]]


class ByName:
    """One search by name: questions from the narrowest to the widest, until a name is surely the one meant.

    1. names that begin with what was typed, and accounts that hold all its words (the last maybe unfinished)
    2. the words as one slip of the pen would have them, joined, split, in their short and long forms
    3. two slips; then without the commonest word, and by the rarest alone
    """

    def __init__(
        self, accounts: QuerySet[CustomerAccount], typed: str, place: Place, *, wide: bool, here: bool
    ) -> None:
        self.asked, self.place, self.wide = Asked(typed), place, wide
        self.words = self.asked.words
        self.country = "" if wide else place.country
        self.accounts = accounts
        marks = place_marks(country=self.country)
        if here and not wide:
            marks |= place_marks(country=place.country, state=place.state, city=place.city)
            self.accounts = self.accounts.filter(search_vector__holds=_all(map(quoted, marks))) if marks else accounts
        self.marks = sorted(map(quoted, marks))
        self.found: dict[int, Hit] = {}

    def hits(self) -> list[Hit]:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(_SETTINGS, [str(PATIENCE_MS), str(lexicon.NEAR_ENOUGH)])
                for step in (self._as_typed, self._with_slips, self._with_misspellings):
                    step()
                    if not self.wide and max((hit.score for hit in self.found.values()), default=0) >= SURE:
                        break
        except OperationalError:  # what was found so far is shown
            logger.warning("A customer search took longer than %s ms", PATIENCE_MS)
        least = LIKE_WIDE if self.wide else LIKE_NEAR
        return [hit for hit in self.found.values() if hit.score >= least]

    def _as_typed(self) -> None:
        self.frequencies, self.beginnings = lexicon.readings(self.words)
        last = self.words[-1]
        if self.frequencies.get(last, 0) > RARE or (len(self.words) == 1 and len(last) <= 3):
            self.beginnings = []  # the word is finished; or more names begin so than anybody reads
        self.asked.learn(self.frequencies, 0)
        self.ways = {word: self._spelt(word) for word in self.words}
        finished = {**self.ways, last: [*self.ways[last], *self.beginnings]}
        if self.asked.letters:
            self._take([self._arm(quoted(f"={self.asked.letters}"))], by_letters=True)
        arms = self._beginning()
        if len(self.words) > 1 or self._rarest(finished) <= COMMON:
            arms += self._holding(finished)
        arms += [self._arm(quoted(letters)) for letters in self.asked.initials if len(letters) > 2]
        self._take(arms)

    def _with_slips(self) -> None:
        for word, near in lexicon.slips(self.words).items():
            self._learn(word, near)
        self._take(self._holding(self.ways))

    def _with_misspellings(self) -> None:
        for word, near in lexicon.misspellings(self.words).items():
            self._learn(word, near)
        arms = [self._arm(self._together(self.ways))]
        telling = dict(zip(self.words, self.asked.weights, strict=True))
        order = sorted(telling, key=lambda word: (-telling[word], self._often(self.ways[word])))
        kept = [word for word in order if self._often(self.ways[word])]
        for length in range(len(kept) - (len(kept) == len(telling)), 1, -1):
            arms.append(self._arm(_all(_any(map(quoted, self.ways[word])) for word in kept[:length])))
        alone = [word for word in kept[:3] if self._often(self.ways[word]) <= (COMMON if word == kept[0] else RARE)]
        arms += [self._arm(_any(map(quoted, self.ways[word]))) for word in alone]
        self._take(arms)

    def _spelt(self, word: str) -> list[str]:
        may_be_letters = 2 <= len(word) <= 5 and len(self.words) > 1 and self.frequencies.get(word, 0) <= RARE
        letters = [f"={word}"] if may_be_letters else []
        return [word, *(other for other in SHORT_FORMS.get(word, ()) if other in self.frequencies), *letters]

    def _learn(self, word: str, near: dict[str, int]) -> None:
        self.frequencies |= near
        self.ways[word] = list(dict.fromkeys([*self.ways.get(word, ()), *near]))

    def _often(self, ways: Iterable[str]) -> int:
        return sum(self.frequencies.get(way, 0) for way in ways)

    def _rarest(self, ways: dict[str, list[str]]) -> int:
        return min(self._often(ways[word]) for word in self.words)

    def _together(self, ways: dict[str, list[str]]) -> str:
        """Every word in one of its ways; two neighbours may stand joined, and one word split."""
        groups = []
        for word in dict.fromkeys(self.words):
            split = [
                f"({quoted(a)} & {quoted(b)})"
                for a, b in lexicon.splits(word)
                if a in self.frequencies and b in self.frequencies and self.frequencies.get(word, 0) <= RARE
            ]
            joined = [
                way
                for pair, two in zip(lexicon.joins(self.words), pairwise(self.words), strict=True)
                if word in two
                for way in [*([pair] if pair in self.frequencies else ()), *self.ways.get(pair, ())]
            ]
            groups.append(_any([*map(quoted, [*ways[word], *joined]), *split]))
        return _all(groups)

    def _beginning(self) -> list[Arm]:
        """One question a tab, each answered from the order of an index."""
        key, here = self.asked.key, "country = %s AND " if self.country else ""
        begins = f"{here}category = %s AND search_name >= %s AND search_name < %s ORDER BY search_name LIMIT %s"
        where = [self.country] if self.country else []
        return [Arm(begins, (*where, category, key, key + _AFTER_ALL, ARM)) for category in CustomerCategory]

    def _holding(self, ways: dict[str, list[str]]) -> list[Arm]:
        """Accounts that hold every word; of more than are ranked, the shortest names of each category."""
        return [self._arm(self._together(ways), limit=MANY, sifted=True, marked=self._rarest(ways) > COMMON)]

    def _arm(self, words: str, *, limit: int = ARM, sifted: bool = False, marked: bool = False) -> Arm:
        """`marked`: the country's mark, which millions have, pays only against the longest lists of words."""
        query = _all([words, *(self.marks if marked else ())])
        if not self.country:
            return Arm("search_vector @@ %s::tsquery LIMIT %s", (query, limit), sifted)
        # not as a plain comparison: the planner would rather read a whole country than the index of words
        condition = "search_vector @@ %s::tsquery AND country || '' = %s LIMIT %s"
        return Arm(condition, (query, self.country, limit), sifted)

    def _take(self, arms: Sequence[Arm], *, by_letters: bool = False) -> None:
        """Ask everything in one go, and rank what is new."""
        if not arms:
            return
        sql, params = self._candidates
        asked = " UNION ALL ".join(
            _SIFTED.format(columns=", ".join(Row._fields), rows=f"{sql} AND {arm.condition}", most=ARM)
            if arm.sifted
            else f"({sql} AND {arm.condition})"
            for arm in arms
        )
        with connection.cursor() as cursor:
            cursor.execute(asked, [value for arm in arms for value in (*params, *arm.values)])
            for values in cursor.fetchall():
                if values[0] not in self.found:
                    self.found[values[0]] = Row(*values).scored(self.asked, self.place, by_letters=by_letters)

    @cached_property
    def _candidates(self) -> tuple[str, tuple[Any, ...]]:
        """What every question begins with: the accounts that may be found at all."""
        return self.accounts.order_by().values_list(*Row._fields).query.sql_with_params()


# A list of millions is never read through, whatever the planner hopes of a LIMIT; a question has an end.
_SETTINGS = (
    "SELECT set_config('enable_seqscan', 'off', true), set_config('statement_timeout', %s, true),"
    " set_config('pg_trgm.similarity_threshold', %s, true)"
)


def _any(ways: Iterable[str]) -> str:
    return f"({' | '.join(ways)})"


def _all(groups: Iterable[str]) -> str:
    return " & ".join(groups)
