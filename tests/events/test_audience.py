"""Each event tells exactly these people, each by exactly these channels: the cast at work, one act after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Organization
from cosell import clock
from cosell.events import catalogue, letters
from cosell.events.enums import CARRIED, Channel, Fill
from cosell.events.models import Delivery, Event
from deals import actions, tasks
from deals.enums import Action, DeclineReason, ErrorReason, Help
from deals.models import Deal
from registrations import actions as claims
from registrations.claim import claim_of
from registrations.enums import Field, Outcome
from registrations.models import Program, Registration
from tests.cast import accept, clock_at, customer, invitation, new_deal, person, side_of, user, who
from tests.deals.matching import side_of_creator, typed, waiting
from tests.deals.test_drafts import make_draft
from tests.deals.test_matching import FABRIKAM, match, refuse
from tests.registrations.world import decide, in_review, make_reviewer, nothing_drawn, over_million, submit, won_deal

FREDA = actions.Person("Freda Lance", "1", "freda.lance@elsewhere.example")  # on a team, without a sign-in
DAY = timedelta(days=1)


class Told:
    """Asks after each act who was told of it, and keeps one delivery of each message."""

    def __init__(self) -> None:
        self.deliveries: dict[str, Delivery] = {}

    def by(self, act: Callable[[], Any], **expected: str) -> Any:
        """`expected` is message="names of those who are told": mail and bell, or what the message has of them."""
        before = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        result = act()
        told: dict[str, dict[str, set[str]]] = {}
        for each in Delivery.objects.filter(event_id__gt=before).with_event():
            name = (each.user.email if each.user else each.address).partition(".")[0]
            told.setdefault(each.message, {}).setdefault(name, set()).add(each.channel)
            self.deliveries.setdefault(each.message, each)
        assert told == {
            message: {name: channels(message, name) for name in names.split() if channels(message, name)}
            for message, names in expected.items()
        }
        return result


def channels(message: str, name: str) -> set[str]:
    """Who has no sign-in has no bell."""
    found = catalogue.get(message)
    assert found
    return set(found.channels) - ({Channel.BELL} if name == "freda" else set())


@pytest.fixture
def told(cast: None) -> Told:
    nothing_drawn()
    return Told()


def with_freda(deal: Deal) -> Deal:
    deal.team.create(name=FREDA.name, phone=FREDA.phone, email=FREDA.email)
    return deal


def later(**by: int) -> None:
    """The invitations that are open were sent that long ago."""
    ago = timedelta(**by) + timedelta(seconds=5)
    Deal.objects.filter(stage="received").update(
        invited_at=clock.now() - ago, expires_at=clock.now() - ago + timedelta(days=14)
    )


def test_each_event_tells_exactly_these_people(told: Told) -> None:
    deals(told)
    matching(told)
    drafts(told)
    registrations(told)
    reviews(told)
    ours = {each.name for each in catalogue.all_messages() if each.template.startswith(("deals/", "registrations/"))}
    assert ours - told.deliveries.keys() <= ELSEWHERE, "say in this file who is told"
    for name, delivery in told.deliveries.items():
        is_as_its_sample(name, delivery)


# tests/deals/test_hand_over.py, and those about the receivers and escalation
ELSEWHERE = {"handed_over", "opportunity_unattended", "opportunity_unanswered"}


def is_as_its_sample(name: str, delivery: Delivery) -> None:
    """The made-up case of the preview says all that the real one does; and partners never read who decided."""
    message, recipient = catalogue.get(name), catalogue.Recipient.of_delivery(delivery)
    assert message
    assert message.sample
    real = message.context(delivery.event, recipient)
    assert message.sample(name, Fill.USUAL).keys() == real.keys(), name
    if delivery.channel in CARRIED or Channel.MAIL not in message.channels:
        delivery.address = delivery.address or "ana.souza@contoso.example"
        mail = letters.mail(delivery)
        said = f"{mail.subject} {mail.body} {mail.alternatives[0][0]}"
        of_host = name.startswith(
            ("review", "exception_requested", "second", "account", "opportunity", "deal", "note")
        )
        assert of_host or not any(who in said for who in ("Noor", "Haddad", "Erik", "Holm")), (
            f"{name} names who decided"
        )


def deals(told: Told) -> None:
    ana, lee, priya, mia = who("ana"), who("lee"), who("priya"), who("mia")
    partners = ["Northlake Services", "Relecloud"]
    deal = told.by(
        lambda: new_deal(asks=Help.POC, invites=partners, team=["rui"]),
        opportunity_received="lee priya mia",
        opportunity_sent="rui",
    )
    told.by(lambda: actions.edit_team(ana, deal.pk, 1, [person("ana"), person("rui"), FREDA]))
    for each, organization in (("lee", "Microsoft"), ("priya", partners[0])):
        told.by(lambda: accept(each, side_of(deal, organization)), opportunity_accepted="ana rui freda")  # noqa: B023
    side = {name: side_of(deal, name).pk for name in ("Microsoft", *partners)}
    again = {"opportunity_received": "mia", "opportunity_sent": "rui freda"}
    told.by(lambda: actions.mark_seen(mia, side["Relecloud"]))
    told.by(
        lambda: actions.decline_deal(mia, side["Relecloud"], reason=DeclineReason.BUDGET),
        opportunity_declined="ana rui freda",
    )
    told.by(lambda: actions.invite_partner(ana, deal.pk, invitation("Relecloud")), **again)
    later(days=13, hours=12)
    told.by(tasks.remind_due, opportunity_expiring="mia")
    later(days=14)
    told.by(tasks.expire_due, opportunity_expired="ana rui freda")
    told.by(lambda: actions.invite_partner(ana, deal.pk, invitation("Relecloud")), **again)
    told.by(
        lambda: actions.withdraw_invitation(ana, side_of(deal, "Relecloud").pk),
        opportunity_withdrawn="mia",
    )
    told.by(lambda: actions.mark_stage(ana, deal.pk, Action.PROPOSE), stage_marked="lee priya")
    told.by(lambda: actions.mark_stage(lee, side["Microsoft"], Action.PROPOSE), stage_marked="ana rui freda priya")
    told.by(lambda: actions.add_note(ana, deal.pk, "All", share=True), note_added="rui freda lee priya")
    told.by(lambda: actions.add_note(ana, deal.pk, "Own"), note_added="rui freda")
    told.by(lambda: actions.add_note(priya, side[partners[0]], "Own"))
    told.by(lambda: actions.edit_details(ana, deal.pk, 2, {"name": "New name"}))
    told.by(
        lambda: actions.win_deal(ana, deal.pk, early_confirmed=True),
        deal_won="lee priya",
        registration_possible="ana rui freda",
    )
    told.by(
        lambda: actions.lose_deal(lee, side["Microsoft"], reason=DeclineReason.BUDGET),
        deal_lost="ana rui freda priya",
    )
    told.by(
        lambda: actions.close_as_error(priya, side[partners[0]], reason=ErrorReason.TEST),
        deal_closed_as_error="ana rui freda lee",
    )


def matching(told: Told) -> None:
    noor, everybody = who("noor"), "ana rui freda priya"
    case = told.by(
        lambda: waiting(typed(), asks=Help.POC, invites=["Northlake Services"], team=["rui"]),
        opportunity_received="priya",
        opportunity_sent="rui",
    )
    deal = with_freda(side_of_creator(case))
    accept("priya", side_of(deal, "Northlake Services"))
    told.by(lambda: actions.ask_partner(noor, case.pk, "Who?"), account_asked="ana rui freda")
    told.by(lambda: actions.answer_question(who("rui"), case.pk, "They."), account_answered="noor")
    told.by(
        lambda: match(case),
        account_matched=everybody,
        opportunity_received="beatriz",
        opportunity_sent="ana rui freda",
    )
    told.by(lambda: actions.undo_match(noor, case.pk, note="No."), account_unmatched=everybody)
    told.by(lambda: refuse(case), account_not_matched=everybody)
    told.by(lambda: actions.undo_match(noor, case.pk, note="Yes."), account_unmatched=everybody)
    told.by(lambda: match(case), account_matched=everybody)
    one, other = customer(FABRIKAM).pk, customer("Fabrikam Holding S.A.").pk
    told.by(lambda: actions.merge_accounts(who("erik"), one, other), account_merged=everybody)


def drafts(told: Told) -> None:
    now = clock.now()
    draft = make_draft(now)
    for days, message in ((7, "draft_reminded"), (83, "draft_warned")):
        with clock_at(now + days * DAY):
            told.by(tasks.tend_drafts, **{message: "ana"})
    draft.delete()


def registrations(told: Told) -> None:
    """Of a deal of Ana's with Rui and Freda. The system approves, so who registered is told, too."""
    ana, noor, team = who("ana"), who("noor"), "ana rui freda"
    deal = with_freda(won_deal(accepted=False, team=["rui"]))
    told.by(lambda: submit(deal), registration_approved=team)
    registration = Registration.objects.get(deal=deal)
    told.by(lambda: claims.pick(noor, registration.pk, "Why not."), registration_picked=team)
    claim = claim_of(registration.submissions.get(number=1).facts)
    dearer = type(claim)(**{**claim.__dict__, "contract_value": claim.contract_value + 1})
    told.by(lambda: claims.propose_change(ana, registration.pk, dearer, {}))
    told.by(lambda: claims.apply_change(noor, registration.pk), changes_taken_over=team)
    told.by(lambda: decide("noor", registration, Outcome.ASK), registration_action_required=team)
    told.by(lambda: submit(deal, pricing="payg"), registration_in_review=team)
    told.by(lambda: decide("noor", registration, Outcome.FAIL), registration_failed=team)
    asked = lambda: claims.request_exception(ana, deal.pk, "The dates.", [Field.SIGNED_ON])  # noqa: E731
    exception = told.by(asked, exception_requested="noor erik")
    told.by(
        lambda: claims.decide_exception(noor, exception.pk, approve=True, answer="Yes.", unlocked=[Field.SIGNED_ON]),
        exception_approved=team,
    )
    other = with_freda(won_deal(accepted=False, team=["rui"]))
    exception = claims.request_exception(ana, other.pk, "Short", [])
    told.by(lambda: claims.decide_exception(noor, exception.pk, approve=False, answer="No."), exception_refused=team)
    passing = in_review()
    told.by(lambda: decide("noor", passing), registration_passed="ana")
    for outcome, message in ((Outcome.PASS, "marketplace_passed"), (Outcome.FAIL, "marketplace_failed")):
        bought = in_review(is_marketplace=True, marketplace_on=(clock.now() + 9 * DAY).date())
        decide("noor", bought)
        told.by(lambda: decide("noor", bought, outcome), **{message: "ana"})  # noqa: B023


