"""Fields that several forms of a deal share."""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.core.validators import MinValueValidator
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import Solution, SolutionPlay
from cosell import clock
from cosell.web.forms import LongSelect
from deals.actions import Person
from deals.models import MAX_TEAM

# ISO 4217, those with a monthly rate (ECB) and a few that partners asked for.
CURRENCIES = [
    "USD",
    "EUR",
    "GBP",
    "BRL",
    "INR",
    "JPY",
    "AUD",
    "CAD",
    "CHF",
    "CNY",
    "CZK",
    "DKK",
    "HKD",
    "HUF",
    "IDR",
    "ILS",
    "ISK",
    "KRW",
    "MXN",
    "MYR",
    "NOK",
    "NZD",
    "PHP",
    "PLN",
    "RON",
    "SEK",
    "SGD",
    "THB",
    "TRY",
    "ZAR",
]


class DateInput(forms.DateInput):
    """The browser's own date field: it shows the reader's order of day and month, and sends ISO."""

    input_type = "date"

    def __init__(self, **attrs: str) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DateField(forms.DateField):
    widget = DateInput

    def __init__(self, **kwargs: object) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)


def not_past(on: date) -> None:
    if on < clock.now().date():
        raise forms.ValidationError(_("The close date has passed already."))


def amount_field(**kwargs: object) -> forms.DecimalField:
    """An amount of money; its currency stands beside it, always."""
    return forms.DecimalField(
        max_digits=15,
        decimal_places=2,
        validators=[MinValueValidator(0, _("An amount cannot be negative."))],
        widget=forms.NumberInput(attrs={"min": "0", "step": "0.01", "inputmode": "decimal"}),
        **kwargs,
    )


def currency_field() -> forms.ChoiceField:
    choices = [(code, code) for code in CURRENCIES]
    return forms.ChoiceField(label=_("Currency"), choices=choices, widget=LongSelect)


def text_area(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


NO_CHOICE = ("", "—")


def plays_by_area(plays: Iterable[SolutionPlay]) -> list[Any]:
    """Choices: plays in the order of their area, each under its name."""
    groups = groupby(plays, key=lambda play: play.area.name)
    return [NO_CHOICE, *((area, [(play.pk, play.name) for play in group]) for area, group in groups)]


class SolutionBoxes(forms.CheckboxSelectMultiple):
    """Each box knows its solution, so that the page can show what it is eligible for."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["solution"] = getattr(value, "instance", None)
        return option


class SolutionsField(forms.ModelMultipleChoiceField):
    widget = SolutionBoxes

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Solution.objects.none(), to_field_name="code", required=False, **kwargs)


class PersonForm(forms.Form):
    """A row of a team. A row left empty is no row."""

    name = forms.CharField(label=_("Name"), max_length=120)
    phone = forms.CharField(label=_("Phone"), max_length=40)
    email = forms.EmailField(label=_("E-mail"))

    def as_person(self) -> Person:
        data = self.cleaned_data
        return Person(data["name"], data["phone"], data["email"].lower())


class _Team(BaseFormSet):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, prefix="team", **kwargs)

    def people(self) -> list[Person]:
        """Each person once, in the order typed; rows marked for removal are left out."""
        kept = {}
        for form in self.forms:
            if form.has_changed() and not self._should_delete_form(form):
                person = form.as_person()
                kept.setdefault(person.email, person)
        return list(kept.values())

    def clean(self) -> None:
        if not any(self.errors) and not self.people():
            raise forms.ValidationError(_("Add at least one person of your company."), code="no_team")


TeamFormSet = formset_factory(
    PersonForm,
    formset=_Team,
    extra=0,
    can_delete=True,
    max_num=MAX_TEAM,
    validate_max=True,
    absolute_max=MAX_TEAM + 10,
)


def team_data(people: Iterable[Person]) -> dict[str, list[str]]:
    """A team as a person would have typed it: the data of a TeamFormSet."""
    people = list(people)
    data = {"team-TOTAL_FORMS": [str(max(len(people), 1))], "team-INITIAL_FORMS": ["0"]}
    for index, person in enumerate(people):
        data |= {
            f"team-{index}-name": [person.name],
            f"team-{index}-phone": [person.phone],
            f"team-{index}-email": [person.email],
        }
    return data


def add_row(data: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """One more empty row, for "Add another person" without JavaScript."""
    typed = data.get("team-TOTAL_FORMS", [""])[0]
    rows = int(typed) if typed.isdecimal() and len(typed) < 4 else 0
    return {**data, "team-TOTAL_FORMS": [str(min(rows + 1, MAX_TEAM))]}


def as_lists(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """A QueryDict as plain JSON: what was typed, without the token, the buttons and the list that was open."""
    skip = {"csrfmiddlewaretoken", "version", "go", "tab"}
    return {key: data.getlist(key) for key in data if key not in skip}


def typed(data: Mapping[str, list[str]] | None) -> QueryDict:
    """Stored answers as the form data they once were."""
    query = QueryDict(mutable=True)
    for key, values in (data or {}).items():
        query.setlist(key, values)
    return query
