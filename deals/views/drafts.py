"""New deal: the gate, and the drafts of a person."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Organization
from cosell import clock
from deals import perms, rules
from deals.enums import Kind
from deals.forms.details import offered_kinds
from deals.models import Draft
from deals.wizard import drafts_of


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Start a draft; or say what the company lacks and who can fix it."""
    who, host = request.who, Organization.objects.host()
    if who is None or not perms.can_start_draft(who):
        raise PermissionDenied
    missing = [] if offered_kinds(who.organization, host) else rules.creation_gate(who.organization, host, Kind.IP)
    if request.method == "GET" or missing:
        return render(request, "deals/new.html", {"missing": missing}, status=200 if request.method == "GET" else 403)
    now = clock.now()
    draft = Draft.objects.create(organization=who.organization, owner=who.user, created_at=now, updated_at=now)
    return redirect("deals:draft", draft.uid, "customer")


@require_GET
def drafts(request: HttpRequest) -> HttpResponse:
    mine = drafts_of(request.who).order_by("-updated_at")[:100]
    return render(request, "deals/drafts.html", {"drafts": mine})


@require_POST
def discard(request: HttpRequest, uid: UUID) -> HttpResponse:
    draft = own_draft(request, uid)
    draft.delete()
    messages.success(request, _("The draft “%(name)s” is discarded.") % {"name": draft.title})
    return redirect("deals:drafts")


def own_draft(request: HttpRequest, uid: UUID) -> Draft:
    return get_object_or_404(drafts_of(request.who), uid=uid)
