"""What the clock does: end what is decided, remind reviewers, hand on what is overdue (product.md §10)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value

from cosell import clock
from cosell.events.models import Event
from deals.actions.door import lock as lock_deal
from deals.enums import RegistrationState
from registrations import calendar
from registrations.actions.door import lock, lock_of, move, tell
from registrations.actions.in_hand import cannot_review
from registrations.enums import DECIDED, IN_REVIEW, ChangeState, EventKind, ExceptionState, ReceiptKind
from registrations.models import ExceptionRequest, Registration
from registrations.receipts import issue
from registrations.rules import acting
from registrations.workflow import UNDO_WITHIN

S = RegistrationState
REMIND_BEFORE = timedelta(days=1)  # working time
LOOK_AHEAD = timedelta(days=14)  # no working day is further from the next one


def to_close(now: datetime) -> QuerySet[Registration]:
    """Decided more than the undo minute ago, or approved for longer than it may be picked."""
    minute_over = Q(state__in=DECIDED, decided_at__lte=now - UNDO_WITHIN)
    pickable = ExpressionWrapper(F("program__pick_days") * Value(timedelta(days=1)), DurationField())
    kept = Q(state=S.APPROVED, decided_at__lte=now - pickable)
    return Registration.objects.filter(minute_over | kept, closed_at=None)


def close_registration(registration_id: int) -> bool:
    """The validation ended: the deal is closed, changes that were proposed lapse, a signed receipt of the decision."""
    now = clock.now()
    with transaction.atomic():
        registration = lock(registration_id)
        if not to_close(now).filter(pk=registration.pk).exists():
            return False
        registration.changes.filter(state=ChangeState.WAITING).update(state=ChangeState.LAPSED, ended_at=now)
        move(registration, S(registration.state), now, closed_at=now)
        decided = _decision_event(registration)
        tell(EventKind.CLOSED, registration, now, None)
        if decided is not None:
            issue(registration, ReceiptKind.DECISION, decided, now)
        return True


def _decision_event(registration: Registration) -> Event | None:
    """The event that brought it where it ended."""
    events = Event.objects.filter(deal_id=registration.deal_id, kind__in=EventKind.values)
    return events.filter(to_state=registration.state).order_by("-seq").first()


def due_soon(now: datetime) -> list[int]:
    """Ids of what is due within a working day and nobody was reminded of; nothing is locked to find out."""
    unreminded = Registration.objects.filter(state__in=IN_REVIEW, reminded_at=None, due_at__lte=now + LOOK_AHEAD)
    near = unreminded.select_related("program").order_by("pk")
    return [registration.pk for registration in near.iterator() if _is_near(registration, now)]


def _is_near(registration: Registration, now: datetime) -> bool:
    due_at = registration.due_at
    return due_at is not None and calendar.between(now, due_at, registration.program) <= REMIND_BEFORE


def remind_reviewer(registration_id: int) -> bool:
    """A working day before the target, who has it in hand is told, else every reviewer."""
    now = clock.now()
    with transaction.atomic():
        registration = lock(registration_id)
        if registration.state not in IN_REVIEW or registration.reminded_at or not _is_near(registration, now):
            return False
        save_quietly(registration, reminded_at=now)
        tell(EventKind.REVIEW_DUE, registration, now, None, data={"due_at": registration.due_at}, within_host=True)
        return True


def overdue(now: datetime) -> QuerySet[Registration]:
    return Registration.objects.filter(state__in=IN_REVIEW, escalated_at=None, due_at__lte=now)


def escalate_review(registration_id: int) -> bool:
    """Past the target it goes to the program's second reviewer and the vendor admins, by name."""
    now = clock.now()
    with transaction.atomic():
        registration = lock(registration_id)
        if registration.state not in IN_REVIEW or registration.escalated_at or registration.due_at is None:
            return False
        if registration.due_at > now:
            return False
        fields: dict[str, object] = {"escalated_at": now}
        second = registration.program.second_reviewer
        if second and not acting.is_held(registration, now) and not cannot_review(registration, second):
            fields["assigned_to"] = second
        save_quietly(registration, **fields)
        tell(EventKind.ESCALATED, registration, now, None, data={"due_at": registration.due_at}, within_host=True)
        return True


def overdue_exceptions(now: datetime) -> QuerySet[ExceptionRequest]:
    return ExceptionRequest.objects.filter(state=ExceptionState.WAITING, escalated_at=None, due_at__lte=now)


def escalate_exception(exception_id: int) -> bool:
    """An exception that nobody answered in time goes to the same people."""
    now = clock.now()
    with transaction.atomic():
        deal = lock_deal(ExceptionRequest.objects.values_list("deal_id", flat=True).get(pk=exception_id))
        registration = lock_of(deal)
        exception = overdue_exceptions(now).filter(pk=exception_id).first()
        if exception is None or registration is None:
            return False
        exception.escalated_at = now
        exception.save(update_fields=["escalated_at"])
        data = {"due_at": exception.due_at, "exception": str(exception.uid)}
        tell(EventKind.ESCALATED, registration, now, None, data=data, within_host=True)
        return True


def save_quietly(registration: Registration, **fields: object) -> None:
    """A mark of the clock is nobody's change: the version of an open page stays good."""
    for name, value in fields.items():
        setattr(registration, name, value)
    registration.save(update_fields=list(fields))
