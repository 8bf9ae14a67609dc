"""The words of a registration: what is claimed, what is decided, what happened. Labels are what people read.

Sources: product.md §7; fact sheet 3.3 to 3.7. Where a registration stands is `deals.enums.RegistrationState`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from deals.enums import RegistrationState


class ProgramCode(models.TextChoices):
    """The programs; what each asks stands in `registrations.programs`."""

    AZURE_IP = "azure_ip", _("Azure IP co-sell")
    BIZAPPS_STANDARD = "bizapps_standard", _("Business Applications Standard")
    BIZAPPS_PREMIUM = "bizapps_premium", _("Business Applications Premium")


class Field(models.TextChoices):
    """What the form asks (fact sheet 3.4), as forms, comments, the timeline and a diff call it."""

    PROGRAM = "program", _("Program")
    MARKETPLACE = "is_marketplace", _("Is marketplace transaction?")
    MARKETPLACE_ON = "marketplace_on", _("Estimated marketplace transaction date")
    DEPLOYED_ON = "deployed_on", _("Will the solution be deployed on Azure?")
    PERPETUAL = "is_perpetual", _("Is this contract a perpetual contract?")
    CONTRACT_VALUE = "contract_value", _("Total contract value")
    CURRENCY = "currency", _("Currency")
    SOLUTION_VALUES = "solution_values", _("Solution value")
    SIGNED_ON = "signed_on", _("Contract signed date")
    STARTS_ON = "starts_on", _("Contract start date")
    ENDS_ON = "ends_on", _("Contract end date")
    TENANT = "tenant", _("Tenant type")
    TENANT_ID = "tenant_id", _("Tenant ID")
    PRICING = "pricing", _("Pricing model")
    HOLDS_CONTRACT = "holds_contract", _("Contract with the customer")
    EVIDENCE = "evidence", _("Evidence")


# What an approved exception may unlock, and nothing else (fact sheet 3.7).
UNLOCKABLE = (Field.PERPETUAL, Field.CONTRACT_VALUE, Field.SIGNED_ON, Field.STARTS_ON, Field.ENDS_ON)


class DeployedOn(models.TextChoices):
    AZURE = "azure", _("Azure")
    OTHER = "other", _("Others")


class Tenant(models.TextChoices):
    """Whose tenant consumes the solution."""

    CUSTOMER = "customer", _("Customer tenant")
    PARTNER = "partner", _("Partner tenant")


class Pricing(models.TextChoices):
    PAYG = "payg", _("Pay-as-you-go")
    OTHER = "other", _("Other")


class ReviewReason(models.TextChoices):
    """Why a person looks at it before it is approved (product.md §7)."""

    OVER_MILLION = "over_million", _("Annual value above USD 1 million")
    SEVERAL_PARTNERS = "several_partners", _("Several partners on the deal")
    PAYG = "payg", _("Pay-as-you-go")
    EARLY = "early", _("Won within 72 hours")
    DUPLICATE = "duplicate", _("Possible duplicate")
    MANUAL_CUSTOMER = "manual_customer", _("Customer entered by hand")
    CONTESTED = "contested", _("Another partner registered this deal")
    EXCEPTION = "exception", _("After an exception request")
    RESUBMITTED = "resubmitted", _("Sent again after changes")
    PICKED = "picked", _("Picked after approval")
    DRAWN = "drawn", _("Drawn at random")


class Action(models.TextChoices):
    """Everything that can be done with a registration. `workflow.TRANSITIONS` says from where to where."""

    SAVE = "save", _("Save the form")
    SUBMIT = "submit", _("Register")
    WAIVE = "waive", _("Close without registration")
    CHANGE = "change", _("Propose a change")
    RESUBMIT = "resubmit", _("Send again")
    PASS = "pass", _("Pass")
    FAIL = "fail", _("Fail")
    ASK = "ask", _("Ask for changes")
    APPLY = "apply", _("Take over the changes")
    PICK = "pick", _("Pick for review")
    UNDO = "undo", _("Undo the decision")
    REQUEST = "request", _("Request exception")
    REOPEN = "reopen", _("Approve the exception")


class Outcome(models.TextChoices):
    """What a reviewer decides."""

    PASS = "pass", pgettext_lazy("decision", "Pass")
    FAIL = "fail", pgettext_lazy("decision", "Fail")
    ASK = "ask", pgettext_lazy("decision", "Ask for changes")


class FailReason(models.TextChoices):
    """Why a review failed, as the partner reads it."""

    COMPANY_NOT_NAMED = "company_not_named", _("The contract does not name the company")
    SOLUTION_NOT_NAMED = "solution_not_named", _("The contract does not name the eligible solution")
    DATES_DISAGREE = "dates_disagree", _("The dates differ from the contract")
    VALUE_DISAGREES = "value_disagrees", _("The value differs from the contract")
    REGISTERED_ALREADY = "registered_already", _("It has been registered already")
    NOT_THE_CUSTOMER = "not_the_customer", _("The contract is not with this customer")
    NO_EVIDENCE = "no_evidence", _("No evidence of the contract")
    NO_TRANSACTION = "no_transaction", _("No marketplace transaction was found")
    OTHER = "other_reason", _("Another reason, explained in words")


class Check(models.TextChoices):
    """The reviewer's checklist; each program says which of them it wants."""

    COMPANY_NAMED = "company_named", _("Company named in the contract")
    SOLUTION_NAMED = "solution_named", _("Eligible solution named in the contract")
    CUSTOMER = "customer", _("Contract is with this customer")
    DATES = "dates", _("Dates agree")
    VALUE = "value", _("Value agrees, without hardware")
    TENANT = "tenant", _("Tenant is right")
    NO_DUPLICATE = "no_duplicate", _("Not a duplicate")


