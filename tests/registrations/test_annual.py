"""What a contract is worth a year: the sums of product.md §7, and what holds for any of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as some

from registrations.annual import CENT, anniversary, annual_value, term

values = some.decimals(min_value="0.01", max_value="9999999999999.99", places=2)
starts = some.dates(date(1999, 1, 1), date(2150, 12, 31))
lengths = some.integers(0, 40 * 366)


@pytest.mark.parametrize(
    ("start", "end", "amount", "sentence"),
    [
        (date(2026, 1, 1), date(2028, 12, 31), "12000.00", "36,000 USD over 3 years = 12,000 USD a year"),
        (date(2026, 1, 1), date(2026, 12, 31), "36000.00", "36,000 USD over 1 year = 36,000 USD a year"),
        (date(2026, 1, 1), date(2026, 1, 1), "36000.00", "36,000 USD over one year, the least that counts"),
        (date(2026, 1, 1), date(2026, 12, 30), "36000.00", "36,000 USD over one year, the least that counts"),
        (date(2026, 1, 1), date(2027, 1, 1), "35901.64", "36,000 USD over 1 year and 1 of 365 days = 35,901.64 USD"),
        (date(2027, 1, 1), date(2028, 7, 1), "24000.00", "36,000 USD over 1 year and 183 of 366 days = 24,000 USD"),
        (date(2024, 2, 29), date(2025, 2, 28), "36000.00", "36,000 USD over 1 year = 36,000 USD a year"),
        (date(2024, 2, 29), date(2028, 2, 28), "9000.00", "36,000 USD over 4 years = 9,000 USD a year"),
    ],
)
def test_the_sum_and_its_sentence(start: date, end: date, amount: str, sentence: str) -> None:
    found = annual_value(Decimal(36_000), start, end, perpetual=False, currency="USD")
    assert found.amount == Decimal(amount)
    assert found.text.startswith(sentence)


def test_perpetual_is_six_years() -> None:
    found = annual_value(Decimal("150000.05"), date(2026, 1, 1), None, perpetual=True, currency="EUR")
    assert (found.amount, found.years) == (Decimal("25000.01"), 6)
    assert found.text == "150,000.05 EUR over 6 years = 25,000.01 EUR a year"
    with translation.override("pt-br"):
        assert (
            "150.000,05 EUR" in annual_value(Decimal("150000.05"), date.min, None, perpetual=True, currency="EUR").text
        )


def test_a_term_needs_an_end_after_its_start() -> None:
    for end in (None, date(2025, 12, 31)):
        with pytest.raises(ValueError, match="ends"):
            annual_value(Decimal(1), date(2026, 1, 1), end, perpetual=False)


def _amount(value: Decimal, start: date, days: int) -> Decimal:
    return annual_value(value, start, start + timedelta(days=days), perpetual=False).amount


@given(values, starts, lengths)
def test_never_more_than_the_contract_and_less_the_longer_it_runs(value: Decimal, start: date, days: int) -> None:
    assert value >= _amount(value, start, days) >= _amount(value, start, days + 1) >= 0


@given(values, values, starts, lengths)
def test_a_larger_contract_is_worth_more(one: Decimal, other: Decimal, start: date, days: int) -> None:
    small, large = sorted((one, other))
    assert _amount(small, start, days) <= _amount(large, start, days)


@given(values, starts, some.integers(1, 40))
def test_whole_years_divide(value: Decimal, start: date, years: int) -> None:
    end = anniversary(start, years) - timedelta(days=1)
    found = annual_value(value, start, end, perpetual=False)
    assert found.years == years
    assert found.amount == (value / years).quantize(CENT, ROUND_HALF_UP)


@given(values, starts)
def test_perpetual_divides_by_six(value: Decimal, start: date) -> None:
    assert annual_value(value, start, None, perpetual=True).amount == (value / 6).quantize(CENT, ROUND_HALF_UP)


@given(starts, lengths)
def test_the_rest_of_a_term_is_less_than_its_year(start: date, days: int) -> None:
    """29 February, too: no day is lost, none counts twice."""
    years, rest, of_days = term(start, start + timedelta(days=days))
    assert 0 <= rest < of_days
    assert of_days in (365, 366)
    assert anniversary(start, years) + timedelta(days=rest) == start + timedelta(days=days + 1)
