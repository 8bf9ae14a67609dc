"""The partner's pages of a registration: the own side looks, its editors act; of the host's people nobody."""

from tests.access.table import Expected, Row, answers, changed_by, seen_by

TOLD = "beatriz noor erik tom diego operator"  # see the deal, or are colleagues: 403 with the reason


def own(editor: int, reader: int) -> Expected:
    return answers(("ana julia rui", editor), ("vera", reader), (TOLD, 403), others=404)


PENDING, WON = {"uid": "sao_paulo"}, {"uid": "won"}
ROWS = [
    # Nothing is won on the first one: who may change the side is told so.
    Row(
        "registrations:registration", {"uid": "sao_paulo"}, get=seen_by("sao_paulo"), post=changed_by("sao_paulo", 409)
    ),
    # A reviewer has it: nothing can be saved, a change can be proposed, the one exception has been requested.
    Row("registrations:registration", WON, get=own(200, 200), post=own(409, 403), about="won"),
    Row("registrations:annual", WON, get=own(200, 200)),
    Row("registrations:change", WON, get=own(200, 403), post=own(422, 403)),
    Row("registrations:withdraw_change", WON, get=own(200, 403), post=own(409, 403)),
    Row("registrations:waive", WON, get=own(409, 403), post=own(409, 403)),
    Row("registrations:exception", WON, get=own(409, 403), post=own(409, 403)),
]
