"""The demo's rows, made once by the real actions and then copied: a test that needs them starts in a blink.

Each process of a run makes its own at the first use. Rows of ours alone; Django keeps its own tables.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.apps import apps
from django.db import connection, transaction

from accounts.models import PartnerProgram, SolutionArea, SolutionPlay
from registrations.models import Program

OURS = ("accounts", "deals", "registrations", "events", "account", "mfa")
# By migrations, until a test that commits empties all tables; the cast fills them again.
FILLED = (SolutionPlay, SolutionArea, PartnerProgram, Program)
_kept: dict[str, list[tuple[str, bytes]]] = {}


@cache
def _tables() -> list[str]:
    models = [model for label in OURS for model in apps.get_app_config(label).get_models(include_auto_created=True)]
    return [model._meta.db_table for model in models]


def restore(name: str, make: Callable[[], None]) -> None:
    """Fill empty tables with the rows that `make` makes; it is called the first time only."""
    if name not in _kept:
        with transaction.atomic():
            make()
            _kept[name] = [(table, rows) for table in _tables() if (rows := _read(table))]
        return
    with transaction.atomic():  # constraints between tables are judged at its end
        for model in FILLED:
            model.objects.all().delete()
        for table, rows in _kept[name]:
            _write(table, rows)


def _read(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
        return b"".join(bytes(block) for block in copy)


def _write(table: str, rows: bytes) -> None:
    with connection.cursor() as cursor:
        with cursor.copy(f'COPY "{table}" FROM STDIN') as copy:
            copy.write(rows)
        cursor.execute("SELECT to_regclass(%s || '_id_seq')", [table])
        if cursor.fetchone()[0]:
            cursor.execute(f'SELECT setval(%s, (SELECT max(id) FROM "{table}"))', [f"{table}_id_seq"])
