"""The daily summary: one on each morning of the person, of what they still want, whatever happens to the workers."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from cosell import clock
from cosell.events import catalogue, letters, preferences
from cosell.events.catalogue import Message, Recipient
from cosell.events.digest import KIND, comes_at, sum_up_due
from cosell.events.enums import Cadence, Channel, DeliveryState
from cosell.events.models import Delivery, Event
from cosell.events.record import cancel_deliveries
from tests.cast import clock_at
from tests.events.conftest import Record

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
THURSDAY = datetime(2026, 3, 26, 15, tzinfo=BERLIN)


@pytest.fixture(autouse=True)
def early_spring() -> Iterator[None]:
    """Three days before the clocks of Berlin jump."""
    with clock_at(THURSDAY):
        yield


@pytest.fixture
def mia(db: None) -> User:
    joined = THURSDAY - timedelta(days=90)
    return User.objects.create_user(
        "mia@relecloud.example",
        full_name="Mia Berg",
        time_zone="Europe/Berlin",
        date_joined=joined,
        last_seen_at=THURSDAY,
    )


@pytest.fixture
def gathered(message: Message, told: list[Recipient], mia: User) -> Recipient:
    """Mia wants it once a day."""
    told.append(Recipient.of_user(mia))
    want(told[0].key, message, Cadence.DAILY)
    return told[0]


def want(person: str, message: Message, cadence: Cadence) -> None:
    preferences.choose(person, {message.name: cadence}, clock.now())


def summaries() -> list[Event]:
    return list(Event.objects.filter(kind=KIND).order_by("pk"))


def mails_of(event: Event) -> int:
    return event.deliveries.filter(channel=Channel.MAIL, state=DeliveryState.QUEUED).count()


def states() -> set[str]:
    return set(
        Delivery.objects.filter(channel=Channel.MAIL, message="invited").values_list("state", flat=True).distinct()
    )


def test_exactly_one_on_each_morning_across_the_jump_of_the_clocks(
    happen: Record, gathered: Recipient, mia: User
) -> None:
    """Eight days, at every hour, two runs each; something happens every night."""
    at, end = THURSDAY.astimezone(ZoneInfo("UTC")), THURSDAY + timedelta(days=8)
    while at < end:
        with clock_at(at):
            User.objects.filter(pk=mia.pk).update(last_seen_at=at)
            if at.hour == 1:
                happen()
            sum_up_due(clock.now())
            sum_up_due(clock.now())
        at += timedelta(hours=1)
    local = [event.at.astimezone(BERLIN) for event in summaries()]
    assert [(each.day, each.hour) for each in local] == [(day, 8) for day in (27, 28, 29, 30, 31)] + [
        (day, 8) for day in (1, 2, 3)
    ]
    assert all(mails_of(event) == 1 for event in summaries())
    assert not Delivery.objects.filter(state=DeliveryState.GATHERED).exists()


AFTER = [
    # (what happened, quiet, when it comes), in Berlin; the clocks jump on 29 March and 25 October 2026
    ("2026-03-28 07:59", False, "2026-03-28 08:00"),
    ("2026-03-28 08:00", False, "2026-03-29 08:00"),
    ("2026-03-29 01:30", False, "2026-03-29 08:00"),
    ("2026-10-24 23:00", False, "2026-10-25 08:00"),
    ("2026-10-25 02:30", False, "2026-10-25 08:00"),
    ("2026-03-27 12:00", True, "2026-03-30 08:00"),
    ("2026-03-30 07:00", True, "2026-03-30 08:00"),
    ("2026-03-30 08:00", True, "2026-04-06 08:00"),
    ("2026-10-24 12:00", True, "2026-10-26 08:00"),
]


@pytest.mark.parametrize(("after", "quiet", "comes"), AFTER)
def test_the_clock_on_the_wall_says_when(after: str, quiet: bool, comes: str) -> None:
    at = comes_at(datetime.fromisoformat(after).replace(tzinfo=BERLIN), "Europe/Berlin", quiet=quiet)
    assert at == datetime.fromisoformat(comes).replace(tzinfo=BERLIN)
    assert f"{at:%Y-%m-%d %H:%M}" == comes


def test_a_run_that_came_late_is_still_one_summary(happen: Record, gathered: Recipient) -> None:
    for _ in range(3):
        happen()
    with clock.moved_by(timedelta(days=2)):
        assert sum_up_due(clock.now()) == 1
        happen(at=clock.now() - timedelta(days=1))  # committed only now: due long ago
        assert sum_up_due(clock.now()) == 0
    with clock.moved_by(timedelta(days=3)):
        assert sum_up_due(clock.now()) == 1
    assert [event.data["lines"] for event in summaries()] == [3, 1]


def test_what_was_turned_off_since_is_let_go(happen: Record, gathered: Recipient, message: Message) -> None:
    happen()
    want(gathered.key, message, Cadence.OFF)
    with clock.moved_by(timedelta(days=1)):
        assert sum_up_due(clock.now()) == 0
    assert states() == {DeliveryState.CANCELLED}
    assert not summaries()


def test_without_the_summary_there_is_only_the_bell(happen: Record, gathered: Recipient) -> None:
    happen()
    preferences.choose(gathered.key, {preferences.SUMMARY: Cadence.OFF}, clock.now())
    with clock.moved_by(timedelta(days=1)):
        assert sum_up_due(clock.now()) == 0
    assert states() == {DeliveryState.CANCELLED}
    assert Delivery.objects.filter(channel=Channel.BELL, state=DeliveryState.SENT).count() == 1


def test_who_left_gets_none(happen: Record, gathered: Recipient, mia: User) -> None:
    happen()
    User.objects.filter(pk=mia.pk).update(is_active=False)
    with clock.moved_by(timedelta(days=1)):
        assert sum_up_due(clock.now()) == 0
    assert states() == {DeliveryState.CANCELLED}


def test_an_undo_calls_back_what_is_gathered(happen: Record, gathered: Recipient) -> None:
    kept, undone = happen(), happen(hold_for=timedelta(minutes=1))
    with transaction.atomic():
        assert cancel_deliveries(undone) is True
    with clock.moved_by(timedelta(days=1)):
        assert sum_up_due(clock.now()) == 1
    [event] = summaries()
    assert list(Delivery.objects.filter(summary=event).values_list("event", flat=True)) == [kept.pk]


def test_after_an_absence_it_comes_on_mondays_until_one_is_back(
    happen: Record, gathered: Recipient, mia: User
) -> None:
    User.objects.filter(pk=mia.pk).update(last_seen_at=THURSDAY - timedelta(days=8))
    happen()
    for days in (1, 2, 3):  # Friday to Sunday, in the afternoon
        with clock.moved_by(timedelta(days=days)):
            assert sum_up_due(clock.now()) == 0
    with clock.moved_by(timedelta(days=4)):
        assert sum_up_due(clock.now()) == 1
        happen()
    with clock.moved_by(timedelta(days=5)):
        assert sum_up_due(clock.now()) == 0  # put off to the next Monday
        User.objects.filter(pk=mia.pk).update(last_seen_at=clock.now())
        happen()
    with clock.moved_by(timedelta(days=6)):
        assert sum_up_due(clock.now()) == 1  # back: on the next morning, with what was put off
    assert [event.data["lines"] for event in summaries()] == [1, 2]


def test_what_cannot_be_turned_off_comes_at_once_also_to_who_is_away(
    happen: Record, gathered: Recipient, message: Message, mia: User
) -> None:
    User.objects.filter(pk=mia.pk).update(last_seen_at=THURSDAY - timedelta(days=30))
    catalogue.unregister(message)
    fixed = Message("invited", message.kind, message.audience, message.context, message.template, can_turn_off=False)
    catalogue.register(fixed)
    try:
        happen()
        assert states() == {DeliveryState.QUEUED}
    finally:
        catalogue.unregister(fixed)
        catalogue.register(message)


def test_a_new_time_zone_counts_at_once(happen: Record, gathered: Recipient, mia: User) -> None:
    happen()
    User.objects.filter(pk=mia.pk).update(time_zone="America/Sao_Paulo")
    with clock_at(datetime(2026, 3, 27, 8, 1, tzinfo=BERLIN)):
        assert sum_up_due(clock.now()) == 0
    with clock_at(datetime(2026, 3, 27, 8, 1, tzinfo=ZoneInfo("America/Sao_Paulo"))):
        assert sum_up_due(clock.now()) == 1


def test_an_address_without_sign_in_gets_one_too(happen: Record, told: list[Recipient], message: Message) -> None:
    told.append(Recipient(None, "Guest@partner.example", "Guest", "pt-br", "Europe/Berlin"))
    want(told[0].key, message, Cadence.DAILY)
    happen()
    happen()
    with clock.moved_by(timedelta(days=1)):
        assert sum_up_due(clock.now()) == 1
    [event] = summaries()
    assert event.stream.startswith("address:")
    assert "partner.example" not in event.stream
    letter = letters.mail(event.deliveries.get())
    assert letter.to == ["Guest <Guest@partner.example>"]
    assert "Fabrikam" in letter.body


def test_its_lines_say_each_matter_once_with_a_link(happen: Record, gathered: Recipient, settings: Any) -> None:
    settings.BASE_URL = "https://cosell.example"
    stream = f"engagement:{uuid.uuid4()}"
    happen(stream, deal_id=7)
    happen(stream, deal_id=7)
    newest = happen(stream, deal_id=7)
    happen()
    with clock.moved_by(timedelta(days=1)):
        sum_up_due(clock.now())
        letter = letters.mail(summaries()[0].deliveries.get())
    assert "2" in letter.subject
    html = letter.alternatives[0].content
    for words in (letter.body, html):
        assert words.count("https://cosell.example/bell/?deal=1") == 2
        assert "2 more" in words
    assert "R&amp;D &lt;b&gt;" in html
    assert newest.pk in Delivery.objects.filter(summary=summaries()[0]).values_list("event", flat=True)


def test_more_lines_ask_no_more(happen: Record, gathered: Recipient) -> None:
    asked = []
    for number, count in enumerate((1, 20)):
        for _ in range(count):
            happen()
        with clock.moved_by(timedelta(days=number + 1)):
            sum_up_due(clock.now())
            delivery = Delivery.objects.with_event().get(event=summaries()[-1])
            with CaptureQueriesContext(connection) as queries:
                letters.mail(delivery)
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 6


@pytest.mark.django_db(transaction=True)
def test_side_by_side_they_send_one(happen: Record, gathered: Recipient) -> None:
    for _ in range(5):
        happen()

    def run(_number: int) -> int:
        try:
            return sum_up_due(clock.now())
        finally:
            connection.close()

    with clock.moved_by(timedelta(days=1)), ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(4))) == 1
    assert [event.data["lines"] for event in summaries()] == [5]
