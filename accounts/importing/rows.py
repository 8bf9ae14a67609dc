"""One row of the file: what is asked of it, and how it goes to the database.

This is the costly part and runs in several processes at once, so nothing here knows the database.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.enums import CustomerCategory
from accounts.names import bare_domain, name_words, searched
from cosell.web.countries import country_choices

REQUIRED = ("account_id", "name", "category", "country")
# The columns of the file, and the most characters of each; in a list, of each entry.
LIMITS = {
    "account_id": 24, "name": 160, "former_names": 160, "trade_names": 160, "category": 12, "parent_account_id": 24,
    "linked_group": 200, "duns": 20, "domain": 120, "address": 200, "city": 80, "state": 80, "postal_code": 20,
    "country": 2, "macc": 5, "federal": 5,
}  # fmt: skip
COLUMNS = tuple(LIMITS)
SEARCHED_BY = frozenset(("name", "former_names", "trade_names", "category", "country", "state", "city"))
_CATEGORIES = frozenset((CustomerCategory.MANAGED, CustomerCategory.UNMANAGED, CustomerCategory.OTHER))
_LINKED = uuid.UUID("6f1a4f0e-5d5c-5b0a-9d0e-2f6f8b9a7c11")  # whoever changes it breaks up every linked group


class Problem(NamedTuple):
    """Why a line was refused, or what of it could not be done. `more` is what the words of the code need."""

    line: int
    column: str
    code: str
    value: str = ""
    more: str = ""

    @property
    def text(self) -> str:
        return str(_WORDS[self.code]) % {"more": self.more}


_WORDS = {
    "fields": _("The line has %(more)s fields, not as many as the header."),
    "quote": _("The line has %(more)s fields and goes over several lines: is a quote left open?"),
    "missing": _("Required."),
    "too_long": _("At most %(more)s characters."),
    "no_text": _("Contains a character that is not text."),
    "category": _("One of managed, unmanaged, other."),
    "country": _("Not a country: use the two letters of ISO 3166, such as BR."),
    "duns": _("A D-U-N-S number has nine digits."),
    "yes_no": _("Either yes or no."),
    "own_parent": _("An account cannot be its own parent."),
    "twice": _("Already in the file, in line %(more)s."),
    "merged": _("This account was merged into %(more)s."),
    "by_hand": _("This account was entered by hand."),
    "unknown_parent": _("The parent account does not exist; this one was imported without it."),
}


class _Wrong(ValueError):
    """Code, and what its words need."""


@dataclass(frozen=True)
class Batch:
    """Rows as they stand in the file: the line where each begins, and its fields in the order of `columns`."""

    columns: tuple[str, ...]
    rows: list[tuple[int, list[str]]]


@dataclass
class Checked:
    """A batch made ready: good rows as text for COPY (columns STAGED), the others as problems, and the words."""

    rows: int
    last_line: int
    staged: bytes = b""
    problems: list[Problem] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)


STAGED = ("line", *COLUMNS, "search_name", "search_text", "search_vector")


def check(batch: Batch) -> Checked:
    """What of these rows may be written, and why the others may not."""
    made = Checked(rows=len(batch.rows), last_line=batch.rows[-1][0])
    first: dict[str, int] = {}
    lines = []
    for line, fields in batch.rows:
        values = _values(line, batch.columns, fields, made.problems)
        if values is None:
            continue
        account_id = values["account_id"]
        if first.setdefault(account_id, line) != line:
            made.problems.append(Problem(line, "account_id", "twice", account_id, str(first[account_id])))
            continue
        found_by = searched(
            values["name"],
            [*values["former_names"], *values["trade_names"]],
            category=values["category"],
            country=values["country"],
            state=values["state"],
            city=values["city"],
        )
        made.words.update(name_words(found_by.search_text))
        for column in ("former_names", "trade_names"):
            values[column] = _array(values[column])
        lines.append(_copied([str(line), *values.values(), *found_by]))
    made.staged = "".join(lines).encode()
    return made


def _values(line: int, columns: tuple[str, ...], fields: list[str], problems: list[Problem]) -> dict[str, Any] | None:
    """The clean values by column, in the order of COLUMNS; None when the row is refused."""
    if len(fields) != len(columns):
        code = "quote" if any("\n" in text for text in fields) else "fields"
        problems.append(Problem(line, "", code, "", str(len(fields))))
        return None
    values, before = _EMPTY.copy(), len(problems)
    for column, given in zip(columns, fields, strict=True):
        if text := " ".join(given.split()):
            try:
                values[column] = _clean(column, text)
            except _Wrong as wrong:
                problems.append(Problem(line, column, wrong.args[0], text[:200].replace("\0", "�"), *wrong.args[1:]))
        elif column in REQUIRED:
            problems.append(Problem(line, column, "missing"))
    if values["parent_account_id"] and values["parent_account_id"] == values["account_id"]:
        problems.append(Problem(line, "parent_account_id", "own_parent", values["account_id"]))
    return values if len(problems) == before else None


def _clean(column: str, text: str) -> str | list[str]:
    if "\0" in text:
        raise _Wrong("no_text")
    clean = _CLEAN.get(column)
    value = clean(text) if clean else text
    if len(text) > LIMITS[column]:
        longest = max(map(len, value), default=0) if isinstance(value, list) else len(value)
        if longest > LIMITS[column]:
            raise _Wrong("too_long", str(LIMITS[column]))
    return value


def _several(text: str) -> list[str]:
    return [name for each in text.split("|") if (name := each.strip())]


def _category(text: str) -> str:
    if text.lower() not in _CATEGORIES:
        raise _Wrong("category")
    return text.lower()


@cache
def _countries() -> frozenset[str]:
    return frozenset(code for code, _name in country_choices())


def _country(text: str) -> str:
    if text.upper() not in _countries():
        raise _Wrong("country")
    return text.upper()


def _duns(text: str) -> str:
    digits = text.replace("-", "").replace(" ", "")
    if not (len(digits) == 9 and digits.isascii() and digits.isdigit()):
        raise _Wrong("duns")
    return digits


def _linked_group(text: str) -> str:
    if len(text) > LIMITS["linked_group"]:
        raise _Wrong("too_long", str(LIMITS["linked_group"]))
    return str(uuid.uuid5(_LINKED, text))


def _yes(text: str) -> str:
    if text.lower() not in ("yes", "no"):
        raise _Wrong("yes_no")
    return "t" if text.lower() == "yes" else "f"


_CLEAN: dict[str, Callable[[str], str | list[str]]] = {
    "former_names": _several, "trade_names": _several, "category": _category, "linked_group": _linked_group,
    "duns": _duns, "domain": bare_domain, "country": _country, "macc": _yes, "federal": _yes,
}  # fmt: skip
_EMPTY: dict[str, Any] = {
    **dict.fromkeys(COLUMNS, ""), "former_names": [], "trade_names": [], "macc": "f", "federal": "f",
}  # fmt: skip


class Renamed(NamedTuple):
    """An account whose parent has another name now, or which has another parent."""

    id: int
    parent_id: int | None
    moved: bool
    name: str
    former_names: list[str]
    trade_names: list[str]
    category: str
    country: str
    state: str
    city: str
    parent: str | None


def found_anew(accounts: list[Renamed]) -> bytes:
    """What they are found by, as text for COPY: id, parent (empty: none), is it another parent, search columns."""
    return "".join([_found_anew(each) for each in accounts]).encode()


def _found_anew(account: Renamed) -> str:
    found_by = searched(
        account.name,
        [*account.former_names, *account.trade_names, account.parent or ""],
        category=account.category,
        country=account.country,
        state=account.state,
        city=account.city,
    )
    parent = "" if account.parent_id is None else str(account.parent_id)
    return _copied([str(account.id), parent, "t" if account.moved else "f", *found_by])


def _array(texts: list[str]) -> str:
    """As PostgreSQL writes it."""
    if not texts:
        return "{}"
    return "{" + ",".join(['"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts]) + "}"


def _copied(values: list[str]) -> str:
    """A line of COPY's text format. No value has a tab: all its white space became single spaces."""
    return "\t".join(values).replace("\\", "\\\\").replace("\n", "\\n") + "\n"
