"""The wizard is a row: what was typed stands in the draft, and every step is judged again whenever it matters.

Steps in order: Customer, Deal details, Solutions, Help, Partner collaboration, Review and create (product.md §5).
"""

from deals.wizard.alike import looks_like
from deals.wizard.draft import STEPS, Step, Wizard, drafts_of
from deals.wizard.partners import as_invitation, invitation_form, partners, partners_are_complete

__all__ = [
    "STEPS",
    "Step",
    "Wizard",
    "as_invitation",
    "drafts_of",
    "invitation_form",
    "looks_like",
    "partners",
    "partners_are_complete",
]
