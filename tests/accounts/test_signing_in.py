"""Passwords and the door: what is written of it, what it ends, when it closes for a while."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from accounts import signing_in
from accounts.enums import EventKind
from accounts.models import Organization, User
from cosell.events import letters
from cosell.events.models import Delivery, Event
from tests.accounts.test_sessions import AT, PASSWORD, ana, is_in, signed_in
from tests.factories import make_membership

__all__ = ["ana"]
pytestmark = pytest.mark.django_db
NEW = "another horse battery"
LOGIN, CHANGE, RESET = (reverse(f"account_{name}") for name in ("login", "change_password", "reset_password"))


@pytest.fixture(autouse=True)
def nobody_waits() -> None:
    cache.clear()


def kinds(user: User) -> list[str]:
    return list(Event.objects.filter(stream=f"person:{user.pk}").order_by("seq").values_list("kind", flat=True))


def test_in_and_out(ana: User, contoso: Organization) -> None:
    make_membership(organization=contoso, user=ana)
    client = signed_in()
    assert UserSession.objects.filter(user=ana).count() == 1
    client.post(reverse("account_logout"))
    assert not UserSession.objects.filter(user=ana).exists()
    assert kinds(ana) == [EventKind.SIGNED_IN, EventKind.SIGNED_OUT]
    event = Event.objects.get(kind=EventKind.SIGNED_IN)
    assert (event.organization, event.actor, event.data) == (contoso, ana, {"by": ["password"]})
    details = dict(event.details.values_list("key", "value"))
    assert details["ip"] == "127.0.0.1"
    assert "Chrome" in details["browser"]


def test_failures(ana: User, client: Client) -> None:
    """Many wrong ones are one line; of a stranger's address nothing is kept; then the door says when to come back."""
    before = Event.objects.count()
    client.post(LOGIN, {"login": "nobody@people.example", "password": "wrong"})
    assert Event.objects.count() == before
    for _ in range(5):
        refused = client.post(LOGIN, {"login": ana.email, "password": "wrong"})
        assert "Too many" not in refused.content.decode()
    assert kinds(ana) == [EventKind.SIGN_IN_FAILED]
    closed = client.post(LOGIN, {"login": ana.email, "password": PASSWORD})
    assert "Too many failed tries. Try again in 5 minutes, or choose a new password." in closed.content.decode()
    assert kinds(ana) == [EventKind.SIGN_IN_FAILED]


def test_too_many_requests_have_a_page(client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "1/m/ip"}
    answers = [client.post(RESET, {"email": "nobody@people.example"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 429]
    assert "in a minute" in answers[1].content.decode()


def test_a_new_password_ends_the_other_sessions(ana: User) -> None:
    here, other = signed_in(), signed_in()
    given = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert here.post(CHANGE, given).url == reverse("accounts:profile")
    assert (is_in(here), is_in(other)) == (True, False)
    assert [row["is_this"] for row in here.get(AT).context["rows"]] == [True]
    ana.refresh_from_db()
    assert ana.links_valid_from
    event = Event.objects.get(kind=EventKind.PASSWORD_CHANGED)
    assert (event.stream, event.data) == (f"person:{ana.pk}", {"how": "changed"})


def test_a_reset_by_mail(ana: User, client: Client) -> None:
    """The mail looks like ours, in the reader's language; its link holds a day, and once; it ends every session."""
    User.objects.filter(pk=ana.pk).update(language="pt-br")
    other = signed_in()
    assert client.post(RESET, {"email": ana.email.upper()}).status_code == 302
    client.post(RESET, {"email": "nobody@people.example"})
    [delivery] = Delivery.objects.filter(message="new_password")
    mail = letters.mail(delivery)
    assert mail.to == [f"{ana.full_name} <{ana.email}>"]
    assert "24" in mail.body
    link = re.search(r"http://\S+(/sign-in/password/reset/key/\S+)", mail.body)
    assert link
    assert link[1] in mail.alternatives[0].content
    with translation.override("pt-br"):
        assert str(translation.gettext("Choose a new password")) == mail.subject
    page = client.get(link[1], follow=True)
    done = client.post(page.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert done.status_code == 302
    assert not is_in(other)
    ana.refresh_from_db()
    assert ana.check_password(NEW)
    assert ana.links_valid_from
    assert kinds(ana)[-2:] == [EventKind.RESET_ASKED, EventKind.PASSWORD_CHANGED]
    again = Client(headers={"accept-language": "en"}).get(link[1], follow=True)
    assert "no longer good" in again.content.decode()


def test_who_left_gets_no_mail(ana: User, client: Client) -> None:
    User.objects.update(is_active=False)
    assert client.post(RESET, {"email": ana.email}).status_code == 302
    assert not Delivery.objects.exists()


def test_second_factors(ana: User) -> None:
    request = RequestFactory().post("/")
    factor = Authenticator(user=ana, type=Authenticator.Type.TOTP, data={})
    for signal in (authenticator_added, authenticator_removed):
        signal.send(sender=Authenticator, request=request, user=ana, authenticator=factor)
    assert kinds(ana) == [EventKind.MFA_ADDED, EventKind.MFA_REMOVED]
    assert Event.objects.get(kind=EventKind.MFA_ADDED).data == {"type": "totp"}


def test_listening_twice_hears_once(ana: User) -> None:
    signing_in.listen()
    signed_in()
    assert kinds(ana) == [EventKind.SIGNED_IN]
