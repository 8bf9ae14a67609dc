"""What a side says of its registration. The app that registers calls this; nothing else writes these fields."""

from __future__ import annotations

from datetime import datetime

from deals.enums import RegistrationState
from deals.models import Deal


def set_registration(deal: Deal, state: RegistrationState | str, *, closed_at: datetime | None = None) -> bool:
    """Set where the registration of a locked side stands, and when its validation ended. True when that is news.

    No edit of the deal: neither its version nor its time of change moves, so that nobody's form gets stale.
    """
    if (deal.registration_state, deal.registration_closed_at) == (str(state), closed_at):
        return False
    deal.registration_state, deal.registration_closed_at = str(state), closed_at
    deal.save(update_fields=["registration_state", "registration_closed_at"])
    return True
