"""The customer step: the two ways to search, the business directory, and what is entered by hand."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.directory import DirectoryEntry, token
from accounts.enums import CustomerCategory as Category
from accounts.models import CustomerAccount, Organization
from cosell import clock
from deals.models import Draft
from deals.wizard import Wizard
from tests.accounts.directory_server import DirectoryServer, entries, status
from tests.factories import make_customer, make_organization, make_who

pytestmark = pytest.mark.django_db

ENTRY = {
    "directory_id": "77-001",
    "name": "Fabrikam Seguros S.A.",
    "duns": "123456789",
    "domain": "fabrikam-seguros.example",
    "address": "Avenida Paulista 1000",
    "city": "São Paulo",
    "state": "SP",
    "country": "BR",
}
TYPED = {
    "customer": "manual",
    "manual_name": "Fabrikam Seguros",
    "manual_address": "Av. Paulista 1000",
    "manual_city": "São Paulo",
    "manual_country": "BR",
}


class Step:
    """The step's page and its parts, as one person."""

    def __init__(self, client: Client) -> None:
        self.who, now = make_who(), clock.now()
        client.force_login(self.who.user)
        self.client = client
        self.draft = Draft.objects.create(
            organization=self.who.organization, owner=self.who.user, created_at=now, updated_at=now
        )
        self.url = self.page_of("draft", "customer")

    def page_of(self, name: str, *more: str) -> str:
        return reverse(f"deals:{name}", args=[self.draft.uid, *more])

    def get(self, part: str = "", /, **asked: str) -> BeautifulSoup:
        answer = self.client.get(self.page_of(f"draft_{part}") if part else self.url, asked)
        assert answer.status_code == 200
        return BeautifulSoup(answer.content, "html.parser")

    def send(self, go: str = "next", **typed: str) -> HttpResponse:
        self.draft.refresh_from_db()
        return self.client.post(self.url, {"version": self.draft.version, "go": go, **typed})

    @property
    def answers(self) -> dict[str, list[str]]:
        self.draft.refresh_from_db()
        return dict(self.draft.answers["customer"])

    @property
    def is_complete(self) -> bool:
        self.draft.refresh_from_db()
        wizard = Wizard(self.draft, self.who, Organization.objects.host())
        return wizard.steps[0].is_complete(wizard)


@pytest.fixture
def step(client: Client) -> Step:
    CustomerAccount.objects.all().delete()  # those of the cast would be found, too
    return Step(client)


@pytest.fixture
def directory(settings: Any) -> Iterator[DirectoryServer]:
    cache.clear()
    server = DirectoryServer()
    with server.opened():
        settings.COSELL_DIRECTORY_URL, settings.COSELL_DIRECTORY_TIMEOUT = server.url, 2.0
        yield server
    cache.clear()


def words(soup: Any) -> str:
    soup = BeautifulSoup(soup.content, "html.parser") if isinstance(soup, HttpResponse) else soup
    return " ".join(soup.get_text(" ").split())


def radios(soup: BeautifulSoup) -> list[str]:
    return [radio["value"] for radio in soup.select("input[type=radio][name=customer]")]


# two ways to search


def test_the_page_keeps_the_way_and_everything_typed(step: Step) -> None:
    account = make_customer(name="Trey Research", duns="150483782")
    typed = {"by": "id", "account_id": "150483782", "name": "woodgrove", "state": "TX", "here": "on"}
    answer = step.send("search", **typed)
    soup = BeautifulSoup(answer.content, "html.parser")
    assert answer.status_code == 200
    assert radios(soup) == [str(account.uid), "manual"]
    assert soup.select_one("[name=by][value=id]").has_attr("checked")
    soup = step.get()
    assert soup.select_one("[name=name]")["value"] == "woodgrove"
    assert soup.select_one("[name=state]")["value"] == "TX"
    assert soup.select_one("[name=here]").has_attr("checked")


def test_the_open_tab_is_no_answer(step: Step) -> None:
    make_customer(name="Woodgrove Bank")
    step.send("search", name="woodgrove", tab="managed")
    assert "tab" not in step.answers


# the business directory


def test_without_one_nobody_is_asked(step: Step) -> None:
    soup = step.get("customers", name="fabrikam", more="1", go="search")
    assert soup.select_one("#customers-directory") is None
    assert "and the business directory" not in words(step.get("customers", name="fabrikam", go="search"))


def test_it_is_asked_on_its_own_and_only_by_search_more(step: Step, directory: DirectoryServer) -> None:
    directory.behave = entries(ENTRY)
    near = step.get("customers", name="fabrikam", country="BR", go="search")
    assert near.select_one("#customers-directory") is None
    wide = step.get("customers", name="fabrikam", country="BR", more="1", go="search")
    [part] = wide.select("#customers-directory")
    assert directory.asked == []
    assert part["hx-trigger"] == "load"
    soup = BeautifulSoup(step.client.get(part["hx-get"]).content, "html.parser")
    assert [(each["name"], each["country"]) for each in directory.asked] == [("fabrikam", "BR")]
    [row] = soup.select("tr")
    for said in ("Fabrikam Seguros S.A.", "Avenida Paulista 1000", "São Paulo, SP", "From the business directory"):
        assert said in words(row)
    assert [mark.text for mark in soup.select("mark")] == ["Fabrikam"]


