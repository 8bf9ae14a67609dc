"""May this person? Seeing is `queries.visible_to`; here is changing (product.md §3).

A person changes sides of the own organization: admins within their reach, users and sellers where they are on the
team or cover the customer. Viewers and reviewers change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import Role
from cosell.web.reasons import Reason
from deals.enums import Action, Decision, Direction
from deals.workflow import BY_THE_CLOCK, BY_THE_INVITER

if TYPE_CHECKING:
    from accounts.models import Organization
    from accounts.who import Reach, Who
    from deals.models import Deal, Engagement


def _reaches(reach: Reach, deal: Deal) -> bool:
    return reach.everything or deal.location_id in reach.location_ids


def _is_on_team(who: Who, deal: Deal) -> bool:
    return any(member.user_id == who.user.pk for member in deal.team.all())


def _covers_customer(who: Who, deal: Deal) -> bool:
    if not who.has_role(Role.SELLER):
        return False
    customer = deal.engagement.customer
    return customer.country in who.markets or customer.team.filter(pk=who.user.pk).exists()


def is_editor(who: Who, deal: Deal) -> bool:
    """May `who` change this side at all?"""
    if deal.organization_id != who.organization.pk:
        return False
    if _reaches(who.admin_reach, deal):
        return True
    return (_reaches(who.user_reach, deal) and _is_on_team(who, deal)) or _covers_customer(who, deal)


def would_be_editor(who: Who, deal: Deal) -> bool:
    """May `who` change this side, once on its team?"""
    return is_editor(who, deal) or (deal.organization_id == who.organization.pk and _reaches(who.user_reach, deal))


def can_ask_about_others(who: Who, deal: Deal) -> bool:
    """May `who`, who sees this side, ask whether a colleague does? Admins within their reach, and account admins."""
    own = deal.organization_id == who.organization.pk
    reached = _reaches(who.admin_reach, deal) if own else who.admin_reach.everything
    return reached or who.has_role(Role.ACCOUNT_ADMIN)


def can_start_draft(who: Who) -> bool:
    """May `who` create deals in the current organization? What the organization lacks is for `rules` to say."""
    return who.has_role(Role.REFERRALS_ADMIN, Role.REFERRALS_USER, Role.SELLER)


def refusals(who: Who, deal: Deal, action: Action) -> list[Reason]:
    """Why `who` has no right to `action` on this side; empty when the person has it."""
    if action in BY_THE_CLOCK:
        return [Reason("system_only", _("Only the system does this, when the time is over."))]
    acted_on = deal.invited_from if action in BY_THE_INVITER else deal
    if acted_on is None or acted_on.organization_id != who.organization.pk:
        return [
            Reason(
                "not_your_side",
                _("This side of the deal belongs to %(organization)s.") % {"organization": deal.organization.name},
            )
        ]
    if not is_editor(who, acted_on):
        return [
            Reason(
                "read_only",
                _("Your role lets you read this deal, not change it."),
                _("A referrals admin of %(organization)s can add you to the team or change your role.")
                % {"organization": who.organization.name},
            )
        ]
    if action == Action.SHARE and deal.direction != Direction.OUTBOUND:
        return [Reason("not_creator", _("Only the organization that created the deal decides who sees it."))]
    if action == Action.INVITE and not may_bring_others(deal):
        return [
            Reason(
                "invited_by_partner",
                _("You were invited by a partner; only the organization that created the deal invites more."),
                _("Ask %(organization)s to invite them.") % {"organization": deal.engagement.creator.name},
            )
        ]
    return []


def may_bring_others(deal: Deal) -> bool:
    """The creator's side invites partners, and the side that the host itself invited; nobody else (product.md §5)."""
    if deal.direction == Direction.OUTBOUND:
        return True
    inviter = deal.invited_from
    return inviter is not None and inviter.organization_id == deal.engagement.host_id


def can_match(who: Who) -> bool:
    """May `who` open the queue of account matching of the own organization?"""
    return who.organization.matches_accounts and (who.has_role(Role.REVIEWER) or who.admin_reach.everything)


def matching_refusals(who: Who, engagement: Engagement, decision: Decision, deal: Deal) -> list[Reason]:
    """Why `who` has no right to `decision` on the case of `engagement`, whose creator's side is `deal`."""
    if decision == Decision.ANSWER:
        return _answer_refusals(who, deal)
    if not can_match(who) or engagement.host_id != who.organization.pk:
        return [not_reviewer(engagement.host)]
    return [on_team(engagement.host)] if is_on_any_team(who, engagement) else []


def on_team(host: Organization) -> Reason:
    return Reason(
        "on_team",
        _("You are on the team of a deal with this customer, so somebody else decides who the customer is."),
        _("Another reviewer of %(host)s can do it.") % {"host": host.name},
    )


def is_on_any_team(who: Who, engagement: Engagement) -> bool:
    return engagement.sides.filter(team__user=who.user).exists()


def not_reviewer(host: Organization) -> Reason:
    return Reason("not_reviewer", _("Only reviewers of %(host)s decide who a customer is.") % {"host": host.name})


def merging_refusals(who: Who, engagements: Iterable[Engagement] = ()) -> list[Reason]:
    """Why `who` has no right to make two known accounts one, with the deals that go over."""
    if not can_match(who):
        return [not_reviewer(who.organization)]
    if any(is_on_any_team(who, engagement) for engagement in engagements):
        return [on_team(who.organization)]
    return []


def _answer_refusals(who: Who, deal: Deal) -> list[Reason]:
    """The creator's people answer, also when their side is closed: a won deal may wait for its account."""
    if is_editor(who, deal):
        return []
    if deal.organization_id != who.organization.pk:
        return [
            Reason(
                "not_creator",
                _("%(organization)s entered the customer, so it has to answer.")
                % {"organization": deal.organization.name},
            )
        ]
    return [
        Reason(
            "read_only",
            _("Your role lets you read this deal, not change it."),
            _("A referrals admin of %(organization)s can add you to the team or change your role.")
            % {"organization": who.organization.name},
        )
    ]
