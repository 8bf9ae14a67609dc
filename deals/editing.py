"""What may be changed of a deal, when and by whom: fact sheet 1.12 as one table, for pages, actions, API and tests.

Before Create everything may be typed, and nobody changes anything of a closed side (product.md §6; registration has
its own rules). `MATRIX` says what lies between. Which field which kind of deal has, says `rules.asked`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cosell import clock
from cosell.web.reasons import Reason
from deals import perms, rules
from deals.enums import ACTIVE, Action, Direction, Help, Kind, Visibility

if TYPE_CHECKING:
    from accounts.who import Who
    from deals.models import Deal, Engagement


class Field(models.TextChoices):
    """Everything that a side or its engagement holds; the values name it in forms, events and the API."""

    NAME = "name", gettext_lazy("Deal name")
    VALUE = "value", gettext_lazy("Estimated value")
    CURRENCY = "currency", gettext_lazy("Currency")
    CLOSE_ON = "close_on", gettext_lazy("Estimated close date")
    NOTES = "notes", gettext_lazy("Notes")
    CRM_ID = "crm_id", gettext_lazy("CRM ID")
    CAMPAIGN_ID = "campaign_id", gettext_lazy("Marketing campaign ID")
    LOCATION = "location", gettext_lazy("Location")
    CUSTOMER = "customer", gettext_lazy("Customer")
    CONTACT = "contact", gettext_lazy("Customer contact")
    CONSENT = "consent", gettext_lazy("Consent")
    HELP = "help", gettext_lazy("Help asked")
    CUSTOMER_PROBLEM = "customer_problem", gettext_lazy("The customer's business problem")
    HELP_NEEDED = "help_needed", gettext_lazy("The specific help you need")
    VISIBILITY = "visibility", gettext_lazy("Visibility")
    INTENT = "intent", gettext_lazy("Marketplace intent")
    PARTNER_ROLE = "partner_role", gettext_lazy("Partner role")
    SOLUTION_AREA = "solution_area", gettext_lazy("Solution area")
    SOLUTION_PLAY = "solution_play", gettext_lazy("Solution play")
    PARTNER_PROGRAM = "partner_program", gettext_lazy("Partner program")
    TEAM = "team", gettext_lazy("Team")
    SOLUTIONS = "solutions", gettext_lazy("Solutions")
    ASSESSMENT_TYPE = "assessment_type", gettext_lazy("Assessment type")
    PAYOUT_LOCATION = "payout_location", gettext_lazy("Payout location")
    STAGE = "stage", gettext_lazy("Stage")
    INVITATIONS = "invitations", gettext_lazy("Invitations")
    # what an invitation said; on the invited side they go on as its own value, date and team
    INVITED_VALUE = "invited_value", gettext_lazy("Their share of the value")
    INVITED_CLOSE_ON = "invited_close_on", gettext_lazy("Estimated close date")
    INVITED_TEAM = "invited_team", gettext_lazy("Team")


class Cell(Enum):
    """When a field of an active side may be changed. `_WHY` has the sentences."""

    YES = auto()
    CREATION = auto()  # never: fixed since Create
    MATCHING = auto()  # never, but for the host's account matching
    UNTIL_COSELL = auto()
    UPWARDS = auto()  # private → partner-led → co-sell
    CREATOR = auto()  # by the creator's side only
    IF_BRINGING = auto()  # where the side may bring others, product.md §5
    NONE = auto()  # this side does not have it


class Through(models.TextChoices):
    """Where it is changed: a section of the edit page, or something that is done on the page of the deal."""

    DETAILS = "details", gettext_lazy("Edit deal details")
    CONTACT = "contact", gettext_lazy("Edit customer contact")
    TEAM = "team", gettext_lazy("Edit team")
    SOLUTIONS = "solutions", gettext_lazy("Edit solutions")
    NOTE = "note", gettext_lazy("Add a note")
    SHARE = "share", gettext_lazy("Share with sellers")
    STAGE = "stage", gettext_lazy("Your company's deal progress")
    INVITE = "invite", gettext_lazy("Invite partner")


class Row(NamedTuple):
    """One field: on the creator's side, on an invited side that accepted, and through what it is changed."""

    creator: Cell
    invited: Cell
    through: Through


