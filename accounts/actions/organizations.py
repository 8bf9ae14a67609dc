"""What a company says of itself, its locations and its solutions; and what the host decides about it (product.md §3).

Each action locks the organization, checks on the locked row, writes, and records old and new. Who does it is a `Who`
at work in some organization, or the operator as a plain person.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Model, ProtectedError
from django.utils.translation import gettext as _

from accounts.actions.customers import create_organization
from accounts.actions.door import lock_organization, tell
from accounts.enums import HEADS, EventKind, OrganizationKind, Role, SolutionKind
from accounts.models import Location, Membership, Organization, Solution, User
from accounts.who import Who
from cosell import clock
from cosell.web.reasons import Reason, Refused

By = Who | User
Values = Mapping[str, Any]  # {name of a field: what is to stand}

PROFILE = frozenset({"description", "website", "language", "time_zone"})
SIGNING_IN = frozenset({"requires_mfa", "acts_from_mail"})
BY_HOST = frozenset(
    {
        "name",
        "country",
        "in_ecosystem",
        "transacts",
        "solutions_partner",
        "specialization",
        "azure_expert_msp",
        "assessment_vetted",
        "matches_accounts",
    }
)
PLACE = frozenset({"name", "country", "city"})
OWN_SOLUTION = frozenset({"name", "kind", "location", "is_active"})
STATUS = frozenset({"code", "status", "bizapps", "macc_eligible", "incentivized"})
PARTNER_KINDS = (SolutionKind.IP, SolutionKind.SERVICE)


# ------------------------------------------------------------------------------------------------------ who may what


def is_operator(by: By) -> bool:
    return isinstance(by, User) and by.is_active and by.is_superuser


def is_host(by: By) -> bool:
    """The host's admin, who decides about partners."""
    return isinstance(by, Who) and by.organization.kind == OrganizationKind.VENDOR and by.has_role(Role.VENDOR_ADMIN)


def _at_home(by: By, organization: Organization, *roles: Role) -> bool:
    return isinstance(by, Who) and by.organization == organization and by.has_role(*roles)


def profile_fields(by: By, organization: Organization) -> frozenset[str]:
    """What `by` may change of `organization`."""
    if is_operator(by):
        return PROFILE | SIGNING_IN | BY_HOST | {"kind"}
    fields: frozenset[str] = frozenset()
    if _at_home(by, organization, *HEADS) or keeps_all_referrals(by, organization):
        fields |= PROFILE
    if _at_home(by, organization, *HEADS):
        fields |= SIGNING_IN
    return fields | BY_HOST if is_host(by) else fields


def keeps_all_referrals(by: By, organization: Organization) -> bool:
    """A referrals admin (of the host: its admin) of the entire company."""
    return isinstance(by, Who) and by.organization == organization and by.admin_reach.everything


def may_change_location(by: By, organization: Organization, location: Location | None) -> bool:
    """`location` None is a new one: for who looks after the whole company."""
    if is_operator(by) or _at_home(by, organization, Role.ACCOUNT_ADMIN) or keeps_all_referrals(by, organization):
        return True
    if not isinstance(by, Who) or by.organization != organization or location is None:
        return False
    return not location.is_global and location.pk in by.admin_reach.location_ids


def solution_fields(by: By, organization: Organization) -> frozenset[str]:
    """What `by` may change of a solution of `organization`: what it is, and what the host says of it."""
    if is_operator(by):
        return OWN_SOLUTION | STATUS
    own = _at_home(by, organization, Role.SOLUTION_ADMIN, Role.VENDOR_ADMIN)
    return (OWN_SOLUTION if own else frozenset()) | (STATUS if is_host(by) else frozenset())


# -------------------------------------------------------------------------------------------------------- the company


def change_profile(by: By, organization_id: int, values: Values) -> Organization:
    """Change what `values` names. Refused (403) where somebody else decides; what stays as it is asks no right."""
    with transaction.atomic():
        organization = lock_organization(organization_id)
        changes = _changes(organization, values)
        _only(changes, profile_fields(by, organization))
        if changes:
            _write(organization, values, changes)
            _tell(EventKind.PROFILE_CHANGED, organization, by, {}, changes)
        return organization


def add_organization(by: By, values: Values, *, partner_id: str, city: str = "") -> Organization:
    """A new partner with its global location. Refused (403) for all but the host's admin and the operator."""
    with transaction.atomic():
        if not (is_operator(by) or is_host(by)):
            raise Refused([_not_yours()], 403)
        given = {"kind": OrganizationKind.PARTNER, **values}
        organization = lock_organization(create_organization(partner_id=partner_id, city=city, **given).pk)
        _tell(EventKind.PROFILE_CHANGED, organization, by, {"added": True}, {})
        return organization


# ---------------------------------------------------------------------------------------------------------- locations


def save_location(by: By, organization_id: int, location_id: int | None, values: Values) -> Location:
    """Add a location (None), or change one; its PartnerID is given once, and the first one stays the global one."""
    with transaction.atomic():
        organization = lock_organization(organization_id)
        location = _location(organization, location_id)
        if not may_change_location(by, organization, location):
            raise Refused([_not_yours()], 403)
        is_new = location is None
        location = location or Location(organization=organization)
        changes = _changes(location, values)
        _only(changes, PLACE | ({"partner_id"} if is_new else frozenset()), 422)
        if changes:
            _write(location, values, changes)
            data = {"location": location.partner_id, **({"added": True} if is_new else {})}
            _tell(EventKind.LOCATION_CHANGED, organization, by, data, changes)
        return location


