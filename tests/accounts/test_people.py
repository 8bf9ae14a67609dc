"""Roles are given, changed and taken; people leave, and what they worked on goes over."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import registry, rules
from accounts.actions import change_role, give_role, invite_person, leave, take_role
from accounts.actions.people import as_operator
from accounts.enums import EventKind, Role, Scope
from accounts.models import Invite, Location, Membership, Organization, User
from accounts.rules import Grant
from accounts.who import Who
from cosell.events.models import BadAddress, Event
from cosell.web.reasons import Refused
from deals import actions
from deals.models import TeamMember
from tests.cast import client_for, new_deal, organization, user, who
from tests.factories import make_location, make_membership, make_organization, make_user, make_who

pytestmark = pytest.mark.django_db
VIEWER = Grant(Role.REFERRALS_VIEWER)


@pytest.fixture
def keeper(contoso: Organization) -> Who:
    return make_who(organization=contoso, role=Role.ACCOUNT_ADMIN)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [reason.code for reason in refused.value.reasons]


def kinds(here: Organization) -> list[str]:
    return list(Event.objects.filter(stream=f"organization:{here.uid}").order_by("seq").values_list("kind", flat=True))


def test_a_role_is_given_changed_and_taken(keeper: Who, contoso: Organization, london: Location) -> None:
    rui = make_membership(organization=contoso, role=Role.REFERRALS_USER).user
    given = give_role(keeper, rui, VIEWER)
    changed = change_role(keeper, given.pk, Grant(Role.ACCOUNT_ADMIN, Scope.LOCATIONS, [london]))
    assert (changed.role, list(changed.locations.all())) == (Role.REFERRALS_VIEWER, [london])
    rui.refresh_from_db()
    assert rui.links_valid_from  # what mails let do ended with the right
    change_role(keeper, given.pk, Grant("", Scope.LOCATIONS, [london]))  # nothing new, nothing written
    take_role(keeper, given.pk)
    assert kinds(contoso) == [EventKind.ROLE_GIVEN, EventKind.ROLE_CHANGED, EventKind.ROLE_TAKEN]
    event = Event.objects.get(kind=EventKind.ROLE_CHANGED)
    assert event.data["before"] == {"role": "referrals_viewer", "scope": "company", "locations": [], "markets": []}
    assert rui.email not in str(event.data)
    assert event.details.get(key="person").value == f"{rui.full_name} <{rui.email}>"
    with pytest.raises(Refused) as refused:
        take_role(keeper, given.pk)
    assert codes(refused) == ["role_gone"]
    give_role(keeper, rui, VIEWER)  # the row is the same one
    assert Membership.objects.filter(user=rui).count() == 2


@pytest.mark.parametrize(
    ("grant", "code"),
    [
        (Grant(Role.SELLER), "role_of_other_kind"),
        (Grant("nonsense"), "role_of_other_kind"),
        (Grant(Role.REFERRALS_USER, Scope.LOCATIONS), "no_location"),
        (Grant(Role.REFERRALS_USER, markets=["XX"]), "unknown_market"),
    ],
)
def test_roles_that_make_no_sense(contoso: Organization, grant: Grant, code: str) -> None:
    assert [reason.code for reason in rules.grant_refusals(contoso, grant)] == [code]


def test_locations_of_others(contoso: Organization) -> None:
    elsewhere = make_location(organization=make_organization())
    grant = Grant(Role.REFERRALS_USER, Scope.LOCATIONS, [elsewhere])
    assert [reason.code for reason in rules.grant_refusals(contoso, grant)] == ["foreign_location"]


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ACCOUNT_ADMIN, Role.VENDOR_ADMIN)])
def test_only_keepers_change_roles(contoso: Organization, keeper: Who, role: Role) -> None:
    other = make_who(organization=contoso, role=role)
    mine = keeper.memberships[0]
    for act in (
        lambda: give_role(other, other.user, VIEWER),
        lambda: change_role(other, mine.pk, VIEWER),
        lambda: take_role(other, mine.pk),
        lambda: leave(other, keeper.user, None),
        lambda: invite_person(other, "new@people.example", "New", VIEWER),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert (refused.value.status, codes(refused)) == (403, ["not_keeper"])


def test_a_right_that_was_lost_meanwhile(contoso: Organization, keeper: Who) -> None:
    """`keeper` opened the page as account admin; the action looks again."""
    make_membership(organization=contoso, role=Role.ACCOUNT_ADMIN)
    Membership.objects.filter(user=keeper.user).update(is_active=False)
    with pytest.raises(Refused) as refused:
        give_role(keeper, keeper.user, VIEWER)
    assert refused.value.status == 403


def test_what_is_of_other_companies(keeper: Who) -> None:
    foreign = make_membership(organization=make_organization())
    with pytest.raises(Refused):
        take_role(keeper, foreign.pk)
    with pytest.raises(Refused) as refused:
        give_role(keeper, foreign.user, VIEWER)
    assert codes(refused) == ["not_here"]
    operator = User.objects.create_superuser("op@people.example", full_name="Op")
    give_role(as_operator(operator, keeper.organization), foreign.user, VIEWER)  # he belongs to nobody, and may


def test_the_last_keeper_stays(contoso: Organization, keeper: Who) -> None:
    mine = keeper.memberships[0]
    for act in (lambda: take_role(keeper, mine.pk), lambda: leave(keeper, keeper.user, None)):
        with pytest.raises(Refused) as refused:
            act()
        assert codes(refused) == ["last_keeper"]
    off = make_membership(organization=contoso, role=Role.ACCOUNT_ADMIN, user=make_user(is_active=False))
    assert rules.losing_refusals(contoso, keeper.user)
    User.objects.filter(pk=off.user_id).update(is_active=True)
    take_role(keeper, mine.pk)


def test_leaving_hands_over(cast: None) -> None:
    """Ana is on three open deals: one that Rui is on already, one with Tom, one alone."""
    diego, ana, rui = who("diego"), user("ana"), user("rui")
    with_rui, with_tom, alone = new_deal(team=["rui"]), new_deal(team=["tom"]), new_deal()
    invite_person(diego, ana.email, ana.full_name, VIEWER)
    version = with_tom.version
    assert [say(ana, diego.organization) for say in registry.left_behind] == [
        "Ana Souza is on the team of 3 open deals."
    ]
    assert leave(diego, ana, rui) == 3
    team = {deal.pk: set(deal.team.values_list("name", flat=True)) for deal in (with_rui, with_tom, alone)}
    assert team == {with_rui.pk: {"Rui Prado"}, with_tom.pk: {"Rui Prado", "Tom Fisher"}, alone.pk: {"Rui Prado"}}
    assert TeamMember.objects.get(deal=alone).user == rui
    with_tom.refresh_from_db()
    assert with_tom.version == version + 1  # an edit form that is open notices
    event = Event.objects.filter(deal_id=with_tom.pk).order_by("-seq")[0]
    assert (event.actor, event.data["fields"]) == (diego.user, ["team"])
    ana.refresh_from_db()
    assert not ana.is_active
    assert not ana.memberships.filter(is_active=True).exists()
    assert Invite.objects.get(email=ana.email).revoked_at
    left = Event.objects.get(kind=EventKind.LEFT)
    assert left.data == {
        "person": ana.pk,
        "roles": ["referrals_admin"],
        "places": 3,
        "closed": True,
        "successor": rui.pk,
    }


def test_leaving_without_a_successor(cast: None) -> None:
    shared, alone = new_deal(team=["rui"]), new_deal()
    assert leave(who("diego"), user("ana"), None) == 1
    assert list(shared.team.values_list("name", flat=True)) == ["Rui Prado"]
    assert list(alone.team.values_list("name", flat=True)) == ["Ana Souza"]  # who has nobody keeps a name


def test_who_works_elsewhere_keeps_the_sign_in(cast: None) -> None:
    leave(who("mia"), user("sam"), None)
    assert user("sam").is_active
    assert Who.of(user("sam"), organization("Relecloud")) is None
    assert Who.of(user("sam"), organization("Northlake Services"))


def test_successors_work_there(cast: None) -> None:
    for chosen in ("ana", "priya"):
        with pytest.raises(Refused) as refused:
            leave(who("diego"), user("ana"), user(chosen))
        assert codes(refused) == ["not_at_work"]


# the room of the admin


def test_the_room_of_an_account_admin(cast: None) -> None:
    diego, ana = client_for("diego"), user("ana")
    BadAddress.objects.create(address=ana.email, reason="No such mailbox.", since="2026-01-01T00:00Z")
    listed = diego.get(reverse("admin:accounts_user_changelist"))
    assert {person.email.split("@")[1] for person in listed.context["cl"].result_list} == {"contoso.example"}
    assert "Referrals admin (Entire company)" in listed.content.decode()
    held = diego.get(reverse("admin:accounts_user_changelist"), {"role": Role.REFERRALS_VIEWER})
    assert [person.email for person in held.context["cl"].result_list] == ["vera.novak@contoso.example"]
    page = diego.get(reverse("admin:accounts_user_change", args=[ana.pk])).content.decode()
    assert 'name="full_name"' not in page  # her name is her own
    assert "password" not in page.lower().replace("change password", "").replace("password_change", "")
    assert reverse("admin:accounts_user_leave", args=[ana.pk]) in page
    for lookup in ("password__startswith", "calendar_hash__startswith", "memberships__organization__name"):
        assert diego.get(reverse("admin:accounts_user_changelist"), {lookup: "x"}).status_code in (302, 400)


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("ana", {"ana", "rui", "julia", "tom", "vera", "diego"}),
        ("julia", {"julia"}),
        ("diego", {"ana", "rui", "julia", "tom", "vera", "diego"}),
        ("erik", {"lee", "beatriz", "noor", "erik"}),
    ],
)
def test_who_sees_whom(cast: None, name: str, seen: set[str]) -> None:
    listed = client_for(name).get(reverse("admin:accounts_user_changelist"))
    assert {person.email.split(".")[0] for person in listed.context["cl"].result_list} == seen


def test_an_admin_changes_a_scope(cast: None) -> None:
    diego, tom = client_for("diego"), user("tom").memberships.get()
    sao_paulo = Location.objects.get(partner_id="100201")
    address = reverse("admin:accounts_membership_change", args=[tom.pk])
    given = {"scope": "locations", "locations": [sao_paulo.pk], "is_active": "on", "role": Role.ACCOUNT_ADMIN}
    assert diego.post(address, given).status_code == 302
    tom.refresh_from_db()
    assert (tom.role, list(tom.locations.all())) == (Role.REFERRALS_USER, [sao_paulo])
    foreign = organization("Relecloud").locations.get()
    assert list(diego.post(address, {**given, "locations": [foreign.pk]}).context["adminform"].form.errors) == [
        "locations"
    ]
    assert diego.post(address, {"scope": "company"}).status_code == 302
    tom.refresh_from_db()
    assert not tom.is_active
    elsewhere = Membership.objects.filter(organization__name="Relecloud")[0]
    foreign_address = reverse("admin:accounts_membership_change", args=[elsewhere.pk])
    assert diego.post(foreign_address, given).status_code == 404
    elsewhere.refresh_from_db()
    assert elsewhere.scope == Scope.COMPANY
    assert list(Event.objects.filter(kind__startswith="person.role").values_list("kind", flat=True)) == [
        EventKind.ROLE_CHANGED,
        EventKind.ROLE_TAKEN,
    ]


def test_a_vendor_admin_gives_a_seller_markets(cast: None) -> None:
    given = {"user": user("noor").pk, "role": Role.SELLER, "scope": "company", "markets": "jp, pt"}
    assert client_for("erik").post(reverse("admin:accounts_membership_add"), given).status_code == 302
    assert user("noor").memberships.get(role=Role.SELLER).markets == ["JP", "PT"]


def test_the_operator_says_from_where(cast: None) -> None:
    operator = Client()
    operator.force_login(User.objects.get(is_superuser=True))
    address = reverse("admin:accounts_user_leave", args=[user("sam").pk])
    here = f"?organization={organization('Relecloud').uid}"
    assert (
        address + here in operator.get(reverse("admin:accounts_user_change", args=[user("sam").pk])).content.decode()
    )
    assert operator.post(address + here).status_code == 302
    assert [each.organization.name for each in Who.everywhere(user("sam"))] == ["Northlake Services"]


def test_leaving_by_the_page(cast: None) -> None:
    new_deal()
    address = reverse("admin:accounts_user_leave", args=[user("ana").pk])
    diego = client_for("diego")
    assert "Ana Souza is on the team of 1 open deal." in diego.get(address).content.decode()
    refused = diego.post(address, {"successor": user("priya").pk})
    assert refused.status_code == 422
    assert client_for("ana").get(address).status_code == 403
    assert client_for("mia").get(address).status_code == 404
    assert diego.post(address, {"successor": user("rui").pk}).status_code == 302
    assert not user("ana").is_active
    mine = reverse("admin:accounts_user_leave", args=[user("diego").pk])
    assert "is the last one" in diego.get(mine).content.decode()
    assert diego.post(mine).status_code == 409


# two at once


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Each in a thread with its own connection; what each gave, or the refusal."""
    results: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(number: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[number] = act()
        except Refused as refused:
            results[number] = refused
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_of_two_last_keepers_one_stays(contoso: Organization) -> None:
    one, two = (make_who(organization=contoso, role=Role.ACCOUNT_ADMIN) for _ in range(2))
    results = together(lambda: leave(one, one.user, None), lambda: leave(two, two.user, None))
    assert sorted(isinstance(result, Refused) for result in results) == [False, True]
    assert Membership.objects.filter(is_active=True, role=Role.ACCOUNT_ADMIN).count() == 1


@pytest.mark.django_db(transaction=True)
def test_leaving_while_a_deal_is_edited(cast: None) -> None:
    """Both lock engagement before side: nobody waits for ever, and nothing of either is lost."""
    deal = new_deal(team=["rui"])
    ana, diego = who("ana"), who("diego")
    results = together(
        lambda: actions.edit_details(ana, deal.pk, deal.version, {"name": "Renamed"}),
        lambda: leave(diego, diego.user, None),
        lambda: leave(diego, user("ana"), user("tom")),
    )
    deal.refresh_from_db()
    assert set(deal.team.values_list("name", flat=True)) == {"Rui Prado", "Tom Fisher"}
    assert (deal.name == "Renamed") != isinstance(results[0], Refused)


def test_the_roles_of_an_invitation_form(cast: None) -> None:
    def offered(client: Client) -> set[str]:
        form = client.get(reverse("admin:accounts_invite_add")).context["adminform"].form
        return {value for value, _label in form.fields["role"].choices} - {""}

    partner, vendor = offered(client_for("diego")), offered(client_for("erik"))
    assert partner == {role.value for role in Role if role not in (Role.SELLER, Role.REVIEWER, Role.VENDOR_ADMIN)}
    assert vendor == {Role.SELLER, Role.REVIEWER, Role.VENDOR_ADMIN}
    assert client_for("diego").get(reverse("admin:accounts_user_add")).url == reverse("admin:accounts_invite_add")
    assert client_for("ana").get(reverse("admin:accounts_user_add")).status_code == 403
