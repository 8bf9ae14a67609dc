"""The tester of routing rules, in the admin: what would happen to an opportunity (docs/routing.md).

The page stands with the rules of `accounts`, but needs to know who is told about a deal, which stands above them.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.admin.room import is_operator
from accounts.admin.routing import RoutingRuleAdmin
from accounts.enums import OrganizationKind
from accounts.models import Organization, RoutingRule
from cosell import clock
from deals.forms.routing import WhatIfForm
from deals.what_if import outlook

admin.site.unregister(RoutingRule)


@admin.register(RoutingRule)
class TestedRoutingRuleAdmin(RoutingRuleAdmin):
    def get_urls(self) -> list[Any]:
        wrapped = require_GET(self.admin_site.admin_view(self.test_view))
        return [path("test/", wrapped, name="accounts_routingrule_test"), *super().get_urls()]

    def test_view(self, request: HttpRequest) -> HttpResponse:
        """Of the own company; the operator, who is in none, says of which partner."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        partners = Organization.objects.filter(kind=OrganizationKind.PARTNER)
        organization = None if is_operator(request) else request.who.organization
        if is_operator(request) and (asked := request.GET.get("organization", "")):
            organization = partners.with_uid(asked)
        form = outcome = None
        if organization:
            form = WhatIfForm(request.GET if "market" in request.GET else None, organization=organization)
            outcome = outlook(organization, now=clock.now(), **form.cleaned_data) if form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "title": _("What would happen to …"),
            "opts": self.opts,
            "organization": organization,
            "partners": partners if is_operator(request) else (),
            "form": form,
            "outlook": outcome,
        }
        status = 422 if form and form.errors else 200
        return render(request, "admin/accounts/routingrule/test.html", context, status=status)
