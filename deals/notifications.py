"""Who is told what about a deal, in which words (product.md §8, fact sheet 2.4). The templates hold the words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext

from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Channel
from cosell.events.models import Event
from deals import audience, registry, rules
from deals.enums import (
    DeclineReason,
    DraftCare,
    ErrorReason,
    EventKind,
    ExpiryReason,
    NoMatchReason,
    Stage,
)
from deals.models import Deal, Draft

Audience = Callable[[Event, Deal], Iterable[Recipient]]
Words = Callable[[Event, Recipient], dict[str, Any]]


def context(event: Event, recipient: Recipient) -> dict[str, Any]:
    """The words' variables. `deal` is the side it is about, `side` the reader's own."""
    if not hasattr(event, "prepared_deal"):
        prepare([event])
    deal: Deal = event.prepared_deal  # type: ignore[attr-defined]
    side = _side_of(recipient, deal)
    texts = {detail.key: detail.value for detail in event.details.all()}
    readable = event.data.get("note_for") == "all" or side.organization_id in (
        event.organization_id,
        event.data.get("note_for"),
    )
    return {
        "deal": deal,
        "side": side,
        "engagement": deal.engagement,
        "customer": deal.engagement.customer,
        "actor": event.actor,
        "note": texts.get("note", "") if readable else "",
        "reason": reason_label(event.data.get("reason", "")) if readable else "",
        "stage": Stage(event.to_state).label if event.to_state else "",
        "hours_left": event.data.get("hours_left"),
        "url": reverse("deals:detail", args=[side.uid]),
    }


def matching_context(event: Event, recipient: Recipient) -> dict[str, Any]:
    """Of account matching: also the name before and after, by what the system was certain, and the criterion."""
    words = context(event, recipient)
    texts = {detail.key: detail.value for detail in event.details.all()}
    before, after = (texts.get("changes") or {}).get("customer") or ("", "")
    return {
        **words,
        "before": before or words["customer"].name,
        "after": after or words["customer"].name,
        "by": event.data.get("by", ""),
        "host": words["engagement"].host,
        "criterion": rules.matched_criterion(words["engagement"]),
    }


def _answered_context(event: Event, recipient: Recipient) -> dict[str, Any]:
    """The reviewer goes on at the case."""
    words = matching_context(event, recipient)
    case = rules.case_of(words["engagement"])
    return {**words, "url": reverse("deals:match_case", args=[case.uid])} if case else words


def prepare(events: Sequence[Event]) -> None:
    """Load the deals of these events with all sides, at once: a bell with many lines asks no more than with one."""
    deals = (
        Deal.objects.select_related(
            "engagement__customer",
            "engagement__creator",
            "engagement__host",
            "engagement__match_case",
            "organization",
            "invited_from__organization",
        )
        .prefetch_related("engagement__sides__organization", "engagement__sides__team")
        .in_bulk({event.deal_id for event in events})
    )
    for event in events:
        event.prepared_deal = deals[event.deal_id]  # type: ignore[attr-defined]


def _side_of(recipient: Recipient, deal: Deal) -> Deal:
    """The newest side of an organization that the reader belongs to; a person without a sign-in is on a team."""
    if recipient.user:
        prefetch_related_objects([recipient.user], "memberships")
        organizations = {m.organization_id for m in recipient.user.memberships.all() if m.is_active}
        own = [side for side in deal.engagement.sides.all() if side.organization_id in organizations]
    else:
        own = [side for side in deal.engagement.sides.all() if _is_on_team(side, recipient.address)]
    return max(own, key=lambda side: (side.pk == deal.pk, side.pk), default=deal)


def _is_on_team(side: Deal, address: str) -> bool:
    return any(member.email.lower() == address.lower() for member in side.team.all())


def reason_label(code: str) -> str:
    for reasons in (DeclineReason, ErrorReason, ExpiryReason, NoMatchReason):
        if code in reasons.values:
            return str(reasons(code).label)
    return str(registry.reasons.get(code, ""))


def _owner(event: Event, draft: Draft) -> Iterable[Recipient]:
    return [Recipient.of_user(draft.owner, language=draft.organization.language)]


def draft_context(event: Event, recipient: Recipient) -> dict[str, Any]:
    """Of a draft, which may be gone meanwhile: all words stand in the event."""
    texts = {detail.key: detail.value for detail in event.details.all()}
    removal_at = event.data.get("removal_at")
    return {
        "name": texts.get("name") or gettext("Untitled deal"),
        "organization": event.organization,
        "saved_at": datetime.fromisoformat(event.data["saved_at"]),
        "removal_at": datetime.fromisoformat(removal_at) if removal_at else None,
        "url": reverse("deals:drafts"),
    }


def _message(name: str, kind: EventKind, to: Audience, *, words: Words = context, **fields: Any) -> Message:
    return Message(name, kind, to, words, f"deals/email/{name}", prepare=prepare, **fields)


MESSAGES = (
    _message("opportunity_received", EventKind.INVITED, audience.receivers, can_turn_off=False),
    _message("opportunity_sent", EventKind.INVITED, audience.sender_team),
    _message("opportunity_expiring", EventKind.EXPIRING, audience.receivers, can_turn_off=False),
    _message("opportunity_accepted", EventKind.ACCEPTED, audience.sender_team),
    _message("opportunity_declined", EventKind.DECLINED, audience.sender_team),
    _message("opportunity_expired", EventKind.EXPIRED, audience.sender_team),
    _message("opportunity_withdrawn", EventKind.WITHDRAWN, audience.receivers),
    _message("stage_marked", EventKind.MARKED, audience.other_teams, channels=[Channel.BELL]),
    _message("deal_won", EventKind.WON, audience.other_teams),
    _message("deal_lost", EventKind.LOST, audience.other_teams),
    _message("deal_closed_as_error", EventKind.CLOSED_AS_ERROR, audience.other_teams),
    _message("note_added", EventKind.NOTED, audience.readers_of_note),
    _message("account_matched", EventKind.ACCOUNT_MATCHED, audience.everybody_in, words=matching_context),
    _message("account_not_matched", EventKind.ACCOUNT_NOT_MATCHED, audience.everybody_in, words=matching_context),
    _message("account_unmatched", EventKind.ACCOUNT_UNMATCHED, audience.everybody_in, words=matching_context),
    _message("account_asked", EventKind.ACCOUNT_ASKED, audience.own_team, words=matching_context),
    _message("account_answered", EventKind.ACCOUNT_ANSWERED, audience.asker, words=_answered_context),
    _message(
        "account_merged",
        EventKind.ACCOUNT_MERGED,
        audience.everybody_in,
        words=matching_context,
        channels=[Channel.BELL],
    ),
    Message("draft_reminded", DraftCare.REMINDED, _owner, draft_context, "deals/email/draft_reminded"),
    Message("draft_warned", DraftCare.WARNED, _owner, draft_context, "deals/email/draft_warned", can_turn_off=False),
)
