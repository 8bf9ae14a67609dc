"""Profile, language, theme and the switch between organizations."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Organization, User
from tests.factories import make_membership, make_organization, make_user

pytestmark = pytest.mark.django_db
PROFILE = {
    "full_name": "Ana Souza",
    "phone": "+55 11 5550 0101",
    "language": "pt-br",
    "time_zone": "America/Sao_Paulo",
    "theme": "dark",
}


@pytest.fixture
def ana(contoso: Organization, host: Organization) -> User:
    user = make_user(full_name="Ana", language="en")
    make_membership(user=user, organization=contoso)
    return user


@pytest.fixture
def as_ana(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def current(client: Client) -> Organization:
    return client.get(reverse("accounts:profile")).context["request"].who.organization


def test_profile_is_saved_and_used_at_once(as_ana: Client, ana: User) -> None:
    answer = as_ana.post(reverse("accounts:profile"), PROFILE, follow=True)
    ana.refresh_from_db()
    assert {name: getattr(ana, name) for name in PROFILE} == PROFILE
    page = answer.content.decode()
    assert 'lang="pt-br"' in page
    assert 'data-theme="dark"' in page
    assert answer.headers["Content-Language"] == "pt-br"


@pytest.mark.parametrize(
    ("field", "value"),
    [("full_name", ""), ("language", "xx"), ("time_zone", "Mars/Base"), ("theme", "pink"), ("full_name", "x" * 121)],
)
def test_a_refused_profile_changes_nothing(as_ana: Client, ana: User, field: str, value: str) -> None:
    answer = as_ana.post(reverse("accounts:profile"), {**PROFILE, field: value})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert answer.context["request"].user.full_name == "Ana"  # nor in the header of the page that refuses
    ana.refresh_from_db()
    assert (ana.full_name, ana.language) == ("Ana", "en")


def test_profile_tells_the_roles(as_ana: Client, ana: User) -> None:
    make_membership(user=ana, organization=make_organization(name="Relecloud"), role=Role.REFERRALS_VIEWER)
    page = as_ana.get(reverse("accounts:profile")).content.decode()
    assert "Referrals viewer" in page
    assert "Relecloud" in page


def test_someone_without_a_role_can_still_open_the_profile(client: Client, host: Organization) -> None:
    client.force_login(make_user(full_name="Nobody Yet"))
    answer = client.get(reverse("accounts:profile"))
    assert answer.status_code == 200
    assert answer.context["request"].who is None
    assert "You have no role in any organization yet." in answer.content.decode()


def test_switch(as_ana: Client, ana: User, contoso: Organization) -> None:
    zava = make_membership(user=ana, organization=make_organization(name="Zava")).organization
    assert current(as_ana) == contoso  # the first by name
    answer = as_ana.post(reverse("accounts:switch"), {"organization": zava.uid})
    assert (answer.status_code, answer["Location"]) == (302, reverse("deals:home"))
    assert current(as_ana) == zava
    ana.memberships.filter(organization=zava).update(is_active=False)
    assert current(as_ana) == contoso  # a role that ended is not kept by the session


@pytest.mark.parametrize("chosen", ["", "nonsense", "foreign"])
def test_nobody_switches_to_where_no_role_is(as_ana: Client, contoso: Organization, chosen: str) -> None:
    foreign = make_organization(name="Relecloud")
    answer = as_ana.post(reverse("accounts:switch"), {"organization": foreign.uid if chosen == "foreign" else chosen})
    assert answer.status_code == 404
    assert current(as_ana) == contoso


@pytest.mark.parametrize(("name", "value"), [("language", "pt-br"), ("theme", "dark")])
def test_language_and_theme(as_ana: Client, client: Client, ana: User, name: str, value: str) -> None:
    answer = as_ana.post(reverse(f"accounts:{name}"), {name: value, "next": reverse("accounts:profile")})
    assert (answer.status_code, answer["Location"]) == (302, reverse("accounts:profile"))
    ana.refresh_from_db()
    assert getattr(ana, name) == value


def test_before_sign_in_language_and_theme_are_cookies(client: Client) -> None:
    sign_in = reverse("account_login")
    client.post(reverse("accounts:language"), {"language": "pt-br", "next": sign_in})
    client.post(reverse("accounts:theme"), {"theme": "dark", "next": sign_in})
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "pt-br"
    page = client.get(sign_in).content.decode()
    assert 'lang="pt-br"' in page
    assert 'data-theme="dark"' in page


@pytest.mark.parametrize("name", ["language", "theme"])
@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_way_back_stays_on_this_site(client: Client, name: str, target: str) -> None:
    value = {"language": "en", "theme": "light"}[name]
    answer = client.post(reverse(f"accounts:{name}"), {name: value, "next": target})
    assert answer["Location"] == reverse("deals:home")


@pytest.mark.parametrize(("name", "value"), [("language", "xx"), ("theme", "pink"), ("language", "")])
def test_unknown_choices_are_not_found(client: Client, name: str, value: str) -> None:
    assert client.post(reverse(f"accounts:{name}"), {name: value}).status_code == 404


@pytest.mark.parametrize("name", ["switch", "language", "theme"])
def test_a_get_changes_nothing(as_ana: Client, name: str) -> None:
    assert as_ana.get(reverse(f"accounts:{name}")).status_code == 405


def test_the_persons_language_wins_over_cookie_and_browser(as_ana: Client, ana: User) -> None:
    as_ana.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    answer: Callable[[], Any] = lambda: as_ana.get(reverse("accounts:profile"), headers={"Accept-Language": "en"})  # noqa: E731
    assert 'lang="en"' in answer().content.decode()
    User.objects.filter(pk=ana.pk).update(language="pt-br")
    assert 'lang="pt-br"' in answer().content.decode()
    User.objects.filter(pk=ana.pk).update(language="")
    as_ana.cookies.pop(settings.LANGUAGE_COOKIE_NAME)
    brazilian = as_ana.get(reverse("accounts:profile"), headers={"Accept-Language": "pt-BR,en;q=0.5"})
    assert 'lang="pt-br"' in brazilian.content.decode()


def test_nobody_signs_up(client: Client) -> None:
    page = client.get(reverse("account_signup"))
    assert b"password1" not in page.content
    client.post(reverse("account_signup"), {"email": "new@people.example", "password1": "correct horse battery"})
    assert not User.objects.exists()
