"""How soon and how surely partners answer: what counts, in which words, and who is suggested first."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organization
from cosell import clock
from deals.enums import Direction, ExpiryReason, Kind, Stage
from deals.models import Deal, Engagement
from deals.responsiveness import Responsiveness, responsiveness_of, suggest_partners
from deals.workflow import ANSWER_WITHIN
from tests.cast import client_for, customer, organization, user, who
from tests.factories import make_organization

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def invited(partner: Organization, *, ago: timedelta, after: timedelta | None = None, **fields: Any) -> None:
    """An invitation that began some time ago, and was answered `after` some time or not."""
    now, sender = clock.now(), organization("Contoso Data")
    at, host = now - ago, Organization.objects.host()
    shared = Engagement.objects.create(
        kind=Kind.IP, creator=sender, host=host, customer=customer(), created_by=user("ana"), created_at=at
    )
    given = {
        "stage": Stage.RECEIVED if after is None else Stage.ACCEPTED,
        "answered_at": None if after is None else at + after,
        "closed_at": now if "close_reason" in fields or fields.get("stage") == Stage.DECLINED else None,
    }
    Deal.objects.create(
        engagement=shared, organization=partner, location=partner.locations.get(), direction=Direction.INBOUND,
        name="Asked", value=1, currency="USD", close_on=at.date(), invited_at=at, expires_at=at + ANSWER_WITHIN,
        created_at=at, updated_at=at, **{**given, **fields},
    )  # fmt: skip


def test_what_is_counted() -> None:
    """Answered, or over without an answer; not what waits in time, was taken back, or is older than 90 days."""
    partner = organization("Northlake Services")
    invited(partner, ago=5 * DAY, after=DAY)
    invited(partner, ago=60 * DAY, after=4 * DAY, stage=Stage.DECLINED)
    invited(partner, ago=20 * DAY, stage=Stage.EXPIRED, close_reason=ExpiryReason.TIME)
    invited(partner, ago=15 * DAY)  # its time is over, the job has not run yet
    counted = Responsiveness(4, 2, 2.5 * DAY)
    assert responsiveness_of([partner.pk]) == {partner.pk: counted}
    invited(partner, ago=3 * DAY)
    invited(partner, ago=91 * DAY, after=HOUR)
    invited(partner, ago=20 * DAY, stage=Stage.EXPIRED, close_reason=ExpiryReason.WITHDRAWN)
    invited(partner, ago=20 * DAY, stage=Stage.EXPIRED, close_reason=ExpiryReason.SENDER_CLOSED)
    relecloud = organization("Relecloud")
    assert responsiveness_of([partner.pk, relecloud.pk]) == {partner.pk: counted, relecloud.pk: Responsiveness()}
    assert counted.words == "answers in 2.5 days, 50 % answered"


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Responsiveness(), "no invitations in the last 90 days"),
        (Responsiveness(3), "no invitation answered in the last 90 days"),
        (Responsiveness(25, 24, 1.2 * DAY), "answers in 1.2 days, 96 % answered"),
        (Responsiveness(1, 1, 5.5 * HOUR), "answers in 5 hours, 100 % answered"),
        (Responsiveness(1, 1, HOUR), "answers in 1 hour, 100 % answered"),
        (Responsiveness(1000, 999, HOUR / 2), "answers in under an hour, 99 % answered"),
    ],
)
def test_words(standing: Responsiveness, words: str) -> None:
    assert standing.words == words


def test_the_name_comes_first_then_who_answers() -> None:
    slow, unknown, quick, silent, exact = (
        make_organization(name=name) for name in ("Zava Alfa", "Zava Beta", "Zava Gama", "Zava Dora", "Zava")
    )
    invited(quick, ago=10 * DAY, after=HOUR)
    invited(slow, ago=20 * DAY, after=6 * DAY)
    invited(silent, ago=20 * DAY)
    invited(exact, ago=20 * DAY)

    def suggested(query: str, taken: dict[str, str] | None = None) -> list[Organization]:
        return [each.partner for each in suggest_partners(who("ana"), query, taken=taken)]

    assert suggested("zava") == [exact, quick, slow, unknown, silent]
    assert suggested("zava", {str(quick.uid): "on this deal"}) == [exact, slow, unknown, silent, quick]
    assert suggested("zava gama")[0] == quick
    assert suggested("zava dora")[0] == silent, "a better name beats a better answer"


def test_as_many_questions_for_ten_partners_as_for_one() -> None:
    asked = []
    for names in (["Zava 0"], [f"Zava {n}" for n in range(1, 12)]):
        for name in names:
            invited(make_organization(name=name), ago=10 * DAY, after=DAY)
        ana = who("ana")
        with CaptureQueriesContext(connection) as queries:
            found = suggest_partners(ana, "zava")
        asked.append((len(found), len(queries)))
    assert [count for count, _queries in asked] == [1, 10]
    assert asked[0][1] == asked[1][1]


def test_the_own_standing_is_a_part_of_inbound_and_of_no_other_list() -> None:
    priya, url = client_for("priya"), reverse("deals:standing")
    lists = {tab: priya.get(reverse("deals:list", args=[tab])).content.decode() for tab in ("inbound", "outbound")}
    assert (f'hx-get="{url}"' in lists["inbound"], url in lists["outbound"]) == (True, False)
    page = priya.get(url).content.decode()
    assert "Answer quickly." in page
    assert "Your answers" not in page, "no number without an invitation"
    invited(organization("Northlake Services"), ago=10 * DAY, after=1.2 * DAY)
    invited(organization("Northlake Services"), ago=20 * DAY)
    assert "median 1.2 days, 50 % answered within 14 days" in priya.get(url).content.decode()
