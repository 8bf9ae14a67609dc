"""May this file be added or removed (product.md §7)? Every refusal stands at the field of the files."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cosell.web.reasons import Reason
from deals.enums import RegistrationState, Stage
from registrations import perms
from registrations.enums import IN_REVIEW, Action
from registrations.evidence.kinds import no
from registrations.models import MAX_BYTES, MAX_FILES
from registrations.rules import acting

if TYPE_CHECKING:
    from accounts.who import Who
    from deals.models import Deal
    from registrations.models import Evidence, Registration


def adding_refusals(who: Who, deal: Deal, registration: Registration | None, now: datetime) -> list[Reason]:
    """Why `who` may not add files: with the form (to the draft, or what is to be sent again), or beside a review."""
    if registration is not None:
        action = Action.CHANGE if registration.state in IN_REVIEW else Action.SAVE
        return acting.refusals(who, registration, action, now)
    if denied := perms.claiming_refusals(who, deal):
        return denied
    if deal.stage != Stage.WON:
        return [no("not_won", _("Evidence belongs to a registration, and that comes when the deal is won."))]
    return []


def removing_refusals(who: Who, evidence: Evidence, now: datetime) -> list[Reason]:
    """Why `who` may not remove a file: what a reviewer was sent stays, unless changes are asked for."""
    registration = evidence.registration
    if reasons := adding_refusals(who, registration.deal, registration, now):
        return reasons
    return sent_refusals(registration, evidence)


def sent_refusals(registration: Registration, evidence: Evidence) -> list[Reason]:
    """Why a file has to stay, whoever asks."""
    if evidence.number is None or registration.state == RegistrationState.ACTION_REQUIRED:
        return []
    words = _("This file is part of what you sent, and is being reviewed.")
    return [no("sent", words, _("You can add another one; if the reviewer asks for changes, you can remove it."))]


def size_refusals(size: int) -> list[Reason]:
    """Why a file of so many bytes is not taken."""
    if size <= 0:
        return [no("empty_file", _("The file is empty."), _("Choose it again, or save it anew first."))]
    if size > MAX_BYTES:
        words = _("The file has %(size)s MB; the limit is %(limit)s MB.")
        facts = {"size": f"{size / 1024**2:.1f}", "limit": MAX_BYTES // 1024**2}
        return [no("too_large", words % facts, _("Leave out what nobody needs, or save it with smaller images."))]
    return []


def number_refusals(registration: Registration, *, whole: bool) -> list[Reason]:
    """Why one file more is not taken: of those that are whole, or of those that are on their way."""
    present = registration.evidence.filter(removed_at=None)
    present = present.exclude(sha256="") if whole else present.filter(sha256="")
    if present.count() < MAX_FILES:
        return []
    if not whole:
        words = _("Too many uploads for this registration are still under way.")
        return [no("too_many_uploads", words, _("Wait until they are through."))]
    words = ngettext("A registration holds %(most)s file.", "A registration holds %(most)s files.", MAX_FILES)
    return [no("too_many_files", words % {"most": MAX_FILES}, _("Remove one, or put several into one PDF."))]


def same_refusals(registration: Registration, sha256: str) -> list[Reason]:
    """The same content twice helps no reviewer."""
    same = registration.evidence.filter(removed_at=None, sha256=sha256).first()
    return [no("same_file", _("You have added this file already: %(name)s.") % {"name": same.name})] if same else []
