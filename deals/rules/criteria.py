"""Can this deal be registered? The criteria, from the first day (product.md §7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import CustomerCategory, SolutionStatus
from deals.enums import UNANSWERED, Kind, MatchState, Standing, Visibility
from deals.rules.matching import case_of, waits_for_matching

if TYPE_CHECKING:
    from deals.models import Deal, Engagement, MatchCase


@dataclass(frozen=True)
class Criterion:
    """One criterion of registration, as every page and mail says it; `fix` is what would meet it, empty for nothing.

    `code` is stable and for programs; `source` says where the rule stands (docs/registration.md). One that is not
    `required` refuses nothing: it only leads to a review. `safe_at` is the instant from which it is met by itself.
    """

    label: str
    standing: Standing
    text: str
    fix: str = ""
    code: str = ""
    source: str = ""
    required: bool = True
    safe_at: datetime | None = None

    @property
    def sentence(self) -> str:
        facts = {"criterion": self.label, "standing": self.standing.label}
        return _("Registration, %(criterion)s: %(standing)s") % facts


def matched_criterion(engagement: Engagement) -> Criterion:
    """What a step of account matching means for registration, as its mails say it."""
    carries = engagement.kind == Kind.SERVICES and carries_ip(engagement.sides.prefetch_related("solutions"))
    kind = kind_criterion(Kind(engagement.kind), carries_ip=carries)
    return customer_criterion(engagement) if kind.standing == Standing.MET else kind


def carries_ip(sides: Iterable[Deal]) -> bool:
    """Is a solution eligible for Azure IP co-sell on any of these sides whose invitation did not come to nothing?"""
    return any(
        solution.status == SolutionStatus.AZURE_IP_ELIGIBLE
        for side in sides
        if side.stage not in UNANSWERED
        for solution in side.solutions.all()
    )


def kind_criterion(kind: Kind, *, carries_ip: bool) -> Criterion:
    """IP deals are registered, and services deals that also carry an eligible IP solution (product.md §5, §7)."""
    label = _("this kind of deal")
    if kind == Kind.IP:
        return Criterion(label, Standing.MET, _("IP co-sell deals can be registered."))
    if kind == Kind.ASSESSMENT:
        return Criterion(label, Standing.NOT_MET, _("Solution assessments are never registered."))
    if carries_ip:
        words = _("A services deal with a solution that is “%(status)s” counts as IP co-sell.")
        return Criterion(label, Standing.MET, words % {"status": SolutionStatus.AZURE_IP_ELIGIBLE.label})
    return Criterion(
        label,
        Standing.NOT_MET,
        _("Services co-sell deals are not registered."),
        _("A solution on the deal that is “%(status)s”: with it the deal counts as IP co-sell.")
        % {"status": SolutionStatus.AZURE_IP_ELIGIBLE.label},
    )


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
