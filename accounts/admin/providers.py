"""Company sign-in: set up by the company's account admin, its domains confirmed by the operator. And second factors,
which the operator removes for who has lost everything; allauth's own rows are nobody's to edit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401  both are registered now, so that they can be taken off
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import company_sign_in
from accounts.actions import providers as actions
from accounts.actions.second_factors import remove_factor
from accounts.admin.room import LookedAt, Room, acting, is_operator
from accounts.enums import HEADS
from accounts.models import IdentityProvider
from accounts.who import Who

admin.site.unregister([Authenticator, SocialAccount, SocialApp, SocialToken])


class ProviderForm(forms.ModelForm):
    """The secret is typed, and never shown."""

    secret = forms.CharField(
        label=gettext_lazy("client secret"),
        required=False,
        max_length=actions.SECRET_MAX,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Never shown again. Empty keeps the one that is there."),
    )

    @property
    def given(self) -> actions.Provider:
        cleaned = self.cleaned_data
        domains = cleaned.get("domains")
        return actions.Provider(
            issuer=cleaned["issuer"],
            client_id=cleaned["client_id"],
            client_secret=cleaned["secret"],
            does_mfa=cleaned["does_mfa"],
            is_active=cleaned["is_active"],
            domains=None if domains is None else tuple(domains),
        )


@admin.register(IdentityProvider)
class ProviderAdmin(Room):
    form = ProviderForm
    readers = changers = HEADS
    list_display = ("organization", "issuer", "confirmed", "does_mfa", "is_active")
    list_select_related = ("organization",)
    change_form_template = "admin/accounts/identityprovider/change_form.html"

    def theirs(self, queryset: QuerySet, who: Who) -> QuerySet:
        return queryset.filter(organization=who.organization)

    @admin.display(description=gettext_lazy("domains"))
    def confirmed(self, row: IdentityProvider) -> str:
        return ", ".join(row.domains) or _("none confirmed yet: nobody can sign in")

    @admin.display(description=gettext_lazy("domains"))
    def confirmed_by_operator(self, row: IdentityProvider) -> str:
        return f"{self.confirmed(row)}. {actions.domains_sentence()}"

    @admin.display(description=gettext_lazy("redirect URI to register there"))
    def redirect_uri(self, row: IdentityProvider) -> str:
        if row.pk is None:
            return _("shown once this is saved")
        return urljoin(settings.BASE_URL, reverse("openid_connect_callback", args=[row.organization.uid]))

    def get_fields(self, request: HttpRequest, obj: IdentityProvider | None = None) -> tuple[str, ...]:
        operator = is_operator(request)
        domains = "domains" if operator else "confirmed_by_operator"
        fields = ("issuer", "client_id", "secret", "does_mfa", "is_active", domains, "redirect_uri")
        return ("organization", *fields) if operator else fields

    def get_readonly_fields(self, request: HttpRequest, obj: IdentityProvider | None = None) -> tuple[str, ...]:
        return ("redirect_uri", "confirmed_by_operator", *(("organization",) if obj else ()))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A company has one."""
        if not super().has_add_permission(request, obj):
            return False
        return is_operator(request) or not self.get_queryset(request).exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # it is switched off

    def save_model(self, request: HttpRequest, obj: IdentityProvider, form: ProviderForm, change: bool) -> None:  # noqa: FBT001  Django's signature
        by = acting(request)
        organization = by.organization if isinstance(by, Who) else obj.organization
        saved = actions.save_provider(by, organization, form.given)
        obj.pk, obj.organization = saved.pk, saved.organization

    def response_add(self, request: HttpRequest, obj: IdentityProvider, post_url_continue: Any = None) -> HttpResponse:
        return self._checked(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: IdentityProvider) -> HttpResponse:
        return self._checked(request, obj) or super().response_change(request, obj)

    def _checked(self, request: HttpRequest, obj: IdentityProvider) -> HttpResponse | None:
        """ "Save and check": saved, and what the provider answers."""
        if "_check" not in request.POST:
            return None
        wrong = company_sign_in.check(obj.issuer)
        for reason in wrong:
            messages.error(request, f"{reason.text} {reason.fix}".strip())
        if not wrong:
            messages.success(request, _("Saved, and the provider answers as it should."))
        return redirect("admin:accounts_identityprovider_change", obj.pk)


@admin.register(Authenticator)
class FactorAdmin(LookedAt):
    """Looked at and removed by the operator, for who has lost theirs; the secrets stay unseen."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__email", "user__full_name")
    list_select_related = ("user",)
    fields = readonly_fields = ("user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_operator(request)

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        remove_factor(request.user, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for row in queryset.order_by("pk"):
            remove_factor(request.user, row)
