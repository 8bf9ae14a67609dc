"""Invitations: each makes a new side with a clock of its own (product.md §2, §5, §6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import routing
from accounts.models import Organization, Solution, User
from accounts.who import Who
from cosell import clock
from cosell.web.reasons import Reason
from deals import rules
from deals.actions.door import enter, lock_engagement, refused, tell
from deals.enums import TERMINAL, UNANSWERED, Action, Direction, EventKind, Help, Stage
from deals.models import MAX_SOLUTIONS, MAX_TEAM, Deal, DealSolution, Engagement, TeamMember
from deals.receivers import is_anybody_there
from deals.workflow import ANSWER_WITHIN, HOLD_FOR_MATCHING_DAYS


@dataclass(frozen=True)
class Person:
    """Somebody on a team."""

    name: str
    phone: str
    email: str


@dataclass(frozen=True)
class Invitation:
    """What the invited organization needs to decide: its share, by when, what to bring, why."""

    organization: Organization
    value: Decimal
    currency: str
    close_on: date
    help: Help
    notes: str
    solutions: Sequence[Solution] = ()
    team: Sequence[Person] = ()


def add_team(deal: Deal, people: Iterable[Person]) -> None:
    """Put people on a side, each once; an address that is a sign-in of that organization is tied to it."""
    by_email = {person.email.lower(): person for person in people}
    if len(by_email) > MAX_TEAM:
        raise refused([Reason("team_full", _("A team has at most 50 people."), field="team")], status=422)
    users = _sign_ins(deal.organization, by_email)
    TeamMember.objects.bulk_create(
        TeamMember(deal=deal, user=users.get(email), name=person.name, phone=person.phone, email=email)
        for email, person in by_email.items()
    )


def _sign_ins(organization: Organization, emails: Iterable[str]) -> dict[str, User]:
    """Who of these addresses (in lower case) works in the organization: signs in, with a role there."""
    users = User.objects.filter(
        email__in=list(emails),
        is_active=True,
        memberships__organization=organization,
        memberships__is_active=True,
    )
    return {user.email.lower(): user for user in users.distinct()}


def add_solutions(deal: Deal, solutions: Iterable[Solution]) -> None:
    solutions = list(dict.fromkeys(solutions))
    if len(solutions) > MAX_SOLUTIONS:
        raise refused([Reason("too_many", _("A deal has at most 50 solutions."), field="solutions")], status=422)
    DealSolution.objects.bulk_create(DealSolution(deal=deal, solution=solution) for solution in solutions)


def invite_partner(who: Who, deal_id: int, invitation: Invitation) -> Deal:
    """Invite one more partner from an active side; returns the new side."""
    now = clock.now()
    with transaction.atomic():
        deal = enter(who, deal_id, Action.INVITE, now)
        return send_invitation(who, deal, invitation, now)


def partner_refusals(deal: Deal, invited: Organization) -> list[Reason]:
    """Why this organization cannot be invited from this side, whatever the invitation says (product.md §5)."""
    name = {"organization": invited.name}
    if invited.pk == deal.organization_id:
        return [Reason("own_company", _("You cannot invite your own company."), field="organization")]
    if invited.pk == deal.engagement.host_id:
        return [
            Reason(
                "is_host",
                _("%(organization)s is not invited as a partner.") % name,
                _("Ask for help on the page of the deal."),
                field="organization",
            )
        ]
    if not (invited.in_ecosystem and invited.transacts):
        return [
            Reason("not_in_ecosystem", _("%(organization)s does not co-sell here yet.") % name, field="organization")
        ]
    if Deal.objects.filter(engagement=deal.engagement, organization=invited).exclude(stage__in=UNANSWERED).exists():
        return [Reason("already_invited", _("%(organization)s is on this deal already.") % name, field="organization")]
    if not is_anybody_there(invited):
        return [
            Reason(
                "nobody_there",
                _("Nobody at %(organization)s could answer: no admin works there.") % name,
                _("Ask %(host)s to help them sign in and name an admin, then invite them.")
                % {"host": deal.engagement.host.name},
                field="organization",
            )
        ]
    return []


def invitation_refusals(deal: Deal, invitation: Invitation) -> list[Reason]:
    """Why this invitation cannot be sent; each reason names the partner, as twenty may go out at once."""
    invited = invitation.organization
    name = {"organization": invited.name}
    if reasons := partner_refusals(deal, invited):
        return reasons
    if not invitation.solutions:
        text = _("Say at least one solution that %(organization)s should bring.") % name
        reasons.append(Reason("no_solution", text, field="solutions"))
    elif any(solution.organization_id != invited.pk for solution in invitation.solutions):
        text = _("One of the solutions to bring is not of %(organization)s.") % name
        reasons.append(Reason("foreign_solution", text, field="solutions"))
    if len(invitation.team) > MAX_TEAM:
        text = _("The team of the invitation of %(organization)s has more than 50 people.") % name
        reasons.append(Reason("team_full", text, field="team"))
    return reasons


def send_invitation(who: Who | None, deal: Deal, invitation: Invitation, now: datetime) -> Deal:
    """Make the invited side from a locked one. Its 336 hours run from this commit."""
    if reasons := invitation_refusals(deal, invitation):
        raise refused(reasons, status=422)
    return _make_side(who, deal, invitation, now)


def invite_host(who: Who | None, deal: Deal, now: datetime) -> Deal | None:
    """Ask the host for help, from the creator's locked side, with what that side says of itself.

    A customer that the host does not know yet is matched first: the invitation is held for two working days.
    """
    engagement = deal.engagement
    if who is not None and rules.waits_for_matching(engagement):
        engagement.host_invited_by = clock.add_working_days(now, HOLD_FOR_MATCHING_DAYS, engagement.customer.country)
        engagement.save(update_fields=["host_invited_by"])
        return None
    solutions = [row.solution for row in deal.deal_solutions.select_related("solution")]
    return _make_side(
        who,
        deal,
        Invitation(
            organization=engagement.host,
            value=deal.value,
            currency=deal.currency,
            close_on=deal.close_on,
            help=Help(engagement.help),
            notes="",
            solutions=solutions,
        ),
        now,
    )


def release_host_invitation(engagement_id: int) -> Deal | None:
    """Send a held invitation of the host whose time has come; nothing when it was sent or the deal ended meanwhile."""
    now = clock.now()
    with transaction.atomic():
        engagement = lock_engagement(engagement_id)
        if engagement.host_invited_by is None or engagement.host_invited_by > now:
            return None
        return release_held(engagement, now)


def release_held(engagement: Engagement, now: datetime) -> Deal | None:
    """Send the invitation that a locked engagement holds; its clock starts now. None when nothing is to be sent."""
    if engagement.host_invited_by is None:
        return None
    engagement.host_invited_by = None
    engagement.save(update_fields=["host_invited_by"])
    deal = engagement.sides.select_related("organization", "location").get(direction=Direction.OUTBOUND)
    if deal.stage in TERMINAL:
        return None
    deal.engagement = engagement
    return invite_host(None, deal, now)


def _make_side(who: Who | None, deal: Deal, invitation: Invitation, now: datetime) -> Deal:
    engagement: Engagement = deal.engagement
    routed = _route(deal, invitation)
    invited = Deal.objects.create(
        engagement=engagement,
        organization=invitation.organization,
        location=routed.location if routed else invitation.organization.locations.get(is_global=True),
        direction=Direction.INBOUND,
        stage=Stage.RECEIVED,
        name=deal.name,
        value=invitation.value,
        currency=invitation.currency,
        close_on=invitation.close_on,
        invited_from=deal,
        invited_by=who.user if who else engagement.shared_by,
        invited_at=now,
        expires_at=now + ANSWER_WITHIN,
        invite_help=invitation.help,
        invite_notes=invitation.notes,
        created_at=now,
        updated_at=now,
    )
    invited.engagement = engagement
    add_solutions(invited, invitation.solutions)
    # A team may hold people of both companies. Who signs in at the invited one is on its team at once. Nobody else
    # is: that team reads what is the side's own. They are named to it as the inviter's people.
    theirs = _sign_ins(invitation.organization, [person.email.lower() for person in invitation.team])
    add_team(invited, [person for person in invitation.team if person.email.lower() in theirs])
    contacts = [person for person in invitation.team if person.email.lower() not in theirs]
    tell(
        EventKind.INVITED,
        invited,
        now,
        who,
        after=Stage.RECEIVED,
        data={
            "by": deal.organization_id,
            "expires_at": invited.expires_at,
            **({"route": routed.data} if routed else {}),
        },
        details={"contacts": [f"{person.name} <{person.email}>" for person in contacts]},
    )
    return invited


def _route(deal: Deal, invitation: Invitation) -> routing.Routed | None:
    """To which of its locations the invited company wants it; only what the host's sellers send is routed (2.3)."""
    engagement: Engagement = deal.engagement
    if deal.organization_id != engagement.host_id or invitation.organization.pk == engagement.host_id:
        return None
    return routing.route_to(
        invitation.organization, market=engagement.customer.country, solutions=invitation.solutions
    )
