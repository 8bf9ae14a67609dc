"""Working time of a program: its holidays, in its time zone. A working day is 24 hours of a day that is one.

Reviews and exceptions are due by it (product.md §7, §10).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from cosell.clock import is_working_day
from registrations.models import Program

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def after(at: datetime, span: timedelta, program: Program) -> datetime:
    """The instant at which `span` of working time has passed since `at`; a negative span goes nowhere."""
    here = _wall(at, program)
    left = max(span, timedelta())
    while True:
        if is_working_day(here.date(), program.country):
            rest = _midnight(here.date()) + DAY - here
            if left < rest or left == timedelta():
                return _instant(here + left, program)
            left -= rest
        here = _midnight(here.date()) + DAY


def between(start: datetime, end: datetime, program: Program) -> timedelta:
    """Working time from `start` to `end`; negative when `end` comes first."""
    if end < start:
        return -between(end, start, program)
    here, until = _wall(start, program), _wall(end, program)
    passed = timedelta()
    while here < until:
        following = min(_midnight(here.date()) + DAY, until)
        if is_working_day(here.date(), program.country):
            passed += following - here
        here = following
    return passed


def _wall(at: datetime, program: Program) -> datetime:
    """What the clock on the program's wall shows. Days are counted on it: daylight saving costs nobody an hour."""
    return at.astimezone(ZoneInfo(program.time_zone)).replace(tzinfo=None)


def _instant(wall: datetime, program: Program) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(program.time_zone)).astimezone(UTC)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001  on the wall
