"""Who waits for an answer learns that the question did not arrive; nobody learns other companies' addresses."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cosell import clock
from cosell.events import bounces
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import BadAddress, Delivery
from deals import actions
from deals.enums import DeclineReason
from deals.models import Deal
from tests.cast import client_for, new_deal, side_of, who

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(cast: None) -> Deal:
    """Contoso's; Northlake is invited."""
    return new_deal(by="ana", team=["rui"], invites=["Northlake Services"])


def fail(message: str, **which: object) -> Delivery:
    mail = Delivery.objects.filter(channel=Channel.MAIL, message=message, **which).first()
    assert mail, list(Delivery.objects.values_list("message", "address"))
    Delivery.objects.filter(pk=mail.pk).update(state=DeliveryState.SENT, sent_at=clock.now())
    bounces.undeliverable(mail.address, f"550 5.1.1 {mail.address} unknown", clock.now(), mail)
    return mail


def page(name: str, deal: Deal) -> str:
    answer = client_for(name).get(reverse("deals:detail", args=[deal.uid]))
    assert answer.status_code == 200
    return answer.content.decode()


NOT_DELIVERED = "could not be delivered"
CLOCK = "The clock runs all the same."


def test_the_inviter_is_told_and_learns_no_address(deal: Deal) -> None:
    mail = fail("opportunity_received")
    for name in ("ana", "vera"):
        said = page(name, deal)
        assert "The mail to a receiver at Northlake Services could not be delivered." in said
        assert CLOCK in said
        assert mail.address not in said
        assert ("Send again" in said) is (name == "ana")


def test_the_receivers_admins_see_who_it_was(deal: Deal) -> None:
    mail = fail("opportunity_received")
    said = page("priya", side_of(deal, "Northlake Services"))
    assert f"The mail to Priya Nair &lt;{mail.address}&gt; could not be delivered: 550 5.1.1" in said
    assert CLOCK in said


def test_an_answer_that_did_not_arrive_is_the_senders_own(deal: Deal) -> None:
    side = side_of(deal, "Northlake Services")
    fail("opportunity_received")
    actions.decline_deal(who("priya"), side.pk, reason=DeclineReason.OTHER, notes="")
    Delivery.objects.update(not_before=clock.now())
    fail("opportunity_declined", user__email="rui.prado@contoso.example")
    said = page("ana", deal)
    assert "The mail to Rui Prado &lt;rui.prado@contoso.example&gt; could not be delivered: 550 5.1.1" in said
    assert "a receiver at" not in said  # it is answered: nobody needs that mail any more
    assert CLOCK not in said
    assert NOT_DELIVERED not in page("priya", side)


@pytest.mark.parametrize(("do", "state"), [("again", DeliveryState.RETRY), ("cancel", DeliveryState.CANCELLED)])
def test_it_is_sent_again_or_given_up(deal: Deal, do: str, state: str) -> None:
    mail = fail("opportunity_received")
    url = reverse("deals:undelivered", args=[deal.uid, mail.uid])
    assert client_for("vera").post(url, {"do": do}).status_code == 403
    assert client_for("mia").post(url, {"do": do}).status_code == 404
    foreign = reverse("deals:undelivered", args=[deal.uid, Delivery.objects.exclude(pk=mail.pk)[0].uid])
    before = dict(Delivery.objects.exclude(pk=mail.pk).values_list("pk", "state"))
    assert client_for("ana").post(foreign, {"do": do}).status_code == 302
    assert client_for("ana").post(url, {"do": do}).status_code == 302
    mail.refresh_from_db()
    assert mail.state == state
    assert BadAddress.objects.exists() is (do == "cancel")
    assert dict(Delivery.objects.exclude(pk=mail.pk).values_list("pk", "state")) == before
    twice = client_for("ana").post(url, {"do": do}, follow=True).content.decode()
    assert "Nothing is to be done" in twice
    assert NOT_DELIVERED not in twice


def test_whom_mail_does_not_reach_is_marked_on_their_own_side(deal: Deal) -> None:
    bounces.undeliverable("rui.prado@contoso.example", "gone", clock.now())
    assert page("ana", deal).count("Mail does not arrive") == 1
    side = side_of(deal, "Northlake Services")
    actions.accept_deal(
        who("priya"), side.pk, name=side.name, value=side.value, currency=side.currency, close_on=side.close_on
    )
    assert "Mail does not arrive" not in page("priya", side)


def test_the_page_asks_no_more_when_all_arrived_and_one_more_when_not(deal: Deal) -> None:
    client, url = client_for("ana"), reverse("deals:detail", args=[deal.uid])
    client.get(url)
    with CaptureQueriesContext(connection) as usual:
        client.get(url)
    fail("opportunity_received")
    bounces.undeliverable("rui.prado@contoso.example", "gone", clock.now())
    with CaptureQueriesContext(connection) as with_trouble:
        client.get(url)
    assert len(with_trouble) == len(usual) + 1


def test_of_a_mail_that_is_nobodys_nothing_is_said(deal: Deal) -> None:
    answer = client_for("ana").post(reverse("deals:undelivered", args=[deal.uid, uuid.uuid4()]))
    assert answer.status_code == 302
