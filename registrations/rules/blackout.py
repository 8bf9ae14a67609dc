"""Blackout windows such as the fiscal close: closed from `starts_at`, open again at `ends_at` (fact sheet 3.3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cosell.web.dates import said
from cosell.web.reasons import Reason
from registrations.models import Blackout, Program

ANNOUNCED = timedelta(days=30)  # before it begins


def closed_now(program: Program, now: datetime) -> Blackout | None:
    """The window that runs now; of several the one that began first."""
    return next(iter(_running(program, now)), None)


def next_opening(program: Program, now: datetime) -> datetime:
    """From when registrations are taken: `now`, or the end of the windows that run and follow without a gap."""
    return max((each.ends_at for each in _running(program, now)), default=now)


def announced(program: Program, now: datetime) -> Blackout | None:
    """The window to tell of: the one that runs, else the next that begins within 30 days."""
    return next((each for each in _to_come(program, now) if each.starts_at <= now + ANNOUNCED), None)


def blackout_refusals(program: Program, now: datetime) -> list[Reason]:
    """Why nothing can be registered now; empty when it can. The time is said in the reader's zone."""
    if not program.is_open:
        return [Reason("program_closed", _("%(program)s takes no registrations.") % {"program": program})]
    if not (windows := _running(program, now)):
        return []
    opens = max(each.ends_at for each in windows)
    return [
        Reason(
            "blackout",
            _("%(program)s takes no registrations now: %(window)s.") % {"program": program, "window": windows[0].name},
            _("Registration is open again from %(when)s.") % {"when": f"{said(opens)} {timezone.localtime(opens):%Z}"},
        )
    ]


def _running(program: Program, now: datetime) -> list[Blackout]:
    """The windows that run now, and those that follow them without a gap, the earliest first."""
    chain: list[Blackout] = []
    opens = now
    for each in _to_come(program, now):
        if each.starts_at > opens:
            break
        chain.append(each)
        opens = max(opens, each.ends_at)
    return chain


def _to_come(program: Program, now: datetime) -> list[Blackout]:
    """Those of the program and of all programs that are not over, the earliest first."""
    windows = Blackout.objects.filter(Q(program=program) | Q(program=None), ends_at__gt=now)
    return list(windows.order_by("starts_at", "pk"))
