"""The file: is it one that can be read, and its rows in batches."""

from __future__ import annotations

import codecs
import csv
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from typing import BinaryIO

from django.utils.translation import gettext as _

from accounts.importing.rows import COLUMNS, REQUIRED, Batch

_CHUNK = 1 << 20


class Unreadable(Exception):
    """The file as a whole; says why, in words for people. Nothing of it is written, or nothing more."""


@dataclass(frozen=True)
class Source:
    """A file that was looked through once. `lines` is near the number of rows: names may go over several lines."""

    name: str
    open: Callable[[], BinaryIO]
    sha256: str
    lines: int
    columns: tuple[str, ...]

    @classmethod
    def of(cls, name: str, opened: Callable[[], BinaryIO]) -> Source:
        """Raises Unreadable for another encoding or other columns; then nothing was written yet."""
        digest, lines = _look_through(opened)
        with _text(opened) as text:
            columns = _columns(next(_read(text), (1, []))[1])
        return cls(name, opened, digest, lines, columns)

    def batches(self, size: int, *, after: int = 0) -> Iterator[Batch]:
        """Rows below the header that begin behind line `after`. Raises Unreadable where the CSV breaks off."""
        rows: list[tuple[int, list[str]]] = []
        with _text(self.open) as text:
            lines = _read(text)
            next(lines)
            for line, fields in lines:
                if line <= after:
                    continue
                rows.append((line, fields))
                if len(rows) == size:
                    yield Batch(self.columns, rows)
                    rows = []
        if rows:
            yield Batch(self.columns, rows)


def _look_through(opened: Callable[[], BinaryIO]) -> tuple[str, int]:
    digest, lines, decoder = hashlib.sha256(), 0, codecs.getincrementaldecoder("utf-8")()
    with opened() as file:
        try:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                decoder.decode(chunk)
                lines += chunk.count(b"\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            line = lines + 1 + error.object[: error.start].count(b"\n")
            raise Unreadable(_("Line %d is not UTF-8. Save the file as “CSV UTF-8”.") % line) from error
    return digest.hexdigest(), lines


def _text(opened: Callable[[], BinaryIO]) -> TextIOWrapper:
    return TextIOWrapper(opened(), "utf-8-sig", newline="")


def _read(text: TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not empty, with the line where it begins."""
    reader = csv.reader(text)
    begins = 1
    try:
        for fields in reader:
            if fields:
                yield begins, fields
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(
            _("Line %(line)d: %(error)s. Is a quote left open?") % {"line": begins, "error": error}
        ) from error


def _columns(header: list[str]) -> tuple[str, ...]:
    named = tuple(name.strip().lower() for name in header)
    if len(named) == 1 and any(sign in named[0] for sign in ";\t"):
        raise Unreadable(_("Separate the columns with commas."))
    if unknown := [name for name in named if name not in COLUMNS]:
        words = _("Unknown columns: %(unknown)s. Possible columns: %(columns)s.")
        raise Unreadable(
            words % {"unknown": ", ".join(f"“{name[:40]}”" for name in unknown[:20]), "columns": ", ".join(COLUMNS)}
        )
    if missing := [name for name in REQUIRED if name not in named]:
        raise Unreadable(_("Missing columns: %s.") % ", ".join(missing))
    if len(set(named)) < len(named):
        raise Unreadable(_("A column appears twice."))
    return named
