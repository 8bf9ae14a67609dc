from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.actions.away import colleagues
from accounts.models import User
from cosell.web.countries import country_choices


def _countries_with_blank() -> list[tuple[str, str]]:
    return [("", "—"), *country_choices()]


def _time_zones() -> list[tuple[str, str]]:
    """Places, and UTC; not the abbreviations, which some systems know and others do not."""
    places = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [(zone, zone.replace("_", " ")) for zone in ("UTC", *places)]


def time_zone_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Time zone"), choices=_time_zones)


def country_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Country"), choices=_countries_with_blank)


class ProfileForm(forms.ModelForm):
    mark_optional = False  # an empty phone needs no remark
    time_zone = time_zone_field()

    class Meta:
        model = User
        fields = ("full_name", "phone", "language", "time_zone", "theme")
        labels = {
            "full_name": _("Your name"),
            "phone": _("Phone"),
            "language": _("Language"),
            "theme": _("Theme"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("As the browser says")), *settings.LANGUAGES]
        self.fields["theme"].choices = [("", _("As the system")), *User._meta.get_field("theme").choices]


class AwayForm(forms.Form):
    """Days away, and who of the colleagues answers meanwhile."""

    away_from = forms.DateField(label=_("First day away"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    away_until = forms.DateField(label=_("Last day away"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    delegate = forms.ModelChoiceField(
        User.objects.none(), required=False, label=_("Who answers meanwhile"), empty_label=_("Nobody")
    )

    def __init__(self, data: Mapping[str, Any] | None, *, user: User) -> None:
        super().__init__(data, initial={name: getattr(user, name) for name in self.base_fields})
        self.fields["delegate"].queryset = colleagues(user)


def _search_field(label: str, longest: int) -> forms.CharField:
    """What the browser remembers of the person's own address does not help here."""
    off = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, required=False, max_length=longest, widget=off)


class CustomerSearchForm(forms.Form):
    """The two ways to look for a customer. Everything is optional: what is empty is not asked."""

    BY_NAME, BY_ID = "name", "id"

    by = forms.ChoiceField(
        label=_("Search by"),
        required=False,
        choices=[(BY_NAME, _("Location and name")), (BY_ID, _("Account ID"))],
    )
    name = _search_field(_("Customer name"), 160)
    country = forms.ChoiceField(label=_("Country"), required=False, choices=_countries_with_blank)
    state = _search_field(_("State"), 80)
    city = _search_field(_("City"), 80)
    here = forms.BooleanField(label=_("Only in this state and city"), required=False)
    account_id = _search_field(_("Account ID, D-U-N-S number or domain"), 120)

    @classmethod
    def mode(cls, data: Mapping[str, Any]) -> str:
        """BY_NAME or BY_ID. Without a switch, whoever gives only an ID means it."""
        asked, only_id = data.get("by", ""), bool(data.get("account_id")) and not data.get("name")
        return cls.BY_ID if asked == cls.BY_ID or (not asked and only_id) else cls.BY_NAME

    @classmethod
    def terms(cls, data: Mapping[str, Any]) -> dict[str, str]:
        """What is searched for, as `search_customers` takes it; nothing of the other way."""
        names = ("account_id",) if cls.mode(data) == cls.BY_ID else ("name", "country", "state", "city", "here")
        given = {name: str(data.get(name, ""))[:160].strip() for name in names}
        return {name: value for name, value in given.items() if value}


class ManualCustomerForm(forms.Form):
    """A customer that no list knows (product.md §4)."""

    manual_name = forms.CharField(label=_("Legal name"), max_length=160)
    manual_address = forms.CharField(label=_("Address"), max_length=200)
    manual_city = forms.CharField(label=_("City"), max_length=80)
    manual_country = country_field()
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
