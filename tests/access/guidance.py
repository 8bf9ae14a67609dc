"""The panel beside the wizard: of one's own draft, at the steps that have one."""

from __future__ import annotations

from deals.guidance import STEPS_WITH_GUIDANCE
from tests.access.table import CREATORS, Row, answers

ROWS = [
    *(
        Row(
            "deals:draft_guidance",
            {"uid": "draft", "slug": step},
            post=answers(("ana", 200), (CREATORS[4:], 404), others=403),
            about=step,
        )
        for step in STEPS_WITH_GUIDANCE
    ),
    Row(
        "deals:draft_guidance",
        {"uid": "draft", "slug": "help"},
        post=answers((CREATORS, 404), others=403),
        about="help",
    ),
]
