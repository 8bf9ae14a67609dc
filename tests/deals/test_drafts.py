"""Drafts: listed, reminded of after 7 days, removed after 90 with a warning at 83 (product.md §5)."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from cosell import clock
from cosell.events import letters
from cosell.events.enums import Channel
from cosell.events.models import Delivery, Event
from deals import actions, tasks
from deals.models import Draft
from tests.cast import client_for, customer, user, who
from tests.deals.journey import good_answers, send, start

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def draft() -> Draft:
    """Ana's, saved a moment ago."""
    now = clock.now()
    return make_draft(now)


def make_draft(now: datetime, **answers: dict) -> Draft:
    given = {"details": {"name": ["Datum lakehouse"]}, **answers}
    ana = who("ana")
    return Draft.objects.create(
        organization=ana.organization, owner=ana.user, answers=given, created_at=now, updated_at=now
    )


def run_at(moment: datetime) -> None:
    """Twice, as after a restart."""
    with time_machine.travel(moment, tick=False):
        tasks.tend_drafts()
        tasks.tend_drafts()


def told(draft: Draft) -> list[str]:
    events = Event.objects.filter(stream=f"draft:{draft.uid}").order_by("seq")
    return [event.kind.removeprefix("draft.") for event in events]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([7 * DAY - SECOND], []),
        ([7 * DAY], ["reminded"]),
        ([7 * DAY, 8 * DAY, 83 * DAY - SECOND], ["reminded"]),
        ([7 * DAY, 83 * DAY], ["reminded", "warned"]),
        ([83 * DAY], ["warned"]),  # late for both: only the last is told
        ([7 * DAY, 83 * DAY, 90 * DAY - SECOND], ["reminded", "warned"]),
        ([7 * DAY, 83 * DAY, 90 * DAY], ["reminded", "warned", "removed"]),
        ([100 * DAY], ["warned"]),  # the worker was down: never removed without a warning
        ([100 * DAY, 107 * DAY - SECOND], ["warned"]),
        ([100 * DAY, 107 * DAY], ["warned", "removed"]),
    ],
)
def test_when_an_owner_is_told_and_the_draft_goes(draft: Draft, runs: list[timedelta], expected: list[str]) -> None:
    for after in runs:
        run_at(draft.updated_at + after)
    assert told(draft) == expected
    assert Draft.objects.filter(pk=draft.pk).exists() == ("removed" not in expected)
    mails = Delivery.objects.filter(channel=Channel.MAIL, user=user("ana")).order_by("pk")
    assert [mail.message for mail in mails] == [f"draft_{kind}" for kind in expected if kind != "removed"]
    assert Delivery.objects.filter(channel=Channel.BELL).count() == mails.count()


def test_a_save_begins_anew(draft: Draft) -> None:
    saved = draft.updated_at
    run_at(saved + 7 * DAY)
    with time_machine.travel(saved + 80 * DAY, tick=False):
        answer = send(client_for("ana"), draft, "solutions", {"own": [], "go": "later"})
        assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.updated_at == saved + 80 * DAY
    for after in (83, 87, 162):
        run_at(saved + after * DAY)
    assert told(draft) == ["reminded", "reminded"]
    run_at(saved + 163 * DAY)
    run_at(saved + 170 * DAY)
    assert told(draft) == ["reminded", "reminded", "warned", "removed"]


@pytest.mark.parametrize("left", ["no sign-in", "no role", "a reader now"])
def test_the_draft_of_who_left_goes_without_a_mail(draft: Draft, left: str) -> None:
    if left == "no sign-in":
        ana = user("ana")
        ana.is_active = False
        ana.save()
    else:
        change = {"is_active": False} if left == "no role" else {"role": "referrals_viewer"}
        Membership.objects.filter(user=user("ana")).update(**change)
    for after in (7 * DAY, 83 * DAY, 90 * DAY - SECOND):
        run_at(draft.updated_at + after)
    assert told(draft) == []
    run_at(draft.updated_at + 90 * DAY)
    assert told(draft) == ["removed"]
    assert not Delivery.objects.exists()


def test_a_draft_that_became_a_deal_is_left_alone(draft: Draft) -> None:
    pk = draft.pk
    draft.delete()
    assert actions.tend_draft(pk) is None


@pytest.mark.parametrize("language", ["en", "pt-br"])
def test_the_words_of_mail_and_bell(draft: Draft, language: str) -> None:
    ana = user("ana")
    ana.language = language
    ana.save()
    run_at(draft.updated_at + 83 * DAY)
    mail = letters.mail(Delivery.objects.with_event().get(channel=Channel.MAIL))
    assert "Datum lakehouse" in mail.subject
    assert "Contoso Data" in mail.body
    assert reverse("deals:drafts") in mail.body
    assert reverse("deals:drafts") in mail.alternatives[0][0]
    draft.delete()
    client = client_for("ana")
    with clock.moved_by(84 * DAY):
        client.force_login(ana)
        assert "Datum lakehouse" in client.get(reverse("events:bell")).content.decode()
        bell = Delivery.objects.get(channel=Channel.BELL)
        assert client.post(reverse("events:read", args=[bell.pk]))["Location"] == reverse("deals:drafts")


def listed(client: Client) -> str:
    response = client.get(reverse("deals:drafts"))
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_says_how_far_each_draft_came() -> None:
    client = client_for("ana")
    draft = start(client)
    assert "To do: Customer, Deal details, Solutions, Help from Microsoft, Partner collaboration, Review" in listed(
        client
    )
    send(client, draft, "customer", good_answers()["customer"])
    send(client, draft, "details", good_answers()["details"])
    page = listed(client)
    assert "Saved: Customer, Deal details · " in page
    assert "To do: Solutions," in page
    assert customer().name in page
    assert reverse("deals:draft", args=[draft.uid, "solutions"]) in page


def test_the_page_says_when_a_draft_goes(draft: Draft) -> None:
    client = client_for("ana")
    with clock.moved_by(83 * DAY - timedelta(minutes=5)):
        assert "Will be removed on" not in listed(client)
    with clock.moved_by(85 * DAY):  # not warned yet: a week from now
        assert (draft.updated_at + 92 * DAY).date().isoformat() in listed(client).partition("Will be removed on")[2]
    run_at(draft.updated_at + 83 * DAY)
    with clock.moved_by(85 * DAY):
        assert (draft.updated_at + 90 * DAY).date().isoformat() in listed(client).partition("Will be removed on")[2]


def test_the_page_asks_as_much_for_25_drafts_as_for_one(django_assert_max_num_queries: object) -> None:
    now = clock.now()
    given = {"customer": {"customer": [str(customer().uid)]}}
    make_draft(now, **given)
    client = client_for("ana")
    counts = []
    for more in (0, 24):
        for _each in range(more):
            make_draft(now, **given)
        with django_assert_max_num_queries(25) as asked:  # type: ignore[operator]
            listed(client)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_a_draft_of_another_organization_is_not_listed_here(draft: Draft) -> None:
    Membership.objects.create(user=user("ana"), organization=who("priya").organization, role="referrals_user")
    assert "Datum lakehouse" in listed(client_for("ana", "Contoso Data"))
    assert "Datum lakehouse" not in listed(client_for("ana", "Northlake Services"))
