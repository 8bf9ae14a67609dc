"""Out of office: who stands in on which day, and the page where one says so. And the signs of life."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import away as actions
from accounts.actions.away import clear_away, set_away, stand_in
from accounts.enums import EventKind
from accounts.models import Membership, Organization, User
from cosell import clock
from cosell.events.models import Event
from cosell.web.reasons import Refused
from tests.cast import client_for, clock_at, organization, user
from tests.factories import make_membership

pytestmark = pytest.mark.usefixtures("cast")
MONDAY = date(2026, 3, 30)
FRIDAY = date(2026, 4, 3)


@pytest.fixture
def away_ana() -> User:
    """From Monday to Friday; Rui answers."""
    with clock_at(datetime(2026, 3, 26, 12, tzinfo=UTC)):
        return set_away(user("ana"), MONDAY, FRIDAY, user("rui"), organization=organization("Contoso Data"))


DAYS = [("2026-03-29", False), ("2026-03-30", True), ("2026-04-01", True), ("2026-04-03", True), ("2026-04-04", False)]


@pytest.mark.parametrize(("on", "stands_in"), DAYS)
def test_on_which_days(away_ana: User, on: str, stands_in: bool) -> None:
    assert stand_in(away_ana, date.fromisoformat(on)) == (user("rui") if stands_in else None)


def _left() -> None:
    User.objects.filter(pk=user("rui").pk).update(is_active=False)


def _without_role() -> None:
    user("rui").memberships.update(is_active=False)


def _at_another_company() -> None:
    user("rui").memberships.update(organization=Organization.objects.get(name="Relecloud"))


def _away_too() -> None:
    User.objects.filter(pk=user("rui").pk).update(away_from=FRIDAY, away_until=FRIDAY, delegate=user("tom"))


CASES = [(_left, MONDAY), (_without_role, MONDAY), (_at_another_company, MONDAY), (_away_too, FRIDAY)]


@pytest.mark.parametrize(("happens", "on"), CASES, ids=lambda each: getattr(each, "__name__", ""))
def test_nobody_stands_in_who_cannot(away_ana: User, happens: object, on: date) -> None:
    assert stand_in(away_ana, on) == user("rui")
    happens()  # type: ignore[operator]
    assert stand_in(away_ana, on) is None  # and no chain leads on to Tom


def test_a_day_is_one_of_the_persons_own_zone() -> None:
    noon = datetime(2026, 3, 30, 2, tzinfo=UTC)  # still Sunday in São Paulo
    assert actions.today(user("ana"), noon) == MONDAY - timedelta(days=1)
    assert actions.today(user("mia"), noon) == MONDAY


def test_it_is_in_the_register(away_ana: User) -> None:
    clear_away(away_ana, organization=organization("Contoso Data"))
    clear_away(away_ana)  # there is nothing more to take back
    first, second = Event.objects.filter(kind=EventKind.AWAY).order_by("seq")
    assert first.data == {"from": "2026-03-30", "until": "2026-04-03", "delegate": user("rui").pk}
    assert first.stream == second.stream == f"person:{away_ana.pk}"
    assert second.data["from"] is None
    assert stand_in(user("ana"), MONDAY) is None


@pytest.mark.parametrize(
    ("from_on", "until_on", "delegate", "code"),
    [
        (FRIDAY, MONDAY, "rui", "away_ends_before"),
        (MONDAY - timedelta(days=30), MONDAY - timedelta(days=20), "rui", "away_is_over"),
        (MONDAY, FRIDAY, "priya", "no_colleague"),
        (MONDAY, FRIDAY, "ana", "no_colleague"),
    ],
)
def test_what_cannot_be(from_on: date, until_on: date, delegate: str, code: str) -> None:
    with clock_at(datetime(2026, 3, 26, 12, tzinfo=UTC)), pytest.raises(Refused) as refused:
        set_away(user("ana"), from_on, until_on, user(delegate))
    assert [reason.code for reason in refused.value.reasons] == [code]
    assert user("ana").away_from is None


URL = "/away/"


def days(first: int, last: int) -> dict[str, str]:
    today = clock.now().date()
    return {"away_from": str(today + timedelta(days=first)), "away_until": str(today + timedelta(days=last))}


def test_the_page_saves_says_and_clears() -> None:
    ana, rui = client_for("ana"), user("rui")
    page = ana.get(URL).content.decode()
    assert "only where they may see the deal themselves" in page
    assert "Rui Prado" in page
    assert "Priya Nair" not in page
    answer = ana.post(URL, {**days(2, 9), "delegate": rui.pk})
    assert (answer.status_code, answer["Location"]) == (302, reverse("accounts:away"))
    assert (user("ana").delegate, user("ana").away_from is None) == (rui, False)
    assert "Rui Prado answers meanwhile." in ana.get(URL).content.decode()
    _away_too_from(rui, 5, 6)
    assert (
        "nobody stands in for you" in ana.post(URL, {**days(2, 9), "delegate": rui.pk}, follow=True).content.decode()
    )
    ana.post(URL, {"clear": "1"})
    assert user("ana").away_from is None


def _away_too_from(person: User, first: int, last: int) -> None:
    today = clock.now().date()
    person.away_from, person.away_until = today + timedelta(days=first), today + timedelta(days=last)
    person.save()


def test_errors_stand_at_the_fields_and_what_was_typed_stays() -> None:
    ana = client_for("ana")
    answer = ana.post(URL, {**days(9, 2), "delegate": user("rui").pk})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["away_until"]
    assert f'value="{days(9, 2)["away_from"]}"' in answer.content.decode()
    assert list(ana.post(URL, {**days(2, 9), "delegate": user("priya").pk}).context["form"].errors) == ["delegate"]
    assert ana.post(URL, {}).status_code == 422


# signs of life


def seen(person: User) -> datetime | None:
    return User.objects.values_list("last_seen_at", flat=True).get(pk=person.pk)


def test_a_sign_of_life_is_kept_to_the_hour_and_by_no_get() -> None:
    ana, person = client_for("ana"), user("ana")
    assert 'data-seen="old"' in ana.get("/profile/").content.decode()
    assert seen(person) is None
    assert ana.post("/here/").status_code == 204
    first = seen(person)
    assert first is not None
    assert "data-seen" not in ana.get("/profile/").content.decode()
    with clock.moved_by(timedelta(minutes=59)):
        ana.post("/here/")
        assert seen(person) == first
    with clock.moved_by(timedelta(minutes=61)):
        assert 'data-seen="old"' in ana.get("/profile/").content.decode()
        ana.post("/theme/", {"theme": "dark"})  # whatever one does
        assert seen(person) > first


def test_someone_without_a_role_is_here_too(client: Client) -> None:
    person = User.objects.create_user("new@contoso.example", full_name="Nobody Yet")
    client.force_login(person)
    assert client.get(URL).status_code == 200
    assert client.post("/here/").status_code == 204
    assert seen(person) is not None


def test_colleagues_have_an_active_role_where_one_has_one() -> None:
    zava = Organization.objects.create(name="Zava", country="US")
    other = make_membership(organization=zava).user
    assert other not in actions.colleagues(user("ana"))
    mine = Membership.objects.create(user=user("ana"), organization=zava, role="referrals_user")
    assert other in actions.colleagues(user("ana"))
    Membership.objects.filter(pk=mine.pk).update(is_active=False)
    assert other not in actions.colleagues(user("ana"))
