"""Filters and search of the lists; they work together and all stand in the URL (product.md §9)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.search import named
from cosell.web.countries import country_choices
from cosell.web.forms import LongSelect
from deals.enums import ACTIVE, OPEN, Kind, PartnerRole, RegistrationState, Stage, Visibility
from deals.forms.fields import DateField
from deals.models import Deal

if TYPE_CHECKING:
    from accounts.who import Who

STATUSES = {
    "open": (pgettext_lazy("status", "Open"), OPEN),
    "received": (_("Needs an answer"), (Stage.RECEIVED,)),
    "active": (_("Active"), ACTIVE),
    **{
        stage.value: (stage.label, (stage,))
        for stage in (Stage.WON, Stage.LOST, Stage.DECLINED, Stage.EXPIRED, Stage.ERROR)
    },
}
REFERENCE = re.compile(r"(?:cs-?)?(\d{5,18})", re.IGNORECASE)


class _DateFilter(filters.DateFilter):
    field_class = DateField


class DealFilter(filters.FilterSet):
    q = filters.CharFilter(label=_("Search"), method="search", max_length=120)
    status = filters.MultipleChoiceFilter(
        label=_("Status"),
        choices=[(slug, label) for slug, (label, _stages) in STATUSES.items()],
        method="by_status",
        widget=forms.CheckboxSelectMultiple,
    )
    kind = filters.MultipleChoiceFilter(
        label=_("Deal type"), field_name="engagement__kind", choices=Kind.choices, widget=forms.CheckboxSelectMultiple
    )
    visibility = filters.MultipleChoiceFilter(
        label=_("Visibility"),
        field_name="engagement__visibility",
        choices=Visibility.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    role = filters.MultipleChoiceFilter(
        label=_("Partner role"),
        field_name="engagement__partner_role",
        choices=PartnerRole.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    registration = filters.MultipleChoiceFilter(
        label=_("Registration"),
        field_name="registration_state",
        choices=RegistrationState.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    country = filters.ChoiceFilter(
        label=_("Country"), field_name="engagement__customer__country", choices=country_choices, widget=LongSelect
    )
    value_min = filters.NumberFilter(label=_("Value from"), field_name="value", lookup_expr="gte", max_digits=15)
    value_max = filters.NumberFilter(label=_("Value to"), field_name="value", lookup_expr="lte", max_digits=15)
    close_from = _DateFilter(label=_("Closes from"), field_name="close_on", lookup_expr="gte")
    close_to = _DateFilter(label=_("Closes to"), field_name="close_on", lookup_expr="lte")
    mine = filters.BooleanFilter(label=_("Only mine"), method="only_mine", widget=forms.CheckboxInput)

    class Meta:
        model = Deal
        fields: list[str] = []

    def __init__(self, *args: Any, who: Who, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.who = who

    def search(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        """By deal name, customer, own CRM ID, partner, or reference."""
        match = Q(name__icontains=text) | named("engagement__customer__", text)
        match |= Q(organization=self.who.organization, crm_id__iexact=text)
        match |= Q(engagement__creator__name__icontains=text)
        if reference := REFERENCE.fullmatch(text.strip()):
            match |= Q(engagement_id=int(reference[1]))
        return rows.filter(match)

    def by_status(self, rows: QuerySet, name: str, slugs: list[str]) -> QuerySet:
        stages = {stage for slug in slugs for stage in STATUSES[slug][1]}
        return rows.filter(stage__in=stages) if stages else rows

    def only_mine(self, rows: QuerySet, name: str, on: bool) -> QuerySet:  # noqa: FBT001  django-filter's signature
        return rows.filter(team__user=self.who.user) if on else rows
