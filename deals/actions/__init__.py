"""Every write with a meaning. Each action: transaction, lock, check on the locked row, write, event."""

from deals.actions.answer import (
    accept_deal,
    decline_deal,
    due_reminder,
    expire_deal,
    mark_seen,
    remind_to_answer,
    withdraw_for_closed_sender,
    withdraw_invitation,
)
from deals.actions.create import Contact, NewDeal, create_deal
from deals.actions.door import refused
from deals.actions.drafts import drafts_to_tend, tend_draft
from deals.actions.edit import add_note, edit_contact, edit_details, edit_solutions, edit_team, set_favorite
from deals.actions.from_mail import answer_from_mail
from deals.actions.hand_over import hand_over
from deals.actions.invite import Invitation, Person, invite_partner, release_host_invitation
from deals.actions.match import (
    answer_question,
    ask_partner,
    look_for_account,
    match_account,
    merge_accounts,
    refuse_match,
    undo_match,
)
from deals.actions.privacy import erase_person, export_person, remove_contact
from deals.actions.progress import close_as_error, lose_deal, mark_stage, undo, win_deal
from deals.actions.registration import set_registration
from deals.actions.share import share_deal

__all__ = [
    "Contact",
    "Invitation",
    "NewDeal",
    "Person",
    "accept_deal",
    "add_note",
    "answer_from_mail",
    "answer_question",
    "ask_partner",
    "close_as_error",
    "create_deal",
    "decline_deal",
    "drafts_to_tend",
    "due_reminder",
    "edit_contact",
    "edit_details",
    "edit_solutions",
    "edit_team",
    "erase_person",
    "expire_deal",
    "export_person",
    "hand_over",
    "invite_partner",
    "look_for_account",
    "lose_deal",
    "mark_seen",
    "mark_stage",
    "match_account",
    "merge_accounts",
    "refuse_match",
    "refused",
    "release_host_invitation",
    "remind_to_answer",
    "remove_contact",
    "set_favorite",
    "set_registration",
    "share_deal",
    "tend_draft",
    "undo",
    "undo_match",
    "win_deal",
    "withdraw_for_closed_sender",
    "withdraw_invitation",
]
