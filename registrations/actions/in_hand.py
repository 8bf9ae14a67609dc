"""Who has a registration in hand: take, go on with the next, keep, release, assign (product.md §7).

A claim is a courtesy between reviewers and no history: it locks its own row and nothing else.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from accounts.who import Who
from cosell import clock
from cosell.web.reasons import Reason
from deals.models import TeamMember
from registrations import perms
from registrations.actions.door import FREE, lock, refused, tell
from registrations.enums import Action, EventKind, Level
from registrations.models import Registration, Verdict
from registrations.queries import RegistrationQuerySet
from registrations.rules import acting
from registrations.workflow import CLAIM_HOLDS


def take(who: Who, registration_id: int) -> Registration:
    """Take one in hand for half an hour; refused while another person has it, or to who may not decide it."""
    with transaction.atomic():
        registration = _row(registration_id)
        if reasons := acting.refusals(who, registration, Action.PASS, clock.now()):
            raise refused(reasons)
        return _hold(who, registration)


def take_next(who: Who, rows: RegistrationQuerySet) -> Registration | None:
    """Take the most urgent of `rows` that nobody has in hand and that `who` may decide; None when there is none.

    Two people who ask at once get two different ones.
    """
    now = clock.now()
    with transaction.atomic():
        free = Q(claimed_until=None) | Q(claimed_until__lte=now) | Q(claimed_by=who.user)
        theirs = Q(assigned_to=None) | Q(assigned_to=who.user)
        decided = Verdict.objects.filter(
            registration=OuterRef("pk"), round=OuterRef("round"), undone_at=None, by=who.user
        )
        on_team = TeamMember.objects.filter(deal__engagement=OuterRef("engagement"), user=who.user)
        open_to = Q() if perms.is_vendor_admin(who) else ~Q(level=Level.ADMIN)
        found = rows.waiting().filter(free, theirs, open_to, ~Exists(decided), ~Exists(on_team))
        locked = found.order_by("due_at", "pk").select_for_update(of=("self",), skip_locked=True)
        registration = locked.first()
        return _hold(who, registration) if registration else None


def keep(who: Who, registration_id: int) -> bool:
    """A sign of life: half an hour more for who has it in hand. False when it is no longer in hand."""
    now = clock.now()
    held = Registration.objects.filter(pk=registration_id, claimed_by=who.user, claimed_until__gt=now)
    return bool(held.update(claimed_until=now + CLAIM_HOLDS))


def release(who: Who, registration_id: int) -> Registration:
    """Give it back to the queue; a vendor admin may do that for others."""
    with transaction.atomic():
        registration = _row(registration_id)
        denied = perms.reviewing_refusals(who, registration.engagement)
        if not denied and not perms.is_vendor_admin(who):
            denied = acting.held_by_another(who, registration, clock.now())
        if denied:
            raise refused(denied)
        return _set(registration, **FREE)


def assign(who: Who, registration_id: int, user: User | None) -> Registration:
    """Say who shall look at it; None lets everybody. It must be a reviewer who is not on the deal's team."""
    now = clock.now()
    with transaction.atomic():
        registration = lock(registration_id)
        if reasons := perms.reviewing_refusals(who, registration.engagement):
            raise refused(reasons)
        if not acting.waits_for_reviewer(registration):
            raise refused([acting.wrong_state(who, registration, Action.PASS)])
        if user is not None and cannot_review(registration, user):
            words = _("%(name)s cannot decide about this registration.") % {"name": user.full_name}
            fix = _("Choose a reviewer who is not on the deal and has not decided yet.")
            raise refused([Reason("cannot_review", words, fix, field="user")])
        _set(registration, assigned_to=user)
        if user is not None and user.pk != who.user.pk:
            tell(EventKind.ASSIGNED, registration, now, who, data={"to": user.pk}, within_host=True)
        return registration


def cannot_review(registration: Registration, user: User) -> bool:
    """On the deal, no reviewer of the host any more, or decided already: it would wait for nobody."""
    them = Who.of(user, registration.engagement.host)
    if them is None or perms.reviewing_refusals(them, registration.engagement):
        return True
    return bool(acting.level_refusals(them, registration))


def reviewers(host_id: int) -> list[User]:
    """Who may decide at the host, by name."""
    roles = Membership.objects.filter(
        organization=host_id, is_active=True, user__is_active=True, role__in=("reviewer", "vendor_admin")
    )
    return sorted({role.user for role in roles.select_related("user")}, key=lambda user: user.full_name)


def _row(registration_id: int) -> Registration:
    Registration.objects.select_for_update().values_list("pk").get(pk=registration_id)
    registration: Registration = Registration.objects.select_related("engagement__host", "claimed_by").get(
        pk=registration_id
    )
    return registration


def _hold(who: Who, registration: Registration) -> Registration:
    return _set(registration, claimed_by=who.user, claimed_until=clock.now() + CLAIM_HOLDS)


def _set(registration: Registration, **fields: Any) -> Registration:
    for name, value in fields.items():
        setattr(registration, name, value)
    registration.save(update_fields=list(fields))
    return registration