def test_a_number_or_a_domain_is_asked_for(step: Step, directory: DirectoryServer) -> None:
    step.get("directory", by="id", account_id="12-345-6789", name="not this")
    step.get("directory", by="id", account_id="https://ana@www.fabrikam.example/about", tab="other")
    step.get("directory", by="id", account_id="6-000042CS")
    assert [(each["name"], each["duns"], each["domain"]) for each in directory.asked] == [
        ("", "123456789", ""),
        ("", "", "fabrikam.example"),
    ]


def test_another_tab_says_how_many_there_are(step: Step, directory: DirectoryServer) -> None:
    make_customer(name="Fabrikam Holding")
    directory.behave = entries(ENTRY)
    soup = step.get("directory", name="fabrikam", tab="managed")
    assert "1 more in the business directory, under Other" in words(soup)
    assert not radios(soup)


def test_what_we_have_is_not_shown_twice(step: Step, directory: DirectoryServer) -> None:
    found = make_customer(name="Fabrikam Seguros", category=Category.OTHER, duns="123456789")
    other = make_customer(name="Something Else", category=Category.MANAGED, duns="987654321")
    directory.behave = entries(
        ENTRY, {**ENTRY, "directory_id": "2", "duns": "987654321"}, {**ENTRY, "directory_id": "3", "duns": ""}
    )
    soup = step.get("directory", name="fabrikam", tab="other")
    listed = radios(soup)
    assert str(found.uid) not in listed  # stands in the list above
    assert listed[0] == str(other.uid)  # our account, in the place of the entry
    assert [value.startswith("directory:") for value in listed[1:]] == [True]


@pytest.mark.parametrize("federal", [False, True])
def test_a_chosen_entry_becomes_an_account(step: Step, federal: bool) -> None:
    value = token(DirectoryEntry.read({**ENTRY, "federal": federal}))
    answer = step.send(name="fabrikam", customer=value)
    assert answer.status_code == 302
    account = CustomerAccount.objects.get(duns="123456789")
    assert (account.category, account.federal, account.name) == (Category.OTHER, federal, ENTRY["name"])
    assert step.answers["customer"] == [str(account.uid)]
    step.send("search", customer=token(DirectoryEntry.read(ENTRY)))
    assert CustomerAccount.objects.count() == 1
    assert str(account.uid) in radios(step.get())


def test_looking_stores_nothing_and_a_forged_entry_is_nobody(step: Step, directory: DirectoryServer) -> None:
    directory.behave = entries(ENTRY)
    [value] = radios(step.get("directory", name="fabrikam", tab="other"))
    step.get("customers", name="fabrikam", customer=value)
    answer = step.send(customer=value[:-3] + "abc")
    assert answer.status_code == 422
    assert "Choose a customer from the list" in words(answer)
    assert not CustomerAccount.objects.exists()


def test_in_a_draft_saved_elsewhere_a_chosen_entry_is_still_chosen_and_not_stored(step: Step) -> None:
    value = token(DirectoryEntry.read(ENTRY))
    answer = step.client.post(step.url, {"version": "99", "go": "next", "customer": value})
    assert answer.status_code == 409
    soup = BeautifulSoup(answer.content, "html.parser")
    assert soup.select_one(f'[value="{value}"]').has_attr("checked")
    assert not CustomerAccount.objects.exists()


def test_a_problem_is_said_with_a_way_on(step: Step, directory: DirectoryServer) -> None:
    directory.behave = status(503)
    soup = step.get("directory", name="fabrikam", tab="other")
    assert "by hand" in words(soup)
    [again] = soup.select("a")
    assert words(again) == "Try again"
    assert again["hx-get"].startswith(step.page_of("draft_directory"))
    cache.clear()
    directory.behave = entries(ENTRY)
    assert radios(BeautifulSoup(step.client.get(again["hx-get"]).content, "html.parser"))


def test_without_javascript_a_link_asks(step: Step, directory: DirectoryServer) -> None:
    directory.behave = entries(ENTRY)
    step.send("search", name="fabrikam")
    soup = step.get(more="1")
    [link] = [link for link in soup.select("a") if words(link) == "Ask the business directory"]
    assert directory.asked == []
    soup = BeautifulSoup(step.client.get(step.url + link["href"]).content, "html.parser")
    assert radios(soup)[0].startswith("directory:")


# by hand


