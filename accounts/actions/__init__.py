"""The only places that write what means something to people: customers, organizations, people."""

from accounts.actions.customers import (
    create_organization,
    enter_customer,
    held_customer,
    locked_customers,
    merge_customer,
    split_customer,
)
from accounts.actions.door import lock_organization, tell, tell_of_person

__all__ = [
    "create_organization",
    "enter_customer",
    "held_customer",
    "lock_organization",
    "locked_customers",
    "merge_customer",
    "split_customer",
    "tell",
    "tell_of_person",
]
