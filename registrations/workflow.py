"""The way of a registration on one screen (product.md §7, fact sheet 3.5); actions, pages, docs and tests read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from deals.enums import RegistrationState
from registrations.enums import Action

S = RegistrationState

CLAIM_HOLDS = timedelta(minutes=30)  # without a sign of life of the reviewer
UNDO_WITHIN = timedelta(seconds=60)
SECOND_PERSON_ABOVE = Decimal(1_000_000)  # USD a year
REGISTER_WITHIN = timedelta(days=60)  # after winning, as long as no contract says otherwise
EXCEPTION_WITHIN = timedelta(days=60)  # of closing, or of the first registration
MAX_BULK = 100


@dataclass(frozen=True)
class Transition:
    """Where an action leads, by where it starts; no target where nothing moves."""

    ways: dict[RegistrationState, tuple[RegistrationState, ...]] = field(default_factory=dict)
    by_reviewer: bool = False
    undoable: bool = False


IN_REVIEW = (S.REVIEW_PENDING, S.MARKETPLACE_PENDING)
ENDED = (S.APPROVED, S.REVIEW_PASSED, S.REVIEW_FAILED, S.MARKETPLACE_PASSED, S.MARKETPLACE_FAILED)
SUBMITTED = (*IN_REVIEW, S.ACTION_REQUIRED, *ENDED)

TRANSITIONS: dict[Action, Transition] = {
    # the partner
    Action.SAVE: Transition({S.PENDING: (), S.ACTION_REQUIRED: ()}),
    Action.SUBMIT: Transition({S.PENDING: (S.APPROVED, S.REVIEW_PENDING, S.MARKETPLACE_PENDING)}),
    Action.WAIVE: Transition({S.PENDING: (S.WAIVED,)}),
    Action.CHANGE: Transition({S.REVIEW_PENDING: (), S.MARKETPLACE_PENDING: ()}),
    Action.RESUBMIT: Transition({S.ACTION_REQUIRED: (S.REVIEW_PENDING,)}),
    Action.REQUEST: Transition(dict.fromkeys((S.PENDING, S.WAIVED, *SUBMITTED), ())),
    # the reviewer
    Action.PASS: Transition(
        {S.REVIEW_PENDING: (S.REVIEW_PASSED, S.MARKETPLACE_PENDING), S.MARKETPLACE_PENDING: (S.MARKETPLACE_PASSED,)},
        by_reviewer=True,
        undoable=True,
    ),
    Action.FAIL: Transition(
        {S.REVIEW_PENDING: (S.REVIEW_FAILED,), S.MARKETPLACE_PENDING: (S.MARKETPLACE_FAILED,)},
        by_reviewer=True,
        undoable=True,
    ),
    Action.ASK: Transition(dict.fromkeys(IN_REVIEW, (S.ACTION_REQUIRED,)), by_reviewer=True, undoable=True),
    Action.APPLY: Transition(dict.fromkeys(IN_REVIEW, (S.REVIEW_PENDING,)), by_reviewer=True),
    Action.PICK: Transition({S.APPROVED: (S.REVIEW_PENDING,)}, by_reviewer=True),
    Action.UNDO: Transition(
        dict.fromkeys((*ENDED[1:], S.ACTION_REQUIRED, S.MARKETPLACE_PENDING, S.REVIEW_PENDING), IN_REVIEW),
        by_reviewer=True,
    ),
    Action.REOPEN: Transition(
        {
            S.PENDING: (S.PENDING,),
            S.WAIVED: (S.PENDING,),
            **dict.fromkeys(SUBMITTED, (S.ACTION_REQUIRED,)),
        },
        by_reviewer=True,
    ),
}


def sources(action: Action) -> tuple[RegistrationState, ...]:
    """The states in which `action` may start."""
    return tuple(TRANSITIONS[action].ways)
