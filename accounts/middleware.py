"""Facts about who asks, put on the request once: `request.who`, `request.organizations`, `request.everywhere` (each of
them as a `Who`), language and time zone.

And the sign of life that a person gives by doing something; `request.seen_is_old` asks the page for one.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation

from accounts import company_sign_in, presence
from accounts.who import Who
from cosell import clock

SESSION_KEY = "organization_id"
SAFE = ("GET", "HEAD", "OPTIONS")


class WhoMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.who, request.organizations, request.everywhere = None, [], []
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        now = clock.now()
        if request.method not in SAFE:
            presence.note(request, now)
        request.seen_is_old = presence.is_old(user, now)
        if request.path != reverse("events:bell_count"):  # asked for all day by every open page: it needs no role
            everywhere = company_sign_in.narrowed(request, Who.everywhere(user))
            request.everywhere = everywhere
            request.organizations = [who.organization for who in everywhere]
            request.who = _current(request, everywhere)
        if user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(ZoneInfo(user.time_zone)):
            return self.get_response(request)


def _current(request: HttpRequest, everywhere: list[Who]) -> Who | None:
    """In the organization chosen in the header, else in the first."""
    chosen = request.session.get(SESSION_KEY)
    return next((who for who in everywhere if who.organization.pk == chosen), everywhere[0] if everywhere else None)
