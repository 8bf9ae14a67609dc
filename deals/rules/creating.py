"""May this organization create a deal of this kind, and what does each kind and question ask (product.md §5)?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import SolutionKind, SolutionStatus
from cosell.web.reasons import Reason
from deals.enums import (
    Help,
    Kind,
    Visibility,
)

if TYPE_CHECKING:
    from accounts.models import Organization

COSELL_READY = (SolutionStatus.COSELL_READY, SolutionStatus.AZURE_IP_ELIGIBLE)


def visibility_of(help: Help, *, shown: bool) -> Visibility:
    """The two questions: any help is co-sell; else shown is partner-led, not shown is private (fact sheet 1.1)."""
    if help != Help.NONE:
        return Visibility.COSELL
    return Visibility.PARTNER_LED if shown else Visibility.PRIVATE


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
