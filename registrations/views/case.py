"""The page of a registration for who reviews it, and all that a reviewer does there (product.md §7).

Opening the page takes nothing in hand: GET never writes. What was typed stays when something is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.who import Who
from cosell import clock
from cosell.web.htmx import redirect_to
from cosell.web.reasons import Reason, Refused
from registrations import actions, perms, queue, undo_bar
from registrations.enums import Action, FailReason, Field, Outcome
from registrations.forms.queue import AssignForm
from registrations.forms.review import AskForm, FailForm, PassForm, PickForm
from registrations.models import Registration, RegistrationSolution
from registrations.programs import PROGRAMS
from registrations.rules import acting
from registrations.views.case_page import page_context, with_a_glance
from registrations.views.queue import address, reviewer


def _case(request: HttpRequest, uid: UUID) -> Registration:
    """A registration that was submitted to the reviewer's organization; anybody else's does not exist."""
    values = RegistrationSolution.objects.select_related("solution")
    rows = Registration.objects.reviewable_by(reviewer(request)).with_page_data()
    rows = rows.prefetch_related(Prefetch("solution_values", values)).select_related(
        "attested_by",
        "deal__exception_request",
        "engagement__match_case__typed",
        "engagement__match_case__decided_by",
    )
    found: Registration = get_object_or_404(with_a_glance(rows), uid=uid)
    found.deal.engagement = found.engagement
    return found


@require_GET
def case(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _page(request, _case(request, uid))


def _page(
    request: HttpRequest,
    registration: Registration,
    *,
    reasons: list[Reason] | None = None,
    form: PassForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **page_context(request.who, registration, clock.now()),
        "form": form or _pass_form(registration, None),
        "reasons": reasons or [],
        "query": _query(request),
        "in_queue": _in_queue(request),
        "queue_url": address(_query(request)),
        "beside": queue.beside(request.who, _query(request), registration, clock.now()),
    }
    return render(request, "registrations/review/case.html", context, status=status)


def _pass_form(registration: Registration, data: Any) -> PassForm:
    rules = PROGRAMS[registration.program.code]
    return PassForm(data, rules=rules, initial={"version": registration.version})


def _query(request: HttpRequest) -> str:
    """The filter of the queue with which the reviewer came."""
    return request.GET.get("f", "")


def _in_queue(request: HttpRequest) -> str:
    """The part of an address that keeps it; empty without one."""
    return f"?{urlencode({'f': query})}" if (query := _query(request)) else ""


def url_of(request: HttpRequest, uid: UUID) -> str:
    return reverse("registrations:case", args=[uid]) + _in_queue(request)


# ------------------------------------------------------------------------------------------------------ what is done

Doer = Callable[[HttpRequest, Registration], HttpResponse]


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, uid: UUID, act: str) -> HttpResponse:
    """Do it at once (POST), or ask first (GET) where something has to be typed."""
    if act in AT_ONCE:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        return AT_ONCE[act](request, _case(request, uid))
    if act not in DIALOGS:
        raise Http404
    return _ask_first(request, _case(request, uid), act)


def _take(request: HttpRequest, registration: Registration) -> HttpResponse:
    return _stay(request, registration, lambda: actions.take(request.who, registration.pk))


def _keep(request: HttpRequest, registration: Registration) -> HttpResponse:
    """204 while it is in hand, 409 once it no longer is; the script of the page asks while the person works."""
    return HttpResponse(status=204 if actions.keep(request.who, registration.pk) else 409)


def _release(request: HttpRequest, registration: Registration) -> HttpResponse:
    done = _("Released: %(name)s is free for everybody.") % {"name": registration.deal.name}
    return _stay(request, registration, lambda: actions.release(request.who, registration.pk), done)


def _undo(request: HttpRequest, registration: Registration) -> HttpResponse:
    done = _("The decision is taken back. The registration is in your hands again.")
    response = _stay(request, registration, lambda: actions.undo_decision(request.who, registration.pk), done)
    undo_bar.forget(request.session)
    return response


def _apply(request: HttpRequest, registration: Registration) -> HttpResponse:
    done = _("The changes are taken over. Here is what they changed.")
    return _stay(request, registration, lambda: actions.apply_change(request.who, registration.pk), done)


def _stay(request: HttpRequest, registration: Registration, do: Callable[[], object], done: str = "") -> HttpResponse:
    """Do it and show the page again; refused, the page says why."""
    try:
        do()
    except Refused as no:
        return _page(request, _case(request, registration.uid), reasons=no.reasons, status=no.status)
    if done:
        messages.success(request, done)
    return redirect_to(request, url_of(request, registration.uid))


def _pass(request: HttpRequest, registration: Registration) -> HttpResponse:
    """The ticks of the page are the checklist; refused, they stay."""
    form = _pass_form(registration, request.POST)
    if not form.is_valid():
        return _page(request, registration, form=form, status=422)
    data = form.cleaned_data
    try:
        decided = actions.decide(
            request.who, registration.pk, Outcome.PASS, version=data["version"], checked=data["checked"]
        )
    except Refused as no:
        fresh = _case(request, registration.uid)
        return _page(request, fresh, form=_refreshed(form, fresh), reasons=no.reasons, status=no.status)
    return _next(request, decided, Outcome.PASS)


def _refreshed(form: forms.Form, registration: Registration) -> forms.Form:
    """The same answers, with the version of what is shown now."""
    form.data = form.data.copy()
    form.data["version"] = str(registration.version)
    return form


def _next(request: HttpRequest, decided: Registration, outcome: Outcome) -> HttpResponse:
    """Take the next one of the list that the reviewer came from; to the list when none is left."""
    undo_bar.remember(request.session, decided, outcome, clock.now())
    following = queue.take_following(request.who, _query(request))
    return redirect_to(request, url_of(request, following.uid) if following else address(_query(request)))


AT_ONCE: dict[str, Doer] = {
    "take": _take,
    "keep": _keep,
    "release": _release,
    "undo": _undo,
    "apply": _apply,
    "pass": _pass,
}

# -------------------------------------------------------------------------------------------------- what asks first


def _fail_form(request: HttpRequest, registration: Registration, data: Any) -> FailForm:
    return FailForm(data, initial={"version": registration.version})


def _ask_form(request: HttpRequest, registration: Registration, data: Any) -> AskForm:
    return AskForm(data, initial={"version": registration.version})


def _assign_form(request: HttpRequest, registration: Registration, data: Any) -> AssignForm:
    return AssignForm(data, who=request.who, initial={"user": registration.assigned_to_id or ""})


def _pick_form(request: HttpRequest, registration: Registration, data: Any) -> PickForm:
    return PickForm(data)


def _fail(request: HttpRequest, registration: Registration, form: FailForm) -> HttpResponse:
    data = form.cleaned_data
    reasons = [FailReason(each) for each in data["reasons"]]
    decided = actions.decide(
        request.who, registration.pk, Outcome.FAIL, version=data["version"], reasons=reasons, words=data["words"]
    )
    return _next(request, decided, Outcome.FAIL)


def _ask(request: HttpRequest, registration: Registration, form: AskForm) -> HttpResponse:
    data = form.cleaned_data
    decided = actions.decide(
        request.who,
        registration.pk,
        Outcome.ASK,
        version=data["version"],
        comments=form.comments(),
        words=data["words"],
    )
    return _next(request, decided, Outcome.ASK)


def _assign(request: HttpRequest, registration: Registration, form: AssignForm) -> HttpResponse:
    user = form.cleaned_data["user"]
    actions.assign(request.who, registration.pk, user)
    words = _("Assigned to %(name)s.") % {"name": user.full_name} if user else _("Everybody may take it now.")
    messages.success(request, words)
    return redirect_to(request, url_of(request, registration.uid))


def _pick(request: HttpRequest, registration: Registration, form: PickForm) -> HttpResponse:
    actions.pick(request.who, registration.pk, form.cleaned_data["note"])
    messages.success(request, _("It is under review now."))
    return redirect_to(request, url_of(request, registration.uid))


DIALOGS: dict[str, tuple[Any, Any, Any, Action | None]] = {
    "fail": (_fail_form, _fail, gettext_lazy("Fail"), Action.FAIL),
    "ask": (_ask_form, _ask, gettext_lazy("Ask for changes"), Action.ASK),
    "assign": (_assign_form, _assign, gettext_lazy("Assign"), None),
    "pick": (_pick_form, _pick, gettext_lazy("Pick for review"), Action.PICK),
}


def _ask_first(request: HttpRequest, registration: Registration, act: str) -> HttpResponse:
    make, do, _title, action = DIALOGS[act]
    form = make(request, registration, request.POST if request.method == "POST" else None)
    if request.method == "GET":
        reasons = _refusals(request.who, registration, action)
        return _dialog(request, registration, act, form, reasons, status_of(reasons))
    if denied := perms.reviewing_refusals(request.who, registration.engagement):
        return _dialog(request, registration, act, form, denied, status_of(denied))
    if not form.is_valid():
        return _dialog(request, registration, act, form, status=422)
    try:
        return do(request, registration, form)
    except Refused as no:
        fresh = _case(request, registration.uid)
        for reason in no.reasons:
            if reason.field in form.fields:
                form.add_error(reason.field, reason.text)
        left = [reason for reason in no.reasons if reason.field not in form.fields]
        return _dialog(request, fresh, act, _refreshed(form, fresh), left, no.status)


def _refusals(who: Who, registration: Registration, action: Action | None) -> list[Reason]:
    if action is None:
        return perms.reviewing_refusals(who, registration.engagement)
    return acting.refusals(who, registration, action, clock.now())


def status_of(reasons: list[Reason]) -> int:
    """What a page that shows these refusals answers; the same as the action's own refusal."""
    return actions.refused(reasons).status if reasons else 200


def _dialog(
    request: HttpRequest,
    registration: Registration,
    act: str,
    form: forms.Form,
    reasons: list[Reason] | None = None,
    status: int = 200,
) -> HttpResponse:
    blocked = bool(reasons) and request.method == "GET"
    opened = request.GET.get("field", "")
    context = {
        "registration": registration,
        "deal": registration.deal,
        "act": act,
        "title": DIALOGS[act][2],
        "form": None if blocked else form,
        "opened": opened if opened in Field.values else "",
        "reasons": reasons or [],
        "blocked": blocked,
        "back_url": url_of(request, registration.uid),
    }
    return render(request, "registrations/review/act.html", context, status=status)
