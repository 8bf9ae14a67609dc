"""The step Deal details: what is co-sold, by whom, for how much and when."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import PartnerProgram, SolutionArea, SolutionPlay
from deals import rules
from deals.enums import Intent, Kind, PartnerRole
from deals.forms.fields import NO_CHOICE, DateField, amount_field, currency_field, not_past, plays_by_area, text_area

if TYPE_CHECKING:
    from accounts.models import Organization
    from accounts.who import Who

# Fields that only some kinds ask, and what stands in each for a kind that does not.
OF_A_KIND: dict[str, Any] = {
    "partner_role": "",
    "partner_program": None,
    "solution_area": None,
    "solution_play": None,
    "intent": "",
}


class DetailsStep(forms.Form):
    """Deal details; the team stands beside it as a formset.

    All the fields of the kinds that the company may co-sell are on the page, and the style shows those of the kind
    that is chosen there; only these are judged (`rules.asked`), and the others come out empty.
    """

    kind = forms.ChoiceField(label=_("What are you co-selling?"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("Deal name"), max_length=120)
    location = forms.ModelChoiceField(
        label=_("Location"), queryset=None, help_text=_("Cannot be changed after the deal is created.")
    )
    value = amount_field(label=_("Estimated value"))
    currency = currency_field()
    close_on = DateField(label=_("Estimated close date"), validators=[not_past])
    partner_role = forms.ChoiceField(label=_("Partner role"), choices=[NO_CHOICE, *PartnerRole.choices])
    partner_program = forms.ModelChoiceField(
        label=_("Partner program"),
        queryset=PartnerProgram.objects.filter(is_active=True),
        empty_label=NO_CHOICE[1],
        help_text=_("The go-to-market program because of which you share this opportunity."),
    )
    solution_area = forms.ModelChoiceField(
        label=_("Solution area"), queryset=SolutionArea.objects.filter(is_active=True), empty_label=NO_CHOICE[1]
    )
    solution_play = forms.ModelChoiceField(
        label=_("Solution play"), queryset=SolutionPlay.objects.filter(is_active=True, area__is_active=True)
    )
    intent = forms.ChoiceField(
        label=_("Does the customer intend to buy through the marketplace?"),
        choices=Intent.choices,
        widget=forms.RadioSelect,
        help_text=_("You can change this later."),
    )
    notes = forms.CharField(
        label=_("Notes"),
        max_length=4000,
        widget=text_area(),
        help_text=_("The first entry of the conversation. Only your company reads it, unless you share it."),
    )
    share_notes = forms.BooleanField(label=_("Share these notes with everyone on the deal"), required=False)
    crm_id = forms.CharField(label=_("CRM ID"), max_length=80)
    campaign_id = forms.CharField(label=_("Marketing campaign ID"), max_length=80)

    def __init__(self, *args: Any, who: Who, host: Organization, lacks_contact: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.host, self.by_host, self.lacks_contact = host, who.organization == host, lacks_contact
        offered = offered_kinds(who.organization, host)
        self.fields["kind"].choices = offered
        self.fields["kind"].initial = offered[0][0] if offered else None
        self.kind = chosen_kind(str(self["kind"].value()), offered)
        locations = who.creation_locations()
        self.fields["location"].queryset = locations
        self.fields["location"].initial = locations.first()
        self._ask([Kind(value) for value, _label in offered] or [self.kind])
        if "solution_play" in self.fields:
            self.fields["solution_play"].choices = partial(self._plays, str(self["solution_area"].value() or ""))

    def _ask(self, kinds: list[Kind]) -> None:
        """Keep what a kind on offer asks; each field knows for which kinds it is shown, and for which optional."""
        tables = {kind: rules.asked(kind, by_host=self.by_host) for kind in kinds}
        self.asked = tables.get(self.kind) or rules.asked(self.kind, by_host=self.by_host)
        for name in OF_A_KIND:
            asks = {kind: table[name] for kind, table in tables.items() if table[name] != rules.Ask.NO}
            if not asks:
                del self.fields[name]
                continue
            self.fields[name].kinds = " ".join(asks)
            self.fields[name].optional_for = " ".join(k for k, ask in asks.items() if ask == rules.Ask.OPTIONAL)
        for name in self.fields.keys() & self.asked.keys():
            self.fields[name].required = self.asked[name] == rules.Ask.REQUIRED

    def _plays(self, area: str) -> list[Any]:
        """The plays of the area chosen; before one is, those of every area, under its name."""
        plays = list(self.fields["solution_play"].queryset.select_related("area").order_by("area__name", "name"))
        if area:
            return [NO_CHOICE, *((play.pk, play.name) for play in plays if str(play.area_id) == area)]
        return plays_by_area(plays)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, nothing in OF_A_KIND.items():
            if name not in self.fields or self.asked[name] == rules.Ask.NO:
                self.errors.pop(name, None)
                cleaned[name] = nothing
        self._judge_play(cleaned.get("solution_area"), cleaned.get("solution_play"))
        if self.asked["contact"] == rules.Ask.REQUIRED and self.lacks_contact:
            text = gettext(
                "A solution assessment always invites %(host)s: first give the customer's contact with consent in "
                "the step “Customer”."
            )
            self.add_error("kind", forms.ValidationError(text % {"host": self.host.name}, code="no_contact"))
        return cleaned

    def _judge_play(self, area: SolutionArea | None, play: SolutionPlay | None) -> None:
        if play is None or "solution_area" in self.errors:
            return
        if area is None:
            self.add_error("solution_area", gettext("Choose the area of this play: %(area)s.") % {"area": play.area})
        elif play.area_id != area.pk:
            text = gettext("“%(play)s” is a play of “%(of)s”. Choose a play of “%(area)s”.")
            self.add_error("solution_play", text % {"play": play, "of": play.area, "area": area})


def offered_kinds(organization: Organization, host: Organization) -> list[tuple[str, str]]:
    """Only what the company may co-sell."""
    return [(kind.value, str(kind.label)) for kind in Kind if not rules.creation_gate(organization, host, kind)]


def chosen_kind(value: str, offered: list[tuple[str, str]]) -> Kind:
    """The kind named, if it is on offer; else the first that is."""
    kinds = [kind for kind, _label in offered] or [Kind.IP]
    return Kind(value if value in kinds else kinds[0])
