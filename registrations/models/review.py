"""What reviewers decide, and how each of them likes to see the queue."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from deals.enums import RegistrationState
from deals.models import Deal
from registrations.enums import ExceptionState, Level, Outcome
from registrations.models.program import Program
from registrations.models.registration import Registration
from registrations.queries import ExceptionQuerySet


class Verdict(models.Model):
    """One person's decision in one round of review. One that was taken back within the minute stays, marked so."""

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="verdicts")
    round = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()  # of the submission that was looked at
    level = models.PositiveSmallIntegerField(choices=Level)
    outcome = models.CharField(max_length=8, choices=Outcome)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="verdicts")
    at = models.DateTimeField()
    reasons = ArrayField(models.CharField(max_length=24), default=list, blank=True)  # FailReason
    comments = models.JSONField(default=dict, blank=True)  # {Field: words}
    words = models.TextField(blank=True)
    checked = ArrayField(models.CharField(max_length=24), default=list, blank=True)  # Check
    from_state = models.CharField(max_length=24)
    to_state = models.CharField(max_length=24)  # the same where a second person has to confirm
    was_late = models.BooleanField(default=False)
    waited = models.DurationField()  # since it came to the queue
    undone_at = models.DateTimeField(null=True, blank=True)
    overturned_at = models.DateTimeField(null=True, blank=True)  # somebody decided otherwise later

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["registration", "round"], name="verdict_round"),
            models.Index(fields=["at"], name="verdict_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.by}"

    @property
    def is_marketplace(self) -> bool:
        return self.from_state == RegistrationState.MARKETPLACE_PENDING


class ExceptionRequest(models.Model):
    """The one exception that a deal may ask for (fact sheet 3.7); the answer is final."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    deal = models.OneToOneField(Deal, on_delete=models.PROTECT, related_name="exception_request")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="exception_requests")
    state = models.CharField(max_length=12, choices=ExceptionState, default=ExceptionState.WAITING)
    text = models.TextField(max_length=5000)
    wanted = ArrayField(models.CharField(max_length=24), default=list, blank=True)  # Field, of UNLOCKABLE
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = models.TextField(blank=True, max_length=5000)
    unlocked = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)  # the submission that it allowed
    escalated_at = models.DateTimeField(null=True, blank=True)

    objects = ExceptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("exception request")
        verbose_name_plural = _("exception requests")
        ordering = ["due_at", "pk"]

    def __str__(self) -> str:
        return f"{self.deal}, {self.get_state_display()}"


class SavedFilter(models.Model):
    """A view of the queue that a reviewer keeps under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="queue_filters")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)  # of the address

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="savedfilter_once", fields=["user", "name"])]

    def __str__(self) -> str:
        return self.name
