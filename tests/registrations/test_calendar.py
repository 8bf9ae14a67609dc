"""Working time: of a program's days, on its own wall clock (product.md §7, §10)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cosell.clock import is_working_day
from registrations.calendar import after, between
from registrations.models import Program

REDMOND = Program(country="US", time_zone="America/Los_Angeles")
KOLKATA = Program(country="IN", time_zone="Asia/Kolkata")
BRASIL = Program(country="BR", time_zone="America/Sao_Paulo")


def at(program: Program, *moment: int) -> datetime:
    return datetime(*moment, tzinfo=ZoneInfo(program.time_zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("program", "start", "days", "end"),
    [
        (REDMOND, (2026, 11, 3, 17, 0), 1, (2026, 11, 4, 17, 0)),
        (REDMOND, (2026, 11, 6, 17, 0), 1, (2026, 11, 9, 17, 0)),  # over a weekend
        (REDMOND, (2026, 11, 3, 17, 0), 5, (2026, 11, 10, 17, 0)),
        (REDMOND, (2026, 11, 7, 12, 0), 1, (2026, 11, 10, 0, 0)),  # a Saturday counts from Monday on
        (REDMOND, (2026, 11, 9, 0, 0), 1, (2026, 11, 10, 0, 0)),
        (REDMOND, (2026, 11, 6, 0, 0), 1, (2026, 11, 9, 0, 0)),  # the end of Friday is the beginning of Monday
        (REDMOND, (2026, 11, 10, 9, 0), 1, (2026, 11, 12, 9, 0)),  # Veterans Day
        (REDMOND, (2026, 11, 25, 9, 0), 2, (2026, 11, 30, 9, 0)),  # Thanksgiving, and no more
        (BRASIL, (2026, 11, 25, 9, 0), 2, (2026, 11, 27, 9, 0)),  # not theirs
        (REDMOND, (2026, 12, 31, 9, 0), 1, (2027, 1, 4, 9, 0)),  # the new year, a Friday
        (REDMOND, (2026, 10, 30, 9, 0), 1, (2026, 11, 2, 9, 0)),  # over the end of daylight saving
        (REDMOND, (2027, 3, 12, 9, 0), 1, (2027, 3, 15, 9, 0)),  # over its beginning
        (REDMOND, (2028, 2, 28, 9, 0), 2, (2028, 3, 1, 9, 0)),  # a leap day
        (KOLKATA, (2026, 11, 6, 23, 0), 1, (2026, 11, 9, 23, 0)),  # half-hour zone; another day in UTC
        (REDMOND, (2026, 11, 3, 17, 0), 0, (2026, 11, 3, 17, 0)),
        (REDMOND, (2026, 11, 3, 17, 0), -3, (2026, 11, 3, 17, 0)),  # what was late is due at once
        (REDMOND, (2026, 11, 8, 17, 0), 0, (2026, 11, 9, 0, 0)),
    ],
)
def test_due_after_working_days(program: Program, start: tuple[int, ...], days: int, end: tuple[int, ...]) -> None:
    due = after(at(program, *start), timedelta(days=days), program)
    assert due == at(program, *end)
    assert due.tzinfo == UTC


def test_friday_evening_is_saturday_elsewhere() -> None:
    """23:00 UTC on Friday is a working afternoon in Redmond and a Saturday in India."""
    friday = datetime(2026, 11, 6, 23, 0, tzinfo=UTC)
    assert after(friday, timedelta(hours=1), REDMOND) == friday + timedelta(hours=1)
    assert after(friday, timedelta(hours=1), KOLKATA) == at(KOLKATA, 2026, 11, 9, 1, 0)


def test_time_left_is_negative_when_it_is_late() -> None:
    friday, tuesday = at(REDMOND, 2026, 11, 6, 12, 0), at(REDMOND, 2026, 11, 10, 12, 0)
    assert between(friday, tuesday, REDMOND) == timedelta(days=2)
    assert between(tuesday, friday, REDMOND) == timedelta(days=-2)
    assert between(friday, friday, REDMOND) == timedelta()


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001  made aware here
    lambda moment: moment.replace(tzinfo=UTC, microsecond=0)
)


@given(
    MOMENTS,
    st.timedeltas(timedelta(), timedelta(days=30)).map(lambda span: timedelta(seconds=int(span.total_seconds()))),
    st.sampled_from([KOLKATA, Program(country="US", time_zone="UTC")]),
)
def test_a_clock_that_stops_and_goes_on_loses_nothing(start: datetime, span: timedelta, program: Program) -> None:
    """In zones without daylight saving exactly, wherever it is stopped; the end is on a working day."""
    due = after(start, span, program)
    assert between(start, due, program) == span
    stopped = start + (due - start) / 3
    stopped = stopped.replace(microsecond=0)
    left = between(stopped, due, program)
    assert between(start, stopped, program) + left == span
    assert between(stopped, after(stopped, left, program), program) == left
    day: date = due.astimezone(ZoneInfo(program.time_zone)).date()
    assert is_working_day(day, program.country)
