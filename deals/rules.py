"""May this happen? Every "no" is a list of reasons: a code, a sentence, what would meet it (product.md §5, §6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import CustomerCategory, SolutionKind, SolutionStatus
from cosell.events.models import Event
from cosell.web.dates import said
from cosell.web.reasons import Reason
from deals import perms
from deals.enums import (
    ACTIVE,
    DECIDED,
    MATCHING_EVENTS,
    TERMINAL,
    UNDECIDED,
    Action,
    Decision,
    EventKind,
    Help,
    Kind,
    MatchState,
    Stage,
    Standing,
    Visibility,
)
from deals.workflow import SAFE_TO_WIN_AFTER, UNDO_WITHIN, sources

if TYPE_CHECKING:
    from accounts.models import CustomerAccount, Organization
    from accounts.who import Who
    from deals.models import Deal, Engagement, MatchCase

COSELL_READY = (SolutionStatus.COSELL_READY, SolutionStatus.AZURE_IP_ELIGIBLE)
UNCONFIRMED = (CustomerCategory.OTHER, CustomerCategory.MANUAL)
BEST_KNOWN = tuple(CustomerCategory)  # managed, unmanaged, other, entered by hand
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
    invited = engagement.sides.filter(organization=engagement.host_id).exclude(
        stage__in=(Stage.DECLINED, Stage.EXPIRED)
    )
    if engagement.visibility == Visibility.COSELL and invited.exists():
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
    Action.EXPIRE: _is_overdue,
    Action.UNDO: _undo_in_time,
    Action.SHARE: _share,
}


def visibility_of(help: Help, *, shown: bool) -> Visibility:
    """The two questions: any help is co-sell; else shown is partner-led, not shown is private (fact sheet 1.1)."""
    if help != Help.NONE:
        return Visibility.COSELL
    return Visibility.PARTNER_LED if shown else Visibility.PRIVATE


def win_is_early(deal: Deal, now: datetime) -> bool:
    """Won within 72 hours of creation: a registration may be refused for it (fact sheet 1.8)."""
    engagement = deal.engagement
    may_register = engagement.kind == Kind.IP and engagement.visibility != Visibility.PRIVATE
    return may_register and now < engagement.created_at + SAFE_TO_WIN_AFTER


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
    if case.engagement.sides.exclude(registration_state="").exists():
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


@dataclass(frozen=True)
class Criterion:
    """One criterion of registration, as the deal page and the mails say it; `fix` is what would meet it."""

    label: str
    standing: Standing
    text: str
    fix: str = ""

    @property
    def sentence(self) -> str:
        facts = {"criterion": self.label, "standing": self.standing.label}
        return _("Registration, %(criterion)s: %(standing)s") % facts


def customer_criterion(engagement: Engagement) -> Criterion:
    """Is the customer one that the host manages? Known, or on its way, from the first day (product.md §4, §7)."""
    host, customer = engagement.host.name, engagement.customer
    facts = {"host": host, "customer": customer.name}
    label = _("customer managed by %(host)s") % facts
    if customer.category == CustomerCategory.MANAGED:
        return Criterion(label, Standing.MET, _("%(customer)s is managed by %(host)s.") % facts)
    if engagement.customer_category == CustomerCategory.MANAGED:
        return Criterion(label, Standing.MET, _("%(customer)s was managed by %(host)s when it was chosen.") % facts)
    case = case_of(engagement)
    if case is not None and case.state == MatchState.NO_MATCH:
        return Criterion(
            label,
            Standing.NOT_MET,
            _("%(host)s found no account of its own for %(customer)s.") % facts,
            _("A match to an account that %(host)s manages. Say in a shared note what helps to find it.") % facts,
        )
    if not waits_for_matching(engagement) or engagement.creator_id == engagement.host_id:
        return Criterion(
            label,
            Standing.NOT_MET,
            _("%(host)s does not manage %(customer)s.") % facts,
            _("The account becomes one that %(host)s manages.") % facts,
        )
    return Criterion(label, Standing.NOT_YET, *_not_yet(engagement, case, facts))


def _not_yet(engagement: Engagement, case: MatchCase | None, facts: dict[str, str]) -> tuple[str, str]:
    if engagement.visibility == Visibility.PRIVATE:
        return (
            _("%(host)s finds out who %(customer)s is once you share the deal.") % facts,
            _("Share the deal; then a match to an account that %(host)s manages.") % facts,
        )
    if case is not None and case.state == MatchState.ASKED:
        return (
            _("%(host)s has a question about %(customer)s.") % facts,
            _("The answer, and a match to an account that %(host)s manages.") % facts,
        )
    return (
        _("%(host)s is finding out who %(customer)s is.") % facts,
        _("A match to an account that %(host)s manages.") % facts,
    )


def creation_gate(organization: Organization, host: Organization | None, kind: Kind) -> list[Reason]:
    """What the organization lacks to create a deal of `kind`; the host itself lacks nothing (product.md §5)."""
    if organization == host:
        return []
    who_fixes = _("A solution admin of %(organization)s publishes it; then come back here.") % {
        "organization": organization.name
    }
    if (
        kind == Kind.IP
        and not organization.solutions.filter(kind=SolutionKind.IP, status__in=COSELL_READY, is_active=True).exists()
    ):
        return [
            Reason(
                "no_cosell_ready_solution",
                _("%(organization)s has no solution that is co-sell ready.") % {"organization": organization.name},
                who_fixes,
            )
        ]
    designated = organization.solutions_partner or organization.specialization or organization.azure_expert_msp
    if kind == Kind.SERVICES and not designated:
        return [
            Reason(
                "no_designation",
                _("%(organization)s has no Solutions Partner designation, specialization or Azure Expert MSP status.")
                % {"organization": organization.name},
                _("An account admin of %(organization)s applies for it.") % {"organization": organization.name},
            )
        ]
    if kind == Kind.ASSESSMENT and not organization.assessment_vetted:
        return [
            Reason(
                "not_vetted",
                _("%(organization)s is not vetted for solution assessments.") % {"organization": organization.name},
            )
        ]
    return []
