"""Know why: every criterion of every program on this deal, met or not, and what would meet it (product.md §6)."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cosell import clock
from deals.enums import REGISTRATION_SUBMITTED, Kind
from deals.models import Deal
from deals.views.detail import visible_deal
from registrations.facts import NOT_IN, facts_of
from registrations.outlook import register_by, window_ended
from registrations.programs import PROGRAMS
from registrations.rules.eligibility import Judged, judge, judge_by


@require_GET
def why(request: HttpRequest, uid: UUID) -> HttpResponse:
    deal, now = visible_deal(request, uid), clock.now()
    of_host = deal.organization_id == deal.engagement.host_id
    waits = deal.registration_state not in REGISTRATION_SUBMITTED and not window_ended(deal, now)
    context = {
        "deal": deal,
        "of_host": of_host,
        "programs": [] if of_host or deal.stage in NOT_IN else _programs(deal),
        "until": register_by(deal) if deal.registration_state and waits else None,
    }
    return render(request, "registrations/why.html", context)


def _programs(deal: Deal) -> list[Judged]:
    """Those that come nearest first; for what is never registered the one answer is enough."""
    facts = facts_of(deal, clock.now())
    if facts.kind == Kind.ASSESSMENT:
        return judge(facts)
    found = [judge_by(rules, facts) for rules in PROGRAMS.values()]
    return sorted(found, key=lambda judged: (not judged.met, judged.hopeless))
