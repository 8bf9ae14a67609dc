"""Sections of the edit page that are one field: open, fixed on this side, or of a side that has not answered."""

from tests.access.table import Row, changed_by

ROWS = [
    *(
        Row(
            "deals:edit",
            {"uid": side, "section": "contact"},
            get=changed_by(side, 200),
            post=changed_by(side, 302),
            data={"version": "1"},
            about=f"contact {side}",
        )
        for side in ("london", "partner_led")
    ),
    *(
        Row(
            "deals:edit",
            {"uid": "received", "section": section},
            get=changed_by("received", 409),
            post=changed_by("received", answer),
            about=f"{section} received",
        )
        for section, answer in (("contact", 409), ("team", 422), ("solutions", 422))
    ),
]
