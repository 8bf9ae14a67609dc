"""The days between which a contract may be signed and start (fact sheet 3.3), as product.md §7 judges them.

Contract dates are calendar dates, never converted. So that nobody loses a day, "not in the future" asks where the day
begins first (UTC+14), "days ago" where it ends last (UTC-12). Instants, such as the creation, are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from registrations.annual import anniversary

SIGNED_WITHIN = timedelta(days=60)
STARTED_WITHIN = timedelta(days=90)
PAYG_YEARS = 1
_FIRST = timedelta(hours=14)
_LAST = timedelta(hours=12)


@dataclass(frozen=True)
class Windows:
    """All bounds are included. `payg_until` bounds the signing of pay-as-you-go, where no count of days does."""

    today: date  # the latest that is not in the future, anywhere
    shared_on: date  # the later of creation and the invitation that was accepted
    was_invited: bool  # the invitation is the later one
    signed_from: date
    starts_from: date
    payg_until: date


def windows(
    now: datetime, created_at: datetime, invited_at: datetime | None, since: datetime | None = None
) -> Windows:
    """The windows at an instant; all are aware. `since`: of the first submission, from which days are counted back."""
    shared_at = max(created_at, invited_at or created_at)
    shared_on = shared_at.astimezone(UTC).date()
    west = ((since or now).astimezone(UTC) - _LAST).date()
    return Windows(
        today=(now.astimezone(UTC) + _FIRST).date(),
        shared_on=shared_on,
        was_invited=shared_at > created_at,
        signed_from=west - SIGNED_WITHIN,
        starts_from=west - STARTED_WITHIN,
        payg_until=anniversary(shared_on, PAYG_YEARS),
    )
