"""All sides of an engagement at a glance."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cosell import clock
from deals import disclosure, rules
from deals.enums import Action
from deals.views.detail import visible_deal


@require_GET
def sides(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Who is on it, invited by whom, and where each stands, within what the reader may see."""
    deal, now = visible_deal(request, uid), clock.now()
    own = disclosure.is_own(request.who, deal)
    context = {
        "deal": deal,
        "engagement": deal.engagement,
        "host": deal.engagement.host,
        "sides": disclosure.all_sides(request.who, deal),
        "is_out": own and deal.stage in disclosure.ANSWERED_NOT,
        "reasons": rules.refusals(request.who, deal, Action.INVITE, now) if own else [],
        "can": {action.value: own and not rules.refusals(request.who, deal, action, now) for action in SHOWN},
    }
    return render(request, "deals/sides.html", context)


SHOWN = (Action.INVITE, Action.EDIT)
