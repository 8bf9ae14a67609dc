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
from cosell import clock
from cosell.web.reasons import Reason, Refused
from deals import actions, rules
from deals.actions.invite import partner_refusals
from deals.enums import UNANSWERED, Action
from deals.forms.fields import as_lists, typed
from deals.forms.invitation import InvitationForm, add_person
from deals.models import Deal
from deals.responsiveness import suggest_partners
from deals.views.act import people_on, status_of
from deals.views.detail import visible_deal
from deals.wizard import as_invitation


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Find a partner, then say what is asked of it."""
    deal = visible_deal(request, uid)
    reasons = rules.refusals(request.who, deal, Action.INVITE, clock.now())
    if reasons and (request.method == "GET" or status_of(reasons) == 403):
        return _page(request, deal, reasons=reasons, blocked=True, status=status_of(reasons))
    if request.method == "GET":
        if request.htmx.target == "partners-found":  # what fits the name being typed
            return render(request, "deals/_partners_found.html", _found(request, deal))
        return _page(request, deal, Organization.objects.with_uid(request.GET.get("add", "")))
    partner = Organization.objects.with_uid(request.POST.get("partner", ""))
    if partner is None:
        reasons = [Reason("no_partner", _("Choose the partner first."))]
        return _page(request, deal, reasons=reasons, status=422)
    if request.POST.get("go") == "add_person":
        return _page(request, deal, partner, _form(deal, partner, typed(add_person(as_lists(request.POST)))))
    return _send(request, deal, partner, _form(deal, partner, request.POST))


def _send(request: HttpRequest, deal: Deal, partner: Organization, form: InvitationForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, deal, partner, form, status=422)
    try:
        actions.invite_partner(request.who, deal.pk, as_invitation(partner, form))
    except Refused as refused:
        return _page(request, deal, partner, form, reasons=refused.reasons, status=refused.status)
    messages.success(request, _("%(partner)s is invited and has 14 days to answer.") % {"partner": partner.name})
    return redirect("deals:invite" if request.POST.get("go") == "another" else "deals:detail", deal.uid)


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
    return InvitationForm(data, partner=partner, people=people_on(deal), initial=initial)


def _found(request: HttpRequest, deal: Deal) -> dict[str, object]:
    """Partners that fit what was typed; who is on the deal already is found, and cannot be invited again."""
    query = request.GET.get("q", "").strip()[:120]
    sides = deal.engagement.sides.exclude(stage__in=UNANSWERED).select_related("organization")
    taken = {str(side.organization.uid): _("on this deal already") for side in sides}
    return {"query": query, "found": suggest_partners(request.who, query, taken=taken)}


def _page(
    request: HttpRequest,
    deal: Deal,
    partner: Organization | None = None,
    form: InvitationForm | None = None,
    *,
    reasons: list[Reason] = (),
    blocked: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The search, and the invitation of the partner that was chosen; `blocked`: only why there is none."""
    context = {"deal": deal, "engagement": deal.engagement, "reasons": reasons, "blocked": blocked}
    if not blocked:
        context |= _found(request, deal)
    if partner and not reasons and (taken := partner_refusals(deal, partner)):
        context |= {"partner": partner, "not_this_one": taken}
    elif partner:
        context |= {"partner": partner, "form": form or _form(deal, partner)}
        if status == 200:  # filled in for the person, not judged yet
            for each in (context["form"], *context["form"].team.forms):
                each.errors.clear()
    return render(request, "deals/invite.html", context, status=status)