def reviews(told: Told) -> None:
    """Assigned; due soon, by mail if it is in somebody's hand, else all by bell; late: the admins, who is named."""
    erik, registration = who("erik"), in_review()
    make_reviewer("lee")
    Program.objects.update(second_reviewer=user("lee"))
    mine = Registration.objects.filter(pk=registration.pk)
    told.by(lambda: claims.assign(erik, registration.pk, user("noor")), review_assigned="noor")
    mine.update(due_at=clock.now() + timedelta(minutes=5))
    told.by(lambda: claims.remind_reviewer(registration.pk), review_due="noor")
    mine.update(assigned_to=None, reminded_at=None)
    told.by(lambda: claims.remind_reviewer(registration.pk), review_due_and_free="noor erik lee")
    mine.update(due_at=clock.now() - timedelta(minutes=5))
    told.by(lambda: claims.escalate_review(registration.pk), review_escalated="lee erik")
    large = over_million()
    told.by(lambda: decide("noor", large), second_decision_wanted="erik lee")
    told.by(lambda: decide("lee", large, Outcome.FAIL), reviewers_disagree="erik")


# ---------------------------------------------------------------------------------------------------- chats


def test_a_chat_reads_its_own_side_and_no_other(cast: None) -> None:
    """Contoso invites Northlake: each has a chat, and in each stands the side of its own."""
    hooks = {
        name: Organization.objects.get(name=name).chat_hooks.create(
            name=name, service="slack", url="https://x.example"
        )
        for name in ("Contoso Data", "Northlake Services", "Relecloud")
    }
    deal = new_deal(invites=["Northlake Services"])
    side = side_of(deal, "Northlake Services")
    accept("priya", side, name="Ours alone")
    chats = {each.hook: each for each in Delivery.objects.filter(channel=Channel.CHAT).with_event()}
    assert {hook.name: each.message for hook, each in chats.items() if hook} == {
        "Northlake Services": "opportunity_received",
        "Contoso Data": "opportunity_accepted",
    }
    for hook, own in ((hooks["Northlake Services"], side), (hooks["Contoso Data"], deal)):
        message, delivery = catalogue.get(chats[hook].message), chats[hook]
        assert message
        words = message.context(delivery.event, catalogue.Recipient.of_delivery(delivery))
        assert words["side"].pk == own.pk
        assert str(own.uid) in words["url"]
        with pytest.raises(LookupError):
            message.context(delivery.event, catalogue.Recipient.of_hook(hooks["Relecloud"]))
