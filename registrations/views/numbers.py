"""Numbers of the review, for vendor admins."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cosell import clock
from cosell.web.reasons import MayNotOpen, Reason
from registrations import perms
from registrations.numbers import SPANS, numbers_of
from registrations.views.queue import reviewer


@require_GET
def numbers(request: HttpRequest) -> HttpResponse:
    who = reviewer(request)
    if not perms.is_vendor_admin(who):
        words = _("Only a vendor admin of %(host)s can open this page.") % {"host": who.organization.name}
        raise MayNotOpen([Reason("not_vendor_admin", words)])
    now = clock.now()
    span = next((each for each in SPANS if each.slug == request.GET.get("span")), SPANS[0])
    since = span.since(now)
    context = {"spans": SPANS, "span": span, "since": since, "numbers": numbers_of(who.organization, since, now)}
    return render(request, "registrations/numbers.html", context)
