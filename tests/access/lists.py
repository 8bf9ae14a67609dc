"""Columns of the lists: everybody's own choice."""

from __future__ import annotations

from tests.access.table import MEMBERS, Row, answers

ROWS = [
    Row(
        "deals:columns",
        get=MEMBERS,
        post=answers(("operator", 403), others=302),
        data={"columns": "value"},
    ),
]
