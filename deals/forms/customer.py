"""The step Customer: who buys, and the person there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.forms import CustomerSearchForm, ManualCustomerForm
from accounts.models import CustomerAccount
from accounts.names import name_key
from accounts.search import find_choosable
from deals.actions import Contact

if TYPE_CHECKING:
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

    def __init__(
        self,
        *args: Any,
        who: Who,
        looks_like: Callable[..., list[CustomerRow]],
        needs_contact: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.who, self._looks_like, self.needs_contact = who, looks_like, needs_contact
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
        if self.needs_contact and cleaned["contact"] is None and not self.errors.keys() & ContactFields.base_fields:
            text = gettext("A solution assessment needs the customer's contact, given with consent.")
            self.add_error("contact_name", forms.ValidationError(text, code="no_contact"))
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