def test_what_looks_like_a_known_customer_needs_one_confirmation(step: Step) -> None:
    known = make_customer(name="Fabrikam Seguros S.A.", country="BR", city="São Paulo", category=Category.MANAGED)
    answer = step.send(**TYPED)
    assert answer.status_code == 422
    assert "This looks like a customer that is known already" in words(answer)
    soup = BeautifulSoup(answer.content, "html.parser")
    assert radios(soup.select_one("#customer-near")) == [str(known.uid)]
    [tick] = soup.select("[name=keep_typed]")
    assert not tick.has_attr("checked")
    assert soup.select_one("[name=manual_address]")["value"] == TYPED["manual_address"]  # nothing typed is lost

    kept = {**TYPED, "keep_typed": tick["value"]}
    assert step.send(**kept).status_code == 302
    assert step.is_complete
    assert step.get().select_one("[name=keep_typed]").has_attr("checked")
    assert step.send(**{**kept, "manual_name": "FABRIKAM, Seguros Ltda."}).status_code == 302  # the same name
    again = step.send(**{**kept, "manual_name": "Fabrikam Seguro"})
    assert again.status_code == 422  # another name is another question
    assert not BeautifulSoup(again.content, "html.parser").select_one("[name=keep_typed]").has_attr("checked")
    assert not step.is_complete


def test_the_known_one_can_be_taken_instead(step: Step) -> None:
    known = make_customer(name="Fabrikam Seguros S.A.", country="BR")
    step.send(**TYPED)
    assert step.send(**{**TYPED, "customer": str(known.uid)}).status_code == 302
    assert step.answers["customer"] == [str(known.uid)]


@pytest.mark.parametrize(
    ("known", "typed", "warned"),
    [
        ({"country": "BR"}, {}, True),
        ({"country": "PT"}, {}, False),
        ({"country": "PT", "duns": "123456789"}, {"manual_duns": "12-345-6789"}, True),
        ({"name": "Other", "country": "PT", "duns": "123456789"}, {"manual_duns": "123456789"}, True),
        ({"name": "Other", "country": "PT", "domain": "fab.example"}, {"manual_domain": "Fab.example"}, True),
        ({"name": "Trey Research", "country": "BR"}, {}, False),
        ({"name": "Fabricam Seguros", "country": "BR"}, {}, True),
        ({"country": "BR", "category": Category.OTHER, "federal": True}, {}, True),
        ({"country": "BR", "category": Category.MANAGED, "federal": True}, {}, False),  # nobody may choose it
        ({"country": "BR", "category": Category.MANUAL}, {}, True),
        ({"name": "Other", "country": "PT", "category": Category.MANUAL, "duns": "123456789"},
         {"manual_duns": "123456789"}, True),
    ],
)  # fmt: skip
def test_what_looks_alike(step: Step, known: dict[str, Any], typed: dict[str, str], warned: bool) -> None:
    by = {"entered_by": step.who.organization} if known.get("category") == Category.MANUAL else {}
    account = make_customer(**{"name": "Fabrikam Seguros S.A.", "city": "Recife", **known, **by})
    shown = radios(step.get("near", **{**TYPED, **typed}))
    assert shown == ([str(account.uid)] if warned else [])
    assert step.send(**{**TYPED, **typed}).status_code == (422 if warned else 302)


def test_what_another_company_typed_is_its_own(step: Step) -> None:
    make_customer(name="Fabrikam Seguros", country="BR", category=Category.MANUAL, entered_by=make_organization())
    assert radios(step.get("near", **TYPED)) == []


@pytest.mark.parametrize("typed", [{}, {"manual_name": "!!!", "manual_country": "BR"}, {"manual_name": "x" * 5000}])
def test_near_answers_whatever_is_typed(step: Step, typed: dict[str, str]) -> None:
    make_customer(name="Fabrikam Seguros", country="BR")
    assert radios(step.get("near", **typed)) == []


def test_a_name_typed_by_hand_is_a_choice(step: Step) -> None:
    typed = {**TYPED, "customer": ""}
    assert step.send(**typed).status_code == 302
    answer = step.send(**{**typed, "manual_address": ""})
    assert answer.status_code == 422
    assert BeautifulSoup(answer.content, "html.parser").select_one("[value=manual]").has_attr("checked")


# partners


@pytest.mark.parametrize("query", ["northlake", "northlke", "NORTHLAKE serv"])
def test_partners_are_found_while_typing(step: Step, query: str) -> None:
    url = step.page_of("draft", "partners") + f"?q={quote(query)}"
    answer = step.client.get(url, headers={"HX-Request": "true", "HX-Target": "partners-found"})
    assert b"<html" not in answer.content
    soup = BeautifulSoup(answer.content, "html.parser")
    assert soup.select_one("#partners-found")
    assert [name.text for name in soup.select("bdi")] == ["Northlake Services"]
    page = BeautifulSoup(step.client.get(url).content, "html.parser")
    assert page.select_one("#partners-found") == soup.select_one("#partners-found")  # the page says the same
