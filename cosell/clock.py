"""The one clock. Rules, queries and SQL get the time from here, so that tests and the demo can move it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache

import holidays
from django.utils import timezone

_offset = timedelta()


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return timezone.now() + _offset


@contextmanager
def moved_by(offset: timedelta) -> Iterator[None]:
    """Move the clock of this process by `offset` for the length of the block; moves add up."""
    global _offset
    before = _offset
    _offset = before + offset
    try:
        yield
    finally:
        _offset = before


@cache
def _holidays_of(country: str) -> holidays.HolidayBase | frozenset[object]:
    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return frozenset()  # a country that the library does not know: weekends only


def add_working_days(at: datetime, days: int, country: str) -> datetime:
    """The same time of day, `days` working days of `country` (ISO alpha-2) later."""
    while days:
        at += timedelta(days=1)
        days -= is_working_day(at.date(), country)
    return at


def is_working_day(day: date, country: str) -> bool:
    """Neither a weekend nor a public holiday of `country` (ISO alpha-2)."""
    return day.weekday() < 5 and day not in _holidays_of(country)
