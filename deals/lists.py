"""The tabs of the opportunities page: which rows, in which order, how many (product.md §9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db.models import Case, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cosell.web.paging import Order, count_some
from deals.enums import Direction, Stage
from deals.filters import DealFilter
from deals.models import Deal, Favorite

if TYPE_CHECKING:
    from accounts.models import Organization
    from accounts.who import Who

FAR = datetime(9999, 1, 1, tzinfo=UTC)
STAGE_RANK = Case(
    *(When(stage=stage, then=Value(rank)) for rank, stage in enumerate(Stage)), output_field=IntegerField()
)
SORTS = {
    "deal": (_("Deal"), Lower("name")),
    "customer": (_("Customer"), Lower("engagement__customer__name")),
    "stage": (_("Stage"), STAGE_RANK),
    "answer": (_("Answer by"), Coalesce(F("expires_at"), Value(FAR))),
    "value": (_("Value"), F("value")),
    "close": (_("Close date"), F("close_on")),
    "created": (_("Created"), F("pk")),  # ids grow with time, and tie with nothing
}
DEFAULT_SORT = "-created"
INBOUND, OUTBOUND, FAVORITES, PARTNER_LED, ALL = "inbound", "outbound", "favorites", "partner-led", "all"


@dataclass(frozen=True)
class Tab:
    slug: str
    label: str | Promise
    empty: str | Promise


TABS = (
    Tab(
        INBOUND,
        _("Inbound"),
        _("Nobody has sent you an opportunity yet. What arrives here has 14 days to be answered."),
    ),
    Tab(OUTBOUND, _("Outbound"), _("Deals that your company creates stand here. Start with “New deal”.")),
    Tab(FAVORITES, _("Favorites"), _("Touch the heart of a deal, and you find it here again.")),
    Tab(PARTNER_LED, _("Partner-led"), _("Deals that partners lead themselves and show to you stand here.")),
)
FOUND = Tab(ALL, _("Found"), _("No deal matches."))


def tabs_for(who: Who, host: Organization) -> list[Tab]:
    """The host's people have a fourth."""
    return [tab for tab in TABS if tab.slug != PARTNER_LED or who.organization.pk == host.pk]


def tab_rows(who: Who, slug: str) -> QuerySet[Deal]:
    """The deals of a tab, before filters."""
    visible = Deal.objects.visible_to(who)
    own = visible.filter(organization=who.organization)
    if slug == INBOUND:
        return own.filter(direction=Direction.INBOUND).newest_per_engagement()
    if slug == OUTBOUND:
        return own.filter(direction=Direction.OUTBOUND)
    if slug == PARTNER_LED:
        return visible.exclude(organization=who.organization)
    if slug == FAVORITES:
        return visible.filter(_is_favorite(who)).newest_per_engagement()
    return visible.newest_per_engagement()


def counts(who: Who, tabs: list[Tab]) -> dict[str, int]:
    return count_some({tab.slug: tab_rows(who, tab.slug) for tab in tabs})


@dataclass(frozen=True)
class Found:
    """A found set: what the URL says of it."""

    filter: DealFilter
    sort: str
    order: Order

    @property
    def rows(self) -> QuerySet[Deal]:
        return self.filter.qs


def found_set(who: Who, slug: str, params: QueryDict) -> Found:
    """The rows of a tab that match the URL, in its order; a sort that makes no sense is the default one."""
    sort = params.get("sort", DEFAULT_SORT)
    if sort.removeprefix("-") not in SORTS:
        sort = DEFAULT_SORT
    order = Order(SORTS[sort.removeprefix("-")][1], descending=sort.startswith("-"))
    return Found(DealFilter(params, queryset=tab_rows(who, slug), who=who), sort, order)


def with_columns(rows: QuerySet[Deal], who: Who) -> QuerySet[Deal]:
    """All that a row shows, in the one query: customer, the host's status, the heart."""
    of_host = (
        Deal.objects.filter(engagement=OuterRef("engagement"), organization=OuterRef("engagement__host"))
        .order_by("-pk")
        .values("stage")[:1]
    )
    return with_hearts(rows.with_list_data(), who).annotate(host_stage=Subquery(of_host))


def with_hearts(rows: QuerySet[Deal], who: Who) -> QuerySet[Deal]:
    """`is_favorite` of each."""
    return rows.annotate(is_favorite=_is_favorite(who))


def _is_favorite(who: Who) -> Exists:
    return Exists(Favorite.objects.filter(engagement=OuterRef("engagement"), user=who.user))
