"""Every write with a meaning. Each action: transaction, lock, check on the locked row, write, event."""

from registrations.actions.claim import (
    claim_context,
    eligible_solutions,
    ensure_draft,
    propose_change,
    save_form,
    submit,
    waive,
    withdraw_change,
)
from registrations.actions.door import refused
from registrations.actions.evidence import add_file, remove_file
from registrations.actions.exceptions import decide_exception, request_exception
from registrations.actions.in_hand import assign, keep, release, reviewers, take, take_next
from registrations.actions.review import apply_change, decide, pass_alike, pick, undo_decision
from registrations.actions.timed import (
    close_registration,
    due_soon,
    escalate_exception,
    escalate_review,
    overdue,
    overdue_exceptions,
    remind_reviewer,
    to_close,
)

__all__ = [
    "add_file",
    "apply_change",
    "assign",
    "claim_context",
    "close_registration",
    "decide",
    "decide_exception",
    "due_soon",
    "eligible_solutions",
    "ensure_draft",
    "escalate_exception",
    "escalate_review",
    "keep",
    "overdue",
    "overdue_exceptions",
    "pass_alike",
    "pick",
    "propose_change",
    "refused",
    "release",
    "remind_reviewer",
    "remove_file",
    "request_exception",
    "reviewers",
    "save_form",
    "submit",
    "take",
    "take_next",
    "to_close",
    "undo_decision",
    "waive",
    "withdraw_change",
]
