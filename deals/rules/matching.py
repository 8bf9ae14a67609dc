"""Who is the customer: when that is asked, and what may be decided (product.md §4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import CustomerCategory
from cosell.events.models import Event
from cosell.web.dates import said
from cosell.web.reasons import Reason
from deals import perms
from deals.enums import (
    DECIDED,
    MATCHING_EVENTS,
    REGISTRATION_SUBMITTED,
    UNDECIDED,
    Decision,
    EventKind,
    MatchState,
    Visibility,
)

if TYPE_CHECKING:
    from accounts.models import CustomerAccount
    from accounts.who import Who
    from deals.models import Deal, Engagement, MatchCase

UNCONFIRMED = (CustomerCategory.OTHER, CustomerCategory.MANUAL)
BEST_KNOWN = tuple(CustomerCategory)  # managed, unmanaged, other, entered by hand


def waits_for_matching(engagement: Engagement) -> bool:
    """A host that matches accounts is invited once it knows the customer, or that it does not (product.md §4)."""
    if not engagement.host.matches_accounts or engagement.customer.category not in UNCONFIRMED:
        return False
    case = case_of(engagement)
    return case is None or not case.is_decided


def needs_matching(engagement: Engagement) -> bool:
    """Does the host have to find out who the customer is? Never while the deal is private, nor on its own deals."""
    return (
        engagement.visibility != Visibility.PRIVATE
        and engagement.creator_id != engagement.host_id
        and waits_for_matching(engagement)
    )


def case_of(engagement: Engagement) -> MatchCase | None:
    """The case of account matching, if there is one."""
    return getattr(engagement, "match_case", None)


# From which states of a case each decision may start.
_DECIDES: dict[Decision, tuple[MatchState, ...]] = {
    Decision.MATCH: UNDECIDED,
    Decision.NO_MATCH: UNDECIDED,
    Decision.ASK: (MatchState.WAITING,),
    Decision.ANSWER: (MatchState.ASKED,),
    Decision.UNDO: DECIDED,
}


def matching_refusals(who: Who | None, case: MatchCase, deal: Deal, decision: Decision) -> list[Reason]:
    """Why `decision` may not be made on this case now; `deal` is the creator's side, `who` None the system."""
    if who is not None and (denied := perms.matching_refusals(who, case.engagement, decision, deal)):
        return denied
    if case.state not in _DECIDES[decision]:
        return [_decided_already(case, decision)]
    return _undo_match(case) if decision == Decision.UNDO else []


def _decided_already(case: MatchCase, decision: Decision) -> Reason:
    """Somebody was faster: who, what and when."""
    events = Event.objects.filter(stream=case.engagement.stream, kind__in=MATCHING_EVENTS)
    last = events.select_related("actor").order_by("-seq").first()
    if last is None:
        text = _("“%(decision)s” is not possible: the case is “%(state)s”.") % {
            "decision": decision.label,
            "state": case.get_state_display(),
        }
        return Reason("case_moved", text)
    facts = {
        "who": last.actor.full_name if last.actor else _("the system"),
        "what": EventKind(last.kind).label,
        "when": said(last.at),
    }
    return Reason(
        "case_moved",
        _("Somebody was faster: “%(what)s”, by %(who)s on %(when)s.") % facts,
        _("Nothing of yours was saved; what you typed is still here."),
    )


def _undo_match(case: MatchCase) -> list[Reason]:
    """A registration rests on the account; and what was merged elsewhere since cannot come back."""
    if case.engagement.sides.filter(registration_state__in=REGISTRATION_SUBMITTED).exists():
        return [
            Reason(
                "registered",
                _("The deal has a registration, which rests on this account."),
                _("End the registration first."),
            )
        ]
    if case.matched_id and case.typed.merged_into_id not in (None, case.matched_id):
        return [Reason("merged_since", _("“%(account)s” has been merged since.") % {"account": case.typed.name})]
    return []


def account_refusals(case: MatchCase, account: CustomerAccount) -> list[Reason]:
    """Why the customer of this case cannot be `account`."""
    if account.pk == case.typed_id:
        return [Reason("same_account", _("This is the account that was typed."), field="account")]
    if account.category == CustomerCategory.MANUAL or account.merged_into_id:
        return [Reason("not_known", _("Choose an account from the lists."), field="account")]
    return []


def merge_refusals(duplicate: CustomerAccount, into: CustomerAccount) -> list[Reason]:
    """Why these two cannot become one, of which `into` stays."""
    if duplicate.pk == into.pk:
        return [Reason("same_account", _("Choose two different accounts."))]
    for account in (duplicate, into):
        if account.merged_into_id:
            return [Reason("merged_since", _("“%(account)s” has been merged since.") % {"account": account.name})]
        if account.category == CustomerCategory.MANUAL:
            return [
                Reason(
                    "typed",
                    _("“%(account)s” was entered by hand: match it where it waits.") % {"account": account.name},
                )
            ]
    if BEST_KNOWN.index(CustomerCategory(into.category)) > BEST_KNOWN.index(CustomerCategory(duplicate.category)):
        return [
            Reason(
                "less_known",
                _("“%(account)s” has the better category of the two; deals on it would lose what that gives them.")
                % {"account": duplicate.name},
                _("Keep that one."),
            )
        ]
    return []
