"""The recovery codes: shown once, by a POST; a GET only says that they are there."""

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.flows import view_recovery_codes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods


@require_http_methods(["GET", "POST"])
@never_cache
@reauthentication_required(app="allauth.mfa", allow_get=True)
def recovery_codes(request: HttpRequest) -> HttpResponse:
    row = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.RECOVERY_CODES).first()
    if row is None:
        raise Http404
    held = row.wrap()
    context = {"left": len(held.get_unused_codes()), "were_shown": held.did_view, "codes": []}
    if request.method == "POST":
        held, may_show = view_recovery_codes(request)
        context["codes"] = held.get_unused_codes() if held and may_show else []
    return render(request, "mfa/recovery_codes/index.html", context)
