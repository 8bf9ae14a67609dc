"""Facts about who asks, put on the request once: `request.who`, `request.organizations`, language and time zone."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.who import Who

SESSION_KEY = "organization_id"


class WhoMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.who, request.organizations = None, []
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        everywhere = Who.everywhere(user)
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
