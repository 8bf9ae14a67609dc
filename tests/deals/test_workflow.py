"""The machine of product.md §6, spelt out once more: every stage × action × kind, by the actions on a real row."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from accounts.models import SolutionPlay
from cosell import clock
from cosell.web.reasons import Refused
from deals import actions, rules
from deals.enums import (
    TERMINAL,
    Action,
    DeclineReason,
    ErrorReason,
    Help,
    Kind,
    PartnerRole,
    Stage,
    Visibility,
)
from deals.models import Deal, Engagement
from tests.cast import CONTACT, accept, fresh, invitation, new_deal, side_of, user, who

SALES = ["qualified", "developed", "proposed", "negotiated"]
LADDER = ["loe", "data", "report", "presented"]
START = ["created", "accepted"]
ENDS = ["won", "lost", "declined", "expired", "error"]
STEPS = {"qualify": "qualified", "develop": "developed", "propose": "proposed", "negotiate": "negotiated"}
RUNGS = {
    "secure_loe": (START, "loe"),
    "collect_data": (["loe"], "data"),
    "prepare_report": (["data"], "report"),
    "present": (["report"], "presented"),
}


def active(kind: str) -> list[str]:
    return START + (LADDER if kind == "assessment" else SALES)


def allowed_from(action: str, kind: str) -> dict[str, str | None]:
    """{stage from which it may happen: stage where it leads, None where it stays}."""
    going = active(kind)
    if action in STEPS:
        target = STEPS[action]
        return {} if kind == "assessment" else {stage: target for stage in going if stage != target}
    if action in RUNGS:
        sources, target = RUNGS[action]
        return dict.fromkeys(sources, target) if kind == "assessment" else {}
    if action == "win":
        return dict.fromkeys(["presented"] if kind == "assessment" else going, "won")
    return {
        "accept": {"received": "accepted"},
        "decline": {"received": "declined"},
        "hand_over": dict.fromkeys(["received", *going]),
        "expire": {"received": "expired"},
        "withdraw": {"received": "expired"},
        "lose": dict.fromkeys(going, "lost"),
        "close_as_error": dict.fromkeys(going, "error"),
        "edit": dict.fromkeys(going),
        "note": dict.fromkeys(going),
        "share": dict.fromkeys(going),
        "invite": {} if kind == "assessment" else dict.fromkeys(going),
    }[action]


Doing = Callable[[Deal], Any]
DO: dict[str, Doing] = {
    "accept": lambda side: accept("lee", side),
    "decline": lambda side: actions.decline_deal(who("lee"), side.pk, reason=DeclineReason.BUDGET),
    "hand_over": lambda side: actions.hand_over(who("lee"), side.pk, user("beatriz"), "Yours?"),
    "expire": lambda side: actions.expire_deal(side.pk),
    "withdraw": lambda side: actions.withdraw_invitation(who("ana"), side.pk),
    "win": lambda side: actions.win_deal(who("lee"), side.pk, early_confirmed=True),
    "lose": lambda side: actions.lose_deal(who("lee"), side.pk, reason=DeclineReason.BUDGET),
    "close_as_error": lambda side: actions.close_as_error(who("lee"), side.pk, reason=ErrorReason.TEST),
    "edit": lambda side: actions.edit_details(who("lee"), side.pk, side.version, {"name": "Another name"}),
    "note": lambda side: actions.add_note(who("lee"), side.pk, "They called."),
    "share": lambda side: actions.share_deal(who("ana"), side.pk, help_needed="The scope.", contact=CONTACT),
    "invite": lambda side: actions.invite_partner(who("ana"), side.pk, invitation("Northlake Services")),
    **{
        mark: lambda side, mark=mark: actions.mark_stage(who("lee"), side.pk, Action(mark))
        for mark in (*STEPS, *RUNGS)
    },
}


class Undo(Exception):
    """Rolls the row back after it was tried."""


def try_it(action: str, row: Deal, *, late: bool) -> str | None:
    """The stage that came out of it; None when it was refused."""
    try:
        with transaction.atomic(), clock.moved_by(timedelta(days=14 if late else 0)):
            DO[action](row)
            raise Undo(fresh(row).stage)
    except Refused as refused:
        return None if refused.reasons else "refused without a reason"
    except Undo as undone:
        return str(undone)


def put(row: Deal, stage: str, kind: str) -> Deal:
    ended = clock.now() if stage in TERMINAL else None
    Deal.objects.filter(pk=row.pk).update(stage=stage, closed_at=ended)
    Engagement.objects.filter(pk=row.engagement_id).update(kind=kind, **what_it_needs(kind, row))
    return fresh(row)


def what_it_needs(kind: str, row: Deal) -> dict[str, Any]:
    """The facts without which the database knows no deal of this kind."""
    if kind == Kind.SERVICES:
        play = SolutionPlay.objects.earliest("pk")
        return {"partner_role": PartnerRole.DESIGN, "solution_area_id": play.area_id, "solution_play": play}
    if kind == Kind.ASSESSMENT:
        return {"payout_location": row.location, "visibility": Visibility.COSELL, "shared_at": clock.now()}
    return {}


@pytest.mark.parametrize("kind", ["ip", "services", "assessment"])
@pytest.mark.parametrize("action", list(DO))
def test_an_action_is_possible_from_exactly_these_stages(action: str, kind: str) -> None:
    of_creator = action in ("share", "invite")
    deal = new_deal(asks=Help.NONE if of_creator else Help.ARCHITECTURE)
    row = deal if of_creator else side_of(deal, "Microsoft")
    expected, found = {}, {}
    for stage in ["received", *active(kind), *ENDS]:
        came = try_it(action, put(row, stage, kind), late=action == "expire")
        if stage in allowed_from(action, kind):
            expected[stage] = allowed_from(action, kind)[stage] or stage
        if came is not None:
            found[stage] = came
    assert found == expected


def test_the_tables_above_know_every_action_and_stage() -> None:
    assert {*DO, "undo"} == {*Action.values}
    assert {"received", *START, *SALES, *LADDER, *ENDS} == {*Stage.values}


def test_buttons_say_what_the_actions_do() -> None:
    """What is offered can be done, what is not offered is refused: for everybody on the creator's side."""
    deal = new_deal(asks=Help.ARCHITECTURE)
    for stage in ["created", *SALES, "won", "lost", "error"]:
        row = put(deal, stage, "ip")
        available = rules.available_actions(who("ana"), row, clock.now())
        marks = {action.value for action, reasons in available.items() if not reasons and action.value in STEPS}
        assert marks == {mark for mark in STEPS if stage in allowed_from(mark, "ip")}, stage
        assert (not available[Action.WIN]) == (stage in allowed_from("win", "ip")), stage


