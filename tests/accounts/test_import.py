"""Customer accounts out of a file: what is written, what is refused, and what a crash leaves."""

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from accounts.enums import CustomerCategory as Category
from accounts.importing import parallel, run, tables
from accounts.importing.report import defused
from accounts.importing.rows import COLUMNS
from accounts.models import CustomerAccount, CustomerImport, CustomerWord
from accounts.search import search_customers
from tests.factories import make_customer, make_organization, make_who

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
ZAVA = {"account_id": "Z-1", "name": "Zava Alimentos S.A.", "category": "managed", "country": "BR"}


@pytest.fixture(autouse=True)
def small_table(db: None) -> None:
    """What the planner believes of the table's size outlives a test: here it is small."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_customeraccount")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def written(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS, name: str = "customers.csv") -> Path:
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            lines = csv.DictWriter(file, columns)
            lines.writeheader()
            lines.writerows(rows)
        return tmp_path / name

    return written


def load(path: Path, *arguments: str) -> str:
    out = StringIO()
    call_command("import_customers", str(path), *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(path: Path) -> list[tuple[int, str, str]]:
    with path.with_name(f"{path.name}.refused.csv").open(encoding="utf-8", newline="") as file:
        return [(int(row["line"]), row["column"], row["code"]) for row in csv.DictReader(file)]


def counts() -> tuple[int, int, int, int]:
    last = CustomerImport.objects.latest("pk")
    assert last.finished_at
    return last.inserted, last.updated, last.unchanged, last.refused


def found(**asked: Any) -> list[str]:
    results = search_customers(make_who(), **asked)
    return [row.account.name for tab in results.tabs for row in tab.rows]


def test_a_good_file(write: Callable[..., Path]) -> None:
    path = write(
        ZAVA
        | {
            "former_names": 'Água & Sal Ltda.|The "Old" \\ Mill',
            "trade_names": "Delícia",
            "linked_group": "zava",
            "duns": "89-000-0114",
            "domain": "https://www.Zava.example/br",
            "address": "Rua  Direita,\n3",
            "city": "São Paulo",
            "state": "SP",
            "postal_code": "01310-100",
            "macc": "Yes",
            "federal": "no",
        },
        ZAVA | {"account_id": "Z-2", "name": "Zava Foods Inc.", "country": "us", "linked_group": "zava"},
    )
    assert "inserted 2, updated 0, unchanged 0, refused 0" in load(path)
    zava, foods = CustomerAccount.objects.order_by("account_id")
    assert (zava.former_names, zava.trade_names) == (["Água & Sal Ltda.", 'The "Old" \\ Mill'], ["Delícia"])
    assert (zava.duns, zava.domain, zava.address) == ("890000114", "zava.example", "Rua Direita, 3")
    assert (zava.city, zava.state, zava.postal_code, zava.country) == ("São Paulo", "SP", "01310-100", "BR")
    assert (zava.macc, zava.federal, zava.category) == (True, False, Category.MANAGED)
    assert zava.linked_group == foods.linked_group is not None
    assert (foods.former_names, foods.duns, foods.macc, foods.country) == ([], "", False, "US")
    assert found(name="agua e sal") == ["Zava Alimentos S.A."]
    assert found(name="Zava Almentos", country="BR") == ["Zava Alimentos S.A."]
    assert found(account_id="89-000-0114") == found(account_id="www.zava.example") == ["Zava Alimentos S.A."]
    assert dict(CustomerWord.objects.filter(word__in=["zava", "delicia"]).values_list("word", "frequency")) == {
        "zava": 2,
        "delicia": 1,
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'customer\\_%'")
        assert cursor.fetchall() == []


def test_what_an_import_writes_is_what_saving_writes(write: Callable[..., Path]) -> None:
    load(
        write(
            ZAVA | {"parent_account_id": "Z-2", "former_names": "A/B & C|I.B.M. GmbH", "city": "Köln", "state": "NW"},
            ZAVA | {"account_id": "Z-2", "name": "The Holding of Zava"},
        )
    )
    columns = ("search_name", "search_text", "search_vector")
    for account in CustomerAccount.objects.all():
        imported = CustomerAccount.objects.values(*columns).get(pk=account.pk)
        account.save()
        assert CustomerAccount.objects.values(*columns).get(pk=account.pk) == imported


def test_the_same_file_twice_changes_nothing(write: Callable[..., Path]) -> None:
    path = write(ZAVA | {"parent_account_id": "Z-2", "linked_group": "z"}, ZAVA | {"account_id": "Z-2"})
    load(path)
    assert counts() == (2, 0, 0, 0)
    before = list(CustomerAccount.objects.order_by("pk").values())
    assert "unchanged 2" in load(path)
    assert counts() == (0, 0, 2, 0)
    assert list(CustomerAccount.objects.order_by("pk").values()) == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM accounts_customeraccount WHERE parent_id IS NULL")
        assert cursor.fetchone()[0] == 1


def test_an_update_keeps_who_it_is(write: Callable[..., Path]) -> None:
    load(write(ZAVA, ZAVA | {"account_id": "Z-2", "name": "Relecloud"}))
    before = CustomerAccount.objects.get(account_id="Z-1")
    load(
        write(ZAVA | {"name": "Trey Research", "category": "other"}, ZAVA | {"account_id": "Z-2", "name": "Relecloud"})
    )
    assert counts() == (0, 1, 1, 0)
    after = CustomerAccount.objects.get(account_id="Z-1")
    assert (after.pk, after.uid, after.created_at) == (before.pk, before.uid, before.created_at)
    assert (after.name, after.category) == ("Trey Research", "other")
    assert found(name="trey research") == ["Trey Research"]
    assert found(name="zava") == []
    assert set(CustomerWord.objects.values_list("word", flat=True)) == {"trey", "research", "relecloud"}


def test_columns_that_the_file_lacks_stay_as_they_are(write: Callable[..., Path]) -> None:
    load(write(ZAVA | {"former_names": "Delícia", "macc": "yes", "city": "Recife", "parent_account_id": "Z-2"}))
    make_customer(account_id="Z-2", name="Tailwind")
    load(write(ZAVA | {"former_names": "Delícia", "macc": "yes", "city": "Recife", "parent_account_id": "Z-2"}))
    load(write(ZAVA | {"name": "Zava Novo"}, columns=("country", "name", "account_id", "category")))
    assert counts() == (0, 1, 0, 0)
    zava = CustomerAccount.objects.get(account_id="Z-1")
    assert (zava.former_names, zava.macc, zava.city) == (["Delícia"], True, "Recife")
    assert zava.parent
    assert zava.parent.name == "Tailwind"
    assert found(name="delicia") == ["Zava Novo"]
    assert "Zava Novo" in found(name="tailwind")


def test_refused_lines_say_where_and_why(write: Callable[..., Path]) -> None:
    path = write(
        ZAVA,
        ZAVA | {"account_id": "", "name": " "},
        ZAVA | {"account_id": "Z-3", "category": "manual", "country": "XX", "duns": "12-34"},
        ZAVA | {"account_id": "Z-4", "name": "x" * 161, "former_names": "fine|" + "y" * 161, "macc": "1"},
        ZAVA | {"account_id": "Z-5", "parent_account_id": "Z-5"},
        ZAVA | {"name": "The same ID"},
        ZAVA | {"account_id": "Z-6", "city": "Nul\0"},
        ZAVA | {"account_id": "Z-7", "duns": "=1+1"},
    )
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write('Z-8,too,few\r\n\r\nZ-9,"open\r\nline,managed\r\nZ-10,"closes,\r\n')
    out = load(path)
    assert refused(path) == [
        (3, "account_id", "missing"),
        (3, "name", "missing"),
        (4, "category", "category"),
        (4, "country", "country"),
        (4, "duns", "duns"),
        (5, "former_names", "too_long"),
        (5, "macc", "yes_no"),
        (5, "name", "too_long"),
        (6, "parent_account_id", "own_parent"),
        (7, "account_id", "twice"),
        (8, "city", "no_text"),
        (9, "duns", "duns"),
        (10, "", "fields"),
        (12, "", "quote"),
    ]
    assert counts() == (1, 0, 0, 9)
    assert "refused 9" in out
    assert "× duns (duns): A D-U-N-S number has nine digits." in out
    report = path.with_name("customers.csv.refused.csv").read_text()
    assert "Already in the file, in line 2." in report
    assert "'=1+1" in report


@pytest.mark.parametrize(
    ("cell", "shown"), [("=A1", "'=A1"), ("@x", "'@x"), ("-1", "'-1"), ("Zava", "Zava"), ("", "")]
)
def test_a_report_runs_nothing_in_a_spreadsheet(cell: str, shown: str) -> None:
    assert defused(cell) == shown


def test_twice_is_seen_across_batches(write: Callable[..., Path]) -> None:
    path = write(*(ZAVA | {"account_id": f"Z-{number % 3}"} for number in range(7)))
    load(path, "--batch", "2")
    assert [line for line, _, code in refused(path) if code == "twice"] == [5, 6, 7, 8]
    assert counts() == (3, 0, 0, 4)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"account_id,name,category,country,colour\nZ-1,Zava,managed,BR,red\n", "colour"),
        (b"account_id;name;category;country\nZ-1;Zava;managed;BR\n", "commas"),
        (b"account_id,name,country\nZ-1,Zava,BR\n", "category"),
        (b"account_id,name,name,category,country\nZ-1,Zava,Zava,managed,BR\n", "twice"),
        ("account_id,name,category,country\nZ-1,Zava,managed,BR\nZ-2,Água,managed,BR\n".encode("latin-1"), "Line 3"),
        (b"", "Missing"),
    ],
)
def test_a_file_that_cannot_be_read_writes_nothing(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "customers.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=says) as refusal:
        load(path)
    assert refusal.value.returncode == 1
    assert not CustomerAccount.objects.exists()
    assert not CustomerImport.objects.exists()


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        load(tmp_path / "none.csv")


def test_a_file_from_a_spreadsheet(tmp_path: Path) -> None:
    """With a mark of its byte order, names of columns in capitals, and nothing at the end of the last line."""
    path = tmp_path / "customers.csv"
    path.write_bytes("\ufeffCountry, NAME ,Account_ID,category\r\nbr,Água,Z-1,Managed".encode())
    load(path)
    assert CustomerAccount.objects.values_list("name", "country", "category").get() == ("Água", "BR", "managed")


# parents


def test_a_parent_that_comes_later(write: Callable[..., Path]) -> None:
    path = write(
        ZAVA | {"parent_account_id": "Z-2"},
        ZAVA | {"account_id": "Z-2", "name": "Tailwind Holding"},
        ZAVA | {"account_id": "Z-3", "name": "Wingtip", "parent_account_id": "Z-99"},
    )
    load(path, "--batch", "1")
    assert CustomerAccount.objects.get(account_id="Z-1").parent == CustomerAccount.objects.get(account_id="Z-2")
    assert sorted(found(name="tailwind holding")) == ["Tailwind Holding", "Zava Alimentos S.A."]
    assert refused(path) == [(4, "parent_account_id", "unknown_parent")]
    assert CustomerAccount.objects.get(account_id="Z-3").parent is None
    assert counts() == (3, 0, 0, 0)


def test_a_renamed_parent_reaches_its_subsidiaries(write: Callable[..., Path]) -> None:
    load(write(ZAVA | {"parent_account_id": "Z-2"}, ZAVA | {"account_id": "Z-2", "name": "Tailwind"}))
    outside = make_customer(name="Wingtip", parent=CustomerAccount.objects.get(account_id="Z-2"))
    load(write(ZAVA | {"parent_account_id": "Z-2"}, ZAVA | {"account_id": "Z-2", "name": "Northwind"}))
    assert counts() == (0, 1, 1, 0)
    assert sorted(found(name="northwind")) == ["Northwind", "Wingtip", "Zava Alimentos S.A."]
    assert found(name="tailwind") == []
    outside.refresh_from_db()
    assert outside.search_text == "wingtip\nnorthwind"


def test_another_parent_and_none(write: Callable[..., Path]) -> None:
    parents = [ZAVA | {"account_id": f"P-{name}", "name": name} for name in ("Tailwind", "Northwind")]
    load(write(ZAVA | {"parent_account_id": "P-Tailwind"}, *parents))
    load(write(ZAVA | {"parent_account_id": "P-Northwind"}, *parents))
    assert counts() == (0, 1, 2, 0)
    assert CustomerAccount.objects.get(account_id="Z-1").search_text == "zava alimentos\nnorthwind"
    load(write(ZAVA, *parents))
    assert counts() == (0, 1, 2, 0)
    zava = CustomerAccount.objects.get(account_id="Z-1")
    assert (zava.parent, zava.search_text) == (None, "zava alimentos")


# what an import does not touch


def test_merged_and_typed_accounts_are_never_touched(write: Callable[..., Path]) -> None:
    kept = make_customer(name="Kept", account_id="K-1")
    merged = make_customer(name="Merged", account_id="Z-1")
    merged.merged_into = kept
    merged.save()
    contoso = make_organization()
    typed = make_customer(name="Typed", category=Category.MANUAL, entered_by=contoso, account_id="Z-2")
    before = list(CustomerAccount.objects.filter(pk__in=[merged.pk, typed.pk]).order_by("pk").values())
    path = write(ZAVA, ZAVA | {"account_id": "Z-2"}, ZAVA | {"account_id": "Z-3", "parent_account_id": "Z-1"})
    load(path)
    assert refused(path) == [(2, "account_id", "merged"), (3, "account_id", "by_hand")]
    assert "merged into K-1" in path.with_name("customers.csv.refused.csv").read_text()
    assert list(CustomerAccount.objects.filter(pk__in=[merged.pk, typed.pk]).order_by("pk").values()) == before
    assert CustomerAccount.objects.get(account_id="Z-3").parent == kept
    assert counts() == (1, 0, 0, 2)


# large files, and what a crash leaves


def many(count: int) -> list[dict[str, str]]:
    """Each is a subsidiary of the last."""
    rows = [ZAVA | {"account_id": f"Z-{number}", "name": f"Zava {number}"} for number in range(count - 1)]
    return [*(row | {"parent_account_id": "Z-last"} for row in rows), ZAVA | {"account_id": "Z-last"}]


def test_several_processes_keep_the_order(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "PLAIN", 100)
    load(write(*many(1000), ZAVA | {"account_id": "Z-5"}), "--batch", "100", "--workers", "2")
    assert counts() == (1000, 0, 0, 1)
    assert CustomerAccount.objects.get(account_id="Z-997").search_text == "zava 997\nzava alimentos"
    assert list(parallel.in_order(abs, range(-20, 0), 2)) == list(range(20, 0, -1))


@pytest.mark.django_db(transaction=True)
def test_an_empty_table_is_filled_without_indexes(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MANY_ROWS", 10)
    missing: list[int] = []
    merge = tables.merge_staged
    monkeypatch.setattr(
        tables, "merge_staged", lambda *given: [missing.append(len(tables.missing_indexes())), merge(*given)][1]
    )
    path = write(*many(20))
    load(path)
    assert missing == [6]
    assert tables.missing_indexes() == []
    load(path)
    assert missing == [6, 0]
    tables.drop_indexes()  # what a crash leaves
    load(write(ZAVA))
    assert tables.missing_indexes() == []


def test_restart_begins_anew(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*given: object) -> None:
        raise RuntimeError

    path = write(ZAVA, ZAVA | {"account_id": "Z-2", "country": "XX"})
    for arguments, imports in (((), 1), ((), 1), (("--restart",), 2)):
        with monkeypatch.context() as broken:
            broken.setattr(run, "_indexes", breaks)
            with pytest.raises(RuntimeError):
                load(path, *arguments)
        assert CustomerImport.objects.count() == imports
    assert "Going on after line 3." in load(path)
    assert counts() == (0, 0, 1, 1)
    assert refused(path) == [(3, "country", "country")]
    assert "Going on" not in load(path)


def test_one_import_at_a_time(write: Callable[..., Path]) -> None:
    url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    with psycopg.connect(url) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [tables._LOCK])
        with pytest.raises(CommandError, match="Another import is running"):
            load(write(ZAVA))
    assert not CustomerImport.objects.exists()


def test_words_are_counted_anew(write: Callable[..., Path]) -> None:
    make_customer(name="Wingtip Toys of Wingtip")
    make_customer(name="Wingtip Seguros")
    CustomerWord.objects.create(word="gone")
    CustomerWord.objects.filter(word="wingtip").update(frequency=9)
    call_command("rebuild_customer_words", stdout=StringIO())
    assert dict(CustomerWord.objects.values_list("word", "frequency")) == {"wingtip": 2, "toys": 1, "seguros": 1}


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_goes_on_where_it_was(write: Callable[..., Path]) -> None:
    """A real process, killed without warning in the middle of its batches."""
    rows = many(6000)
    rows[7] = rows[7] | {"country": "XX"}
    rows[5900] = rows[5900] | {"account_id": "Z-10"}
    path = write(*rows)
    command = [sys.executable, "manage.py", "import_customers", str(path), "--batch", "100", "--workers", "2"]
    url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    env = {**os.environ, "DATABASE_URL": url}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        until = time.monotonic() + 60
        while not CustomerImport.objects.filter(rows_done__gte=300).exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.005)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    broken = CustomerImport.objects.get()
    assert 300 <= broken.rows_done < 6000
    assert CustomerAccount.objects.count() == broken.inserted
    _wait_until_free()
    assert f"Going on after line {broken.line_done:,}." in load(path)
    assert counts() == (5998, 0, 0, 2)
    assert CustomerImport.objects.get().pk == broken.pk
    assert [line for line, _, _ in refused(path)] == [9, 5902]
    assert CustomerAccount.objects.filter(parent=None).count() == 1
    assert not CustomerAccount.objects.exclude(search_text__contains="zava alimentos").exists()
    assert "unchanged 5,998" in load(path)
    _nobody_is_left(process.pid)


def _wait_until_free() -> None:
    """The server needs a moment to see that the client is gone."""
    for _attempt in range(200):
        try:
            with tables.alone():
                return
        except tables.Busy:
            time.sleep(0.05)
    raise AssertionError("the lock of a dead process stays")


def _nobody_is_left(group: int) -> None:
    for _attempt in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("a process of the killed import goes on")
