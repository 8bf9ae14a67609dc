"""Chat hooks: tried by who keeps them. Mails that did not arrive: sent again by who may change the deal."""

from __future__ import annotations

from accounts.models import Organization
from cosell.events.models import ChatHook
from tests.access.people import SEE_NOBODY
from tests.access.table import SIDES, Row, answers, changed_by

NONE = "00000000-0000-4000-8000-000000000000"


def hook() -> None:
    """Of the entire company, so not Julia's, who looks after one location; its address is refused without a look."""
    contoso = Organization.objects.get(name="Contoso Data")
    ChatHook.objects.create(organization=contoso, name="Co-sell", service="slack", url="https://127.0.0.1/hook/x")


ROWS = [
    Row(
        "admin:events_chathook_try",
        {"object_id": "events.ChatHook"},
        post=answers(("ana diego operator", 302), SEE_NOBODY, others=404),
    ),
    *(
        Row("deals:undelivered", {"uid": side, "delivery": NONE}, post=changed_by(side, 302), about=side)
        for side in SIDES
    ),
]
