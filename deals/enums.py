"""The words of a deal: kinds, visibility, stages, reasons, help. Labels are what people read.

Sources: product.md §5, §6; fact sheet 1.1, 1.4, 1.6, 1.9, 1.10, 1.11.
"""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What is being co-sold."""

    IP = "ip", _("IP co-sell")
    SERVICES = "services", _("Services co-sell")
    ASSESSMENT = "assessment", _("Solution assessment")


class Visibility(models.TextChoices):
    """How far the host sees an engagement. One way only, in this order."""

    PRIVATE = "private", _("Private")
    PARTNER_LED = "partner_led", _("Partner-led")
    COSELL = "cosell", _("Co-sell")

    @property
    def rank(self) -> int:
        return list(Visibility).index(self)


class Direction(models.TextChoices):
    """A side is outbound for who created the engagement, inbound for who was invited."""

    OUTBOUND = "outbound", _("Outbound")
    INBOUND = "inbound", _("Inbound")


class Help(models.TextChoices):
    """Help asked of the host (fact sheet 1.6)."""

    NONE = "none", _("No help required at this point of time")
    WORKLOAD = "workload", _("Workload-specific value proposition")
    ARCHITECTURE = "architecture", _("Customer technical architecture")
    POC = "poc", _("Proof of concept / Demo")
    QUOTES = "quotes", _("Quotes / Licensing")
    POST_SALES = "post_sales", _("Post-sales customer success")
    GENERAL = "general", _("General or other")


class Intent(models.TextChoices):
    """Does the customer mean to buy through the marketplace?"""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNDECIDED = "undecided", _("Have not decided")


class PartnerRole(models.TextChoices):
    """What a services partner does in the deal (fact sheet 1.4)."""

    PRESALES = "presales", _("Presales envisioning")
    DESIGN = "design", _("Solution design")
    POC = "poc", _("Proof of concept")
    STRATEGY = "strategy", _("Business strategy")
    DEPLOYMENT = "deployment", _("Deployment services")
    ADOPTION = "adoption", _("Adoption and change management")
    TRANSACTION = "transaction", _("Transaction")
    MANAGED = "managed", _("Managed services")


class Stage(models.TextChoices):
    """Where a side stands (product.md §6)."""

    RECEIVED = "received", pgettext_lazy("stage", "Received")
    CREATED = "created", pgettext_lazy("stage", "Created")
    ACCEPTED = "accepted", pgettext_lazy("stage", "Accepted")
    QUALIFIED = "qualified", pgettext_lazy("stage", "Qualified")
    DEVELOPED = "developed", pgettext_lazy("stage", "Developed")
    PROPOSED = "proposed", pgettext_lazy("stage", "Proposed")
    NEGOTIATED = "negotiated", pgettext_lazy("stage", "Negotiated")
    LOE = "loe", pgettext_lazy("stage", "Secure customer LOE")
    DATA = "data", pgettext_lazy("stage", "Collect data")
    REPORT = "report", pgettext_lazy("stage", "Prepare assessment report")
    PRESENTED = "presented", pgettext_lazy("stage", "Present to customer")
    WON = "won", pgettext_lazy("stage", "Won")
    LOST = "lost", pgettext_lazy("stage", "Lost")
    DECLINED = "declined", pgettext_lazy("stage", "Declined")
    EXPIRED = "expired", pgettext_lazy("stage", "Expired")
    ERROR = "error", pgettext_lazy("stage", "Error")


# Named groups, in the order in which a side walks through them.
SALES_STAGES = (Stage.QUALIFIED, Stage.DEVELOPED, Stage.PROPOSED, Stage.NEGOTIATED)
ASSESSMENT_STAGES = (Stage.LOE, Stage.DATA, Stage.REPORT, Stage.PRESENTED)
STARTED = (Stage.CREATED, Stage.ACCEPTED)
ACTIVE = (*STARTED, *SALES_STAGES, *ASSESSMENT_STAGES)
UNANSWERED = (Stage.DECLINED, Stage.EXPIRED)  # the invitation led to nothing: a new one may follow
TERMINAL = (Stage.WON, Stage.LOST, Stage.ERROR, *UNANSWERED)
OPEN = (Stage.RECEIVED, *ACTIVE)


class Action(models.TextChoices):
    """Everything a person can do on a side. `workflow.TRANSITIONS` says from where to where."""

    ACCEPT = "accept", _("Accept")
    DECLINE = "decline", _("Decline")
    HAND_OVER = "hand_over", _("Hand over")
    EXPIRE = "expire", _("Expire")
    WITHDRAW = "withdraw", _("Withdraw the invitation")
    QUALIFY = "qualify", _("Mark as qualified")
    DEVELOP = "develop", _("Mark as developed")
    PROPOSE = "propose", _("Mark as proposed")
    NEGOTIATE = "negotiate", _("Mark as negotiated")
    SECURE_LOE = "secure_loe", _("Mark LOE as secured")
    COLLECT_DATA = "collect_data", _("Mark data as collected")
    PREPARE_REPORT = "prepare_report", _("Mark report as prepared")
    PRESENT = "present", _("Mark as presented")
    WIN = "win", _("Won")
    LOSE = "lose", _("Lost")
    CLOSE_AS_ERROR = "close_as_error", _("Close as error")
    UNDO = "undo", _("Undo")
    EDIT = "edit", _("Edit")
    NOTE = "note", _("Add a note")
    SHARE = "share", _("Share with sellers")
    INVITE = "invite", _("Invite partner")


class DeclineReason(models.TextChoices):
    """Why declined or lost (fact sheet 1.10, in its order)."""

    BUDGET = "budget", _("Project budget isn't adequate")
    NO_RESPONSE = "no_response", _("Customer didn't respond")
    OTHER_SUPPLIER = "other_supplier", _("Customer chose another vendor")
    REQUIREMENT = "requirement", _("Customer requirement not met")
    NOT_A_CUSTOMER = "not_a_customer", _("Not a customer")
    TIMELINE = "timeline", _("Proposed time line was too short")
    ABUSE = "abuse", _("Report as abuse, spam, or phishing")
    OTHER = "other", _("Others")


class ErrorReason(models.TextChoices):
    """Why closed as error (fact sheet 1.11, in its order)."""

    DUPLICATE_UPLOAD = "duplicate_upload", _("Duplicate - created through bulk upload")
    DUPLICATE_PORTAL = "duplicate_portal", _("Duplicate - created in the portal")
    DUPLICATE_RECEIVED = "duplicate_received", _("Duplicate - sent by the other side")
    CONNECTOR = "connector", _("Connector data sync issues")
    CUSTOMER = "customer", _("Customer matching issues")
    SOLUTION = "solution", _("Solution issues - explain in notes")
    TEST = "test", _("Test referral")
    DATA = "data", _("Data error")
    OTHER = "other", _("Others - explain in notes")


class ExpiryReason(models.TextChoices):
    """Why an invitation ended without an answer."""

    TIME = "time", _("Not answered within 14 days")
    SENDER_CLOSED = "sender_closed", _("The sender closed the deal")
    WITHDRAWN = "withdrawn", _("The sender withdrew the invitation")


class EventKind(models.TextChoices):
    """What can happen on a deal; the label heads its entry in the timeline."""

    CREATED = "deal.created", _("Deal created")
    SHARED = "deal.shared", _("Shared with sellers")
    INVITED = "deal.invited", _("Invitation sent")
    SEEN = "deal.seen", _("Invitation seen")
    EXPIRING = "deal.expiring", _("Reminder sent")
    ACCEPTED = "deal.accepted", _("Accepted")
    DECLINED = "deal.declined", _("Declined")
    EXPIRED = "deal.expired", _("Expired")
    WITHDRAWN = "deal.withdrawn", _("Invitation withdrawn")
    MARKED = "deal.marked", _("Stage marked")
    WON = "deal.won", _("Won")
    LOST = "deal.lost", _("Lost")
    CLOSED_AS_ERROR = "deal.closed_as_error", _("Closed as error")
    UNDONE = "deal.undone", _("Undone")
    EDITED = "deal.edited", _("Edited")
    NOTED = "deal.noted", _("Note")
    HANDED_OVER = "deal.handed_over", _("Handed over")
    ACCOUNT_MATCHED = "deal.account_matched", _("Account matched")
    ACCOUNT_NOT_MATCHED = "deal.account_not_matched", _("No account found")
    ACCOUNT_ASKED = "deal.account_asked", _("Question about the customer")
    ACCOUNT_ANSWERED = "deal.account_answered", _("Answer about the customer")
    ACCOUNT_UNMATCHED = "deal.account_unmatched", _("Account match undone")
    ACCOUNT_MERGED = "deal.account_merged", _("Customer accounts merged")
    NOTES_DRAFTED = "deal.notes_drafted", _("Notes for sellers drafted")
    CONTACT_REMOVED = "deal.contact_removed", _("Customer contact removed")


class DraftCare(models.TextChoices):
    """What happens to a draft that nobody goes on with."""

    REMINDED = "draft.reminded", _("Owner reminded")
    WARNED = "draft.warned", _("Owner warned")
    REMOVED = "draft.removed", _("Draft removed")


class PersonalData(models.TextChoices):
    """What the operator does with what is held about a person (docs/privacy.md)."""

    EXPORTED = "privacy.exported", _("Personal data exported")
    ERASED = "privacy.erased", _("Personal data erased")


# What account matching does to an engagement; nobody's side moves by it.
MATCHING_EVENTS = (
    EventKind.ACCOUNT_MATCHED,
    EventKind.ACCOUNT_NOT_MATCHED,
    EventKind.ACCOUNT_ASKED,
    EventKind.ACCOUNT_ANSWERED,
    EventKind.ACCOUNT_UNMATCHED,
    EventKind.ACCOUNT_MERGED,
)


class MatchState(models.TextChoices):
    """Where a case of account matching stands (product.md §4)."""

    WAITING = "waiting", pgettext_lazy("matching", "Waiting")
    ASKED = "asked", pgettext_lazy("matching", "Partner asked")
    MATCHED = "matched", pgettext_lazy("matching", "Matched")
    NO_MATCH = "no_match", pgettext_lazy("matching", "No match")


UNDECIDED = (MatchState.WAITING, MatchState.ASKED)
DECIDED = (MatchState.MATCHED, MatchState.NO_MATCH)


class Decision(models.TextChoices):
    """What can be done with a case; `answer` is the partner's, the rest is for the host's reviewers."""

    MATCH = "match", _("Match with this account")
    NO_MATCH = "no-match", _("No match")
    ASK = "ask", _("Ask the partner")
    ANSWER = "answer", _("Answer")
    UNDO = "undo", _("Not the same: undo")


class NoMatchReason(models.TextChoices):
    """Why a customer is none of the known accounts."""

    UNKNOWN = "no_account", _("This customer has no account")
    UNCLEAR = "unclear", _("The details do not say which account it is")
    NO_COMPANY = "no_company", _("Not a company or public body")
    EXPLAINED = "explained", _("Another reason, explained in words")


class Standing(models.TextChoices):
    """How a criterion of registration stands."""

    MET = "met", pgettext_lazy("criterion", "met")
    NOT_MET = "not_met", pgettext_lazy("criterion", "not met")
    NOT_YET = "not_yet", pgettext_lazy("criterion", "not yet")


class RegistrationState(models.TextChoices):
    """Where the registration of a side stands (product.md §6, §7; fact sheet 3.5); empty where nothing leads to one.

    The side carries it for lists and the stepper; what is claimed stands in the app `registrations`.
    """

    POSSIBLE = "possible", pgettext_lazy("registration", "On course")  # not won yet, and nothing stands against it
    PENDING = "pending", pgettext_lazy("registration", "Registration (Pending)")
    LAPSED = "lapsed", pgettext_lazy("registration", "Not registered in time")
    WAIVED = "waived", pgettext_lazy("registration", "Closed without registration")
    APPROVED = "approved", pgettext_lazy("registration", "Approved")
    REVIEW_PENDING = "review_pending", pgettext_lazy("registration", "Review (Pending)")
    ACTION_REQUIRED = "action_required", pgettext_lazy("registration", "Action required")
    REVIEW_PASSED = "review_passed", pgettext_lazy("registration", "Review (Passed)")
    REVIEW_FAILED = "review_failed", pgettext_lazy("registration", "Review (Failed)")
    MARKETPLACE_PENDING = "market_pending", pgettext_lazy("registration", "Marketplace Validation (Pending)")
    MARKETPLACE_PASSED = "market_passed", pgettext_lazy("registration", "Marketplace Validation (Passed)")
    MARKETPLACE_FAILED = "market_failed", pgettext_lazy("registration", "Marketplace Validation (Failed)")


# What still waits for somebody. An approved one may be picked for review until its registration is closed.
REGISTRATION_WAITS = (
    RegistrationState.PENDING,
    RegistrationState.REVIEW_PENDING,
    RegistrationState.ACTION_REQUIRED,
    RegistrationState.MARKETPLACE_PENDING,
)
REGISTRATION_SUBMITTED = (
    RegistrationState.APPROVED,
    RegistrationState.REVIEW_PENDING,
    RegistrationState.ACTION_REQUIRED,
    RegistrationState.REVIEW_PASSED,
    RegistrationState.REVIEW_FAILED,
    RegistrationState.MARKETPLACE_PENDING,
    RegistrationState.MARKETPLACE_PASSED,
    RegistrationState.MARKETPLACE_FAILED,
)


class DraftOutcome(models.TextChoices):
    """How a draft of the notes for sellers ended, that was asked of a language model."""

    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")
    SLOW = "slow", _("Too slow")
    CUT_OFF = "cut_off", _("Cut off")
    REFUSED = "refused", _("Refused")
    GARBAGE = "garbage", _("Not understood")
    BUSY = "busy", _("Busy")
    UNREACHABLE = "unreachable", _("Unreachable")


class Way(StrEnum):
    """By which of a person's roles a side may be seen. `queries.WAYS` says what each needs."""

    ADMIN = "admin"
    VIEWER = "viewer"
    TEAM = "team"
    MARKET = "market"
    ACCOUNT = "account"


