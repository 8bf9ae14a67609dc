"""Roles of people in an organization, and leaving it (product.md §3). Asking people in stands in joining.py.

Each action locks the organization, so two changes of its people happen one after another; then the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import registry, rules
from accounts.actions.door import lock_organization, lock_person, tell
from accounts.enums import EventKind
from accounts.models import Membership, Organization, User
from accounts.rules import Grant
from accounts.who import Who
from cosell import clock
from cosell.web.reasons import Reason, Refused


def as_operator(operator: User, organization: Organization) -> Who:
    """The operator, who belongs to no company, at work on the people of this one."""
    return Who(operator, organization, ())


def give_role(who: Who, user: User, grant: Grant) -> Membership:
    """Give a role in `who.organization` to somebody who works there (the operator: to anybody).

    1. lock the organization, the person
    2. may `who`; does the role make sense; does the person work there: Refused, 403 or 422
    3. write; links of the person's old mails end, for what they let do may have changed
    4. record it. A role that the person has already is given its new scope.
    """
    now = clock.now()
    with transaction.atomic():
        organization, who = enter(who)
        person = lock_person(user.pk)
        reasons = rules.grant_refusals(organization, grant)
        if not (who.user.is_superuser or rules.is_at_work(person, organization)):
            reasons.append(_not_here(person, organization))
        if reasons:
            raise Refused(reasons, 422)
        membership = put_role(person, organization, grant)
        forget_links(person)
        tell_about(EventKind.ROLE_GIVEN, organization, now, who, person, data=said_grant(grant))
    return membership


def change_role(who: Who, membership_id: int, grant: Grant) -> Membership:
    """Change where a role holds. Another role is given and the old one taken: `grant.role` stays what it is.

    Refused: 403 no right, 409 the role was taken meanwhile, 422 the scope makes no sense.
    """
    now = clock.now()
    with transaction.atomic():
        organization, who = enter(who)
        membership = _held(organization, membership_id)
        person = lock_person(membership.user_id)
        before = said_grant(grant_of(membership))
        grant = Grant(membership.role, grant.scope, grant.locations, grant.markets)
        if reasons := rules.grant_refusals(organization, grant):
            raise Refused(reasons, 422)
        if said_grant(grant) == before:
            return membership
        membership = put_role(person, organization, grant)
        forget_links(person)
        data = {**said_grant(grant), "before": before}
        tell_about(EventKind.ROLE_CHANGED, organization, now, who, person, data=data)
    return membership


def take_role(who: Who, membership_id: int) -> Membership:
    """Take one role away; the sign-in stays. Refused (409) for the last one who looks after the people."""
    now = clock.now()
    with transaction.atomic():
        organization, who = enter(who)
        membership = _held(organization, membership_id)
        person = lock_person(membership.user_id)
        if reasons := rules.losing_refusals(organization, person, membership.role):
            raise Refused(reasons)
        membership.is_active = False
        membership.save(update_fields=["is_active"])
        forget_links(person)
        tell_about(EventKind.ROLE_TAKEN, organization, now, who, person, data={"role": membership.role})
    return membership


def leave(who: Who, user: User, successor: User | None) -> int:
    """`user` leaves `who.organization`; how many places on teams of open deals went over.

    1. lock the organization, then the people by id
    2. may `who`; is the person there, and not the last one who looks after the people; does the successor work there
    3. what the apps above hand over: each place is an event of its deal
    4. all roles there end, invitations to more of them too; without a role anywhere the sign-in is closed
    5. record it
    """
    now = clock.now()
    with transaction.atomic():
        organization, who = enter(who)
        people = {pk: lock_person(pk) for pk in sorted({user.pk, *([successor.pk] if successor else [])})}
        person, heir = people[user.pk], people[successor.pk] if successor else None
        if reasons := rules.leaving_refusals(organization, person, heir):
            raise Refused(reasons)
        places = sum(hand_over(who, person, heir, now) for hand_over in registry.on_leaving)
        roles = _end_roles(person, organization, now)
        forget_links(person)
        closed = not person.memberships.filter(is_active=True).exists() and not person.is_superuser
        if closed:
            _close(person)
        data = {"roles": roles, "places": places, "closed": closed, "successor": heir.pk if heir else None}
        details = {"successor": named(heir.full_name, heir.email)} if heir else {}
        tell_about(EventKind.LEFT, organization, now, who, person, data=data, details=details)
    return places


def forget_links(user: User) -> None:
    """The links in all mails sent before to `user` do nothing any more."""
    user.links_valid_from = clock.now()
    user.save(update_fields=["links_valid_from"])


def end_sessions(user: User, keep: str | None = None) -> int:
    """End the sessions of `user`, but the one with the key `keep`; how many."""
    sessions = list(UserSession.objects.filter(user=user).exclude(session_key=keep or ""))
    for session in sessions:
        session.end()
    return len(sessions)


def enter(who: Who) -> tuple[Organization, Who]:
    """The locked organization, and `who` as they are now: their role may have been taken while they waited.

    Refused (403) who may not look after its people.
    """
    organization = lock_organization(who.organization.pk)
    user = User.objects.get(pk=who.user.pk)
    who = Who.of(user, organization) or as_operator(user, organization)
    if reasons := rules.keeping_refusals(who):
        raise Refused(reasons, 403)
    return organization, who


def put_role(user: User, organization: Organization, grant: Grant) -> Membership:
    """Write the role of a locked person in a locked organization."""
    scope = {"scope": grant.scope, "markets": list(grant.markets), "is_active": True}
    membership, _made = Membership.objects.update_or_create(
        user=user, organization=organization, role=grant.role, defaults=scope
    )
    membership.locations.set(grant.locations)
    return membership


def grant_of(row: Any) -> Grant:
    """What a membership or an invitation gives."""
    return Grant(row.role, row.scope, tuple(row.locations.all()), tuple(row.markets))


def said_grant(grant: Grant) -> dict[str, Any]:
    """As the register keeps it."""
    locations = sorted(location.partner_id for location in grant.locations)
    return {"role": grant.role, "scope": grant.scope, "locations": locations, "markets": sorted(grant.markets)}


def named(name: str, email: str) -> str:
    """As the register names people, so that erasing one finds them (deals/privacy.py)."""
    return f"{name} <{email}>"


def tell_about(
    kind: EventKind,
    organization: Organization,
    now: datetime,
    who: Who,
    person: User,
    *,
    data: Mapping[str, Any],
    details: Mapping[str, Any] | None = None,
) -> None:
    """Record what was done to a person, by number; the name stands where it can be erased."""
    words = {"person": named(person.full_name, person.email), **(details or {})}
    tell(kind, organization, now, who, data={"person": person.pk, **data}, details=words)


def _held(organization: Organization, membership_id: int) -> Membership:
    found = Membership.objects.filter(pk=membership_id, organization=organization, is_active=True).first()
    if found is None:
        raise Refused([Reason("role_gone", _("This role was taken away meanwhile."))])
    return found


def _not_here(person: User, organization: Organization) -> Reason:
    text = _("%(name)s has no role in %(organization)s.")
    names = {"name": person.full_name, "organization": organization.name}
    return Reason("not_here", text % names, _("Invite them instead."), field="user")


def _end_roles(person: User, organization: Organization, now: datetime) -> list[str]:
    rules.open_invites(organization, person.email).update(revoked_at=now)
    held = person.memberships.filter(organization=organization, is_active=True)
    roles = sorted(held.values_list("role", flat=True))
    held.update(is_active=False)
    return roles


def _close(person: User) -> None:
    person.is_active = False
    person.calendar_hash = ""
    person.save(update_fields=["is_active", "calendar_hash"])
    end_sessions(person)
