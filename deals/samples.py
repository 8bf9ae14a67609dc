"""Made-up cases for the previews of messages: models that are never saved, with all that the templates read.

No row is read or written: whoever looks at a preview sees nobody's deal.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import CustomerCategory, OrganizationKind
from accounts.models import CustomerAccount, Location, Organization, PartnerProgram, SolutionArea, SolutionPlay, User
from cosell import clock
from cosell.events.enums import Fill
from deals.enums import DeclineReason, Direction, Help, Kind, PartnerRole, Stage, Standing, Visibility
from deals.models import Deal, Engagement
from deals.rules import Criterion

NOWHERE = uuid.UUID(int=0)  # an address that leads to no deal
LONG = "Ünïcode & <b>bold</b> “quoted” averyveryverylongwordwithoutanyplacetobreakit "


@dataclass(frozen=True)
class Case:
    """An opportunity that one partner sends to another; `deal` is the invited side, `sent` the inviter's."""

    deal: Deal
    sent: Deal
    actor: User


def words(fill: Fill, usual: str, length: int, *, required: bool = False) -> str:
    """A text that may be at most `length` long: as usual, as long as that, or missing where that may be."""
    if fill == Fill.MISSING:
        return usual if required else ""
    return (LONG * (length // len(LONG) + 1))[:length].strip() if fill == Fill.LONG else usual


def case(fill: Fill, stage: Stage = Stage.RECEIVED) -> Case:
    now = clock.now()
    inviter = Organization(pk=1, name=words(fill, "Contoso Data", 120, required=True), country="BR")
    invited = Organization(pk=2, name=words(fill, "Northlake Services", 120, required=True), country="US")
    host = Organization(pk=3, name=OrganizationKind.VENDOR.label, kind=OrganizationKind.VENDOR)
    actor = User(full_name=words(fill, "Ana Souza", 120, required=True), email="ana.souza@contoso.example")
    customer = CustomerAccount(
        name=words(fill, "A. Datum Corporation", 160, required=True),
        city=words(fill, "Seattle", 80),
        country="" if fill == Fill.MISSING else "US",
    )
    engagement = Engagement(
        pk=10471,
        uid=NOWHERE,
        kind=Kind.IP,
        visibility=Visibility.COSELL,
        creator=inviter,
        host=host,
        customer=customer,
        customer_category=CustomerCategory.MANUAL,
        help=Help.NONE if fill == Fill.MISSING else Help.POC,
        customer_problem=words(fill, _("The licence of their appliance ends in March."), 4000),
        help_needed=words(fill, _("A reviewed target architecture for two plants."), 4000),
    )
    if fill == Fill.LONG:
        engagement.kind, engagement.partner_role = Kind.SERVICES, PartnerRole.values[0]
        engagement.partner_program = PartnerProgram(name=LONG)
        engagement.solution_area, engagement.solution_play = SolutionArea(name=LONG), SolutionPlay(name=LONG)
    sent = _side(fill, engagement, inviter, direction=Direction.OUTBOUND, stage=Stage.CREATED)
    deal = _side(
        fill,
        engagement,
        invited,
        direction=Direction.INBOUND,
        stage=stage,
        invited_from=sent,
        invited_by=None if fill == Fill.MISSING else actor,
        invited_at=now,
        expires_at=now + timedelta(days=14),
        invite_notes=words(fill, _("We need your people for the last two plants."), 4000),
    )
    return Case(deal, sent, actor)


def _side(fill: Fill, engagement: Engagement, organization: Organization, **fields: Any) -> Deal:
    return Deal(
        pk=organization.pk,
        uid=NOWHERE,
        engagement=engagement,
        organization=organization,
        location=Location(organization=organization, is_global=True),
        name=words(fill, "Datum lakehouse", 120, required=True),
        value=Decimal("9999999999999.99") if fill == Fill.LONG else Decimal(310_000),
        currency="USD",
        **fields,
    )


# Of these the invited side is the reader, of all others the inviter.
TO_INVITED = ("opportunity_received", "opportunity_expiring", "opportunity_withdrawn", "handed_over")
WITH_REASON = {"opportunity_declined": DeclineReason.BUDGET, "deal_lost": DeclineReason.BUDGET}
UNANSWERED = ("opportunity_received", "opportunity_expiring", "opportunity_sent", "handed_over")
MARKED = {"stage_marked": Stage.PROPOSED}


def of_deal(name: str, fill: Fill) -> dict[str, Any]:
    """As `notifications.context`."""
    made = case(fill, Stage.RECEIVED if name in UNANSWERED else Stage.ACCEPTED)
    deal, side = made.deal, made.deal if name in TO_INVITED else made.sent
    reason, stage = WITH_REASON.get(name), MARKED.get(name)
    return {
        "deal": deal,
        "side": side,
        "engagement": deal.engagement,
        "customer": deal.engagement.customer,
        "actor": made.actor,
        "note": words(fill, _("They will decide in the autumn."), 4000, required=name == "note_added"),
        "reason": str(reason.label) if reason and fill != Fill.MISSING else "",
        "stage": str(stage.label) if stage else "",
        "hours_left": 72 if name == "opportunity_expiring" else None,
        "url": reverse("deals:detail", args=[side.uid]),
    }


def of_matching(name: str, fill: Fill) -> dict[str, Any]:
    """As `notifications.matching_context`."""
    given = of_deal(name, fill)
    return {
        **given,
        "deal": given["side"],
        "before": words(fill, "Datum Corp", 160, required=True),
        "after": given["customer"].name,
        "by": "duns" if name == "account_matched" and fill == Fill.LONG else "",
        "host": given["engagement"].host,
        "criterion": criterion(fill),
    }


def criterion(fill: Fill) -> Criterion:
    fix = words(fill, _("It is matched to a managed account."), 300)
    return Criterion(_("customer"), Standing.NOT_YET, words(fill, _("Not matched yet."), 300, required=True), fix)


def of_draft(name: str, fill: Fill) -> dict[str, Any]:
    """As `notifications.draft_context`."""
    now = clock.now()
    return {
        "name": words(fill, "Datum lakehouse", 120) or _("Untitled deal"),
        "organization": Organization(name=words(fill, "Contoso Data", 120, required=True)),
        "saved_at": now - timedelta(days=83 if name == "draft_warned" else 7),
        "removal_at": now + timedelta(days=7) if name == "draft_warned" else None,
        "url": reverse("deals:drafts"),
    }
