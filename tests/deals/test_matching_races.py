"""Several people at one case at once, each on a connection of their own: one wins, nobody waits for ever."""

import pytest

from accounts.models import CustomerAccount
from deals import actions
from deals.enums import NoMatchReason
from deals.models import Engagement, MatchCase
from tests.cast import client_for, customer, new_deal, who
from tests.deals.matching import case_of, side_of_creator, typed, waiting
from tests.deals.test_races import DONE, assert_history_is_whole, at_once, refusals

pytestmark = pytest.mark.django_db(transaction=True)
FABRIKAM, NORDESTE = "Fabrikam Seguros S.A.", "Fabrikam Seguros Nordeste S.A."


def test_two_reviewers_at_once_one_wins_and_the_other_learns_who() -> None:
    case = waiting(typed())
    noor, erik = who("noor"), who("erik")
    one, other = customer(FABRIKAM), customer(NORDESTE)
    results = at_once(
        *[lambda: actions.match_account(noor, case.pk, one.pk)] * 4,
        *[lambda: actions.match_account(erik, case.pk, other.pk)] * 4,
        *[lambda: actions.refuse_match(erik, case.pk, reason=NoMatchReason.UNKNOWN, note="Nothing.")] * 4,
    )
    assert results.count(DONE) == 1
    winner = "Noor Haddad" if results.index(DONE) < 4 else "Erik Holm"
    for refused in refusals(results):
        assert refused.reasons[0].code == "case_moved"
        assert winner in refused.reasons[0].text
    case = case_of(side_of_creator(case))
    wanted = [one, other, case.typed][results.index(DONE) // 4]
    assert case.engagement.customer == wanted
    assert_history_is_whole()


def test_who_comes_second_keeps_what_was_typed() -> None:
    case = waiting(typed())
    url = f"/matching/case/{case.uid}/no-match/"
    clients = [client_for("noor"), client_for("erik")]
    words = ["Noor found nothing.", "Erik found nothing."]
    answers = [{"reason": "no_account", "note": note} for note in words]
    pages = at_once(*[lambda c=c, a=a: c.post(url, a) for c, a in zip(clients, answers, strict=True)])
    assert sorted(pages) == [302, 409]
    second = pages.index(409)
    page = clients[second].post(url, answers[second])
    assert words[second] in page.content.decode()
    assert "Somebody was faster" in page.content.decode()


def test_matches_of_one_account_and_a_merge_of_it_do_not_hang() -> None:
    account, into = customer(NORDESTE), customer(FABRIKAM)
    cases = [waiting(typed(f"Typed {number}")) for number in range(4)]
    new_deal(customer=account)
    noor, erik = who("noor"), who("erik")
    results = at_once(
        *[lambda case=case: actions.match_account(noor, case.pk, account.pk) for case in cases],
        lambda: actions.merge_accounts(erik, account.pk, into.pk),
        *[lambda case=case: actions.ask_partner(erik, case.pk, "Who?") for case in cases],
        *[lambda: new_deal(customer=account)] * 3,
    )
    assert results[4] == DONE
    left = {reason.code for refused in refusals(results) for reason in refused.reasons}
    assert left <= {"not_known", "case_moved"}, "too late is told, and nothing else goes wrong"
    assert not Engagement.objects.filter(customer=account).exists(), "no deal stays behind on the account that is gone"
    assert not MatchCase.objects.filter(matched=account).exists()
    assert_history_is_whole()


def test_two_ways_to_make_two_accounts_one_give_one() -> None:
    first, second = customer("Tailspin Toys Pvt. Ltd."), customer("Tailspin Toys (India) Private Limited")
    new_deal(customer=first)
    new_deal(customer=second)
    erik = who("erik")
    results = at_once(
        *[lambda: actions.merge_accounts(erik, first.pk, second.pk)] * 3,
        *[lambda: actions.merge_accounts(erik, second.pk, first.pk)] * 3,
    )
    assert results.count(DONE) == 1
    assert CustomerAccount.objects.filter(pk__in=[first.pk, second.pk], merged_into=None).count() == 1
    assert Engagement.objects.values("customer").distinct().count() == 1
    assert_history_is_whole()
