"""What is asked of a business directory, what it answers, and what of it may be believed (docs/directory.md)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any, Protocol, Self

from django.core import signing
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount
from cosell.web.countries import country_choices

ID_LIMIT = 64
TRADE_NAMES = 10  # at most so many are kept of one entry
TOKEN_PREFIX = "directory:"  # noqa: S105  how such a value is told from an account's uid
TOKEN_SALT = "accounts.directory"  # noqa: S105
TOKEN_AGE = 24 * 60 * 60  # seconds
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+")
# Nobody sees them, and they turn or split the text around them: a name could look like another.
_UNSEEN = frozenset("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")


class Problem(models.TextChoices):
    """Why a directory gave no answer, with the words that a salesperson sees."""

    TIMEOUT = "timeout", _("The business directory is not answering. You can go on by hand.")
    UNREACHABLE = "unreachable", _("The business directory cannot be reached. You can go on by hand.")
    REFUSED = (
        "refused",
        _("The business directory does not accept our key. Tell your administrator. You can go on by hand."),
    )
    BUSY = "busy", _("The business directory is busy. Try again in a minute, or go on by hand.")
    GARBLED = "garbled", _("The business directory's answer cannot be read. You can go on by hand.")


@dataclass(frozen=True)
class DirectoryQuery:
    """What is known of the customer; what is empty is not asked. `country` is ISO alpha-2."""

    name: str = ""
    country: str = ""
    state: str = ""
    city: str = ""
    duns: str = ""
    domain: str = ""

    def cleaned(self) -> Self:
        """The same question in one form, so that it is asked once. A place that is not valid is left out."""
        return type(self)(
            name=_text(self.name, "name"),
            country=_country(self.country),
            state=_text(self.state, "state"),
            city=_text(self.city, "city"),
            duns=_duns(self.duns),
            domain=_domain(self.domain),
        )

    @property
    def is_empty(self) -> bool:
        """A place alone, or one letter, is no question."""
        return len(self.name) < 2 and not self.duns and not self.domain

    def parameters(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class DirectoryEntry:
    """A company as a directory knows it. Every text is clean and fits the columns of a customer account."""

    directory_id: str
    name: str
    country: str
    trade_names: tuple[str, ...] = ()
    duns: str = ""
    domain: str = ""
    address: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    federal: bool = False
    parent_name: str = ""

    @classmethod
    def read(cls, raw: object) -> DirectoryEntry | None:
        """Out of what came from outside; None without an ID, a name or a country of ISO. What is odd is left out."""
        if not isinstance(raw, dict):
            return None
        directory_id, name, country = (
            _clean(raw.get("directory_id")),
            _text(raw.get("name"), "name"),
            raw.get("country"),
        )
        if not directory_id or len(directory_id) > ID_LIMIT or not name or not _country(country):
            return None
        trade_names = raw.get("trade_names")
        listed = trade_names[: 10 * TRADE_NAMES] if isinstance(trade_names, list | tuple) else ()
        others = dict.fromkeys(_text(each, "name") for each in listed)
        return cls(
            directory_id=directory_id,
            name=name,
            country=_country(country),
            trade_names=tuple(each for each in others if each and each != name)[:TRADE_NAMES],
            duns=_duns(raw.get("duns")),
            domain=_domain(raw.get("domain")),
            federal=raw.get("federal") is True,
            parent_name=_text(raw.get("parent_name"), "name"),
            **{column: _text(raw.get(column), column) for column in ("address", "city", "state", "postal_code")},
        )

    def written(self) -> dict[str, Any]:
        """As `read` reads it, without what is empty."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class DirectoryAnswer:
    """Entries, or the code of a `Problem`; both may be empty."""

    entries: tuple[DirectoryEntry, ...] = ()
    problem: str = ""

    def problem_text(self) -> str:
        """The problem in words for people; empty when there is none."""
        return str(Problem(self.problem).label) if self.problem else ""


class CustomerDirectory(Protocol):
    """A directory of companies that stands outside.

    `find` never raises for what goes wrong outside: that is the answer's problem. It may wait for a network, so it
    is not called inside a transaction.
    """

    @property
    def name(self) -> str: ...

    def find(self, query: DirectoryQuery) -> DirectoryAnswer: ...


class LocalDirectory:
    """No directory outside: the Other accounts of our own table, which the search of customers finds by itself."""

    name = "local"

    def find(self, query: DirectoryQuery) -> DirectoryAnswer:
        return DirectoryAnswer()


def token(entry: DirectoryEntry) -> str:
    """The entry as a form's value, signed: what comes back is what the directory said."""
    return TOKEN_PREFIX + signing.dumps(entry.written(), salt=TOKEN_SALT, compress=True)


def entry_of(token: str) -> DirectoryEntry | None:
    """The entry of such a value; None for any other, one that was changed, or one of more than a day ago."""
    if not token.startswith(TOKEN_PREFIX):
        return None
    try:
        return DirectoryEntry.read(signing.loads(token[len(TOKEN_PREFIX) :], salt=TOKEN_SALT, max_age=TOKEN_AGE))
    except signing.BadSignature:
        return None


def _clean(value: object) -> str:
    """One line of visible text; "" for what is neither text nor a whole number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return " ".join("".join(filter(_is_kept, unicodedata.normalize("NFC", str(value)))).split())


def _is_kept(char: str) -> bool:
    return char.isspace() or (unicodedata.category(char) not in {"Cc", "Cs"} and char not in _UNSEEN)


def _text(value: object, column: str) -> str:
    """Clean, and as long as the column of a customer account may be."""
    return _clean(value)[: _limit(column)].strip()


def _limit(column: str) -> int:
    field: Any = CustomerAccount._meta.get_field(column)
    return int(field.max_length)


@cache
def _countries() -> frozenset[str]:
    return frozenset(code for code, _name in country_choices())


def _country(value: object) -> str:
    code = _clean(value).upper()
    return code if code in _countries() else ""


def _duns(value: object) -> str:
    """Nine digits, or nothing: part of a number is another company's, and 000000000 is everybody's."""
    digits = re.sub(r"[\s-]", "", _clean(value))
    return digits if re.fullmatch(r"[0-9]{9}", digits) and len(set(digits)) > 1 else ""


def _domain(value: object) -> str:
    name = _clean(value).lower()
    return name if len(name) <= _limit("domain") and _DOMAIN.fullmatch(name) else ""
