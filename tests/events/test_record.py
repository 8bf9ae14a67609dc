"""Writing history, and who is told."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from cosell import clock
from cosell.events import catalogue
from cosell.events.catalogue import Message, Recipient
from cosell.events.chain import event_hash
from cosell.events.enums import Channel, DeliveryState, Visibility
from cosell.events.models import Delivery, Event, EventDetail
from cosell.events.record import cancel_deliveries, record
from tests.events.conftest import KIND, Record

pytestmark = pytest.mark.django_db


def test_events_of_a_stream_are_chained(happen: Record, ana: User) -> None:
    stream = f"engagement:{uuid.uuid4()}"
    first = happen(stream, actor=ana, data={"value": Decimal("1.10"), "on": date(2026, 1, 2)})
    second = happen(stream, details={"note": "Call them", "empty": None})
    assert (first.seq, first.prev_hash, first.data) == (1, "", {"value": "1.10", "on": "2026-01-02"})
    assert (second.seq, second.prev_hash) == (2, first.hash)
    assert list(second.details.values_list("key", "value")) == [("note", "Call them")]
    for event in Event.objects.all():  # read back, it is what was hashed
        assert event.hash == event_hash(event)
    assert happen().seq == 1


@pytest.mark.django_db(transaction=True)
def test_an_event_is_refused_outside_a_transaction(happen: Record) -> None:
    with pytest.raises(RuntimeError):
        record(KIND, stream="engagement:1", at=clock.now(), visibility=Visibility.ENGAGEMENT)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events_event SET kind = 'deal.lost'",
        "DELETE FROM events_event",
        "UPDATE events_eventdetail SET value = '\"other\"'",
        "UPDATE events_eventdetail SET value = '\"other\"', erased_at = now()",
        "UPDATE events_eventdetail SET value = NULL, salt = '', erased_at = now(), key = 'other'",
        "DELETE FROM events_eventdetail",
    ],
)
def test_the_database_refuses_to_change_history(happen: Record, statement: str) -> None:
    happen(details={"note": "Call them"})
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_database_refuses_to_empty_history(happen: Record) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for table in ("events_event", "events_eventdetail"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_no_truncate")
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(f"TRUNCATE {table} CASCADE")
        transaction.set_rollback(True)


def test_an_erased_detail_cannot_come_back(happen: Record) -> None:
    detail = happen(details={"note": "Call them"}).details.get()
    EventDetail.objects.update(value=None, salt="", erased_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        EventDetail.objects.filter(pk=detail.pk).update(value="Call them", salt="00", erased_at=None)


def test_each_person_is_told_once_by_mail_and_bell(
    happen: Record, told: list[Recipient], ana: User, ben: User
) -> None:
    ben.is_active = False
    told += [
        Recipient(None, "ANA@contoso.example"),
        Recipient.of_user(ana),
        Recipient.of_user(ana),
        Recipient.of_user(ben),
        Recipient(None, "carl@fabrikam.example", "Carl"),
        Recipient(None, ""),
    ]
    happen()
    rows = Delivery.objects.order_by("pk").values_list("channel", "user", "address", "language", "state")
    assert list(rows) == [
        (Channel.MAIL, ana.pk, "ana@contoso.example", "pt-br", DeliveryState.QUEUED),
        (Channel.BELL, ana.pk, "", "pt-br", DeliveryState.SENT),
        (Channel.MAIL, None, "carl@fabrikam.example", "", DeliveryState.QUEUED),
    ]


def test_two_messages_on_one_event_tell_a_person_once(
    happen: Record, message: Message, told: list[Recipient], ana: User
) -> None:
    told.append(Recipient.of_user(ana))
    second = Message("reminded", KIND, message.audience, message.context, message.template)
    catalogue.register(second)
    try:
        happen()
    finally:
        catalogue.unregister(second)
    assert set(Delivery.objects.values_list("message", flat=True)) == {"invited"}


def test_a_name_stands_for_one_message(message: Message) -> None:
    catalogue.register(message)
    with pytest.raises(ValueError, match="invited"):
        catalogue.register(Message("invited", "other.kind", message.audience, message.context, "x"))


def test_an_undo_within_the_hold_calls_everything_back(happen: Record, told: list[Recipient], ana: User) -> None:
    told.append(Recipient.of_user(ana))
    event = happen(hold_for=timedelta(seconds=60))
    assert cancel_deliveries(event)
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.CANCELLED}


def test_an_undo_learns_that_something_had_gone(happen: Record, told: list[Recipient], ana: User) -> None:
    told.append(Recipient.of_user(ana))
    event = happen(hold_for=timedelta(seconds=60))
    with clock.moved_by(timedelta(seconds=61)):
        assert not cancel_deliveries(event)  # the bell has rung
