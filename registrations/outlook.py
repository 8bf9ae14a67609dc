"""Whether a side can be registered, kept on the side itself for lists and the stepper."""

from __future__ import annotations

from datetime import datetime

from deals.models import Deal


def look(deal: Deal, now: datetime) -> None:
    """Look again after a change of a side; the engagement is locked."""
