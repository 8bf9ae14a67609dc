"""Find customers among millions, and partners among thousands (docs/customer-search.md)."""

from accounts.search.by_name import Holds
from accounts.search.customers import (
    CustomerResults,
    CustomerRow,
    CustomerTab,
    choosable_by,
    chosen_elsewhere,
    count_label,
    find_choosable,
    known_accounts,
    named,
    same_id,
    search_customers,
)
from accounts.search.near import Described, in_common, near_accounts
from accounts.search.partners import find_partners

__all__ = [
    "CustomerResults",
    "CustomerRow",
    "CustomerTab",
    "Described",
    "Holds",
    "choosable_by",
    "chosen_elsewhere",
    "count_label",
    "find_choosable",
    "find_partners",
    "in_common",
    "known_accounts",
    "named",
    "near_accounts",
    "same_id",
    "search_customers",
]
