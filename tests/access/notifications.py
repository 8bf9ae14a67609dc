"""The bell, how one is told, out of office: everybody's own. The home page: of who has a role somewhere."""

from __future__ import annotations

from tests.access.table import EVERYBODY, MEMBERS, Row, answers

ROWS = [
    Row("deals:home", get=MEMBERS),
    # Anonymous: no way to the sign-in, which would carry a forgotten page away.
    Row("events:bell_count", get=answers(others=200, anonymous=204)),
    Row("events:preferences", get=EVERYBODY, post=answers(others=422)),
    Row("accounts:away", get=EVERYBODY, post=answers(others=422)),
    Row("accounts:here", post=answers(others=204)),
]
