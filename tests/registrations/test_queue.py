"""The review queue: tabs, filters, the next one for each of two people, saved filters, many passed at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cosell import clock
from cosell.local.bench.queue import crowd
from deals.enums import RegistrationState
from registrations import actions, queue
from registrations.enums import Check, Level, Outcome
from registrations.models import Registration, SavedFilter
from tests.cast import client_for, user, who
from tests.registrations.world import again, decide, in_review, make_reviewer, nothing_drawn

S = RegistrationState
FRAGMENT = {"HX-Request": "true"}
US = SimpleNamespace(country="US", time_zone="America/Los_Angeles", pick_days=30)


def la(day: int, hour: int) -> datetime:
    """An hour on the wall of Los Angeles in March 2026, before its daylight saving begins on the 8th."""
    return datetime(2026, 3, day, hour, tzinfo=UTC) + timedelta(hours=8)


@pytest.mark.parametrize(
    ("due", "now", "words", "tone"),
    [
        (la(4, 9), la(2, 10), "2 d", ""),
        (la(9, 9), la(6, 10), "1 d", ""),  # Monday, asked on Friday
        (la(4, 17), la(4, 9), "today", "warn"),
        (la(4, 17), la(3, 23), "1 d", ""),  # on the 4th in UTC already
        (la(4, 9), la(4, 9), "over", "bad"),
        (la(4, 9), la(5, 8), "1 d over", "bad"),
        (la(6, 9), la(9, 8), "1 d over", "bad"),  # over the weekend
    ],
)
def test_due_is_said_in_working_days_of_the_program(due: datetime, now: datetime, words: str, tone: str) -> None:
    said = queue.due(due, now, US)
    assert (said.words, said.tone) == (words, tone)
    assert date(2026, 3, 2).strftime("%a") == "Mon"


@pytest.fixture
def waiting(cast: None) -> list[Registration]:
    """Twelve that wait, the most urgent first; nobody has one in hand."""
    nothing_drawn()
    crowd(in_review(), 11)
    return list(Registration.objects.order_by("due_at", "pk").select_related("deal__engagement"))


def get(client: Client, tab: str = "waiting", *, whole: bool = False, **query: Any) -> HttpResponse:
    """The list; the filters around it, which take most of a page's time, only for the `whole` page."""
    return client.get(reverse("registrations:review", args=[tab]), query, headers={} if whole else FRAGMENT)


def names(response: HttpResponse) -> list[str]:
    return [row.registration.deal.name for row in response.context["rows"]]


def counted(client: Client, url: str, headers: dict[str, str] | None = None) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, headers=headers or {}).status_code == 200
    return len(captured)


def test_the_page(waiting: list[Registration], monkeypatch: pytest.MonkeyPatch) -> None:
    """Order, pages by key, filters, sort, counts, and as many queries for twelve rows as for one."""
    noor, url = client_for("noor"), reverse("registrations:review", args=["waiting"])
    monkeypatch.setattr(queue, "PAGE_SIZE", 1)
    one, one_of_them = counted(noor, url), counted(noor, url, FRAGMENT)
    monkeypatch.setattr(queue, "PAGE_SIZE", 50)
    assert (counted(noor, url), counted(noor, url, FRAGMENT)) == (one, one_of_them)
    shell = counted(noor, reverse("accounts:profile"))
    assert one - shell <= 8
    monkeypatch.setattr(queue, "PAGE_SIZE", 5)
    seen, page = [], get(noor)
    assert page.context["counts"] | {"waiting": "12", "mine": "0", "second": "0"} == page.context["counts"]
    seen += names(page)
    while after := page.context["after_url"]:
        page = noor.get(after, headers=FRAGMENT)
        seen += names(page)
    assert seen == [each.deal.name for each in waiting]

    monkeypatch.setattr(queue, "PAGE_SIZE", 50)
    last = waiting[-1]
    assert names(get(noor, q=last.deal.engagement.reference)) == [last.deal.name]
    assert len(names(get(noor, reason="duplicate"))) == 3
    assert names(get(noor, partner="Northlake")) == names(get(noor, overdue="on")) == []
    assert names(get(noor, value_min=25_500)) == [each.deal.name for each in waiting if each.annual_usd >= 25_500]
    assert names(get(noor, sort="-due")) == seen[::-1]
    by_value = sorted(waiting, key=lambda each: (each.annual_usd, each.pk))
    assert names(get(noor, sort="value")) == [each.deal.name for each in by_value]
    assert names(get(noor, assigned="me")) == []
    chips = get(noor, reason="payg", overdue="on").context["chips"]
    assert [(str(label), words) for label, words, _url in chips] == [
        ("Why reviewed", "Pay-as-you-go"),
        ("Only overdue", ""),
    ]