def test_an_assessment_is_walked_in_order_and_won_after_all() -> None:
    deal = new_deal()
    put(deal, "created", Kind.ASSESSMENT)
    for mark, (_sources, target) in RUNGS.items():
        for too_early in [other for other in RUNGS if other != mark]:
            with pytest.raises(Refused):
                actions.mark_stage(who("ana"), deal.pk, Action(too_early))
        with pytest.raises(Refused):
            actions.win_deal(who("ana"), deal.pk, early_confirmed=True)
        assert actions.mark_stage(who("ana"), deal.pk, Action(mark)).stage == target
    assert actions.win_deal(who("ana"), deal.pk).stage == Stage.WON


def test_an_ip_deal_skips_goes_back_and_is_won_from_anywhere() -> None:
    deal = new_deal()
    for mark, stage in [("negotiate", "negotiated"), ("qualify", "qualified"), ("propose", "proposed")]:
        assert actions.mark_stage(who("ana"), deal.pk, Action(mark)).stage == stage
    assert actions.win_deal(who("ana"), deal.pk, final_value=Decimal(1)).stage == Stage.WON


def test_a_closed_side_is_changed_by_nobody() -> None:
    """The refusal says who closed it."""
    deal = new_deal()
    actions.lose_deal(who("ana"), deal.pk, reason=DeclineReason.BUDGET)
    before = Deal.objects.filter(pk=deal.pk).values().get()
    for name in ("ana", "rui"):
        with pytest.raises(Refused) as refused:
            actions.edit_details(who(name), deal.pk, deal.version, {"name": "Changed"})
        if name == "ana":
            assert refused.value.status == 409
            assert "Ana Souza" in refused.value.reasons[0].text
    assert Deal.objects.filter(pk=deal.pk).values().get() == before


@pytest.mark.parametrize(("hours", "asked"), [(71, True), (72, False)])
def test_won_within_72_hours_asks_for_a_confirmation(hours: int, asked: bool) -> None:
    deal = new_deal(asks=Help.ARCHITECTURE)
    with clock.moved_by(timedelta(hours=hours)):
        if asked:
            with pytest.raises(Refused) as refused:
                actions.win_deal(who("ana"), deal.pk)
            assert [reason.code for reason in refused.value.reasons] == ["won_early"]
        assert actions.win_deal(who("ana"), deal.pk, early_confirmed=asked).stage == Stage.WON
