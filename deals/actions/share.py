"""Show a deal to the host, or ask its help: one way only, and again after a decline or an expiry (product.md §5)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.who import Who
from cosell import clock
from cosell.web.reasons import Reason
from deals import rules
from deals.actions.answer import end_unanswered
from deals.actions.create import Contact, keep_contact, tell_drafted
from deals.actions.door import enter, refused, tell
from deals.actions.invite import invite_host
from deals.actions.match import open_case
from deals.enums import Action, EventKind, ExpiryReason, Help, Kind, Visibility
from deals.models import Deal, Engagement


def share_deal(
    who: Who,
    deal_id: int,
    *,
    help: Help = Help.NONE,
    customer_problem: str = "",
    help_needed: str = "",
    contact: Contact | None = None,
    drafted_by: str = "",
) -> Deal:
    """Show the deal to the host (partner-led) or ask its help (co-sell). One way only; what is shared stays shared.

    Where the host declined or did not answer, asking again makes a new invitation; the old one stays as it is.
    An assessment has no help to choose: it asks again with its notes for the specialist, `help_needed`.

    1. the creator's side, active, no invitation of the host open
    2. help needs the customer's contact with consent (one given before stays), and what is wanted in words
    3. an invitation of the host whose time is over is ended, if the clock's job has not come by yet
    4. the shared facts change, the event says so; what was said before stays in it, for the own organization
    5. a case of account matching opens, if the host does not know the customer
    6. the host is invited, or will be when the customer is matched
    """
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.SHARE, now)
        engagement = deal.engagement
        target = rules.visibility_of(help, shown=True, kind=Kind(engagement.kind))
        has_contact = hasattr(engagement, "contact")
        given = {"customer_problem": customer_problem, "help_needed": help_needed, "contact": contact or has_contact}
        if reasons := _refusals(engagement, target, help, {name for name, value in given.items() if value}):
            raise refused(reasons, status=422)
        _end_overdue(engagement, now)
        _share(
            who, deal, target, {"help": help, "customer_problem": customer_problem, "help_needed": help_needed}, now
        )
        if contact and not has_contact:
            keep_contact(who, engagement, contact, now)
        tell_drafted(deal, now, who, drafted_by)
        open_case(engagement, now)
        if target == Visibility.COSELL:
            invite_host(who, deal, now)
        return deal


def _refusals(engagement: Engagement, target: Visibility, help: Help, given: set[str]) -> list[Reason]:
    if target == Visibility.COSELL:
        kind = Kind(engagement.kind)
        asked = rules.asked(kind, help=help)
        return rules.missing(kind, {field: asked[field] for field in rules.WITH_HELP}, given)
    if Visibility(engagement.visibility).rank < target.rank:
        return []
    text = _("%(host)s sees this deal already; ask for help to go on.") % {"host": engagement.host.name}
    return [Reason("already_shared", text, field="help")]


def _end_overdue(engagement: Engagement, now: datetime) -> None:
    """Hour 336 has passed, so the host may be asked again before the clock's job has marked it."""
    for side in engagement.sides.filter(organization=engagement.host_id).select_related("organization"):
        if side.is_overdue(now):
            side.engagement = engagement
            end_unanswered(None, side, EventKind.EXPIRED, ExpiryReason.TIME)


def _share(who: Who, deal: Deal, target: Visibility, said: dict[str, str], now: datetime) -> None:
    """Write the shared facts, and one event: shared further, or asked again in other words."""
    engagement, before = deal.engagement, deal.engagement.visibility
    changes = {name: [old, new] for name, new in said.items() if (old := getattr(engagement, name)) not in ("", new)}
    if changes.get("help", [""])[0] == Help.NONE:
        del changes["help"]  # nothing was asked before
    if before == Visibility.PRIVATE:
        engagement.shared_at, engagement.shared_by = now, who.user
    engagement.visibility = target
    for name, value in said.items():
        setattr(engagement, name, value)
    engagement.save()
    details = {"changes": changes} if changes else {}
    if before != target:
        data = {"from": before, "to": target, "help": said["help"]}
        tell(EventKind.SHARED, deal, now, who, data=data, details=details)
    elif changes:
        tell(EventKind.EDITED, deal, now, who, private=True, data={"fields": sorted(changes)}, details=details)
