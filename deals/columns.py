"""The columns of the lists: what each shows, which of them a person wants (product.md §9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from cosell.web.countries import country_name
from cosell.web.templatetags.cosell import countdown, day, money
from deals.enums import UNANSWERED, Kind, PartnerRole, Stage, Visibility
from deals.models import Deal, ListColumns, TeamMember
from deals.templatetags.deals import registration_tag, stage_name, stage_tag
from deals.workflow import STAGES

if TYPE_CHECKING:
    from accounts.models import Organization, User
    from accounts.who import Who


def _as_it_is(rows: QuerySet[Deal]) -> QuerySet[Deal]:
    return rows


@dataclass(frozen=True)
class Column:
    """`cell` draws it from a row; what the row needs beyond the usual joins, `load` adds to the one query."""

    slug: str
    label: str | Promise
    cell: Callable[[Deal], str]
    sort: str = ""  # of lists.SORTS
    locked: bool = False  # in every list
    usual: bool = False  # for who chose nothing
    own: bool = False  # a company's own business: empty on what others show
    for_partners: bool = False  # says something of the host, which knows it of itself
    number: bool = False
    load: Callable[[QuerySet[Deal]], QuerySet[Deal]] = _as_it_is

    def heading(self, host: Organization) -> str:
        return str(self.label) % {"host": host.name}

    def opening(self, host: Organization) -> SafeString:
        """A phone shows the heading beside what the cell says."""
        cell = '<td class="num" data-label="{}">' if self.number else '<td data-label="{}">'
        return format_html(cell, self.heading(host))


def _customer(deal: Deal) -> str:
    customer = deal.engagement.customer
    words = (customer.name, customer.city, customer.country)
    return format_html('<bdi>{}</bdi><span class="sub">{}, {}</span>', *words)


def _expires(deal: Deal) -> str:
    return countdown(deal.expires_at) if deal.stage == Stage.RECEIVED else ""


def _type(deal: Deal) -> str:
    """How far it is shared, as long as that is not a co-sell; then what is co-sold."""
    kind, visibility = Kind(deal.engagement.kind).label, Visibility(deal.engagement.visibility)
    if visibility == Visibility.COSELL:
        return format_html('<span class="tag">{}</span>', kind)
    return format_html('<span class="tag">{}</span><span class="sub">{}</span>', visibility.label, kind)


def _host_status(deal: Deal) -> str:
    return stage_name(deal.host_stage) if deal.host_stage else ""


def _with_host_status(rows: QuerySet[Deal]) -> QuerySet[Deal]:
    """Whoever has not accepted, or is out again, learns nothing of other sides but of who invited."""
    of_host = (
        Deal.objects.filter(engagement=OuterRef("engagement"), organization=OuterRef("engagement__host"))
        .order_by("-pk")
        .values("stage")[:1]
    )
    answered = ~Q(stage__in=(Stage.RECEIVED, *UNANSWERED))
    by_host = Q(invited_from__organization=F("engagement__host"))
    return rows.annotate(host_stage=Case(When(answered | by_host, then=Subquery(of_host))))


def _role(deal: Deal) -> str:
    role = deal.engagement.partner_role
    return str(PartnerRole(role).label) if role else ""


def _program(deal: Deal) -> str:
    program = deal.engagement.partner_program
    return program.name if program else ""


def _with_owner(rows: QuerySet[Deal]) -> QuerySet[Deal]:
    first = TeamMember.objects.filter(deal=OuterRef("pk")).order_by("pk").values("name")[:1]
    return rows.annotate(owner=Subquery(first))


def _stage(deal: Deal) -> str:
    """How far, and what that is called in the sales method; nothing where nobody works on it."""
    facts = STAGES[Stage(deal.stage)]
    if facts.percent is None:
        return ""
    return format_html('{} %<span class="sub">{}</span>', facts.percent, facts.mcem)


def _registration(deal: Deal) -> str:
    return registration_tag(deal.registration_state)


COLUMNS = (
    # in the template of the row: it carries the way back to the found set
    Column("deal", _("Deal name"), lambda deal: deal.name, sort="deal", locked=True),
    Column("customer", _("Customer"), _customer, sort="customer", locked=True),
    Column("status", _("Status"), stage_tag, sort="stage", locked=True),
    Column("answer", _("Expires in"), _expires, sort="answer", usual=True),
    Column("type", _("Type"), _type, sort="type", usual=True),
    Column("host", _("%(host)s status"), _host_status, usual=True, for_partners=True, load=_with_host_status),
    Column("value", _("Value"), lambda deal: money(deal.value, deal.currency), sort="value", usual=True, number=True),
    Column("close", _("Close date"), lambda deal: day(deal.close_on), sort="close", usual=True),
    Column("country", _("Country"), lambda deal: country_name(deal.engagement.customer.country), sort="country"),
    Column("created", _("Created"), lambda deal: day(deal.created_at), sort="created", usual=True),
    Column("role", _("Partner role"), _role, sort="role"),
    Column(
        "program",
        _("Partner program"),
        _program,
        sort="program",
        load=lambda rows: rows.select_related("engagement__partner_program"),
    ),
    Column("referral", _("Referral ID"), lambda deal: str(deal.uid)),
    Column("crm", _("CRM ID"), lambda deal: deal.crm_id, own=True),
    Column("location", _("Location"), lambda deal: str(deal.location), own=True),
    Column("owner", _("Owner"), lambda deal: deal.owner or "", load=_with_owner),
    Column("stage", _("Stage"), _stage, sort="stage"),
    Column("registration", _("Registration"), _registration, sort="registration"),
)
NAME, *REST = COLUMNS


class Shown:
    """The columns that `who` sees, beside the name: those that are locked, and those chosen, else the usual ones."""

    def __init__(self, who: Who, host: Organization, chosen: Sequence[str] | None) -> None:
        self.who = who
        self.columns = [column for column in offered(who, host) if column.locked or _is_chosen(column, chosen)]
        self._opened = [(column, column.opening(host)) for column in self.columns]

    def load(self, rows: QuerySet[Deal]) -> QuerySet[Deal]:
        """All that these columns need, in the one query of the page."""
        for column in self.columns:
            rows = column.load(rows)
        return rows

    def cells(self, deal: Deal) -> SafeString:
        """A row after the name. Two thirds of a list are the template engine's time, so this is done without it."""
        own = deal.organization_id == self.who.organization.pk
        cells = ((td, column.cell(deal) if own or not column.own else "") for column, td in self._opened)
        return format_html_join("", "{}{}</td>", cells)


def _is_chosen(column: Column, chosen: Sequence[str] | None) -> bool:
    return column.usual if chosen is None else column.slug in chosen


def offered(who: Who, host: Organization) -> list[Column]:
    """What this person may see beside the name."""
    return [column for column in REST if not column.for_partners or who.organization.pk != host.pk]


def choose(user: User, slugs: Iterable[str] | None) -> None:
    """Keep a person's choice, in the order of the table; None takes the usual ones again. One's own, so no event."""
    if slugs is None:
        ListColumns.objects.filter(user=user).delete()
        return
    wanted = {*slugs}
    columns = [column.slug for column in REST if column.slug in wanted and not column.locked]
    ListColumns.objects.update_or_create(user=user, defaults={"columns": columns})


class ColumnsForm(forms.Form):
    """Boxes for what may be left out."""

    mark_optional = False

    columns = forms.MultipleChoiceField(label=_("Columns"), widget=forms.CheckboxSelectMultiple, required=False)

    def __init__(self, *args: Any, who: Who, host: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(column.slug, column.heading(host)) for column in offered(who, host) if not column.locked]
        self.fields["columns"].choices = choices
