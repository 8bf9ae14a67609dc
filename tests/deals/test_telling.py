"""Who is told what about a deal, in which words; and that nobody is told twice or never (product.md §8)."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import CustomerAccount
from cosell import clock
from cosell.celery import app
from cosell.events import dispatch, outbox
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import Delivery, Event
from cosell.events.tasks import sweep
from deals import actions
from deals.enums import Help
from deals.models import Deal
from tests.cast import client_for, new_deal, side_of, user, who
from tests.deals.journey import accepting, create, do, good_answers
from tests.events.post_office import PostOffice, free_port

ANA, RUI, LEE = "ana.souza@contoso.example", "rui.prado@contoso.example", "lee.chan@microsoft.example"
PRIYA, BEA, ERIK = "priya.nair@northlake.example", "beatriz.lima@microsoft.example", "erik.holm@microsoft.example"
OUTSIDE = "freelancer@elsewhere.example"  # on the team, without a sign-in


def told_by(act: Callable[[], Any]) -> dict[str, dict[str, set[str]]]:
    """{message: {mail: addresses, bell: addresses}} of the events that `act` leads to."""
    before = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    act()
    told: dict[str, dict[str, set[str]]] = {}
    for delivery in Delivery.objects.filter(event_id__gt=before).select_related("user"):
        by_channel = told.setdefault(delivery.message, {})
        address = delivery.user.email if delivery.user else delivery.address
        by_channel.setdefault(delivery.channel, set()).add(address)
    return told


def both(*addresses: str) -> dict[str, set[str]]:
    """By mail and in the bell; who has no sign-in by mail alone."""
    return {"mail": set(addresses), "bell": set(addresses) - {OUTSIDE}}


@pytest.mark.parametrize(
    ("of", "named", "receivers"),
    [
        ("Northwind Traders Ltd", [], {LEE}),  # the market
        ("Fabrikam Seguros S.A.", [], {BEA}),
        ("Fabrikam Seguros S.A.", ["lee"], {LEE}),  # the account team goes before the market
        ("Société Première Énergie", [], {ERIK}),  # nobody's market: the vendor admins
    ],
)
def test_an_invitation_of_the_host_goes_to_who_covers_the_customer(
    of: str, named: list[str], receivers: set[str]
) -> None:
    CustomerAccount.objects.get(name=of).team.set([user(name) for name in named])
    told = told_by(lambda: new_deal(of=of, asks=Help.POC))
    assert told["opportunity_received"] == both(*receivers)


def test_an_invitation_of_a_partner_goes_to_its_referrals_admins_and_never_to_nobody() -> None:
    told = told_by(lambda: new_deal("lee", invites=["Contoso Data"], solutions=[]))
    assert told["opportunity_received"] == both(ANA)
    user("ana").memberships.update(is_active=False)
    told = told_by(lambda: new_deal("lee", invites=["Contoso Data"], solutions=[]))
    assert told["opportunity_received"] == both("julia.campos@contoso.example")  # the global location is hers, too
    user("julia").memberships.update(is_active=False)
    told = told_by(lambda: new_deal("lee", invites=["Contoso Data"], solutions=[]))
    assert told["opportunity_unattended"] == both("diego.reyes@contoso.example"), "who gives out the roles is told"


# Broker and mail server may be dead.


@pytest.fixture
def dead_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(dispatch, "_broken_until", 0.0)
    before = app.conf.broker_url
    app.conf.broker_url = app.conf.broker_write_url = f"redis://127.0.0.1:{free_port()}/0"
    yield
    app.conf.broker_url = app.conf.broker_write_url = before


@pytest.mark.django_db(transaction=True)
def test_with_a_dead_broker_the_journey_goes_on_and_the_sweep_sends_each_mail_once(
    dead_broker: None, smtp_server: PostOffice
) -> None:
    side = _journey()
    assert smtp_server.letters == []
    sweep()
    sweep()
    _each_mail_arrived_once(smtp_server, side)


@pytest.mark.django_db(transaction=True)
def test_with_a_dead_mail_server_the_journey_goes_on_and_each_mail_comes_once_after(settings: Any) -> None:
    office = PostOffice()
    office.port = free_port()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", office.port, 2
    side = _journey()
    sweep()
    assert not Delivery.objects.filter(channel="mail", state=DeliveryState.SENT).exists()
    with office.opened(), clock.moved_by(timedelta(minutes=5)):
        sweep()
        sweep()
        _each_mail_arrived_once(office, side)


def _journey() -> Deal:
    deal = create(client_for("ana"), good_answers())
    side = side_of(deal, "Microsoft")
    do(client_for("lee"), side, "accept", **accepting(side))
    do(client_for("ana"), deal, "develop")
    actions.add_note(who("lee"), side.pk, "Hello", share=True)
    return side


def _each_mail_arrived_once(office: PostOffice, side: Deal) -> None:
    assert sorted(office.addressees) == [ANA, ANA, LEE]  # accepted, note; received
    assert len({letter["Message-ID"] for letter in office.letters}) == 3
    mails = Delivery.objects.filter(channel=Channel.MAIL)
    # What Lee wants once a day waits for the morning: the stage that Ana marked.
    assert {*mails.values_list("message", "state")} == {
        ("opportunity_received", DeliveryState.SENT),
        ("opportunity_accepted", DeliveryState.SENT),
        ("note_added", DeliveryState.SENT),
        ("stage_marked", DeliveryState.GATHERED),
    }
    assert outbox.send_due() == 0
    assert str(side.uid) in next(x for x in office.letters if LEE in x["To"]).get_body(("plain",)).get_content()
