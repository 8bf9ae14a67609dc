"""The bench's databases, one a number of customers: beside the demo's and never in it.

They stand on the server of DATABASE_URL, else on an embedded one with a folder of its own. A comment on the database
says what it holds; it is written last, so that one whose loading was cut short is made anew.
"""

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from cosell.local import servers
from cosell.local.bench.customers import COLUMNS, GENERATION, accounts

Say = Callable[[str], None]


@contextmanager
def server() -> Iterator[str]:
    """The address of a server that we may make databases on."""
    if "DATABASE_URL" in os.environ:
        yield os.environ["DATABASE_URL"]
        return
    folder = servers.own(servers.place()) / "bench"
    with servers.kept(folder) as running:
        is_new = _tune(running.env["DATABASE_URL"])
        if not is_new:
            yield running.env["DATABASE_URL"]
    if is_new:  # some settings are only read at the start
        with servers.kept(folder) as running:
            yield running.env["DATABASE_URL"]


def _tune(url: str) -> bool:
    """Memory as any guide gives it to a server of this size; PostgreSQL's own defaults are for a very small one."""
    megabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    wanted = {
        "shared_buffers": f"{min(2048, megabytes // 4)}MB",
        "effective_cache_size": f"{megabytes // 2}MB",
        "maintenance_work_mem": f"{min(512, megabytes // 16)}MB",
        "max_wal_size": "8GB",
        "random_page_cost": "1.1",
    }
    with psycopg.connect(url, autocommit=True) as connection:
        told = connection.execute("SELECT name FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'").fetchall()
        for name, value in wanted.items():
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
    return {name for (name,) in told} != set(wanted)


def name_of(customers: int) -> str:
    """cosell_bench_50k, cosell_bench_5m."""
    return f"cosell_bench_{short(customers)}"


def short(number: int) -> str:
    for unit, letter in ((1_000_000, "m"), (1000, "k")):
        if number >= unit and number % unit == 0:
            return f"{number // unit}{letter}"
    return str(number)


def address(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def is_loaded(url: str, customers: int) -> bool:
    """Whether the database is there, whole, and made by the present generator for the present tables."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name_of(customers)]
        ).fetchone()
    return found == (_mark(customers),)


def _mark(customers: int) -> str:
    ((_app, migration),) = MigrationLoader(None).graph.leaf_nodes("accounts")
    return f"{customers} customers of generation {GENERATION}, {migration}"


def make_database(url: str, name: str) -> str:
    """An empty one with all tables, in place of what had this name; returns its address."""
    drop_database(url, name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    manage(address(url, name), "migrate", "--verbosity=0", "--skip-checks")
    return address(url, name)


def drop_database(url: str, name: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def load(url: str, customers: int, out: Path | None, say: Say) -> None:
    """A database of so many made-up customers, through the project's own import. `out` keeps the CSV."""
    here = make_database(url, name_of(customers))
    with csv_of(customers, say, out) as file:
        say(f"Importing {customers:,} customers ...")
        seconds = import_file(here, file)
    say(f"Imported in {seconds:.0f} s: {customers / seconds:,.0f} rows/s")
    with psycopg.connect(here, autocommit=True) as connection:
        started = time.perf_counter()
        connection.execute("VACUUM ANALYZE")
        say(f"Vacuumed and analyzed in {time.perf_counter() - started:.0f} s")
        named, mark = sql.Identifier(name_of(customers)), sql.Literal(_mark(customers))
        connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(named, mark))


@contextmanager
def csv_of(customers: int, say: Say, out: Path | None = None) -> Iterator[Path]:
    """The generated customers in a file, which goes away unless it is `out`."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=servers.own(servers.place())) as folder:
        path = out or Path(folder) / "customers.csv"
        started = time.perf_counter()
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(COLUMNS)
            lines.writerows(accounts(customers))
        seconds, size = time.perf_counter() - started, path.stat().st_size / 2**20
        say(f"Made {customers:,} customers ({size:,.0f} MB) in {seconds:.0f} s: {customers / seconds:,.0f} rows/s")
        yield path


def import_file(url: str, file: Path) -> float:
    """Seconds that `manage.py import_customers` takes, its start included."""
    started = time.perf_counter()
    manage(url, "import_customers", str(file))
    return time.perf_counter() - started


def manage(url: str, *arguments: str) -> None:
    """Run a command of manage.py on another database, in a process of its own."""
    run(url, "manage.py", *arguments)


def run(url: str, *arguments: str, stdout: int | None = None) -> str:
    """Run Python on another database; raises RuntimeError when it fails."""
    env = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "cosell.settings.local"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments], env=env, cwd=servers.REPO, stdout=stdout, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}")
    return done.stdout or ""
