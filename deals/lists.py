"""The tabs of the opportunities page: which rows, in which order, how many (product.md §9)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db.models import Case, CharField, Exists, F, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, Lower
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from cosell.web.paging import Order, count_some
from deals.enums import Direction, RegistrationState, Stage
from deals.filters import DealFilter
from deals.models import Deal, Favorite, ListColumns

if TYPE_CHECKING:
    from accounts.who import Who
    from deals.columns import Shown

FAR = datetime(9999, 1, 1, tzinfo=UTC)
STAGE_RANK = Case(
    *(When(stage=stage, then=Value(rank)) for rank, stage in enumerate(Stage)), output_field=IntegerField()
)
REGISTRATION_RANK = Case(  # what nothing leads to stands last
    *(When(registration_state=state, then=Value(rank)) for rank, state in enumerate(RegistrationState)),
    default=Value(len(RegistrationState)),
    output_field=IntegerField(),
)
# By what a list can be sorted, whether or not the column is shown (deals.columns); none of these is ever null.
SORTS = {
    "deal": Lower("name"),
    "customer": Lower("engagement__customer__name"),
    "stage": STAGE_RANK,
    "answer": Coalesce(F("expires_at"), Value(FAR)),
    "type": Concat("engagement__visibility", "engagement__kind", output_field=CharField()),
    "value": F("value"),
    "close": F("close_on"),
    "country": F("engagement__customer__country"),
    "created": F("pk"),  # ids grow with time, and tie with nothing
    "role": F("engagement__partner_role"),
    "program": Coalesce(F("engagement__partner_program__name"), Value("")),
    "registration": REGISTRATION_RANK,
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
    order = Order(SORTS[sort.removeprefix("-")], descending=sort.startswith("-"))
    return Found(DealFilter(params, queryset=tab_rows(who, slug), who=who), sort, order)


def host_and_choice(who: Who) -> tuple[Organization, Sequence[str] | None]:
    """The host, and which columns this person wants (None: the usual ones), in one question."""
    chosen = ListColumns.objects.filter(user=who.user).values("columns")[:1]
    host = Organization.objects.annotate(chosen=Subquery(chosen)).host()
    return host, host.chosen


def with_columns(rows: QuerySet[Deal], shown: Shown) -> QuerySet[Deal]:
    """All that a row shows, in the one query."""
    return shown.load(with_hearts(rows.with_list_data(), shown.who))


def with_hearts(rows: QuerySet[Deal], who: Who) -> QuerySet[Deal]:
    """`is_favorite` of each."""
    return rows.annotate(is_favorite=_is_favorite(who))


def _is_favorite(who: Who) -> Exists:
    return Exists(Favorite.objects.filter(engagement=OuterRef("engagement"), user=who.user))
