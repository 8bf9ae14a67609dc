"""Days and instants as people write them, in the reader's language and zone."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, get_timezone_name
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from cosell import clock

MORNING = time(8)


def zone(name: str) -> tzinfo:
    """The time zone of that name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return UTC


def next_morning(after: datetime, time_zone: str) -> datetime:
    """The first eight o'clock of that time zone after an instant, by the clock on the wall there."""
    here = zone(time_zone)
    day = after.astimezone(here).date()
    today = datetime.combine(day, MORNING, here)
    return today if today > after else datetime.combine(day + timedelta(days=1), MORNING, here)


def locale() -> Locale:
    code = (get_language() or settings.LANGUAGE_CODE).replace("-", "_")
    return Locale.parse(code, resolve_likely_subtags=True)


def said_day(on: date) -> str:
    """ "3 Nov", "3 de nov."; the year is said when it is not this one."""
    of = " 'de' " if locale().language == "pt" else " "
    year = "" if on.year == clock.now().year else f"{of}y"
    return format_date(on, f"d{of}MMM{year}", locale=locale())


def said(at: datetime) -> str:
    """ "3 Nov 11:02"."""
    local = timezone.localtime(at)
    return f"{said_day(local.date())} {local:%H:%M}"


def said_with_zone(at: datetime) -> str:
    """ "3 Nov 11:02 (Brasilia Standard Time)": for a page that leaves the house."""
    local = timezone.localtime(at)
    return f"{said(at)} ({get_timezone_name(local, locale=locale())})"
