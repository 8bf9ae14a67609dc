"""The page of one's private calendar address."""

from urllib.parse import urljoin

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.actions.calendar import make_calendar, revoke_calendar
from accounts.models import User


@never_cache
@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """Make an address, which is shown this once, make it anew, or revoke it."""
    organization = request.who.organization if request.who else None
    if "revoke" in request.POST:
        revoke_calendar(request.user, organization=organization)
        messages.success(request, _("The address does nothing any more."))
        return redirect("accounts:calendar")
    address = ""
    if request.method == "POST":
        token = make_calendar(request.user, organization=organization)
        address = urljoin(settings.BASE_URL, reverse("deals:calendar", args=[token]))
    has_one = User.objects.exclude(calendar_hash="").filter(pk=request.user.pk).exists()
    return render(request, "accounts/calendar.html", {"address": address, "has_one": has_one})
