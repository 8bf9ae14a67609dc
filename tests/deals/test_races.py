"""Many people at once, each on a connection of their own: one wins, the others are told who did what and when."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from cosell import clock
from cosell.events.chain import Counts, problems
from cosell.events.models import Event
from cosell.web.reasons import Refused
from deals import actions
from deals.enums import Action, DeclineReason, Help, Stage
from deals.models import Deal, Draft, Favorite
from tests.cast import accept, client_for, fresh, invitation, new_deal, person, side_of, who
from tests.deals.journey import good_answers, send, start

pytestmark = pytest.mark.django_db(transaction=True)
DONE = "done"


def at_once(*todo: Callable[[], Any]) -> list[Any]:
    """Do all of it at the same moment; each gives DONE (or an HTTP status) or how it was refused."""
    gate = threading.Barrier(len(todo), timeout=60)

    def run(act: Callable[[], Any]) -> Any:
        with closing(connection):
            connection.ensure_connection()
            gate.wait()
            try:
                result = act()
            except Refused as refused:
                return refused
            return getattr(result, "status_code", DONE)

    with ThreadPoolExecutor(len(todo)) as pool:
        return list(pool.map(run, todo))


def refusals(results: Sequence[Any]) -> list[Refused]:
    return [result for result in results if isinstance(result, Refused)]


def assert_history_is_whole() -> None:
    assert [str(problem) for problem in problems(Counts())] == []


def test_fifty_answers_to_one_invitation_give_one_winner() -> None:
    side = side_of(new_deal(asks=Help.ARCHITECTURE), "Microsoft")
    lee, erik, ana = who("lee"), who("erik"), who("ana")
    acts: dict[str, Callable[[], Any]] = {
        "accept": lambda: accept("lee", side),
        "decline": lambda: actions.decline_deal(erik, side.pk, reason=DeclineReason.BUDGET),
        "expire": lambda: actions.expire_deal(side.pk),
        "edit": lambda: actions.edit_details(lee, side.pk, 1, {"name": "By Lee"}),
        "withdraw": lambda: actions.withdraw_invitation(ana, side.pk),
    }
    names = [name for name in acts for _ in range(10)]
    results = at_once(*(acts[name] for name in names))
    won = Counter(name for name, result in zip(names, results, strict=True) if result == DONE)
    ended = {name: count for name, count in won.items() if name != "edit"}
    stage = fresh(side).stage
    assert list(ended.items()) in ([("accept", 1)], [("decline", 1)], [("withdraw", 1)]), f"winners: {won}"
    assert won["edit"] <= (1 if stage == Stage.ACCEPTED else 0), f"{won['edit']} edits were kept on a {stage} side"
    assert len(refusals(results)) == 50 - sum(won.values())
    winner = {"accept": "Lee Chan", "decline": "Erik Holm", "withdraw": "Ana Souza"}[next(iter(ended))]
    for name, result in zip(names, results, strict=True):
        if name in ended and result != DONE:
            assert winner in result.reasons[0].text, f"{name} was told: {result}"
    assert Event.objects.filter(deal_id=side.pk, to_state=stage).count() == 1
    assert_history_is_whole()


def test_fifty_expiry_jobs_expire_once() -> None:
    side = side_of(new_deal(asks=Help.ARCHITECTURE), "Microsoft")
    with clock.moved_by(timedelta(days=14)):
        results = at_once(
            *[lambda: actions.expire_deal(side.pk)] * 25,
            *[lambda: accept("lee", side)] * 25,
        )
    assert results.count(DONE) == 1
    assert fresh(side).stage == Stage.EXPIRED
    assert {reason.code for refused in refusals(results) for reason in refused.reasons} <= {"wrong_stage", "expired"}
    assert Event.objects.filter(kind="deal.expired").count() == 1


def test_fifty_edits_of_one_version_keep_one_and_lose_none() -> None:
    deal = new_deal(team=["rui"])
    ana, rui = who("ana"), who("rui")
    edits = [
        lambda number=number: actions.edit_details(
            ana if number % 2 else rui, deal.pk, deal.version, {"name": f"Name {number}"}
        )
        for number in range(50)
    ]
    results = at_once(*edits)
    assert results.count(DONE) == 1
    kept = fresh(deal)
    assert (kept.name, kept.version) == (f"Name {results.index(DONE)}", deal.version + 1)
    winner = ("Rui Prado", "Ana Souza")[results.index(DONE) % 2]
    for refused in refusals(results):
        assert refused.reasons[0].code == "changed_meanwhile"
        assert winner in refused.reasons[0].text
    assert Event.objects.filter(kind="deal.edited").count() == 1
    assert_history_is_whole()


def test_edits_of_different_sections_do_not_overwrite_each_other() -> None:
    deal = new_deal(team=["rui"])
    ana = who("ana")
    results = at_once(
        lambda: actions.edit_details(ana, deal.pk, 1, {"name": "Renamed"}),
        lambda: actions.edit_team(ana, deal.pk, 1, [person("ana")]),
        lambda: actions.edit_solutions(ana, deal.pk, 1, list(ana.organization.solutions.all()[:2])),
    )
    assert results.count(DONE) == 1
    changed = [deal.name != fresh(deal).name, deal.team.count() == 1, deal.solutions.count() == 2]
    assert changed.count(True) == 1


def test_sides_of_one_engagement_write_one_chain() -> None:
    deal = new_deal(asks=Help.ARCHITECTURE, invites=["Northlake Services"])
    host_side, partner_side = side_of(deal, "Microsoft"), side_of(deal, "Northlake Services")
    accept("lee", host_side)
    accept("priya", partner_side)
    people = [(who("ana"), deal), (who("lee"), host_side), (who("priya"), partner_side)]
    notes = [
        lambda one=one, side=side, number=number: actions.add_note(one, side.pk, f"Note {number}", share=True)
        for number in range(8)
        for one, side in people
    ]
    assert at_once(*notes) == [DONE] * 24
    assert Event.objects.filter(kind="deal.noted").count() == 24
    assert_history_is_whole()


def test_ten_invitations_of_one_partner_make_one_side() -> None:
    deal = new_deal()
    ana, asked = who("ana"), invitation("Northlake Services")
    results = at_once(*[lambda: actions.invite_partner(ana, deal.pk, asked)] * 10)
    assert results.count(DONE) == 1
    assert {refused.reasons[0].code for refused in refusals(results)} == {"already_invited"}


def test_the_end_and_the_undo_at_once_leave_a_whole_side() -> None:
    deal = new_deal()
    ana = who("ana")
    actions.lose_deal(ana, deal.pk, reason=DeclineReason.BUDGET)
    results = at_once(*[lambda: actions.undo(ana, deal.pk)] * 10)
    assert results.count(DONE) == 1
    marks = at_once(*[lambda: actions.mark_stage(ana, deal.pk, Action.QUALIFY)] * 10)
    assert marks.count(DONE) == 1
    assert_history_is_whole()


def test_two_creates_of_one_draft_give_one_deal() -> None:
    ana, again = client_for("ana"), client_for("ana")
    draft = start(ana)
    steps = good_answers()
    for slug in ("customer", "details", "solutions", "help", "partners"):
        assert send(ana, draft, slug, steps[slug]).status_code == 302
    before = Deal.objects.count()
    version = Draft.objects.get(pk=draft.pk).version
    url = reverse("deals:draft", args=[draft.uid, "review"])
    answers = {"version": version, "go": "create"}
    results = at_once(*[lambda c=c: c.post(url, answers) for c in (ana, again, client_for("ana"), client_for("ana"))])
    assert sorted(results) == [302, 404, 404, 404]
    assert Deal.objects.count() == before + 2, "the creator's side and the host's"


def test_two_tabs_that_save_one_step_at_once_keep_one() -> None:
    draft = start(client_for("ana"))
    url = reverse("deals:draft", args=[draft.uid, "details"])
    clients = [client_for("ana") for _ in range(6)]
    results = at_once(
        *[
            lambda c=c, number=number: c.post(url, {"version": 1, "go": "later", "name": f"Tab {number}"})
            for number, c in enumerate(clients)
        ]
    )
    assert sorted(results) == [302, 409, 409, 409, 409, 409]
    assert Draft.objects.get(pk=draft.pk).answers["details"]["name"] == [f"Tab {results.index(302)}"]


def test_a_heart_touched_twice_at_once_is_one_heart() -> None:
    deal = new_deal()
    ana = who("ana")
    assert at_once(*[lambda: actions.set_favorite(ana, deal.engagement, on=True)] * 10) == [DONE] * 10
    assert Favorite.objects.count() == 1
