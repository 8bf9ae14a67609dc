"""Who is told what about a deal, in which words (product.md §8, fact sheet 2.4). The templates hold the words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cosell.events.catalogue import Message, Place, Recipient
from cosell.events.enums import Cadence, Channel
from cosell.events.models import Event
from deals import audience, mail_links, registry, rules, samples, unattended
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
            "invited_by",
        )
        .prefetch_related("engagement__sides__organization", "engagement__sides__team")
        .in_bulk({event.deal_id for event in events})
    )
    for event in events:
        event.prepared_deal = deals[event.deal_id]  # type: ignore[attr-defined]


def _side_of(recipient: Recipient, deal: Deal) -> Deal:
    """The newest side of an organization that the reader belongs to; a person without a sign-in is on a team.

    A chat reads its organization's side and no other: LookupError where there is none.
    """
    if recipient.hook:
        here = recipient.hook.organization_id
        own = [side for side in deal.engagement.sides.all() if side.organization_id == here]
        if not own:
            raise LookupError(f"Organization {here} has no side on {deal.engagement}")
    elif recipient.user:
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


def _handed_to(event: Event, deal: Deal) -> Iterable[Recipient]:
    return [Recipient.of_user(User.objects.get(pk=event.data["to"]), language=deal.organization.language)]


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


# Whose chats are told; the docstrings stand in docs/messages.md.


def _invited(event: Event, deal: Deal) -> Place | None:
    """The invited side"""
    return deal


def _inviter(event: Event, deal: Deal) -> Place | None:
    """The side that invited"""
    return deal.invited_from


def _creator(event: Event, deal: Deal) -> Place | None:
    """The side that created the deal"""
    return deal


def _message(
    name: str, kind: EventKind, to: Audience, title: Promise, told: Promise, *, words: Words = context, **fields: Any
) -> Message:
    given = {"prepare": prepare, "group": DEALS, "sample": samples.of_deal, **fields}
    return Message(name, kind, to, words, f"deals/email/{name}", title=title, told=told, **given)


def _of_matching(name: str, kind: EventKind, to: Audience, title: Promise, told: Promise, **fields: Any) -> Message:
    given = {"words": matching_context, "group": MATCHING, "sample": samples.of_matching, **fields}
    return _message(name, kind, to, title, told, **given)


def _of_draft(name: str, kind: DraftCare, title: Promise, **fields: Any) -> Message:
    given = {"told": _("The owner of the draft"), "group": _("Drafts"), "sample": samples.of_draft, **fields}
    return Message(name, kind, _owner, draft_context, f"deals/email/{name}", title=title, **given)


def _unattended(name: str, kind: EventKind) -> Message:
    """After the message to who can answer: it is sent to the others alone."""
    return Message(
        name,
        kind,
        audience.unattended,
        unattended.context,
        "deals/email/opportunity_unattended",
        can_turn_off=False,
        prepare=prepare,
        group=INVITATIONS,
        title=_("An opportunity needs somebody who can answer it"),
        told=_("Who gives out the roles in the invited company, where nobody there can answer, and on the last day"),
        sample=unattended.sample,
    )


INVITATIONS, DEALS, MATCHING = _("Invitations"), _("Deals"), _("Account matching")
DECIDERS = _("The people who decide about it in the invited company, and whom the inviter named there")
SENDERS = _("The team of the side that sent it")
OTHERS = _("The teams of the other sides that are in, by creating or accepting")
ALL_IN = _("The teams of all sides that are in, by creating or accepting, but not who did it")
FIXED = {"can_turn_off": False}  # what expires (product.md §8)

MESSAGES = (
    _message(
        "opportunity_received",
        EventKind.INVITED,
        audience.receivers,
        _("An opportunity was sent to you"),
        DECIDERS,
        group=INVITATIONS,
        place=_invited,
        act=mail_links.link,
        **FIXED,
    ),
    _message(
        "opportunity_sent",
        EventKind.INVITED,
        audience.sender_team,
        _("Your opportunity went out"),
        SENDERS,
        group=INVITATIONS,
    ),
    _message(
        "opportunity_expiring",
        EventKind.EXPIRING,
        audience.receivers,
        _("An opportunity has to be answered soon"),
        _("The people who decide about it in the invited company, and the nearer the end, the admins above them"),
        group=INVITATIONS,
        place=_invited,
        act=mail_links.link,
        **FIXED,
    ),
    _unattended("opportunity_unattended", EventKind.INVITED),
    _unattended("opportunity_unanswered", EventKind.EXPIRING),
    _message(
        "handed_over",
        EventKind.HANDED_OVER,
        _handed_to,
        _("A colleague handed a deal over to you"),
        _("The colleague to whom it was handed over"),
        group=INVITATIONS,
        act=mail_links.link,
        **FIXED,
    ),
    _message(
        "opportunity_accepted",
        EventKind.ACCEPTED,
        audience.sender_team,
        _("Your opportunity was accepted"),
        SENDERS,
        group=INVITATIONS,
        place=_inviter,
    ),
    _message(
        "opportunity_declined",
        EventKind.DECLINED,
        audience.sender_team,
        _("Your opportunity was declined"),
        SENDERS,
        group=INVITATIONS,
        place=_inviter,
    ),
    _message(
        "opportunity_expired",
        EventKind.EXPIRED,
        audience.sender_team,
        _("Your opportunity was not answered in time"),
        SENDERS,
        group=INVITATIONS,
        place=_inviter,
        **FIXED,
    ),
    _message(
        "opportunity_withdrawn",
        EventKind.WITHDRAWN,
        audience.receivers,
        _("An opportunity sent to you was withdrawn"),
        DECIDERS,
        group=INVITATIONS,
        place=_invited,
    ),
    _message(
        "stage_marked",
        EventKind.MARKED,
        audience.other_teams,
        _("Another side moved to a new stage"),
        OTHERS,
        default=Cadence.DAILY,
    ),
    _message("deal_won", EventKind.WON, audience.other_teams, _("Another side won"), OTHERS),
    _message("deal_lost", EventKind.LOST, audience.other_teams, _("Another side lost"), OTHERS),
    _message(
        "deal_closed_as_error",
        EventKind.CLOSED_AS_ERROR,
        audience.other_teams,
        _("Another side was closed as an error"),
        OTHERS,
    ),
    _message(
        "note_added",
        EventKind.NOTED,
        audience.readers_of_note,
        _("Somebody wrote a note"),
        _("The team of the side, and where the note is shared those of the other sides that are in"),
    ),
    _of_matching(
        "account_matched", EventKind.ACCOUNT_MATCHED, audience.everybody_in, _("The customer was matched"), ALL_IN
    ),
    _of_matching(
        "account_not_matched",
        EventKind.ACCOUNT_NOT_MATCHED,
        audience.everybody_in,
        _("No account of the customer was found"),
        ALL_IN,
    ),
    _of_matching(
        "account_unmatched",
        EventKind.ACCOUNT_UNMATCHED,
        audience.everybody_in,
        _("A match of the customer was undone"),
        ALL_IN,
    ),
    _of_matching(
        "account_asked",
        EventKind.ACCOUNT_ASKED,
        audience.own_team,
        _("A question about the customer"),
        _("The team of the side that created the deal"),
        place=_creator,
    ),
    _of_matching(
        "account_answered",
        EventKind.ACCOUNT_ANSWERED,
        audience.asker,
        _("Your question about the customer was answered"),
        _("The person who asked"),
        words=_answered_context,
    ),
    _of_matching(
        "account_merged",
        EventKind.ACCOUNT_MERGED,
        audience.everybody_in,
        _("Customer accounts were merged"),
        ALL_IN,
        channels=[Channel.BELL],
    ),
    _of_draft("draft_reminded", DraftCare.REMINDED, _("A draft of yours is waiting")),
    _of_draft("draft_warned", DraftCare.WARNED, _("A draft of yours will be removed"), **FIXED),
)
