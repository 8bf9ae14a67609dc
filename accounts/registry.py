"""What apps above this one add to what happens to people: the one named place, filled when they start (house.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from accounts.models import Organization, User
from accounts.who import Who

# The places of a person who leaves `who.organization`, to the successor; how many went over. Called in that
# transaction, with the organization and both people locked; locks engagements and deals in their order.
OnLeaving = Callable[[Who, User, User | None, datetime], int]
# What the person would leave there, in a sentence for whoever decides about it; "" for nothing.
LeftBehind = Callable[[User, Organization], str]

on_leaving: list[OnLeaving] = []
left_behind: list[LeftBehind] = []


def add(*, hands_over: OnLeaving, says: LeftBehind) -> None:
    """Called once by each app above, at start-up."""
    if hands_over not in on_leaving:
        on_leaving.append(hands_over)
        left_behind.append(says)
