"""What a reviewer decided last, kept in the session: the next page offers to take it back (product.md §10)."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import datetime
from typing import Any

from registrations.enums import Level, Outcome
from registrations.models import Registration
from registrations.rules import acting
from registrations.workflow import UNDO_WITHIN

KEY = "decided"


def remember(session: MutableMapping[str, Any], decided: Registration, outcome: Outcome, now: datetime) -> None:
    session[KEY] = {
        "uid": str(decided.uid),
        "outcome": outcome.value,
        "name": decided.deal.name,
        "waits": acting.waits_for_reviewer(decided) and decided.level > Level.FIRST,
        "at": now.isoformat(),
    }


def forget(session: MutableMapping[str, Any]) -> None:
    session.pop(KEY, None)


def offered(session: MutableMapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """uid, name and outcome; `waits` for another person; `seconds` that are left. None once the minute is over."""
    found = session.get(KEY)
    if not found:
        return None
    left = int((datetime.fromisoformat(found["at"]) + UNDO_WITHIN - now).total_seconds())
    return {**found, "seconds": left} if left > 0 else None
