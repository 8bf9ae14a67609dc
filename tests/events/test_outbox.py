"""Nothing is lost, nothing goes twice: the outbox against a real mail server that misbehaves."""

import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused
from django.core.mail.backends.base import BaseEmailBackend as EmailBackend
from django.db import connection

from accounts.models import User
from cosell import clock
from cosell.celery import app
from cosell.events import dispatch, mailing, outbox, tasks
from cosell.events.catalogue import Recipient
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import BadAddress, Delivery
from cosell.events.outcome import Outcome
from cosell.events.record import cancel_deliveries
from tests.events.conftest import Record
from tests.events.post_office import PostOffice, free_port

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def mail() -> Delivery:
    return Delivery.objects.get(channel=Channel.MAIL)


def states() -> set[str]:
    return set(Delivery.objects.filter(channel=Channel.MAIL).values_list("state", flat=True))


@pytest.fixture
def ten(told: list[Recipient]) -> None:
    told += [Recipient(None, f"p{n}@x.example", f"P{n}") for n in range(10)]


def test_a_mail_speaks_its_readers_language_and_time(
    happen: Record, told: list[Recipient], ana: User, post_office: PostOffice
) -> None:
    told.append(Recipient.of_user(ana))
    stream = f"engagement:{uuid.uuid4()}"
    happen(stream, at=datetime(2026, 11, 2, 1, 30, tzinfo=UTC))
    with post_office.opened():
        assert outbox.send_due() == 1
    [letter] = post_office.letters
    sent = mail()
    assert sent.state == DeliveryState.SENT
    assert sent.sent_at is not None
    assert letter["Subject"] == 'Fabrikam invites you to "R&D <b>"'
    assert letter["To"] == "Ana Souza <ana@contoso.example>"
    assert letter["Message-ID"] == sent.message_id == f"<{sent.uid}@cosell.example>"
    assert letter["References"] == letter["In-Reply-To"] == f"<{stream.replace(':', '.')}@cosell.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_body(("plain",)).get_content()
    html = letter.get_body(("html",)).get_content()
    assert "R&D <b> until 15. Novembro 2026 22:30" in text
    assert "https://cosell.example/bell/?deal=1" in text
    assert "R&amp;D &lt;b&gt;" in html
    assert 'href="https://cosell.example/bell/?deal=1"' in html


def test_a_held_mail_goes_after_the_hold_and_an_undone_one_never(
    happen: Record, ten: None, post_office: PostOffice
) -> None:
    event = happen(hold_for=MINUTE)
    happen(hold_for=MINUTE)
    with post_office.opened():
        assert outbox.send_due() == 0
        cancel_deliveries(event)
        with clock.moved_by(MINUTE):
            assert outbox.send_due() == 10
            assert outbox.send_due() == 0
    assert sorted(post_office.addressees) == sorted(f"p{n}@x.example" for n in range(10))


def test_a_refused_recipient_fails_and_blocks_nobody(happen: Record, ten: None, post_office: PostOffice) -> None:
    happen()
    post_office.refuses = {"p3@x.example": "550 no such person", "p4@x.example": "451 come back later"}
    with post_office.opened():
        outbox.send_due()
        assert len(post_office.letters) == 8
        refused, later = (Delivery.objects.get(address=f"p{n}@x.example") for n in (3, 4))
        assert (refused.state, refused.last_error) == (DeliveryState.FAILED, "550 no such person")
        assert (later.state, later.last_error) == (DeliveryState.RETRY, "451 come back later")
        post_office.refuses = {}
        with clock.moved_by(MINUTE + timedelta(seconds=1)):
            outbox.send_due()
    assert post_office.addressees[8:] == ["p4@x.example"]


@pytest.mark.parametrize(
    ("reply", "state"), [("452 disk full", DeliveryState.RETRY), ("554 spam", DeliveryState.FAILED)]
)
def test_a_refused_letter(
    happen: Record, told: list[Recipient], post_office: PostOffice, reply: str, state: str
) -> None:
    told.append(Recipient(None, "p@x.example"))
    happen()
    post_office.data_reply = reply
    with post_office.opened():
        outbox.send_due()
    assert (mail().state, mail().last_error) == (state, reply)


