"""What is one person's own: hearts, columns, drafts."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from deals.enums import DraftOutcome
from deals.models.engagement import Engagement


class Favorite(models.Model):
    """A heart, one person's own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favorites")
    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="favorites")

    class Meta:
        constraints = [models.UniqueConstraint(name="favorite_once", fields=["user", "engagement"])]

    def __str__(self) -> str:
        return f"{self.user} ♥ {self.engagement}"


class ListColumns(models.Model):
    """Which columns of the lists a person wants to see, in this order; without a row, the usual ones."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_columns")
    columns = ArrayField(models.CharField(max_length=24), default=list)

    def __str__(self) -> str:
        return f"{self.user}: {', '.join(self.columns)}"


class Draft(models.Model):
    """A deal in the wizard: what was typed, step by step, as it was typed. Nothing of it is shared before Create."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="drafts")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    answers = models.JSONField(default=dict)  # {step slug: {field: typed value}}
    version = models.PositiveIntegerField(default=1)  # against two tabs
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)  # that it lies there
    warned_at = models.DateTimeField(null=True, blank=True)  # that it will be removed

    class Meta:
        indexes = [
            models.Index(fields=["owner", "organization", "-updated_at"], name="draft_owner"),
            models.Index(fields=["updated_at"], name="draft_age"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        [name] = self.answers.get("details", {}).get("name") or [""]
        return name or str(_("Untitled deal"))


class DraftedNotes(models.Model):
    """One draft of the notes for sellers that was asked of a language model: what it cost and how it ended.

    Neither the words that went there nor those that came back are kept.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="drafted_notes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafted_notes")
    model = models.CharField(max_length=120)
    prompt_version = models.CharField(max_length=24)
    tokens = models.PositiveIntegerField(default=0)  # counted by the endpoint, else estimated from the characters
    outcome = models.CharField(max_length=12, choices=DraftOutcome)
    started_at = models.DateTimeField()
    seconds = models.FloatField(default=0)

    class Meta:
        verbose_name = _("drafted notes")
        verbose_name_plural = _("drafted notes")
        indexes = [models.Index(fields=["organization", "started_at"], name="draftednotes_month")]

    def __str__(self) -> str:
        return f"{self.user}, {self.started_at:%Y-%m-%d %H:%M}: {self.outcome}"
