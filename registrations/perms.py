"""May this person? Partners claim on their own sides; reviewers of the host decide, never on a deal they work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import Role
from cosell.web.reasons import Reason
from deals import perms as deal_perms

if TYPE_CHECKING:
    from accounts.who import Who
    from deals.models import Deal, Engagement
    from registrations.models import Registration


def can_review(who: Who) -> bool:
    """May `who` open the review queue? Reviewers and vendor admins (product.md §1)."""
    return who.has_role(Role.REVIEWER, Role.VENDOR_ADMIN)


def is_vendor_admin(who: Who) -> bool:
    return who.has_role(Role.VENDOR_ADMIN)


def claiming_refusals(who: Who, deal: Deal) -> list[Reason]:
    """Why `who` may not register this side, or change what was registered; empty when the person may."""
    if deal.organization_id != who.organization.pk:
        return [
            Reason(
                "not_your_side",
                _("This side of the deal belongs to %(organization)s.") % {"organization": deal.organization.name},
            )
        ]
    if deal.organization_id == deal.engagement.host_id:
        return [Reason("host_side", _("%(host)s registers nothing: partners do.") % _host(deal.engagement))]
    if deal_perms.is_editor(who, deal):
        return []
    return [
        Reason(
            "read_only",
            _("Your role lets you read this deal, not change it."),
            _("A referrals admin of %(organization)s can add you to the team or change your role.")
            % {"organization": who.organization.name},
        )
    ]


def reviewing_refusals(who: Who, engagement: Engagement) -> list[Reason]:
    """Why `who` may not decide about a registration on this engagement (product.md §7)."""
    if not can_review(who) or engagement.host_id != who.organization.pk:
        return [
            Reason("not_reviewer", _("Only reviewers of %(host)s decide about registrations.") % _host(engagement))
        ]
    if deal_perms.is_on_any_team(who, engagement):
        return [
            Reason(
                "on_team",
                _("You are on the team of this deal, so somebody else decides about its registration."),
                _("Another reviewer of %(host)s can do it.") % _host(engagement),
            )
        ]
    return []


def admin_refusals(who: Who, registration: Registration) -> list[Reason]:
    """Why `who` may not do what only the vendor's admin does."""
    if refused := reviewing_refusals(who, registration.engagement):
        return refused
    if is_vendor_admin(who):
        return []
    words = _("Only a vendor admin of %(host)s can do this.") % _host(registration.engagement)
    return [Reason("not_vendor_admin", words)]


def _host(engagement: Engagement) -> dict[str, str]:
    return {"host": engagement.host.name}
