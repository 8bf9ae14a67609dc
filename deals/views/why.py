"""Why can I see this? And, for admins: could Ana see this? (product.md §10)"""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.who import Who
from cosell.web.reasons import Reason, Refused
from deals import disclosure, perms
from deals.forms.why import PersonForm
from deals.views.detail import visible_deal
from deals.why import cannot_change, explain


@require_GET
def why(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The answer for oneself, or for the colleague of `?person=`."""
    deal = visible_deal(request, uid)
    may_ask = perms.can_ask_about_others(request.who, deal)
    given = request.GET if request.GET.get("person") else {"person": request.user.pk}
    form = PersonForm(given, organization=request.who.organization)
    person = _asked_about(request, form, may_ask=may_ask)
    to_self = person.user == request.user
    explanation = explain(person, deal, to_self=to_self)
    context = {
        "deal": deal,
        "own": disclosure.is_own(request.who, deal),
        "form": form if may_ask else None,
        "person": person,
        "to_self": to_self,
        "explanation": explanation,
        "cannot_change": cannot_change(person, deal, to_self=to_self) if explanation.ways else [],
    }
    return render(request, "deals/why.html", context)


def _asked_about(request: HttpRequest, form: PersonForm, *, may_ask: bool) -> Who:
    """Nobody is asked about but oneself, or by an admin a member of the own organization."""
    if form.data["person"] not in (request.user.pk, str(request.user.pk)) and not may_ask:
        organization = request.who.organization.name
        reason = _("Only admins of %(organization)s ask what other people see.") % {"organization": organization}
        raise Refused([Reason("not_admin", reason)], status=403)
    user: User | None = form.cleaned_data["person"] if form.is_valid() else None
    who = Who.of(user, request.who.organization) if user else None
    if who is None:
        raise Http404
    return who