class Need(StrEnum):
    """What may hold of a side and a person; `queries.needs` has the condition of each."""

    OWN = "own"  # of the person's organization
    SHOWN = "shown"  # of another one, which leads the deal and shows it to the host
    ADMIN_SCOPE = "admin_scope"
    VIEWER_SCOPE = "viewer_scope"
    USER_SCOPE = "user_scope"
    ADMIN_OF_ALL = "admin_of_all"
    VIEWER_OF_ALL = "viewer_of_all"
    TEAM = "team"
    MARKET = "market"
    ACCOUNT = "account"


class Likeness(models.TextChoices):
    """What a deal being typed and one of the own company have in common, or what tells them apart again.

    The points of each stand in `deals.conflicts.POINTS`.
    """

    CUSTOMER = "customer", _("same customer")
    LINKED = "linked", _("linked account of the customer")
    DUNS = "duns", _("customer with the same D-U-N-S")
    DOMAIN = "domain", _("customer with the same domain")
    NAMESAKE = "namesake", _("customer of the same name")
    GROUP = "group", _("parent company or subsidiary")
    SOLUTION = "solution", _("same solution")
    OVERLAP = "overlap", _("overlapping solution")
    NAME = "name", _("name %(alike)d %% alike")
    CLOSE_ON = "close_on", _("close date near")
    VALUE = "value", _("similar value")
    NOT_WON = "not_won", _("came to nothing")
    ERROR = "error", _("was an error")
    LONG_AGO = "long_ago", _("closed more than 90 days ago")


class Step(models.TextChoices):
    """The chain of who decides about an invitation, in its order (product.md §8; `receivers` says who is where)."""

    ACCOUNT = "account", _("named on the customer's account")
    MARKET = "market", _("covers the customer's market")
    LOCATION = "location", _("admin of the location")
    COMPANY = "company", _("admin of the company or of its global location")
    OTHERS = "others", _("admin of another location")
    KEEPERS = "keepers", _("gives out the roles")
    ANYBODY = "anybody", _("works there")
