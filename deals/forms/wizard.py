"""The forms of the wizard, one a step (product.md §5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import SolutionKind
from accounts.forms import CustomerSearchForm, ManualCustomerForm
from accounts.models import CustomerAccount, Solution
from accounts.names import name_key
from accounts.search import find_choosable
from deals import rules
from deals.actions import Contact, Person
from deals.enums import Help, Intent, Kind
from deals.forms.fields import DateField, amount_field, currency_field, not_past, text_area

if TYPE_CHECKING:
    from accounts.models import Organization
    from accounts.search import CustomerRow
    from accounts.who import Who


class ContactFields(forms.Form):
    """The customer's person, and the consent to name them."""

    contact_name = forms.CharField(label=_("Name"), max_length=120, required=False)
    contact_phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    contact_email = forms.EmailField(label=_("E-mail"), required=False)
    consent = forms.BooleanField(label=_("The customer agreed that I share this contact"), required=False)

    def clean_contact(self) -> Contact | None:
        """The whole contact or none; half a contact is an error at the field that lacks."""
        names = ("contact_name", "contact_phone", "contact_email")
        given = [self.cleaned_data.get(name) for name in names]
        if not any(self.data.get(self.add_prefix(name)) for name in names):
            return None
        for name, value in zip(names, given, strict=True):
            if not value and name not in self.errors:
                self.add_error(name, gettext("Complete the contact, or leave all of it empty."))
        if not self.cleaned_data.get("consent"):
            self.add_error("consent", gettext("Without the customer's consent, leave the contact empty."))
        return Contact(*given) if all(given) and self.cleaned_data.get("consent") else None


class CustomerStep(ContactFields, CustomerSearchForm, ManualCustomerForm):
    """Find and choose an account, or enter one by hand; the customer's contact.

    Who enters by hand what looks like a known account says so once: `keep_typed` is the name that was meant, as it
    is compared, so that it holds until another name is typed. `looks_like` finds these accounts (deals.wizard).
    """

    customer = forms.CharField(required=False, widget=forms.HiddenInput)
    keep_typed = forms.CharField(label=_("Keep what I typed"), required=False, max_length=200)
    MANUAL = "manual"
    mark_optional = False  # nothing to search by is required, and the contact says itself when it is

    def __init__(self, *args: Any, who: Who, looks_like: Callable[..., list[CustomerRow]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.who, self._looks_like = who, looks_like
        if self.chosen != self.MANUAL:
            for name in ManualCustomerForm.base_fields:
                self.fields[name].required = False

    @property
    def chosen(self) -> str:
        """What the form names; who typed a customer and chose none means that one."""
        named = self.data.get("customer", "").strip()
        return named or (self.MANUAL if self.data.get("manual_name", "").strip() else "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["contact"] = self.clean_contact()
        cleaned["account"] = None
        if self.chosen != self.MANUAL:
            cleaned["account"] = self._account(self.chosen)
        elif self.near() and not self.is_kept():
            text = gettext("Choose the known customer, or say that yours is another one.")
            self.add_error("keep_typed", text)
        return cleaned

    def near(self) -> list[CustomerRow]:
        """Known accounts that the customer typed by hand looks like."""
        names = ("name", "country", "city", "duns", "domain")
        given = {name: self.data.get(f"manual_{name}", "").strip()[:160] for name in names}
        return self._looks_like(**given) if any(given[name] for name in ("name", "duns", "domain")) else []

    def typed_key(self) -> str:
        return name_key(self.data.get("manual_name", ""))[:200]

    def is_kept(self) -> bool:
        return self.data.get("keep_typed", "") == self.typed_key() != ""

    def _account(self, chosen: str) -> CustomerAccount | None:
        account = find_choosable(self.who, chosen)
        if account is None:
            self.add_error("customer", gettext("Choose a customer from the list, or enter one by hand."))
        return account


class DetailsStep(forms.Form):
    """Deal details; the team stands beside it as a formset."""

    kind = forms.ChoiceField(label=_("What are you co-selling?"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("Deal name"), max_length=120)
    location = forms.ModelChoiceField(
        label=_("Location"), queryset=None, help_text=_("Cannot be changed after the deal is created.")
    )
    value = amount_field(label=_("Estimated value"))
    currency = currency_field()
    close_on = DateField(label=_("Estimated close date"), validators=[not_past])
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
    crm_id = forms.CharField(label=_("CRM ID"), max_length=80, required=False)
    campaign_id = forms.CharField(label=_("Marketing campaign ID"), max_length=80, required=False)

    def __init__(self, *args: Any, who: Who, host: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = offered_kinds(who.organization, host)
        self.fields["kind"].initial = self.fields["kind"].choices[0][0] if self.fields["kind"].choices else None
        locations = who.creation_locations()
        self.fields["location"].queryset = locations
        self.fields["location"].initial = locations.first()


def offered_kinds(organization: Organization, host: Organization) -> list[tuple[str, str]]:
    """Only what the company may co-sell."""
    return [
        (kind.value, str(kind.label)) for kind in WIZARD_KINDS if not rules.creation_gate(organization, host, kind)
    ]


WIZARD_KINDS = (Kind.IP,)


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


class HelpStep(forms.Form):
    """The two questions that make a deal private, partner-led or co-sell."""

    mark_optional = False  # what else is required depends on the help asked, and the page says so

    help = forms.ChoiceField(choices=Help.choices, widget=forms.RadioSelect)
    show = forms.ChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))], widget=forms.RadioSelect, required=False)
    customer_problem = forms.CharField(
        label=_("The customer's business problem"), max_length=4000, widget=text_area(), required=False
    )
    help_needed = forms.CharField(
        label=_("The specific help you need"), max_length=4000, widget=text_area(), required=False
    )

    def __init__(self, *args: Any, host: Organization, has_contact: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.host_name, self.has_contact = host.name, has_contact
        words = {"host": host.name}
        self.fields["help"].label = gettext("Identify the type of help you'd like from %(host)s") % words
        self.fields["show"].label = gettext("Would you like %(host)s sellers to view this deal?") % words

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        asked = cleaned.get("help") not in (None, "", Help.NONE)
        if cleaned.get("help") == Help.NONE and not cleaned.get("show") and "show" not in self.errors:
            self.add_error("show", gettext("Choose Yes or No."))
        if asked:
            for name in ("customer_problem", "help_needed"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(
                        name, gettext("Sellers of %(host)s decide by this: please say it.") % {"host": self.host_name}
                    )
            if not self.has_contact:
                self.add_error(
                    "help",
                    forms.ValidationError(
                        gettext(
                            "To ask for help, first give the customer's contact with consent in the step “Customer”."
                        ),
                        code="no_contact",
                    ),
                )
        return cleaned


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


def as_lists(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """A QueryDict as plain JSON: what was typed, without the token, the buttons and the list that was open."""
    skip = {"csrfmiddlewaretoken", "version", "go", "tab"}
    return {key: data.getlist(key) for key in data if key not in skip}
