"""The link of an invitation: who asks, for what; then a name and a password, or one button."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import rules
from accounts.actions import accept_invite
from accounts.actions.joining import asked_by, joining_user
from accounts.middleware import SESSION_KEY
from accounts.models import Invite, User
from accounts.people_forms import JoinForm
from cosell import clock
from cosell.web.reasons import Reason, Refused

NEW, SIGN_IN, OTHER, ONE_BUTTON = "new", "sign_in", "other", "one_button"


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    asked = asked_by(token)
    if asked is None:
        raise Http404
    reasons = rules.joining_refusals(asked.invite, asked.until, clock.now())
    answer = (
        _page(request, asked.invite, reasons=reasons, status=410) if reasons else _answer(request, asked.invite, token)
    )
    # The address is a secret. Not "no-referrer": with it, browsers hide the origin of a form, too.
    answer["Referrer-Policy"] = "strict-origin"
    return answer


def _answer(request: HttpRequest, invite: Invite, token: str) -> HttpResponse:
    step = _step(request, invite)
    if step == OTHER:
        return _page(request, invite, step, status=403 if request.method == "POST" else 200)
    if step == SIGN_IN:
        to = f"{resolve_url('account_login')}?{urlencode({'next': request.path})}"
        return redirect(to) if request.method == "POST" else _page(request, invite, step, sign_in_url=to)
    form = JoinForm(request.POST if request.method == "POST" else None, invite=invite) if step == NEW else None
    if request.method != "POST":
        return _page(request, invite, step, form=form)
    if form and not form.is_valid():
        return _page(request, invite, step, form=form, status=422)
    try:
        if form:
            return _begin(request, accept_invite(token, newcomer=form.newcomer()), invite)
        accept_invite(token, user=request.user)
    except Refused as refused:
        return _page(request, invite, reasons=refused.reasons, status=refused.status)
    request.session[SESSION_KEY] = invite.organization_id
    return _welcome(request, invite, redirect("deals:home"))


def _step(request: HttpRequest, invite: Invite) -> str:
    user = joining_user(invite)
    if request.user.is_authenticated:
        return ONE_BUTTON if user == request.user else OTHER
    return SIGN_IN if user else NEW


def _begin(request: HttpRequest, user: User, invite: Invite) -> HttpResponse:
    """Through allauth's own door, which asks for a second factor where there is one."""
    record_authentication(request, user, method="password", email=user.email)
    return _welcome(request, invite, perform_login(request, user, redirect_url=resolve_url("deals:home")))


def _welcome(request: HttpRequest, invite: Invite, answer: HttpResponse) -> HttpResponse:
    messages.success(request, _("Welcome to %(organization)s.") % {"organization": invite.organization.name})
    return answer


def _page(
    request: HttpRequest,
    invite: Invite,
    step: str = "",
    *,
    form: JoinForm | None = None,
    reasons: list[Reason] = (),  # type: ignore[assignment]
    sign_in_url: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "invite": invite,
        "scope": rules.scope_words(invite),
        "step": step,
        "form": form,
        "reasons": reasons,
        "sign_in_url": sign_in_url,
    }
    return render(request, "accounts/join.html", context, status=status)
