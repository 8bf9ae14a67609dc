from zoneinfo import available_timezones

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from cosell.web.countries import country_choices
from accounts.models import User


def _countries_with_blank() -> list[tuple[str, str]]:
    return [("", "—"), *country_choices()]


class ProfileForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=lambda: [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())]
    )

    class Meta:
        model = User
        fields = ("full_name", "phone", "language", "time_zone", "theme")
        labels = {
            "full_name": _("Your name"),
            "phone": _("Phone"),
            "language": _("Language"),
            "theme": _("Theme"),
        }


class CustomerSearchForm(forms.Form):
    """The two ways to look for a customer. Everything is optional: what is empty is not asked."""

    name = forms.CharField(label=_("Customer name"), required=False, max_length=160)
    country = forms.ChoiceField(label=_("Country"), required=False, choices=_countries_with_blank)
    city = forms.CharField(label=_("City"), required=False, max_length=80)
    account_id = forms.CharField(
        label=_("Account ID"), required=False, max_length=120, help_text=_("The account ID, D-U-N-S number or domain.")
    )


class ManualCustomerForm(forms.Form):
    """A customer that no list knows (product.md §4)."""

    manual_name = forms.CharField(label=_("Legal name"), max_length=160)
    manual_address = forms.CharField(label=_("Address"), max_length=200)
    manual_city = forms.CharField(label=_("City"), max_length=80)
    manual_country = forms.ChoiceField(label=_("Country"), choices=_countries_with_blank)
    manual_duns = forms.CharField(
        label="D-U-N-S",
        required=False,
        max_length=11,
        validators=[RegexValidator(r"^\d{2}-?\d{3}-?\d{4}$", _("A D-U-N-S number has nine digits."))],
    )
    manual_domain = forms.CharField(
        label=_("Domain"),
        required=False,
        max_length=120,
        validators=[RegexValidator(r"^[\w-]+(\.[\w-]+)+$", _("Write a domain like contoso.example."))],
    )
