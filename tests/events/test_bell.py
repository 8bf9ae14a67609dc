"""The bell: one's own, after the hold, page by page."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from cosell import clock
from cosell.events.catalogue import Recipient
from cosell.events.context_processors import bell
from cosell.events.enums import Channel
from cosell.events.models import Delivery
from tests.events.conftest import Record

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_ana(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def unread(user: User, rf: Any) -> int | str:
    request = rf.get("/")
    request.user = user
    return bell(request)["bell_unread"]()


def test_a_line_shows_after_the_hold(
    happen: Record, told: list[Recipient], ana: User, as_ana: Client, rf: Any
) -> None:
    told.append(Recipient.of_user(ana))
    happen(hold_for=timedelta(minutes=1))
    assert unread(ana, rf) == 0
    assert "Fabrikam" not in as_ana.get(reverse("events:bell")).content.decode()
    with clock.moved_by(timedelta(minutes=1)):
        assert unread(ana, rf) == 1
        page = as_ana.get(reverse("events:bell")).content.decode()
    assert "Fabrikam invites you to &quot;R&amp;D &lt;b&gt;&quot;" in page


def test_reading_marks_and_opens(happen: Record, told: list[Recipient], ana: User, as_ana: Client, rf: Any) -> None:
    told.append(Recipient.of_user(ana))
    happen()
    line = Delivery.objects.get(channel=Channel.BELL)
    answer = as_ana.post(reverse("events:read", args=[line.pk]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("events:bell") + "?deal=1")
    assert unread(ana, rf) == 0
    assert as_ana.get(reverse("events:read", args=[line.pk])).status_code == 405


def test_nobody_reads_anothers(happen: Record, told: list[Recipient], ana: User, ben: User, as_ana: Client) -> None:
    told.append(Recipient.of_user(ben))
    happen()
    for delivery in Delivery.objects.all():
        assert as_ana.post(reverse("events:read", args=[delivery.pk])).status_code == 404
    as_ana.post(reverse("events:read_all"))
    assert not Delivery.objects.exclude(read_at=None).exists()
    assert "Fabrikam invites" not in as_ana.get(reverse("events:bell")).content.decode()


def test_pages_by_key_with_a_constant_number_of_queries(
    happen: Record, told: list[Recipient], ana: User, as_ana: Client, django_assert_max_num_queries: Any, rf: Any
) -> None:
    told.append(Recipient.of_user(ana))
    for _ in range(30):
        happen()
    url = reverse("events:bell")
    with django_assert_max_num_queries(12):
        first = as_ana.get(url)
    assert len(first.context["items"]) == 25
    second = as_ana.get(url, {"before": first.context["older"]})
    assert len(second.context["items"]) == 5
    assert second.context["older"] is None
    assert as_ana.get(url, {"before": "²'; --"}).status_code == 200
    assert unread(ana, rf) == 30
    as_ana.post(reverse("events:read_all"))
    assert unread(ana, rf) == 0


def test_the_number_ends_at_99(happen: Record, told: list[Recipient], ana: User, rf: Any) -> None:
    told.append(Recipient.of_user(ana))
    happen()
    line = Delivery.objects.get(channel=Channel.BELL)
    for n in range(120):
        line.pk, line.uid, line.recipient_key = None, uuid.uuid4(), f"other:{n}"
        line.save(force_insert=True)
    assert unread(ana, rf) == "99+"


def test_a_broken_message_leaves_the_others(happen: Record, told: list[Recipient], ana: User, as_ana: Client) -> None:
    told.append(Recipient.of_user(ana))
    happen(data={"breaks": True})
    happen()
    page = as_ana.get(reverse("events:bell")).content.decode()
    assert page.count("Fabrikam invites") == 1


def test_one_kind_alone(happen: Record, told: list[Recipient], ana: User, as_ana: Client) -> None:
    told.append(Recipient.of_user(ana))
    for _ in range(26):
        happen()
    url = reverse("events:bell")
    page = as_ana.get(url, {"kind": "invited"})
    assert f"?kind=invited&amp;before={page.context['older']}" in page.content.decode()
    assert not as_ana.get(url, {"kind": "daily_summary"}).context["items"]
    assert len(as_ana.get(url, {"kind": "unheard_of"}).context["items"]) == 25


COUNT = "/bell/count/"


def test_the_count_is_one_indexed_query_beyond_the_session_and_the_person(
    happen: Record, told: list[Recipient], ana: User, as_ana: Client
) -> None:
    told.append(Recipient.of_user(ana))
    happen()
    with CaptureQueriesContext(connection) as queries:
        answer = as_ana.get(COUNT, headers={"HX-Request": "true"})
    assert len(queries) == 3, [query["sql"] for query in queries]
    assert "1" in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-cache"
    with connection.cursor() as cursor:  # of a table so small the planner would read all of it
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + queries[-1]["sql"])
        plan = "".join(row[0] for row in cursor.fetchall())
    assert "delivery_unread" in plan


def test_the_count_is_304_until_something_changes(
    happen: Record, told: list[Recipient], ana: User, ben: User, as_ana: Client
) -> None:
    told.append(Recipient.of_user(ana))
    happen()

    def ask(etag: str, client: Client = as_ana) -> Any:
        return client.get(COUNT, headers={"If-None-Match": etag, "HX-Request": "true"})

    first = ask("")
    again = ask(first["ETag"])
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again["Cache-Control"] == "private, no-cache"
    happen()
    more = ask(first["ETag"])
    assert more.status_code == 200
    assert "2" in more.content.decode()
    as_ana.post(reverse("events:read_all"))
    assert ask(more["ETag"]).status_code == 200
    User.objects.filter(pk=ana.pk).update(language="en")  # other words
    assert ask(more["ETag"]).status_code == 200
    as_ana.force_login(ben)  # who comes next to this browser is somebody else
    assert ask(first["ETag"]).status_code == 200


def test_the_count_takes_nobody_to_the_sign_in(client: Client, db: None) -> None:
    """A page that is left open keeps what was typed into it."""
    answer = client.get(COUNT, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers.get("HX-Redirect")) == (204, None)
