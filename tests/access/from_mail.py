"""Answering from a mail, handing over, the calendar. The link in a mail acts for its reader, whoever opens it."""

from __future__ import annotations

from collections.abc import Callable

from accounts.actions import make_calendar
from accounts.models import User
from cosell.events.enums import Channel
from cosell.events.models import Delivery
from deals import mail_links
from deals.enums import Action
from tests.access.table import CAST, EVERYBODY, OPEN, Row, answers, changed_by

NOBODYS = answers(others=404, anonymous=404)


class Secret:
    """A word of an address that is made when it is asked for, of the rows that are there then."""

    def __init__(self, make: Callable[[], str]) -> None:
        self.make = make

    def __str__(self) -> str:
        return self.make()


def in_the_mail_of_priya() -> str:
    mail = Delivery.objects.get(channel=Channel.MAIL, message="opportunity_received", user__email=CAST["priya"])
    return mail_links.address(mail).split("/")[2]


def in_the_bell_of_priya() -> str:
    bell = Delivery.objects.get(channel=Channel.BELL, message="opportunity_received", user__email=CAST["priya"])
    return mail_links.address(bell).split("/")[2]


def of_ana() -> str:
    return make_calendar(User.objects.get(email=CAST["ana"]))


def _hand_over(side: str, get: int, post: int) -> Row:
    return Row(
        "deals:act",
        {"uid": side, "action": Action.HAND_OVER.value},
        get=changed_by(side, get),
        post=changed_by(side, post),
        about=f"{Action.HAND_OVER} {side}",
    )


ROWS = [
    Row(
        "deals:answer",
        {"token": Secret(in_the_mail_of_priya)},
        get=OPEN,
        post=answers(others=200, anonymous=200),
        data={"way": "decline", "decline-reason": "timeline"},
    ),
    Row("deals:answer", {"token": Secret(in_the_bell_of_priya)}, get=NOBODYS, post=NOBODYS, about="of the bell"),
    Row("deals:answer", {"token": "nonsense"}, get=NOBODYS, post=NOBODYS, about="nonsense"),
    *(_hand_over(side, 200, 422) for side in ("sao_paulo", "london", "partner_led", "host", "northlake", "received")),
    Row("deals:calendar", {"token": Secret(of_ana)}, get=OPEN),
    Row("deals:calendar", {"token": "nonsense"}, get=NOBODYS, about="nonsense"),
    Row("accounts:calendar", get=EVERYBODY, post=answers(others=200), data={"make": "1"}),
]
