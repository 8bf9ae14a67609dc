"""Who: organizations, locations, people and roles, solutions, and the customers who buy (product.md §2, §3, §4)."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import BizApps, CustomerCategory, OrganizationKind, Role, Scope, SolutionKind, SolutionStatus
from accounts.names import search_text


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by the e-mail address."""

    email = models.EmailField(_("e-mail address"), unique=True)
    full_name = models.CharField(_("full name"), max_length=120)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True, choices=settings.LANGUAGES)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    theme = models.CharField(
        _("theme"), max_length=8, blank=True, choices=[("light", _("Light")), ("dark", _("Dark"))]
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the admin"), default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.full_name or self.email

    def get_full_name(self) -> str:
        return self.full_name

    @property
    def initials(self) -> str:
        words = self.full_name.split() or [self.email]
        return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def host(self) -> "Organization":
        """The organization that may be asked for help and shown engagements."""
        return self.get(kind=OrganizationKind.VENDOR)

    def inviteable(self) -> "OrganizationQuerySet":
        """Partners in the co-sell ecosystem who transact (fact sheet 1.7)."""
        return self.filter(kind=OrganizationKind.PARTNER, in_ecosystem=True, transacts=True)

    def with_uid(self, uid: str) -> "Organization | None":
        """The one that a form or an address names; None when the text is no uid, or nobody's."""
        try:
            return self.filter(uid=uuid.UUID(uid)).first()
        except ValueError:
            return None


class Organization(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=OrganizationKind, default=OrganizationKind.PARTNER)
    name = models.CharField(max_length=120, unique=True)
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    in_ecosystem = models.BooleanField(_("in the co-sell ecosystem"), default=True)
    transacts = models.BooleanField(default=True)
    solutions_partner = models.BooleanField(_("Solutions Partner designation"), default=False)
    specialization = models.BooleanField(default=False)
    azure_expert_msp = models.BooleanField(_("Azure Expert MSP"), default=False)
    assessment_vetted = models.BooleanField(_("vetted for solution assessments"), default=False)
    matches_accounts = models.BooleanField(
        default=False, help_text=_("Invitations on customers it does not know wait for account matching.")
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                name="organization_one_vendor", fields=["kind"], condition=Q(kind=OrganizationKind.VENDOR)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """A partner's program location. The first one of an organization is its global one."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="locations")
    name = models.CharField(max_length=120)
    partner_id = models.CharField(_("PartnerID"), max_length=20, unique=True)
    country = models.CharField(max_length=2)
    city = models.CharField(max_length=80, blank=True)
    is_global = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        ordering = ["-is_global", "name"]
        constraints = [
            models.UniqueConstraint(name="location_one_global", fields=["organization"], condition=Q(is_global=True)),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.partner_id}"


class Membership(models.Model):
    """A role of a person in an organization, with its scope."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.COMPANY)
    locations = models.ManyToManyField(Location, blank=True, related_name="memberships")
    markets = ArrayField(
        models.CharField(max_length=2), default=list, blank=True, help_text=_("Countries that a seller covers.")
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(name="membership_once", fields=["user", "organization", "role"]),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.organization}"


class Solution(models.Model):
    """A catalog entry of an organization."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="solutions")
    code = models.CharField(max_length=24, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=SolutionKind)
    status = models.CharField(max_length=20, choices=SolutionStatus, default=SolutionStatus.IN_MARKET)
    bizapps = models.CharField(max_length=10, choices=BizApps, blank=True)
    macc_eligible = models.BooleanField(_("MACC eligible"), default=False)
    incentivized = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("solution")
        verbose_name_plural = _("solutions")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CustomerAccount(models.Model):
    """Who buys. Entries that are the same customer carry one `linked_group`."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account_id = models.CharField(max_length=24, unique=True, null=True, blank=True)
    name = models.CharField(max_length=160)
    former_names = ArrayField(models.CharField(max_length=160), default=list, blank=True)
    category = models.CharField(max_length=12, choices=CustomerCategory)
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="subsidiaries")
    linked_group = models.UUIDField(null=True, blank=True, db_index=True)
    duns = models.CharField("D-U-N-S", max_length=9, blank=True, db_index=True)
    domain = models.CharField(max_length=120, blank=True, db_index=True)
    address = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=80, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)
    macc = models.BooleanField("MACC", default=False)
    federal = models.BooleanField(default=False)
    entered_by = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="entered_customers"
    )
    team = models.ManyToManyField(User, blank=True, related_name="named_accounts", verbose_name=_("account team"))
    search_text = models.TextField(editable=False)  # every name it may be found by, normalised (accounts.names)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("customer account")
        verbose_name_plural = _("customer accounts")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                name="customer_manual_has_author",
                condition=Q(category=CustomerCategory.MANUAL, entered_by__isnull=False)
                | ~Q(category=CustomerCategory.MANUAL),
            ),
        ]
        indexes = [
            GinIndex(name="customer_search", fields=["search_text"], opclasses=["gin_trgm_ops"]),
            models.Index(fields=["country", "city"], name="customer_place"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps what is searched by in step with the names, its subsidiaries' too; nothing else happens here."""
        self.domain = self.domain.lower()
        self.search_text = self._searched()
        super().save(*args, **kwargs)
        for subsidiary in self.subsidiaries.all():
            type(self).objects.filter(pk=subsidiary.pk).update(search_text=subsidiary._searched())

    def _searched(self) -> str:
        return search_text(self.name, *self.former_names, self.parent.name if self.parent else "")
