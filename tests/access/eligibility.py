"""Can it be registered? Know why: for everybody who may open the deal."""

from tests.access.table import SIDES, Row, seen_by

ROWS = [Row("registrations:why", {"uid": side}, get=seen_by(side), about=side) for side in SIDES]
