"""Where one is signed in, and ending it."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from accounts.devices import browser_words
from accounts.enums import EventKind
from accounts.models import User
from cosell.events.models import Event
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
AT = reverse("accounts:sessions")

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36"
)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1"


@pytest.fixture
def ana() -> User:
    return make_user(email="ana@people.example", password=PASSWORD)


def signed_in(agent: str = CHROME) -> Client:
    """By the door."""
    client = Client(headers={"user-agent": agent, "accept-language": "en"})
    answer = client.post(reverse("account_login"), {"login": "ana@people.example", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome, Windows"),
        (CHROME + " Edg/128.0.0.0", "Edge, Windows"),
        (PHONE, "Safari, iPhone"),
        (PHONE.replace("Version/17.5", "CriOS/128.0"), "Chrome, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/128.0 Mobile Safari/537.36", "Chrome, Android"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
            "Safari, macOS",
        ),
        ("curl/8.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_in_words(agent: str, words: str) -> None:
    assert browser_words(agent) == words


def test_the_list_and_ending_one(ana: User) -> None:
    here, phone = signed_in(), signed_in(PHONE)
    other = make_user()
    theirs = UserSession.objects.create(user=other, ip="10.0.0.9", user_agent=CHROME, session_key="x" * 32)
    page = here.get(AT)
    assert [(row["browser"], row["is_this"]) for row in page.context["rows"]] == [
        ("Chrome, Windows", True),
        ("Safari, iPhone", False),
    ]
    mine, phones = (row["session"].pk for row in page.context["rows"])
    for pk in (theirs.pk, mine):  # others' are nobody's here; this one is left by signing out
        here.post(AT, {"end": pk})
    assert UserSession.objects.count() == 3
    assert here.post(AT, {"end": phones}).status_code == 302
    assert (is_in(here), is_in(phone)) == (True, False)
    assert here.post(AT, {"end": phones}).status_code == 302  # over already
    for nonsense in ("", "x", "9" * 30):
        assert here.post(AT, {"end": nonsense}).status_code == 404
    assert Event.objects.get(kind=EventKind.SESSIONS_ENDED).data == {"count": 1}


def test_all_others_and_everywhere(ana: User) -> None:
    one, two, three = signed_in(), signed_in(), signed_in()
    one.post(AT, {"end": "others"})
    assert [is_in(each) for each in (one, two, three)] == [True, False, False]
    ana.refresh_from_db()
    assert ana.links_valid_from is None
    two = signed_in()
    answer = one.post(AT, {"end": "everywhere"})
    assert answer.url == reverse("account_login")
    assert [is_in(each) for each in (one, two)] == [False, False]
    ana.refresh_from_db()
    assert ana.links_valid_from
    assert not UserSession.objects.filter(user=ana).exists()
    assert [event.data for event in Event.objects.filter(kind=EventKind.SESSIONS_ENDED)] == [
        {"count": 2, "everywhere": False},
        {"count": 2, "everywhere": True},
    ]


def test_one_way(ana: User) -> None:
    answer = signed_in().get(reverse("usersessions_list"))
    assert (answer.status_code, answer.url) == (302, AT)
