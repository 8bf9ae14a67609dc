"""Repair and upkeep in the Django admin: by the operator, and by each company's admins in a room of their own."""

from accounts.admin import customers, hooks, organizations, people, providers, routing, solutions
from accounts.admin.people import PersonAdmin
from accounts.admin.room import PickedFields, Room

__all__ = [
    "PersonAdmin",
    "PickedFields",
    "Room",
    "customers",
    "hooks",
    "organizations",
    "people",
    "providers",
    "routing",
    "solutions",
]
