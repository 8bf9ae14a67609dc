"""To whom may a side be handed over (product.md §10)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.enums import Role, Scope
from accounts.models import Membership, User
from accounts.who import Who
from cosell.web.reasons import Reason
from deals import perms
from deals.receivers import ADMINS

if TYPE_CHECKING:
    from deals.models import Deal

CHANGING = ADMINS | {Role.REFERRALS_USER, Role.SELLER}


def colleagues(who: Who, deal: Deal) -> QuerySet[User]:
    """Whom `who` may hand this side over to, by name: the people of `perms.would_be_editor`, as rows."""
    customer = deal.engagement.customer
    here = Q(scope=Scope.COMPANY) | Q(locations=deal.location_id)
    if deal.location.is_global:
        here |= Q(locations__organization=deal.organization)
    reaching = Q(role__in=CHANGING) & here
    covering = Q(role=Role.SELLER) & (Q(markets__contains=[customer.country]) | Q(user__named_accounts=customer))
    roles = Membership.objects.filter(reaching | covering, organization=deal.organization, is_active=True)
    people = User.objects.filter(is_active=True, pk__in=roles.values("user")).exclude(pk=who.user.pk)
    return people.order_by("full_name", "pk")


def colleague_refusals(who: Who, deal: Deal, to: User) -> list[Reason]:
    """Why `who` cannot hand this side over to `to`; the answer has to be given by somebody who may."""
    if to.pk == who.user.pk:
        return [Reason("yourself", _("Choose somebody else: you have it already."), field="to")]
    colleague = Who.of(to, deal.organization) if to.is_active else None
    if colleague is None:
        return [
            Reason(
                "no_colleague",
                _("%(name)s does not work for %(organization)s here.")
                % {"name": to.full_name, "organization": deal.organization.name},
                _("An account admin can invite them."),
                field="to",
            )
        ]
    if not perms.would_be_editor(colleague, deal):
        return [
            Reason(
                "cannot_act",
                _("The role of %(name)s does not let them change deals of %(location)s, on the team or not.")
                % {"name": to.full_name, "location": deal.location.name},
                _("An account admin can change their role or its locations."),
                field="to",
            )
        ]
    return []
