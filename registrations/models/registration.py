"""The claim on a won deal, and everything that hangs on it."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Solution
from deals.enums import REGISTRATION_SUBMITTED, RegistrationState
from deals.models import Deal, Engagement
from registrations.enums import DeployedOn, Level, Pricing, Tenant
from registrations.models.program import Program
from registrations.queries import RegistrationQuerySet

STATES = [(state.value, state.label) for state in (RegistrationState.PENDING, RegistrationState.WAIVED)] + [
    (state.value, state.label) for state in REGISTRATION_SUBMITTED
]


class Registration(models.Model):
    """One side's registration, from the first saved draft (Pending) to the end of its validation.

    `typed` is the form as it stands, valid or not; the columns below it are what was last submitted.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    deal = models.OneToOneField(Deal, on_delete=models.PROTECT, related_name="registration")
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="registrations")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="registrations")
    state = models.CharField(max_length=24, choices=STATES, default=RegistrationState.PENDING)
    typed = models.JSONField(default=dict, blank=True)  # {field of the form: [value, ...]}
    # the claim, as last submitted (fact sheet 3.4)
    is_marketplace = models.BooleanField(null=True)
    marketplace_on = models.DateField(null=True, blank=True)
    deployed_on = models.CharField(max_length=8, choices=DeployedOn, blank=True)
    is_perpetual = models.BooleanField(null=True)
    contract_value = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    signed_on = models.DateField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    tenant = models.CharField(max_length=8, choices=Tenant, blank=True)
    tenant_id = models.UUIDField(null=True, blank=True)
    pricing = models.CharField(max_length=8, choices=Pricing, blank=True)
    holds_contract = models.BooleanField(default=False)
    attested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    attested_at = models.DateTimeField(null=True, blank=True)
    # what follows from it
    annual_value = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    annual_usd = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    usd_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True, blank=True)  # USD for one of currency
    rate_month = models.DateField(null=True, blank=True)
    rate_published_on = models.DateField(null=True, blank=True)
    rate_source = models.CharField(max_length=80, blank=True)
    contests = models.BooleanField(default=False)  # another partner of the engagement has claimed, too
    won_early = models.BooleanField(default=False)  # within 72 hours of creation
    # its way
    number = models.PositiveSmallIntegerField(default=0)  # of submissions
    round = models.PositiveSmallIntegerField(default=0)  # of reviews: decisions count only in theirs
    review_reasons = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    level = models.PositiveSmallIntegerField(choices=Level, default=Level.FIRST)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # who has it in hand at the host
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    # the clock of the review; stopped while the partner has to act, with the working time that was left
    waits_since = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    time_left = models.DurationField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)  # of what is typed, against two people at once
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.UniqueConstraint(
                name="registration_one_claim",
                fields=["engagement"],
                condition=Q(state__in=REGISTRATION_SUBMITTED, contests=False),
            ),
            models.CheckConstraint(
                name="registration_submitted_is_whole",
                condition=~Q(state__in=REGISTRATION_SUBMITTED)
                | Q(
                    number__gt=0,
                    submitted_at__isnull=False,
                    attested_at__isnull=False,
                    contract_value__gt=0,
                    signed_on__isnull=False,
                    starts_on__isnull=False,
                    annual_usd__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="registration_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="registration_claim_is_whole",
                condition=Q(claimed_by__isnull=True, claimed_until__isnull=True)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="registration_waits",
                condition=Q(state__in=(RegistrationState.REVIEW_PENDING, RegistrationState.MARKETPLACE_PENDING)),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="registration_second",
                condition=Q(
                    state__in=(RegistrationState.REVIEW_PENDING, RegistrationState.MARKETPLACE_PENDING), level__gt=1
                ),
            ),
            models.Index(fields=["decided_at"], name="registration_to_close", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["claimed_by"], name="registration_claimed", condition=Q(claimed_by__isnull=False)),
            models.Index(fields=["state", "-submitted_at", "id"], name="registration_submitted"),
        ]

    def __str__(self) -> str:
        return f"{self.engagement} {self.get_state_display()}"


class RegistrationSolution(models.Model):
    """What of the contract one solution is worth, in the contract's currency."""

    registration = models.ForeignKey(Registration, on_delete=models.CASCADE, related_name="solution_values")
    solution = models.ForeignKey(Solution, on_delete=models.PROTECT, related_name="+")
    value = models.DecimalField(max_digits=15, decimal_places=2)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="registrationsolution_once", fields=["registration", "solution"]),
            models.CheckConstraint(name="registrationsolution_positive", condition=Q(value__gt=0)),
        ]

    def __str__(self) -> str:
        return str(self.solution)


class Submission(models.Model):
    """What was sent, word for word; the next one is compared with it. `facts` is `claim.as_facts`."""

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="submissions")
    number = models.PositiveSmallIntegerField()  # 1, 2, 3, ...
    facts = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(name="submission_once", fields=["registration", "number"])]

    def __str__(self) -> str:
        return f"{self.registration_id}, {self.number}"


class ChangeSet(models.Model):
    """Changes that the partner proposed while the review ran; `facts` as in a submission."""

    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="changes")
    facts = models.JSONField()
    typed = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="waiting")  # enums.ChangeState
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="changeset_one_waiting", fields=["registration"], condition=Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.registration_id}, {self.state}"
