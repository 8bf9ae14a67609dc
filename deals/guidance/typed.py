"""A deal as far as it is typed. Each field is read by itself: what is wrong elsewhere does not keep advice away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.forms import Field

from accounts.directory import entry_of
from accounts.models import CustomerAccount, Solution
from accounts.search import find_choosable
from deals.conflicts import Customer, Sketch, products
from deals.enums import Kind
from deals.forms.fields import CURRENCIES, DateField, amount_field
from deals.models import MAX_SOLUTIONS
from deals.similar import Wanted

if TYPE_CHECKING:
    from deals.wizard import Wizard

Answers = Mapping[str, Any]  # {field: [typed value]}
ENTERED_BY_HAND = "manual"


@dataclass(frozen=True)
class Typed:
    """What can be read of a draft; None or empty is "not said yet"."""

    account: CustomerAccount | None
    customer: Customer | None  # the account's, or as it was typed
    customer_answers: Answers  # to find the person's other drafts on the same customer
    kind: Kind
    name: str
    value: Decimal | None
    currency: str
    close_on: date | None
    intent: str
    area: int | None
    solutions: Sequence[Solution]

    @classmethod
    def of(cls, wizard: Wizard) -> Typed:
        """Asks for the account and for the solutions, no more."""
        customer, details = wizard.answers("customer"), wizard.answers("details")
        account = _account(wizard, customer)
        kind, currency, area = (one(details, name) for name in ("kind", "currency", "solution_area"))
        return cls(
            account=account,
            customer=Customer.of(account) if account else _described(customer),
            customer_answers=customer,
            kind=Kind(kind) if kind in Kind.values else Kind.IP,
            name=one(details, "name"),
            value=_clean(amount_field(), one(details, "value")),
            currency=currency if currency in CURRENCIES else "",
            close_on=_clean(DateField(), one(details, "close_on")),
            intent=one(details, "intent"),
            area=int(area) if area.isdecimal() and len(area) < 10 else None,
            solutions=_solutions(wizard.answers("solutions")),
        )

    @cached_property
    def sketch(self) -> Sketch | None:
        """For the conflict check; None before a customer is chosen."""
        if self.customer is None:
            return None
        return Sketch(
            customer=self.customer,
            name=self.name,
            solutions=frozenset(each.pk for each in self.solutions),
            products=products(self.solutions),
            area=self.area,
            value=self.value,
            currency=self.currency,
            close_on=self.close_on,
        )

    @property
    def wanted(self) -> Wanted:
        """For similar past deals."""
        return Wanted(
            solutions=[each.pk for each in self.solutions],
            area=self.area,
            country=self.customer.country if self.customer else "",
            category=self.account.category if self.account else "",
        )


def one(answers: Answers, name: str) -> str:
    """The first value of a field, as it can be asked for; empty for none."""
    values = answers.get(name) or [""]
    return str(values[0]).replace("\0", "").strip()[:200]


def chosen_customer(answers: Answers) -> str:
    """What the customer step names; who typed a customer and chose none means that one."""
    return one(answers, "customer") or (ENTERED_BY_HAND if one(answers, "manual_name") else "")


def _account(wizard: Wizard, answers: Answers) -> CustomerAccount | None:
    chosen = chosen_customer(answers)
    return find_choosable(wizard.who, chosen) if chosen not in ("", ENTERED_BY_HAND) else None


def _described(answers: Answers) -> Customer | None:
    """Typed by hand, or an entry of the business directory that is no account yet."""
    names = ("name", "country", "domain", "duns")
    if chosen_customer(answers) == ENTERED_BY_HAND:
        typed = Customer.described(**{name: one(answers, f"manual_{name}") for name in names})
        return typed if typed.key or typed.domain or typed.duns else None
    values = answers.get("customer") or [""]
    entry = entry_of(str(values[0]))
    return Customer.described(**{name: getattr(entry, name) for name in names}) if entry else None


def _solutions(answers: Answers) -> list[Solution]:
    codes = {str(code).replace("\0", "") for values in answers.values() for code in values}
    return list(Solution.objects.filter(code__in=codes, is_active=True).order_by("name")[:MAX_SOLUTIONS])


def _clean(field: Field, text: str) -> Any:
    """The value, or None for what does not read as one."""
    try:
        return field.clean(text)
    except ValidationError:
        return None
