"""Show a deal to the host, or ask its help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from deals.enums import Action, Help
from deals.forms.customer import ContactFields
from deals.forms.fields import text_area

if TYPE_CHECKING:
    from deals.models import Deal


class ShareForm(ContactFields):
    """Show the deal to the host, or ask its help."""

    mark_optional = False  # what else is required depends on the help asked

    help = forms.ChoiceField(choices=Help.choices, widget=forms.RadioSelect)
    customer_problem = forms.CharField(
        label=_("The customer's business problem"), max_length=4000, widget=text_area(3), required=False
    )
    help_needed = forms.CharField(
        label=_("The specific help you need"), max_length=4000, widget=text_area(3), required=False
    )
    field_order = ("help", "customer_problem", "help_needed")

    def __init__(self, *args: Any, deal: Deal, action: Action, **kwargs: Any) -> None:
        engagement = deal.engagement
        super().__init__(
            *args,
            initial={"customer_problem": engagement.customer_problem, "help_needed": engagement.help_needed},
            **kwargs,
        )
        self.fields["help"].label = gettext("Identify the type of help you'd like from %(host)s") % {
            "host": engagement.host.name
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["contact"] = self.clean_contact()
        return cleaned
