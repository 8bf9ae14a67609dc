"""Account matching."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount
from deals.enums import DECIDED, UNDECIDED, MatchState
from deals.models.engagement import Engagement
from deals.queries import MatchCaseQuerySet


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
