"""May this be done to the people of an organization? Reasons, each with a code and a sentence (product.md §3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.enums import VENDOR_ROLES, OrganizationKind, Role, Scope
from accounts.models import Invite, Location, Membership, Organization, User
from accounts.who import Who
from cosell.web.countries import country_choices, country_name
from cosell.web.dates import said
from cosell.web.reasons import Reason


@dataclass(frozen=True)
class Grant:
    """A role with its scope: `locations` where it is some, `markets` (ISO alpha-2) that a seller covers."""

    role: str
    scope: str = Scope.COMPANY
    locations: Collection[Location] = field(default=())
    markets: Collection[str] = field(default=())


def scope_words(row: Membership | Invite) -> str:
    """Where a role holds, as people say it: "London, Recife", "Entire company · Canada, Portugal"."""
    locations = ", ".join(location.name for location in row.locations.all()) or _("no location")
    where = str(Scope.COMPANY.label) if row.scope == Scope.COMPANY else locations
    return " · ".join([where, *([", ".join(map(country_name, row.markets))] if row.markets else [])])


def keeper_role(organization: Organization) -> Role:
    """Who looks after the people of such an organization."""
    return Role.VENDOR_ADMIN if organization.kind == OrganizationKind.VENDOR else Role.ACCOUNT_ADMIN


def roles_of(organization: Organization) -> list[Role]:
    """The roles that an organization of this kind has."""
    is_vendor = organization.kind == OrganizationKind.VENDOR
    return [role for role in Role if (role in VENDOR_ROLES) == is_vendor]


def can_keep_people(who: Who) -> bool:
    """May `who` invite to the current organization, and change roles there? The operator may everywhere."""
    return who.user.is_active and (who.user.is_superuser or who.has_role(keeper_role(who.organization)))


def keeping_refusals(who: Who) -> list[Reason]:
    if can_keep_people(who):
        return []
    role = keeper_role(who.organization).label
    text = _("Only a person with the role “%(role)s” invites people and changes roles.") % {"role": role}
    return [Reason("not_keeper", text)]


def grant_refusals(organization: Organization, grant: Grant) -> list[Reason]:
    """Why this role makes no sense there; each reason names the field."""
    found = []
    if grant.role not in roles_of(organization):
        text = _("An organization of this kind does not have this role.")
        found.append(Reason("role_of_other_kind", text, field="role"))
    if any(location.organization_id != organization.pk for location in grant.locations):
        text = _("Choose locations of the organization.")
        found.append(Reason("foreign_location", text, field="locations"))
    if grant.scope == Scope.LOCATIONS and not grant.locations:
        found.append(Reason("no_location", _("Choose at least one location."), field="locations"))
    if unknown := set(grant.markets) - {code for code, _name in country_choices()}:
        text = _("No country has the code %(codes)s.") % {"codes": ", ".join(sorted(unknown))}
        found.append(Reason("unknown_market", text, field="markets"))
    return found


def inviting_refusals(organization: Organization, email: str, grant: Grant) -> list[Reason]:
    """Why this address cannot be asked to take this role: it has it, is asked already, or its sign-in is closed."""
    found = grant_refusals(organization, grant)
    user = User.objects.filter(email__iexact=email).first()
    names = {"email": email, "organization": organization.name}
    if user and holds(user, organization, grant.role):
        text = _("%(email)s has this role in %(organization)s already.") % names
        found.append(Reason("has_role", text, _("Its scope is changed among the roles."), field="email"))
    if user and is_closed_by_operator(user):
        found.append(closed_sign_in())
    if open_invites(organization, email).filter(role=grant.role).exists():
        text = _("%(email)s is invited to this role already.") % names
        fix = _("Send that invitation again, or take it back first.")
        found.append(Reason("already_invited", text, fix, field="email"))
    return found


def joining_refusals(invite: Invite, asked_until: datetime | None, now: datetime) -> list[Reason]:
    """Why the link in the mail does nothing any more. `asked_until` is the end that the link carries."""
    ask = _("Ask %(who)s for a new invitation.") % {"who": invite.invited_by.full_name}
    if invite.accepted_at:
        text = _("This invitation was used on %(when)s.") % {"when": said(invite.accepted_at)}
        return [Reason("used", text, _("Sign in with the address that it was sent to."))]
    if invite.revoked_at:
        return [
            Reason(
                "revoked", _("This invitation was taken back on %(when)s.") % {"when": said(invite.revoked_at)}, ask
            )
        ]
    if asked_until != invite.expires_at:
        text = _("There is a newer mail with this invitation.")
        return [Reason("replaced", text, _("Use the link in the newest one."))]
    known = User.objects.filter(email__iexact=invite.email).first()
    if known and is_closed_by_operator(known):
        return [closed_sign_in()]
    if now >= invite.expires_at:
        return [Reason("expired", _("This invitation ended on %(when)s.") % {"when": said(invite.expires_at)}, ask)]
    return []


def losing_refusals(organization: Organization, user: User, role: str = "") -> list[Reason]:
    """Why `user` cannot lose `role` (empty: all roles) there: nobody would be left to look after the people."""
    keeper = keeper_role(organization)
    if role not in ("", keeper) or not holds(user, organization, keeper):
        return []
    others = Membership.objects.filter(
        organization=organization, role=keeper, is_active=True, user__is_active=True
    ).exclude(user=user)
    if others.exists():
        return []
    text = _("%(name)s is the last one with the role “%(role)s” in %(organization)s.") % {
        "name": user.full_name,
        "role": keeper.label,
        "organization": organization.name,
    }
    return [Reason("last_keeper", text, _("Give this role to somebody else first."))]


def leaving_refusals(organization: Organization, user: User, successor: User | None) -> list[Reason]:
    """Why `user` cannot leave, with the places on teams going to `successor`."""
    if not is_at_work(user, organization):
        text = _("%(name)s has no role in %(organization)s.")
        return [Reason("not_here", text % {"name": user.full_name, "organization": organization.name})]
    found = losing_refusals(organization, user)
    if successor and (successor == user or not is_at_work(successor, organization)):
        text = _("Choose somebody else who works in %(organization)s.") % {"organization": organization.name}
        found.append(Reason("not_at_work", text, field="successor"))
    return found


def holds(user: User, organization: Organization, role: str) -> bool:
    return user.memberships.filter(organization=organization, role=role, is_active=True).exists()


def is_at_work(user: User, organization: Organization) -> bool:
    return user.is_active and user.memberships.filter(organization=organization, is_active=True).exists()


def is_closed_by_operator(user: User) -> bool:
    """Switched off though there are roles; who left everywhere has none, and may be invited back."""
    return not user.is_active and user.memberships.filter(is_active=True).exists()


def closed_sign_in() -> Reason:
    return Reason(
        "closed_sign_in",
        _("The sign-in of this address is switched off."),
        _("The operator can open it."),
        field="email",
    )


def open_invites(organization: Organization, email: str) -> QuerySet[Invite]:
    """Neither accepted nor taken back; the end may be over."""
    return Invite.objects.filter(
        organization=organization, email__iexact=email, accepted_at__isnull=True, revoked_at__isnull=True
    )
