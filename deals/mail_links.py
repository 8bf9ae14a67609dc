"""Links in mails by which their reader answers without signing in (product.md §10; docs/answer-from-the-mail.md).

A link is the delivery's id, signed: nothing is stored for it beforehand. What it may do is asked anew each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.who import Who
from cosell import clock
from cosell.events.enums import Channel
from cosell.events.models import Delivery
from cosell.web.dates import said
from cosell.web.reasons import Reason
from deals import rules
from deals.enums import Action
from deals.models import Deal

ANSWERABLE = ("opportunity_received", "opportunity_expiring", "handed_over")  # messages that ask for an answer
GOOD_FOR = timedelta(days=15)
OVER = frozenset({"left", "used", "ended", "too_old", "no_role", "switched_off"})  # the link itself is
_signer = Signer(salt="deals.mail_links", sep=".")


class MailReader(Who):
    """Who acts through the link in a mail; what they do is recorded so."""


@dataclass(frozen=True)
class Answer:
    """A link that is good: who answers, about which side."""

    who: MailReader
    deal: Deal


def link(delivery: Delivery) -> str:
    """The path of the page where the reader of this mail answers; "" when they may not."""
    if not _asks(delivery) or isinstance(look(delivery, clock.now()), list):
        return ""
    return address(delivery)


def address(delivery: Delivery) -> str:
    """The path that the link in this mail has, good or not."""
    return reverse("deals:answer", args=[_signer.sign(delivery.uid.hex)])


def find(token: str) -> Delivery | None:
    """The mail that this link stands in; None for an address that was never one."""
    try:
        delivery = Delivery.objects.select_related("user", "event").get(uid=_signer.unsign(token))
    except (BadSignature, ValidationError, Delivery.DoesNotExist):
        return None
    return delivery if _asks(delivery) else None


def look(delivery: Delivery, now: datetime) -> Answer | list[Reason]:
    """What the link in this mail lets its reader do now, or why it is good for nothing any more.

    The reasons about the link itself say nothing of the deal; the others are the same as for who is signed in, who
    could read them there.
    """
    if reasons := _over(delivery, now):
        return reasons
    deal = (
        Deal.objects.select_related(
            "organization",
            "location",
            "invited_by",
            "invited_from__organization",
            "engagement__customer",
            "engagement__creator",
            "engagement__host",
        )
        .prefetch_related("team")
        .get(pk=deal_of(delivery))
    )
    who = Who.of(delivery.user, deal.organization) if delivery.user else None
    if who is None:
        return [
            Reason(
                "no_role",
                _("You have no role any more in the organization that was asked."),
                _("A colleague there can answer."),
            )
        ]
    if not deal.organization.acts_from_mail:
        return [Reason("switched_off", _("Your organization wants its people to sign in to answer."))]
    reader = MailReader(who.user, who.organization, who.memberships)
    return rules.refusals(reader, deal, Action.ACCEPT, now) or Answer(reader, deal)


def deal_of(delivery: Delivery) -> int:
    """The id of the side that the mail is about; each of these messages is about one."""
    return delivery.event.deal_id or 0


def status_of(reasons: list[Reason]) -> int:
    """410 where the link itself is over; else 409, which stands for "no" to what it asks."""
    return 410 if any(reason.code in OVER for reason in reasons) else 409


def _asks(delivery: Delivery) -> bool:
    return delivery.channel == Channel.MAIL and delivery.user_id is not None and delivery.message in ANSWERABLE


def _over(delivery: Delivery, now: datetime) -> list[Reason]:
    """What ends a link whatever becomes of the deal."""
    user = delivery.user
    if user is None or not user.is_active:
        return [Reason("left", _("This sign-in is closed, and the links in its mails with it."))]
    if delivery.acted_at:
        words = _("This link was used on %(when)s. Each link works once.") % {"when": said(delivery.acted_at)}
        return [Reason("used", words)]
    ended = user.links_valid_from
    if ended and delivery.created_at < ended:
        words = _("On %(when)s you signed out everywhere, or your password or a role changed: that ended this link.")
        return [Reason("ended", words % {"when": said(ended)})]
    if now >= delivery.created_at + GOOD_FOR:
        words = _("This link is too old: links in mails work for %(days)d days.") % {"days": GOOD_FOR.days}
        return [Reason("too_old", words)]
    return []
