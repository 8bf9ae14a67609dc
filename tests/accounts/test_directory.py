"""The business directory outside: a real server on this machine, well and ill."""

import json
import logging
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import translation

from accounts.directory import (
    DirectoryAnswer,
    DirectoryEntry,
    DirectoryQuery,
    HttpDirectory,
    LocalDirectory,
    Problem,
    directory,
    entry_of,
    over_http,
    remember,
    token,
)
from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount
from cosell import clock
from tests.accounts import directory_server as behaviour
from tests.accounts.directory_server import DirectoryServer
from tests.factories import make_customer

pytestmark = pytest.mark.django_db

KEY = "a-key-that-nobody-reads"
TIMEOUT = 0.2
QUERY = DirectoryQuery(name="Fabrikam Seguros", country="BR", city="São Paulo")
RAW = {
    "directory_id": "77-001",
    "name": "Fabrikam Seguros S.A.",
    "trade_names": ["Fabrikam", "Fabriseg"],
    "duns": "12-345-6789",
    "domain": "Fabrikam-Seguros.example",
    "address": "Avenida Paulista 1000",
    "city": "São Paulo",
    "state": "SP",
    "postal_code": "01310-100",
    "country": "br",
    "federal": True,
    "parent_name": "Fabrikam Holding",
}
ENTRY = DirectoryEntry(
    directory_id="77-001",
    name="Fabrikam Seguros S.A.",
    country="BR",
    trade_names=("Fabrikam", "Fabriseg"),
    duns="123456789",
    domain="fabrikam-seguros.example",
    address="Avenida Paulista 1000",
    city="São Paulo",
    state="SP",
    postal_code="01310-100",
    federal=True,
    parent_name="Fabrikam Holding",
)


@pytest.fixture
def server(settings: Any) -> Iterator[DirectoryServer]:
    cache.clear()  # the tests that commit leave theirs behind
    with DirectoryServer().opened() as opened:
        settings.COSELL_DIRECTORY_URL, settings.COSELL_DIRECTORY_KEY = opened.url, KEY
        settings.COSELL_DIRECTORY_TIMEOUT = 5  # generous: only the tests of time are quick
        yield opened
    cache.clear()


@pytest.fixture
def impatient(server: DirectoryServer, settings: Any) -> DirectoryServer:
    settings.COSELL_DIRECTORY_TIMEOUT = TIMEOUT
    return server


def find(query: DirectoryQuery = QUERY) -> DirectoryAnswer:
    return directory().find(query)


def at_once(number: int, act: Callable[[int], Any]) -> list[Any]:
    gate = threading.Barrier(number, timeout=60)

    def run(turn: int) -> Any:
        with closing(connection):
            connection.ensure_connection()
            gate.wait()
            return act(turn)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


# which one


def test_without_an_address_our_own_table_is_the_directory(settings: Any) -> None:
    settings.COSELL_DIRECTORY_URL = ""
    assert isinstance(directory(), LocalDirectory)
    assert find() == DirectoryAnswer()


def test_an_address_chooses_http_and_a_class_chooses_itself(server: DirectoryServer, settings: Any) -> None:
    assert isinstance(directory(), HttpDirectory)
    settings.COSELL_DIRECTORY = "accounts.directory.LocalDirectory"
    assert isinstance(directory(), LocalDirectory)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://d.example/",
        "file:///etc/hosts",
        "//d.example",
        "https://a:b@d.example/",
        "http://d.example:x/",
        "http://",
    ],
)
def test_an_address_that_is_none_is_refused_without_being_shown(url: str, settings: Any) -> None:
    settings.COSELL_DIRECTORY_URL = url
    with pytest.raises(ImproperlyConfigured) as refused:
        directory()
    assert "d.example" not in str(refused.value)


def test_a_key_that_no_header_carries_is_refused_without_being_shown(server: DirectoryServer, settings: Any) -> None:
    settings.COSELL_DIRECTORY_KEY = f"{KEY}\r\nHost: elsewhere"
    with pytest.raises(ImproperlyConfigured) as refused:
        directory()
    assert KEY not in str(refused.value)


