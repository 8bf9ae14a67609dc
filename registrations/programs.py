"""The programs: what each asks, what its reviewers check. A third program is a third entry (product.md §7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from accounts.enums import BizApps, SolutionStatus
from accounts.models import Solution
from registrations.enums import Check, ProgramCode
from registrations.facts import Facts
from registrations.models import Program
from registrations.rules import criteria
from registrations.rules.criteria import Rule


@dataclass(frozen=True)
class Rules:
    """One program. `annual_above` is what the annual value of a contract must exceed, in USD; None: nothing.

    `applies` says whether a deal is of this program at all: by its solutions. `counts` says which of them carry a
    value in the form.
    """

    code: ProgramCode
    criteria: tuple[Rule, ...]
    checks: tuple[Check, ...]
    annual_above: Decimal | None
    tenant_id_asked: bool
    applies: Callable[[Facts], bool]
    counts: Callable[[Solution], bool]


def _bizapps(code: ProgramCode, tag: BizApps) -> Rules:
    """Fact sheet 3.2, right column; the ID of a customer's tenant is asked (3.4)."""
    return Rules(
        code=code,
        criteria=(
            criteria.kind,
            criteria.won,
            criteria.shared,
            criteria.bizapps_solution(tag),
            criteria.value_of(criteria.MORE_THAN_BIZAPPS, included=False),
            criteria.not_early,
            criteria.one_claim,
        ),
        checks=tuple(Check),
        annual_above=None,
        tenant_id_asked=True,
        applies=lambda facts: tag in facts.bizapps,
        counts=lambda solution: solution.bizapps == tag,
    )


_ALL = (
    Rules(  # fact sheet 3.2, left column
        code=ProgramCode.AZURE_IP,
        criteria=(
            criteria.kind,
            criteria.won,
            criteria.shared,
            criteria.azure_ip_solution,
            criteria.host_answered,
            criteria.value_of(criteria.LEAST_AZURE_IP, included=True),
            criteria.customer,
            criteria.not_early,
            criteria.one_claim,
        ),
        checks=tuple(Check),
        annual_above=Decimal(25_000),
        tenant_id_asked=False,
        applies=lambda facts: facts.azure_ip,
        counts=lambda solution: solution.status == SolutionStatus.AZURE_IP_ELIGIBLE,
    ),
    _bizapps(ProgramCode.BIZAPPS_PREMIUM, BizApps.PREMIUM),
    _bizapps(ProgramCode.BIZAPPS_STANDARD, BizApps.STANDARD),
)
PROGRAMS: dict[ProgramCode, Rules] = {rules.code: rules for rules in _ALL}


def load_programs() -> None:
    """A row for each program, with the usual settings, where there is none yet."""
    for code in ProgramCode:
        Program.objects.get_or_create(code=code)
