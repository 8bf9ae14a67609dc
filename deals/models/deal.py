"""One organization's side, with its team and solutions."""

import uuid
from datetime import datetime

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Location, Organization, Solution
from deals.enums import (
    TERMINAL,
    UNANSWERED,
    DeclineReason,
    Direction,
    ErrorReason,
    ExpiryReason,
    Help,
    RegistrationState,
    Stage,
)
from deals.models.engagement import Engagement
from deals.queries import DealQuerySet

MAX_TEAM = 50
MAX_SOLUTIONS = 50


class Deal(models.Model):
    """One organization's side of an engagement: its own stage, value, date, team, solutions and clock."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    engagement = models.ForeignKey(Engagement, on_delete=models.PROTECT, related_name="sides")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="deals")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="deals")
    direction = models.CharField(max_length=8, choices=Direction)
    stage = models.CharField(max_length=12, choices=Stage)
    name = models.CharField(max_length=120)
    value = models.DecimalField(max_digits=15, decimal_places=2, validators=[MinValueValidator(0)])
    currency = models.CharField(max_length=3)
    close_on = models.DateField()
    crm_id = models.CharField(max_length=80, blank=True)
    campaign_id = models.CharField(max_length=80, blank=True)
    solutions = models.ManyToManyField(Solution, through="DealSolution", related_name="deals")
    # the invitation that made an inbound side
    invited_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="invited")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    invited_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    invite_help = models.CharField(max_length=16, choices=Help, default=Help.NONE)
    invite_notes = models.TextField(blank=True, max_length=4000)
    reminded_hours = models.PositiveSmallIntegerField(null=True, blank=True)  # the last mark told, in hours left
    first_seen_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    # the end
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=20, blank=True)
    final_value = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    won_on = models.DateField(null=True, blank=True)
    # written by actions.set_registration alone
    registration_state = models.CharField(max_length=24, blank=True, choices=RegistrationState)
    registration_closed_at = models.DateTimeField(null=True, blank=True)  # validation ended
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)  # of what is edited, against two people at once

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        constraints = [
            models.UniqueConstraint(
                name="deal_one_living_side",
                fields=["engagement", "organization"],
                condition=~Q(stage__in=UNANSWERED),
            ),
            models.UniqueConstraint(
                name="deal_one_outbound_side", fields=["engagement"], condition=Q(direction=Direction.OUTBOUND)
            ),
            models.CheckConstraint(
                name="deal_closed_has_time",
                condition=Q(stage__in=TERMINAL, closed_at__isnull=False)
                | (~Q(stage__in=TERMINAL) & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="deal_invitation_is_whole",
                condition=Q(direction=Direction.INBOUND, invited_at__isnull=False, expires_at__gt=F("invited_at"))
                | Q(direction=Direction.OUTBOUND, invited_at__isnull=True, expires_at__isnull=True),
            ),
            models.CheckConstraint(name="deal_value_not_negative", condition=Q(value__gte=0)),
        ]
        indexes = [
            models.Index(fields=["organization", "direction", "-id"], name="deal_list"),
            models.Index(fields=["expires_at"], name="deal_unanswered", condition=Q(stage=Stage.RECEIVED)),
            models.Index(
                fields=["organization", "invited_at"],
                include=["answered_at", "stage"],
                name="deal_answer_times",
                condition=Q(direction=Direction.INBOUND),
            ),
            models.Index(
                fields=["organization", "registration_state"],
                name="deal_registration",
                condition=~Q(registration_state=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_terminal(self) -> bool:
        return self.stage in TERMINAL

    def is_overdue(self, now: datetime) -> bool:
        """The clock ran out, whether or not the job has marked it yet."""
        return self.stage == Stage.RECEIVED and self.expires_at is not None and self.expires_at <= now

    @property
    def close_reason_label(self) -> str:
        for choices in (DeclineReason, ErrorReason, ExpiryReason):
            if self.close_reason in choices.values:
                return str(choices(self.close_reason).label)
        return ""


class DealSolution(models.Model):
    """A solution on a side."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="deal_solutions")
    solution = models.ForeignKey(Solution, on_delete=models.PROTECT)

    class Meta:
        constraints = [models.UniqueConstraint(name="dealsolution_once", fields=["deal", "solution"])]

    def __str__(self) -> str:
        return str(self.solution)


class TeamMember(models.Model):
    """A person who works on a side; `user` when the person has a sign-in in that organization."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="team")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="team_places"
    )
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40)
    email = models.EmailField()

    class Meta:
        constraints = [
            models.UniqueConstraint("deal", models.functions.Lower("email"), name="teammember_once"),
        ]
        indexes = [models.Index(fields=["user", "deal"], name="teammember_user")]

    def __str__(self) -> str:
        return self.name
