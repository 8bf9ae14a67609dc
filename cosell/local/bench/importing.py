"""How fast customers are imported, beside the least that PostgreSQL could do with the same file."""

import time
from pathlib import Path

import psycopg
from psycopg import sql

from cosell.local.bench import loading
from cosell.local.bench.customers import COLUMNS

NAME = "cosell_bench_import"


def compare(url: str, rows: int, say: loading.Say) -> tuple[float, float]:
    """Rows a second: of the import into an empty database, and of a bare COPY into a table without indexes."""
    here = loading.make_database(url, NAME)
    try:
        with loading.csv_of(rows, say) as file:
            bare = rows / _copy(here, file)
            own = rows / loading.import_file(here, file)
    finally:
        loading.drop_database(url, NAME)
    return own, bare


def _copy(url: str, file: Path) -> float:
    """Seconds of a COPY into one plain table, commit included."""
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in COLUMNS)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE TABLE bare ({})").format(columns))
        started = time.perf_counter()
        with connection.cursor().copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy, file.open("rb") as source:
            while block := source.read(2**18):
                copy.write(block)
        seconds = time.perf_counter() - started
        connection.execute("DROP TABLE bare")
    return seconds
