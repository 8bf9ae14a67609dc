"""An import from beginning to end. Each batch is a transaction: one that was killed goes on behind the last."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from django.db import transaction

from accounts.importing import tables, words
from accounts.importing.parallel import in_order
from accounts.importing.rows import Checked, Problem, check, found_anew
from accounts.importing.source import Source
from accounts.importing.tables import Seen
from accounts.models import CustomerImport, User
from cosell import clock

MANY_ROWS = 200_000  # from here on an empty table is filled without its indexes, which are made at the end
BATCH = 20_000
KEPT_DAYS = 7  # so long an import that was broken off can go on
PLAIN = 5_000  # a file of so few lines is done before further processes have started


class Watcher(Protocol):
    """Who is told: what was refused, before it is certain; and how far the import is, in rows or accounts."""

    def refused(self, problems: list[Problem]) -> None: ...

    def now(self, step: str, done: int, of: int) -> None: ...


def unfinished(source: Source) -> CustomerImport | None:
    """The import of this very file that was broken off, if it can go on."""
    broken = CustomerImport.objects.filter(sha256=source.sha256, finished_at=None).order_by("-pk").first()
    return broken if broken and Seen(broken.pk).exists() else None


def begin(source: Source, by: User | None = None) -> CustomerImport:
    made = CustomerImport.objects.create(
        file_name=source.name[-255:], sha256=source.sha256, by=by, started_at=clock.now()
    )
    given_up = clock.now() - timedelta(days=KEPT_DAYS)
    going = CustomerImport.objects.filter(finished_at=None, started_at__gt=given_up).exclude(sha256=source.sha256)
    Seen(made.pk).create(others=set(going.values_list("pk", flat=True)))
    return made


def go_on(
    source: Source,
    what: CustomerImport,
    watcher: Watcher,
    *,
    batch: int = BATCH,
    workers: int = 0,
    heals: bool = True,
) -> None:
    """Writes the file's accounts from line `what.line_done` on, and counts in `what`.

    1. rows, each batch in a transaction; 2. parents, with the search columns of who has another one or a renamed one;
    3. indexes that lack, if it `heals`; 4. the lexicon and the planner's statistics, if much changed.
    `workers` processes make the rows ready; 0 does it here. Raises Unreadable where the file breaks off; what was
    written until then stays. Call it within `tables.alone()`.
    """
    if source.lines <= PLAIN:
        workers = 0
    if source.lines > MANY_ROWS and tables.is_empty():
        tables.drop_indexes()
    with tables.staging():
        _rows(source, what, watcher, batch, workers)
        _parents(source, what, watcher, batch, workers)
    if heals:
        _indexes(watcher)
    if tables.is_much(what.inserted + what.updated):
        watcher.now("words", 0, 1)
        words.rebuild()
        tables.analyze()
    with transaction.atomic():
        Seen(what.pk).drop()
        what.finished_at = clock.now()
        what.save()


def rehearse(source: Source, watcher: Watcher) -> CustomerImport:
    """What would happen: it is done, counted and taken back. Call it within `tables.alone()`."""
    with transaction.atomic():
        what = begin(source)
        with tables.staging():
            _rows(source, what, watcher, BATCH, 0)
            _parents(source, what, watcher, BATCH, 0)
        transaction.set_rollback(True)
    return what


def _rows(source: Source, what: CustomerImport, watcher: Watcher, batch: int, workers: int) -> None:
    known: set[str] = set()
    for checked in in_order(check, source.batches(batch, after=what.line_done), workers):
        with transaction.atomic():
            known |= _write(source, what, watcher, checked, known)
        watcher.now("rows", what.rows_done, max(source.lines - 1, what.rows_done))


def _write(source: Source, what: CustomerImport, watcher: Watcher, checked: Checked, known: set[str]) -> set[str]:
    """One batch; → the words that the lexicon learnt."""
    seen = Seen(what.pk)
    tables.stage(checked.staged)
    problems = sorted([*checked.problems, *tables.refuse_staged(seen)])
    learnt = tables.learn(checked.words, known)
    counted = tables.merge_staged(seen, source.columns, clock.now())
    watcher.refused(problems)
    what.rows_done += checked.rows
    what.line_done = checked.last_line
    what.inserted += counted.get("i", 0)
    what.updated += counted.get("u", 0)
    what.unchanged += counted.get("", 0)
    what.refused += len({problem.line for problem in problems})
    what.save()
    return learnt


def _parents(source: Source, what: CustomerImport, watcher: Watcher, batch: int, workers: int) -> None:
    seen = Seen(what.pk)
    count, done = tables.list_again(seen, source.columns), 0
    for lines in in_order(found_anew, tables.read_again(batch), workers if count > PLAIN else 0):
        with transaction.atomic():
            moved = tables.find_anew(lines)
            what.updated += moved
            what.unchanged -= moved
            what.save()
        done = min(done + batch, count)
        watcher.now("parents", done, count)
    problems = list(seen.unknown_parents())
    watcher.refused(problems)
    what.unknown_parents = len(problems)


def _indexes(watcher: Watcher) -> None:
    missing = tables.missing_indexes()
    for number, index in enumerate(missing):
        watcher.now("indexes", number, len(missing))
        tables.make_index(index)
