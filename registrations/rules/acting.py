"""May this happen to a registration now (product.md §7)? Asked for buttons, and again on the locked row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from cosell.events.models import Event
from cosell.web.dates import said
from cosell.web.reasons import Reason
from deals.enums import RegistrationState, Stage, Visibility
from registrations import perms
from registrations.enums import IN_REVIEW, Action, EventKind, Level
from registrations.workflow import EXCEPTION_WITHIN, TRANSITIONS, UNDO_WITHIN, sources

if TYPE_CHECKING:
    from accounts.who import Who
    from deals.models import Deal
    from registrations.models import Registration, Verdict

DECISIONS = (Action.PASS, Action.FAIL, Action.ASK)
CLOSED_STAGES = (Stage.WON, Stage.LOST, Stage.ERROR)
AGAIN = (Action.REQUEST, Action.REOPEN)  # what may follow after the end


def refusals(who: Who | None, registration: Registration, action: Action, now: datetime) -> list[Reason]:
    """Why `action` may not happen to this registration now; empty when it may. `who` None is the system."""
    by_reviewer = TRANSITIONS[action].by_reviewer
    if who is not None:
        denied = (
            perms.reviewing_refusals(who, registration.engagement)
            if by_reviewer
            else perms.claiming_refusals(who, registration.deal)
        )
        if denied:
            return denied
    if registration.state not in sources(action):
        return [wrong_state(who, registration, action)]
    if registration.closed_at is not None and action not in AGAIN and registration.state != RegistrationState.PENDING:
        return [Reason("closed", _("The validation ended on %(when)s.") % {"when": said(registration.closed_at)})]
    if who is not None and action in DECISIONS:
        return held_by_another(who, registration, now) or level_refusals(who, registration)
    if who is not None and action == Action.APPLY:
        return held_by_another(who, registration, now)
    return []


def available(who: Who, registration: Registration, now: datetime) -> dict[Action, list[Reason]]:
    """Every action with its refusals; an empty list is a button that works."""
    return {action: refusals(who, registration, action, now) for action in Action}


def wrong_state(who: Who | None, registration: Registration, action: Action) -> Reason:
    """The state does not allow it: says who brought it there, and when; a reviewer by name to colleagues alone."""
    last = (
        Event.objects.filter(deal_id=registration.deal_id, kind__in=EventKind.values, to_state=registration.state)
        .select_related("actor", "organization")
        .order_by("-seq")
        .first()
    )
    facts = {"action": action.label, "state": registration.get_state_display()}
    if last is None:
        return Reason("wrong_state", _("“%(action)s” is not possible: the registration is “%(state)s”.") % facts)
    by = said_by(who, registration, last)
    words = _("“%(action)s” is not possible: %(who)s set the registration to “%(state)s” on %(when)s.")
    return Reason("wrong_state", words % {**facts, "who": by, "when": said(last.at)})


def said_by(who: Who | None, registration: Registration, event: Event) -> str:
    """Who did it: the host's people stand under its name, except for each other."""
    is_colleague = who is not None and who.organization.pk == registration.engagement.host_id
    if not is_colleague and event.data.get("by_host"):
        return str(event.data["by_host"])
    return event.actor.full_name if event.actor else _("the system")


def is_held(registration: Registration, now: datetime) -> bool:
    """Somebody has it in hand, and showed it within half an hour."""
    return registration.claimed_until is not None and registration.claimed_until > now


def held_by_another(who: Who, registration: Registration, now: datetime) -> list[Reason]:
    if not is_held(registration, now) or registration.claimed_by_id == who.user.pk:
        return []
    holder = registration.claimed_by.full_name if registration.claimed_by else ""
    return [
        Reason(
            "claimed",
            _("%(name)s has this registration in hand.") % {"name": holder},
            _("It is free again after 30 minutes without work on it, or when it is released."),
        )
    ]


def verdicts(registration: Registration) -> Sequence[Verdict]:
    """The decisions that count in the present round, the first one first."""
    counted = registration.verdicts.filter(round=registration.round, undone_at=None).select_related("by")
    return list(counted.order_by("pk"))


def level_refusals(who: Who, registration: Registration) -> list[Reason]:
    """Above USD 1 million two people decide; where they differ, the vendor admin (product.md §7)."""
    if registration.level == Level.FIRST:
        return []
    if any(verdict.by_id == who.user.pk for verdict in verdicts(registration)):
        return [
            Reason(
                "second_person",
                _("You have decided here already. Above USD 1 million a year another person decides, too."),
                _("Any other reviewer can do it."),
            )
        ]
    if registration.level == Level.ADMIN and not perms.is_vendor_admin(who):
        return [Reason("disagreed", _("Two reviewers differ, so a vendor admin decides."))]
    return []


def second_claim(registration: Registration) -> Reason | None:
    """Only one partner of an engagement registers: the one who holds the customer's contract (product.md §7).

    One that was itself put to the reviewer as the second stands in nobody's way.
    """
    others = type(registration).objects.filter(engagement=registration.engagement_id, number__gt=0, contests=False)
    if not others.exclude(pk=registration.pk).exists():
        return None
    return Reason(
        "second_claim",
        _("Another partner has registered this deal already; only the one with the customer's contract does."),
        _("If that is your company, say so below: a reviewer then decides between the two."),
        field="contest",
    )


def won_just_now(deal: Deal, now: datetime) -> list[Reason]:
    """Register, waive and exceptions wait for the minute in which the end can be undone (product.md §6)."""
    if deal.closed_at is None or now >= deal.closed_at + UNDO_WITHIN:
        return []
    return [
        Reason(
            "undo_runs",
            _("The deal ended less than a minute ago, and that can still be undone."),
            _("Wait until %(when)s.") % {"when": said(deal.closed_at + UNDO_WITHIN)},
        )
    ]


def exception_refusals(who: Who, deal: Deal, registration: Registration | None, now: datetime) -> list[Reason]:
    """One request for each closed deal, within 60 days (fact sheet 3.7)."""
    if denied := perms.claiming_refusals(who, deal):
        return denied
    if deal.stage not in CLOSED_STAGES or deal.closed_at is None:
        return [
            Reason(
                "not_closed",
                _("An exception can be requested only on a closed deal."),
                _("Mark the deal won first."),
            )
        ]
    if deal.engagement.visibility == Visibility.PRIVATE:
        words = _("This deal is private: %(host)s never saw it, and it cannot be registered.")
        return [Reason("private", words % {"host": deal.engagement.host.name})]
    if undoable := won_just_now(deal, now):
        return undoable
    if getattr(deal, "exception_request", None) is not None:
        return [Reason("asked_already", _("One exception can be requested for a deal, and this one has been."))]
    until = exception_until(deal, registration)
    if now >= until:
        return [Reason("too_late", _("The time to request an exception ended on %(when)s.") % {"when": said(until)})]
    return []


def exception_until(deal: Deal, registration: Registration | None) -> datetime:
    """60 days from the first registration, or from the end of the deal where there was none."""
    assert deal.closed_at is not None
    first = registration.submissions.order_by("number").first() if registration and registration.number else None
    return (first.at if first else deal.closed_at) + EXCEPTION_WITHIN


def waits_for_reviewer(registration: Registration) -> bool:
    return registration.state in IN_REVIEW
