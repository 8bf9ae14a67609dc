"""Receipts are for who may open the registration; the public keys are for everybody (tests/registrations)."""

from tests.access.table import Row, answers, of_registration

ROWS = [
    *(
        Row(f"registrations:receipt_{kind}", {"uid": "receipt"}, get=of_registration(200, 200, 200))
        for kind in ("json", "pdf")
    ),
    Row("registrations:receipt_key", {"kid": "0123456789abcdef"}, get=answers(others=404, anonymous=404)),
]
