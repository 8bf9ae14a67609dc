"""Answering an invitation through the link in its mail: no session is made, asked for or changed (product.md §10).

The page acts for the receiver of the mail, whoever is signed in in that browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from accounts.models import User
from cosell import clock
from cosell.events.catalogue import Recipient
from cosell.events.models import Delivery
from cosell.web.dates import zone
from cosell.web.reasons import Reason, Refused
from deals import actions, mail_links
from deals.enums import Action, Help, Kind
from deals.mail_links import Answer
from deals.models import Deal
from deals.views.act import DIALOGS, at_fields, form_for

WAYS = (Action.ACCEPT, Action.DECLINE, Action.HAND_OVER)
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    # The address is a secret and goes nowhere. With "no-referrer" a browser also hides where a form comes from, and
    # the check against forged forms would refuse every answer.
    "Referrer-Policy": "strict-origin",
}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show the invitation (GET), answer it (POST): accept, decline, or hand over to a colleague."""
    delivery = mail_links.find(token)
    if delivery is None or delivery.user is None:
        raise Http404
    signed_in = request.user if request.user.is_authenticated and request.user != delivery.user else None
    with _read_by(request, delivery):
        found = mail_links.look(delivery, clock.now())
        if isinstance(found, list):
            response = _dead(request, delivery, found)
        elif request.method == "POST":
            response = _act(request, delivery, found, signed_in)
        else:
            response = _page(request, found, signed_in)
        response["Content-Language"] = translation.get_language()
    for name, value in HEADERS.items():
        response[name] = value
    return response


@contextmanager
def _read_by(request: HttpRequest, delivery: Delivery) -> Iterator[None]:
    """The page is the mail's: its reader's language and time zone, and nothing of who is signed in here."""
    request.user, request.who, request.organizations = AnonymousUser(), None, []
    request.seen_is_old = False
    del request._messages  # they are for the person who is signed in
    reader = Recipient.of_delivery(delivery)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    language = chosen if chosen in dict(settings.LANGUAGES) else reader.language
    with translation.override(language), timezone.override(zone(reader.time_zone)):
        yield


def _act(request: HttpRequest, delivery: Delivery, found: Answer, signed_in: User | None) -> HttpResponse:
    way = request.POST.get("way", "")
    if way not in WAYS:
        return _page(request, found, signed_in, status=422)
    chosen = Action(way)
    form = form_for(found.who, found.deal, chosen, request.POST, prefix=way)
    if not form.is_valid():
        return _page(request, found, signed_in, chosen, form, status=422)
    do = DIALOGS[chosen][1]
    try:
        deal = actions.answer_from_mail(delivery, lambda who, deal: do(who, deal, chosen, form.cleaned_data))
    except Refused as refused:
        if refused.status != 422:
            return _dead(request, delivery, refused.reasons, refused.status)
        at_fields(form, refused.reasons)
        rest = [reason for reason in refused.reasons if reason.field not in form.fields]
        return _page(request, found, signed_in, chosen, form, reasons=rest, status=422)
    context = {"deal": deal, "way": chosen, "reader": found.who.user, "to": form.cleaned_data.get("to")}
    return render(request, "deals/from_mail/done.html", context)


def _page(
    request: HttpRequest,
    found: Answer,
    signed_in: User | None,
    chosen: Action = Action.ACCEPT,
    form: forms.Form | None = None,
    *,
    reasons: list[Reason] = (),
    status: int = 200,
) -> HttpResponse:
    """The essentials and the three ways; the one that was chosen as it was filled in. No contact of the customer."""
    deal, who = found.deal, found.who
    context = {
        "deal": deal,
        "engagement": deal.engagement,
        "customer": deal.engagement.customer,
        "helps": deal.engagement.help != Help.NONE,
        "is_assessment": deal.engagement.kind == Kind.ASSESSMENT,
        "who": who,
        "signed_in": signed_in,
        "form": form,
        "reasons": reasons,
        "chosen": chosen,
        **{way.value: form if form and way == chosen else form_for(who, deal, way, prefix=way) for way in WAYS},
    }
    return render(request, "deals/from_mail/answer.html", context, status=status)


def _dead(request: HttpRequest, delivery: Delivery, reasons: list[Reason], status: int = 0) -> HttpResponse:
    """Why the link does nothing any more, without a fact of the deal; what was just typed is not lost."""
    status = status or actions.refused(reasons, mail_links.status_of(reasons)).status
    uid = Deal.objects.values_list("uid", flat=True).get(pk=mail_links.deal_of(delivery))
    context = {"reasons": reasons, "typed": _typed(request), "uid": uid}
    return render(request, "deals/from_mail/over.html", context, status=status)


def _typed(request: HttpRequest) -> list[tuple[object, str]]:
    """What stood in the text fields of the form that was sent."""
    way = request.POST.get("way", "")
    if way not in WAYS:
        return []
    texts = (forms.CharField, forms.DecimalField, forms.DateField)
    fields = DIALOGS[Action(way)][0].base_fields.items()
    found = [
        (field.label, request.POST.get(f"{way}-{name}", "")) for name, field in fields if isinstance(field, texts)
    ]
    return [(label, text) for label, text in found if text.strip()]
