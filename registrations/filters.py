"""Filters and search of the review queue; they work together and all stand in the URL (product.md §7, §9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.search import named
from cosell import clock
from cosell.web.countries import country_choices
from cosell.web.forms import LongSelect
from deals.filters import REFERENCE
from registrations.actions import reviewers
from registrations.enums import ProgramCode, ReviewReason
from registrations.models import Registration

if TYPE_CHECKING:
    from accounts.who import Who

ME, NOBODY = "me", "nobody"


class QueueFilter(filters.FilterSet):
    q = filters.CharFilter(label=_("Search"), method="search", max_length=120)
    program = filters.MultipleChoiceFilter(
        label=_("Program"),
        field_name="program__code",
        choices=ProgramCode.choices,
        distinct=False,  # a row that is locked cannot be one of several alike
        widget=forms.CheckboxSelectMultiple,
    )
    reason = filters.MultipleChoiceFilter(
        label=_("Why reviewed"),
        choices=ReviewReason.choices,
        method="by_reason",
        widget=forms.CheckboxSelectMultiple,
    )
    partner = filters.CharFilter(
        label=_("Partner"), field_name="deal__organization__name", lookup_expr="icontains", max_length=120
    )
    country = filters.ChoiceFilter(
        label=_("Customer's country"),
        field_name="engagement__customer__country",
        choices=country_choices,
        widget=LongSelect,
    )
    assigned = filters.ChoiceFilter(label=_("Assigned to"), method="by_assigned")
    value_min = filters.NumberFilter(
        label=_("Annual value from, USD"), field_name="annual_usd", lookup_expr="gte", max_digits=15
    )
    value_max = filters.NumberFilter(
        label=_("Annual value to, USD"), field_name="annual_usd", lookup_expr="lte", max_digits=15
    )
    overdue = filters.BooleanFilter(label=_("Only overdue"), method="only_overdue", widget=forms.CheckboxInput)

    class Meta:
        model = Registration
        fields: list[str] = []

    def __init__(self, *args: Any, who: Who, due: str, **kwargs: Any) -> None:
        """`due` names the column with the date that these rows wait for."""
        super().__init__(*args, **kwargs)
        self.who, self.due = who, due
        self.filters["assigned"].extra["choices"] = self._people

    def _people(self) -> list[tuple[str, Any]]:
        people = [(str(user.pk), user.full_name) for user in reviewers(self.who.organization.pk)]
        return [(ME, _("Me")), (NOBODY, _("Nobody")), *people]

    def search(self, rows: QuerySet, name: str, text: str) -> QuerySet:
        """By deal, customer or reference."""
        match = Q(deal__name__icontains=text) | named("engagement__customer__", text)
        if reference := REFERENCE.fullmatch(text.strip()):
            match |= Q(engagement_id=int(reference[1]))
        return rows.filter(match)

    def by_reason(self, rows: QuerySet, name: str, reasons: list[str]) -> QuerySet:
        return rows.filter(review_reasons__overlap=reasons) if reasons else rows

    def by_assigned(self, rows: QuerySet, name: str, whom: str) -> QuerySet:
        if whom == NOBODY:
            return rows.filter(assigned_to=None)
        return rows.filter(assigned_to=self.who.user.pk if whom == ME else int(whom))

    def only_overdue(self, rows: QuerySet, name: str, on: bool) -> QuerySet:  # noqa: FBT001  django-filter's signature
        return rows.filter(**{f"{self.due}__lt": clock.now()}) if on else rows