# fmt: off
MATRIX: dict[Field, Row] = {
    Field.NAME:             Row(Cell.YES,          Cell.YES,         Through.DETAILS),
    Field.VALUE:            Row(Cell.YES,          Cell.YES,         Through.DETAILS),
    Field.CURRENCY:         Row(Cell.YES,          Cell.YES,         Through.DETAILS),
    Field.CLOSE_ON:         Row(Cell.YES,          Cell.YES,         Through.DETAILS),
    Field.CRM_ID:           Row(Cell.YES,          Cell.YES,         Through.DETAILS),
    Field.CAMPAIGN_ID:      Row(Cell.YES,          Cell.YES,         Through.DETAILS),
    Field.NOTES:            Row(Cell.YES,          Cell.YES,         Through.NOTE),
    Field.LOCATION:         Row(Cell.CREATION,     Cell.CREATION,    Through.DETAILS),
    Field.CUSTOMER:         Row(Cell.MATCHING,     Cell.MATCHING,    Through.DETAILS),
    Field.CONTACT:          Row(Cell.UNTIL_COSELL, Cell.CREATOR,     Through.CONTACT),
    Field.CONSENT:          Row(Cell.UNTIL_COSELL, Cell.CREATOR,     Through.CONTACT),  # given anew with each contact
    Field.VISIBILITY:       Row(Cell.UPWARDS,      Cell.CREATOR,     Through.SHARE),
    Field.HELP:             Row(Cell.UPWARDS,      Cell.CREATOR,     Through.SHARE),
    Field.CUSTOMER_PROBLEM: Row(Cell.UPWARDS,      Cell.CREATOR,     Through.SHARE),
    Field.HELP_NEEDED:      Row(Cell.UPWARDS,      Cell.CREATOR,     Through.SHARE),
    Field.INTENT:           Row(Cell.YES,          Cell.CREATOR,     Through.DETAILS),
    Field.PARTNER_ROLE:     Row(Cell.YES,          Cell.CREATOR,     Through.DETAILS),
    Field.SOLUTION_AREA:    Row(Cell.YES,          Cell.CREATOR,     Through.DETAILS),
    Field.SOLUTION_PLAY:    Row(Cell.YES,          Cell.CREATOR,     Through.DETAILS),
    Field.PARTNER_PROGRAM:  Row(Cell.YES,          Cell.CREATOR,     Through.DETAILS),  # asked where the host creates
    Field.TEAM:             Row(Cell.YES,          Cell.YES,         Through.TEAM),
    Field.SOLUTIONS:        Row(Cell.YES,          Cell.YES,         Through.SOLUTIONS),
    Field.ASSESSMENT_TYPE:  Row(Cell.CREATION,     Cell.CREATION,    Through.SOLUTIONS),
    Field.PAYOUT_LOCATION:  Row(Cell.CREATION,     Cell.NONE,        Through.DETAILS),
    Field.STAGE:            Row(Cell.YES,          Cell.YES,         Through.STAGE),
    Field.INVITATIONS:      Row(Cell.YES,          Cell.IF_BRINGING, Through.INVITE),
    Field.INVITED_VALUE:    Row(Cell.NONE,         Cell.YES,         Through.DETAILS),
    Field.INVITED_CLOSE_ON: Row(Cell.NONE,         Cell.YES,         Through.DETAILS),
    Field.INVITED_TEAM:     Row(Cell.NONE,         Cell.YES,         Through.TEAM),
}
# fmt: on
OF_INVITATION = frozenset({Field.INVITED_VALUE, Field.INVITED_CLOSE_ON, Field.INVITED_TEAM})
# Facts of one side, and of the engagement, that "Edit deal details" writes; the names are those of the models.
OWN = (Field.NAME, Field.VALUE, Field.CURRENCY, Field.CLOSE_ON, Field.CRM_ID, Field.CAMPAIGN_ID)
SHARED = (
    Field.INTENT,
    Field.PARTNER_ROLE,
    Field.SOLUTION_AREA,
    Field.SOLUTION_PLAY,
    Field.PARTNER_PROGRAM,
)


def fixed(who: Who, deal: Deal, field: Field) -> Reason | None:
    """Why `who` cannot change `field` of this side now; None when it may be changed, through what the matrix says.

    `deal` may be the side that the organization of `who` invited: then of what the invitation said. The right comes
    first, then the state of the side, then the table.
    """
    return _judge(who, deal, [field]).get(field)


def fixed_fields(who: Who, deal: Deal) -> dict[str, Reason]:
    """Every field that this side has and `who` cannot change now, with the reason."""
    return {field.value: reason for field, reason in _judge(who, deal, fields_of(deal)).items()}


def refusals(who: Who, deal: Deal, fields: Iterable[Field], through: Through) -> list[Reason]:
    """Why `who` cannot change these fields through this section now: fixed, or changed elsewhere."""
    fields = list(fields)
    found = _elsewhere(fields, through) | _judge(who, deal, fields)
    return [found[field] for field in fields if field in found]


def locked(who: Who, deal: Deal, through: Through) -> dict[Field, Reason]:
    """What a form for this section cannot change on this side, by the table alone: whoever asks, whatever its stage.

    Right and stage are said once for the whole page, which keeps what was typed while somebody closed the deal.
    """
    return _elsewhere(Field, through) | _by_table(who, deal, Field)


def fields_of(deal: Deal) -> list[Field]:
    """What this side has: by the kind of deal, and by which side it is."""
    engagement = deal.engagement
    asked = asked_of(engagement)
    by_host = engagement.creator_id == engagement.host_id
    return [
        field
        for field in Field
        if _cell(deal, field) != Cell.NONE
        and asked.get(_ASKED_AS.get(field, field.value)) != rules.Ask.NO
        and not (by_host and field == Field.VISIBILITY)  # what the host itself shares, it sees
    ]


