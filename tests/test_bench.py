"""The bench (docs/bench.md): its customers are always the same, and its commands do what they say."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest

from accounts.models import CustomerAccount
from cosell.local import servers
from cosell.local.bench import customers, loading, search
from cosell.local.bench.customers import COLUMNS, accounts

ROWS = 20_000


@pytest.fixture(scope="module")
def made() -> list[dict[str, str]]:
    return [dict(zip(COLUMNS, row, strict=True)) for row in accounts(ROWS)]


def test_the_same_customers_each_time(made: list[dict[str, str]]) -> None:
    again = [dict(zip(COLUMNS, row, strict=True)) for row in islice(accounts(ROWS), 500)]
    assert again == made[:500]
    assert [dict(zip(COLUMNS, row, strict=True)) for row in islice(accounts(ROWS, seed=2), 500)] != again


def test_every_row_can_be_imported(made: list[dict[str, str]]) -> None:
    ids = {row["account_id"] for row in made}
    assert len(ids) == len(made) == ROWS
    for column in COLUMNS:
        field = "account_id" if column == "parent_account_id" else column
        if field in {"macc", "federal", "linked_group"}:
            continue
        limit = 160 if field.endswith("names") else CustomerAccount._meta.get_field(field).max_length
        cells = (cell for row in made for cell in row[column].split("|"))
        longest = max(len(cell.replace("-", "") if field == "duns" else cell) for cell in cells)
        assert longest <= limit, column
    for row in made:
        assert row["name"].strip(), row
        assert re.fullmatch(r"[A-Z]{2}", row["country"]), row
        assert re.fullmatch(r"|\d{9}", row["duns"].replace("-", "")), row
        assert not row["parent_account_id"] or row["parent_account_id"] in ids, row
        assert row["parent_account_id"] != row["account_id"], row
        assert {row["macc"], row["federal"]} <= {"yes", ""}


def test_shares_are_as_promised(made: list[dict[str, str]]) -> None:
    def share(column: str, value: str = "") -> float:
        return sum(row[column] == value if value else bool(row[column]) for row in made) / ROWS

    assert 0.03 < share("category", "managed") < 0.05
    assert 0.53 < share("category", "unmanaged") < 0.59
    assert 0.03 < share("former_names") < 0.05
    assert 0.02 < share("trade_names") < 0.04
    assert 0.02 < share("linked_group") < 0.04
    assert 0.04 < share("parent_account_id") < 0.07
    assert 0.8 < share("duns") < 0.9
    assert 0.2 < share("country", "US") < 0.4
    assert len({row["country"] for row in made}) >= 35
    words = Counter(word for row in made for word in set(re.findall(r"\w+", row["name"].lower())))
    assert all(0.01 < words[word] / ROWS < 0.04 for word in ("services", "bank", "group"))
    assert len(words) > 8000
    chains = Counter(row["linked_group"] for row in made if row["linked_group"])
    assert chains.most_common(1)[0][1] > 20


def test_queries_are_variants_of_the_name() -> None:
    random = Random(3)  # noqa: S311  no secret
    name = "Hoffmann Söhne Maschinenbau GmbH & Co. KG"
    asked = {kind: search._asked(kind, random, name, "DE") for kind in search.KINDS}
    base = "Hoffmann Söhne Maschinenbau"
    assert asked["exact"] == name
    assert asked["typo"] != base
    assert abs(len(asked["typo"]) - len(base)) <= 2
    assert sorted(asked["reordered words"].split()) == sorted(base.split())
    assert asked["reordered words"] != base
    assert asked["other legal form"].removeprefix(base).strip() in customers.forms("DE")
    assert asked["3-letter prefix"] == "Hof"


def test_p95() -> None:
    assert search.percentile(range(1, 101), 95) == 96
    assert search.percentile([5.0], 95) == 5.0


# the commands, on the server of the tests


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "cosell.settings.local"}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "manage.py", *arguments],
        cwd=servers.REPO,
        env=env,
        text=True,
        capture_output=True,
    )


@pytest.fixture
def database() -> Iterator[str]:
    url = os.environ["DATABASE_URL"]
    loading.drop_database(url, loading.name_of(2000))
    yield url
    loading.drop_database(url, loading.name_of(2000))


def test_from_data_to_bars(database: str) -> None:
    made = manage("bench_data", "--customers=2000")
    assert made.returncode == 0, made.stderr
    assert "cosell_bench_2k is ready" in made.stdout
    assert loading.is_loaded(database, 2000)
    assert "holds 2,000 customers already" in manage("bench_data", "--customers=2000").stdout

    done = manage("bench", "--only=search", "--queries=4", "--small=2000", "--big=3000")
    assert done.returncode == 1, done.stdout + done.stderr  # the big one is missing, and a missing one is no pass
    assert "make bench-data CUSTOMERS=3000" in done.stdout
    assert len(re.findall(r"^exact .* \d+\.\d", done.stdout, re.M)) == 2
    bars = re.findall(r"^BAR .* \(goal .*\) (ok|short)$", done.stdout, re.M)
    assert bars == ["short"] * 2 * (len(search.KINDS) + 1)
