"""Partner to partner: the page of all sides."""

from tests.access.table import MEMBERS, SIDES, Row, seen_by

ROWS = [
    Row("deals:standing", get=MEMBERS),
    *(Row("deals:sides", {"uid": side}, get=seen_by(side), about=side) for side in SIDES),
]
