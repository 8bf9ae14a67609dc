"""What a partner types to register a won deal, in the order of fact sheet 3.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cosell.web.dates import said_day
from cosell.web.reasons import Reason
from deals.forms.fields import DateField, amount_field, currency_field, text_area
from registrations.annual import LAST_DAY, PERPETUAL_YEARS, Annual, annual_value
from registrations.claim import Claim
from registrations.enums import UNLOCKABLE, DeployedOn, Field, Pricing, ProgramCode, Tenant
from registrations.rules.windows import Windows

YES, NO = "yes", "no"
OF_SOLUTION = "solution_"
ANNUAL = ("contract_value", "currency", "is_perpetual", "starts_on", "ends_on")  # what the annual value follows from


@dataclass(frozen=True)
class Asked:
    """What the form of one deal asks, beside what every form does. `solutions` are {code: name}."""

    programs: Sequence[ProgramCode]  # to choose from; at least one
    solutions: Mapping[str, str]
    windows: Windows | None  # None: an exception has lifted them
    tenant_id: bool
    declares: bool  # several partners: who holds the contract?
    contests: bool  # another partner has registered already
    open: frozenset[str] | None = None  # what alone may change, after an exception; None: everything


def _yes_no(label: Any, help_text: Any = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=[(YES, gettext_lazy("Yes")), (NO, gettext_lazy("No"))],
        coerce=lambda value: value == YES,
        widget=forms.RadioSelect,
        help_text=help_text,
    )


def _one_of(label: Any, choices: Any, help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, help_text=help_text)


class ClaimForm(forms.Form):
    """Its own checks are of shape alone; what the rules say is put at the fields by `put`."""

    mark_optional = False  # what depends on an answer says so itself
    program = _one_of(Field.PROGRAM.label, ProgramCode.choices)
    is_marketplace = _yes_no(Field.MARKETPLACE.label)
    marketplace_on = DateField(
        label=Field.MARKETPLACE_ON.label, required=False, help_text=gettext_lazy("Only for a marketplace transaction.")
    )
    deployed_on = _one_of(
        Field.DEPLOYED_ON.label,
        DeployedOn.choices,
        gettext_lazy("What runs elsewhere is not registered; you can close the deal without."),
    )
    is_perpetual = _yes_no(Field.PERPETUAL.label)
    contract_value = amount_field(
        label=Field.CONTRACT_VALUE.label, help_text=gettext_lazy("Software and services, without hardware.")
    )
    currency = currency_field()
    signed_on = DateField(label=Field.SIGNED_ON.label)
    starts_on = DateField(label=Field.STARTS_ON.label)
    ends_on = DateField(label=Field.ENDS_ON.label, required=False)
    tenant = _one_of(Field.TENANT.label, Tenant.choices, gettext_lazy("Whose tenant uses the solution."))
    tenant_id = forms.UUIDField(
        label=Field.TENANT_ID.label,
        required=False,
        help_text=gettext_lazy("Only where the customer's tenant uses the solution."),
    )
    pricing = _one_of(Field.PRICING.label, Pricing.choices)
    holds_contract = forms.BooleanField(
        label=gettext_lazy("Our company has the contract with the customer."), required=False
    )
    contest = forms.BooleanField(
        label=gettext_lazy("Another partner has registered this deal. The contract is ours: put it to a reviewer."),
        required=False,
    )
    attested = forms.BooleanField(
        label=gettext_lazy("Our company and the eligible solution are clearly named in the customer contract."),
        required=False,
    )

    def __init__(self, *args: Any, asked: Asked, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = asked
        self._leave_out()
        for code, name in asked.solutions.items():
            label = _("Solution value: %(solution)s") % {"solution": name}
            self.fields[OF_SOLUTION + code] = amount_field(label=label, required=False)
        if "program" in self.fields:
            self.fields["program"].choices = [(code.value, code.label) for code in asked.programs]
        self._say_windows(asked.windows)
        for name, field in self.fields.items():
            field.disabled = asked.open is not None and name not in asked.open

    def _leave_out(self) -> None:
        """What this deal is not asked."""
        asked = {
            "program": len(self.asked.programs) > 1,
            "tenant_id": self.asked.tenant_id,
            "holds_contract": self.asked.declares,
            "contest": self.asked.contests,
        }
        for name, is_asked in asked.items():
            if not is_asked:
                del self.fields[name]

    def _say_windows(self, windows: Windows | None) -> None:
        self.fields["ends_on"].help_text = _("None for a perpetual contract, which counts as %(years)d years.") % {
            "years": PERPETUAL_YEARS
        }
        if windows is None:
            return
        signed_from = said_day(max(windows.signed_from, windows.shared_on))
        facts = {"from": signed_from, "payg": said_day(windows.payg_until), "shared": said_day(windows.shared_on)}
        self.fields["signed_on"].help_text = (
            _("From %(from)s to today. With pay-as-you-go the date of the first invoice, from %(shared)s to %(payg)s.")
            % facts
        )
        self.fields["starts_on"].help_text = _(
            "When the customer began to use the solution: from %(from)s. It may be before the signature."
        ) % {"from": said_day(windows.starts_from)}

    @property
    def solutions(self) -> list[forms.BoundField]:
        return [self[OF_SOLUTION + code] for code in self.asked.solutions]

    @property
    def program_now(self) -> ProgramCode:
        """What is chosen, if it can be; else the first."""
        given = self["program"].value() if "program" in self.fields else ""
        return ProgramCode(given) if given in self.asked.programs else self.asked.programs[0]

    @property
    def is_elsewhere(self) -> bool:
        return self["deployed_on"].value() == DeployedOn.OTHER

    def claim(self) -> Claim:
        """What was claimed. Only of a valid form."""
        data = self.cleaned_data
        values = {code: data[OF_SOLUTION + code] for code in self.asked.solutions}
        of_customer = data["tenant"] == Tenant.CUSTOMER
        sent_before = bool(self.initial.get("holds_contract"))  # stands where it is asked no more
        return Claim(
            program=self.program_now,
            is_marketplace=data["is_marketplace"],
            marketplace_on=data["marketplace_on"] if data["is_marketplace"] else None,
            deployed_on=DeployedOn(data["deployed_on"]),
            is_perpetual=data["is_perpetual"],
            contract_value=data["contract_value"],
            currency=data["currency"],
            solution_values={code: value for code, value in values.items() if value is not None},
            signed_on=data["signed_on"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            tenant=Tenant(data["tenant"]),
            tenant_id=data.get("tenant_id") if of_customer else None,
            pricing=Pricing(data["pricing"]),
            holds_contract=data.get("holds_contract", sent_before),
            contest=data.get("contest", False),
            attested=data["attested"],
        )

    def fields_of(self, name: str) -> list[forms.Field]:
        """The inputs that stand for one `enums.Field`."""
        if name == Field.SOLUTION_VALUES:
            return [self.fields[OF_SOLUTION + code] for code in self.asked.solutions]
        return [self.fields[name]] if name in self.fields else []

    def said(self, name: str, typed: str) -> str:
        """What was typed, as a person reads it: the words of a choice, yes or no for a box."""
        field = self.fields[name]
        if isinstance(field, forms.BooleanField):
            return _("Yes") if typed else _("No")
        choices = dict(field.choices) if isinstance(field, forms.ChoiceField) else {}
        return str(choices.get(typed, typed)) or "–"

    def put(self, reasons: Iterable[Reason]) -> list[Reason]:
        """Each reason at its field; returns those that have none here."""
        rest = []
        for reason in reasons:
            name = self._field_of(reason)
            if name is None:
                rest.append(reason)
            else:
                self.add_error(name, f"{reason.text} {reason.fix}".strip())
        return rest

    def _field_of(self, reason: Reason) -> str | None:
        if reason.field == Field.SOLUTION_VALUES and self.asked.solutions:
            return OF_SOLUTION + next(iter(self.asked.solutions))
        return reason.field if reason.field in self.fields else None


def annual_of(form: ClaimForm) -> Annual | None:
    """What the contract is worth a year by what is typed so far; None while something lacks or is wrong."""
    read = {name: _read(form, name) for name in ANNUAL}
    value, start, end = read["contract_value"], read["starts_on"], read["ends_on"]
    perpetual, currency = read["is_perpetual"], read["currency"]
    if not (value and currency and isinstance(perpetual, bool)):
        return None
    if perpetual:
        return annual_value(value, start or LAST_DAY, None, perpetual=True, currency=currency)
    if not (start and end and start <= end <= LAST_DAY):
        return None
    return annual_value(value, start, end, perpetual=False, currency=currency)


def _read(form: ClaimForm, name: str) -> Any:
    try:
        return form.fields[name].clean(form[name].value())
    except forms.ValidationError:
        return None


def typed_of(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """The facts of a submission as a person would have typed them; the attestation is given anew."""
    typed = {}
    for name, value in facts.items():
        if name in (Field.SOLUTION_VALUES, Field.EVIDENCE) or value is None:
            continue
        if name == Field.HOLDS_CONTRACT:
            typed[name] = ["on"] if value else []
        else:
            typed[name] = [(YES if value else NO) if isinstance(value, bool) else str(value)]
    for code, value in facts.get(Field.SOLUTION_VALUES, {}).items():
        typed[OF_SOLUTION + code] = [str(Decimal(value))]
    return typed


class WaiveForm(forms.Form):
    note = forms.CharField(label=gettext_lazy("Notes"), max_length=4000, widget=text_area(3), required=False)


class ExceptionForm(forms.Form):
    """The one request of a deal (fact sheet 3.7)."""

    text = forms.CharField(
        label=gettext_lazy("What do you ask for, and why?"),
        max_length=5000,
        widget=text_area(8),
        help_text=gettext_lazy(
            "Give all contract dates and, for a correction, the exact fields with their new values. "
            "At most 5,000 characters."
        ),
    )
    wanted = forms.MultipleChoiceField(
        label=gettext_lazy("Fields to correct"),
        choices=[(each.value, each.label) for each in UNLOCKABLE],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("Nothing else can be changed after a decision."),
    )

    def wanted_fields(self) -> list[Field]:
        return [Field(each) for each in self.cleaned_data["wanted"]]
