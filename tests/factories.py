"""Who and what a test needs beside the cast: each call makes one more, and says only what matters to the test."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from accounts.actions import create_organization
from accounts.enums import CustomerCategory, OrganizationKind, Role, Scope, SolutionKind, SolutionStatus
from accounts.models import CustomerAccount, Location, Membership, Organization, Solution, User
from accounts.who import Who

_number = count(1)


def make_organization(**fields: Any) -> Organization:
    """A partner with its global location."""
    number = next(_number)
    given = {"name": f"Partner {number}", "partner_id": f"7{number:05}", "country": "US", "city": "Seattle"}
    return create_organization(**{**given, **fields})


def make_host(**fields: Any) -> Organization:
    return make_organization(**{"name": "Fabrikam Cloud", "kind": OrganizationKind.VENDOR, **fields})


def make_location(*, organization: Organization, **fields: Any) -> Location:
    number = next(_number)
    given = {"name": f"Location {number}", "partner_id": f"8{number:05}", "country": organization.country}
    return Location.objects.create(organization=organization, **{**given, **fields})


def make_user(**fields: Any) -> User:
    number = next(_number)
    given = {"email": f"person{number}@people.example", "full_name": f"Person {number}", "phone": "+1 206 555 0100"}
    return User.objects.create_user(**{**given, **fields})


def make_membership(
    *,
    organization: Organization,
    user: User | None = None,
    role: Role = Role.REFERRALS_ADMIN,
    locations: Iterable[Location] = (),
    **fields: Any,
) -> Membership:
    """A role in the entire company; with `locations`, at these."""
    locations = list(locations)
    fields.setdefault("scope", Scope.LOCATIONS if locations else Scope.COMPANY)
    membership = Membership.objects.create(user=user or make_user(), organization=organization, role=role, **fields)
    membership.locations.set(locations)
    return membership


def make_who(*, organization: Organization | None = None, role: Role = Role.REFERRALS_ADMIN, **fields: Any) -> Who:
    """A person at work: a new one with one role, in a new organization if none is given."""
    membership = make_membership(organization=organization or make_organization(), role=role, **fields)
    who = Who.of(membership.user, membership.organization)
    assert who is not None
    return who


def make_solution(*, organization: Organization, **fields: Any) -> Solution:
    number = next(_number)
    given = {
        "code": f"SOL-{number:05}",
        "name": f"Solution {number}",
        "kind": SolutionKind.IP,
        "status": SolutionStatus.COSELL_READY,
    }
    return Solution.objects.create(organization=organization, **{**given, **fields})


def make_customer(*, name: str = "", **fields: Any) -> CustomerAccount:
    """A managed account in the United States."""
    number = next(_number)
    given = {
        "category": CustomerCategory.MANAGED,
        "country": "US",
        "city": "Seattle",
        "account_id": f"ACC-{number:06}",
    }
    if fields.get("category") == CustomerCategory.MANUAL:
        given["account_id"] = None
    return CustomerAccount.objects.create(name=name or f"Customer {number}", **{**given, **fields})
