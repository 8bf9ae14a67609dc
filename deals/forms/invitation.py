"""The invitation of a partner, in the wizard and on the deal page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import SolutionKind
from deals.actions import Person
from deals.enums import Help
from deals.forms.fields import DateField, SolutionsField, amount_field, currency_field, not_past, text_area

if TYPE_CHECKING:
    from accounts.models import Organization


class InvitationForm(forms.Form):
    """One invitation of one partner."""

    value = amount_field(label=_("Their share of the value"))
    currency = currency_field()
    close_on = DateField(label=_("Estimated close date"), validators=[not_past])
    help = forms.ChoiceField(
        label=_("Help you need from them"), choices=[pair for pair in Help.choices if pair[0] != Help.NONE]
    )
    solutions = SolutionsField(label=_("Solutions they should bring"))
    notes = forms.CharField(label=_("Why you invite them"), max_length=4000, widget=text_area(3))
    team = forms.MultipleChoiceField(
        label=_("Your people who work with them"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, partner: Organization, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.partner, self.people = partner, {person.email: person for person in people}
        self.fields["solutions"].queryset = partner.solutions.filter(is_active=True).exclude(
            kind=SolutionKind.ASSESSMENT
        )
        self.fields["solutions"].required = True
        self.fields["solutions"].error_messages["required"] = gettext(
            "Say at least one solution that %(organization)s should bring."
        ) % {"organization": partner.name}
        self.fields["team"].choices = [(p.email, f"{p.name} · {p.email}") for p in people]
        self.fields["team"].initial = list(self.people)

    def invited_team(self) -> list[Person]:
        return [self.people[email] for email in self.cleaned_data["team"]]
