"""The only places that write what means something to people: customers, organizations, people."""

from accounts.actions.away import clear_away, set_away, stand_in
from accounts.actions.calendar import make_calendar, reader_of, revoke_calendar
from accounts.actions.customers import (
    create_organization,
    enter_customer,
    held_customer,
    locked_customers,
    merge_customer,
    split_customer,
)
from accounts.actions.door import lock_organization, tell, tell_of_person
from accounts.actions.joining import accept_invite, invite_person, resend_invite, revoke_invite
from accounts.actions.people import change_role, give_role, leave, take_role
from accounts.actions.routing import delete_rule, import_defaults, save_rule

__all__ = [
    "accept_invite",
    "change_role",
    "clear_away",
    "create_organization",
    "delete_rule",
    "enter_customer",
    "give_role",
    "held_customer",
    "import_defaults",
    "invite_person",
    "leave",
    "lock_organization",
    "locked_customers",
    "make_calendar",
    "merge_customer",
    "reader_of",
    "resend_invite",
    "revoke_calendar",
    "revoke_invite",
    "save_rule",
    "set_away",
    "split_customer",
    "stand_in",
    "take_role",
    "tell",
    "tell_of_person",
]
