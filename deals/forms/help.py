"""The step Help: the two questions, and the notes for sellers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from deals.enums import Help
from deals.forms.fields import text_area
from deals.notes import Offer, used_by

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import Organization


class DraftedFields(forms.Form):
    """What a form with notes for sellers keeps of their drafting (templates/deals/notes/_drafting.html).

    `drafted` is the draft that is offered beside the fields, `drafted_by` says that one was taken, and the originals
    are the person's words that it replaced. `about` is the draft or deal that they are for; None looks at the
    signature alone.
    """

    drafted = forms.CharField(required=False, widget=forms.HiddenInput)
    drafted_by = forms.CharField(required=False, widget=forms.HiddenInput)
    original_problem = forms.CharField(required=False, widget=forms.HiddenInput)
    original_help = forms.CharField(required=False, widget=forms.HiddenInput)
    about: UUID | None = None

    @property
    def offer(self) -> Offer | None:
        return Offer.read(self["drafted"].value() or "", self.about)

    @property
    def has_originals(self) -> bool:
        return any(self[name].value() for name in ("original_problem", "original_help"))

    def clean_drafted_by(self) -> str:
        """Who drafted the notes, in words for the register; an odd value is no draft, and stops nobody."""
        return used_by(self.cleaned_data["drafted_by"], self.about)

    def ask_for_notes(self, cleaned: dict[str, Any], host_name: str) -> None:
        """Both notes are required of who asks for help; an assessment has one of them."""
        for name in ("customer_problem", "help_needed"):
            if name in self.fields and not cleaned.get(name) and name not in self.errors:
                self.add_error(
                    name, gettext("Sellers of %(host)s decide by this: please say it.") % {"host": host_name}
                )


class HelpStep(DraftedFields):
    """The two questions that make a deal private, partner-led or co-sell."""

    mark_optional = False  # what else is required depends on the help asked, and the page says so

    help = forms.ChoiceField(choices=Help.choices, widget=forms.RadioSelect)
    show = forms.ChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect, required=False)
    customer_problem = forms.CharField(
        label=_("The customer's business problem"), max_length=4000, widget=text_area(), required=False
    )
    help_needed = forms.CharField(
        label=_("The specific help you need"), max_length=4000, widget=text_area(), required=False
    )

    def __init__(
        self,
        *args: Any,
        host: Organization,
        has_contact: bool = True,
        about: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.host_name, self.has_contact, self.about = host.name, has_contact, about
        words = {"host": host.name}
        self.fields["help"].label = gettext("Identify the type of help you'd like from %(host)s") % words
        self.fields["show"].label = gettext("Would you like %(host)s sellers to view this deal?") % words

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        asked = cleaned.get("help") not in (None, "", Help.NONE)
        if cleaned.get("help") == Help.NONE and not cleaned.get("show") and "show" not in self.errors:
            self.add_error("show", gettext("Choose Yes or No."))
        if asked:
            self.ask_for_notes(cleaned, self.host_name)
            if not self.has_contact:
                self.add_error(
                    "help",
                    forms.ValidationError(
                        gettext(
                            "To ask for help, first give the customer's contact with consent in the step “Customer”."
                        ),
                        code="no_contact",
                    ),
                )
        return cleaned
