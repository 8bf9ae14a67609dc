"""The home page: what waits for one, what expires first at the top; what came, and what came while one was away."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from cosell import clock
from deals import actions, perms
from deals.enums import DeclineReason, Help
from deals.home import editable_by, to_answer
from deals.models import Deal, Draft, MatchCase
from registrations import actions as claims
from registrations.enums import Outcome
from tests.access.table import CAST
from tests.cast import client_for, clock_at, new_deal, side_of, user, who
from tests.registrations import world

CONTOSO = "Contoso Data"


def sent(**fields: Any) -> Deal:
    """What Lee sends to Contoso; its side."""
    return side_of(new_deal("lee", invites=[CONTOSO], **fields), CONTOSO)


def titles(name: str) -> list[tuple[str, str]]:
    return [(item.kind, item.title) for item in to_answer(who(name), clock.now())]


def draft(days: int, title: str = "Old plans") -> Draft:
    at = clock.now() - timedelta(days=days)
    ana = who("ana")
    typed = {"details": {"name": [title]}}
    return Draft.objects.create(
        organization=ana.organization, owner=ana.user, answers=typed, created_at=at, updated_at=at
    )


def test_what_expires_first_stands_at_the_top() -> None:
    with clock.moved_by(timedelta(days=-3)):
        sent(name="Second")
    with clock.moved_by(timedelta(days=-9)):
        sent(name="First")
    with clock.moved_by(timedelta(days=-20)):
        sent(name="Too late")
    draft(85, "Going soon")
    draft(60, "Not yet")
    assert titles("ana") == [("Invitation", "First"), ("Draft", "Going soon"), ("Invitation", "Second")]
    [first, *_rest] = to_answer(who("ana"), clock.now())
    assert (first.sender, first.customer) == ("Microsoft", "A. Datum Corporation")
    assert first.value == 40_000


def test_only_who_may_answer_is_asked() -> None:
    sent(name="For Contoso")
    new_deal("ana", asks=Help.POC, name="For the host")
    assert titles("ana") == titles("julia") == [("Invitation", "For Contoso")]
    assert titles("lee") == [("Invitation", "For the host")]
    for name in ("vera", "rui", "tom", "diego", "priya", "noor", "beatriz"):
        assert titles(name) == [], name


def test_the_rows_are_those_that_one_may_change() -> None:
    """As `perms.is_editor` says of each side, for the whole cast."""
    own = new_deal("ana", asks=Help.POC, at="100201", team=["rui"])
    new_deal("tom", at="100202")
    sent(of="Fabrikam Seguros S.A.")
    new_deal("ana", shown=True, of="Usina Rio Claro Ltda.")
    own.engagement.customer.team.add(user("beatriz"))
    for name, email in CAST.items():
        if not email or name == "operator":
            continue
        one = who(name)
        found = {deal.pk for deal in Deal.objects.all() if perms.is_editor(one, deal)}
        assert set(editable_by(one).values_list("pk", flat=True)) == found, name


def test_a_question_about_the_customer_waits_for_its_side() -> None:
    deal = new_deal("ana", shown=True, of="A. Datum Corporation")
    MatchCase.objects.create(
        engagement=deal.engagement, typed=deal.engagement.customer, state="asked", opened_at=clock.now()
    )
    assert titles("ana") == [("Question", "Datum lakehouse")]
    assert titles("vera") == titles("tom") == []


def test_registrations_wait_for_who_reviews_and_then_for_who_claimed() -> None:
    registration = world.in_review(deal={"name": "Datum claims"})
    assert titles("noor") == titles("erik") == titles("ana") == []  # not overdue, in nobody's hand
    claims.assign(who("erik"), registration.pk, user("noor"))
    assert titles("noor") == [("Review", "Datum claims")]
    with clock.moved_by(timedelta(days=30)):
        assert titles("erik") == [("Review", "Datum claims")]
    world.decide("noor", registration, Outcome.ASK)
    assert titles("noor") == []
    assert titles("ana") == titles("julia") == [("Registration", "Datum claims")]
    assert titles("vera") == titles("tom") == []


def test_an_exception_that_is_overdue_waits_for_all_reviewers() -> None:
    registration = world.registered()
    claims.request_exception(who("ana"), registration.deal_id, "The reseller signed for us.", [])
    assert titles("noor") == []
    with clock.moved_by(timedelta(days=40)):
        assert titles("noor") == titles("erik") == [("Exception", "Datum lakehouse")]
        assert titles("lee") == titles("ana") == []


def test_as_many_queries_for_twenty_five_as_for_one() -> None:
    ana, asked = client_for("ana"), []
    for count in (1, 2, 22):  # 1, 3, 25
        for _ in range(count):
            sent()
        with CaptureQueriesContext(connection) as queries:
            page = ana.get("/")
        asked.append(len(queries))
    assert len(page.context["waiting"]) == 25
    assert len(page.context["items"]) == 8
    assert asked[0] == asked[1] == asked[2] <= 22, asked


def test_the_page_leads_to_each_and_says_what_to_do_when_nothing_waits() -> None:
    ana = client_for("ana")
    assert "Nothing waits for you" in ana.get("/").content.decode()
    deal = sent(name="R&D <b>")
    page = ana.get("/").content.decode()
    assert f'href="{reverse("deals:detail", args=[deal.uid])}"' in page
    assert "R&amp;D &lt;b&gt;" in page
    assert "data-countdown" in page
    assert 'aria-current="page"' in page
    assert "Nothing waits for you" not in page
    actions.decline_deal(who("ana"), deal.pk, reason=DeclineReason.BUDGET)
    assert "Nothing waits for you" in ana.get("/").content.decode()


def test_who_belongs_nowhere_is_told_so() -> None:
    client = client_for("ana")
    client.force_login(User.objects.create_user("root@cosell.example", full_name="Operator", is_staff=True))
    answer = client.get("/")
    assert answer.status_code == 403
    assert "You have no role in any organization yet" in answer.content.decode()


def test_while_you_were_away() -> None:
    ana, person = client_for("ana"), user("ana")
    User.objects.filter(pk=person.pk).update(last_seen_at=clock.now() - timedelta(days=6))
    assert "While you were away" not in ana.get("/").content.decode()
    with clock.moved_by(timedelta(days=-12)):
        sent(name="Before")
    since = clock.now() - timedelta(days=8)
    User.objects.filter(pk=person.pk).update(last_seen_at=since)
    sent(name="One")
    sent(name="Two")
    came = ana.get("/").context["came"]
    assert [(each.message, each.count) for each in came] == [("opportunity_received", 2)]
    ana.post("/here/")  # the page gives a sign of life: the panel stays until it is read
    person.refresh_from_db()
    assert clock.now() - person.last_seen_at < timedelta(minutes=1)
    page = ana.get("/")
    assert page.context["since"] == since
    assert "?kind=opportunity_received" in page.content.decode()
    answer = ana.post("/here/", {"read": "1"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "While you were away" not in ana.get("/").content.decode()
    with clock_at(clock.now() + timedelta(days=7, hours=1)):
        ana = client_for("ana")
        assert "While you were away" in ana.get("/").content.decode()
        ana.post("/here/", {"read": "1"})  # at once, without JavaScript
        assert "While you were away" not in ana.get("/").content.decode()


def test_signing_in_leads_here(settings: Any) -> None:
    assert reverse(settings.LOGIN_REDIRECT_URL) == "/"
    assert client_for("ana").get("/").status_code == 200
