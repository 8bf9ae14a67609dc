"""Change what may be changed of a deal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from deals.enums import Intent
from deals.forms.fields import DateField, amount_field, currency_field

if TYPE_CHECKING:
    from deals.models import Deal


class EditForm(forms.Form):
    name = forms.CharField(label=_("Deal name"), max_length=120)
    value = amount_field(label=_("Estimated value"))
    currency = currency_field()
    close_on = DateField(label=_("Estimated close date"))
    intent = forms.ChoiceField(label=_("Marketplace intent"), choices=[("", "—"), *Intent.choices], required=False)
    crm_id = forms.CharField(label=_("CRM ID"), max_length=80, required=False)
    campaign_id = forms.CharField(label=_("Marketing campaign ID"), max_length=80, required=False)

    def __init__(self, *args: Any, deal: Deal, **kwargs: Any) -> None:
        names = ("name", "value", "currency", "close_on", "crm_id", "campaign_id")
        initial = {name: getattr(deal, name) for name in names} | {"intent": deal.engagement.intent}
        super().__init__(*args, initial=initial, **kwargs)
        if deal.engagement.creator_id != deal.organization_id:
            del self.fields["intent"]
