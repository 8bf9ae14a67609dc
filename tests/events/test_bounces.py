"""Mails that come back: read by the command and by a mail service's webhook; a forged one can only mark."""

import base64
import io
import json
import sys
import uuid
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from importlib import util
from types import ModuleType
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import include, path

from accounts.models import User
from cosell import clock, urls
from cosell.events import bounces, outbox
from cosell.events.catalogue import Recipient
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import BadAddress, Delivery
from tests.events.conftest import Record
from tests.events.post_office import PostOffice

pytestmark = pytest.mark.django_db
ADDRESS = "Ana@contoso.example"


HEAD = """MIME-Version: 1.0
From: MAILER-DAEMON@mx.example
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
"""


@pytest.fixture
def sent(happen: Record, told: list[Recipient]) -> Delivery:
    told.append(Recipient(None, ADDRESS, "Ana"))
    happen()
    Delivery.objects.update(state=DeliveryState.SENT, sent_at=clock.now())
    return Delivery.objects.get(channel=Channel.MAIL)


def report(
    *, to: str = ADDRESS, message_id: str = "", action: str = "failed", status: str = "5.1.1", **more: str
) -> bytes:
    """A notification as RFC 3464 has it; `whole` returns the mail itself instead of its headers."""
    fields = {"Final-Recipient": f"rfc822; {to}", "Action": action, "Status": status, **more}
    each = "\n".join(f"{name}: {value}" for name, value in fields.items() if name != "whole")
    kind = "message/rfc822" if "whole" in more else "text/rfc822-headers"
    returned = f"From: us\nSubject: An opportunity\nMessage-ID: {message_id}\n" + (
        "\nHello\n" if "whole" in more else ""
    )
    parts = [
        "Content-Type: text/plain\n\nIt could not be delivered.\n",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{each}\n\n",
        f"Content-Type: {kind}\n\n{returned}",
    ]
    return (f"{HEAD}\n" + "".join(f"--b\n{part}\n" for part in parts) + "--b--\n").encode()


