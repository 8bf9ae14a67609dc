"""What a person types when acting on a deal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cosell import clock
from cosell.web.dates import said
from cosell.web.forms import LongSelect
from deals import rules
from deals.enums import Action, DeclineReason
from deals.forms.fields import DateField, amount_field, currency_field, text_area
from deals.workflow import TRANSITIONS

if TYPE_CHECKING:
    from accounts.who import Who
    from deals.models import Deal


class NoteFields(forms.Form):
    note = forms.CharField(label=_("Notes"), max_length=4000, widget=text_area(3), required=False)


class AcceptForm(forms.Form):
    name = forms.CharField(label=_("Deal name"), max_length=120)
    value = amount_field(label=_("Estimated value"))
    currency = currency_field()
    close_on = DateField(label=_("Estimated purchase date"))
    notes = forms.CharField(
        label=_("Notes"),
        max_length=4000,
        widget=text_area(3),
        required=False,
        help_text=_("What the customer is looking for, and what you will do next."),
    )
    share_notes = forms.BooleanField(
        label=_("Share these notes with everyone on the deal"), required=False, initial=True
    )
    crm_id = forms.CharField(label=_("CRM ID"), max_length=80, required=False)
    campaign_id = forms.CharField(label=_("Marketing campaign ID"), max_length=80, required=False)

    def __init__(self, *args: Any, deal: Deal, **kwargs: Any) -> None:
        initial = {name: getattr(deal, name) for name in ("name", "value", "currency", "close_on")}
        super().__init__(*args, initial=initial, **kwargs)


class ReasonForm(NoteFields):
    """Decline, lost, close as error: why, in a word and in words."""

    reason = forms.ChoiceField(label=_("Reason"), widget=forms.RadioSelect)
    field_order = ("reason", "note")

    def __init__(self, *args: Any, deal: Deal, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = TRANSITIONS[action].reasons or DeclineReason
        self.fields["reason"].choices = reasons.choices
        self.explain = {value for value in reasons.values if value in ("other", "solution")}
        if action == Action.DECLINE:
            inviter = deal.invited_from.organization.name if deal.invited_from else ""
            self.fields["note"].help_text = gettext("%(organization)s reads this.") % {"organization": inviter}
        else:
            self.fields["note"].help_text = gettext("Only your company reads this.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("reason") in self.explain and not cleaned.get("note"):
            self.add_error("note", gettext("Please explain in the notes."))
        return cleaned


class WinForm(NoteFields):
    final_value = amount_field(
        label=_("Final value"), required=False, help_text=_("Empty: the estimated value stands.")
    )
    won_on = DateField(label=_("Won on"), required=False)
    early_confirmed = forms.BooleanField(required=False)
    field_order = ("final_value", "won_on", "note", "early_confirmed")

    def __init__(self, *args: Any, deal: Deal, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = clock.now()
        if rules.win_is_early(deal, now):
            safe = deal.engagement.created_at + rules.SAFE_TO_WIN_AFTER
            self.fields["early_confirmed"].label = gettext(
                "Less than 72 hours have passed since creation: a registration may be refused for that. "
                "I mark it won all the same. (Safe after %(when)s.)"
            ) % {"when": said(safe)}
        else:
            del self.fields["early_confirmed"]

    def clean_won_on(self) -> object:
        won_on = self.cleaned_data["won_on"]
        if won_on and won_on > clock.now().date():
            raise forms.ValidationError(_("This date is in the future."))
        return won_on


class MarkForm(NoteFields):
    share_note = forms.BooleanField(label=_("Share these notes with everyone on the deal"), required=False)

    def __init__(self, *args: Any, deal: Deal, action: Action, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class HandOverForm(NoteFields):
    """To which colleague; the same people that the action takes."""

    to = forms.ModelChoiceField(label=_("Colleague"), queryset=User.objects.none(), widget=LongSelect)
    field_order = ("to", "note")

    def __init__(self, *args: Any, deal: Deal, who: Who, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people = rules.colleagues(who, deal)
        self.fields["to"].help_text = (
            gettext("They are told by mail, and are on the team of this deal from then on.")
            if people.exists()
            else gettext("Nobody else in your company may change this deal; an account admin can give roles.")
        )
        self.fields["note"].help_text = gettext("Only your company reads this.")


class NoteForm(forms.Form):
    """An entry of the conversation."""

    text = forms.CharField(label=_("Note"), max_length=4000, widget=text_area(3))
    share = forms.BooleanField(label=_("Share with everyone on the deal"), required=False)
