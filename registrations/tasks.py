"""Background entry points: which rows are due, then the action. Safe to run twice, late, or side by side."""

from celery import shared_task

from cosell import clock
from deals.tasks import each
from registrations import actions, outlook
from registrations.actions import evidence
from registrations.rates import warning


@shared_task
def close_decided() -> int:
    """End what was decided a minute ago, and what was approved for longer than it may be picked."""
    return each(actions.to_close(clock.now()).order_by("pk").values_list("pk", flat=True), actions.close_registration)


@shared_task
def remind_and_escalate() -> int:
    """Tell the reviewers what is due, and who is named for it what is overdue: reviews and exceptions."""
    now = clock.now()
    return (
        each(actions.due_soon(now), actions.remind_reviewer)
        + each(actions.overdue(now).order_by("pk").values_list("pk", flat=True), actions.escalate_review)
        + each(actions.overdue_exceptions(now).order_by("pk").values_list("pk", flat=True), actions.escalate_exception)
    )


@shared_task
def clean_uploads() -> int:
    """Delete uploads that nobody finished within a day."""
    return evidence.clean_uploads()


@shared_task
def look_again() -> int:
    """Look at sides that time has changed: the window to register ended, or another month has other rates."""
    return each(outlook.due(clock.now()), outlook.look_again)


@shared_task
def warn_of_missing_rates() -> bool:
    """Tell the operator which exchange rates are missing; once a day at most."""
    return warning.warn_of_missing(clock.now())
