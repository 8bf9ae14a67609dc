"""The invitation of a partner, in the wizard and on the deal page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import SolutionKind
from deals.actions import Person
from deals.enums import Help
from deals.forms.fields import (
    DateField,
    SolutionsField,
    TeamFormSet,
    add_row,
    amount_field,
    currency_field,
    not_past,
    team_data,
    text_area,
    typed,
)

if TYPE_CHECKING:
    from accounts.models import Organization

PREFIX = "invite"


class InvitedTeam(TeamFormSet):
    """People of both companies; nobody will do, whoever accepts is on the team anyway."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prefix = f"{PREFIX}-{self.prefix}"

    def clean(self) -> None:
        pass


class InvitationForm(forms.Form):
    """One invitation of one partner; `team` holds its people, filled in with `people` until something is typed."""

    value = amount_field(label=_("Their share of the value"))
    currency = currency_field()
    close_on = DateField(label=_("Estimated close date"), validators=[not_past])
    help = forms.ChoiceField(
        label=_("Help you need from them"), choices=[pair for pair in Help.choices if pair[0] != Help.NONE]
    )
    solutions = SolutionsField(label=_("Solutions they should bring"))
    notes = forms.CharField(label=_("Why you invite them"), max_length=4000, widget=text_area(3))

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        partner: Organization,
        people: Iterable[Person],
        **kwargs: Any,
    ) -> None:
        super().__init__(data, prefix=PREFIX, **kwargs)
        self.partner = partner
        is_typed = data is not None and f"{PREFIX}-team-TOTAL_FORMS" in data
        self.team = InvitedTeam(data if is_typed else typed(_prefixed(team_data(people))))
        self.fields["solutions"].queryset = partner.solutions.filter(is_active=True).exclude(
            kind=SolutionKind.ASSESSMENT
        )
        self.fields["solutions"].required = True
        self.fields["solutions"].error_messages["required"] = gettext(
            "Say at least one solution that %(organization)s should bring."
        ) % {"organization": partner.name}

    def is_valid(self) -> bool:
        return all([super().is_valid(), self.team.is_valid()])  # both, so that both show their errors


def _prefixed(data: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {f"{PREFIX}-{key}": values for key, values in data.items()}


def only_invitation(data: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What was typed of the invitation, without the rest of the page."""
    return {key: values for key, values in data.items() if key.startswith(f"{PREFIX}-")}


def add_person(data: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """An invitation as it was typed, with one more row for a person."""
    bare = {key.removeprefix(f"{PREFIX}-"): values for key, values in only_invitation(data).items()}
    return _prefixed(add_row(bare))
