"""Drafting notes for sellers: in the own draft, and on a deal for who may share it."""

from deals.enums import Action
from tests.access.table import CREATORS, Row, answers, changed_by, seen_by

# Each address stands for its page: who may not share is told by GET what the dialog would say.
OWN_DRAFT = answers(("ana", 302), (CREATORS[4:], 404), others=403)
ROWS = [
    Row(
        "deals:draft_notes",
        {"uid": "draft"},
        get=OWN_DRAFT,
        post=answers(("ana", 200), (CREATORS[4:], 404), others=403),
        data={"version": "1", "go": "draft"},
    ),
    *(
        Row("deals:deal_notes", {"uid": side}, get=seen_by(side, 302), post=post, data={"go": "draft"}, about=side)
        for side, post in (
            ("london", changed_by("london", 200)),
            ("host", seen_by("host", 403)),
            ("received", seen_by("received", 403)),
        )
    ),
    Row(
        "deals:deal_notes",
        {"uid": "london"},
        get=seen_by("london", 302),
        post=changed_by("london", 422),
        data={"go": str(Action.SHARE)},
        about="its own button",
    ),
]
