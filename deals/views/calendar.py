"""The feed of a person's calendar: known by its secret address alone, for programs that cannot sign in."""

from __future__ import annotations

from hashlib import sha256

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from accounts.actions.calendar import reader_of
from cosell import clock
from deals.calendar_feed import calendar


@login_not_required
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar, or 304 when the program has it as it is; 404 for an address that is unknown or was revoked."""
    reader = reader_of(token)
    if reader is None:
        raise Http404
    file = calendar(reader, clock.now())
    etag = f'"{sha256(file).hexdigest()[:32]}"'
    response = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="cosell.ics"'
    response["Cache-Control"] = "private, max-age=900"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=response)