def remove_location(by: By, organization_id: int, location_id: int) -> None:
    """Refused (409) for the global one, and while deals, roles or rules stand at it."""
    with transaction.atomic():
        organization = lock_organization(organization_id)
        location = _location(organization, location_id)
        if location is None or not may_change_location(by, organization, location):
            raise Refused([_not_yours()], 403)
        if reasons := staying(location):
            raise Refused(reasons)
        partner_id, name = location.partner_id, location.name
        try:
            location.delete()
        except ProtectedError as error:
            raise Refused([_in_use(error.protected_objects)]) from error
        data = {"location": partner_id, "removed": True}
        _tell(EventKind.LOCATION_CHANGED, organization, by, data, {"name": [name, ""]})


def staying(location: Location) -> list[Reason]:
    """Why a location cannot go, as far as this app knows; deals and rules are known by the database."""
    if location.is_global:
        return [Reason("global_location", _("The global location of a company stays."))]
    if Membership.objects.filter(locations=location, is_active=True).exists():
        return [
            Reason(
                "location_has_roles",
                _("Roles of people hold at this location."),
                _("Give them other locations first."),
            )
        ]
    return []


def _in_use(rows: Collection[Model]) -> Reason:
    kinds = sorted({str(type(row)._meta.verbose_name_plural) for row in rows})
    return Reason("location_in_use", _("There are %(kinds)s at this location.") % {"kinds": ", ".join(kinds)})


# ---------------------------------------------------------------------------------------------------------- solutions


def save_solution(by: By, organization_id: int, solution_id: int | None, values: Values) -> Solution:
    """Add a solution (None), or change one. What its company says of it and what the host decides are two rights."""
    with transaction.atomic():
        organization = lock_organization(organization_id)
        fields = solution_fields(by, organization)
        solution = organization.solutions.filter(pk=solution_id).first() if solution_id else None
        is_new = solution is None
        if (solution_id and solution is None) or (is_new and "name" not in fields):
            raise Refused([_not_yours()], 403)
        solution = solution or Solution(organization=organization, code=new_code(values.get("name", "")))
        changes = _changes(solution, {name: value for name, value in values.items() if name != "code" or value})
        _only(changes, fields)
        if reasons := _solution_refusals(organization, values, changes):
            raise Refused(reasons, 422)
        if changes:
            _write(solution, values, changes)
            data = {"solution": solution.code, **({"added": True} if is_new else {})}
            _tell(EventKind.SOLUTION_CHANGED, organization, by, data, changes)
        return solution


def _solution_refusals(organization: Organization, values: Values, changes: Collection[str]) -> list[Reason]:
    found = []
    location = values.get("location")
    if "location" in changes and location and location.organization_id != organization.pk:
        found.append(Reason("foreign_location", _("Choose a location of the company."), field="location"))
    is_partner = organization.kind == OrganizationKind.PARTNER
    if "kind" in changes and is_partner and values["kind"] not in PARTNER_KINDS:
        found.append(Reason("kind_of_host", _("Partners offer IP and service solutions."), field="kind"))
    return found


def new_code(name: str) -> str:
    """A code that nothing has yet: "SOL-48210-CLH"."""
    letters = "".join(word[0] for word in name.upper().split() if word[0].isascii() and word[0].isalpha())
    while True:
        code = f"SOL-{10_000 + secrets.randbelow(90_000)}-{(letters + 'XXX')[:3]}"
        if not Solution.objects.filter(code=code).exists():
            return code


# -------------------------------------------------------------------------------------------------------- of them all


def _location(organization: Organization, location_id: int | None) -> Location | None:
    """The location of this organization. Refused (404) when there is none with this number."""
    if location_id is None:
        return None
    location = organization.locations.select_for_update().filter(pk=location_id).first()
    if location is None:
        raise Refused([Reason("no_location", _("This location does not exist any more."))], 404)
    return location


def _changes(row: Model, values: Values) -> dict[str, list[Any]]:
    """{field: [old, new]} in words that can be kept."""
    found = {name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value}
    if row.pk is None:  # of a new row all that was said
        found = {name: ["", value] for name, value in values.items() if value not in ("", None)}
    return {name: [_plain(old), _plain(new)] for name, (old, new) in found.items()}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Model) else value


def _only(changes: Collection[str], allowed: Collection[str], status: int = 403) -> None:
    if forbidden := sorted(set(changes) - set(allowed)):
        raise Refused([_not_yours(name) for name in forbidden], status)


def _not_yours(field: str = "") -> Reason:
    return Reason("not_yours", _("Your roles do not let you change this."), field=field)


def _write(row: Model, values: Values, changes: Collection[str]) -> None:
    for name in changes:
        setattr(row, name, values[name])
    row.save()


def _tell(
    kind: EventKind, organization: Organization, by: By, data: Mapping[str, Any], changes: Mapping[str, Any]
) -> None:
    data = {**data, "fields": sorted(changes)}
    tell(kind, organization, clock.now(), by, data=data, details={"changes": changes} if changes else None)
