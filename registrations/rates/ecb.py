"""What the European Central Bank publishes: its XML and CSV files, and on which days (docs/exchange-rates.md).

    <gesmes:Envelope><Cube><Cube time="2026-10-30"><Cube currency="USD" rate="1.1172"/>…
    Date, USD, JPY, …   and   30 October 2026, 1.1172, …     (eurofxref.csv, one day)
    Date,USD,JPY,…      and   2026-10-30,1.1172,N/A,…        (eurofxref-hist.csv), both also zipped

A rate says how much of the currency one euro buys. Everything here is pure: bytes in, values out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from io import BytesIO, StringIO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

import holidays
from django.utils.translation import gettext as _

MAX_BYTES = 30_000_000  # unpacked; the whole history as XML is about a third of it
GESMES = "http://www.gesmes.org/xml/2002-08-01"
CUBE = "http://www.ecb.int/vocabulary/2002-08-01/eurofxref Cube"
DOLLAR = "USD"
NONE = ("N/A", "")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)  # English in the file, whatever this machine speaks


class Unreadable(Exception):
    """The file as a whole; says why, in words for people, with the line. Nothing of it is used."""


@dataclass(frozen=True)
class Publication:
    """The rates of one day, by currency; always with the US dollar, never with the euro."""

    on: date
    per_euro: Mapping[str, Decimal]


def publications(content: bytes) -> list[Publication]:
    """Every day of the file, the earliest first. Raises Unreadable."""
    if content.startswith(b"PK\x03\x04"):
        content = _unpacked(content)
    if len(content) > MAX_BYTES:
        raise Unreadable(_too_big())
    is_xml = content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
    by_day: dict[date, dict[str, Decimal]] = {}
    for line, on, rates in _of_xml(content) if is_xml else _of_csv(content):
        if on in by_day:
            raise Unreadable(_at(line, _("%(day)s appears twice.") % {"day": on}))
        if DOLLAR not in rates:
            raise Unreadable(_at(line, _("%(day)s has no rate of the US dollar.") % {"day": on}))
        by_day[on] = rates
    if not by_day:
        raise Unreadable(_("The file has no rates in it."))
    return [Publication(on, by_day[on]) for on in sorted(by_day)]


def last_publication_before(month: date) -> date:
    """When the last rates before `month` (its first day) come: they are published on working days of TARGET."""
    day = month - timedelta(days=1)
    while day.weekday() >= 5 or day in _closing_days():
        day -= timedelta(days=1)
    return day


@cache
def _closing_days() -> holidays.HolidayBase:
    return holidays.financial_holidays("ECB")


def _unpacked(content: bytes) -> bytes:
    """The one file in it."""
    try:
        with ZipFile(BytesIO(content)) as packed:
            if len(packed.namelist()) != 1:
                raise Unreadable(_("The ZIP file must hold exactly one file."))
            with packed.open(packed.namelist()[0]) as file:
                return file.read(MAX_BYTES + 1)
    except (BadZipFile, ZlibError, EOFError, RuntimeError, NotImplementedError) as error:
        raise Unreadable(_("The ZIP file is damaged, or locked by a password.")) from error


Row = tuple[int, date, dict[str, Decimal]]  # line, day, rates


def _of_csv(content: bytes) -> Iterator[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(_("Line %d is not UTF-8.") % (content.count(b"\n", 0, error.start) + 1)) from error
    reader = csv.reader(StringIO(text, newline=""), skipinitialspace=True, strict=True)
    try:
        currencies = _header(next(reader, []))
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield _row(reader.line_num, [cell.strip() for cell in cells], currencies)
    except csv.Error as error:
        raise Unreadable(_at(reader.line_num, str(error))) from error


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:  # the bank ends its lines with a comma
        names.pop()
    if len(names) < 2 or names[0] != "Date":
        raise Unreadable(_at(1, _("“Date, USD, …” is expected, as in the files of the European Central Bank.")))
    for name in names[1:]:
        _currency(1, name)
    if len(set(names)) < len(names):
        raise Unreadable(_at(1, _("A currency appears twice.")))
    return names[1:]


def _row(line: int, cells: list[str], currencies: list[str]) -> Row:
    if any(cells[1 + len(currencies) :]) or len(cells) < 1 + len(currencies):
        facts = {"found": len(cells), "wanted": 1 + len(currencies)}
        raise Unreadable(_at(line, _("It has %(found)d values, its header %(wanted)d.") % facts))
    rates = {
        currency: _rate(line, currency, cell)
        for currency, cell in zip(currencies, cells[1:], strict=False)
        if cell not in NONE
    }
    return line, _day(line, cells[0]), rates


class _Reader:
    """The XML of gesmes, element by element. A document type is refused, and with it every entity."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.rows: list[Row] = []
        self.has_root = False

    def doctype(self, *_of_it: object) -> None:
        raise Unreadable(_at(self.parser.CurrentLineNumber, _("A document type is not allowed.")))

    def start(self, name: str, attributes: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        if not self.has_root and name != f"{GESMES} Envelope":
            raise Unreadable(_at(line, _("This is no file of rates of the European Central Bank.")))
        self.has_root = True
        if name == CUBE and "time" in attributes:
            self.rows.append((line, _day(line, attributes["time"]), {}))
        elif name == CUBE and "currency" in attributes:
            self.rate(line, attributes["currency"], attributes.get("rate", ""))

    def rate(self, line: int, currency: str, rate: str) -> None:
        if not self.rows:
            raise Unreadable(_at(line, _("A rate stands outside of a day.")))
        rates = self.rows[-1][2]
        if _currency(line, currency) in rates:
            raise Unreadable(_at(line, _("A currency appears twice.")))
        rates[currency] = _rate(line, currency, rate)


def _of_xml(content: bytes) -> list[Row]:
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)  # noqa: FBT003  "this is all", in expat's words
    except expat.ExpatError as error:
        raise Unreadable(_at(error.lineno, expat.ErrorString(error.code))) from error
    return reader.rows


def _day(line: int, text: str) -> date:
    """ "2026-10-30" or "30 October 2026"."""
    try:
        if long := re.fullmatch(r"(\d{1,2}) ([A-Z][a-z]+) (\d{4})", text, re.ASCII):
            return date(int(long[3]), MONTHS.index(long[2]) + 1, int(long[1]))
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Unreadable(_at(line, _("“%(text)s” is not a date.") % {"text": text[:40]}))


def _currency(line: int, code: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", code) or code == "EUR":
        raise Unreadable(_at(line, _("“%(text)s” is not a currency.") % {"text": code[:40]}))
    return code


def _rate(line: int, currency: str, text: str) -> Decimal:
    """Up to ten digits before the point and six after it, as the column holds them."""
    if not re.fullmatch(r"\d{1,10}(\.\d{1,6})?", text, re.ASCII) or not Decimal(text):
        raise Unreadable(
            _at(line, _("%(currency)s: “%(text)s” is not a rate.") % {"currency": currency, "text": text[:40]})
        )
    return Decimal(text)


def _at(line: int, what: str) -> str:
    return _("Line %(line)d: %(what)s") % {"line": line, "what": what}


def _too_big() -> str:
    return _("The file is larger than %(megabytes)d MB.") % {"megabytes": MAX_BYTES // 1_000_000}
