"""What is known of a side that may be registered, as plain values; the rules see nothing else (product.md §7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from accounts.enums import SolutionStatus
from deals import rules
from deals.enums import OPEN, REGISTRATION_SUBMITTED, UNANSWERED, Kind, Stage, Visibility
from deals.models import Deal
from deals.rules import Criterion
from registrations import rates
from registrations.rates import Rate

NOT_IN = (Stage.RECEIVED, *UNANSWERED)  # has not answered, or is out again


@dataclass(frozen=True)
class Facts:
    """One side at the instant `now`, with what the other sides mean for it. Instants are UTC.

    `value` is in `currency`; `rate` is that of the month of `rate_on`, None when it has not been imported.
    """

    now: datetime
    kind: Kind
    visibility: Visibility
    stage: Stage
    host: str  # its name
    created_at: datetime
    value: Decimal
    currency: str
    rate_on: date
    rate: Rate | None
    customer: Criterion
    won_at: datetime | None = None
    # solutions of the sides that are in
    carries_ip: bool = False  # one that is eligible for Azure IP co-sell is on the deal or offered in an invitation
    azure_ip: bool = False
    bizapps: frozenset[str] = frozenset()  # accounts.enums.BizApps
    # the host's answer
    host_created: bool = False
    host_in: bool = False  # accepted once, whatever became of it later
    host_asked: bool = False
    host_answers_by: datetime | None = None  # while its invitation is open
    host_invited_by: datetime | None = None  # while its invitation waits for account matching
    # the other partners
    several_partners: bool = False
    claimed_elsewhere: bool = False

    @property
    def is_won(self) -> bool:
        return self.stage == Stage.WON

    @property
    def is_open(self) -> bool:
        return self.stage in OPEN


def facts_of(deal: Deal, now: datetime) -> Facts:
    """The facts of a side; what its page has loaded already is not asked again."""
    return gather(deal, rules.known_sides(deal.engagement), now)


def gather(deal: Deal, sides: Sequence[Deal], now: datetime) -> Facts:
    """The facts of a side out of `sides`, which are all of its engagement, with their solutions loaded."""
    engagement = deal.engagement
    present = [side for side in sides if side.stage not in NOT_IN]
    solutions = [solution for side in present for solution in side.solutions.all()]
    of_host = [side for side in sides if side.organization_id == engagement.host_id]
    won_at = deal.closed_at if deal.stage == Stage.WON else None
    rate_on = winning_day(deal, now)
    return Facts(
        now=now,
        kind=Kind(engagement.kind),
        visibility=Visibility(engagement.visibility),
        stage=Stage(deal.stage),
        host=engagement.host.name,
        created_at=engagement.created_at,
        value=deal.value if deal.final_value is None else deal.final_value,
        currency=deal.currency,
        rate_on=rate_on,
        rate=rates.rate(deal.currency, rate_on),
        customer=rules.customer_criterion(engagement),
        won_at=won_at,
        carries_ip=rules.carries_ip(sides),
        azure_ip=any(solution.status == SolutionStatus.AZURE_IP_ELIGIBLE for solution in solutions),
        bizapps=frozenset(solution.bizapps for solution in solutions if solution.bizapps),
        several_partners=len({side.organization_id for side in present} - {engagement.host_id}) > 1,
        claimed_elsewhere=any(
            side.registration_state in REGISTRATION_SUBMITTED for side in sides if side.pk != deal.pk
        ),
        host_created=engagement.creator_id == engagement.host_id,
        host_in=any(side.stage not in NOT_IN for side in of_host),
        host_asked=bool(of_host),
        host_answers_by=next((side.expires_at for side in of_host if _is_open_invitation(side, now)), None),
        host_invited_by=engagement.host_invited_by,
    )


def _is_open_invitation(side: Deal, now: datetime) -> bool:
    return side.stage == Stage.RECEIVED and not side.is_overdue(now)


def winning_day(deal: Deal, now: datetime) -> date:
    """The day whose month's rate counts: of winning, as given or in UTC; before winning today (product.md §7)."""
    if deal.stage != Stage.WON:
        return now.astimezone(UTC).date()
    return deal.won_on or (deal.closed_at or now).astimezone(UTC).date()
