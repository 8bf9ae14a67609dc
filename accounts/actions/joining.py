"""Asking people in: an invitation by mail, with a link that holds a week and once (product.md §3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core.signing import BadSignature, Signer
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import rules
from accounts.actions.door import lock_organization, lock_person, tell
from accounts.actions.people import as_operator, enter, forget_links, grant_of, named, put_role, said_grant
from accounts.enums import EventKind
from accounts.models import Invite, Organization, User
from accounts.rules import Grant
from accounts.who import Who
from cosell import clock
from cosell.web.reasons import Reason, Refused

HOLDS = timedelta(days=7)
_signer = Signer(sep=".", salt="accounts.join")
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True)
class Asked:
    """An invitation as a link names it; `until` is the end that stood in the mail: a later mail has another."""

    invite: Invite
    until: datetime


@dataclass(frozen=True)
class Newcomer:
    """What a person without a sign-in says when joining; the password is checked by the form."""

    full_name: str
    password: str
    language: str = ""
    time_zone: str = "UTC"


def token_of(invite: Invite) -> str:
    """What stands in the link. It names the present end, so that sending again ends the link before."""
    micros = (invite.expires_at - _EPOCH) // timedelta(microseconds=1)
    return _signer.sign(f"{invite.uid.hex}-{micros}")


def asked_by(token: str) -> Asked | None:
    """The invitation that a link names, whatever became of it; None when no link of ours says so."""
    try:
        uid, micros = _signer.unsign(token).split("-")
    except BadSignature:
        return None
    invites = Invite.objects.select_related("organization", "invited_by").prefetch_related("locations")
    invite = invites.filter(uid=UUID(uid)).first()
    return Asked(invite, _EPOCH + timedelta(microseconds=int(micros))) if invite else None


def joining_user(invite: Invite) -> User | None:
    """Whose sign-in the invited address is; None when joining makes one, or opens one that leaving had closed."""
    return User.objects.filter(email__iexact=invite.email, is_active=True).first()


def invite_person(who: Who, email: str, full_name: str, grant: Grant, language: str = "") -> Invite:
    """Ask a person by mail to take a role in `who.organization`.

    1. lock the organization
    2. may `who` (403); is this role possible for this address (422, each reason at its field)
    3. write the invitation, which holds seven days
    4. record it: the mail goes after the commit
    """
    now = clock.now()
    with transaction.atomic():
        organization, who = enter(who)
        if reasons := rules.inviting_refusals(organization, email, grant):
            raise Refused(reasons, 422)
        invite = Invite.objects.create(
            organization=organization,
            email=email.lower(),
            full_name=full_name,
            language=language,
            role=grant.role,
            scope=grant.scope,
            markets=list(grant.markets),
            invited_by=who.user,
            created_at=now,
            expires_at=now + HOLDS,
        )
        invite.locations.set(grant.locations)
        _tell(EventKind.INVITED, invite, now, who)
    return invite


def resend_invite(who: Who, invite_id: int) -> Invite:
    """Send the mail again; it holds seven days from now, and the link sent before does nothing any more."""
    now = clock.now()
    with transaction.atomic():
        organization, who = enter(who)
        invite = _open(organization, invite_id)
        invite.expires_at = now + HOLDS
        invite.save(update_fields=["expires_at"])
        _tell(EventKind.INVITED, invite, now, who, again=True)
    return invite


def revoke_invite(who: Who, invite_id: int) -> Invite:
    """Take an open invitation back: its link says so."""
    now = clock.now()
    with transaction.atomic():
        organization, who = enter(who)
        invite = _open(organization, invite_id)
        invite.revoked_at = now
        invite.save(update_fields=["revoked_at"])
        _tell(EventKind.INVITE_REVOKED, invite, now, who)
    return invite


def accept_invite(token: str, *, user: User | None = None, newcomer: Newcomer | None = None) -> User:
    """Join by the link of the mail: as who is signed in with that address, or as a newcomer.

    1. lock the organization: of two who press at once the second finds the invitation used
    2. does the link still hold (409); is the address the signed-in person's, does the role still make sense
    3. the person: made anew, or a sign-in that leaving had closed is opened, with the new name and password
    4. give the role, write the invitation off, record it: who invited is told
    """
    now = clock.now()
    asked = asked_by(token)
    if asked is None:
        raise Refused([Reason("unknown", _("There is no such invitation."))], 404)
    with transaction.atomic():
        organization = lock_organization(asked.invite.organization_id)
        asked = replace(asked, invite=Invite.objects.select_related("invited_by").get(pk=asked.invite.pk))
        invite, grant = asked.invite, grant_of(asked.invite)
        reasons = rules.joining_refusals(invite, asked.until, now) or rules.grant_refusals(organization, grant)
        if reasons:
            raise Refused(reasons)
        person = _person(invite, user, newcomer)
        put_role(person, organization, grant)
        forget_links(person)
        invite.accepted_at, invite.accepted_by = now, person
        invite.save(update_fields=["accepted_at", "accepted_by"])
        _tell(EventKind.JOINED, invite, now, as_operator(person, organization))
    return person


def _person(invite: Invite, user: User | None, newcomer: Newcomer | None) -> User:
    """Who joins, locked."""
    known = User.objects.filter(email__iexact=invite.email).first()
    if known and known.is_active:
        if user != known:
            text = _("This invitation is for %(email)s.") % {"email": invite.email}
            raise Refused([Reason("other_person", text, _("Sign in with that address."))], 403)
        return lock_person(known.pk)
    if newcomer is None:
        raise Refused([Reason("nobody", _("Say who you are, and choose a password."))], 422)
    return _opened(known, newcomer) if known else _made(invite, newcomer)


def _made(invite: Invite, newcomer: Newcomer) -> User:
    """A new person. The link came by mail, so the address is theirs."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                invite.email,
                newcomer.password,
                full_name=newcomer.full_name,
                language=newcomer.language,
                time_zone=newcomer.time_zone,
            )
    except IntegrityError:
        raise _meanwhile(invite.email) from None
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return lock_person(user.pk)


def _opened(closed: User, newcomer: Newcomer) -> User:
    user = lock_person(closed.pk)
    if user.is_active:
        raise _meanwhile(user.email)
    user.full_name, user.language, user.time_zone = newcomer.full_name, newcomer.language, newcomer.time_zone
    user.is_active = True
    user.set_password(newcomer.password)
    user.save()
    return user


def _meanwhile(email: str) -> Refused:
    """Another company's invitation was accepted in this moment."""
    text = _("A sign-in for %(email)s was made just now.") % {"email": email}
    return Refused([Reason("made_meanwhile", text, _("Open the link in the mail again."))])


def _open(organization: Organization, invite_id: int) -> Invite:
    """An invitation that nobody has used, of a locked organization."""
    invite = Invite.objects.filter(pk=invite_id, organization=organization).first()
    if invite is None or invite.accepted_at or invite.revoked_at:
        raise Refused([Reason("invite_gone", _("This invitation was used or taken back meanwhile."))])
    return invite


def _tell(kind: EventKind, invite: Invite, now: datetime, who: Who, *, again: bool = False) -> None:
    data = {"invite": str(invite.uid), **said_grant(grant_of(invite)), "until": invite.expires_at.isoformat()}
    details = {"person": named(invite.full_name, invite.email)}
    tell(
        kind,
        invite.organization,
        now,
        who,
        data=data | ({"again": True} if again else {}),
        details=details,
        context=invite,
    )
