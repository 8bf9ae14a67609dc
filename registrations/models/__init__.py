"""What is claimed: programs, registrations, reviews, exceptions, evidence, receipts (product.md §7)."""

from registrations.models.evidence import MAX_BYTES, MAX_FILES, Evidence
from registrations.models.program import Blackout, ExchangeRate, Program, first_of_month
from registrations.models.receipt import Receipt, ReceiptKey
from registrations.models.registration import ChangeSet, Registration, RegistrationSolution, Submission
from registrations.models.review import ExceptionRequest, SavedFilter, Verdict

__all__ = [
    "MAX_BYTES",
    "MAX_FILES",
    "Blackout",
    "ChangeSet",
    "Evidence",
    "ExceptionRequest",
    "ExchangeRate",
    "Program",
    "Receipt",
    "ReceiptKey",
    "Registration",
    "RegistrationSolution",
    "SavedFilter",
    "Submission",
    "Verdict",
    "first_of_month",
]
