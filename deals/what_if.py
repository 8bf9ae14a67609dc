"""What would happen to an opportunity that the host's sellers sent now: where it goes, who is told, and when.

The tester of routing rules (docs/routing.md). It asks the same functions as decide: `accounts.routing.route_to` and
`receivers.told`; of a made-up opportunity nobody is on the customer's account or on the team.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actions.away import stand_in, today
from accounts.enums import OrganizationKind
from accounts.models import Location, Organization, Solution, User
from accounts.routing import Routed, route_to
from accounts.who import Reach, Who
from deals.receivers import ESCALATION, Spot, Told, posts_of, told
from deals.workflow import ANSWER_WITHIN

WHEN = {168: _("With 7 days left, also"), 72: _("With 3 days left, also"), 24: _("With 24 hours left, also")}


@dataclass(frozen=True)
class Round:
    """Who is told for the first time then, and who stands in for those told so far who are away on that day."""

    when: str | Promise
    told: list[Told]
    stand_ins: list[tuple[User, User]]  # (who is away, who stands in)


@dataclass(frozen=True)
class Outlook:
    """`routed` is None for the host, to which nothing is routed."""

    location: Location
    routed: Routed | None
    rounds: list[Round]

    @property
    def nobody_can_answer(self) -> bool:
        return not any(each.can_answer for part in self.rounds for each in part.told)


def outlook(organization: Organization, *, market: str, solutions: Sequence[Solution], now: datetime) -> Outlook:
    """Of an opportunity with a customer in `market` (ISO alpha-2) that is sent at `now` and asks for `solutions`."""
    home = organization.locations.get(is_global=True)
    routed = (
        route_to(organization, market=market, solutions=solutions)
        if organization.kind == OrganizationKind.PARTNER
        else None
    )
    location = routed.location if routed else home
    posts, spot = posts_of(organization.pk, market, None), Spot(location.pk, home.pk)
    rounds, known = [], dict[User, Told]()
    for hours_left in (None, *ESCALATION):
        at = now if hours_left is None else now + ANSWER_WITHIN - timedelta(hours=hours_left)
        new = [each for each in told(posts, spot, hours_left) if each.user not in known]
        known |= {each.user: each for each in new}
        able = [each.user for each in known.values() if each.can_answer]
        away = [(user, delegate) for user in able if (delegate := stand_in(user, today(user, at)))]
        stand_ins = [
            (user, delegate) for user, delegate in away if _would_see(delegate, organization, location, market)
        ]
        rounds.append(Round(WHEN[hours_left] if hours_left else _("At once"), new, stand_ins))
    return Outlook(location, routed, rounds)


def _would_see(user: User, organization: Organization, location: Location, market: str) -> bool:
    """Could `user` see such a deal without a part in it? As `queries.WAYS`."""
    who = Who.of(user, organization)
    if who is None:
        return False

    def holds(reach: Reach) -> bool:
        return reach.everything or location.pk in reach.location_ids

    return holds(who.admin_reach) or holds(who.viewer_reach) or market in who.markets
