"""Made-up registrations for the previews of messages (deals/samples.py): no row is read or written."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from cosell import clock
from cosell.events.enums import Fill
from deals import samples
from deals.enums import RegistrationState as State
from deals.enums import Stage
from registrations.enums import FailReason, Field, Pricing, ProgramCode, ReviewReason
from registrations.models import Program, Registration
from registrations.rules.eligibility import Judged

STATES = {
    "registration_approved": State.APPROVED,
    "registration_action_required": State.ACTION_REQUIRED,
    "registration_passed": State.REVIEW_PASSED,
    "registration_failed": State.REVIEW_FAILED,
    "marketplace_passed": State.MARKETPLACE_PASSED,
    "marketplace_failed": State.MARKETPLACE_FAILED,
    "exception_approved": State.ACTION_REQUIRED,
    "exception_refused": State.REVIEW_FAILED,
}
REASONS = {
    "registration_in_review": ReviewReason.PAYG,
    "registration_picked": ReviewReason.PICKED,
    "registration_failed": FailReason.DATES_DISAGREE,
    "marketplace_failed": FailReason.NO_TRANSACTION,
}
MAY_ASK = ("registration_failed", "marketplace_failed")


def of_team(name: str, fill: Fill) -> dict[str, Any]:
    """As `notifications._team_words`."""
    given, is_missing = _of_registration(name, fill), fill == Fill.MISSING
    unlocked = [] if is_missing else [str(Field.SIGNED_ON.label), str(Field.STARTS_ON.label)]
    until = clock.now() + timedelta(days=60) if name in MAY_ASK and not is_missing else None
    return {
        **given,
        "exception": {"unlocked": unlocked},
        "ask_until": until,
        "left_over": fill == Fill.LONG,
        "url": reverse("registrations:registration", args=[given["deal"].uid]),
    }


def of_host(name: str, fill: Fill) -> dict[str, Any]:
    """As `notifications._reviewer_words`."""
    given = _of_registration(name, fill)
    return {
        **given,
        "about_exception": name == "exception_requested",
        "organization": given["deal"].organization,
        "url": reverse("registrations:case", args=[uuid.UUID(int=0)]),
    }


def of_possible(name: str, fill: Fill) -> dict[str, Any]:
    """As `notifications._possible_context`."""
    given = samples.of_deal(name, fill)
    judged = Judged(ProgramCode.AZURE_IP, [samples.criterion(fill)])
    return {**given, "deal": given["side"], "judged": judged, "until": clock.now() + timedelta(days=60)}


def _of_registration(name: str, fill: Fill) -> dict[str, Any]:
    sent = samples.case(fill, Stage.ACCEPTED).sent
    state, reason = STATES.get(name, State.REVIEW_PENDING), REASONS.get(name)
    registration = Registration(
        uid=sent.uid, deal=sent, engagement=sent.engagement, state=state, pricing=Pricing.PAYG, currency="USD"
    )
    is_asked, is_missing = name == "registration_action_required", fill == Fill.MISSING
    has_clock = not is_missing and (name.startswith("review") or name == "registration_in_review")
    comment = samples.words(fill, _("A year later?"), 1000)
    return {
        "deal": sent,
        "engagement": sent.engagement,
        "customer": sent.engagement.customer,
        "host": sent.engagement.host,
        "note": samples.words(fill, _("Please send the second page, too."), 4000),
        "registration": registration,
        "program": Program(code=ProgramCode.AZURE_IP),
        "value": sent.value,
        "currency": sent.currency,
        "state": state.label,
        "moved_to": state.value,
        "reasons": [str(reason.label)] if reason and not is_missing else [],
        "comments": [(Field.ENDS_ON.label, comment)] if is_asked and comment else [],
        "due_at": clock.now() + timedelta(days=5) if has_clock else None,
    }
