"""Account matching: cases open, are decided, asked, answered, taken back, by people and by the system (§4)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount
from accounts.search import find_choosable, search_customers
from cosell import clock
from cosell.events.chain import Counts, erase_details, problems
from cosell.events.models import EventDetail
from cosell.web.reasons import Refused
from deals import actions, rules, tasks
from deals.enums import DeclineReason, Help, NoMatchReason
from deals.models import Deal, Engagement, MatchCase
from tests.cast import CONTACT, accept, customer, fresh, new_deal, organization, person, side_of, user, who
from tests.deals.matching import case_of, side_of_creator, typed, waiting
from tests.factories import make_customer, make_membership

FRIDAY = datetime(2026, 6, 5, 15, 0, tzinfo=UTC)
FABRIKAM = "Fabrikam Seguros S.A."
UNKNOWN = NoMatchReason.UNKNOWN


def match(case: MatchCase, to: str = FABRIKAM, by: str = "noor", **more: Any) -> MatchCase:
    return actions.match_account(who(by), case.pk, customer(to).pk, **more)


def refuse(case: MatchCase, by: str = "noor") -> MatchCase:
    return actions.refuse_match(who(by), case.pk, reason=UNKNOWN, note="Nothing in the register.")


def codes(act: Callable[[], Any]) -> tuple[int, list[str]]:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.status, [reason.code for reason in refused.value.reasons]


def assert_history_is_whole() -> None:
    assert [str(problem) for problem in problems(Counts())] == []


# when a case opens


@pytest.mark.parametrize(
    ("given", "opens"),
    [
        ({"shown": True, "of": "Padaria Três Irmãos"}, True),
        ({"asks": Help.POC, "of": "Padaria Três Irmãos"}, True),
        ({"shown": True, "of": "Department of Public Works"}, True),
        ({"of": "Padaria Três Irmãos"}, False),  # private
        ({"shown": True}, False),  # managed
        ({"shown": True, "of": "Usina Rio Claro Ltda."}, False),  # unmanaged, and known
        ({"by": "lee", "of": "Department of Public Works", "invites": ["Contoso Data"]}, False),  # the host's own
    ],
)
def test_a_case_opens_with_the_deal_that_needs_it(given: dict[str, Any], opens: bool) -> None:
    deal = new_deal(**given)
    assert MatchCase.objects.filter(engagement=deal.engagement).exists() == opens
    if opens:
        case = case_of(deal)
        assert (case.state, case.typed, case.opened_at) == ("waiting", deal.engagement.customer, deal.created_at)


def test_a_host_that_matches_nothing_has_no_case() -> None:
    new_deal(of="Padaria Três Irmãos", shown=True, host=organization("Northlake Services"))
    assert not MatchCase.objects.exists()


def test_sharing_opens_the_case_and_sharing_more_keeps_it() -> None:
    deal = new_deal(of="Padaria Três Irmãos")
    actions.share_deal(who("ana"), deal.pk)
    case = case_of(deal)
    actions.share_deal(who("ana"), deal.pk, help=Help.POC, customer_problem="P", help_needed="H", contact=CONTACT)
    assert case_of(deal).pk == case.pk
    assert Engagement.objects.get(pk=deal.engagement_id).host_invited_by is not None, "held while it waits"


# the criterion, from the first day


@pytest.mark.parametrize(
    ("given", "then", "standing"),
    [
        ({}, None, "met"),
        ({"of": "Usina Rio Claro Ltda."}, None, "not_met"),
        ({"of": "Padaria Três Irmãos"}, None, "not_yet"),  # private
        ({"of": "Padaria Três Irmãos", "shown": True}, None, "not_yet"),
        ({"of": "Padaria Três Irmãos", "shown": True}, lambda c: match(c), "met"),
        ({"of": "Padaria Três Irmãos", "shown": True}, lambda c: match(c, "Usina Rio Claro Ltda."), "not_met"),
        ({"of": "Padaria Três Irmãos", "shown": True}, lambda c: match(c, "Bellows College"), "not_met"),
        ({"of": "Padaria Três Irmãos", "shown": True}, refuse, "not_met"),
        (
            {"of": "Padaria Três Irmãos", "shown": True},
            lambda c: actions.ask_partner(who("noor"), c.pk, "Who?"),
            "not_yet",
        ),
    ],
)
def test_the_criterion_of_registration(given: dict[str, Any], then: Any, standing: str) -> None:
    deal = new_deal(**given)
    if then:
        then(case_of(deal))
    criterion = rules.customer_criterion(fresh(deal).engagement)
    assert criterion.standing == standing
    assert criterion.sentence.startswith("Registration, customer managed by Microsoft: ")
    assert bool(criterion.fix) == (standing != "met"), "what would meet it"


def test_what_was_managed_when_chosen_stays_met() -> None:
    deal = new_deal(of="Usina Rio Claro Ltda.")
    Engagement.objects.update(customer_category=CustomerCategory.MANAGED)
    assert rules.customer_criterion(fresh(deal).engagement).standing == "met"


# match and no match


def test_a_match_moves_the_customer_and_sends_what_was_held() -> None:
    with time_machine.travel(FRIDAY, tick=False):
        case = waiting(typed(), asks=Help.POC)
        assert not case.engagement.sides.filter(organization__name="Microsoft").exists()
    later = FRIDAY + timedelta(hours=5)
    with time_machine.travel(later, tick=False):
        match(case, note="Same building.")
        case.refresh_from_db()
        side = case.engagement.sides.get(organization__name="Microsoft")
        assert (side.invited_at, side.expires_at) == (later, later + timedelta(hours=336)), "its clock starts now"
        assert tasks.release_due() == 0
    engagement = Engagement.objects.get(pk=case.engagement_id)
    assert (engagement.customer, engagement.customer_category) == (customer(FABRIKAM), "manual"), "as it was chosen"
    assert (case.state, case.matched, case.automatic, case.decided_by, case.decided_at) == (
        "matched",
        customer(FABRIKAM),
        False,
        user("noor"),
        later,
    )
    assert_history_is_whole()


def test_no_match_leaves_the_customer_and_sends_what_was_held() -> None:
    account = typed()
    case = waiting(account, asks=Help.POC)
    refuse(case)
    engagement = Engagement.objects.get(pk=case.engagement_id)
    assert (engagement.customer, engagement.host_invited_by) == (account, None)
    seller = side_of(side_of_creator(case), "Microsoft")
    accept("beatriz", seller)


def test_help_asked_after_a_decision_waits_for_nothing() -> None:
    case = waiting(typed())
    refuse(case)
    deal = side_of_creator(case)
    actions.share_deal(who("ana"), deal.pk, help=Help.POC, customer_problem="P", help_needed="H", contact=CONTACT)
    assert side_of(deal, "Microsoft").stage == "received"


def test_the_clock_of_a_held_invitation_runs_out_and_the_case_waits_on() -> None:
    with time_machine.travel(FRIDAY, tick=False):
        case = waiting(typed(), asks=Help.POC)
        actions.ask_partner(who("noor"), case.pk, "Who?")
    with time_machine.travel(FRIDAY + timedelta(days=4), tick=False):
        assert tasks.release_due() == 1
        assert case_of(side_of_creator(case)).state == "asked"
        match(case)
    assert case.engagement.sides.filter(organization__name="Microsoft").count() == 1


def test_only_known_accounts_that_stand_for_themselves_can_be_the_match() -> None:
    account, other = typed(), typed("Another One")
    case = waiting(account)
    gone = make_customer(merged_into=customer(FABRIKAM))
    for wrong, code in ((account, "same_account"), (other, "not_known"), (gone, "not_known")):
        status, given = codes(lambda wrong=wrong: actions.match_account(who("noor"), case.pk, wrong.pk))
        assert (status, given) == (422, [code])


@pytest.mark.parametrize("name", ["lee", "beatriz", "ana", "priya"])
def test_only_reviewers_of_the_host_decide(name: str) -> None:
    case = waiting(typed())
    for act in (
        lambda: match(case, by=name),
        lambda: refuse(case, by=name),
        lambda: actions.ask_partner(who(name), case.pk, "Who?"),
        lambda: actions.undo_match(who(name), case.pk, note="No"),
        lambda: actions.merge_accounts(who(name), customer("Proseware GmbH").pk, customer(FABRIKAM).pk),
    ):
        assert codes(act) == (403, ["not_reviewer"])


def test_nobody_decides_on_a_deal_whose_team_they_are_on() -> None:
    account = typed()
    case, other = waiting(account), waiting(account)
    make_membership(organization=organization("Contoso Data"), user=user("noor"))
    mine = actions.edit_team(who("ana"), side_of_creator(other).pk, 1, [person("ana"), person("noor")])
    noor = who("noor", "Microsoft")
    assert codes(lambda: actions.refuse_match(noor, other.pk, reason=UNKNOWN, note="x")) == (403, ["on_team"])
    taken_along = lambda: actions.match_account(noor, case.pk, customer(FABRIKAM).pk)  # noqa: E731
    assert codes(taken_along) == (403, ["on_team"]), "a match of one takes the other along"
    merged = make_customer()
    Engagement.objects.filter(pk=mine.engagement_id).update(customer=merged)
    assert codes(lambda: actions.merge_accounts(noor, merged.pk, customer(FABRIKAM).pk)) == (403, ["on_team"])
    match(case, by="erik")


# ask and answer


def test_a_question_and_its_answer() -> None:
    account = typed("Coho Wines", country="US", city="Napa")
    case = waiting(account)
    tasks.match_due()
    actions.ask_partner(who("noor"), case.pk, "Which domain?")
    assert case_of(side_of_creator(case)).state == "asked"
    assert codes(lambda: actions.ask_partner(who("erik"), case.pk, "Again?"))[1] == ["case_moved"]
    assert codes(lambda: actions.answer_question(who("vera"), case.pk, "I"))[1] == ["read_only"]
    assert codes(lambda: actions.answer_question(who("noor"), case.pk, "I"))[1] == ["not_creator"]
    actions.win_deal(who("ana"), side_of_creator(case).pk, early_confirmed=True)
    actions.answer_question(who("ana"), case.pk, "This one.", domain="cohowinery.example")
    case = case_of(side_of_creator(case))
    assert (case.state, case.best) == ("waiting", customer("Coho Vineyard & Winery")), "a won deal needs its account"
    assert CustomerAccount.objects.get(pk=account.pk).domain == "", "what was typed stays as it was typed"
    status, reasons = codes(lambda: actions.answer_question(who("ana"), case.pk, "Again"))
    assert (status, reasons) == (409, ["case_moved"])


# automatic


@pytest.mark.parametrize(
    ("fields", "to", "by"),
    [
        ({"duns": "890000114"}, FABRIKAM, "duns"),
        ({"name": "Fourth Coffee", "domain": "fourthcoffee.example"}, "Fourth Coffee Ltda.", "domain"),
        ({"name": "Fourth Coffe Ltda", "domain": "fourthcoffee.example"}, "Fourth Coffee Ltda.", "domain"),
        ({"name": "Fifth Tea", "domain": "fourthcoffee.example"}, "", ""),  # the name is another
        ({"name": "Fourth Coffee"}, "", ""),  # a name alone is never enough
        ({"duns": "890000114", "country": "PT"}, "", ""),  # a number of another country is a slip of the pen
        ({"name": "Tailspin Toys", "domain": "tailspintoys.example", "country": "IN"}, "", ""),  # two of them
        ({"name": "Transportes Bom Caminho", "domain": "bomcaminho.example"}, "Transportes Bom Caminho ME", "domain"),
        ({"duns": "999999999"}, "", ""),
    ],
)
def test_the_system_matches_only_what_is_beyond_doubt(fields: dict[str, str], to: str, by: str) -> None:
    case = waiting(typed(**fields))
    assert [tasks.match_due(), tasks.match_due()] == [1, 0], "looked at once"
    case = case_of(side_of_creator(case))
    assert (case.matched.name if case.matched else "", case.automatic, case.decided_by) == (to, bool(to), None)
    assert case.tried_at is not None


def test_a_directory_entry_is_not_moved_to_another() -> None:
    twin = make_customer(category=CustomerCategory.OTHER, duns="100000066", account_id=None)
    case = waiting(customer("Bellows College"))
    tasks.match_due()
    assert case_of(side_of_creator(case)).state == "waiting"
    CustomerAccount.objects.filter(pk=twin.pk).update(category=CustomerCategory.MANAGED, federal=True)
    case = waiting(customer("Bellows College"))
    tasks.match_due()
    assert case_of(side_of_creator(case)).state == "waiting", "a federal one does not come by itself"
    CustomerAccount.objects.filter(pk=twin.pk).update(federal=False)
    case = waiting(customer("Bellows College"))
    tasks.match_due()
    assert case_of(side_of_creator(case)).matched == twin


def test_an_automatic_match_can_be_undone_and_does_not_come_back() -> None:
    account = typed(duns="890000114")
    case = waiting(account, asks=Help.POC)
    tasks.match_due()
    actions.undo_match(who("noor"), case.pk, note="Another company took over the number.")
    case = case_of(side_of_creator(case))
    account.refresh_from_db()
    assert (case.state, case.automatic, case.matched, case.decided_at) == ("waiting", False, None, None)
    assert (case.engagement.customer, account.merged_into) == (account, None)
    assert tasks.match_due() == 0
    assert find_choosable(who("ana"), str(account.uid)) == account, "it is found again"
    assert_history_is_whole()


def test_no_match_can_be_opened_again() -> None:
    case = waiting(typed())
    refuse(case)
    actions.undo_match(who("erik"), case.pk, note="There is one now.")
    match(case)
    assert case_of(side_of_creator(case)).state == "matched"


def test_a_registered_deal_keeps_its_account() -> None:
    case = waiting(typed())
    match(case)
    Deal.objects.update(registration_state="approved")
    assert codes(lambda: actions.undo_match(who("noor"), case.pk, note="x")) == (409, ["registered"])


# duplicates


def test_a_match_takes_every_deal_on_the_typed_account_along() -> None:
    account = typed()
    case, other, private = waiting(account), waiting(account, by="rui"), new_deal(customer=account)
    assert not MatchCase.objects.filter(engagement=private.engagement).exists()
    match(case, note="For the first.")
    account.refresh_from_db()
    assert account.merged_into == customer(FABRIKAM)
    assert account.name not in customer(FABRIKAM).former_names, "what was typed is nobody's former name"
    assert find_choosable(who("ana"), str(account.uid)) is None
    assert account not in [row.account for row in search_customers(who("ana"), name=account.name).best_first]
    for deal in (side_of_creator(case), side_of_creator(other), private):
        assert fresh(deal).engagement.customer == customer(FABRIKAM)
        assert Engagement.objects.filter(pk=deal.engagement_id, customer_category="manual").exists()
    assert_history_is_whole()
    actions.undo_match(who("noor"), other.pk, note="Not the same.")
    for deal in (side_of_creator(case), side_of_creator(other), private):
        assert fresh(deal).engagement.customer == account, "all of them are back"
    assert sorted(MatchCase.objects.values_list("state", flat=True)) == ["waiting", "waiting"], "none of the private"
    actions.share_deal(who("ana"), private.pk)
    assert case_of(private).state == "waiting"
    assert_history_is_whole()


def test_two_known_accounts_become_one() -> None:
    duplicate, into = customer("A. Datum Corp. West"), customer("A. Datum Corporation")
    duplicate.team.add(user("beatriz"))
    child = make_customer(name="Datum Labs", parent=duplicate)
    deals = [
        new_deal(customer=duplicate),
        new_deal(customer=duplicate, shown=True),
        new_deal("tom", customer=duplicate, at="100202"),
    ]
    untouched = new_deal(customer=into)
    actions.merge_accounts(who("erik"), duplicate.pk, into.pk, note="One tax number.")
    assert {fresh(deal).engagement.customer for deal in (*deals, untouched)} == {into}
    into.refresh_from_db()
    child.refresh_from_db()
    assert "A. Datum Corp. West" in into.former_names
    assert set(into.team.all()) == {user("lee"), user("beatriz")}
    assert child.parent == into
    found = [row.account for row in search_customers(who("ana"), name="datum corp west").best_first]
    assert into in found
    assert duplicate not in found
    assert codes(lambda: actions.merge_accounts(who("erik"), duplicate.pk, into.pk)) == (422, ["merged_since"])
    assert_history_is_whole()


def test_a_merge_answers_the_cases_that_wait_for_it() -> None:
    entry = customer("Bellows College")
    case = waiting(entry, asks=Help.POC)
    into = make_customer(name="Bellows College Trust")
    actions.merge_accounts(who("noor"), entry.pk, into.pk)
    case = case_of(side_of_creator(case))
    assert (case.state, case.matched, case.engagement.customer) == ("matched", into, into)
    assert side_of(side_of_creator(case), "Microsoft").stage == "received"


def test_a_matched_account_that_is_merged_carries_its_cases_over() -> None:
    case = waiting(typed())
    match(case)
    into = make_customer(name="Fabrikam Insurance")
    actions.merge_accounts(who("noor"), customer(FABRIKAM).pk, into.pk)
    case = case_of(side_of_creator(case))
    assert (case.matched, case.typed.merged_into, case.engagement.customer) == (into, into, into)
    actions.undo_match(who("noor"), case.pk, note="Not the same.")
    assert case_of(side_of_creator(case)).engagement.customer.name == "Fabrikam Seguro SA"


@pytest.mark.parametrize(
    ("duplicate", "into", "code"),
    [
        (FABRIKAM, FABRIKAM, "same_account"),
        ("Padaria Três Irmãos", FABRIKAM, "typed"),
        (FABRIKAM, "Padaria Três Irmãos", "typed"),
        (FABRIKAM, "Usina Rio Claro Ltda.", "less_known"),
        ("Usina Rio Claro Ltda.", "Bellows College", "less_known"),
    ],
)
def test_what_cannot_become_one(duplicate: str, into: str, code: str) -> None:
    merge = lambda: actions.merge_accounts(who("noor"), customer(duplicate).pk, customer(into).pk)  # noqa: E731
    assert codes(merge) == (422, [code])


def test_a_deal_made_on_an_account_that_was_just_merged_is_on_the_other() -> None:
    duplicate, into = customer("A. Datum Corp. West"), customer("A. Datum Corporation")
    chosen = CustomerAccount.objects.get(pk=duplicate.pk)  # on the page before the merge
    actions.merge_accounts(who("erik"), duplicate.pk, into.pk)
    assert new_deal(customer=chosen).engagement.customer == into


# beside the rest


def test_matching_does_not_stand_in_the_way_of_an_undo() -> None:
    case = waiting(typed())
    deal = side_of_creator(case)
    actions.lose_deal(who("ana"), deal.pk, reason=DeclineReason.BUDGET)
    match(case)
    actions.undo(who("ana"), deal.pk)
    assert fresh(deal).stage == "created"


def test_names_and_words_can_be_erased_and_the_history_verifies() -> None:
    case = waiting(typed())
    match(case, note="Same building.")
    erase_details(EventDetail.objects.filter(event__kind="deal.account_matched"), clock.now())
    assert_history_is_whole()
