"""Can this deal be registered? The criteria, from the first day (product.md §7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import CustomerCategory, SolutionStatus
from deals.enums import UNANSWERED, Kind, MatchState, Standing, Visibility
from deals.rules.matching import case_of, waits_for_matching

if TYPE_CHECKING:
    from deals.models import Engagement, MatchCase


@dataclass(frozen=True)
class Criterion:
    """One criterion of registration, as every page and mail says it; `fix` is what would meet it.

    `code` is stable and for programs; `source` says where the rule stands (docs/registration.md).
    """

    label: str
    standing: Standing
    text: str
    fix: str = ""
    code: str = ""
    source: str = ""

    @property
    def sentence(self) -> str:
        facts = {"criterion": self.label, "standing": self.standing.label}
        return _("Registration, %(criterion)s: %(standing)s") % facts


def criteria(engagement: Engagement) -> list[Criterion]:
    """What registration asks of this deal, as it stands now; empty for a deal that the host itself created."""
    if not counts_as_ip(engagement):
        return [_not_registrable(engagement)]
    return [customer_criterion(engagement)] if engagement.creator_id != engagement.host_id else []


def counts_as_ip(engagement: Engagement) -> bool:
    """Only IP deals are registered, and services deals that also carry an IP solution eligible for it (product.md §5).

    A solution counts that is on any side whose invitation did not end without an answer.
    """
    if engagement.kind != Kind.SERVICES:
        return engagement.kind == Kind.IP
    sides = engagement.sides.exclude(stage__in=UNANSWERED)
    return sides.filter(solutions__status=SolutionStatus.AZURE_IP_ELIGIBLE).exists()


def _not_registrable(engagement: Engagement) -> Criterion:
    label = _("this kind of deal")
    if engagement.kind == Kind.ASSESSMENT:
        return Criterion(label, Standing.NOT_MET, _("Solution assessments are never registered."))
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
