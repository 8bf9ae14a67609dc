"""How soon and how surely an organization answers invitations (product.md §5, fact sheet 1.7, 1.14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from babel.numbers import format_decimal
from django.db.models import Aggregate, Count, DurationField, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.search import find_partners
from cosell import clock
from cosell.web.dates import locale
from deals.enums import Direction, ExpiryReason, Stage
from deals.models import Deal
from deals.workflow import ANSWER_WITHIN

if TYPE_CHECKING:
    from accounts.models import Organization
    from accounts.who import Who

WINDOW = timedelta(days=90)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SUGGESTED = 10
GRADE = 5  # names that differ by less than this, of 100, are about as alike


class Median(Aggregate):
    """The middle value, between two when there is no one in the middle; rows without a value do not count."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True)
class Responsiveness:
    """The invitations of one organization that are decided, how many of them it answered, and how soon.

    `median` is the middle answer time of the answered ones, None where nothing was answered.
    """

    invited: int = 0
    answered: int = 0
    median: timedelta | None = None

    @property
    def percent(self) -> int:
        """Share answered; 100 only when nothing was left without an answer."""
        return 100 * self.answered // self.invited if self.invited else 0

    @property
    def expected_wait(self) -> timedelta:
        """What an inviter has to reckon with: an invitation without an answer costs all its 14 days.

        Of whom nothing is known, half of that: behind those who answer, before those who do not.
        """
        if not self.invited:
            return ANSWER_WITHIN / 2
        missed = self.invited - self.answered
        return (self.answered * (self.median or timedelta()) + missed * ANSWER_WITHIN) / self.invited

    @property
    def median_words(self) -> str:
        """ "1.2 days", "5 hours"; "less than an hour" below one."""
        if self.median is None:
            return ""
        if self.median >= DAY:
            return _("%(days)s days") % {"days": format_decimal(self.median / DAY, "0.0", locale=locale())}
        hours = self.median // HOUR
        return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours} if hours else _("under an hour")

    @property
    def words(self) -> str:
        """How a partner stands in a list of suggestions."""
        if not self.invited:
            return _("no invitations in the last 90 days")
        if not self.answered:
            return _("no invitation answered in the last 90 days")
        facts = {"time": self.median_words, "percent": self.percent}
        return _("answers in %(time)s, %(percent)d %% answered") % facts


def responsiveness_of(organizations: Iterable[int]) -> dict[int, Responsiveness]:
    """The standing of each organization (by its id), in one question.

    Counted are the invitations of the last 90 days that were answered (accepted or declined) or whose 14 days are
    over. One that still waits within its time says nothing yet; one that the sender took back, by withdrawing it or
    by closing the deal, is nobody's delay. The median is over those that were answered.
    """
    now = clock.now()
    ids = list(organizations)
    taken_back = Q(stage=Stage.EXPIRED, close_reason__in=(ExpiryReason.WITHDRAWN, ExpiryReason.SENDER_CLOSED))
    rows = (
        Deal.objects.filter(
            Q(answered_at__isnull=False) | Q(expires_at__lte=now),
            organization__in=ids,
            direction=Direction.INBOUND,
            invited_at__gte=now - WINDOW,
        )
        .exclude(taken_back)
        .order_by()
        .values_list("organization")
        .annotate(
            invited_count=Count("pk"),
            answered_count=Count("answered_at"),
            median=Median(F("answered_at") - F("invited_at")),
        )
    )
    known = {organization: Responsiveness(*facts) for organization, *facts in rows}
    return {pk: known.get(pk, Responsiveness()) for pk in ids}


@dataclass(frozen=True)
class Suggestion:
    """A partner that may be invited; `taken` says why not, where it is on the deal or in the draft already."""

    partner: Organization
    responsiveness: Responsiveness
    taken: str = ""


def suggest_partners(who: Who, query: str, *, taken: Mapping[str, str] | None = None) -> list[Suggestion]:
    """The partners that fit what was typed best: by name, then, among names about as alike, by who answers.

    `taken` gives the words for partners (by uid) that cannot be invited now; they stand behind the others.
    """
    words = taken or {}
    found = find_partners(who, query)
    standing = responsiveness_of(each.partner.pk for each in found)

    def order(suggestion: Suggestion, likeness: float) -> tuple[float, bool, timedelta, str]:
        partner = suggestion.partner
        return -(likeness // GRADE), bool(suggestion.taken), suggestion.responsiveness.expected_wait, partner.name

    ranked = sorted(
        (
            (Suggestion(partner, standing[partner.pk], words.get(str(partner.uid), "")), likeness)
            for partner, likeness in found
        ),
        key=lambda pair: order(*pair),
    )
    return [suggestion for suggestion, _likeness in ranked[:SUGGESTED]]
