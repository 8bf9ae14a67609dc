"""The page after signing in: what waits for one, and what came."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import presence
from cosell import clock
from cosell.events import bell
from cosell.events.models import Delivery
from deals import perms
from deals.home import to_answer

NEWEST = 8  # lines of the bell


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    who, now = request.who, clock.now()
    if who is None:
        raise PermissionDenied
    unread = Delivery.objects.bell_of(who.user, now).unread().with_event()[:NEWEST]
    since = presence.away_since(request, now)
    context = {
        "waiting": to_answer(who, now),
        "items": bell.items(who.user, unread),
        "since": since,
        "came": bell.came_since(who.user, since, now) if since else [],
        "can_create": perms.can_start_draft(who),
    }
    return render(request, "deals/home.html", context)
