"""The words of who is who (product.md §2, §3). The host's name is data: labels that carry it are made with it."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class OrganizationKind(models.TextChoices):
    VENDOR = "vendor", _("Vendor")
    PARTNER = "partner", _("Partner")


class Role(models.TextChoices):
    ACCOUNT_ADMIN = "account_admin", _("Account admin")
    REFERRALS_ADMIN = "referrals_admin", _("Referrals admin")
    REFERRALS_USER = "referrals_user", _("Referrals user")
    REFERRALS_VIEWER = "referrals_viewer", _("Referrals viewer")
    SOLUTION_ADMIN = "solution_admin", _("Solution admin")
    SELLER = "seller", _("Seller")
    REVIEWER = "reviewer", _("Reviewer")
    VENDOR_ADMIN = "vendor_admin", _("Vendor admin")


VENDOR_ROLES = frozenset({Role.SELLER, Role.REVIEWER, Role.VENDOR_ADMIN})
# Who looks after the company and gives out its roles.
HEADS = frozenset({Role.ACCOUNT_ADMIN, Role.VENDOR_ADMIN})
# Who has a room in the admin: in a partner, in the vendor.
KEEPERS = frozenset({Role.ACCOUNT_ADMIN, Role.REFERRALS_ADMIN, Role.SOLUTION_ADMIN, Role.VENDOR_ADMIN})


class Scope(models.TextChoices):
    COMPANY = "company", _("Entire company")
    LOCATIONS = "locations", _("Some locations")


class EventKind(models.TextChoices):
    """What happens to an organization and its people; the register keeps it beside the deals' events."""

    PROFILE_CHANGED = "organization.changed", _("Company profile changed")
    LOCATION_CHANGED = "organization.location_changed", _("Location changed")
    SOLUTION_CHANGED = "organization.solution_changed", _("Solution changed")
    ROUTING_CHANGED = "organization.routing_changed", _("Routing rules changed")
    ROUTING_IMPORTED = "organization.routing_imported", _("Default routing rules imported")
    HOOK_CHANGED = "organization.hook_changed", _("Chat hook changed")
    HOOK_FAILING = "chat.failing", _("Chat hook fails")
    PROVIDER_CHANGED = "organization.provider_changed", _("Company sign-in changed")
    INVITED = "person.invited", _("Person invited")
    INVITE_REVOKED = "person.invite_revoked", _("Invitation of a person taken back")
    JOINED = "person.joined", _("Person joined")
    ROLE_GIVEN = "person.role_given", _("Role given")
    ROLE_CHANGED = "person.role_changed", _("Role changed")
    ROLE_TAKEN = "person.role_taken", _("Role taken away")
    LEFT = "person.left", _("Person left")
    SIGNED_IN = "person.signed_in", _("Signed in")
    SIGN_IN_FAILED = "person.sign_in_failed", _("Sign-in failed")
    SIGNED_OUT = "person.signed_out", _("Signed out")
    SESSIONS_ENDED = "person.sessions_ended", _("Signed out everywhere")
    RESET_ASKED = "person.reset_asked", _("New password asked for")
    PASSWORD_CHANGED = "person.password_changed", _("Password changed")
    MFA_ADDED = "person.mfa_added", _("Second factor added")
    MFA_REMOVED = "person.mfa_removed", _("Second factor removed")
    AWAY = "person.away", _("Out of office")
    CALENDAR_MADE = "person.calendar_made", _("Calendar address made")
    CALENDAR_REVOKED = "person.calendar_revoked", _("Calendar address revoked")


class RuleClass(models.IntegerChoices):
    """Routing rules in the order of their evaluation (fact sheet 2.3)."""

    SOLUTION_AND_MARKET = 1, _("One solution, one market")
    SOLUTION = 2, _("One solution, all markets")
    MARKET = 3, _("All solutions, one market")
    DEFAULT = 4, _("Default")


class Because(models.TextChoices):
    """Why an opportunity went to a location (fact sheet 2.2, 2.3)."""

    RULE = "rule", _("A rule")
    FOREIGN = "foreign", _("The default, as none of the solutions is the company's")
    SOLUTION = "solution", _("The location of the solution")
    GLOBAL = "global", _("The global location")


class SolutionKind(models.TextChoices):
    IP = "ip", _("IP")
    SERVICE = "service", _("Service")
    FIRST_PARTY = "first_party", _("First-party")
    ASSESSMENT = "assessment", _("Assessment")


class SolutionStatus(models.TextChoices):
    """Co-sell status, in the order in which a solution climbs."""

    IN_MARKET = "in_market", _("In market")
    COSELL_READY = "cosell_ready", _("Co-sell ready")
    AZURE_IP_ELIGIBLE = "azure_ip_eligible", _("Azure IP co-sell eligible")


class BizApps(models.TextChoices):
    STANDARD = "standard", _("Business Applications Standard")
    PREMIUM = "premium", _("Business Applications Premium")


class CustomerCategory(models.TextChoices):
    MANAGED = "managed", _("Managed")
    UNMANAGED = "unmanaged", _("Unmanaged")
    OTHER = "other", _("Other")
    MANUAL = "manual", _("Entered by hand")


def category_label(category: str, host_name: str) -> str:
    """ "Microsoft Managed" where the host is called so."""
    labels = {
        CustomerCategory.MANAGED: gettext("%(host)s Managed"),
        CustomerCategory.UNMANAGED: gettext("%(host)s Unmanaged"),
    }
    return labels.get(CustomerCategory(category), str(CustomerCategory(category).label)) % {"host": host_name}


def category_consequence(category: str, host_name: str) -> str:
    """What choosing such a customer means for registration (product.md §4, fact sheet 1.3)."""
    return {
        CustomerCategory.MANAGED: gettext("Can be registered when the other criteria are met."),
        CustomerCategory.UNMANAGED: gettext("Not managed by %(host)s: the deal cannot be registered."),
        CustomerCategory.OTHER: gettext(
            "%(host)s matches the account first; only then is it known whether you can register."
        ),
        CustomerCategory.MANUAL: gettext(
            "%(host)s matches the account first; only then is it known whether you can register."
        ),
    }[CustomerCategory(category)] % {"host": host_name}
