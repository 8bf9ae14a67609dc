"""Which rows? `Deal.objects.visible_to(who)` is the one definition of what a person may see (product.md §3)."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.enums import Role
from deals import perms
from deals.enums import UNDECIDED, Direction, MatchState, Stage, Visibility

if TYPE_CHECKING:
    from accounts.who import Reach, Who

NOTHING = Q(pk__in=())
EVERYTHING = Q()


def _either(*conditions: Q) -> Q:
    """Any of the conditions. Django drops an empty Q from an OR, so "everything" must swallow the rest by hand."""
    if any(condition is EVERYTHING for condition in conditions):
        return EVERYTHING
    met = [condition for condition in conditions if condition is not NOTHING]
    return reduce(or_, met) if met else NOTHING


def _within(reach: Reach) -> Q:
    """Sides at the locations of a reach; an empty reach reaches nothing."""
    if reach.everything:
        return EVERYTHING
    return Q(location_id__in=reach.location_ids) if reach.location_ids else NOTHING


def _on_team_within(who: Who) -> Q:
    reach = _within(who.user_reach)
    return NOTHING if reach is NOTHING else reach & _on_team(who)


def _on_team(who: Who) -> Q:
    team = apps.get_model("deals", "TeamMember").objects.filter(deal=OuterRef("pk"), user_id=who.user.pk)
    return Q(Exists(team))


def _covers_customer(who: Who) -> Q:
    """Customers of the markets that a seller's memberships carry, and those that name the seller on the account."""
    if not who.has_role(Role.SELLER):
        return NOTHING
    named = apps.get_model("accounts", "CustomerAccount").team.through.objects.filter(
        customeraccount_id=OuterRef("engagement__customer_id"), user_id=who.user.pk
    )
    return Q(engagement__customer__country__in=who.markets) | Q(Exists(named))


class DealQuerySet(models.QuerySet):
    def visible_to(self, who: Who) -> Self:
        """Sides that `who` may open.

        Own organization: admins and viewers by location reach, users by reach and team, sellers also by market
        or account. Other organizations' sides: none, but the creator's side of a partner-led engagement is shown
        to the host's people who would see a side of their own there.
        """
        covered = _covers_customer(who)
        own = Q(organization=who.organization) & _either(
            _within(who.admin_reach), _within(who.viewer_reach), _on_team_within(who), covered
        )
        shown = Q(
            engagement__host=who.organization,
            engagement__visibility=Visibility.PARTNER_LED,
            direction=Direction.OUTBOUND,
        ) & _either(_everything_of(who), covered)
        return self.filter(own | shown)

    def newest_per_engagement(self) -> Self:
        """Cards and lists show the newest side of an organization; history keeps all."""
        newer = self.model.objects.filter(
            engagement=OuterRef("engagement"), organization=OuterRef("organization"), pk__gt=OuterRef("pk")
        )
        return self.filter(~Exists(newer))

    def with_list_data(self) -> Self:
        return self.select_related("engagement__customer", "engagement__creator", "organization", "location")

    def due_to_expire(self, now: datetime) -> Self:
        return self.filter(stage=Stage.RECEIVED, expires_at__lte=now)


def _everything_of(who: Who) -> Q:
    return EVERYTHING if who.admin_reach.everything or who.viewer_reach.everything else NOTHING


class MatchCaseQuerySet(models.QuerySet):
    def visible_to(self, who: Who) -> Self:
        """Cases of the host, for its reviewers and admins; of a private engagement to nobody (product.md §3, §4)."""
        if not perms.can_match(who):
            return self.none()
        return self.filter(engagement__host=who.organization).exclude(engagement__visibility=Visibility.PRIVATE)

    def waiting(self) -> Self:
        """What waits for a decision of the host."""
        return self._open().filter(state=MatchState.WAITING)

    def asked(self) -> Self:
        """What waits for the partner's answer."""
        return self._open().filter(state=MatchState.ASKED)

    def decided(self) -> Self:
        return self.exclude(state__in=UNDECIDED)

    def untried(self) -> Self:
        """Waiting ones for which nobody has looked for candidates yet."""
        return self.filter(tried_at=None, state=MatchState.WAITING)

    def _open(self) -> Self:
        """Nobody needs the account of a deal that came to nothing."""
        over = apps.get_model("deals", "Deal").objects.filter(
            engagement=OuterRef("engagement"), direction=Direction.OUTBOUND, stage__in=(Stage.LOST, Stage.ERROR)
        )
        return self.filter(~Exists(over))

    def with_list_data(self) -> Self:
        """All that a row says: both accounts, who typed, and the creator's side as `engagement.outbound`."""
        deals = apps.get_model("deals", "Deal").objects.filter(direction=Direction.OUTBOUND)
        return self.select_related(
            "typed",
            "matched",
            "best",
            "decided_by",
            "engagement__creator",
            "engagement__created_by",
            "engagement__host",
        ).prefetch_related(models.Prefetch("engagement__sides", deals, to_attr="outbound"))
