"""Which deliveries: due to be sent, stuck in a dead sender's hand, in somebody's bell."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.db import models

from cosell.events.enums import CARRIED, UNSENT, Cadence, Channel, DeliveryState

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

STUCK_AFTER = timedelta(minutes=10)


class PreferenceQuerySet(models.QuerySet):
    def chosen(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Cadence]:
        """What was chosen for these (person, message); where nothing was, the pair is missing."""
        wanted = set(pairs)
        rows = self.filter(person__in={person for person, _ in wanted}, message__in={name for _, name in wanted})
        found = rows.values_list("person", "message", "cadence") if wanted else ()
        return {(person, name): Cadence(cadence) for person, name, cadence in found if (person, name) in wanted}


class ChatHookQuerySet(models.QuerySet):
    def of(self, organization_id: int, location_id: int) -> Self:
        """The chats that are told what concerns this location."""
        here = models.Q(location_id=location_id) | models.Q(location=None)
        found = self.filter(here, organization_id=organization_id, is_active=True)
        return found.select_related("organization").order_by("pk")


class DeliveryQuerySet(models.QuerySet):
    def due(self, now: datetime) -> Self:
        """Mails and chat lines that may be sent at `now`, the longest due first."""
        return self.filter(channel__in=CARRIED, state__in=UNSENT, next_try_at__lte=now, not_before__lte=now).order_by(
            "next_try_at", "pk"
        )

    def stuck(self, now: datetime) -> Self:
        """Mails whose sender died: nobody takes that long over one."""
        return self.filter(state=DeliveryState.SENDING, claimed_at__lt=now - STUCK_AFTER)

    def late(self, now: datetime, by: timedelta = timedelta(hours=1)) -> Self:
        """Mails that should have gone `by` ago: the operator's alarm."""
        return self.filter(channel__in=CARRIED, state__in=UNSENT, not_before__lt=now - by)

    def bell_of(self, user: "User | AnonymousUser", now: datetime) -> Self:
        """What stands in the bell of `user`, the newest first."""
        return self.filter(channel=Channel.BELL, state=DeliveryState.SENT, user=user, not_before__lte=now).order_by(
            "-pk"
        )

    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def with_event(self) -> Self:
        """With all that its words are made of."""
        return self.select_related(
            "user", "hook__organization", "event__actor", "event__organization"
        ).prefetch_related("event__details")
