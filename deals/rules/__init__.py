"""May this happen? Every "no" is a list of reasons: a code, a sentence, what would meet it (product.md §5, §6)."""

from deals.rules.acting import (
    available_actions,
    brought_here,
    refusals,
    remember,
    undo_over,
    win_is_early,
    wrong_stage,
)
from deals.rules.creating import COSELL_READY, creation_gate, visibility_of
from deals.rules.criteria import Criterion, customer_criterion
from deals.rules.matching import (
    BEST_KNOWN,
    UNCONFIRMED,
    account_refusals,
    case_of,
    matching_refusals,
    merge_refusals,
    needs_matching,
    waits_for_matching,
)
from deals.workflow import SAFE_TO_WIN_AFTER, UNDO_WITHIN

__all__ = [
    "BEST_KNOWN",
    "COSELL_READY",
    "SAFE_TO_WIN_AFTER",
    "UNCONFIRMED",
    "UNDO_WITHIN",
    "Criterion",
    "account_refusals",
    "available_actions",
    "brought_here",
    "case_of",
    "creation_gate",
    "customer_criterion",
    "matching_refusals",
    "merge_refusals",
    "needs_matching",
    "refusals",
    "remember",
    "undo_over",
    "visibility_of",
    "waits_for_matching",
    "win_is_early",
    "wrong_stage",
]
