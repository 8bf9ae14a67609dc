"""What the vendor admin reads about the review: counted from real decisions, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from cosell import clock
from cosell.local.cast.registrations import a_claim, order_form
from deals import actions as deal_actions
from registrations import actions
from registrations.enums import Check, FailReason, Field, Outcome, Pricing, ReviewReason
from registrations.models import Program, Registration, Verdict
from registrations.numbers import SPANS, Age, Ended, Numbers, Outcomes, mondays, numbers_of
from registrations.templatetags.charts import bar, most
from tests.cast import LAKEHOUSE, client_for, clock_at, new_deal, organization, solutions, who

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday
CHECKED = list(Check.values)


@pytest.fixture
def at_noon(cast: None) -> Iterator[None]:
    with clock_at(NOW):
        yield


def _submitted(name: str, days: float, *, drawn: int = 0, **fields: Any) -> Registration:
    """Registered so many days ago by Ana, for one year, eligible."""
    Program.objects.update(draw_percent=drawn)
    with clock.moved_by(timedelta(days=-days - 6)):
        deal = new_deal(name=name, of=name, shown=True, solutions=solutions(LAKEHOUSE))
    with clock.moved_by(timedelta(days=-days - 1)):
        deal_actions.win_deal(who("ana"), deal.pk)
    with clock.moved_by(timedelta(days=-days)):
        claim = a_claim(deal, **fields)
        file = actions.add_file(who("ana"), deal.pk, claim.program, order_form(deal, claim))
        return actions.submit(who("ana"), deal.pk, file.registration.version, claim)


def _decided(row: Registration, outcome: Outcome, days: float, by: str = "noor", **given: Any) -> None:
    with clock.moved_by(timedelta(days=-days)):
        row.refresh_from_db()
        checked = CHECKED if outcome == Outcome.PASS else []
        actions.decide(who(by), row.pk, outcome, version=row.version, checked=checked, **given)


PAYG = {"pricing": Pricing.PAYG}


def _history() -> None:
    passed = _submitted("Woodgrove Bank", 23, **PAYG)
    _decided(passed, Outcome.PASS, 22)
    failed = _submitted("City Power & Light", 16, **PAYG)
    reasons = [FailReason.DATES_DISAGREE, FailReason.NO_EVIDENCE]
    _decided(failed, Outcome.FAIL, 13, reasons=reasons, words="See there.")
    failed.verdicts.update(overturned_at=NOW)
    drawn = _submitted("Consolidated Messenger", 16, drawn=100)
    _decided(drawn, Outcome.FAIL, 5, by="erik", reasons=[FailReason.NO_EVIDENCE], words="See there.")
    _submitted("Northwind Traders Ltd", 9)
    again = _submitted("Trey Research", 9, drawn=100)
    _decided(again, Outcome.ASK, 8, comments={Field.PRICING: "Is it?"})
    with clock.moved_by(timedelta(days=-7)):
        again.refresh_from_db()
        actions.submit(who("ana"), again.deal_id, again.version, a_claim(again.deal))
    _decided(again, Outcome.PASS, 6)
    taken_back = _submitted("Wide World Importers", 1.5, **PAYG)
    _decided(taken_back, Outcome.PASS, 0)
    actions.undo_decision(who("noor"), taken_back.pk)
    _submitted("Humongous Insurance", 0.5, **PAYG)
    actions.request_exception(who("ana"), failed.deal_id, "The reseller signed.", [])


@pytest.mark.django_db
def test_everything_is_counted(at_noon: None, django_assert_max_num_queries: Any) -> None:
    _history()
    host = organization("Microsoft")
    with django_assert_max_num_queries(12):
        numbers = numbers_of(host, SPANS[0].since(NOW), clock.now())
    _throughput(numbers)
    names = {row.label: row for row in numbers.reviewers}
    assert names["Noor Haddad"] == Outcomes("Noor Haddad", passed=2, failed=1, asked=1, late=0, overturned=1)
    assert names["Erik Holm"] == Outcomes("Erik Holm", passed=0, failed=1, asked=0, late=1, overturned=0)
    by_reason = {row.label: (row.passed, row.failed, row.asked) for row in numbers.review_reasons}
    assert by_reason == {
        ReviewReason.PAYG.label: (1, 1, 0),
        ReviewReason.DRAWN.label: (0, 1, 1),  # the reason of then, not of the round after it
        ReviewReason.RESUBMITTED.label: (1, 0, 0),
    }
    assert numbers.fail_reasons == [(FailReason.NO_EVIDENCE.label, 2), (FailReason.DATES_DISAGREE.label, 1)]
    drawn, others, approved = numbers.sampling
    assert drawn == Ended("Drawn at random", passed=1, failed=1)
    assert (others.passed, others.failed, others.percent_failed) == (1, 1, 50)
    assert (approved.passed, approved.was_reviewed) == (1, False)
    assert [count for _label, count in numbers.exceptions] == [0, 0, 1, 0]
    _page()
    _other_ranges(host)


def _throughput(numbers: Numbers) -> None:
    weeks = {week.starts_on: (week.submitted, week.approved, week.decided) for week in numbers.weeks}
    assert list(weeks) == [date(2026, 10, 19), *(date(2026, 10, 26) + timedelta(days=7 * n) for n in range(4))]
    assert sum(row[0] for row in weeks.values()) == 8, "seven, and one sent again"
    assert sum(row[1] for row in weeks.values()) == 1
    assert sum(row[2] for row in weeks.values()) == numbers.decided == 5, "the one taken back is none"
    assert weeks[date(2026, 11, 2)] == (2, 0, 1)
    everything, program = numbers.ages
    one, day = timedelta(seconds=5), timedelta(days=1)
    assert abs(everything.p50 - 1 * day) < one
    assert abs(everything.p90 - 11 * day) < one
    assert (everything.late, everything.percent_late, program.count) == (1, 20, 5)
    assert [(bucket.count, bucket.late) for bucket in numbers.waiting] == [(1, 0), (1, 0), (0, 0), (0, 0), (0, 0)]


def _page() -> None:
    url = reverse("registrations:numbers")
    page = client_for("erik").get(url).content.decode()
    assert "5 decisions · 1 overturned" in page
    assert "style=" not in page
    assert page.count('class="chart"') > 20
    assert "not_vendor_admin" not in page
    answer = client_for("noor").get(url)
    assert answer.status_code == 403
    assert "Only a vendor admin of Microsoft" in answer.content.decode()
    assert client_for("ana").get(url).status_code == 404
    for span in ("365", "year", "nonsense"):
        assert client_for("erik").get(url, {"span": span}).status_code == 200


def _other_ranges(host: Any) -> None:
    later = numbers_of(host, NOW - timedelta(days=7), clock.now())
    assert (later.decided, later.ages[0].late) == (2, 1)
    other = numbers_of(organization("Contoso Data"), NOW - timedelta(days=90), clock.now())
    assert other.is_empty, "what other hosts decide is theirs"
    assert other.ages == [Age("All programs", 0, 0, None, None, None)]
    assert Verdict.objects.exclude(undone_at=None).count() == 1


@pytest.mark.django_db
def test_before_the_first_one_the_page_teaches(cast: None) -> None:
    page = client_for("erik").get(reverse("registrations:numbers")).content.decode()
    assert "Nothing to count yet" in page


@pytest.mark.parametrize(
    ("slug", "now", "since"),
    [
        ("30", datetime(2024, 3, 30, 23, 59, tzinfo=UTC), date(2024, 3, 1)),
        ("90", datetime(2026, 3, 31, tzinfo=UTC), date(2026, 1, 1)),
        ("365", datetime(2025, 12, 31, tzinfo=UTC), date(2025, 1, 1)),
        ("year", datetime(2026, 6, 30, 23, 59, tzinfo=UTC), date(2025, 7, 1)),
        ("year", datetime(2026, 7, 1, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_where_a_range_begins(slug: str, now: datetime, since: date) -> None:
    span = next(each for each in SPANS if each.slug == slug)
    assert span.since(now) == datetime(since.year, since.month, since.day, tzinfo=UTC)


def test_every_week_of_a_range_is_one() -> None:
    weeks = mondays(datetime(2025, 12, 28, tzinfo=UTC), datetime(2026, 1, 12, 1, tzinfo=UTC))
    assert weeks == [date(2025, 12, 22), date(2025, 12, 29), date(2026, 1, 5), date(2026, 1, 12)]


def test_a_bar_has_the_length_of_its_parts() -> None:
    drawn = bar(8, ok=2, bad=1, warn=0)
    assert '<rect x="0" width="25.00" height="8" class="text-ok"/>' in drawn
    assert '<rect x="25.00" width="12.50" height="8" class="text-bad"/>' in drawn
    assert "warn" not in drawn
    assert "<rect" not in bar(0, plain=0) + bar(timedelta(), plain=None)
    assert 'width="50.00"' in bar(timedelta(days=2), plain=timedelta(days=1))
    assert most([("a", 1), ("b", 3)], "1") == 3
    assert most([Age("a", 0, 0, None, None, None)], "p99") == 0
