"""New deal when something is missing: what, who can fix it, and what was found (product.md §5)."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Role, SolutionStatus
from accounts.models import Membership, Organization, Solution, User
from deals.enums import Kind
from deals.models import Draft
from tests.cast import client_for, user, who

NEW = "deals:new"
MIA, DIEGO = "mia.berg@relecloud.example", "diego.reyes@contoso.example"


def opened(client: Client) -> str:
    response = client.get(reverse(NEW))
    assert response.status_code == 200
    return response.content.decode()


def test_a_company_that_can_create_nothing_is_told_what_lacks_and_what_was_found() -> None:
    client = client_for("mia", "Relecloud")
    page = opened(client)
    assert "Relecloud has no solution that is co-sell ready." in page
    assert "Relecloud Field App is In market; it must become Co-sell ready." in page
    assert "Relecloud has no Solutions Partner designation" in page
    assert "not vetted for solution assessments" in page
    assert all(str(kind.label) in page for kind in Kind)
    assert ">Start" not in page
    assert client.post(reverse(NEW)).status_code == 403
    assert not Draft.objects.exists()


def test_who_can_fix_it_is_named() -> None:
    """Nobody at Relecloud is a solution admin; Mia, the account admin, can have the role given."""
    page = opened(client_for("mia", "Relecloud"))
    assert "Nobody at Relecloud has the role “Solution admin”. An account admin can have it given:" in page
    assert page.count(f'href="mailto:{MIA}"') == 3
    lena = User.objects.create_user("lena@relecloud.example", full_name="Lena Ohm")
    membership = Membership.objects.create(
        user=lena, organization=Organization.objects.get(name="Relecloud"), role=Role.SOLUTION_ADMIN
    )
    page = opened(client_for("mia", "Relecloud"))
    assert "Lena Ohm, Solution admin" in page
    assert 'href="mailto:lena@relecloud.example"' in page
    membership.is_active = False
    membership.save()
    assert "Lena Ohm" not in opened(client_for("mia", "Relecloud"))


def test_where_nobody_has_the_role_the_operator_gives_it() -> None:
    Membership.objects.filter(user=user("mia"), role=Role.ACCOUNT_ADMIN).delete()
    page = opened(client_for("mia", "Relecloud"))
    assert "Nobody at Relecloud has the role “Solution admin”. The operator of this portal can give it." in page
    assert "Nobody at Relecloud has the role “Account admin”. The operator of this portal can give it." in page


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            {"status": SolutionStatus.COSELL_READY, "is_active": False},
            "Co-sell ready, but switched off",
        ),
        ({"organization": "Northlake Services"}, "There is no IP solution in the catalog yet."),
    ],
)
def test_what_comes_nearest_is_said(change: dict, found: str) -> None:
    if "organization" in change:
        change = {"organization": Organization.objects.get(name=change["organization"])}
    Solution.objects.filter(code="SOL-30207-RFA").update(**change)
    assert found in opened(client_for("mia", "Relecloud"))


def test_who_can_create_some_kinds_starts_and_reads_below_why_not_others() -> None:
    client = client_for("ana")
    page = opened(client)
    assert ">Start" in page
    assert "Why no IP co-sell?" not in page
    assert "Why no Services co-sell?" in page
    assert f"mailto:{DIEGO}" in page
    assert client.post(reverse(NEW)).status_code == 302


def test_northlake_and_the_host_miss_nothing() -> None:
    for name in ("priya", "lee"):
        page = opened(client_for(name))
        assert ">Start" in page, name
        assert "Why no" not in page, name


def test_a_company_that_gets_what_lacked_may_start() -> None:
    Solution.objects.filter(code="SOL-30207-RFA").update(status=SolutionStatus.COSELL_READY)
    client = client_for("mia", "Relecloud")
    assert ">Start" in opened(client)
    assert client.post(reverse(NEW)).status_code == 302


def test_a_viewer_is_told_why_not() -> None:
    response = client_for("vera").get(reverse(NEW))
    assert response.status_code == 403
    assert "Your roles in this organization do not include it" in response.content.decode()
    assert who("vera").roles == {Role.REFERRALS_VIEWER}
