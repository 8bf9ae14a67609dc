"""Whose sight of a deal is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User

if TYPE_CHECKING:
    from accounts.models import Organization


class PersonForm(forms.Form):
    """One of the organization's own people; nobody else's can be asked about."""

    mark_optional = False

    person = forms.ModelChoiceField(label=_("Person"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = User.objects.filter(
            is_active=True, memberships__organization=organization, memberships__is_active=True
        )
        self.fields["person"].queryset = active.distinct().order_by("full_name", "pk")
