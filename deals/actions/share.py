"""Show a deal to the host, or ask its help: one way only (product.md §5)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.who import Who
from cosell import clock
from cosell.web.reasons import Reason
from deals.actions.create import Contact, keep_contact, tell_drafted
from deals.actions.door import enter, refused, tell
from deals.actions.invite import invite_host
from deals.actions.match import open_case
from deals.enums import Action, EventKind, Help, Visibility
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

    1. the creator's side, active, the host not on it
    2. help needs the customer's contact with consent, the problem and the help in words
    3. the shared facts change, the event says so
    4. a case of account matching opens, if the host does not know the customer
    5. the host is invited, or will be when the customer is matched
    """
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.SHARE, now)
        engagement = deal.engagement
        target = Visibility.PARTNER_LED if help == Help.NONE else Visibility.COSELL
        if reasons := _share_refusals(engagement, target, customer_problem, help_needed, contact):
            raise refused(reasons, status=422)
        before = engagement.visibility
        engagement.visibility = target
        engagement.help = help
        engagement.customer_problem = customer_problem or engagement.customer_problem
        engagement.help_needed = help_needed or engagement.help_needed
        if before == Visibility.PRIVATE:
            engagement.shared_at, engagement.shared_by = now, who.user
        engagement.save()
        if contact:
            keep_contact(who, engagement, contact, now)
        tell(EventKind.SHARED, deal, now, who, data={"from": before, "to": target, "help": help})
        tell_drafted(deal, now, who, drafted_by)
        open_case(engagement, now)
        if target == Visibility.COSELL:
            invite_host(who, deal, now)
        return deal


def _share_refusals(
    engagement: Engagement, target: Visibility, problem: str, help_needed: str, contact: Contact | None
) -> list[Reason]:
    if target == Visibility.PARTNER_LED:
        if Visibility(engagement.visibility).rank >= target.rank:
            return [
                Reason(
                    "already_shared",
                    _("%(host)s sees this deal already; ask for help to go on.") % {"host": engagement.host.name},
                    field="help",
                )
            ]
        return []
    reasons = []
    if contact is None and not hasattr(engagement, "contact"):
        reasons.append(
            Reason(
                "no_contact", _("Asking for help needs the customer's contact, given with consent."), field="contact"
            )
        )
    if not (problem and help_needed):
        reasons.append(
            Reason(
                "no_help_notes", _("Say the customer's business problem and the specific help you need."), field="help"
            )
        )
    return reasons