def test_each_tab_has_its_rows(waiting: list[Registration]) -> None:
    now = clock.now()
    second, market, asked, approved, kept, passed, over, mine = waiting[:8]
    for row, changes in (
        (second, {"level": Level.SECOND}),
        (market, {"state": S.MARKETPLACE_PENDING}),
        (asked, {"state": S.ACTION_REQUIRED, "due_at": None}),
        (approved, {"state": S.APPROVED, "decided_at": now, "due_at": None}),
        (kept, {"state": S.APPROVED, "decided_at": now, "due_at": None, "closed_at": now}),
        (passed, {"state": S.REVIEW_PASSED, "decided_at": now, "due_at": None}),
        (over, {"due_at": now - timedelta(days=3)}),
        (mine, {"claimed_by": user("noor"), "claimed_until": now + timedelta(minutes=9)}),
    ):
        Registration.objects.filter(pk=row.pk).update(**changes)
    Registration.objects.filter(pk=waiting[8].pk).update(  # half an hour without work: nobody's
        claimed_by=user("noor"), claimed_until=now - timedelta(minutes=1)
    )
    actions.request_exception(who("ana"), passed.deal_id, "Please.", [])
    noor, page = client_for("noor"), None
    expected = {
        "second": {second},
        "marketplace": {market},
        "action-required": {asked},
        "approved": {approved},
        "decided": {kept, passed},
        "exceptions": {passed},
        "mine": {mine},
        "waiting": {*waiting} - {asked, approved, kept, passed},
    }
    for tab, rows in expected.items():
        page = get(noor, tab)
        assert {row.registration for row in page.context["rows"]} == rows, tab
        assert page.context["counts"][tab] == str(len(rows))
    assert page is not None
    assert page.context["counts"]["over"] == "1"
    assert names(page)[0] == over.deal.name
    assert get(noor, overdue="on").context["rows"][0].due.tone == "bad"
    assert get(noor, "nonsense").status_code == 404


def test_two_who_ask_for_the_next_get_two(waiting: list[Registration]) -> None:
    """Of the filter, after the one that is open; and a message where nothing is free."""
    make_reviewer("beatriz")
    url = reverse("registrations:review_next")

    def press(name: str, **data: str) -> str:
        to = urlsplit(client_for(name).post(url, data)["Location"])
        assert parse_qs(to.query).get("f", [""]) == [data.get("f", "")]
        return to.path

    def case(number: int) -> str:
        return reverse("registrations:case", args=[waiting[number].uid])

    assert (press("noor", f="tab=waiting"), press("beatriz", f="tab=waiting")) == (case(0), case(1))
    assert press("noor", f="tab=waiting", here=str(waiting[0].uid)) == case(2)
    assert press("noor", f="tab=waiting", here=str(waiting[5].uid)) == case(6)  # on from there, though 3 is free
    assert press("noor", f="tab=mine", here=str(waiting[6].uid)) == case(0)  # round again
    few = f"tab=waiting&q={waiting[1].deal.engagement.reference}"
    answer = client_for("noor").post(url, {"f": few}, follow=True)
    assert "Nothing is free here" in answer.text
    assert names(answer) == [waiting[1].deal.name]
    assert "until <time" in answer.text  # Beatriz has it


