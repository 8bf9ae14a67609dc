"""Sixty seconds to take it back: nothing is sent before they are over (product.md §6, §10)."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from cosell import clock
from cosell.events import outbox
from cosell.events.enums import DeliveryState
from cosell.events.models import Delivery, Event
from cosell.web.reasons import Refused
from deals import actions, tasks
from deals.enums import Action, DeclineReason, ErrorReason, Help
from deals.models import Deal
from tests.cast import accept, clock_at, fresh, new_deal, side_of, who
from tests.events.post_office import PostOffice

SECOND = timedelta(seconds=1)
ENDS: dict[str, Callable[[Deal], Any]] = {
    "declined": lambda side: actions.decline_deal(who("lee"), side.pk, reason=DeclineReason.BUDGET, notes="No."),
    "won": lambda side: actions.win_deal(
        who("lee"), side.pk, final_value=Decimal(5), won_on=clock.now().date(), early_confirmed=True
    ),
    "lost": lambda side: actions.lose_deal(who("lee"), side.pk, reason=DeclineReason.BUDGET, note="No."),
    "error": lambda side: actions.close_as_error(who("lee"), side.pk, reason=ErrorReason.TEST, note="No."),
}


def before(end: str) -> Deal:
    """Microsoft's side, ready for this end."""
    side = side_of(new_deal(asks=Help.ARCHITECTURE, team=["rui"]), "Microsoft")
    if end != "declined":
        accept("lee", side)
        actions.mark_stage(who("lee"), side.pk, Action.DEVELOP)
    return fresh(side)


def facts(side: Deal) -> dict[str, Any]:
    row = Deal.objects.filter(pk=side.pk).values().get()
    del row["updated_at"]
    return row


def send_all(smtp_server: PostOffice) -> None:
    """What was told before is sent and forgotten, so that a test sees only what came after."""
    outbox.send_due()
    smtp_server.letters.clear()


@pytest.mark.parametrize("end", list(ENDS))
def test_undo_at_59_seconds_restores_everything_and_nothing_was_sent(end: str, smtp_server: PostOffice) -> None:
    side = before(end)
    was = facts(side)
    send_all(smtp_server)
    started = clock.now()
    ENDS[end](side)
    assert fresh(side).stage == end, "the page shows the new stage at once"
    with clock_at(started + 55 * SECOND):
        outbox.send_due()
        tasks.withdraw_due()
    with clock_at(started + 59 * SECOND):
        actions.undo(who("lee"), side.pk)
    assert facts(side) == was
    with clock_at(started + timedelta(hours=1)):
        outbox.send_due()
    assert smtp_server.letters == [], f"told about {end}, though it was undone"
    ended = Event.objects.get(deal_id=side.pk, to_state=end)
    assert {delivery.state for delivery in ended.deliveries.all()} == {DeliveryState.CANCELLED}
    assert ended.deliveries.count() == 4, "Ana's and Rui's mail and bell were held"


@pytest.mark.parametrize("end", list(ENDS))
def test_undo_at_61_seconds_is_refused_and_everybody_is_told(end: str, smtp_server: PostOffice) -> None:
    side = before(end)
    send_all(smtp_server)
    ENDS[end](side)
    with clock.moved_by(61 * SECOND):
        with pytest.raises(Refused) as refused:
            actions.undo(who("lee"), side.pk)
        outbox.send_due()
    assert [reason.code for reason in refused.value.reasons] == ["undo_over"]
    assert fresh(side).stage == end
    assert sorted(smtp_server.addressees) == ["ana.souza@contoso.example", "rui.prado@contoso.example"]


def test_undo_is_a_new_event_and_the_chain_verifies(capsys: pytest.CaptureFixture[str]) -> None:
    side = before("lost")
    ENDS["lost"](side)
    actions.undo(who("lee"), side.pk)
    lost, undone = Event.objects.filter(deal_id=side.pk).order_by("seq").reverse()[:2][::-1]
    assert (lost.kind, lost.from_state, lost.to_state) == ("deal.lost", "developed", "lost")
    assert (undone.kind, undone.from_state, undone.to_state) == ("deal.undone", "lost", "developed")
    assert undone.data["undoes"] == lost.seq
    call_command("verify_history")
    assert ": 0 broken" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["erik", "ana"])
def test_only_who_did_it_can_undo_it(name: str) -> None:
    """Erik may change the same side, Ana is on the other one."""
    side = before("lost")
    ENDS["lost"](side)
    with pytest.raises(Refused) as refused:
        actions.undo(who(name), side.pk)
    expected = {"erik": (409, "not_yours_to_undo"), "ana": (403, "not_your_side")}[name]
    assert (refused.value.status, refused.value.reasons[0].code) == expected
    assert fresh(side).stage == "lost"


def test_undo_is_refused_when_somebody_acted_since() -> None:
    side = before("lost")
    ENDS["lost"](side)
    actions.add_note(who("ana"), side.invited_from_id, "What happened?", share=True)
    with pytest.raises(Refused) as refused:
        actions.undo(who("lee"), side.pk)
    assert refused.value.reasons[0].code == "acted_since"


def test_looking_is_not_acting() -> None:
    """Another receiver opens an invitation of the same engagement, a reminder goes out: the minute still holds."""
    deal = new_deal(asks=Help.ARCHITECTURE, invites=["Northlake Services"])
    with clock.moved_by(timedelta(days=8)):
        actions.lose_deal(who("ana"), deal.pk, reason=DeclineReason.BUDGET)
        actions.mark_seen(who("priya"), side_of(deal, "Northlake Services").pk)
        tasks.remind_due()
        assert actions.undo(who("ana"), deal.pk).stage == "created"


def test_undo_cannot_be_undone_nor_repeated() -> None:
    side = before("lost")
    ENDS["lost"](side)
    actions.undo(who("lee"), side.pk)
    with pytest.raises(Refused):
        actions.undo(who("lee"), side.pk)
    assert fresh(side).stage == "developed"


def test_a_decline_whose_clock_ran_out_meanwhile_expires_when_undone() -> None:
    side = before("declined")
    with clock_at(side.expires_at - 20 * SECOND):
        ENDS["declined"](side)
    with clock_at(side.expires_at + 20 * SECOND):
        actions.undo(who("lee"), side.pk)
    side = fresh(side)
    assert (side.stage, side.close_reason, side.answered_at) == ("expired", "time", None)
    kinds = list(Event.objects.filter(deal_id=side.pk).order_by("seq").values_list("kind", flat=True))
    assert kinds[-3:] == ["deal.declined", "deal.undone", "deal.expired"]


def test_what_a_sender_has_in_hand_is_gone() -> None:
    """A sender whose clock runs ahead took a mail already: the undo is refused, and nothing of it is written."""
    side = before("lost")
    ENDS["lost"](side)
    ended = Event.objects.get(deal_id=side.pk, to_state="lost")
    Delivery.objects.filter(event=ended, address="rui.prado@contoso.example").update(state=DeliveryState.SENDING)
    with pytest.raises(Refused) as refused:
        actions.undo(who("lee"), side.pk)
    assert [reason.code for reason in refused.value.reasons] == ["undo_over"]
    assert fresh(side).stage == "lost"
    left = Delivery.objects.get(event=ended, address="ana.souza@contoso.example")
    assert left.state == DeliveryState.QUEUED, "the refused undo cancelled a mail"
