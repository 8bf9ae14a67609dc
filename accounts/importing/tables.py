"""What the import does in the database. Every function is one or a few statements; `run` puts them in order.

Beside the accounts there are tables that last as long as an import: `customer_staged` has one batch, `customer_again`
the accounts to be searched anew, and `customer_import_<id>` every row that was read: it outlives a crash.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection

from accounts.importing.rows import COLUMNS, SEARCHED_BY, STAGED, Problem, Renamed
from accounts.models import CustomerAccount

_LOCK = 7_311_003  # one import at a time
_SEARCHED = ("search_name", "search_text", "search_vector")
_GIVEN = tuple(column for column in COLUMNS if column not in ("account_id", "parent_account_id"))


class Busy(Exception):
    """Another import is running."""


@contextmanager
def alone() -> Iterator[None]:
    """Raises Busy. The lock is the connection's, so that it is gone with a process that was killed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise Busy
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


@contextmanager
def staging() -> Iterator[None]:
    """The tables of this connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE customer_staged ("
            " line bigint, account_id varchar, name varchar, former_names varchar[], trade_names varchar[],"
            " category varchar, parent_account_id varchar, linked_group varchar, duns varchar, domain varchar,"
            " address varchar, city varchar, state varchar, postal_code varchar, country varchar, macc boolean,"
            ' federal boolean, search_name varchar COLLATE "C", search_text text, search_vector tsvector)'
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE customer_again (id bigint PRIMARY KEY, parent_id bigint, moved boolean NOT NULL)"
        )
        cursor.execute(
            "CREATE TEMPORARY TABLE customer_found (id bigint PRIMARY KEY, parent_id bigint, moved boolean NOT NULL,"
            ' search_name varchar COLLATE "C", search_text text, search_vector tsvector)'
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS customer_staged, customer_again, customer_found")


# the rows that were read


class Seen:
    """The rows that an import read, and whether each changed its account: '' no, 'u' updated, 'i' inserted."""

    def __init__(self, number: int) -> None:
        self.table = f"customer_import_{int(number)}"

    def exists(self) -> bool:
        """False also after a crash of the server, which empties such a table."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [self.table])
            if not cursor.fetchone()[0]:
                return False
            cursor.execute(f"SELECT EXISTS (SELECT FROM {self.table})")  # noqa: S608  a number
            return bool(cursor.fetchone()[0])

    def create(self, *, others: set[int]) -> None:
        """Keeps those of the imports `others`, and clears away what was given up."""
        kept = {Seen(other).table for other in others}
        with connection.cursor() as cursor:
            cursor.execute(r"SELECT tablename FROM pg_tables WHERE tablename ~ '^customer_import_\d+$'")
            for table in {name for (name,) in cursor.fetchall()} - kept:
                cursor.execute(f"DROP TABLE {table}")
            cursor.execute(
                f"CREATE UNLOGGED TABLE {self.table} (account_id varchar PRIMARY KEY, line bigint NOT NULL,"
                " parent_account_id varchar NOT NULL, change varchar NOT NULL)"
            )

    def drop(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {self.table}")

    def unknown_parents(self) -> Iterator[Problem]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT s.line, s.parent_account_id FROM {self.table} s"  # noqa: S608  a number
                " LEFT JOIN accounts_customeraccount p ON p.account_id = s.parent_account_id"
                " WHERE s.parent_account_id <> '' AND p.id IS NULL ORDER BY s.line"
            )
            for line, parent in cursor.fetchall():
                yield Problem(line, "parent_account_id", "unknown_parent", parent)


# a batch


