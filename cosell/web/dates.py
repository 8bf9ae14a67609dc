"""Days and instants as people write them, in the reader's language and zone."""

from datetime import date, datetime

from babel import Locale
from babel.dates import format_date
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from cosell import clock


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
