"""Out of office, and the sign of life that a page gives for the person who looks at it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import presence
from accounts.actions import away as actions
from accounts.forms import AwayForm
from accounts.models import User
from cosell import clock
from cosell.web.dates import said_day
from cosell.web.reasons import Refused


@require_http_methods(["GET", "POST"])
def away(request: HttpRequest) -> HttpResponse:
    """From when to when one is away, and who answers meanwhile."""
    user = User.objects.select_related("delegate").get(pk=request.user.pk)
    organization = request.who.organization if request.who else None
    if "clear" in request.POST:
        actions.clear_away(user, organization=organization)
        messages.success(request, _("You are here: what is to be answered comes to you alone."))
        return redirect("accounts:away")
    form = AwayForm(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        try:
            given = form.cleaned_data
            actions.set_away(
                user, given["away_from"], given["away_until"], given["delegate"], organization=organization
            )
        except Refused as refused:
            for reason in refused.reasons:
                form.add_error(reason.field or None, reason.text)
        else:
            _say(request, given["delegate"], given)
            return redirect("accounts:away")
    today = actions.today(user, clock.now())
    context = {
        "form": form,
        "person": user,
        "is_away": actions.is_away(user, today),
        "is_planned": user.away_until is not None and user.away_until >= today,
        "stand_in": actions.stand_in(user, max(today, user.away_from)) if user.away_from else None,
    }
    return render(request, "accounts/away.html", context, status=422 if form.errors else 200)


def _say(request: HttpRequest, delegate: User | None, given: dict) -> None:
    messages.success(request, _("Saved."))
    if delegate is None or delegate.away_from is None or delegate.away_until is None:
        return
    if delegate.away_from <= given["away_until"] and delegate.away_until >= given["away_from"]:
        words = _("%(person)s is away from %(from)s to %(until)s: on those days nobody stands in for you.")
        days = {"from": said_day(delegate.away_from), "until": said_day(delegate.away_until)}
        messages.warning(request, words % {"person": delegate, **days})


@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """The middleware has written down that the person is here. With `read`, what came meanwhile is read."""
    if "read" in request.POST:
        presence.is_back(request)
        return redirect("deals:home")
    return HttpResponse(status=204)
