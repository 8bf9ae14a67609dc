"""Create an engagement with its first side, and the invitations that go out with it (product.md §5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import held_customer
from accounts.enums import SolutionKind
from accounts.models import (
    CustomerAccount,
    Location,
    Organization,
    PartnerProgram,
    Solution,
    SolutionArea,
    SolutionPlay,
)
from accounts.who import Who
from cosell import clock
from cosell.web.reasons import Reason
from deals import perms, rules
from deals.actions.door import refused, tell
from deals.actions.invite import Invitation, Person, add_solutions, add_team, invite_host, send_invitation
from deals.actions.match import open_case
from deals.enums import Direction, EventKind, Help, Kind, Stage, Visibility
from deals.models import CustomerContact, Deal, Engagement


@dataclass(frozen=True)
class Contact:
    """The person at the customer; given only with the customer's consent."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True)
class NewDeal:
    """Everything a wizard or a client says about a new deal, already clean."""

    kind: Kind
    host: Organization
    customer: CustomerAccount
    location: Location
    name: str
    value: Decimal
    currency: str
    close_on: date
    notes: str
    team: Sequence[Person]
    solutions: Sequence[Solution] = ()
    share_notes: bool = False
    crm_id: str = ""
    campaign_id: str = ""
    intent: str = ""
    partner_role: str = ""
    partner_program: PartnerProgram | None = None
    solution_area: SolutionArea | None = None
    solution_play: SolutionPlay | None = None
    payout_location: Location | None = None
    contact: Contact | None = None
    help: Help = Help.NONE
    show_to_host: bool = False
    customer_problem: str = ""
    help_needed: str = ""
    drafted_by: str = ""  # what drafted the notes for sellers, if the person took a draft: "template/1", "<model>/1"
    invitations: Sequence[Invitation] = field(default_factory=tuple)

    @property
    def by_host(self) -> bool:
        """The host shares an opportunity: partners bring the solutions, and no help is asked of itself."""
        return self.location.organization_id == self.host.pk

    @property
    def visibility(self) -> Visibility:
        """What the kind and the two questions make of it."""
        return rules.visibility_of(self.help, shown=self.show_to_host, kind=self.kind, by_host=self.by_host)

    @property
    def invites_host(self) -> bool:
        return self.visibility == Visibility.COSELL and not self.by_host

    @property
    def assessment_type(self) -> Solution | None:
        """The host's assessment among the solutions."""
        types = [s for s in self.solutions if s.kind == SolutionKind.ASSESSMENT and s.organization_id == self.host.pk]
        return types[0] if types else None

    @property
    def asked(self) -> dict[str, rules.Ask]:
        return rules.asked(self.kind, help=self.help, by_host=self.by_host)

    @property
    def given(self) -> set[str]:
        """The fields of the table that hold something."""
        return {name for name in rules.FIELDS if getattr(self, name) not in (None, "", (), [])}

    def only_asked(self) -> NewDeal:
        """Without the shared facts that are not asked of this kind: they would be kept for nobody."""
        table = self.asked
        return replace(self, **{name: none for name, none in NOTHING.items() if table[name] == rules.Ask.NO})


# What stands in a shared fact that a kind of deal does not ask.
NOTHING: dict[str, Any] = {
    "partner_role": "",
    "partner_program": None,
    "solution_area": None,
    "solution_play": None,
    "intent": "",
    "payout_location": None,
    "help": Help.NONE,
    "customer_problem": "",
    "help_needed": "",
}


def create_deal(who: Who, new: NewDeal) -> Deal:
    """Create the engagement and the creator's side.

    1. the person's right and the organization's entitlement
    2. the shared facts, the contact with its consent
    3. the outbound side with team and solutions
    4. the event, with the first note of the conversation
    5. the case of account matching, if the host does not know the customer
    6. the invitation of the host (held while the customer is being matched) and of partners
    """
    now, new = clock.now(), new.only_asked()
    with transaction.atomic():
        if reasons := creation_refusals(who, new):
            raise refused(reasons, status=422)
        engagement = _shared_facts(who, new, now)
        deal = _first_side(who, new, engagement, now)
        tell(
            EventKind.CREATED,
            deal,
            now,
            who,
            after=Stage.CREATED,
            data={
                "kind": new.kind,
                "visibility": engagement.visibility,
                "value": str(new.value),
                "currency": new.currency,
            },
            note=new.notes,
            note_for="all" if new.share_notes else "own",
        )
        tell_drafted(deal, now, who, new.drafted_by)
        open_case(engagement, now)
        if new.invites_host:
            invite_host(who, deal, now)
        for invitation in new.invitations:
            send_invitation(who, deal, invitation, now)
        return deal