class Level(models.IntegerChoices):
    """Whose decision is waited for. Above USD 1 million a second person confirms; where they differ, the admin."""

    FIRST = 1, _("First decision")
    SECOND = 2, _("Second decision")
    ADMIN = 3, _("Vendor admin")


class ChangeState(models.TextChoices):
    """What became of changes that were proposed while a reviewer had the registration."""

    WAITING = "waiting", pgettext_lazy("changes", "Waiting")
    APPLIED = "applied", pgettext_lazy("changes", "Taken over by the reviewer")
    MERGED = "merged", pgettext_lazy("changes", "Sent with the next submission")
    WITHDRAWN = "withdrawn", pgettext_lazy("changes", "Withdrawn")
    LAPSED = "lapsed", pgettext_lazy("changes", "Lapsed with the decision")


class ExceptionState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("exception", "Waiting for an answer")
    APPROVED = "approved", pgettext_lazy("exception", "Approved")
    REFUSED = "refused", pgettext_lazy("exception", "Refused")


class FileKind(models.TextChoices):
    """What evidence may be, by its content."""

    PDF = "pdf", "PDF"
    PNG = "png", "PNG"
    JPEG = "jpeg", "JPEG"
    WEBP = "webp", "WebP"
    DOCX = "docx", _("Word document")
    XLSX = "xlsx", _("Excel workbook")
    PPTX = "pptx", _("PowerPoint presentation")


class Scan(models.TextChoices):
    """What the scan for malware said."""

    OFF = "off", _("not scanned")
    CLEAN = "clean", _("no malware found")


class ReceiptKind(models.TextChoices):
    SUBMISSION = "submission", _("Submission")
    DECISION = "decision", _("Decision")


class EventKind(models.TextChoices):
    """What can happen to a registration; the label heads its entry in the timeline."""

    SUBMITTED = "registration.submitted", _("Registration submitted")
    APPROVED = "registration.approved", _("Registration approved")
    REVIEW_STARTED = "registration.review_started", _("Registration goes to review")
    PICKED = "registration.picked", _("Registration picked for review")
    FIRST_DECIDED = "registration.first_decided", _("First decision of the review")
    DISAGREED = "registration.disagreed", _("Reviewers disagree")
    PASSED = "registration.passed", _("Review passed")
    FAILED = "registration.failed", _("Review failed")
    ACTION_REQUIRED = "registration.action_required", _("Action required")
    RESUBMITTED = "registration.resubmitted", _("Registration sent again")
    MARKET_PASSED = "registration.market_passed", _("Marketplace validation passed")
    MARKET_FAILED = "registration.market_failed", _("Marketplace validation failed")
    UNDONE = "registration.undone", _("Decision taken back")
    WAIVED = "registration.waived", _("Closed without registration")
    CLOSED = "registration.closed", _("Registration closed")
    CHANGE_PROPOSED = "registration.change_proposed", _("Changes proposed during the review")
    CHANGE_WITHDRAWN = "registration.change_withdrawn", _("Proposed changes withdrawn")
    CHANGE_APPLIED = "registration.change_applied", _("Proposed changes taken over")
    EXCEPTION_REQUESTED = "registration.exception_requested", _("Exception requested")
    EXCEPTION_APPROVED = "registration.exception_approved", _("Exception approved")
    EXCEPTION_REFUSED = "registration.exception_refused", _("Exception refused")
    ASSIGNED = "registration.assigned", _("Review assigned")
    REVIEW_DUE = "registration.review_due", _("Reviewer reminded")
    ESCALATED = "registration.escalated", _("Review escalated")
    EVIDENCE_ADDED = "registration.evidence_added", _("Evidence added")
    EVIDENCE_REMOVED = "registration.evidence_removed", _("Evidence removed")


IN_REVIEW = (RegistrationState.REVIEW_PENDING, RegistrationState.MARKETPLACE_PENDING)
DECIDED = (
    RegistrationState.REVIEW_PASSED,
    RegistrationState.REVIEW_FAILED,
    RegistrationState.MARKETPLACE_PASSED,
    RegistrationState.MARKETPLACE_FAILED,
)
EDITABLE = (RegistrationState.PENDING, RegistrationState.ACTION_REQUIRED)
