"""What reviewers type in the queue: a name for a filter, another reviewer, a checklist for many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from registrations.actions import reviewers
from registrations.enums import Check
from registrations.filters import QueueFilter
from registrations.models import SavedFilter

if TYPE_CHECKING:
    from accounts.models import User
    from accounts.who import Who

MAX_FILTERS = 20
KEPT = ("tab", "sort", *QueueFilter.base_filters)
_LONGEST = SavedFilter._meta.get_field("query").max_length


class FilterForm(forms.Form):
    """A name for the query of an address; one's own name that is known already gets the new query."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=60)

    def __init__(self, *args: Any, who: Who, query: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.who, self.query = who, _kept(query)

    def clean(self) -> dict[str, Any]:
        others = SavedFilter.objects.filter(user=self.who.user).exclude(name=self.cleaned_data.get("name", ""))
        if others.count() >= MAX_FILTERS:
            raise forms.ValidationError(_("You have %(most)d filters; delete one first.") % {"most": MAX_FILTERS})
        if len(self.query) > _LONGEST:
            raise forms.ValidationError(_("This filter is too long to be kept. Take something off."))
        return self.cleaned_data

    def save(self) -> SavedFilter:
        kept, _is_new = SavedFilter.objects.update_or_create(
            user=self.who.user, name=self.cleaned_data["name"], defaults={"query": self.query}
        )
        return kept


def _kept(query: str) -> str:
    """What of a query is a filter."""
    kept = QueryDict(mutable=True)
    for name, values in QueryDict(query).lists():
        if name in KEPT and any(values):
            kept.setlist(name, [value for value in values if value])
    return kept.urlencode()


class AssignForm(forms.Form):
    """Another reviewer, or nobody: then everybody may take it."""

    user = forms.ChoiceField(label=gettext_lazy("Reviewer"), required=False)

    def __init__(self, *args: Any, who: Who, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people: dict[str, User] = {str(user.pk): user for user in reviewers(who.organization.pk)}
        names = [(key, user.full_name) for key, user in self.people.items()]
        self.fields["user"].choices = [("", _("Nobody: whoever takes it")), *names]

    def clean_user(self) -> User | None:
        return self.people.get(self.cleaned_data["user"])


class BulkForm(forms.Form):
    """The checklist, asked once for all that are passed together."""

    checked = forms.MultipleChoiceField(
        label=gettext_lazy("Holds for each of them"), widget=forms.CheckboxSelectMultiple, choices=()
    )

    def __init__(self, *args: Any, checks: tuple[Check, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.checks = checks
        if checks:
            self.fields["checked"].choices = [(check.value, check.label) for check in checks]
        else:
            del self.fields["checked"]

    def clean_checked(self) -> list[str]:
        checked: list[str] = self.cleaned_data["checked"]
        left = [str(check.label) for check in self.checks if check.value not in checked]
        if left:
            raise forms.ValidationError(_("Not checked yet: %(names)s.") % {"names": ", ".join(left)})
        return checked
