"""What a person's calendar holds of registrations (deals.calendar_feed)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from deals.calendar_feed import MOST, Entry
from deals.enums import RegistrationState, Stage
from deals.home import editable_by
from registrations.outlook import REGISTER_WITHIN

if TYPE_CHECKING:
    from accounts.who import Who


def to_register(who: Who, now: datetime, until: datetime) -> Iterable[Entry]:
    """Until when won deals can be registered, on whose team `who` is."""
    mine = editable_by(who).filter(team__user=who.user, stage=Stage.WON, registration_state=RegistrationState.PENDING)
    mine = mine.filter(closed_at__gt=now - REGISTER_WITHIN, closed_at__lte=until - REGISTER_WITHIN)
    for deal in mine.select_related("engagement__customer").order_by("closed_at", "pk")[:MOST]:
        if deal.closed_at:
            yield Entry(
                uid=f"register-{deal.uid}",
                summary=_("Register: %(customer)s (%(reference)s)")
                % {"customer": deal.engagement.customer.name, "reference": deal.engagement.reference},
                on=deal.closed_at + REGISTER_WITHIN,
                path=reverse("registrations:registration", args=[deal.uid]),
                changed_at=deal.updated_at,
                description=deal.name,
            )
