"""The bell, and how one wants to be told. Everybody sees their own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cosell import clock
from cosell.events import bell as bell_of
from cosell.events import catalogue, preferences
from cosell.events.catalogue import Recipient
from cosell.events.forms import PreferencesForm, title_of
from cosell.events.models import Delivery
from cosell.web.htmx import redirect_to, render_page

PAGE = 25


@require_safe
def bell(request: HttpRequest) -> HttpResponse:
    """The newest first, paged by key; `?kind=` leaves only the lines of one message."""
    mine = Delivery.objects.bell_of(request.user, clock.now()).with_event()
    kind = catalogue.get(request.GET.get("kind", ""))
    if kind:
        mine = mine.filter(message=kind.name)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        mine = mine.filter(pk__lt=int(before))
    rows = list(mine[: PAGE + 1])
    context = {
        "items": bell_of.items(request.user, rows[:PAGE]),  # type: ignore[arg-type]  # only who is signed in is here
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "is_first_page": not before,
        "kind": kind,
        "kind_title": title_of(kind) if kind else "",
    }
    return render_page(request, "events/bell.html", context, partial="items")


@login_not_required  # a sign-in that ended in a forgotten tab must not carry the page away, with what was typed there
@require_safe
def count(request: HttpRequest) -> HttpResponse:
    """The number on the bell, asked for every half minute by whoever looks: 304 while it stays the same."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    unread = bell_of.unread(request.user, clock.now())
    etag = quote_etag(f"{request.user.pk}-{get_language()}-{unread}")
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = render(request, "events/_count.html", {"unread": unread})
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and open what it is about."""
    now = clock.now()
    delivery = get_object_or_404(Delivery.objects.bell_of(request.user, now).with_event(), pk=pk)
    Delivery.objects.filter(pk=pk).unread().update(read_at=now)
    return redirect_to(request, bell_of.items(request.user, [delivery])[0].url)  # type: ignore[arg-type]


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark what stands in the bell now as read."""
    now = clock.now()
    Delivery.objects.bell_of(request.user, now).unread().update(read_at=now)
    return redirect_to(request, reverse("events:bell"))


@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """How the mails of each kind come: one form, one save."""
    person = Recipient.of_user(request.user).key  # type: ignore[arg-type]
    form = PreferencesForm(request.POST if request.method == "POST" else None, chosen=preferences.chosen_by(person))
    if form.is_valid():
        preferences.choose(person, form.wanted, clock.now())
        messages.success(request, _("Saved: you are told as you chose."))
        return redirect("events:preferences")
    return render(request, "events/preferences.html", {"form": form}, status=422 if form.errors else 200)