def test_waits_grow_and_end_after_more_than_three_days(
    happen: Record, told: list[Recipient], post_office: PostOffice
) -> None:
    told.append(Recipient(None, "p@x.example"))
    happen()
    post_office.data_reply = "451 come back later"
    start, waits = clock.now(), []
    with post_office.opened():
        while mail().state != DeliveryState.FAILED:
            before = max(start, mail().next_try_at)
            with clock.moved_by(before - clock.now() + timedelta(seconds=1)):
                outbox.send_due()
            waits.append(round((mail().next_try_at - before) / MINUTE))
    assert waits[:8] == [1, 2, 5, 15, 30, 60, 60, 60]
    assert mail().next_try_at - start > timedelta(days=3)
    assert mail().attempts == outbox.LAST_TRY


def test_a_dead_server_costs_no_mail_a_try(happen: Record, ten: None, post_office: PostOffice) -> None:
    happen()
    assert outbox.send_due() == 0
    assert set(Delivery.objects.values_list("attempts", "state")) == {(0, DeliveryState.QUEUED)}
    with post_office.opened():
        tasks.sweep()
    assert states() == {DeliveryState.SENT}


def test_a_stalling_server_is_left_alone(happen: Record, ten: None, post_office: PostOffice, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    happen()
    post_office.stalls = 1
    with post_office.opened():
        start = time.monotonic()
        outbox.send_due()
        assert time.monotonic() - start < 3
        assert Delivery.objects.filter(attempts=0).count() == 8
        assert Delivery.objects.filter(attempts=1, state=DeliveryState.RETRY).count() == 2
        time.sleep(1)
        post_office.stalls = 0
        with clock.moved_by(2 * MINUTE):
            outbox.send_due()
    assert states() == {DeliveryState.SENT}


FAULTS = ["closes", "drops", "keeps and drops"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_talk_that_breaks_off_loses_nothing(happen: Record, ten: None, post_office: PostOffice, fault: str) -> None:
    """Each mail arrives. Twice only where the server kept it and did not say so: counted, with the same Message-ID."""
    happen()
    post_office.faults = [fault]
    with post_office.opened():
        outbox.send_due()
        with clock.moved_by(2 * MINUTE):
            outbox.send_due()
    assert states() == {DeliveryState.SENT}
    assert set(post_office.addressees) == {f"p{n}@x.example" for n in range(10)}
    ids = [letter["Message-ID"] for letter in post_office.letters]
    twice = len(ids) - len(set(ids))
    assert twice == (fault == "keeps and drops")
    assert twice <= sum(Delivery.objects.values_list("unknown_outcomes", flat=True)) == 1


def test_greylisting_and_a_server_that_says_good_bye(happen: Record, ten: None, post_office: PostOffice) -> None:
    """Both answer: nothing about them is unknown, and nothing goes twice."""
    happen()
    post_office.greylists = "450 come back later"
    with post_office.opened():
        outbox.send_due()
        assert not post_office.letters
        post_office.data_reply = "421 closing"
        with clock.moved_by(2 * MINUTE):
            outbox.send_due()
        assert Delivery.objects.filter(attempts=1).count() == 8  # left alone after two good-byes
        post_office.data_reply = "250 taken"
        with clock.moved_by(10 * MINUTE):
            outbox.send_due()
    assert sorted(post_office.addressees) == sorted(f"p{n}@x.example" for n in range(10))
    assert set(Delivery.objects.values_list("state", "unknown_outcomes")) == {(DeliveryState.SENT, 0)}


ADDRESS_REFUSED, MAIL_REFUSED = True, False
REFUSALS = {
    "550 5.1.1 no such person": ADDRESS_REFUSED,
    "550 no such person": ADDRESS_REFUSED,
    "552 5.2.2 mailbox full": ADDRESS_REFUSED,
    "553 bad name": ADDRESS_REFUSED,
    "550 5.7.1 your host is on a list": MAIL_REFUSED,
    "554 no SMTP service here": MAIL_REFUSED,
}


@pytest.mark.parametrize("reply", REFUSALS)
def test_a_recipient_refused_for_good_is_marked(
    happen: Record, told: list[Recipient], post_office: PostOffice, reply: str
) -> None:
    """Unless it is we who were refused; trying again takes the mark away."""
    told.append(Recipient(None, "P@x.example"))
    happen()
    post_office.refuses = {"P@x.example": reply}
    with post_office.opened():
        outbox.send_due()
    assert mail().state == DeliveryState.FAILED
    marked = dict(BadAddress.objects.values_list("address", "reason"))
    assert marked == ({"p@x.example": reply} if REFUSALS[reply] is ADDRESS_REFUSED else {})
    outbox.resend(Delivery.objects.all())
    assert not BadAddress.objects.exists()


@pytest.mark.parametrize(
    ("code", "reply", "about"), [(550, "5.1.1 unknown", True), (554, "5.7.1 spam", False), (550, "spam", False)]
)
def test_a_letter_refused_is_about_the_address_only_by_its_enhanced_code(code: int, reply: str, about: bool) -> None:
    assert mailing.is_about_the_address(code, reply, says_550_of_nobody=False) is about


class Service(EmailBackend):
    """A mail service of anymail's kind, which refuses as it is told to."""

    error: Exception | None = None

    def send_messages(self, messages: Any) -> int:
        assert self.error
        raise self.error


@pytest.mark.parametrize(
    ("error", "state", "marks"),
    [
        (AnymailRecipientsRefused(), DeliveryState.FAILED, True),
        (AnymailAPIError("bad", status_code=422, response=SimpleNamespace(reason="bad")), DeliveryState.FAILED, False),
        (AnymailAPIError("key", status_code=401, response=SimpleNamespace(reason="key")), DeliveryState.RETRY, False),
        (AnymailAPIError("we", status_code=503, response=SimpleNamespace(reason="we")), DeliveryState.RETRY, False),
        (AnymailAPIError("silent"), DeliveryState.RETRY, False),
        (RuntimeError("any other backend's"), DeliveryState.RETRY, False),
    ],
)
def test_a_mail_service_says_no(
    happen: Record,
    told: list[Recipient],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    state: str,
    marks: bool,
) -> None:
    settings.EMAIL_BACKEND = "tests.events.test_outbox.Service"
    monkeypatch.setattr(Service, "error", error)
    told.append(Recipient(None, "p@x.example"))
    happen()
    outbox.send_due()
    assert mail().state == state
    assert BadAddress.objects.exists() is marks


def test_a_mail_that_cannot_be_written_fails_alone(happen: Record, ten: None, post_office: PostOffice) -> None:
    broken = happen(data={"breaks": True})
    happen()
    with post_office.opened():
        outbox.send_due()
    assert set(broken.deliveries.values_list("state", flat=True)) == {DeliveryState.FAILED}
    assert len(post_office.letters) == 10


def test_a_person_whose_sign_in_was_closed_gets_nothing(
    happen: Record, told: list[Recipient], ana: User, post_office: PostOffice
) -> None:
    told.append(Recipient.of_user(ana))
    happen()
    User.objects.filter(pk=ana.pk).update(is_active=False)
    with post_office.opened():
        outbox.send_due()
    assert not post_office.letters
    assert mail().state == DeliveryState.CANCELLED


def test_a_mail_goes_to_the_address_of_today(
    happen: Record, told: list[Recipient], ana: User, post_office: PostOffice
) -> None:
    told.append(Recipient.of_user(ana))
    happen()
    User.objects.filter(pk=ana.pk).update(email="ana@fabrikam.example")
    with post_office.opened():
        outbox.send_due()
    assert post_office.addressees == ["ana@fabrikam.example"]


def test_a_crash_after_the_letter_left_repeats_it_under_the_same_id(
    happen: Record, told: list[Recipient], post_office: PostOffice
) -> None:
    told.append(Recipient(None, "p@x.example"))
    happen()
    with post_office.opened():
        outbox.send_due()
        Delivery.objects.update(state=DeliveryState.SENDING, claimed_at=clock.now(), sent_at=None)
        tasks.sweep()  # somebody may still have it in hand
        assert len(post_office.letters) == 1
        with clock.moved_by(timedelta(minutes=11)):
            tasks.sweep()
    first, second = post_office.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert (mail().state, mail().attempts, mail().unknown_outcomes) == (DeliveryState.SENT, 2, 1)


def test_a_late_sender_does_not_undo_what_another_did(
    happen: Record, told: list[Recipient], post_office: PostOffice
) -> None:
    told.append(Recipient(None, "p@x.example"))
    happen()
    slow = outbox.claim(clock.now())
    assert slow is not None
    with post_office.opened(), clock.moved_by(timedelta(minutes=11)):
        tasks.sweep()
    outbox.write_down(slow, Outcome(DeliveryState.RETRY, "too late to say"))
    assert mail().state == DeliveryState.SENT


def test_a_task_sends_its_own_mail_and_only_when_due(happen: Record, ten: None, post_office: PostOffice) -> None:
    first, *_ = happen().deliveries.all()
    held = happen(hold_for=MINUTE).deliveries.first()
    assert held is not None
    with post_office.opened():
        for delivery in (first, first, held):
            tasks.send_mail(delivery.pk)
    assert post_office.addressees == [first.address]


def test_failed_mails_can_be_sent_again_and_sent_ones_not(happen: Record, ten: None, post_office: PostOffice) -> None:
    happen()
    post_office.refuses = {"p3@x.example": "550 no such person"}
    with post_office.opened():
        outbox.send_due()
        post_office.refuses = {}
        assert outbox.resend(Delivery.objects.all()) == 1
        outbox.send_due()
    assert sorted(post_office.addressees) == sorted(f"p{n}@x.example" for n in range(10))
    assert outbox.cancel(Delivery.objects.all()) == 0


@pytest.mark.django_db(transaction=True)
def test_eight_senders_side_by_side_send_each_mail_once(happen: Record, ten: None, post_office: PostOffice) -> None:
    for _ in range(6):
        happen()

    def send(_: int) -> int:
        with closing(connection):
            return outbox.send_due()

    with post_office.opened(), ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(send, range(8)))
    assert sum(counts) == len(post_office.letters) == 60
    assert len({letter["Message-ID"] for letter in post_office.letters}) == 60


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Point the publisher at another broker, awake."""
    monkeypatch.setattr(dispatch, "_broken_until", 0.0)
    before = app.conf.broker_url

    def use(url: str) -> None:
        app.conf.broker_url = app.conf.broker_write_url = url

    yield use
    app.conf.broker_url = app.conf.broker_write_url = before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["refuses", "is silent"])
def test_a_dead_broker_holds_no_page_and_loses_no_mail(
    happen: Record, ten: None, post_office: PostOffice, broker: Any, kind: str
) -> None:
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1] if kind == "is silent" else free_port()
        broker(f"redis://127.0.0.1:{port}/0")
        start = time.monotonic()
        for _ in range(5):
            happen()
        assert time.monotonic() - start < 2
    with post_office.opened():
        tasks.sweep()
    assert len(post_office.letters) == 50


@pytest.mark.django_db(transaction=True)
def test_a_committed_event_hands_its_mails_to_the_broker(happen: Record, ten: None, broker: Any) -> None:
    broker(app.conf.broker_url)
    with app.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        queue.clear()
        event = happen(hold_for=MINUTE)
        told = [queue.get(timeout=5) for _ in range(10)]
        queue.clear()
        queue.close()
    assert {message.payload[0][0] for message in told} == set(event.deliveries.values_list("pk", flat=True))
    assert all(datetime.fromisoformat(message.headers["eta"]) > clock.now() for message in told)
