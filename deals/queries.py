"""Which rows? `Deal.objects.visible_to(who)` is the one definition of what a person may see (product.md §3)."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Value
from django.db.models.expressions import Combinable

from accounts.enums import Role
from deals import perms
from deals.enums import UNDECIDED, Direction, MatchState, Need, Stage, Visibility, Way

if TYPE_CHECKING:
    from accounts.who import Reach, Who

NOTHING = Q(pk__in=())
EVERYTHING = Q()

# Each ground tells sides apart by whose they are; on it lie ways to see them. A way is open where all of its needs are
# met. Nothing else lets anybody see a deal (product.md §3).
WAYS: dict[Need, dict[Way, tuple[Need, ...]]] = {
    Need.OWN: {
        Way.ADMIN: (Need.ADMIN_SCOPE,),
        Way.VIEWER: (Need.VIEWER_SCOPE,),
        Way.TEAM: (Need.USER_SCOPE, Need.TEAM),
        Way.MARKET: (Need.MARKET,),
        Way.ACCOUNT: (Need.ACCOUNT,),
    },
    Need.SHOWN: {
        Way.ADMIN: (Need.ADMIN_OF_ALL,),
        Way.VIEWER: (Need.VIEWER_OF_ALL,),
        Way.MARKET: (Need.MARKET,),
        Way.ACCOUNT: (Need.ACCOUNT,),
    },
}


def needs(who: Who) -> dict[Need, Q]:
    """Which sides meet each need for `who`: NOTHING where the roles give none, EVERYTHING where they ask no more."""
    seller = who.has_role(Role.SELLER)
    return {
        Need.OWN: Q(organization=who.organization),
        Need.SHOWN: Q(
            engagement__host=who.organization,
            engagement__visibility=Visibility.PARTNER_LED,
            direction=Direction.OUTBOUND,
        ),
        Need.ADMIN_SCOPE: _within(who.admin_reach),
        Need.VIEWER_SCOPE: _within(who.viewer_reach),
        Need.USER_SCOPE: _within(who.user_reach),
        Need.ADMIN_OF_ALL: EVERYTHING if who.admin_reach.everything else NOTHING,
        Need.VIEWER_OF_ALL: EVERYTHING if who.viewer_reach.everything else NOTHING,
        Need.TEAM: _on_team(who),
        Need.MARKET: Q(engagement__customer__country__in=who.markets) if seller else NOTHING,
        Need.ACCOUNT: _named_on_account(who) if seller else NOTHING,
    }


def _either(*conditions: Q) -> Q:
    """Any of the conditions. Django drops an empty Q from an OR, so "everything" must swallow the rest by hand."""
    if any(condition is EVERYTHING for condition in conditions):
        return EVERYTHING
    met = [condition for condition in conditions if condition is not NOTHING]
    return reduce(or_, met) if met else NOTHING


def _all(*conditions: Q) -> Q:
    """Every one of the conditions."""
    if any(condition is NOTHING for condition in conditions):
        return NOTHING
    asked = [condition for condition in conditions if condition is not EVERYTHING]
    return reduce(and_, asked) if asked else EVERYTHING


def _within(reach: Reach) -> Q:
    """Sides at the locations of a reach; an empty reach reaches nothing."""
    if reach.everything:
        return EVERYTHING
    return Q(location_id__in=reach.location_ids) if reach.location_ids else NOTHING


def _on_team(who: Who) -> Q:
    team = apps.get_model("deals", "TeamMember").objects.filter(deal=OuterRef("pk"), user_id=who.user.pk)
    return Q(Exists(team))


def _named_on_account(who: Who) -> Q:
    named = apps.get_model("accounts", "CustomerAccount").team.through.objects.filter(
        customeraccount_id=OuterRef("engagement__customer_id"), user_id=who.user.pk
    )
    return Q(Exists(named))


class DealQuerySet(models.QuerySet):
    def visible_to(self, who: Who) -> Self:
        """Sides that `who` may open: those to which some way of the table leads.

        Own organization: admins and viewers by location reach, users by reach and team, sellers also by market
        or account. Other organizations' sides: none, but the creator's side of a partner-led engagement is shown
        to the host's people who would see a side of their own there.
        """
        met = needs(who)
        open_ground = (
            _all(met[ground], _either(*(_all(*(met[need] for need in asked)) for asked in ways.values())))
            for ground, ways in WAYS.items()
        )
        return self.filter(_either(*open_ground))

    def with_needs(self, who: Who) -> Self:
        """Each side with `meets_own`, `meets_team` …: which needs are met for `who`, the same as decide above."""
        return self.annotate(**{f"meets_{need}": _as_fact(condition) for need, condition in needs(who).items()})

    def newest_per_engagement(self) -> Self:
        """Cards and lists show the newest side of an organization; history keeps all."""
        newer = self.model._default_manager.filter(
            engagement=OuterRef("engagement"), organization=OuterRef("organization"), pk__gt=OuterRef("pk")
        )
        return self.filter(~Exists(newer))

    def with_list_data(self) -> Self:
        return self.select_related("engagement__customer", "engagement__creator", "organization", "location")

    def due_to_expire(self, now: datetime) -> Self:
        return self.filter(stage=Stage.RECEIVED, expires_at__lte=now)


def _as_fact(condition: Q) -> Combinable:
    if condition is EVERYTHING or condition is NOTHING:
        return Value(condition is EVERYTHING)
    return ExpressionWrapper(condition, BooleanField())


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
