"""The opportunity whose way is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cosell.web.countries import country_choices
from deals.forms.fields import SolutionsField

if TYPE_CHECKING:
    from accounts.models import Organization


class WhatIfForm(forms.Form):
    """The customer's market, and the solutions that are asked for, in the order of their names."""

    mark_optional = False

    market = forms.ChoiceField(label=_("Customer market"), choices=lambda: [("", "—"), *country_choices()])
    solutions = SolutionsField(label=_("Your solutions (none: a solution of another company)"))

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["solutions"].queryset = organization.solutions.filter(is_active=True).order_by("name", "pk")
