"""How a registration is said on every page."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from accounts.who import Who
from cosell import clock
from deals.enums import REGISTRATION_SUBMITTED, RegistrationState
from deals.models import Deal
from registrations import perms, queue, undo_bar
from registrations.facts import NOT_IN, facts_of
from registrations.models import Blackout, Program
from registrations.outlook import register_by
from registrations.rules import acting, blackout
from registrations.rules.eligibility import Judged, best

register = template.Library()


@register.inclusion_tag("registrations/_panel.html", takes_context=True)
def registration_panel(context: Context) -> dict[str, Any]:
    """Can this side be registered? Nothing for the host's own side, nor before an invitation is accepted."""
    deal: Deal = context["deal"]
    if deal.organization_id == deal.engagement.host_id or deal.stage in NOT_IN:
        return {}
    who, now = context["request"].who, clock.now()
    judged, own = best(facts_of(deal, now)), deal.organization_id == who.organization.pk
    ready = deal.registration_state == RegistrationState.PENDING
    return {
        "deal": deal,
        "own": own,
        "judged": judged,
        "submitted": deal.registration_state in REGISTRATION_SUBMITTED,
        "ended": deal.registration_state in (RegistrationState.LAPSED, RegistrationState.WAIVED),
        "until": register_by(deal) if ready else None,
        "may_register": ready and not acting.won_just_now(deal, now) and not perms.claiming_refusals(who, deal),
        "blackout": _announced(judged) if ready else None,
    }


def _announced(judged: Judged) -> Blackout | None:
    program = Program.objects.filter(code=judged.code).first()
    return blackout.announced(program, clock.now()) if program else None


@register.inclusion_tag("registrations/_criteria.html")
def registration_criteria(judged: Judged, *, sources: bool = False) -> dict[str, Any]:
    """One program's criteria, met or not; with where each rule stands on the page that explains them."""
    return {"criteria": judged.criteria, "sources": sources}


@register.simple_tag
def waiting_for_review(who: Who | None) -> int | None:
    """How many registrations wait in the own review queue; None for who has none."""
    if who is None or not perms.can_review(who):
        return None
    return queue.waiting_count(who)


@register.simple_tag
def may_see_numbers(who: Who | None) -> bool:
    """The vendor admin's numbers of the reviews."""
    return who is not None and perms.is_vendor_admin(who)


@register.inclusion_tag("registrations/review/_undo.html", takes_context=True)
def review_undo(context: Context) -> dict[str, Any]:
    """What the reader decided within the last minute, with the button that takes it back."""
    decided = undo_bar.offered(context["request"].session, clock.now())
    return {"decided": decided, "in_queue": context.get("in_queue", "")}
