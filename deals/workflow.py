"""The whole machine on one screen: buttons, actions, API, docs and tests are read from here (product.md §6)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from deals.enums import (
    ACTIVE,
    ASSESSMENT_STAGES,
    OPEN,
    SALES_STAGES,
    STARTED,
    Action,
    DeclineReason,
    ErrorReason,
    Kind,
    Stage,
)

ANSWER_WITHIN = timedelta(hours=336)  # an invitation's clock, from the commit that sent it
REMIND_AT = (timedelta(days=7), timedelta(days=3), timedelta(hours=24))  # time left
UNDO_WITHIN = timedelta(seconds=60)
SAFE_TO_WIN_AFTER = timedelta(hours=72)  # between creation and Won, for a deal that can be registered
HOLD_FOR_MATCHING_DAYS = 2  # working days


@dataclass(frozen=True)
class Transition:
    """From which stages an action may start and where it leads; `target` None changes no stage."""

    sources: tuple[Stage, ...]
    target: Stage | None = None
    reasons: type[DeclineReason] | type[ErrorReason] | None = None
    undoable: bool = False
    kinds: tuple[Kind, ...] = tuple(Kind)


def _steps(actions: tuple[Action, ...], stages: tuple[Stage, ...]) -> dict[Action, Transition]:
    """Optional marks: any stage of the row from any active one, forward, skipping, or back."""
    return {
        action: Transition(tuple(s for s in ACTIVE if s != stage), stage, kinds=(Kind.IP, Kind.SERVICES))
        for action, stage in zip(actions, stages, strict=True)
    }


def _ladder(actions: tuple[Action, ...], stages: tuple[Stage, ...]) -> dict[Action, Transition]:
    """Mandatory marks: each only from the one before, the first from the start."""
    sources: list[tuple[Stage, ...]] = [STARTED, *((stage,) for stage in stages[:-1])]
    return {
        action: Transition(before, stage, kinds=(Kind.ASSESSMENT,))
        for action, before, stage in zip(actions, sources, stages, strict=True)
    }


TRANSITIONS: dict[Action, Transition] = {
    # the answer to an invitation
    Action.ACCEPT: Transition((Stage.RECEIVED,), Stage.ACCEPTED),
    Action.DECLINE: Transition((Stage.RECEIVED,), Stage.DECLINED, reasons=DeclineReason, undoable=True),
    Action.EXPIRE: Transition((Stage.RECEIVED,), Stage.EXPIRED),
    Action.WITHDRAW: Transition((Stage.RECEIVED,), Stage.EXPIRED),
    # the way through the stages
    **_steps((Action.QUALIFY, Action.DEVELOP, Action.PROPOSE, Action.NEGOTIATE), SALES_STAGES),
    **_ladder((Action.SECURE_LOE, Action.COLLECT_DATA, Action.PREPARE_REPORT, Action.PRESENT), ASSESSMENT_STAGES),
    # the end
    Action.WIN: Transition(ACTIVE, Stage.WON, undoable=True),
    Action.LOSE: Transition(ACTIVE, Stage.LOST, reasons=DeclineReason, undoable=True),
    Action.CLOSE_AS_ERROR: Transition(ACTIVE, Stage.ERROR, reasons=ErrorReason, undoable=True),
    # back from the end, within the minute, to the stage before
    Action.UNDO: Transition((Stage.DECLINED, Stage.WON, Stage.LOST, Stage.ERROR)),
    # work that moves no stage
    Action.HAND_OVER: Transition(OPEN),
    Action.EDIT: Transition(ACTIVE),
    Action.NOTE: Transition(ACTIVE),
    Action.SHARE: Transition(ACTIVE),
    Action.INVITE: Transition(ACTIVE, kinds=(Kind.IP, Kind.SERVICES)),  # nobody is invited to an assessment
}

# EXPIRE is the clock's own, WITHDRAW is done by the inviting side on the invited one, the rest by the side itself.
BY_THE_CLOCK = frozenset({Action.EXPIRE})
BY_THE_INVITER = frozenset({Action.WITHDRAW})


def sources(action: Action, kind: Kind) -> tuple[Stage, ...]:
    """Stages of a deal of `kind` from which `action` may start; empty when that kind does not know it."""
    transition = TRANSITIONS[action]
    if kind not in transition.kinds:
        return ()
    if action == Action.WIN and kind == Kind.ASSESSMENT:
        return (ASSESSMENT_STAGES[-1],)  # Won only after all
    return transition.sources


def marks(kind: Kind) -> tuple[tuple[Action, Stage], ...]:
    """The four stages between start and end that a deal of `kind` shows, with the action that marks each."""
    row = ASSESSMENT_STAGES if kind == Kind.ASSESSMENT else SALES_STAGES
    by_target = {transition.target: action for action, transition in TRANSITIONS.items()}
    return tuple((by_target[stage], stage) for stage in row)


class StageFacts(NamedTuple):
    """What a stage means: percentage done, definition, MCEM stage and its exit criterion (fact sheet 1.9)."""

    percent: int | None
    definition: str | Promise
    mcem: str | Promise = ""
    exit_criterion: str | Promise = ""


_LISTEN = (_("Listen and Consult"), _("Qualified opportunity"))
_INSPIRE = (_("Inspire and Design"), _("Customer aligned to solution and business case"))
_EMPOWER = (_("Empower and Achieve"), _("Customer agreement in place"))
_REALIZE = (_("Realize Value"), _("Customer executed contract, deployment can begin"))

STAGES: dict[Stage, StageFacts] = {
    Stage.RECEIVED: StageFacts(None, _("Waiting for an answer within 14 days")),
    Stage.CREATED: StageFacts(10, _("The deal was created"), *_LISTEN),
    Stage.ACCEPTED: StageFacts(10, _("The invitation was accepted"), *_LISTEN),
    Stage.QUALIFIED: StageFacts(20, _("Value and requirements of the customer are qualified"), *_LISTEN),
    Stage.DEVELOPED: StageFacts(40, _("Detailed requirements are known, ready for a proof of concept"), *_INSPIRE),
    Stage.PROPOSED: StageFacts(60, _("A formal proposal was made to the customer"), *_EMPOWER),
    Stage.NEGOTIATED: StageFacts(80, _("The final terms are being settled"), *_EMPOWER),
    Stage.LOE: StageFacts(20, _("The customer signed the letter of engagement"), *_LISTEN),
    Stage.DATA: StageFacts(40, _("Data for the assessment is collected"), *_INSPIRE),
    Stage.REPORT: StageFacts(60, _("The assessment report is prepared"), *_EMPOWER),
    Stage.PRESENTED: StageFacts(80, _("The result was presented to the customer"), *_EMPOWER),
    Stage.WON: StageFacts(100, _("The customer decided for you"), *_REALIZE),
    Stage.LOST: StageFacts(None, _("The deal did not come about")),
    Stage.DECLINED: StageFacts(None, _("The invitation was declined")),
    Stage.EXPIRED: StageFacts(None, _("The invitation ended without an answer")),
    Stage.ERROR: StageFacts(None, _("The deal was closed because it holds an error")),
}