# a good answer


def test_an_answer_is_read_whole(server: DirectoryServer) -> None:
    server.behave = behaviour.entries(RAW)
    assert find() == DirectoryAnswer((ENTRY,))
    assert server.asked == [
        {"name": "Fabrikam Seguros", "country": "BR", "state": "", "city": "São Paulo", "duns": "", "domain": ""}
    ]
    assert server.keys == [f"Bearer {KEY}"]
    assert find().problem_text() == ""


def test_an_address_with_a_query_of_its_own_keeps_it(server: DirectoryServer, settings: Any) -> None:
    settings.COSELL_DIRECTORY_URL = f"{server.url}?catalog=world"
    find()
    assert server.asked[0]["catalog"] == "world"
    assert server.asked[0]["name"] == "Fabrikam Seguros"


def test_an_answer_in_chunks_is_read(server: DirectoryServer) -> None:
    text = json.dumps({"entries": [RAW]}).encode()
    server.behave = behaviour.in_chunks(text[:50], text[50:])
    assert find().entries == (ENTRY,)


@pytest.mark.skipif(not shutil.which("openssl"), reason="it makes the certificate")
def test_over_tls_only_with_a_certificate_that_is_trusted(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = tmp_path / "both.pem"
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run([*made.split(), "-keyout", pem, "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    pem.write_text(pem.read_text() + (tmp_path / "cert.pem").read_text())
    cache.clear()
    with DirectoryServer().opened(pem) as server:
        server.behave = behaviour.entries(RAW)
        asked = HttpDirectory(url=f"https://localhost:{server.port}/", key=KEY, timeout=5, rate=60)
        assert asked.find(QUERY).problem == Problem.UNREACHABLE
        assert server.keys == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        over_http._tls.cache_clear()
        cache.clear()
        assert asked.find(QUERY).entries == (ENTRY,)
    over_http._tls.cache_clear()


def test_a_question_without_a_name_or_number_is_not_asked(server: DirectoryServer) -> None:
    for query in (DirectoryQuery(), DirectoryQuery(name="F"), DirectoryQuery(country="BR", city="Recife")):
        assert find(query) == DirectoryAnswer()
    assert server.asked == []


def test_by_number_or_domain(server: DirectoryServer) -> None:
    find(DirectoryQuery(duns="12-345-6789"))
    find(DirectoryQuery(domain="Fabrikam.example"))
    assert [(asked["duns"], asked["domain"]) for asked in server.asked] == [
        ("123456789", ""),
        ("", "fabrikam.example"),
    ]


# what of an answer is believed


def test_texts_are_cleaned_and_clipped(server: DirectoryServer) -> None:
    odd = {
        "directory_id": 4711,
        "name": " Zava\u202e\x00 \n Retail \ud800" + "x" * 500,
        "country": "US",
        "trade_names": ["A" * 400, "", None, {"a": 1}, "Zava", "Zava", *(f"Zava {number}" for number in range(50))],
        "address": "Street" * 100,
        "city": ["Seattle"],
        "state": True,
        "postal_code": 98101,
        "domain": "http://zava.example/",
        "duns": "1234567890",
        "federal": "yes",
        "parent_name": {"name": "Zava Holding"},
        "surprise": "ignored",
    }
    server.behave = behaviour.entries(odd)
    (entry,) = find().entries
    assert entry.directory_id == "4711"
    assert entry.name == ("Zava Retail " + "x" * 500)[:160]
    assert entry.trade_names[:2] == ("A" * 160, "Zava")
    assert len(entry.trade_names) == 10
    assert len(entry.address) == 200
    assert (entry.city, entry.state, entry.postal_code) == ("", "", "98101")
    assert (entry.domain, entry.duns, entry.parent_name) == ("", "", "")
    assert entry.federal is False
    assert remember(entry).name == entry.name  # the database takes all of it


@pytest.mark.parametrize(
    "wrong",
    [
        "text", None, [], {}, {**RAW, "directory_id": ""}, {**RAW, "directory_id": "9" * 65}, {**RAW, "name": "\x01"},
        {**RAW, "country": "Brazil"}, {**RAW, "country": "EU"}, {**RAW, "country": "QQ"}, {**RAW, "country": None},
    ],
)  # fmt: skip
def test_an_entry_that_nobody_could_choose_is_left_out(server: DirectoryServer, wrong: object) -> None:
    server.behave = behaviour.entries(wrong, RAW)
    assert find().entries == (ENTRY,)


def test_a_placeholder_is_no_number(server: DirectoryServer) -> None:
    server.behave = behaviour.entries({**RAW, "duns": "000000000"})
    assert find().entries == (replace(ENTRY, duns=""),)


def test_fifty_entries_at_most_and_each_once(server: DirectoryServer) -> None:
    server.behave = behaviour.entries(RAW, RAW, *({**RAW, "directory_id": str(number)} for number in range(80)))
    found = find().entries
    assert len(found) == 50
    assert len({entry.directory_id for entry in found}) == 50


# the cache and the rate


def test_the_same_question_is_asked_once_in_ten_minutes(server: DirectoryServer) -> None:
    server.behave = behaviour.entries(RAW)
    started = datetime.now(UTC)
    with time_machine.travel(started):
        first = find()
        assert find(replace(QUERY, name="  FABRIKAM  seguros ")) == first == DirectoryAnswer((ENTRY,))
        find(replace(QUERY, city="Recife"))
    assert [asked["city"] for asked in server.asked] == ["São Paulo", "Recife"]
    with time_machine.travel(started + timedelta(minutes=9)):
        assert find() == first
        assert len(server.asked) == 2
    with time_machine.travel(started + timedelta(minutes=11)):
        assert find() == first
        assert len(server.asked) == 3


def test_that_nothing_was_found_is_kept_too(server: DirectoryServer) -> None:
    assert find() == find() == DirectoryAnswer()
    assert len(server.asked) == 1


def test_no_more_questions_than_agreed_in_a_minute(server: DirectoryServer, settings: Any) -> None:
    settings.COSELL_DIRECTORY_RATE = 3
    with time_machine.travel(datetime(2030, 1, 1, 12, 0, 5, tzinfo=UTC)):
        answers = [find(replace(QUERY, name=f"Fabrikam {number}")) for number in range(5)]
        assert [answer.problem for answer in answers] == ["", "", "", "busy", "busy"]
        assert find(replace(QUERY, name="Fabrikam 0")).problem == ""  # known: nobody is asked
        assert len(server.asked) == 3
        with clock.moved_by(timedelta(minutes=1)):
            assert find(replace(QUERY, name="Fabrikam 4")).problem == ""


@pytest.mark.django_db(transaction=True)
def test_the_rate_holds_for_many_at_once(server: DirectoryServer, settings: Any) -> None:
    settings.COSELL_DIRECTORY_RATE = 3
    with time_machine.travel(datetime(2030, 1, 1, 12, 0, 5, tzinfo=UTC), tick=False):
        answers = at_once(8, lambda turn: find(replace(QUERY, name=f"Fabrikam {turn}")).problem)
    assert sorted(answers) == ["", "", "", *["busy"] * 5]
    assert len(server.asked) == 3


# what goes wrong outside


@pytest.mark.parametrize(
    "behave", [behaviour.stalls, behaviour.drips_headers, behaviour.drips_body], ids=["slow", "headers", "body"]
)
def test_whoever_is_slow_or_drips_holds_nobody(impatient: DirectoryServer, behave: behaviour.Behaviour) -> None:
    impatient.behave = behave
    started = time.monotonic()
    answer = find()
    assert time.monotonic() - started < 2 * TIMEOUT
    assert answer == DirectoryAnswer(problem="timeout")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_whoever_takes_the_call_and_is_silent_holds_nobody(scheme: str) -> None:
    cache.clear()
    over_http._tls()  # reading the authorities is no part of what is measured
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/"
        started = time.monotonic()
        answer = HttpDirectory(url=url, key=KEY, timeout=TIMEOUT, rate=60).find(QUERY)
        assert time.monotonic() - started < 2 * TIMEOUT
    assert answer.problem == "timeout"


def test_a_dead_port_and_an_unknown_host(server: DirectoryServer, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings.COSELL_DIRECTORY_URL = f"http://127.0.0.1:{port}/"
    assert find().problem == "unreachable"
    settings.COSELL_DIRECTORY_URL = "http://directory.invalid/"
    assert find().problem in {"unreachable", "timeout"}  # as the resolver of this machine likes


@pytest.mark.parametrize(
    ("number", "problem"),
    [(401, "refused"), (403, "refused"), (429, "busy"), (500, "unreachable"), (503, "unreachable"), (404, "garbled"),
     (204, "garbled")],
)  # fmt: skip
def test_what_a_status_means(server: DirectoryServer, number: int, problem: str) -> None:
    server.behave = behaviour.status(number)
    assert find() == DirectoryAnswer(problem=problem)


def test_a_redirect_does_not_carry_the_key_elsewhere(server: DirectoryServer) -> None:
    with DirectoryServer().opened() as elsewhere:
        server.behave = behaviour.status(302, Location=elsewhere.url)
        assert find().problem == "garbled"
        assert elsewhere.asked == []


@pytest.mark.parametrize(
    "said",
    [
        b"", b"<html>Sign in", b"\xff\xfe\x00", b"[" * 100_000, b"[]", b"null", b'{"results": []}', b'{"entries": {}}',
        b'{"entries": ["a", "b"]}', b'{"entries": [' + b"9" * 5000 + b"]}",
    ],
)  # fmt: skip
def test_garbage(server: DirectoryServer, said: bytes) -> None:
    server.behave = behaviour.body(said)
    assert find() == DirectoryAnswer(problem="garbled")


def test_more_than_a_megabyte_is_not_read(server: DirectoryServer) -> None:
    server.behave = behaviour.huge
    assert find().problem == "garbled"


def test_whoever_hangs_up(server: DirectoryServer) -> None:
    server.behave = behaviour.hangs_up
    assert find().problem == "unreachable"


def test_after_a_failure_the_directory_is_left_alone_for_a_while(server: DirectoryServer) -> None:
    started = datetime.now(UTC)
    with time_machine.travel(started):
        server.behave = behaviour.entries(RAW)
        find()
        server.behave = behaviour.status(500)
        other = replace(QUERY, name="Fabrikam Holding")
        assert find(other).problem == "unreachable"
        server.behave = behaviour.entries(RAW)
        assert find(replace(QUERY, name="Fabrikam H")).problem == "unreachable"
        assert len(server.asked) == 2
        assert find().entries == (ENTRY,)  # what is known is still told
    with time_machine.travel(started + timedelta(seconds=17)):
        assert find(other).entries == (ENTRY,)


def test_one_answer_that_cannot_be_read_stops_no_other_question(server: DirectoryServer) -> None:
    server.behave = behaviour.body(b"oops")
    assert find().problem == find().problem == "garbled"
    assert len(server.asked) == 1
    server.behave = behaviour.entries(RAW)
    assert find(replace(QUERY, name="Fabrikam")).entries == (ENTRY,)


def test_every_problem_says_that_one_can_go_on() -> None:
    for problem in Problem:
        assert "go on by hand" in DirectoryAnswer(problem=problem).problem_text()
    with translation.override("pt-br"):
        assert isinstance(DirectoryAnswer(problem="timeout").problem_text(), str)


@pytest.mark.parametrize("number", [200, 401, 500])
def test_the_key_and_the_question_stand_in_no_log(
    server: DirectoryServer, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    caplog.set_level(logging.DEBUG)
    server.behave = behaviour.status(number)
    find()
    assert server.keys == [f"Bearer {KEY}"]
    ours = [record for record in caplog.records if record.name.startswith("accounts")]
    assert len(ours) == (number != 200)
    assert KEY not in caplog.text + repr(directory())
    assert not [record for record in ours if "Fabrikam" in record.getMessage() or record.exc_info]


# through a page


def test_an_entry_goes_through_a_page_and_back() -> None:
    assert entry_of(token(ENTRY)) == ENTRY
    assert token(ENTRY).startswith("directory:")


def test_a_token_that_was_changed_is_refused() -> None:
    good = token(ENTRY)
    for position in range(len("directory:"), len(good), 7):
        changed = "A" if good[position] != "A" else "B"
        assert entry_of(good[:position] + changed + good[position + 1 :]) is None
    for other in ("", "directory:", good.removeprefix("directory:"), "directory:é\0", str(make_customer().uid)):
        assert entry_of(other) is None


def test_a_token_holds_for_a_day() -> None:
    started = datetime.now(UTC)
    good = token(ENTRY)
    with time_machine.travel(started + timedelta(hours=23)):
        assert entry_of(good) == ENTRY
    with time_machine.travel(started + timedelta(hours=25)):
        assert entry_of(good) is None


# kept


def test_a_chosen_entry_becomes_an_account() -> None:
    account = CustomerAccount.objects.get(pk=remember(ENTRY).pk)
    assert (account.account_id, account.category) == ("DIR-77-001", CustomerCategory.OTHER)
    columns = ("name", "duns", "domain", "address", "city", "state", "postal_code", "country", "federal")
    assert {name: getattr(account, name) for name in columns} == {name: getattr(ENTRY, name) for name in columns}
    assert account.trade_names == ["Fabrikam", "Fabriseg"]
    assert "fabriseg" in account.search_text


def test_remembered_twice_is_one_account_and_what_people_wrote_stays() -> None:
    account = remember(ENTRY)
    CustomerAccount.objects.filter(pk=account.pk).update(city="Campinas")
    for again in (ENTRY, replace(ENTRY, name="Fabrikam S.A.", duns=""), replace(ENTRY, directory_id="other")):
        assert remember(again) == account
    assert CustomerAccount.objects.get().city == "Campinas"


def test_the_number_finds_an_account_of_the_directory_only() -> None:
    managed = make_customer(duns=ENTRY.duns)
    assert remember(ENTRY) != managed
    other = make_customer(duns="987654321", category=CustomerCategory.OTHER)
    assert remember(replace(ENTRY, directory_id="77-002", duns="987654321")) == other


def test_long_ids_that_begin_alike_are_two_companies() -> None:
    ids = ["11111111-2222-3333-4444-55555555555a", "11111111-2222-3333-4444-55555555555b"]
    accounts = [remember(replace(ENTRY, directory_id=each, duns="")) for each in ids for _again in range(2)]
    assert len(set(accounts)) == 2
    assert all(len(account.account_id or "") == 24 for account in accounts)


def test_a_merged_account_stands_for_the_one_it_was_merged_into() -> None:
    account, managed = remember(ENTRY), make_customer(name="Fabrikam Seguros")
    CustomerAccount.objects.filter(pk=account.pk).update(merged_into=managed)
    assert remember(ENTRY) == managed
    assert remember(replace(ENTRY, duns="")) == managed


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same", ["duns", "directory_id"])
def test_many_who_choose_one_company_at_once_keep_it_once(same: str) -> None:
    def choose(turn: int) -> int:
        if same == "duns":
            return remember(replace(ENTRY, directory_id=str(turn))).pk
        return remember(replace(ENTRY, duns=f"12345678{turn}")).pk

    assert len(set(at_once(6, choose))) == 1
    assert CustomerAccount.objects.count() == 1