def test_release_and_assign(waiting: list[Registration]) -> None:
    first, noor = waiting[0], client_for("noor")
    actions.take(who("noor"), first.pk)
    assert noor.post(reverse("registrations:review_release", args=[first.uid])).status_code == 302
    assert again(first).claimed_by is None
    url = reverse("registrations:review_assign", args=[first.uid]) + "?f=tab%3Dmine"
    assert noor.post(url, {"user": user("erik").pk})["Location"] == reverse("registrations:review", args=["mine"])
    assert again(first).assigned_to == user("erik")
    assert noor.post(url, {"user": user("lee").pk}).status_code == 422  # no reviewer
    assert names(get(noor, assigned=str(user("erik").pk))) == names(get(client_for("erik"), "mine")) != []


def test_saved_filters_are_ones_own_and_few(cast: None) -> None:
    noor, url = client_for("noor"), reverse("registrations:review_filters")
    kept = noor.post(f"{url}?f=tab%3Dwaiting%26reason%3Dpayg%26after%3Dx%26evil%3D1", {"name": "Pay as you go"})
    assert kept["Location"] == reverse("registrations:review", args=["waiting"]) + "?reason=payg"
    assert noor.post(url + "?f=overdue%3Don", {"name": "Pay as you go"}).status_code == 302
    assert [each.query for each in SavedFilter.objects.all()] == ["overdue=on"]  # the same name: the new one
    assert noor.post(url, {"name": ""}).status_code == 422
    others = SavedFilter.objects.create(user=user("erik"), name="Late", query="overdue=on")
    assert noor.post(url, {"delete": others.pk}).status_code == 404
    SavedFilter.objects.bulk_create(SavedFilter(user=user("noor"), name=str(n), query="q=1") for n in range(19))
    full = noor.post(url, {"name": "One more"})
    assert full.status_code == 422
    assert "You have 20 filters" in full.text
    assert "Late" not in get(noor, whole=True).text
    assert noor.post(url, {"delete": SavedFilter.objects.get(name="Pay as you go").pk}).status_code == 302
    assert SavedFilter.objects.filter(user=user("noor")).count() == 19


def test_many_are_passed_at_once_each_with_its_own_result(waiting: list[Registration]) -> None:
    """Asked once; what differs in kind is refused with why; who was faster is said; undo of each."""
    noor, url = client_for("noor"), reverse("registrations:review_bulk")
    alike = [each for each in waiting if each.review_reasons == waiting[0].review_reasons]
    other = next(each for each in waiting if each.review_reasons != waiting[0].review_reasons)
    chosen = [*alike[:3], other]
    data: dict[str, Any] = {"f": "tab=waiting", "pick": [each.uid for each in chosen]}
    asked = noor.post(url, data)
    assert asked.status_code == 200
    assert [bool(unlike) for _each, unlike in asked.context["chosen"]].count(True) == 1
    assert noor.post(url, {**data, "go": "pass", "checked": ["dates"]}).status_code == 422
    assert Registration.objects.filter(state=S.REVIEW_PENDING).count() == 12

    decide("erik", alike[1], Outcome.FAIL)
    done = noor.post(url, {**data, "go": "pass", "checked": Check.values})
    results = {each.pk: [reason.code for reason in reasons] for each, reasons in done.context["results"]}
    assert results == {alike[0].pk: [], alike[1].pk: ["wrong_state"], alike[2].pk: [], other.pk: ["not_alike"]}
    undo = reverse("registrations:case_act", args=[alike[0].uid, "undo"])
    assert undo in done.text
    assert noor.post(undo).status_code == 302
    assert (again(alike[0]).state, again(alike[2]).state) == (S.REVIEW_PENDING, S.REVIEW_PASSED)
    assert "Choose between 1 and" in noor.post(url, {"f": ""}, follow=True).text


def test_an_empty_tab_says_what_comes_there_and_others_have_no_queue(cast: None) -> None:
    assert "All others are approved automatically" in get(client_for("noor"), whole=True).text
    assert "Only reviewers and vendor admins of Microsoft" in get(client_for("lee"), whole=True).text
    assert "Review queue" in client_for("noor").get(reverse("accounts:profile")).text
    assert "Review queue" not in client_for("ana").get(reverse("accounts:profile")).text
