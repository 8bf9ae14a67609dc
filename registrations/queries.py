"""Which rows? `visible_to` is the one definition of whose registrations a person may open (product.md §3, §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from deals.enums import REGISTRATION_SUBMITTED
from deals.models import Deal
from registrations import perms
from registrations.enums import IN_REVIEW, ExceptionState

if TYPE_CHECKING:
    from accounts.who import Who


class RegistrationQuerySet(models.QuerySet):
    def visible_to(self, who: Who) -> Self:
        """Those of own sides that `who` may open, drafts too; for reviewers of the host, what was submitted to it."""
        own = Q(deal__in=Deal.objects.visible_to(who).filter(organization=who.organization))
        if perms.can_review(who):
            own |= Q(engagement__host=who.organization, state__in=REGISTRATION_SUBMITTED)
        return self.filter(own)

    def reviewable_by(self, who: Who) -> Self:
        """What the queue of `who` may show: submitted to the own organization."""
        if not perms.can_review(who):
            return self.none()
        return self.filter(engagement__host=who.organization, state__in=REGISTRATION_SUBMITTED)

    def waiting(self) -> Self:
        """What waits for a reviewer."""
        return self.filter(state__in=IN_REVIEW)

    def with_page_data(self) -> Self:
        """All that a row of the queue and the head of a page say."""
        return self.select_related(
            "program",
            "deal__organization",
            "deal__location",
            "engagement__customer",
            "engagement__creator",
            "engagement__host",
            "claimed_by",
            "assigned_to",
        )


class ExceptionQuerySet(models.QuerySet):
    def visible_to(self, who: Who) -> Self:
        """Those of own sides that `who` may open; for reviewers of the host, all that were sent to it."""
        own = Q(deal__in=Deal.objects.visible_to(who).filter(organization=who.organization))
        if perms.can_review(who):
            own |= Q(deal__engagement__host=who.organization)
        return self.filter(own)

    def reviewable_by(self, who: Who) -> Self:
        if not perms.can_review(who):
            return self.none()
        return self.filter(deal__engagement__host=who.organization)

    def waiting(self) -> Self:
        return self.filter(state=ExceptionState.WAITING)
