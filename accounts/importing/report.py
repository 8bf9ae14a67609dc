"""The report of refused lines, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from accounts.importing.rows import Problem

HEADER = ("line", "column", "code", "reason", "value")
_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


class Report:
    """Written line by line. One that goes on keeps what it had up to line `after`, which is not read again.

    Raises OSError when it cannot be written.
    """

    def __init__(self, path: Path, *, after: int = 0) -> None:
        kept = _kept(path, after) if after else []
        self.file = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self.file)
        self._csv.writerow(HEADER)
        self._csv.writerows(kept)
        self.file.flush()

    def add(self, problems: Iterable[Problem]) -> None:
        self._csv.writerows([each.line, each.column, each.code, each.text, defused(each.value)] for each in problems)
        self.file.flush()

    def close(self) -> None:
        self.file.close()


def _kept(path: Path, after: int) -> list[list[str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) == len(HEADER) and row[0].isdecimal()]
    return [row for row in rows if int(row[0]) <= after and row[2] != "unknown_parent"]


def defused(value: str) -> str:
    """A cell that a spreadsheet would run is made a text."""
    return f"'{value}" if value.startswith(_RUN_BY_SPREADSHEETS) else value