def creation_refusals(who: Who, new: NewDeal) -> list[Reason]:
    """Right, location scope, entitlement, and what each kind and question requires (field table of product.md §5)."""
    if not perms.can_start_draft(who):
        return [Reason("read_only", _("Your role does not let you create deals."))]
    reasons = rules.creation_gate(who.organization, new.host, new.kind)
    for name in ("location", "payout_location"):
        location = getattr(new, name)
        if location is not None and not who.can_create_at(location):
            reasons.append(Reason(name, _("Your scope does not cover this location."), field=name))
    return [*reasons, *rules.missing(new.kind, new.asked, new.given), *_misfits(new)]


def _misfits(new: NewDeal) -> list[Reason]:
    """What does not go with the kind or with another answer."""
    reasons = []
    if new.solution_play and new.solution_play.area != new.solution_area:
        text = _("The solution play belongs to another solution area.")
        reasons.append(Reason("play_of_other_area", text, field="solution_play"))
    others = [solution for solution in new.solutions if solution != new.assessment_type]
    if new.kind == Kind.ASSESSMENT and others:
        text = _("A solution assessment has exactly one assessment type, and no other solution.")
        reasons.append(Reason("one_assessment_type", text, field="solutions"))
    if new.kind != Kind.ASSESSMENT and any(each.kind == SolutionKind.ASSESSMENT for each in new.solutions):
        text = _("Assessment types belong to solution assessments only.")
        reasons.append(Reason("assessment_type", text, field="solutions"))
    if new.invitations and new.asked["invitations"] == rules.Ask.NO:
        text = _("No partners are invited to a solution assessment.")
        reasons.append(Reason("no_partners_here", text, field="invitations"))
    return reasons


def _shared_facts(who: Who, new: NewDeal, now: datetime) -> Engagement:
    shared = new.visibility != Visibility.PRIVATE
    customer = held_customer(new.customer.pk)  # it may have been merged since it was chosen
    engagement = Engagement.objects.create(
        kind=new.kind,
        visibility=new.visibility,
        creator=who.organization,
        host=new.host,
        customer=customer,
        customer_category=new.customer.category,
        intent=new.intent,
        partner_role=new.partner_role,
        partner_program=new.partner_program,
        solution_area=new.solution_area,
        solution_play=new.solution_play,
        payout_location=new.payout_location,
        help=new.help,
        customer_problem=new.customer_problem,
        help_needed=new.help_needed,
        shared_at=now if shared else None,
        shared_by=who.user if shared else None,
        created_by=who.user,
        created_at=now,
    )
    if new.contact:
        keep_contact(who, engagement, new.contact, now)
    return engagement


def tell_drafted(deal: Deal, now: datetime, who: Who, drafted_by: str) -> None:
    """The register says that the notes for sellers began as a draft, and whose (product.md §5)."""
    if drafted_by:
        tell(EventKind.NOTES_DRAFTED, deal, now, who, private=True, data={"by": drafted_by})


def keep_contact(who: Who, engagement: Engagement, contact: Contact, now: datetime) -> None:
    """The customer's person, with who ticked the consent and when."""
    CustomerContact.objects.update_or_create(
        engagement=engagement,
        defaults={
            "name": contact.name,
            "phone": contact.phone,
            "email": contact.email,
            "consent_at": now,
            "consent_by": who.user,
        },
    )


def _first_side(who: Who, new: NewDeal, engagement: Engagement, now: datetime) -> Deal:
    deal = Deal.objects.create(
        engagement=engagement,
        organization=who.organization,
        location=new.location,
        direction=Direction.OUTBOUND,
        stage=Stage.CREATED,
        name=new.name,
        value=new.value,
        currency=new.currency,
        close_on=new.close_on,
        crm_id=new.crm_id,
        campaign_id=new.campaign_id,
        created_at=now,
        updated_at=now,
    )
    add_team(deal, new.team)
    add_solutions(deal, new.solutions)
    return deal
