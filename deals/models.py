"""Engagement: the facts that all sides share. Deal: one organization's side of it (product.md §2).

What must always hold is a database constraint here; what may happen when is in `workflow` and `rules`.
Stages are changed by `deals.actions` only.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount, Location, Organization, Solution
from deals.enums import (
    DECIDED,
    TERMINAL,
    UNANSWERED,
    UNDECIDED,
    DeclineReason,
    Direction,
    ErrorReason,
    ExpiryReason,
    Help,
    Intent,
    Kind,
    MatchState,
    PartnerRole,
    Stage,
    Visibility,
)
from deals.queries import DealQuerySet, MatchCaseQuerySet

MAX_TEAM = 50
MAX_SOLUTIONS = 50


class Engagement(models.Model):
    """The shared facts. Its id counts from 10001, so that people can say "CS-10471"."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=12, choices=Kind)
    visibility = models.CharField(max_length=12, choices=Visibility, default=Visibility.PRIVATE)
    creator = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="engagements_created")
    # Who may be asked for help and shown the engagement; creator and host may be the same.
    host = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="engagements_hosted")
    customer = models.ForeignKey(CustomerAccount, on_delete=models.PROTECT, related_name="engagements")
    customer_category = models.CharField(max_length=12, choices=CustomerCategory)  # as it was when chosen
    intent = models.CharField(max_length=12, choices=Intent, blank=True)
    partner_role = models.CharField(max_length=16, choices=PartnerRole, blank=True)
    partner_program = models.CharField(max_length=80, blank=True)
    solution_area = models.CharField(max_length=80, blank=True)
    solution_play = models.CharField(max_length=80, blank=True)
    help = models.CharField(max_length=16, choices=Help, default=Help.NONE)
    customer_problem = models.TextField(blank=True, max_length=4000)
    help_needed = models.TextField(blank=True, max_length=4000)
    shared_at = models.DateTimeField(null=True, blank=True)
    shared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # An invitation of the host that waits for account matching goes out then at the latest (product.md §4).
    host_invited_by = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("engagement")
        verbose_name_plural = _("engagements")
        constraints = [
            models.CheckConstraint(
                name="engagement_help_means_cosell",
                condition=Q(visibility=Visibility.COSELL) | Q(help=Help.NONE),
            ),
            models.CheckConstraint(
                name="engagement_shared_has_time",
                condition=Q(visibility=Visibility.PRIVATE) | Q(shared_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], name="engagement_customer"),
            models.Index(
                fields=["host_invited_by"],
                name="engagement_held",
                condition=Q(host_invited_by__isnull=False),
            ),
            models.Index(
                fields=["host", "-id"],
                name="engagement_partner_led",
                condition=Q(visibility=Visibility.PARTNER_LED),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"CS-{self.pk}"

    @property
    def stream(self) -> str:
        """The chain of events that this engagement's history stands in."""
        return f"engagement:{self.uid}"


class CustomerContact(models.Model):
    """The person at the customer. Personal: who sees it is said in `deals.disclosure` (product.md §10)."""

    engagement = models.OneToOneField(Engagement, on_delete=models.CASCADE, related_name="contact")
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40)
    email = models.EmailField()
    consent_at = models.DateTimeField()
    consent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name


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
    registration_state = models.CharField(max_length=24, blank=True)
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


class Favorite(models.Model):
    """A heart, one person's own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favorites")
    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="favorites")

    class Meta:
        constraints = [models.UniqueConstraint(name="favorite_once", fields=["user", "engagement"])]

    def __str__(self) -> str:
        return f"{self.user} ♥ {self.engagement}"


class Draft(models.Model):
    """A deal in the wizard: what was typed, step by step, as it was typed. Nothing of it is shared before Create."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="drafts")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    answers = models.JSONField(default=dict)  # {step slug: {field: typed value}}
    version = models.PositiveIntegerField(default=1)  # against two tabs
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["owner", "organization", "-updated_at"], name="draft_owner")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        [name] = self.answers.get("details", {}).get("name") or [""]
        return name or str(_("Untitled deal"))


class MatchCase(models.Model):
    """Who is this customer really? One case for each shared engagement on an account that its host does not know.

    Written by `deals.actions.match` only. What was asked, answered and decided, and why, stands in the engagement's
    events. A private engagement has a case only where its typed customer was matched for another deal; nobody but
    its own organization learns of it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    engagement = models.OneToOneField(Engagement, on_delete=models.PROTECT, related_name="match_case")
    state = models.CharField(max_length=10, choices=MatchState, default=MatchState.WAITING)
    typed = models.ForeignKey(  # the account as it was chosen
        CustomerAccount, on_delete=models.PROTECT, related_name="cases_typed"
    )
    matched = models.ForeignKey(
        CustomerAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_matched"
    )
    automatic = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # The most similar known account when the system looked, for the list: `tried_at` empty is "not looked yet".
    best = models.ForeignKey(CustomerAccount, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    best_score = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)

    objects = MatchCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("matching case")
        verbose_name_plural = _("matching cases")
        constraints = [
            models.CheckConstraint(
                name="matchcase_matched_has_account",
                condition=Q(state=MatchState.MATCHED, matched__isnull=False)
                | (~Q(state=MatchState.MATCHED) & Q(matched__isnull=True)),
            ),
            models.CheckConstraint(
                name="matchcase_decided_has_time",
                condition=Q(state__in=DECIDED, decided_at__isnull=False)
                | Q(state__in=UNDECIDED, decided_at__isnull=True, decided_by__isnull=True),
            ),
            models.CheckConstraint(
                name="matchcase_automatic_is_nobodys",
                condition=Q(automatic=False) | Q(state=MatchState.MATCHED, decided_by__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "opened_at", "id"],
                name="matchcase_queue",
                condition=Q(state__in=UNDECIDED),
            ),
            models.Index(fields=["-decided_at", "-id"], name="matchcase_decided", condition=Q(state__in=DECIDED)),
            models.Index(fields=["id"], name="matchcase_untried", condition=Q(tried_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.engagement}: {self.typed}"

    @property
    def is_decided(self) -> bool:
        return self.state in DECIDED
