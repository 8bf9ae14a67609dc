"""An invitation from the form to the first page: its mail, its link, who it is for, and when it is over."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts import rules
from accounts.actions import accept_invite, give_role, invite_person, leave, resend_invite, revoke_invite
from accounts.actions.joining import HOLDS, Newcomer, asked_by, token_of
from accounts.enums import EventKind, Role, Scope
from accounts.models import Invite, Location, Membership, Organization, User
from accounts.rules import Grant
from accounts.who import Who
from cosell import clock
from cosell.events import letters
from cosell.events.models import Delivery, Event
from cosell.web.reasons import Refused
from deals.privacy import Person
from tests.accounts.test_people import codes, together
from tests.factories import make_membership, make_organization, make_user, make_who

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
EVA, USER = "eva.klein@people.example", Grant(Role.REFERRALS_USER)
NEWCOMER = Newcomer("Eva Klein", PASSWORD)
TYPED = {"full_name": "Eva Klein", "password": PASSWORD, "language": "pt-br", "time_zone": "Europe/Berlin"}


@pytest.fixture
def keeper(contoso: Organization, host: Organization) -> Who:
    return make_who(
        organization=contoso, role=Role.ACCOUNT_ADMIN, user=make_user(full_name="Diego Reyes", language="en")
    )


@pytest.fixture
def invite(keeper: Who) -> Invite:
    return invite_person(keeper, EVA, "Eva Klein", USER, "pt-br")


def address_of(invite: Invite) -> str:
    invite.refresh_from_db()
    return reverse("accounts:join", args=[token_of(invite)])


def test_the_mail(keeper: Who, london: Location) -> None:
    invite = invite_person(keeper, EVA.title(), "Eva Klein", Grant(Role.REFERRALS_USER, Scope.LOCATIONS, [london]))
    [delivery] = Delivery.objects.all()
    assert (delivery.channel, delivery.address, delivery.language) == ("mail", EVA, "en")
    mail = letters.mail(delivery)
    assert mail.subject == "Diego Reyes invites you to join Contoso Data"
    for words in (mail.body, mail.alternatives[0].content):
        for said in ("Contoso Data", "Referrals user", "London", address_of(invite)):
            assert said in words
    event = Event.objects.get(kind=EventKind.INVITED)
    assert EVA not in str(event.data)
    assert event.details.get().value == f"Eva Klein <{EVA}>"
    assert list(Person.at(EVA).details) == [event.details.get()]  # erasing the person finds it


def test_a_new_person_joins(client: Client, invite: Invite, keeper: Who) -> None:
    address = address_of(invite)
    page = client.get(address)
    assert page.status_code == 200
    assert (page["Referrer-Policy"], "no-store" in page["Cache-Control"]) == ("strict-origin", True)
    assert "Diego Reyes" in page.content.decode()
    assert not User.objects.filter(email=EVA).exists()
    for wrong in ({**TYPED, "password": "12345678"}, {**TYPED, "password": EVA}, {**TYPED, "full_name": " "}):
        refused = client.post(address, wrong)
        assert refused.status_code == 422
        assert refused.context["form"].errors
    joined = client.post(address, TYPED)
    assert (joined.status_code, joined.url) == (302, reverse("deals:home"))
    eva = User.objects.get(email=EVA)
    assert (eva.full_name, eva.language, eva.time_zone) == ("Eva Klein", "pt-br", "Europe/Berlin")
    assert (eva.check_password(PASSWORD), eva.is_staff, eva.is_superuser) == (True, False, False)
    assert EmailAddress.objects.get(user=eva).verified
    assert eva.memberships.get().role == Role.REFERRALS_USER
    assert client.session["_auth_user_id"] == str(eva.pk)
    told = Delivery.objects.filter(message="person_joined", channel="mail").get()
    assert told.user == keeper.user
    assert letters.mail(told).subject == "Eva Klein joined Contoso Data"
    assert list(Event.objects.filter(stream=f"person:{eva.pk}").values_list("kind", flat=True)) == ["person.signed_in"]
    again = Client().get(address)
    assert again.status_code == 410
    assert "was used on" in again.content.decode()


def test_somebody_who_signs_in_already(client: Client, invite: Invite) -> None:
    eva, other = make_user(email=EVA), make_user()
    make_membership(organization=make_organization(), user=eva)
    address = address_of(invite)
    assert f"{reverse('account_login')}?next=" in client.get(address).content.decode()
    assert client.post(address, TYPED).url.startswith(reverse("account_login"))
    client.force_login(other)
    assert other.email in client.get(address).content.decode()
    assert client.post(address).status_code == 403
    client.force_login(eva)
    page = client.get(address).content.decode()
    assert 'name="password"' not in page
    assert client.post(address).status_code == 302
    assert client.session["organization_id"] == invite.organization_id
    assert {membership.organization_id for membership in eva.memberships.all()} > {invite.organization_id}


def test_links_that_do_nothing(client: Client, invite: Invite, keeper: Who) -> None:
    first = address_of(invite)
    resend_invite(keeper, invite.pk)
    second = address_of(invite)
    for address, status, says in (
        (first, 410, "newer mail"),
        (second, 200, "Diego Reyes"),
        (second[:-2] + "/", 404, ""),
    ):
        answer = client.get(address)
        assert answer.status_code == status
        assert says in answer.content.decode()
    with clock.moved_by(HOLDS - timedelta(minutes=1)):
        assert client.get(second).status_code == 200
    with clock.moved_by(HOLDS):
        ended = client.post(second, TYPED)
    assert ended.status_code == 410
    assert "Ask Diego Reyes for a new invitation." in ended.content.decode()
    revoke_invite(keeper, invite.pk)
    assert "taken back" in client.get(second).content.decode()
    assert not User.objects.filter(email=EVA).exists()
    with pytest.raises(Refused):
        resend_invite(keeper, invite.pk)


def test_who_cannot_be_invited(keeper: Who, contoso: Organization, invite: Invite) -> None:
    has = make_membership(organization=contoso, role=Role.REFERRALS_USER).user
    closed = make_membership(organization=make_organization(), user=make_user(is_active=False)).user
    for email, code in ((has.email.upper(), "has_role"), (EVA, "already_invited"), (closed.email, "closed_sign_in")):
        with pytest.raises(Refused) as refused:
            invite_person(keeper, email, "Somebody", USER)
        assert codes(refused) == [code]
        assert refused.value.reasons[0].field == "email"
    invite_person(keeper, EVA, "Eva Klein", Grant(Role.SOLUTION_ADMIN))  # another role is another invitation


def test_back_after_leaving(client: Client, keeper: Who, invite: Invite) -> None:
    """Who left everywhere is asked in anew, by a mail to the address, with a new password."""
    accept_invite(token_of(invite), newcomer=NEWCOMER)
    eva = User.objects.get(email=EVA)
    leave(keeper, eva, None)
    again = invite_person(keeper, EVA, "Eva Klein", USER)
    assert Delivery.objects.filter(message="person_invited").count() == 2
    new = {**TYPED, "password": "another horse battery"}
    assert client.post(address_of(again), new).status_code == 302
    eva.refresh_from_db()
    assert (eva.is_active, eva.check_password("another horse battery")) == (True, True)
    assert eva.memberships.get().is_active


def test_nobody_joins_as_somebody_else(invite: Invite) -> None:
    eva, other = make_user(email=EVA), make_user()
    for user, newcomer, code in ((other, None, "other_person"), (None, NEWCOMER, "other_person")):
        with pytest.raises(Refused) as refused:
            accept_invite(token_of(invite), user=user, newcomer=newcomer)
        assert codes(refused) == [code]
    User.objects.filter(pk=eva.pk).update(is_active=False)  # has no role: closed by leaving
    with pytest.raises(Refused) as refused:
        accept_invite(token_of(invite))
    assert codes(refused) == ["nobody"]
    assert asked_by("nonsense") is None
    with pytest.raises(Refused) as refused:
        accept_invite("nonsense", user=eva)
    assert refused.value.status == 404


def test_a_location_that_went_meanwhile(keeper: Who, london: Location) -> None:
    invite = invite_person(keeper, EVA, "Eva", Grant(Role.REFERRALS_USER, Scope.LOCATIONS, [london]))
    london.delete()
    with pytest.raises(Refused) as refused:
        accept_invite(token_of(invite), newcomer=NEWCOMER)
    assert codes(refused) == ["no_location"]


def test_the_role_came_meanwhile(keeper: Who, invite: Invite, contoso: Organization) -> None:
    eva = make_user(email=EVA)
    make_membership(organization=contoso, user=eva, role=Role.REFERRALS_VIEWER)
    give_role(keeper, eva, USER)
    accept_invite(token_of(invite), user=eva)
    assert eva.memberships.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_accept_the_same_at_once(keeper: Who) -> None:
    token = token_of(invite_person(keeper, EVA, "Eva Klein", USER))
    results = together(*[lambda: accept_invite(token, newcomer=NEWCOMER)] * 3)
    refused = [result for result in results if isinstance(result, Refused)]
    assert [[reason.code for reason in each.reasons] for each in refused] == [["used"], ["used"]]
    assert Membership.objects.filter(user__email=EVA).count() == 1
    assert Event.objects.filter(kind=EventKind.JOINED).count() == 1


# the room of the admin


def invited(client: Client, **fields: Any) -> Any:
    given = {"email": EVA, "full_name": "Eva Klein", "role": Role.REFERRALS_USER, "scope": "company", "language": ""}
    return client.post(reverse("admin:accounts_invite_add"), {**given, **fields})


def test_inviting_from_the_admin(client: Client, keeper: Who, london: Location) -> None:
    client.force_login(keeper.user)
    assert invited(client, scope="locations", locations=[london.pk]).status_code == 302
    invite = Invite.objects.get()
    assert (invite.invited_by, invite.organization, list(invite.locations.all())) == (
        keeper.user,
        keeper.organization,
        [london],
    )
    assert Event.objects.get(kind=EventKind.INVITED).data["locations"] == [london.partner_id]
    elsewhere = make_organization()
    for wrong, at in (
        ({}, "email"),
        ({"role": Role.SELLER}, "role"),
        ({"scope": "locations"}, "locations"),
        ({"scope": "locations", "locations": [elsewhere.locations.get().pk]}, "locations"),
    ):
        answer = invited(client, **{"email": "x@people.example", **wrong} if wrong else {})
        assert at in answer.context["adminform"].form.errors, wrong
    assert Invite.objects.count() == 1
    invited(client, email="y@people.example", organization=elsewhere.pk, markets="US")
    assert Invite.objects.get(email="y@people.example").organization == keeper.organization


def test_open_invitations_are_sent_again_and_taken_back(client: Client, keeper: Who, invite: Invite) -> None:
    client.force_login(keeper.user)
    address = reverse("admin:accounts_invite_changelist")
    before = token_of(invite)
    client.post(address, {"action": "resend", "_selected_action": [invite.pk]})
    invite.refresh_from_db()
    assert token_of(invite) != before
    client.post(address, {"action": "revoke", "_selected_action": [invite.pk]})
    invite.refresh_from_db()
    assert invite.revoked_at
    assert list(client.get(address).context["cl"].result_list) == []
    assert list(client.get(address, {"state": "all"}).context["cl"].result_list) == [invite]
    other = make_who(role=Role.ACCOUNT_ADMIN)
    client.force_login(other.user)
    assert list(client.get(address, {"state": "all"}).context["cl"].result_list) == []


def test_the_operator_invites_the_first_one(client: Client, contoso: Organization, host: Organization) -> None:
    client.force_login(User.objects.create_superuser("op@people.example", full_name="Olga"))
    assert invited(client, organization=contoso.pk, role=Role.ACCOUNT_ADMIN).status_code == 302
    assert Invite.objects.get().organization == contoso


def test_reasons_of_a_link(invite: Invite) -> None:
    at = invite.expires_at
    assert rules.joining_refusals(invite, at, at - timedelta(microseconds=1)) == []
    assert [each.code for each in rules.joining_refusals(invite, at, at)] == ["expired"]
    assert [each.code for each in rules.joining_refusals(invite, at - HOLDS, at - HOLDS)] == ["replaced"]
