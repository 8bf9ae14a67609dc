"""The list of accounts on the page: what each row says."""

import uuid
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from accounts.enums import CustomerCategory as Category
from accounts.models import CustomerAccount, Organization
from accounts.who import Who
from cosell import clock
from deals.models import Draft
from tests.factories import make_customer, make_who

pytestmark = pytest.mark.django_db


class Search:
    """The page's own search, as one person."""

    def __init__(self, client: Client, who: Who) -> None:
        client.force_login(who.user)
        now = clock.now()
        draft = Draft.objects.create(organization=who.organization, owner=who.user, created_at=now, updated_at=now)
        self.client, self.who, self.url = client, who, reverse("deals:draft_customers", args=[draft.uid])

    def __call__(self, **asked: Any) -> BeautifulSoup:
        """As by the button."""
        return self.typing(go="search", **asked)

    def typing(self, **asked: Any) -> BeautifulSoup:
        answer = self.client.get(self.url, asked)
        assert answer.status_code == 200
        return BeautifulSoup(answer.content, "html.parser")


@pytest.fixture
def search(client: Client, host: Organization) -> Search:
    return Search(client, make_who())


def words(soup: Any) -> str:
    return " ".join(soup.get_text(" ").split())


def radios(soup: BeautifulSoup) -> dict[str, bool]:
    return {radio["value"]: radio.has_attr("checked") for radio in soup.select("input[type=radio][name=customer]")}


def test_a_row_says_everything(search: Search) -> None:
    customer = make_customer(
        name="Woodgrove <b>", address="1 Bank St", city="Lisboa", state="LX", country="PT", macc=True,
        former_names=["Banco Velho"],
    )  # fmt: skip
    soup = search(name="banco velho")
    [row] = soup.select("tbody tr")
    for said in (
        "Woodgrove <b>",
        "former name “Banco Velho”",
        "1 Bank St",
        "Lisboa , LX , Portugal",
        "Fabrikam Cloud Managed",
        "MACC agreement",
        "Can be registered when the other criteria are met.",
    ):
        assert said.replace(" ,", ",") in words(row).replace(" ,", ",")
    assert radios(soup) == {str(customer.uid): False}


@pytest.mark.parametrize(
    ("category", "said"),
    [
        (Category.UNMANAGED, "Not managed by Fabrikam Cloud: the deal cannot be registered."),
        (Category.OTHER, "Fabrikam Cloud matches the account first"),
        (Category.MANUAL, "Entered by hand"),
    ],
)
def test_what_the_choice_means(search: Search, category: Category, said: str) -> None:
    by = {"entered_by": search.who.organization} if category == Category.MANUAL else {}
    make_customer(name="Woodgrove", category=category, federal=category == Category.OTHER, **by)
    soup = search(name="woodgrove")
    assert said in words(soup)
    assert ("Federal" in words(soup)) == (category == Category.OTHER)


def test_linked_accounts_can_be_chosen(search: Search) -> None:
    group = uuid.uuid4()
    first = make_customer(name="Tailspin Toys", linked_group=group)
    second = make_customer(name="Tailspin Toys (India) Private Limited", linked_group=group)
    soup = search(name="tailspin toys", customer=str(second.uid))
    assert "Show linked account (1)" in words(soup)
    assert soup.select_one("details").has_attr("open")
    assert radios(soup) == {str(first.uid): False, str(second.uid): True}


def test_tabs(search: Search) -> None:
    make_customer(name="Woodgrove Bank")
    other = make_customer(name="Woodgrove Insurance", category=Category.OTHER)
    soup = search(name="woodgrove", tab="other")
    assert [words(tab) for tab in soup.select(".tabs a")] == [
        "Fabrikam Cloud Managed 1",
        "Fabrikam Cloud Unmanaged 0",
        "Other 1",
    ]
    assert [tab.has_attr("hx-get") for tab in soup.select(".tabs a")] == [True, False, True]
    assert list(radios(soup)) == [str(other.uid)]


def test_the_choice_stays_where_the_list_does_not_show_it(search: Search) -> None:
    chosen, other = make_customer(name="Woodgrove Bank", city="Lisboa"), make_customer(name="Trey Research")
    soup = search(name="trey", customer=str(chosen.uid))
    assert radios(soup) == {str(chosen.uid): True, str(other.uid): False}
    assert radios(search(name="nobody", customer=str(chosen.uid))) == {str(chosen.uid): True}
    assert radios(search(name="trey", customer=str(other.uid))) == {str(other.uid): True}


