"""The words of all customers' names: what is typed is read against them, for they are few where names are millions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from django.db import connection
from rapidfuzz.distance import OSA

from accounts.likeness import SHORT_FORMS
from accounts.names import join

BEGINNINGS = 20  # words that begin with the one being typed
NEAREST = 8  # corrections of one word
NEAR_ENOUGH = 0.4  # least trigram similarity of a correction that is two letters apart
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def frequencies(words: Iterable[str]) -> dict[str, int]:
    """How many accounts hold each of these words; a word that none holds is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, frequency FROM accounts_customerword WHERE word = ANY(%s)", [list(dict.fromkeys(words))]
        )
        return dict(cursor.fetchall())


def readings(words: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    """The frequencies of the words, of two joined or one split, and of their short and long forms; and the
    commonest words that begin with the last one, which may not be finished.
    """
    asked = [*words, *joins(words), *(part for word in words for split in splits(word) for part in split)]
    asked += [other for word in words for other in SHORT_FORMS.get(word, ())]
    sql = "SELECT word, frequency, false FROM accounts_customerword WHERE word = ANY(%s)"
    values: list[Any] = [list(dict.fromkeys(asked))]
    last = words[-1]
    if len(last) >= 3:
        sql += (
            " UNION ALL (SELECT word, frequency, true FROM accounts_customerword WHERE word LIKE %s"
            " ORDER BY frequency DESC LIMIT %s)"
        )
        values += [last.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "_%", BEGINNINGS]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
    return {word: count for word, count, _ in found}, [word for word, _, begins in found if begins]


def joins(words: Sequence[str]) -> list[str]:
    """ "north wind" → "northwind"."""
    return [join(first, second) for first, second in pairwise(words)]


def splits(word: str) -> list[tuple[str, str]]:
    """ "northwind" → ("nor", "thwind"), ..., ("north", "wind"), ..."""
    return [(word[:at], word[at:]) for at in range(3, len(word) - 2)]


def one_letter_apart(word: str) -> set[str]:
    """Every text that one letter left out, put in, changed or swapped with the next makes of the word."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    letters = _LETTERS if word.isascii() else "".join(sorted(set(word)))
    return {
        *(a + b[1:] for a, b in cuts if b),
        *(a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1),
        *(a + letter + b[1:] for a, b in cuts if b for letter in letters),
        *(a + letter + b for a, b in cuts for letter in letters),
    } - {word, ""}


def slips(words: Iterable[str]) -> dict[str, dict[str, int]]:
    """For each word those of the lexicon that are one letter apart, with their frequencies; commonest first."""
    apart = {word: one_letter_apart(word) for word in words if len(word) >= 3}
    known = frequencies(text for texts in apart.values() for text in texts)
    return {
        word: dict(sorted(((text, known[text]) for text in texts & known.keys()), key=lambda item: -item[1])[:NEAREST])
        for word, texts in apart.items()
    }


def misspellings(words: Iterable[str]) -> dict[str, dict[str, int]]:
    """For each longer word those of the lexicon that are two letters apart (three in a long one); nearest first."""
    found = {}
    with connection.cursor() as cursor:
        for word in words:
            if len(word) < 6:
                continue
            cursor.execute(
                "SELECT word, frequency FROM accounts_customerword"
                " WHERE word %% %s AND length(word) BETWEEN %s AND %s",
                [word, len(word) - 2, len(word) + 2],
            )
            allowed = 2 if len(word) < 10 else 3
            near = [(OSA.distance(word, other, score_cutoff=allowed), -n, other) for other, n in cursor.fetchall()]
            found[word] = {other: -n for apart, n, other in sorted(near)[:NEAREST] if apart <= allowed}
    return found
