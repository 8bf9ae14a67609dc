"""Why can I see this? Whoever opens the deal may ask for themselves; about others see tests/deals/test_why.py."""

from tests.access.table import SIDES, Row, seen_by

ROWS = [Row("deals:why", {"uid": side}, get=seen_by(side), about=side) for side in SIDES]
