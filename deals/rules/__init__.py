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
from deals.rules.creating import (
    BY_HOST,
    COSELL_READY,
    FIELDS,
    WITH_HELP,
    Ask,
    asked,
    creation_gate,
    missing,
    visibility_of,
)
from deals.rules.criteria import Criterion, counts_as_ip, criteria, customer_criterion
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
    "BY_HOST",
    "COSELL_READY",
    "FIELDS",
    "SAFE_TO_WIN_AFTER",
    "UNCONFIRMED",
    "UNDO_WITHIN",
    "WITH_HELP",
    "Ask",
    "Criterion",
    "account_refusals",
    "asked",
    "available_actions",
    "brought_here",
    "case_of",
    "counts_as_ip",
    "creation_gate",
    "criteria",
    "customer_criterion",
    "matching_refusals",
    "merge_refusals",
    "missing",
    "needs_matching",
    "refusals",
    "remember",
    "undo_over",
    "visibility_of",
    "waits_for_matching",
    "win_is_early",
    "wrong_stage",
]