def stage(lines: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE customer_staged")
        with cursor.copy(f"COPY customer_staged ({', '.join(STAGED)}) FROM STDIN") as copy:
            copy.write(lines)


def refuse_staged(seen: Seen) -> list[Problem]:
    """Takes out of the batch what stood in the file before, and what the import may not touch."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.line, s.account_id, 'twice', first.line::text FROM customer_staged s"  # noqa: S608  a number
            f" JOIN {seen.table} first USING (account_id)"
            " UNION ALL"
            " SELECT s.line, s.account_id, CASE WHEN a.category = 'manual' THEN 'by_hand' ELSE 'merged' END,"
            " coalesce(other.account_id, other.name, '') FROM customer_staged s"
            " JOIN accounts_customeraccount a USING (account_id)"
            " LEFT JOIN accounts_customeraccount other ON other.id = a.merged_into_id"
            " WHERE a.category = 'manual' OR a.merged_into_id IS NOT NULL"
        )
        refused = {line: Problem(line, "account_id", code, value, more) for line, value, code, more in cursor}
        if refused:
            cursor.execute("DELETE FROM customer_staged WHERE line = ANY(%s)", [list(refused)])
    return list(refused.values())


def merge_staged(seen: Seen, columns: tuple[str, ...], now: datetime) -> dict[str, int]:
    """Inserts what is new and updates what differs; → how many by Seen's words.

    Columns that the file lacks stay as they are. Then, and where there is a parent, the search columns are not known
    yet: `find_anew` makes them. An account that nobody changed since has them right, with its parent's name.
    """
    given = [column for column in _GIVEN if column in columns]
    alike = _differ(given)
    if columns_are_whole(columns):
        given += _SEARCHED
        alike += f" OR a.parent_id IS NULL AND {_differ(_SEARCHED)}"
    every = ", ".join(("account_id", *_GIVEN, *_SEARCHED))
    read = every.replace("linked_group", "nullif(linked_group, '')::uuid")
    sets = ", ".join(f"{column} = excluded.{column}" for column in given)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH done AS (INSERT INTO accounts_customeraccount AS a (uid, created_at, {every})"  # noqa: S608  columns
            f" SELECT gen_random_uuid(), %s, {read} FROM customer_staged"
            f" ON CONFLICT (account_id) DO UPDATE SET {sets}"
            f" WHERE a.merged_into_id IS NULL AND a.category <> 'manual' AND ({alike})"
            " RETURNING a.account_id, CASE WHEN a.xmax = 0 THEN 'i' ELSE 'u' END AS change),"
            f" kept AS (INSERT INTO {seen.table} (account_id, line, parent_account_id, change)"
            " SELECT account_id, line, parent_account_id, coalesce(done.change, '')"
            " FROM customer_staged LEFT JOIN done USING (account_id) RETURNING change)"
            " SELECT change, count(*) FROM kept GROUP BY change",
            [now],
        )
        return dict(cursor.fetchall())


def columns_are_whole(columns: tuple[str, ...]) -> bool:
    """Does the file say everything that an account is searched by, but for its parent?"""
    return set(columns) >= SEARCHED_BY


def _differ(columns: list[str] | tuple[str, ...]) -> str:
    ours, theirs = (
        ", ".join(f"a.{column}" for column in columns),
        ", ".join(f"excluded.{column}" for column in columns),
    )
    return f"({ours}) IS DISTINCT FROM ({theirs})"


def learn(words: Counter[str], known: set[str]) -> set[str]:
    """Puts the words into the lexicon that are not `known` to be there; → those. Sorted: two writers never cross."""
    new = sorted({word[:250] for word in words} - known)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_customerword (word, frequency) SELECT * FROM unnest(%s::varchar[], %s::int[])"
            " ON CONFLICT (word) DO NOTHING",
            [new, [words[word] or 1 for word in new]],
        )
    return set(new)


# parents


def list_again(seen: Seen, columns: tuple[str, ...]) -> int:
    """Lists in `customer_again` who has another parent, or whose search columns are not what they should be."""
    partial = " OR s.change = 'u'" if not columns_are_whole(columns) else ""
    target, joined = "a.parent_id", ""
    if "parent_account_id" in columns:
        target = "nullif(coalesce(p.merged_into_id, p.id), a.id)"
        joined = (
            " LEFT JOIN accounts_customeraccount p ON p.account_id = s.parent_account_id AND s.parent_account_id <> ''"
        )
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE customer_again")
        cursor.execute(
            "INSERT INTO customer_again (id, parent_id, moved)"  # noqa: S608  a number
            f" SELECT a.id, {target}, s.change = '' AND a.parent_id IS DISTINCT FROM {target}"
            f" FROM {seen.table} s JOIN accounts_customeraccount a USING (account_id){joined}"
            f" WHERE a.merged_into_id IS NULL AND (a.parent_id IS DISTINCT FROM {target}"
            f" OR s.change <> '' AND {target} IS NOT NULL{partial})"
        )
        count = cursor.rowcount
        cursor.execute(
            "INSERT INTO customer_again (id, parent_id, moved) SELECT c.id, c.parent_id, false"  # noqa: S608  a number
            f" FROM {seen.table} s JOIN accounts_customeraccount p USING (account_id)"
            " JOIN accounts_customeraccount c ON c.parent_id = p.id"
            " WHERE s.change = 'u' AND c.merged_into_id IS NULL ON CONFLICT (id) DO NOTHING"
        )
        return int(count + cursor.rowcount)


def read_again(size: int) -> Iterator[list[Renamed]]:
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT a.id, g.parent_id, g.moved, a.name, a.former_names, a.trade_names, a.category, a.country,"
                " a.state, a.city, p.name FROM customer_again g JOIN accounts_customeraccount a USING (id)"
                " LEFT JOIN accounts_customeraccount p ON p.id = g.parent_id"
                " WHERE g.id > %s ORDER BY g.id LIMIT %s",
                [last, size],
            )
            accounts = [Renamed(*row) for row in cursor.fetchall()]
        if not accounts:
            return
        last = accounts[-1].id
        yield accounts


def find_anew(lines: bytes) -> int:
    """Writes parents and search columns; → how many have another parent and are not counted as changed yet."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE customer_found")
        with cursor.copy(
            f"COPY customer_found (id, parent_id, moved, {', '.join(_SEARCHED)}) FROM STDIN (NULL '')"
        ) as copy:
            copy.write(lines)
        columns = ("parent_id", *_SEARCHED)
        sets = ", ".join(f"{column} = excluded.{column}" for column in columns)
        cursor.execute(
            f"UPDATE accounts_customeraccount a SET {sets} FROM customer_found excluded"  # noqa: S608  columns
            f" WHERE a.id = excluded.id AND {_differ(columns)}"
        )
        cursor.execute("SELECT count(*) FILTER (WHERE moved) FROM customer_found")
        return int(cursor.fetchone()[0])


# indexes and statistics


def is_empty() -> bool:
    return not CustomerAccount.objects.exists()


def missing_indexes() -> list[Any]:
    """Of those that the model declares."""
    with connection.cursor() as cursor:
        there = connection.introspection.get_constraints(cursor, CustomerAccount._meta.db_table)
    return [index for index in CustomerAccount._meta.indexes if index.name not in there]


def drop_indexes() -> None:
    with connection.schema_editor() as editor:
        for index in CustomerAccount._meta.indexes:
            editor.remove_index(CustomerAccount, index)


def make_index(index: Any) -> None:
    with connection.schema_editor() as editor:
        editor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        editor.add_index(CustomerAccount, index)


def is_much(count: int) -> bool:
    """Is that so much of the table that its statistics, and the frequencies of words, are another matter now?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'accounts_customeraccount'::regclass")
        return bool(count and count * 20 >= cursor.fetchone()[0])


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_customeraccount, accounts_customerword")