_ASKED_AS = {Field.CONSENT: "contact"}


def asked_of(engagement: Engagement) -> dict[str, rules.Ask]:
    """What an engagement like this one asks, by field."""
    return rules.asked(
        Kind(engagement.kind), help=Help(engagement.help), by_host=engagement.creator_id == engagement.host_id
    )


def solutions_field(deal: Deal) -> Field:
    """What the section Solutions holds: an assessment has its type instead."""
    return Field.ASSESSMENT_TYPE if deal.engagement.kind == Kind.ASSESSMENT else Field.SOLUTIONS


def needs_solutions(deal: Deal) -> bool:
    """Has this side at least one solution? Where the host shares an opportunity, its partners bring them."""
    is_hosts = deal.direction == Direction.OUTBOUND and deal.engagement.creator_id == deal.engagement.host_id
    return deal.engagement.kind == Kind.IP and not is_hosts


def _judge(who: Who, deal: Deal, fields: Iterable[Field]) -> dict[Field, Reason]:
    """The reasons for those of `fields` that are fixed."""
    fields = list(fields)
    if (blocked := _blocked(who, deal)) is None:
        return _by_table(who, deal, fields)
    own = deal.organization_id == who.organization.pk
    invited_by_us = not own and deal.invited_from is not None and perms.is_editor(who, deal.invited_from)
    return {
        field: _at(field, _sent(deal) if invited_by_us and field in OF_INVITATION else blocked) for field in fields
    }


def _by_table(who: Who, deal: Deal, fields: Iterable[Field]) -> dict[Field, Reason]:
    has, known = fields_of(deal), dict[Cell, Reason | None]()
    found = {}
    for field in fields:
        cell = _cell(deal, field)
        if field not in has:
            reason: Reason | None = Reason("no_such_field", _("This deal has no such field."))
        else:
            reason = known[cell] if cell in known else known.setdefault(cell, _WHY[cell](who, deal))
        if reason is not None:
            found[field] = _at(field, reason)
    return found


def _elsewhere(fields: Iterable[Field], through: Through) -> dict[Field, Reason]:
    rows = {field: MATRIX[field].through for field in fields}
    return {
        field: Reason(
            "elsewhere", _("This is changed with “%(action)s”.") % {"action": right.label}, field=field.value
        )
        for field, right in rows.items()
        if right != through
    }


def _at(field: Field, reason: Reason) -> Reason:
    return replace(reason, field=field.value)


def _cell(deal: Deal, field: Field) -> Cell:
    row = MATRIX[field]
    return row.creator if deal.direction == Direction.OUTBOUND else row.invited


def _blocked(who: Who, deal: Deal) -> Reason | None:
    """The right of the person, then the state of the side: an invitation is answered first, a closed side stays."""
    if denied := perms.refusals(who, deal, Action.EDIT):
        return denied[0]
    return None if deal.stage in ACTIVE else rules.wrong_stage(deal, Action.EDIT)


def _sent(deal: Deal) -> Reason:
    return Reason(
        "invitation_sent",
        _("The invitation is sent; %(organization)s can change this after accepting.")
        % {"organization": deal.organization.name},
    )


def _yes(who: Who, deal: Deal) -> Reason | None:
    return None


def _since_creation(who: Who, deal: Deal) -> Reason | None:
    return Reason("since_creation", _("Fixed since the deal was created."))


def _by_matching(who: Who, deal: Deal) -> Reason | None:
    is_creator = deal.direction == Direction.OUTBOUND
    return Reason(
        "by_matching",
        _("Fixed since the deal was created; only %(host)s changes it, by account matching.")
        % {"host": deal.engagement.host.name},
        _("If it is the wrong customer, close the deal as error and create it again.") if is_creator else "",
    )


def _until_cosell(who: Who, deal: Deal) -> Reason | None:
    if deal.engagement.visibility != Visibility.COSELL:
        return None
    return Reason("cosell", _("Fixed since the deal is a co-sell deal."))


def _upwards(who: Who, deal: Deal) -> Reason | None:
    reasons = rules.refusals(who, deal, Action.SHARE, clock.now())
    return Reason("stays_shared", _("What was shared stays shared."), reasons[0].text) if reasons else None


def _by_creator(who: Who, deal: Deal) -> Reason | None:
    return Reason(
        "creator_decides",
        _("Only %(organization)s, which created the deal, changes this.")
        % {"organization": deal.engagement.creator.name},
    )


def _if_bringing(who: Who, deal: Deal) -> Reason | None:
    reasons = perms.refusals(who, deal, Action.INVITE)
    return reasons[0] if reasons else None


_WHY: dict[Cell, Callable[[Who, Deal], Reason | None]] = {
    Cell.YES: _yes,
    Cell.CREATION: _since_creation,
    Cell.MATCHING: _by_matching,
    Cell.UNTIL_COSELL: _until_cosell,
    Cell.UPWARDS: _upwards,
    Cell.CREATOR: _by_creator,
    Cell.IF_BRINGING: _if_bringing,
}
