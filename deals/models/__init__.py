"""Engagement: the facts that all sides share. Deal: one organization's side of it (product.md §2).

What must always hold is a database constraint here; what may happen when is in `workflow` and `rules`.
Stages are changed by `deals.actions` only.
"""

from deals.models.deal import MAX_SOLUTIONS, MAX_TEAM, Deal, DealSolution, TeamMember
from deals.models.engagement import CustomerContact, Engagement
from deals.models.matching import MatchCase
from deals.models.own import Draft, DraftedNotes, Favorite, ListColumns

__all__ = [
    "MAX_SOLUTIONS",
    "MAX_TEAM",
    "CustomerContact",
    "Deal",
    "DealSolution",
    "Draft",
    "DraftedNotes",
    "Engagement",
    "Favorite",
    "ListColumns",
    "MatchCase",
    "TeamMember",
]
