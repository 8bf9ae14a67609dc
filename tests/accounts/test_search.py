"""Finding the customer that a person means (product.md §4)."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import CustomerCategory as Category
from accounts.models import CustomerAccount
from accounts.names import initials_of, name_key, searched
from accounts.search import (
    CustomerResults,
    CustomerRow,
    Described,
    choosable_by,
    chosen_elsewhere,
    find_partners,
    near_accounts,
    search_customers,
)
from accounts.who import Who
from tests.factories import make_customer, make_organization, make_who

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(db: None) -> Who:
    return make_who()


def rows(results: CustomerResults) -> list[CustomerRow]:
    return [row for tab in results.tabs for row in tab.rows]


def names(results: CustomerResults) -> list[str]:
    return [row.account.name for row in rows(results)]


def counts(results: CustomerResults) -> list[int]:
    return [tab.count for tab in results.tabs]


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("Fabrikan Segros", "Fabrikam Seguros S.A."),
        ("fabrikan", "Fabrikam Seguros S.A."),
        ("Adatmu", "A. Datum Corporation"),
        ("sao joao alimentos", "São João Alimentos Ltda."),
        ("SÃO JOÃO", "São João Alimentos Ltda."),
        ("Seguros Fabrikam", "Fabrikam Seguros S.A."),
        ("Fabrikam Seguros S/A", "Fabrikam Seguros S.A."),
        ("Tailspin Toys Private Limited", "Tailspin Toys Pvt. Ltd."),
        ("Proseware AG", "Proseware GmbH & Co. KG"),
        ("City Power and Light", "City Power & Light"),
        ("North Wind Traders", "Northwind Traders Ltd"),
        ("nor", "Northwind Traders Ltd"),
        ("no", "Northwind Traders Ltd"),
        ("traders", "Northwind Traders Ltd"),
        ("Coho Vineyard and Winery Company of Napa", "Coho Vineyard & Winery"),
        ("Relecloud Brasil Serviços de Tecnologia", "Relecloud"),
        ("Libertys bakery", "Liberty's Delightful Sinful Bakery & Cafe"),
        ("Мосэнерго", "ООО Мосэнерго"),
        ("コントソ", "株式会社コントソ"),
        ("النور للتجارة", "شركة النور للتجارة"),
    ],
)
def test_found_in_spite_of(who: Who, typed: str, held: str) -> None:
    make_customer(name="Bellows College")
    make_customer(name="Humongous Insurance")
    make_customer(name=held)
    assert names(search_customers(who, name=typed)) == [held]


@pytest.mark.parametrize("typed", ["Woodgrove Bank", "xq", "Zava", "Graphic Design Institute", "!?", "%", "a|b(", "_"])
def test_strangers_find_nobody(who: Who, typed: str) -> None:
    for name in ("Fabrikam Seguros S.A.", "Northwind Traders Ltd", "Adventure Works Cycles", "Bellows College"):
        make_customer(name=name)
    results = search_customers(who, name=typed)
    assert (results.asked, names(results)) == (True, [])


def test_nothing_typed_is_nothing_asked(who: Who) -> None:
    make_customer()
    results = search_customers(who, name="  ", country="US", city="Seattle")
    assert (results.asked, results.total) == (False, 0)


def test_the_nearest_name_comes_first(who: Who) -> None:
    for name in ("Fabrikam Seguros Nordeste S.A.", "Fabricante Seguro Ltda", "Fabrikam Seguros S.A."):
        make_customer(name=name)
    assert names(search_customers(who, name="fabrikam seguros"))[:2] == [
        "Fabrikam Seguros S.A.",
        "Fabrikam Seguros Nordeste S.A.",
    ]


def test_former_name_and_parent_say_why(who: Who) -> None:
    parent = make_customer(name="Lakeside Holding", country="US")
    make_customer(name="City Power & Light", former_names=["Hillside Electric"])
    make_customer(name="Harbour Water", parent=parent)
    [row] = rows(search_customers(who, name="Hillside Electric Inc."))
    assert (row.account.name, row.why) == ("City Power & Light", "former name “Hillside Electric”")
    found = {row.account.name: row.why for row in rows(search_customers(who, name="Lakeside Holding"))}
    assert found == {"Lakeside Holding": "", "Harbour Water": "parent company “Lakeside Holding”"}
    [row] = rows(search_customers(who, name="Cty Power & Light"))
    assert row.why.startswith("similar name, 9")


def test_a_renamed_parent_is_found_by_its_new_name(who: Who) -> None:
    parent = make_customer(name="Lakeside Holding")
    make_customer(name="Harbour Water", parent=parent)
    parent.name = "Oakwood Group"
    parent.save()
    assert names(search_customers(who, name="Oakwood")) == ["Oakwood Group", "Harbour Water"]
    assert names(search_customers(who, name="Lakeside")) == []


def test_place(who: Who) -> None:
    for country, city in (("PT", "Lisboa"), ("BR", "Recife"), ("BR", "São Paulo")):
        make_customer(name="Woodgrove Bank", country=country, city=city)
    near = search_customers(who, name="woodgrove", country="BR", city="Sao Paulo")
    assert [row.account.city for row in rows(near)] == ["São Paulo", "Recife"]
    wide = search_customers(who, name="woodgrove", country="BR", city="Sao Paulo", wide=True)
    assert [row.account.city for row in rows(wide)] == ["São Paulo", "Recife", "Lisboa"]


def test_search_more_takes_less_similar_names(who: Who) -> None:
    make_customer(name="Woodgrove Bank", country="PT")
    assert names(search_customers(who, name="Woodgrove Insurance", country="PT")) == []
    assert names(search_customers(who, name="Woodgrove Insurance", country="BR", wide=True)) == ["Woodgrove Bank"]


@pytest.mark.parametrize(
    "typed",
    [
        "6-00042cs",
        " 6-00042CS ",
        "15-048-3782",
        "150483782",
        "fabrikam.example",
        "WWW.Fabrikam.example",
        "https://www.fabrikam.example/about?x=1",
        "ana@fabrikam.example",
    ],
)
def test_account_id(who: Who, typed: str) -> None:
    make_customer(name="Fabrikam", account_id="6-00042CS", duns="150483782", domain="Fabrikam.example")
    make_customer(name="Contoso", account_id="6-00043CS")  # no D-U-N-S, no domain
    [row] = rows(search_customers(who, account_id=typed))
    assert (row.account.name, row.why) == ("Fabrikam", "same ID")


@pytest.mark.parametrize("typed", ["-", "@", "www.", "https://", "0"])
def test_an_id_of_nothing_finds_nothing(who: Who, typed: str) -> None:
    make_customer()
    assert search_customers(who, account_id=typed).total == 0


def test_three_tabs(who: Who) -> None:
    for category in (Category.UNMANAGED, Category.OTHER, Category.OTHER):
        make_customer(name="Northwind Traders", category=category)
    results = search_customers(who, name="northwind")
    assert [tab.category for tab in results.tabs] == [Category.MANAGED, Category.UNMANAGED, Category.OTHER]
    assert counts(results) == [0, 1, 2]
    assert results.tab("").category == Category.UNMANAGED  # the first that has rows
    assert results.tab("other").category == Category.OTHER
    assert results.tab("managed").category == Category.UNMANAGED


def test_linked_accounts_are_one_row(who: Who) -> None:
    group = uuid.uuid4()
    make_customer(name="Tailspin Toys Pvt. Ltd.", linked_group=group)
    make_customer(name="Tailspin Toys (India) Private Limited", linked_group=group)
    make_customer(name="Winged Games", linked_group=group)  # the same customer under a name that nobody typed
    make_customer(name="Tailspin Toys Outlet", linked_group=group, category=Category.UNMANAGED)
    results = search_customers(who, name="Tailspin Toys")
    assert counts(results) == [1, 1, 0]
    row = results.tabs[0].rows[0]
    assert row.account.name == "Tailspin Toys Pvt. Ltd."
    assert {account.name for account in row.linked} == {"Tailspin Toys (India) Private Limited", "Winged Games"}


def test_federal_accounts_come_from_the_directory_only(who: Who) -> None:
    make_customer(name="Federal Weather Bureau", federal=True)
    other = make_customer(name="Federal Weather Bureau", federal=True, category=Category.OTHER, account_id=None)
    results = search_customers(who, name="Federal Weather Bureau")
    assert counts(results) == [0, 0, 1]
    assert results.tabs[2].rows[0].account == other


def test_a_typed_customer_is_seen_by_its_organization_only(who: Who) -> None:
    make_customer(
        name="Padaria Três Irmãos", category=Category.MANUAL, entered_by=who.organization, domain="tres.example"
    )
    stranger = make_who(organization=make_organization())
    colleague = make_who(organization=who.organization)
    assert counts(search_customers(colleague, name="padaria tres irmaos")) == [0, 0, 1]
    for asked in ({"name": "padaria tres irmaos"}, {"name": "padaria", "wide": True}, {"account_id": "tres.example"}):
        assert search_customers(stranger, **asked).total == 0
    assert not choosable_by(stranger).exists()


def test_a_choice_survives_another_search(who: Who) -> None:
    chosen, other = make_customer(name="Woodgrove Bank"), make_customer(name="Trey Research")
    tab = search_customers(who, name="Trey").tab("")
    assert chosen_elsewhere(who, str(chosen.uid), tab) == chosen
    assert chosen_elsewhere(who, str(other.uid), tab) is None
    assert chosen_elsewhere(who, "manual", tab) is None
    assert chosen_elsewhere(who, "", tab) is None
    manual = make_customer(name="Theirs", category=Category.MANUAL, entered_by=make_organization())
    assert chosen_elsewhere(who, str(manual.uid), tab) is None


@pytest.mark.parametrize(("linked", "children"), [(0, 0), (12, 8)])
def test_questions_to_the_database_do_not_grow(
    who: Who, django_assert_num_queries: object, linked: int, children: int
) -> None:
    group = uuid.uuid4()
    parent = make_customer(name="Fabrikam Holding", linked_group=group)
    CustomerAccount.objects.bulk_create(
        CustomerAccount(
            name=f"Fabrikam {n}", category="managed", country="US",
            linked_group=group if n < linked else None, parent=parent,
            **searched(f"Fabrikam {n}", ["Fabrikam Holding"], category="managed", country="US")._asdict(),
        )
        for n in range(linked + children)
    )  # fmt: skip
    # savepoint and its release, settings, words, candidates, what is shown, linked entries
    with django_assert_num_queries(7):
        assert search_customers(who, name="Fabrikam").tab("").rows


def test_indexes_answer(who: Who) -> None:
    CustomerAccount.objects.bulk_create(
        CustomerAccount(
            name=f"Woodgrove {n} Bank", category=Category.UNMANAGED, country="PT" if n % 2 else "BR",
            **searched(f"Woodgrove {n} Bank", [], category="unmanaged", country="PT" if n % 2 else "BR")._asdict(),
        )
        for n in range(3000)
    )  # fmt: skip
    make_customer(name="Zava Retail", country="PT")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_customeraccount")
        for typed in ("zava", "Zava Retail Brasil", "wo", "Zvaa Retail"):
            for country in ("", "PT"):
                with CaptureQueriesContext(connection) as asked:
                    search_customers(who, name=typed, country=country)
                questions = [q["sql"] for q in asked if "UNION ALL" in q["sql"] and "customeraccount" in q["sql"]]
                assert questions
                for sql in questions:
                    cursor.execute(f"EXPLAIN {sql}")  # the settings of the search still hold in this transaction
                    plan = "\n".join(line for (line,) in cursor.fetchall())
                    assert "Seq Scan on accounts_customeraccount" not in plan
                    assert "customer_words" in plan or "customer_name" in plan


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Fabrikam Seguros S/A", "fabrikam seguros"),
        ("Proseware GmbH & Co. KG", "proseware"),
        ("Transportes Bom Caminho Ltda - ME", "transportes bom caminho"),
        ("Distribuidora Bosque Verde S.A. de C.V.", "distribuidora bosque verde"),
        ("The Phone Company", "phone"),
        ("Limited", "limited"),
        ("S.A.", "sa"),
        ("A. Datum Corporation", "adatum"),
        ("株式会社コントソ", "コントソ"),
        ("O’Reilly", "oreilly"),
        ("!!!", "!!!"),
        ("AT&T Inc.", "att"),
        ("H & M", "hm"),
        ("I.B.M.", "ibm"),
        ("E.ON SE", "eon"),
        ("Łódzkie Zakłady Proseware Sp. z o.o.", "lodzkie zaklady proseware"),
        ("Bosphorus Lojistik A.Ş.", "bosphorus lojistik"),
        ("Muenchener Bank", "munchener bank"),
        ("Münchener Bank AG", "munchener bank"),
        ("Bank of America, N.A.", "bank america"),
        ("The", "the"),
    ],
)
def test_name_key(name: str, key: str) -> None:
    assert name_key(name) == key


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("International Business Machines Corporation", {"ibm", "ibmc"}),
        ("Bank of America", {"boa", "ba"}),
        ("Indian Institute of Technology Bombay", {"iiotb", "iitb", "iit"}),
        ("Contoso", set()),
    ],
)
def test_initials(name: str, letters: set[str]) -> None:
    assert initials_of(name) == letters


@pytest.mark.parametrize(
    ("typed", "held", "why"),
    [
        ("IBM", {"name": "International Business Machines Corporation"}, "initials of the name"),
        ("International Business Machines", {"name": "IBM"}, "similar name, 86 % alike"),
        ("Facebook", {"name": "Meta Platforms", "trade_names": ["Facebook"]}, "also known as “Facebook”"),
        ("Intl Mfg Co", {"name": "International Manufacturing Company"}, "similar name, 96 % alike"),
        ("Neo Energia", {"name": "Neoenergia S.A."}, ""),
        ("Fabrikam Seguros Sao Paulo", {"name": "Fabrikam Seguros", "city": "São Paulo"}, ""),
    ],
)
def test_short_and_long_names(who: Who, typed: str, held: dict[str, object], why: str) -> None:
    make_customer(name="Bellows College")
    make_customer(**held)
    [row] = rows(search_customers(who, name=typed))
    assert (row.account.name, row.why) == (held["name"], why)


def test_state_and_city_rank_and_only_here_narrows(who: Who) -> None:
    for state, city in (("SP", "Campinas"), ("PE", "Recife"), ("SP", "Santos")):
        make_customer(name="Woodgrove Bank", country="BR", state=state, city=city)
    asked = {"name": "woodgrove", "country": "BR", "state": "SP", "city": "Santos"}
    assert [row.account.city for row in rows(search_customers(who, **asked))] == ["Santos", "Campinas", "Recife"]
    assert [row.account.city for row in rows(search_customers(who, here=True, **asked))] == ["Santos"]
    assert search_customers(who, here=True, **{**asked, "city": "Belém"}).total == 0


def test_counts_are_exact_to_a_hundred(who: Who) -> None:
    CustomerAccount.objects.bulk_create(
        CustomerAccount(
            name="Woodgrove Bank", category=category, country="US", city=f"City {n}",
            **searched("Woodgrove Bank", [], category=category, country="US")._asdict(),
        )
        for category, count in ((Category.MANAGED, 100), (Category.UNMANAGED, 101))
        for n in range(count)
    )  # fmt: skip
    tabs = search_customers(who, name="woodgrove bank").tabs
    assert [(tab.count_label, len(tab.rows)) for tab in tabs] == [("100", 25), ("100+", 25), ("0", 0)]


def test_a_merged_account_is_not_found(who: Who) -> None:
    kept = make_customer(name="Woodgrove Bank")
    merged = make_customer(name="Woodgrove Bank Ltd", account_id="OLD-1")
    merged.merged_into = kept
    merged.save()
    assert [row.account for row in rows(search_customers(who, name="woodgrove"))] == [kept]
    assert search_customers(who, account_id="OLD-1").total == 0


def test_accounts_near_a_typed_one_say_what_is_the_same(db: None) -> None:
    make_customer(name="Padaria Três Irmãos", country="BR", city="Ouro Preto")
    make_customer(name="Irmaos Alimentos", duns="150483782", domain="tres.example")
    make_customer(name="Padaria Tres Irmaos", category=Category.MANUAL, entered_by=make_organization())
    near = near_accounts(Described("Padaria Tres Irmaos", "BR", "Ouro Preto", "TRES.example", "15-048-3782"))
    assert [(row.account.name, row.why) for row in near] == [
        ("Irmaos Alimentos", "same D-U-N-S, same domain"),
        ("Padaria Três Irmãos", "same name, same city"),
    ]


def test_partners_by_the_same_likeness(who: Who) -> None:
    def found(query: str) -> list[str]:
        return [each.partner.name for each in find_partners(who, query)]

    for name in ("Northlake Services", "Relecloud", "Relecloud Brasil"):
        make_organization(name=name)
    make_organization(name="Relecloud Outside", in_ecosystem=False)
    make_organization(name="Relecloud Listed", transacts=False)
    assert found("Relecluod") == ["Relecloud", "Relecloud Brasil"]
    assert found("nothrlake") == ["Northlake Services"]
    assert found("Zava") == []
    assert found("") == ["Northlake Services", "Relecloud", "Relecloud Brasil"]
    assert find_partners(who, "relecloud")[0].likeness == 100