def take(mail: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mail)))
    out = io.StringIO()
    call_command("take_bounce", stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize("more", [{}, {"whole": "1"}, {"Diagnostic-Code": "smtp; 550 5.1.1 <ana> unknown"}])
def test_a_mail_that_came_back(sent: Delivery, monkeypatch: pytest.MonkeyPatch, more: dict[str, str]) -> None:
    said = take(report(message_id=sent.message_id, **more), monkeypatch)
    assert said == "marked: ana@contoso.example"
    mark = BadAddress.objects.get()
    assert mark.address == "ana@contoso.example"
    sent.refresh_from_db()
    assert (sent.state, sent.last_error) == (DeliveryState.FAILED, mark.reason)
    assert mark.reason == (more.get("Diagnostic-Code", "; 5.1.1").partition("; ")[2])


def test_a_forwarded_one_is_known_by_the_address_that_we_wrote(sent: Delivery) -> None:
    mail = report(
        to="ana@elsewhere.example", message_id=sent.message_id, **{"Original-Recipient": f"rfc822;{ADDRESS}"}
    )
    assert _take(mail) == ["ana@contoso.example"]


def _take(mail: bytes) -> list[str]:
    return bounces.take(message_from_bytes(mail, policy=policy.default))


FORGED: dict[str, dict[str, str]] = {
    "of a delay": {"action": "delayed", "status": "4.4.1"},
    "that says delayed and failed for now": {"status": "4.2.2"},
    "delivered": {"action": "delivered", "status": "2.0.0"},
    "to somebody else": {"to": "ben@contoso.example"},
    "of a mail that never was": {"message_id": f"<{uuid.uuid4()}@cosell.example>"},
    "with no address": {"to": ""},
}


@pytest.mark.parametrize("what", FORGED)
def test_one_that_is_not_ours_does_nothing(sent: Delivery, what: str) -> None:
    assert _take(report(**{"message_id": sent.message_id, **FORGED[what]})) == []
    assert not BadAddress.objects.exists()
    sent.refresh_from_db()
    assert sent.state == DeliveryState.SENT


def test_any_other_mail_does_nothing(sent: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = EmailMessage()
    letter["Subject"] = "I am on holiday"
    letter.set_content(f"Final-Recipient: rfc822; {ADDRESS}\nAction: failed\nStatus: 5.1.1\n")
    for mail in (letter.as_bytes(), b"", b"\xff\xfe\x00", b"Content-Type: multipart/report\n\n"):
        assert take(mail, monkeypatch) == "nothing to mark"


def test_without_its_id_the_address_is_marked_if_we_wrote_to_it_lately(sent: Delivery) -> None:
    assert _take(report(to="ben@contoso.example")) == []
    assert _take(report()) == ["ana@contoso.example"]
    sent.refresh_from_db()
    assert sent.state == DeliveryState.SENT  # which mail it was is not known
    BadAddress.objects.all().delete()
    with clock.moved_by(timedelta(days=8)):
        assert _take(report()) == []


def test_a_mail_that_waits_or_was_given_up_is_not_touched(sent: Delivery) -> None:
    for state in (DeliveryState.RETRY, DeliveryState.SENDING, DeliveryState.CANCELLED):
        Delivery.objects.update(state=state)
        bounces.undeliverable(ADDRESS, "gone", clock.now(), sent)
        sent.refresh_from_db()
        assert sent.state == state


def test_the_mark_stays_until_somebody_tries_again(sent: Delivery, post_office: PostOffice, ana: User) -> None:
    """That a server takes a mail proves nothing; the person's present address counts too."""
    bounces.undeliverable(ADDRESS, "gone", clock.now(), sent)
    first = BadAddress.objects.get()
    bounces.undeliverable(ADDRESS, "still gone", clock.now(), sent)
    assert BadAddress.objects.get().since == first.since
    assert BadAddress.objects.get().reason == "still gone"
    assert outbox.resend(Delivery.objects.filter(pk=sent.pk)) == 1
    assert not BadAddress.objects.exists()


# ----------------------------------------------------------------------------------------------------- mail services


@pytest.fixture
def service(settings: Any) -> Client:
    """The addresses of the project as they are where a mail service is set."""
    settings.ANYMAIL = {"WEBHOOK_SECRET": "us:secret"}
    spec = util.find_spec("cosell.events.urls")
    assert spec
    assert spec.loader
    fresh = util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    everything = ModuleType("everything")
    everything.__dict__.update(vars(urls), urlpatterns=[path("", include(fresh.urlpatterns)), *urls.urlpatterns])
    settings.ROOT_URLCONF = everything
    return Client(raise_request_exception=False)


def told_by_postmark(client: Client, secret: str, **event: Any) -> int:
    body = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "Email": "ana@contoso.example",
        "Details": "550 unknown",
        **event,
    }
    basic = base64.b64encode(secret.encode()).decode()
    answer = client.post(
        "/mail-service/postmark/tracking/",
        json.dumps(body),
        "application/json",
        headers={"Authorization": f"Basic {basic}"},
    )
    return answer.status_code


def test_a_mail_service_tells_of_a_bounce(sent: Delivery, service: Client) -> None:
    assert told_by_postmark(service, "us:wrong", Metadata={"delivery": str(sent.uid)}) == 400
    assert not BadAddress.objects.exists()
    assert told_by_postmark(service, "us:secret", Type="Transient") == 200
    assert told_by_postmark(service, "us:secret", Email="ben@contoso.example") == 200
    assert not BadAddress.objects.exists()
    assert told_by_postmark(service, "us:secret", Metadata={"delivery": str(sent.uid)}) == 200
    sent.refresh_from_db()
    assert (sent.state, sent.last_error) == (DeliveryState.FAILED, "550 unknown")
    assert BadAddress.objects.get().address == "ana@contoso.example"


def test_without_its_secret_there_is_no_such_address(client: Client) -> None:
    assert client.post("/mail-service/postmark/tracking/", "{}", "application/json").status_code == 404
