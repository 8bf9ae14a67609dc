"""May this action happen on this side now (product.md §5, §6)?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cosell.events.models import Event
from cosell.web.dates import said
from cosell.web.reasons import Reason
from deals import perms
from deals.enums import (
    ACTIVE,
    MATCHING_EVENTS,
    TERMINAL,
    UNANSWERED,
    Action,
    EventKind,
    Kind,
    Stage,
)
from deals.workflow import SAFE_TO_WIN_AFTER, UNDO_WITHIN, sources

if TYPE_CHECKING:
    from accounts.who import Who
    from deals.models import Deal, Engagement

NOBODYS_ACT = (EventKind.SEEN, EventKind.EXPIRING, *MATCHING_EVENTS)  # on the engagement; no side was acted on


def refusals(who: Who | None, deal: Deal, action: Action, now: datetime) -> list[Reason]:
    """Why `action` may not happen on this side now; empty when it may. `who` None is the system.

    Asked twice: for buttons (advice), and by the action on the locked row (the decision).
    """
    if who is not None and (denied := perms.refusals(who, deal, action)):
        return denied
    if deal.stage not in sources(action, Kind(deal.engagement.kind)):
        return [wrong_stage(deal, action)]
    return _CHECKS.get(action, _no_more)(who, deal, now)


def available_actions(who: Who, deal: Deal, now: datetime) -> dict[Action, list[Reason]]:
    """Every action of this kind of deal with its refusals; an empty list is a button that works."""
    kind = Kind(deal.engagement.kind)
    return {action: refusals(who, deal, action, now) for action in Action if sources(action, kind)}


def wrong_stage(deal: Deal, action: Action) -> Reason:
    """The state does not allow it: says who brought it there, and when."""
    last = brought_here(deal)
    facts = {
        "action": action.label,
        "stage": Stage(deal.stage).label,
        "who": last.actor.full_name if last and last.actor else "",
        "when": said(last.at) if last else "",
    }
    if last is None:
        text = _("“%(action)s” is not possible: the deal is %(stage)s.") % facts
    elif last.actor is None:
        text = _("“%(action)s” is not possible: the deal is %(stage)s since %(when)s.") % facts
    else:
        text = _("“%(action)s” is not possible: %(who)s set the deal to %(stage)s on %(when)s.") % facts
    fix = _("A closed deal cannot be changed by anyone.") if deal.stage in TERMINAL else ""
    return Reason("wrong_stage", text, fix)


def brought_here(deal: Deal) -> Event | None:
    """The event that set the side's present stage; asked once for all the buttons of a page."""
    known: tuple[str, Event | None] | None = deal.__dict__.get("_brought_here")
    if known is None or known[0] != deal.stage:
        events = Event.objects.filter(deal_id=deal.pk, to_state=deal.stage).select_related("actor")
        known = deal.__dict__["_brought_here"] = (deal.stage, events.order_by("-seq").first())
    return known[1]


def remember(deal: Deal, events: Iterable[Event]) -> None:
    """Events that are loaded already spare `brought_here` its question."""
    found = [event for event in events if event.deal_id == deal.pk and event.to_state == deal.stage]
    if found:
        deal.__dict__["_brought_here"] = (deal.stage, max(found, key=lambda event: event.seq))


def remember_sides(engagement: Engagement, sides: Sequence[Deal]) -> None:
    """All sides that are in, loaded already with their solutions, spare `known_sides` its questions."""
    engagement.__dict__["_known_sides"] = list(sides)


def known_sides(engagement: Engagement) -> list[Deal]:
    """Every side of the engagement with its solutions, the first one first."""
    known: list[Deal] | None = engagement.__dict__.get("_known_sides")
    if known is None:
        known = list(engagement.sides.prefetch_related("solutions").order_by("pk"))
    return known


def _no_more(who: Who | None, deal: Deal, now: datetime) -> list[Reason]:
    return []


def _answer_in_time(who: Who | None, deal: Deal, now: datetime) -> list[Reason]:
    """At 336 hours it is over, whether or not the job has run (product.md §6)."""
    if not deal.is_overdue(now) or deal.expires_at is None:
        return []
    return [
        Reason(
            "expired",
            _("The 14 days to answer ended on %(when)s.") % {"when": said(deal.expires_at)},
            _("Ask the sender to invite you again."),
        )
    ]


def _is_overdue(who: Who | None, deal: Deal, now: datetime) -> list[Reason]:
    return [] if deal.is_overdue(now) else [Reason("not_due", _("The time to answer is not over."))]


def _undo_in_time(who: Who | None, deal: Deal, now: datetime) -> list[Reason]:
    """Within 60 seconds, by who did it, and only while nobody has acted since."""
    last = (
        Event.objects.filter(stream=deal.engagement.stream)
        .exclude(kind__in=NOBODYS_ACT)
        .order_by("-seq")
        .select_related("actor")
        .first()
    )
    if last is None or last.deal_id != deal.pk or last.to_state != deal.stage:
        return [Reason("acted_since", _("Somebody has acted on this deal since; it can no longer be undone."))]
    if who is None or last.actor_id != who.user.pk:
        return [
            Reason(
                "not_yours_to_undo",
                _("Only %(name)s can undo this.") % {"name": last.actor.full_name if last.actor else _("the system")},
            )
        ]
    if now >= last.at + UNDO_WITHIN:
        return [undo_over()]
    return []


def undo_over() -> Reason:
    return Reason("undo_over", _("The minute to undo is over; everybody has been told."))


def _share(who: Who | None, deal: Deal, now: datetime) -> list[Reason]:
    """One way, and no second invitation while one is open; after a decline or an expiry it may be asked again."""
    engagement = deal.engagement
    if engagement.creator_id == engagement.host_id:
        return [Reason("host_created", _("%(host)s created this deal and sees it.") % {"host": engagement.host.name})]
    if engagement.host_invited_by is not None:
        return [
            Reason(
                "matching",
                _("The customer account is being matched; %(host)s is invited after that.")
                % {"host": engagement.host.name},
            )
        ]
    invited = engagement.sides.filter(organization=engagement.host_id).exclude(stage__in=UNANSWERED)
    if any(not side.is_overdue(now) for side in invited):
        return [Reason("already_shared", _("%(host)s has been invited already.") % {"host": engagement.host.name})]
    return []


def _withdraw(who: Who | None, deal: Deal, now: datetime) -> list[Reason]:
    """What a closed deal sent stays open to its own deadline (product.md §6)."""
    inviter = deal.invited_from
    if inviter is None or inviter.stage in ACTIVE:
        return []
    return [
        Reason(
            "sender_closed",
            _("Your side of the deal is closed; the invitation stays open until its own deadline."),
        )
    ]


_CHECKS = {
    Action.WITHDRAW: _withdraw,
    Action.ACCEPT: _answer_in_time,
    Action.DECLINE: _answer_in_time,
    Action.HAND_OVER: _answer_in_time,
    Action.EXPIRE: _is_overdue,
    Action.UNDO: _undo_in_time,
    Action.SHARE: _share,
}


def win_is_early(deal: Deal, now: datetime) -> bool:
    """Won within 72 hours of creation, where nothing else stands against a registration: it then goes to a review.

    The side itself says whether it may come to be registered (product.md §6; fact sheet 1.8).
    """
    return bool(deal.registration_state) and now < deal.engagement.created_at + SAFE_TO_WIN_AFTER
