"""What a contract is worth a year (product.md §7, fact sheet 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cosell.web.templatetags.cosell import money

CENT = Decimal("0.01")
PERPETUAL_YEARS = 6
LAST_DAY = date(2199, 12, 31)  # of any contract: what is later is a slip of the keyboard


@dataclass(frozen=True)
class Annual:
    """`amount` is in the contract's currency, to the cent: what is shown is what is judged.

    `years` is the term that it was divided by, at least one; `text` says the sum in a sentence.
    """

    amount: Decimal
    years: Decimal
    text: str


def annual_value(
    value: Decimal, starts_on: date, ends_on: date | None, *, perpetual: bool, currency: str = ""
) -> Annual:
    """`value` spread over the term: calendar years, and of the last one the part that is used, by its days.

    The last day belongs to the term: 1 Jan to 31 Dec is one year. A term of less than a year counts as one, so the
    annual value is never more than the contract's. Perpetual is 6 years, without an end. Raises ValueError when
    `ends_on` is missing otherwise, or lies before the start.
    """
    if perpetual:
        return _annual(value, Fraction(PERPETUAL_YEARS), _years(PERPETUAL_YEARS), currency)
    if ends_on is None or ends_on < starts_on:
        raise ValueError("a contract that is not perpetual ends on its start date or later")
    whole, rest, of_days = term(starts_on, ends_on)
    if not whole:
        return _annual(value, Fraction(1), _("one year, the least that counts"), currency)
    words = _years(whole)
    if rest:
        words = _("%(years)s and %(days)d of %(of)d days") % {"years": words, "days": rest, "of": of_days}
    return _annual(value, whole + Fraction(rest, of_days), words, currency)


def term(starts_on: date, ends_on: date) -> tuple[int, int, int]:
    """Whole years from start to end, the days beyond them, and the days of the year that these are part of."""
    end = ends_on + timedelta(days=1)
    whole = end.year - starts_on.year
    if anniversary(starts_on, whole) > end:
        whole -= 1
    last, following = anniversary(starts_on, whole), anniversary(starts_on, whole + 1)
    return whole, (end - last).days, (following - last).days


def anniversary(day: date, years: int) -> date:
    """The same day, `years` later. That of 29 February is 1 March where there is none: a year ends on 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _annual(value: Decimal, years: Fraction, words: str, currency: str) -> Annual:
    exact = Fraction(value) / years
    amount = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(CENT, ROUND_HALF_UP)
    facts = {"value": money(value, currency).strip(), "term": words, "annual": money(amount, currency).strip()}
    text = _("%(value)s over %(term)s = %(annual)s a year") % facts
    return Annual(amount, Decimal(years.numerator) / Decimal(years.denominator), text)


def _years(years: int) -> str:
    return ngettext("%(count)d year", "%(count)d years", years) % {"count": years}
