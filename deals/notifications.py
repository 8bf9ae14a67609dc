"""Who is told what about a deal, in which words (product.md §8, fact sheet 2.4). The templates hold the words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext

from accounts.enums import Role, Scope
from accounts.models import Membership, User
from cosell.events.catalogue import Message, Recipient
from cosell.events.enums import Channel
from cosell.events.models import Event
from deals import registry, rules
from deals.enums import (
    UNANSWERED,
    DeclineReason,
    DraftCare,
    ErrorReason,
    EventKind,
    ExpiryReason,
    NoMatchReason,
    Stage,
)
from deals.models import Deal, Draft
from deals.privacy import ERASED_DOMAIN

Audience = Callable[[Event, Deal], Iterable[Recipient]]
Words = Callable[[Event, Recipient], dict[str, Any]]


def receivers_of(deal: Deal) -> list[User]:
    """Who decides about an invitation: never nobody while the organization has anybody (product.md §8).

    The customer's account team in that organization; else the sellers of its market; else the referrals admins of
    the location; else those of the global location or the whole company; else the account or vendor admins.
    """
    here = Membership.objects.filter(organization=deal.organization, is_active=True, user__is_active=True)
    admins = here.filter(role=Role.REFERRALS_ADMIN)
    chain = (
        here.filter(user__named_accounts=deal.engagement.customer),
        here.filter(role=Role.SELLER, markets__contains=[deal.engagement.customer.country]),
        admins.filter(locations=deal.location),
        admins.filter(scope=Scope.COMPANY) | admins.filter(locations__is_global=True),
        here.filter(role__in=(Role.ACCOUNT_ADMIN, Role.VENDOR_ADMIN)),
        here,
    )
    for memberships in chain:
        users = {membership.user for membership in memberships.select_related("user")}
        if users:
            return sorted(users, key=lambda user: user.pk)
    return []


def _receivers(event: Event, deal: Deal) -> Iterable[Recipient]:
    """Who decides, and the people of the invited organization whom the inviter named."""
    named = [m.user for m in deal.team.select_related("user") if m.user and m.user.is_active]
    people = dict.fromkeys([*receivers_of(deal), *named])
    return [Recipient.of_user(user, language=deal.organization.language) for user in people]


def _people(deal: Deal, event: Event) -> Iterable[Recipient]:
    """The team of a side, with or without a sign-in, but not who did it; an erased person has no address."""
    for member in deal.team.select_related("user"):
        if member.user and member.user_id != event.actor_id:
            yield Recipient.of_user(member.user, language=deal.organization.language)
        elif member.user is None and not member.email.endswith(f"@{ERASED_DOMAIN}"):
            yield Recipient(None, member.email, member.name, deal.organization.language, deal.organization.time_zone)


def _sender_team(event: Event, deal: Deal) -> Iterable[Recipient]:
    return list(_people(deal.invited_from, event)) if deal.invited_from else []


def _other_teams(event: Event, deal: Deal) -> Iterable[Recipient]:
    """The teams of the other sides that are in: they accepted, or they created."""
    sides = deal.engagement.sides.exclude(pk=deal.pk).exclude(stage__in=(Stage.RECEIVED, *UNANSWERED))
    return [recipient for side in sides.select_related("organization") for recipient in _people(side, event)]


def _everybody_in(event: Event, deal: Deal) -> Iterable[Recipient]:
    """The creator's team, and those of every side that accepted."""
    return [*_people(deal, event), *_other_teams(event, deal)]


def _own_team(event: Event, deal: Deal) -> Iterable[Recipient]:
    return list(_people(deal, event))


def _asker(event: Event, deal: Deal) -> Iterable[Recipient]:
    """Who asked the partner about the customer."""
    asked = Event.objects.filter(stream=event.stream, kind=EventKind.ACCOUNT_ASKED, actor__isnull=False)
    last = asked.select_related("actor").order_by("-seq").first()
    return [Recipient.of_user(last.actor, language=deal.engagement.host.language)] if last and last.actor else []


def _readers_of_note(event: Event, deal: Deal) -> Iterable[Recipient]:
    shared = event.data.get("note_for") == "all"
    return [*_people(deal, event), *(_other_teams(event, deal) if shared else [])]


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


def _message(name: str, kind: EventKind, audience: Audience, *, words: Words = context, **fields: Any) -> Message:
    return Message(name, kind, audience, words, f"deals/email/{name}", prepare=prepare, **fields)


MESSAGES = (
    _message("opportunity_received", EventKind.INVITED, _receivers, can_turn_off=False),
    _message("opportunity_sent", EventKind.INVITED, _sender_team),
    _message("opportunity_expiring", EventKind.EXPIRING, _receivers, can_turn_off=False),
    _message("opportunity_accepted", EventKind.ACCEPTED, _sender_team),
    _message("opportunity_declined", EventKind.DECLINED, _sender_team),
    _message("opportunity_expired", EventKind.EXPIRED, _sender_team),
    _message("opportunity_withdrawn", EventKind.WITHDRAWN, _receivers),
    _message("stage_marked", EventKind.MARKED, _other_teams, channels=[Channel.BELL]),
    _message("deal_won", EventKind.WON, _other_teams),
    _message("deal_lost", EventKind.LOST, _other_teams),
    _message("deal_closed_as_error", EventKind.CLOSED_AS_ERROR, _other_teams),
    _message("note_added", EventKind.NOTED, _readers_of_note),
    _message("account_matched", EventKind.ACCOUNT_MATCHED, _everybody_in, words=matching_context),
    _message("account_not_matched", EventKind.ACCOUNT_NOT_MATCHED, _everybody_in, words=matching_context),
    _message("account_unmatched", EventKind.ACCOUNT_UNMATCHED, _everybody_in, words=matching_context),
    _message("account_asked", EventKind.ACCOUNT_ASKED, _own_team, words=matching_context),
    _message("account_answered", EventKind.ACCOUNT_ANSWERED, _asker, words=_answered_context),
    _message(
        "account_merged", EventKind.ACCOUNT_MERGED, _everybody_in, words=matching_context, channels=[Channel.BELL]
    ),
    Message("draft_reminded", DraftCare.REMINDED, _owner, draft_context, "deals/email/draft_reminded"),
    Message("draft_warned", DraftCare.WARNED, _owner, draft_context, "deals/email/draft_warned", can_turn_off=False),
)
