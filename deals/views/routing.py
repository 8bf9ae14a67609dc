"""Who gets what: the routing rules of the own organization, to read, and what would happen to an opportunity."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.actions.routing import may_keep_rules
from accounts.routing import class_of, rules_of
from cosell import clock
from deals.forms.routing import WhatIfForm
from deals.what_if import outlook


@require_GET
def routing(request: HttpRequest) -> HttpResponse:
    """Everybody there may read them; who changes them does it in the admin."""
    if request.who is None:
        raise PermissionDenied
    organization = request.who.organization
    form = WhatIfForm(request.GET if "market" in request.GET else None, organization=organization)
    context = {
        "rules": [(class_of(rule), rule) for rule in rules_of(organization)],
        "may_change": may_keep_rules(request.who, organization),
        "form": form,
        "outlook": outlook(organization, now=clock.now(), **form.cleaned_data) if form.is_valid() else None,
    }
    return render(request, "deals/routing.html", context, status=422 if form.errors else 200)
