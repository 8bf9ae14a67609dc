"""Who: organizations, locations, people and roles, solutions, and the customers who buy (product.md §2, §3, §4)."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import BizApps, CustomerCategory, OrganizationKind, Role, Scope, SolutionKind, SolutionStatus
from accounts.names import Searched, name_key, name_words, searched


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
    # A sign of life, kept to the hour (product.md §8: a quiet summary after absence).
    last_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Links in mails sent before do nothing any more: signed out everywhere, or a role changed.
    links_valid_from = models.DateTimeField(null=True, blank=True, editable=False)
    calendar_hash = models.CharField(max_length=64, blank=True, default="", editable=False)  # sha256 of the token
    away_from = models.DateField(_("away from"), null=True, blank=True)
    away_until = models.DateField(_("away until"), null=True, blank=True)  # the last day away
    delegate = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="stands_in_for",
        verbose_name=_("who answers meanwhile"),
    )
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
            models.UniqueConstraint(name="user_calendar", fields=["calendar_hash"], condition=~Q(calendar_hash="")),
            models.CheckConstraint(
                name="user_away_has_days",
                condition=Q(away_from__isnull=True, away_until__isnull=True)
                | Q(away_from__lte=models.F("away_until")),
            ),
        ]

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
    search_name = models.CharField(max_length=160, editable=False, default="")  # the name as it is compared
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
    description = models.TextField(_("description"), max_length=2_500, blank=True)  # fact sheet 7.3
    website = models.URLField(_("website"), blank=True)
    requires_mfa = models.BooleanField(
        _("second factor required"), default=False, help_text=_("Everybody signs in with a second factor.")
    )
    acts_from_mail = models.BooleanField(
        _("answers from the mail"), default=True, help_text=_("Mails carry a link to answer without signing in.")
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
        indexes = [GinIndex(name="organization_search", fields=["search_name"], opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps what is searched by in step with the name; nothing else happens here."""
        self.search_name = name_key(self.name)[:160]
        super().save(*args, **kwargs)


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
    # Where opportunities about it go while there are no routing rules (fact sheet 2.2); empty is the global one.
    location = models.ForeignKey(
        Location,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="solutions",
        verbose_name=_("location"),
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("solution")
        verbose_name_plural = _("solutions")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RoutingRule(models.Model):
    """To which location an opportunity of the host's sellers goes (fact sheet 2.3).

    An empty market is all markets, no solution all solutions; both empty is the default.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="routing_rules")
    market = models.CharField(_("customer market"), max_length=2, blank=True)  # ISO alpha-2
    solution = models.ForeignKey(
        Solution,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="routing_rules",
        verbose_name=_("solution"),
    )
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, related_name="routing_rules", verbose_name=_("location")
    )

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        constraints = [
            models.UniqueConstraint(
                name="routingrule_once", fields=["organization", "market", "solution"], nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        market, solution = self.market or _("All markets"), self.solution or _("All solutions")
        return f"{market} · {solution} → {self.location}"

    @property
    def is_default(self) -> bool:
        return not self.market and self.solution_id is None


class Invite(models.Model):
    """A person is asked by mail to join an organization; the link in the mail holds until `expires_at`, once."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="invites")
    email = models.EmailField(_("e-mail address"))
    full_name = models.CharField(_("full name"), max_length=120)
    language = models.CharField(_("language"), max_length=8, blank=True, choices=settings.LANGUAGES)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    scope = models.CharField(_("scope"), max_length=10, choices=Scope, default=Scope.COMPANY)
    locations = models.ManyToManyField(Location, blank=True, related_name="invites", verbose_name=_("locations"))
    markets = ArrayField(models.CharField(max_length=2), verbose_name=_("markets"), default=list, blank=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invites_sent", editable=False)
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="invites_accepted", editable=False
    )
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("invitation to join")
        verbose_name_plural = _("invitations to join")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "organization",
                "role",
                name="invite_open_once",
                condition=Q(accepted_at__isnull=True, revoked_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.full_name} <{self.email}>"


class IdentityProvider(models.Model):
    """Where the people of an organization sign in: its own OpenID Connect provider."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.OneToOneField(Organization, on_delete=models.CASCADE, related_name="identity_provider")
    issuer = models.URLField(_("issuer"), help_text=_("The address below which .well-known/openid-configuration is."))
    client_id = models.CharField(_("client ID"), max_length=200)
    client_secret = models.CharField(_("client secret"), max_length=400)
    # Which addresses belong to it; the operator confirms them, so that nobody claims another company's.
    domains = ArrayField(models.CharField(max_length=120), verbose_name=_("domains"), default=list, blank=True)
    does_mfa = models.BooleanField(_("asks for the second factor itself"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("company sign-in")
        verbose_name_plural = _("company sign-ins")

    def __str__(self) -> str:
        return f"{self.organization}: {self.issuer}"


class Named(models.Model):
    """A word of the taxonomy that the vendor keeps; one that is no longer used is switched off, not deleted."""

    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        abstract = True
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SolutionArea(Named):
    class Meta(Named.Meta):
        verbose_name = _("solution area")
        verbose_name_plural = _("solution areas")
        constraints = [models.UniqueConstraint(name="solutionarea_once", fields=["name"])]


class SolutionPlay(Named):
    """A play belongs to one area."""

    area = models.ForeignKey(SolutionArea, on_delete=models.PROTECT, related_name="plays", verbose_name=_("area"))

    class Meta(Named.Meta):
        verbose_name = _("solution play")
        verbose_name_plural = _("solution plays")
        constraints = [models.UniqueConstraint(name="solutionplay_once", fields=["area", "name"])]


class PartnerProgram(Named):
    """A go-to-market program because of which an opportunity is shared with a partner (fact sheet 1.4)."""

    class Meta(Named.Meta):
        verbose_name = _("partner program")
        verbose_name_plural = _("partner programs")
        constraints = [models.UniqueConstraint(name="partnerprogram_once", fields=["name"])]


class CustomerAccount(models.Model):
    """Who buys. Entries of the same customer carry one `linked_group`; one that was merged points to the other."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account_id = models.CharField(_("account ID"), max_length=24, unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=160)
    former_names = ArrayField(
        models.CharField(max_length=160), verbose_name=_("former names"), default=list, blank=True
    )
    trade_names = ArrayField(
        models.CharField(max_length=160),
        verbose_name=_("trade names"),
        default=list,
        blank=True,
        help_text=_("Brands and short names that the public uses."),
    )
    category = models.CharField(_("category"), max_length=12, choices=CustomerCategory)
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="subsidiaries",
        verbose_name=_("parent company"),
    )
    linked_group = models.UUIDField(_("linked group"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )
    duns = models.CharField("D-U-N-S", max_length=9, blank=True)
    domain = models.CharField(_("domain"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    state = models.CharField(_("state"), max_length=80, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=2)
    macc = models.BooleanField("MACC", default=False)
    federal = models.BooleanField(_("federal"), default=False)
    entered_by = models.ForeignKey(
        Organization,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="entered_customers",
        verbose_name=_("entered by"),
    )
    team = models.ManyToManyField(User, blank=True, related_name="named_accounts", verbose_name=_("account team"))
    # What it is found by (accounts.names.searched); a merged account is found by nothing.
    search_name = models.CharField(max_length=200, editable=False, default="", db_collation="C")
    search_text = models.TextField(editable=False, default="")
    search_vector = SearchVectorField(editable=False, default="")
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
            GinIndex(name="customer_words", fields=["search_vector"], fastupdate=False),
            models.Index(fields=["category", "search_name"], name="customer_name"),
            models.Index(fields=["country", "category", "search_name"], name="customer_name_in_country"),
            models.Index(fields=["linked_group"], name="customer_linked", condition=Q(linked_group__isnull=False)),
            models.Index(fields=["duns"], name="customer_duns", condition=~Q(duns="")),
            models.Index(fields=["domain"], name="customer_domain", condition=~Q(domain="")),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps what is searched by in step with the names, its subsidiaries' too; nothing else happens here."""
        self.domain = self.domain.lower()
        found_by = self.searched()
        self.search_name, self.search_text, self.search_vector = found_by
        super().save(*args, **kwargs)
        learnt = {word[:250] for word in name_words(self.search_text)}
        for subsidiary in self.subsidiaries.select_related("parent"):
            name, text, vector = subsidiary.searched()
            type(self).objects.filter(pk=subsidiary.pk).update(
                search_name=name, search_text=text, search_vector=vector
            )
        CustomerWord.objects.bulk_create([CustomerWord(word=word) for word in sorted(learnt)], ignore_conflicts=True)

    def searched(self) -> Searched:
        """What it is to be found by, from its present names and place."""
        if self.merged_into_id:
            return Searched("", "", "")
        return searched(
            self.name,
            [*self.former_names, *self.trade_names, self.parent.name if self.parent else ""],
            category=self.category,
            country=self.country,
            state=self.state,
            city=self.city,
        )


class CustomerWord(models.Model):
    """The lexicon: every distinct word of the customers' names, against which what is typed is corrected.

    `frequency` is how many accounts hold it, as of the last import or `rebuild_customer_words`; close is enough.
    """

    word = models.CharField(max_length=250, primary_key=True, db_collation="C")
    frequency = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [GinIndex(name="customerword_near", fields=["word"], opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.word


class CustomerImport(models.Model):
    """A file of customer accounts: what came of it, and how far it came while `finished_at` is empty."""

    file_name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64, editable=False)
    by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, verbose_name=_("by"))
    rows_done = models.PositiveIntegerField(default=0)
    line_done = models.PositiveIntegerField(default=0)
    inserted = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    unknown_parents = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import of customers")
        verbose_name_plural = _("imports of customers")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name
