"""May this organization create a deal of this kind, and what does each kind and question ask (product.md §5)?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import SolutionKind, SolutionStatus
from cosell.web.reasons import Reason
from deals.enums import Help, Kind, Visibility

if TYPE_CHECKING:
    from accounts.models import Organization

COSELL_READY = (SolutionStatus.COSELL_READY, SolutionStatus.AZURE_IP_ELIGIBLE)


class Ask(StrEnum):
    """Is a field of a new deal asked?"""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NO = "no"  # not shown, and never kept


Row = tuple[Ask, Ask, Ask]  # for IP, services, assessment: the order of `Kind`
_R, _O, _N = Ask.REQUIRED, Ask.OPTIONAL, Ask.NO

# The field table of product.md §5. The wizard's forms, `creation_refusals` and the tests read it through `asked`.
FIELDS: dict[str, Row] = {
    "name": (_R, _R, _R),
    "location": (_R, _R, _R),
    "value": (_R, _R, _R),
    "currency": (_R, _R, _R),
    "close_on": (_R, _R, _R),
    "notes": (_R, _R, _R),
    "crm_id": (_O, _O, _O),
    "campaign_id": (_O, _O, _O),
    "partner_role": (_N, _R, _N),
    "partner_program": (_N, _N, _N),
    "solution_area": (_O, _R, _O),
    "solution_play": (_O, _R, _O),
    "intent": (_R, _N, _N),
    "team": (_R, _R, _R),
    "solutions": (_R, _O, _N),
    "assessment_type": (_N, _N, _R),
    "payout_location": (_N, _N, _R),
    "contact": (_O, _O, _R),
    "help": (_R, _R, _N),
    "customer_problem": (_O, _O, _N),
    "help_needed": (_O, _O, _R),  # of an assessment: the notes for the specialist
    "invitations": (_O, _O, _N),
}
# Where help is asked of the host.
WITH_HELP: dict[str, Row] = {
    "contact": (_R, _R, _R),
    "customer_problem": (_R, _R, _N),
    "help_needed": (_R, _R, _R),
}
# Where the host itself shares an opportunity: the partners bring the solutions.
BY_HOST: dict[str, Row] = {
    "partner_program": (_N, _O, _N),
    "solutions": (_O, _O, _N),
    "help": (_N, _N, _N),
    "customer_problem": (_N, _N, _N),
    "help_needed": (_N, _N, _N),
    "invitations": (_R, _R, _N),
}

# What is said where a required field lacks: a code, a sentence, the field that the page points to.
_LACKS = {
    "name": ("no_name", gettext_lazy("Give the deal a name."), "name"),
    "location": ("no_location", gettext_lazy("Choose a location."), "location"),
    "value": ("no_value", gettext_lazy("Say the estimated value."), "value"),
    "currency": ("no_currency", gettext_lazy("Say the currency of the value."), "currency"),
    "close_on": ("no_close_date", gettext_lazy("Say the estimated close date."), "close_on"),
    "notes": ("no_notes", gettext_lazy("Write the first note of the conversation."), "notes"),
    "partner_role": ("no_partner_role", gettext_lazy("Choose the partner's role."), "partner_role"),
    "solution_area": ("no_solution_area", gettext_lazy("Choose a solution area."), "solution_area"),
    "solution_play": ("no_solution_play", gettext_lazy("Choose a solution play."), "solution_play"),
    "intent": (
        "no_intent",
        gettext_lazy("Does the customer intend to buy through the marketplace?"),
        "intent",
    ),
    "team": ("no_team", gettext_lazy("Add at least one person of your company."), "team"),
    "solutions": ("no_solution", gettext_lazy("Add at least one solution."), "solutions"),
    "assessment_type": ("no_assessment_type", gettext_lazy("Choose the assessment type."), "solutions"),
    "payout_location": ("no_payout_location", gettext_lazy("Choose the payout location."), "payout_location"),
    "contact": (
        "no_contact",
        gettext_lazy("Asking for help needs the customer's contact, given with consent."),
        "contact",
    ),
    "customer_problem": (
        "no_help_notes",
        gettext_lazy("Say the customer's business problem and the specific help you need."),
        "help",
    ),
    "help_needed": (
        "no_help_notes",
        gettext_lazy("Say the customer's business problem and the specific help you need."),
        "help",
    ),
    "invitations": ("no_partner", gettext_lazy("Invite at least one partner."), "invitations"),
}
# An assessment asks two of them in other words.
_LACKS_FOR_ASSESSMENT = {
    "contact": (
        "no_contact",
        gettext_lazy("A solution assessment needs the customer's contact, given with consent."),
        "contact",
    ),
    "help_needed": ("no_specialist_notes", gettext_lazy("Write the notes for the specialist."), "help_needed"),
}


def asked(kind: Kind, *, help: Help = Help.NONE, by_host: bool = False) -> dict[str, Ask]:
    """What a new deal of `kind` asks, by field, after the answer to the question about help."""
    rows = {**FIELDS, **(BY_HOST if by_host else WITH_HELP if help != Help.NONE else {})}
    column = list(Kind).index(kind)
    return {field: row[column] for field, row in rows.items()}


def missing(kind: Kind, table: Mapping[str, Ask], given: Collection[str]) -> list[Reason]:
    """A reason for each required field of `table` that is not among those `given`."""
    words = _LACKS | (_LACKS_FOR_ASSESSMENT if kind == Kind.ASSESSMENT else {})
    lacks = [words[field] for field, ask in table.items() if ask == Ask.REQUIRED and field not in {*given, "help"}]
    return [Reason(code, str(text), field=field) for code, text, field in dict.fromkeys(lacks)]


def visibility_of(help: Help, *, shown: bool, kind: Kind = Kind.IP, by_host: bool = False) -> Visibility:
    """The two questions: any help is co-sell; else shown is partner-led, not shown is private (fact sheet 1.1).

    An assessment always invites the host; what the host itself shares is co-sell.
    """
    if by_host or kind == Kind.ASSESSMENT or help != Help.NONE:
        return Visibility.COSELL
    return Visibility.PARTNER_LED if shown else Visibility.PRIVATE


def creation_gate(organization: Organization, host: Organization | None, kind: Kind) -> list[Reason]:
    """What the organization lacks to create a deal of `kind` (product.md §5).

    The host lacks nothing for what it shares; assessments are done for it, by vetted partners.
    """
    name = {"organization": organization.name}
    if organization == host:
        if kind == Kind.ASSESSMENT:
            return [Reason("partners_only", _("Solution assessments are created by partners."))]
        return []
    return _GATES[kind](organization, name)


def _ip_gate(organization: Organization, name: dict[str, str]) -> list[Reason]:
    if organization.solutions.filter(kind=SolutionKind.IP, status__in=COSELL_READY, is_active=True).exists():
        return []
    return [
        Reason(
            "no_cosell_ready_solution",
            _("%(organization)s has no solution that is co-sell ready.") % name,
            _("A solution admin of %(organization)s publishes it; then come back here.") % name,
        )
    ]


def _services_gate(organization: Organization, name: dict[str, str]) -> list[Reason]:
    if organization.solutions_partner or organization.specialization or organization.azure_expert_msp:
        return []
    return [
        Reason(
            "no_designation",
            _("%(organization)s has no Solutions Partner designation, specialization or Azure Expert MSP status.")
            % name,
            _("An account admin of %(organization)s applies for it.") % name,
        )
    ]


def _assessment_gate(organization: Organization, name: dict[str, str]) -> list[Reason]:
    if organization.assessment_vetted:
        return []
    return [Reason("not_vetted", _("%(organization)s is not vetted for solution assessments.") % name)]


_GATES = {Kind.IP: _ip_gate, Kind.SERVICES: _services_gate, Kind.ASSESSMENT: _assessment_gate}
