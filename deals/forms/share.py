"""Show a deal to the host, ask its help, or ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from deals.enums import Action, Help, Kind, Visibility
from deals.forms.customer import ContactFields
from deals.forms.fields import text_area
from deals.forms.help import DraftedFields

if TYPE_CHECKING:
    from deals.models import CustomerContact, Deal


class ShareForm(DraftedFields, ContactFields):
    """The two questions of the wizard, later: who asks help also shows the deal, who asks none shows it at least.

    What was asked before stands in it. A contact given before stays, so it is not asked again. An assessment asks no
    help, it has notes for the specialist.
    """

    mark_optional = False  # what else is required depends on the help asked
    shares = True

    help = forms.ChoiceField(choices=Help.choices, widget=forms.RadioSelect)
    customer_problem = forms.CharField(
        label=_("The customer's business problem"), max_length=4000, widget=text_area(3), required=False
    )
    help_needed = forms.CharField(
        label=_("The specific help you need"), max_length=4000, widget=text_area(3), required=False
    )
    field_order = ("help", "customer_problem", "help_needed")

    def __init__(self, *args: Any, deal: Deal, action: Action, **kwargs: Any) -> None:
        self.engagement = engagement = deal.engagement
        before = {name: getattr(engagement, name) for name in ("help", "customer_problem", "help_needed")}
        if engagement.help == Help.NONE:
            del before["help"]  # nobody asked yet, so nothing is chosen
        super().__init__(*args, initial=before, **kwargs)
        self.about = deal.uid
        self.is_private = engagement.visibility == Visibility.PRIVATE
        self.asks_again = engagement.visibility == Visibility.COSELL
        self.button = gettext("Ask again") if self.asks_again else gettext("Ask for help")
        if self.is_private:
            self.button = gettext("Share")
        self.fields["help"].label = gettext("Identify the type of help you'd like from %(host)s") % self._host
        if not self.is_private:
            self.fields["help"].choices = [choice for choice in Help.choices if choice[0] != Help.NONE]
        if engagement.kind == Kind.ASSESSMENT:
            for name in ("help", "customer_problem", *DraftedFields.base_fields):
                del self.fields[name]
            self.fields["help_needed"].label = gettext("Notes for the specialist")
        if self.known_contact:
            for name in ContactFields.base_fields:
                del self.fields[name]

    @property
    def _host(self) -> dict[str, str]:
        return {"host": self.engagement.host.name}

    @property
    def known_contact(self) -> CustomerContact | None:
        """The customer's person, where one was given before."""
        return getattr(self.engagement, "contact", None)

    def clean(self) -> dict[str, Any]:
        """What the action takes; what is not asked of this deal is empty."""
        cleaned = super().clean() or self.cleaned_data
        cleaned["contact"] = None if self.known_contact else self.clean_contact()
        if "help" not in self.errors and (cleaned.get("help") != Help.NONE):
            self._clean_invitation(cleaned)
        return {"help": Help.NONE, "customer_problem": "", "drafted_by": "", **cleaned}

    def _clean_invitation(self, cleaned: dict[str, Any]) -> None:
        """The host decides by the notes, and may call the contact."""
        self.ask_for_notes(cleaned, self.engagement.host.name)
        said_already = any(name in self.errors for name in ContactFields.base_fields)
        if not self.known_contact and not cleaned["contact"] and not said_already:
            text = gettext("Asking for help needs the customer's contact, given with consent.")
            self.add_error("contact_name", text)
