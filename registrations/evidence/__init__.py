"""Files that show the contract: what they may be, where their bytes lie, who gets them (product.md §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from registrations.enums import IN_REVIEW
from registrations.models import Evidence, Registration

if TYPE_CHECKING:
    from accounts.who import Who

PART = 1024 * 1024  # bytes that one request of the script carries


def of(registration: Registration) -> list[Evidence]:
    """The whole files of a registration that nobody removed, oldest first; those of its own side."""
    return list(_whole().filter(registration=registration))


def visible_to(who: Who) -> QuerySet[Evidence]:
    """The files that `who` may open: those of registrations that `who` may see.

    The host sees a file once it was sent: with a submission, or while it reviews. What a partner collects before it
    sends again is its own.
    """
    seen = Registration.objects.visible_to(who)
    sent = Q(number__isnull=False) | Q(registration__state__in=IN_REVIEW)
    own = Q(registration__deal__organization=who.organization)
    return _whole().filter(own | sent, registration__in=seen)


def _whole() -> QuerySet[Evidence]:
    return Evidence.objects.filter(removed_at=None).exclude(sha256="").select_related("by").order_by("pk")
