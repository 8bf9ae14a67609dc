"""What a person's roles reach (the table of product.md §3)."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.enums import OrganizationKind, Role
from accounts.models import Location, Organization
from accounts.who import Reach, Who
from tests.factories import make_host, make_location, make_membership, make_organization, make_user, make_who

pytestmark = pytest.mark.django_db
NOWHERE = Reach()
EVERYWHERE = Reach(everything=True)
KINDS = ("admin_reach", "viewer_reach", "user_reach")

REACHES = {
    Role.REFERRALS_ADMIN: "admin_reach",
    Role.VENDOR_ADMIN: "admin_reach",
    Role.REFERRALS_VIEWER: "viewer_reach",
    Role.REVIEWER: "viewer_reach",
    Role.REFERRALS_USER: "user_reach",
    Role.SELLER: "user_reach",
    Role.ACCOUNT_ADMIN: "",
    Role.SOLUTION_ADMIN: "",
}
CREATORS = {Role.REFERRALS_ADMIN, Role.REFERRALS_USER, Role.SELLER}


def reaches(who: Who) -> dict[str, Reach]:
    return {name: getattr(who, name) for name in KINDS}


def only(role: Role, reach: Reach) -> dict[str, Reach]:
    return {name: reach if name == REACHES[role] else NOWHERE for name in KINDS}


def test_every_role_has_its_reach() -> None:
    assert set(REACHES) == set(Role)


@pytest.mark.parametrize("role", Role)
def test_entire_company(contoso: Organization, london: Location, role: Role) -> None:
    who = make_who(organization=contoso, role=role)
    assert reaches(who) == {
        name: EVERYWHERE if name == REACHES[role] else NOWHERE
        for name in ("admin_reach", "viewer_reach", "user_reach")
    }
    assert who.can_create_at(london) == (role in CREATORS)
    assert set(who.creation_locations()) == (set(contoso.locations.all()) if role in CREATORS else set())
    assert who.scope_label == "Entire company"


@pytest.mark.parametrize("role", Role)
def test_some_locations_and_the_global_one(
    contoso: Organization, headquarters: Location, london: Location, recife: Location, role: Role
) -> None:
    who = make_who(organization=contoso, role=role, locations=[london])
    seen = Reach(location_ids=frozenset({london.pk, headquarters.pk}))
    assert reaches(who) == only(role, seen)
    assert set(who.creation_locations()) == ({london} if role in CREATORS else set())
    assert not who.can_create_at(headquarters)
    assert not who.can_create_at(recife)
    assert who.scope_label == "London"


def test_roles_add_up(contoso: Organization, headquarters: Location, london: Location, recife: Location) -> None:
    user = make_user()
    make_membership(user=user, organization=contoso, role=Role.REFERRALS_ADMIN, locations=[london])
    make_membership(user=user, organization=contoso, role=Role.REFERRALS_USER, locations=[recife])
    make_membership(user=user, organization=contoso, role=Role.REFERRALS_VIEWER)
    who = Who.of(user, contoso)
    assert who is not None
    assert who.admin_reach == Reach(location_ids=frozenset({london.pk, headquarters.pk}))
    assert who.user_reach == Reach(location_ids=frozenset({recife.pk, headquarters.pk}))
    assert who.viewer_reach == EVERYWHERE
    assert set(who.creation_locations()) == {london, recife}
    assert who.has_role(Role.SELLER, Role.REFERRALS_USER)
    assert not who.has_role(Role.SELLER)


def test_a_scope_of_no_location_or_of_foreign_ones_reaches_nothing(contoso: Organization) -> None:
    foreign = make_location(organization=make_organization())
    for locations in ([], [foreign]):
        who = make_who(organization=contoso, scope="locations", locations=locations)
        assert reaches(who) == dict.fromkeys(reaches(who), NOWHERE)
        assert not who.can_create_at(foreign)
        assert not who.creation_locations().exists()


def test_nobody_creates_at_another_company(contoso: Organization) -> None:
    assert not make_who(organization=contoso).can_create_at(make_location(organization=make_organization()))


def test_markets_are_those_of_the_sellers_roles() -> None:
    host, user = make_host(), make_user()
    make_membership(user=user, organization=host, role=Role.SELLER, markets=["US", "CA"])
    make_membership(user=user, organization=host, role=Role.REVIEWER, markets=["JP"])
    who = Who.of(user, host)
    assert who is not None
    assert who.markets == {"US", "CA"}


def test_ended_roles_do_not_count(contoso: Organization) -> None:
    user = make_user()
    make_membership(user=user, organization=contoso, is_active=False)
    other = make_membership(user=user, organization=make_organization(name="Relecloud"), role=Role.REFERRALS_VIEWER)
    assert Who.of(user, contoso) is None
    assert [who.organization for who in Who.everywhere(user)] == [other.organization]
    assert Who.everywhere(make_user()) == []


def test_who_is_cheap(contoso: Organization, london: Location, django_assert_num_queries: Any) -> None:
    user = make_user()
    for number in range(4):
        make_membership(user=user, organization=make_organization(name=f"Zava {number}"))
    make_membership(user=user, organization=contoso, locations=[london])
    with django_assert_num_queries(3):  # roles with organizations, their locations, the global location
        who = Who.of(user, contoso)
        assert who is not None
        for _again in range(3):
            assert reaches(who)
            assert who.roles
            assert who.scope_label


def test_one_vendor_and_one_global_location(contoso: Organization) -> None:
    host = make_host()
    assert Organization.objects.host() == host
    for make in (
        lambda: make_organization(kind=OrganizationKind.VENDOR),
        lambda: make_location(organization=contoso, is_global=True),
        lambda: make_user(email=make_user(email="Ana@people.example").email.upper()),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()


def test_a_person_is_known_by_the_address_in_any_case() -> None:
    user = make_user(email="Ana.Souza@People.example", full_name="Ana Maria Souza")
    assert (user.email, user.initials) == ("ana.souza@people.example", "AS")
    assert type(user).objects.get_by_natural_key("ANA.souza@people.example") == user
