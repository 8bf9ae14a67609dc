"""The words to who cannot answer an invitation, and can make somebody able to (product.md §8).

They may not see the deal: neither customer nor value stands here, and the link leads to the roles of their company.
"""

from __future__ import annotations

from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse

from accounts.enums import HEADS, OrganizationKind, Role
from cosell.events.catalogue import Recipient
from cosell.events.enums import Fill
from cosell.events.models import Event
from deals import audience, samples
from deals.models import Deal


def context(event: Event, recipient: Recipient) -> dict[str, Any]:
    """`able` gives the names of who can answer; `url` is the page where roles are given, "" for who gives none."""
    deal: Deal = getattr(event, "prepared_deal", None) or Deal.objects.get(pk=event.deal_id or 0)
    keeps = False
    if recipient.user:
        prefetch_related_objects([recipient.user], "memberships")
        held = [each for each in recipient.user.memberships.all() if each.is_active]
        keeps = any(each.organization_id == deal.organization_id and each.role in HEADS for each in held)
    words = _words(deal, is_reminder="hours_left" in event.data, keeps=keeps)
    return words | {"able": lambda: [str(user) for user in audience.who_can_answer(deal)]}


def sample(name: str, fill: Fill) -> dict[str, Any]:
    """As `context`, of a made-up case."""
    deal: Deal = samples.of_deal("opportunity_expiring", fill)["deal"]
    able = [] if fill == Fill.MISSING else [samples.words(fill, "Ana Souza", 120), "Júlia Campos"]
    return _words(deal, is_reminder=fill != Fill.MISSING, keeps=True) | {"able": able}


def _words(deal: Deal, *, is_reminder: bool, keeps: bool) -> dict[str, Any]:
    is_partner = deal.organization.kind == OrganizationKind.PARTNER
    return {
        "deal": deal,
        "engagement": deal.engagement,
        "sender": deal.invited_from.organization.name if deal.invited_from else "",
        "is_reminder": is_reminder,
        "role": (Role.REFERRALS_ADMIN if is_partner else Role.VENDOR_ADMIN).label,
        "keeps": keeps,
        "url": reverse("admin:accounts_membership_changelist") if keeps else "",
    }
