"""Invite a partner to a deal that exists, and take an invitation back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Organization
from accounts.search import find_partners
from cosell import clock
from cosell.web.reasons import Reason, Refused
from deals import actions, rules
from deals.enums import Action
from deals.forms.invitation import InvitationForm
from deals.models import Deal
from deals.views.act import people_on, status_of
from deals.views.detail import visible_deal
from deals.wizard import as_invitation


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Find a partner, then say what is asked of it."""
    deal = visible_deal(request, uid)
    reasons = rules.refusals(request.who, deal, Action.INVITE, clock.now())
    if (
        request.method == "GET" and request.htmx.target == "partners-found" and not reasons
    ):  # what fits the name being typed
        return render(request, "deals/_partners_found.html", _found(request))
    if request.method == "GET" or status_of(reasons) == 403:
        return _page(
            request,
            deal,
            Organization.objects.inviteable().with_uid(request.GET.get("add", "")),
            reasons=reasons,
            status=status_of(reasons),
        )
    partner = Organization.objects.inviteable().with_uid(request.POST.get("partner", ""))
    form = _form(deal, partner, request.POST) if partner else None
    if form is None or not form.is_valid():
        return _page(request, deal, partner, form=form, status=422)
    try:
        actions.invite_partner(request.who, deal.pk, as_invitation(partner, form))
    except Refused as refused:
        return _page(request, deal, partner, form=form, reasons=refused.reasons, status=refused.status)
    messages.success(request, _("%(partner)s is invited and has 14 days to answer.") % {"partner": partner.name})
    return redirect("deals:detail", deal.uid)


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, uid: UUID, side: int) -> HttpResponse:
    """Take back an invitation that this side sent and nobody has answered."""
    deal = visible_deal(request, uid)
    invited = get_object_or_404(
        Deal.objects.select_related("organization"),
        pk=side,
        invited_from=deal,
        invited_from__organization=request.who.organization,
    )
    context = {
        "deal": deal,
        "engagement": deal.engagement,
        "invited": invited,
        "reasons": [],
        "title": _("Withdraw the invitation"),
        "back_url": reverse("deals:detail", args=[deal.uid]),
    }
    if request.method == "GET":
        reasons = rules.refusals(request.who, invited, Action.WITHDRAW, clock.now())
        return render(request, "deals/withdraw.html", {**context, "reasons": reasons}, status=status_of(reasons))
    try:
        actions.withdraw_invitation(request.who, invited.pk)
    except Refused as refused:
        return render(request, "deals/withdraw.html", {**context, "reasons": refused.reasons}, status=refused.status)
    messages.success(
        request, _("The invitation of %(partner)s is withdrawn.") % {"partner": invited.organization.name}
    )
    return redirect("deals:detail", deal.uid)


def _form(deal: Deal, partner: Organization, data: object = None) -> InvitationForm:
    initial = {
        "currency": deal.currency,
        "close_on": max(deal.close_on, clock.now().date() + timedelta(days=14)),
        "value": deal.value,
    }
    return InvitationForm(data, partner=partner, people=people_on(deal), prefix="invite", initial=initial)


def _found(request: HttpRequest) -> dict[str, object]:
    query = request.GET.get("q", "").strip()[:120]
    return {"query": query, "found": find_partners(request.who, query)}


def _page(
    request: HttpRequest,
    deal: Deal,
    partner: Organization | None,
    *,
    form: InvitationForm | None = None,
    reasons: list[Reason] = (),
    status: int = 200,
) -> HttpResponse:
    context = {
        "deal": deal,
        "engagement": deal.engagement,
        **_found(request),
        "partner": partner,
        "form": form or (_form(deal, partner) if partner else None),
        "reasons": reasons,
        "blocked": bool(reasons) and form is None,
    }
    return render(request, "deals/invite.html", context, status=status)
