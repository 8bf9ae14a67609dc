"""Who is told what about a deal, in which words; and that nobody is told twice or never (product.md §8)."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import CustomerAccount
from cosell import clock
from cosell.celery import app
from cosell.events import catalogue, dispatch, letters, outbox
from cosell.events.enums import Channel, DeliveryState
from cosell.events.models import Delivery, Event
from cosell.events.tasks import sweep
from deals import actions, notifications, tasks
from deals.enums import Action, DeclineReason, ErrorReason, Help
from deals.models import Deal, Engagement
from tests.cast import accept, client_for, customer, invitation, new_deal, person, side_of, user, who
from tests.deals.journey import accepting, create, do, good_answers
from tests.events.post_office import PostOffice, free_port

ANA, RUI, LEE = "ana.souza@contoso.example", "rui.prado@contoso.example", "lee.chan@microsoft.example"
PRIYA, BEA, ERIK = "priya.nair@northlake.example", "beatriz.lima@microsoft.example", "erik.holm@microsoft.example"
OUTSIDE = "freelancer@elsewhere.example"  # on the team, without a sign-in
TEAM = [actions.Person("Freda Lance", "1", OUTSIDE)]


@pytest.fixture
def deal() -> Deal:
    """Of Ana, Rui and Freda; Lee and Priya have accepted, Mia has not answered."""
    deal = new_deal(asks=Help.POC, invites=["Northlake Services", "Relecloud"], team=["rui"])
    actions.edit_team(who("ana"), deal.pk, 1, [person("ana"), person("rui"), *TEAM])
    for name, organization in (("lee", "Microsoft"), ("priya", "Northlake Services")):
        accept(name, side_of(deal, organization))
    return deal


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


def on(deal: Deal, organization: str) -> int:
    return side_of(deal, organization).pk


ACTS: dict[str, tuple[Callable[[Deal], Any], dict[str, dict[str, set[str]]]]] = {
    "Ana invites again": (
        lambda deal: (
            actions.decline_deal(who("mia"), on(deal, "Relecloud"), reason=DeclineReason.BUDGET),
            actions.invite_partner(who("ana"), deal.pk, invitation("Relecloud")),
        ),
        {
            "opportunity_declined": both(ANA, RUI, OUTSIDE),
            "opportunity_received": both("mia.berg@relecloud.example"),
            "opportunity_sent": both(RUI, OUTSIDE),
        },
    ),
    "Mia accepts": (
        lambda deal: accept("mia", side_of(deal, "Relecloud")),
        {"opportunity_accepted": both(ANA, RUI, OUTSIDE)},
    ),
    "Mia is reminded": (
        lambda deal: tasks.remind_due() if _later(12) else None,
        {"opportunity_expiring": both("mia.berg@relecloud.example")},
    ),
    "Mia's time is over": (
        lambda deal: tasks.expire_due() if _later(14) else None,
        {"opportunity_expired": both(ANA, RUI, OUTSIDE)},
    ),
    "Ana withdraws": (
        lambda deal: actions.withdraw_invitation(who("ana"), on(deal, "Relecloud")),
        {"opportunity_withdrawn": both("mia.berg@relecloud.example")},
    ),
    "Ana marks a stage": (
        lambda deal: actions.mark_stage(who("ana"), deal.pk, Action.PROPOSE),
        {"stage_marked": {"bell": {LEE, PRIYA}}},
    ),
    "Lee marks a stage": (
        lambda deal: actions.mark_stage(who("lee"), on(deal, "Microsoft"), Action.PROPOSE),
        {"stage_marked": {"bell": {ANA, RUI, PRIYA}}},
    ),
    "Ana wins": (
        lambda deal: actions.win_deal(who("ana"), deal.pk, early_confirmed=True),
        {"deal_won": both(LEE, PRIYA), "registration_possible": both(ANA, RUI, OUTSIDE)},
    ),
    "Lee loses": (
        lambda deal: actions.lose_deal(who("lee"), on(deal, "Microsoft"), reason=DeclineReason.BUDGET),
        {"deal_lost": both(ANA, RUI, OUTSIDE, PRIYA)},
    ),
    "Ana closes as error": (
        lambda deal: actions.close_as_error(who("ana"), deal.pk, reason=ErrorReason.TEST),
        {"deal_closed_as_error": both(LEE, PRIYA)},
    ),
    "Ana says something to everyone": (
        lambda deal: actions.add_note(who("ana"), deal.pk, "All", share=True),
        {"note_added": both(RUI, OUTSIDE, LEE, PRIYA)},
    ),
    "Ana says something to her company": (
        lambda deal: actions.add_note(who("ana"), deal.pk, "Own"),
        {"note_added": both(RUI, OUTSIDE)},
    ),
    "Priya says something to her company": (
        lambda deal: actions.add_note(who("priya"), on(deal, "Northlake Services"), "Own"),
        {},
    ),
    "Ana edits": (
        lambda deal: actions.edit_details(who("ana"), deal.pk, 2, {"name": "New name"}),
        {},
    ),
    "Mia looks": (lambda deal: actions.mark_seen(who("mia"), on(deal, "Relecloud")), {}),
}


def _later(days: int) -> bool:
    Deal.objects.filter(stage="received").update(
        invited_at=clock.now() - timedelta(days=days, seconds=5), expires_at=clock.now() + timedelta(days=14 - days)
    )
    return True


@pytest.mark.parametrize("what", list(ACTS))
def test_each_event_tells_exactly_these_people(what: str, deal: Deal) -> None:
    act, expected = ACTS[what]
    assert told_by(lambda: act(deal)) == expected


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
    assert told["opportunity_received"] == both("diego.reyes@contoso.example")
    user("diego").memberships.update(is_active=False)
    told = told_by(lambda: new_deal("lee", invites=["Contoso Data"], solutions=[]))
    assert told["opportunity_received"]["mail"], "somebody is told while the organization has anybody"


ENGLISH = ("Answer", "Sent", "Expires", "Accepted", "Declined", "Not answered", "Withdrawn", "Won", "Lost", "Closed")
LONG = "Ünïcode & <b>bold</b> “quoted” " * 5


@pytest.mark.parametrize("language", ["en", "pt-br"])
@pytest.mark.parametrize("values", ["long", "missing"])
def test_every_message_can_be_written_and_read(language: str, values: str, deal: Deal) -> None:
    """In each language, with everything as long as it may be, and with everything empty that may be."""
    for act in (
        lambda: actions.decline_deal(who("mia"), on(deal, "Relecloud"), reason=DeclineReason.BUDGET, notes=LONG),
        lambda: actions.invite_partner(who("ana"), deal.pk, invitation("Relecloud")),
        lambda: tasks.remind_due() if _later(12) else None,
        lambda: tasks.expire_due() if _later(14) else None,
        lambda: actions.invite_partner(who("ana"), deal.pk, invitation("Relecloud")),
        lambda: actions.withdraw_invitation(who("ana"), on(deal, "Relecloud")),
        lambda: actions.mark_stage(who("ana"), deal.pk, Action.PROPOSE),
        lambda: actions.add_note(who("ana"), deal.pk, LONG, share=True),
        lambda: actions.win_deal(who("ana"), deal.pk, early_confirmed=True),
        lambda: actions.lose_deal(who("lee"), on(deal, "Microsoft"), reason=DeclineReason.BUDGET),
        lambda: actions.close_as_error(who("priya"), on(deal, "Northlake Services"), reason=ErrorReason.TEST),
    ):
        act()
    _fill(values)
    told = {delivery.message: delivery for delivery in Delivery.objects.select_related("user", "event")}
    bell_only = {message.name for message in notifications.MESSAGES if Channel.MAIL not in message.channels}
    others = ("account_", "draft_")  # told and read in test_matching_pages and test_drafts
    of_deals = {message.name for message in notifications.MESSAGES if not message.name.startswith(others)}
    assert set(told) == {*of_deals, "registration_possible"}, "each message was told once"
    subjects: dict[str, str] = {}
    for name, delivery in told.items():
        if delivery.user:
            delivery.user.language = language
        delivery.language = language
        letter = letters.mail(delivery)
        subjects.setdefault(name, letter.subject)
        text, html = str(letter.body), str(letter.alternatives[0][0])
        links = re.findall(r"/deals/[0-9a-f-]{36}/", text)
        assert letter.subject, name
        assert "\n" not in letter.subject, name
        for words in (letter.subject, text, html):
            for rest in ("{{", "{%", "None", "%(", "&amp;amp;"):
                assert rest not in words, f"{rest} in {name}, {language}, {values}"
        if values == "long":
            assert "<b>bold" not in html, f"{name} does not escape"
        assert len(links) == 1, f"{name} has no link to the deal: {text}"
        assert f'{links[0]}"' in html, name
        assert f'<html lang="{language}">' in html, name
        assert name not in bell_only or delivery.channel == Channel.BELL
    english = [name for name, subject in subjects.items() if subject.startswith(ENGLISH) and language != "en"]
    assert english == [], "not translated"
    assert catalogue.get("opportunity_received").can_turn_off is False
    assert catalogue.get("opportunity_expiring").can_turn_off is False


def _fill(values: str) -> None:
    is_long = values == "long"
    Deal.objects.update(name=LONG[:120] if is_long else "D", invite_notes=LONG * 20 if is_long else "")
    Engagement.objects.update(customer_problem=LONG * 20 if is_long else "", help_needed=LONG * 20 if is_long else "")
    account = customer()
    CustomerAccount.objects.filter(pk=account.pk).update(
        name=LONG[:160] if is_long else "C", city=LONG[:80] if is_long else ""
    )


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
    assert set(mails.values_list("state", flat=True)) == {DeliveryState.SENT}
    assert outbox.send_due() == 0
    assert str(side.uid) in next(x for x in office.letters if LEE in x["To"]).get_body(("plain",)).get_content()
