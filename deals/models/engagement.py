"""The engagement, and the person at the customer."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import CustomerCategory
from accounts.models import CustomerAccount, Location, Organization, PartnerProgram, SolutionArea, SolutionPlay
from deals.enums import Help, Intent, Kind, PartnerRole, Visibility


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
    partner_program = models.ForeignKey(
        PartnerProgram, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    solution_area = models.ForeignKey(SolutionArea, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    solution_play = models.ForeignKey(SolutionPlay, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # Where the incentive of an assessment is paid to; the creator's own business.
    payout_location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    help = models.CharField(max_length=16, choices=Help, default=Help.NONE)
    customer_problem = models.TextField(blank=True, max_length=4000)
    help_needed = models.TextField(blank=True, max_length=4000)  # of an assessment: the notes for the specialist
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
            models.CheckConstraint(
                name="engagement_services_have_role",
                condition=~Q(kind=Kind.SERVICES)
                | (~Q(partner_role="") & Q(solution_area__isnull=False, solution_play__isnull=False)),
            ),
            models.CheckConstraint(
                name="engagement_assessment_has_payout",
                condition=~Q(kind=Kind.ASSESSMENT) | Q(payout_location__isnull=False, visibility=Visibility.COSELL),
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