def test_nothing_found_gives_tips_then_search_more_then_by_hand(search: Search) -> None:
    make_customer(name="Consolidated Messenger", country="CA")
    near = search(name="consolidated messenger", country="BR")
    assert "Check the spelling" in words(near)
    [more] = [link for link in near.select("a") if words(link) == "Search more"]
    assert "more=1" in more["hx-get"]
    assert "by hand" not in words(near)
    wide = search(name="consolidated messenger", country="BR", more="1")
    assert "Consolidated Messenger" in words(wide)
    assert "by hand" in words(wide)
    assert "Search more" not in words(wide)


def test_a_count_is_exact_to_a_hundred(search: Search) -> None:
    for number in range(101):
        make_customer(name=f"Woodgrove {number}")
    assert "Fabrikam Cloud Managed 100+" in words(search(name="woodgrove"))
    CustomerAccount.objects.filter(name="Woodgrove 100").delete()
    assert "Fabrikam Cloud Managed 100 " in words(search(name="woodgrove"))


def test_what_was_typed_is_marked(search: Search) -> None:
    make_customer(name="Société <Énergie> Straße")
    soup = search(name="societ energ strass")
    assert [mark.text for mark in soup.select("mark")] == ["Sociét", "Énerg", "Straße"]
    assert soup.select_one("bdi.name").text == "Société <Énergie> Straße"


def test_state_and_city_rank_and_narrow_only_when_asked(search: Search) -> None:
    here = make_customer(name="Woodgrove Bank", state="WA", city="Seattle")
    there = make_customer(name="Woodgrove Bank", state="TX", city="Austin")
    asked = {"name": "woodgrove bank", "state": "TX", "city": "Austin"}
    assert list(radios(search(**asked))) == [str(there.uid), str(here.uid)]
    assert list(radios(search(**asked, here="on"))) == [str(there.uid)]


def test_by_id_asks_for_nothing_else(search: Search) -> None:
    make_customer(name="Woodgrove Bank")
    other = make_customer(name="Trey Research", duns="150483782", country="GB")
    asked = {"name": "woodgrove", "country": "US", "account_id": "15-048-3782"}
    assert list(radios(search(by="id", **asked))) == [str(other.uid)]
    assert str(other.uid) not in radios(search(by="name", **asked))
    assert list(radios(search(account_id="150483782"))) == [str(other.uid)]  # without the switch
    assert "No account has exactly this ID" in words(search(by="id", account_id="999999999"))


@pytest.mark.parametrize(
    ("typed", "enough"), [("w", False), ("wo", False), (" w. o ", False), ("woo", True), ("花王", True)]
)
def test_from_the_third_letter(search: Search, typed: str, enough: bool) -> None:
    make_customer(name="Woodgrove Bank")
    typing = search.typing(name=typed)
    assert ("at least three letters" in words(typing)) != enough
    assert bool(radios(typing)) == (typed == "woo")
    if typed == "wo":  # who presses the button means it
        assert radios(search(name=typed))


def test_the_tab_that_was_chosen_stays(search: Search) -> None:
    make_customer(name="Woodgrove Bank")
    make_customer(name="Woodgrove Insurance", category=Category.OTHER)
    assert search(name="woodgrove").select_one("[name=tab]") is None
    soup = search(name="woodgrove", tab="other")
    assert soup.select_one("[name=tab]")["value"] == "other"
    assert "Other" in words(soup.select_one("[aria-current]"))
    assert search(name="woodgrove", tab="nonsense").select_one("[name=tab]") is None


def test_a_long_list_says_that_it_is_cut(search: Search) -> None:
    for number in range(27):
        make_customer(name=f"Woodgrove {number}")
    soup = search(name="woodgrove")
    assert len(radios(soup)) == 25
    assert "The 25 most similar of 27 are shown." in words(soup)


@pytest.mark.parametrize(
    "asked",
    [
        {"name": "woodgrove", "country": "no country", "tab": "no tab", "customer": "no customer"},
        {"name": "x" * 5000},
        {"name": "'\"\\%_.*+?()[]{}|^$"},
        {"name": "\ud7ff\u200f🏦"},
    ],
)
def test_whatever_is_typed_is_answered(search: Search, asked: dict[str, str]) -> None:
    make_customer(name="Woodgrove Bank")
    assert "Woodgrove" not in words(search(**asked))


def test_before_the_first_search(search: Search) -> None:
    soup = search()
    assert not radios(soup)
    assert "Search more" not in words(soup)
