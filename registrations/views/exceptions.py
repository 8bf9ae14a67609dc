"""The reviewer's page of a request for an exception: what is asked, about what, and the answer (fact sheet 3.7)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cosell import clock
from cosell.web.reasons import Reason, Refused
from registrations import actions
from registrations.enums import ExceptionState, Field
from registrations.forms.review import ExceptionForm
from registrations.models import ExceptionRequest
from registrations.perms import reviewing_refusals
from registrations.reading import said
from registrations.views.case import status_of
from registrations.views.queue import reviewer

APPROVE, REFUSE = "approve", "refuse"


@require_http_methods(["GET", "POST"])
def exception_case(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Read the request (GET); approve or refuse it (POST). Who comes second is told who was faster."""
    exception = _exception(request, uid)
    if request.method == "GET":
        form = ExceptionForm(initial={"unlocked": exception.wanted})
        return _page(request, exception, form)
    form = ExceptionForm(request.POST)
    denied = reviewing_refusals(request.who, exception.deal.engagement)
    if denied or not form.is_valid():
        return _page(request, exception, form, denied, status_of(denied) if denied else 422)
    approve = request.POST.get("go") == APPROVE
    if not approve and request.POST.get("go") != REFUSE:
        return _page(request, exception, form, [Reason("no_answer", _("Approve or refuse the request."))], 422)
    data = form.cleaned_data
    unlocked = [Field(each) for each in data["unlocked"]]
    try:
        actions.decide_exception(request.who, exception.pk, approve=approve, answer=data["answer"], unlocked=unlocked)
    except Refused as no:
        return _page(request, _exception(request, uid), form, no.reasons, no.status)
    messages.success(request, _("The exception is approved.") if approve else _("The exception is refused."))
    return redirect("registrations:exception_case", uid)


def _exception(request: HttpRequest, uid: UUID) -> ExceptionRequest:
    rows = ExceptionRequest.objects.select_related(
        "program",
        "by",
        "decided_by",
        "deal__organization",
        "deal__registration__program",
        "deal__engagement__customer",
        "deal__engagement__host",
    )
    return get_object_or_404(rows.reviewable_by(reviewer(request)), uid=uid)


def _page(
    request: HttpRequest,
    exception: ExceptionRequest,
    form: ExceptionForm,
    reasons: list[Reason] | None = None,
    status: int = 200,
) -> HttpResponse:
    deal, now = exception.deal, clock.now()
    registration = deal.registration
    submissions = list(registration.submissions.all())
    facts = submissions[-1].facts if submissions else {}
    waits = exception.state == ExceptionState.WAITING
    denied = reviewing_refusals(request.who, deal.engagement) if waits else []
    context = {
        "exception": exception,
        "deal": deal,
        "engagement": deal.engagement,
        "registration": registration,
        "is_submitted": registration.number > 0,
        "wanted": [(Field(each).label, said(Field(each), facts, {})) for each in exception.wanted],
        "unlocked": [Field(each).label for each in exception.unlocked],
        "first_at": submissions[0].at if submissions else None,
        "waits": waits,
        "overdue": waits and exception.due_at < now,
        "can_decide": waits and not denied,
        "denied": denied,
        "form": form,
        "reasons": reasons or [],
        "now": now,
    }
    return render(request, "registrations/review/exception.html", context, status=status)
