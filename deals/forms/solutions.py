"""The step Solutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import SolutionKind
from accounts.models import Location, Solution
from deals import rules
from deals.forms.fields import SolutionsField, text_area

if TYPE_CHECKING:
    from accounts.models import Organization
    from accounts.who import Who


class SolutionsStep(forms.Form):
    """My company's, the host's own, and other companies' solutions."""

    own = SolutionsField(label=_("My company's solutions"))
    first_party = SolutionsField(label=_("First-party solutions"))
    third_party = SolutionsField(label=_("Other third-party solutions"))

    def __init__(self, *args: Any, who: Who, host: Organization, required: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.required = required
        active = Solution.objects.filter(is_active=True).exclude(kind=SolutionKind.ASSESSMENT).order_by("name")
        self.fields["first_party"].queryset = active.filter(organization=host.pk)
        self.fields["first_party"].label = host.name
        own = active.filter(organization=who.organization).exclude(organization=host.pk)
        self.fields["own"].queryset = own
        self.fields["third_party"].queryset = (
            active.filter(status__in=rules.COSELL_READY)
            .exclude(organization=who.organization)
            .exclude(organization=host.pk)
            .select_related("organization")
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = [solution for name in ("own", "first_party", "third_party") for solution in cleaned.get(name) or ()]
        if self.required and not chosen and not self.errors:
            raise forms.ValidationError(gettext("Add at least one solution."), code="no_solution")
        if len(chosen) > 50:
            raise forms.ValidationError(gettext("A deal has at most 50 solutions."), code="too_many")
        cleaned["solutions"] = chosen
        return cleaned


class AssessmentStep(forms.Form):
    """Instead of solutions: the one type of assessment, where its incentive is paid to, what the specialist reads."""

    assessment_type = forms.ModelChoiceField(
        label=_("Assessment type"),
        queryset=Solution.objects.none(),
        to_field_name="code",
        empty_label=None,
        widget=forms.RadioSelect,
        help_text=_("Exactly one, and no other solution. Cannot be changed after the deal is created."),
    )
    payout_location = forms.ModelChoiceField(
        label=_("Payout location"),
        queryset=Location.objects.none(),
        help_text=_("Where the incentive is paid to. Cannot be changed after the deal is created."),
    )
    help_needed = forms.CharField(label=_("Notes for the specialist"), max_length=4000, widget=text_area())

    def __init__(self, *args: Any, who: Who, host: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assessment_type"].queryset = host.solutions.filter(kind=SolutionKind.ASSESSMENT, is_active=True)
        locations = who.creation_locations()
        self.fields["payout_location"].queryset = locations
        self.fields["payout_location"].initial = locations.first()
        self.fields["help_needed"].help_text = gettext(
            "The specialist of %(host)s decides by them, within 14 days."
        ) % {"host": host.name}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["solutions"] = [cleaned["assessment_type"]] if cleaned.get("assessment_type") else []
        return cleaned
