"""The partner's side of a registration: fill in, register, look, change, close without, ask for an exception."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from cosell import clock
from cosell.web.htmx import redirect_to
from cosell.web.reasons import Reason, Refused
from deals.forms.fields import as_lists, typed
from deals.models import Deal
from deals.views.detail import visible_deal
from registrations import actions, perms
from registrations.enums import Action
from registrations.facts import facts_of
from registrations.forms.claim import ClaimForm, ExceptionForm, WaiveForm
from registrations.models import Registration
from registrations.rules import acting
from registrations.rules.eligibility import best, judge
from registrations.views import partner_page as page
from registrations.views.evidence import receive
from registrations.views.partner_page import Case


def case_of(request: HttpRequest, uid: UUID) -> Case:
    """A side of the person's own organization; of another's that is seen, 403 with the reason."""
    deal = visible_deal(request, uid)
    if deal.organization_id != request.who.organization.pk:
        raise actions.refused(perms.claiming_refusals(request.who, deal))
    registration = Registration.objects.select_related("program").filter(deal=deal).first()
    if registration is not None:
        registration.deal, registration.engagement = deal, deal.engagement
    return Case(request.who, deal, registration, clock.now())


@require_http_methods(["GET", "POST"])
def registration(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Look (GET); save the draft, and register it when `go` is "submit" (POST)."""
    case = case_of(request, uid)
    asked = page.asked_of(case, facts_of(case.deal, case.now)) if page.is_editable(case) else None
    reasons = page.editing_refusals(case)
    if request.method == "GET":
        form = page.form_of(case, asked) if asked and not reasons else None
        denied = perms.claiming_refusals(case.who, case.deal)
        return _show(request, case, form, reasons=reasons if page.is_editable(case) else denied)
    if not reasons and asked is None:
        reasons = [page.not_eligible()]
    if reasons or asked is None:
        return _show(request, case, None, reasons=reasons, status=actions.refused(reasons).status)
    return _post(request, case, page.form_of(case, asked, typed(as_lists(request.POST))))


def _post(request: HttpRequest, case: Case, form: ClaimForm) -> HttpResponse:
    """Keep what was typed, valid or not; then do what the button says."""
    kept = {name: values for name, values in as_lists(request.POST).items() if name in form.fields}
    try:
        saved = actions.save_form(case.who, case.deal.pk, _version(request), form.program_now, kept)
    except Refused as no:
        fresh = case_of(request, case.deal.uid)
        there = page.typed_differences(fresh, form)
        return _show(request, fresh, form, reasons=no.reasons, status=no.status, there=there)
    go = request.POST.get("go")
    if go == "add_files":
        return _add_files(request, case, form)
    if go != "submit":
        messages.success(request, _("Saved. Nobody else has been told."))
        return redirect("registrations:registration", case.deal.uid)
    if not form.is_valid():
        return _show(request, case_of(request, case.deal.uid), form, status=422)
    try:
        sent = actions.submit(case.who, case.deal.pk, saved.version, form.claim())
    except Refused as no:
        rest = form.put(no.reasons)
        return _show(request, case_of(request, case.deal.uid), form, reasons=rest, status=no.status)
    messages.success(request, _("Sent: %(state)s.") % {"state": sent.get_state_display()})
    return redirect("registrations:registration", case.deal.uid)


def _add_files(request: HttpRequest, case: Case, form: ClaimForm) -> HttpResponse:
    wrong = receive(request, case.deal)
    if wrong:
        return _show(request, case_of(request, case.deal.uid), form, status=422, evidence_errors=wrong)
    return redirect(reverse("registrations:registration", args=[case.deal.uid]) + "#evidence")


def _version(request: HttpRequest) -> int:
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else 0


def _show(
    request: HttpRequest,
    case: Case,
    form: ClaimForm | None,
    *,
    reasons: list[Reason] | tuple[Reason, ...] = (),
    status: int = 200,
    **more: object,
) -> HttpResponse:
    context = {
        **page.page_context(case, form),
        **(page.annual_context(case, form) if form else {}),
        **page.notices(case, form),
        "programs": [] if form or case.is_sent else judge(facts_of(case.deal, case.now)),
        "reasons": reasons,
        **more,
    }
    return render(request, "registrations/partner/registration.html", context, status=status)


