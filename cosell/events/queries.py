"""Which deliveries: due to be sent, stuck in a dead sender's hand, in somebody's bell."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models

from cosell.events.enums import UNSENT, Channel, DeliveryState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

STUCK_AFTER = timedelta(minutes=10)


class DeliveryQuerySet(models.QuerySet):
    def due(self, now: datetime) -> Self:
        """Mails that may be sent at `now`, the longest due first."""
        return self.filter(channel=Channel.MAIL, state__in=UNSENT, next_try_at__lte=now, not_before__lte=now).order_by(
            "next_try_at", "pk"
        )

    def stuck(self, now: datetime) -> Self:
        """Mails whose sender died: nobody takes that long over one."""
        return self.filter(state=DeliveryState.SENDING, claimed_at__lt=now - STUCK_AFTER)

    def late(self, now: datetime, by: timedelta = timedelta(hours=1)) -> Self:
        """Mails that should have gone `by` ago: the operator's alarm."""
        return self.filter(channel=Channel.MAIL, state__in=UNSENT, not_before__lt=now - by)

    def bell_of(self, user: "User | AnonymousUser", now: datetime) -> Self:
        """What stands in the bell of `user`, the newest first."""
        return self.filter(channel=Channel.BELL, state=DeliveryState.SENT, user=user, not_before__lte=now).order_by(
            "-pk"
        )

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def with_event(self) -> Self:
        """With all that its words are made of."""
        return self.select_related("user", "event__actor", "event__organization").prefetch_related("event__details")
