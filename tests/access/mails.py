"""Links in mails that need no sign-in, and the previews of all messages for whoever may enter the admin."""

from __future__ import annotations

from django.core import signing

from cosell.events import unsubscribing
from tests.access.table import OPEN, Row, answers

TOKEN = signing.Signer(key="tests", salt=unsubscribing.SALT).sign_object(["mail:freda@elsewhere.example", "deal_won"])
GONE = answers(others=404, anonymous=404)
KEEPERS = answers(("ana julia diego priya mia erik operator", 200), others=403)
NO_SUCH = answers(("ana julia diego priya mia erik operator", 404), others=403)

ROWS = [
    Row("events:unsubscribe", {"token": TOKEN}, get=OPEN, post=OPEN),
    Row("events:unsubscribe", {"token": "nonsense"}, get=GONE, post=GONE, about="forged"),
    Row("events:preview_list", get=KEEPERS),
    Row("events:preview", {"name": "deal_won"}, get=KEEPERS),
    Row("events:preview", {"name": "nonsense"}, get=NO_SUCH, about="nonsense"),
    Row("events:preview_html", {"name": "deal_won"}, get=KEEPERS),
]
