"""The bell: what one was told. Everybody sees their own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from cosell import clock
from cosell.events import letters
from cosell.events.models import Delivery
from cosell.web.htmx import redirect_to, render_page

PAGE = 25


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The newest first, paged by key."""
    mine = Delivery.objects.bell_of(request.user, clock.now()).with_event()
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        mine = mine.filter(pk__lt=int(before))
    rows = list(mine[: PAGE + 1])
    for row in rows:
        # One object: what is loaded of the person is loaded once.
        row.user = request.user  # type: ignore[assignment]  # only who is signed in comes here
    context = {
        "items": letters.bell_items(rows[:PAGE]),
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "is_first_page": not before,
    }
    return render_page(request, "events/bell.html", context, partial="items")


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and open what it is about."""
    now = clock.now()
    delivery = get_object_or_404(Delivery.objects.bell_of(request.user, now).with_event(), pk=pk)
    Delivery.objects.filter(pk=pk).unread().update(read_at=now)
    return redirect_to(request, letters.bell_items([delivery])[0].url)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark what stands in the bell now as read."""
    now = clock.now()
    Delivery.objects.bell_of(request.user, now).unread().update(read_at=now)
    return redirect_to(request, reverse("events:bell"))
