"""What reviewers and partners type in account matching."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import ManualCustomerForm
from accounts.models import CustomerAccount
from accounts.search import Described
from deals.enums import Decision, NoMatchReason
from deals.forms.fields import text_area


class MatchForm(forms.Form):
    note = forms.CharField(
        label=_("Note for everyone on the deal"), max_length=2000, widget=text_area(2), required=False
    )


class NoMatchForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=NoMatchReason.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("What you looked for, and what would help"),
        max_length=2000,
        widget=text_area(3),
        help_text=_("Everyone on the deal reads this."),
    )


class AskForm(forms.Form):
    note = forms.CharField(
        label=_("Your question"),
        max_length=2000,
        widget=text_area(3),
        help_text=_("The team of the partner gets it by mail, and answers on the page of the deal."),
    )


class UndoForm(forms.Form):
    note = forms.CharField(
        label=_("Why"), max_length=2000, widget=text_area(2), help_text=_("Everyone on the deal reads this.")
    )


FORMS: dict[Decision, type[forms.Form]] = {
    Decision.MATCH: MatchForm,
    Decision.NO_MATCH: NoMatchForm,
    Decision.ASK: AskForm,
    Decision.UNDO: UndoForm,
}


def _like(name: str, label: Any) -> forms.Field:
    """A field of the form in which the customer was typed, but not required."""
    given = ManualCustomerForm.base_fields[name]
    return forms.CharField(label=label, max_length=given.max_length, required=False, validators=given.validators)


class AnswerForm(forms.Form):
    """The partner's answer, and what was typed wrong."""

    answer = forms.CharField(label=_("Your answer"), max_length=2000, widget=text_area(3))
    customer_name = _like("manual_name", _("Legal name"))
    duns = _like("manual_duns", "D-U-N-S")
    domain = _like("manual_domain", _("Domain"))

    def __init__(self, *args: Any, typed: CustomerAccount, **kwargs: Any) -> None:
        known = Described.of(typed)
        initial = {"customer_name": known.name, "duns": known.duns, "domain": known.domain}
        super().__init__(*args, initial=initial, **kwargs)

    def corrected(self) -> dict[str, str]:
        """Name, D-U-N-S and domain as the customer's account keeps them; what is empty says nothing."""
        data = self.cleaned_data
        return {
            "name": data["customer_name"].strip(),
            "duns": data["duns"].replace("-", ""),
            "domain": data["domain"].lower(),
        }


class PairForm(forms.Form):
    """Two accounts that are one customer, and which of them stays."""

    same = forms.ModelMultipleChoiceField(
        CustomerAccount.objects.none(), to_field_name="uid", widget=forms.MultipleHiddenInput
    )
    stays = forms.CharField(required=False)
    note = forms.CharField(
        label=_("Note for everyone on their deals"), max_length=2000, widget=text_area(2), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["same"].queryset = CustomerAccount.objects.filter(merged_into=None)

    def clean_same(self) -> list[CustomerAccount]:
        pair = list(self.cleaned_data["same"])
        if len(pair) != 2:
            raise forms.ValidationError(gettext("Choose exactly two accounts."))
        return pair