@require_GET
def annual(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What the contract is worth a year by what is typed so far: one sentence."""
    case = case_of(request, uid)
    asked = page.asked_of(case, facts_of(case.deal, case.now))
    if asked is None:
        raise Http404
    form = page.form_of(case, asked, request.GET)
    return render(request, "registrations/partner/_annual.html", page.annual_context(case, form))


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Propose changes while a reviewer has it."""
    case = case_of(request, uid)
    if case.registration is None or not case.is_sent:
        raise Http404
    asked = page.asked_of(case, facts_of(case.deal, case.now))
    assert asked is not None  # what was sent has its program
    reasons = acting.refusals(case.who, case.registration, Action.CHANGE, case.now)
    waiting = page.waiting_change(case)
    data = typed(as_lists(request.POST)) if request.method == "POST" else None
    form = page.form_of(case, asked, data, waiting.typed if waiting else None)
    status = actions.refused(reasons).status if reasons else 200
    if not reasons and data is not None:
        if not form.is_valid():
            return _change_page(request, case, form, status=422)
        kept = {name: values for name, values in as_lists(request.POST).items() if name in form.fields}
        try:
            actions.propose_change(case.who, case.registration.pk, form.claim(), kept)
        except Refused as no:
            return _change_page(request, case, form, reasons=form.put(no.reasons), status=no.status)
        messages.success(request, _("The changes wait beside the review."))
        return redirect("registrations:registration", uid)
    return _change_page(request, case, None if reasons else form, reasons=reasons, status=status)


def _change_page(
    request: HttpRequest, case: Case, form: ClaimForm | None, *, reasons: list[Reason] | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "deal": case.deal,
        "engagement": case.deal.engagement,
        "host": case.deal.engagement.host,
        "form": form,
        "reasons": reasons or [],
        **(page.annual_context(case, form) if form else {}),
    }
    return render(request, "registrations/partner/change.html", context, status=status)


@require_http_methods(["GET", "POST"])
def withdraw_change(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask, then take the proposed changes back."""
    case = case_of(request, uid)
    if case.registration is None:
        raise Http404
    registration = case.registration
    reasons = acting.refusals(case.who, registration, Action.CHANGE, case.now)
    if not reasons and request.method == "POST":
        try:
            actions.withdraw_change(case.who, registration.pk)
        except Refused as no:
            reasons = no.reasons
        else:
            messages.success(request, _("The proposed changes are withdrawn."))
            return redirect_to(request, reverse("registrations:registration", args=[uid]))
    return _ask(request, case, "withdraw", _("Withdraw the changes"), reasons=reasons)


@require_http_methods(["GET", "POST"])
def waive(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask, then close the deal without registration."""
    case = case_of(request, uid)
    reasons = _waive_refusals(case)
    form = WaiveForm(request.POST if request.method == "POST" else None)
    if not reasons and request.method == "POST":
        if not form.is_valid():
            return _ask(request, case, "waive", Action.WAIVE.label, form=form, status=422)
        program = case.registration.program.code if case.registration else best(facts_of(case.deal, case.now)).code
        try:
            actions.waive(case.who, case.deal.pk, program, form.cleaned_data["note"])
        except Refused as no:
            reasons = no.reasons
        else:
            messages.success(request, _("The deal is closed without registration."))
            return redirect_to(request, reverse("registrations:registration", args=[uid]))
    return _ask(request, case, "waive", Action.WAIVE.label, form=form, reasons=reasons)


def _waive_refusals(case: Case) -> list[Reason]:
    if case.registration is not None:
        return acting.refusals(case.who, case.registration, Action.WAIVE, case.now)
    if denied := perms.claiming_refusals(case.who, case.deal):
        return denied
    if not any(each.met for each in judge(facts_of(case.deal, case.now))):
        return [page.not_eligible()]
    return []


@require_http_methods(["GET", "POST"])
def exception(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Request the one exception of a deal."""
    case = case_of(request, uid)
    reasons = acting.exception_refusals(case.who, case.deal, case.registration, case.now)
    form = ExceptionForm(request.POST if request.method == "POST" else None)
    if not reasons and request.method == "POST":
        if not form.is_valid():
            return _ask(request, case, "exception", Action.REQUEST.label, form=form, status=422)
        try:
            actions.request_exception(case.who, case.deal.pk, form.cleaned_data["text"], form.wanted_fields())
        except Refused as no:
            reasons = no.reasons
        else:
            messages.success(request, _("The exception is requested."))
            return redirect_to(request, reverse("registrations:registration", args=[uid]))
    return _ask(request, case, "exception", Action.REQUEST.label, form=form, reasons=reasons)


def _ask(
    request: HttpRequest,
    case: Case,
    template: str,
    title: object,
    *,
    form: object = None,
    reasons: list[Reason] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A dialog, or a page of its own without JavaScript."""
    deal: Deal = case.deal
    context = {
        "deal": deal,
        "engagement": deal.engagement,
        "host": deal.engagement.host,
        "title": title,
        "form": form if not reasons or request.method == "POST" else None,
        "reasons": reasons or [],
        "blocked": bool(reasons),
        "until": acting.exception_until(deal, case.registration) if deal.closed_at else None,
        "back_url": reverse("registrations:registration", args=[deal.uid]),
    }
    found = actions.refused(reasons).status if reasons else status
    return render(request, f"registrations/partner/{template}.html", context, status=found)
