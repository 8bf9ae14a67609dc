"""Forms about people: joining, inviting, roles, leaving."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.utils.translation import gettext_lazy as _

from accounts.actions.joining import Newcomer
from accounts.forms import time_zone_field
from accounts.models import Invite, Membership, Organization, User
from accounts.rules import Grant, roles_of
from accounts.who import Who


class JoinForm(forms.Form):
    """What a person without a sign-in says when joining."""

    mark_optional = False
    full_name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = time_zone_field()

    def __init__(self, *args: Any, invite: Invite, **kwargs: Any) -> None:
        given = {
            "full_name": invite.full_name,
            "language": invite.language or invite.organization.language,
            "time_zone": invite.organization.time_zone,
        }
        super().__init__(*args, initial=given, **kwargs)
        self.email = invite.email
        self.fields["password"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if password := cleaned.get("password"):
            try:
                validate_password(password, User(email=self.email, full_name=cleaned.get("full_name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned

    def newcomer(self) -> Newcomer:
        return Newcomer(**self.cleaned_data)


class GrantForm(forms.ModelForm):
    """A role with its scope, in the room of a company: `who` acts, or the operator, who chooses the organization.

    What makes no sense is for the action to refuse; the room shows its reasons at the fields.
    """

    who: Who | None  # set by the admin; None for the operator

    @property
    def organization(self) -> Organization | None:
        if self.instance.pk:
            return self.instance.organization
        return self.who.organization if self.who else self.cleaned_data.get("organization")

    @property
    def grant(self) -> Grant:
        given = self.cleaned_data
        role = given.get("role") or self.instance.role
        return Grant(role, given.get("scope", ""), tuple(given.get("locations", ())), tuple(given.get("markets", ())))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.who and "role" in self.fields:
            self.fields["role"].choices = [("", "—"), *((r.value, r.label) for r in roles_of(self.who.organization))]

    def clean_markets(self) -> list[str]:
        return [code.strip().upper() for code in self.cleaned_data["markets"]]


class RoleForm(GrantForm):
    class Meta:
        model = Membership
        fields = ("user", "organization", "role", "scope", "locations", "markets", "is_active")


class InviteForm(GrantForm):
    class Meta:
        model = Invite
        fields = ("organization", "email", "full_name", "language", "role", "scope", "locations", "markets")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "language" in self.fields:  # one that is answered is only looked at
            self.fields["language"].choices = [("", _("As the organization")), *settings.LANGUAGES]


class LeaveForm(forms.Form):
    """Who takes over the places on teams."""

    successor = forms.ModelChoiceField(
        User.objects.none(), label=_("Hand over to"), required=False, empty_label=_("Nobody")
    )

    def __init__(self, *args: Any, person: User, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = Membership.objects.filter(organization=organization, is_active=True).exclude(user=person)
        colleagues = User.objects.filter(is_active=True, pk__in=here.values("user")).order_by("full_name", "pk")
        self.fields["successor"].queryset = colleagues
