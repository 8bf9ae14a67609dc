"""The step Deal details: what is co-sold, by whom, for how much and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from deals import rules
from deals.enums import Intent, Kind
from deals.forms.fields import DateField, amount_field, currency_field, not_past, text_area

if TYPE_CHECKING:
    from accounts.models import Organization
    from accounts.who import Who


class DetailsStep(forms.Form):
    """Deal details; the team stands beside it as a formset."""

    kind = forms.ChoiceField(label=_("What are you co-selling?"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("Deal name"), max_length=120)
    location = forms.ModelChoiceField(
        label=_("Location"), queryset=None, help_text=_("Cannot be changed after the deal is created.")
    )
    value = amount_field(label=_("Estimated value"))
    currency = currency_field()
    close_on = DateField(label=_("Estimated close date"), validators=[not_past])
    intent = forms.ChoiceField(
        label=_("Does the customer intend to buy through the marketplace?"),
        choices=Intent.choices,
        widget=forms.RadioSelect,
        help_text=_("You can change this later."),
    )
    notes = forms.CharField(
        label=_("Notes"),
        max_length=4000,
        widget=text_area(),
        help_text=_("The first entry of the conversation. Only your company reads it, unless you share it."),
    )
    share_notes = forms.BooleanField(label=_("Share these notes with everyone on the deal"), required=False)
    crm_id = forms.CharField(label=_("CRM ID"), max_length=80, required=False)
    campaign_id = forms.CharField(label=_("Marketing campaign ID"), max_length=80, required=False)

    def __init__(self, *args: Any, who: Who, host: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = offered_kinds(who.organization, host)
        self.fields["kind"].initial = self.fields["kind"].choices[0][0] if self.fields["kind"].choices else None
        locations = who.creation_locations()
        self.fields["location"].queryset = locations
        self.fields["location"].initial = locations.first()


def offered_kinds(organization: Organization, host: Organization) -> list[tuple[str, str]]:
    """Only what the company may co-sell."""
    return [
        (kind.value, str(kind.label)) for kind in WIZARD_KINDS if not rules.creation_gate(organization, host, kind)
    ]


WIZARD_KINDS = (Kind.IP,)
