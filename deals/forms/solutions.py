"""The step Solutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import SolutionKind
from accounts.models import Solution
from deals import rules
from deals.forms.fields import SolutionsField

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
