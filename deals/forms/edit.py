"""Change what may be changed of a deal; what is fixed stands there as text, with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from django import forms
from django.db.models import Q
from django.utils.translation import gettext

from accounts.models import PartnerProgram, SolutionArea, SolutionPlay
from cosell.web.dates import said
from deals import disclosure, editing, rules
from deals.editing import Field, Through
from deals.enums import Intent, Kind, PartnerRole
from deals.forms.customer import ContactFields
from deals.forms.fields import NO_CHOICE, DateField, amount_field, currency_field, plays_by_area

if TYPE_CHECKING:
    from accounts.who import Who
    from cosell.web.reasons import Reason
    from deals.models import CustomerContact, Deal


class Fact(NamedTuple):
    """What stands there: as a form sends it, and as people read it."""

    field: Field
    key: str = ""
    text: str = ""


class FixedText(forms.Widget):
    """Not an input: the value as people read it."""

    template_name = "deals/edit/_fixed.html"

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["text"] = self.text
        return context


class FixedField(forms.Field):
    """A field that the form shows and does not change; who sends another value than the present one is told why."""

    def __init__(self, fact: Fact, reason: Reason) -> None:
        super().__init__(label=fact.field.label, widget=FixedText(fact.text))
        self.key, self.text, self.reason = fact.key, fact.text, reason
        self.through = editing.MATRIX[fact.field].through

    def clean(self, value: Any) -> None:
        if value is not None and value != self.key:
            raise forms.ValidationError(self.reason.text, code=self.reason.code)


class EditForm(forms.Form):
    """Deal details: the fields of this kind of deal that may be changed now, then those that are fixed."""

    name = forms.CharField(label=Field.NAME.label, max_length=120)
    value = amount_field(label=Field.VALUE.label)
    currency = currency_field()
    close_on = DateField(label=Field.CLOSE_ON.label)
    intent = forms.ChoiceField(label=Field.INTENT.label, choices=[NO_CHOICE, *Intent.choices])
    partner_role = forms.ChoiceField(label=Field.PARTNER_ROLE.label, choices=[NO_CHOICE, *PartnerRole.choices])
    partner_program = forms.ModelChoiceField(PartnerProgram.objects, label=Field.PARTNER_PROGRAM.label)
    solution_area = forms.ModelChoiceField(SolutionArea.objects, label=Field.SOLUTION_AREA.label)
    solution_play = forms.ModelChoiceField(SolutionPlay.objects, label=Field.SOLUTION_PLAY.label)
    crm_id = forms.CharField(label=Field.CRM_ID.label, max_length=80)
    campaign_id = forms.CharField(label=Field.CAMPAIGN_ID.label, max_length=80)

    def __init__(self, *args: Any, who: Who, deal: Deal, **kwargs: Any) -> None:
        initial = {field.value: getattr(deal, field.value) for field in editing.OWN}
        initial |= {field.value: getattr(deal.engagement, field.value) for field in editing.SHARED}
        super().__init__(*args, initial=initial, **kwargs)
        asked = editing.asked_of(deal.engagement)
        fixed = _fixed(who, deal)
        for name in fixed:
            self.fields.pop(name, None)
        for name, field in self.fields.items():
            field.required = asked[name] == rules.Ask.REQUIRED
            if isinstance(field, forms.ModelChoiceField):
                # what was switched off since may stay, and is not offered anew
                field.queryset = field.queryset.filter(Q(is_active=True) | Q(pk=getattr(initial[name], "pk", None)))
                field.empty_label = NO_CHOICE[1]
        if "solution_play" in self.fields:
            plays = self.fields["solution_play"].queryset.select_related("area").order_by("area__name", "name")
            self.fields["solution_play"].choices = plays_by_area(plays)
        self.open = list(self.fields)
        self.fields |= fixed
        if deal.engagement.kind == Kind.ASSESSMENT:
            self.fields["help_needed"].label = gettext("Notes for the specialist")

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.open}

    def fixed_groups(self) -> dict[Reason, list[forms.BoundField]]:
        """What is fixed and says something, by the reason, which then stands there once."""
        groups: dict[Reason, list[forms.BoundField]] = {}
        for bound in self:
            if isinstance(bound.field, FixedField) and (bound.field.text or bound.errors):
                groups.setdefault(replace(bound.field.reason, field=""), []).append(bound)
        return groups


def _fixed(who: Who, deal: Deal) -> dict[str, FixedField]:
    """Every fact that another form could name here, as a field that shows it and refuses to change it."""
    reasons, has = editing.locked(who, deal, Through.DETAILS), editing.fields_of(deal)
    return {
        name: FixedField(fact if fact.field in has else Fact(fact.field), reasons[fact.field])
        for name, fact in _facts(who, deal).items()
        if fact.field in reasons
    }


def _facts(who: Who, deal: Deal) -> dict[str, Fact]:
    """By the name that a form gives it. A contact is three such names and shown at the first."""
    engagement, contact = deal.engagement, disclosure.contact(who, deal)
    facts = {
        Field.CUSTOMER: (engagement.customer.uid, engagement.customer.name),
        Field.LOCATION: (deal.location_id, deal.location),
        Field.PAYOUT_LOCATION: (engagement.payout_location_id, engagement.payout_location),
        Field.INTENT: (engagement.intent, engagement.get_intent_display()),
        Field.PARTNER_ROLE: (engagement.partner_role, engagement.get_partner_role_display()),
        Field.PARTNER_PROGRAM: (engagement.partner_program_id, engagement.partner_program),
        Field.SOLUTION_AREA: (engagement.solution_area_id, engagement.solution_area),
        Field.SOLUTION_PLAY: (engagement.solution_play_id, engagement.solution_play),
        Field.VISIBILITY: (engagement.visibility, engagement.get_visibility_display()),
        Field.HELP: (engagement.help, engagement.get_help_display()),
        Field.CUSTOMER_PROBLEM: (engagement.customer_problem, engagement.customer_problem),
        Field.HELP_NEEDED: (engagement.help_needed, engagement.help_needed),
    }
    return {
        **{field.value: Fact(field, str(key or ""), str(text or "")) for field, (key, text) in facts.items()},
        "contact_name": Fact(Field.CONTACT, contact.name if contact else "", contact_text(contact) or "–"),
        "contact_phone": Fact(Field.CONTACT, contact.phone if contact else ""),
        "contact_email": Fact(Field.CONTACT, contact.email if contact else ""),
        "consent": Fact(Field.CONSENT, "on" if contact else "", consent_text(contact)),
    }


def contact_text(contact: CustomerContact | None) -> str:
    return f"{contact.name}, {contact.email}, {contact.phone}" if contact else ""


def consent_text(contact: CustomerContact | None) -> str:
    """Who ticked it, and when."""
    return f"{contact.consent_by.full_name}, {said(contact.consent_at)}" if contact else ""


class ContactForm(ContactFields):
    """The customer's person. Each change needs the consent anew; all empty takes the contact away."""

    mark_optional = False

    def __init__(self, *args: Any, deal: Deal, **kwargs: Any) -> None:
        contact: CustomerContact | None = getattr(deal.engagement, "contact", None)
        names = ("name", "phone", "email")
        initial = {f"contact_{name}": getattr(contact, name) for name in names} if contact else {}
        super().__init__(*args, initial=initial, **kwargs)
        if contact:
            self.fields["consent"].help_text = gettext("Given before: %(consent)s") % {
                "consent": consent_text(contact)
            }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["contact"] = self.clean_contact()
        return cleaned
