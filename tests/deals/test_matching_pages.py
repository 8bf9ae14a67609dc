"""The pages of account matching: who sees what; queue, case and dialogs; the deal page; mails (product.md §4)."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import CustomerAccount
from cosell.events import letters
from cosell.events.models import Delivery
from deals import actions, matching, tasks
from deals.enums import Help
from deals.models import Deal, MatchCase
from tests.cast import LAKEHOUSE, accept, client_for, customer, fresh, new_deal, side_of, solutions, who
from tests.deals.matching import case_of, side_of_creator, typed, waiting
from tests.deals.test_matching import FABRIKAM, FRIDAY, match

NOOR = "noor.haddad@microsoft.example"
NOBODY_ELSE = ["ana", "rui", "vera", "priya", "mia", "lee", "beatriz"]


def queue(client: Client, tab: str = "waiting", **params: str) -> Any:
    return client.get(reverse("deals:matching", args=[tab]), params)


def listed(client: Client, tab: str = "waiting", **params: str) -> list[MatchCase]:
    return [row.case for row in queue(client, tab, **params).context["rows"]]


def url_of(case: MatchCase, decision: str = "", query: str = "") -> str:
    if not decision:
        return reverse("deals:match_case", args=[case.uid])
    return reverse("deals:match_decide", args=[case.uid, decision]) + query


def with_account(name: str = FABRIKAM) -> str:
    return f"?account={customer(name).uid}"


# who sees it


@pytest.mark.parametrize("name", NOBODY_ELSE)
def test_the_queue_is_for_reviewers_of_the_host(name: str) -> None:
    case = waiting(typed("Secret Bakery"))
    client = client_for(name)
    assert [queue(client, tab.slug).status_code for tab in matching.TABS] == [403] * 3
    assert client.get(url_of(case)).status_code == 404
    for decision in ("match", "no-match", "ask", "undo"):
        assert client.get(url_of(case, decision)).status_code == 404
        assert client.post(url_of(case, decision)).status_code == 404
    assert client.get(reverse("deals:merge_accounts")).status_code == 403
    assert "/matching/" not in client.get(reverse("deals:list", args=["inbound"])).content.decode()


@pytest.mark.parametrize("name", ["noor", "erik"])
def test_a_private_deal_is_in_no_list_until_it_is_shared(name: str) -> None:
    account = typed("Secret Bakery")
    deal, client = new_deal(customer=account, name="Secret plan"), client_for(name)
    other = waiting(account)
    match(other)  # takes the private one along
    private = case_of(deal)
    for tab in ("waiting", "asked", "decided"):
        page = queue(client, tab)
        assert private not in [row.case for row in page.context["rows"]]
        assert "Secret plan" not in page.content.decode()
    assert queue(client).context["counts"] == {"waiting": 0, "asked": 0, "decided": 1}
    assert client.get(url_of(private)).status_code == 404
    page = client.get(url_of(other)).content.decode()
    assert "Secret plan" not in page
    assert deal.engagement.reference not in page
    actions.undo_match(who("noor"), other.pk, note="Not the same.")
    assert listed(client) == [other]
    actions.share_deal(who("ana"), deal.pk)
    assert listed(client) == [other, case_of(deal)], "oldest first"


def test_what_another_partner_typed_and_its_notes_reach_no_reviewer_page() -> None:
    case = waiting(typed(), notes="CANARY-NOTE", crm_id="CANARY-CRM", campaign_id="CANARY-CAMPAIGN", asks=Help.POC)
    client = client_for("noor")
    for url in (url_of(case), url_of(case, "match", with_account()), reverse("deals:matching", args=["waiting"])):
        page = client.get(url).content.decode()
        assert "CANARY" not in page
        assert "carla@customer.example" not in page, "the contact is for who accepted"


# the queue


def test_oldest_first_with_what_decides() -> None:
    with time_machine.travel(FRIDAY, tick=False):
        first = waiting(typed("Fabrikam Seguros", domain="fabrikam.example"), asks=Help.POC)
        second = waiting(typed("Nobody Knows This One"))
        tasks.match_due()
    client = client_for("noor")
    with time_machine.travel(FRIDAY + timedelta(days=3), tick=False):
        page = queue(client)
        assert [row.case for row in page.context["rows"]] == [first, second]
        assert [row.working_days for row in page.context["rows"]] == [1, 1], "Friday to Monday"
        words = re.sub(r"\s+", " ", page.content.decode())
        for said in ("almost certain", "same domain", "Fabrikam Seguros S.A.", "no similar account", "held", "9 Jun"):
            assert said in words, said
        assert "Rui" not in words
        assert "Ana Souza" in words


def test_what_came_to_nothing_waits_for_nobody() -> None:
    case = waiting(typed())
    actions.lose_deal(who("ana"), side_of_creator(case).pk, reason="budget")
    assert listed(client_for("noor")) == []
    actions.undo(who("ana"), side_of_creator(case).pk)
    assert listed(client_for("noor")) == [case]


def test_tabs_count_and_page_by_key() -> None:
    account = typed()
    cases = [waiting(account) for _ in range(27)]
    actions.ask_partner(who("noor"), cases[0].pk, "Who?")
    client = client_for("noor")
    page = queue(client)
    assert page.context["counts"] == {"waiting": 26, "asked": 1, "decided": 0}
    shown = [row.case for row in page.context["rows"]]
    assert shown == cases[1:26]
    rest = client.get(page.context["after_url"])
    assert [row.case for row in rest.context["rows"]] == cases[26:]
    assert [row.case for row in client.get(rest.context["before_url"]).context["rows"]] == shown
    match(cases[5])
    assert len(listed(client, "decided")) == 25


def test_as_many_questions_for_25_rows_as_for_one(django_assert_num_queries: Any) -> None:
    client, counts = client_for("noor"), {}
    for rows, tab in ((1, "waiting"), (3, "waiting"), (25, "waiting")):
        while MatchCase.objects.count() < rows:
            waiting(typed(f"Typed {MatchCase.objects.count()}", domain="fabrikam.example"))
        tasks.match_due()
        queue(client, tab)
        with django_assert_num_queries(11, exact=False) as asked:
            assert len(listed(client, tab)) == rows
        counts[rows] = len(asked)
    assert len(set(counts.values())) == 1, counts


@pytest.mark.parametrize(
    ("tab", "words"), [("waiting", "No case is waiting"), ("asked", "No question"), ("decided", "Nothing")]
)
def test_an_empty_list_teaches(tab: str, words: str) -> None:
    assert words in queue(client_for("noor"), tab).content.decode()
    assert queue(client_for("noor"), "nonsense").status_code == 404


def test_the_navigation_counts_what_waits() -> None:
    waiting(typed())
    page = client_for("noor").get(reverse("deals:list", args=["inbound"])).content.decode()
    assert re.search(r'Account matching</span><span class="count">1</span>', page)


# the case, step by step


def test_decide_and_go_on_with_the_next() -> None:
    first, second, third = waiting(typed("Fabrikam Seguros")), waiting(typed("Two")), waiting(typed("Three"))
    noor = client_for("noor")
    page = noor.get(url_of(first))
    assert FABRIKAM in [each["account"].name for each in page.context["candidates"]]
    assert page.context["following"] == second
    dialog = noor.get(url_of(first, "match", with_account()))
    assert dialog.status_code == 200
    assert "every deal of Contoso Data" in dialog.content.decode()
    answer = noor.post(url_of(first, "match", with_account()), {"note": ""})
    assert (answer.status_code, answer["Location"]) == (302, url_of(second))
    lacking = noor.post(url_of(second, "no-match"), {"note": "I looked everywhere."})
    assert lacking.status_code == 422
    assert "I looked everywhere." in lacking.content.decode()
    answer = noor.post(url_of(second, "no-match"), {"reason": "unclear", "note": "I looked everywhere."})
    assert answer["Location"] == url_of(third)
    answer = noor.post(url_of(third, "ask"), {"note": "Which domain?"})
    assert answer["Location"] == reverse("deals:matching", args=["waiting"]), "nothing waits any more"
    states = list(MatchCase.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["matched", "no_match", "asked"]
    undone = noor.post(url_of(first, "undo"), {"note": "Not the same."})
    assert undone["Location"] == url_of(first)
    assert listed(noor) == [first]


@pytest.mark.parametrize("account", ["", "nonsense", "00000000-0000-0000-0000-000000000000"])
def test_a_match_with_nothing_is_not_found(account: str) -> None:
    case = waiting(typed())
    assert client_for("noor").post(url_of(case, "match", f"?account={account}")).status_code == 404
    mine = f"?account={case.typed.uid}"
    assert client_for("noor").post(url_of(case, "match", mine)).status_code == 404, (
        "a typed account is none of the lists"
    )


def test_looking_for_others_finds_them_by_name_and_by_id() -> None:
    case, noor = waiting(typed("Something Else")), client_for("noor")
    for params in ({"name": "wide world imp"}, {"account_id": "100000349"}):
        found = noor.get(url_of(case), params).context["found"]
        assert "Wide World Importers" in [each["account"].name for each in found]
    assert noor.get(url_of(case), {"name": "Padaria"}).context["found"] == [], "nobody's typed account"
    assert noor.get(url_of(case)).context["found"] is None


def test_ask_and_answer_through_the_pages() -> None:
    case, deal = (c := waiting(typed("Coho Wines", country="US"))), side_of_creator(c)
    noor, ana, page = client_for("noor"), client_for("ana"), reverse("deals:detail", args=[deal.uid])
    noor.post(url_of(case, "ask"), {"note": "Which domain?"})
    assert "Which domain?" in ana.get(page).content.decode()
    assert client_for("vera").get(page).context["answer_form"] is None
    url = reverse("deals:match_answer", args=[deal.uid])
    wrong = ana.post(url, {"answer": "This one.", "duns": "12"})
    assert wrong.status_code == 422
    assert "This one." in wrong.content.decode(), "nothing typed is lost"
    assert ana.post(url, {"answer": "This one.", "domain": "CohoWinery.example"}).status_code == 302
    shown = noor.get(url_of(case))
    assert shown.context["corrected"]["domain"] == "cohowinery.example"
    assert shown.context["candidates"][0]["account"].name == "Coho Vineyard & Winery"
    assert "This one." in shown.content.decode()
    late = ana.post(url, {"answer": "And another thing."})
    assert late.status_code == 409
    assert "And another thing." in late.content.decode()
    assert client_for("priya").post(url, {"answer": "x"}).status_code == 404
    assert client_for("vera").post(url, {"answer": "x"}).status_code == 403


def test_two_accounts_become_one_through_the_pages() -> None:
    case, noor = waiting(typed("A Datum")), client_for("noor")
    west, main = customer("A. Datum Corp. West"), customer("A. Datum Corporation")
    url = reverse("deals:merge_accounts") + f"?same={west.uid}&same={main.uid}&case={case.uid}"
    assert noor.get(url).status_code == 200
    answer = noor.post(url, {"stays": str(main.uid), "note": ""})
    assert (answer.status_code, answer["Location"]) == (302, url_of(case))
    assert CustomerAccount.objects.get(pk=west.pk).merged_into == main
    assert noor.get(url)["Location"] == url_of(case), "one of them is gone"
    worse = customer("Usina Rio Claro Ltda.")
    url = reverse("deals:merge_accounts") + f"?same={worse.uid}&same={main.uid}"
    assert noor.post(url, {"stays": str(worse.uid)}).status_code == 422
    assert noor.get(reverse("deals:merge_accounts")).status_code == 302


# the deal page


def test_the_deal_page_shows_the_customer_then_and_now() -> None:
    case = waiting(typed(), asks=Help.POC, solutions=solutions(LAKEHOUSE))
    deal, ana = side_of_creator(case), client_for("ana")
    url = reverse("deals:detail", args=[deal.uid])
    page = ana.get(url)
    assert page.context["present_category"] == ""
    assert "Customer managed by Microsoft: not yet" in page.content.decode()
    match(case, note="Same building.")
    page = ana.get(url)
    assert (page.context["category"], page.context["present_category"]) == ("Entered by hand", "Microsoft Managed")
    words = page.content.decode()
    for said in ("Customer managed by Microsoft: met", "Account matched", "Fabrikam Seguro SA", "Same building."):
        assert said in words, said
    CustomerAccount.objects.filter(name=FABRIKAM).update(category="unmanaged")
    assert ana.get(url).context["present_category"] == "Microsoft Unmanaged"


def test_other_sides_read_the_match_and_not_the_question() -> None:
    case = waiting(typed(), asks=Help.POC, invites=["Northlake Services"])
    side = accept("priya", side_of(side_of_creator(case), "Northlake Services"))
    actions.ask_partner(who("noor"), case.pk, "CANARY-QUESTION")
    actions.answer_question(who("ana"), case.pk, "CANARY-ANSWER", name="CANARY-NAME")
    match(case, note="Same building.")
    page = client_for("priya").get(reverse("deals:detail", args=[side.uid])).content.decode()
    assert "CANARY" not in page
    assert "Same building." in page
    own = reverse("deals:detail", args=[side_of_creator(case).uid])
    assert "CANARY-ANSWER" in client_for("ana").get(own).content.decode()


def test_an_automatic_match_says_so_in_mail_timeline_and_list() -> None:
    case = waiting(typed(duns="890000114"))
    tasks.match_due()
    deal = fresh(side_of_creator(case))
    mail = letters.mail(Delivery.objects.filter(message="account_matched", channel="mail").latest("pk"))
    assert "by itself" in str(mail.body)
    page = client_for("ana").get(reverse("deals:detail", args=[deal.uid])).content.decode()
    assert "Account matched automatically: same D-U-N-S" in page
    assert "Not the same: undo" in queue(client_for("noor"), "decided").content.decode()
    assert client_for("noor").post(url_of(case, "undo"), {"note": "No."}).status_code == 302
    assert Deal.objects.get(pk=deal.pk).engagement.customer == case.typed
